-- An entry by hand between two accounts of one entity and currency. Alone it is for whoever owns the books: functions of
-- upper floors call it once they have seen who asked and who agreed. Locks: the two balances by ascending key.

create function book_entry(account bigint, contra bigint, amount numeric, comes boolean, label text, value_on date)
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_variable
declare made bigint; taken timestamptz; one transactions_account; other transactions_account;
begin
    perform 1 from transactions_accountbalance b where b.account_id in (account, contra) order by b.account_id for update;
    taken := clock_timestamp();
    select * into one from transactions_account a where a.id = account;
    select * into other from transactions_account a where a.id = contra;
    if one.id is null or other.id is null or one.id = other.id
       or (one.entity_id, one.currency) <> (other.entity_id, other.currency) or other.status <> 'open' then
        raise exception 'An entry by hand is between two accounts of one entity and currency that are open.'
            using errcode = 'check_violation', constraint = 'manual_entry_accounts';
    end if;
    made := nextval('transactions_journalentry_id_seq');
    with head as (
        insert into transactions_journalentry
            (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count)
        select made, one.entity_id, 'manual', left(label, 140), (taken at time zone e.time_zone)::date, value_on, taken, 2
        from people_entity e where e.id = one.entity_id),
    both_sides as (
        select 1 as line, one.id as account_id, one.normal_side, case when comes then 'D' else 'C' end as side
        union all
        select 2, other.id, other.normal_side, case when comes then 'C' else 'D' end)
    insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select made, s.line, s.account_id, s.side, amount, one.currency,
           b.balance + case when s.side = s.normal_side then amount else -amount end, taken
    from both_sides s join transactions_accountbalance b on b.account_id = s.account_id;
    return made;
end $$;
revoke execute on function book_entry(bigint, bigint, numeric, boolean, text, date) from public;
