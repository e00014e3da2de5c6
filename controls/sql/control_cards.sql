-- The control card of a signature, frozen in the statement that signs, for one payment or for 100,000: no door can leave
-- it out. The function runs as the owner; the application's role may only read cards. It looks rows up by index: a
-- session that signs first in empty tables keeps its plan. Its table alone fires it, so what it freezes was signed in this
-- very statement, past the guards; a trigger on a table of one's own writes no card.
alter table controls_controlcard add constraint card_digest_is_of_its_content
    check (digest = sha256(convert_to(content, 'UTF8')));

create function freeze_control_card() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as
$$ begin
    if tg_relid <> 'public.transactions_paymentapproval'::regclass or tg_op <> 'INSERT' then
        raise exception 'A control card is frozen by its signature alone.'
            using errcode = 'insufficient_privilege', constraint = 'card_of_its_signature';
    end if;
    insert into controls_controlcard (signature_id, payment_id, frozen_at, content, digest)
    -- Its content is made once, for itself and for its digest; json is text from the start, half the work of jsonb.
    with c as materialized (
        select s.id, s.payment_id, clock.taken, json_build_object(
            'form', 1, 'payment', s.payment_id, 'version', t.version, 'place', s.stage, 'person', s.person_id,
            'on_behalf_of', s.on_behalf_of_id, 'at', clock.taken, 'amount', p.amount::text, 'currency', p.currency,
            'creditor', p.creditor_name, 'account', p.creditor_number, 'execution_date', p.requested_execution_date,
            'outcome', t.outcome, 'risk', t.risk, 'assessment', a.id, 'ran_at', a.ran_at, 'rule_set', x.digest,
            'findings', case when a.finding_count > 0 then coalesce((
                select json_agg(json_build_object(
                    'rule', c.code, 'version', v.number, 'result', r.action, 'weight', r.weight, 'values', r.evidence,
                    'limits', v.parameters, 'source', v.legal_reference) order by c.code)
                from controls_ruleresult r
                join controls_ruleversion v on v.id = r.version_id join controls_rule c on c.id = v.rule_id
                where r.assessment_id = a.id and not r.shadow), '[]') else '[]' end,
            'ceilings', coalesce((
                select json_agg(json_build_object('person', l.user_id, 'one', l.amount::text,
                                                    'day', l.day_amount::text) order by l.user_id)
                from people_limit l
                where l.user_id in (s.person_id, s.on_behalf_of_id) and l.currency = p.currency
                  and l.act = case when s.stage = 0 then 'validate' else 'approve' end), '[]'),
            'asked', coalesce((
                select json_agg(json_build_object(
                    'place', q.place, 'stage', q.stage, 'role', q.role, 'team', q.team_id,
                    'ceiling', q.ceiling::text, 'policy', q.policy) order by q.place)
                from transactions_paymentrequirement q
                where q.payment_id = s.payment_id and q.withdrawn_at is null), '[]'))::text as content
        from signed s
        join transactions_payment p on p.id = s.payment_id
        join transactions_paymentstate t on t.payment_id = s.payment_id
        cross join (select clock_timestamp() as taken) clock
        left join lateral (
            select id, ran_at, rule_set_id, finding_count from controls_assessment
            where payment_id = s.payment_id order by id desc limit 1) a on true
        left join controls_ruleset x on x.id = a.rule_set_id)
    select c.id, c.payment_id, c.taken, c.content, sha256(convert_to(c.content, 'UTF8')) from c;
    return null;
end $$;
-- After the guards of the signature by its name: what they refuse has no card.
create trigger zz_card after insert on transactions_paymentapproval
    referencing new table as signed for each statement execute function freeze_control_card();
create trigger card_stays before update or delete on controls_controlcard
    for each row execute function refuse_change();
