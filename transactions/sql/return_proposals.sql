-- A return that people book is said by two of them: neither a program, nor whoever made or amended the payment. What was
-- said stays, and ends once.
create function refuse_return_proposal() returns trigger language plpgsql as
$$ declare person bigint := coalesce(new.ended_by_id, new.proposed_by_id);
begin
    if exists (select 1 from public.people_user where id = person and (is_machine or not is_active))
       or exists (select 1 from public.transactions_payment where id = new.payment_id and maker_id = person)
       or exists (select 1 from public.transactions_historicalpayment
                  where id = new.payment_id and history_user_id = person) then
        raise exception 'People book a return, and none of them made or amended the payment.'
            using errcode = 'check_violation', constraint = 'return_by_others';
    end if;
    return new;
end $$;
create trigger by_others before insert or update on transactions_returnproposal
    for each row execute function refuse_return_proposal();
create trigger said_once before update on transactions_returnproposal
    for each row when (old.ended_at is not null
        or (old.payment_id, old.reason_code, old.reason, old.value_date, old.proposed_by_id, old.proposed_at)
           is distinct from
           (new.payment_id, new.reason_code, new.reason, new.value_date, new.proposed_by_id, new.proposed_at))
    execute function refuse_rewriting();
create trigger begins_open before insert on transactions_returnproposal
    for each row when (new.ended_at is not null) execute function refuse_rewriting();
