"""Cases on the screens and by the API: the list, one case to its disposition by two, what is hidden, queries."""

import difflib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from backoffice.web import navigation
from controls import cases
from controls.cases import reports
from controls.models import Alert, Case, CaseRequest, Incident
from documents.models import AuditRecord
from tests import database, people
from tests.api.client import Program
from tests.controls.cases_scene import ELSEWHERE, REASON, Scene, payee, row, scene
from tests.web.desk import signed_in
from transactions.models import PaymentState

pytestmark = pytest.mark.django_db
LIST_QUERIES = 12
FALSE: Any = {"disposition": "false_positive", "cause": "known_habit", "reason": "Monthly order"}
RISK: Any = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}


@pytest.fixture
def here() -> Scene:
    return scene()


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def lines(pages: list[list[str]]) -> list[str]:
    return [line for desk in pages for page in desk for line in page.splitlines()]


def waits(user: people.User, url: str = "/cases/") -> int | None:
    items = [item for group in navigation.menu(user, "queue") for item in group["items"]]
    return next((item["count"] for item in items if item["url"] == url), None)


def test_the_list_has_tabs_filters_and_counts(here: Scene) -> None:
    here.case(score=90, typology="changed_details", creditor_name="Graver")
    snoozed, mine, closed = here.case(creditor_name="Resting"), here.case(creditor_name="Mine"), here.case()
    until = timezone.now() + timedelta(days=1)
    cases.snooze(ids=[snoozed.pk], actor=here.one, until=until, reason="Later")
    cases.take(ids=[mine.pk], actor=here.one)
    cases.decide(ids=[closed.pk], actor=here.other, **FALSE)
    desk = signed_in(here.one)
    page = text(desk.get("/cases/"))
    for tab in ("Open<b>2</b>", "Mine<b>1</b>", "Snoozed<b>1</b>"):
        assert tab in page
    assert page.index("Changed bank details") < page.index("Mine</td>")
    assert "Raised by hand: seen" in page
    assert "Resting" not in page
    assert "Resting" in text(desk.get("/cases/?view=snoozed"))
    assert "Graver" not in text(desk.get("/cases/?view=mine"))
    assert "False positive" in text(desk.get("/cases/?view=closed"))
    assert "Mine</td>" not in text(desk.get("/cases/?typology=changed_details"))
    assert "Mine</td>" not in text(desk.get("/cases/?score=80"))
    assert "No case matches" in text(desk.get("/cases/?typology=circle"))
    assert waits(here.one) == 2


def test_the_list_pages_with_a_constant_number_of_queries(here: Scene) -> None:
    def cost(address: str) -> int:
        desk = signed_in(here.one)
        with CaptureQueriesContext(connection) as counted:
            assert desk.get(address).status_code == 200
        return len(counted)

    here.case()
    before = cost("/cases/")
    cases.raise_alerts(
        [row(here.payment(creditor_number=f"N{people.next_number()}", creditor_name=f"P{n:03}")) for n in range(70)]
    )
    assert cost("/cases/") == before <= LIST_QUERIES
    page = text(signed_in(here.one).get("/cases/"))
    (following,) = re.findall(r'href="(\?cursor=[^"]+)" rel="next"', page)
    second = text(signed_in(here.one).get(f"/cases/{following}"))
    names = re.findall(r'title="(P\d{3})"', page + second)
    assert len(set(names)) == 70


def test_the_page_of_a_case_costs_the_same_however_much_is_in_it(here: Scene) -> None:
    of = payee(here)
    cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")])
    case = Case.objects.get()

    def cost() -> int:
        desk = signed_in(here.one)
        with CaptureQueriesContext(connection) as counted:
            assert desk.get(f"/cases/{case.pk}/").status_code == 200
        return len(counted)

    before = cost()
    cases.raise_alerts([row(here.payment(payee=of), typology="changed_details") for _one in range(20)])
    assert cost() == before


