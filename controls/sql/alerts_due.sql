-- Payments of this run with findings that amount to an alert of some typology, for the task that looks at them: those of
-- one typology weigh together what it asks, and one that it needs is among them (controls/cases/typologies.py). Written
-- with the findings: a task that is lost is found again by these rows.
insert into controls_alertdue (payment_id)
select distinct x.payment_id from (
    select f.payment_id
    from findings f
    join unnest(%(rules)s::text[], %(typologies)s::text[], %(least)s::int[], %(needed)s::boolean[])
        as t(rule, typology, least, needed) on t.rule = f.rule_code
    where not f.shadow and (f.action <> 'inform' or f.rule_code = any(%(notes)s))
    group by f.payment_id, t.typology, t.least
    having sum(f.weight) >= t.least and bool_or(t.needed)) x;
