-- What was answered about the payee's name: the last answer that was linked to the payment, while it is of the payment's
-- number and name. Amended since and not asked again: nothing is known.
create temporary table fact_verification on commit delete rows as
select s.payment_id, v.outcome, nullif(v.suggested_name, '') as suggested_name, v.source,
       nullif(replace(v.code, 'verification.', ''), '') as fault, (v.asked_at at time zone s.time_zone)::date as asked_on
from fact_subject s
cross join lateral (
    select l.verification_id from controls_paymentverification l
    where l.payment_id = s.payment_id order by l.id desc limit 1
) last
join controls_payeeverification v on v.id = last.verification_id
where v.entity_id = s.entity_id and v.account_number = s.creditor_number and v.name = s.creditor_name;
analyze fact_verification (payment_id);
