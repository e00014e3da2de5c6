-- Direct debits from the stage: payments to an account of ours, their states, what was said of their mandates, and
-- their records, in one statement. A debit is due at the cut-off until which it is released to be collected on its day
-- (cut_offs.sql); without a cut-off, four hours after it came.
with numbers as materialized (
    select distinct creditor_number as number, currency from debit_stage where creditor_number <> ''
), creditors as materialized (
    select n.number, n.currency, found.id
    from numbers n cross join lateral (
        select a.id from (
            select id, currency, 0 as rank from transactions_account
            where entity_id = %(entity)s and iban = n.number and iban <> ''
            union all
            select id, currency, 1 from transactions_account
            where entity_id = %(entity)s and other_number = n.number and other_number <> ''
        ) a
        where a.currency = n.currency order by a.rank, a.id limit 1
    ) found
), seen as materialized (
    select p.fingerprint, max(p.occurrence) as occurrences,
           min(p.id) filter (
               where p.batch_id <> %(batch)s and s.status not in ('rejected', 'cancelled', 'returned')
           ) as payment_id,
           max(p.id) filter (where p.batch_id <> %(batch)s) as last_id
    from (select distinct decode(fingerprint, 'hex') as fingerprint from debit_stage) f
    join transactions_payment p on p.entity_id = %(entity)s and p.fingerprint = f.fingerprint
    join transactions_paymentstate s on s.payment_id = p.id
    group by p.fingerprint
), plan as materialized (
    select d.position, c.id as creditor_account_id, seen.payment_id as seen_payment_id, former.batch_id as seen_batch_id,
           seen.last_id is not null and seen.payment_id is null as sent_again,
           row_number() over (partition by d.fingerprint order by d.position) + coalesce(seen.occurrences, 0) as occurrence
    from debit_stage d
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
    select %(entity)s, %(batch)s, s.position, 'debit', %(channel)s, %(received_at)s, %(maker)s, s.amount, s.currency,
           s.requested_execution_date, s.debtor_name, s.debtor_number, s.debtor_bic, s.ultimate_debtor,
           coalesce(nullif(s.creditor_name, ''), owner.name, a.name, ''), s.creditor_number,
           coalesce(nullif(s.creditor_bic, ''), a.bic, ''), s.creditor_address, p.creditor_account_id,
           s.ultimate_creditor, s.payment_info_id, s.instruction_id, s.end_to_end_id, s.uetr, s.remittance,
           s.creditor_reference, s.purpose, s.category_purpose, s.service_level, s.local_instrument, s.charge_bearer,
           decode(s.fingerprint, 'hex'), p.occurrence
    from debit_stage s
    join plan p using (position)
    left join transactions_account a on a.id = p.creditor_account_id
    left join transactions_party owner on owner.id = a.owner_id
    where p.seen_payment_id is null
    order by s.position
    returning id, position, coalesce(creditor_account_id, 0) as account, currency, requested_execution_date as day
), schemed as materialized (
    select t.*, payment_scheme('debit', '', s.scheme) as scheme from taken t join debit_stage s using (position)
), times as materialized (
    select s.account, s.currency, s.day, s.scheme, t.cut_off_at, t.execution_date
    from (select distinct account, currency, day, scheme from schemed) s
    cross join lateral cut_off_times(
        %(entity)s, nullif(s.account, 0), s.scheme, %(channel)s, s.currency, s.day, %(received_at)s) t
), states as (
    insert into transactions_paymentstate (
        payment_id, entity_id, status, version, priority, due_at, execution_date, outcome, risk, hold_count,
        approvals_required, approvals_given, changed_at
    )
    select t.id, %(entity)s, 'received', 1, 0, coalesce(x.cut_off_at, %(received_at)s + interval '4 hours'),
           case when x.cut_off_at is not null then x.execution_date end, '', 0, 0, 1, 0, %(received_at)s
    from schemed t join times x using (account, currency, day, scheme)
    returning payment_id
), collections as (
    insert into transactions_collection (
        payment_id, entity_id, creditor_scheme_id, creditor_id_valid, mandate_reference, signed_on, sequence, scheme,
        amendment
    )
    select t.id, %(entity)s, s.creditor_scheme_id, s.creditor_id_valid, s.mandate_reference,
           nullif(s.signed_on, '')::date, s.sequence, s.scheme, s.amendment
    from taken t join debit_stage s using (position)
    returning payment_id
), records as (
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select %(entity)s, 'payment', t.id, 'payment.received', %(actor)s, '',
           format('{"batch":%%s,"position":%%s}', %(batch)s::text, t.position)
    from taken t order by t.id
    returning 1
)
select (select count(*) from taken), (select count(*) from states), (select count(*) from collections),
       (select count(*) from records),
       (select coalesce(
            json_agg(json_build_array(s.position, nullif(s.line, 0), s.end_to_end_id, p.seen_batch_id, p.seen_payment_id)
                     order by s.position), '[]')
        from plan p join debit_stage s using (position)
        where p.seen_payment_id is not null or p.sent_again);
