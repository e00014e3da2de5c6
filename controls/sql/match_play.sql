-- The postings that could be those of the lines in play: of an amount that one of them has, or named by one. Parameter:
-- accounts.
insert into play_item
select i.id, i.account_id, i.credit, i.open, i.amount_key, i.booked_on, i.reference, i.document, i.file,
       upper(replace(i.number, ' ', '')), i.name, upper(i.name), i.payment_id, i.entry_id
from controls_openitem i
where i.id in (
    select c.id from controls_openitem c join (select distinct amount_key from play_line) k
        on k.amount_key = c.amount_key and c.account_id = any(%(accounts)s)
    union select h.item from play_hit h);
analyze play_item;
