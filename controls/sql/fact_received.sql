-- What comes in, and what goes back of it. The creditor's account is ours, the debtor is outside: what is measured of our
-- account as debtor, of payees, of the form that we send and of the day that we execute does not apply. Columns of
-- ``facts`` are filled for incoming payments and refunds alone; a run without any is over at once.
update facts f
set incoming_fault = case
        when a.id is null then 'unknown' when a.status <> 'open' then a.status
        when a.kind not in ('customer', 'bank') then 'other' when a.currency <> f.currency then 'currency' end,
    holder_name = h.name,
    holder_similarity = case
        when h.name is null or f.creditor_name = '' then null
        when lower(h.name) = lower(f.creditor_name) then 100
        else (select max(n.similarity) from fact_name n where n.given = f.creditor_name and n.known = h.name) end,
    payer_fault = case
        when btrim(f.debtor_name) = '' then 'name'
        when lower(btrim(f.debtor_name, ' .-')) in (
            'n/a', 'na', 'none', 'unknown', 'not provided', 'notprovided', 'my customer', 'our customer', 'our client',
            'one of our customers', 'inconnu', 'non renseigné', 'notre client', 'un de nos clients', 'xxx', 'test')
            then 'placeholder'
        when (f.debtor_number = '' and p.payment_info_id = '' and p.uetr = '') or f.debtor_iban_valid = false
            then 'account'
        -- Between banks of the Union the accounts are enough at first.
        when not coalesce(nullif(substr(f.debtor_bic, 5, 2), ''), left(f.debtor_number, 2)) = any (
            '{AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GF,GP,GR,HR,HU,IE,IS,IT,LI,LT,LU,LV,MQ,MT,NL,NO,PL,PM,PT,RE,RO,SE,SI,SK,YT}')
            and (coalesce(p.debtor_address ->> 'country', '') = '' and coalesce(p.debtor_address ->> 'lines', '') = ''
                 or coalesce(p.debtor_address ->> 'town', '') = '' and coalesce(p.debtor_address ->> 'lines', '') = '')
            then 'address'
    end,
    creditor_number = nullif(f.creditor_number, ''), debtor_name = nullif(btrim(f.debtor_name), ''),
    creditor_account_status = null, creditor_iban_valid = null, debtor_iban_valid = null,
    account_known = null, account_status = null, account_currency = null, same_account = null, funds_available = null,
    funds_after = null, reference_fault = null, odd_characters = null, odd_characters_sent = null, address_form = null,
    payee_known = null, payee_name = null, name_similarity = null, number_known = null, known_number = null,
    number_from = null, number_changed_days = null, number_confirmed = null, number_paid = null, last_paid_on = null,
    last_paid_days = null, file_duplicate = null, file_duplicate_position = null, repeat_reference = null,
    repeat_on = null, repeat_days = null, same_amount_reference = null, same_amount_on = null, same_amount_days = null,
    close_reference = null, close_amount = null, close_on = null, close_gap = null, near_threshold_count = null,
    near_threshold_sum = null, day_count = null, day_sum = null, execution_days = null, execution_open = null
from transactions_payment p
join people_entity e on e.id = p.entity_id
left join transactions_account a on a.id = p.creditor_account_id and a.entity_id = p.entity_id
left join transactions_party o on o.id = a.owner_id
cross join lateral (select coalesce(o.name, case a.kind when 'bank' then e.name else a.name end) as name) h
where f.kind = 'incoming' and p.id = f.payment_id;

