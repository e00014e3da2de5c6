-- Say of each row that was seen before where it was (an error, it is not taken in), and of one that is sent again after a
-- reject, a cancellation or a return that it is (a warning).
insert into transactions_intakeproblem (batch_id, position, line, path, field, value, code, params, severity)
select %(batch)s, s.position, nullif(s.line, 0), '', 'end_to_end_id', left(s.end_to_end_id, 200),
       case when p.sent_again then 'payment.sent_again' else 'payment.seen_before' end,
       jsonb_build_object('batch', p.seen_batch_id, 'payment', p.seen_payment_id, 'reference', s.end_to_end_id),
       case when p.sent_again then 'warning' else 'error' end
from intake_plan p join intake_stage s using (position)
where p.seen_payment_id is not null or p.sent_again
order by s.position;
