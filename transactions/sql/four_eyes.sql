-- Four eyes, held by the database: who made or amended a payment never signs it, and a person signs within what they
-- may. One person signs once and one stage is signed once by unique constraints. That nothing is validated or approved
-- without its signatures is in controls/sql/straight.sql, which knows what goes without.

-- In another's place: the deputy and the giver both count as having signed, and neither may be the maker or have amended
-- the payment; the place is the giver's to fill, ceilings are those of both. What a person signs for in one day stays
-- within their ceiling of the day.
create function refuse_own_signature() returns trigger language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as
$$ begin
    if exists (
        select 1 from signed s join public.transactions_payment p on p.id = s.payment_id
        where p.maker_id in (s.person_id, s.on_behalf_of_id)
           or exists (select 1 from public.transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id in (s.person_id, s.on_behalf_of_id))
    ) then
        raise exception 'Whoever entered or amended a payment cannot sign it.' using errcode = 'check_violation',
            constraint = 'approval_not_by_maker';
    end if;
    if exists (select 1 from public.people_user u
               where u.id in (select person_id from signed union all select on_behalf_of_id from signed)
                 and (u.is_machine or not u.is_active)) then
        raise exception 'Only a person whose account is open signs.' using errcode = 'check_violation',
            constraint = 'approval_by_a_person';
    end if;
    -- A deputy signs under a delegation that is in force, and nobody twice, in their own name or in another's place.
    if exists (
        select 1 from signed s join public.transactions_payment p on p.id = s.payment_id
        where s.on_behalf_of_id is not null and not exists (
            select 1 from public.people_delegation d
            where d.giver_id = s.on_behalf_of_id and d.deputy_id = s.person_id and d.entity_id = p.entity_id
              and d.act = case when s.stage = 0 then 'validate' else 'approve' end and d.ended_at is null
              and clock_timestamp() between d.valid_from and d.valid_to
              and public.seat_filled('operator', null, null, d.giver_id, d.entity_id, p.currency))
    ) then
        raise exception 'No delegation lets this person sign in the place of the other.'
            using errcode = 'check_violation', constraint = 'approval_delegated';
    end if;
    if exists (
        select 1 from signed s
        join public.transactions_paymentapproval a
            on a.payment_id = s.payment_id and a.withdrawn_at is null and a.id <> s.id
        where a.on_behalf_of_id in (s.person_id, s.on_behalf_of_id)
           or s.on_behalf_of_id in (a.person_id, a.on_behalf_of_id)
    ) then
        raise exception 'One person never signs the same payment twice.' using errcode = 'check_violation',
            constraint = 'approval_name_once';
    end if;
    if exists (
        select 1 from signed s
        join public.transactions_paymentrequirement r
            on r.payment_id = s.payment_id and r.place = s.stage and r.withdrawn_at is null
        join public.transactions_payment p on p.id = s.payment_id
        where (r.role <> '' or r.team_id is not null or r.ceiling is not null)
          and not (public.seat_filled(r.role, r.team_id, r.ceiling, coalesce(s.on_behalf_of_id, s.person_id),
                                      p.entity_id, p.currency)
                   and public.seat_filled('', null, r.ceiling, s.person_id, p.entity_id, p.currency))
    ) then
        raise exception 'This signature is asked of someone else.' using errcode = 'check_violation',
            constraint = 'approval_fills_its_place';
    end if;
    -- Ceilings of the day, where people have one: the lock makes two statements of one person wait for each other.
    perform 1 from public.people_limit
    where user_id in (select person_id from signed union all select on_behalf_of_id from signed)
      and day_amount is not null order by id for no key update;
    if found and exists (
        select 1
        from (select distinct n.person_id, s.stage = 0 as first, p.currency, p.entity_id
              from signed s join public.transactions_payment p on p.id = s.payment_id
              cross join lateral (values (s.person_id), (s.on_behalf_of_id)) n (person_id)) w
        join public.people_limit l on l.user_id = w.person_id and l.currency = w.currency
            and l.act = case when w.first then 'validate' else 'approve' end
        join public.people_entity e on e.id = w.entity_id
        where l.day_amount < (
            select sum(q.amount)
            from public.transactions_paymentapproval a join public.transactions_payment q on q.id = a.payment_id
            where (a.person_id = w.person_id or a.on_behalf_of_id = w.person_id) and a.withdrawn_at is null
              and (a.stage = 0) = w.first
              and q.currency = w.currency
              and a.given_at >= date_trunc('day', clock_timestamp() at time zone e.time_zone) at time zone e.time_zone)
    ) then
        raise exception 'This is above the limit of the day.' using errcode = 'check_violation',
            constraint = 'approval_within_the_day';
    end if;
    return null;
end $$;
create trigger not_by_maker after insert on transactions_paymentapproval
    referencing new table as signed for each statement execute function refuse_own_signature();

-- A signature stays while the payment rests on it. One that the state does not count any more may be withdrawn: the
-- payment went back first.
create function refuse_signature_change() returns trigger language plpgsql as
$$ begin
    if (old.payment_id, old.stage, old.person_id, old.given_at, old.reason, old.reason_code)
       is distinct from (new.payment_id, new.stage, new.person_id, new.given_at, new.reason, new.reason_code)
       or old.withdrawn_at is not null then
        raise exception 'A signature is withdrawn, never changed.' using errcode = 'restrict_violation';
    end if;
    if exists (select 1 from public.transactions_paymentstate
               where payment_id = old.payment_id and status not in ('received', 'checked', 'rejected')
                 and old.stage <= approvals_given) then
        raise exception 'A signature stays while the payment rests on it.' using errcode = 'restrict_violation',
            constraint = 'approval_rests';
    end if;
    return new;
end $$;
create trigger withdrawn_only before update on transactions_paymentapproval
    for each row execute function refuse_signature_change();
