-- Without signatures only under a policy: two people stand behind it, it is in force at this moment, and the payment
-- meets every one of its conditions. The functions that decide are the database's.

create function refuse_unsigned_policy() returns trigger language plpgsql as
$$ begin
    if new.stopped_at is not null or not exists (
        select 1 from public.controls_changerequest c
        where c.id = new.request_id and c.subject_type = 'straight' and c.entity_id = new.entity_id
          and c.status = 'waiting' and c.asked_by_id = new.written_by_id
          and exists (select 1 from public.controls_changesignature g
                      where g.request_id = c.id and g.person_id = new.approved_by_id)
          and jsonb_array_length(c.places) = (
              select count(*) from public.controls_changesignature g where g.request_id = c.id)
    ) then
        raise exception 'A policy of straight-through processing is asked for by one person and approved by another.'
            using errcode = 'check_violation', constraint = 'straight_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert on controls_straightpolicy
    for each row execute function refuse_unsigned_policy();

create function refuse_straight_change() returns trigger language plpgsql as
$$ begin
    raise exception 'A policy of straight-through processing is stopped once, never changed.'
        using errcode = 'restrict_violation', constraint = 'straight_stays';
end $$;
create trigger stopped_once before update on controls_straightpolicy
    for each row when (old.stopped_at is not null or new.stopped_at is null or to_jsonb(old) - 'stopped_at'
        - 'stopped_by_id' - 'stop_reason' <> to_jsonb(new) - 'stopped_at' - 'stopped_by_id' - 'stop_reason')
    execute function refuse_straight_change();
create trigger release_stays before update or delete on controls_straightrelease
    for each row execute function refuse_straight_change();

-- Which conditions a payment does not meet, at this moment; null when it meets all. Why not is said by a code.
create function straight_fault(policy bigint, payment bigint) returns text language sql stable as
$$
    select case
        when y.stopped_at is not null then 'stopped'
        when clock_timestamp() < y.valid_from or clock_timestamp() >= y.valid_to then 'dates'
        when p.entity_id <> y.entity_id then 'entity'
        when s.status <> 'checked' then 'status'
        when s.outcome <> 'pass' or a.outcome is distinct from 'pass' or a.finding_count <> 0 then 'outcome'
        when s.hold_count <> 0 or exists (select 1 from public.transactions_hold h
                                          where h.payment_id = p.id and h.lifted_at is null) then 'held'
        when p.kind not in ('sepa', 'transfer', 'internal') or y.kind not in ('', p.kind) then 'kind'
        when y.channel not in ('', p.channel) then 'channel'
        when y.source_id is not null and y.source_id is distinct from b.source_id then 'source'
        when p.currency <> y.currency then 'currency'
        when p.amount > y.max_amount then 'amount'
        when p.maker_id in (y.written_by_id, y.approved_by_id)
            or b.imported_by_id in (y.written_by_id, y.approved_by_id) then 'own_work'
        -- What a channel, a program or an account of their making brought is theirs, too.
        when exists (select 1 from public.people_user u where u.id in (p.maker_id, b.imported_by_id)
                     and u.created_by_id in (y.written_by_id, y.approved_by_id))
            or exists (select 1 from public.people_apitoken k where k.user_id in (p.maker_id, b.imported_by_id)
                       and k.created_by_id in (y.written_by_id, y.approved_by_id))
            or exists (select 1 from public.transactions_fetchedfile f
                       join public.transactions_bankchannel c on c.id = f.channel_id
                       where f.batch_id = b.id and (
                           c.created_by_id in (y.written_by_id, y.approved_by_id)
                           or exists (select 1 from public.controls_changerequest q
                                      left join public.controls_changesignature g on g.request_id = q.id
                                      where q.subject_type = 'channel' and q.subject_id = c.id
                                        and q.status = 'approved'
                                        and (q.asked_by_id in (y.written_by_id, y.approved_by_id)
                                             or g.person_id in (y.written_by_id, y.approved_by_id)))))
            then 'own_work'
        when exists (select 1 from public.transactions_historicalpayment h
                     where h.id = p.id and h.history_type = '~') then 'amended'
        when y.known_payees and p.kind <> 'internal' and not exists (
            select 1 from public.transactions_payment q join public.transactions_paymentstate t on t.payment_id = q.id
            where q.entity_id = p.entity_id and q.creditor_number = p.creditor_number and q.id <> p.id
              and t.status in ('posted', 'sent', 'settled')) then 'payee'
    end
    from public.controls_straightpolicy y
    cross join public.transactions_payment p
    join public.transactions_paymentstate s on s.payment_id = p.id
    join public.transactions_paymentbatch b on b.id = p.batch_id
    left join lateral (select x.outcome, x.finding_count from public.controls_assessment x
                       where x.payment_id = p.id order by x.id desc limit 1) a on true
    where y.id = straight_fault.policy and p.id = straight_fault.payment
