-- Count what was checked for the first time. Batches are locked in the order of their keys.
with locked as (
    select b.id, c.n
    from unnest(%(batches)s::bigint[], %(counts)s::bigint[]) as c (id, n)
    join transactions_paymentbatch b on b.id = c.id
    order by b.id for no key update of b
)
update transactions_paymentbatch b set checked_count = least(b.taken_count, b.checked_count + l.n)
from locked l where l.id = b.id
