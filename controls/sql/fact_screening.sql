-- Names and texts of the payments that are alike to listed ones: read only when fact_screened (Python, of distinct
-- values) has any. What two people let pass, and what was decided of this payment before, no longer counts.
create temporary table screened on commit delete rows as
select
    s.payment_id, s.entity_id, x.field, x.raw as given, m.key, m.entry_id, m.list_number, m.list_name, m.list_kind,
    m.name, m.score, m.match, e.id as exemption_id, coalesce(h.status, '') as decided
from fact_subject s
join transactions_payment p on p.id = s.payment_id
cross join lateral (values
    ('creditor_name', 'name', p.creditor_name), ('debtor_name', 'name', p.debtor_name),
    ('ultimate_creditor', 'name', p.ultimate_creditor), ('ultimate_debtor', 'name', p.ultimate_debtor),
    ('remittance', 'text', p.remittance)) x(field, form, raw)
join fact_screened m
    on m.form = x.form and m.raw = x.raw and (m.list_entity is null or m.list_entity = s.entity_id)
left join controls_exemption e
    on e.entity_id = s.entity_id and e.key = m.key and e.watch_list_id = m.list_id and e.entry_code = m.entry_code
    and e.digest = m.digest and e.ended_at is null and e.valid_to >= current_date
left join controls_screeninghit h
    on h.payment_id = s.payment_id and h.field = x.field and h.key = m.key and h.entry_id = m.entry_id;

update facts f
set screening_score = w.score, screening_list = w.list_name, screening_name = w.name, screening_field = w.field,
    screening_given = w.given, screening_count = w.n
from (
    select distinct on (payment_id) payment_id, score, list_name, name, field, left(given, 140) as given,
           count(*) over (partition by payment_id) as n
    from screened where list_kind <> 'pep' and exemption_id is null and decided <> 'false'
    order by payment_id, score desc, entry_id, field
) w
where w.payment_id = f.payment_id;

update facts f set pep_score = w.score, pep_list = w.list_name, pep_name = w.name, pep_given = w.given
from (
    select distinct on (payment_id) payment_id, score, list_name, name, left(given, 140) as given
    from screened where list_kind = 'pep' and exemption_id is null
    order by payment_id, score desc, entry_id, field
) w
where w.payment_id = f.payment_id;
