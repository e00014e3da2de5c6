-- What screening found stops a payment until people decide. Two say that it is somebody else; one is enough to say that
-- it is not. What two people let pass, and what weakens a list, is signed by two; once that has ended, the hit is open
-- again. Triggers on lists and exemptions ask
-- the application's role alone; the owner of the tables is the console.
create function refuse_hit() returns trigger language plpgsql as
$$ begin
    if new.status = 'exempt' and (tg_op = 'INSERT' or old.status = 'open') and exists (
        select 1 from public.controls_exemption x join public.controls_watchlistentry e on e.id = new.entry_id
        where x.id = new.exemption_id and x.entity_id = new.entity_id and x.key = new.key
          and x.watch_list_id = e.watch_list_id and x.entry_code = e.code and x.digest = e.digest
          and x.ended_at is null and x.valid_to >= current_date)
    then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.status = 'exempt' and new.status = 'open' and not exists (
        select 1 from public.controls_exemption x join public.controls_watchlistentry e on e.id = new.entry_id
        where x.entity_id = new.entity_id and x.key = new.key and x.watch_list_id = e.watch_list_id
          and x.entry_code = e.code and x.digest = e.digest and x.ended_at is null and x.valid_to >= current_date)
    then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.status = 'open' and new.status = 'true' and new.decided_by_id is not null then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.status in ('open', 'true') and new.status = 'false' and exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'hit' and c.subject_id = new.id and c.status = 'waiting'
          and public.signed_change(c.id, 'hit', new.id) ->> 'was' = old.status)
    then
        return new;
    end if;
    raise exception 'That a screening hit is somebody else is said by one person and confirmed by another.'
        using errcode = 'check_violation', constraint = 'hit_by_two';
end $$;
create trigger decided_by_two before update on controls_screeninghit
    for each row execute function refuse_hit();
create trigger begins_open before insert on controls_screeninghit
    for each row when (new.status <> 'open') execute function refuse_hit();

create function refuse_unsigned_exemption() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from public.signed_change(new.request_id, 'exempt', null) as asked(change)
        where asked.change ->> 'key' = new.key and (asked.change ->> 'entity')::bigint = new.entity_id
          and (asked.change ->> 'list')::bigint = new.watch_list_id and asked.change ->> 'code' = new.entry_code
          and asked.change ->> 'digest' = new.digest and (asked.change ->> 'until')::date = new.valid_to)
    then
        return new;
    end if;
    raise exception 'A name is let pass when one person asks for it and another signs.'
        using errcode = 'check_violation', constraint = 'exemption_signed';
end $$;
create trigger signed_by_two before insert on controls_exemption
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_exemption();

create function refuse_weaker_list() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'watch' and c.subject_id = new.id and c.status = 'waiting'
          and public.signed_change(c.id, 'watch', new.id) is not null)
    then
        return new;
    end if;
    raise exception 'What weakens a list is asked for by one person and signed by another.'
        using errcode = 'check_violation', constraint = 'watchlist_signed';
end $$;
create trigger weakened_by_two before update on controls_watchlist
    for each row when (current_user = 'backoffice' and (
        new.threshold > old.threshold or new.shrink_percent > old.shrink_percent
        or (old.is_active and not new.is_active) or new.kind <> old.kind or new.url <> old.url
        or new.code <> old.code or new.entity_id is distinct from old.entity_id))
    execute function refuse_weaker_list();

-- A version that somebody brought takes effect signed when it has less than the one before: an entry, a name of one. From
-- the publisher's address, when it has much less. Or not at all.
create function refuse_shrunk_version() returns trigger language plpgsql as
$$ declare before record;
begin
    if tg_op = 'UPDATE' and old.status = 'current' then
        return new;
    end if;
    select v.entry_count, l.shrink_percent into before
    from public.controls_watchlistversion v join public.controls_watchlist l on l.id = v.watch_list_id
    where v.watch_list_id = new.watch_list_id and v.id <> new.id and v.activated_at is not null
    order by v.number desc limit 1;
    if not found or new.removed_count + new.weakened_count = 0
       or (new.origin = 'url'
           and (new.removed_count + new.weakened_count) * 100 <= before.entry_count * before.shrink_percent)
    then
        return new;
    end if;
    if exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'watch' and c.subject_id = new.watch_list_id and c.status = 'waiting'
          and (public.signed_change(c.id, 'watch', new.watch_list_id) ->> 'version')::bigint = new.id)
    then
        return new;
    end if;
    raise exception 'A list that lost entries or names takes effect when a second person signs.'
        using errcode = 'check_violation', constraint = 'watchlist_shrunk';
end $$;
create trigger shrunk_by_two before insert or update on controls_watchlistversion
    for each row when (current_user = 'backoffice' and new.status = 'current') execute function refuse_shrunk_version();

-- The hold of a payment stays while a hit of it is open or true: nobody lifts it past that, whatever the door.
create function refuse_lift_past_hit() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.controls_screeninghit h
               where h.payment_id = new.payment_id and h.status in ('open', 'true')) then
        raise exception 'What screening found is decided before the hold is lifted.'
            using errcode = 'check_violation', constraint = 'hold_screening_open';
    end if;
    return new;
end $$;
create trigger stays_until_decided before update on transactions_hold
    for each row when (old.stays and (new.lifted_at is not null or not new.stays))
    execute function refuse_lift_past_hit();
