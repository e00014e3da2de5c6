-- What a person signs for in one day stays within their ceiling of the day.
create or replace function refuse_own_signature() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from signed s join public.transactions_payment p on p.id = s.payment_id
        where p.maker_id = s.person_id
           or exists (select 1 from public.transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id = s.person_id)
    ) then
        raise exception 'Whoever entered or amended a payment cannot sign it.' using errcode = 'check_violation',
            constraint = 'approval_not_by_maker';
    end if;
    if exists (select 1 from public.people_user u
               where u.id in (select person_id from signed) and (u.is_machine or not u.is_active)) then
        raise exception 'Only a person whose account is open signs.' using errcode = 'check_violation',
            constraint = 'approval_by_a_person';
    end if;
    if exists (
        select 1 from signed s
        join public.transactions_paymentrequirement r
            on r.payment_id = s.payment_id and r.place = s.stage and r.withdrawn_at is null
        join public.transactions_payment p on p.id = s.payment_id
        where (r.role <> '' or r.team_id is not null or r.ceiling is not null)
          and not public.seat_filled(r.role, r.team_id, r.ceiling, s.person_id, p.entity_id, p.currency)
    ) then
        raise exception 'This signature is asked of someone else.' using errcode = 'check_violation',
            constraint = 'approval_fills_its_place';
    end if;
    -- Ceilings of the day, where people have one: the lock makes two statements of one person wait for each other.
    perform 1 from public.people_limit
    where user_id in (select person_id from signed) and day_amount is not null order by id for no key update;
    if found and exists (
        select 1
        from (select distinct s.person_id, s.stage = 0 as first, p.currency, p.entity_id
              from signed s join public.transactions_payment p on p.id = s.payment_id) w
        join public.people_limit l on l.user_id = w.person_id and l.currency = w.currency
            and l.act = case when w.first then 'validate' else 'approve' end
        join public.people_entity e on e.id = w.entity_id
        where l.day_amount < (
            select sum(q.amount)
            from public.transactions_paymentapproval a join public.transactions_payment q on q.id = a.payment_id
            where a.person_id = w.person_id and a.withdrawn_at is null and (a.stage = 0) = w.first
              and q.currency = w.currency
              and a.given_at >= date_trunc('day', clock_timestamp() at time zone e.time_zone) at time zone e.time_zone)
    ) then
        raise exception 'This is above the limit of the day.' using errcode = 'check_violation',
            constraint = 'approval_within_the_day';
    end if;
    return null;
end $$;
