-- The fact table: one row a payment, the columns of controls/vocabulary.py. Reads the tables before it, and those that
-- Python filled with what each distinct value is worth (fact_number, fact_bic, fact_reference, fact_odd, fact_day,
-- fact_risk, fact_name).
-- Known to be small, they are looked up in; taken for large, the wide rows would be stored anew for each of them.
analyze fact_number_paid (creditor_number), fact_same (payment_id), fact_close (payment_id),
    fact_split (creditor_number), fact_today (creditor_number);
create temporary table facts on commit delete rows as
select
    s.payment_id, s.entity_id, s.profile, s.batch_id, s.due_at, s.received_at,
    s.kind, s.channel, s.amount, s.currency, s.received_on, s.end_to_end_id, s.creditor_reference, s.charge_bearer,
    s.purpose, s.category_purpose, s.instant, s.cash, s.entity_country,
    s.debtor_name, s.debtor_number, s.debtor_bic, s.creditor_name, s.creditor_number, s.creditor_bic,
    cn.valid as creditor_iban_valid, cn.fault as creditor_iban_fault, cn.country as creditor_country,
    dn.valid as debtor_iban_valid, dn.fault as debtor_iban_fault,
    case when cb.valid then substr(s.creditor_bic, 5, 2) end as creditor_bic_country, s.creditor_address_country,
    cb.valid as creditor_bic_valid, db.valid as debtor_bic_valid,
    cr.valid as creditor_reference_valid, s.reference_fault,
    o.characters as odd_characters, o.sent as odd_characters_sent,
    s.creditor_name_length::numeric, s.remittance_length::numeric, s.address_form,
    da.id is not null as account_known, da.status as account_status, da.currency as account_currency,
    coalesce(da.id = ca.id or (s.debtor_number <> '' and s.debtor_number = s.creditor_number), false) as same_account,
    ca.status as creditor_account_status, da.kind as account_kind, ca.kind as creditor_account_kind,
    case when ow.id is not null then ow.town <> '' and ow.country <> '' end as payer_address,
    (ap.last_at at time zone s.time_zone)::date as account_last_on,
    (s.received_on - (ap.last_at at time zone s.time_zone)::date)::numeric as account_idle_days,
    bal.available as funds_available,
    bal.available - ff.asked as funds_after,
    coalesce(py.known, false) as payee_known, py.name as payee_name,
    case when nm.similarity is not null then nm.similarity::numeric
         when py.name is not null and s.creditor_name <> '' then 100::numeric end as name_similarity,
    pt.number_known, py.number as known_number,
    (pt.number_from at time zone s.time_zone)::date as number_from,
    case when pt.number_from > py.first_from
         then (s.received_on - (pt.number_from at time zone s.time_zone)::date)::numeric end as number_changed_days,
    case when pt.number_known then pt.number_confirmed end as number_confirmed,
    case when pt.payee_id is null then us.last_at is not null else coalesce(np.paid, false) end as number_paid,
    (us.last_at at time zone s.time_zone)::date as last_paid_on,
    (s.received_on - (us.last_at at time zone s.time_zone)::date)::numeric as last_paid_days,
    coalesce(us.usual_count, 0)::numeric as usual_count, us.usual_amount, us.usual_highest,
    s.amount / us.usual_amount as usual_ratio,
    fd.shown as file_duplicate, fd.position::numeric as file_duplicate_position,
    rp.shown as repeat_reference,
    (rp.received_at at time zone s.time_zone)::date as repeat_on,
    (s.received_on - (rp.received_at at time zone s.time_zone)::date)::numeric as repeat_days,
    sa.shown as same_amount_reference,
    (sa.received_at at time zone s.time_zone)::date as same_amount_on,
    (s.received_on - (sa.received_at at time zone s.time_zone)::date)::numeric as same_amount_days,
    cl.shown as close_reference, cl.amount as close_amount,
    (cl.received_at at time zone s.time_zone)::date as close_on,
    abs(s.amount - cl.amount) * 100 / cl.amount as close_gap,
    band.threshold as next_threshold, case when s.amount >= band.least then band.threshold end as near_threshold,
    sp.n::numeric as near_threshold_count, sp.total as near_threshold_sum,
    ceil.threshold as ceiling, sq.n::numeric as ceiling_count, sq.total as ceiling_sum,
    -- Of what a person entered, and of cash alone (fact_rare.sql).
    null::numeric as typed_count, null::numeric as typed_payees, null::numeric as typed_sum,
    null::numeric as cash_debt_count, null::numeric as cash_debt_sum, null::numeric as cash_month_sum,
    coalesce(td.n, 1)::numeric as day_count, coalesce(td.total, s.amount) as day_sum,
    s.execution_date, (s.execution_date - s.received_on)::numeric as execution_days,
    dy.is_open as execution_open, dy.next_open as execution_next,
    hr.clock as received_clock, hr.habit_count::numeric as habit_count, hr.habit_near::numeric as habit_near,
    null::text as maker_name, null::numeric as account_count, null::numeric as maker_count,
    null::numeric as maker_usual_amount, null::numeric as maker_usual_ratio,
    -- Of direct debits alone (fact_mandate.sql).
    null::text as mandate_reference, null::boolean as mandate_known, null::text as mandate_status,
    null::date as mandate_signed_on, null::date as mandate_last_on, null::numeric as mandate_idle_months,
    null::boolean as mandate_debtor_same, null::boolean as mandate_amended, null::boolean as mandate_scheme_same,
    null::text as mandate_repeat, null::text as debit_sequence, null::text as sequence_fault,
    null::text as creditor_scheme_id, null::boolean as creditor_id_valid, null::text as collection_scheme,
    -- Of supplier payments alone (fact_invoice.sql).
    null::numeric as invoice_count, null::text as invoice_numbers, null::boolean as invoice_account_known,
    null::date as invoice_due_on, null::numeric as invoice_days_late, null::numeric as invoice_days_beyond_law,
    null::text as invoice_alike, null::boolean as invoice_discount,
    -- Of incoming payments and refunds alone (fact_received.sql).
    null::text as incoming_fault, null::text as holder_name, null::numeric as holder_similarity,
    null::text as payer_fault, null::text as received_repeat, null::date as received_repeat_on,
    null::text as refund_of, null::boolean as refund_other_account, null::text as refund_number,
    null::text as card_fault, null::text as acquirer, null::numeric as card_fee, null::numeric as card_fee_percent,
    null::text as order_reference, null::text as order_repeat,
    fv.outcome as verification_outcome, fv.suggested_name as verification_name, fv.source as verification_source,
    fv.fault as verification_fault, fv.asked_on as verification_on,
    rb.since as bank_risk_since, ra.since as address_risk_since, rn.since as account_risk_since,
    -- Of names that are alike to listed ones alone (fact_screening.sql).
    null::numeric as screening_score, null::text as screening_list, null::text as screening_name,
    null::text as screening_field, null::text as screening_given, null::numeric as screening_count,
    null::numeric as pep_score, null::text as pep_list, null::text as pep_name, null::text as pep_given
