-- A decision may be taken back within its window, by the clock of the database, while nobody acted on it since. Then a
-- payment goes back where it came from, which the transition table does not know otherwise (guards.sql).

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
