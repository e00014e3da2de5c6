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
create trigger of_open_case before insert on controls_alert
    for each row execute function refuse_closed_case();
create trigger of_open_case before insert or delete on controls_caselink
    for each row execute function refuse_closed_case();
create trigger of_open_case before insert or delete on controls_casetick
    for each row execute function refuse_closed_case();
create trigger of_open_case before insert or update on controls_caserequest
    for each row execute function refuse_closed_case();

create function refuse_verdict() returns trigger language plpgsql as
$$ declare judged public.controls_case;
begin
    select c.* into judged from public.controls_case c where c.id = new.case_id for no key update;
    if judged.status = 'closed' or judged.round <> new.round or (new.place = 2) <> judged.seconding then
        raise exception 'This case takes no such verdict now.'
            using errcode = 'check_violation', constraint = 'verdict_of_the_round';
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
        if new.status = 'open' and new.round = old.round + 1 then return new; end if;
        if (new.status, new.disposition, new.cause, new.round, new.closed_at)
           is not distinct from (old.status, old.disposition, old.cause, old.round, old.closed_at) then return new; end if;
        raise exception 'The case is closed.' using errcode = 'check_violation', constraint = 'case_closed';
    end if;
    if new.status = 'closed' then
        select v.* into first from public.controls_caseverdict v
            where v.case_id = new.id and v.round = new.round and v.place = 1;
        select v.* into second from public.controls_caseverdict v
            where v.case_id = new.id and v.round = new.round and v.place = 2;
        if first.id is null or coalesce(second.disposition, first.disposition) <> new.disposition
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

create function refuse_report() returns trigger language plpgsql as
$$ begin
    if old.status <> 'draft' or new.facts is distinct from old.facts or new.case_id <> old.case_id then
        raise exception 'A report of suspicion that was filed or given up stays as it is, and facts as they were.'
            using errcode = 'check_violation', constraint = 'suspicion_ended';
    end if;
    return new;
end $$;
create trigger kept before update on controls_suspicionreport for each row execute function refuse_report();
