-- What explains the difference between bank and books of an account at the end of a day, line by line and signed as the
-- bank shows it: what is open on either side; what is matched across the end of the day, or with a payment that is not
-- posted yet; and differences that matches name. As far as it is known now: %(account)s, %(day)s.
--
-- Matches across the end of the day are looked for among those made since a month before it: nothing is dated further
-- ahead. A difference that is not booked counts however old it is.
with crossing as materialized (
    select m.id, m.difference_code from controls_match m
    where m.account_id = %(account)s and m.undone_at is null
      and (m.made_at >= %(day)s::date - 31 or m.difference <> 0 and m.difference_entry_id is null)),
at_bank as (
    select k.match_id, sum(case when l.credit then k.amount else -k.amount end) filter (where l.booking_on <= %(day)s)
               as moved, max(l.booking_on) as until
    from crossing c join controls_matchline k on k.match_id = c.id
    join transactions_statementline l on l.id = k.line_id group by 1),
in_books as (
    select k.match_id, sum(case when p.side = 'D' then k.amount else -k.amount end) filter (where e.value_date <= %(day)s)
               as moved, max(e.value_date) as until, bool_or(k.entry_id is null) as waits
    from crossing c join controls_matchposting k on k.match_id = c.id
    left join transactions_journalentry e on e.id = k.entry_id
    left join transactions_posting p on p.entry_id = k.entry_id and p.line = k.posting_line group by 1)
select case when o.status = 'ignored' then 'ignored_line' else 'line' end as kind, l.line_id as key,
       l.booking_on as "on", case when l.credit then l.open else -l.open end as amount,
       coalesce(nullif(t.counterparty_name, ''), nullif(t.remittance, ''), t.information) as words
from controls_openline l
join transactions_statementline t on t.id = l.line_id
left join controls_break o on o.line_id = l.line_id and o.closed_at is null
where l.account_id = %(account)s and l.booking_on <= %(day)s
union all
select case when b.status = 'ignored' then 'ignored_item' else 'item' end, i.id, i.booked_on,
       case when i.credit then -i.open else i.open end, i.name
from controls_openitem i left join controls_break b on b.item = i.id and b.closed_at is null
where i.account_id = %(account)s and i.booked_on <= %(day)s and i.entry_id is not null
union all
select case when coalesce(b.waits, false) then 'waits'
            when greatest(a.until, b.until) > %(day)s then case when coalesce(a.moved, 0) <> 0 then 'bank_first'
                                                                else 'books_first' end
            else 'difference' end,
       c.id, least(a.until, b.until), coalesce(a.moved, 0) - coalesce(b.moved, 0), c.difference_code
from crossing c left join at_bank a on a.match_id = c.id left join in_books b on b.match_id = c.id
where coalesce(a.moved, 0) <> coalesce(b.moved, 0)
order by 1, 3, 2
