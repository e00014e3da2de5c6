-- Payments that came as data and were understood without a word, with everything that is kept of them, by one call: the
-- statements of intake_plan.sql and intake_take_in.sql for a few rows without a stage, their plans kept by the session.
-- The test test_intake_few.py holds both to the same rows. Answers nothing, and leaves nothing, when a payment has been
-- here before: then there is something to say, and the usual way is gone.
--
-- rows: an array of objects with the columns of intake_stage.sql. The texts of records are as documents/trail.py writes.
create function take_in_few(
    entity bigint, source bigint, channel varchar, actor bigint, maker bigint, moment timestamptz,
    sepa text[], name varchar, content_type varchar, size bigint, sha256 varchar, format varchar, total numeric,
    totals jsonb, rows jsonb, stored text, received text, read text
) returns table (payment transactions_payment, state transactions_paymentstate, attachment bigint) language plpgsql
set search_path = pg_catalog, public, pg_temp as
$$
#variable_conflict use_column
declare batch bigint; counts bigint[];
begin
    if exists (
        select 1 from jsonb_array_elements(take_in_few.rows) r
        join transactions_payment p
            on p.entity_id = take_in_few.entity and p.fingerprint = decode(r ->> 'fingerprint', 'hex')
    ) then
        return;
    end if;
    insert into documents_attachment (entity_id, sha256, size, name, content_type, created_by_id, created_at)
    values (take_in_few.entity, take_in_few.sha256, take_in_few.size, take_in_few.name, take_in_few.content_type,
            take_in_few.actor, take_in_few.moment)
    returning id into attachment;
    insert into transactions_paymentbatch (
        entity_id, source_id, channel, attachment_id, sha256, file_name, format, message_id, initiating_party, status,
        read_count, read_sum, read_sums, taken_count, problem_count, checked_count, batch_count, refusal_code,
        refusal_params, imported_by_id, created_at, read_at
    ) values (
        take_in_few.entity, take_in_few.source, take_in_few.channel, attachment, take_in_few.sha256,
        take_in_few.name, take_in_few.format, '', '', 'checking', jsonb_array_length(take_in_few.rows),
        take_in_few.total, take_in_few.totals, jsonb_array_length(take_in_few.rows), 0, 0, 0, '', '{}',
        take_in_few.actor, take_in_few.moment, take_in_few.moment
    ) returning id into batch;
    insert into documents_attachmentlink (attachment_id, subject_type, subject_id, kind, created_by_id, created_at)
    values (attachment, 'batch', batch, 'source', take_in_few.actor, take_in_few.moment);
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    values (take_in_few.entity, 'attachment', attachment, 'attachment.stored', take_in_few.actor, '',
            take_in_few.stored),
           (take_in_few.entity, 'batch', batch, 'batch.received', take_in_few.actor, '',
            take_in_few.received);

    with stage as materialized (
        select * from jsonb_to_recordset(take_in_few.rows) as s(
            position bigint, amount numeric(18, 5), currency varchar, requested_execution_date date,
            creditor_address jsonb, creditor_key text, fingerprint text, payment_info_id text, debtor_name text,
            debtor_number text, debtor_currency text, debtor_bic text, ultimate_debtor text, creditor_name text,
            creditor_number text, creditor_bic text, ultimate_creditor text, instruction_id text, end_to_end_id text,
            uetr text, remittance text, creditor_reference text, purpose text, category_purpose text,
            service_level text, local_instrument text, charge_bearer text, kind text, debtor_address jsonb)
    ), taken as (
        insert into transactions_payment (
            entity_id, batch_id, position, kind, channel, received_at, maker_id, amount, currency,
            requested_execution_date, debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor,
            creditor_name, creditor_number, creditor_bic, creditor_address, creditor_account_id, ultimate_creditor,
            payee_id, payment_info_id, instruction_id, end_to_end_id, uetr, remittance, creditor_reference, purpose,
            category_purpose, service_level, local_instrument, charge_bearer, fingerprint, occurrence, debtor_address
        )
        select take_in_few.entity, batch, s.position,
               case
                   when c.id is not null then 'internal'
                   when s.local_instrument = 'INST' or s.kind = 'instant' then 'instant'
                   when s.kind = 'supplier' then 'supplier'
                   when s.currency = 'EUR' and (
                       s.service_level = 'SEPA'
                       or (left(s.debtor_number, 2) = any(take_in_few.sepa) and s.debtor_number ~ '^[A-Z]{2}[0-9]{2}'
                           and left(s.creditor_number, 2) = any(take_in_few.sepa)
                           and s.creditor_number ~ '^[A-Z]{2}[0-9]{2}')
                   ) then 'sepa'
                   else 'transfer'
               end,
               take_in_few.channel, take_in_few.moment, take_in_few.maker, s.amount, s.currency,
               s.requested_execution_date, coalesce(nullif(s.debtor_name, ''), owner.name, a.name, ''),
               coalesce(nullif(a.iban, ''), nullif(a.other_number, ''), s.debtor_number),
               coalesce(nullif(s.debtor_bic, ''), a.bic, ''), a.id, s.ultimate_debtor,
               coalesce(nullif(s.creditor_name, ''), c.name, ''),
               coalesce(nullif(c.iban, ''), nullif(c.other_number, ''), s.creditor_number),
               s.creditor_bic, s.creditor_address, c.id, s.ultimate_creditor, coalesce(by_number.id, by_name.id),
               s.payment_info_id, s.instruction_id, s.end_to_end_id, s.uetr, s.remittance, s.creditor_reference,
               s.purpose, s.category_purpose, s.service_level, s.local_instrument, s.charge_bearer,
               decode(s.fingerprint, 'hex'), row_number() over (partition by s.fingerprint order by s.position), s.debtor_address
        from stage s
        left join lateral (
            -- Our account by IBAN, other number or code; among several the one in the currency of the payment.
            select f.id from (
                select id, currency, 0 as rank from transactions_account
                where entity_id = take_in_few.entity and iban = s.debtor_number and iban <> ''
                union all
                select id, currency, 1 from transactions_account
                where entity_id = take_in_few.entity and other_number = s.debtor_number and other_number <> ''
                union all
                select id, currency, 2 from transactions_account
                where entity_id = take_in_few.entity and code = s.debtor_number
            ) f
            where s.debtor_number <> ''
            order by f.currency = coalesce(nullif(s.debtor_currency, ''), s.currency) desc, f.rank, f.id limit 1
        ) debtor on true
        left join transactions_account a on a.id = debtor.id
        left join transactions_party owner on owner.id = a.owner_id
        left join lateral (
            -- Our own account as creditor; by its code only when the transfer says that it is one between our accounts.
            select f.id from (
                select id, currency, 0 as rank from transactions_account
                where entity_id = take_in_few.entity and iban = s.creditor_number and iban <> ''
                union all
                select id, currency, 1 from transactions_account
                where entity_id = take_in_few.entity and other_number = s.creditor_number and other_number <> ''
                union all
                select id, currency, 2 from transactions_account
                where entity_id = take_in_few.entity and code = s.creditor_number and s.kind = 'internal'
            ) f
            where s.creditor_number <> ''
            order by f.currency = s.currency desc, f.rank, f.id limit 1
        ) creditor on true
        left join transactions_account c on c.id = creditor.id
        left join lateral (
            -- The payee by its account; else by its name, when one payee alone has it.
            select d.payee_id as id
            from transactions_bankdetails d join transactions_payee p on p.id = d.payee_id
            where d.entity_id = take_in_few.entity and d.account_number = s.creditor_number
              and s.creditor_number <> '' and d.valid_to is null
            order by p.name_key = s.creditor_key desc, d.id limit 1
        ) by_number on true
        left join lateral (
            select min(p.id) as id from transactions_payee p
            where by_number.id is null and p.entity_id = take_in_few.entity and p.name_key = s.creditor_key
              and s.creditor_key <> ''
            having count(*) = 1
        ) by_name on true
        order by s.position
        returning id, position, coalesce(debtor_account_id, 0) as account, currency, requested_execution_date as day,
                  payment_scheme(kind, local_instrument, '') as scheme
    ), times as materialized (
        select s.account, s.currency, s.day, s.scheme, t.cut_off_at, t.execution_date
        from (select distinct account, currency, day, scheme from taken) s
        cross join lateral cut_off_times(
            take_in_few.entity, nullif(s.account, 0), s.scheme, take_in_few.channel, s.currency, s.day,
            take_in_few.moment) t
    ), states as (
        insert into transactions_paymentstate (
            payment_id, entity_id, status, version, priority, due_at, execution_date, outcome, risk, hold_count,
            approvals_required, approvals_given, changed_at
        )
        select t.id, take_in_few.entity, 'received', 1, 0,
               coalesce(x.cut_off_at, take_in_few.moment + case t.scheme when 'instant' then interval '5 minutes'
                                                                         else interval '4 hours' end),
               case when x.cut_off_at is not null then x.execution_date end, '', 0, 0, 1, 0, take_in_few.moment
        from taken t join times x using (account, currency, day, scheme)
        returning payment_id
    ), records as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select take_in_few.entity, 'payment', t.id, 'payment.received', take_in_few.actor, '',
               format('{"batch":%s,"position":%s}', batch::text, t.position)
        from taken t order by t.id
        returning 1
    )
    select array[(select count(*) from taken), (select count(*) from states), (select count(*) from records)]
        into counts;
    if counts <> array_fill(jsonb_array_length(take_in_few.rows)::bigint, array[3]) then
        raise exception 'Payments, and what there is of each, differ in number: %', counts;
    end if;
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    values (take_in_few.entity, 'batch', batch, 'batch.read', take_in_few.actor, '', take_in_few.read);
    return query
        select p, s, take_in_few.attachment
        from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
        where p.batch_id = batch order by p.position;
exception when unique_violation or deadlock_detected then
    -- Another call takes the same payment in: the usual way tells.
    return;
end $$;
