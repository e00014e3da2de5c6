-- Refunds: of a settled payment that came in, in its currency and entity, and together never more than it. Whoever makes
-- one, or brings back one that was given up, waits for the lock on the original's state, so that two cannot miss each other.

create function refuse_refund() returns trigger language plpgsql as
$$ begin
    perform 1 from public.transactions_paymentstate s
    where s.payment_id in (select original_id from added) order by s.payment_id for update;
    if exists (
        select 1 from added r
        left join public.transactions_payment p
            on p.id = r.payment_id and p.kind = 'refund' and p.entity_id = r.entity_id
        left join public.transactions_payment o
            on o.id = r.original_id and o.entity_id = r.entity_id and o.currency = p.currency
            and o.kind in ('incoming', 'debit', 'card')
        left join public.transactions_paymentstate s on s.payment_id = o.id and s.status = 'settled'
        where p.id is null or o.id is null or s.payment_id is null
    ) then
        raise exception 'A refund is of a settled payment that came in, in its currency.'
            using errcode = 'check_violation', constraint = 'refund_of_settled';
    end if;
    if exists (
        select 1 from (select distinct original_id from added) k
        where public.refundable(k.original_id) < 0
    ) then
        raise exception 'Refunds are never more than what was paid.'
            using errcode = 'check_violation', constraint = 'refund_within_original';
    end if;
    return null;
end $$;

-- What is left to refund of a payment: below zero when its refunds are too much.
create function refundable(original bigint) returns numeric
language sql stable set search_path = pg_catalog, public, pg_temp as
$$ select o.amount - coalesce((
        select sum(p.amount) from transactions_refund r
        join transactions_payment p on p.id = r.payment_id
        join transactions_paymentstate s on s.payment_id = r.payment_id
        where r.original_id = o.id and s.status not in ('rejected', 'cancelled', 'returned')), 0)
   from transactions_payment o where o.id = original $$;

create trigger within_original after insert on transactions_refund
    referencing new table as added for each statement execute function refuse_refund();

create function refuse_revived_refund() returns trigger language plpgsql as
$$ declare asked bigint;
begin
    select original_id into asked from public.transactions_refund where payment_id = new.payment_id;
    if asked is null then
        return null;
    end if;
    perform 1 from public.transactions_paymentstate s where s.payment_id = asked for update;
    if public.refundable(asked) < 0
       or not exists (select 1 from public.transactions_paymentstate where payment_id = asked and status = 'settled') then
        raise exception 'Refunds are never more than what was paid.'
            using errcode = 'check_violation', constraint = 'refund_within_original';
    end if;
    return null;
end $$;
create trigger revived_within_original after update of status on transactions_paymentstate
    for each row when (old.status in ('rejected', 'cancelled') and new.status not in ('rejected', 'cancelled'))
    execute function refuse_revived_refund();

-- A payment of which something was refunded does not go back as a whole.
create function refuse_refunded_return() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.transactions_refund r
               join public.transactions_paymentstate s on s.payment_id = r.payment_id
               where r.original_id = new.payment_id and s.status not in ('rejected', 'cancelled', 'returned')) then
        raise exception 'A payment of which something was refunded is not returned.'
            using errcode = 'check_violation', constraint = 'returned_not_refunded';
    end if;
    return null;
end $$;
create trigger returned_unrefunded after update of status on transactions_paymentstate
    for each row when (new.status = 'returned' and old.status <> 'returned')
    execute function refuse_refunded_return();

-- A refund is one from its beginning: what makes it so comes in the same transaction.
create function refuse_refund_of_nothing() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from public.transactions_refund where payment_id = new.id) then
        raise exception 'A refund names the payment that it refunds.'
            using errcode = 'check_violation', constraint = 'refund_of_something';
    end if;
    return null;
end $$;
create constraint trigger refund_of_something after insert on transactions_payment
    deferrable initially deferred for each row when (new.kind = 'refund') execute function refuse_refund_of_nothing();
