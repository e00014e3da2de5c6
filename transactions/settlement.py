"""Files for the bank and the clearing: by account and execution date at the cut-off, sent once, confirmed.

A payment goes in one file only: the key of ``OutgoingItem`` is the payment. Locks: states, then balances, then the
file. Preparing, sending and confirming are safe twice and from several hands at once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, NotThere, sentence
from backoffice.people import access
from backoffice.people.models import User
from documents import attachments, trail
from transactions import ledger, outgoing
from transactions.channels import receipts, sending
from transactions.intake.rows import Problem
from transactions.models import Account, OutgoingFile, PaymentState
from transactions.recalls import asking
from transactions.writers import pacs004, pacs008, pain001, pain008, validity

log = structlog.get_logger(__name__)
MOST_IN_A_FILE = 25_000

# What is posted and in no file, by account, the day it goes and the cut-off until which it was released: the moment of
# its last approval counts, or where nobody approved, that of its posting.
_WAITING = """
    with waiting as materialized (
        select s.payment_id, p.kind,
               case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end as account_id,
               coalesce((select max(a.given_at) from transactions_paymentapproval a
                         where a.payment_id = s.payment_id and a.withdrawn_at is null), s.changed_at) as released_at
        from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
        where s.status = 'posted' and p.kind <> 'internal' and (p.kind = 'instant') = any(%s)
          and not exists (select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
          and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
          and not exists (select 1 from transactions_outgoingfault f where f.payment_id = s.payment_id)
    ), times as materialized (
        select t.* from payment_times(
            (select array_agg(payment_id order by payment_id) from waiting where account_id is not null),
            (select array_agg(released_at order by payment_id) from waiting where account_id is not null)) t
    )
    select w.account_id, t.execution_date,
           case w.kind when 'debit' then 'pain008' when 'instant' then 'instant' else a.message_format end,
           t.cut_off_at, array_agg(w.payment_id order by w.payment_id)
    from waiting w join times t using (payment_id) join transactions_account a on a.id = w.account_id
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
WAITING_INSTANT = """
    select p.debtor_account_id, p.requested_execution_date
    from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
    where s.status = 'posted' and p.kind = 'instant' and p.debtor_account_id is not null
      and not exists (select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
      and not exists (select 1 from transactions_outgoingfault f where f.payment_id = s.payment_id)
    group by 1, 2 order by 1, 2
"""
_TAKE = """
    select s.payment_id from transactions_paymentstate s
    where s.status = 'posted' and s.payment_id = any(%(ids)s)
      and not exists (select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
      and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
      and not exists (select 1 from transactions_outgoingfault f where f.payment_id = s.payment_id)
    order by s.payment_id limit %(most)s for update of s skip locked
"""
_AGAIN = """
    delete from transactions_outgoingfault f using transactions_payment p, transactions_paymentstate s
    where p.id = f.payment_id and s.payment_id = p.id and s.status = 'posted'
      and case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end = %(account)s
"""
_LEFT_OUT = """
    with kept as (
        insert into transactions_outgoingfault (payment_id, code, params, found_at)
        select k.id, k.code, k.params, clock_timestamp()
        from unnest(%(ids)s::bigint[], %(codes)s::text[], %(params)s::jsonb[]) as k(id, code, params)
        returning payment_id, code, params)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
    select p.entity_id, 'payment', p.id, 'payment.left_out', %(actor)s,
           json_build_object('code', k.code, 'params', k.params)::text
    from kept k join transactions_payment p on p.id = k.payment_id order by p.id
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
                else p.service_level end as service_level,
           (select json_object_agg(b.side, json_build_object('born_on', coalesce(b.born_on::text, ''), 'province',
                                   b.province, 'town', b.town, 'country', b.country))::text
            from transactions_paymentbirth b where b.payment_id = p.id) as births
    from transactions_payment p where p.id = any(%s) order by p.id
"""


@dataclass(frozen=True)
class Group:
    """Payments that go in one file: of one account, released by one cut-off (None: they have none), on one day."""

    account_id: int
    execution_date: date
    kind: str
    cut_off_at: datetime | None
    ids: list[int]


def _waiting(*, instant: Sequence[bool] = (True, False)) -> list[Group]:
    """``instant``: transfers that go at any hour, the others, or both."""
    return [Group(*row) for row in sql.rows(_WAITING, [list(instant)])]


def prepare_due(now: datetime | None = None) -> list[OutgoingFile]:
    """Prepare what has reached its cut-off, by account and execution date. Called every minute."""
    moment = now or timezone.now()
    groups = [
        group for group in _waiting(instant=[False]) if group.cut_off_at is None or group.cut_off_at <= moment
    ]  # fmt: skip
    accounts = Account.objects.select_related("entity", "owner").in_bulk({group.account_id for group in groups})
    return [file for group in groups for file in _prepare(accounts[group.account_id], group, actor=None)]


def prepare(*, account: Account, actor: User) -> list[OutgoingFile]:
    """Prepare what waits of one account now, before its cut-off: one file for each execution date and cut-off.

    What was left out before, because the bank would have refused the file with it, is tried once more.
    """
    access.demand(actor, "outgoing.send", account.entity_id)
    sql.run(_AGAIN, {"account": account.pk})
    groups = [group for group in _waiting() if group.account_id == account.pk]
    return [file for group in groups for file in _prepare(account, group, actor=actor)]


def _prepare(account: Account, group: Group, *, actor: User | None) -> list[OutgoingFile]:
    made: list[OutgoingFile] = []
    while True:
        with transaction.atomic():
            ids = [row[0] for row in sql.rows(_TAKE, {"ids": group.ids, "most": MOST_IN_A_FILE})]
            if not ids:
                return made
            try:
                file = _write(account, group, ids, actor)
            except _Unfit as unfit:
                why = unfit.faults[validity.FILE]
                log.exception("outgoing.unwritable", account=account.pk, kind=group.kind)
                if actor is not None:
                    raise BusinessError("outgoing.unwritable", why=sentence(why.code, why.params)) from None
                return made
            made += [file] if file is not None else []


def _execution(group: Group, today: date) -> date:
    """The day the file is for, never a closed one: a file that no worker made in time goes by the next cut-off."""
    if group.execution_date >= today:
        return group.execution_date
    again = "select max(execution_date) from payment_times(%s::bigint[], array[now()])"
    found: date = sql.rows(again, [group.ids])[0][0]
    return found


class _Unfit(Exception):
    """The bank would refuse this file: which payments are at fault, and why."""

    def __init__(self, faults: dict[str, Problem]) -> None:
        self.faults = faults


def _write(account: Account, group: Group, ids: Sequence[int], actor: User | None) -> OutgoingFile | None:
    """A file that its schema accepts: payments that would spoil it are left out, on record. None without any left.

    Raises :class:`_Unfit` when the fault is in no payment, but in what is ours.
    """
    left = list(ids)
    while left:
        try:
            with transaction.atomic():
                return _whole_file(account, group, left, actor)
        except _Unfit as unfit:
            if validity.FILE in unfit.faults:
                raise
            left = [key for key in left if f"P{key}" not in unfit.faults]
            _leave_out({int(name[1:]): why for name, why in unfit.faults.items()}, actor)
    return None


def _leave_out(faults: dict[int, Problem], actor: User | None) -> None:
    """Keep why these payments go in no file, with a record of each. One query."""
    sql.run(
        _LEFT_OUT,
        {
            "ids": list(faults), "codes": [why.code for why in faults.values()],
            "params": [json.dumps(why.params) for why in faults.values()], "actor": actor and actor.pk,
        },
    )  # fmt: skip


def _whole_file(account: Account, group: Group, ids: Sequence[int], actor: User | None) -> OutgoingFile:
    at, kind = outgoing.moment(account), group.kind
    rows = _rows(kind, ids)
    total = sum((row.amount for row in rows), start=rows[0].amount * 0)
    day = _execution(group, at.today)
    file = outgoing.begin(account=account, kind=kind, at=at, day=day, count=len(ids), total=total)
    content, blocks = _content(file, at.written, rows)
    if faults := validity.faults(content):
        raise _Unfit(faults)
    outgoing.keep(file, content, actor)
    placed = {int(row.instruction_id[1:]): number for number, members in enumerate(blocks, start=1) for row in members}
    sql.run(
        "insert into transactions_outgoingitem (payment_id, file_id, block) "
        "select key, %s, block from unnest(%s::bigint[], %s::int[]) as k(key, block)",
        [file.pk, list(placed), list(placed.values())],
    )
    outgoing.record_prepared(file, actor)
    return file


def _rows(kind: str, ids: Sequence[int]) -> list[Any]:
    """What the writer of this kind of file takes."""
    if kind == OutgoingFile.Kind.COLLECTIONS:
        found = sql.dicts(_COLLECTIONS, [list(ids)])
        return [pain008.Debit(**{**row, "amendment": json.loads(row["amendment"])}) for row in found]
    return [
        pain001.Transfer(**{**row, "address": json.loads(row["address"]), "births": json.loads(row["births"] or "{}")})
        for row in sql.dicts(_ROWS, [list(ids)])
    ]


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
    if file.kind == OutgoingFile.Kind.INTERBANK:
        between = pacs008.Order(
            message_id=file.message_id, created_at=created_at, debtor_name=name, debtor_number=account.number,
            debtor_bic=account.bic,
            settlement=pacs004.Settlement(account.settlement_method, file.execution_date, account.clearing_system),
        )  # fmt: skip
        return pacs008.write(between, rows), pacs008.blocks(rows)
    order = pain001.Order(
        message_id=file.message_id, created_at=created_at, execution_date=file.execution_date, debtor_name=name,
        debtor_number=account.number, debtor_bic=account.bic, debtor_currency=account.currency,
    )  # fmt: skip
    return pain001.write(order, rows), pain001.blocks(rows)


def _lock(file_id: int) -> tuple[OutgoingFile, list[int]]:
    """The file and its payments, their states (or its recalls) locked first. Inside ``atomic()``."""
    ids = [row[0] for row in sql.rows("select payment_id from transactions_outgoingitem where file_id = %s", [file_id])]
    sql.run("select 1 from transactions_paymentstate where payment_id = any(%s) order by payment_id for update", [ids])
    sql.run("select 1 from transactions_recall where file_id = %s order by id for update", [file_id])
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


# A check looked again after they were posted, and stopped them.
_HELD = "select 1 from transactions_hold where payment_id = any(%s) and lifted_at is null limit 1"
# Their time runs from here: transactions/instant.py.
_INSTANT_SENT = """
    update transactions_instanttransfer t set status = 'sent', sent_at = clock_timestamp()
    from transactions_outgoingitem i where i.file_id = %s and i.payment_id = t.payment_id and t.status = 'approved'
"""


def send(*, file_id: int, actor: User) -> OutgoingFile:
    """Hand a prepared file to the bank, once: its payments or recalls become sent. Sent before: :class:`Conflict`.

    Refused where a payment in it does not wait any more (``outgoing.not_whole``): it is given up (:func:`void`).
    It goes by the channel of its account (a worker carries it out: ``transactions.transmit``). Without a channel it
    appears whole in the folder ``outgoing`` of the state, from where the bank's connector takes it.
    """
    with transaction.atomic():
        file, ids = _lock(file_id)
        access.demand(actor, "outgoing.send", file.entity_id)
        if file.status != OutgoingFile.Status.PREPARED or file.attachment is None:
            raise Conflict("outgoing.sent_before", message_id=file.message_id)
        _hand_over(file, ids, actor)
    return file


def prepare_instant(now: datetime | None = None) -> list[OutgoingFile]:
    """Prepare the instant transfers whose day has come, at any hour: a file an account for all that are posted."""
    groups = _waiting(instant=[True])
    accounts = Account.objects.select_related("entity", "owner").in_bulk({group.account_id for group in groups})
    return [
        file
        for group in groups
        if group.execution_date <= outgoing.moment(accounts[group.account_id], now).today
        for file in _prepare(accounts[group.account_id], group, actor=None)
    ]


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
    if file.kind == OutgoingFile.Kind.RECALLS:
        assert actor is not None  # noqa: S101 - people send recalls
        asking.sent(file, actor)
    if not file.of_cases and not _whole(file, ids):
        raise Conflict("outgoing.not_whole", message_id=file.message_id)
    if not file.of_cases and sql.rows(_HELD, [list(ids)]):
        raise Conflict("outgoing.held", message_id=file.message_id)
    file.status, file.sent_at, file.sent_by = OutgoingFile.Status.SENT, timezone.now(), actor
    file.save(update_fields=["status", "sent_at", "sent_by"])
    if not file.of_cases:
        sql.run(_SENT, {"ids": list(ids), "actor": actor and actor.pk, "data": data})
    if file.kind == OutgoingFile.Kind.INSTANT:
        sql.run(_INSTANT_SENT, [file.pk])
    way = sending.assign(file)
    trail.record(
        "outgoing.sent", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
        data={"message_id": file.message_id, **({"channel": way.channel.name} if way else {})},
    )  # fmt: skip
    if way is None:
        outgoing.drop(file.message_id, attachments.read(file.attachment))


def _whole(file: OutgoingFile, ids: Sequence[int]) -> bool:
    """All that the file's bytes order still waits to be sent: nothing of it was settled or returned. Locked before."""
    waiting = PaymentState.objects.filter(pk__in=list(ids), status=PaymentState.Status.POSTED).count()
    return waiting == len(ids) == file.payment_count


def void(*, file_id: int, actor: User, reason: str) -> OutgoingFile:
    """Give a prepared file up, with a reason: it is never sent, and those of its payments that still wait go in the
    next one. Files of recalls and of answers stay (``outgoing.of_cases``); sent before: :class:`Conflict`.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        file, _ids = _lock(file_id)
        access.demand(actor, "outgoing.send", file.entity_id)
        if file.of_cases:
            raise BusinessError("outgoing.of_cases", message_id=file.message_id)
        if file.status != OutgoingFile.Status.PREPARED:
            raise Conflict("outgoing.not_prepared", message_id=file.message_id)
        freed = sql.rows("select void_file(%s)", [file.pk])[0][0]
        file.status = OutgoingFile.Status.VOID
        trail.record(
            "outgoing.voided", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
            reason=reason.strip()[:500], data={"message_id": file.message_id, "payments": freed},
        )  # fmt: skip
    return file


def confirm(*, file_id: int, actor: User, value_date: date) -> OutgoingFile:
    """The bank has executed the file: its sent payments are settled in the books with that value date."""
    with transaction.atomic():
        file, ids = _lock(file_id)
        access.demand(actor, "payment.settle", file.entity_id)
        if file.status == OutgoingFile.Status.PREPARED:
            raise BusinessError("outgoing.not_sent", message_id=file.message_id)
        if file.of_cases:
            raise BusinessError("outgoing.nothing_to_settle", message_id=file.message_id)
        if file.status in {OutgoingFile.Status.SETTLED, OutgoingFile.Status.REJECTED}:
            raise Conflict("outgoing.confirmed_before", message_id=file.message_id)
        refused = ledger.settle(ids, actor, value_date)
        stuck = {code for code in refused.values() if code not in {"already_settled"}}
        if stuck:
            raise BusinessError(f"payment.{sorted(stuck)[0]}")
        file.status = OutgoingFile.Status.SETTLED
        file.save(update_fields=["status"])
        receipts.by_file(entity_id=file.entity_id, message_id=file.message_id, by="settlement")
        trail.record(
            "outgoing.confirmed", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
            data={"message_id": file.message_id, "value_date": value_date},
        )  # fmt: skip
    return file
