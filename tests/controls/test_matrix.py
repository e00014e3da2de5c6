"""The matrix: which row counts, what is frozen, who fills a place, and what the database refuses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import roles
from backoffice.people.models import Limit, Team, User
from controls import approvals
from controls.models import ApprovalPolicy
from tests import database, people
from tests.people import grant
from tests.web.desk import state
from transactions import queries, workflow
from transactions.models import Payee, Payment, PaymentApproval, PaymentRequirement

pytestmark = pytest.mark.django_db

ANY, SUPERVISOR = {"persons": 1}, {"persons": 1, "role": "supervisor"}


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def row(stage: people.Stage, *stages: dict[str, Any], **conditions: Any) -> ApprovalPolicy:
    asked = sum(one["persons"] for one in stages) or 1
    return ApprovalPolicy.objects.create(
        entity=stage.entity, approvals=asked, stages=list(stages), **{"from_amount": Decimal(0), **conditions}
    )


def chosen(payment: Payment) -> int | None:
    return approvals.requirements([payment.pk])[payment.pk].policy_id


def test_the_row_with_the_most_conditions_counts_then_the_highest_band(stage: people.Stage) -> None:
    plain, high = row(stage), row(stage, from_amount=Decimal(10_000))
    sepa = row(stage, kind="sepa")
    by_file = row(stage, kind="sepa", channel="file", from_amount=Decimal(500))
    risky = row(stage, kind="sepa", channel="file", risk_from=60)
    assert chosen(people.payment(stage, kind="transfer", amount="9999.99")) == plain.pk
    assert chosen(people.payment(stage, kind="transfer", amount="10000")) == high.pk
    assert chosen(people.payment(stage, channel="api", amount="10000")) == sepa.pk
    assert chosen(people.payment(stage, amount="499.99")) == sepa.pk
    assert chosen(people.payment(stage, amount="500")) == by_file.pk
    hot = people.payment(stage, amount="500")
    type(hot.state).objects.filter(pk=hot.pk).update(risk=60)
    assert chosen(hot) == risky.pk
    assert chosen(people.payment(stage, currency="USD")) is None


def test_a_payee_is_new_until_a_payment_went_through(stage: people.Stage) -> None:
    usual, new = row(stage), row(stage, ANY, SUPERVISOR, new_payee=True)
    payee = Payee.objects.create(entity=stage.entity, name="K", name_key="k", created_at=timezone.now())
    assert chosen(people.payment(stage, payee=payee)) == new.pk
    people.payment(stage, payee=payee, status="rejected")
    assert chosen(people.payment(stage, payee=payee)) == new.pk
    people.payment(stage, payee=payee, status="settled")
    assert chosen(people.payment(stage, payee=payee)) == usual.pk
    assert chosen(people.payment(stage)) == new.pk


def test_rows_have_their_days(stage: people.Stage) -> None:
    today = timezone.localdate()
    row(stage, valid_to=today - timedelta(days=1))
    now = row(stage, SUPERVISOR, valid_from=today, valid_to=today)
    row(stage, ANY, ANY, ANY, valid_from=today + timedelta(days=1))
    assert chosen(people.payment(stage)) == now.pk


@pytest.mark.parametrize(
    ("first", "second", "ties"),
    [
        ({}, {}, True),
        ({}, {"from_amount": Decimal(1)}, False),
        ({"kind": "sepa"}, {"channel": "file"}, True),
        ({"kind": "sepa"}, {"kind": "internal"}, False),
        ({"kind": "sepa"}, {"new_payee": True, "from_amount": Decimal(9)}, True),
        ({"kind": "sepa"}, {"kind": "sepa", "channel": "file"}, False),
        ({"risk_from": 10}, {"risk_from": 20}, False),
        ({"risk_from": 10}, {"kind": "sepa"}, True),
        ({"currency": "USD"}, {}, False),
    ],
)
def test_rows_that_would_tie_are_refused(
    stage: people.Stage, first: dict[str, Any], second: dict[str, Any], ties: bool
) -> None:
    row(stage, **first)
    if not ties:
        row(stage, **second)
        return
    with pytest.raises(IntegrityError, match="count equally"), transaction.atomic():
        row(stage, **second)
    past = timezone.localdate() - timedelta(days=1)
    ApprovalPolicy.objects.update(valid_to=past)
    row(stage, valid_from=past + timedelta(days=1), **second)


def test_persons_and_stages_add_up(stage: people.Stage) -> None:
    with pytest.raises(IntegrityError, match="policy_stages_add_up"), transaction.atomic():
        ApprovalPolicy.objects.create(entity=stage.entity, approvals=1, stages=[ANY, SUPERVISOR])


def frozen(payment: Payment) -> list[tuple[int, int, str]]:
    rows = PaymentRequirement.objects.filter(payment=payment, withdrawn_at=None).order_by("place")
    return list(rows.values_list("place", "stage", "role"))


def test_stages_are_frozen_and_signed_in_their_order(stage: people.Stage) -> None:
    policy = row(stage, {"persons": 2}, SUPERVISOR)
    payment = people.payment(stage)
    first, second, third = (people.person() for _number in range(3))
    boss = people.person(roles.SUPERVISOR)
    assert approvals.validate(ids=[payment.pk], actor=first)[0].done
    assert frozen(payment) == [(1, 1, ""), (2, 1, ""), (3, 2, "supervisor")]
    assert state(payment).approvals_required == 3
    ApprovalPolicy.objects.filter(pk=policy.pk).update(stages=[], approvals=1)
    assert workflow.approve(ids=[payment.pk], actor=second)[0].done
    assert workflow.approve(ids=[payment.pk], actor=third)[0].done
    answer = workflow.approve(ids=[payment.pk], actor=people.person())[0]
    assert (answer.code, answer.params) == ("signing.role", {"role": "supervisor"})
    assert queries.obstacles([payment.pk], people.person().pk)[payment.pk].code == "signing.role"
    assert state(payment).status == "validated"
    assert workflow.approve(ids=[payment.pk], actor=boss)[0].done
    assert state(payment).status == "approved"


def test_a_supervisor_who_signed_early_does_not_sign_again_as_supervisor(stage: people.Stage) -> None:
    row(stage, ANY, SUPERVISOR)
    payment, boss = people.payment(stage), people.person(roles.SUPERVISOR)
    approvals.validate(ids=[payment.pk], actor=people.person())
    assert workflow.approve(ids=[payment.pk], actor=boss)[0].done
    assert workflow.approve(ids=[payment.pk], actor=boss)[0].code == "payment.signed_before"
    assert workflow.approve(ids=[payment.pk], actor=people.person(roles.SUPERVISOR))[0].done


def test_a_role_counts_in_the_entity_where_it_is_held(stage: people.Stage) -> None:
    row(stage, SUPERVISOR)
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    local = people.person(roles.OPERATOR, entity=stage.entity)
    grant(local, roles.SUPERVISOR, other.entity)
    assert workflow.approve(ids=[payment.pk], actor=local)[0].code == "signing.role"


def test_a_place_may_ask_for_a_team_or_a_level(stage: people.Stage) -> None:
    team = Team.objects.create(entity=stage.entity, name="Treasury")
    row(stage, {"persons": 1, "team": team.pk}, {"persons": 1, "ceiling": "50000"})
    payment, member, low = people.payment(stage), people.person(), people.person(limit="49999.99")
    team.members.add(member)
    approvals.validate(ids=[payment.pk], actor=people.person())
    assert workflow.approve(ids=[payment.pk], actor=low)[0].params == {"team": "Treasury"}
    assert workflow.take_next(actor=low, status="validated") is None
    assert workflow.approve(ids=[payment.pk], actor=member)[0].done
    assert workflow.take_next(actor=low, status="validated") is None
    answer = workflow.approve(ids=[payment.pk], actor=low)[0]
    assert (answer.code, answer.params) == ("signing.level", {"level": "50000.00000", "currency": "EUR"})
    database.update(Limit.objects.filter(user=low, act="approve"), amount=Decimal(50_000))
    assert workflow.take_next(actor=low, status="validated") == payment.pk
    assert workflow.approve(ids=[payment.pk], actor=low)[0].done


def test_an_administrator_passes_nothing(stage: people.Stage) -> None:
    row(stage, SUPERVISOR)
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    both = people.person(roles.ADMINISTRATOR)
    grant(both, roles.OPERATOR)
    assert workflow.approve(ids=[payment.pk], actor=both)[0].code == "signing.role"


def test_sent_back_it_is_frozen_anew(stage: people.Stage) -> None:
    policy = row(stage, SUPERVISOR)
    payment, first, boss = people.payment(stage), people.person(), people.person(roles.SUPERVISOR)
    approvals.validate(ids=[payment.pk], actor=first)
    workflow.send_back(ids=[payment.pk], actor=boss, reason="Ask again")
    assert frozen(payment) == []
    ApprovalPolicy.objects.filter(pk=policy.pk).update(stages=[ANY, ANY], approvals=2)
    approvals.validate(ids=[payment.pk], actor=first)
    assert frozen(payment) == [(1, 1, ""), (2, 2, "")]
    assert PaymentRequirement.objects.filter(payment=payment).count() == 3


def sign(payment: Payment, place: int, person: User) -> PaymentApproval:
    return PaymentApproval.objects.create(payment=payment, stage=place, person=person, given_at=timezone.now())


class TestByTheDatabase:
    """As the application's role, by SQL."""

    def test_a_place_is_filled_by_whom_it_is_asked_of(self, stage: people.Stage) -> None:
        row(stage, ANY, SUPERVISOR)
        payment = people.payment(stage)
        approvals.validate(ids=[payment.pk], actor=people.person())
        with pytest.raises(IntegrityError, match="asked of someone else"), transaction.atomic():
            sign(payment, 2, people.person())
        sign(payment, 2, people.person(roles.SUPERVISOR))

    def test_nothing_is_validated_without_what_it_needs(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        sign(payment, 0, people.person())
        move = "update transactions_paymentstate set status = 'validated', approvals_required = 1 where payment_id = %s"
        with pytest.raises(IntegrityError, match="with what it needs"), transaction.atomic():
            sql.run(move, [payment.pk])
        people.asks(payment)
        assert sql.run(move, [payment.pk]) == 1

    def test_what_is_needed_is_neither_changed_nor_added_nor_withdrawn_later(self, stage: people.Stage) -> None:
        row(stage, SUPERVISOR)
        payment = people.payment(stage)
        approvals.validate(ids=[payment.pk], actor=people.person())
        one = f"where payment_id = {payment.pk}"
        table = "transactions_paymentrequirement"
        for query, why in (
            (f"update {table} set role = '' {one}", "permission denied"),
            (f"delete from {table} {one}", "permission denied"),
            (f"update {table} set withdrawn_at = now() {one}", "stays while the payment rests on it"),
            (f"insert into {table} (payment_id, place, stage, role) values ({payment.pk}, 2, 2, '')", "is frozen when"),
        ):
            with pytest.raises(Exception, match=why), transaction.atomic():
                sql.run(query)

    def test_the_ladder_of_roles_is_that_of_the_code(self, stage: people.Stage) -> None:
        for asked in ("operator", "supervisor"):
            for held in roles.ROLES:
                user = people.person(held)
                filled = sql.rows(
                    "select seat_filled(%s, null, null, %s, %s, 'EUR')", [asked, user.pk, stage.entity.pk]
                )
                assert filled == [(held in roles.at_least(asked),)], (asked, held)


def test_one_statement_freezes_many(stage: people.Stage) -> None:
    row(stage)
    row(stage, ANY, SUPERVISOR, from_amount=Decimal(200))
    batch = people.batch(stage)
    counts = []
    for size in (2, 40):
        ids = [people.payment(stage, in_batch=batch, amount=str(190 + 15 * (n % 2))).pk for n in range(size)]
        with CaptureQueriesContext(connection) as seen:
            assert all(answer.done for answer in approvals.validate(ids=ids, actor=people.person()))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_payments_from_before_stages_need_the_number_they_had(stage: people.Stage) -> None:
    payment = people.payment(stage, status="validated", approvals_required=2)
    database.insert(PaymentApproval(payment=payment, stage=0, person=people.person(), given_at=timezone.now()))
    assert workflow.approve(ids=[payment.pk], actor=people.person())[0].done
    assert workflow.approve(ids=[payment.pk], actor=people.person())[0].done
    assert state(payment).status == "approved"
