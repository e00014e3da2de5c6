"""Cases under hostile input by screen and API: refused with words, never a fault of the house; nothing runs, leads
elsewhere or is shown in clear."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from controls import cases
from controls.cases import reports
from controls.models import Case
from tests import database, people
from tests.api.client import Program
from tests.controls.cases_scene import ELSEWHERE, Scene, payee, row, scene
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db
HUGE = 10**30
RISK = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}


@pytest.fixture
def here() -> Scene:
    return scene()


BODIES: list[tuple[str, dict[str, Any]]] = [
    ("take", {"versions": {str(10**17): HUGE}}),
    ("assign", {"person": HUGE}),
    ("assign", {"person": 10**18}),
    ("snooze", {"until": "9999-12-31T23:59:59-23:59", "reason": "x"}),
    ("snooze", {"until": "0001-01-01T00:00:00+23:59", "reason": "x"}),
    ("snooze", {"until": "2026-13-45", "reason": "x"}),
    ("ask", {"addressee": "x", "question": "\x00", "due_at": "9999-12-31T23:59:59Z"}),
    ("ask", {"addressee": "\ud800", "question": "x", "due_at": "9999-12-31T23:59:59Z"}),
    ("comment", {"words": "\ud800"}),
    ("comment", {"words": "x" * 100_000}),
    ("tick", {"item": "\x00"}),
    ("link", {"kind": "account", "target": HUGE}),
    ("link", {"kind": "account", "target": 10**18, "note": "\x00"}),
    ("decide", {**RISK, "cause": "known_habit"}),
    ("decide", {**RISK, "actions": ["reject"] * 50_000}),
    ("decide", {**RISK, "actions": [["reject"]]}),
    ("silence", {"days": HUGE, "reason": "x"}),
    ("gather", {"incident": HUGE}),
    ("gather", {"kind": "file", "label": "\x00"}),
    ("release", {"reason": "\x00"}),
]


@pytest.mark.parametrize(("verb", "body"), BODIES)
def test_a_hostile_body_is_refused_in_words(here: Scene, verb: str, body: dict[str, Any]) -> None:
    case = here.case()
    for ids in ([case.pk], [case.pk, HUGE], [HUGE], list(range(1, 1_500))):
        answer = Program(here.one).post(f"/cases/{verb}", {"ids": ids, **body})
        assert answer.status_code < 500, answer.content
        assert answer.status_code != 204


def test_a_hostile_alert_by_hand_is_refused_in_words(here: Scene) -> None:
    said = {"typology": "fan", "reason": "x"}
    program = Program(here.one)
    (answer,) = program.post("/alerts", {"payments": [HUGE], **said}).json()["answers"]
    assert (answer["done"], answer["code"]) == (False, "not_there")
    refused = program.post("/alerts", {"payments": list(range(1, 1_500)), **said})
    assert (refused.status_code, refused.json()["code"]) == (422, "case.too_many")


@pytest.mark.parametrize(
    "query",
    [
        {"payment": HUGE}, {"incident": HUGE}, {"entity": HUGE}, {"cursor": "x"}, {"score": HUGE}, {"view": "\x00"},
        {"since": "0001-01-01T00:00:00+23:59", "until": "9999-12-31T23:59:59-23:59"},
        {"since": "0001-01-01", "until": "9999-12-31"}, {"ids": HUGE}, {"typology": "\x00", "status": "\x00"},
    ],
)  # fmt: skip
def test_a_hostile_address_is_answered(here: Scene, query: dict[str, Any]) -> None:
    case = here.case()
    desk, program = signed_in(here.one), Program(here.one)
    for address in ("", "together/", "figures/", "silences/", f"{case.pk}/", f"{HUGE}/"):
        assert desk.get(f"/cases/{address}", query).status_code in {200, 302, 400, 404, 422}, address
    for path in ("/cases", "/alerts", "/cases/figures", "/silences", f"/cases/{case.pk}", f"/cases/{HUGE}"):
        assert program.get(path, **query).status_code < 500, path


def test_a_hostile_form_is_answered_and_leads_nowhere_else(here: Scene) -> None:
    one, two = here.case(), here.case()
    desk = signed_in(here.one)
    hostile = ("\x00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00", str(HUGE), "\u202e", "x" * 5000)
    names = ("until", "due", "person", "target", "item", "days", "cause", "disposition", "reason", "actions", "kind")
    for verb in ("assign", "snooze", "ask", "link", "tick", "decide", "silence", "gather"):
        for value in hostile:
            said = {**dict.fromkeys(names, value), "words": value, "addressee": value, "question": value}
            for ids in ([one.pk], [one.pk, two.pk]):
                answer = desk.post(f"/cases/acts/{verb}/", {**said, "ids": ids, "version": value})
                assert answer.status_code in {302, 404, 422}, (verb, value)
    for away in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ):
        answer = desk.post("/cases/acts/take/", {"ids": [one.pk, two.pk], "next": away})
        assert answer["Location"] == "/cases/"


def test_what_others_wrote_is_shown_and_does_not_run(here: Scene) -> None:
    script = "<script>alert(1)</script>"
    of = payee(here, name=script)
    cases.raise_alerts([row(here.payment(payee=of, creditor_name=script), typology="changed_details")])
    case, supervisor = Case.objects.get(), here.one
    cases.comment(ids=[case.pk], actor=supervisor, words=script)
    later = timezone.now() + timedelta(days=1)
    cases.ask(ids=[case.pk], actor=supervisor, addressee=script, question=script, due_at=later)
    cases.gather(ids=[case.pk], actor=supervisor, kind="file", label=script)
    reporter = people.person(roles.REPORTER, entity=here.stage.entity)
    report = reports.prepare(actor=reporter, case_id=case.pk)
    reports.write(actor=reporter, report_id=report.pk, analysis=script, version=1)
    for person, address in (
        (supervisor, "/cases/"), (supervisor, f"/cases/{case.pk}/"), (supervisor, f"/cases/together/?ids={case.pk}"),
        (supervisor, f"/cases/?incident={case.incident_id or 1}"), (reporter, f"/suspicions/{report.pk}/"),
        (reporter, "/suspicions/"),
    ):  # fmt: skip
        answer = signed_in(person).get(address)
        assert answer.status_code in {200, 404}, address
        assert script not in answer.content.decode(), address


def test_no_account_number_is_in_clear_for_a_token_that_may_not_read_it(here: Scene) -> None:
    number = "DE89370400440532013000"
    said = {"sentence_en": "To {creditor_number}", "sentence_fr": "Vers {creditor_number}", "weight": 9,
            "params": {"creditor_number": number}}  # fmt: skip
    cases.raise_alerts([row(here.payment(creditor_number=number), reasons=[said])])
    case = Case.objects.get()
    program = Program(here.one, scopes=["case.view"])
    for path in ("/cases", f"/cases/{case.pk}", "/alerts"):
        answer = program.get(path)
        assert answer.status_code == 200
        assert number not in answer.content.decode()
    assert number not in signed_in(here.one).get(f"/cases/{case.pk}/").content.decode()


def test_figures_of_people_are_for_who_decides_where_they_work(here: Scene) -> None:
    far = scene("FAR", ELSEWHERE)
    cases.decide(ids=[far.case().pk], actor=far.one, **{**RISK, "reason": "Seen there"})
    reader = people.person(roles.SUPERVISOR, entity=here.stage.entity)
    people.grant(reader, roles.AUDITOR, far.stage.entity)
    database.update(User.objects.filter(pk=far.one.pk), full_name="Judge Elsewhere")
    for address in ("/cases/figures/", "/cases/figures/?entity=FAR"):
        assert "Judge Elsewhere" not in signed_in(reader).get(address).content.decode()
    people.grant(reader, roles.SUPERVISOR, far.stage.entity)
    assert "Judge Elsewhere" in signed_in(reader).get("/cases/figures/").content.decode()


def test_names_of_people_elsewhere_are_not_told_by_their_numbers(here: Scene) -> None:
    case, far = here.case(), scene("FAR", ELSEWHERE)
    answer = Program(here.one).post("/cases/assign", {"ids": [case.pk], "person": far.one.pk})
    assert answer.status_code == 404
    assert far.one.full_name not in answer.content.decode()


def test_the_page_offers_no_lift_where_two_were_asked(here: Scene) -> None:
    case = here.case()
    cases.decide(ids=[case.pk], actor=here.one, actions=["hold"], **RISK)
    cases.decide(ids=[case.pk], actor=here.other, disposition="false_positive", cause="data", reason="Known")
    page = signed_in(here.third).get(f"/cases/{case.pk}/").content.decode()
    assert "/cases/acts/lift/" not in page
    assert "Two people were asked about this case." in page
