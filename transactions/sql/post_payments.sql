-- approved -> posted (a transfer between own accounts: settled), for one payment or for 100,000, by one statement. It
-- locks the states, then the balances, each by ascending key; rows are read as they are locked, so a second call that
-- waited finds the payments posted. What cannot be posted is answered with a code. ``moment`` is for history that the
-- owner of the tables loads; for everybody else it is now, taken when all locks are held.

create function post_payments(ids bigint[], actor bigint default null, moment timestamptz default null)
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan set enable_seqscan = off as
$$
#variable_conflict use_column
begin
    if moment is not null and session_user <> current_user then
        raise exception 'Nobody but the owner of the books chooses the moment of an entry.'
            using errcode = 'insufficient_privilege';
    end if;
    return query
    with locked as materialized (
        select s.payment_id, s.entity_id, s.status, s.hold_count, s.funds_held, s.effective_at
        from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update),
    -- ``fine`` is a column of its own because the planner takes a test for null to leave almost nothing.
    judged as materialized (
        select j.*, j.code is null as fine
        from (
            select s.payment_id, s.entity_id, p.amount, p.currency, p.kind = 'internal' as internal,
                   case p.kind when 'debit' then p.creditor_account_id end as collector, a.id as source, o.id as other, a.normal_side = 'C' as owed, o.normal_side = a.normal_side as alike,
                   case
                       when s.status in ('posted', 'sent', 'settled', 'returned') then 'already_posted'
                       when s.status <> 'approved' then 'not_approved'
                       when s.hold_count > 0 or exists (
                           select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
                           then 'held'
                       when s.effective_at > clock_timestamp() then 'undoable'
                       when a.id is null or a.entity_id <> s.entity_id then 'AC01'
                       when a.status = 'closed' then 'AC04'
                       when a.status = 'blocked' then 'AC06'
                       when a.currency <> p.currency then 'AM03'
                       when not s.funds_held then 'not_reserved'
                       when o.id is null or o.entity_id <> s.entity_id or o.id = a.id
                            then case p.kind when 'internal' then 'AC03' else 'no_transit' end
                       when o.status <> 'open' then case p.kind when 'internal' then 'AC07' else 'no_transit' end
                       when o.currency <> p.currency then 'AM03'
                   end as code
            from locked s
            join transactions_payment p on p.id = s.payment_id
            left join transactions_account a on a.id = p.debtor_account_id
            left join transactions_account o
                on o.id = case p.kind when 'internal' then p.creditor_account_id else a.transit_id end
            where p.id = any (ids)) j),
    -- What debits among them will move is locked here, too: post_collections, which takes them next, finds it locked.
    balances as materialized (
        select b.account_id, b.balance, b.balance - b.held - b.floor as room
        from transactions_accountbalance b
        where b.account_id in (
            select source from judged where fine union select other from judged where fine
            union select unnest(array[a.id, a.transit_id, a.counterpart_id])
            from judged j join transactions_account a on a.id = j.collector)
        order by b.account_id for update),
    clock as materialized (
        select coalesce(moment, clock_timestamp()) as taken from (select count(*) from balances) locked),
    days as materialized (
        select e.id, (clock.taken at time zone e.time_zone)::date as day from people_entity e cross join clock),
    -- The debtor's funds are reserved. An account on the other side that the entry lowers must have room, too.
    short as materialized (
        select c.payment_id
        from (select j.payment_id, b.room, sum(j.amount) over (partition by j.other order by j.payment_id) as asked
              from judged j join balances b on b.account_id = j.other
              where j.fine and not j.alike and b.room is not null) c
        where c.asked > c.room),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select j.payment_id, j.entity_id, j.amount, j.currency, j.internal, j.source, j.other, j.owed, j.alike
              from judged j
              where j.fine and not exists (select 1 from short s where s.payment_id = j.payment_id)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'posting', '', d.day, d.day, (select taken from clock), 2
        from going g join days d on d.id = g.entity_id),
    legs as (
        select g.entry, 1 as line, g.source as account, case when g.owed then 'D' else 'C' end as side,
               g.amount, g.currency, -g.amount as net from going g
        union all
        select g.entry, 2, g.other, case when g.owed then 'C' else 'D' end, g.amount, g.currency,
               case when g.alike then g.amount else -g.amount end from going g),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               (select taken from clock)
        from legs l join balances b on b.account_id = l.account),
    freed as (
        update transactions_accountbalance b set held = b.held - f.amount
        from (select source, sum(amount) as amount from going group by source) f
        join balances l on l.account_id = f.source
        where b.account_id = f.source),
    states as (
        update transactions_paymentstate s
        set status = case when g.internal then 'settled' else 'posted' end, version = s.version + 1,
            changed_at = (select taken from clock), funds_held = false
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id,
               case when g.internal then 'payment.settled' else 'payment.posted' end, actor,
               '{"entry":' || g.entry || '}'
        from going g)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'no_room' from short s
    union all
    select asked.id, 'not_there' from unnest(ids) as asked (id)
    where not exists (select 1 from locked l where l.payment_id = asked.id);
end $$;
