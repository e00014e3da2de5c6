"""The fact table: every measure that a rule may name, for a set of payments, as of each payment's own moment.

``build(ids)`` fills the temporary table ``facts`` (columns: controls/vocabulary.py, with payment_id, entity_id, profile
and batch_id) in a constant number of statements for one payment or ten thousand. SQL does the work; Python judges
distinct values only (account numbers, BICs, names that differ, days), and remembers what it judged.

What "as of its moment" means: history is what was received before the payment was read; payments of its own file count
where a fact says so. Two things are read as they stand now: the status of an account and its funds, which the ledger
decides again at approval.
"""

import functools
import re
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from anyascii import anyascii
from django.db import connection
from rapidfuzz import fuzz
from schwifty import BIC, IBAN
from schwifty import exceptions as schwifty_errors
from stdnum.iso11649 import is_valid as reference_is_valid

from backoffice.common import calendars, sql
from controls import tables
from controls.rules import high_risk
from controls.screening import verdicts
from transactions.intake import names

CHUNK = 10_000
_REMEMBERED = 200_000
_LOOKS_LIKE_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "as", "asbl", "bv", "bvba", "cie", "co", "corp", "eeig", "eirl", "eurl", "gie", "gmbh", "inc", "kg",
        "kgaa", "limited", "llc", "llp", "ltd", "nv", "ohg", "oy", "plc", "pte", "sa", "sarl", "sas", "sasu", "sca",
        "sccv", "sci", "scop", "scs", "se", "sl", "slu", "snc", "soc", "societe", "spa", "spol", "srl", "sprl",
    }
)  # fmt: skip
_TABLES: tuple[tuple[str, str, Callable[..., tuple[Any, ...]]], ...]


