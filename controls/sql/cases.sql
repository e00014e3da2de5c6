-- A closed case stays as it was judged until somebody opens it again, which begins a new round. A case is closed by a
-- verdict of its round; by two people who say the same where something is stopped or a second person was asked. Nobody
-- judges a payment that they made, amended or signed.
create function refuse_closed_case() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from public.controls_case c where c.status = 'closed'
               and c.id = case tg_op when 'DELETE' then old.case_id else new.case_id end)
    then
        raise exception 'The case is closed.' using errcode = 'check_violation', constraint = 'case_closed';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    return new;
end $$;
-- An alert is of the entity of its payment and of its case, and joins no case before a second person.
create function refuse_alert() returns trigger language plpgsql as
$$ declare joined public.controls_case;
begin
    select c.* into joined from public.controls_case c where c.id = new.case_id;
    if joined.status = 'closed' then
        raise exception 'The case is closed.' using errcode = 'check_violation', constraint = 'case_closed';
    end if;
    if joined.seconding or joined.entity_id <> new.entity_id or joined.typology <> new.typology
       or new.payment_id is not null and not exists (
           select 1 from public.transactions_payment p where p.id = new.payment_id and p.entity_id = new.entity_id)
       or new.occurrence_id is not null and not exists (
           select 1 from public.controls_occurrence o join public.controls_expectation e on e.id = o.expectation_id
           where o.id = new.occurrence_id and e.entity_id = new.entity_id)
    then
        raise exception 'This case takes no such alert.'
            using errcode = 'check_violation', constraint = 'alert_of_the_case';
    end if;
    return new;
end $$;
create trigger of_open_case before insert on controls_alert for each row execute function refuse_alert();
create trigger of_open_case before insert or delete on controls_caselink
    for each row execute function refuse_closed_case();
create trigger of_open_case before insert or delete on controls_casetick
    for each row execute function refuse_closed_case();
create trigger of_open_case before insert or update on controls_caserequest
    for each row execute function refuse_closed_case();

-- Answered once: what somebody answered is not answered otherwise later.
create function refuse_case_answer() returns trigger language plpgsql as
$$ begin
    if old.answered_at is not null then
        raise exception 'This was answered.' using errcode = 'check_violation', constraint = 'case_request_once';
    end if;
    return new;
end $$;
create trigger answered_once before update on controls_caserequest for each row execute function refuse_case_answer();

-- Whether a case takes two people because it did before: what two decided, or differed on, no one person undoes. Where
-- two differed, a third who was neither of them decides between them.
create function case_takes_two(judged bigint, in_round smallint, by_person bigint) returns boolean language sql stable as
$$
    select exists (select 1 from public.controls_caseverdict v
                   where v.case_id = case_takes_two.judged and v.round < case_takes_two.in_round and v.asks_second)
       and not exists (
           select 1 from public.controls_caseverdict a join public.controls_caseverdict b
               on b.case_id = a.case_id and b.round = a.round and b.place = 2 and b.disposition <> a.disposition
           where a.case_id = case_takes_two.judged and a.round = case_takes_two.in_round - 1 and a.place = 1
             and case_takes_two.by_person not in (a.person_id, b.person_id))
$$;

create function refuse_verdict() returns trigger language plpgsql as
$$ declare judged public.controls_case;
begin
    select c.* into judged from public.controls_case c where c.id = new.case_id for no key update;
    if judged.status = 'closed' or judged.round <> new.round or (new.place = 2) <> judged.seconding then
        raise exception 'This case takes no such verdict now.'
            using errcode = 'check_violation', constraint = 'verdict_of_the_round';
    end if;
    -- The score from which two are asked is SECOND_FROM in controls/cases/typologies.py.
    if new.place = 1 and not new.asks_second and (
        judged.score >= 80 or new.actions <> '[]'
        or public.case_takes_two(new.case_id, new.round, new.person_id))
    then
        raise exception 'A second person is asked about this case.'
            using errcode = 'check_violation', constraint = 'verdict_asks_second';
    end if;
    if exists (select 1 from public.people_user u where u.id = new.person_id and u.is_machine) then
        raise exception 'People judge cases.' using errcode = 'check_violation', constraint = 'verdict_by_person';
    end if;
    if exists (
        select 1 from public.controls_alert a join public.transactions_payment p on p.id = a.payment_id
        where a.case_id = new.case_id
          and (p.maker_id = new.person_id
               or exists (select 1 from public.transactions_historicalpayment h
                          where h.id = p.id and h.history_user_id = new.person_id)
               or exists (select 1 from public.transactions_paymentapproval s
                          where s.payment_id = p.id and s.withdrawn_at is null
                            and new.person_id in (s.person_id, s.on_behalf_of_id))))
    then
        raise exception 'Nobody judges a payment that they made, amended or signed.'
            using errcode = 'check_violation', constraint = 'verdict_not_own_work';
    end if;
    return new;
