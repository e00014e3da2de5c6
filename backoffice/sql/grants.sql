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
    transactions_intakeproblem, transactions_bankmessage, transactions_messageitem, transactions_recall,
    transactions_recallrequest, transactions_decision, transactions_handover, transactions_informationrequest
    from backoffice;
revoke update, delete on transactions_collection from backoffice;
-- Of whom a birth is told stays; what is told of it is amended before the first signature (transactions/sql/births.sql).
revoke update, delete on transactions_paymentbirth from backoffice;
grant update (born_on, province, town, country) on transactions_paymentbirth to backoffice;
revoke update on transactions_outgoingfault from backoffice;
revoke update, delete on transactions_returnproposal from backoffice;
grant update (ended_at, ended_by_id, "end") on transactions_returnproposal to backoffice;
revoke update, delete on transactions_supplierinvoice, transactions_invoiceshare from backoffice;
grant update (status) on transactions_supplierinvoice to backoffice;
revoke delete on transactions_instanttransfer, transactions_instantlimit, transactions_mandate, transactions_standingorder, transactions_standingdue from backoffice;
revoke update, delete on transactions_refund, transactions_cardpayment from backoffice;
revoke insert, update, delete on transactions_payout, transactions_chargeback from backoffice;
-- What payments refer to is checked when they are written (transactions/sql/payment_references.sql) and stays.
revoke delete on people_entity, people_user, transactions_account, transactions_payee, transactions_bankdetails
    from backoffice;
revoke update, delete on people_delegation from backoffice;
revoke update on people_grant from backoffice;
grant update (granted_at) on people_grant to backoffice; -- a right to lock rows
grant update (ended_at, ended_by_id) on people_delegation to backoffice;
revoke insert, update, delete on transactions_journalentry, transactions_posting from backoffice;
revoke update, delete on transactions_accountbalance from backoffice;
revoke update, delete on transactions_outgoingitem, controls_assessment, controls_ruleresult, controls_ruleset,
    documents_attachment, documents_attachmentlink from backoffice;

revoke insert, update, delete on controls_controlcard from backoffice;
revoke update, delete on controls_payeeverification, controls_paymentverification from backoffice;
revoke delete on controls_verificationservice from backoffice;
revoke update, delete on controls_straightpolicy, controls_straightrelease from backoffice;
grant update (stopped_at, stopped_by_id, stop_reason) on controls_straightpolicy to backoffice;
revoke update, delete on controls_changerequest, controls_changesignature from backoffice;
grant update (status, decided_at, decided_by_id, answer) on controls_changerequest to backoffice;
revoke update, delete on controls_rulelist, controls_rulelistentry from backoffice;
grant update (name, note, digest) on controls_rulelist to backoffice;
grant update (valid_to, removed_by_id, removed_with_id, removal_reason) on controls_rulelistentry to backoffice;
-- What a back-test hit stays what it hit; a person's judgement follows.
revoke update on controls_backtesthit from backoffice;
grant update (judgement, judged_by_id, judged_at) on controls_backtesthit to backoffice;

-- What screening found, and the lists it was found by, stay as they were written; what was decided follows.
revoke delete on controls_watchlist, controls_watchlistversion, controls_watchlistentry, controls_listset,
    controls_exemption, controls_screeninghit from backoffice;
revoke update on controls_watchlistversion, controls_watchlistentry, controls_listset, controls_screenedname,
    controls_exemption, controls_screeninghit from backoffice;
grant update (status, activated_at, confirmed_at, rescreened_at, added_count, changed_count, removed_count,
    weakened_count)
    on controls_watchlistversion to backoffice;
grant update (last_number) on controls_watchlistentry to backoffice;
grant update (ended_at, ended_by_id, end_reason) on controls_exemption to backoffice;
grant update (status, exemption_id, decided_at, decided_by_id, reason) on controls_screeninghit to backoffice;

-- Alerts, verdicts and what was asked stay as they were written; where a case stands moves under its triggers.
revoke delete on controls_silence, controls_case, controls_alert, controls_caseverdict, controls_caserequest, controls_incident,
    controls_suspicionreport from backoffice;
revoke update on controls_silence, controls_case, controls_alert, controls_caseverdict, controls_caserequest, controls_caselink,
    controls_casetick, controls_incident, controls_suspicionreport, controls_alertdue from backoffice;
