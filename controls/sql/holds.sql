-- A rule that says hold or reject makes the payment wait until a person lifts it. Run again after an amendment: holds of
-- rules that now pass are lifted, those that stand stay, and none is placed twice. Each is on record. What screening
-- found stays until people have decided, whatever the name is now.
create temporary table holding on commit delete rows as
select payment_id, rule_code from findings where action in ('hold', 'reject') and not shadow;
analyze holding (payment_id);

with passed as (
    update transactions_hold h set lifted_at = %(now)s, lift_reason = 'rule.passed_again'
    where h.lifted_at is null and not h.stays and h.rule_code <> '' and h.payment_id in (select payment_id from assessed)
      and not exists (select 1 from holding x where x.payment_id = h.payment_id and x.rule_code = h.rule_code)
    returning h.payment_id, h.rule_code
), counted as (
    select payment_id, count(*)::smallint as n, string_agg('"' || rule_code || '"', ',' order by rule_code) as rules
    from passed group by payment_id
), told as (
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, reason, data)
    select f.entity_id, 'payment', f.payment_id, 'payment.lifted', 'rule.passed_again', '{"rules":[' || c.rules || ']}'
    from counted c join facts f on f.payment_id = c.payment_id order by f.payment_id
)
update assessed a set held = held - c.n from counted c where c.payment_id = a.payment_id;

with placed as (
    insert into transactions_hold (payment_id, code, reason, rule_code, placed_at, lift_reason)
    select x.payment_id, 'rule', '', x.rule_code, %(now)s, ''
    from holding x
    where not exists (select 1 from transactions_hold h
                      where h.payment_id = x.payment_id and h.rule_code = x.rule_code and h.lifted_at is null)
    order by x.payment_id, x.rule_code
    returning payment_id, rule_code
), counted as (
    select payment_id, count(*)::smallint as n, string_agg('"' || rule_code || '"', ',' order by rule_code) as rules
    from placed group by payment_id
), told as (
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
    select f.entity_id, 'payment', f.payment_id, 'payment.held', '{"code":"rule","rules":[' || c.rules || ']}'
    from counted c join facts f on f.payment_id = c.payment_id order by f.payment_id
)
update assessed a set held = held + c.n from counted c where c.payment_id = a.payment_id;
