-- What the application's role may do. It owns no table: rows of the books and of the audit trail are beyond its reach,
-- and balances move through functions that run as the owner. Run after each migration: manage.py grant_application.
do $$ begin
    if not exists (select 1 from pg_roles where rolname = 'backoffice') then create role backoffice login; end if;
end $$;
grant usage on schema public to backoffice;
grant select, insert, update, delete on all tables in schema public to backoffice;
grant usage, select on all sequences in schema public to backoffice;
revoke insert, update, delete on django_migrations from backoffice;
revoke update, delete on documents_auditrecord from backoffice;
revoke delete on transactions_payment, transactions_paymentstate, transactions_paymentbatch,
    transactions_paymentapproval, transactions_hold, documents_attachment from backoffice;
-- What payments refer to is checked when they are written (transactions/sql/payment_references.sql) and stays.
revoke delete on people_entity, people_user, transactions_account, transactions_payee from backoffice;
revoke insert, update, delete on transactions_journalentry, transactions_posting from backoffice;
revoke update, delete on transactions_accountbalance from backoffice;
revoke update, delete on transactions_outgoingitem, controls_assessment, controls_ruleresult, controls_ruleset
    from backoffice;
grant temporary on database current_database_name to backoffice;
