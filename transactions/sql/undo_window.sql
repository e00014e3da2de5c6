-- A decision may be taken back within its window, by the clock of the database, while nobody acted on it since. Then a
-- payment goes back where it came from, which the transition table does not know otherwise.

create or replace function refuse_transition() returns trigger language plpgsql as
$$ begin
    if new.funds_held = (new.status = 'approved') and exists (
        select 1 from public.transactions_decision d
        where d.payment_id = old.payment_id and d.version = old.version and d.before_status = new.status
          and d.withdrawn_at is null and clock_timestamp() < d.effective_at
    ) then
        return new;
    end if;
    raise exception 'A payment does not go from % to % like this.', old.status, new.status
        using errcode = 'check_violation', constraint = 'state_transition';
end $$;

-- A signature that the state does not count any more may be withdrawn: the payment went back first.
create or replace function refuse_signature_change() returns trigger language plpgsql as
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

-- Signed, and held by nobody, when it moves forward. What was rejected while it was on hold goes back on hold.
create or replace function refuse_unsigned() returns trigger language plpgsql as
$$ declare given int; validated int; own int; held boolean;
begin
    select count(*) filter (where a.stage between 1 and new.approvals_required), count(*) filter (where a.stage = 0),
           count(*) filter (where p.maker_id in (a.person_id, a.on_behalf_of_id) or exists (
               select 1 from public.transactions_historicalpayment h
               where h.id = p.id and h.history_user_id in (a.person_id, a.on_behalf_of_id)))
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
    if held and old.status not in ('rejected', 'cancelled') then
        raise exception 'A payment is not % while it is held.', new.status using errcode = 'check_violation',
            constraint = 'state_held';
    end if;
    return new;
end $$;

-- A decision is kept as it was taken: of the state as it stands, by a window that is the entity's.
create function refuse_decision() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from added d
        left join public.transactions_paymentstate s on s.payment_id = d.payment_id
        left join public.people_entity e on e.id = s.entity_id
        where s.version is distinct from d.version or d.withdrawn_at is not null
           or d.effective_at > clock_timestamp() + e.undo_seconds * interval '1 second'
           or not case d.verb
               when 'validate' then s.status = 'validated' and d.before_status = 'checked'
               when 'approve' then s.status in ('validated', 'approved') and d.before_status = 'validated'
                                   and d.before_given = s.approvals_given - 1
               when 'hold' then s.status = d.before_status
               when 'reject' then s.status = 'rejected'
               else s.status = 'cancelled' end
    ) then
        raise exception 'A decision is kept as it was taken.' using errcode = 'check_violation',
            constraint = 'decision_as_taken';
    end if;
    return null;
end $$;
create trigger as_taken after insert on transactions_decision
    referencing new table as added for each statement execute function refuse_decision();

create function refuse_changing() returns trigger language plpgsql as
$$ begin
    raise exception 'This of % is written once.', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger withdrawn_once before update on transactions_decision
    for each row when (old.withdrawn_at is not null
        or (old.payment_id, old.verb, old.person_id, old.decided_at, old.effective_at, old.version, old.before_status,
            old.before_given, old.hold_id)
           is distinct from
           (new.payment_id, new.verb, new.person_id, new.decided_at, new.effective_at, new.version, new.before_status,
            new.before_given, new.hold_id))
    execute function refuse_changing();
