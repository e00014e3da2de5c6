-- The bank books a file in one sum: the line names it, or it alone has as many payments as the line says and their sum.
-- Parameters: rule.
with named as materialized (
    select distinct l.id as line, l.account_id, l.credit, k.word
    from play_line l cross join lateral (
        select unnest(l.batch_keys) as word
        union select translate(t, '-/._#', '') from unnest(string_to_array(upper(l.said), ' ')) as t where length(t) > 5
    ) k where k.word <> ''),
members as materialized (
    select i.account_id, i.credit, i.file, i.block, i.open, i.booked_on
    from controls_openitem i
    where i.file <> '' and (i.account_id, i.file) in (
        select n.account_id, w from named n cross join unnest(array[n.word, left(n.word, -1), left(n.word, -2)]) as w
        union
        select o.account_id, o.file from controls_openitem o
        where o.file <> '' and exists (select 1 from play_line l where l.batch_count > 1 and l.account_id = o.account_id))),
-- The whole file, or each of its blocks where it has several.
files as materialized (
    select account_id, credit, file, null::integer as block, file as word, sum(open) as total, count(*) as n,
           max(booked_on) as booked_on
    from members group by 1, 2, 3
    union all
    select account_id, credit, file, block, file || block, sum(open), count(*), max(booked_on)
    from members where block is not null group by 1, 2, 3, 4),
fits as materialized (
    select l.id as line, f.file, f.block, f.n, n.line is not null as said
    from play_line l
    join files f on (f.account_id, f.credit, f.total) = (l.account_id, l.credit, l.open)
    left join named n on n.line = l.id and n.word = f.word
    where (l.batch_count is null or l.batch_count = f.n)
      and (n.line is not null or l.batch_count > 1 and l.booking_on - f.booked_on between -2 and 7)),
-- A file of one block is the same twice: the block says more, the file is enough.
sharp as materialized (
    select distinct on (line, file, n) line, file, block, n, said from fits order by line, file, n, said desc, block),
chosen as materialized (
    select f.* from sharp f
    where (select count(*) from sharp o where o.line = f.line and o.said >= f.said) = 1
      and (select count(*) from sharp o where o.file = f.file and o.block is not distinct from f.block
           and o.said >= f.said) = 1),
groups as materialized (
    select nextval('controls_match_id_seq') as match_id, l.id as line, l.account_id, l.credit, l.open, c.file, c.block,
           c.said,
           jsonb_build_array(
               jsonb_build_object('code', case when c.said then 'match.batch' else 'match.batch_count' end,
                                  'params', jsonb_build_object('file', c.file, 'count', c.n)),
               jsonb_build_object('code', 'match.sum')) as reasons
    from chosen c join play_line l on l.id = c.line),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select g.match_id, g.account_id, 'batch', %(rule)s, case when g.said then 99 else 95 end, g.reasons, 0, ''
    from groups g),
lines as (insert into kept_lines select match_id, line, open from groups)
insert into kept_items
select g.match_id, i.id, i.open from groups g
join controls_openitem i on (i.account_id, i.credit, i.file) = (g.account_id, g.credit, g.file) and i.file <> ''
    and (g.block is null or i.block = g.block);
