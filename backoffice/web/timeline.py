"""The life of a payment in words: its audit records as a history, its states as a line of steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from backoffice.common import errors, formats
from backoffice.people.models import User
from backoffice.web import birth_form
from controls.cases import holding
from controls.models import PayeeVerification, Rule
from documents.models import AuditRecord
from transactions import births, reasons
from transactions.messages import statuses
from transactions.models import InformationRequest, Payment, PaymentState

S = PaymentState.Status
Words = str | Promise

DECISIONS, EDITS, COMMENTS, SYSTEM = "decisions", "edits", "comments", "system"
KINDS: dict[str, Words] = {
    "": gettext_lazy("All"),
    DECISIONS: gettext_lazy("Decisions"),
    EDITS: gettext_lazy("Edits"),
    COMMENTS: gettext_lazy("Comments"),
    SYSTEM: gettext_lazy("System"),
}


@dataclass(frozen=True)
class Telling:
    """How an act is told: after the name of who did it, in what group, as a mark that stands out or not."""

    words: Words
    kind: str = SYSTEM
    key: bool = False
    stop: bool = False
    machine: Words = ""


_ENGINE, _BOOKS, _IMPORT, _BANK, _ANSWERING, _CLOCK = (
    gettext_lazy("Control engine"),
    gettext_lazy("Ledger"),
    gettext_lazy("Import"),
    gettext_lazy("Settlement"),
    gettext_lazy("The bank"),
    gettext_lazy("The clock"),
)
# What can be taken back, as the record of it names it.
_TAKEN_BACK: dict[str, Words] = {
    "validate": gettext_lazy("the first approval"),
    "approve": gettext_lazy("the approval"),
    "reject": gettext_lazy("the rejection"),
    "cancel": gettext_lazy("the cancellation"),
    "hold": gettext_lazy("the hold"),
}
TELLINGS: dict[str, Telling] = {
    "payment.received": Telling(gettext_lazy("took it in from %(origin)s"), machine=_IMPORT),
    "payment.checked": Telling(gettext_lazy("sent it to validation, score %(risk)s"), key=True, machine=_ENGINE),
    "payment.verified": Telling(gettext_lazy("verified the payee: %(outcome)s, says %(source)s"), machine=_ENGINE),
    "payment.rechecked": Telling(gettext_lazy("had it checked again, for the payee's verification says otherwise")),
    "payment.claimed": Telling(gettext_lazy("claimed the payment")),
    "payment.released": Telling(gettext_lazy("released the claim")),
    "payment.validated": Telling(gettext_lazy("gave the first approval"), DECISIONS, key=True),
    "payment.approved": Telling(gettext_lazy("approved the payment"), DECISIONS, key=True),
    "payment.passed_straight": Telling(
        gettext_lazy("let it go without signatures, by the policy %(name)s, number %(number)s"),
        DECISIONS,
        key=True,
        machine=gettext_lazy("Straight-through processing"),
    ),
    "payment.sent_back": Telling(gettext_lazy("sent it back to the first approval"), DECISIONS),
    "payment.rejected": Telling(gettext_lazy("rejected the payment"), DECISIONS, stop=True, machine=_ENGINE),
    "payment.cancelled": Telling(gettext_lazy("cancelled the payment"), DECISIONS, stop=True),
    "payment.reopened": Telling(gettext_lazy("reopened the payment"), DECISIONS),
    "payment.held": Telling(gettext_lazy("made the payment wait"), DECISIONS, machine=_ENGINE),
    "payment.lifted": Telling(gettext_lazy("lifted the hold"), DECISIONS, machine=_CLOCK),
    "payment.withdrawn": Telling(gettext_lazy("took back: %(what)s"), DECISIONS),
    "payment.handed_over": Telling(gettext_lazy("handed it over to %(name)s"), DECISIONS),
    "payment.hand_over_declined": Telling(gettext_lazy("declined the hand-over"), DECISIONS),
    "payment.asked": Telling(gettext_lazy("asked for: %(what)s"), DECISIONS),
    "payment.request_answered": Telling(gettext_lazy("answered the request for: %(what)s"), DECISIONS),
    "payment.request_closed": Telling(gettext_lazy("closed the request for: %(what)s"), DECISIONS),
    "payment.request_overdue": Telling(gettext_lazy("found that the answer is overdue"), machine=_CLOCK),
    "payment.hold_due": Telling(gettext_lazy("brought it back: the moment of its hold has come"), machine=_CLOCK),
    "payment.amended": Telling(gettext_lazy("amended the payment"), EDITS),
    "payment.commented": Telling(gettext_lazy("wrote"), COMMENTS),
    "payment.executed": Telling(gettext_lazy("took the funds on the day of execution"), machine=_BOOKS),
    "payment.return_proposed": Telling(gettext_lazy("proposed to book its return"), DECISIONS, key=True),
    "payment.left_out": Telling(gettext_lazy("left it out of the file for the bank"), key=True, machine=_ENGINE),
    "payment.unanswered": Telling(gettext_lazy("did not answer within 10 seconds"), key=True, machine=_ANSWERING),
    "payment.funds_reserved": Telling(gettext_lazy("reserved the funds"), machine=_BOOKS),
    "payment.posted": Telling(gettext_lazy("posted the entries"), key=True, machine=_BOOKS),
    "payment.sent": Telling(gettext_lazy("sent it to the bank"), key=True, machine=_BANK),
    "payment.settled": Telling(gettext_lazy("confirmed the settlement"), key=True, machine=_BANK),
    "payment.refunded": Telling(gettext_lazy("made the refund %(reference)s of %(amount)s"), DECISIONS),
    "payment.returned": Telling(gettext_lazy("booked the return"), DECISIONS, stop=True, machine=_BANK),
    "payment.after_cut_off": Telling(
        gettext_lazy("missed the cut-off: goes on %(execution_date)s"), key=True, machine=gettext_lazy("The payment")
    ),
    "payment.answered": Telling(gettext_lazy("answered: %(answer)s"), machine=_ANSWERING),
    "payment.recall_asked": Telling(gettext_lazy("asked for its recall"), DECISIONS),
    "payment.recall_approved": Telling(gettext_lazy("approved its recall"), DECISIONS),
    "payment.recall_sent": Telling(gettext_lazy("sent its recall"), key=True),
    "payment.recall_answered": Telling(gettext_lazy("answered: %(answer)s"), machine=_ANSWERING),
    "payment.recall_expired": Telling(gettext_lazy("ended its recall: the deadline passed"), machine=_BANK),
    "payment.recall_withdrawn": Telling(gettext_lazy("took its recall back"), DECISIONS),
    "payment.recall_received": Telling(gettext_lazy("brought a recall of another bank in"), machine=_ANSWERING),
    "payment.recall_request_proposed": Telling(gettext_lazy("proposed to give it back"), DECISIONS),
    "payment.recall_request_accepted": Telling(gettext_lazy("had it given back"), DECISIONS, key=True),
    "payment.recall_request_refused": Telling(gettext_lazy("refused to give it back"), DECISIONS),
    "payment.document_added": Telling(gettext_lazy("added the document “%(name)s”"), EDITS),
    "payment.document_opened": Telling(gettext_lazy("opened the document “%(name)s”")),
    "iban.revealed": Telling(gettext_lazy("had the account numbers shown")),
}

# Acts that carry a code of ISO 20022, said after them.
CODED = frozenset({
    "payment.rejected", "payment.returned", "payment.answered", "payment.recall_asked", "payment.recall_answered",
    "payment.recall_request_refused",
})  # fmt: skip
FIELDS: dict[str, Words] = {
    "creditor_name": gettext_lazy("Creditor's name"),
    "creditor_number": gettext_lazy("Creditor's account"),
    "creditor_bic": gettext_lazy("Creditor's BIC"),
    "creditor_address": gettext_lazy("Creditor's address"),
    "ultimate_creditor": gettext_lazy("Ultimate creditor"),
    "requested_execution_date": gettext_lazy("Execution date"),
    "remittance": gettext_lazy("Remittance"),
    "creditor_reference": gettext_lazy("Creditor reference"),
    "end_to_end_id": gettext_lazy("End-to-end reference"),
    "purpose": gettext_lazy("Purpose"),
    "charge_bearer": gettext_lazy("Charges"),
    "creditor_birth": birth_form.LABELS["creditor"],
    "ultimate_creditor_birth": birth_form.LABELS["ultimate_creditor"],
}


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str
    mono: bool = False


@dataclass(frozen=True)
class Event:
    """One act, ready to be shown: who, what, when, why, and what it changed."""

    moment: datetime
    who: str
    words: str
    quote: str
    kind: str
    key: bool
    stop: bool
    changes: tuple[Change, ...] = ()

    @property
    def day(self) -> str:
        return formats.day(self.moment)


def told(
    records: Iterable[AuditRecord], payment: Payment, *, clear: bool = True, kind: str = "", file_name: str = ""
) -> list[Event]:
    """Records as events in their order. Account numbers are masked unless ``clear``. One query for the people."""
    rows = [record for record in records if not kind or _telling(record).kind == kind]
    people = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id})
    names = rule_names({code for row in rows for code in row.details.get("rules") or ()})
    return [_event(row, payment, people, names, clear=clear, file_name=file_name) for row in rows]


def rule_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of rules in the reader's language. One query, none without codes."""
    wanted = list(codes)
    if not wanted:
        return {}
    name = "name_fr" if (get_language() or "en").startswith("fr") else "name_en"
    told = dict(Rule.objects.filter(code__in=wanted).values_list("code", name))
    return {**told, holding.CODE: reasons.words("inquiry", reasons.HOLD)}


