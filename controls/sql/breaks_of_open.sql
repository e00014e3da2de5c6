-- Breaks of open lines (%(lines)s) and items (%(items)s) of these entities (%(entities)s), where there is none yet.
with of_lines as (
    insert into controls_break (entity_id, account_id, line_id, "on", credit, amount, currency, name, cause, status,
                                reason, opened_at)
    select l.entity_id, l.account_id, l.line_id, l.booking_on, l.credit, l.open, l.currency,
           left(coalesce(nullif(t.counterparty_name, ''), nullif(t.remittance, ''), t.information), 140), 'none', 'open',
           '', clock_timestamp()
    from controls_openline l join transactions_statementline t on t.id = l.line_id
    where l.line_id = any (%(lines)s::bigint[]) and l.entity_id = any (%(entities)s) on conflict do nothing)
insert into controls_break (entity_id, account_id, item, "on", credit, amount, currency, name, cause, status, reason,
                            opened_at)
select i.entity_id, i.account_id, i.id, i.booked_on, i.credit, i.open, i.currency, i.name, 'none', 'open', '',
       clock_timestamp()
from controls_openitem i
where i.id = any (%(items)s::bigint[]) and i.entity_id = any (%(entities)s) on conflict do nothing
