"""From the texts of a row to the values that are stored: one place for every format.

An error here means that the payment cannot be understood or stored as it stands; it is not taken in. Whether what was
understood is right (check digits, known account, funds, dates) is for the controls, where a person sees it.
"""

import functools
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from operator import gt, itemgetter
from typing import Any

from backoffice.common import money
from backoffice.common.errors import BusinessError
from transactions.intake import account_numbers, births, names
from transactions.intake.rows import ERROR, WARNING, Problem, Reader, Row

# Text fields and the most characters the fact table keeps. Nothing is cut silently.
LENGTHS = {
    "payment_info_id": 35,
    "debtor_name": 140,
    "debtor_number": 34,
    "debtor_currency": 3,
    "debtor_bic": 11,
    "ultimate_debtor": 140,
    "creditor_name": 140,
    "creditor_number": 34,
    "creditor_bic": 11,
    "ultimate_creditor": 140,
    "instruction_id": 35,
    "end_to_end_id": 35,
    "uetr": 36,
    "remittance": 10_000,
    "creditor_reference": 35,
    "purpose": 35,
    "category_purpose": 35,
    "service_level": 35,
    "local_instrument": 35,
    "charge_bearer": 4,
    "kind": 10,
}
# The columns of a row that was understood, in the order of the stage table (store.py).
COLUMNS = (
    "position",
    "line",
    "grp",
    "amount",
    "currency",
    "requested_execution_date",
    "creditor_address",
    "creditor_key",
    "fingerprint",
    *LENGTHS,
)

_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.([0-9]{1,5}))?\Z")
_SIGNED = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?\Z|[+-]?\.[0-9]+\Z")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?\Z")
# Characters that reorder what is read: a name or account could show something else than it says.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANKS = frozenset("\t\n\r\x0b\x0c\x85\u2028\u2029")
_LONGEST = tuple(LENGTHS.values())
_BLANK = {"amount": "", "currency": "", "requested_execution_date": "", **dict.fromkeys(LENGTHS, "")}
_TAKE_TEXTS = itemgetter(*LENGTHS)
# What makes it the same payment, beside entity, creditor's name, amount and date.
_TAKE_SAME = itemgetter("debtor_number", "creditor_number", "currency", "end_to_end_id", "instruction_id", "remittance")
# Between the fields of a fingerprint; no cleaned text can hold it.
_UNIT = "\x1f"


@functools.cache
def _step(currency: str) -> tuple[int, Decimal]:
    decimals = money.exponent(currency)
    return decimals, Decimal(1).scaleb(-decimals)


def amount(text: str, currency: str) -> Decimal:
    """The amount in the currency's decimals, or :class:`BusinessError`. Plain digits and a point only."""
    decimals, step = _step(currency)
    plain = _AMOUNT.match(text)
    if plain is not None:
        fraction = plain.group(1)
        value = Decimal(text)
        if value and fraction is not None and len(fraction) == decimals:
            return value
        if value and (fraction is None or len(fraction) < decimals):
            return value.quantize(step)
        return money.parse(value, currency)
    if not _SIGNED.match(text) or len(text) > 40:
        raise BusinessError("money.not_a_number", value=text[:40])
    return money.parse(Decimal(text), currency)


@functools.lru_cache(maxsize=4096)
def day(text: str) -> str:
    """The ISO date, or the date of an ISO moment as it is written there (its own offset); "" when there is none."""
    found = _DAY.match(text)
    if found is None:
        return ""
    try:
        if "T" in text:
            datetime.fromisoformat(text)
        return date.fromisoformat(found.group(1)).isoformat()
    except ValueError:
        return ""


def clean(text: str) -> tuple[str, str]:
    """The text without what cannot be seen, and the code of what was done or is wrong ("" when nothing).

    Line ends, tabs and odd blanks become a blank; control and invisible characters are taken out and said; characters
    that reorder the text are an error.
    """
    if text.isprintable():
        return text, ""
    said, kept = "", []
    for character in text:
        if character.isprintable():
            kept.append(character)
        elif character in _BLANKS or unicodedata.category(character) == "Zs":
            kept.append(" ")
        elif character in _REORDERING:
            return text, "text.reordering"
        elif unicodedata.category(character) in {"Co", "Cn"}:
            kept.append(character)
        else:
            said = "text.invisible"
    return re.sub(" {2,}", " ", "".join(kept)).strip(), said


@functools.lru_cache(maxsize=8192)
def _address(items: tuple[tuple[str, Any], ...]) -> tuple[str, str]:
    cleaned: dict[str, Any] = {}
    fault = ""
    for name, value in items:
        parts = [clean(part) for part in (value if isinstance(value, tuple) else (value,))]
        fault = fault or next((code for _text, code in parts if code), "")
        cleaned[name] = [part for part, _code in parts] if isinstance(value, tuple) else parts[0][0]
    return json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")), fault


def address_text(address: dict[str, Any]) -> tuple[str, str]:
    """The address as JSON text, cleaned, and the code of what was wrong in it. Cached: files repeat their payees."""
    return _address(tuple(address.items())) if address else ("{}", "")


def _counted(text: str) -> Decimal | None:
    """What an amount adds to the control sum although its payment is not taken in."""
    return Decimal(text) if len(text) <= 40 and _SIGNED.match(text) else None


def _said_once(problems: list[Problem], by_reader: list[Problem]) -> list[Problem]:
    """The reader's (and the schema's) word, and ours on fields on which it has not had its say."""
    said = {problem.field for problem in by_reader if problem.severity == ERROR}
    return by_reader + [problem for problem in problems if problem.field not in said]


