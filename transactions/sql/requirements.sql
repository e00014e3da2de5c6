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
