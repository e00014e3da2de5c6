-- What cancels itself: a posting with its reversal that no line told for so many days, and a line that the bank took
-- back. Parameters: accounts, rule, days.
with items as materialized (
    select nextval('controls_match_id_seq') as match_id, r.account_id, r.id as one, o.id as other, r.open
    from controls_openitem r
    join transactions_journalentry e on e.id = r.entry_id and e.reverses_id is not null
    join transactions_posting p on p.entry_id = e.reverses_id and p.account_id = r.account_id
    join controls_openitem o on o.id = p.id and o.account_id = r.account_id and o.open = r.open and o.credit <> r.credit
    where r.account_id = any(%(accounts)s) and r.reversal and r.booked_on <= current_date - %(days)s
      and not exists (select 1 from play_hit h where h.item in (r.id, o.id))),
lines as materialized (
    select nextval('controls_match_id_seq') as match_id, r.account_id, r.id as one, min(o.id) as other, r.open
    from play_line r join play_line o
        on o.account_id = r.account_id and o.open = r.open and o.credit <> r.credit and not o.reversal
           and o.booking_on <= r.booking_on and r.booking_on - o.booking_on <= %(days)s
           and (o.bank_reference <> '' and o.bank_reference = r.bank_reference
                or o.reference <> '' and o.reference = r.reference)
    where r.reversal
      and not exists (select 1 from play_hit h where h.line in (r.id, o.id))
    group by r.id, r.account_id, r.open having count(*) = 1),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select match_id, account_id, 'contra', %(rule)s, 98, '[{"code": "match.contra"}]'::jsonb, 0, ''
    from (select match_id, account_id from items union all select match_id, account_id from lines) x),
of_items as (
    insert into kept_items select match_id, one, open from items union all select match_id, other, open from items)
insert into kept_lines select match_id, one, open from lines union all select match_id, other, open from lines;
