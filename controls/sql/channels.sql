-- Where a channel points, with which key, and what it may bring is signed by two people: what a bank is said to have
-- answered moves the books. Unsigned it waits, and a constraint says that what waits is switched off.
create function refuse_unsigned_channel() returns trigger language plpgsql as
$$ begin
    if tg_op = 'UPDATE' and old.waits and (new.host, new.port, new."user", new.url, new.host_keys, new.out_folder,
            new.in_folder, new.source_id, new.secret, new.salt, new.kind, new.entity_id) is not distinct from (
            old.host, old.port, old."user", old.url, old.host_keys, old.out_folder, old.in_folder, old.source_id,
            old.secret, old.salt, old.kind, old.entity_id)
       and exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'channel' and c.status = 'waiting' and c.subject_id = new.id
          and public.signed_change(c.id, 'channel', new.id) is not null)
    then
        return new;
    end if;
    raise exception 'Where a channel points is asked for by one person and signed by another.'
        using errcode = 'check_violation', constraint = 'channel_signed';
end $$;
create trigger signed_by_two before insert on transactions_bankchannel
    for each row when (current_user = 'backoffice' and not new.waits) execute function refuse_unsigned_channel();
create trigger signed_again before update on transactions_bankchannel
    for each row when (current_user = 'backoffice' and not new.waits and (old.waits or (new.host, new.port, new."user",
        new.url, new.host_keys, new.out_folder, new.in_folder, new.source_id, new.secret, new.salt, new.kind,
        new.entity_id) is distinct from (old.host, old.port, old."user", old.url, old.host_keys, old.out_folder,
        old.in_folder, old.source_id, old.secret, old.salt, old.kind, old.entity_id)))
    execute function refuse_unsigned_channel();

create function refuse_unsigned_route() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from public.transactions_bankchannel c where c.id = new.channel_id and c.waits) then
        raise exception 'What goes by a channel is asked for by one person and signed by another.'
            using errcode = 'check_violation', constraint = 'channel_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert or update on transactions_channelroute
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_route();
