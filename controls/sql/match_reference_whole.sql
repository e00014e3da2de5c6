-- As match_reference, of all that is open: without a detour over keys. Parameters: accounts, rule.
insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons)
select nextval('controls_match_id_seq'), line, item, 'reference', %(rule)s, 100,
       '[{"code": "match.reference"}, {"code": "match.amount"}]'
from (
    select min(l.line_id) as line, min(i.id) as item
    from controls_openline l join controls_openitem i
        on i.exact_key = l.exact_key and (i.account_id, i.credit, i.open, i.reference)
                                       = (l.account_id, l.credit, l.open, l.reference)
    where l.account_id = any(%(accounts)s)
    group by l.exact_key having count(*) = 1
    -- In the order in which lines stand, what is kept of them stands together.
    order by 1) found;
