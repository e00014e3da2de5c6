-- Four eyes on what the rules of approval rest on: whoever asked never signs, nor whom it is about, nothing takes
-- effect unsigned, and what was decided stays. Of a rule, whose hand is in the draft never signs either.
create function refuse_own_change() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.controls_changerequest c
               where c.id = new.request_id and (c.asked_by_id = new.person_id or c.status <> 'waiting'
                     or (c.subject_type in ('limit', 'grant', 'token') and c.subject_id = new.person_id)
                     or (c.subject_type = 'rule' and exists (
                             select 1 from public.controls_ruleversion v where v.id = c.subject_id
                             and (v.written_by_id = new.person_id or v.editors @> to_jsonb(new.person_id))))
                     or exists (select 1 from public.people_user u where (u.id, u.created_by_id) in (
                                    (c.asked_by_id, new.person_id), (new.person_id, c.asked_by_id)))
                     or exists (select 1 from public.people_grant g where (g.user_id, g.granted_by_id) in (
                                    (c.asked_by_id, new.person_id), (new.person_id, c.asked_by_id)))
                     or new.place not between 1 and jsonb_array_length(c.places)))
       or exists (select 1 from public.people_user u where u.id = new.person_id and (u.is_machine or not u.is_active))
    then
        raise exception 'A change waits for a person other than the one who asked for it and the one whom it is about.'
            using errcode = 'check_violation', constraint = 'change_by_another';
    end if;
    return new;
end $$;
create trigger by_another before insert on controls_changesignature
    for each row execute function refuse_own_change();

create function refuse_unsigned_change() returns trigger language plpgsql as
$$ begin
    if old.status <> 'waiting' or (new.status = 'approved' and jsonb_array_length(old.places) <> (
        select count(*) from public.controls_changesignature where request_id = old.id)) then
        raise exception 'A change takes effect when it is signed, and is decided once.'
            using errcode = 'check_violation', constraint = 'change_signed';
    end if;
    return new;
end $$;
create trigger signed_once before update on controls_changerequest
    for each row execute function refuse_unsigned_change();
create function refuse_decided_change() returns trigger language plpgsql as
$$ begin
    if new.status <> 'waiting' or jsonb_array_length(new.places) < 1 then
        raise exception 'A change is asked for before it is decided.' using errcode = 'check_violation',
            constraint = 'change_begins_waiting';
    end if;
    return new;
end $$;
create trigger begins_waiting before insert on controls_changerequest
    for each row execute function refuse_decided_change();

-- What a request asks, at the moment when its last signature takes effect: all its places are signed, and it still
-- waits. Null at any other moment. What only two people may write is looked at by this.
create function signed_change(request bigint, kind text, subject bigint) returns jsonb language sql stable as
$$
    select c.change from public.controls_changerequest c
    where c.id = request and c.subject_type = kind and c.subject_id is not distinct from subject
      and c.status = 'waiting' and jsonb_array_length(c.places) > 0 and jsonb_array_length(c.places) = (
          select count(*) from public.controls_changesignature g where g.request_id = c.id)
$$;
