-- What a person took apart is not put together again by a machine. Parameters: accounts.
with apart as materialized (
    select distinct l.line_id as line, i.id as item
    from controls_match m
    join controls_matchline l on l.match_id = m.id
    join controls_matchposting p on p.match_id = m.id
    join controls_openitem i on i.id = p.item or (i.entry_id, i.posting_line) = (p.entry_id, p.posting_line)
    where m.account_id = any(%(accounts)s) and m.undone_by_id is not null),
pairs as (delete from kept_pairs k using apart a where a.line = k.line and a.item = k.item),
groups as materialized (
    select distinct l.match_id from kept_lines l join kept_items i on i.match_id = l.match_id
    join apart a on a.line = l.line and a.item = i.item),
heads as (delete from kept_matches k using groups g where g.match_id = k.match_id),
lines as (delete from kept_lines k using groups g where g.match_id = k.match_id)
delete from kept_items k using groups g where g.match_id = k.match_id
