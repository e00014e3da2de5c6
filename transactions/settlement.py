"""Files for the bank, transfers and collections: by account and execution date at the cut-off, sent once, confirmed.

A payment goes in one file only: the key of ``OutgoingItem`` is the payment. Locks: states, then balances, then the
file. Preparing, sending and confirming are safe twice and from several hands at once.
"""

import json
import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import attachments, trail
from transactions import ledger
from transactions.models import Account, OutgoingFile
from transactions.writers import pain001, pain008

MOST_IN_A_FILE = 25_000

_WAITING = """
    select case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end,
           p.requested_execution_date,
           case p.kind when 'debit' then 'pain008' when 'instant' then 'instant' else 'pain001' end
    from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
    where s.status = 'posted' and p.kind <> 'internal'
      and case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end is not null
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
    group by 1, 2, 3 order by 1, 2, 3
"""
WAITING_INSTANT = """
    select p.debtor_account_id, p.requested_execution_date
    from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
    where s.status = 'posted' and p.kind = 'instant' and p.debtor_account_id is not null
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
    group by 1, 2 order by 1, 2
"""
_TAKE = """
    select s.payment_id from transactions_paymentstate s
    where s.status = 'posted' and s.payment_id in (
        select p.id from transactions_payment p
        where p.debtor_account_id = %(account)s and p.requested_execution_date = %(day)s
          and p.kind <> 'internal' and (p.kind = 'instant') = %(instant)s)
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
    order by s.payment_id limit %(most)s for update of s skip locked
"""
_TAKE_COLLECTIONS = """
    select s.payment_id from transactions_paymentstate s
    where s.status = 'posted' and s.payment_id in (
        select p.id from transactions_payment p
        where p.creditor_account_id = %(account)s and p.requested_execution_date = %(day)s and p.kind = 'debit')
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
    order by s.payment_id limit %(most)s for update of s skip locked
"""
_COLLECTIONS = """
    select 'P' || p.id as instruction_id, p.end_to_end_id, p.amount, p.currency, p.debtor_name, p.debtor_number,
           p.debtor_bic, p.uetr, p.remittance, p.creditor_reference, p.purpose, p.charge_bearer, p.ultimate_debtor,
           c.mandate_reference, coalesce(c.signed_on, m.signed_on) as signed_on, c.sequence, c.scheme,
           c.creditor_scheme_id, c.amendment::text as amendment
    from transactions_payment p join transactions_collection c on c.payment_id = p.id
    left join transactions_mandate m on m.entity_id = c.entity_id and m.creditor_scheme_id = c.creditor_scheme_id
        and m.reference = c.mandate_reference
    where p.id = any(%s) order by p.id
"""
_ROWS = """
    select 'P' || p.id as instruction_id, p.end_to_end_id, p.amount, p.currency, p.creditor_name, p.creditor_number,
           p.creditor_bic, p.creditor_address::text as address, p.uetr, p.remittance, p.creditor_reference, p.purpose,
           p.category_purpose, case p.kind when 'instant' then 'INST' else p.local_instrument end as local_instrument,
           p.charge_bearer, p.ultimate_debtor, p.ultimate_creditor,
           case when p.kind in ('sepa', 'instant') and p.service_level = '' then 'SEPA'
                else p.service_level end as service_level
    from transactions_payment p where p.id = any(%s) order by p.id
"""


def _cut_off(account: Account, day: date, kind: str) -> datetime | None:
    """When the files of an execution date close; None when the account has no cut-off and files go at once.

    Collections reach the debtor's bank a banking day before.
    """
    if account.cut_off is None or kind == OutgoingFile.Kind.INSTANT:
        return None
    if kind == OutgoingFile.Kind.COLLECTIONS:
        day -= timedelta(days=1)
        while not calendars.is_open(day):
            day -= timedelta(days=1)
    return datetime.combine(day, account.cut_off, ZoneInfo(account.entity.time_zone))


def prepare_due(now: datetime | None = None) -> list[OutgoingFile]:
    """Prepare what has reached its cut-off, by account and execution date. Called every minute."""
    moment = now or timezone.now()
    made: list[OutgoingFile] = []
    waiting = [row for row in sql.rows(_WAITING) if row[2] != OutgoingFile.Kind.INSTANT]
    accounts = Account.objects.select_related("entity", "owner").in_bulk({row[0] for row in waiting})
    for account_id, day, kind in waiting:
        closes = _cut_off(accounts[account_id], day, kind)
        if closes is None or closes <= moment:
            made.extend(_prepare(accounts[account_id], day, kind, actor=None))
    return made


