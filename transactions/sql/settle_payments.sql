-- After sending, the in-transit account gives way to the counterpart when the bank has executed; a refund of a company
-- gives the receivable back that the refunded payment had paid, not a payable. Locks: states, then balances, each by
-- ascending key; those that debits among them will move, which settle_collections takes next, too.

create function settle_payments(ids bigint[], actor bigint default null, settled_on date default null)
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (
        select unnest(array[case p.kind when 'debit' then a.id
                                 when 'refund' then house_account(a.entity_id, 'receivable', a.currency) end,
                            a.transit_id, a.counterpart_id])
        from transactions_payment p join transactions_account a
            on a.id = case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end
        where p.id = any (ids))
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with judged as materialized (
        select s.payment_id, s.entity_id, p.amount, p.currency, a.normal_side as side,
               t.id as transit, t.normal_side as transit_side, c.id as other, c.normal_side as other_side,
               case
                   when s.status in ('settled', 'returned') then 'already_settled'
                   when s.status not in ('posted', 'sent') then 'not_posted'
                   when t.id is null or c.id is null or c.currency <> p.currency or c.status = 'closed'
                        then 'no_counterpart'
                   when exists (select 1 from transactions_journalentry e
                                where e.payment_id = s.payment_id and e.kind = 'settlement') then 'already_settled'
                   -- The bank has executed nothing that it was not sent.
                   when s.status = 'posted' then 'not_sent'
               end as code
        from transactions_paymentstate s
        join transactions_payment p on p.id = s.payment_id
        left join transactions_account a on a.id = p.debtor_account_id
        left join transactions_account t on t.id = a.transit_id
        left join transactions_account c
            on c.id = case when p.kind = 'refund' and a.kind = 'bank'
                           then coalesce(house_account(a.entity_id, 'receivable', a.currency), a.counterpart_id)
                           else a.counterpart_id end
        where s.payment_id = any (ids)),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged where code is null order by payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'settlement', '', (taken at time zone e.time_zone)::date,
               coalesce(settled_on, (taken at time zone e.time_zone)::date), taken, 2
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, 1 as line, g.transit as account, case g.side when 'C' then 'D' else 'C' end as side,
               g.amount, g.currency, case when g.side = g.transit_side then -g.amount else g.amount end as net
        from going g
        union all
        select g.entry, 2, g.other, g.side, g.amount, g.currency,
               case when g.side = g.other_side then g.amount else -g.amount end from going g),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account),
    states as (
        update transactions_paymentstate s set status = 'settled', version = s.version + 1, changed_at = taken
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id, 'payment.settled', actor, '{"entry":' || g.entry || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null;
end $$;
