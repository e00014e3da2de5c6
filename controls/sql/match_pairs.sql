-- Lines and postings of equal amount within the widest window, with what speaks for and against each pair. Of an amount
-- that very many have, those alone that name the same counterparty. Parameters: before, after, entity.
with sizes as materialized (
    select k.amount_key, k.n * i.n as pairs
    from (select amount_key, count(*) as n from play_line group by 1) k
    join (select amount_key, count(*) as n from play_item group by 1) i on i.amount_key = k.amount_key),
aliases as materialized (
    select a.written, a.meant from controls_alias a where a.entity_id = %(entity)s and a.ended_at is null),
candidates as (
    select l.id as line, i.id as item from sizes s
    join play_line l on l.amount_key = s.amount_key join play_item i on i.amount_key = s.amount_key
    where s.pairs <= 2500
    union
    select l.id, i.id from sizes s join play_line l on l.amount_key = s.amount_key
    join play_item i on i.amount_key = s.amount_key and i.number = l.number and l.number <> ''
    where s.pairs > 2500
    union
    select l.id, i.id from sizes s join play_line l on l.amount_key = s.amount_key
    join play_item i on i.amount_key = s.amount_key and i.name_key = l.name_key and l.name_key <> ''
    where s.pairs > 2500)
insert into play_pair
select l.id, i.id, l.booking_on - i.booked_on, l.number <> '' and l.number = i.number,
       l.name_key <> '' and l.name_key = i.name_key or a.meant is not null, a.meant is not null,
       l.own_reference <> '' and i.reference <> '' and l.own_reference <> i.reference
       or l.number <> '' and i.number <> '' and l.number <> i.number
from candidates c join play_line l on l.id = c.line join play_item i on i.id = c.item
left join aliases a on a.written = l.name_key and a.meant = i.name_key
where (i.account_id, i.credit, i.open) = (l.account_id, l.credit, l.open)
  and l.booking_on - i.booked_on between -%(before)s and %(after)s;
analyze play_pair;
