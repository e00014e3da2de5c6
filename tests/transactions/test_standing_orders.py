"""Standing orders: once per date whatever happens to the runs, four eyes on their terms, stopped at once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import roles
from controls import changes
from documents.models import AuditRecord
from tests import database, people
from tests.transactions import standing
from tests.transactions.standing import at
from transactions import intake, workflow
from transactions.models import Payment, PaymentBatch, PaymentState, StandingDue, StandingOrder
from transactions.standing import orders, runs

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> people.Stage:
    return standing.branch("10000.00")


class TestOncePerDate:
    def test_a_second_run_makes_nothing(self, branch: people.Stage) -> None:
        standing.agreed(branch.customer)
        assert [runs.make_due(at("2026-12-30")) for _time in range(3)] == [1, 0, 0]
        assert len(standing.taken_in()) == 1
        assert [one.pk for one in PaymentBatch.objects.filter(channel="standing")] != []

    def test_days_off_are_caught_up_without_doubling(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer, unit="week", first_on=date(2026, 12, 1))
        # Nobody ran the clock until Saturday 19 December: 1, 8 and 15 December are late, 22 is three working days off.
        assert runs.make_due(at("2026-12-19")) == 4
        payments = standing.taken_in()
        assert [payment.requested_execution_date.isoformat() for payment in payments] == [
            "2026-12-21", "2026-12-21", "2026-12-21", "2026-12-22",
        ]  # fmt: skip
        assert [payment.end_to_end_id[-8:] for payment in payments] == ["20261201", "20261208", "20261215", "20261222"]
        assert runs.make_due(at("2026-12-20")) == 0
        order.refresh_from_db()
        assert (order.made_count, order.next_on) == (4, date(2026, 12, 29))

    def test_the_database_refuses_a_date_twice(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        runs.make_due(at("2026-12-30"))
        with pytest.raises(IntegrityError, match="standing_due_once"), transaction.atomic():
            StandingDue.objects.create(
                order=order, due_on=date(2027, 1, 5), execution_on=date(2027, 1, 5), made_at=at("2026-12-30")
            )

    def test_a_batch_that_is_read_twice_makes_one_payment(self, branch: people.Stage) -> None:
        standing.agreed(branch.customer)
        runs.make_due(at("2026-12-30"))
        batch = PaymentBatch.objects.get(channel="standing")
        intake.read_batch(batch.pk)
        intake.read_batch(batch.pk)
        assert Payment.objects.filter(channel="standing").count() == 1
        assert StandingDue.objects.get().status == "made"

    def test_so_many_times_and_over(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer, times=2)
        runs.make_due(at("2026-12-30"))
        runs.make_due(at("2027-06-30"))
        order.refresh_from_db()
        assert (order.status, order.next_on, order.made_count) == ("completed", None, 2)
        assert AuditRecord.objects.filter(subject_type="standing", action="standing.completed").count() == 1
        assert len(standing.taken_in()) == 2

    def test_many_orders_cost_a_constant_number_of_queries(self, branch: people.Stage) -> None:
        def asked() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                runs.make_due(at("2026-12-30"))
            return len(queries)

        maker, checker = people.person(), people.person()
        one = standing.ask(branch.customer, actor=maker)
        standing.approve(one, checker)
        alone = asked()
        for number in range(60):
            standing.approve(standing.ask(branch.customer, actor=maker, remittance=f"R {number}"), checker)
        assert asked() <= alone + 2
        assert len(standing.taken_in()) == 61


class TestFourEyes:
    def test_it_is_in_force_when_another_has_approved_it(self, branch: people.Stage) -> None:
        maker = people.person()
        order = standing.ask(branch.customer, actor=maker)
        assert (order.status, order.next_on) == ("waiting", None)
        assert runs.make_due(at("2027-01-05")) == 0
        with pytest.raises(BusinessError) as refused:
            standing.approve(order, maker)
        assert refused.value.code == "change.own_work"
        standing.approve(order)
        order.refresh_from_db()
        assert order.status == "active"

    def test_a_change_waits_while_the_former_terms_hold(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        changes.ask_standing(
            actor=people.person(), account=branch.customer, order_id=order.pk, reason="Indexation",
            values=standing.terms(amount=Decimal("765.00")),
        )  # fmt: skip
        with pytest.raises(BusinessError) as twice:
            changes.ask_standing(
                actor=people.person(), account=branch.customer, order_id=order.pk, reason="Again",
                values=standing.terms(amount=Decimal("9999.00")),
            )  # fmt: skip
        assert twice.value.code == "change.waiting"
        runs.make_due(at("2026-12-30"))
        standing.approve(order)
        runs.make_due(at("2027-02-02"))
        assert [payment.amount for payment in standing.taken_in()] == [Decimal("750.00"), Decimal("765.00")]
        amounts = list(order.history.order_by("history_id").values_list("amount", flat=True))
        assert (amounts[0], amounts[-1]) == (Decimal("750.00"), Decimal("765.00"))

    def test_a_change_of_the_amount_keeps_the_dates(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer, first_on=date(2026, 12, 1), unit="month")
        runs.make_due(at("2026-12-01"))
        changes.ask_standing(
            actor=people.person(), account=branch.customer, order_id=order.pk, reason="Indexation",
            values=standing.terms(amount=Decimal("765.00"), first_on=date(2026, 12, 1)),
        )  # fmt: skip
        standing.approve(order)
        order.refresh_from_db()
        assert order.next_on == date(2027, 1, 1)

    def test_nobody_approves_more_than_their_limit(self, branch: people.Stage) -> None:
        order = standing.ask(branch.customer)
        with pytest.raises(BusinessError) as refused:
            standing.approve(order, people.person(limit="700"))
        assert refused.value.code == "payment.over_limit"
        order.refresh_from_db()
        assert order.status == "waiting"

    def test_refused_is_over(self, branch: people.Stage) -> None:
        order = standing.ask(branch.customer)
        actor = people.person()
        changes.refuse(actor=actor, request_id=changes.waiting(actor, "standing", order.pk)[0].pk, reason="Not agreed")
        order.refresh_from_db()
        assert order.status == "refused"

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ("update transactions_standingorder set amount = 9000", "what a second person approved"),
            ("update transactions_standingorder set creditor_number = 'FR7630006000011234567890189'",
             "what a second person approved"),
            ("update transactions_standingorder set status = 'active', approved_by_id = asked_by_id + 1",
             "what a second person approved"),
            ("update transactions_standingorder set account_id = account_id + 1", "permission denied"),
            ("delete from transactions_standingorder", "permission denied"),
        ],
    )  # fmt: skip
    def test_the_database_refuses_terms_that_nobody_approved(self, branch: people.Stage, query: str, why: str) -> None:
        standing.ask(branch.customer) if "status" in query else standing.agreed(branch.customer)
        with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query)

    def test_who_may_not_moves_nothing(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        before = AuditRecord.objects.count()
        elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189")
        for actor, refusal in (
            (people.person(roles.AUDITOR), Denied), (people.person(entity=elsewhere.entity), NotThere),
        ):  # fmt: skip
            with pytest.raises(refusal):
                orders.end(actor=actor, order_id=order.pk, reason="x")
            with pytest.raises(Denied):
                changes.ask_standing(actor=actor, account=branch.customer, values=standing.terms())
        order.refresh_from_db()
        assert (order.status, AuditRecord.objects.count()) == ("active", before)


class TestStopped:
    def test_ending_cancels_what_nobody_has_approved(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        runs.make_due(at("2026-12-30"))
        [payment] = standing.taken_in()
        orders.end(actor=people.person(), order_id=order.pk, reason="The lease is over")
        order.refresh_from_db()
        assert (order.status, order.next_on, PaymentState.objects.get(pk=payment.pk).status) == (
            "ended", None, "cancelled",
        )  # fmt: skip
        assert runs.make_due(at("2027-06-01")) == 0
        with pytest.raises(Conflict):
            orders.end(actor=people.person(), order_id=order.pk, reason="Again")

    def test_what_is_signed_waits_for_its_day_and_is_cancelled_with_the_order(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        runs.make_due(at("2026-12-30"))
        [payment] = standing.taken_in()
        standing.signed([payment])
        assert workflow.approve(ids=[payment.pk], actor=people.person())[0].code == "payment.waits_for_its_day"
        orders.end(actor=people.person(), order_id=order.pk, reason="The lease is over")
        assert runs.execute_due(at("2027-01-05")) == 0
        assert PaymentState.objects.get(pk=payment.pk).status == "cancelled"

    def test_suspended_dates_are_not_paid_and_not_made_up(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        orders.suspend(
            actor=people.person(), order_id=order.pk, since=date(2027, 1, 1), until=date(2027, 2, 28), reason="Works"
        )
        order.refresh_from_db()
        assert order.next_on == date(2027, 3, 5)
        assert [one.suspended for one in orders.coming(order, 3)] == [True, True, False]
        assert runs.make_due(at("2027-02-20")) == 0
        assert runs.make_due(at("2027-03-02")) == 1
        assert [payment.requested_execution_date for payment in standing.taken_in()] == [date(2027, 3, 5)]

    def test_resumed_goes_on_from_today(self, branch: people.Stage) -> None:
        order = standing.agreed(branch.customer)
        today = orders.today_of(order)
        orders.suspend(actor=people.person(), order_id=order.pk, since=today, until=None, reason="Works")
        order.refresh_from_db()
        assert (order.next_on, order.status) == (None, "active")
        assert runs.make_due(at("2027-03-02")) == 0
        order = orders.resume(actor=people.person(), order_id=order.pk, reason="Done")
        assert order.next_on == date(2027, 1, 5)

    def test_a_given_up_payment_that_is_reopened_begins_anew(self, branch: people.Stage) -> None:
        standing.agreed(branch.customer, amount=Decimal("10500.00"))
        runs.make_due(at("2026-12-30"))
        [payment] = standing.taken_in()
        standing.signed([payment])
        for day in ("2027-01-05", "2027-01-06", "2027-01-07", "2027-01-08", "2027-01-11"):
            runs.execute_due(at(day))
        assert PaymentState.objects.get(pk=payment.pk).status == "rejected"
        supervisor = people.person(roles.SUPERVISOR)
        assert workflow.reopen(ids=[payment.pk], actor=supervisor, reason="Funds are coming")[0].done
        database.update(PaymentState.objects.filter(pk=payment.pk), status="checked", outcome="pass")
        standing.signed([payment])
        runs.execute_due(at("2027-01-12"))
        due = StandingDue.objects.get()
        assert (due.status, due.tries, PaymentState.objects.get(pk=payment.pk).status) == ("made", 1, "validated")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": None}, "standing.amount_or_floor"),
        ({"floor": Decimal(0)}, "standing.amount_or_floor"),
        ({"amount": Decimal("1.001")}, "money.too_precise"),
        ({"amount": Decimal(-1)}, "money.not_positive"),
        ({"creditor_number": "DE00370400440532013000"}, "standing.number_bad"),
        ({"creditor_number": people.CUSTOMER_IBAN}, "standing.to_itself"),
        ({"creditor_name": " "}, "standing.name_missing"),
        ({"creditor_name": "A\u202eB"}, "standing.name_missing"),
        ({"every": 61}, "standing.rhythm_bad"),
        ({"unit": "week", "last_working_day": True}, "standing.last_working_day"),
        ({"first_on": date(2020, 1, 1)}, "standing.first_past"),
        ({"last_on": date(2026, 12, 31)}, "standing.last_bad"),
        ({"last_on": date(2028, 1, 1), "times": 3}, "standing.last_bad"),
    ],
)
def test_terms_that_cannot_be(branch: people.Stage, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(BusinessError) as refused:
        standing.ask(branch.customer, **fields)
    assert refused.value.code == code
    assert not StandingOrder.objects.exists()


def test_nobody_brings_a_file_in_as_if_an_order_had_made_it(branch: people.Stage) -> None:
    """The kind of our own data is refused as the type of a file from outside: it is read as what it is."""
    content = b'{"payments": [{"due": "1", "debtor_account": "BANK-CUST", "creditor_name": "X", "amount": "1.00"}]}'
    batch = intake.receive(
        content=content, file_name="x.json", entity=branch.entity, actor=None, channel="file", source=branch.source,
        content_type="application/vnd.backoffice.standing+json",
    )  # fmt: skip
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, Payment.objects.count()) == ("refused", 0)


def test_two_days_of_the_same_order_follow_each_other(branch: people.Stage) -> None:
    order = standing.agreed(branch.customer, unit="week", last_on=date(2027, 1, 31))
    for day in range(60):
        runs.make_due(at("2026-12-20") + timedelta(days=day))
    found = list(StandingDue.objects.filter(order=order).order_by("due_on").values_list("due_on", flat=True))
    assert found == [date(2027, 1, 5) + timedelta(days=7 * n) for n in range(4)]