def test_a_case_from_alert_to_disposition_by_two(here: Scene) -> None:
    of = payee(here, "Kervella & Fils")
    raised = cases.raise_alerts([row(here.payment(payee=of, amount="48250.00"), typology="changed_details", score=85)])
    case = Case.objects.get(pk=raised.cases[0])
    one, other = signed_in(here.one), signed_in(here.other)
    page = text(one.get(f"/cases/{case.pk}/"))
    for said in ("Kervella &amp; Fils", "Raised by hand: seen", "called back on a number", "Flows of 90 days", "Take"):
        assert said in page
    assert "style=" not in page
    assert one.post("/cases/acts/take/", {"ids": case.pk, "version": 1}).status_code == 302
    stale = one.post("/cases/acts/escalate/", {"ids": case.pk, "version": 1, "reason": "Large"})
    assert (stale.status_code, "version" in stale.content.decode()) == (422, True)
    assert one.post("/cases/acts/tick/", {"ids": case.pk, "item": "called", "done": 1}).status_code == 302
    silent = one.post("/cases/acts/decide/", {"ids": case.pk, **RISK, "reason": " "})
    assert (silent.status_code, "Say why" in silent.content.decode()) == (422, True)
    assert one.post("/cases/acts/decide/", {"ids": case.pk, **RISK, "actions": ["reject"]}).status_code == 302
    blind = text(other.get(f"/cases/{case.pk}/"))
    assert "A second verdict is asked" in blind
    assert "Mailbox taken over" not in blind
    assert "First verdict" not in blind
    assert "Mailbox taken over" in text(one.get(f"/cases/{case.pk}/"))
    assert (waits(here.one), waits(here.other)) == (0, 1)
    again = one.post("/cases/acts/decide/", {"ids": case.pk, **RISK})
    assert "another person" in again.content.decode()
    assert other.post("/cases/acts/decide/", {"ids": case.pk, **RISK, "actions": ["reject"]}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.disposition) == ("closed", "confirmed_risk")
    assert PaymentState.objects.get(payment__alerts__case=case).status == "rejected"
    after = text(other.get(f"/cases/{case.pk}/"))
    assert after.count("Mailbox taken over") >= 2
    assert "closed the case as “Confirmed risk”" in after
    assert other.post("/cases/acts/comment/", {"ids": case.pk, "words": "Late"}).status_code == 422
    assert other.post("/cases/acts/reopen/", {"ids": case.pk, "reason": "More of it"}).status_code == 302


def test_the_other_forms_of_the_page(here: Scene) -> None:
    case, second = here.case(), here.case()
    desk = signed_in(here.one)
    later = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"

    def post(verb: str, **said: Any) -> int:
        return int(desk.post(f"/cases/acts/{verb}/", {"ids": case.pk, **said}).status_code)

    assert post("comment", words="Called") == 302
    assert post("hold", reason="Wait") == 302
    assert "An inquiry is under way" in text(desk.get(f"/payments/{Alert.objects.get(case=case).payment_id}/"))
    assert post("lift", reason="Go on") == 302
    assert post("ask", addressee="Purchasing", question="Who ordered?", due=later) == 302
    assert post("ask", addressee="Purchasing", question="Who ordered?", due="soon") == 422
    asked = CaseRequest.objects.get()
    assert desk.post(f"/cases/requests/{asked.pk}/answer/", {"answer": "We did"}).status_code == 302
    assert post("link", kind="other", target=second.pk, note="Same mailbox") == 302
    assert post("link", kind="other", target=999_999_999) == 404
    link = case.links.get()
    assert desk.post(f"/cases/links/{link.pk}/unlink/").status_code == 302
    assert post("assign", person=here.other.pk) == 302
    assert post("release") == 422
    assert post("release", reason="Ill") == 302
    assert post("snooze", until=later, reason="Monday") == 302
    assert post("wake") == 302
    assert post("escalate", reason="Large") == 302
    page = text(desk.get(f"/cases/{case.pk}/"))
    for said in (
        "asked Purchasing",
        "We did",
        "gave the case to Other",
        "snoozed the case until",
        "escalated the case",
    ):
        assert said in page


def test_several_cases_are_gathered_and_decided_together(here: Scene) -> None:
    many = [here.case(creditor_name="One and the same") for _one in range(3)]
    desk = signed_in(here.one)
    page = text(desk.get("/cases/together/", {"ids": [one.pk for one in many]}))
    assert "3 cases together" in page
    assert 'value="payee:One and the same"' in page
    ids = [one.pk for one in many]
    assert desk.post("/cases/acts/gather/", {"ids": ids, "cause": "payee:One and the same"}).status_code == 302
    incident = Incident.objects.get()
    assert (incident.kind, incident.label) == ("payee", "One and the same")
    assert "One and the same" in text(desk.get(f"/cases/?incident={incident.pk}"))
    assert desk.post("/cases/acts/decide/", {"ids": ids, **FALSE}).status_code == 302
    assert set(incident.cases.values_list("status", flat=True)) == {"closed"}
    assert desk.get("/cases/?incident=999").status_code == 404


