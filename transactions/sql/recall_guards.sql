-- A recall is asked of what was sent, by a person; another approves it; it is sent once and answered once. A request of
-- another bank is answered once; what is accepted has been given back. Who may be who is held by check constraints.
create function refuse_recall() returns trigger language plpgsql as
$$ begin
    if new.status <> 'asked' then
        raise exception 'A recall begins as asked for.' using errcode = 'check_violation', constraint = 'recall_begins';
    end if;
    if not exists (
        select 1 from public.transactions_paymentstate s
        join public.transactions_payment p on p.id = s.payment_id and p.kind not in ('debit', 'internal')
        join public.transactions_outgoingitem i on i.payment_id = s.payment_id
        join public.transactions_outgoingfile f on f.id = i.file_id and f.sent_at is not null
        where s.payment_id = new.payment_id and s.entity_id = new.entity_id and s.status in ('sent', 'settled'))
    then
        raise exception 'Only a payment that was sent is recalled.'
            using errcode = 'check_violation', constraint = 'recall_of_what_was_sent';
    end if;
    if exists (select 1 from public.people_user where id = new.asked_by_id and (is_machine or not is_active)) then
        raise exception 'A person asks for a recall.' using errcode = 'check_violation', constraint = 'recall_by_a_person';
    end if;
    return new;
end $$;
create trigger of_what_was_sent before insert on transactions_recall
    for each row execute function refuse_recall();

create function refuse_recall_change() returns trigger language plpgsql as
$$ begin
    raise exception 'A recall does not go from % to % like this.', old.status, new.status
        using errcode = 'check_violation', constraint = 'recall_transition';
end $$;
create trigger known_step before update on transactions_recall
    for each row when (
        (old.payment_id, old.entity_id, old.reason_code, old.reason, old.asked_by_id, old.asked_at, old.ask_until)
            is distinct from
        (new.payment_id, new.entity_id, new.reason_code, new.reason, new.asked_by_id, new.asked_at, new.ask_until)
        or (old.approved_by_id is not null and old.approved_by_id is distinct from new.approved_by_id)
        or (old.file_id is not null and old.file_id is distinct from new.file_id)
        or (old.sent_at is not null
            and (old.sent_at, old.answer_due) is distinct from (new.sent_at, new.answer_due))
        or (old.answered_at is not null and (old.answered_at, old.answer_item_id, old.answer_code)
                                            is distinct from (new.answered_at, new.answer_item_id, new.answer_code))
        or (new.status <> old.status and not case new.status
            when 'approved' then old.status = 'asked'
            when 'sent' then old.status = 'approved'
            when 'accepted' then old.status = 'sent' or (old.status = 'expired' and old.sent_at is not null)
            when 'refused' then old.status = 'sent' or (old.status = 'expired' and old.sent_at is not null)
            when 'expired' then old.status in ('asked', 'sent')
            when 'withdrawn' then old.status in ('asked', 'approved')
            else false end))
    execute function refuse_recall_change();

create function refuse_unsigned_recall() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.people_user where id = new.approved_by_id and (is_machine or not is_active)) then
        raise exception 'A person approves a recall.' using errcode = 'check_violation', constraint = 'recall_by_a_person';
    end if;
    if not exists (select 1 from public.transactions_outgoingfile f
                   where f.id = new.file_id and f.kind = 'camt056' and f.status = 'prepared'
                     and f.entity_id = new.entity_id) then
        raise exception 'An approved recall goes in a file that is not sent yet.'
            using errcode = 'check_violation', constraint = 'recall_in_a_file';
    end if;
    return new;
end $$;
create trigger approved_by_a_person before update of status on transactions_recall
    for each row when (new.status = 'approved' and old.status <> 'approved') execute function refuse_unsigned_recall();

-- Requests of other banks.
create function refuse_request() returns trigger language plpgsql as
$$ begin
    raise exception 'A request begins as one to answer.'
        using errcode = 'check_violation', constraint = 'request_begins';
end $$;
create trigger begins_open before insert on transactions_recallrequest
    for each row when (new.status <> 'open' or new.proposed_by_id is not null or new.decided_by_id is not null)
    execute function refuse_request();

create function refuse_request_change() returns trigger language plpgsql as
$$ begin
    raise exception 'A request does not go from % to % like this.', old.status, new.status
        using errcode = 'check_violation', constraint = 'request_transition';
end $$;
create trigger known_step before update on transactions_recallrequest
    for each row when (
        old.status in ('accepted', 'refused')
        or (new.status <> old.status and not case new.status
            when 'proposed' then old.status = 'open'
            when 'open' then old.status = 'proposed'
            when 'accepted' then old.status = 'proposed'
            when 'refused' then true
            else false end)
        or (new.status = 'accepted' and new.payment_id is distinct from old.payment_id))
    execute function refuse_request_change();

create function refuse_unreturned() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.people_user
               where id in (new.proposed_by_id, new.decided_by_id) and (is_machine or not is_active)) then
        raise exception 'People decide on a recall.' using errcode = 'check_violation', constraint = 'request_by_people';
    end if;
    if new.status = 'accepted' and not exists (
        select 1 from public.transactions_paymentstate s
        where s.payment_id = new.payment_id and s.entity_id = new.entity_id and s.status = 'returned')
    then
        raise exception 'What is accepted has been given back.'
            using errcode = 'check_violation', constraint = 'request_accepted_is_returned';
    end if;
    return new;
end $$;
create trigger given_back before update of status on transactions_recallrequest
    for each row when (new.status <> old.status) execute function refuse_unreturned();