grant update (status, score, alert_count, priority, last_alert_at, due_at, overdue_at, paused_at, snoozed_until,
    assignee_id, assigned_at, version, round, seconding, holding, disposition, cause, closed_at, incident_id)
    on controls_case to backoffice;
grant update (ended_at, ended_by_id, hidden_count) on controls_silence to backoffice;
grant update (answer, answered_by_id, answered_at) on controls_caserequest to backoffice;
grant update (status, analysis, reference, version, ended_by_id, ended_at) on controls_suspicionreport to backoffice;
grant update (payment_id) on controls_alertdue to backoffice; -- a right to lock rows
-- Movements and scores stay as they were written; a movement is ended once (controls/sql/movements.sql).
revoke update, delete on controls_movement, controls_score, controls_hiddensample from backoffice;
grant update (voided_at) on controls_movement to backoffice;
revoke update on controls_scoredue from backoffice;
grant update (tries, again_at) on controls_scoredue to backoffice;
-- What is expected ends and is not taken away; a day on which it was due stays, unless it is still awaited.
revoke delete on controls_expectation from backoffice;
revoke update on controls_expectation, controls_occurrence from backoffice;
grant update (name, number, currency, unit, every, last_working_day, first_on, last_on, working_day, suspended_from,
    suspended_to, tolerance, amount, spread, amount_low, amount_high, next_on, learnt_from, last_seen_on, seen_on,
    ended_at, ended_by_id, end_reason) on controls_expectation to backoffice;
grant update (status, came_on, late, payment_id, batch_id, excused_by_id, excused_at, reason) on controls_occurrence
    to backoffice;

-- A model stays as it was made; where it stands moves under its triggers (controls/sql/scoring_models.sql).
revoke update, delete on controls_scoringmodel, controls_scoringdrift, controls_scoringday from backoffice;
grant update (status, promoted_at, promoted_by_id, seconded_by_id, reason) on controls_scoringmodel to backoffice;
revoke delete on controls_scoringpolicy, controls_scoringtraining from backoffice;
-- What a bank told stays; of a statement only where it stands follows. What is open and what was matched is written by the
-- functions of controls/sql/reconciliation.sql alone.
revoke update, delete on transactions_statementline, transactions_statementdetail from backoffice;
revoke update, delete on transactions_statement from backoffice;
grant update (status, findings, matched_at) on transactions_statement to backoffice;
revoke insert, update, delete on controls_match, controls_matchline, controls_matchposting, controls_openline,
    controls_openitem, controls_drawnfile from backoffice;
revoke update, delete on controls_linereceipt from backoffice;
revoke delete on controls_reconciled, controls_matchingrule, controls_matchrun, controls_alias from backoffice;
revoke update on controls_reconciled, controls_matchingrule, controls_matchrun, controls_alias from backoffice;
grant update (matched_at) on controls_reconciled to backoffice;
grant update (is_new) on controls_openline, controls_openitem to backoffice;
grant update (mode, decided_by_id, decided_at) on controls_matchingrule to backoffice;
grant update (confirmed_count, ended_at) on controls_alias to backoffice;

-- Days that people closed, what they allowed and what they corrected stay; where each stands moves under its triggers.
revoke delete on controls_reconciledday, controls_reconciliationpolicy, controls_break, controls_correction from backoffice;
revoke update on controls_reconciledday, controls_reconciliationpolicy, controls_break, controls_correction from backoffice;
grant update (status, signed_by_id, signed_at, ended_asked_by_id, ended_asked_at, ended_reason, ended_by_id, ended_at,
    looked_at, changed_at, change) on controls_reconciledday to backoffice;
grant update (agreed_by_id, agreed_at) on controls_reconciliationpolicy to backoffice;
grant update (cause, cause_by_id, status, owner_id, reason, due_on, ignored_by_id, closed_at) on controls_break
    to backoffice;
grant update (status, decided_by_id, decided_at, decided_reason, match_id) on controls_correction to backoffice;

-- A file goes on its way once, and its log stays (transactions/sql/transmissions.sql says which steps it may take).
revoke delete on transactions_transmission, transactions_transmissionattempt, transactions_bankchannel from backoffice;
revoke update on transactions_transmission, transactions_transmissionattempt from backoffice;
grant update (status, stage, attempts, since, next_at, delivered_at, ack_due_at, acknowledged_at, acknowledged_by,
    late_told_at, code, params, decided_by_id, decided_at, decision) on transactions_transmission to backoffice;
