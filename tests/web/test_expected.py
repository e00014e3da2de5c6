"""What is expected on the screens and by the API: lists, one of them, acts of people, an alert without a payment."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from controls.cases import reports
from controls.models import Alert, Case, Expectation, Occurrence
from tests import people
from tests.api.client import Program
from tests.controls.cases_scene import Scene, scene
from tests.controls.expected_scene import NUMBER, by_hand, learn, look, months, paid, series
from tests.web.desk import signed_in
from tests.web.test_cases import text, waits

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def missing(here: Scene) -> Occurrence:
    """Monthly, and not come lately."""
    today = timezone.localdate()
    series(here, months(5, 6, until=today - timedelta(days=25)))
    learn(here, today - timedelta(days=25))
    expectation = Expectation.objects.get()
    look(here, (expectation.next_on or today) + timedelta(days=12))
    return Occurrence.objects.get(status="missing")


def test_the_list_has_views_filters_and_a_constant_number_of_queries(here: Scene) -> None:
    by_hand(here, name="Tenant Le Goff")
    by_hand(here, kind="file", account=None, source=here.stage.source.pk, amount=None)
    desk = signed_in(here.one)
    page = text(desk.get("/expected/?view=awaited"))
    assert "Awaited<b>2</b>" in page
    assert "Tenant Le Goff" in page
    assert "€700.00" in page
    assert "every month, on day" in page
    assert "Tenant" not in text(desk.get("/expected/?view=awaited&kind=file"))
    assert "Treasurer" not in text(desk.get("/expected/?view=awaited&q=goff"))
    assert "Nothing here" in text(desk.get("/expected/"))
    assert "Tenant Le Goff" in text(desk.get("/expected/?view=rhythms"))
    costs = []
    for count in (0, 6):
        for number in range(count):
            by_hand(here, number=f"{NUMBER}{number}")
        with CaptureQueriesContext(connection) as asked:
            desk.get("/expected/?view=awaited")
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_pages_go_on_where_the_last_one_ended(here: Scene) -> None:
    for number in range(60):
        by_hand(here, number=f"{NUMBER}{number}", name=f"Tenant {number:02}")
    desk = signed_in(here.one)
    first = desk.get("/expected/?view=awaited")
    second = desk.get("/expected/", {"view": "awaited", "cursor": first.context["page"].next})
    keys = [row["due"].pk for answer in (first, second) for row in answer.context["rows"]]
    assert len(keys) == len(set(keys)) == 60


def test_an_alert_without_a_payment_reads_well_and_holds_nothing(here: Scene) -> None:
    due = missing(here)
    case, desk = Case.objects.get(), signed_in(here.one)
    page = text(desk.get(f"/cases/{case.pk}/"))
    assert "Expected and not come" in page
    assert "A payment of about €1,200.00 to Landlord was expected by" in page
    assert "came between day 5 and day" in page
    assert f'href="/expected/{due.expectation_id}/">Landlord</a>' in page
    assert "This case is of nothing that could wait." in page
    assert "Landlord" in text(desk.get("/cases/"))
    assert waits(here.one, "/expected/") == 1
    payment = paid(here, due.missing_after + timedelta(days=2))
    assert look(here, due.missing_after + timedelta(days=3)) == (1, 0)
    page = text(desk.get(f"/cases/{case.pk}/"))
    assert "Came late" in page
    assert payment.reference in page
    assert "noted that what was due on" in page
    assert "Came late" in text(desk.get("/expected/?view=late"))
    reporter = people.person(roles.REPORTER, entity=here.stage.entity)
    facts = reports.prepare(actor=reporter, case_id=case.pk).facts
    assert facts["payments"] == []
    assert facts["alerts"][0]["missing"] == {"name": "Landlord", "due_on": due.due_on.isoformat()}
    assert signed_in(reporter).get("/suspicions/").status_code == 200
    (told,) = Program(here.one).get("/alerts").json()["items"]
    assert (told["payment"], told["occurrence"], told["typology"]) == (None, due.pk, "missing")
    detail = Program(here.one).get(f"/cases/{case.pk}").json()
    assert [one["why"] for one in detail["payments"]].count("alert") == 0


def test_the_case_of_a_file_that_did_not_come(here: Scene) -> None:
    by_hand(here, kind="file", account=None, source=here.stage.source.pk, amount=None, rhythm="week")
    look(here, timezone.localdate() + timedelta(days=26))
    case = Case.objects.get()
    assert (case.group, case.subject) == ("source", "Treasurer")
    page = text(signed_in(here.one).get(f"/cases/{case.pk}/"))
    assert "A file of Treasurer was expected by" in page
    assert "One had it expected." in page


def test_people_add_excuse_and_end_by_the_screen(here: Scene) -> None:
    desk = signed_in(here.one)
    said = {
        "kind": "payer", "account": here.stage.customer.pk, "name": "Tenant", "number": "de02 1203 0000 0000 2020 51",
        "amount": "650,00", "rhythm": "quarter", "first_on": f"{timezone.localdate() + timedelta(days=20)}",
        "working_day": "next", "tolerance": "2", "grace": "3",
    }  # fmt: skip
    assert "Add by hand" in text(desk.get("/expected/new/"))
    assert desk.post("/expected/new/", {**said, "amount": "much"}).status_code == 422
    assert desk.post("/expected/new/", {**said, "name": ""}).status_code == 422
    assert desk.post("/expected/new/", said).status_code == 302
    one = Expectation.objects.get()
    assert (one.number, one.amount, one.every, one.made_by) == (NUMBER, 650, 3, here.one)
    due = one.occurrences.get()
    page = f"/expected/{one.pk}/"
    assert "Excuse it" in text(desk.get(page))
    refused = desk.post(f"{page}excuse/", {"occurrence": due.pk, "reason": ""})
    assert (refused.status_code, "Say why." in refused.content.decode()) == (422, True)
    assert desk.post(f"{page}excuse/", {"occurrence": due.pk, "reason": "Rent-free"}).status_code == 302
    assert "Rent-free" in text(desk.get(page))
    assert "Tenant" in text(desk.get("/expected/?view=excused"))
    assert desk.post(f"{page}excuse/", {"occurrence": due.pk, "reason": "Again"}).status_code == 422
    assert desk.post(f"{page}end/", {"reason": "Sold"}).status_code == 302
    page = text(desk.get(page))
    for words in ("added it by hand", "excused the one of", "Sold", "Ended"):
        assert words in page


def test_who_only_reads_and_who_may_not(here: Scene) -> None:
    one = by_hand(here)
    auditor = signed_in(people.person(roles.AUDITOR, entity=here.stage.entity))
    page = text(auditor.get(f"/expected/{one.pk}/"))
    assert "Excuse it" not in page
    assert "End it" not in page
    assert auditor.post(f"/expected/{one.pk}/end/", {"reason": "No"}).status_code == 403
    assert signed_in(people.person(roles.OPERATOR, entity=here.stage.entity)).get("/expected/").status_code == 403
    there = signed_in(scene("THERE", iban="FR7630006000011234567890189").one)
    assert there.get(f"/expected/{one.pk}/").status_code == 404
    assert "Landlord" not in text(there.get("/expected/?view=rhythms"))


def test_the_api_has_the_same(here: Scene) -> None:
    program = Program(here.one)
    said: dict[str, Any] = {
        "kind": "payee", "rhythm": "month", "account": here.stage.customer.pk, "number": NUMBER, "name": "Landlord",
        "first_on": f"{timezone.localdate() + timedelta(days=20)}", "amount": "700.00",
    }  # fmt: skip
    made = program.post("/expectations", said)
    assert made.status_code == 201
    key = made.json()["id"]
    assert (made.json()["amount"], made.json()["origin"], made.json()["spread"]) == ("700.00", "by_hand", None)
    again = program.post("/expectations", said)
    assert (again.status_code, again.json()["code"]) == (409, "expected.known")
    assert program.get(f"/expectations/{key}").json()["unit"] == "month"
    (due,) = program.get("/occurrences?view=awaited").json()["items"]
    assert (due["expectation"], due["status"], due["late"]) == (key, "awaited", False)
    told = program.post("/occurrences/excuse", {"ids": [due["id"], 999_999], "reason": "Works"}).json()
    assert ([one["code"] for one in told["answers"]], told["done"], told["refused"]) == (["", "not_there"], 1, 1)
    assert program.get(f"/occurrences?expectation={key}").json()["items"][0]["reason"] == "Works"
    assert program.post("/expectations/end", {"ids": [key], "reason": "Moved"}).json()["done"] == 1
    assert program.get("/expectations?active=true").json()["items"] == []
    assert [one["end_reason"] for one in program.get("/expectations?active=false").json()["items"]] == ["Moved"]


def test_the_pages_are_in_french(here: Scene) -> None:
    due = missing(here)
    here.one.language = "fr"
    here.one.save()
    desk = signed_in(here.one)
    assert "Manquants<b>1</b>" in text(desk.get("/expected/"))
    assert "Paiement à un bénéficiaire" in text(desk.get(f"/expected/{due.expectation_id}/"))
    assert "Un paiement d’environ" in text(desk.get(f"/cases/{Alert.objects.get().case_id}/"))
