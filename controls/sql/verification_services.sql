-- Whom an entity asks for the holder's name of an account is signed by two people: an answer of "match" lets a payment
-- pass. Unsigned it waits, and a constraint says that what waits is switched off.
create function refuse_unsigned_verifier() returns trigger language plpgsql as
$$ begin
    if tg_op = 'UPDATE' and old.waits and (new.url, new.secret, new.salt, new.valid_hours, new.entity_id)
            is not distinct from (old.url, old.secret, old.salt, old.valid_hours, old.entity_id)
       and exists (
        select 1 from public.controls_changerequest c
        where c.subject_type = 'verifier' and c.status = 'waiting' and c.subject_id = new.id
          and public.signed_change(c.id, 'verifier', new.id) is not null)
    then
        return new;
    end if;
    raise exception 'Which service verifies payees is asked for by one person and signed by another.'
        using errcode = 'check_violation', constraint = 'verifier_signed';
end $$;
create trigger signed_by_two before insert on controls_verificationservice
    for each row when (current_user = 'backoffice' and not new.waits) execute function refuse_unsigned_verifier();
create trigger signed_again before update on controls_verificationservice
    for each row when (current_user = 'backoffice' and not new.waits and (old.waits or (new.url, new.secret, new.salt,
        new.valid_hours, new.entity_id) is distinct from (old.url, old.secret, old.salt, old.valid_hours,
        old.entity_id)))
    execute function refuse_unsigned_verifier();

-- An answer stays as it was given, and stands for payments of its entity that it was asked for.
create function refuse_verification_change() returns trigger language plpgsql as
$$ begin
    raise exception 'What was answered about a payee stays as it was.'
        using errcode = 'check_violation', constraint = 'verification_stays';
end $$;
create trigger stays before update or delete on controls_payeeverification
    for each row execute function refuse_verification_change();
create trigger stays before update or delete on controls_paymentverification
    for each row execute function refuse_verification_change();
