-- An opening balance: on the account's normal side, against another account of the entity. Money that was there before
-- the books is brought in by whoever owns them (manage.py open_balance).

create function open_balance(account bigint, contra bigint, amount numeric, actor bigint default null)
returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_variable
declare made bigint; taken timestamptz; one transactions_account; other transactions_account;
begin
    perform 1 from transactions_accountbalance b where b.account_id in (account, contra) order by b.account_id for update;
    taken := clock_timestamp();
    select * into one from transactions_account a where a.id = account;
    select * into other from transactions_account a where a.id = contra;
    if one.id is null or other.id is null or one.entity_id <> other.entity_id or one.id = other.id then
        raise exception 'An opening balance is between two accounts of one entity.' using errcode = 'check_violation';
    end if;
    if exists (select 1 from transactions_posting p where p.account_id = account) then
        raise exception 'An account is opened once.' using errcode = 'unique_violation', constraint = 'opened_once';
    end if;
    made := nextval('transactions_journalentry_id_seq');
    with head as (
        insert into transactions_journalentry
            (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count)
        select made, one.entity_id, 'opening', '', (taken at time zone e.time_zone)::date,
               (taken at time zone e.time_zone)::date, taken, 2
        from people_entity e where e.id = one.entity_id)
    insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select made, 1, account, one.normal_side, amount, one.currency, b.balance + amount, taken
    from transactions_accountbalance b where b.account_id = account
    union all
    select made, 2, contra, case one.normal_side when 'C' then 'D' else 'C' end, amount, one.currency,
           b.balance + case when one.normal_side = other.normal_side then -amount else amount end, taken
    from transactions_accountbalance b where b.account_id = contra;
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
    values (one.entity_id, 'account', account, 'account.opening_posted', actor, '{"entry":' || made || '}');
    return made;
end $$;
revoke execute on function open_balance(bigint, bigint, numeric, bigint) from public;
