"""The list of all payments and its one search box. Every page is a range of an index per entity, merged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from schwifty import IBAN

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError
from backoffice.common.money import LARGEST
from transactions.models import Payment

SALT = "page:payments"

# A payee that was never paid yet is looked for by name among the 20,000 newest payments of an entity.
_NEWEST = (
    "(select * from transactions_payment n where n.entity_id = entity.id "
    "order by n.received_at desc, n.id desc limit 20000) p"
)

Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class PaymentFilter:
    """What part of the payments is asked for. ``text`` is the search box; the rest are the form's fields.

    Days are calendar days of the current time zone, both included; amounts are in the payment's own currency.
    """

    entity_ids: Sequence[int]
    text: str = ""
    status: str = ""
    received_from: date | None = None
    received_to: date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    batch_id: int | None = None
    outcome: str = ""
    held: bool | None = None
    kind: str = ""
    channel: str = ""
    currency: str = ""
    debtor_account_id: int | None = None
    payee_id: int | None = None
    end_to_end_id: str = ""
    execution_from: date | None = None
    execution_to: date | None = None
    cut_off_from: datetime | None = None
    cut_off_to: datetime | None = None
    # Of those that :func:`will_miss` told: these, or all others.
    will_miss: bool | None = None
    missing: Sequence[int] = ()

    @property
    def by_state(self) -> bool:
        cut_off = self.cut_off_from or self.cut_off_to
        return bool(self.status or self.outcome or self.held is not None or cut_off)


@dataclass(frozen=True)
class PaymentsPage:
    """Payments newest first. ``next`` and ``previous`` are signed cursors for the URL, or empty."""

    items: list[Payment]
    next: str
    previous: str


_REFERENCE = re.compile(r"^(?:PAY-?)(?:(\d{4})-)?0*(\d{1,18})$", re.IGNORECASE)
_AMOUNT = re.compile(r"^[€$£]?\s*(\d[\d\s'.,\u00a0\u202f]*?)\s*([A-Za-z]{3}|€|\$|£)?$")
_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")


def amount_of(text: str) -> Decimal | None:
    """An amount that can be looked for; None when it is none, nought, or more than any that is kept."""
    amount = number_of(text)
    return amount if amount is not None and 0 < amount < LARGEST else None


def number_of(text: str, *, strict: bool = False) -> Decimal | None:
    """The number someone means by ``48 250,00 €``, ``€48,250.00`` or ``48250``; None when it is none.

    ``1,234`` reads as one thousand or as one and some thousandths; a search takes the former, ``strict`` takes neither.
    """
    read = _AMOUNT.match(text.strip())
    if not read or (read[2] and read[2].isalpha() and read[2].upper() not in money.currencies()):
        return None
    digits = re.sub(r"[\s'\u00a0\u202f]", "", read[1])
    last = max(digits.rfind(","), digits.rfind("."))
    whole, part = (digits[:last], digits[last + 1 :]) if last >= 0 else (digits, "")
    mark = digits[last] if last >= 0 else ""
    if mark and (mark in whole or (len(part) == 3 and not re.search(r"[.,]", whole))):
        if strict and mark not in whole:
            return None
        whole, part = (digits, "") if _GROUPED.fullmatch(digits) else ("", "")
    if re.search(r"[.,]", whole) and not _GROUPED.fullmatch(whole):
        return None
    try:
        return Decimal(re.sub(r"[.,]", "", whole) + (f".{part}" if part else ""))
    except InvalidOperation:
        return None


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text) + "%"


@dataclass(frozen=True)
class Meaning:
    """One thing that a search may mean: a condition on ``p``, among all payments or the newest ones."""

    text: str
    values: tuple[Any, ...] = ()
    recent: bool = False

    @property
    def source(self) -> str:
        if not self.recent:
            return "transactions_payment p"
        return _NEWEST


def interpret(text: str, entity_ids: Sequence[int]) -> list[Meaning]:
    """What a search may mean; any of the meanings counts.

    A payment number (``PAY-2026-000042`` or 42), an IBAN with or without spaces (as creditor, as payer of what came in,
    or as one of our accounts), an amount in either notation, the beginning of an end-to-end reference, of a name, or of
    a file.
    """
    from transactions.intake import names

    text = " ".join(text.split())[:140]
    if not text:
        return []
    reference = _REFERENCE.match(text)
    if reference:
        return [Meaning("p.id = %s", (int(reference[2]),))]
    compact = re.sub(r"[\s-]", "", text).upper()
    if len(compact) >= 15 and IBAN(compact, allow_invalid=True).is_valid:
        return [
            Meaning("p.creditor_number = %s", (compact,)),
            Meaning("p.kind = 'incoming' and p.debtor_number = %s", (compact,)),
            Meaning(_OUR_ACCOUNT, (compact, list(entity_ids))),
        ]
    meanings = [
        Meaning("p.end_to_end_id like %s", (_like(text),)),
        Meaning(_IN_FILE, (list(entity_ids), _like(text), text)),
    ]
    if compact.isascii() and compact.isdecimal() and len(compact) <= 18:
        meanings.append(Meaning("p.id = %s", (int(compact),)))
    amount = amount_of(text)
    if amount is not None:
        meanings.append(Meaning("p.amount = %s", (amount,)))
    if len(compact) >= 5 and compact.isalnum():
        meanings.append(Meaning("p.creditor_number = %s", (compact,)))
    key = names.key(text)
    if key:
        meanings.append(Meaning(_KNOWN_PAYEE, (list(entity_ids), _like(key))))
        meanings.append(Meaning("p.payee_id is null and p.creditor_name ilike %s", (_like(text),), recent=True))
        meanings.append(
            Meaning("p.kind in ('incoming', 'debit') and p.debtor_name ilike %s", (_like(text),), recent=True)
        )
    return meanings


_OUR_ACCOUNT = (
    "p.debtor_account_id = any(array(select a.id from transactions_account a where a.iban = %s "
    "and a.entity_id = any(%s)))"
)
_KNOWN_PAYEE = (
    "p.payee_id = any(array(select y.id from transactions_payee y where y.entity_id = any(%s) "
    "and y.name_key like %s order by y.name_key limit 50))"
)
_IN_FILE = (
    "p.batch_id = any(array(select b.id from transactions_paymentbatch b where b.entity_id = any(%s) "
    "and (b.file_name ilike %s or b.message_id = %s) order by b.id desc limit 50))"
)


def _narrowing(wanted: PaymentFilter) -> Condition:
    parts: list[Condition] = []
    if wanted.received_from:
        parts.append(("p.received_at >= %s", (_midnight(wanted.received_from),)))
    if wanted.received_to and wanted.received_to < date.max:
        parts.append(("p.received_at < %s", (_midnight(wanted.received_to + timedelta(days=1)),)))
    if wanted.held is not None:
        parts.append(("s.hold_count > 0" if wanted.held else "s.hold_count = 0", ()))
    if wanted.will_miss is not None:
        parts.append((f"{'' if wanted.will_miss else 'not '}p.id = any(%s::bigint[])", (list(wanted.missing),)))
    for condition, value in (
        ("s.execution_date is not null and s.due_at >= %s", wanted.cut_off_from),
        ("s.execution_date is not null and s.due_at <= %s", wanted.cut_off_to),
        ("s.status = %s", wanted.status or None),
        ("s.outcome = %s", wanted.outcome or None),
        ("p.amount >= %s", wanted.amount_from),
        ("p.amount <= %s", wanted.amount_to),
        ("p.batch_id = %s", wanted.batch_id),
        ("p.kind = %s", wanted.kind or None),
        ("p.channel = %s", wanted.channel or None),
        ("p.currency = %s", wanted.currency or None),
        ("p.debtor_account_id = %s", wanted.debtor_account_id),
        ("p.payee_id = %s", wanted.payee_id),
        ("p.end_to_end_id = %s", wanted.end_to_end_id or None),
        ("p.requested_execution_date >= %s", wanted.execution_from),
        ("p.requested_execution_date <= %s", wanted.execution_to),
    ):
        if value is not None:
            parts.append((condition, (value,)))
    text = "".join(f" and {condition}" for condition, _values in parts)
    return text, tuple(value for _condition, values in parts for value in values)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _sign(backwards: bool, row: tuple[datetime, int]) -> str:
    return signing.dumps([int(backwards), row[0].isoformat(), row[1]], salt=SALT)


def _read(cursor: str) -> tuple[bool, datetime, int]:
    try:
        backwards, moment, key = signing.loads(cursor, salt=SALT)
        parsed = parse_datetime(moment)
        if parsed is None:
            raise ValueError(moment)
        return bool(backwards), parsed, int(key)
    except (signing.BadSignature, ValueError, TypeError):
        raise BusinessError("cursor.invalid") from None


def payments_page(wanted: PaymentFilter, *, cursor: str = "", size: int = 50) -> PaymentsPage:
    """One page of payments, newest first, with states and entities. Two queries, whatever the depth."""
    backwards, moment, key = _read(cursor) if cursor else (False, None, 0)
    meanings = interpret(wanted.text, wanted.entity_ids)
    if wanted.text.strip() and not meanings:
        return PaymentsPage([], "", "")
    narrow, values = _narrowing(wanted)
    down = not backwards
    order = f"received_at {'desc' if down else 'asc'}, id {'desc' if down else 'asc'}"
    place = f" and (p.received_at, p.id) {'<' if down else '>'} (%s, %s)" if moment else ""
    branches, params = [], []
    for meaning in meanings or [Meaning("true")]:
        branches.append(f"""
            select x.* from unnest(%s::bigint[]) as entity(id) cross join lateral (
                select p.received_at, p.id from {meaning.source}
                {"join transactions_paymentstate s on s.payment_id = p.id" if wanted.by_state else ""}
                where p.entity_id = entity.id and {meaning.text}{narrow}{place}
                order by p.{order.replace(", id", ", p.id")} limit {int(size) + 1}) x
        """)  # noqa: S608 - every fragment is a constant of the code
        params += [list(wanted.entity_ids), *meaning.values, *values, *([moment, key] if moment else [])]
    found = sql.rows(
        f"select received_at, id from ({' union '.join(branches)}) q order by {order} limit {int(size) + 1}",  # noqa: S608
        params,
    )
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = bool(found) and (bool(cursor) if backwards else more)
    has_previous = bool(found) and (more if backwards else bool(cursor))
    rows = Payment.objects.select_related("state", "entity").in_bulk([row[1] for row in found]) if found else {}
    return PaymentsPage(
        [rows[row[1]] for row in found if row[1] in rows],
        _sign(False, found[-1]) if has_next else "",
        _sign(True, found[0]) if has_previous else "",
    )
