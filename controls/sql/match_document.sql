-- The line names one open posting by its reference or document, and no other open line names it; equal amounts.
-- Parameters: rule, before, after.
with lone as (
    select h.line, min(h.item) as item, min(h.word) as word from play_hit h group by h.line
    having count(distinct h.item) = 1),
named as (select item, count(distinct line) as lines from play_hit group by item),
found as (
    select l.id as line, i.id as item, o.word, l.booking_on - i.booked_on as days
    from lone o join play_line l on l.id = o.line join play_item i on i.id = o.item
    join named n on n.item = o.item and n.lines = 1
    where (i.account_id, i.credit, i.open) = (l.account_id, l.credit, l.open)
      and l.booking_on - i.booked_on between -%(before)s and %(after)s)
insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons)
select nextval('controls_match_id_seq'), line, item, 'document', %(rule)s, 98,
       jsonb_build_array(jsonb_build_object('code', 'match.document', 'params', jsonb_build_object('document', word)),
                         jsonb_build_object('code', 'match.amount'),
                         jsonb_build_object('code', 'match.days', 'params', jsonb_build_object('days', days)))
from found;