$$;

create function refuse_release() returns trigger language plpgsql as
$$ declare bad record;
begin
    -- Two releases of one policy wait for each other, and for whoever stops it: what is summed below is all there is.
    perform 1 from public.controls_straightpolicy
    where id in (select policy_id from made) order by id for no key update;
    select m.payment_id, f.fault into bad
    from made m
    left join public.transactions_payment p on p.id = m.payment_id
    left join public.transactions_paymentstate s on s.payment_id = m.payment_id
    left join public.people_entity e on e.id = p.entity_id
    cross join lateral (select case
        when p.id is null or s.version <> m.version or p.amount <> m.amount or m.released_at <> now()
            or m.day not in ((now() at time zone e.time_zone)::date,
                             (clock_timestamp() at time zone e.time_zone)::date) then 'malformed'
        else public.straight_fault(m.policy_id, m.payment_id) end as fault) f
    where f.fault is not null limit 1;
    if found then
        raise exception 'The policy does not let payment % go without signatures: %.', bad.payment_id, bad.fault
            using errcode = 'check_violation', constraint = 'straight_conditions';
    end if;
    if exists (
        select 1 from (select distinct y.entity_id, y.name, y.currency, y.day_amount, m.day
                       from made m join public.controls_straightpolicy y on y.id = m.policy_id) w
        where w.day_amount < (
            select sum(r.amount) from public.controls_straightrelease r
            join public.controls_straightpolicy z on z.id = r.policy_id
            where z.entity_id = w.entity_id and z.name = w.name and z.currency = w.currency and r.day = w.day)
    ) then
        raise exception 'This is above the ceiling of the day of the policy.' using errcode = 'check_violation',
            constraint = 'straight_within_the_day';
    end if;
    return null;
end $$;
create trigger meets_its_policy after insert on controls_straightrelease
    referencing new table as made for each statement execute function refuse_release();

-- The move: signed by others than those who entered or amended it, in the places that were frozen, or by a release of
-- this very transaction and version; and held by nobody. What was rejected while it was on hold goes back on hold.
create function refuse_unsigned() returns trigger language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as
$$ declare found record; released boolean := false;
begin
    if new.straight_policy is not null then
        released := exists (
            select 1 from public.controls_straightrelease r
            where r.payment_id = new.payment_id and r.policy_id = new.straight_policy and r.released_at = now()
              and r.version = case when new.status = 'validated' then old.version else old.version - 1 end);
    end if;
    select count(*) filter (where a.stage between 1 and new.approvals_required) as given,
           count(*) filter (where a.stage = 0) as validated,
           count(*) filter (where p.maker_id in (a.person_id, a.on_behalf_of_id) or exists (
               select 1 from public.transactions_historicalpayment h
               where h.id = p.id and h.history_user_id in (a.person_id, a.on_behalf_of_id))) as own,
           (select count(*) from public.transactions_paymentrequirement
            where payment_id = new.payment_id and withdrawn_at is null
              and place <= new.approvals_required) as asked,
           exists (select 1 from public.transactions_hold
                   where payment_id = new.payment_id and lifted_at is null) as held
        into found
    from public.transactions_paymentapproval a join public.transactions_payment p on p.id = a.payment_id
    where a.payment_id = new.payment_id and a.withdrawn_at is null;
    if not released then
        if found.validated <> 1 or found.own > 0
           or (new.status = 'approved' and found.given < new.approvals_required) then
            raise exception 'A payment is not % before it is signed.', new.status using errcode = 'check_violation',
                constraint = 'state_signed';
        end if;
        if new.status = 'validated' and new.approvals_required <> found.asked then
            raise exception 'A payment is validated with what it needs to be approved.'
                using errcode = 'check_violation', constraint = 'state_requirement_kept';
        end if;
    end if;
    if found.held and old.status not in ('rejected', 'cancelled') then
        raise exception 'A payment is not % while it is held.', new.status using errcode = 'check_violation',
            constraint = 'state_held';
    end if;
    return new;
