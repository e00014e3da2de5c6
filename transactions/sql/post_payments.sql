create function post_payments(ids bigint[], actor bigint default null, moment timestamptz default null)
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan set enable_seqscan = off as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (
        select p.debtor_account_id from transactions_payment p where p.id = any (ids)
        union
        select case p.kind when 'internal' then p.creditor_account_id else a.transit_id end
        from transactions_payment p join transactions_account a on a.id = p.debtor_account_id where p.id = any (ids))
    order by b.account_id for update;
    taken := coalesce(moment, clock_timestamp());
    return query
    with judged as materialized (
        select s.payment_id, s.entity_id, p.amount, p.currency, p.kind = 'internal' as internal,
               a.id as source, a.normal_side as side, o.id as other, o.normal_side as other_side,
               case
                   when s.status in ('posted', 'sent', 'settled', 'returned') then 'already_posted'
                   when s.status <> 'approved' then 'not_approved'
                   when s.hold_count > 0 then 'held'
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
        from transactions_paymentstate s
        join transactions_payment p on p.id = s.payment_id
        left join transactions_account a on a.id = p.debtor_account_id
        left join transactions_account o
            on o.id = case p.kind when 'internal' then p.creditor_account_id else a.transit_id end
        where s.payment_id = any (ids)),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged where code is null order by payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'posting', '', (taken at time zone e.time_zone)::date,
               (taken at time zone e.time_zone)::date, taken, 2
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, 1 as line, g.source as account, case g.side when 'C' then 'D' else 'C' end as side,
               g.amount, g.currency, -g.amount as net from going g
        union all
        select g.entry, 2, g.other, g.side, g.amount, g.currency,
               case when g.side = g.other_side then g.amount else -g.amount end from going g),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account),
    freed as (
        update transactions_accountbalance b set held = b.held - f.amount
        from (select source, sum(amount) as amount from going group by source) f where b.account_id = f.source),
    states as (
        update transactions_paymentstate s
        set status = case when g.internal then 'settled' else 'posted' end, version = s.version + 1,
            changed_at = taken, funds_held = false
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id,
               case when g.internal then 'payment.settled' else 'payment.posted' end, actor,
               '{"entry":' || g.entry || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null;
end $$;
