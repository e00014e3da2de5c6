-- Count what was checked for the first time; a file whose payments are all checked is ready.
with counted as (
    select batch_id, count(*) as n from fresh group by batch_id
)
update transactions_paymentbatch b set checked_count = least(b.taken_count, b.checked_count + c.n)
from counted c where c.batch_id = b.id
