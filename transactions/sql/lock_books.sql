-- Every state and balance that settling or returning these payments may touch, locked in the order of the house (states,
-- then balances, each by ascending key): the caller then settles some and returns others without meeting anybody who
-- does so the other way round. Of what waits in suspense or is applied, the accounts of its entries are all.

create function lock_books(ids bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$ begin
    perform 1 from transactions_paymentstate s where s.payment_id = any (ids) order by s.payment_id for update;
    perform 1 from transactions_accountbalance b
    where b.account_id in (
        select t.account_id from transactions_journalentry e
        join transactions_posting t on t.entry_id = e.id where e.payment_id = any (ids)
        union
        select unnest(array[a.id, a.transit_id, a.counterpart_id,
                            case p.kind when 'refund' then house_account(a.entity_id, 'receivable', a.currency) end])
        from transactions_payment p
        join transactions_account a
            on a.id = case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end
        where p.id = any (ids))
    order by b.account_id for update;
end $$;
