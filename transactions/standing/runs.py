"""The runs of the clock: payments are made some open days ahead, and executed on their day.

Both are set-based, safe twice and from several hands, and catch up after days off: an order is taken under lock, each
of its dates is written once (``standing_due_once``), and what is late is executed on the next open day.

Funds are taken on the day of execution, after the last signature, from the morning on as often as the run is called.
When they are missing (AM04), or the account is blocked, it is tried again on each of the ``AGAIN`` next working days;
then the payment is rejected with that reason, which the order records as ``standing.given_up``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars, money, sql
from backoffice.people.models import Entity
from documents import trail
from transactions import intake, workflow
from transactions.models import StandingOrder
from transactions.standing import rhythm

log = structlog.get_logger(__name__)
CHUNK = 10_000
# On how many working days after the first the funds are looked for again.
AGAIN = 3

_TAKE = """
    select id from transactions_standingorder
    where status = 'active' and entity_id = %s and make_on <= %s order by id limit %s for update skip locked
"""
_FREE = """
    select o.id, coalesce(b.balance - b.held, 0) - o.floor
    from transactions_standingorder o left join transactions_accountbalance b on b.account_id = o.account_id
    where o.id = any(%s)
"""
_MOVED = """
    update transactions_standingorder o
    set next_on = n.next_on, make_on = n.make_on, made_count = n.made, status = n.status
    from unnest(%s::bigint[], %s::date[], %s::date[], %s::int[], %s::text[]) as n(id, next_on, make_on, made, status)
    where o.id = n.id
"""
_DUE_COLUMNS = ("id", "order_id", "due_on", "execution_on", "status", "batch_id", "tries", "made_at")


class _Chunk:
    """Orders taken under lock, and what becomes of each. Inside ``atomic()``."""

    def __init__(self, entity: Entity, today: date, orders: Sequence[StandingOrder]) -> None:
        self.entity, self.today, self.orders = entity, today, orders
        self.now = timezone.now()
        sweeps = [order.pk for order in orders if order.is_sweep]
        self.free: dict[int, Decimal] = dict(sql.rows(_FREE, [sweeps])) if sweeps else {}
        # order, date, day of execution, amount (None: nothing to move)
        self.dues: list[tuple[StandingOrder, date, date, Decimal | None]] = []

    def run(self) -> int:
        """Dates, batches and orders; how many payments are on their way."""
        ends = [order for order in self.orders if not self._advance(order)]
        keys = [row[0] for row in sql.rows(
            "select nextval('transactions_standingdue_id_seq') from generate_series(1, %s)", [len(self.dues)]
        )]  # fmt: skip
        numbered = list(zip(keys, self.dues, strict=True))
        batches = self._take_in(numbered)
        sql.copy(
            "transactions_standingdue", _DUE_COLUMNS,
            (
                (key, order.pk, due_on, day, "skipped" if amount is None else "planned", batches.get(key), 0,
                 self.now.isoformat())
                for key, (order, due_on, day, amount) in numbered
            ),
        )  # fmt: skip
        sql.run(_MOVED, list(map(list, zip(*(
            (order.pk, order.next_on, order.make_on, order.made_count, order.status) for order in self.orders
        ), strict=True))))  # fmt: skip
        self._record(ends)
        return len(batches)

    def _advance(self, order: StandingOrder) -> bool:
        """Every date that is due by now; False when none comes any more. A date too late is executed today."""
        while order.make_on is not None and order.next_on is not None and order.make_on <= self.today:
            due_on = order.next_on
            day = rhythm.execution(order, due_on)
            if day < self.today:
                day = self.today if order.working_day == "same" else calendars.next_open_day(self.today)
            amount = order.amount if order.amount is not None else self._swept(order)
            self.dues.append((order, due_on, day, amount))
            order.made_count += 1
            order.next_on = rhythm.next_due(order, since=due_on + timedelta(days=1), made=order.made_count)
            order.make_on = order.next_on and rhythm.make_on(order, order.next_on, sweep=order.is_sweep)
        if order.next_on is None and not (order.suspended_from and not order.suspended_to):
            order.status = StandingOrder.Status.COMPLETED
            return False
        return True

    def _swept(self, order: StandingOrder) -> Decimal | None:
        """What is available above the floor; the next date of the same run finds nothing left."""
        free = self.free.get(order.pk, Decimal(0)).quantize(Decimal(1).scaleb(-money.exponent(order.currency)))
        self.free[order.pk] = Decimal(0)
        return free if free > 0 else None

    def _take_in(self, numbered: Sequence[tuple[int, Any]]) -> dict[int, int]:
        """One batch for each person who asked for the terms: that person made the payments. Batch by number of date."""
        by_maker: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        for one in numbered:
            if one[1][3] is not None:
                by_maker[one[1][0].asked_by_id].append(one)
        found = {}
        for _maker, own in sorted(by_maker.items()):
            payments = [_payment(key, *due) for key, due in own]
            batch = intake.receive_standing(payments=payments, entity=self.entity)
            found.update(dict.fromkeys((key for key, _due in own), batch.pk))
        return found

    def _record(self, ends: Sequence[StandingOrder]) -> None:
        for made, act in ((True, "made"), (False, "nothing_to_move")):
            trail.record_many(f"standing.{act}", subject_type="standing", actor=None, subjects=[
                (order.pk, order.entity_id, {"reference": order.reference, "due_on": due_on, "execution_on": day})
                for order, due_on, day, amount in self.dues if (amount is not None) == made
            ])  # fmt: skip
        trail.record_many("standing.completed", subject_type="standing", actor=None, subjects=[
            (order.pk, order.entity_id, {"reference": order.reference, "payments": order.made_count}) for order in ends
        ])  # fmt: skip


def _payment(key: int, order: StandingOrder, due_on: date, day: date, amount: Decimal) -> dict[str, Any]:
    """A payment by the names of intake. Its reference says the order and the date, so no two are the same."""
    return {
        "due": str(key), "debtor_account": order.account.number, "creditor_name": order.creditor_name,
        "creditor_account": order.creditor_number, "creditor_bic": order.creditor_bic,
        "amount": money.plain(amount, order.currency), "currency": order.currency,
        "requested_execution_date": day.isoformat(), "remittance": order.remittance,
        "end_to_end_id": f"{order.reference}-{due_on:%Y%m%d}", "charge_bearer": "SLEV",
    }  # fmt: skip


def make_due(now: datetime | None = None) -> int:
    """Make the payments of every order whose day of making has come; how many went to intake. Called every 5 minutes.

    For 10,000 orders: a constant number of statements.
    """
    moment = now or timezone.now()
    made = 0
    waiting = StandingOrder.objects.filter(status="active", make_on__lte=moment.date() + timedelta(days=1))
    for entity in Entity.objects.filter(pk__in=waiting.values("entity")).order_by("pk"):
        today = moment.astimezone(ZoneInfo(entity.time_zone)).date()
        while True:
            with transaction.atomic():
                ids = [row[0] for row in sql.rows(_TAKE, [entity.pk, today, CHUNK])]
                if not ids:
                    break
                orders = StandingOrder.objects.filter(pk__in=ids).select_related("account").order_by("pk")
                made += _Chunk(entity, today, list(orders)).run()
    if made:
        log.info("standing.made", count=made)
    return made


_READY = """
    select s.payment_id, d.order_id, d.due_on, s.entity_id,
           (%(moment)s at time zone e.time_zone)::date as today, d.status, d.tries, d.last_tried_on
    from transactions_paymentstate s
    join transactions_standingdue d on d.payment_id = s.payment_id
    join people_entity e on e.id = s.entity_id
    where s.status = 'validated' and s.approvals_given = s.approvals_required and s.hold_count = 0
      and s.payment_id > %(after)s and d.execution_on <= (%(moment)s at time zone e.time_zone)::date
    order by s.payment_id limit %(most)s
