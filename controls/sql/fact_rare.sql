-- What few payments have: a person who entered them, cash. Joined into ``facts`` these tables, empty as a rule, would be
-- taken for large and cost more than all the others; a run without any is over at once.
update facts f
set maker_name = mk.name, account_count = mk.account_count, maker_count = mk.maker_count,
    maker_usual_amount = mk.maker_usual_amount, maker_usual_ratio = f.amount / mk.maker_usual_amount
from fact_subject s
join fact_maker mk
    on mk.debtor_account_id = s.debtor_account_id and mk.maker_id = s.maker_id and mk.currency = s.currency
    and mk.moment = s.moment
where s.payment_id = f.payment_id and s.maker_id is not null;

update facts f set typed_count = ty.n, typed_payees = ty.payees, typed_sum = ty.total
from fact_subject s
join fact_typed ty
    on ty.entity_id = s.entity_id and ty.maker_id = s.maker_id and ty.currency = s.currency and ty.moment = s.moment
where s.payment_id = f.payment_id and s.channel = 'form' and ty.threshold = f.near_threshold;

update facts f set cash_debt_count = de.n, cash_debt_sum = de.total
from fact_subject s
join fact_debt de
    on de.entity_id = s.entity_id and de.creditor_number = s.creditor_number and de.currency = s.currency
    and de.batch_id = s.batch_id and de.moment = s.moment
    and de.debtor_account_id is not distinct from s.debtor_account_id and de.words is not distinct from s.words
where s.payment_id = f.payment_id and s.cash;

update facts f set cash_month_sum = cm.total
from fact_subject s
join fact_cash_month cm
    on cm.debtor_account_id = s.debtor_account_id and cm.currency = s.currency and cm.batch_id = s.batch_id
    and cm.moment = s.moment and cm.received_on = s.received_on
where s.payment_id = f.payment_id and s.cash;
