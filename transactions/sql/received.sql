-- Payments that come in: the money is at our bank already, so one entry applies it: the counterpart (the nostro; of a
-- company's bank account, the receivable that is paid) against the creditor's account, with the value date of the
-- payment. What cannot be applied (the account is unknown, closed, blocked, of another kind or currency) waits on the
-- entity's suspense account, posted and not settled, until somebody applies or returns it. Locks: states, then balances,
-- each by ascending key.

-- The account of a kind that the entity uses in a currency: the open one with the first code. Receivables that name a
-- counterpart are claims (on an acquirer, which pays them to that account), not what customers owe.
create function house_account(entity bigint, wanted varchar, in_currency varchar) returns bigint
language sql stable set search_path = pg_catalog, public, pg_temp as
$$ select c.id from transactions_account c
   where c.entity_id = entity and c.kind = wanted and c.currency = in_currency and c.status = 'open'
     and (wanted <> 'receivable' or c.counterpart_id is null)
   order by c.code, c.id limit 1 $$;

-- Where each payment goes: the account that it raises, the one that takes the other side, why it is the suspense
-- account (``reason``), and what stands in the way (``code``).
create function receipt_places(ids bigint[])
returns table (payment_id bigint, entity_id bigint, amount numeric, currency varchar, value_date date, account bigint,
               side varchar, other bigint, other_side varchar, reason text, code text)
language sql stable set search_path = pg_catalog, public, pg_temp as
$$
    select s.payment_id, s.entity_id, p.amount, p.currency, p.requested_execution_date, h.id, h.normal_side, o.id,
           o.normal_side, r.reason,
           case when p.kind <> 'incoming' then 'wrong_kind'
                when h.id is null then 'no_suspense'
                when o.id is null or o.status = 'closed' or o.currency <> p.currency or o.entity_id <> s.entity_id
                     then case h.kind when 'bank' then 'no_receivable' else 'no_origin' end
           end
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    left join transactions_account a on a.id = p.creditor_account_id and a.entity_id = s.entity_id
    cross join lateral (
        select case when a.id is null then 'AC01' when a.status = 'closed' then 'AC04' when a.status = 'blocked' then 'AC06'
                    when a.kind not in ('customer', 'bank') then 'AC03' when a.currency <> p.currency then 'AM03'
               end as reason) r
    left join transactions_account h
        on h.id = case when r.reason is null then a.id else house_account(s.entity_id, 'suspense', p.currency) end
    left join transactions_account o
        on o.id = case h.kind when 'bank' then house_account(s.entity_id, 'receivable', p.currency)
                  else h.counterpart_id end
    where s.payment_id = any (ids)
$$;

-- It takes nothing of ours: that there is a place for it stands for funds, from approval to posting. No balance moves,
-- so none is locked.
create function clear_receipts(ids bigint[]) returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    return query
    with judged as materialized (
        select s.payment_id,
               case when s.funds_held then 'already_held'
                    when s.status not in ('validated', 'approved') then 'wrong_status'
                    else j.code end as code
        from transactions_paymentstate s join receipt_places(ids) j on j.payment_id = s.payment_id),
    states as (
        update transactions_paymentstate s set funds_held = true
        from judged j where s.payment_id = j.payment_id and j.code is null)
    select j.payment_id, j.code from judged j where j.code is not null;
end $$;

-- approved -> settled, or posted when it waits in suspense.
create function post_receipts(ids bigint[], actor bigint default null) returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (select unnest(array[j.account, j.other]) from receipt_places(ids) j)
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with judged as materialized (
        select j.payment_id, j.entity_id, j.amount, j.currency, j.value_date, j.account, j.side, j.other, j.other_side,
               j.reason,
               case when j.code = 'wrong_kind' then j.code
                    when s.status in ('posted', 'sent', 'settled', 'returned') then 'already_posted'
                    when s.status <> 'approved' then 'not_approved'
                    when s.hold_count > 0 or exists (
                        select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
                        then 'held'
                    when s.effective_at > clock_timestamp() then 'undoable'
                    when not s.funds_held then 'not_reserved'
                    else j.code end as code
        from receipt_places(ids) j join transactions_paymentstate s on s.payment_id = j.payment_id),
    -- The counterpart takes the other side of the account: where that lowers it, it must have room.
    short as materialized (
        select x.payment_id
        from (select j.payment_id, j.other, sum(j.amount) over (partition by j.other order by j.payment_id) as asked
              from judged j where j.code is null and j.other_side = j.side) x
        join transactions_accountbalance b on b.account_id = x.other
        where b.floor is not null and x.asked > b.balance - b.held - b.floor),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged j where j.code is null and j.payment_id not in (select payment_id from short)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'posting', coalesce(g.reason, ''),
               (taken at time zone e.time_zone)::date, g.value_date, taken, 2
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, 1 as line, g.other as account, case g.side when 'C' then 'D' else 'C' end as side, g.amount,
               g.currency, case when g.other_side = g.side then -g.amount else g.amount end as net
        from going g
        union all
        select g.entry, 2, g.account, g.side, g.amount, g.currency, g.amount from going g),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account),
    states as (
        update transactions_paymentstate s
        set status = case when g.reason is null then 'settled' else 'posted' end, version = s.version + 1,
            changed_at = taken, funds_held = false
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id,
               case when g.reason is null then 'payment.settled' else 'payment.posted' end, actor,
               '{"entry":' || g.entry || coalesce(',"suspense":"' || g.reason || '"', '') || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'no_room' from short s;
end $$;

-- posted -> settled: what waits in suspense is applied to an account that may take it, by somebody other than its maker.
-- Of a company's bank account the receivable is paid: the money is on that account since it came.
create function apply_receipts(ids bigint[], target bigint, actor bigint, words text default '')
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz; taker bigint; paid transactions_account;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    select case a.kind when 'bank' then house_account(a.entity_id, 'receivable', a.currency) else a.id end into taker
    from transactions_account a where a.id = target;
    perform 1 from transactions_accountbalance b
    where b.account_id = taker or b.account_id in (
        select t.account_id from transactions_journalentry e join transactions_posting t on t.entry_id = e.id
        where e.payment_id = any (ids) and e.kind = 'posting')
    order by b.account_id for update;
    taken := clock_timestamp();
    select * into paid from transactions_account a where a.id = taker;
    return query
    with judged as materialized (
        select s.payment_id, s.entity_id, p.amount, p.currency, w.id as suspense, t.side, w.normal_side as suspense_side,
               case when p.kind <> 'incoming' then 'wrong_kind'
                    when s.status in ('settled', 'returned') then 'already_settled'
                    when s.status <> 'posted' or w.id is null then 'not_in_suspense'
                    when p.maker_id = actor then 'own_work'
                    when a.id is null or a.entity_id <> s.entity_id or a.kind not in ('customer', 'bank')
                         or (a.kind = 'bank' and a.id <> w.counterpart_id) then 'AC03'
                    when a.status <> 'open' then 'AC07'
                    when a.currency <> p.currency then 'AM03'
                    when paid.id is null or paid.status = 'closed' or paid.currency <> p.currency then 'no_receivable'
               end as code
        from transactions_paymentstate s
        join transactions_payment p on p.id = s.payment_id
        left join transactions_journalentry e on e.payment_id = s.payment_id and e.kind = 'posting' and e.label <> ''
        left join transactions_posting t on t.entry_id = e.id and t.line = 2
        left join transactions_account w on w.id = t.account_id
        left join transactions_account a on a.id = target
        where s.payment_id = any (ids)),
    short as materialized (
        select x.payment_id
        from (select j.payment_id, sum(j.amount) over (order by j.payment_id) as asked
              from judged j where j.code is null and j.side <> paid.normal_side) x
        join transactions_accountbalance b on b.account_id = paid.id
        where b.floor is not null and x.asked > b.balance - b.held - b.floor),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged j where j.code is null and j.payment_id not in (select payment_id from short)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'settlement', '', (taken at time zone e.time_zone)::date,
               (taken at time zone e.time_zone)::date, taken, 2
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, 1 as line, g.suspense as account, case g.side when 'C' then 'D' else 'C' end as side, g.amount,
               g.currency, case when g.side = g.suspense_side then -g.amount else g.amount end as net
        from going g
        union all
        select g.entry, 2, paid.id, g.side, g.amount, g.currency,
               case when g.side = paid.normal_side then g.amount else -g.amount end from going g),
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
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select g.entity_id, 'payment', g.payment_id, 'payment.settled', actor, words,
               '{"entry":' || g.entry || ',"account":' || target || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'no_room' from short s;
end $$;
