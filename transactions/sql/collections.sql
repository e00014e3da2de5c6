-- Direct debits that we collect move the books from the creditor's account, which is ours. Posted: the counterpart (the
-- nostro; of a company, the claim) is to be received through the in-transit account. Settled: in transit gives way to
-- the creditor's account. So nobody has the money before the bank has it, and a return before settlement takes nothing
-- from the creditor. Locks: states, then balances, each by ascending key.

-- Why a debit cannot move: one reason, or null. Shared by what follows.
create function collection_trouble(payment transactions_payment, entity bigint) returns text
language sql stable set search_path = pg_catalog, public, pg_temp as
$$ select case
        when payment.kind <> 'debit' then 'wrong_kind'
        when a.id is null or a.entity_id <> entity then 'AC03'
        when a.status <> 'open' then 'AC07'
        when a.currency <> payment.currency then 'AM03'
        when t.id is null or t.status = 'closed' or t.currency <> payment.currency then 'no_transit'
        when c.id is null or c.status = 'closed' or c.currency <> payment.currency then 'no_counterpart'
    end
    from (select 1) one
    left join transactions_account a on a.id = payment.creditor_account_id
    left join transactions_account t on t.id = a.transit_id
    left join transactions_account c on c.id = a.counterpart_id $$;

create function move_collections(ids bigint[], step text, actor bigint, valued_on date)
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform lock_books(ids);
    taken := clock_timestamp();
    return query
    with judged as materialized (
        select s.payment_id, s.entity_id, p.amount, p.currency, a.id as account, a.normal_side as side,
               t.id as transit, t.normal_side as transit_side, c.id as other, c.normal_side as other_side,
               case when step = 'posting' and s.status in ('posted', 'sent', 'settled', 'returned') then 'already_posted'
                    when step = 'posting' and s.status <> 'approved' then 'not_approved'
                    when step = 'posting' and (s.hold_count > 0 or exists (
                        select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null))
                        then 'held'
                    when step = 'posting' and s.effective_at > clock_timestamp() then 'undoable'
                    when step = 'posting' and not s.funds_held then 'not_reserved'
                    when step = 'settlement' and s.status in ('settled', 'returned') then 'already_settled'
                    when step = 'settlement' and s.status = 'posted' then 'not_sent'
                    when step = 'settlement' and s.status <> 'sent' then 'not_posted'
                    else collection_trouble(p, s.entity_id) end as code
        from transactions_paymentstate s
        join transactions_payment p on p.id = s.payment_id
        left join transactions_account a on a.id = p.creditor_account_id
        left join transactions_account t on t.id = a.transit_id
        left join transactions_account c on c.id = a.counterpart_id
        where s.payment_id = any (ids)),
    -- Posting: in transit takes the account's own side, the counterpart the other. Settlement: the account, and transit.
    legs as materialized (
        select j.payment_id, l.line, l.account, l.side, j.amount, j.currency,
               case when l.side = l.normal then j.amount else -j.amount end as net
        from judged j
        cross join lateral (values
            (1, case step when 'posting' then j.other else j.transit end,
             case j.side when 'C' then 'D' else 'C' end,
             case step when 'posting' then j.other_side else j.transit_side end),
            (2, case step when 'posting' then j.transit else j.account end, j.side,
             case step when 'posting' then j.transit_side else j.side end)
        ) as l (line, account, side, normal)
        where j.code is null),
    short as materialized (
        select distinct x.payment_id
        from (select l.payment_id, l.account,
                     sum(-l.net) over (partition by l.account order by l.payment_id) as taken
              from legs l where l.net < 0) x
        join transactions_accountbalance b on b.account_id = x.account
        where b.floor is not null and x.taken > b.balance - b.held - b.floor),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged j where j.code is null and j.payment_id not in (select payment_id from short)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, step, '', (taken at time zone e.time_zone)::date,
               coalesce(valued_on, (taken at time zone e.time_zone)::date), taken, 2
        from going g join people_entity e on e.id = g.entity_id),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select g.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by g.entry, l.line rows unbounded preceding),
               taken
        from going g join legs l on l.payment_id = g.payment_id
        join transactions_accountbalance b on b.account_id = l.account),
    states as (
        update transactions_paymentstate s
        set status = case step when 'posting' then 'posted' else 'settled' end, version = s.version + 1,
            changed_at = taken, funds_held = false
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id,
               case step when 'posting' then 'payment.posted' else 'payment.settled' end, actor,
               '{"entry":' || g.entry || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'no_room' from short s;
end $$;

create function post_collections(ids bigint[], actor bigint default null)
returns table (payment_id bigint, code text) language sql security definer
set search_path = pg_catalog, public, pg_temp as
$$ select m.payment_id, m.code from move_collections(ids, 'posting', actor, null) m $$;

create function settle_collections(ids bigint[], actor bigint default null, settled_on date default null)
returns table (payment_id bigint, code text) language sql security definer
set search_path = pg_catalog, public, pg_temp as
$$ select m.payment_id, m.code from move_collections(ids, 'settlement', actor, settled_on) m $$;

revoke execute on function move_collections(bigint[], text, bigint, date) from public;

-- What a creditor said of a mandate is said once, with its payment, which is a direct debit.
create function refuse_collection() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from said c left join public.transactions_payment p
                   on p.id = c.payment_id and p.kind = 'debit' and p.entity_id = c.entity_id
               where p.id is null) then
        raise exception 'A collection belongs to a direct debit of its entity.'
            using errcode = 'check_violation', constraint = 'collection_of_debit';
    end if;
    return null;
end $$;
create trigger of_a_debit after insert on transactions_collection
    referencing new table as said for each statement execute function refuse_collection();
