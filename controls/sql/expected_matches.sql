-- What came for occurrences that are open, the nearest to the due day first. Parameters: ids of occurrences.
-- A payment counts when it is between the same parties in the same currency, within the usual amounts, and was neither
-- rejected nor cancelled; a file when it is of the source. What counts for another occurrence does not count again.
with open as (
    select o.id, o.expectation_id, o.rhythm_on, o.due_on, o.missing_after, e.kind, e.account_id, e.payee_id, e.number, e.currency,
           e.amount_low, e.amount_high, e.source_id, e.standing_id, n.time_zone,
           o.window_from::timestamp at time zone n.time_zone as since,
           (o.window_to + 1)::timestamp at time zone n.time_zone as until
    from controls_occurrence o
    join controls_expectation e on e.id = o.expectation_id
    join people_entity n on n.id = o.entity_id
    where o.id = any(%(ids)s)
)
select o.id, c.payment_id, c.batch_id, c.day, c.day > o.missing_after as late
from open o
cross join lateral (
    select x.payment_id, x.batch_id, (x.moment at time zone o.time_zone)::date as day
    from (
        select p.id as payment_id, null::bigint as batch_id, p.received_at as moment
        from transactions_standingdue d join transactions_payment p on p.id = d.payment_id
        where o.standing_id is not null and d.order_id = o.standing_id and d.due_on = o.rhythm_on and d.status <> 'given_up'
        union all
        select p.id, null, p.received_at
        from transactions_payment p
        join transactions_paymentstate s on s.payment_id = p.id and s.status not in ('rejected', 'cancelled')
        where o.kind = 'payee' and o.standing_id is null and p.debtor_account_id = o.account_id
          and p.received_at >= o.since and p.received_at < o.until
          and p.kind in ('sepa', 'transfer', 'internal', 'instant', 'supplier') and p.channel <> 'standing'
          and case when o.payee_id is null then p.creditor_number = o.number else p.payee_id = o.payee_id end
          and p.currency = o.currency and (o.amount_low is null or p.amount >= o.amount_low)
          and (o.amount_high is null or p.amount <= o.amount_high)
        union all
        select p.id, null, p.received_at
        from transactions_payment p
        join transactions_paymentstate s on s.payment_id = p.id and s.status not in ('rejected', 'cancelled')
        where o.kind = 'payer' and p.kind = 'incoming' and p.debtor_number = o.number
          and p.creditor_account_id = o.account_id and p.received_at >= o.since and p.received_at < o.until
          and p.currency = o.currency and (o.amount_low is null or p.amount >= o.amount_low)
          and (o.amount_high is null or p.amount <= o.amount_high)
        union all
        select null, b.id, b.created_at
        from transactions_paymentbatch b
        where o.kind = 'file' and b.source_id = o.source_id and b.created_at >= o.since and b.created_at < o.until
          and b.channel in ('file', 'command') and b.status not in ('refused', 'cancelled')
    ) x
    where not exists (
        select from controls_occurrence u
        where u.expectation_id = o.expectation_id and u.status = 'came'
          and (u.payment_id = x.payment_id or u.batch_id = x.batch_id))
    order by abs((x.moment at time zone o.time_zone)::date - o.due_on), x.moment, x.payment_id, x.batch_id
    limit 1
) c
order by o.id
