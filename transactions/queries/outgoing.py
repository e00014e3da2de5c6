"""Files for the bank: what waits to go in one, and whether a file holds what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from backoffice.common import sql
from backoffice.common.errors import NotThere
from backoffice.common.pages import COUNT_CAP
from transactions.models import Account, OutgoingFault, OutgoingFile, OutgoingItem, Recall, RecallRequest

LEFT_OUT = 100


@dataclass(frozen=True)
class Waiting:
    """Posted payments of one account and execution date that are in no file yet, and when they are put in one; None
    where no cut-off is waited for."""

    account: Account
    currency: str
    execution_date: date
    cut_off_at: datetime | None
    count: int
    sum: Decimal


def waiting(entity_ids: Sequence[int]) -> list[Waiting]:
    """What waits to go in a file, by account and execution date; the oldest ``COUNT_CAP`` payments. Two queries."""
    found = sql.rows(
        """
        with open as materialized (
            select s.payment_id, coalesce(
                (select max(a.given_at) from transactions_paymentapproval a
                 where a.payment_id = s.payment_id and a.withdrawn_at is null), s.changed_at) as released_at
            from transactions_paymentstate s
            join transactions_payment w on w.id = s.payment_id and w.kind not in ('internal', 'incoming', 'card')
            where s.status = 'posted' and s.entity_id = any(%s)
              and not exists (select 1 from transactions_hold h
                              where h.payment_id = s.payment_id and h.lifted_at is null)
              and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
              and not exists (select 1 from transactions_outgoingfault f where f.payment_id = s.payment_id)
            order by s.changed_at limit %s)
        select case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end, p.currency,
               t.execution_date, t.cut_off_at, count(*), sum(p.amount)
        from payment_times((select array_agg(payment_id order by payment_id) from open),
                           (select array_agg(released_at order by payment_id) from open)) t
        join transactions_payment p on p.id = t.payment_id
        where case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end is not null
          and p.kind <> 'internal'
        group by 1, 2, 3, 4 order by 3, 4, 1, 2
        """,
        [list(entity_ids), COUNT_CAP],
    )
    accounts = Account.objects.select_related("entity").in_bulk({row[0] for row in found})
    return [Waiting(accounts[row[0]], *row[1:]) for row in found]


def left_out(entity_ids: Sequence[int]) -> list[OutgoingFault]:
    """The posted payments that go in no file, the newest ``LEFT_OUT``. One query."""
    found = OutgoingFault.objects.filter(payment__entity__in=entity_ids, payment__state__status="posted")
    return list(found.select_related("payment").order_by("-found_at", "-pk")[:LEFT_OUT])


@dataclass(frozen=True)
class Trouble:
    """Sent files that need somebody: not delivered, not certain, not acknowledged in time, waiting for long."""

    failed: int
    unsure: int
    unacknowledged: int
    stuck: int

    @property
    def total(self) -> int:
        return self.failed + self.unsure + self.unacknowledged + self.stuck


# The same in the list and in the figures. "Long" is a quarter of an hour: a channel that works takes seconds.
_TROUBLE = """
    select entity_id, file_id, case when status in ('failed', 'unsure') then status
                                    when status = 'delivered' then 'unacknowledged' else 'stuck' end as word
    from transactions_transmission
    where status in ('failed', 'unsure') or (status = 'delivered' and ack_due_at < now())
       or (status in ('waiting', 'sending') and since < now() - interval '15 minutes')
"""


def trouble(entity_ids: Sequence[int]) -> Trouble:
    """How many sent files need somebody. One query on partial indexes."""
    found = dict(
        sql.rows(
            f"select word, count(*) from ({_TROUBLE}) t where entity_id = any(%s) group by word",  # noqa: S608
            [list(entity_ids)],
        )
    )
    return Trouble(*(found.get(word, 0) for word in ("failed", "unsure", "unacknowledged", "stuck")))


def troubled(entity_ids: Sequence[int]) -> list[int]:
    """The files that :func:`trouble` counts, the newest first, at most a thousand."""
    return [
        row[0]
        for row in sql.rows(
            f"select file_id from ({_TROUBLE}) t where entity_id = any(%s) order by file_id desc limit 1000",  # noqa: S608
            [list(entity_ids)],
        )
    ]


def account(account_id: int, entity_ids: Sequence[int]) -> Account:
    """An account of these entities, or :class:`NotThere`. One query."""
    found = Account.objects.select_related("entity").filter(pk=account_id, entity_id__in=list(entity_ids)).first()
    if found is None:
        raise NotThere("not_there")
    return found


_PAYMENTS = """
    select count(*), coalesce(sum(p.amount), 0) from transactions_outgoingitem i
    join transactions_payment p on p.id = i.payment_id where i.file_id = %s
"""
_COUNTED: dict[str, str] = {
    OutgoingFile.Kind.RECALLS: """
        select count(*), coalesce(sum(p.amount), 0) from transactions_recall r
        join transactions_payment p on p.id = r.payment_id where r.file_id = %s
    """,
    OutgoingFile.Kind.ANSWERS: """
        select count(*), coalesce(sum(i.amount), 0) from transactions_recallrequest q
        join transactions_messageitem i on i.id = q.item_id where q.answer_file_id = %s
    """,
    OutgoingFile.Kind.RETURNS: """
        select count(*), coalesce(sum(p.amount), 0) from transactions_recallrequest q
        join transactions_payment p on p.id = q.payment_id where q.return_file_id = %s
    """,
}


def contents(file: OutgoingFile) -> tuple[QuerySet[Any], str]:
    """What is in a file, and the key of its pages: payments with their items, or cases."""
    if file.kind == OutgoingFile.Kind.RECALLS:
        return Recall.objects.filter(file=file).select_related("payment"), "id"
    if file.kind == OutgoingFile.Kind.ANSWERS:
        return RecallRequest.objects.filter(answer_file=file).select_related("payment", "item"), "id"
    if file.kind == OutgoingFile.Kind.RETURNS:
        return RecallRequest.objects.filter(return_file=file).select_related("payment", "item"), "id"
    return OutgoingItem.objects.filter(file=file).select_related("payment", "payment__state"), "payment"


def counted(file: OutgoingFile) -> tuple[int, Decimal]:
    """How many payments (or cases) are in the file and their sum, to compare with what it says. One query."""
    row = sql.rows(_COUNTED.get(file.kind, _PAYMENTS), [file.pk])[0]
    return int(row[0]), row[1]