# What comes in has no bank to wait for: the books credit it, or somebody applies it from suspense.
_RECEIVED: dict[str, Telling] = {
    "payment.posted": Telling(gettext_lazy("put the money in suspense"), key=True, machine=_BOOKS),
    "payment.settled": Telling(gettext_lazy("credited the account"), key=True, machine=_BOOKS),
}


_CARDS: dict[str, Telling] = {
    "payment.posted": Telling(gettext_lazy("booked the claim on the acquirer"), key=True, machine=_BOOKS),
    "payment.settled": Telling(gettext_lazy("booked the payout"), key=True, machine=_BOOKS),
    "payment.returned": Telling(gettext_lazy("booked the chargeback"), DECISIONS, stop=True),
}


def _telling(record: AuditRecord, kind: str = "") -> Telling:
    told = {Payment.Kind.INCOMING: _RECEIVED, Payment.Kind.CARD: _CARDS}.get(Payment.Kind(kind or "sepa"), {}).get(
        record.action
    )
    return told or TELLINGS.get(record.action) or Telling(record.action)


def _event(
    record: AuditRecord,
    payment: Payment,
    people: Mapping[int, User],
    rules: Mapping[str, str],
    *,
    clear: bool,
    file_name: str,
) -> Event:
    telling, data = _telling(record, payment.kind), record.details
    person = people.get(record.actor_id) if record.actor_id else None
    values = {
        "origin": _origin(payment, file_name),
        "risk": data.get("risk", payment.state.risk),
        "name": data.get("name", ""),
        "reference": data.get("reference", ""),
        "amount": formats.amount(Decimal(str(data["amount"])), data["currency"]) if "currency" in data else "",
        "answer": statuses.words(str(data.get("status", ""))),
        "execution_date": _day(data.get("execution_date")),
        "what": _what(record.action, data),
        **_verified(data),
    }
    words = str(telling.words) % values if "%(" in str(telling.words) else str(telling.words)
    return Event(
        moment=record.occurred_at,
        who=person.full_name if person else str(telling.machine) or _("System"),
        words=words + _more(record.action, data, rules),
        quote=errors.sentence(record.reason) if record.reason in errors.known() else record.reason,
        kind=telling.kind,
        key=telling.key,
        stop=telling.stop,
        changes=tuple(changes(data.get("fields") or {}, clear=clear)),
    )


