-- What payments and their states refer to is looked up once a statement, not once a row: as foreign keys these checks
-- took longer than writing a file's payments. They say more, too: batch, accounts and payee must be of the payment's entity.
-- What is referred to is never deleted: the application's role may not (backoffice/sql/grants.sql).

-- Each reference is looked up once for each of its values, by its key: a session that planned this among few rows keeps
-- its plan. "+ 0" keeps the index of the entity out, which seems as good as the key as long as a table has few rows.
create function payment_references() returns trigger language plpgsql set search_path = public, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as
$$ begin
    if exists (
        select 1 from (select distinct batch_id, entity_id from written) w where not exists (
            select 1 from transactions_paymentbatch b where b.id = w.batch_id and b.entity_id + 0 = w.entity_id)
    ) or exists (
        select 1 from (select distinct maker_id from written where maker_id is not null) w where not exists (
            select 1 from people_user u where u.id = w.maker_id)
    ) or exists (
        select 1 from (select distinct debtor_account_id as id, entity_id from written
                       union select creditor_account_id, entity_id from written) w
        where w.id is not null and not exists (
            select 1 from transactions_account a where a.id = w.id and a.entity_id + 0 = w.entity_id)
    ) or exists (
        select 1 from (select distinct payee_id, entity_id from written where payee_id is not null) w where not exists (
            select 1 from transactions_payee p where p.id = w.payee_id and p.entity_id + 0 = w.entity_id)
    ) then
        raise exception 'A payment names a batch, person, account or payee that is not there or not of its entity.'
            using errcode = 'foreign_key_violation', constraint = 'payment_references';
    end if;
    return null;
end $$;
create trigger payment_references after insert on transactions_payment
    referencing new table as written for each statement execute function payment_references();
create trigger payment_references_kept after update on transactions_payment
    referencing new table as written for each statement execute function payment_references();

create function state_references() returns trigger language plpgsql set search_path = public, pg_temp as
$$ begin
    if exists (
        select 1 from written w
        left join transactions_payment p on p.id = w.payment_id and p.entity_id = w.entity_id
        where p.id is null
    ) then
        raise exception 'A state belongs to a payment of its entity.'
            using errcode = 'foreign_key_violation', constraint = 'state_references';
    end if;
    return null;
end $$;
create trigger state_references after insert on transactions_paymentstate
    referencing new table as written for each statement execute function state_references();
