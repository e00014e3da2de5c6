-- A hit of its own for each name that is alike to a listed one, for people to decide; and the hold that it placed stays
-- until they have. Politically exposed persons are no hits: their rule asks for a further approval.
-- What an exemption let pass that no longer stands is open again.
with again as (
    update controls_screeninghit h
    set status = 'open', exemption_id = null, decided_at = null, decided_by_id = null, reason = ''
    from screened x
    where h.payment_id = x.payment_id and h.field = x.field and h.key = x.key and h.entry_id = x.entry_id
      and h.status = 'exempt' and x.decided = 'exempt' and x.exemption_id is null and x.list_kind <> 'pep'
    returning h.id, h.entity_id, h.payment_id, h.score
)
insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
select entity_id, 'hit', id, 'hit.reopened', '{"payment":' || payment_id || ',"score":' || score || '}'
from again order by id;

with made as (
    insert into controls_screeninghit (entity_id, payment_id, field, given, key, entry_id, list_number, score, birth,
                                       match, status, exemption_id, found_at, reason)
    select x.entity_id, x.payment_id, x.field, x.given, x.key, x.entry_id, x.list_number, x.score,
           birth_agrees((known.birth ->> 'born_on')::date, e.content -> 'births'),
           x.match::jsonb || jsonb_build_object('birth', known.birth),
           case when x.exemption_id is null then 'open' else 'exempt' end, x.exemption_id, %(now)s, ''
    from screened x
    join controls_watchlistentry e on e.id = x.entry_id
    cross join lateral (select known_birth(x.payment_id, x.field) as birth) known
    where x.list_kind <> 'pep' and x.decided = ''
    order by x.payment_id, x.entry_id, x.field
    on conflict do nothing
    returning id, entity_id, payment_id, status, score
)
insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
select entity_id, 'hit', id, case status when 'open' then 'hit.found' else 'hit.exempted' end,
       '{"payment":' || payment_id || ',"score":' || score || '}'
from made order by id;

update transactions_hold h set stays = true
where h.rule_code = 'SCREENING' and h.lifted_at is null and not h.stays
  and exists (select 1 from screened x
              where x.payment_id = h.payment_id and x.list_kind <> 'pep' and x.exemption_id is null
                and x.decided <> 'false');
