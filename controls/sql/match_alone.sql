-- Pairs that are alone with their amount within the window, on both sides and whatever their names; what supports them
-- is looked at next. Parameters: before, after.
with found as (
    select p.*, count(*) over (partition by p.line) as of_line, count(*) over (partition by p.item) as of_item
    from play_pair p where p.days between -%(before)s and %(after)s)
select f.line, f.item, f.days, l.name, l.said, i.name as meant
from found f join play_line l on l.id = f.line join play_item i on i.id = f.item
where f.of_line = 1 and f.of_item = 1 and not f.clash and i.name <> ''
  and not exists (
      select 1 from play_hit h join play_item o on o.id = h.item join play_item i on i.id = f.item
      where h.line = f.line and h.item <> f.item and (o.document <> i.document or o.document = ''))
  and not exists (select 1 from play_hit h where h.item = f.item and h.line <> f.line)
order by f.line
