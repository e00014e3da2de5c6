-- Lines and postings of equal amount within the widest window, with what speaks for and against each pair. Of an amount
-- that very many have, those alone that name the same counterparty. Parameters: before, after, entity.
with sizes as materialized (
    select k.amount_key from (select amount_key, count(*) as n from play_line group by 1) k
    join (select amount_key, count(*) as n from play_item group by 1) i on i.amount_key = k.amount_key
    where k.n * i.n > 2500),
pairs as materialized (
    select l.id as line, i.id as item, l.booking_on - i.booked_on as days, l.name, i.name as meant,
           l.number <> '' and l.number = i.number as same_number,
           l.name_key <> '' and l.name_key = i.name_key as same_name,
           l.own_reference <> '' and i.reference <> '' and l.own_reference <> i.reference
           or l.number <> '' and i.number <> '' and l.number <> i.number as clash, i.document
    from play_line l join play_item i
        on i.amount_key = l.amount_key and (i.account_id, i.credit, i.open) = (l.account_id, l.credit, l.open)
           and l.booking_on - i.booked_on between -%(before)s and %(after)s
    where l.amount_key not in (select amount_key from sizes)
       or l.number <> '' and i.number = l.number or l.name_key <> '' and i.name_key = l.name_key),
-- The line names something else that is open, or another line names the posting.
vetoes as materialized (
    select p.line, p.item from pairs p join play_hit h on h.line = p.line and h.item <> p.item
    join play_item o on o.id = h.item where o.document <> p.document or o.document = ''
    union
    select p.line, p.item from pairs p join play_hit h on h.item = p.item and h.line <> p.line),
aliases as materialized (
    select l.id as line, a.meant
    from controls_alias a join play_line l on l.name <> '' and match_name(l.name) = a.written
    where a.entity_id = %(entity)s and a.ended_at is null)
insert into play_pair
select p.line, p.item, p.days, p.same_number,
       p.same_name or a.meant is not null
       or not p.same_number and p.name <> '' and match_name(p.name) = match_name(p.meant),
       a.meant is not null, p.clash, v.line is not null
from pairs p
left join aliases a on a.line = p.line and a.meant = match_name(p.meant)
left join vetoes v on v.line = p.line and v.item = p.item;
analyze play_pair;
