-- Payments that look alike, sums near thresholds, and funds. Reads fact_subject, fact_file, fact_recent.

-- Same creditor, currency and amount: only rows that share them with a payment to judge.
create temporary table fact_same on commit drop as
with alike as (
    select r.* from fact_recent r
    where exists (select 1 from fact_subject s
                  where s.entity_id = r.entity_id and s.creditor_number = r.creditor_number
                    and s.currency = r.currency and s.amount = r.amount)
), marked as (
    select id, reference, words,
        lag(id) over (partition by batch_id, entity_id, creditor_number, currency, amount, reference
                      order by position, id) as file_by_reference,
        lag(id) over (partition by batch_id, entity_id, creditor_number, currency, amount, words
                      order by position, id) as file_by_words,
        last_value(id) over (partition by entity_id, creditor_number, currency, amount, reference
                             order by moment
                             range between unbounded preceding and current row exclude group) as other_by_reference,
        last_value(id) over (partition by entity_id, creditor_number, currency, amount, words
                             order by moment
                             range between unbounded preceding and current row exclude group) as other_by_words,
        lag(id) over (partition by entity_id, creditor_number, currency, amount
                      order by moment, batch_id, position, id) as any_other
    from alike
)
select id as payment_id,
       case when reference is not null then file_by_reference end as file_by_reference,
       case when words is not null then file_by_words end as file_by_words,
       case when reference is not null then other_by_reference end as other_by_reference,
       case when words is not null then other_by_words end as other_by_words,
       any_other
from marked
where id in (select payment_id from fact_subject)
  and coalesce(file_by_reference, file_by_words, other_by_reference, other_by_words, any_other) is not null;

-- Same creditor, currency and reference with another amount: the latest before.
create temporary table fact_close on commit drop as
with alike as (
    select r.id, r.entity_id, r.creditor_number, r.currency, r.moment, r.batch_id, r.position,
           coalesce(r.words, r.reference) as reference
    from fact_recent r
    where exists (select 1 from fact_subject s
                  where s.entity_id = r.entity_id and s.creditor_number = r.creditor_number
                    and s.currency = r.currency
                    and coalesce(s.words, s.reference) = coalesce(r.words, r.reference))
), marked as (
    select id, lag(id) over (partition by entity_id, creditor_number, currency, reference
                             order by moment, batch_id, position, id) as before
    from alike
)
select id as payment_id, before from marked
where before is not null and id in (select payment_id from fact_subject);

-- The earlier payments that those found are compared with, and how they are called.
create temporary table fact_shown on commit drop as
select r.id, r.batch_id, r.position, r.received_at, r.amount,
       'PAY-' || to_char(r.received_at at time zone 'UTC', 'YYYY') || '-'
           || lpad(r.id::text, greatest(6, length(r.id::text)), '0') as shown
from fact_recent r
where r.id in (select before from fact_close
               union select unnest(array[file_by_reference, file_by_words, other_by_reference, other_by_words, any_other])
               from fact_same);
analyze fact_shown;

-- Approval bands of an entity and currency; the shipped ones where it has none.
create temporary table fact_band on commit drop as
select k.entity_id, k.currency, coalesce(
    (select array_agg(distinct b.from_amount order by b.from_amount)
     from controls_approvalpolicy b
     where b.entity_id = k.entity_id and b.currency = k.currency and b.from_amount > 0),
    array[10000, 100000]::numeric[]) as bands
from (select distinct entity_id, currency from fact_subject) k;

-- Payments to one account in the week before and in the file itself, by the band they are just under.
create temporary table fact_week on commit drop as
select r.entity_id, r.creditor_number, r.currency, r.batch_id, r.received_at, near.threshold,
       count(*) as n, sum(r.amount) as total
from fact_recent r
join fact_band b on b.entity_id = r.entity_id and b.currency = r.currency
left join lateral (select min(t) as threshold from unnest(b.bands) t
                   where r.amount < t and r.amount >= t * 0.9) near on true
where r.received_at > (select min(moment) - interval '8 days' from fact_subject)
  and exists (select 1 from fact_subject s
              where s.entity_id = r.entity_id and s.creditor_number = r.creditor_number and s.currency = r.currency)
group by 1, 2, 3, 4, 5, 6;
analyze fact_week;

create temporary table fact_key on commit drop as
select distinct entity_id, creditor_number, currency, batch_id, moment, received_on, time_zone
from fact_subject where creditor_number <> '';
analyze fact_key;

create temporary table fact_split on commit drop as
select k.entity_id, k.creditor_number, k.currency, k.batch_id, k.moment, w.threshold,
       sum(w.n) as n, sum(w.total) as total
from fact_key k
join fact_week w on w.entity_id = k.entity_id and w.creditor_number = k.creditor_number and w.currency = k.currency
where w.threshold is not null and (w.batch_id = k.batch_id or w.received_at > k.moment - interval '7 days')
  and (w.batch_id = k.batch_id or w.received_at < k.moment)
group by 1, 2, 3, 4, 5, 6;

create temporary table fact_today on commit drop as
select k.entity_id, k.creditor_number, k.currency, k.batch_id, k.moment, sum(w.n) as n, sum(w.total) as total
from fact_key k
join fact_week w on w.entity_id = k.entity_id and w.creditor_number = k.creditor_number and w.currency = k.currency
where (w.received_at at time zone k.time_zone)::date = k.received_on
  and (w.batch_id = k.batch_id or w.received_at < k.moment)
group by 1, 2, 3, 4, 5;

-- What the payments of a file up to each one ask of its account, as long as they hold no funds of their own.
create temporary table fact_funds on commit drop as
select x.id as payment_id, x.asked
from (
    select f.id, sum(f.amount) filter (where f.unreserved)
               over (partition by f.batch_id, f.debtor_account_id, f.currency order by f.position, f.id) as asked
    from fact_file f where f.debtor_account_id in (select debtor_account_id from fact_subject)
) x
where x.id in (select payment_id from fact_subject);
analyze fact_funds;
