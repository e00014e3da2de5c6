-- Four eyes on standing orders: terms are in force when a request for just these was signed by somebody other than who
-- asked; nothing begins in force, and what is over stays over.
create function refuse_new_standing_order() returns trigger language plpgsql as
$$ begin
    raise exception 'A standing order begins waiting for a second person.' using errcode = 'check_violation',
        constraint = 'standing_begins_waiting';
end $$;
create trigger begins_waiting before insert on transactions_standingorder
    for each row when (new.status <> 'waiting' or new.approved_by_id is not null or new.made_count <> 0)
    execute function refuse_new_standing_order();

create function refuse_standing_terms() returns trigger language plpgsql as
$$ begin
    if old.status not in ('waiting', 'active') or not exists (
        select 1 from public.controls_changerequest c
        join public.controls_changesignature s on s.request_id = c.id and s.person_id = new.approved_by_id
        where c.subject_type = 'standing' and c.subject_id = new.id and c.status = 'waiting'
          and c.asked_by_id = new.asked_by_id
          and c.change ->> 'creditor_name' = new.creditor_name
          and c.change ->> 'creditor_number' = new.creditor_number
          and (c.change ->> 'amount')::numeric is not distinct from new.amount
          and (c.change ->> 'floor')::numeric is not distinct from new.floor
    ) then
        raise exception 'The terms of a standing order are what a second person approved.'
            using errcode = 'check_violation', constraint = 'standing_terms_approved';
    end if;
    return new;
end $$;
create trigger terms_approved before update on transactions_standingorder
    for each row when (
        (new.status = 'active' and old.status <> 'active')
        or (old.creditor_name, old.creditor_number, old.creditor_bic, old.amount, old.floor, old.currency,
            old.remittance, old.unit, old.every, old.last_working_day, old.first_on, old.last_on, old.times,
            old.working_day, old.asked_by_id, old.approved_by_id, old.approved_at)
        is distinct from
           (new.creditor_name, new.creditor_number, new.creditor_bic, new.amount, new.floor, new.currency,
            new.remittance, new.unit, new.every, new.last_working_day, new.first_on, new.last_on, new.times,
            new.working_day, new.asked_by_id, new.approved_by_id, new.approved_at))
    execute function refuse_standing_terms();
