-- Equal amounts and the same counterparty within a window: one line and one posting of it, nothing against them, and
-- neither is named by, or names, anything else that is open. Parameters: code (number or name), rule, before, after,
-- confidence.
with pairs as materialized (
    select p.* from play_pair p
    where case %(code)s when 'number' then p.same_number else p.same_name end
      and p.days between -%(before)s and %(after)s),
found as (
    select p.*, count(*) over (partition by p.line) as of_line, count(*) over (partition by p.item) as of_item
    from pairs p)
insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons)
select nextval('controls_match_id_seq'), f.line, f.item, %(code)s, %(rule)s, %(confidence)s,
       jsonb_build_array(jsonb_build_object('code', case when f.alias then 'match.alias' else 'match.' || %(code)s end),
                         jsonb_build_object('code', 'match.amount'),
                         jsonb_build_object('code', 'match.days', 'params', jsonb_build_object('days', f.days)))
from found f
where f.of_line = 1 and f.of_item = 1 and not f.clash
  and not f.veto;
