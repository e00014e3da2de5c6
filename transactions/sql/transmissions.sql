-- A file that the bank may have is not sent once more unless a person decided so, with a reason, at that moment.
create function refuse_transmission_step() returns trigger language plpgsql as
$$ begin
    raise exception 'A transmission that is % (%) cannot become %.', old.status, old.stage, new.status
        using errcode = 'check_violation', constraint = 'transmission_step';
end $$;
create trigger takes_known_steps before update on transactions_transmission
    for each row when (
        old.status <> new.status
        and not (
            (old.status, new.status) in (
                ('waiting', 'sending'), ('sending', 'delivered'), ('sending', 'failed'), ('sending', 'unsure'))
            or (old.status = 'sending' and new.status = 'waiting' and old.stage <> 'placing')
            or new.status = 'acknowledged'
            or (old.status in ('failed', 'unsure', 'delivered') and new.status in ('waiting', 'delivered')
                and new.decided_by_id is not null
                and new.decided_at is distinct from old.decided_at)))
    execute function refuse_transmission_step();
create trigger keeps_what_arrived before update on transactions_transmission
    for each row when (old.status = 'acknowledged' and (new.status, new.acknowledged_at, new.acknowledged_by)
                       is distinct from (old.status, old.acknowledged_at, old.acknowledged_by))
    execute function refuse_transmission_step();
-- Back from placing the stage goes by a person's decision alone: a second worker does not write the file anew.
create trigger keeps_its_stage before update on transactions_transmission
    for each row when (old.status = 'sending' and new.status = 'sending' and old.stage = 'placing'
                       and new.stage <> 'placing')
    execute function refuse_transmission_step();
create trigger begins_waiting before insert on transactions_transmission
    for each row when (new.status <> 'waiting' or new.attempts <> 0 or new.decided_by_id is not null)
    execute function refuse_rewriting();
-- What goes by a channel is of the channel's entity.
create function refuse_other_entity() returns trigger language plpgsql as
$$ begin
    if exists (select from public.transactions_bankchannel c join public.transactions_account a on a.id = new.account_id
               where c.id = new.channel_id and c.entity_id <> a.entity_id)
       or exists (select from public.transactions_bankchannel c
                  where c.id = new.channel_id and c.entity_id <> new.entity_id) then
        raise exception 'The account is of another entity than the channel.'
            using errcode = 'check_violation', constraint = 'channel_of_the_same_entity';
    end if;
    return new;
end $$;
create trigger same_entity before insert or update on transactions_channelroute
    for each row execute function refuse_other_entity();
