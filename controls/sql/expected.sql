-- What a person ended stays ended. An occurrence that came or was excused stays so; only one that is still awaited may
-- go, and a missing one came late or is excused.
create function refuse_expectation() returns trigger language plpgsql as
$$ begin
    raise exception 'What a person ended is not expected again.'
        using errcode = 'check_violation', constraint = 'expectation_stays_ended';
end $$;
create trigger stays_ended before update on controls_expectation
    for each row when (old.ended_by_id is not null) execute function refuse_expectation();

create function refuse_occurrence() returns trigger language plpgsql as
$$ begin
    if tg_op = 'DELETE' then
        if old.status = 'awaited' then return old; end if;
    elsif old.status in ('awaited', 'missing') and not (old.status = 'missing' and new.status = 'awaited')
          and new.expectation_id = old.expectation_id and new.due_on = old.due_on then
        return new;
    end if;
    raise exception 'What came, was excused or was missing stays on record.'
        using errcode = 'check_violation', constraint = 'occurrence_stays';
end $$;
create trigger kept before update or delete on controls_occurrence
    for each row execute function refuse_occurrence();