def prepare(*, account: Account, actor: User) -> list[OutgoingFile]:
    """Prepare what waits of one account now, before its cut-off: one file for each execution date."""
    access.demand(actor, "outgoing.send", account.entity_id)
    waiting = [(day, kind) for account_id, day, kind in sql.rows(_WAITING) if account_id == account.pk]
    return [file for day, kind in waiting for file in _prepare(account, day, kind, actor=actor)]


def _prepare(account: Account, day: date, kind: str, *, actor: User | None) -> list[OutgoingFile]:
    made: list[OutgoingFile] = []
    taken = {"account": account.pk, "day": day, "most": MOST_IN_A_FILE}
    take = _TAKE_COLLECTIONS if kind == OutgoingFile.Kind.COLLECTIONS else _TAKE
    while True:
        with transaction.atomic():
            ids = [
                row[0]
                for row in sql.rows(take, {**taken, "instant": kind == OutgoingFile.Kind.INSTANT})
            ]  # fmt: skip
            if not ids:
                return made
            made.append(_write(account, day, kind, ids, actor))


def _write(account: Account, day: date, kind: str, ids: Sequence[int], actor: User | None) -> OutgoingFile:
    now = timezone.now()
    today = now.astimezone(ZoneInfo(account.entity.time_zone)).date()
    # Instant transfers are executed on every day of the year.
    execution = max(day, today) if kind == OutgoingFile.Kind.INSTANT else calendars.next_open_day(max(day, today))
    rows = _rows(kind, ids)
    total = sum((row.amount for row in rows), start=rows[0].amount * 0)
    file = OutgoingFile.objects.create(
        entity_id=account.entity_id, kind=kind, account=account, message_id=uuid4().hex, execution_date=execution,
        payment_count=len(ids), control_sum=total, currency=account.currency, prepared_at=now,
    )  # fmt: skip
    # The last part keeps it unique when numbers start anew, in a database that was set up again.
    file.message_id = f"BO-{today:%Y%m%d}-{file.pk:08d}-{file.message_id[:6]}"
    content, blocks = _content(file, now.replace(tzinfo=None, microsecond=0), rows)
    file.attachment = attachments.store(
        content=content, name=f"{file.message_id}.xml", content_type="application/xml",
        entity_id=account.entity_id, actor=actor,
    )  # fmt: skip
    file.save(update_fields=["message_id", "attachment"])
    placed = {int(row.instruction_id[1:]): number for number, members in enumerate(blocks, start=1) for row in members}
    sql.run(
        "insert into transactions_outgoingitem (payment_id, file_id, block) "
        "select key, %s, block from unnest(%s::bigint[], %s::int[]) as k(key, block)",
        [file.pk, list(placed), list(placed.values())],
    )
    trail.record(
        "outgoing.prepared", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
        data={"message_id": file.message_id, "payments": len(ids), "sum": total, "sha256": file.attachment.sha256},
    )  # fmt: skip
    return file


def _rows(kind: str, ids: Sequence[int]) -> list[Any]:
    """What the writer of this kind of file takes."""
    if kind == OutgoingFile.Kind.COLLECTIONS:
        found = sql.dicts(_COLLECTIONS, [list(ids)])
        return [pain008.Debit(**{**row, "amendment": json.loads(row["amendment"])}) for row in found]
    return [pain001.Transfer(**{**row, "address": json.loads(row["address"])}) for row in sql.dicts(_ROWS, [list(ids)])]


def _content(file: OutgoingFile, created_at: datetime, rows: list[Any]) -> tuple[bytes, list[Any]]:
    """The bytes of the file and its blocks, in their order."""
    account = file.account
    name = account.owner.name if account.owner else account.entity.name
    if file.kind == OutgoingFile.Kind.COLLECTIONS:
        collecting = pain008.Order(
            message_id=file.message_id, created_at=created_at, collection_date=file.execution_date, creditor_name=name,
            creditor_number=account.number, creditor_bic=account.bic, creditor_currency=account.currency,
        )  # fmt: skip
        return pain008.write(collecting, rows), pain008.blocks(rows)
    order = pain001.Order(
        message_id=file.message_id, created_at=created_at, execution_date=file.execution_date, debtor_name=name,
        debtor_number=account.number, debtor_bic=account.bic, debtor_currency=account.currency,
    )  # fmt: skip
    return pain001.write(order, rows), pain001.blocks(rows)


def _lock(file_id: int) -> tuple[OutgoingFile, list[int]]:
    """The file and its payments, their states locked first. Inside ``atomic()``."""
    ids = [row[0] for row in sql.rows("select payment_id from transactions_outgoingitem where file_id = %s", [file_id])]
    sql.run("select 1 from transactions_paymentstate where payment_id = any(%s) order by payment_id for update", [ids])
    file = OutgoingFile.objects.select_for_update(of=("self",)).select_related("attachment").filter(pk=file_id).first()
    if file is None:
        raise NotThere("not_there")
    return file, ids


