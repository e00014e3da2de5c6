-- What a direct debit rests on: its mandate, as known at this moment, and what was collected with it before. Its columns
-- of ``facts`` are filled for direct debits alone; a run without any is over at once. What is measured of a payee does
-- not apply to them: the creditor is ours, and many debtors pay the same amount to the same account.
update facts f
set mandate_reference = c.mandate_reference, mandate_known = m.id is not null, mandate_status = m.status,
    mandate_signed_on = coalesce(c.signed_on, m.signed_on), mandate_last_on = past.last_on,
    mandate_idle_months = (extract(year from age(f.execution_date, coalesce(past.last_on, c.signed_on, m.signed_on))) * 12
                           + extract(month from age(f.execution_date, coalesce(past.last_on, c.signed_on, m.signed_on)))),
    mandate_debtor_same = m.debtor_number = f.debtor_number, mandate_amended = c.amendment <> '{}'::jsonb,
    mandate_scheme_same = m.scheme = c.scheme, mandate_repeat = past.shown,
    debit_sequence = c.sequence,
    sequence_fault = case
        when past.final then 'after_final'
        when past.last_on is not null and c.sequence = 'OOFF' then 'one_off_again'
        when past.last_on is not null and c.sequence = 'FRST' and c.amendment = '{}'::jsonb then 'first_again'
        when m.kind = 'one_off' and c.sequence <> 'OOFF' then 'not_one_off'
        when m.kind = 'recurrent' and c.sequence = 'OOFF' then 'not_recurrent'
    end,
    creditor_scheme_id = c.creditor_scheme_id, creditor_id_valid = c.creditor_id_valid, collection_scheme = c.scheme,
    account_known = null, account_status = null, account_currency = null, same_account = null, funds_available = null,
    funds_after = null, file_duplicate = null, file_duplicate_position = null, repeat_reference = null,
    repeat_on = null, repeat_days = null, same_amount_reference = null, same_amount_on = null, same_amount_days = null,
    close_reference = null, close_amount = null, close_on = null, close_gap = null, near_threshold_count = null,
    near_threshold_sum = null, ceiling_count = null, ceiling_sum = null, typed_count = null, typed_sum = null,
    day_count = null, day_sum = null, usual_count = 0, usual_amount = null,
    usual_highest = null, usual_ratio = null, last_paid_on = null, last_paid_days = null
from transactions_collection c
left join transactions_mandate m
    on m.entity_id = c.entity_id and m.creditor_scheme_id = c.creditor_scheme_id and m.reference = c.mandate_reference
left join lateral (
    select max(p.requested_execution_date) as last_on, bool_or(o.sequence = 'FNAL') as final,
           max(case when p.requested_execution_date = now.requested_execution_date and p.amount = now.amount
                    then format('PAY-%s-%s', extract(year from p.received_at), lpad(p.id::text, 6, '0')) end) as shown
    from transactions_collection o
    join transactions_payment p on p.id = o.payment_id
    join transactions_payment now on now.id = c.payment_id
    join transactions_paymentstate s on s.payment_id = o.payment_id
    where o.entity_id = c.entity_id and o.creditor_scheme_id = c.creditor_scheme_id
      and o.mandate_reference = c.mandate_reference and o.payment_id < c.payment_id
      and s.status not in ('rejected', 'cancelled', 'returned')
) past on true
where f.kind = 'debit' and c.payment_id = f.payment_id;
