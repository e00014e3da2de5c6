"""The typologies as data: what each is called, what its alerts have in common, what is looked at, which rules speak of
it, and the causes that a case is closed with. Stored are the codes alone.

**Which findings become alerts.** Of the last check of a payment, findings that are active (no shadow) and more than a
note are taken by typology. Their weights are added up; from ``least`` on they are one alert, provided that one of
``needs`` is among them (where that is said). So what is odd but common (a first payment, an unusual hour) tells nothing
alone. Findings on form, funds, dates, mandates and screening are no anomalies: the queue and screening deal with them.
The score is 25 and the sum of the weights, at most 95: a rule alone is never sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from controls.models import Case

Words = str | Promise
G = Case.Group
LEAST = 30
BASE, MOST = 25, 95


@dataclass(frozen=True)
class Typology:
    code: str
    name: Words
    group: str
    checklist: Mapping[str, Words]
    rules: tuple[str, ...] = ()
    least: int = LEAST
    needs: tuple[str, ...] = field(default=())


_CALLED = _("The payee was called back on a number known before")
_DOCUMENT = _("The document behind the payment was read")
_ASKED = _("Whoever ordered it was asked")
_HISTORY = _("The past of the party and of the account was looked at")
_OTHERS = _("Other payments of the same kind were looked for")
_HELD = _("What has not left yet is on hold, or need not be")

_ALL = (
    Typology(
        "duplicate", _("Duplicate payment"), G.NUMBER,
        {"document": _DOCUMENT, "other_paid": _("Both payments were laid side by side"),
         "payee_asked": _("The payee said what was owed"), "held": _HELD},
        ("DUPLICATE-FILE", "DUPLICATE-OTHER", "NEAR-AMOUNT", "NEAR-REFERENCE", "INVOICE-ALIKE", "INCOMING-REPEAT",
         "ORDER-REPEAT", "MANDATE-TWICE"),
    ),
    Typology(
        "changed_details", _("Changed bank details"), G.PAYEE,
        {"called": _CALLED, "channel": _("It was seen by what way the change was asked for, and by whom"),
         "document": _DOCUMENT, "others": _OTHERS, "held": _HELD},
        ("NUMBER-UNLIKE", "NUMBER-UNCONFIRMED", "NUMBER-CHANGED", "INVOICE-ACCOUNT", "REFUND-ACCOUNT"),
    ),
    Typology(
        "name_unlike", _("Name unlike the holder"), G.NUMBER,
        {"called": _CALLED, "holder": _("The holder of the account was verified"), "document": _DOCUMENT,
         "held": _HELD},
        ("NAME-UNLIKE", "HOLDER-UNLIKE", "VOP-NO-MATCH"),
    ),
    Typology(
        "splitting", _("Split under a limit"), G.NUMBER,
        {"together": _("The parts were looked at as one sum"), "asked": _ASKED, "document": _DOCUMENT,
         "others": _OTHERS, "held": _HELD},
        ("SPLIT", "SPLIT-LIMIT", "SPLIT-MAKER"), 25,
    ),
    Typology(
        "velocity", _("Unusually many payments"), G.ACCOUNT,
        {"asked": _ASKED, "history": _HISTORY, "holder": _("The holder was reached by a known way"), "held": _HELD},
        ("INSTANT-LIMIT", "DAY-SUM"), needs=("INSTANT-LIMIT",),
    ),
    Typology(
        "sleeping", _("Account that slept"), G.ACCOUNT,
        {"holder": _("The holder was reached by a known way"), "history": _HISTORY, "held": _HELD},
        ("ACCOUNT-SLEEPING", "PAYEE-DORMANT", "UNUSUAL-AMOUNT"), needs=("ACCOUNT-SLEEPING", "PAYEE-DORMANT"),
    ),
    Typology(
        "operator_habits", _("Operator outside habits"), G.OPERATOR,
        {"planning": _("The person's hours and tasks of that day were looked at"), "asked": _ASKED,
         "others": _OTHERS, "access": _("Sign-ins of that day were looked at")},
        ("UNUSUAL-HOUR", "MAKER-NEW", "MAKER-AMOUNT", "SPLIT-MAKER"), 25, ("MAKER-AMOUNT", "SPLIT-MAKER"),
    ),
    Typology(
        "first_large", _("First payment, large amount"), G.NUMBER,
        {"called": _CALLED, "document": _DOCUMENT, "asked": _ASKED, "held": _HELD},
        ("FIRST-PAYMENT", "LIMIT", "COUNTRY-UNLIKE", "INVOICE-NONE"), 40, ("FIRST-PAYMENT",),
    ),
    Typology(
        "unusual_amount", _("Unusual amount"), G.PAYEE,
        {"document": _DOCUMENT, "asked": _ASKED, "history": _HISTORY},
        ("UNUSUAL-AMOUNT", "NEAR-AMOUNT"), 35, ("UNUSUAL-AMOUNT",),
    ),
    Typology(
        "cumulative_cash", _("Cumulative cash"), G.ACCOUNT,
        {"together": _("The parts were looked at as one sum"), "origin": _("Where the money comes from was asked"),
         "history": _HISTORY},
        ("CASH-DEBT", "CASH-EU", "CASH-MONTH"), 10,
    ),
    Typology(
        "high_risk_country", _("High-risk country"), G.NUMBER,
        {"origin": _("Where the money comes from was asked"), "document": _DOCUMENT, "history": _HISTORY},
        ("COUNTRY-RISK",), 20,
    ),
    Typology(
        "pass_through", _("Money passed through"), G.ACCOUNT,
        {"origin": _("Where the money comes from was asked"), "flows": _("Who pays in and who is paid was drawn up"),
         "history": _HISTORY, "held": _HELD},
    ),
    Typology(
        "circle", _("Money in a circle"), G.ACCOUNT,
        {"flows": _("Who pays in and who is paid was drawn up"), "reason": _("An economic reason was looked for"),
         "history": _HISTORY, "held": _HELD},
    ),
    Typology(
        "fan", _("Fan of payments"), G.ACCOUNT,
        {"flows": _("Who pays in and who is paid was drawn up"), "history": _HISTORY, "held": _HELD},
    ),
    Typology(
        "statement_gap", _("Gap in the statements"), G.ACCOUNT,
        {"bank": _("The bank was asked"), "history": _HISTORY},
    ),
    Typology(
        "order_mismatch", _("Order and payment differ"), G.PAYMENT,
        {"order": _("The order was looked at"), "asked": _ASKED},
    ),
    Typology(
        "missing", _("Expected and not come"), G.ACCOUNT,
        {"sender": _("Whoever sends it was asked"), "history": _HISTORY},
    ),
    Typology(
        "unusual", _("Unlike the usual"), G.PAYEE,
        {"history": _HISTORY, "document": _DOCUMENT, "asked": _ASKED},
    ),
)  # fmt: skip
TYPOLOGIES: Mapping[str, Typology] = {one.code: one for one in _ALL}

# Why it was what it was, by disposition.
CAUSES: Mapping[str, Mapping[str, Words]] = {
    Case.Disposition.CONFIRMED.value: {
        "fraud_outside": _("Fraud from outside"),
        "account_taken_over": _("Account or mailbox taken over"),
        "fraud_inside": _("Fraud from inside"),
        "laundering": _("Suspicion of laundering"),
        "error_with_loss": _("Error with a loss"),
    },
    Case.Disposition.VALUABLE.value: {
        "error_caught": _("Error caught in time"),
        "rule_broken": _("A rule of the house was broken, without harm"),
        "rightly_asked": _("Worth asking; explained and documented"),
    },
    Case.Disposition.FALSE.value: {
        "known_habit": _("Known habit of the party"),
        "one_off": _("Explained once: purchase, season, end of year"),
        "data": _("Data were wrong or missing"),
        "threshold": _("Threshold too low"),
        "details_updated": _("Change was announced and checked"),
    },
}

# What a confirmed risk has done to its payments when the second person says it too.
ACTIONS: Mapping[str, Words] = {
    "hold": _("Keep its payments on hold"),
    "reject": _("Reject its payments that have not left"),
}
# From this score on a second person is asked whatever the first one said, so that being asked says nothing of it.
SECOND_FROM = 80
# Due from when it was opened, by the band of the score.
DUE = ((80, timedelta(hours=4)), (60, timedelta(hours=24)), (40, timedelta(days=3)), (0, timedelta(days=7)))
# An alert joins an open case whose last alert is no older.
WINDOW = timedelta(days=14)


def of_rules() -> list[str]:
    """The codes of all rules that any typology speaks of."""
    return sorted({code for one in _ALL for code in one.rules})


def weighed() -> dict[str, list[Any]]:
    """What findings must amount to, as columns: rule, typology, least weight, whether the typology needs the rule or
    none. A typology that gives way to others is among them."""
    rows = [(code, one.code, one.least, not one.needs or code in one.needs) for one in _ALL for code in one.rules]
    return dict(zip(("rules", "typologies", "least", "needed"), map(list, zip(*rows, strict=True)), strict=True))


def due_in(score: int) -> timedelta:
    return next(allowed for least, allowed in DUE if score >= least)


def of_findings(found: Mapping[str, int]) -> list[tuple[Typology, int, list[str]]]:
    """The typologies that findings amount to: each with its score and the rules that count. ``found``: weights by rule.

    An unusual amount is told where nothing more exact is.
    """
    told: list[tuple[Typology, int, list[str]]] = []
    for one in _ALL:
        own = [code for code in one.rules if code in found]
        if one.code == "unusual_amount" and told:
            continue
        if one.needs and not set(one.needs) & set(own):
            continue
        weight = sum(found[code] for code in own)
        if own and weight >= one.least:
            told.append((one, min(MOST, BASE + weight), sorted(own, key=lambda code: (-found[code], code))))
    return told


def name(code: str) -> str:
    one = TYPOLOGIES.get(code)
    return str(one.name) if one else code


def cause(code: str) -> str:
    return next((str(words[code]) for words in CAUSES.values() if code in words), code)
