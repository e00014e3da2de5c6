-- Payments that were amended, staged again so that what they refer to is looked up as for a file.
insert into intake_stage
select p.id, 0, 0, p.amount, p.currency, p.requested_execution_date, p.creditor_address,
       %(keys)s::jsonb ->> p.creditor_name, encode(p.fingerprint, 'hex'), p.payment_info_id, p.debtor_name,
       p.debtor_number, '', p.debtor_bic, p.ultimate_debtor, p.creditor_name, p.creditor_number, p.creditor_bic,
       p.ultimate_creditor, p.instruction_id, p.end_to_end_id, p.uetr, p.remittance, p.creditor_reference, p.purpose,
       p.category_purpose, p.service_level, p.local_instrument, p.charge_bearer,
       case when p.kind in ('internal', 'instant', 'supplier') then p.kind else '' end
from transactions_payment p
where p.id = any(%(ids)s) and p.entity_id = %(entity)s;
