-- Funds reserved for approved payments: held on the debtor's account, freed when it is posted or given up.
-- The sum of the amounts of payments whose funds are held is the account's held (ledger.audit compares them).

create function reserve_funds(ids bigint[]) returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare
    keys bigint[]; amounts numeric[]; accounts bigint[]; codes text[];
    short record; asked record; free numeric;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (select p.debtor_account_id from transactions_payment p where p.id = any (ids))
    order by b.account_id for update;

    select array_agg(j.payment_id), array_agg(j.amount), array_agg(j.account), array_agg(j.code)
        into keys, amounts, accounts, codes
    from (
        select s.payment_id, p.amount, a.id as account,
               case
                   when s.funds_held then 'already_held'
                   -- Rejected or cancelled when approved, and taken back in time: reserved again.
                   when s.status not in ('validated', 'approved') and not exists (
                       select 1 from transactions_decision d
                       where d.payment_id = s.payment_id and d.version = s.version and d.before_status = 'approved'
                         and d.withdrawn_at is null and clock_timestamp() < d.effective_at) then 'wrong_status'
                   when a.id is null or a.entity_id <> s.entity_id then 'AC01'
                   when a.status = 'closed' then 'AC04'
                   when a.status = 'blocked' then 'AC06'
                   when a.currency <> p.currency then 'AM03'
                   when p.kind = 'internal' and (o.id is null or o.entity_id <> s.entity_id or o.id = a.id) then 'AC03'
                   when p.kind = 'internal' and o.status <> 'open' then 'AC07'
                   when p.kind = 'internal' and o.currency <> p.currency then 'AM03'
                   when p.kind <> 'internal' and t.id is null then 'no_transit'
               end as code
        from transactions_paymentstate s
        join transactions_payment p on p.id = s.payment_id
        left join transactions_account a on a.id = p.debtor_account_id
        left join transactions_account o on o.id = p.creditor_account_id
        left join transactions_account t on t.id = a.transit_id
        where s.payment_id = any (ids) order by s.payment_id) j;

    -- Where all of an account's payments do not fit together, they are taken one by one in the order of their numbers.
    for short in
        select r.account, b.balance - b.held - b.floor as free
        from (select g.account, sum(g.amount) as amount from unnest(amounts, accounts, codes) as g (amount, account, code)
              where g.code is null group by g.account) r
        join transactions_accountbalance b on b.account_id = r.account
        where b.floor is not null and r.amount > b.balance - b.held - b.floor
    loop
        free := short.free;
        for asked in
            select g.place, g.amount
            from unnest(amounts, accounts, codes) with ordinality as g (amount, account, code, place)
            where g.account = short.account and g.code is null order by g.place
        loop
            if asked.amount > free then
                codes[asked.place] := 'AM04';
            else
                free := free - asked.amount;
            end if;
        end loop;
    end loop;

    with going as materialized (
        select g.key, g.amount, g.account from unnest(keys, amounts, accounts, codes) as g (key, amount, account, code)
        where g.code is null),
    balances as (
        update transactions_accountbalance b set held = b.held + r.amount
        from (select account, sum(amount) as amount from going group by account) r where b.account_id = r.account),
    states as (
        update transactions_paymentstate s set funds_held = true from going g where s.payment_id = g.key
        returning s.entity_id, s.payment_id, g.account)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
    select entity_id, 'payment', payment_id, 'payment.funds_reserved', '{"account":' || account || '}'
    from states order by payment_id;
    return query select g.key, g.code from unnest(keys, codes) as g (key, code) where g.code is not null;
end $$;

create function release_funds(ids bigint[]) returns bigint
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$ declare freed bigint;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (select p.debtor_account_id from transactions_payment p where p.id = any (ids))
    order by b.account_id for update;
    with freeing as materialized (
        select s.payment_id, p.debtor_account_id as account, p.amount
        from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
        where s.payment_id = any (ids) and s.funds_held),
    balances as (
        update transactions_accountbalance b set held = b.held - f.amount
        from (select account, sum(amount) as amount from freeing group by account) f where b.account_id = f.account),
    states as (
        update transactions_paymentstate s set funds_held = false from freeing f where s.payment_id = f.payment_id
        returning 1)
    select count(*) into freed from states;
    return freed;
end $$;
