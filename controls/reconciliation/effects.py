"""What follows from matches: payments that were sent are settled, those that came back are returned, and what the bank
kept or moved at another rate is booked. Under the lock of the accounts, inside ``atomic()``.
"""

from collections.abc import Sequence
from typing import Any

from backoffice.common import sql
from backoffice.people.models import User
from transactions.statements import settling

_SENT = """
    select p.payment_id, max(l.value_on)
    from pg_temp.made_matches k
    join controls_matchposting p on p.match_id = k.match_id and p.payment_id is not null
    join transactions_paymentstate s on s.payment_id = p.payment_id and s.status = 'sent'
    join controls_matchline m on m.match_id = k.match_id join transactions_statementline l on l.id = m.line_id
    group by 1 order by 1
"""
# A line that gives back what was settled: the same reference and amount the other way round, of one payment alone.
_BACK = """
    with back as (
        select o.line_id, p.id, l.return_code, l.remittance, l.value_on,
               count(*) over (partition by o.line_id) as of_line, count(*) over (partition by p.id) as of_payment
        from controls_openline o
        join transactions_statementline l on l.id = o.line_id and l.end_to_end_id <> ''
             and (l.return_code <> '' or l.reversal)
        join transactions_payment p on p.end_to_end_id = l.end_to_end_id and p.entity_id = o.entity_id
             and (p.amount, p.currency) = (o.open, o.currency)
        join transactions_paymentstate s on s.payment_id = p.id and s.status = 'settled'
        left join transactions_account d on d.id = p.debtor_account_id
        left join transactions_account c on c.id = p.creditor_account_id
        where o.account_id = any(%s) and o.is_new
          and case p.kind when 'debit' then not o.credit and o.account_id in (c.id, c.counterpart_id)
                          when 'incoming' then false
                          else o.credit and o.account_id in (d.id, d.counterpart_id) end)
    select id, return_code, remittance, value_on from back where of_line = 1 and of_payment = 1 order by 1
"""
_DIFFERENT = """
    select m.id from controls_match m join pg_temp.made_matches k on k.match_id = m.id
    where m.difference <> 0 and m.difference_entry_id is null order by 1
"""


def follow(accounts: Sequence[int], actor: User | None = None) -> bool:
    """Do what follows from the matches just made, and from returns that are open. Whether the books moved."""
    moved = book(actor)
    settled: Any = dict(sql.rows(_SENT))
    refused = settling.settle(settled, actor)
    back = {key: (code[:4] or "NARR", words[:140], day) for key, code, words, day in sql.rows(_BACK, [list(accounts)])}
    stuck = settling.bring_back(back, actor)
    return moved or len(refused) < len(settled) or len(stuck) < len(back)


def book(actor: User | None) -> bool:
    """Book the differences of the matches just made."""
    ids = [row[0] for row in sql.rows(_DIFFERENT)]
    return bool(ids) and bool(sql.rows("select book_differences(%s, %s)", [ids, actor.pk if actor else None])[0][0])
