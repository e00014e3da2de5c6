-- The rows of the chunk that were seen before, and where; and those sent again after a reject, a cancellation or a return.
select s.position, nullif(s.line, 0), s.end_to_end_id, p.seen_batch_id, p.seen_payment_id
from intake_plan p join intake_stage s using (position)
where p.seen_payment_id is not null or p.sent_again
order by s.position;
