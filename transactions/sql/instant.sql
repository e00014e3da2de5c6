-- Instant transfers. What a customer allows of one and of a day is summed under a lock on the limit, by the database too;
-- none is sent that was not counted.

-- Beyond the limit of one, or of the day with what was approved before and did not come back.
create function instant_spent(of_account bigint, on_day date, but bigint[]) returns numeric language sql stable as
$$
    select coalesce(sum(t.amount), 0)
    from public.transactions_instanttransfer t join public.transactions_paymentstate s on s.payment_id = t.payment_id
    where t.account_id = of_account and t.day = on_day and s.status not in ('rejected', 'cancelled', 'returned')
      and t.payment_id <> all (but)
$$;

create function refuse_beyond_instant_limit() returns trigger language plpgsql as
$$ declare allowed record;
begin
    if not exists (select 1 from public.transactions_payment p where p.id = new.payment_id and p.kind = 'instant'
                   and p.amount = new.amount and p.debtor_account_id = new.account_id) then
        raise exception 'What is counted of an instant transfer is its own amount.' using errcode = 'check_violation',
            constraint = 'instant_its_own';
    end if;
    select one_amount, day_amount into allowed from public.transactions_instantlimit
    where account_id = new.account_id for update;
    if new.amount > allowed.one_amount
       or public.instant_spent(new.account_id, new.day, array[new.payment_id]) + new.amount > allowed.day_amount then
        raise exception 'The customer allows no more by instant transfers.' using errcode = 'check_violation',
            constraint = 'instant_limit';
    end if;
    return new;
end $$;
create trigger within_limit before insert on transactions_instanttransfer
    for each row execute function refuse_beyond_instant_limit();

-- Brought back as approved, it counts again: when there is still room. Whoever brings it back has counted it before.
create function refuse_revived_instant() returns trigger language plpgsql as
$$ declare counted record; allowed record;
begin
    select account_id, amount, day into counted from public.transactions_instanttransfer where payment_id = new.payment_id;
    if not found then
        return new;
    end if;
    select one_amount, day_amount into allowed from public.transactions_instantlimit
    where account_id = counted.account_id for update;
    if counted.amount > allowed.one_amount
       or public.instant_spent(counted.account_id, counted.day, array[new.payment_id]) + counted.amount
          > allowed.day_amount then
        raise exception 'The customer allows no more by instant transfers.' using errcode = 'check_violation',
            constraint = 'instant_limit';
    end if;
    return new;
end $$;
create trigger revived_within_limit before update of status on transactions_paymentstate
    for each row when (old.status in ('rejected', 'cancelled') and new.status = 'approved')
    execute function refuse_revived_instant();

create function refuse_uncounted_instant() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from added i join public.transactions_payment p on p.id = i.payment_id and p.kind = 'instant'
        where not exists (select 1 from public.transactions_instanttransfer t where t.payment_id = i.payment_id)
    ) then
        raise exception 'An instant transfer is sent when it was counted against its limit.'
            using errcode = 'check_violation', constraint = 'instant_counted';
    end if;
    return null;
end $$;
create trigger instant_counted after insert on transactions_outgoingitem
    referencing new table as added for each statement execute function refuse_uncounted_instant();
