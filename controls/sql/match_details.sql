-- Each transaction of a line is one open posting by its reference (and amount), and together they make the line.
-- Parameters: rule.
with parts as materialized (
    select l.id as line, l.account_id, l.credit, l.open, d.id as part, d.amount, match_key(d.end_to_end_id) as reference
    from play_line l join transactions_statementdetail d on d.line_id = l.id where l.detail_count > 1),
named as materialized (
    select p.line, p.part, i.id as item, i.open
    from parts p join controls_openitem i
        on i.reference = p.reference and p.reference <> '' and (i.account_id, i.credit) = (p.account_id, p.credit)
           and (p.amount is null or i.open = p.amount)),
lone as materialized (
    select n.line, n.item, n.open from named n
    where (select count(*) from named o where o.part = n.part) = 1
      and (select count(*) from named o where o.item = n.item) = 1),
groups as materialized (
    select nextval('controls_match_id_seq') as match_id, l.id as line, l.account_id, l.open,
           jsonb_build_array(jsonb_build_object('code', 'match.details', 'params', jsonb_build_object('count', t.n)),
                             jsonb_build_object('code', 'match.sum')) as reasons
    from play_line l join (select line, count(*) as n, sum(open) as total from lone group by 1) t on t.line = l.id
    where t.n = l.detail_count and t.total = l.open),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select g.match_id, g.account_id, 'details', %(rule)s, 99, g.reasons, 0, ''
    from groups g),
lines as (insert into kept_lines select match_id, line, open from groups)
insert into kept_items select g.match_id, n.item, n.open from groups g join lone n on n.line = g.line;
