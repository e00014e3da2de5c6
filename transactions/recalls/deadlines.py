"""Until when a recall can be asked and must be answered, and what happens when the day has passed.

Source: EPC125-05, SEPA credit transfer rulebook (2023 and 2025), section 4.3.2.3 and its annex on r-transactions: the
originator's bank recalls for DUPL and TECH within 10 banking business days of the execution, for FRAD within 13 months
of the debit; the originator asks (CUST, AC03, AM09) within 13 months; the beneficiary's bank answers within 15 banking
business days of receiving it. Banking business days are those of TARGET.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars, sql

ASK_DAYS, ASK_MONTHS, ANSWER_DAYS = 10, 13, 15
# What is due within so many days is shown as due soon.
SOON_DAYS = 3
BY_DAYS = frozenset({"DUPL", "TECH"})


def ask_until(reason_code: str, executed_on: date) -> date:
    """The last day on which a payment executed then is asked back for this reason."""
    if reason_code in BY_DAYS:
        return calendars.add_open_days(executed_on, ASK_DAYS)
    return calendars.add_months(executed_on, ASK_MONTHS)


def answer_due(received_on: date) -> date:
    """The last day for the answer to a recall that was received, or sent, then."""
    return calendars.add_open_days(received_on, ANSWER_DAYS)


def today(time_zone: str, moment: datetime | None = None) -> date:
    return (moment or timezone.now()).astimezone(ZoneInfo(time_zone)).date()


_EXPIRE = """
    with passed as materialized (
        select r.id, r.status from transactions_recall r join people_entity e on e.id = r.entity_id
        where (r.status = 'asked' and r.ask_until < (%(now)s at time zone e.time_zone)::date)
           or (r.status = 'sent' and r.answer_due < (%(now)s at time zone e.time_zone)::date)
        order by r.id for update of r),
    ended as (
        update transactions_recall r set status = 'expired' from passed p where p.id = r.id
        returning r.id, r.entity_id, r.payment_id, p.status as before)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
    select e.entity_id, k.subject_type, case k.subject_type when 'recall' then e.id else e.payment_id end, k.action,
           '{"recall":' || e.id || ',"was":"' || e.before || '"}'
    from ended e cross join (values ('recall', 'recall.expired'), ('payment', 'payment.recall_expired'))
        as k (subject_type, action)
    order by e.id
"""


def sweep(moment: datetime | None = None) -> int:
    """Mark recalls that nobody approved, or answered, in time. Returns how many. A late answer still counts.

    Requests of other banks are never closed by their deadline: we owe an answer also when it is late.
    """
    with transaction.atomic():
        return sql.run(_EXPIRE, {"now": moment or timezone.now()}) // 2
