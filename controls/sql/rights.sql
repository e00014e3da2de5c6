-- Who may do what is given by two people: what carries more than looking (roles.HARMLESS) is written by the application
-- with a signed request alone. The owner, on the server's console, is not asked. Taking back is one person's.
create function refuse_unsigned_grant() returns trigger language plpgsql as
$$ begin
    if new.role <> 'logistics' and not exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'grant' and c.status = 'waiting' and c.subject_id = new.user_id
          and c.entity_id is not distinct from new.entity_id and c.asked_by_id = new.granted_by_id
          and public.signed_change(c.id, 'grant', new.user_id) ->> 'role' = new.role
    ) then
        raise exception 'A role is asked for by one person and given when another has signed it.'
            using errcode = 'check_violation', constraint = 'grant_signed';
    end if;
    -- Two roles at once wait for each other.
    perform 1 from public.people_user where id = new.user_id for no key update;
    if exists (
        select 1 from public.people_grant g
        where g.user_id = new.user_id
          and (g.entity_id is null or new.entity_id is null or g.entity_id = new.entity_id)
          and case new.role when 'administrator' then g.role in ('operator', 'supervisor')
                            when 'operator' then g.role = 'administrator'
                            when 'supervisor' then g.role = 'administrator' else false end
    ) then
        raise exception 'Nobody lets others in and makes or signs payments in the same entity.'
            using errcode = 'check_violation', constraint = 'grant_roles_apart';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert on people_grant
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_grant();

create function refuse_unsigned_token() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.people_user u where u.id = new.user_id and u.is_machine)
       and exists (select 1 from jsonb_array_elements_text(new.scopes) s
                   where s not like '%.view' or s in ('iban.view', 'document.view'))
       and (tg_op = 'INSERT' or not exists (
            select 1 from public.controls_changerequest c
            where c.subject_type = 'token' and c.status = 'waiting' and c.subject_id = new.user_id
              and public.signed_change(c.id, 'token', new.user_id) -> 'token' = to_jsonb(new.id)
              and c.change -> 'scopes' = new.scopes and c.change -> 'entities' = new.entities))
    then
        raise exception 'A token of a program with such rights works when two people have signed it.'
            using errcode = 'check_violation', constraint = 'token_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert on people_apitoken
    for each row when (current_user = 'backoffice' and not new.waits) execute function refuse_unsigned_token();
create trigger signed_later before update on people_apitoken
    for each row when (current_user = 'backoffice' and not new.waits and (old.waits or (
        new.user_id, new.digest, new.scopes, new.entities) is distinct from (
        old.user_id, old.digest, old.scopes, old.entities)))
    execute function refuse_unsigned_token();
