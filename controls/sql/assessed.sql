-- From findings to what each payment is worth: the worst action, the bounded sum of weights, its place in the queue,
-- and how many holds it gains or loses. %(now)s is the moment of this run.
create temporary table assessed on commit delete rows as
with found as (
    select payment_id, count(*) as n,
           least(100, sum(weight)) as risk,
           max(case action when 'reject' then 5 when 'hold' then 4 when 'second' then 3 when 'warn' then 2 else 1 end)
               as worst
    from findings where not shadow group by payment_id
)
select f.payment_id,
       (array['pass', 'inform', 'warn', 'second', 'hold', 'reject'])[coalesce(x.worst, 0) + 1] as outcome,
       coalesce(x.risk, 0)::smallint as risk,
       {priority} as priority,
       0::smallint as held,
       coalesce(x.n, 0)::smallint as finding_count
from facts f
left join found x on x.payment_id = f.payment_id;
analyze assessed (payment_id);