def test_an_operator_raises_from_the_payment_page_and_sees_no_case(here: Scene) -> None:
    operator = people.person(roles.OPERATOR, entity=here.stage.entity)
    payment = here.payment()
    desk = signed_in(operator)
    assert f"/payments/{payment.pk}/alert/" in text(desk.get(f"/payments/{payment.pk}/"))
    assert desk.post(f"/payments/{payment.pk}/alert/", {"typology": "fan", "reason": ""}).status_code == 422
    said = {"typology": "name_unlike", "reason": "Another voice"}
    assert desk.post(f"/payments/{payment.pk}/alert/", said).status_code == 302
    case = Case.objects.get()
    page = text(desk.get(f"/payments/{payment.pk}/"))
    assert case.reference not in page
    assert desk.get(f"/cases/{case.pk}/").status_code == 403
    seen = text(signed_in(here.one).get(f"/payments/{payment.pk}/"))
    assert f'href="/cases/{case.pk}/"' in seen


def test_nobody_without_the_right_learns_of_a_report(here: Scene) -> None:
    case = here.case()
    reporter = people.person(roles.REPORTER, entity=here.stage.entity)
    auditor = people.person(roles.AUDITOR, entity=here.stage.entity)
    desks = [signed_in(one) for one in (here.one, auditor)]
    places = ("/cases/", f"/cases/{case.pk}/", f"/payments/{Alert.objects.get().payment_id}/", "/dashboard/")
    clean = re.compile(r"csrf[^>]+>|<time.*?</time>|<progress.*?</progress>|\d\d:\d\d")
    before = [[clean.sub("", text(desk.get(place))) for place in places] for desk in desks]
    mine = signed_in(reporter)
    assert mine.post(f"/cases/{case.pk}/suspicion/").status_code == 302
    (made,) = reports.of_case(reporter, case)
    assert mine.post(f"/suspicions/{made.pk}/write/", {"analysis": "Through", "version": 1}).status_code == 302
    assert mine.post(f"/suspicions/{made.pk}/write/", {"analysis": "Late", "version": 1}).status_code == 422
    after = [[clean.sub("", text(desk.get(place))) for place in places] for desk in desks]
    told = "\n".join(difflib.unified_diff(lines(before), lines(after), n=0))
    assert not told
    for desk in desks:
        for place in ("/suspicions/", f"/suspicions/{made.pk}/", "/suspicions/999999/"):
            assert desk.get(place).status_code == 403
        assert desk.post(f"/cases/{case.pk}/suspicion/").status_code == 403
    assert (waits(reporter, "/suspicions/"), waits(here.one, "/suspicions/")) == (1, None)
    told = Program(here.one).get(f"/cases/{case.pk}").content.decode() + Program(auditor).get("/cases").content.decode()
    assert "suspicion" not in told.lower()
    assert mine.post(f"/suspicions/{made.pk}/file/", {"reference": "T-77"}).status_code == 302
    page = text(mine.get(f"/suspicions/{made.pk}/"))
    assert "T-77" in page
    assert "filed it with the authority" in page
    assert mine.post(f"/suspicions/{made.pk}/drop/", {"reason": "No"}).status_code == 422


def test_figures_by_typology_and_person(here: Scene) -> None:
    for verdict in (FALSE, RISK, FALSE):
        cases.decide(ids=[here.case().pk], actor=here.one, **verdict)
    database.update(Case.objects.all(), opened_at=timezone.now() - timedelta(hours=3))
    page = text(signed_in(here.other).get("/cases/figures/"))
    assert re.search(r"Duplicate payment</th><td class=\"num\">3</td><td class=\"num\">1</td>", page)
    assert "33" in page
    assert "3 hours" in page
    assert ">One</th>" in page
    auditor = people.person(roles.AUDITOR, entity=here.stage.entity)
    assert ">One</th>" not in text(signed_in(auditor).get("/cases/figures/"))


