-- The line names one posting, and the bank kept something of it, or changed it at another rate, within the tolerances.
-- ``difference`` is as the bank shows it. Parameters: rule, fee, fee_share, exchange_share.
with lone as materialized (
    select line, min(item) as item, min(word) as word from play_hit group by line having count(distinct item) = 1),
named as materialized (select item from play_hit group by item having count(distinct line) = 1),
near as materialized (
    select l.id as line, i.id as item, l.account_id, l.open as line_open, i.open as item_open, o.word,
           case when l.credit then l.open - i.open else i.open - l.open end as difference,
           l.charges = abs(l.open - i.open) as told, l.original_currency <> '' as exchanged
    from lone o join play_line l on l.id = o.line join play_item i on i.id = o.item
    join named m on m.item = o.item
    where (i.account_id, i.credit) = (l.account_id, l.credit) and i.open <> l.open
      and l.booking_on - i.booked_on between -5 and 60),
groups as materialized (
    select nextval('controls_match_id_seq') as match_id, n.*,
           case when n.told or n.difference < 0 and -n.difference <= least(%(fee)s, n.item_open * %(fee_share)s)
                then 'fee' else 'exchange' end as kind
    from near n
    where n.told or n.difference < 0 and -n.difference <= least(%(fee)s, n.item_open * %(fee_share)s)
       or n.exchanged and abs(n.difference) <= n.item_open * %(exchange_share)s),
kept as (
    insert into kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code)
    select g.match_id, g.account_id, 'fees', %(rule)s, case when g.told then 97 else 94 end,
           jsonb_build_array(
               jsonb_build_object('code', 'match.document', 'params', jsonb_build_object('document', g.word)),
               jsonb_build_object('code', case when g.told then 'match.fee_told' else 'match.' || g.kind end,
                                  'params', jsonb_build_object('amount', trim_scale(abs(g.difference))::text))),
           g.difference, g.kind
    from groups g),
lines as (insert into kept_lines select match_id, line, line_open from groups)
insert into kept_items select match_id, item, item_open from groups;
