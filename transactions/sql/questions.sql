-- What is asked, and who was handed what: written once, ended once. Nobody signs while a required request is open.

create function refuse_signature_unanswered() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from signed s
        join public.transactions_informationrequest q on q.payment_id = s.payment_id
        where q.required and q.answered_at is null and q.closed_at is null
    ) then
        raise exception 'A payment is not signed while a required answer is open.' using errcode = 'check_violation',
            constraint = 'approval_answered';
    end if;
    return null;
end $$;
create trigger answered_first after insert on transactions_paymentapproval
    referencing new table as signed for each statement execute function refuse_signature_unanswered();

create trigger answered_once before update on transactions_informationrequest
    for each row when (old.answered_at is not null or old.closed_at is not null
        or (old.payment_id, old.entity_id, old.kind, old.question, old.addressee, old.addressee_name, old.team_id,
            old.required, old.hold_id, old.asked_by_id, old.asked_at, old.due_at)
           is distinct from
           (new.payment_id, new.entity_id, new.kind, new.question, new.addressee, new.addressee_name, new.team_id,
            new.required, new.hold_id, new.asked_by_id, new.asked_at, new.due_at))
    execute function refuse_changing();

-- A document is answered with a document; and whoever entered or amended the payment answers what was asked of them.
create function refuse_answer() returns trigger language plpgsql as
$$ begin
    if new.kind <> 'answer' and new.attachment_id is null then
        raise exception 'A document was asked for: words alone do not answer.'
            using errcode = 'check_violation', constraint = 'request_answered_by_a_document';
    end if;
    if exists (
        select 1 from public.transactions_payment p
        where p.id = new.payment_id
          and (p.maker_id = new.answered_by_id
               or exists (select 1 from public.transactions_historicalpayment h
                          where h.id = p.id and h.history_user_id = new.answered_by_id))
          and (new.addressee = 'maker' and p.maker_id = new.answered_by_id
               or new.addressee = 'team' and exists (
                   select 1 from public.people_team_members m
                   where m.team_id = new.team_id and m.user_id = new.answered_by_id)) is not true
    ) then
        raise exception 'What was asked of another is not answered by who made the payment.'
            using errcode = 'check_violation', constraint = 'request_answered_by_another';
    end if;
    return new;
end $$;
create trigger answered_as_asked before update on transactions_informationrequest
    for each row when (old.answered_at is null and new.answered_at is not null) execute function refuse_answer();

create trigger ended_once before update on transactions_handover
    for each row when (old.ended_at is not null
        or (old.payment_id, old.entity_id, old.giver_id, old.person_id, old.team_id, old.reason, old.given_at,
            old.declines_id)
           is distinct from
           (new.payment_id, new.entity_id, new.giver_id, new.person_id, new.team_id, new.reason, new.given_at,
            new.declines_id))
    execute function refuse_changing();

-- The hold of a required request is lifted with it, never before.
create function refuse_lift_unanswered() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.transactions_informationrequest q
               where q.hold_id = new.id and q.required and q.answered_at is null and q.closed_at is null) then
        raise exception 'The hold of a request is lifted when it is answered or closed.'
            using errcode = 'check_violation', constraint = 'hold_answered';
    end if;
    return new;
end $$;
create trigger answered_before_lifted before update on transactions_hold
    for each row when (old.lifted_at is null and new.lifted_at is not null) execute function refuse_lift_unanswered();
