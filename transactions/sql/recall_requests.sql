-- Which payment each request of a camt.056 asks back: one that came in to an account of ours, by its end-to-end
-- identification, with the same amount and, where both say one, the same UETR. What leaves our accounts, or stays
-- between them, came from no other bank. A kind of payment that comes in is found without being named here.
drop table if exists pg_temp.wanted, pg_temp.held;
create temporary table wanted on commit drop as
select i.id, i.level, i.entity_id, i.end_to_end_id, lower(i.uetr) as uetr, i.amount, i.currency
from transactions_messageitem i where i.message_id = %(message)s and i.outcome = 'read';
analyze wanted;
create temporary table held on commit drop as
select w.id, p.id as payment_id,
       coalesce((p.amount, p.currency) = (w.amount, w.currency), false)
       and (w.uetr = '' or p.uetr = '' or w.uetr = lower(p.uetr)) as agrees
from wanted w
join transactions_payment p on p.end_to_end_id = w.end_to_end_id and p.entity_id = w.entity_id
    and p.creditor_account_id is not null and p.kind not in ('sepa', 'transfer', 'internal')
join transactions_paymentstate s on s.payment_id = p.id and s.status in ('settled', 'returned')
where w.level = 'payment' and w.end_to_end_id not in ('', 'NOTPROVIDED');
