-- What rows of a chunk say of births, once their payments are there: a row seen before has made none. One look into the
-- index each, whatever the planner thinks of a batch that grows meanwhile.
insert into transactions_paymentbirth (payment_id, side, born_on, province, town, country)
select p.id, b.side, b.born_on, b.province, b.town, b.country
from jsonb_to_recordset(%(births)s::jsonb) as b(
    position bigint, side text, born_on date, province text, town text, country text)
cross join lateral (
    select id from transactions_payment where batch_id = %(batch)s and position = b.position limit 1) p
order by p.id, b.side;
