-- When payments must be released, and when they then go. See transactions/models/cut_offs.py.

-- Easter Sunday of the Gregorian calendar, and TARGET's closing days: the same rule as backoffice/common/calendars.py,
-- which a test compares over two centuries.
create function easter_sunday(year int) returns date language plpgsql immutable parallel safe as
$$ declare
    golden int := year % 19;
    century int := year / 100;
    rest int := year % 100;
    epact int := (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    weekday int := (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    correction int := (golden + 11 * epact + 22 * weekday) / 451;
    place int := epact + weekday - 7 * correction + 114;
begin
    return make_date(year, place / 31, place % 31 + 1);
end $$;

create function target_closed(day date) returns boolean language plpgsql immutable parallel safe as
$$ declare
    monthday int := extract(month from day) * 100 + extract(day from day);
begin
    if extract(isodow from day) > 5 or monthday in (101, 501, 1225, 1226) or day = date '2001-12-31' then
        return true;
    end if;
    return monthday between 320 and 426
        and day - public.easter_sunday(extract(year from day)::int) in (-2, 1);
end $$;

-- Whether a calendar works on a day; without one, whether TARGET does. ``closed`` are the calendar's ISO days off.
create function is_working_day(of_calendar bigint, with_target boolean, closed smallint[], day date)
returns boolean language plpgsql stable parallel safe as
$$ begin
    if of_calendar is null then
        return not public.target_closed(day);
    end if;
    return not extract(isodow from day)::smallint = any(closed)
        and not (with_target and public.target_closed(day))
        and not exists (select from public.transactions_holiday h where h.calendar_id = of_calendar and h.day = $4);
end $$;

-- The working day that is ``count`` working days after a day (before it, when negative); 0 gives the first on or after.
create function add_working_days(of_calendar bigint, with_target boolean, closed smallint[], day date, count int)
returns date language plpgsql stable parallel safe as
$$ declare
    step int := case when count < 0 then -1 else 1 end;
    left_over int := abs(count);
    looked int := 0;
begin
    while not public.is_working_day(of_calendar, with_target, closed, day) loop
        day := day + 1;
        looked := looked + 1;
        if looked > 800 then
            raise exception 'This calendar has no working day within two years.' using errcode = 'check_violation',
                constraint = 'calendar_has_working_days';
        end if;
    end loop;
    while left_over > 0 loop
        day := day + step;
        if public.is_working_day(of_calendar, with_target, closed, day) then
            left_over := left_over - 1;
        end if;
        looked := looked + 1;
        if looked > 800 then
            raise exception 'This calendar has no working day within two years.' using errcode = 'check_violation',
                constraint = 'calendar_has_working_days';
        end if;
    end loop;
    return day;
end $$;

-- What the rules call the scheme of a payment.
create function payment_scheme(kind text, local_instrument text, of_collection text) returns text
language sql immutable parallel safe as
$$ select case when kind = 'debit' then case when upper(of_collection) = 'B2B' then 'b2b' else 'core' end
               when kind = 'sepa' and upper(local_instrument) = 'INST' then 'instant'
               when kind = 'supplier' then 'sepa' else kind end $$;

-- For a payment that asks for ``day`` and is released at ``released`` (empty: in time): the rule that counts, the last
-- moment to release it, the day on which it then goes, and until when the creditor's account is credited. Released
-- after the cut-off (``missed``), it counts as received on the next working day (PSD2 art. 78) and goes by the next
-- cut-off. Never on a closed day of the calendar, but for what goes day and night: instant transfers, and transfers
-- between own accounts without a rule. The debit has the value of the execution date, not before (art. 87); the
-- creditor's bank has a SEPA transfer the working day after (art. 83), another one at most four working days after.
create function cut_off_times(
    for_entity bigint, for_account bigint, for_scheme text, for_channel text, for_currency text, day date,
    released timestamptz, out rule_id bigint, out cut_off_at timestamptz, out execution_date date, out credit_by date,
    out missed boolean
) language plpgsql stable as
$$ declare
    found record;
    today date;
    working date;
begin
    missed := false;
    if released is not null then
        select (released at time zone e.time_zone)::date into today from public.people_entity e where e.id = for_entity;
    end if;
    select x.*, c.target, c.weekend into found from (
        select distinct on (y.weight) y.* from (
            select k.id, k.mode, k.local_time, k.time_zone, k.calendar_id, k.days_before, k.valid_from,
                   (k.account_id is not null)::int * 8 + (k.scheme <> '')::int * 4 + (k.channel <> '')::int * 2
                   + (k.currency <> '')::int as weight
            from public.transactions_cutoff k
            where k.entity_id = for_entity and (k.account_id is null or k.account_id = for_account)
              and k.scheme in ('', for_scheme) and k.channel in ('', for_channel) and k.currency in ('', for_currency)
              and k.valid_from <= greatest(day, today)) y
        order by y.weight desc, y.valid_from desc) x
    left join public.transactions_calendar c on c.id = x.calendar_id
    where x.mode <> 'general' and for_scheme <> 'instant'
    order by x.weight desc limit 1;
    rule_id := found.id;
    if found.mode is distinct from 'time' then
        execution_date := greatest(day, today);
        if for_scheme not in ('internal', 'instant') then
            execution_date := public.add_working_days(
                found.calendar_id, found.target, found.weekend, execution_date, 0);
        end if;
    else
        execution_date := public.add_working_days(found.calendar_id, found.target, found.weekend, day, 0);
        working := public.add_working_days(
            found.calendar_id, found.target, found.weekend, execution_date, -found.days_before);
        cut_off_at := (working + found.local_time) at time zone found.time_zone;
        if released > cut_off_at then
            missed := true;
            working := public.add_working_days(
                found.calendar_id, found.target, found.weekend, (released at time zone found.time_zone)::date, 0);
            cut_off_at := (working + found.local_time) at time zone found.time_zone;
            if released > cut_off_at then
                working := public.add_working_days(
                    found.calendar_id, found.target, found.weekend, working + 1, 0);
                cut_off_at := (working + found.local_time) at time zone found.time_zone;
            end if;
            execution_date := public.add_working_days(
                found.calendar_id, found.target, found.weekend, working, found.days_before);
        end if;
    end if;
    credit_by := case
        when for_scheme in ('internal', 'instant', 'core', 'b2b') then execution_date
        when for_scheme = 'sepa' or for_currency = 'EUR' then public.add_working_days(
            found.calendar_id, found.target, found.weekend, execution_date + 1, 0)
        else public.add_working_days(found.calendar_id, found.target, found.weekend, execution_date, 4) end;
end $$;

-- The same for many payments, each released at its own moment; one moment serves them all. Payments that ask the same
-- are worked out once: those released in time whatever their moments, the others by scope and moment.
create function payment_times(ids bigint[], moments timestamptz[])
returns table (payment_id bigint, rule_id bigint, cut_off_at timestamptz, execution_date date, credit_by date,
    missed boolean)
language sql stable as
$$
    with asked as materialized (
        select p.id, p.entity_id, p.channel, p.currency, p.requested_execution_date as day,
               coalesce(case p.kind when 'debit' then p.creditor_account_id else p.debtor_account_id end, 0) as account,
               payment_scheme(p.kind, p.local_instrument, c.scheme) as scheme,
               coalesce(a.moment, moments[1]) as moment
        from unnest(ids, moments) as a(id, moment)
        join public.transactions_payment p on p.id = a.id
        left join public.transactions_collection c on p.kind = 'debit' and c.payment_id = p.id
    ), scopes as materialized (
        select s.*, t.rule_id, t.cut_off_at, t.execution_date, t.credit_by
        from (select distinct entity_id, account, scheme, channel, currency, day from asked) s
        cross join lateral cut_off_times(
            s.entity_id, nullif(s.account, 0), s.scheme, s.channel, s.currency, s.day, null) t
    ), known as materialized (
        select a.*, s.rule_id, s.cut_off_at, s.execution_date, s.credit_by, a.moment <= s.cut_off_at as in_time
        from asked a join scopes s using (entity_id, account, scheme, channel, currency, day)
    ), after as materialized (
        select s.*, t.rule_id, t.cut_off_at, t.execution_date, t.credit_by, t.missed
        from (select distinct entity_id, account, scheme, channel, currency, day, moment from known
              where in_time is distinct from true) s
        cross join lateral cut_off_times(
            s.entity_id, nullif(s.account, 0), s.scheme, s.channel, s.currency, s.day, s.moment) t
    )
    select k.id, k.rule_id, k.cut_off_at, k.execution_date, k.credit_by, false from known k where k.in_time
    union all
    select k.id, a.rule_id, a.cut_off_at, a.execution_date, a.credit_by, a.missed
    from known k join after a using (entity_id, account, scheme, channel, currency, day, moment)
    where k.in_time is distinct from true
$$;

-- A rule is of one entity; its zone is one that the database knows; and what has begun stays, so that the past can be
-- worked out again. On its first day it may still be put right.
create function refuse_cut_off() returns trigger language plpgsql as
$$ begin
    if tg_op <> 'INSERT' and old.valid_from < (now() at time zone old.time_zone)::date then
        raise exception 'A cut-off that has begun stays as it was; another one follows it.'
            using errcode = 'check_violation', constraint = 'cut_off_past_stays';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    perform now() at time zone new.time_zone;
    if exists (select from public.transactions_account a where a.id = new.account_id and a.entity_id <> new.entity_id)
        or exists (select from public.transactions_calendar c
                   where c.id = new.calendar_id and c.entity_id <> new.entity_id) then
        raise exception 'Account and calendar of a cut-off are of its entity.'
            using errcode = 'check_violation', constraint = 'cut_off_of_one_entity';
    end if;
    return new;
end $$;
create trigger of_its_entity before insert or update or delete on transactions_cutoff
    for each row execute function refuse_cut_off();

create function refuse_past_holiday() returns trigger language plpgsql as
$$ begin
    if old.day < (select (now() at time zone e.time_zone)::date from public.transactions_calendar c
                  join public.people_entity e on e.id = c.entity_id where c.id = old.calendar_id) then
        raise exception 'Days that are past stay as they were.'
            using errcode = 'check_violation', constraint = 'holiday_past_stays';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;
create trigger past_stays before update or delete on transactions_holiday
    for each row execute function refuse_past_holiday();