from fact_subject s
join fact_party pt on pt.payment_id = s.payment_id
left join fact_number cn on cn.number = s.creditor_number
left join fact_number dn on dn.number = s.debtor_number
left join fact_bic cb on cb.bic = s.creditor_bic
left join fact_bic db on db.bic = s.debtor_bic
left join fact_reference cr on cr.reference = s.creditor_reference
left join fact_odd o on o.odd = s.odd
left join fact_day dy on dy.day = s.execution_date
left join transactions_account da on da.id = s.debtor_account_id and da.entity_id = s.entity_id
left join transactions_account ca on ca.id = s.creditor_account_id and ca.entity_id = s.entity_id
left join lateral (select b.balance - b.held - b.floor as available
                   from transactions_accountbalance b where b.account_id = da.id) bal on true
left join fact_funds ff on ff.payment_id = s.payment_id
left join fact_payee py on py.payee_id = pt.payee_id and py.moment = s.moment
left join fact_name nm on nm.given = s.creditor_name and nm.known = py.name
left join fact_usual us
    on us.history = pt.history and us.currency = s.currency and us.moment = s.moment
left join fact_number_paid np
    on np.entity_id = s.entity_id and np.creditor_number = s.creditor_number and np.moment = s.moment
left join fact_verification fv on fv.payment_id = s.payment_id
left join fact_risk rb on cb.valid and rb.country = substr(s.creditor_bic, 5, 2) and rb.day = s.received_on
left join fact_risk ra on ra.country = s.creditor_address_country and ra.day = s.received_on
left join fact_risk rn on rn.country = cn.country and rn.day = s.received_on
left join fact_same sd on sd.payment_id = s.payment_id
left join fact_shown fd on fd.id = coalesce(sd.file_by_reference, sd.file_by_words)
left join fact_shown rp
    on rp.id = greatest(sd.other_by_reference, sd.other_by_words) and rp.batch_id <> s.batch_id
    and s.received_on - (rp.received_at at time zone s.time_zone)::date <= 90
left join fact_shown sa on sa.id = sd.any_other and s.received_on - (sa.received_at at time zone s.time_zone)::date <= 90
left join fact_close fc on fc.payment_id = s.payment_id
left join fact_shown cl on cl.id = fc.before and s.received_on - (cl.received_at at time zone s.time_zone)::date <= 90
left join fact_band band
    on band.entity_id = s.entity_id and band.currency = s.currency
    and s.amount >= band.beginning and s.amount < band.threshold
left join fact_split sp
    on sp.entity_id = s.entity_id and sp.creditor_number = s.creditor_number and sp.currency = s.currency
    and sp.batch_id = s.batch_id and sp.moment = s.moment and sp.threshold = band.threshold and not sp.person
    and s.amount >= band.least
left join fact_ceiling ceil
    on ceil.entity_id = s.entity_id and ceil.currency = s.currency
    and s.amount >= ceil.least and s.amount > ceil.beginning and s.amount <= ceil.threshold
left join fact_split sq
    on sq.entity_id = s.entity_id and sq.creditor_number = s.creditor_number and sq.currency = s.currency
    and sq.batch_id = s.batch_id and sq.moment = s.moment and sq.threshold = ceil.threshold and sq.person
left join fact_account ap on ap.debtor_account_id = s.debtor_account_id and ap.moment = s.moment
left join transactions_party ow on ow.id = da.owner_id
left join fact_hour hr on hr.batch_id = s.batch_id
left join fact_today td
    on td.entity_id = s.entity_id and td.creditor_number = s.creditor_number and td.currency = s.currency
    and td.batch_id = s.batch_id and td.moment = s.moment;
analyze facts (payment_id, kind);
