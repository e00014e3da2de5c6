-- What came to or left an entity so far, by whoever is on the other side: the days on which it came, at most the last 24
-- of each, where they are at least four and one gap is much like another. Parameters: entity, since (day), least.
-- ``usual`` false: whatever came; true: only what is between half and twice the median amount, where that leaves
-- something out. The house's own standing orders are announced, so they are not learnt.
with here as (select id, time_zone from people_entity where id = %(entity)s),
came as materialized (
    select 'payee' as kind,
           concat_ws(' ', p.debtor_account_id, coalesce('payee ' || p.payee_id, p.creditor_number), p.currency) as key,
           p.debtor_account_id as account_id, p.payee_id, case when p.payee_id is null then p.creditor_number else '' end as number,
           null::bigint as source_id, p.currency, p.creditor_name as name, p.amount,
           (p.received_at at time zone h.time_zone)::date as day
    from here h
    join transactions_payment p on p.entity_id = h.id and p.received_at >= %(since)s
    join transactions_paymentstate s on s.payment_id = p.id and s.status not in ('rejected', 'cancelled')
    where p.kind in ('sepa', 'transfer', 'internal', 'instant', 'supplier') and p.debtor_account_id is not null
      and p.channel <> 'standing' and (p.payee_id is not null or p.creditor_number <> '')
    union all
    select 'payer', concat_ws(' ', p.creditor_account_id, p.debtor_number, p.currency), p.creditor_account_id, null,
           p.debtor_number, null, p.currency, p.debtor_name, p.amount, (p.received_at at time zone h.time_zone)::date
    from here h
    join transactions_payment p on p.entity_id = h.id and p.received_at >= %(since)s
    join transactions_paymentstate s on s.payment_id = p.id and s.status not in ('rejected', 'cancelled')
    where p.kind = 'incoming' and p.creditor_account_id is not null and p.debtor_number <> ''
    union all
    select 'file', 'source ' || b.source_id, null, null, '', b.source_id, '', i.name, null,
           (b.created_at at time zone h.time_zone)::date
    from here h
    join transactions_paymentbatch b on b.entity_id = h.id and b.created_at >= %(since)s
    join transactions_intakesource i on i.id = b.source_id and i.is_active
    where b.channel in ('file', 'command') and b.status not in ('refused', 'cancelled')
),
typical as (
    select kind, key, percentile_disc(0.5) within group (order by amount) as median
    from came group by kind, key having count(distinct day) >= %(least)s
),
counted as (
    select c.*, v.usual
    from typical t
    join came c on c.kind = t.kind and c.key = t.key
    cross join (values (false), (true)) v(usual)
    where not v.usual or c.amount between t.median / 2 and t.median * 2
),
days as (
    select kind, key, usual, day, row_number() over (partition by kind, key, usual order by day desc) as place,
           day - lag(day) over (partition by kind, key, usual order by day) as gap
    from counted group by kind, key, usual, day
),
gaps as (
    select kind, key, usual, array_agg(day order by day) as days,
           percentile_disc(0.5) within group (order by gap) filter (where place < 24) as gap
    from days where place <= 24
    group by kind, key, usual having count(*) >= %(least)s
),
regular as (
    select g.kind, g.key, g.usual, g.days
    from gaps g join days d on d.kind = g.kind and d.key = g.key and d.usual = g.usual and d.place < 24
    where d.gap is not null and g.gap >= 6
    group by g.kind, g.key, g.usual, g.days, g.gap
    having percentile_disc(0.5) within group (order by abs(d.gap - g.gap)) <= greatest(2, g.gap / 8)
),
sums as (
    select r.kind, r.key, r.usual, r.days, percentile_disc(0.5) within group (order by c.amount) as amount,
           min(c.amount) as least, max(c.amount) as most,
           (array_agg(c.account_id))[1] as account_id, (array_agg(c.payee_id))[1] as payee_id, max(c.number) as number,
           (array_agg(c.source_id))[1] as source_id, max(c.currency) as currency,
           (array_agg(c.name order by c.day desc))[1] as name
    from regular r join counted c on c.kind = r.kind and c.key = r.key and c.usual = r.usual and c.day = any(r.days)
    group by r.kind, r.key, r.usual, r.days
)
select s.kind, s.key, s.usual, s.days, s.amount, s.least, s.most, s.account_id, s.payee_id, s.number, s.source_id, s.currency, s.name,
       (select percentile_disc(0.5) within group (order by abs(c.amount - s.amount))
        from counted c where c.kind = s.kind and c.key = s.key and c.usual = s.usual and c.day = any(s.days)) as spread
from sums s
order by s.kind, s.key, s.usual
