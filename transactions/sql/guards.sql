-- What the application's role may make of the rows that it writes, whatever a programmer or an intruder asks of it.
-- Rights on columns are in backoffice/sql/grants.sql; here is what depends on values.
--
-- A policy holds for everybody but the owner of the tables, whose functions move the books: it is a condition on the
-- row that costs what a check constraint costs. A condition on the row before and after it is the WHEN of a trigger:
-- the function behind it runs for what is refused alone. Names are whole: a temporary table must not stand in.

-- A payment begins as received, unsigned. From posted on it moves with its entry, by the owner's functions.
alter table transactions_paymentstate enable row level security;
create policy seen on transactions_paymentstate for select using (true);
create policy begins_received on transactions_paymentstate for insert with check (
    status = 'received' and approvals_given = 0 and hold_count = 0 and not funds_held and claimed_by_id is null);
create policy moved on transactions_paymentstate for update using (true)
    with check (status <> all ('{posted,settled,returned}'));

-- An account begins with nothing: money comes by entries, an overdraft by two people (floors.sql).
alter table transactions_accountbalance enable row level security;
create policy seen on transactions_accountbalance for select using (true);
create policy begins_empty on transactions_accountbalance for insert with check (balance = 0 and held = 0 and floor = 0);

-- The transition table, as in transactions/workflow/table.py, for everybody. Funds are held while approved, no longer.
-- What waits in suspense may be returned from posted, too: the functions of the books say of which kind. Within its
-- window a decision may be taken back (undo_window.sql): the payment goes back where it came from.
create function refuse_transition() returns trigger language plpgsql as
$$ begin
    if new.funds_held = (new.status = 'approved') and exists (
        select 1 from public.transactions_decision d
        where d.payment_id = old.payment_id and d.version = old.version and d.before_status = new.status
          and d.withdrawn_at is null and clock_timestamp() < d.effective_at
          and old.status = case d.verb when 'validate' then 'validated' when 'approve' then 'approved'
                                       when 'reject' then 'rejected' when 'cancel' then 'cancelled' end
    ) then
        return new;
    end if;
    raise exception 'A payment does not go from % to % like this.', old.status, new.status
        using errcode = 'check_violation', constraint = 'state_transition';
end $$;
create trigger known_transition before update of status on transactions_paymentstate
    for each row when (new.status <> old.status and (new.funds_held <> (new.status = 'approved') or not case new.status
        when 'posted' then old.status = 'approved'
        when 'checked' then old.status in ('received', 'validated')
        when 'settled' then old.status in ('approved', 'posted', 'sent')
        when 'sent' then old.status = 'posted'
        when 'validated' then old.status = 'checked'
        when 'approved' then old.status = 'validated'
        when 'returned' then old.status in ('posted', 'sent', 'settled')
        when 'received' then old.status in ('checked', 'rejected')
        when 'rejected' then old.status in ('checked', 'validated', 'approved')
        when 'cancelled' then old.status in ('received', 'checked', 'validated', 'approved')
        else false end))
    execute function refuse_transition();

-- How many approvals a payment needs is frozen with its validation, and begins anew when it is reopened.
create function refuse_requirement() returns trigger language plpgsql as
$$ begin
    raise exception 'The number of approvals is frozen when a payment is validated.'
        using errcode = 'check_violation', constraint = 'state_requirement_frozen';
end $$;
create trigger requirement_frozen before update of approvals_required on transactions_paymentstate
    for each row when (new.approvals_required <> old.approvals_required
                       and (old.status, new.status) not in (('checked', 'validated'), ('rejected', 'received')))
    execute function refuse_requirement();

-- What was asked changes before the first signature alone. A payee that is learnt later is only a name for it.
create function refuse_late_amendment() returns trigger language plpgsql as
$$ declare found varchar;
begin
    -- Locked, so that nobody signs what is changed at the same time.
    select status into found from public.transactions_paymentstate where payment_id = new.id for share;
    if found is distinct from 'checked' then
        raise exception 'A payment is amended before it is signed, never later.' using errcode = 'check_violation',
            constraint = 'payment_amended_in_time';
    end if;
    return new;
end $$;
create trigger amended_in_time before update on transactions_payment
    for each row when (
        (old.payee_id is not null and new.payee_id is distinct from old.payee_id)
        or (old.kind, old.requested_execution_date, old.creditor_name, old.creditor_number, old.creditor_bic,
            old.creditor_address, old.creditor_account_id, old.ultimate_creditor, old.end_to_end_id, old.remittance,
            old.creditor_reference, old.purpose, old.charge_bearer)
        is distinct from
           (new.kind, new.requested_execution_date, new.creditor_name, new.creditor_number, new.creditor_bic,
            new.creditor_address, new.creditor_account_id, new.ultimate_creditor, new.end_to_end_id, new.remittance,
            new.creditor_reference, new.purpose, new.charge_bearer))
    execute function refuse_late_amendment();

-- A hold is lifted once; what came in stays what came in.
create function refuse_rewriting() returns trigger language plpgsql as
$$ begin
    raise exception 'This of % is written once.', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger lifted_once before update on transactions_hold
    for each row when (old.lifted_at is not null) execute function refuse_rewriting();
