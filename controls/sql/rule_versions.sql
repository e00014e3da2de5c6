-- What an assessment names must stay what it was: a published version is never changed or deleted, the next one replaces
-- it. Before that it is a draft and free, but for who had a hand in it, and not while it waits for a second person.

create function refuse_published_change() returns trigger language plpgsql as
$$ begin
    if old.published_at is not null then
        raise exception 'A published version of a rule is never changed; write the next one.'
            using errcode = 'restrict_violation', constraint = 'rule_version_published';
    end if;
    if (tg_op = 'DELETE' or to_jsonb(new) - 'published_at' - 'published_by_id'
                         <> to_jsonb(old) - 'published_at' - 'published_by_id')
       and exists (select 1 from public.controls_changerequest c
                   where c.subject_type = 'rule' and c.subject_id = old.id and c.status = 'waiting') then
        raise exception 'A draft that waits for a second person stays as it was handed in.'
            using errcode = 'restrict_violation', constraint = 'rule_version_waits';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    if not new.editors @> old.editors or new.written_by_id is distinct from old.written_by_id
       or (new.rule_id, new.number) is distinct from (old.rule_id, old.number) then
        raise exception 'Whose hand is in a draft stays on record.'
            using errcode = 'restrict_violation', constraint = 'rule_version_hands';
    end if;
    return new;
end $$;
create trigger published_stays before update or delete on controls_ruleversion
    for each row execute function refuse_published_change();
