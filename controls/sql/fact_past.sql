-- What was known of payees, accounts and earlier payments at each payment's own moment. Reads fact_subject.
-- Earlier means received before that moment; payments of the same file count where a fact says so. "Paid" means
-- approved or further.

-- Payments to the same accounts that were not refused: of the files concerned, and of others in the 90 days before
-- (counted in the entity's time zone, so two more are read). Found by account, so a file is never read whole for a part.
create temporary table fact_recent on commit delete rows as
select h.id, h.entity_id, h.batch_id, h.position, h.received_at, coalesce(f.moment, h.received_at) as moment,
       h.creditor_number, h.currency, h.amount,
       nullif(nullif(upper(h.end_to_end_id), 'NOTPROVIDED'), '') as reference,
       nullif(coalesce(nullif(upper(h.creditor_reference), ''),
                       lower(case when position('  ' in h.remittance) > 0
                                  then regexp_replace(h.remittance, ' +', ' ', 'g') else h.remittance end)), '')
           as words
from (
    select entity_id, creditor_number, min(moment) - interval '92 days' as since, max(moment) as until
    from fact_subject where creditor_number <> '' group by entity_id, creditor_number
) k
join transactions_payment h
    on h.entity_id = k.entity_id and h.creditor_number = k.creditor_number
    and h.received_at >= k.since and h.received_at <= k.until
left join (select batch_id, max(moment) as moment from fact_subject group by batch_id) f on f.batch_id = h.batch_id
join transactions_paymentstate st on st.payment_id = h.id
where st.status not in ('rejected', 'cancelled', 'returned') and (f.batch_id is not null or h.received_at < k.until);
analyze fact_recent (id, creditor_number);

-- The payee (named by the payment, or owner of the number) and the bank details that the payment uses.
create temporary table fact_party on commit delete rows as
with asked as (
    select distinct entity_id, creditor_number, payee_id, moment from fact_subject where creditor_number <> ''
), known as (
    select distinct on (k.entity_id, k.creditor_number, k.payee_id, k.moment)
           k.entity_id, k.creditor_number, k.payee_id as named, k.moment, d.id, d.payee_id, d.valid_from, d.confirmed_at
    from asked k
    join transactions_bankdetails d on d.entity_id = k.entity_id and d.account_number = k.creditor_number
    where d.valid_from <= k.moment and (d.valid_to is null or d.valid_to > k.moment)
      and (k.payee_id is null or d.payee_id = k.payee_id)
    order by k.entity_id, k.creditor_number, k.payee_id, k.moment, d.valid_from desc, d.id desc
)
select s.payment_id, s.entity_id, s.creditor_number, s.currency, s.moment,
       coalesce(s.payee_id, d.payee_id) as payee_id,
       d.id is not null as number_known, d.valid_from as number_from,
       coalesce(d.confirmed_at <= s.moment, false) as number_confirmed,
       -- Whose history counts: the payee's, or the bare account's when no payee is known.
       coalesce('payee ' || coalesce(s.payee_id, d.payee_id), 'number ' || s.entity_id || ' ' || s.creditor_number)
           as history
from fact_subject s
left join known d
    on d.entity_id = s.entity_id and d.creditor_number = s.creditor_number and d.moment = s.moment
    and coalesce(d.named, 0) = coalesce(s.payee_id, 0);
analyze fact_party (payment_id, payee_id, history);

create temporary table fact_payee on commit delete rows as
select k.payee_id, k.moment, y.name, y.created_at < k.moment as known, d.first_from, d.number
from (select distinct payee_id, moment from fact_party where payee_id is not null) k
join transactions_payee y on y.id = k.payee_id
cross join lateral (
    select min(b.valid_from) as first_from,
           (array_agg(b.account_number order by b.valid_from desc, b.id desc)
            filter (where b.valid_to is null or b.valid_to > k.moment))[1] as number
    from transactions_bankdetails b where b.payee_id = k.payee_id and b.valid_from <= k.moment
) d;
analyze fact_payee (payee_id);

-- What was paid before, under each history.
create temporary table fact_usual on commit delete rows as
select k.history, k.currency, k.moment, u.*
from (select distinct history, payee_id, currency, moment from fact_party where payee_id is not null) k
cross join lateral (
    select max(x.received_at) as last_at,
           count(*) filter (where x.usual) as usual_count, max(x.amount) filter (where x.usual) as usual_highest,
           percentile_disc(0.5) within group (order by x.amount) filter (where x.usual) as usual_amount
    from (select h.received_at, h.amount,
                 h.currency = k.currency and h.received_at >= k.moment - interval '18 months' as usual
          from transactions_payment h join transactions_paymentstate st on st.payment_id = h.id
          where h.payee_id = k.payee_id and h.received_at < k.moment
            and st.status in ('approved', 'posted', 'sent', 'settled')
          order by h.received_at desc limit 500) x
) u
union all
select k.history, k.currency, k.moment, u.*
from (select distinct history, entity_id, creditor_number, currency, moment
      from fact_party where payee_id is null and creditor_number <> '') k
cross join lateral (
    select max(x.received_at) as last_at,
           count(*) filter (where x.usual) as usual_count, max(x.amount) filter (where x.usual) as usual_highest,
           percentile_disc(0.5) within group (order by x.amount) filter (where x.usual) as usual_amount
    from (select h.received_at, h.amount,
                 h.currency = k.currency and h.received_at >= k.moment - interval '18 months' as usual
          from transactions_payment h join transactions_paymentstate st on st.payment_id = h.id
          where h.entity_id = k.entity_id and h.creditor_number = k.creditor_number
            and h.received_at < k.moment
            and st.status in ('approved', 'posted', 'sent', 'settled')
          order by h.received_at desc limit 500) x
) u;
analyze fact_usual (history);

-- Whether an account of a known payee was paid before; of an unknown one its history above says it.
create temporary table fact_number_paid on commit delete rows as
select k.entity_id, k.creditor_number, k.moment, exists (
    select 1 from transactions_payment h join transactions_paymentstate st on st.payment_id = h.id
    where h.entity_id = k.entity_id and h.creditor_number = k.creditor_number and h.received_at < k.moment
      and st.status in ('approved', 'posted', 'sent', 'settled')) as paid
from (select distinct entity_id, creditor_number, moment from fact_party
      where payee_id is not null and creditor_number <> '') k;