end $$;
create trigger by_another before insert on controls_caseverdict
    for each row execute function refuse_verdict();

create function refuse_case() returns trigger language plpgsql as
$$ declare first public.controls_caseverdict; second public.controls_caseverdict;
begin
    if old.status = 'closed' then
        if new.status = 'open' and new.round = old.round + 1 and not new.seconding then return new; end if;
        if (new.status, new.disposition, new.cause, new.round, new.closed_at)
           is not distinct from (old.status, old.disposition, old.cause, old.round, old.closed_at) then return new; end if;
        raise exception 'The case is closed.' using errcode = 'check_violation', constraint = 'case_closed';
    end if;
    if new.score < old.score then
        raise exception 'A case is as grave as its gravest alert.'
            using errcode = 'check_violation', constraint = 'case_score_stays';
    end if;
    if (new.round, new.seconding) is distinct from (old.round, old.seconding) or new.status = 'closed' then
        select v.* into first from public.controls_caseverdict v
            where v.case_id = old.id and v.round = old.round and v.place = 1;
        select v.* into second from public.controls_caseverdict v
            where v.case_id = old.id and v.round = old.round and v.place = 2;
        if new.round <> old.round and (new.round <> old.round + 1 or new.status = 'closed' or new.seconding
                                       or second.id is null or second.disposition = first.disposition)
           or new.seconding and not old.seconding and (first.id is null or not first.asks_second)
           or old.seconding and not new.seconding and second.id is null
        then
            raise exception 'A round of judging ends with its verdicts.'
                using errcode = 'check_violation', constraint = 'case_round_by_verdicts';
        end if;
    end if;
    if new.status = 'closed' then
        if new.seconding or new.cause <> coalesce(second.cause, first.cause) or first.id is null or coalesce(second.disposition, first.disposition) <> new.disposition
           or first.disposition <> new.disposition
           or ((first.asks_second or first.actions <> '[]') and (second.id is null or second.person_id = first.person_id))
        then
            raise exception 'A case is closed by a verdict, and by two people where something is stopped.'
                using errcode = 'check_violation', constraint = 'case_closed_by_verdict';
        end if;
    end if;
    return new;
end $$;
create trigger judged before update on controls_case for each row execute function refuse_case();

-- A case begins open, before anybody said anything of it.
create function refuse_begun_case() returns trigger language plpgsql as
$$ begin
    if new.status <> 'open' or new.round <> 1 or new.seconding or new.holding then
        raise exception 'A case begins open.' using errcode = 'check_violation', constraint = 'case_begins_open';
    end if;
    return new;
end $$;
create trigger begins_open before insert on controls_case for each row execute function refuse_begun_case();

-- Only what was judged a false positive is silenced, from now on; a silence ends once, and what it hid is not unsaid.
create function refuse_silence() returns trigger language plpgsql as
$$ begin
    if tg_op = 'UPDATE' then
        if new.hidden_count < old.hidden_count or old.ended_at is not null
           and (new.ended_at, new.ended_by_id) is distinct from (old.ended_at, old.ended_by_id)
        then
            raise exception 'A silence ends once, and what it hid stays counted.'
                using errcode = 'check_violation', constraint = 'silence_ends_once';
        end if;
        return new;
    end if;
    if new.made_at > clock_timestamp() + interval '1 day' or new.hidden_count <> 0 or not exists (
        select 1 from public.controls_case c
        where c.id = new.case_id and c.disposition = 'false_positive' and c.entity_id = new.entity_id
          and c.typology = new.typology and c."group" = new."group" and c.group_key = new.group_key)
    then
        raise exception 'Only alerts like those of a false positive are silenced.'
            using errcode = 'check_violation', constraint = 'silence_of_false_positive';
    end if;
    return new;
end $$;
create trigger of_false_positive before insert or update on controls_silence
    for each row execute function refuse_silence();

create function refuse_report() returns trigger language plpgsql as
$$ begin
    if tg_op = 'INSERT' then
        if new.status <> 'draft' then
            raise exception 'A report of suspicion begins as a draft.'
                using errcode = 'check_violation', constraint = 'suspicion_begins';
        end if;
        return new;
    end if;
    if old.status <> 'draft' or new.facts is distinct from old.facts or new.case_id <> old.case_id then
        raise exception 'A report of suspicion that was filed or given up stays as it is, and facts as they were.'
            using errcode = 'check_violation', constraint = 'suspicion_ended';
    end if;
    return new;
end $$;
create trigger kept before update on controls_suspicionreport for each row execute function refuse_report();
create trigger begun before insert on controls_suspicionreport for each row execute function refuse_report();