class Understanding:
    """Understands rows of one entity, one after the other. Counts nothing and stores nothing.

    ``births`` is what rows that were understood say of births, for whoever stores them to take out.
    """

    def __init__(self, reader: Reader, entity_id: int | None) -> None:
        self.reader = reader
        self.entity = str(entity_id or "")
        # A schema has bounded every length already but that of the remittance, which may be repeated.
        self.bounded = bool(getattr(reader, "schema", None))
        self.births: list[dict[str, Any]] = []

    def understand(self, row: Row) -> tuple[tuple[str, ...] | None, Decimal | None, list[Problem]]:
        """The stage columns (None: it cannot be taken in), its amount when that is a number, and what is wrong."""
        if row.refused:
            return None, _counted(row.values.get("amount", "")), row.problems
        values = row.values = _BLANK | row.values
        problems: list[Problem] = []
        if not "".join(values.values()).isprintable():
            problems.extend(self._cleaned(row))
        values["debtor_number"] = account_numbers.clean(values["debtor_number"])
        values["creditor_number"] = account_numbers.clean(values["creditor_number"])
        try:
            value: Decimal | None = amount(values["amount"], values["currency"])
        except BusinessError as error:
            value = None
            self._no_amount(row, problems, error)
        execution = day(values["requested_execution_date"])
        if not execution:
            code = "date.unreadable" if values["requested_execution_date"] else "date.missing"
            problems.append(self._problem(row, "requested_execution_date", code))
        texts = _TAKE_TEXTS(values)
        if len(values["remittance"]) > LENGTHS["remittance"] or (
            not self.bounded and any(map(gt, map(len, texts), _LONGEST))
        ):
            problems.extend(self._too_long(row))
        address, fault = address_text(row.address)
        if fault:
            severity = ERROR if fault == "text.reordering" else WARNING
            problems.append(self._problem(row, "creditor_address", fault, severity=severity))
        born = list(self._births(row, problems)) if len(values) > len(_BLANK) and births.said(values) else ()
        if problems or row.problems:
            problems = _said_once(problems, row.problems)
            if value is None or any(one.severity == ERROR for one in problems):
                return None, value if value is not None else _counted(values["amount"]), problems
        self.births.extend(born)
        key = names.key(values["creditor_name"])
        plain = str(value)
        fingerprint = self.fingerprint(values, key, plain, execution)
        return (
            (
                str(row.position),
                str(row.line or 0),
                str(row.group),
                plain,
                values["currency"],
                execution,
                address,
                key,
                fingerprint,
                *texts,
            ),
            value,
            problems,
        )

    def fingerprint(self, values: dict[str, str], creditor_key: str, plain_amount: str, execution: str) -> str:
        """SHA-256 (hex) of what makes it the same payment. The order and the separator are frozen by a golden test."""
        debtor, creditor, *rest = _TAKE_SAME(values)
        encoded = _UNIT.join((self.entity, debtor, creditor, creditor_key, plain_amount, execution, *rest))
        return sha256(encoded.encode()).hexdigest()

    def _births(self, row: Row, problems: list[Problem]) -> Iterator[dict[str, Any]]:
        """Of whom a payment that leaves is said to be born when nobody was, it is not taken in; what came in has come,
        and what it says so is left out."""
        severity = WARNING if row.values["kind"] == "incoming" else ERROR
        for side, found in births.sides(row.values):
            born_on = day(found.get("born_on", ""))
            wrong = list(births.faults(side, found, born_on))
            problems.extend(self._problem(row, name, code, params, severity=severity) for name, code, params in wrong)
            if not wrong:
                yield {
                    "position": row.position, "side": side, "born_on": born_on or None,
                    "province": found.get("province", ""), "town": found.get("town", ""),
                    "country": found.get("country", "").upper(),
                }  # fmt: skip

    def _no_amount(self, row: Row, problems: list[Problem], error: BusinessError) -> None:
        text, currency = row.values["amount"], row.values["currency"]
        if not text or not currency:
            missing = "currency" if text else "amount"
            problems.append(self._problem(row, missing, f"{missing}.missing"))
        else:
            name = "currency" if error.code == "money.currency_unknown" else "amount"
            problems.append(self._problem(row, name, error.code, error.params))

    def _cleaned(self, row: Row) -> Iterator[Problem]:
        for name, text in row.values.items():
            kept, said = clean(text)
            if said:
                shown = text.encode("unicode_escape").decode("ascii")
                if name == "amount":
                    # An amount is read as it stands or not at all: what is hidden in it makes it no number.
                    row.values[name] = shown
                    continue
                severity = ERROR if said == "text.reordering" else WARNING
                yield self._problem(row, name, said, value=shown, severity=severity)
            row.values[name] = kept

    def _too_long(self, row: Row) -> Iterator[Problem]:
        for name, longest in LENGTHS.items():
            text = row.values.get(name, "")
            if len(text) > longest:
                yield self._problem(row, name, "text.too_long", {"length": len(text), "longest": longest})

    def _problem(
        self,
        row: Row,
        name: str,
        code: str,
        params: dict[str, Any] | None = None,
        *,
        value: str | None = None,
        severity: str = ERROR,
    ) -> Problem:
        line, path = self.reader.locate(row, name)
        shown = row.values.get(name, "") if value is None else value
        return Problem(row.position, code, params or {}, name, shown[:200], line, path[:200], severity)
