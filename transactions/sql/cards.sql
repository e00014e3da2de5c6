-- Card and marketplace payments. Posted: the gross is credited (a merchant's account; of a company, what its customer
-- owed), the fee is an expense, the net is a claim on the acquirer. A payout settles the claim of many payments by one
-- entry, as the bank's statement shows it. A chargeback gives the gross back and takes its own fee: the claim falls by
-- both, below zero until a payout is short of it. Locks: states, then balances, each by ascending key.

-- The accounts of each payment, and what stands in the way.
create function card_places(ids bigint[])
returns table (payment_id bigint, entity_id bigint, amount numeric, fee numeric, currency varchar, captured_on date,
               claim bigint, claim_side varchar, fees bigint, fees_side varchar, account bigint, side varchar, code text)
language sql stable set search_path = pg_catalog, public, pg_temp as
$$
    select s.payment_id, s.entity_id, p.amount, k.fee, p.currency, k.captured_on, c.id, c.normal_side, f.id,
           f.normal_side, a.id, a.normal_side,
           case when p.kind <> 'card' or k.payment_id is null then 'wrong_kind'
                when c.id is null or c.entity_id <> s.entity_id or c.kind <> 'receivable' or c.counterpart_id is null
                     or c.status <> 'open' or c.currency <> p.currency then 'no_acquirer'
                when k.fee >= p.amount then 'fee_too_high'
                when k.fee > 0 and (f.id is null or f.kind <> 'expense' or f.status <> 'open' or f.currency <> p.currency)
                     then 'no_fees'
                when a.id is null or a.entity_id <> s.entity_id or a.kind not in ('customer', 'receivable')
                     or a.id = c.id then 'AC03'
                when a.status <> 'open' then 'AC07'
                when a.currency <> p.currency then 'AM03'
           end
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    left join transactions_cardpayment k on k.payment_id = p.id
    left join transactions_account c on c.id = k.acquirer_id
    left join transactions_account f on f.id = c.fees_id
    left join transactions_account a
        on a.id = coalesce(p.creditor_account_id, house_account(s.entity_id, 'receivable', p.currency))
    where s.payment_id = any (ids)
$$;

create function clear_cards(ids bigint[]) returns table (payment_id bigint, code text)
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
        from transactions_paymentstate s join card_places(ids) j on j.payment_id = s.payment_id),
    states as (
        update transactions_paymentstate s set funds_held = true
        from judged j where s.payment_id = j.payment_id and j.code is null)
    select j.payment_id, j.code from judged j where j.code is not null;
end $$;