def test_programs_read_and_people_act_by_the_interface(here: Scene) -> None:
    case = here.case(score=60)
    far = scene("FAR", ELSEWHERE).case()
    program = Program(here.one)
    (listed,) = program.get("/cases").json()["items"]
    assert (listed["id"], listed["name"], listed["score"], listed["status"]) == (
        case.pk,
        "Duplicate payment",
        60,
        "open",
    )
    told = program.get(f"/cases/{case.pk}").json()
    assert told["alerts"][0]["reasons"] == [
        {"sentence": "Raised by hand: seen", "weight": 40.0, "rule": "", "version": 0}
    ]
    assert told["payments"][0]["amount"] == "150.00"
    assert program.get(f"/cases/{far.pk}").status_code == 404
    assert [one["case"] for one in program.get("/alerts").json()["items"]] == [case.pk]
    answers = program.post("/cases/take", {"ids": [case.pk, far.pk]}).json()
    assert (answers["done"], answers["refused"]) == (1, 1)
    assert answers["answers"][1]["code"] == "not_there"
    assert program.post("/cases/decide", {"ids": [case.pk], **FALSE, "cause": "laundering"}).status_code == 422
    assert program.post("/cases/decide", {"ids": [case.pk], **FALSE}).json()["done"] == 1
    assert program.get("/cases").json()["items"] == []
    assert program.get("/cases", view="closed").json()["items"][0]["disposition"] == "false_positive"
    since = (timezone.now() - timedelta(days=1)).isoformat()
    until = (timezone.now() + timedelta(days=1)).isoformat()
    figures = program.get("/cases/figures", since=since, until=until).json()
    assert [(one["key"], one["false"]) for one in figures["typologies"]] == [("duplicate", 1)]
    operator = people.person(roles.OPERATOR, entity=here.stage.entity)
    raised = Program(operator).post(
        "/alerts", {"payments": [here.payment().pk], "typology": "fan", "reason": "Many"}
    ).json()  # fmt: skip
    assert (raised["done"], raised["answers"][0]["params"].keys()) == (1, {"case"})
    assert Program(operator).get("/cases").status_code == 403
    machine = people.person(roles.SUPERVISOR, entity=here.stage.entity, is_machine=True)
    assert Program(machine).post("/cases/take", {"ids": [case.pk]}).status_code == 403


def test_the_first_verdict_is_hidden_from_programs_too(here: Scene) -> None:
    case = here.case(score=85)
    assert Program(here.one).post("/cases/decide", {"ids": [case.pk], **RISK}).json()["answers"][0]["code"] == (
        "case.second_asked"
    )
    assert Program(here.other).get(f"/cases/{case.pk}").json()["verdicts"] == []
    assert len(Program(here.one).get(f"/cases/{case.pk}").json()["verdicts"]) == 1
    record = AuditRecord.objects.get(action="case.judged")
    assert "confirmed" not in record.data


def test_a_denied_act_moves_nothing(here: Scene) -> None:
    case = here.case()
    far = scene("FAR", ELSEWHERE)
    before = (Case.objects.values_list().get(), AuditRecord.objects.count())
    auditor = people.person(roles.AUDITOR, entity=here.stage.entity)
    operator = people.person(roles.OPERATOR, entity=here.stage.entity)
    for verb in ("take", "escalate", "decide", "hold", "comment"):
        said = {"ids": case.pk, "reason": "x", "words": "x", **RISK}
        assert signed_in(auditor).post(f"/cases/acts/{verb}/", said).status_code == 403
        assert signed_in(operator).post(f"/cases/acts/{verb}/", said).status_code == 403
        assert signed_in(far.one).post(f"/cases/acts/{verb}/", said).status_code == 404
    assert (Case.objects.values_list().get(), AuditRecord.objects.count()) == before


def test_reasons_are_told_in_the_readers_language(here: Scene) -> None:
    said = {"sentence_en": "{amount} at once", "sentence_fr": "{amount} d'un coup", "weight": 3,
            "params": {"amount": "1234.50", "currency": "EUR"}}  # fmt: skip
    cases.raise_alerts([row(here.payment(), reasons=[said, REASON])])
    case = Case.objects.get()
    assert "€1,234.50 at once" in text(signed_in(here.one).get(f"/cases/{case.pk}/"))
    french = people.person(roles.SUPERVISOR, entity=here.stage.entity, language="fr")
    assert "1\u202f234,50\u00a0€ d&#x27;un coup" in text(signed_in(french).get(f"/cases/{case.pk}/"))


def test_alerts_like_a_false_positive_are_silenced_and_heard_again(here: Scene) -> None:
    case = here.case()
    cases.decide(ids=[case.pk], actor=here.one, **FALSE)
    desk = signed_in(here.other)
    assert "Silence alerts like these" in text(desk.get(f"/cases/{case.pk}/"))
    said = {"ids": case.pk, "days": "90", "reason": "Every month"}
    assert desk.post("/cases/acts/silence/", said).status_code == 302
    assert "Alerts like these are not raised until" in text(desk.get(f"/cases/{case.pk}/"))
    page = text(desk.get("/cases/silences/"))
    assert "Every month" in page
    quiet = case.silences.get()
    (told,) = Program(here.one).get("/silences").json()["items"]
    assert (told["case"], told["hidden_count"], told["ended_at"]) == (case.pk, 0, None)
    assert desk.post(f"/cases/silences/{quiet.pk}/end/").status_code == 302
    assert "ended the silence" in text(desk.get(f"/cases/{case.pk}/"))
    assert Program(here.one).post(f"/silences/{quiet.pk}/end").status_code == 422
