-- What was made of a line (an incoming payment that only the statement told) is that line's. Parameters: accounts, rule.
insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons)
select nextval('controls_match_id_seq'), l.line_id, i.id, 'made_of_line', %(rule)s, 100,
       '[{"code": "match.made_of_line"}]'
from controls_openitem i
join controls_linereceipt r on r.payment_id = i.payment_id
join controls_openline l on l.line_id = r.line_id
    and (l.account_id, l.credit, l.open) = (i.account_id, i.credit, i.open)
where i.account_id = any(%(accounts)s) and i.is_new and not i.reversal;
