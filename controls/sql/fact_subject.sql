-- The payments to judge, with what can be measured on the payment alone. Parameter: ids.
create temporary table fact_subject on commit delete rows as
select
    p.id as payment_id, st.due_at, p.received_at, p.entity_id, e.profile, e.country as entity_country, e.time_zone, p.maker_id, p.batch_id, p.position,
    -- What was known when the payment was read: a file may wait between its receipt and its reading.
    greatest(p.received_at, b.read_at) as moment,
    (p.received_at at time zone e.time_zone)::date as received_on,
    p.kind, p.channel, p.amount, p.currency, p.requested_execution_date as execution_date,
    p.debtor_name, p.debtor_number, p.debtor_bic, p.debtor_account_id,
    p.creditor_name, p.creditor_number, p.creditor_bic, p.creditor_account_id, p.payee_id,
    p.end_to_end_id, p.creditor_reference, p.charge_bearer, upper(p.purpose) as purpose,
    upper(p.category_purpose) as category_purpose, upper(p.local_instrument) = 'INST' as instant,
    upper(p.purpose) in ('CDCB', 'CDCD', 'CDCS', 'CSDB') as cash,
    upper(nullif(btrim(p.creditor_address ->> 'country'), '')) as creditor_address_country,
    nullif(nullif(upper(p.end_to_end_id), 'NOTPROVIDED'), '') as reference,
    nullif(coalesce(nullif(upper(p.creditor_reference), ''),
                    lower(case when position('  ' in p.remittance) > 0
                               then regexp_replace(p.remittance, ' +', ' ', 'g') else p.remittance end)), '') as words,
    case
        when p.end_to_end_id ~ '[^A-Za-z0-9/?:().,''+ -]' then 'characters'
        when position('/' in p.end_to_end_id) > 0 and p.end_to_end_id ~ '^/|/$|//' then 'slashes'
    end as reference_fault,
    case when a.texts ~ '[^A-Za-z0-9/?:().,''+ -]'
         then regexp_replace(a.texts, '[A-Za-z0-9/?:().,''+ -]+', '', 'g') end as odd,
    length(p.creditor_name) as creditor_name_length, length(p.remittance) as remittance_length,
    case
        when p.creditor_address = '{}'::jsonb then 'none'
        when a.town and a.country then
            case when a.lines = 0 then 'structured' when a.lines > 2 then 'long' when a.wide then 'wide'
                 when a.repeated then 'repeated' else 'hybrid' end
        when a.lines > 0 then 'unstructured'
        when a.town or a.country or a.rest then 'incomplete'
        else 'none'
    end as address_form
from transactions_payment p
join people_entity e on e.id = p.entity_id
join transactions_paymentbatch b on b.id = p.batch_id
join transactions_paymentstate st on st.payment_id = p.id
cross join lateral (
    select p.creditor_name || p.debtor_name || p.ultimate_creditor || p.ultimate_debtor || p.remittance as texts,
           coalesce(btrim(p.creditor_address ->> 'town'), '') <> '' as town,
           coalesce(btrim(p.creditor_address ->> 'country'), '') <> '' as country,
           coalesce(btrim(concat(p.creditor_address ->> 'street', p.creditor_address ->> 'building',
                                 p.creditor_address ->> 'post_code')), '') <> '' as rest,
           coalesce(l.lines, 0) as lines, l.wide, l.repeated
    from (select) here
    left join lateral (
        select count(*) as lines, bool_or(length(line) > 70) as wide,
               bool_or(lower(btrim(line)) in (lower(btrim(p.creditor_address ->> 'town')),
                                              lower(btrim(p.creditor_address ->> 'country')))) as repeated
        from jsonb_array_elements_text(
            case when jsonb_typeof(p.creditor_address -> 'lines') = 'array' then p.creditor_address -> 'lines' end) line
        where btrim(line) <> ''
    ) l on p.creditor_address <> '{}'::jsonb
) a
where p.id = any(%(ids)s);
analyze fact_subject (payment_id, batch_id, creditor_number, currency, amount, debtor_account_id);
