-- Four eyes, held by the database: who made or amended a payment never signs it; nothing is validated or approved
-- without its signatures. One person signs once and one stage is signed once by unique constraints.

create function refuse_own_signature() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from signed s join transactions_payment p on p.id = s.payment_id
        where p.maker_id = s.person_id
           or exists (select 1 from transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id = s.person_id)
    ) then
        raise exception 'Whoever entered or amended a payment cannot sign it.' using errcode = 'check_violation',
            constraint = 'approval_not_by_maker';
    end if;
    return null;
end $$;
create trigger not_by_maker after insert on transactions_paymentapproval
    referencing new table as signed for each statement execute function refuse_own_signature();

create function refuse_signature_change() returns trigger language plpgsql as
$$ begin
    if (old.payment_id, old.stage, old.person_id, old.given_at, old.reason, old.reason_code)
       is distinct from (new.payment_id, new.stage, new.person_id, new.given_at, new.reason, new.reason_code)
       or old.withdrawn_at is not null then
        raise exception 'A signature is withdrawn, never changed.' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger withdrawn_only before update on transactions_paymentapproval
    for each row execute function refuse_signature_change();

create function refuse_unsigned() returns trigger language plpgsql as
$$ declare given int; validated int;
begin
    select count(*) filter (where stage > 0), count(*) filter (where stage = 0) into given, validated
    from transactions_paymentapproval where payment_id = new.payment_id and withdrawn_at is null;
    if validated <> 1 or (new.status = 'approved' and given < new.approvals_required) then
        raise exception 'A payment is not % before it is signed.', new.status using errcode = 'check_violation',
            constraint = 'state_signed';
    end if;
    return new;
end $$;
create trigger signed_first before update on transactions_paymentstate
    for each row when (new.status in ('validated', 'approved') and new.status is distinct from old.status)
    execute function refuse_unsigned();
