"""Files for the bank: what waits to go in one, and whether a file holds what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backoffice.common import sql
from backoffice.common.errors import NotThere
from backoffice.common.pages import COUNT_CAP
from transactions.models import Account, OutgoingFile


@dataclass(frozen=True)
class Waiting:
    """Posted payments of one account and execution date that are in no file yet."""

    account: Account
    currency: str
    execution_date: date
    count: int
    sum: Decimal


def waiting(entity_ids: Sequence[int]) -> list[Waiting]:
    """What waits to go in a file, by account and execution date; the oldest ``COUNT_CAP`` payments. Two queries."""
    found = sql.rows(
        """
        select case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end, p.currency,
               p.requested_execution_date, count(*), sum(p.amount)
        from (select s.payment_id from transactions_paymentstate s
              join transactions_payment w on w.id = s.payment_id and w.kind not in ('internal', 'incoming', 'card')
              where s.status = 'posted' and s.entity_id = any(%s)
                and not exists (select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)
              order by s.changed_at limit %s) open
        join transactions_payment p on p.id = open.payment_id
        where case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end is not null
          and p.kind <> 'internal'
        group by 1, 2, 3 order by 3, 1, 2
        """,
        [list(entity_ids), COUNT_CAP],
    )
    accounts = Account.objects.select_related("entity").in_bulk({row[0] for row in found})
    return [Waiting(accounts[row[0]], *row[1:]) for row in found]


def account(account_id: int, entity_ids: Sequence[int]) -> Account:
    """An account of these entities, or :class:`NotThere`. One query."""
    found = Account.objects.select_related("entity").filter(pk=account_id, entity_id__in=list(entity_ids)).first()
    if found is None:
        raise NotThere("not_there")
    return found


def counted(file: OutgoingFile) -> tuple[int, Decimal]:
    """How many payments are in the file and their sum, to compare with what it says of itself. One query."""
    row = sql.rows(
        """select count(*), coalesce(sum(p.amount), 0) from transactions_outgoingitem i
           join transactions_payment p on p.id = i.payment_id where i.file_id = %s""",
        [file.pk],
    )[0]
    return int(row[0]), row[1]
