"""What other banks answer to our recalls (camt.029): matched and applied in sets, partial answers included.

Accepted is said before or after the money comes back (pacs.004), or not at all; refused has a reason. An answer that
contradicts an earlier one waits for a person, as does one that fits no recall. Locks: the message (by the caller), then
the recalls by ascending key.
"""

from typing import Any

from backoffice.common import sql
from backoffice.people.models import User
from transactions.messages.statuses import RECALL_ACCEPTED, RECALL_PENDING, RECALL_REFUSED
from transactions.models import BankMessage

_LOCK = """
    select 1 from transactions_recall r where r.id in (select recall_id from answered where code = '')
    order by r.id for update
"""
# The nearest word counts, and the last of those. An answer in time or late is applied, the same again is recorded.
_VERDICTS = """
    drop table if exists pg_temp.verdicts;
    create temporary table verdicts on commit drop as
    select distinct on (a.recall_id) a.recall_id, a.id as item_id, a.status, a.reason_code, a.reason_text, r.entity_id,
           r.payment_id, r.file_id,
           case when a.status not in (%(accepted)s, %(refused)s) then ''
                when r.status in ('sent', 'expired') then 'apply'
                when (r.status, a.status) in (('accepted', %(accepted)s), ('refused', %(refused)s))
                    then case when r.answered_at is null then 'note' else '' end
                else 'contradicts' end as act
    from answered a join transactions_recall r on r.id = a.recall_id where a.code = ''
    order by a.recall_id, a.near, a.position desc
"""
_APPLY = """
    with applied as (
        update transactions_recall r
        set status = case v.status when %(accepted)s then 'accepted' else 'refused' end, answer_item_id = v.item_id,
            answer_code = v.reason_code, answer_text = v.reason_text, answered_at = clock_timestamp()
        from verdicts v where v.recall_id = r.id and v.act in ('apply', 'note')
        returning r.id, r.entity_id, r.payment_id, v.status, v.reason_code, v.reason_text),
    told as (
        select a.*, false as pending from applied a
        union all
        select v.recall_id, v.entity_id, v.payment_id, v.status, v.reason_code, v.reason_text, true
        from verdicts v where v.status = %(pending)s)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select t.entity_id, k.subject_type, case k.subject_type when 'recall' then t.id else t.payment_id end, k.action,
           %(actor)s, t.reason_text, '{"message":' || %(message)s || ',"reason_code":' || to_json(t.reason_code)::text
           || ',"recall":' || t.id || ',"status":' || to_json(t.status)::text || '}'
    from told t cross join (values ('recall', 'recall.answered'), ('payment', 'payment.recall_answered'))
        as k (subject_type, action)
    order by t.id
"""
_OUTCOMES = """
    update transactions_messageitem i
    set outcome = case when a.code <> '' then 'unknown' when n.contradicts > 0 then 'refused' when n.applied > 0 then
                       'applied' else 'recorded' end,
        outcome_code = case when a.code <> '' then a.code when n.contradicts > 0 then 'recall.answered_otherwise'
                            else '' end,
        payment_count = coalesce(n.payments, 0), payment_id = n.payment_id, outgoing_id = n.file_id
    from (select id, max(code) as code from answered group by id) a
    left join (
        select v.item_id, count(*) as payments, count(*) filter (where v.act = 'contradicts') as contradicts,
               count(*) filter (where v.act in ('apply', 'note')) as applied,
               case when count(*) = 1 then max(v.payment_id) end as payment_id, max(v.file_id) as file_id
        from verdicts v group by v.item_id) n on n.item_id = a.id
    where i.id = a.id and i.outcome = 'read'
"""
# What a person assigns is said of that payment's last recall.
_ASSIGNED = """
    drop table if exists pg_temp.answered;
    create temporary table answered on commit drop as
    select i.id, i.position, i.status, i.reason_code, i.reason_text, r.id as recall_id, 1 as near, '' as code
    from transactions_messageitem i
    join lateral (select r.id from transactions_recall r where r.payment_id = %(payment)s and r.sent_at is not null
                  order by r.id desc limit 1) r on true
    where i.id = %(item)s
"""
# The clearing did not take a file of recalls: none of them reached the other bank, which is as good as a refusal.
_REJECTED = """
    with turned_away as materialized (
        select r.id, i.id as item_id, i.status, i.reason_code, i.reason_text
        from transactions_messageitem i
        join transactions_recall r on r.file_id = i.outgoing_id and r.status in ('sent', 'expired')
        where i.message_id = %(message)s and i.level = 'group' and i.status = 'RJCT'
        order by r.id for update of r),
    ended as (
        update transactions_recall r
        set status = 'refused', answer_item_id = t.item_id, answer_code = t.reason_code, answer_text = t.reason_text,
            answered_at = clock_timestamp()
        from turned_away t where t.id = r.id
        returning r.id, r.entity_id, r.payment_id, t.item_id, t.status, t.reason_code, t.reason_text),
    told as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, reason, data)
        select e.entity_id, k.subject_type, case k.subject_type when 'recall' then e.id else e.payment_id end, k.action,
               e.reason_text, '{"message":' || %(message)s || ',"reason_code":' || to_json(e.reason_code)::text
               || ',"recall":' || e.id || ',"status":' || to_json(e.status)::text || '}'
        from ended e cross join (values ('recall', 'recall.answered'), ('payment', 'payment.recall_answered'))
            as k (subject_type, action)
        order by e.id)
    update transactions_messageitem i set outcome = 'applied', payment_count = n.recalls
    from (select item_id, count(*) as recalls from ended group by item_id) n where n.item_id = i.id
"""
_COUNTS = "select outcome, count(*) from transactions_messageitem where message_id = %s group by outcome order by 1"


def _params(message: BankMessage, actor: User | None) -> dict[str, Any]:
    return {
        "message": message.pk, "actor": actor.pk if actor else None, "accepted": RECALL_ACCEPTED,
        "refused": RECALL_REFUSED, "pending": RECALL_PENDING,
    }  # fmt: skip


def apply(message: BankMessage) -> dict[str, Any]:
    """Match every answer of the message and do what it says. Inside ``atomic()``. Returns counts for its record."""
    params = _params(message, None)
    sql.run(sql.text("transactions", "recall_answers"), params)
    _carry_out(params)
    sql.run(_OUTCOMES, params)
    counts = dict(sql.rows(_COUNTS, [message.pk]))
    return {"outcomes": counts, "payments": sql.rows("select count(*) from verdicts where act = 'apply'")[0][0]}


def rejected(message: BankMessage) -> None:
    """End the recalls whose file the clearing rejected. Inside ``atomic()``, the statuses matched, not yet judged."""
    sql.run(_REJECTED, {"message": message.pk})


def assign(message: BankMessage, *, item: int, payment: int, actor: User) -> str:
    """Say an answer of that payment's recall. Returns why not, or "". Inside ``atomic()``, the message locked."""
    params = {**_params(message, actor), "item": item, "payment": payment}
    sql.run(_ASSIGNED, params)
    _carry_out(params)
    found = sql.rows("select act from verdicts")
    if not found:
        return "recall.none_sent"
    return "recall.answered_otherwise" if found[0][0] == "contradicts" else ""


def _carry_out(params: dict[str, Any]) -> None:
    sql.run(_LOCK)
    sql.run(_VERDICTS, params)
    sql.run(_APPLY, params)
