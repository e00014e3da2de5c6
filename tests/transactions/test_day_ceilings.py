"""The most a person signs for in a day: by midnight of the entity, currency and act, and at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from backoffice.common import formats
from backoffice.people.models import Limit, User
from controls import approvals, changes
from controls.models import ApprovalPolicy, ChangeRequest
from tests import database, people
from tests.web.desk import signed_in, state
from transactions import queries, workflow
from transactions.models import Payment, PaymentApproval


@pytest.fixture
def stage(db: None) -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def by_day(day: str, *, one: str = "100", act: str = "validate") -> User:
    someone = people.person()
    database.update(Limit.objects.filter(user=someone, act=act), amount=Decimal(one), day_amount=Decimal(day))
    return someone


def codes(answers: list[workflow.Answer]) -> list[str]:
    return [answer.code for answer in answers]


def test_the_day_adds_up(stage: people.Stage) -> None:
    someone = by_day("250")
    made = [people.payment(stage, amount="100").pk for _number in range(4)]
    assert codes(approvals.validate(ids=made[:1], actor=someone)) == [""]
    answers = approvals.validate(ids=made[1:], actor=someone)
    assert codes(answers) == ["", "payment.over_day", "payment.over_day"]
    assert answers[1].params == {"limit": "250.00000", "total": "300.00000", "currency": "EUR"}
    small = people.payment(stage, amount="50")
    assert workflow.take_next(actor=someone) == small.pk
    assert codes(approvals.validate(ids=[small.pk], actor=someone)) == [""]
    assert queries.obstacles([made[2]], someone.pk)[made[2]].code == "payment.over_day"
    assert workflow.take_next(actor=someone) is None


def test_what_was_withdrawn_is_not_counted(stage: people.Stage) -> None:
    someone = by_day("100")
    first, second = people.payment(stage, amount="100"), people.payment(stage, amount="100")
    approvals.validate(ids=[first.pk], actor=someone)
    assert codes(approvals.validate(ids=[second.pk], actor=someone)) == ["payment.over_day"]
    workflow.send_back(ids=[first.pk], actor=people.person(), reason="Not this one")
    assert codes(approvals.validate(ids=[second.pk], actor=someone)) == [""]


def test_validations_and_approvals_have_days_of_their_own(stage: people.Stage) -> None:
    someone = by_day("100", act="approve")
    own, other = people.payment(stage, amount="100"), people.payment(stage, amount="100")
    assert codes(approvals.validate(ids=[own.pk], actor=someone)) == [""]
    approvals.validate(ids=[other.pk], actor=people.person())
    assert codes(workflow.approve(ids=[other.pk], actor=someone)) == [""]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"])
def test_the_day_is_that_of_the_entity(stage: people.Stage, zone: str) -> None:
    type(stage.entity).objects.filter(pk=stage.entity.pk).update(time_zone=zone)
    midnight = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    someone = by_day("100")
    before, after = people.payment(stage, amount="100"), people.payment(stage, amount="100")
    past = people.payment(stage, amount="100", status="settled")
    database.insert(PaymentApproval(payment=past, stage=0, person=someone, given_at=midnight - timedelta(seconds=1)))
    assert codes(approvals.validate(ids=[before.pk], actor=someone)) == [""]
    assert codes(approvals.validate(ids=[after.pk], actor=someone)) == ["payment.over_day"]


def test_a_currency_has_its_own_day(stage: people.Stage) -> None:
    someone = by_day("100")
    database.insert(Limit(user=someone, act="validate", currency="USD", amount=100, day_amount=100))
    euro, dollar = people.payment(stage, amount="100"), people.payment(stage, amount="100", currency="USD")
    assert codes(approvals.validate(ids=[euro.pk, dollar.pk], actor=someone)) == ["", ""]


def test_what_another_entity_gave_to_sign_counts_too(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    someone = by_day("150")
    here, there = people.payment(stage, amount="100"), people.payment(other, amount="100")
    assert codes(approvals.validate(ids=[here.pk], actor=someone)) == [""]
    assert codes(approvals.validate(ids=[there.pk], actor=someone)) == ["payment.over_day"]


def test_the_database_refuses_it_too(stage: people.Stage) -> None:
    someone = by_day("100")
    first, second = people.payment(stage, amount="100"), people.payment(stage, amount="1")
    PaymentApproval.objects.create(payment=first, stage=0, person=someone, given_at=timezone.now())
    with pytest.raises(IntegrityError, match="above the limit of the day"), transaction.atomic():
        PaymentApproval.objects.create(payment=second, stage=0, person=someone, given_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_eight_approvals_at_once_do_not_pass_the_day(transactional_db: None) -> None:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "5000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    made = [people.payment(stage, amount="100") for _number in range(8)]
    approvals.validate(ids=[one.pk for one in made], actor=people.person())
    someone = by_day("350", act="approve")

    def approve(payment: Payment) -> str:
        try:
            return workflow.approve(ids=[payment.pk], actor=someone)[0].code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(approve, made))
    assert answers == [""] * 3 + ["payment.over_day"] * 5
    assert sum(state(one).status == "posted" for one in made) == 3


def test_the_screen_sets_it_and_refuses_a_day_below_one_payment(stage: people.Stage) -> None:
    client, someone = signed_in(people.person("administrator")), people.person(limit=None)
    form = {"act": "approve", "currency": "EUR", "amount": "1 000", "day_amount": "999,99"}
    answer = client.post(f"/users/{someone.pk}/limits/", form)
    assert answer.status_code == 422
    assert "The limit of the day is not below that of one payment." in answer.content.decode()
    client.post(f"/users/{someone.pk}/limits/", {**form, "day_amount": "2500"})
    changes.sign(actor=people.person("administrator"), request_id=ChangeRequest.objects.get().pk)
    limit = Limit.objects.get(user=someone)
    assert (limit.amount, limit.day_amount) == (Decimal(1000), Decimal(2500))
    one, day = formats.amount(Decimal(1000), "EUR"), formats.amount(Decimal(2500), "EUR")
    assert f"to {one}, {day} a day" in client.get(f"/users/{someone.pk}/").content.decode()
