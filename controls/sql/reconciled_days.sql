-- Days of accounts that people close. What was prepared stays as it was; who prepared it, or matched with a difference or
-- left something out alone, does not sign it.

create function refuse_reconciled_day() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as
$$ declare hand bigint[];
begin
    if tg_op = 'INSERT' then
        if new.status <> 'prepared' or new.changed_at is not null then
            raise exception 'A day is prepared first.' using errcode = 'check_violation', constraint = 'day_prepared_first';
        end if;
        return new;
    end if;
    if (old.entity_id, old.account_id, old.day, old.round, old.bank, old.books, old.unexplained, old.proof, old.digest,
        old.forced_by, old.prepared_by_id, old.prepared_at, old.remark)
       is distinct from
       (new.entity_id, new.account_id, new.day, new.round, new.bank, new.books, new.unexplained, new.proof, new.digest,
        new.forced_by, new.prepared_by_id, new.prepared_at, new.remark)
       or old.signed_by_id is not null and (old.signed_by_id, old.signed_at) is distinct from (new.signed_by_id, new.signed_at)
       or old.status in ('sent_back', 'reopened') and new.status <> old.status then
        raise exception 'The proof of a day stays as it was prepared and signed.'
            using errcode = 'check_violation', constraint = 'day_stays';
    end if;
    if (old.status, new.status) not in (('prepared', 'prepared'), ('prepared', 'signed'), ('prepared', 'sent_back'),
        ('signed', 'signed'), ('signed', 'reopened'), ('sent_back', 'sent_back'), ('reopened', 'reopened')) then
        raise exception 'A day is prepared, then signed, then perhaps reopened.'
            using errcode = 'check_violation', constraint = 'day_in_order';
    end if;
    if new.status = 'signed' and old.status = 'prepared' then
        select array_agg(hands.who) into hand from hands_alone(new.account_id, new.day) hands;
        if new.signed_by_id = new.prepared_by_id or new.signed_by_id = any (new.forced_by)
           or new.signed_by_id = any (hand) then
            raise exception 'Who prepared the day, or forced a match or left a line out in it, does not sign it.'
                using errcode = 'check_violation', constraint = 'day_by_two';
        end if;
    end if;
    if new.status = 'reopened' and old.status = 'signed'
       and (old.ended_asked_by_id is null or btrim(new.ended_reason) = '') then
        raise exception 'A signed day is reopened by two people, with a reason.'
            using errcode = 'check_violation', constraint = 'reconciled_day_reopened_by_two';
    end if;
    return new;
end $$;

-- Who matched lines or postings of this day with a difference by hand, or left them out, by themselves alone.
create function hands_alone(account bigint, of_day date) returns table (who bigint) language sql stable
set search_path = pg_catalog, public, pg_temp as
$$
    select m.made_by_id from controls_match m
    where m.account_id = account and m.undone_at is null and m.made_by_id is not null and m.difference <> 0
      and m.made_at >= of_day - 31
      and (exists (select 1 from controls_matchline k join transactions_statementline l on l.id = k.line_id
                   where k.match_id = m.id and l.booking_on = of_day)
           or exists (select 1 from controls_matchposting k join transactions_journalentry e on e.id = k.entry_id
                      where k.match_id = m.id and e.value_date = of_day))
    union
    select b.ignored_by_id from controls_break b
    where b.account_id = account and b."on" = of_day and b.status = 'ignored'
    union
    select c.asked_by_id from controls_correction c
    where c.account_id = account and c.value_on = of_day and c.status = 'booked' and c.decided_by_id = c.asked_by_id
$$;

create trigger in_order before insert or update on controls_reconciledday
    for each row execute function refuse_reconciled_day();
create function refuse_day_gone() returns trigger language plpgsql as
$$ begin
    raise exception 'What people signed, allowed and wrote off stays on record.'
        using errcode = 'check_violation', constraint = 'day_stays';
end $$;
create trigger stays before delete on controls_reconciledday for each row execute function refuse_day_gone();
create trigger stays before delete on controls_correction for each row execute function refuse_day_gone();
create trigger stays before delete on controls_reconciliationpolicy for each row execute function refuse_day_gone();
create trigger stays_as_asked before update on controls_reconciliationpolicy for each row
    when (old.agreed_at is not null
          or (old.entity_id, old.write_off, old.alone, old.line_days, old.item_days, old.asked_by_id, old.asked_at)
             is distinct from
             (new.entity_id, new.write_off, new.alone, new.line_days, new.item_days, new.asked_by_id, new.asked_at))
    execute function refuse_day_gone();
create trigger stays_as_asked before update on controls_correction for each row
    when (old.status <> 'asked' and (old.status, old.entry_id, old.decided_by_id, old.decided_at, old.decided_reason)
              is distinct from (new.status, new.entry_id, new.decided_by_id, new.decided_at, new.decided_reason)
          or old.match_id is not null and old.match_id is distinct from new.match_id
          or (old.account_id, old.kind, old.line_id, old.item, old.credit, old.amount, old.contra_id, old.value_on,
              old.asked_by_id, old.asked_at, old.label, old.reason)
             is distinct from
             (new.account_id, new.kind, new.line_id, new.item, new.credit, new.amount, new.contra_id, new.value_on,
              new.asked_by_id, new.asked_at, new.label, new.reason))
    execute function refuse_day_gone();

-- Book what was asked, by who agreed: the entry, and that it was decided. What the entity's policy does not let them is
-- refused with all. Returns the correction, its entry and the line of the posting on the account at the bank.
create function book_corrections(ids bigint[], who bigint, words text)
returns table (correction bigint, entry bigint) language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare one controls_correction; allowed controls_reconciliationpolicy; made bigint;
begin
    for one in select * from controls_correction c where c.id = any (ids) order by c.id for update loop
        select * into allowed from controls_reconciliationpolicy p
        where p.entity_id = one.entity_id and p.agreed_at is not null order by p.id desc limit 1;
        if one.status <> 'asked' then
            raise exception 'It is decided already.' using errcode = 'check_violation', constraint = 'correction_decided';
        end if;
        if one.kind = 'write_off' and one.amount > coalesce(allowed.write_off, 0) then
            raise exception 'Above the limit of the entity nothing is written off.'
                using errcode = 'check_violation', constraint = 'write_off_limit';
        end if;
        if one.asked_by_id = who and (one.kind = 'write_off' or one.amount > coalesce(allowed.alone, 0)) then
            raise exception 'Two people write something off, or create an entry above the limit of one.'
                using errcode = 'check_violation', constraint = 'write_off_by_two';
        end if;
        made := book_entry(one.account_id, one.contra_id, one.amount, one.credit, one.label, one.value_on);
        update controls_correction c
        set status = 'booked', entry_id = made, decided_by_id = who, decided_at = clock_timestamp(), decided_reason = words
        where c.id = one.id;
        correction := one.id; entry := made;
        return next;
    end loop;
end $$;

create trigger begins_asked before insert on controls_correction for each row
    when (new.status <> 'asked') execute function refuse_day_gone();
create trigger begins_asked before insert on controls_reconciliationpolicy for each row
    when (current_user = 'backoffice' and new.agreed_at is not null) execute function refuse_day_gone();
