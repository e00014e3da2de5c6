-- Messages of the bank: what came stays what came, and what was decided stays decided. A file for the bank may end as
-- rejected, too.
drop trigger written_once on transactions_outgoingfile;
create trigger written_once before update on transactions_outgoingfile
    for each row when (
        (old.attachment_id is not null and (old.attachment_id, old.message_id)
                                           is distinct from (new.attachment_id, new.message_id))
        or (old.sent_at is not null and (old.sent_at, old.sent_by_id) is distinct from (new.sent_at, new.sent_by_id))
        or (old.status <> new.status
            and (old.status, new.status) not in (('prepared', 'sent'), ('sent', 'settled'), ('sent', 'rejected'))))
    execute function refuse_rewriting();

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