-- The same payer paid the same amount with the same reference (without one, the same words) in the 90 days before.
with mine as (
    select s.payment_id, s.entity_id, s.creditor_number, s.debtor_number, s.amount, s.currency,
           coalesce(s.reference, s.words, '') as said, s.moment
    from fact_subject s where s.kind = 'incoming' and s.creditor_number <> ''
), past as (
    select h.id, h.entity_id, h.creditor_number, h.debtor_number, h.amount, h.currency, h.received_at,
           coalesce(nullif(nullif(upper(h.end_to_end_id), 'NOTPROVIDED'), ''), nullif(upper(h.creditor_reference), ''),
                    lower(h.remittance), '') as said
    from (select entity_id, creditor_number, min(moment) - interval '90 days' as since
          from mine group by entity_id, creditor_number) k
    join transactions_payment h on h.entity_id = k.entity_id and h.creditor_number = k.creditor_number
        and h.received_at >= k.since and h.kind = 'incoming'
    join transactions_paymentstate t on t.payment_id = h.id
    where t.status not in ('rejected', 'cancelled', 'returned')
), met as (
    select distinct on (m.payment_id) m.payment_id, h.id, h.received_at
    from mine m join past h
        on h.entity_id = m.entity_id and h.creditor_number = m.creditor_number and h.debtor_number = m.debtor_number
        and h.amount = m.amount and h.currency = m.currency and h.said = m.said and h.id < m.payment_id
    order by m.payment_id, h.id desc
)
update facts f
set received_repeat = 'PAY-' || extract(year from met.received_at) || '-' || lpad(met.id::text, 6, '0'),
    received_repeat_on = (met.received_at at time zone e.time_zone)::date
from met, people_entity e
where f.kind = 'incoming' and met.payment_id = f.payment_id and e.id = f.entity_id;

update facts f
set refund_of = 'PAY-' || extract(year from o.received_at) || '-' || lpad(o.id::text, 6, '0'),
    refund_other_account = o.debtor_number = '' or o.debtor_number <> f.creditor_number,
    refund_number = nullif(o.debtor_number, '')
from transactions_refund r join transactions_payment o on o.id = r.original_id
where f.kind = 'refund' and r.payment_id = f.payment_id;

-- What an acquirer reports: the payer is known to it alone.
update facts f
set card_fault = j.code, acquirer = k.acquirer_code, card_fee = k.fee, card_fee_percent = round(k.fee * 100 / f.amount, 2),
    order_reference = nullif(k.order_reference, ''),
    order_repeat = (
        select 'PAY-' || extract(year from h.received_at) || '-' || lpad(h.id::text, 6, '0')
        from transactions_cardpayment o
        join transactions_payment h on h.id = o.payment_id and h.amount = f.amount and h.currency = f.currency
        join transactions_paymentstate t on t.payment_id = h.id and t.status not in ('rejected', 'cancelled', 'returned')
        where o.entity_id = k.entity_id and o.order_reference = k.order_reference and k.order_reference <> ''
          and o.payment_id < k.payment_id and h.received_at >= f.received_at - interval '90 days'
        order by h.id desc limit 1),
    creditor_number = nullif(f.creditor_number, ''), debtor_name = nullif(btrim(f.debtor_name), ''), creditor_name = coalesce(nullif(f.creditor_name, ''), a.name),
    creditor_account_status = null, creditor_iban_valid = null, debtor_iban_valid = null,
    account_known = null, account_status = null, account_currency = null, same_account = null, funds_available = null,
    funds_after = null, reference_fault = null, odd_characters = null, odd_characters_sent = null, address_form = null,
    payee_known = null, payee_name = null, name_similarity = null, number_known = null, known_number = null,
    number_from = null, number_changed_days = null, number_confirmed = null, number_paid = null, last_paid_on = null,
    last_paid_days = null, file_duplicate = null, file_duplicate_position = null, repeat_reference = null,
    repeat_on = null, repeat_days = null, same_amount_reference = null, same_amount_on = null, same_amount_days = null,
    close_reference = null, close_amount = null, close_on = null, close_gap = null, near_threshold_count = null,
    near_threshold_sum = null, day_count = null, day_sum = null, execution_days = null, execution_open = null
from card_places(array(select payment_id from facts where kind = 'card')) j
join transactions_cardpayment k on k.payment_id = j.payment_id
left join transactions_account a on a.id = j.account
where f.kind = 'card' and k.payment_id = f.payment_id;
