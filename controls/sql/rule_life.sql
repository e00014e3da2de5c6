-- A version of a rule is written by one person and published when another has signed it; so is what a list holds. The
-- owner of the tables, who brings the shipped rules in, is not asked.
create function refuse_unsigned_rule() returns trigger language plpgsql as
$$ begin
    if not exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'rule' and c.subject_id = new.id and c.entity_id is not distinct from new.entity_id
          and public.signed_change(c.id, 'rule', new.id) ->> 'mode' = new.mode
          and exists (select 1 from public.controls_changesignature g
                      where g.request_id = c.id and g.person_id = new.published_by_id))
    then
        raise exception 'A version of a rule is written by one person and published when another has signed it.'
            using errcode = 'check_violation', constraint = 'rule_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert on controls_ruleversion
    for each row when (current_user = 'backoffice' and new.published_at is not null)
    execute function refuse_unsigned_rule();
create trigger signed_later before update on controls_ruleversion
    for each row when (current_user = 'backoffice' and old.published_at is null and new.published_at is not null)
    execute function refuse_unsigned_rule();

-- What a list held and when is what assessments rest on: a value comes and goes by a signed request, each once.
create function refuse_unsigned_entry() returns trigger language plpgsql as
$$ begin
    if tg_op = 'INSERT' and new.valid_to is null and new.removed_with_id is null
       and public.signed_change(new.added_with_id, 'list', new.list_id) -> 'add' ? new.value
       and abs(extract(epoch from clock_timestamp() - new.valid_from)) < 60 then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.valid_to is null and new.valid_to is not null
       and public.signed_change(new.removed_with_id, 'list', new.list_id) -> 'remove' ? new.value
       and abs(extract(epoch from clock_timestamp() - new.valid_to)) < 60 then
        return new;
    end if;
    raise exception 'What a list holds is changed by one person and signed by another.'
        using errcode = 'check_violation', constraint = 'rule_list_signed';
end $$;
create trigger signed_by_two before insert or update on controls_rulelistentry
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_entry();

create function refuse_list_rewritten() returns trigger language plpgsql as
$$ begin
    raise exception 'What a list held stays on record: a value ends once, and nothing of it changes.'
        using errcode = 'restrict_violation', constraint = 'rule_list_stays';
end $$;
create trigger ends_once before update on controls_rulelistentry
    for each row when (old.valid_to is not null or (new.list_id, new.value, new.valid_from, new.added_by_id,
        new.added_with_id, new.reason) is distinct from (old.list_id, old.value, old.valid_from, old.added_by_id,
        old.added_with_id, old.reason))
    execute function refuse_list_rewritten();
create trigger entry_stays before delete on controls_rulelistentry
    for each row execute function refuse_list_rewritten();
create trigger list_stays before delete on controls_rulelist
    for each row execute function refuse_list_rewritten();
create trigger list_is_what_it_was before update on controls_rulelist
    for each row when ((new.code, new.kind, new.entity_id, new.made_by_id) is distinct from
        (old.code, old.kind, old.entity_id, old.made_by_id))
    execute function refuse_list_rewritten();