end $$;
create trigger signed_first before update on transactions_paymentstate
    for each row when (new.status in ('validated', 'approved') and new.status is distinct from old.status)
    execute function refuse_unsigned();

create function refuse_straight_mark() returns trigger language plpgsql as
$$ begin
    raise exception 'A payment names its policy when it goes through under it, and nowhere else.'
        using errcode = 'check_violation', constraint = 'state_straight_mark';
end $$;
create trigger straight_marked before update of straight_policy on transactions_paymentstate
    for each row when (new.straight_policy is distinct from old.straight_policy
        and not (old.status = 'checked' and new.status = 'validated' and old.straight_policy is null)
        and not (new.straight_policy is null and new.status in ('checked', 'received')))
    execute function refuse_straight_mark();

-- Its control card: what was checked, and the policy as it stood with what went through under it that day.
alter table controls_controlcard add constraint card_of_a_signature_or_a_release
    check ((signature_id is null) <> (release_id is null));
create function freeze_release_card() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$ begin
    if tg_relid <> 'public.controls_straightrelease'::regclass or tg_op <> 'INSERT' then
        raise exception 'A control card is frozen by its release alone.'
            using errcode = 'insufficient_privilege', constraint = 'card_of_its_release';
    end if;
    insert into controls_controlcard (release_id, payment_id, frozen_at, content, digest)
    with c as materialized (  -- its content is made once, for itself and for its digest
        select m.id, m.payment_id, clock.taken, json_build_object(
            'form', 2, 'payment', m.payment_id, 'version', t.version, 'at', clock.taken, 'amount', p.amount::text,
            'currency', p.currency, 'creditor', p.creditor_name, 'account', p.creditor_number,
            'execution_date', p.requested_execution_date, 'outcome', t.outcome, 'risk', t.risk, 'assessment', a.id,
            'ran_at', a.ran_at, 'rule_set', x.digest, 'findings', '[]'::json, 'ceilings', '[]'::json,
            'asked', '[]'::json,
            'policy', json_build_object(
                'id', y.id, 'name', y.name, 'number', y.number, 'kind', y.kind, 'channel', y.channel,
                'source', y.source_id, 'max_amount', y.max_amount::text, 'day_amount', y.day_amount::text,
                'known_payees', y.known_payees, 'valid_from', y.valid_from, 'valid_to', y.valid_to,
                'written_by', y.written_by_id, 'approved_by', y.approved_by_id, 'approved_at', y.approved_at))::text
            as content
        from made m
        join controls_straightpolicy y on y.id = m.policy_id
        join transactions_payment p on p.id = m.payment_id
        join transactions_paymentstate t on t.payment_id = m.payment_id
        cross join (select clock_timestamp() as taken) clock
        left join lateral (
            select id, ran_at, rule_set_id from controls_assessment
            where payment_id = m.payment_id order by id desc limit 1) a on true
        left join controls_ruleset x on x.id = a.rule_set_id)
    select c.id, c.payment_id, c.taken, c.content, sha256(convert_to(c.content, 'UTF8')) from c;
    return null;
end $$;
create trigger zz_card after insert on controls_straightrelease
    referencing new table as made for each statement execute function freeze_release_card();
