-- What each status of a message speaks of. A file of ours is known by its message identification; a payment in it by
-- our instruction identification, which must agree with the other things that are said of it, else by its end-to-end
-- identification and amount when they name one payment alone. A report or return between banks may name another message
-- than ours: then our instruction identification or the UETR must name the payment, alone.
--
-- Each step is a table with its statistics: guessing, the planner would compare every status with every payment.
drop table if exists pg_temp.asked, pg_temp.filed, pg_temp.named, pg_temp.referred;
create temporary table asked on commit drop as
select i.id, i.level, i.instruction_id, i.end_to_end_id, lower(i.uetr) as uetr, i.amount, i.currency, m.entity_id,
       m.kind in ('pacs002', 'pacs004') as between_banks, f.id as file_id,
       case when i.instruction_id ~ '^P[1-9][0-9]{0,17}$' then substring(i.instruction_id from 2)::bigint end as key,
       case when left(i.payment_info_id, length(f.message_id) + 1) = f.message_id || '-'
                 and substring(i.payment_info_id from length(f.message_id) + 2) ~ '^[1-9][0-9]{0,5}$'
            then substring(i.payment_info_id from length(f.message_id) + 2)::int end as block
from transactions_messageitem i
join transactions_bankmessage m on m.id = i.message_id
left join transactions_outgoingfile f
    on f.message_id = m.original_message_id and f.entity_id = m.entity_id and f.sent_at is not null
where i.message_id = %(message)s and i.outcome = 'read';
analyze asked;

create temporary table filed on commit drop as
select o.file_id, o.block, p.id as payment_id, p.end_to_end_id, p.amount, p.currency
from (select distinct file_id from asked where file_id is not null) a
join transactions_outgoingitem o on o.file_id = a.file_id
join transactions_payment p on p.id = o.payment_id;
analyze filed;

create temporary table named on commit drop as
select a.id, p.id as payment_id, o.file_id,
       p.amount = coalesce(a.amount, p.amount) and (a.currency = '' or a.currency = p.currency)
       and (a.end_to_end_id in ('', 'NOTPROVIDED') or a.end_to_end_id = p.end_to_end_id) as agrees
from asked a
join transactions_outgoingitem o on o.payment_id = a.key
join transactions_payment p on p.id = a.key and p.entity_id = a.entity_id
join transactions_outgoingfile f on f.id = o.file_id and f.sent_at is not null
where a.level = 'payment' and (o.file_id = a.file_id or (a.file_id is null and a.between_banks));
analyze named;

create temporary table referred on commit drop as
select a.id, max(d.payment_id) as payment_id, max(d.file_id) as file_id, count(*) as found
from asked a join filed d on d.file_id = a.file_id and d.end_to_end_id = a.end_to_end_id
where a.level = 'payment' and a.instruction_id = '' and a.end_to_end_id not in ('', 'NOTPROVIDED')
  and (a.amount is null or (d.amount, d.currency) = (a.amount, a.currency))
group by a.id
union all
select a.id, max(p.id), max(o.file_id), count(*)
from asked a
join transactions_payment p on p.end_to_end_id = a.end_to_end_id and p.entity_id = a.entity_id
    and lower(p.uetr) = a.uetr
join transactions_outgoingitem o on o.payment_id = p.id
join transactions_outgoingfile f on f.id = o.file_id and f.sent_at is not null
where a.level = 'payment' and a.file_id is null and a.between_banks and a.uetr <> '' and a.key is null
  and (a.amount is null or (p.amount, p.currency) = (a.amount, a.currency))
group by a.id;
analyze referred;

with blocks as materialized (select distinct file_id, block from filed),
judged as materialized (
    select a.id,
           case when a.level <> 'payment' then a.file_id else coalesce(n.file_id, r.file_id) end as file_id,
           case when a.level = 'payment' then coalesce(n.payment_id, r.payment_id) end as payment_id,
           case
               when a.level <> 'payment' and a.file_id is null then 'answer.no_file'
               when a.level = 'batch' and b.block is null then 'answer.no_group'
               when a.level <> 'payment' then ''
               when n.payment_id is not null and not n.agrees then 'answer.disagrees'
               when n.payment_id is not null then ''
               when r.found > 1 then 'answer.ambiguous'
               when r.found = 1 then ''
               when a.file_id is null then 'answer.no_file'
               else 'answer.no_payment'
           end as code
    from asked a
    left join named n on n.id = a.id
    left join referred r on r.id = a.id
    left join blocks b on b.file_id = a.file_id and b.block = a.block)
update transactions_messageitem i
set outgoing_id = case when j.code = '' then j.file_id end,
    payment_id = case when j.code = '' then j.payment_id end,
    outcome = case when j.code = '' then 'read' else 'unknown' end, outcome_code = j.code
from judged j where j.id = i.id and i.message_id = %(message)s;
