-- sent or settled (what came in and waits in suspense, and what goes in no file: posted) -> returned, for one payment or
-- for 25,000 by one statement: every entry that still stands is reversed by one that names it. What was refunded, in part or whole, is not returned.
-- An account that the returns take money from must have it; of many that do not fit together,
-- those whose sum does, in the order of their numbers.
create function return_payments(
    ids bigint[], reason_codes text[], reasons text[], actor bigint default null, returned_on date default null)
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
    with asked as materialized (
        select distinct on (k.id) k.id, k.reason_code, k.reason
        from unnest(ids, reason_codes, reasons) as k (id, reason_code, reason) order by k.id),
    judged as materialized (
        select s.payment_id, s.entity_id, q.reason_code, q.reason,
               case when p.kind = 'card' then 'wrong_kind'
                    when s.status = 'returned' then 'already_returned'
                    when s.status not in ('sent', 'settled') and not (s.status = 'posted' and (
                             p.kind = 'incoming' or exists (
                                 select 1 from transactions_outgoingfault f where f.payment_id = s.payment_id)
                             and not exists (
                                 select 1 from transactions_outgoingitem i where i.payment_id = s.payment_id)))
                         then 'not_settled'
                    when exists (select 1 from transactions_refund r
                                 join transactions_paymentstate x on x.payment_id = r.payment_id
                                 where r.original_id = s.payment_id
                                   and x.status not in ('rejected', 'cancelled', 'returned')) then 'refunded'
               end as code
        from asked q join transactions_paymentstate s on s.payment_id = q.id
        join transactions_payment p on p.id = s.payment_id),
    standing as materialized (
        select j.payment_id, j.entity_id, e.id as entry, e.label, e.posting_count
        from judged j join transactions_journalentry e on e.payment_id = j.payment_id
        where j.code is null and e.kind <> 'reversal'
          and not exists (select 1 from transactions_journalentry r where r.reverses_id = e.id)),
    lines as materialized (
        select g.payment_id, g.entry, p.line, p.account_id, p.amount, p.currency,
               case p.side when 'D' then 'C' else 'D' end as side,
               case when p.side = a.normal_side then -p.amount else p.amount end as net
        from standing g join transactions_posting p on p.entry_id = g.entry
        join transactions_account a on a.id = p.account_id),
    short as materialized (
        select distinct c.payment_id
        from (select t.payment_id, t.account_id,
                     sum(-t.net) over (partition by t.account_id order by t.payment_id) as taken
              from (select l.payment_id, l.account_id, sum(l.net) as net from lines l group by 1, 2) t
              where t.net < 0) c
        join transactions_accountbalance b on b.account_id = c.account_id
        where b.floor is not null and c.taken > b.balance - b.held - b.floor),
    going as materialized (
        select g.*, nextval('transactions_journalentry_id_seq') as made
        from (select * from standing g where g.payment_id not in (select payment_id from short)
              order by g.payment_id, g.entry desc) g),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count, reverses_id)
        select g.made, g.entity_id, g.payment_id, 'reversal', g.label, (taken at time zone n.time_zone)::date,
               coalesce(returned_on, (taken at time zone n.time_zone)::date), taken, g.posting_count, g.entry
        from going g join people_entity n on n.id = g.entity_id),
    postings as (
        insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
        select g.made, l.line, l.account_id, l.side, l.amount, l.currency,
               b.balance + sum(l.net) over (partition by l.account_id order by g.made, l.line rows unbounded preceding),
               taken
        from going g join lines l on l.entry = g.entry
        join transactions_accountbalance b on b.account_id = l.account_id),
    moved as (
        update transactions_paymentstate s set status = 'returned', version = s.version + 1, changed_at = taken
        from judged j
        where s.payment_id = j.payment_id and j.code is null and j.payment_id not in (select payment_id from short)),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select j.entity_id, 'payment', j.payment_id, 'payment.returned', actor, j.reason,
               '{"entries":' || coalesce((select to_json(array_agg(g.made order by g.made))::text
                                          from going g where g.payment_id = j.payment_id), '[]')
               || ',"reason_code":' || to_json(j.reason_code)::text || '}'
        from judged j where j.code is null and j.payment_id not in (select payment_id from short)
        order by j.payment_id)
    select j.payment_id, j.code from judged j where j.code is not null
    union all
    select s.payment_id, 'AM04' from short s;
end $$;
