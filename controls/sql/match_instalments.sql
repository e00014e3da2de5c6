-- Several lines name one open posting, and nothing else, and make its sum. Parameters: rule, most, days.
with lone as materialized (
    select line, min(item) as item from play_hit group by line having count(distinct item) = 1),
named as materialized (select item, count(distinct line) as lines from play_hit group by item),
sums as materialized (
    select i.id as item, sum(l.open) as total, count(*) as n, max(l.booking_on) - min(l.booking_on) as days
    from lone h join play_line l on l.id = h.line
    join play_item i on i.id = h.item and (i.account_id, i.credit) = (l.account_id, l.credit)
    join named m on m.item = i.id
    group by i.id having count(*) between 2 and %(most)s and count(*) = max(m.lines)),
groups as materialized (
    select nextval('controls_match_id_seq') as match_id, i.id as item, i.account_id, i.open,
           jsonb_build_array(jsonb_build_object('code', 'match.instalments', 'params', jsonb_build_object('count', s.n)),
                             jsonb_build_object('code', 'match.sum')) as reasons
    from sums s join play_item i on i.id = s.item where s.total = i.open and s.days <= %(days)s),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select g.match_id, g.account_id, 'instalments', %(rule)s, 96, g.reasons, 0, ''
    from groups g),
items as (insert into kept_items select match_id, item, open from groups)
insert into kept_lines select g.match_id, l.id, l.open from groups g join lone h on h.item = g.item
join play_line l on l.id = h.line;