create trigger came_so before update on transactions_paymentbatch
    for each row when ((old.entity_id, old.source_id, old.channel, old.attachment_id, old.sha256, old.imported_by_id,
                        old.created_at)
                       is distinct from
                       (new.entity_id, new.source_id, new.channel, new.attachment_id, new.sha256, new.imported_by_id,
                        new.created_at))
    execute function refuse_rewriting();

-- A file for the bank: its bytes are set once, it goes from prepared to sent to settled or rejected and never back, and
-- all its payments go in by one statement: posted, of its account (those that leave it, or those that it collects), as
-- many as it says. It is sent with all of them or not at all; one that is not is void, which frees its payments.
create trigger written_once before update on transactions_outgoingfile
    for each row when (
        (old.attachment_id is not null and (old.attachment_id, old.message_id)
                                           is distinct from (new.attachment_id, new.message_id))
        or (old.sent_at is not null and (old.sent_at, old.sent_by_id) is distinct from (new.sent_at, new.sent_by_id))
        or (old.status <> new.status
            and (old.status, new.status) not in (('prepared', 'sent'), ('prepared', 'void'), ('sent', 'settled'), ('sent', 'rejected'))))
    execute function refuse_rewriting();

create function refuse_partial_file() returns trigger language plpgsql as
$$ begin
    if new.payment_count <> (
        select count(*) from public.transactions_outgoingitem i
        join public.transactions_paymentstate s on s.payment_id = i.payment_id and s.status = 'posted'
        where i.file_id = new.id)
    then
        raise exception 'A file is sent with all its payments, and all of them wait for it.'
            using errcode = 'check_violation', constraint = 'outgoing_whole';
    end if;
    return new;
end $$;
create trigger sent_whole before update of status on transactions_outgoingfile
    for each row when (new.status = 'sent' and old.status <> 'sent'
                       and new.kind in ('pain001', 'pain008', 'pacs008', 'instant'))
    execute function refuse_partial_file();

create function refuse_void() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.transactions_outgoingitem where file_id = new.id)
       or new.kind not in ('pain001', 'pain008', 'pacs008', 'instant') then
        raise exception 'A file is void when its payments are free for another one.'
            using errcode = 'check_violation', constraint = 'outgoing_void_is_empty';
    end if;
    return new;
end $$;
create trigger void_is_empty before update of status on transactions_outgoingfile
    for each row when (new.status = 'void' and old.status <> 'void') execute function refuse_void();

-- A prepared file that is not to be sent: its payments wait for another one. Returns how many they were; null when the
-- file is no prepared one of payments. Locks: states, then the file.
create function void_file(of_file bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$ declare freed bigint;
begin
    perform 1 from transactions_paymentstate s
    where s.payment_id in (select payment_id from transactions_outgoingitem where file_id = of_file)
    order by s.payment_id for update;
    perform 1 from transactions_outgoingfile f
    where f.id = of_file and f.status = 'prepared' and f.kind in ('pain001', 'pain008', 'pacs008', 'instant') for update;
    if not found then
        return null;
    end if;
    delete from transactions_outgoingitem where file_id = of_file;
    get diagnostics freed = row_count;
    update transactions_outgoingfile set status = 'void' where id = of_file;
    return freed;
end $$;

create function refuse_item() returns trigger language plpgsql as
$$ begin
    -- The owner of the tables, who alone may empty them, also loads history.
    if has_table_privilege('public.transactions_outgoingitem', 'truncate') then
        return null;
    end if;
    if exists (
        select 1 from added i
        join public.transactions_outgoingfile f on f.id = i.file_id
        left join public.transactions_payment p on p.id = i.payment_id
            and case when p.kind = 'debit' then p.creditor_account_id else p.debtor_account_id end = f.account_id
            and (p.kind = 'debit') = (f.kind = 'pain008')
        left join public.transactions_paymentstate s on s.payment_id = i.payment_id
        where s.status is distinct from 'posted' or p.id is null or p.kind = 'internal' or f.status <> 'prepared'
    ) or exists (
        select 1 from (select file_id from added group by file_id) i
        join public.transactions_outgoingfile f on f.id = i.file_id
        where f.payment_count <> (select count(*) from public.transactions_outgoingitem o where o.file_id = f.id)
    ) then
        raise exception 'A file for the bank has posted payments of its account, all of them at once.'
            using errcode = 'check_violation', constraint = 'outgoing_item_posted';
    end if;
    return null;
end $$;
create trigger posted_only after insert on transactions_outgoingitem
    referencing new table as added for each statement execute function refuse_item();

create function refuse_unfiled() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from public.transactions_outgoingitem i
                   join public.transactions_outgoingfile f on f.id = i.file_id and f.status = 'sent'
                   where i.payment_id = new.payment_id) then
        raise exception 'A payment is sent in a file that is.' using errcode = 'check_violation', constraint = 'state_filed';
    end if;
    return new;
end $$;
create trigger sent_in_a_file before update of status on transactions_paymentstate
    for each row when (new.status = 'sent' and old.status <> 'sent') execute function refuse_unfiled();
