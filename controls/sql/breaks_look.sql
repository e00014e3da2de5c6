-- What is open longer than its tolerance becomes a break, what is open no more closes; causes that no person said are
-- found anew. %(accounts)s; %(line_until)s and %(item_until)s: the last days that are past the tolerance, by account.
with limits as (
    select * from unnest(%(accounts)s::bigint[], %(line_until)s::date[], %(item_until)s::date[])
        as k (account_id, line_until, item_until)),
gone as (
    update controls_break b set status = 'closed', closed_at = clock_timestamp(), ignored_by_id = null
    where b.account_id = any (%(accounts)s) and b.closed_at is null
      and not exists (select 1 from controls_openline l where l.line_id = b.line_id)
      and not exists (select 1 from controls_openitem i where i.id = b.item)
    returning 1),
of_lines as (
    insert into controls_break (entity_id, account_id, line_id, "on", credit, amount, currency, name, cause, status, reason,
                                opened_at)
    select l.entity_id, l.account_id, l.line_id, l.booking_on, l.credit, l.open, l.currency,
           left(coalesce(nullif(t.counterparty_name, ''), nullif(t.remittance, ''), t.information), 140), 'none', 'open', '',
           clock_timestamp()
    from limits k join controls_openline l on l.account_id = k.account_id and l.booking_on <= k.line_until
    join transactions_statementline t on t.id = l.line_id
    where not exists (select 1 from controls_break b where b.line_id = l.line_id and b.closed_at is null)
    on conflict do nothing returning 1),
of_items as (
    insert into controls_break (entity_id, account_id, item, "on", credit, amount, currency, name, cause, status, reason,
                                opened_at)
    select i.entity_id, i.account_id, i.id, i.booked_on, i.credit, i.open, i.currency, i.name, 'none', 'open', '',
           clock_timestamp()
    from limits k join controls_openitem i on i.account_id = k.account_id and i.booked_on <= k.item_until
    where not exists (select 1 from controls_break b where b.item = i.id and b.closed_at is null)
    on conflict do nothing returning 1)
select (select count(*) from of_lines) + (select count(*) from of_items), (select count(*) from gone)
