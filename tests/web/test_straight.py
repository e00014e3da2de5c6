"""Policies of straight-through processing by the screens: asked for, approved by another, stopped by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.people import roles
from controls.models import ChangeRequest, StraightPolicy
from tests import people
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


def form(**fields: str) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "name": "Small and known", "kind": "sepa", "max_amount": "200", "day_amount": "1 000", "currency": "EUR",
        "known_payees": "on", "first_day": today.isoformat(), "last_day": (today + timedelta(days=30)).isoformat(),
        "reason": "Agreed with the treasurer", **fields,
    }  # fmt: skip


def test_two_people_make_a_policy_and_one_stops_it() -> None:
    stage = people.bank_branch()
    one, other = (people.person(roles.SUPERVISOR, entity=stage.entity) for _number in range(2))
    page = signed_in(one).get("/approvals/straight/").content.decode()
    assert "Off: every payment needs its signatures." in page
    wrong = signed_in(one).post(f"/approvals/straight/{stage.entity.pk}/new/", form(day_amount="199"))
    assert (wrong.status_code, ChangeRequest.objects.count()) == (422, 0)
    assert signed_in(one).post(f"/approvals/straight/{stage.entity.pk}/new/", form()).status_code == 302
    asked = ChangeRequest.objects.get()
    assert signed_in(one).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    assert not StraightPolicy.objects.exists()
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    made = StraightPolicy.objects.get()
    assert (made.written_by, made.approved_by, made.number) == (one, other, 1)
    page = signed_in(other).get("/approvals/straight/").content.decode()
    assert "In force" in page
    assert "only to accounts that were paid before" in page
    operator = people.person(entity=stage.entity)
    assert signed_in(operator).post(f"/approvals/straight/{made.pk}/stop/", {"reason": "Odd"}).status_code == 302
    made.refresh_from_db()
    assert (made.stopped_by, made.stop_reason) == (operator, "Odd")
    assert "stopped by" in signed_in(other).get("/approvals/straight/").content.decode()
