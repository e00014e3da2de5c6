-- What an assessment names must stay what it was: a published version is never changed or deleted, the next one replaces
-- it. Before that it is a draft and free.

create function refuse_published_change() returns trigger language plpgsql as
$$ begin
    if old.published_at is null then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    raise exception 'A published version of a rule is never changed; write the next one.'
        using errcode = 'restrict_violation', constraint = 'rule_version_published';
end $$;
create trigger published_stays before update or delete on controls_ruleversion
    for each row execute function refuse_published_change();
