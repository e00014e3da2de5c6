-- What could belong to the lines in play, for people to choose from: what they name, equal and near amounts, the same
-- counterparty. At most so many of each, the nearest first. Parameters: days, each.
drop table if exists pg_temp.candidates;
create temporary table candidates on commit drop as
select distinct on (line, item) line, item from (
    select h.line, h.item from play_hit h
    union all
    select l.id, i.id from play_line l cross join lateral (
        select c.id from controls_openitem c
        where c.amount_key = l.amount_key and c.account_id = l.account_id
          and c.booked_on between l.booking_on - %(days)s and l.booking_on + %(days)s
        order by (c.number = l.number and l.number <> '') desc, (upper(c.name) = upper(l.name)) desc,
                 abs(c.booked_on - l.booking_on), c.id
        limit %(each)s) i
    union all
    select l.id, i.id from play_line l cross join lateral (
        select c.id from controls_openitem c
        where l.number <> '' and c.account_id = l.account_id and c.number = l.number and c.credit = l.credit
          and c.booked_on between l.booking_on - %(days)s and l.booking_on + %(days)s
        order by abs(c.open - l.open), abs(c.booked_on - l.booking_on), c.id limit %(each)s) i
    union all
    select l.id, i.id from play_line l cross join lateral (
        select c.id from controls_openitem c
        where l.name <> '' and c.account_id = l.account_id and upper(c.name) = upper(l.name) and c.credit = l.credit
          and c.booked_on between l.booking_on - %(days)s and l.booking_on + %(days)s
        order by abs(c.open - l.open), abs(c.booked_on - l.booking_on), c.id limit %(each)s) i
) x;
