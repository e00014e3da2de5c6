-- Messages of the bank: what came stays what came, and what was decided stays decided.
create function refuse_message_change() returns trigger language plpgsql as
$$ begin
    raise exception 'This of % is written once.', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger applied_once before update on transactions_bankmessage
    for each row when (old.status <> 'received') execute function refuse_message_change();
create trigger answered_once before update on transactions_messageitem
    for each row when (
        old.outcome not in ('read', 'unknown', 'refused')
        or (old.outcome <> 'read' and new.outcome not in ('assigned', 'dismissed')))
    execute function refuse_message_change();
create function refuse_decided_item() returns trigger language plpgsql as
$$ begin
    raise exception 'An answer begins undecided.' using errcode = 'check_violation', constraint = 'item_begins_read';
end $$;
create trigger begins_read before insert on transactions_messageitem
    for each row when (new.outcome <> 'read' or new.decided_by_id is not null or new.payment_id is not null
                       or new.outgoing_id is not null)
    execute function refuse_decided_item();
