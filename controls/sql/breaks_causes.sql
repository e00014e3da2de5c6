-- Why each open break of these accounts (%(accounts)s) is one, where no person said it: the first that holds.
update controls_break b set cause = f.cause
from (
    select b.id, case
        when exists (select 1 from controls_openitem i
                     where i.account_id = l.account_id and i.reference <> '' and i.reference = l.reference
                       and (i.credit, i.open) <> (l.credit, l.open)) then 'amount'
        when exists (select 1 from transactions_statementline d
                     where d.account_id = l.account_id and d.booking_on between l.booking_on - 3 and l.booking_on
                       and d.id <> t.id and d.origin_id is null
                       and (d.credit, d.amount, d.counterparty_name, d.remittance)
                           = (t.credit, t.amount, t.counterparty_name, t.remittance)
                       and (d.counterparty_name, d.remittance) <> ('', '')
                       and not exists (select 1 from controls_openline o where o.line_id = d.id)) then 'duplicate'
        when (select count(*) from (select 1 from controls_openitem i where i.amount_key = l.amount_key limit 2) x) > 1
            then 'several'
        when t.original_currency not in ('', l.currency) and exists (
            select 1 from controls_openitem i where i.account_id = l.account_id and i.credit = l.credit
              and i.open between l.open * 0.9 and l.open * 1.1
              and i.booked_on between l.booking_on - 15 and l.booking_on + 15) then 'currency'
        when l.reference = '' and exists (select 1 from controls_openitem i where i.amount_key = l.amount_key)
            then 'reference'
        when s.taken_at::date > l.booking_on + 3 then 'late' else 'none' end as cause
    from controls_break b
    join controls_openline l on l.line_id = b.line_id
    join transactions_statementline t on t.id = l.line_id
    join transactions_statement s on s.id = l.statement_id
    where b.account_id = any (%(accounts)s) and b.closed_at is null and b.cause_by_id is null
    union all
    select b.id, case
        when exists (select 1 from controls_openline l
                     where l.account_id = i.account_id and l.reference <> '' and l.reference = i.reference
                       and (l.credit, l.open) <> (i.credit, i.open)) then 'amount'
        when (select count(*) from (select 1 from controls_openline l where l.amount_key = i.amount_key limit 2) x) > 1
            then 'several'
        when exists (select 1 from controls_openline l where l.amount_key = i.amount_key
                       and '' in (l.reference, i.reference)) then 'reference'
        when not exists (select 1 from transactions_statement s
                         where s.account_id = i.account_id and s.status = 'taken' and s.to_on >= i.booked_on
                           and s.kind not in ('camt052', 'camt054', 'mt942')) then 'late'
        else 'none' end
    from controls_break b join controls_openitem i on i.id = b.item
    where b.account_id = any (%(accounts)s) and b.closed_at is null and b.cause_by_id is null) f
where f.id = b.id and b.cause <> f.cause