"""
_EXECUTED = "update transactions_standingdue set status = 'executed' where payment_id = any(%s)"
# A payment that was given up and brought back by a person begins anew.
_SHORT = """
    update transactions_standingdue d
    set tries = case when d.status = 'given_up' then 1 else d.tries + 1 end, status = 'made', last_tried_on = n.today
    from unnest(%s::bigint[], %s::date[]) as n(payment_id, today)
    where d.payment_id = n.payment_id and (d.last_tried_on is null or d.last_tried_on < n.today)
    returning d.payment_id, d.order_id, d.due_on, d.tries
"""
_GIVEN_UP = "update transactions_standingdue set status = 'given_up' where payment_id = any(%s)"


def execute_due(now: datetime | None = None) -> int:
    """Take the funds of every signed payment whose day has come and have it posted; how many.

    Asked with each last signature and every 5 minutes.
    """
    moment, done, after = now or timezone.now(), 0, 0
    while True:
        with transaction.atomic():
            rows = sql.dicts(_READY, {"moment": moment, "after": after, "most": CHUNK})
            if not rows:
                return done
            after = rows[-1]["payment_id"]
            found = {row["payment_id"]: row for row in rows}
            given_up = [key for key, row in found.items() if _is_over(row)]
            _give_up(given_up, found)
            answers = workflow.execute(ids=[key for key in found if key not in set(given_up)])
            executed = [key for key, code in answers.items() if not code]
            sql.run(_EXECUTED, [executed])
            _short({key: code for key, code in answers.items() if code}, found)
            done += len(executed)


def _is_over(row: Mapping[str, Any]) -> bool:
    """Looked for on the day and the working days after it; this is a further one."""
    return (
        row["status"] == "made" and row["tries"] > AGAIN and row["last_tried_on"] < row["today"]
        and calendars.is_open(row["today"])
    )  # fmt: skip


def _short(codes: Mapping[int, str], found: Mapping[int, Mapping[str, Any]]) -> None:
    """A working day on which the funds were missing counts once, however often it was tried."""
    keys = [key for key in codes if calendars.is_open(found[key]["today"])]
    if not keys:
        return
    counted = sql.rows(_SHORT, [keys, [found[key]["today"] for key in keys]])
    trail.record_many("standing.short", subject_type="standing", actor=None, subjects=[
        (order, found[key]["entity_id"], {"payment": key, "due_on": due_on, "code": codes[key], "tries": tries})
        for key, order, due_on, tries in counted
    ])  # fmt: skip


def _give_up(keys: Sequence[int], found: Mapping[int, Mapping[str, Any]]) -> None:
    if not keys:
        return
    gone = workflow.stop(ids=keys, verb="reject", actor=None, reason="", code="AM04")
    sql.run(_GIVEN_UP, [gone])
    trail.record_many("standing.given_up", subject_type="standing", actor=None, subjects=[
        (found[key]["order_id"], found[key]["entity_id"],
         {"payment": key, "due_on": found[key]["due_on"], "code": "AM04", "tries": found[key]["tries"]})
        for key in gone
    ])  # fmt: skip