-- approved -> posted: two lines, or three with a fee.
create function post_cards(ids bigint[], actor bigint default null) returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (select unnest(array[j.claim, j.fees, j.account]) from card_places(ids) j)
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with judged as materialized (
        select j.payment_id, j.entity_id, j.amount, j.fee, j.currency, j.captured_on, j.claim, j.claim_side, j.fees,
               j.fees_side, j.account, j.side,
               case when j.code = 'wrong_kind' then j.code
                    when s.status in ('posted', 'sent', 'settled', 'returned') then 'already_posted'
                    when s.status <> 'approved' then 'not_approved'
                    when s.hold_count > 0 or exists (
                        select 1 from transactions_hold h where h.payment_id = s.payment_id and h.lifted_at is null)
                        then 'held'
                    when s.effective_at > clock_timestamp() then 'undoable'
                    when not s.funds_held then 'not_reserved'
                    else j.code end as code
        from card_places(ids) j join transactions_paymentstate s on s.payment_id = j.payment_id),
    -- What a customer owed falls; below its floor it cannot.
    short as materialized (
        select x.payment_id
        from (select j.payment_id, j.account, sum(j.amount) over (partition by j.account order by j.payment_id) as asked
              from judged j where j.code is null and j.side = 'D') x
        join transactions_accountbalance b on b.account_id = x.account
        where b.floor is not null and x.asked > b.balance - b.held - b.floor),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged j where j.code is null and j.payment_id not in (select payment_id from short)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'posting', '', (taken at time zone e.time_zone)::date, g.captured_on,
               taken, case when g.fee > 0 then 3 else 2 end
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, l.line, l.account, l.side, l.amount, g.currency,
               case when l.side = l.normal then l.amount else -l.amount end as net
        from going g cross join lateral (values
            (1, g.claim, 'D', g.amount - g.fee, g.claim_side),
            (case when g.fee > 0 then 3 else 2 end, g.account, 'C', g.amount, g.side),
            (2, g.fees, 'D', g.fee, g.fees_side)) as l (line, account, side, amount, normal)
        where l.amount > 0),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account),
    states as (
        update transactions_paymentstate s set status = 'posted', version = s.version + 1, changed_at = taken,
               funds_held = false
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select g.entity_id, 'payment', g.payment_id, 'payment.posted', actor, '{"entry":' || g.entry || '}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'no_room' from short s;
end $$;

-- What each of these payments adds to a payout: its net while it is not paid out, less what was taken back of it.
create function payout_parts(ids bigint[]) returns table (payment_id bigint, part numeric)
language sql stable set search_path = pg_catalog, public, pg_temp as
$$
    select p.id, case when k.payout_id is null then p.amount - k.fee else 0 end
                 - case when b.payment_id is not null and b.payout_id is null then p.amount + b.fee else 0 end
    from transactions_payment p join transactions_cardpayment k on k.payment_id = p.id
    left join transactions_chargeback b on b.payment_id = p.id
    where p.id = any (ids)
$$;

-- The acquirer paid ``paid`` for these payments and chargebacks: the bank against the claim, by one entry. They are of
-- the acquirer, posted or taken back, not paid out before, and add up to the amount: else nothing moves.
create function settle_payout(acquirer bigint, told varchar, ids bigint[], paid numeric, paid_on date, actor bigint)
returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_variable
declare claim transactions_account; bank transactions_account; made bigint; payout bigint; taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    select * into claim from transactions_account a where a.id = acquirer and a.kind = 'receivable';
    select * into bank from transactions_account a where a.id = claim.counterpart_id;
    perform 1 from transactions_accountbalance b where b.account_id in (claim.id, bank.id) order by b.account_id for update;
    taken := clock_timestamp();
    if claim.id is null or bank.id is null or bank.currency <> claim.currency or bank.entity_id <> claim.entity_id then
        raise exception 'The acquirer pays to an account of its entity and currency.'
            using errcode = 'check_violation', constraint = 'payout_accounts';
    end if;
    if coalesce(cardinality(ids), 0) = 0 or exists (
        select 1 from unnest(ids) as q (id)
        left join transactions_cardpayment k on k.payment_id = q.id and k.acquirer_id = claim.id
        left join transactions_chargeback b on b.payment_id = q.id
        left join transactions_paymentstate s on s.payment_id = q.id
        where k.payment_id is null
           or not (s.status = 'posted' and k.payout_id is null
                   or b.payment_id is not null and b.payout_id is null)
    ) then
        raise exception 'A payout is for payments of its acquirer that were not paid out.'
            using errcode = 'check_violation', constraint = 'payout_of_unpaid';
    end if;
    if (select sum(part) from payout_parts(ids)) <> paid then
        raise exception 'A payout is the sum of its payments.' using errcode = 'check_violation', constraint = 'payout_sum';
    end if;
    made := nextval('transactions_journalentry_id_seq');
    with head as (
        insert into transactions_journalentry
            (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count)
        select made, claim.entity_id, 'payout', told, (taken at time zone e.time_zone)::date, paid_on, taken, 2
        from people_entity e where e.id = claim.entity_id),
    legs as (
        select 1 as line, bank.id as account, 'D' as side,
               case bank.normal_side when 'D' then paid else -paid end as net
        union all
        select 2, claim.id, 'C', case claim.normal_side when 'C' then paid else -paid end)
    insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select made, l.line, l.account, l.side, paid, claim.currency, b.balance + l.net, taken
    from legs l join transactions_accountbalance b on b.account_id = l.account;
    insert into transactions_payout
        (entity_id, acquirer_id, reference, amount, paid_on, entry_id, received_by_id, created_at)
    values (claim.entity_id, claim.id, told, paid, paid_on, made, actor, taken) returning id into payout;
    update transactions_chargeback b set payout_id = payout where b.payment_id = any (ids) and b.payout_id is null;
    update transactions_cardpayment k set payout_id = payout where k.payment_id = any (ids) and k.payout_id is null;
    with moved as (
        update transactions_paymentstate s set status = 'settled', version = s.version + 1, changed_at = taken
        where s.payment_id = any (ids) and s.status = 'posted' returning s.payment_id, s.entity_id)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
    select m.entity_id, 'payment', m.payment_id, 'payment.settled', actor,
           '{"entry":' || made || ',"payout":' || payout || '}'
    from moved m order by m.payment_id;
    return payout;
end $$;

-- posted or settled -> returned: the gross goes back, the acquirer's fee for it is an expense, and the claim falls by both.
create function charge_back(ids bigint[], asked numeric, reason text, actor bigint, words text default '')
returns table (payment_id bigint, code text)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
#variable_conflict use_column
declare taken timestamptz;
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (select unnest(array[j.claim, j.fees, j.account]) from card_places(ids) j)
    order by b.account_id for update;
    taken := clock_timestamp();
    return query
    with judged as materialized (
        select j.payment_id, j.entity_id, j.amount, j.currency, j.claim, j.claim_side, c.fees_id as fees, f.normal_side as fees_side,
               j.account, j.side,
               case when j.code = 'wrong_kind' then j.code
                    when s.status = 'returned' then 'already_returned'
                    when s.status not in ('posted', 'settled') then 'not_posted'
                    when exists (select 1 from transactions_refund r
                                 join transactions_paymentstate x on x.payment_id = r.payment_id
                                 where r.original_id = s.payment_id
                                   and x.status not in ('rejected', 'cancelled', 'returned')) then 'refunded'
                    when asked > 0 and (f.id is null or f.status <> 'open') then 'no_fees'
                    else j.code end as code
        from card_places(ids) j join transactions_paymentstate s on s.payment_id = j.payment_id
        left join transactions_account c on c.id = j.claim
        left join transactions_account f on f.id = c.fees_id),
    short as materialized (
        select x.payment_id
        from (select t.payment_id, t.account, sum(t.taken) over (partition by t.account order by t.payment_id) as taken
              from (select j.payment_id, j.claim as account, j.amount + asked as taken from judged j
                    where j.code is null and j.claim_side = 'D'
                    union all
                    select j.payment_id, j.account, j.amount from judged j where j.code is null and j.side = 'C') t) x
        join transactions_accountbalance b on b.account_id = x.account
        where b.floor is not null and x.taken > b.balance - b.held - b.floor),
    going as materialized (
        select j.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from judged j where j.code is null and j.payment_id not in (select payment_id from short)
              order by j.payment_id) j),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select g.entry, g.entity_id, g.payment_id, 'chargeback', '', (taken at time zone e.time_zone)::date,
               (taken at time zone e.time_zone)::date, taken, case when asked > 0 then 3 else 2 end
        from going g join people_entity e on e.id = g.entity_id),
    legs as (
        select g.entry, l.line, l.account, l.side, l.amount, g.currency,
               case when l.side = l.normal then l.amount else -l.amount end as net
        from going g cross join lateral (values
            (1, g.account, 'D', g.amount, g.side),
            (2, g.claim, 'C', g.amount + asked, g.claim_side),
            (3, g.fees, 'D', asked, g.fees_side)) as l (line, account, side, amount, normal)
        where l.amount > 0),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select l.entry, l.line, l.account, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account order by l.entry, l.line rows unbounded preceding),
               taken
        from legs l join transactions_accountbalance b on b.account_id = l.account),
    told as (
        insert into transactions_chargeback (payment_id, entity_id, fee, reason_code, created_at)
        select g.payment_id, g.entity_id, asked, reason, taken from going g),
    states as (
        update transactions_paymentstate s set status = 'returned', version = s.version + 1, changed_at = taken
        from going g where s.payment_id = g.payment_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select g.entity_id, 'payment', g.payment_id, 'payment.returned', actor, words,
               '{"entries":[' || g.entry || '],"reason_code":' || to_json(reason)::text || ',"chargeback_fee":"' || asked || '"}'
        from going g order by g.entry)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select distinct s.payment_id, 'AM04' from short s;
end $$;

-- What was reported is said once, with its payment, which is of the kind card.
create function refuse_card() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from said c left join public.transactions_payment p
                   on p.id = c.payment_id and p.kind = 'card' and p.entity_id = c.entity_id and c.fee < p.amount
               where p.id is null or c.payout_id is not null) then
        raise exception 'What an acquirer reports belongs to a card payment of its entity, above its fee.'
            using errcode = 'check_violation', constraint = 'card_of_card_payment';
    end if;
    return null;
end $$;
create trigger of_a_card_payment after insert on transactions_cardpayment
    referencing new table as said for each statement execute function refuse_card();
