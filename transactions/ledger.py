"""The books: the only writer of entries, postings and balances, by the SQL functions of transactions/sql.

Every function takes many payments and is safe twice; what cannot be done is answered with a code, never by an
exception that loses the rest. Locks: states, then balances, each by ascending key. Codes are ISO 20022 reasons where
one fits; their sentences are ``payment.<code>`` in errors.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from backoffice.common import money, sql
from backoffice.people.models import User
from transactions.models import Account, JournalEntry

_Calls = Mapping[str, tuple[str, Sequence[object]]]


def _refused(call: str, params: Sequence[object]) -> dict[int, str]:
    if not connection.in_atomic_block:
        raise RuntimeError("the books move inside a transaction")
    return dict(sql.rows(f"select payment_id, code from {call}", params))  # noqa: S608 - constants below


def _of_others(refused: dict[int, str], code: str, calls: _Calls) -> dict[int, str]:
    """What comes in has no debtor's account here, so that the functions of payments refuse it with ``code``: each kind
    goes to the function of its own. Asked only when something was refused so."""
    asked = [key for key, why in refused.items() if why == code]
    if not asked:
        return refused
    found = "select id, kind from transactions_payment where id = any(%s) and kind = any(%s) order by id"
    kinds = dict(sql.rows(found, [asked, list(calls)]))
    answers = {key: why for key, why in refused.items() if key not in kinds}
    for kind, (call, params) in calls.items():
        ids = [key for key, of in kinds.items() if of == kind]
        if ids:
            answers |= _refused(call, [ids, *params])
    return answers


def reserve(ids: Sequence[int]) -> dict[int, str]:
    """Hold the funds of validated payments on their accounts. Refused: AM04 (funds), AC01 to AC07, AM03.
    What comes in takes nothing of ours: its accounts are looked at instead.

    Where all do not fit together, they are taken in the order of their numbers.
    """
    refused = _refused("reserve_funds(%s)", [list(ids)])
    calls: _Calls = {
        "debit": ("clear_collections(%s)", []),
        "incoming": ("clear_receipts(%s)", []),
        "card": ("clear_cards(%s)", []),
    }
    return _of_others(refused, "AC01", calls)


def release(ids: Sequence[int]) -> int:
    """Free what is held for these payments; returns for how many something was."""
    return int(sql.rows("select release_funds(%s)", [list(ids)])[0][0])


def post(ids: Sequence[int], actor: User | None = None) -> dict[int, str]:
    """approved -> posted, or settled for a transfer between own accounts: entry, postings, balances, state, record.

    Incoming and card payments are refused with AC01: :func:`post_received` takes them, in a transaction of its own.
    """
    who = actor.pk if actor else None
    refused = _refused("post_payments(%s, %s)", [list(ids), who])
    return _of_others(refused, "AC01", {"debit": ("post_collections(%s, %s)", [who])})


def post_received(ids: Sequence[int], actor: User | None = None) -> dict[int, str]:
    """Incoming payments: approved -> settled, or posted where they wait in suspense; card payments: posted. Others are
    refused with wrong_kind. Of one kind a call: the balances of both are not locked together."""
    who = actor.pk if actor else None
    refused = _refused("post_receipts(%s, %s)", [list(ids), who])
    return _of_others(refused, "wrong_kind", {"card": ("post_cards(%s, %s)", [who])})


def charge_back(ids: Sequence[int], fee: Decimal, reason_code: str, actor: User, words: str = "") -> dict[int, str]:
    """posted or settled -> returned: an acquirer took card payments back, with a fee for each."""
    return _refused("charge_back(%s, %s, %s, %s, %s)", [list(ids), fee, reason_code, actor.pk, words])


def apply(ids: Sequence[int], account_id: int, actor: User, words: str = "") -> dict[int, str]:
    """posted -> settled: what waits in suspense goes to the account (of a company's bank account, to receivables)."""
    return _refused("apply_receipts(%s, %s, %s, %s)", [list(ids), account_id, actor.pk, words])


def settle(ids: Sequence[int], actor: User | None = None, value_date: date | None = None) -> dict[int, str]:
    """sent -> settled: the in-transit account gives way to the counterpart (the nostro, or payables)."""
    who = actor.pk if actor else None
    refused = _refused("settle_payments(%s, %s, %s)", [list(ids), who, value_date])
    calls: _Calls = {"debit": ("settle_collections(%s, %s, %s)", [who, value_date])}
    return _of_others(refused, "no_counterpart", calls)


def reverse(ids: Sequence[int], actor: User | None, reason_code: str, reason: str = "") -> dict[int, str]:
    """sent or settled (in suspense: posted) -> returned: every entry is reversed by one that names it."""
    return reverse_each(dict.fromkeys(ids, (reason_code, reason)), actor)


def reverse_each(
    reasons: Mapping[int, tuple[str, str]], actor: User | None = None, value_date: date | None = None
) -> dict[int, str]:
    """As :func:`reverse`, each payment with a reason code and words of its own."""
    codes, words = [code for code, _words in reasons.values()], [words for _code, words in reasons.values()]
    params = [list(reasons), codes, words, actor.pk if actor else None, value_date]
    return _refused("return_payments(%s, %s, %s, %s, %s)", params)


def lock(ids: Sequence[int]) -> None:
    """Lock whatever settling or returning these payments may touch, so that one transaction can do both."""
    sql.run("select lock_books(%s)", [list(ids)])


def open_balance(*, account: Account, amount: Decimal, contra: Account, actor: User | None) -> JournalEntry:
    """The first entry of an account: ``amount`` on its normal side against ``contra``. An account is opened once."""
    value = money.parse(amount, account.currency)
    entry = sql.rows(
        "select open_balance(%s, %s, %s, %s)", [account.pk, contra.pk, value, actor.pk if actor else None]
    )[0][0]
    return JournalEntry.objects.get(pk=entry)


def balance_at(account: Account, moment: datetime) -> Decimal:
    """The balance of an account on its normal side as of a moment. One look into an index."""
    found = sql.rows(
        "select balance_after from transactions_posting where account_id = %s and created_at <= %s "
        "order by created_at desc, id desc limit 1",
        [account.pk, moment],
    )
    return found[0][0] if found else Decimal(0)


@dataclass(frozen=True)
class Difference:
    """Something in the books that does not agree: which rule, of which account or entry, expected and found."""

    rule: str
    subject: int | str
    expected: Decimal
    found: Decimal


_AUDIT = """
    select 'balance_is_sum_of_postings', b.account_id::text,
           coalesce(sum(case when p.side = a.normal_side then p.amount else -p.amount end), 0), b.balance
    from transactions_accountbalance b join transactions_account a on a.id = b.account_id
    left join transactions_posting p on p.account_id = b.account_id
    group by b.account_id, b.balance
    having b.balance <> coalesce(sum(case when p.side = a.normal_side then p.amount else -p.amount end), 0)
    union all
    select 'last_running_balance', b.account_id::text, b.balance, last.balance_after
    from transactions_accountbalance b
    join lateral (select balance_after from transactions_posting p where p.account_id = b.account_id
                  order by p.created_at desc, p.id desc limit 1) last on true
    where last.balance_after <> b.balance
    union all
    select 'held_is_sum_of_reservations', b.account_id::text, coalesce(r.amount, 0), b.held
    from transactions_accountbalance b
    left join (select p.debtor_account_id, sum(p.amount) as amount
               from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
               where s.funds_held group by 1) r on r.debtor_account_id = b.account_id
    where b.held <> coalesce(r.amount, 0)
    union all
    select 'held_while_approved_only', s.payment_id::text, 0, 1
    from transactions_paymentstate s where s.funds_held and s.status <> 'approved'
    union all
    select 'entry_balances', p.entry_id::text, sum(p.amount) filter (where p.side = 'D'),
           sum(p.amount) filter (where p.side = 'C')
    from transactions_posting p group by p.entry_id, p.currency
    having sum(case p.side when 'D' then p.amount else -p.amount end) <> 0
    union all
    select 'posted_once', s.payment_id::text, 1, count(e.id)
    from transactions_paymentstate s
    left join transactions_journalentry e on e.payment_id = s.payment_id and e.kind = 'posting'
    where s.status in ('posted', 'sent', 'settled', 'returned')
    group by s.payment_id having count(e.id) <> 1
    union all
    select 'settled_once', s.payment_id::text, 1, count(e.id)
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id and p.kind not in ('internal', 'incoming', 'card')
    left join transactions_journalentry e on e.payment_id = s.payment_id and e.kind = 'settlement'
    where s.status = 'settled'
    group by s.payment_id having count(e.id) <> 1
    union all
    select 'applied_from_suspense', s.payment_id::text, (w.label <> '')::int, (e.id is not null)::int
    from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id and p.kind = 'incoming'
    join transactions_journalentry w on w.payment_id = s.payment_id and w.kind = 'posting'
    left join transactions_journalentry e on e.payment_id = s.payment_id and e.kind = 'settlement'
    where s.status = 'settled' and (w.label <> '') <> (e.id is not null)
    union all
    select 'paid_out_when_settled', s.payment_id::text, (s.status = 'settled')::int, (k.payout_id is not null)::int
    from transactions_cardpayment k join transactions_paymentstate s on s.payment_id = k.payment_id
    where s.status in ('posted', 'settled') and (s.status = 'settled') <> (k.payout_id is not null)
    union all
    select 'payout_is_its_entry', o.id::text, o.amount, sum(t.amount) filter (where t.side = 'D')
    from transactions_payout o left join transactions_posting t on t.entry_id = o.entry_id
    group by o.id, o.amount having sum(t.amount) filter (where t.side = 'D') is distinct from o.amount
    union all
    select 'refunds_within_original', r.original_id::text, o.amount, sum(p.amount)
    from transactions_refund r join transactions_payment p on p.id = r.payment_id
    join transactions_paymentstate s on s.payment_id = r.payment_id join transactions_payment o on o.id = r.original_id
    where s.status not in ('rejected', 'cancelled', 'returned')
    group by r.original_id, o.amount having sum(p.amount) > o.amount
"""


def audit() -> list[Difference]:
    """Every way in which the books could disagree with themselves, looked for over all of them; [] when they agree.

    Reads every posting: for checks and the daily control, not for a request.
    """
    return [Difference(*row) for row in sql.rows(_AUDIT)]
