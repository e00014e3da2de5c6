-- Pairs that are alone with their amount within the window, on both sides and whatever their names; what supports them
-- is looked at next. Parameters: before, after.
with found as (
    select p.*, count(*) over (partition by p.line) as of_line, count(*) over (partition by p.item) as of_item
    from play_pair p where p.days between -%(before)s and %(after)s)
select f.line, f.item, f.days, l.name, l.said, i.name as meant
from found f join play_line l on l.id = f.line join play_item i on i.id = f.item
where f.of_line = 1 and f.of_item = 1 and not f.clash and i.name <> ''
  and not f.veto
order by f.line
