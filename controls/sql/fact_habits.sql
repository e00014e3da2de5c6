-- What is usual for an account, for the person who entered a payment and for the way it came; and what was paid in cash.
-- One look for each different account, person or file: never one a payment. Reads fact_subject and fact_band.

-- When the account last moved, and how much of what was lately paid from it each maker entered (200 looked at).
create temporary table fact_account on commit delete rows as
select k.debtor_account_id, k.moment, m.last_at
from (select distinct debtor_account_id, moment from fact_subject where debtor_account_id is not null) k
cross join lateral (
    select max(x.created_at) as last_at
    from transactions_posting x where x.account_id = k.debtor_account_id and x.created_at < k.moment) m;
analyze fact_account (debtor_account_id);

create temporary table fact_maker on commit delete rows as
select k.debtor_account_id, k.maker_id, k.currency, k.moment, u.full_name as name, h.*
from (select distinct debtor_account_id, maker_id, currency, moment from fact_subject
      where debtor_account_id is not null and maker_id is not null) k
join people_user u on u.id = k.maker_id
cross join lateral (
    select count(*) as account_count, count(*) filter (where x.maker_id = k.maker_id) as maker_count,
           percentile_disc(0.5) within group (order by x.amount)
               filter (where x.maker_id = k.maker_id and x.currency = k.currency) as maker_usual_amount
    from (select h.maker_id, h.amount, h.currency
          from transactions_payment h join transactions_paymentstate st on st.payment_id = h.id
          where h.debtor_account_id = k.debtor_account_id and h.received_at < k.moment
            and st.status in ('approved', 'posted', 'sent', 'settled')
          order by h.received_at desc limit 200) x) h;
analyze fact_maker (debtor_account_id);

-- Earlier deliveries by the same person and way (source, channel), and how many of them came at about the same hour. The
-- clock is round: 23 h and 1 h are two hours apart. What a sender's machine brings is left out: its hour tells little.
create temporary table fact_hour on commit delete rows as
select k.batch_id, k.at_hour, to_char(k.at, 'HH24:MI') as clock, h.*
from (select f.batch_id, b.entity_id, b.source_id, b.channel, b.imported_by_id, f.time_zone,
             b.created_at at time zone f.time_zone as at,
             extract(hour from b.created_at at time zone f.time_zone)::int as at_hour
      from (select distinct batch_id, time_zone from fact_subject) f
      join transactions_paymentbatch b on b.id = f.batch_id and b.imported_by_id is not null) k
cross join lateral (
    select count(*) as habit_count,
           count(*) filter (where least(abs(x.hour - k.at_hour), 24 - abs(x.hour - k.at_hour)) <= 2) as habit_near
    from (select extract(hour from o.created_at at time zone k.time_zone)::int as hour
          from (select c.created_at, c.source_id, c.channel, c.imported_by_id from transactions_paymentbatch c
                where c.entity_id = k.entity_id and c.id < k.batch_id order by c.id desc limit 400) o
          where o.channel = k.channel and o.source_id is not distinct from k.source_id
            and o.imported_by_id is not distinct from k.imported_by_id) x) h;
analyze fact_hour (batch_id);

-- Cash is told by the purpose (ISO 20022: cash disbursement and cash back). Summed over one debt: the same parties and
-- reference, 90 days and the own file; and over the account in the calendar month.
create temporary table fact_debt on commit delete rows as
select k.entity_id, k.creditor_number, k.debtor_account_id, k.currency, k.words, k.batch_id, k.moment,
       h.n, h.total
from (select distinct entity_id, creditor_number, debtor_account_id, currency, words, batch_id, moment
      from fact_subject where cash) k
cross join lateral (
    select count(*) as n, sum(x.amount) as total
    from transactions_payment x join transactions_paymentstate st on st.payment_id = x.id
    where x.entity_id = k.entity_id and x.creditor_number = k.creditor_number and x.currency = k.currency
      and x.debtor_account_id is not distinct from k.debtor_account_id
      and x.received_at > k.moment - interval '90 days' and (x.batch_id = k.batch_id or x.received_at < k.moment)
      and upper(x.purpose) in ('CDCB', 'CDCD', 'CDCS', 'CSDB')
      and nullif(coalesce(nullif(upper(x.creditor_reference), ''), lower(regexp_replace(x.remittance, ' +', ' ', 'g'))),
                 '') is not distinct from k.words
      and st.status not in ('rejected', 'cancelled', 'returned')) h;

create temporary table fact_cash_month on commit delete rows as
select k.debtor_account_id, k.currency, k.batch_id, k.moment, k.received_on, h.total
from (select distinct debtor_account_id, currency, batch_id, moment, received_on, time_zone
      from fact_subject where cash and debtor_account_id is not null) k
cross join lateral (
    select sum(x.amount) as total
    from transactions_payment x join transactions_paymentstate st on st.payment_id = x.id
    where x.debtor_account_id = k.debtor_account_id and x.currency = k.currency
      and x.received_at >= date_trunc('month', k.received_on::timestamp) at time zone k.time_zone
      and x.received_at < (date_trunc('month', k.received_on::timestamp) + interval '1 month') at time zone k.time_zone
      and (x.batch_id = k.batch_id or x.received_at < k.moment)
      and upper(x.purpose) in ('CDCB', 'CDCD', 'CDCS', 'CSDB')
      and st.status not in ('rejected', 'cancelled', 'returned')) h;

-- What one person typed in a week just under an approval band, whoever is paid.
create temporary table fact_typed on commit delete rows as
select k.entity_id, k.maker_id, k.currency, k.moment, k.threshold, h.n, h.payees, h.total
from (select distinct s.entity_id, s.maker_id, s.currency, s.moment, b.threshold, b.least
      from fact_subject s
      join fact_band b on b.entity_id = s.entity_id and b.currency = s.currency
          and s.amount >= b.least and s.amount < b.threshold
      where s.channel = 'form' and s.maker_id is not null) k
cross join lateral (
    select count(*) as n, count(distinct x.creditor_number) as payees, sum(x.amount) as total
    from transactions_paymentbatch c
    join transactions_payment x on x.batch_id = c.id
    join transactions_paymentstate st on st.payment_id = x.id
    where c.imported_by_id = k.maker_id and c.channel = 'form' and c.created_at > k.moment - interval '7 days'
      and x.entity_id = k.entity_id and x.maker_id = k.maker_id and x.currency = k.currency
      and x.received_at > k.moment - interval '7 days' and x.received_at <= k.moment
      and x.amount >= k.least and x.amount < k.threshold
      and st.status not in ('rejected', 'cancelled', 'returned')) h;
