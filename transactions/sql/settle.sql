-- A return or a mistake is put right by entries that reverse. The order of locks: states, then balances, each by
-- ascending key.

-- Write the entry that takes another back: the same lines, the other sides. The caller holds the locks.
create function write_reversal(entry bigint, moment timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$ declare made bigint := nextval('transactions_journalentry_id_seq');
begin
    with head as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count, reverses_id)
        select made, e.entity_id, e.payment_id, 'reversal', e.label, (moment at time zone n.time_zone)::date,
               (moment at time zone n.time_zone)::date, moment, e.posting_count, e.id
        from transactions_journalentry e join people_entity n on n.id = e.entity_id where e.id = entry),
    lines as (
        select p.line, p.account_id, case p.side when 'D' then 'C' else 'D' end as side, p.amount, p.currency,
               case when p.side = a.normal_side then -p.amount else p.amount end as net
        from transactions_posting p join transactions_account a on a.id = p.account_id where p.entry_id = entry)
    insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select made, l.line, l.account_id, l.side, l.amount, l.currency,
           b.balance + sum(l.net) over (partition by l.account_id order by l.line rows unbounded preceding), moment
    from lines l join transactions_accountbalance b on b.account_id = l.account_id;
    return made;
end $$;

create function reverse_payments(ids bigint[], actor bigint, reason_code text, reason text default '')
returns table (payment_id bigint, code text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_column
declare asked record; old record; taken timestamptz; made bigint[]; trouble text;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (
        select p.account_id from transactions_posting p join transactions_journalentry e on e.id = p.entry_id
        where e.payment_id = any (ids))
    order by b.account_id for update;
    taken := clock_timestamp();
    for asked in
        select s.payment_id, s.entity_id, s.status from transactions_paymentstate s
        where s.payment_id = any (ids) order by s.payment_id
    loop
        trouble := case
            when asked.status = 'returned' then 'already_returned'
            when asked.status not in ('sent', 'settled') then 'not_settled'
            -- An account that the return takes money from must have it.
            when exists (
                select 1
                from (select p.account_id, sum(case when p.side = a.normal_side then p.amount else -p.amount end) as net
                      from transactions_posting p
                      join transactions_journalentry e on e.id = p.entry_id and e.payment_id = asked.payment_id
                      join transactions_account a on a.id = p.account_id
                      where e.kind <> 'reversal'
                        and not exists (select 1 from transactions_journalentry r where r.reverses_id = e.id)
                      group by p.account_id) taking
                join transactions_accountbalance b on b.account_id = taking.account_id
                where b.floor is not null and taking.net > 0 and b.balance - b.held - taking.net < b.floor
            ) then 'AM04'
        end;
        if trouble is not null then
            payment_id := asked.payment_id; code := trouble;
            return next;
            continue;
        end if;
        made := '{}';
        for old in
            select e.id from transactions_journalentry e
            where e.payment_id = asked.payment_id and e.kind <> 'reversal'
              and not exists (select 1 from transactions_journalentry r where r.reverses_id = e.id)
            order by e.id desc
        loop
            made := made || write_reversal(old.id, taken);
        end loop;
        update transactions_paymentstate s set status = 'returned', version = s.version + 1, changed_at = taken
        where s.payment_id = asked.payment_id;
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        values (asked.entity_id, 'payment', asked.payment_id, 'payment.returned', actor, reason,
                '{"entries":' || to_json(made)::text || ',"reason_code":' || to_json(reason_code)::text || '}');
    end loop;
end $$;

-- An opening balance: on the account's normal side, against another account of the entity.
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

revoke execute on function write_reversal(bigint, timestamptz) from public;
