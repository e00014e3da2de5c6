-- A debit needs no funds of ours: that its accounts are in order stands for them, from approval to posting. No balance
-- moves, so none is locked.
create function clear_collections(ids bigint[]) returns table (payment_id bigint, code text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_column
begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    return query
    with judged as materialized (
        select s.payment_id, s.entity_id,
               case when s.funds_held then 'already_held'
                    when s.status not in ('validated', 'approved') and not exists (
                       select 1 from transactions_decision d
                       where d.payment_id = s.payment_id and d.version = s.version and d.before_status = 'approved'
                         and d.withdrawn_at is null and clock_timestamp() < d.effective_at) then 'wrong_status'
                    else collection_trouble(p, s.entity_id) end as code
        from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id
        where s.payment_id = any (ids)),
    states as (
        update transactions_paymentstate s set funds_held = true
        from judged j where s.payment_id = j.payment_id and j.code is null)
    select j.payment_id, j.code from judged j where j.code is not null;
end $$;
