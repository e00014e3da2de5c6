-- What the application's role may do. It owns no table: rows of the books and of the audit trail are beyond its reach,
-- and balances move through functions that run as the owner. What depends on values is in transactions/sql/guards.sql.
-- Run after each migration: manage.py grant_application.
do $$ begin
    if not exists (select 1 from pg_roles where rolname = 'backoffice') then create role backoffice login; end if;
end $$;
grant usage on schema public to backoffice;
grant select, insert, update, delete on all tables in schema public to backoffice;
grant usage, select on all sequences in schema public to backoffice;
revoke insert, update, delete on django_migrations from backoffice;
revoke delete on transactions_payment, transactions_paymentstate, transactions_paymentbatch,
    transactions_paymentapproval, transactions_paymentrequirement, transactions_hold, transactions_outgoingfile,
    transactions_intakeproblem, transactions_bankmessage, transactions_messageitem from backoffice;
revoke update, delete on transactions_collection from backoffice;
revoke delete on transactions_mandate from backoffice;
-- What payments refer to is checked when they are written (transactions/sql/payment_references.sql) and stays.
revoke delete on people_entity, people_user, transactions_account, transactions_payee, transactions_bankdetails
    from backoffice;
revoke update, delete on people_delegation from backoffice;
grant update (ended_at, ended_by_id) on people_delegation to backoffice;
revoke insert, update, delete on transactions_journalentry, transactions_posting from backoffice;
revoke update, delete on transactions_accountbalance from backoffice;
revoke update, delete on transactions_outgoingitem, controls_assessment, controls_ruleresult, controls_ruleset,
    documents_attachment, documents_attachmentlink from backoffice;

revoke insert, update, delete on controls_controlcard from backoffice;
revoke update, delete on controls_straightpolicy, controls_straightrelease from backoffice;
grant update (stopped_at, stopped_by_id, stop_reason) on controls_straightpolicy to backoffice;
revoke update, delete on controls_changerequest, controls_changesignature from backoffice;
grant update (status, decided_at, decided_by_id, answer) on controls_changerequest to backoffice;

-- An act is recorded at its moment, in its transaction: both are the database's to say.
revoke insert, update, delete on documents_auditrecord from backoffice;
grant insert (entity_id, subject_type, subject_id, action, actor_id, reason, data) on documents_auditrecord
    to backoffice;
-- Amounts, makers and where a payment came from never change; funds are held by the owner's functions.
revoke update on transactions_payment, transactions_paymentstate, transactions_paymentapproval,
    transactions_paymentrequirement, transactions_hold, transactions_account, transactions_outgoingfile,
    transactions_intakeproblem, transactions_bankmessage, transactions_messageitem from backoffice;
grant update (kind, requested_execution_date, creditor_name, creditor_number, creditor_bic, creditor_address,
    creditor_account_id, ultimate_creditor, payee_id, end_to_end_id, remittance, creditor_reference, purpose,
    charge_bearer) on transactions_payment to backoffice;
grant update (status, version, priority, due_at, outcome, risk, hold_count, approvals_required, approvals_given,
    straight_policy, claimed_by_id, claimed_until, changed_at) on transactions_paymentstate to backoffice;
grant update (withdrawn_at) on transactions_paymentapproval, transactions_paymentrequirement to backoffice;
grant update (lifted_by_id, lifted_at, lift_reason) on transactions_hold to backoffice;
grant update (status) on transactions_account to backoffice;
revoke update on transactions_mandate from backoffice;
grant update (debtor_name, debtor_number, debtor_bic, status) on transactions_mandate to backoffice;
grant update (message_id, attachment_id, status, sent_at, sent_by_id) on transactions_outgoingfile to backoffice;
-- What the bank said is written as it came; what was made of it follows.
grant update (format, sender, message_id, sent_on, original_message_id, original_message_name, status, refusal_code,
    refusal_params, item_count, read_at) on transactions_bankmessage to backoffice;
grant update (outgoing_id, payment_id, payment_count, outcome, outcome_code, decided_by_id, decided_at, decision)
    on transactions_messageitem to backoffice;

-- Versions are kept as they were written: they say what was amended and by whom.
do $$ declare versions regclass;
begin
    for versions in
        select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'r' and c.relname ~ '^[a-z]+_historical'
    loop
        execute format('revoke update, delete on %s from backoffice', versions);
    end loop;
end $$;
grant temporary on database current_database_name to backoffice;
