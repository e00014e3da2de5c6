"""What the texts of a camt entry, of its details and of its statement mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transactions.statements import values as written
from transactions.statements.camt_places import APART
from transactions.statements.read import (
    AVAILABLE,
    BOOKED,
    CLOSING,
    FORWARD,
    INFORMATION,
    INTERIM,
    OPENING,
    PENDING,
    Declared,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
)  # fmt: skip

if TYPE_CHECKING:
    from transactions.statements.camt import CamtReader

Texts = dict[str, str]
STATUSES = {"BOOK": BOOKED, "PDNG": PENDING, "FUTR": PENDING, "INFO": INFORMATION}
# PRCD is the opening one where no OPBD stands, and else says what the last statement closed with.
BALANCES = {
    "OPBD": OPENING, "PRCD": INFORMATION, "CLBD": CLOSING, "ITBD": INTERIM, "OPAV": AVAILABLE, "CLAV": AVAILABLE,
    "ITAV": AVAILABLE, "FWAV": FORWARD, "XPCD": FORWARD, "INFO": INFORMATION,
}  # fmt: skip
# Written where there is no reference.
NO_REFERENCE = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAIL", "NONE"})
MOST_DETAILS = 100_000
LONGEST = 2_000
TRUE = frozenset({"true", "1"})


def line_of(reader: CamtReader, texts: Texts, details: list[Texts], line: int) -> ReadLine | None:
    """The entry; None, and it is said why, where its amount or its side cannot be read."""
    where = {"statement": reader.number, "place": reader.place, "line": line}
    speech, own = reader.speech, reader.statement
    get = texts.get
    amount, side = written.pointed(get("amount", "")), get("side")
    if amount is None:
        speech.error("statement.amount_bad", field="Amt", value=get("amount", "–"), **where)
        return None
    if side not in {"CRDT", "DBIT"}:
        speech.error("statement.side_missing", field="CdtDbtInd", value=side or "–", **where)
        return None
    credit, reversal = side == "CRDT", get("reversal") in TRUE
    currency = get("amount/currency") or own.get("currency", "")
    if not currency:
        speech.warn("statement.currency_missing", field="Amt", **where)
    told = get("status", "BOOK")
    status = STATUSES.get(told, INFORMATION)
    if told not in STATUSES:
        speech.warn("statement.status_unknown", field="Sts", value=told, **where)
    read: tuple[ReadDetail, ...] = ()
    if len(details) == 1:
        read = (_detail(details[0], credit, reversal, (own.get("number", ""), currency), (amount, texts)),)
    elif details:
        read = _details(reader, texts, details, (amount, currency, credit, reversal), where)
    booked, valued = get("booked"), get("valued")
    return ReadLine(
        reader.place, amount, currency, credit,
        (written.iso_day(booked) or _no_day(reader, "BookgDt", booked, where)) if booked else None,
        (written.iso_day(valued) or _no_day(reader, "ValDt", valued, where)) if valued else None,
        status, reversal, _code(texts) or (_code(details[0]) if details else ""), get("bank_reference", ""),
        get("entry_reference", ""), _count(get("batch/count")), _joined(get("information", "")), read, line,
    )  # fmt: skip


def _detail(
    texts: Texts, credit: bool, reversal: bool, account: tuple[str, str], alone: tuple[Decimal, Texts] | None = None
) -> ReadDetail:
    """``account``: its number and the currency of the entry. ``alone``: amount and texts of an entry of one."""
    get, (own, currency) = texts.get, account
    side = get("side")
    if side:
        credit = side == "CRDT"
    other = "debtor" if credit != reversal else "creditor"
    if own and get(f"{other}/number") == own:
        # Of what came back some banks leave the parties as they were.
        other = "creditor" if other == "debtor" else "debtor"
    amount, said = _amount(texts, currency)
    original = written.pointed(texts["amount/instructed"]) if "amount/instructed" in texts else None
    original_currency = get("amount/instructed/currency", "")
    if alone is not None:
        if amount is None or said == currency:
            amount, said = alone[0], currency
        elif amount is not None and original is None and said != currency:
            original, original_currency, amount, said = amount, said, alone[0], currency
    if original_currency in {"", currency}:
        original, original_currency = None, ""
    fees = texts if alone is None or "charges" in texts or "charges/total" in texts else alone[1]
    reference = get("reference", "")
    rate = get("rate") or (alone[1].get("rate") if alone is not None else None)
    return ReadDetail(
        amount, said, credit, _reference(get("end_to_end")), _reference(get("instruction")),
        _reference(get("transaction")), _reference(get("mandate")),
        _reference(get("payment_info") or (alone[1].get("batch/payment_info") if alone is not None else None)),
        _reference(get("message")), _reference(get("bank_reference")),
        get(other) or get(f"{other}/ultimate", ""), get(f"{other}/number", ""), get(f"{other}/bic", ""),
        reference.partition(APART)[0] if APART in reference else reference, _remittance(texts, reference),
        get("return", ""), original, original_currency, written.pointed(rate[:20]) if rate else None,
        *_charges(fees), get("uetr", ""), get("creditor_id", "") if "mandate" in texts else "",
    )  # fmt: skip


def _amount(texts: Texts, currency: str) -> tuple[Decimal | None, str]:
    """What a detail moved on the account: its own amount, that of the transaction, or what was instructed."""
    for key in ("amount", "amount/transaction", "amount/instructed"):
        if key in texts:
            said = texts.get(f"{key}/currency") or currency
            if key != "amount/instructed" or said == currency:
                return written.pointed(texts[key]), said
    return None, currency


def _charges(texts: Texts) -> tuple[Decimal | None, str]:
    for key in ("charges/total", "charges"):
        if key in texts:
            return written.pointed(texts[key]), texts.get(f"{key}/currency", "")
    return None, ""


def _details(
    reader: CamtReader, texts: Texts, details: list[Texts], entry: tuple[Decimal, str, bool, bool],
    where: dict[str, Any],
) -> tuple[ReadDetail, ...]:  # fmt: skip
    """The details of a batch. Where their sum is not that of the entry their amounts are left out: the entry is one."""
    amount, currency, credit, reversal = entry
    if len(details) > MOST_DETAILS:
        reader.speech.warn("statement.details_too_many", most=MOST_DETAILS, **where)
        del details[MOST_DETAILS:]
    own = reader.statement.get("number", "")
    read = [_detail(one, credit, reversal, (own, currency)) for one in details]
    total, whole = Decimal(0), True
    for one in read:
        if one.amount is None or one.currency != currency:
            whole = False
            break
        total += one.amount if one.credit == credit else -one.amount
    if whole and total == amount:
        return tuple(read)
    if whole:
        reader.speech.warn("statement.details_sum", sum=str(total), amount=str(amount), currency=currency, **where)
    return tuple(
        ReadDetail(None, *(getattr(one, name) for name in ReadDetail.__slots__[1:])) for one in read
    )  # fmt: skip


def _code(texts: Texts) -> str:
    domain = texts.get("code/domain")
    if domain:
        return "/".join(
            part for part in (domain, texts.get("code/family"), texts.get("code/sub")) if part
        )  # fmt: skip
    return texts.get("code/own", "")


def _reference(text: str | None) -> str:
    return "" if not text or text in NO_REFERENCE else text


def _remittance(texts: Texts, reference: str) -> str:
    """What the payer wrote; behind it what stands in structured form and is no first reference."""
    said = texts.get("remittance", "")
    if APART not in reference and "document" not in texts and "information" not in texts:
        return said.replace(APART, " ")[:LONGEST] if APART in said else said[:LONGEST]
    parts = said.split(APART) if said else []
    parts += reference.split(APART)[1:]
    parts += texts["document"].split(APART) if "document" in texts else []
    parts += texts["information"].split(APART) if "information" in texts else []
    return " ".join(parts)[:LONGEST]


def _joined(text: str) -> str:
    return (text.replace(APART, " ") if APART in text else text)[:LONGEST]


def _count(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 9 and text.isascii() and text.isdigit() else None


def _no_day(reader: CamtReader, field: str, text: str, where: dict[str, Any]) -> date | None:
    reader.speech.warn("statement.date_bad", field=field, value=text, **where)
    return None


# The statement


def statement_of(reader: CamtReader, *, continues: bool) -> ReadStatement:
    """The statement with the lines that were read since the last piece."""
    texts, head = reader.statement, reader.head
    get = texts.get
    balances = () if continues else _balances(reader)
    currency = get("currency") or (balances[0].currency if balances else "")
    if not currency and reader.lines:
        currency = reader.lines[0].currency
    from_on, to_on = written.iso_day(get("from", "")), written.iso_day(get("to", ""))
    return ReadStatement(
        reader.kind, get("number", ""), currency, get("identification", ""),
        get("sequence") or get("sequence/legal", ""), get("page") or head.get("page", ""),
        (get("last") or head.get("last", "true")) in TRUE, get("bic", ""), get("holder", ""),
        written.moment(get("created") or head.get("created", "")), from_on, to_on, balances, tuple(reader.lines),
        reader.number, reader.begins, continues, reader.broken,
        Declared() if continues else _declared(texts), _joined(get("information", "")),
    )  # fmt: skip


def _balances(reader: CamtReader) -> tuple[ReadBalance, ...]:
    read: list[ReadBalance] = []
    types = {one.get("type") for one in reader.balances}
    where = {"statement": reader.number, "line": reader.begins}
    for texts in reader.balances:
        code, side = texts.get("type", ""), texts.get("side")
        amount = written.pointed(texts.get("amount", ""))
        if amount is None or side not in {"CRDT", "DBIT"}:
            reader.speech.error("statement.balance_bad", field=code or "Bal", value=texts.get("amount", "–"), **where)
            continue
        kind = BALANCES.get(code, INFORMATION)
        if code == "PRCD" and "OPBD" not in types:
            kind = OPENING
        on = written.iso_day(texts["on"]) if "on" in texts else None
        if on is None:
            reader.speech.warn("statement.date_bad", field=code or "Bal", value=texts.get("on", "–"), **where)
        currency = texts.get("amount/currency") or reader.statement.get("currency", "")
        read.append(ReadBalance(kind, amount if side == "CRDT" else -amount, currency, on, code))
    return tuple(read)


def _declared(texts: Texts) -> Declared:
    return Declared(
        _count(texts.get("total/entries")), _count(texts.get("total/credits")), _count(texts.get("total/debits")),
        written.pointed(texts.get("total/credit", "")), written.pointed(texts.get("total/debit", "")),
    )  # fmt: skip
