-- The same reference, amount and direction on one account: one line and one posting, among all that is open. Only keys
-- of what is new are looked up; where most is new, all are. Parameters: accounts, rule, whole (boolean).
with keys as materialized (
    select l.exact_key from controls_openline l
    where l.account_id = any(%(accounts)s) and l.is_new and l.exact_key is not null
    union
    select i.exact_key from controls_openitem i
    where i.account_id = any(%(accounts)s) and i.is_new and i.exact_key is not null),
found as (
    select min(l.line_id) as line, min(i.id) as item
    from controls_openline l join controls_openitem i
        on i.exact_key = l.exact_key and (i.account_id, i.credit, i.open, i.reference)
                                       = (l.account_id, l.credit, l.open, l.reference)
    where l.account_id = any(%(accounts)s) and l.exact_key in (select exact_key from keys)
    group by l.exact_key having count(*) = 1)
insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons)
select nextval('controls_match_id_seq'), line, item, 'reference', %(rule)s, 100,
       '[{"code": "match.reference"}, {"code": "match.amount"}]'
from found;