grant update (ended_at, stage, address, verified, code, params) on transactions_transmissionattempt to backoffice;

-- An act is recorded at its moment, in its transaction: both are the database's to say.
revoke insert, update, delete on documents_auditrecord from backoffice;
grant insert (entity_id, subject_type, subject_id, action, actor_id, reason, data) on documents_auditrecord
    to backoffice;
-- Amounts, makers and where a payment came from never change; funds are held by the owner's functions.
revoke update on transactions_payment, transactions_paymentstate, transactions_paymentapproval,
    transactions_paymentrequirement, transactions_hold, transactions_account, transactions_outgoingfile,
    transactions_intakeproblem, transactions_bankmessage, transactions_messageitem, transactions_decision,
    transactions_handover, transactions_informationrequest from backoffice;
grant update (kind, requested_execution_date, creditor_name, creditor_number, creditor_bic, creditor_address,
    creditor_account_id, ultimate_creditor, payee_id, end_to_end_id, remittance, creditor_reference, purpose,
    charge_bearer) on transactions_payment to backoffice;
grant update (status, version, priority, due_at, execution_date, outcome, risk, hold_count, approvals_required, approvals_given,
    straight_policy, claimed_by_id, claimed_until, changed_at, effective_at, brought_back) on transactions_paymentstate to backoffice;
grant update (withdrawn_at) on transactions_paymentapproval, transactions_paymentrequirement to backoffice;
grant update (lifted_by_id, lifted_at, lift_reason, answer, came_due_at, stays) on transactions_hold to backoffice;
grant update (withdrawn_at) on transactions_decision to backoffice;
grant update (ended_at, ended_by_id, "end", end_reason) on transactions_handover to backoffice;
grant update (overdue_at, answered_at, answered_by_id, answer, attachment_id, closed_at, closed_by_id, close_reason)
    on transactions_informationrequest to backoffice;
grant update (status, message_format, settlement_method, clearing_system) on transactions_account to backoffice;
-- What was asked stays what was asked; what is made of it follows.
revoke update on transactions_recall, transactions_recallrequest from backoffice;
grant update (status, approved_by_id, approved_at, file_id, sent_at, answer_due, answer_item_id, answer_code,
    answer_text, answered_at, returned_at, ended_by_id, ended_at, ended_reason) on transactions_recall to backoffice;
grant update (payment_id, status, proposed_by_id, proposed_at, decided_by_id, decided_at, answer_code, answer_text,
    answer_file_id, return_file_id) on transactions_recallrequest to backoffice;
revoke update on transactions_mandate from backoffice;
grant update (debtor_name, debtor_number, debtor_bic, status) on transactions_mandate to backoffice;
revoke update on transactions_standingorder, transactions_standingdue from backoffice;
grant update (creditor_name, creditor_number, creditor_bic, amount, floor, currency, remittance, unit, every,
    last_working_day, first_on, last_on, times, working_day, suspended_from, suspended_to, status, next_on, make_on,
    made_count, asked_by_id, approved_by_id, approved_at) on transactions_standingorder to backoffice;
grant update (status, payment_id, tries, last_tried_on) on transactions_standingdue to backoffice;
revoke update on transactions_instanttransfer from backoffice;
grant update (status, day, approved_at, sent_at, unanswered_at, answered_at) on transactions_instanttransfer
    to backoffice;
grant update (message_id, attachment_id, status, sent_at, sent_by_id) on transactions_outgoingfile to backoffice;
-- What the bank said is written as it came; what was made of it follows.
grant update (format, sender, message_id, sent_on, original_message_id, original_message_name, status, refusal_code,
    refusal_params, item_count, read_at) on transactions_bankmessage to backoffice;
grant update (outgoing_id, payment_id, payment_count, outcome, outcome_code, decided_by_id, decided_at, decision)
    on transactions_messageitem to backoffice;

-- A trigger fires without this right: nobody but the owner hangs its function on another table.
do $$ declare fired regprocedure;
begin
    for fired in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.prorettype = 'trigger'::regtype and pg_has_role(p.proowner, 'usage')
    loop
        execute format('revoke execute on function %s from public, backoffice', fired);
    end loop;
end $$;

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