def _verified(data: Mapping[str, Any]) -> dict[str, str]:
    """Outcome and source of a verification of the payee, in words."""
    outcomes, sources = dict(PayeeVerification.Outcome.choices), dict(PayeeVerification.Source.choices)
    outcome, source = str(data.get("outcome", "")), str(data.get("source", ""))
    return {"outcome": str(outcomes.get(outcome, outcome)), "source": str(sources.get(source, source))}


def _day(text: Any) -> str:
    return formats.day(date.fromisoformat(str(text))) if text else ""


def _what(action: str, data: Mapping[str, Any]) -> str:
    if action == "payment.withdrawn":
        return str(_TAKEN_BACK.get(str(data.get("verb")), data.get("verb", "")))
    kinds = {str(code): str(label) for code, label in InformationRequest.Kind.choices}
    return kinds.get(str(data.get("kind")), "")


def _origin(payment: Payment, file_name: str) -> str:
    if payment.channel == "form":
        return _("the form")
    if payment.channel == "api":
        return _("a call of the API")
    if payment.channel == "standing":
        return _("a standing order")
    return _("row %(row)s of %(file)s") % {"row": payment.position, "file": file_name or _("a file")}


def _more(action: str, data: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    """The code that came with a decision, in words; for a hold of the engine, the rules that asked for it."""
    if data.get("on_behalf_of"):
        told = _(" in the place of %(person)s") % {"person": data["on_behalf_of"]}
        return told + _more(action, {**data, "on_behalf_of": ""}, rules)
    if data.get("rules"):
        return _(": %(reason)s") % {"reason": ", ".join(rules.get(code, code) for code in data["rules"])}
    said = _reason(action, data)
    return _(": %(reason)s") % {"reason": said} if said else ""


def _reason(action: str, data: Mapping[str, Any]) -> str:
    code = str(data.get("reason_code") or "")
    if "chargeback_fee" in data:
        return reasons.words(code, reasons.CHARGEBACK)
    if action in CODED and code:
        return f"{reasons.words(code, reasons.ISO)} ({code})"
    if action == "payment.posted" and data.get("suspense"):
        return reasons.words(str(data["suspense"]), reasons.ISO)
    if action == "payment.held":
        code = str(data.get("code")) if data.get("code") in reasons.HOLD else ""
    table = _CODED.get(action)
    return reasons.words(code, table) if code and table else ""


_CODED: dict[str, Mapping[str, Words]] = {
    "payment.validated": reasons.APPROVE,
    "payment.approved": reasons.APPROVE,
    "payment.cancelled": reasons.CANCEL,
    "payment.reopened": reasons.REOPEN,
    "payment.held": reasons.HOLD,
    "payment.refunded": reasons.REFUND,
}


def changes(fields: Mapping[str, Any], *, clear: bool = True) -> list[Change]:
    """Differences ``{field: {old, new}}`` with the fields' names and values as people read them."""
    return [
        Change(
            str(FIELDS.get(name, name)),
            value(name, pair.get("old"), clear=clear),
            value(name, pair.get("new"), clear=clear),
            mono=name in {"creditor_number", "creditor_bic", "end_to_end_id", "creditor_reference"},
        )
        for name, pair in fields.items()
    ]


def value(name: str, given: Any, *, clear: bool = True) -> str:
    if given in (None, "", {}):
        return "–"
    if name == "creditor_number":
        return formats.grouped(str(given)) if clear else formats.masked(str(given))
    if name == "requested_execution_date":
        day = parse_date(str(given))
        return formats.day(day) if day else str(given)
    if name == "creditor_address" and isinstance(given, Mapping):
        return address(given)
    if name in births.AMENDED and isinstance(given, Mapping):
        return birth_form.words(given)
    return str(given)


def address(given: Mapping[str, Any]) -> str:
    """A postal address on one line, as it was given."""
    parts = [
        " ".join(str(given[name]) for name in ("building", "street") if given.get(name)),
        *(str(line) for line in given.get("lines") or ()),
        " ".join(str(given[name]) for name in ("post_code", "town") if given.get(name)),
        str(given.get("country") or ""),
    ]
    return ", ".join(part for part in parts if part)


# The line of steps.


@dataclass(frozen=True)
class Step:
    """A state on the way: ``done``, ``now``, ``stop`` (it ended here) or nothing yet."""

    label: str
    note: str
    mark: str = ""
    icon: str = ""


def steps(payment: Payment, events: Sequence[Event], records: Sequence[AuditRecord], checks: str = "") -> list[Step]:
    """From received to settled; signatures that count one by one; a payment that ended otherwise ends its line there.

    ``records`` and their ``events`` are newest first and of the same acts.
    """
    state = payment.state
    ended = {"rejected": _("Rejected"), "cancelled": _("Cancelled"), "returned": _("Returned")}.get(state.status)
    last = _last_acts(events, records)
    line = _planned(payment, last)
    reached = _reached(state)
    made: list[Step] = []
    for place, (label, event) in enumerate(line):
        if place < reached:
            made.append(Step(label, _done(payment, place, event, checks), "done", "check"))
        elif ended and state.status != S.RETURNED:
            break
        elif place == reached and state.status != S.RETURNED:
            made.append(
                Step(label, _waiting(state), "now", "two" if 2 <= place <= 1 + state.approvals_required else "")
            )
        else:
            made.append(Step(label, _("not yet")))
    if ended:
        made.append(Step(ended, _when(last.get(f"payment.{state.status}")), "stop", "cross"))
    elif reached >= len(line):
        made[-1] = Step(line[-1][0], made[-1].note, "done", "check")
    return made


def _is_signature(place: int, state: PaymentState) -> bool:
    return 2 < place <= 2 + state.approvals_required


def _last_acts(events: Sequence[Event], records: Sequence[AuditRecord]) -> dict[str, Event]:
    """The newest event of each act; approvals by their number since the last first approval."""
    found: dict[str, Event] = {}
    given: list[Event] = []
    for record, event in zip(records, events, strict=True):
        found.setdefault(record.action, event)
        if record.action == "payment.approved" and "payment.validated" not in found:
            given.append(event)
    for number, event in enumerate(reversed(given), start=1):
        found[f"payment.approved.{number}"] = event
    return found


def _planned(payment: Payment, last: Mapping[str, Event]) -> list[tuple[str, Event | None]]:
    required = payment.state.approvals_required
    names: list[tuple[Words, str]] = [
        (gettext_lazy("Received"), "payment.received"),
        (gettext_lazy("Checked"), "payment.checked"),
        *_signed(payment.state, required),
    ]
    if payment.kind == Payment.Kind.INTERNAL:
        names.append((gettext_lazy("Posted and settled"), "payment.settled"))
    elif payment.kind == Payment.Kind.CARD:
        names += [
            (pgettext_lazy("step of a payment", "Booked"), "payment.posted"),
            (gettext_lazy("Paid out"), "payment.settled"),
        ]
    elif payment.kind == Payment.Kind.INCOMING:
        if "payment.posted" in last:
            names.append((gettext_lazy("In suspense"), "payment.posted"))
        names.append((gettext_lazy("Credited"), "payment.settled"))
    else:
        names += [
            (gettext_lazy("Posted"), "payment.posted"),
            (gettext_lazy("Sent"), "payment.sent"),
            (gettext_lazy("Settled"), "payment.settled"),
        ]
    return [(str(label), last.get(action)) for label, action in names]


def _signed(state: PaymentState, required: int) -> list[tuple[Words, str]]:
    """The steps between the check and the books: signatures, or the policy that stood for them."""
    if state.straight_policy is not None:
        return [(gettext_lazy("Without signatures"), "payment.passed_straight")]
    return [
        (gettext_lazy("First approval"), "payment.validated"),
        (gettext_lazy("Second approval"), "payment.approved.1"),
        *(
            (
                gettext_lazy("Third approval") if number == 2 else gettext_lazy("Further approval"),
                f"payment.approved.{number}",
            )
            for number in range(2, required + 1)
        ),
    ]


def _reached(state: PaymentState) -> int:
    """How many steps of the line are behind the payment."""
    signed = 3 + state.approvals_given
    full = 3 if state.straight_policy is not None else 3 + state.approvals_required
    return {
        S.RECEIVED: 1,
        S.CHECKED: 2,
        S.VALIDATED: signed,
        S.APPROVED: full,
        S.POSTED: full + 1,
        S.SENT: full + 2,
        S.SETTLED: full + 3,
        S.RETURNED: full + 3,
        S.REJECTED: 2,
        S.CANCELLED: 1,
    }[S(state.status)]


def _when(event: Event | None) -> str:
    if event is None:
        return ""
    return f"{_moment(event.moment)} {event.who}"


def _done(payment: Payment, place: int, event: Event | None, checks: str) -> str:
    """When a step was taken and by whom; taking in and checking are told without a person."""
    if place == 0:
        return f"{_moment(payment.received_at)} {payment.get_channel_display()}"
    if place == 1 and event:
        return f"{_moment(event.moment)} {checks}"
    return _when(event)


def _moment(moment: datetime) -> str:
    """The hour, with the day unless it is today."""
    today = timezone.localtime(moment).date() == timezone.localdate()
    return formats.clock(moment) if today else f"{formats.short_day(moment)} {formats.clock(moment)}"


def _waiting(state: PaymentState) -> str:
    if state.hold_count:
        return _("on hold")
    if state.status in {S.CHECKED, S.VALIDATED}:
        return _("due %(when)s") % {"when": formats.ago(state.due_at)}
    return _("under way")
