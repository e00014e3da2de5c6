-- Payments of this run with findings that may amount to an alert, for the task that looks at them: those whose findings
-- weigh together what the lightest typology asks. Written with the findings: a task that is lost is found again by these
-- rows.
insert into controls_alertdue (payment_id)
select payment_id from findings
where rule_code = any(%(rules)s) and not shadow and (action <> 'inform' or rule_code = any(%(notes)s))
group by payment_id having sum(weight) >= %(least)s;
