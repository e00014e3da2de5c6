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

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from transactions.models import Payment

SALT = "page:payments"

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


@dataclass(frozen=True)
class PaymentsPage:
    """Payments newest first. ``next`` and ``previous`` are signed cursors for the URL, or empty."""

    items: list[Payment]
    next: str
    previous: str


_REFERENCE = re.compile(r"^(?:PAY-?)(?:(\d{4})-)?0*(\d{1,18})$", re.IGNORECASE)
_AMOUNT = re.compile(r"^[€$£]?\s*\d[\d\s'.,\u00a0\u202f]*\s*(?:[A-Z]{3}|€|\$|£)?$", re.IGNORECASE)


def amount_of(text: str) -> Decimal | None:
    """The amount someone means by ``48 250,00 €``, ``€48,250.00`` or ``48250``; None when it is not an amount."""
    if not _AMOUNT.match(text.strip()):
        return None
    digits = re.sub(r"[^\d.,]", "", text)
    last = max(digits.rfind(","), digits.rfind("."))
    if last >= 0 and len(digits) - last - 1 in {1, 2}:
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    else:
        digits = re.sub(r"[.,]", "", digits)
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        return None
    return amount if 0 < amount < Decimal(10) ** 13 else None


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text) + "%"


def interpret(text: str, entity_ids: Sequence[int]) -> list[Condition]:
    """What a search may mean: each meaning is one condition on ``p`` that an index answers; any of them counts.

    A payment number (``PAY-2026-000042`` or 42), an IBAN with or without spaces (as creditor or as one of our
    accounts), an amount in either notation, the beginning of an end-to-end reference, of a payee's name, or of a file.
    """
    from transactions.intake import names

    text = " ".join(text.split())[:140]
    if not text:
        return []
    reference = _REFERENCE.match(text)
    if reference:
        return [("p.id = %s", (int(reference[2]),))]
    compact = re.sub(r"[\s-]", "", text).upper()
    if len(compact) >= 15 and IBAN(compact, allow_invalid=True).is_valid:
        return [_creditor(compact), _our_account(compact, entity_ids)]
    meanings: list[Condition] = [("p.end_to_end_id like %s", (_like(text),))]
    if compact.isdigit() and len(compact) <= 18:
        meanings.append(("p.id = %s", (int(compact),)))
    amount = amount_of(text)
    if amount is not None:
        meanings.append(("p.amount = %s", (amount,)))
    if len(compact) >= 5 and compact.isalnum():
        meanings.append(_creditor(compact))
    key = names.key(text)
    if key:
        meanings.append(
            (
                "p.payee_id = any(array(select y.id from transactions_payee y where y.entity_id = any(%s) "
                "and y.name_key like %s order by y.name_key limit 50))",
                (list(entity_ids), _like(key)),
            )
        )
    meanings.append(
        (
            "p.batch_id = any(array(select b.id from transactions_paymentbatch b where b.entity_id = any(%s) "
            "and (b.file_name ilike %s or b.message_id = %s) order by b.id desc limit 50))",
            (list(entity_ids), _like(text), text),
        )
    )
    return meanings


def _creditor(number: str) -> Condition:
    return ("p.creditor_number = %s", (number,))


def _our_account(number: str, entity_ids: Sequence[int]) -> Condition:
    return (
        "p.debtor_account_id = any(array(select a.id from transactions_account a where a.iban = %s "
        "and a.entity_id = any(%s)))",
        (number, list(entity_ids)),
    )


def _narrowing(wanted: PaymentFilter) -> Condition:
    parts: list[Condition] = []
    if wanted.status:
        parts.append(("s.status = %s", (wanted.status,)))
    if wanted.received_from:
        parts.append(("p.received_at >= %s", (_midnight(wanted.received_from),)))
    if wanted.received_to:
        parts.append(("p.received_at < %s", (_midnight(wanted.received_to + timedelta(days=1)),)))
    if wanted.amount_from is not None:
        parts.append(("p.amount >= %s", (wanted.amount_from,)))
    if wanted.amount_to is not None:
        parts.append(("p.amount <= %s", (wanted.amount_to,)))
    if wanted.batch_id is not None:
        parts.append(("p.batch_id = %s", (wanted.batch_id,)))
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
    for text, meant in meanings or [("true", ())]:
        branches.append(f"""
            select x.* from unnest(%s::bigint[]) as entity(id) cross join lateral (
                select p.received_at, p.id from transactions_payment p
                {"join transactions_paymentstate s on s.payment_id = p.id" if wanted.status else ""}
                where p.entity_id = entity.id and {text}{narrow}{place}
                order by p.{order.replace(", id", ", p.id")} limit {int(size) + 1}) x
        """)  # noqa: S608 - every fragment is a constant of the code
        params += [list(wanted.entity_ids), *meant, *values, *([moment, key] if moment else [])]
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
