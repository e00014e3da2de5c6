"""Deputies by the screens: named, seen, ended; signing in another's place, both names on the payment's page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Delegation
from controls import approvals
from controls.models import ApprovalPolicy
from tests import people
from tests.web.desk import signed_in, state
from transactions.models import PaymentApproval

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    supervisor = {"persons": 1, "role": "supervisor"}
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1, stages=[supervisor])
    return stage


def test_a_supervisor_names_a_deputy_who_signs_in_their_place(stage: people.Stage) -> None:
    boss = people.person(roles.SUPERVISOR, entity=stage.entity, name="Marc Lefèvre")
    deputy = people.person(entity=stage.entity, name="Anne Le Goff")
    today = timezone.localdate()
    form = {
        "deputy": deputy.pk, "act": "approve", "entity": "BANK", "first_day": today, "last_day": today,
        "reason": "At the dentist",
    }  # fmt: skip
    answer = signed_in(boss).post("/deputies/", form)
    assert answer.status_code == 302
    made = Delegation.objects.get()
    assert (made.giver, made.deputy, made.act, made.entity) == (boss, deputy, "approve", stage.entity)
    assert made.valid_to - made.valid_from > timedelta(hours=23)

    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    desk = signed_in(deputy)
    asked = desk.get(f"/payments/{payment.pk}/approve/").content.decode()
    assert "in the place of Marc Lefèvre" in asked
    assert "in my own name" not in asked
    answer = desk.post(f"/payments/{payment.pk}/approve/", {"version": 2, "on_behalf_of": boss.pk})
    assert answer.status_code == 302
    signed = PaymentApproval.objects.get(payment=payment, stage=1)
    assert (signed.person, signed.on_behalf_of) == (deputy, boss)
    page = desk.get(f"/payments/{payment.pk}/").content.decode()
    assert "in the place of Marc Lefèvre" in page
    assert "approved the payment in the place of Marc Lefèvre" in page


def test_someone_else_s_name_is_not_taken(stage: people.Stage) -> None:
    boss = people.person(roles.SUPERVISOR, entity=stage.entity)
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    desk = signed_in(people.person(entity=stage.entity))
    answer = desk.post(f"/payments/{payment.pk}/approve/", {"version": 2, "on_behalf_of": boss.pk})
    assert answer.status_code == 422
    assert state(payment).status == "validated"


def test_dates_that_are_past_are_said_beside_the_field(stage: people.Stage) -> None:
    boss, deputy = (people.person(role, entity=stage.entity) for role in (roles.SUPERVISOR, roles.OPERATOR))
    past = timezone.localdate() - timedelta(days=2)
    form = {"deputy": deputy.pk, "act": "approve", "entity": "BANK", "first_day": past, "last_day": past, "reason": "x"}
    answer = signed_in(boss).post("/deputies/", form)
    assert answer.status_code == 422
    assert "A delegation ends in the future" in answer.content.decode()
    assert not Delegation.objects.exists()


def test_an_administrator_sees_and_ends_it_on_the_person_s_page(stage: people.Stage) -> None:
    boss, deputy = (people.person(role, entity=stage.entity) for role in (roles.SUPERVISOR, roles.OPERATOR))
    now = timezone.now()
    made = Delegation.objects.create(
        giver=boss, deputy=deputy, act="approve", entity=stage.entity, valid_from=now, valid_to=now + timedelta(1),
        reason="Away",
    )  # fmt: skip
    desk = signed_in(people.person(roles.ADMINISTRATOR, entity=stage.entity))
    assert f"/deputies/{made.pk}/end/" in desk.get(f"/users/{boss.pk}/").content.decode()
    answer = desk.post(f"/deputies/{made.pk}/end/", {"next": f"/users/{boss.pk}/"})
    assert answer.headers["Location"] == f"/users/{boss.pk}/"
    made.refresh_from_db()
    assert made.ended_at is not None
