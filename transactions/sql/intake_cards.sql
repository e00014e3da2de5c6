-- Card payments from the stage: payments to an account of ours, their states, what the acquirer reported, and their
-- records, in one statement. The acquirer is the claim with that code. Where no account is named, the receivables of the
-- house are paid. A payment is due four hours after it came.
with numbers as materialized (
    select distinct creditor_number as number, currency from card_stage where creditor_number <> ''
), creditors as materialized (
    select n.number, n.currency, found.id
    from numbers n cross join lateral (
        select a.id from (
            select id, currency, 0 as rank from transactions_account
            where entity_id = %(entity)s and iban = n.number and iban <> ''
            union all
            select id, currency, 1 from transactions_account
            where entity_id = %(entity)s and other_number = n.number and other_number <> ''
            union all
            select id, currency, 2 from transactions_account where entity_id = %(entity)s and code = n.number
        ) a
        where a.currency = n.currency order by a.rank, a.id limit 1
    ) found
), seen as materialized (
    select p.fingerprint, max(p.occurrence) as occurrences,
           min(p.id) filter (
               where p.batch_id <> %(batch)s and s.status not in ('rejected', 'cancelled')
           ) as payment_id,
           max(p.id) filter (where p.batch_id <> %(batch)s) as last_id
    from (select distinct decode(fingerprint, 'hex') as fingerprint from card_stage) f
    join transactions_payment p on p.entity_id = %(entity)s and p.fingerprint = f.fingerprint
    join transactions_paymentstate s on s.payment_id = p.id
    group by p.fingerprint
), plan as materialized (
    select d.position, c.id as creditor_account_id, seen.payment_id as seen_payment_id, former.batch_id as seen_batch_id,
           seen.last_id is not null and seen.payment_id is null as sent_again,
           row_number() over (partition by d.fingerprint order by d.position) + coalesce(seen.occurrences, 0) as occurrence
    from card_stage d
    left join creditors c on c.number = d.creditor_number and c.currency = d.currency
    left join seen on seen.fingerprint = decode(d.fingerprint, 'hex')
    left join transactions_payment former on former.id = coalesce(seen.payment_id, seen.last_id)
), taken as (
    insert into transactions_payment (
        entity_id, batch_id, position, kind, channel, received_at, maker_id, amount, currency, requested_execution_date,
        debtor_name, debtor_number, debtor_bic, ultimate_debtor, creditor_name, creditor_number, creditor_bic,
        creditor_address, creditor_account_id, ultimate_creditor, payment_info_id, instruction_id, end_to_end_id, uetr,
        remittance, creditor_reference, purpose, category_purpose, service_level, local_instrument, charge_bearer,
        fingerprint, occurrence
    )
    select %(entity)s, %(batch)s, s.position, 'card', %(channel)s, %(received_at)s, %(maker)s, s.amount, s.currency,
           s.requested_execution_date, s.debtor_name, s.debtor_number, s.debtor_bic, s.ultimate_debtor,
           coalesce(nullif(s.creditor_name, ''), owner.name, a.name, ''), s.creditor_number,
           coalesce(nullif(s.creditor_bic, ''), a.bic, ''), s.creditor_address, p.creditor_account_id,
           s.ultimate_creditor, s.payment_info_id, s.instruction_id, s.end_to_end_id, s.uetr, s.remittance,
           s.creditor_reference, s.purpose, s.category_purpose, s.service_level, s.local_instrument, s.charge_bearer,
           decode(s.fingerprint, 'hex'), p.occurrence
    from card_stage s
    join plan p using (position)
    left join transactions_account a on a.id = p.creditor_account_id
    left join transactions_party owner on owner.id = a.owner_id
    where p.seen_payment_id is null
    order by s.position
    returning id, position, creditor_account_id, requested_execution_date
), states as (
    insert into transactions_paymentstate (
        payment_id, entity_id, status, version, priority, due_at, outcome, risk, hold_count, approvals_required,
        approvals_given, changed_at
    )
    select t.id, %(entity)s, 'received', 1, 0,
           %(received_at)s + interval '4 hours', '', 0, 0, 1, 0, %(received_at)s
    from taken t
    returning payment_id
), cards as (
    insert into transactions_cardpayment (
        payment_id, entity_id, acquirer_id, acquirer_code, order_reference, captured_on, fee, payout_reference
    )
    select t.id, %(entity)s, q.id, s.acquirer_code, s.order_reference, t.requested_execution_date, s.fee,
           s.payout_reference
    from taken t join card_stage s using (position)
    left join transactions_account q on q.entity_id = %(entity)s and q.code = s.acquirer_code and q.kind = 'receivable'
    returning payment_id
), records as (
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select %(entity)s, 'payment', t.id, 'payment.received', %(actor)s, '',
           format('{"batch":%%s,"position":%%s}', %(batch)s::text, t.position)
    from taken t order by t.id
    returning 1
)
select (select count(*) from taken), (select count(*) from states), (select count(*) from cards),
       (select count(*) from records),
       (select coalesce(
            json_agg(json_build_array(s.position, nullif(s.line, 0), s.end_to_end_id, p.seen_batch_id, p.seen_payment_id)
                     order by s.position), '[]')
        from plan p join card_stage s using (position)
        where p.seen_payment_id is not null or p.sent_again);
