-- What a bank kept of a payment or moved at another rate, and only its statement told. Each entry is between the account
-- at the bank and where such differences go: the account of the bank's fees, else the entity's first open expense
-- account; what was gained, the first income account. Locks: balances by ascending key.

create function difference_account(bank bigint, difference numeric) returns bigint language sql stable
set search_path = pg_catalog, public, pg_temp as
$$ select coalesce(case when difference < 0 then (select c.id from transactions_account c
                                                   where c.id = a.fees_id and c.status = 'open') end,
                   house_account(a.entity_id, case when difference < 0 then 'expense' else 'income' end, a.currency))
   from transactions_account a where a.id = bank $$;

-- ``differences`` as the bank shows them: below zero, money went. What has nowhere to go is left out. Answers the place
-- of each in the arrays, its entry, and the posting on the account at the bank.
create function book_charges(banks bigint[], differences numeric[], labels text[], valued date[])
returns table (place bigint, entry bigint, posting bigint) language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_accountbalance b where b.account_id in (
        select unnest(array[k.bank, difference_account(k.bank, k.difference)])
        from unnest(banks, differences) as k (bank, difference))
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with going as materialized (
        select k.place, a.entity_id, a.id as bank, k.difference, k.label, k.value_date, c.id as contra, c.normal_side,
               a.currency, (taken at time zone e.time_zone)::date as today,
               nextval('transactions_journalentry_id_seq') as entry
        from unnest(banks, differences, labels, valued) with ordinality as k (bank, difference, label, value_date, place)
        join transactions_account a on a.id = k.bank and a.kind = 'bank'
        join people_entity e on e.id = a.entity_id
        join transactions_account c on c.id = difference_account(k.bank, k.difference)
        where k.difference <> 0),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, 'manual', g.label, g.today, coalesce(g.value_date, g.today), taken, 2 from going g),
    legs as (
        select g.entry, 1 as line, g.bank as account, case when g.difference < 0 then 'C' else 'D' end as side,
               abs(g.difference) as amount, g.currency, g.difference as net from going g
        union all
        select g.entry, 2, g.contra, case when g.difference < 0 then 'D' else 'C' end, abs(g.difference), g.currency,
               case when (g.normal_side = 'D') = (g.difference < 0) then abs(g.difference) else -abs(g.difference) end
        from going g),
    made as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account
        returning id, entry_id, line)
    select g.place, g.entry, m.id from going g join made m on m.entry_id = g.entry and m.line = 1 order by g.place;
end $$;
revoke execute on function book_charges(bigint[], numeric[], text[], date[]) from public;

-- Take such entries back, each once. Answers the entry, its reversal, and the postings of both on the bank's account.
create function reverse_charges(charged bigint[])
returns table (entry bigint, reversal bigint, posting bigint, reversed_posting bigint) language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_accountbalance b
    where b.account_id in (select p.account_id from transactions_posting p where p.entry_id = any (charged))
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with going as materialized (
        select e.id as entry, e.entity_id, e.label, (taken at time zone n.time_zone)::date as today,
               nextval('transactions_journalentry_id_seq') as reversal
        from transactions_journalentry e join people_entity n on n.id = e.entity_id
        where e.id = any (charged) and e.kind = 'manual' and e.payment_id is null
          and not exists (select 1 from transactions_journalentry r where r.reverses_id = e.id)),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count, reverses_id)
        select g.reversal, g.entity_id, 'reversal', g.label, g.today, g.today, taken, 2, g.entry from going g),
    legs as (
        select g.entry, g.reversal, p.id as posting, p.line, p.account_id,
               case p.side when 'D' then 'C' else 'D' end as side, p.amount, p.currency,
               case when p.side = a.normal_side then -p.amount else p.amount end as net
        from going g join transactions_posting p on p.entry_id = g.entry
        join transactions_account a on a.id = p.account_id),
    made as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.reversal, l.line, l.account_id, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account_id order by l.reversal, l.line
                                            rows unbounded preceding), taken
        from legs l join transactions_accountbalance b on b.account_id = l.account_id
        returning id, entry_id, line)
    select l.entry, l.reversal, m.id, l.posting
    from legs l join made m on m.entry_id = l.reversal and m.line = l.line where l.line = 1 order by 1;
end $$;
revoke execute on function reverse_charges(bigint[]) from public;
