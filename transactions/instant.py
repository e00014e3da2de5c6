"""Instant transfers: limits of the customer, sent at once, watched until the bank has answered.

Sources: Reg. (EU) 260/2012 art. 5a to 5d as inserted by Reg. (EU) 2024/886: in the payee's account within 10 seconds,
at any hour of any day; no cut-off; limits are the customer's own. An instant transfer goes in a file of its own right
after its posting. When the bank does not answer in time nobody knows whether it was executed: it waits for an answer
with its funds in transit, and is never sent again by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions import settlement
from transactions.models import Account, InstantLimit, OutgoingFile

# How long the bank has, from the file in its hands to its answer.
ANSWER_WITHIN = timedelta(seconds=10)

_LOCK = """
    select 1 from transactions_instantlimit
    where account_id in (select debtor_account_id from transactions_payment where id = any(%s))
    order by account_id for update
"""
_JUDGE = """
    with asked as (
        select p.id, p.debtor_account_id as account, p.amount, l.one_amount, l.day_amount,
               (clock_timestamp() at time zone e.time_zone)::date as day
        from transactions_payment p join people_entity e on e.id = p.entity_id
        join transactions_instantlimit l on l.account_id = p.debtor_account_id
        where p.id = any(%(ids)s)),
    spent as (
        select account, instant_spent(account, day, %(ids)s) as total from asked group by account, day)
    select a.id, a.account, a.amount, a.one_amount, a.day_amount, s.total
    from asked a join spent s on s.account = a.account order by a.id
"""
_COUNT = """
    insert into transactions_instanttransfer (payment_id, account_id, amount, day, status, approved_at)
    select p.id, p.debtor_account_id, p.amount, (clock_timestamp() at time zone e.time_zone)::date, 'approved',
           clock_timestamp()
    from transactions_payment p join people_entity e on e.id = p.entity_id
    where p.id = any(%s) order by p.debtor_account_id, p.id
    on conflict (payment_id) do update
        set day = excluded.day, status = 'approved', approved_at = excluded.approved_at, sent_at = null,
            answered_at = null
"""
_UNANSWERED = """
    with late as (
        update transactions_instanttransfer t set status = 'unanswered', unanswered_at = clock_timestamp()
        where status = 'sent' and sent_at < %(moment)s
        returning t.payment_id)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
    select p.entity_id, 'payment', p.id, 'payment.unanswered', '{"seconds":10}'
    from late join transactions_payment p on p.id = late.payment_id order by p.id
"""
_ANSWERED = """
    update transactions_instanttransfer t set status = 'answered', answered_at = clock_timestamp()
    from transactions_paymentstate s
    where s.payment_id = t.payment_id and s.status in ('settled', 'returned') and t.status in ('sent', 'unanswered')
"""


def judge(ids: Sequence[int]) -> dict[int, str]:
    """Which of these payments go beyond what their customer allows, and why. Inside ``atomic()``.

    Locks the limits, so that what is approved elsewhere at the same time waits and is then counted. Where all of an
    account's do not fit together, they are taken in the order of their numbers.
    """
    sql.run(_LOCK, [list(ids)])
    refused: dict[int, str] = {}
    totals: dict[int, Decimal] = {}
    for key, account, amount, one_amount, day_amount, total in sql.rows(_JUDGE, {"ids": list(ids)}):
        so_far = totals.setdefault(account, total)
        if one_amount is not None and amount > one_amount:
            refused[key] = "payment.instant_one"
        elif day_amount is not None and so_far + amount > day_amount:
            refused[key] = "payment.instant_day"
        else:
            totals[account] = so_far + amount
    return refused


def count(ids: Sequence[int]) -> None:
    """These payments are approved: they count for the day, and their time runs. The database sums once more."""
    sql.run(_COUNT, [list(ids)])


def send_due(now: datetime | None = None) -> list[int]:
    """Prepare and send what is posted and whose day has come, in files of their own; the files that were sent.

    Asked right after posting and by the clock. Preparing commits first: a crash in between sends the same file, which
    the bank's folder knows, never another one.
    """
    settlement.prepare_instant(now)
    found = OutgoingFile.objects.filter(kind=OutgoingFile.Kind.INSTANT, status=OutgoingFile.Status.PREPARED)
    sent = []
    for file_id in found.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            if settlement.send_instant(file_id):
                sent.append(file_id)
                enqueue("transactions.watch_instant", countdown=ANSWER_WITHIN.total_seconds() + 1)
    return sent


def watch(now: datetime | None = None) -> int:
    """What the bank did not answer in time waits in its queue from now on; how many are new there."""
    with transaction.atomic():
        sql.run(_ANSWERED)  # by hand meanwhile
        return sql.run(_UNANSWERED, {"moment": (now or timezone.now()) - ANSWER_WITHIN})


def answered(ids: Sequence[int]) -> None:
    """The bank has answered these payments: those whose books moved are over. Inside ``atomic()``."""
    sql.run(f"{_ANSWERED} and t.payment_id = any(%s)", [list(ids)])


def set_limit(
    *, actor: User, account_id: int, one_amount: Decimal | None, day_amount: Decimal | None, reason: str
) -> InstantLimit:
    """What the customer asked for: the most of one instant transfer and of a day; None: no limit.

    Counts at once, also for what waits for its approval. Locks the limit.
    """
    with transaction.atomic():
        account = Account.objects.filter(pk=account_id).first()
        if account is None or not access.can(actor, "account.view", account.entity_id):
            raise NotThere("not_there")
        access.demand(actor, "account.manage", account.entity_id)
        if account.kind not in {Account.Kind.CUSTOMER, Account.Kind.BANK}:
            raise BusinessError("instant.account_other", code=account.code)
        if not reason.strip():
            raise BusinessError("account.reason_missing")
        fields = {
            name: None if amount is None else (money.parse(amount, account.currency) if amount else Decimal(0))
            for name, amount in (("one_amount", one_amount), ("day_amount", day_amount))
        }
        InstantLimit.objects.get_or_create(account=account)
        limit = InstantLimit.objects.select_for_update().get(pk=account.pk)
        before = {name: getattr(limit, name) for name in fields}
        for name, amount in fields.items():
            setattr(limit, name, amount)
        limit.set_by = limit._history_user = actor  # type: ignore[attr-defined]
        limit.save()
        trail.record(
            "account.instant_limited", subject_type="account", subject_id=account.pk, entity_id=account.entity_id,
            actor=actor, reason=reason.strip()[:500],
            data={"before": _plain(before), "after": _plain(fields), "currency": account.currency},
        )  # fmt: skip
    return limit


def _plain(fields: dict[str, Any]) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in fields.items()}


def spent(account: Account) -> Decimal:
    """What was approved by instant transfers today, in the day of the entity. One query."""
    entity = Entity.objects.get(pk=account.entity_id)
    today = timezone.now().astimezone(ZoneInfo(entity.time_zone)).date()
    return Decimal(sql.rows("select instant_spent(%s, %s, '{}')", [account.pk, today])[0][0])
