-- A movement ends once: when its payment was amended (controls/scoring/scores.py), refused or given back. Later scores do
-- not look at it; those of before are made again with it.
create function refuse_voided_again() returns trigger language plpgsql as
$$ begin
    raise exception 'This movement ended before.' using errcode = 'check_violation', constraint = 'movement_voided_once';
end $$;
create trigger voided_once before update on controls_movement
    for each row when (old.voided_at is not null) execute function refuse_voided_again();

create function void_movement() returns trigger language plpgsql as
$$ begin
    update public.controls_movement set voided_at = clock_timestamp()
    where payment_id = new.payment_id and voided_at is null;
    return null;
end $$;
create trigger void_movement after update of status on transactions_paymentstate
    for each row when (new.status in ('rejected', 'cancelled', 'returned') and new.status <> old.status)
    execute function void_movement();

-- A payment whose refusal is taken back is past of others again: by another movement, for the former one has ended. One
-- that is reopened is checked anew, and noted then.
create function restore_movement() returns trigger language plpgsql as
$$ begin
    insert into public.controls_scoredue (payment_id) values (new.payment_id);
    return null;
end $$;
create trigger restore_movement after update of status on transactions_paymentstate
    for each row when (old.status in ('rejected', 'cancelled', 'returned')
        and new.status not in ('received', 'rejected', 'cancelled', 'returned'))
    execute function restore_movement();