def build(ids: Sequence[int]) -> int | None:
    """Fill ``facts`` for these payments, in the present transaction; it is empty again when the transaction ends.

    Returns the list set that their names were screened against, None without lists.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the fact table lasts as long as a transaction; open one")
    tables.prepare()
    tables.fill("fact_subject", {"ids": list(ids)})
    tables.fill("fact_past")
    tables.fill("fact_alike")
    tables.fill("fact_habits")
    tables.fill("fact_verification")
    judge_distinct()
    tables.fill("facts")
    tables.fill("fact_rare")
    tables.fill("fact_mandate")
    tables.fill("fact_invoice")
    tables.fill("fact_received")
    return verdicts.fill()


def judge_distinct(wanted: Container[str] = tables.JUDGED) -> None:
    """Fill the tables of what Python judges, between ``fact_habits`` and ``facts``; those wanted alone."""
    for table, distinct, judge in _TABLES:
        if table in wanted:
            _judge_distinct(table, distinct, judge)
    sql.run(f"analyze {', '.join(tables.JUDGED)}")


def _judge_distinct(table: str, distinct: str, judge: Callable[..., tuple[Any, ...]]) -> None:
    """A temporary table of distinct values and what each is worth."""
    if values := sql.rows(distinct):
        columns = [column.split()[0] for column in tables.JUDGED[table].split(", ")]
        sql.copy(table, columns, _judged(values, judge))


def _judged(values: Iterable[tuple[Any, ...]], judge: Callable[..., tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    for value in values:
        yield (*value, *judge(*value))


@functools.lru_cache(maxsize=_REMEMBERED)
def iban_verdict(number: str) -> tuple[bool | None, str | None, str | None]:
    """(valid, fault, country). Not valid and not invalid (None) when the number is no IBAN by its look or country."""
    if not _LOOKS_LIKE_IBAN.fullmatch(number):
        return None, "form", None
    try:
        IBAN(number)
    except schwifty_errors.InvalidCountryCode:
        return None, "country", None
    except schwifty_errors.InvalidLength:
        return False, "length", number[:2]
    except schwifty_errors.InvalidChecksumDigits:
        return False, "checksum", number[:2]
    except schwifty_errors.SchwiftyException:
        return False, "structure", number[:2]
    return True, None, number[:2]


@functools.lru_cache(maxsize=20_000)
def bic_verdict(bic: str) -> tuple[bool]:
    try:
        BIC(bic)
    except schwifty_errors.SchwiftyException:
        return (False,)
    return (True,)


def _reference_verdict(reference: str) -> tuple[bool]:
    return (bool(reference_is_valid(reference)),)


@functools.lru_cache(maxsize=20_000)
def odd_characters(odd: str) -> tuple[str, str]:
    """The distinct characters among ``odd`` and what they become, blanks between; control characters by their name."""
    distinct = sorted(set(odd))[:20]
    shown = [letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in distinct]
    sent = [anyascii(letter).strip() or "\u2423" for letter in distinct]
    return " ".join(shown), " ".join(sent)


def _day_verdict(day: Any) -> tuple[bool, Any]:
    return calendars.is_open(day), calendars.next_open_day(day)


def _risk_verdict(country: str, day: Any) -> tuple[Any]:
    """Since when a country is on the list of high-risk third countries of that day; None when it is not."""
    found = high_risk.listed(country, day)
    return (found.since if found else None,)


@functools.lru_cache(maxsize=_REMEMBERED)
def name_likeness(given: str, known: str) -> tuple[int]:
    """How alike two names are, 0 to 100: order of words, accents and case do not count, legal forms hardly do.

    Words missing on one side cost a tenth; so ``Kervella`` is like ``Kervella Matériaux SARL``.
    """
    left, right = bare_name(given), bare_name(known)
    if not left or not right:
        return (0,)
    if left == right:
        return (100,)
    return (int(max(fuzz.token_sort_ratio(left, right), 0.9 * fuzz.token_set_ratio(left, right))),)


@functools.lru_cache(maxsize=_REMEMBERED)
def bare_name(name: str) -> str:
    """The key of a name without legal forms; of a name that is nothing else, with them."""
    key = names.key(name)
    words = [word for word in key.split() if word not in _LEGAL_FORMS]
    return " ".join(words) or key


_TABLES = (
    (
        "fact_number",
        "select creditor_number from fact_subject where creditor_number <> '' "
        "union select debtor_number from fact_subject where debtor_number <> ''",
        iban_verdict,
    ),
    (
        "fact_bic",
        "select creditor_bic from fact_subject where creditor_bic <> '' "
        "union select debtor_bic from fact_subject where debtor_bic <> ''",
        bic_verdict,
    ),
    (
        "fact_reference",
        "select distinct creditor_reference from fact_subject where upper(creditor_reference) like 'RF%'",
        _reference_verdict,
    ),
    (
        "fact_odd",
        "select distinct odd from fact_subject where odd is not null",
        odd_characters,
    ),
    (
        "fact_day",
        "select distinct execution_date from fact_subject",
        _day_verdict,
    ),
    (
        "fact_risk",
        "select distinct x.country, s.received_on from fact_subject s cross join lateral (values "  # noqa: S608 - codes
        "(substr(s.creditor_bic, 5, 2)), (s.creditor_address_country), (left(s.creditor_number, 2))) as x(country) "
        "where x.country in (" + ", ".join(f"'{code}'" for code in sorted(high_risk.COUNTRIES)) + ")",
        _risk_verdict,
    ),
    (
        "fact_name",
        "select distinct s.creditor_name, y.name from fact_subject s "
        "join fact_party t on t.payment_id = s.payment_id "
        "join fact_payee y on y.payee_id = t.payee_id and y.moment = s.moment "
        "where s.creditor_name <> '' and lower(s.creditor_name) <> lower(y.name) "
        # Of what comes in: whoever holds the account, as fact_received.sql names them.
        "union select s.creditor_name, coalesce(o.name, case a.kind when 'bank' then e.name else a.name end) "
        "from fact_subject s join transactions_account a on a.id = s.creditor_account_id "
        "join people_entity e on e.id = s.entity_id left join transactions_party o on o.id = a.owner_id "
        "where s.kind = 'incoming' and s.creditor_name <> ''",
        name_likeness,
    ),
)
