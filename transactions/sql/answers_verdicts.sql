-- What the matched statuses say of each payment: the nearest word counts (of the payment before its group before its
-- file), and the last of those. ``item`` narrows it to one status that a person has assigned.
create temporary table verdicts on commit drop as
select distinct on (said.payment_id) said.payment_id, said.item_id, said.status, said.reason_code, said.reason_text,
       said.effective_on
from (
    select o.payment_id, i.id as item_id, i.position, i.status, i.reason_code, i.reason_text, i.effective_on, 1 as near
    from transactions_messageitem i join transactions_outgoingitem o on o.file_id = i.outgoing_id
    where i.message_id = %(message)s and i.level = 'group' and i.outcome = any(%(outcomes)s) and i.status <> all(%(mute)s)
      and (%(item)s::bigint is null or i.id = %(item)s)
    union all
    select o.payment_id, i.id, i.position, i.status, i.reason_code, i.reason_text, i.effective_on, 2
    from transactions_messageitem i
    join transactions_outgoingfile f on f.id = i.outgoing_id
    join transactions_outgoingitem o on o.file_id = f.id
        and o.block::text = substring(i.payment_info_id from length(f.message_id) + 2)
    where i.message_id = %(message)s and i.level = 'batch' and i.outcome = any(%(outcomes)s) and i.status <> all(%(mute)s)
      and (%(item)s::bigint is null or i.id = %(item)s)
    union all
    select i.payment_id, i.id, i.position, i.status, i.reason_code, i.reason_text, i.effective_on, 3
    from transactions_messageitem i
    where i.message_id = %(message)s and i.level = 'payment' and i.outcome = any(%(outcomes)s)
      and i.payment_id is not null and (%(item)s::bigint is null or i.id = %(item)s)
) said
order by said.payment_id, said.near desc, said.position desc;
analyze verdicts;
