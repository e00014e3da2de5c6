-- Payments that look alike, sums near thresholds, and funds. Reads fact_subject and fact_recent.

-- Same creditor, currency and amount, more than once: most payments stand alone and go no further.
create temporary table fact_alike on commit delete rows as
with shared as (
    select entity_id, creditor_number, currency, amount, row_number() over () as together
    from fact_recent group by entity_id, creditor_number, currency, amount having count(*) > 1
)
select r.id, x.together, r.batch_id, r.position, r.moment, r.reference, r.words
from shared x
join fact_recent r
    on r.entity_id = x.entity_id and r.creditor_number = x.creditor_number and r.currency = x.currency
    and r.amount = x.amount;

create temporary table fact_same on commit delete rows as
with marked as (
    select id, reference, words,
        lag(id) over (partition by together, batch_id, reference order by position, id) as file_by_reference,
        lag(id) over (partition by together, batch_id, words order by position, id) as file_by_words,
        -- The last that was taken in, not just any of the last moment: the same however the run is cut.
        max(id) over (partition by together, reference order by moment
                      range between unbounded preceding and current row exclude group) as other_by_reference,
        max(id) over (partition by together, words order by moment
                      range between unbounded preceding and current row exclude group) as other_by_words,
        lag(id) over (partition by together order by moment, batch_id, position, id) as any_other
    from fact_alike
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
create temporary table fact_close on commit delete rows as
with shared as (
    select entity_id, creditor_number, currency, coalesce(words, reference) as reference,
           row_number() over () as together
    from fact_recent group by 1, 2, 3, 4 having count(*) > 1 and coalesce(words, reference) is not null
), marked as (
    select r.id, lag(r.id) over (partition by x.together order by r.moment, r.batch_id, r.position, r.id) as before
    from shared x
    join fact_recent r
        on r.entity_id = x.entity_id and r.creditor_number = x.creditor_number and r.currency = x.currency
        and coalesce(r.words, r.reference) = x.reference
)
select id as payment_id, before from marked
where before is not null and id in (select payment_id from fact_subject);

-- The earlier payments that those found are compared with, and how they are called. Each once: in a replay one that
-- was amended since may stand among the recent payments of two accounts.
create temporary table fact_shown on commit delete rows as
select distinct r.id, r.batch_id, r.position, r.received_at, r.amount,
       'PAY-' || to_char(r.received_at at time zone 'UTC', 'YYYY') || '-'
           || lpad(r.id::text, greatest(6, length(r.id::text)), '0') as shown
from fact_recent r
where r.id in (select before from fact_close
               union select unnest(array[file_by_reference, file_by_words, other_by_reference, other_by_words, any_other])
               from fact_same);
analyze fact_shown (id);

-- Approval bands of an entity and currency (the shipped ones where it has none): where each begins, and the least
-- amount that is just under its threshold: within 10%, and not below its beginning.
create temporary table fact_band on commit delete rows as
select k.entity_id, k.currency, t.threshold, coalesce(t.beginning, 0) as beginning,
       greatest(t.threshold * 0.9, t.beginning) as least
from (select distinct entity_id, currency from fact_subject) k
cross join lateral (
    select a.threshold, lag(a.threshold) over (order by a.threshold) as beginning
    from (select distinct b.from_amount as threshold from controls_approvalpolicy b
          where b.entity_id = k.entity_id and b.currency = k.currency and b.from_amount > 0
          union all
          select shipped from unnest(array[10000, 100000]::numeric[]) shipped
          where not exists (select 1 from controls_approvalpolicy b
                            where b.entity_id = k.entity_id and b.currency = k.currency and b.from_amount > 0)) a
) t;
analyze fact_band;

-- The same of what people may sign for at most: a payment just under somebody's limit is signed by that person, one
-- above is not. A limit reaches its amount, a band begins at it.
create temporary table fact_ceiling on commit delete rows as
select k.entity_id, k.currency, t.threshold, coalesce(t.beginning, 0) as beginning,
       greatest(t.threshold * 0.9, t.beginning) as least
from (select distinct entity_id, currency from fact_subject) k
cross join lateral (
    select a.threshold, lag(a.threshold) over (order by a.threshold) as beginning
    from (select distinct l.amount as threshold from people_limit l
          join people_grant g on g.user_id = l.user_id and (g.entity_id is null or g.entity_id = k.entity_id)
          join people_user u on u.id = l.user_id and u.is_active and not u.is_machine
          where l.currency = k.currency and l.amount > 0) a
) t
where not exists (select 1 from fact_band b
                  where b.entity_id = k.entity_id and b.currency = k.currency and b.threshold = t.threshold);
analyze fact_ceiling;

create temporary table fact_key on commit delete rows as
select distinct entity_id, creditor_number, currency, batch_id, moment, received_on, time_zone
from fact_subject where creditor_number <> '';
analyze fact_key (creditor_number);

-- Payments to one account by file and receipt, and those of them that are just under a band.
create temporary table fact_group on commit delete rows as
select r.entity_id, r.creditor_number, r.currency, r.batch_id, r.received_at, count(*) as n, sum(r.amount) as total
from fact_recent r
where r.received_at > (select min(moment) - interval '2 days' from fact_subject)
   or r.batch_id in (select batch_id from fact_key)
group by 1, 2, 3, 4, 5;
analyze fact_group (creditor_number);

create temporary table fact_under on commit delete rows as
select r.entity_id, r.creditor_number, r.currency, r.batch_id, r.received_at, b.threshold, b.person,
       count(*) as n, sum(r.amount) as total
from fact_recent r
join (select entity_id, currency, threshold, least, beginning, false as person from fact_band
      union all select entity_id, currency, threshold, least, beginning, true from fact_ceiling) b
    on b.entity_id = r.entity_id and b.currency = r.currency and r.amount >= b.least
    and case when b.person then r.amount > b.beginning and r.amount <= b.threshold else r.amount < b.threshold end
where r.received_at > (select min(moment) - interval '8 days' from fact_subject)
   or r.batch_id in (select batch_id from fact_key)
group by 1, 2, 3, 4, 5, 6, 7;
analyze fact_under (creditor_number);

create temporary table fact_split on commit delete rows as
select k.entity_id, k.creditor_number, k.currency, k.batch_id, k.moment, w.threshold, w.person,
       sum(w.n) as n, sum(w.total) as total
from fact_key k
join fact_under w on w.entity_id = k.entity_id and w.creditor_number = k.creditor_number and w.currency = k.currency
where w.batch_id = k.batch_id or (w.received_at > k.moment - interval '7 days' and w.received_at < k.moment)
group by 1, 2, 3, 4, 5, 6, 7;

create temporary table fact_today on commit delete rows as
select k.entity_id, k.creditor_number, k.currency, k.batch_id, k.moment, sum(w.n) as n, sum(w.total) as total
from fact_key k
join fact_group w on w.entity_id = k.entity_id and w.creditor_number = k.creditor_number and w.currency = k.currency
where (w.received_at at time zone k.time_zone)::date = k.received_on
  and (w.batch_id = k.batch_id or w.received_at < k.moment)
group by 1, 2, 3, 4, 5;

-- What the payments of a file up to each one ask of its account, as long as they hold no funds of their own: one sum for
-- all that stand before the first payment to judge, then a running sum. Accounts without a floor ask for none.
create temporary table fact_funds on commit delete rows as
with part as (
    select batch_id, min(position) as first, max(position) as last from fact_subject group by batch_id
), bounded as (
    select account_id from transactions_accountbalance
    where floor is not null and account_id in (select debtor_account_id from fact_subject)
), before as (
    select p.batch_id, p.debtor_account_id, p.currency, sum(p.amount) as asked
    from part f
    join transactions_payment p on p.batch_id = f.batch_id and p.position < f.first
    join transactions_paymentstate st on st.payment_id = p.id
    where st.status in ('received', 'checked', 'validated')
      and p.debtor_account_id in (select account_id from bounded)
    group by 1, 2, 3
), running as (
    select p.id, p.batch_id, p.debtor_account_id, p.currency,
           sum(p.amount) filter (where st.status in ('received', 'checked', 'validated'))
               over (partition by p.batch_id, p.debtor_account_id, p.currency order by p.position, p.id) as asked
    from part f
    join transactions_payment p on p.batch_id = f.batch_id and p.position between f.first and f.last
    join transactions_paymentstate st on st.payment_id = p.id
    where p.debtor_account_id in (select account_id from bounded)
)
select r.id as payment_id, r.asked + coalesce(b.asked, 0) as asked
from running r
left join before b
    on b.batch_id = r.batch_id and b.debtor_account_id = r.debtor_account_id and b.currency = r.currency
where r.id in (select payment_id from fact_subject);
analyze fact_funds (payment_id);
