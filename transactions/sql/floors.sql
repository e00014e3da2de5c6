-- How far an account may go below zero. Balances are the owner's to write; a floor goes up for one person, and down when
-- two have signed it (controls/sql/changes.sql).
create function set_floor(account bigint, lowest numeric, request bigint default null) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as
$$ declare former numeric;
begin
    select floor into strict former from transactions_accountbalance where account_id = account for no key update;
    if former is not null and (lowest is null or lowest < former) and not exists (
        select 1 from signed_change(request, 'account', account) asked
        where asked is not null and (asked ->> 'floor')::numeric is not distinct from lowest
    ) then
        raise exception 'An account goes further below zero when two people have signed it.'
            using errcode = 'check_violation', constraint = 'floor_signed';
    end if;
    update transactions_accountbalance set floor = lowest where account_id = account;
end $$;
