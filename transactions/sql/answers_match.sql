-- What each status of a message speaks of. A file of ours is known by its message identification; a payment in it by
-- our instruction identification, which must agree with the other things that are said of it, else by its end-to-end
-- identification and amount when they name one payment alone. A report or return between banks may name another message than
-- ours: then our instruction identification or the UETR must name the payment, alone.
with asked as materialized (
    select i.id, i.level, i.status, i.instruction_id, i.end_to_end_id, i.uetr, i.payment_info_id, i.amount, i.currency,
           m.entity_id, m.kind, m.original_message_id, f.id as file_id,
           case when i.instruction_id ~ '^P[1-9][0-9]{0,17}$' then substring(i.instruction_id from 2)::bigint end as key,
           case when f.id is not null and i.payment_info_id like '%%-%%'
                     and left(i.payment_info_id, length(f.message_id) + 1) = f.message_id || '-'
                     and substring(i.payment_info_id from length(f.message_id) + 2) ~ '^[1-9][0-9]{0,5}$'
                then substring(i.payment_info_id from length(f.message_id) + 2)::int end as block
    from transactions_messageitem i
    join transactions_bankmessage m on m.id = i.message_id
    left join transactions_outgoingfile f
        on f.message_id = m.original_message_id and f.entity_id = m.entity_id and f.sent_at is not null
    where i.message_id = %(message)s and i.outcome = 'read'),
named as (
    select a.id, p.id as payment_id, o.file_id,
           p.amount = coalesce(a.amount, p.amount) and (a.currency = '' or a.currency = p.currency)
           and (a.end_to_end_id in ('', 'NOTPROVIDED') or a.end_to_end_id = p.end_to_end_id) as agrees
    from asked a
    join transactions_outgoingitem o on o.payment_id = a.key
    join transactions_payment p on p.id = o.payment_id and p.entity_id = a.entity_id
    join transactions_outgoingfile f on f.id = o.file_id and f.sent_at is not null
    where a.level = 'payment' and (o.file_id = a.file_id or (a.file_id is null and a.kind in ('pacs002', 'pacs004')))),
referred as (
    select a.id, max(p.id) as payment_id, max(o.file_id) as file_id, count(*) as found
    from asked a
    join transactions_outgoingitem o on o.file_id = a.file_id
    join transactions_payment p on p.id = o.payment_id
    where a.level = 'payment' and a.instruction_id = '' and a.end_to_end_id not in ('', 'NOTPROVIDED')
      and p.end_to_end_id = a.end_to_end_id and (a.amount is null or (p.amount, p.currency) = (a.amount, a.currency))
    group by a.id),
traced as (
    select a.id, max(p.id) as payment_id, max(o.file_id) as file_id, count(*) as found
    from asked a
    join transactions_payment p on p.end_to_end_id = a.end_to_end_id and p.entity_id = a.entity_id
        and lower(p.uetr) = lower(a.uetr)
    join transactions_outgoingitem o on o.payment_id = p.id
    join transactions_outgoingfile f on f.id = o.file_id and f.sent_at is not null
    where a.level = 'payment' and a.file_id is null and a.kind in ('pacs002', 'pacs004') and a.uetr <> '' and a.key is null
      and (a.amount is null or (p.amount, p.currency) = (a.amount, a.currency))
    group by a.id),
judged as (
    select a.id,
           case when a.level <> 'payment' then a.file_id
                else coalesce(n.file_id, r.file_id, t.file_id) end as file_id,
           case when a.level = 'payment' then coalesce(n.payment_id, r.payment_id, t.payment_id) end as payment_id,
           case
               when a.level = 'group' and a.file_id is null then 'answer.no_file'
               when a.level = 'batch' and a.file_id is null then 'answer.no_file'
               when a.level = 'batch' and not exists (select 1 from transactions_outgoingitem o
                                                      where o.file_id = a.file_id and o.block = a.block)
                    then 'answer.no_group'
               when a.level = 'payment' and n.payment_id is not null and not n.agrees then 'answer.disagrees'
               when a.level = 'payment' and n.payment_id is not null then ''
               when a.level = 'payment' and greatest(r.found, t.found) > 1 then 'answer.ambiguous'
               when a.level = 'payment' and greatest(r.found, t.found) = 1 then ''
               when a.level = 'payment' and a.file_id is null then 'answer.no_file'
               when a.level = 'payment' then 'answer.no_payment'
               else ''
           end as code
    from asked a left join named n on n.id = a.id left join referred r on r.id = a.id left join traced t on t.id = a.id)
update transactions_messageitem i
set outgoing_id = case when j.code = '' then j.file_id end,
    payment_id = case when j.code = '' then j.payment_id end,
    outcome = case when j.code = '' then 'read' else 'unknown' end, outcome_code = j.code
from judged j where j.id = i.id;
