-- The line names several open postings, which are named by it alone and make its sum. Parameters: rule, most.
with named as materialized (select item, count(distinct line) as lines from play_hit group by item),
sums as materialized (
    select l.id as line, sum(i.open) as total, count(*) as n, max(m.lines) as lines
    from play_hit h join play_line l on l.id = h.line
    join play_item i on i.id = h.item and (i.account_id, i.credit) = (l.account_id, l.credit)
    join named m on m.item = h.item
    group by l.id having count(*) between 2 and %(most)s),
groups as materialized (
    select nextval('controls_match_id_seq') as match_id, l.id as line, l.account_id, l.credit, l.open,
           jsonb_build_array(jsonb_build_object('code', 'match.documents', 'params', jsonb_build_object('count', s.n)),
                             jsonb_build_object('code', 'match.sum')) as reasons
    from sums s join play_line l on l.id = s.line where s.total = l.open and s.lines = 1),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select g.match_id, g.account_id, 'several', %(rule)s, 97, g.reasons, 0, ''
    from groups g),
lines as (insert into kept_lines select match_id, line, open from groups)
insert into kept_items
select g.match_id, i.id, i.open from groups g join play_hit h on h.line = g.line
join play_item i on i.id = h.item and (i.account_id, i.credit) = (g.account_id, g.credit);
