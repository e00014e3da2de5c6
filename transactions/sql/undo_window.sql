-- A decision may be taken back within its window, by the clock of the database, while nobody acted on it since. Then a
-- payment goes back where it came from, which the transition table does not know otherwise (guards.sql).

-- A decision is kept as it is taken: before its move, under lock, of the state as it stands, by a window that is the
-- entity's. So the database knows where the payment came from. A hold moves nothing and is kept after it was counted.
create function refuse_decision() returns trigger language plpgsql as
$$ begin
    perform 1 from public.transactions_paymentstate s
    where s.payment_id in (select payment_id from added) order by s.payment_id for no key update;
    if exists (
        select 1 from added d
        left join public.transactions_paymentstate s on s.payment_id = d.payment_id
        left join public.people_entity e on e.id = s.entity_id
        where s.status is distinct from d.before_status or s.approvals_given is distinct from d.before_given
           or d.withdrawn_at is not null
           or d.effective_at > clock_timestamp() + e.undo_seconds * interval '1 second'
           or d.version <> s.version + case d.verb when 'hold' then 0 else 1 end
           or not case d.verb
               when 'validate' then s.status = 'checked'
               when 'approve' then s.status = 'validated'
               when 'hold' then s.status in ('checked', 'validated')
               when 'reject' then s.status in ('checked', 'validated', 'approved')
               else s.status in ('received', 'checked', 'validated', 'approved') end
    ) then
        raise exception 'A decision is kept as it was taken.' using errcode = 'check_violation',
            constraint = 'decision_as_taken';
    end if;
    return null;
end $$;
create trigger as_taken after insert on transactions_decision
    referencing new table as added for each statement execute function refuse_decision();

-- It is kept with its move, in one transaction: nobody lays one by for what others decide later.
create function refuse_decision_alone() returns trigger language plpgsql as
$$ begin
    if not exists (
        select 1 from public.transactions_paymentstate s
        where s.payment_id = new.payment_id and (s.version > new.version or s.version = new.version and case new.verb
            when 'validate' then s.status = 'validated'
            when 'approve' then s.status in ('validated', 'approved')
            when 'reject' then s.status = 'rejected'
            else s.status = 'cancelled' end)
    ) then
        raise exception 'A decision is kept with its move.' using errcode = 'check_violation',
            constraint = 'decision_with_its_move';
    end if;
    return null;
end $$;
create constraint trigger with_its_move after insert on transactions_decision
    deferrable initially deferred for each row when (new.verb <> 'hold') execute function refuse_decision_alone();

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
