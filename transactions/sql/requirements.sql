-- What a payment needs to be approved is frozen with its validation: written while it is checked, withdrawn with its
-- signatures, never changed. A signature fills the place that it is given in; places are signed in their order.

-- Has the person what the place asks for, in the entity? Where an operator may sit, so may a supervisor (people/roles).
create function seat_filled(
    role text, team_id bigint, ceiling numeric, person bigint, entity bigint, currency text
) returns boolean language sql stable as
$$
    select (seat_filled.role = '' or exists (
                select 1 from public.people_grant g
                where g.user_id = person and (g.entity_id is null or g.entity_id = entity)
                  and (g.role = seat_filled.role or (seat_filled.role = 'operator' and g.role = 'supervisor'))))
       and (seat_filled.team_id is null or exists (
                select 1 from public.people_team_members m
                where m.team_id = seat_filled.team_id and m.user_id = person))
       and (seat_filled.ceiling is null or exists (
                select 1 from public.people_limit l
                where l.user_id = person and l.act = 'approve' and l.currency = seat_filled.currency
                  and l.amount >= seat_filled.ceiling))
$$;

create function refuse_requirement_now() returns trigger language plpgsql as
$$ begin
    -- The owner of the tables, who alone may empty them, also loads history.
    if not has_table_privilege('public.transactions_paymentrequirement', 'truncate') and exists (
        select 1 from asked r left join public.transactions_paymentstate s on s.payment_id = r.payment_id
        where s.status is distinct from 'checked' or r.withdrawn_at is not null
    ) then
        raise exception 'What a payment needs is frozen when it is validated.' using errcode = 'check_violation',
            constraint = 'requirement_at_validation';
    end if;
    return null;
end $$;
create trigger at_validation after insert on transactions_paymentrequirement
    referencing new table as asked for each statement execute function refuse_requirement_now();

create function refuse_requirement_change() returns trigger language plpgsql as
$$ begin
    if old.withdrawn_at is not null or exists (
        select 1 from public.transactions_paymentstate
        where payment_id = old.payment_id and status not in ('received', 'checked', 'rejected')
    ) then
        raise exception 'What a payment needs stays while the payment rests on it.'
            using errcode = 'restrict_violation', constraint = 'requirement_rests';
    end if;
    return new;
end $$;
create trigger stays before update on transactions_paymentrequirement
    for each row execute function refuse_requirement_change();

create or replace function refuse_own_signature() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from signed s join public.transactions_payment p on p.id = s.payment_id
        where p.maker_id = s.person_id
           or exists (select 1 from public.transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id = s.person_id)
    ) then
        raise exception 'Whoever entered or amended a payment cannot sign it.' using errcode = 'check_violation',
            constraint = 'approval_not_by_maker';
    end if;
    if exists (select 1 from public.people_user u
               where u.id in (select person_id from signed) and (u.is_machine or not u.is_active)) then
        raise exception 'Only a person whose account is open signs.' using errcode = 'check_violation',
            constraint = 'approval_by_a_person';
    end if;
    if exists (
        select 1 from signed s
        join public.transactions_paymentrequirement r
            on r.payment_id = s.payment_id and r.place = s.stage and r.withdrawn_at is null
        join public.transactions_payment p on p.id = s.payment_id
        where (r.role <> '' or r.team_id is not null or r.ceiling is not null)
          and not public.seat_filled(r.role, r.team_id, r.ceiling, s.person_id, p.entity_id, p.currency)
    ) then
        raise exception 'This signature is asked of someone else.' using errcode = 'check_violation',
            constraint = 'approval_fills_its_place';
    end if;
    return null;
end $$;

-- Signed by others than those who entered or amended it, in the places that were frozen, and held by nobody.
create or replace function refuse_unsigned() returns trigger language plpgsql as
$$ declare given int; validated int; own int; held boolean;
begin
    select count(*) filter (where a.stage between 1 and new.approvals_required), count(*) filter (where a.stage = 0),
           count(*) filter (where a.person_id = p.maker_id or exists (
               select 1 from public.transactions_historicalpayment h
               where h.id = p.id and h.history_user_id = a.person_id))
        into given, validated, own
    from public.transactions_paymentapproval a join public.transactions_payment p on p.id = a.payment_id
    where a.payment_id = new.payment_id and a.withdrawn_at is null;
    if validated <> 1 or own > 0 or (new.status = 'approved' and given < new.approvals_required) then
        raise exception 'A payment is not % before it is signed.', new.status using errcode = 'check_violation',
            constraint = 'state_signed';
    end if;
    if new.status = 'validated' and new.approvals_required <> (
        select count(*) from public.transactions_paymentrequirement
        where payment_id = new.payment_id and withdrawn_at is null and place <= new.approvals_required
    ) then
        raise exception 'A payment is validated with what it needs to be approved.' using errcode = 'check_violation',
            constraint = 'state_requirement_kept';
    end if;
    select exists (select 1 from public.transactions_hold where payment_id = new.payment_id and lifted_at is null)
        into held;
    if held then
        raise exception 'A payment is not % while it is held.', new.status using errcode = 'check_violation',
            constraint = 'state_held';
    end if;
    return new;
end $$;
