-- Which recall each status of a camt.029 speaks of: by the case that it names, which is ours; else by our instruction
-- identification; else by the end-to-end identification when it names one recall alone. What else is said of the
-- payment must agree. Of a whole file of recalls: every recall in it that is not named on its own.
drop table if exists pg_temp.said, pg_temp.fitting, pg_temp.answered;
create temporary table said on commit drop as
select i.id, i.level, i.position, i.status, i.reason_code, i.reason_text, i.entity_id, i.end_to_end_id,
       lower(i.uetr) as uetr, i.amount, i.currency, f.id as file_id,
       case when i.case_id ~ '^R[1-9][0-9]{0,17}$' then substring(i.case_id from 2)::bigint end as recall_key,
       case when i.instruction_id ~ '^P[1-9][0-9]{0,17}$' then substring(i.instruction_id from 2)::bigint end as paid
from transactions_messageitem i
join transactions_bankmessage m on m.id = i.message_id
left join transactions_outgoingfile f on f.message_id = m.original_message_id and f.entity_id = m.entity_id
    and f.kind = 'camt056' and f.sent_at is not null
where i.message_id = %(message)s and i.outcome = 'read';
analyze said;

create temporary table fitting on commit drop as
select n.id, n.recall_id, n.payment_id, n.own,
       p.amount = coalesce(n.amount, p.amount) and (n.currency = '' or n.currency = p.currency)
       and (n.end_to_end_id in ('', 'NOTPROVIDED') or n.end_to_end_id = p.end_to_end_id)
       and (n.uetr = '' or p.uetr = '' or n.uetr = lower(p.uetr)) as agrees
from (
    select s.*, r.id as recall_id, r.payment_id, true as own
    from said s join transactions_recall r on r.id = s.recall_key and r.entity_id = s.entity_id and r.sent_at is not null
    where s.level = 'payment' and (s.paid is null or s.paid = r.payment_id)
    union all
    select s.*, r.id, r.payment_id, true
    from said s
    join lateral (select r.id, r.payment_id from transactions_recall r
                  where r.payment_id = s.paid and r.entity_id = s.entity_id and r.sent_at is not null
                  order by r.id desc limit 1) r on true
    where s.level = 'payment' and s.recall_key is null
    union all
    select s.*, r.id, r.payment_id, false
    from said s
    join transactions_payment p on p.end_to_end_id = s.end_to_end_id and p.entity_id = s.entity_id
    join lateral (select r.id, r.payment_id from transactions_recall r
                  where r.payment_id = p.id and r.sent_at is not null order by r.id desc limit 1) r on true
    where s.level = 'payment' and s.recall_key is null and s.paid is null
      and s.end_to_end_id not in ('', 'NOTPROVIDED')
) n join transactions_payment p on p.id = n.payment_id;
analyze fitting;

create temporary table answered on commit drop as
with judged as materialized (
    select s.id, count(t.recall_id) filter (where t.agrees) as fit, max(t.recall_id) filter (where t.agrees) as recall_id,
           bool_or(t.own and not t.agrees) as other
    from said s left join fitting t on t.id = s.id where s.level = 'payment' group by s.id)
select s.id, s.position, s.status, s.reason_code, s.reason_text, j.recall_id, 1 as near,
       case when j.fit > 1 then 'answer.ambiguous' when j.fit = 1 then '' when j.other then 'answer.disagrees'
            else 'recall.unknown' end as code
from said s join judged j on j.id = s.id
union all
select s.id, s.position, s.status, s.reason_code, s.reason_text, r.id, 2,
       case when s.file_id is null or s.level = 'batch' then 'answer.no_file' else '' end
from said s left join transactions_recall r on r.file_id = s.file_id and s.level = 'group' and r.sent_at is not null
where s.level <> 'payment';