_SENT = """
    with moved as (
        update transactions_paymentstate set status = 'sent', version = version + 1, changed_at = clock_timestamp()
        where payment_id = any(%(ids)s) and status = 'posted' returning payment_id, entity_id)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
    select entity_id, 'payment', payment_id, 'payment.sent', %(actor)s, %(data)s from moved order by payment_id
"""


# Their time runs from here: transactions/instant.py.
_INSTANT_SENT = """
    update transactions_instanttransfer t set status = 'sent', sent_at = clock_timestamp()
    from transactions_outgoingitem i where i.file_id = %s and i.payment_id = t.payment_id and t.status = 'approved'
"""


def send(*, file_id: int, actor: User) -> OutgoingFile:
    """Hand a prepared file to the bank, once: its payments become sent. Sent before: :class:`Conflict`.

    The file appears whole in the folder ``outgoing`` of the state, from where the bank's connector takes it.
    """
    with transaction.atomic():
        file, ids = _lock(file_id)
        access.demand(actor, "outgoing.send", file.entity_id)
        if file.status != OutgoingFile.Status.PREPARED or file.attachment is None:
            raise Conflict("outgoing.sent_before", message_id=file.message_id)
        _hand_over(file, ids, actor)
    return file


def prepare_instant(account: Account, day: date) -> list[OutgoingFile]:
    """Prepare the instant transfers of an account and date, at any hour; a file for all that are posted by now."""
    return _prepare(account, day, OutgoingFile.Kind.INSTANT, actor=None)


def send_instant(file_id: int) -> bool:
    """Hand a file of instant transfers over without waiting for anybody: its payments were approved for just that.

    Inside ``atomic()``. False when somebody else has sent it meanwhile.
    """
    file, ids = _lock(file_id)
    if file.kind != OutgoingFile.Kind.INSTANT or file.status != OutgoingFile.Status.PREPARED:
        return False
    _hand_over(file, ids, None)
    return True


def _hand_over(file: OutgoingFile, ids: Sequence[int], actor: User | None) -> None:
    assert file.attachment is not None  # noqa: S101 - a prepared file has its bytes
    data = trail.encode({"file": file.pk, "message_id": file.message_id})
    sql.run(_SENT, {"ids": list(ids), "actor": actor and actor.pk, "data": data})
    if file.kind == OutgoingFile.Kind.INSTANT:
        sql.run(_INSTANT_SENT, [file.pk])
    file.status, file.sent_at, file.sent_by = OutgoingFile.Status.SENT, timezone.now(), actor
    file.save(update_fields=["status", "sent_at", "sent_by"])
    trail.record(
        "outgoing.sent", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
        data={"message_id": file.message_id},
    )  # fmt: skip
    _drop(file.message_id, attachments.read(file.attachment))


def _drop(message_id: str, content: bytes) -> None:
    """Put the bytes where the connector takes them, whole and once, also when a crash made us try again.

    ``kept`` holds a second name of each file that was ever put there: what is in ``kept`` and no longer waits in
    ``writing`` was delivered before.
    """
    folder = Path(settings.STATE_DIR) / "outgoing"
    kept, writing = folder / "kept" / f"{message_id}.xml", folder / "writing" / f"{message_id}.xml"
    for place in (kept.parent, writing.parent):
        place.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        with writing.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(writing, kept)
    if writing.exists():
        writing.rename(folder / f"{message_id}.xml")


def confirm(*, file_id: int, actor: User, value_date: date) -> OutgoingFile:
    """The bank has executed the file: its sent payments are settled in the books with that value date."""
    with transaction.atomic():
        file, ids = _lock(file_id)
        access.demand(actor, "payment.settle", file.entity_id)
        if file.status == OutgoingFile.Status.PREPARED:
            raise BusinessError("outgoing.not_sent", message_id=file.message_id)
        if file.status in {OutgoingFile.Status.SETTLED, OutgoingFile.Status.REJECTED}:
            raise Conflict("outgoing.confirmed_before", message_id=file.message_id)
        refused = ledger.settle(ids, actor, value_date)
        stuck = {code for code in refused.values() if code not in {"already_settled"}}
        if stuck:
            raise BusinessError(f"payment.{sorted(stuck)[0]}")
        file.status = OutgoingFile.Status.SETTLED
        file.save(update_fields=["status"])
        trail.record(
            "outgoing.confirmed", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
            data={"message_id": file.message_id, "value_date": value_date},
        )  # fmt: skip
    return file
