-- The hour that an account had of its own, as rules of that account: collections are due a working day before.
insert into transactions_cutoff (entity_id, account_id, scheme, channel, currency, mode, local_time, time_zone,
    days_before, valid_from)
select a.entity_id, a.id, k.scheme, '', '', 'time', a.cut_off, e.time_zone, k.days, date '2000-01-01'
from transactions_account a join people_entity e on e.id = a.entity_id
cross join (values ('', 0), ('core', 1), ('b2b', 1)) k(scheme, days)
where a.cut_off is not null;

insert into transactions_historicalcutoff (id, entity_id, account_id, scheme, channel, currency, mode, local_time,
    time_zone, calendar_id, days_before, valid_from, history_date, history_type)
select id, entity_id, account_id, scheme, channel, currency, mode, local_time, time_zone, calendar_id, days_before,
       valid_from, now(), '+'
from transactions_cutoff;

-- What is open knows its cut-off from now on.
update transactions_paymentstate s set due_at = t.cut_off_at, execution_date = t.execution_date
from payment_times(
    (select coalesce(array_agg(o.payment_id), '{}') from transactions_paymentstate o
     where o.status in ('received', 'checked', 'validated')), array[now()]) t
where t.payment_id = s.payment_id and t.cut_off_at is not null;

set constraints all immediate;
set constraints all deferred;
