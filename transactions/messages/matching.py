"""From statuses to the books: each is matched to our files and payments, then what it says is done, in sets.

Locks: states and balances of every payment that is spoken of, then their recalls, then the files, each by ascending
key.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from backoffice.common import sql
from transactions import instant, ledger, outgoing
from transactions.messages.statuses import RETURNS, SAYS_NOTHING, SETTLES
from transactions.models import BankMessage
from transactions.recalls import answers, returned

# What the books answer when what the bank says was done already.
REPEATED = {("return", "already_returned"), ("settle", "already_settled")}

_OUTCOMES = """
    update transactions_messageitem i
    set outcome = case when coalesce(n.refused, 0) > 0 then 'refused' when coalesce(n.done, 0) > 0 then 'applied'
                       else 'recorded' end,
        outcome_code = coalesce(n.code, ''), payment_count = coalesce(n.payments, 0)
    from transactions_messageitem m
    left join (
        select v.item_id, count(*) as payments, count(*) filter (where e.code = '') as done,
               count(*) filter (where e.code <> '') as refused, min(e.code) filter (where e.code <> '') as code
        from verdicts v left join unnest(%(keys)s::bigint[], %(codes)s::text[]) as e (payment_id, code)
            on e.payment_id = v.payment_id
        group by v.item_id) n on n.item_id = m.id
    where i.id = m.id and m.message_id = %(message)s and m.outcome = 'read'
"""
_ANSWERED = """
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select %(entity)s, 'payment', v.payment_id, 'payment.answered', %(actor)s, v.reason_text,
           '{"message":' || %(message)s || ',"reason_code":' || to_json(v.reason_code)::text
           || ',"status":' || to_json(v.status)::text || '}'
    from verdicts v order by v.payment_id
"""


def apply(message: BankMessage) -> dict[str, Any]:
    """Match every status of the message and do what it says. Inside ``atomic()``. Returns counts for its record."""
    sql.run(sql.text("transactions", "answers_match"), {"message": message.pk})
    effects = carry_out(message, outcomes=["read"])
    answers.rejected(message)
    keys, codes = list(effects), list(effects.values())
    sql.run(_OUTCOMES, {"message": message.pk, "keys": keys, "codes": codes})
    counts = dict(
        sql.rows(
            "select outcome, count(*) from transactions_messageitem where message_id = %s group by outcome order by 1",
            [message.pk],
        )
    )
    return {"outcomes": counts, "payments": sum(not code for code in codes)}


def carry_out(
    message: BankMessage, *, outcomes: list[str], item: int | None = None, actor: Any = None
) -> dict[int, str]:
    """Do what the matched statuses say: payment -> "" when its books moved, or why they could not.

    Leaves the temporary table ``verdicts``. A payment of which the same was said before is not named.
    """
    params = {"message": message.pk, "mute": sorted(SAYS_NOTHING), "outcomes": outcomes, "item": item}
    sql.run("drop table if exists pg_temp.verdicts")
    sql.run(sql.text("transactions", "answers_verdicts"), params)
    ledger.lock([row[0] for row in sql.rows("select payment_id from verdicts")])
    returning: dict[date | None, dict[int, tuple[str, str]]] = defaultdict(dict)
    settling: dict[date | None, list[int]] = defaultdict(list)
    effects: dict[int, str] = {}
    for key, status, code, text, day, now in sql.rows(
        "select v.payment_id, v.status, v.reason_code, v.reason_text, v.effective_on, s.status "
        "from verdicts v join transactions_paymentstate s on s.payment_id = v.payment_id order by 1"
    ):
        if status in RETURNS:
            returning[day][key] = (code or ("CUST" if status == "CANC" else "NARR"), text)
        elif status in SETTLES and now == "returned":
            effects[key] = "answer.returned_before"
        elif status in SETTLES:
            settling[day or message.sent_on].append(key)
    sql.run(_ANSWERED, {"entity": message.entity_id, "actor": actor.pk if actor else None, "message": message.pk})
    for day, reasons in returning.items():
        _note(effects, "return", list(reasons), ledger.reverse_each(reasons, actor, day))
    returned.note([key for reasons in returning.values() for key in reasons], actor)
    for day, keys in settling.items():
        _note(effects, "settle", keys, ledger.settle(keys, actor, day))
    instant.answered([key for key, code in effects.items() if not code])
    spoken = [row[0] for row in sql.rows("select payment_id from verdicts order by 1")]
    outgoing.close_files(spoken, actor, message=message.pk)
    return effects


def _note(effects: dict[int, str], act: str, keys: list[int], refused: dict[int, str]) -> None:
    for key in keys:
        code = refused.get(key, "")
        if (act, code) not in REPEATED:
            effects[key] = code and f"payment.{code}"
