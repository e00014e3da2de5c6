-- What payments and their states refer to is looked up once a statement, not once a row: as foreign keys these checks
-- took longer than writing a file's payments. They say more, too: batch, accounts and payee must be of the payment's entity.
-- What is referred to is never deleted: the application's role may not (backoffice/sql/grants.sql).

create function payment_references() returns trigger language plpgsql set search_path = public, pg_temp as
$$ begin
    if exists (
        select 1 from written w
        left join transactions_paymentbatch b on b.id = w.batch_id and b.entity_id = w.entity_id
        left join people_user u on u.id = w.maker_id
        left join transactions_account d on d.id = w.debtor_account_id and d.entity_id = w.entity_id
        left join transactions_account c on c.id = w.creditor_account_id and c.entity_id = w.entity_id
        left join transactions_payee p on p.id = w.payee_id and p.entity_id = w.entity_id
        where b.id is null
           or (w.maker_id is not null and u.id is null)
           or (w.debtor_account_id is not null and d.id is null)
           or (w.creditor_account_id is not null and c.id is null)
           or (w.payee_id is not null and p.id is null)
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
