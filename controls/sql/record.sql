-- The assessment of each payment and, for each rule that it did not pass, a result with the values its sentence quotes.
create temporary table fresh on commit delete rows as
select f.payment_id, f.batch_id
from facts f where not exists (select 1 from controls_assessment x where x.payment_id = f.payment_id);

with made as (
    insert into controls_assessment (payment_id, rule_set_id, list_set_id, ran_at, outcome, risk, finding_count)
    select payment_id, %(rule_set)s, %(list_set)s, %(now)s, outcome, risk, finding_count from assessed order by payment_id
    returning id, payment_id
)
insert into controls_ruleresult (assessment_id, payment_id, version_id, action, weight, shadow, evidence)
select m.id, x.payment_id, x.version_id, x.action, x.weight, x.shadow, x.evidence
from findings x join made m on m.payment_id = x.payment_id
order by m.id, x.version_id;
