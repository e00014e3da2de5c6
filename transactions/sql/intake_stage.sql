-- Where understood rows wait, one chunk of a file after the other; columns in the order of intake/fields.py. Kept by the
-- session, emptied with the transaction.
drop table if exists pg_temp.intake_stage, pg_temp.intake_plan;
create temporary table intake_stage (
    position bigint not null,
    line bigint not null,
    grp integer not null,
    amount numeric(18, 5) not null,
    currency varchar(3) not null,
    requested_execution_date date not null,
    creditor_address jsonb not null,
    creditor_key text not null,
    fingerprint text not null,
    payment_info_id text not null,
    debtor_name text not null,
    debtor_number text not null,
    debtor_currency text not null,
    debtor_bic text not null,
    ultimate_debtor text not null,
    creditor_name text not null,
    creditor_number text not null,
    creditor_bic text not null,
    ultimate_creditor text not null,
    instruction_id text not null,
    end_to_end_id text not null,
    uetr text not null,
    remittance text not null,
    creditor_reference text not null,
    purpose text not null,
    category_purpose text not null,
    service_level text not null,
    local_instrument text not null,
    charge_bearer text not null,
    kind text not null,
    -- Last, since only readers of what comes in fill it.
    debtor_address jsonb not null default '{}'
) on commit delete rows;
create temporary table intake_plan (
    position bigint not null,
    occurrence integer not null,
    debtor_account_id bigint,
    creditor_account_id bigint,
    payee_id bigint,
    kind varchar(10) not null,
    seen_payment_id bigint,
    seen_batch_id bigint,
    sent_again boolean not null
) on commit delete rows;
