-- What a bank told is never changed or taken away; a statement that it corrects is replaced, and stays.
create trigger append_only before update or delete on transactions_statementline
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_statementline
    for each statement execute function refuse_change();
create trigger append_only before update or delete on transactions_statementdetail
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_statementdetail
    for each statement execute function refuse_change();

-- Of a statement only where it stands may change, and one that was replaced stays replaced.
create function refuse_statement() returns trigger language plpgsql as
$$ begin
    raise exception 'What a statement says stays; one that was replaced stays replaced.'
        using errcode = 'check_violation', constraint = 'statement_stays';
end $$;
create trigger stays before delete on transactions_statement for each row execute function refuse_statement();
create trigger stays_replaced before update on transactions_statement for each row
    when (old.status = 'superseded' and new.status <> 'superseded'
          or (old.account_id, old.kind, old.fingerprint, old.line_count, old.credit_sum, old.debit_sum)
             is distinct from (new.account_id, new.kind, new.fingerprint, new.line_count, new.credit_sum, new.debit_sum))
    execute function refuse_statement();

-- Lines are of the account and entity of their statement, an origin of the same account: looked up once a statement.
create function line_references() returns trigger language plpgsql set search_path = public, pg_temp as
$$ begin
    if exists (
        select 1 from (select distinct statement_id, entity_id, account_id, currency from written) w
        where not exists (
            select 1 from transactions_statement s
            where s.id = w.statement_id and s.entity_id = w.entity_id and s.account_id = w.account_id
              and s.currency = w.currency)
    ) or exists (
        select 1 from written w where w.origin_id is not null and not exists (
            select 1 from transactions_statementline o
            where o.id = w.origin_id and o.account_id = w.account_id and o.origin_id is null)
    ) then
        raise exception 'A line is of the account, entity and currency of its statement.'
            using errcode = 'foreign_key_violation', constraint = 'line_references';
    end if;
    return null;
end $$;
create trigger line_references after insert on transactions_statementline
    referencing new table as written for each statement execute function line_references();
