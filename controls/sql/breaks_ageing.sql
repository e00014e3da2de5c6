-- Open breaks by account, cause and age in days as of %(today)s: 0 to 1, 2 to 5, 6 to 30, more. What was left out is not
-- counted. %(accounts)s. A break counts with what is open of it now.
select b.account_id, b.cause,
       case when %(today)s::date - b."on" <= 1 then '0-1' when %(today)s::date - b."on" <= 5 then '2-5'
            when %(today)s::date - b."on" <= 30 then '6-30' else '30+' end as age,
       count(*), sum(coalesce(l.open, i.open))
from controls_break b
left join controls_openline l on l.line_id = b.line_id
left join controls_openitem i on i.id = b.item
where b.account_id = any (%(accounts)s) and b.status = 'open' and coalesce(l.open, i.open) is not null
group by 1, 2, 3
