-- What somebody may sign for is widened by two people; one narrows it, and takes it away.
create function refuse_unsigned_limit() returns trigger language plpgsql as
$$ begin
    if not exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'limit' and c.status = 'waiting' and c.subject_id = new.user_id
          and public.signed_change(c.id, 'limit', new.user_id) is not null
          and c.change ->> 'act' = new.act and c.change ->> 'currency' = new.currency
          and (c.change ->> 'amount')::numeric = new.amount
          and (c.change ->> 'day_amount')::numeric is not distinct from new.day_amount)
    then
        raise exception 'A limit is widened when two people have signed it.'
            using errcode = 'check_violation', constraint = 'limit_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert on people_limit
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_limit();
create trigger signed_again before update on people_limit
    for each row when (current_user = 'backoffice' and (new.amount > old.amount
        or (old.day_amount is not null and (new.day_amount is null or new.day_amount > old.day_amount))
        or (new.user_id, new.act, new.currency) is distinct from (old.user_id, old.act, old.currency)))
    execute function refuse_unsigned_limit();
