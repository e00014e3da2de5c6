-- Payments, their states and their records from the stage, in one statement. A payment is due at the cut-off until which
-- it is released to go on its execution date (cut_offs.sql), worked out once for those that ask the same; without a
-- cut-off, four hours after it came; whoever waits for an instant transfer waits for minutes.
with taken as (
    insert into transactions_payment (
        entity_id, batch_id, position, kind, channel, received_at, maker_id, amount, currency, requested_execution_date,
        debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor,
        creditor_name, creditor_number, creditor_bic, creditor_address, creditor_account_id, ultimate_creditor, payee_id,
        payment_info_id, instruction_id, end_to_end_id, uetr, remittance, creditor_reference, purpose, category_purpose,
        service_level, local_instrument, charge_bearer, fingerprint, occurrence, debtor_address
    )
    select %(entity)s, %(batch)s, s.position, p.kind, %(channel)s, %(received_at)s, %(maker)s, s.amount, s.currency,
           s.requested_execution_date,
           coalesce(nullif(s.debtor_name, ''), owner.name, a.name, ''),
           coalesce(nullif(a.iban, ''), nullif(a.other_number, ''), s.debtor_number),
           coalesce(nullif(s.debtor_bic, ''), a.bic, ''),
           p.debtor_account_id, s.ultimate_debtor,
           coalesce(nullif(s.creditor_name, ''), c.name, ''),
           coalesce(nullif(c.iban, ''), nullif(c.other_number, ''), s.creditor_number),
           s.creditor_bic, s.creditor_address, p.creditor_account_id, s.ultimate_creditor, p.payee_id,
           s.payment_info_id, s.instruction_id, s.end_to_end_id, s.uetr, s.remittance, s.creditor_reference, s.purpose,
           s.category_purpose, s.service_level, s.local_instrument, s.charge_bearer, decode(s.fingerprint, 'hex'),
           p.occurrence, s.debtor_address
    from intake_stage s
    join intake_plan p using (position)
    left join transactions_account a on a.id = p.debtor_account_id
    left join transactions_party owner on owner.id = a.owner_id
    left join transactions_account c on c.id = p.creditor_account_id
    where p.seen_payment_id is null
    order by s.position
    returning id, position, coalesce(debtor_account_id, 0) as account, currency, requested_execution_date as day,
              payment_scheme(kind, local_instrument, '') as scheme
), times as materialized (
    select s.account, s.currency, s.day, s.scheme, t.cut_off_at, t.execution_date
    from (select distinct account, currency, day, scheme from taken) s
    cross join lateral cut_off_times(
        %(entity)s, nullif(s.account, 0), s.scheme, %(channel)s, s.currency, s.day, %(received_at)s) t
), states as (
    insert into transactions_paymentstate (
        payment_id, entity_id, status, version, priority, due_at, execution_date, outcome, risk, hold_count,
        approvals_required, approvals_given, changed_at
    )
    select t.id, %(entity)s, 'received', 1, 0,
           coalesce(x.cut_off_at, %(received_at)s + case t.scheme when 'instant' then interval '5 minutes'
                                                         else interval '4 hours' end),
           case when x.cut_off_at is not null then x.execution_date end, '', 0, 0, 1, 0, %(received_at)s
    from taken t join times x using (account, currency, day, scheme)
    returning payment_id
), records as (
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select %(entity)s, 'payment', t.id, 'payment.received', %(actor)s, '',
           format('{"batch":%%s,"position":%%s}', %(batch)s::text, t.position)
    from taken t order by t.id
    returning 1
)
select (select count(*) from taken), (select count(*) from states), (select count(*) from records),
       -- The rows that were seen before, and where; and those sent again after a reject, a cancellation or a return.
       (select coalesce(
            json_agg(json_build_array(s.position, nullif(s.line, 0), s.end_to_end_id, p.seen_batch_id, p.seen_payment_id)
                     order by s.position), '[]')
        from intake_plan p join intake_stage s using (position)
        where p.seen_payment_id is not null or p.sent_again);
