"""Back-tests and the quality of alerts in the browser and by the API: what is shown, asked for, and refused."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.people import roles
from backoffice.web import backtest_words
from controls.backtest import runs
from controls.models import BackTest, BackTestHit, ChangeRequest
from tests import people
from tests.controls import scene as scenes
from tests.controls.rule_writing import draft, publish
from tests.controls.scene import NOON, Scene
from tests.controls.test_backtests import SINCE, UNTIL, done, version
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def form(**fields: Any) -> dict[str, str]:
    return {name: str(value) for name, value in {"since": SINCE, "until": UNTIL, **fields}.items()}


def test_a_supervisor_begins_follows_and_reads_a_back_test(
    scene: Scene, django_capture_on_commit_callbacks: Any
) -> None:
    payment = scene.payment(amount="20000.00")
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    one, two = version(), version(number=2, parameters={"threshold": 30_000})
    desk = signed_in(supervisor)
    page = desk.get(f"/rules/back-tests/new/?version={two.pk}&against={one.pk}").content.decode()
    assert f'<option value="{two.pk}" selected>' in page
    asked = desk.post("/rules/back-tests/new/", form(version=one.pk, estimate=1))
    assert (asked.status_code, BackTest.objects.count()) == (200, 0)
    assert "The period holds about" in asked.content.decode()
    assert desk.post("/rules/back-tests/new/", form(version=one.pk, since=UNTIL, until=SINCE)).status_code == 422
    begun = desk.post("/rules/back-tests/new/", form(version=two.pk, against=one.pk))
    made = BackTest.objects.get()
    assert begun.headers["Location"] == f"/rules/back-tests/{made.pk}/"
    page = desk.get(f"/rules/back-tests/{made.pk}/").content.decode()
    assert "Cancel the back-test" in page
    assert "Look again" in page
    runs.run(made.pk)
    page = desk.get(f"/rules/back-tests/{made.pk}/").content.decode()
    assert "Cancel the back-test" not in page
    assert payment.reference in page
    assert "No longer caught" in page
    assert payment.reference in desk.get(f"/rules/back-tests/{made.pk}/?hits=former").content.decode()
    assert payment.reference not in desk.get(f"/rules/back-tests/{made.pk}/?hits=new").content.decode()
    listed = desk.get("/rules/back-tests/").content.decode()
    assert "version 2 compared with 1" in listed
    assert f"/rules/back-tests/{made.pk}/" in listed
    assert "Test again" in page


def test_the_task_does_the_work(scene: Scene, django_capture_on_commit_callbacks: Any) -> None:
    scene.payment(amount="20000.00")
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(supervisor).post("/rules/back-tests/new/", form(version=version().pk))
    assert BackTest.objects.get().state == "done"


def test_the_threshold_is_moved_without_another_run(scene: Scene) -> None:
    for amount in ("12000.00", "15000.00", "90000.00"):
        scene.payment(amount=amount)
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    made = done(supervisor, version())
    desk = signed_in(supervisor)
    french = signed_in(people.person(roles.SUPERVISOR, entity=scene.stage.entity, language="fr"))
    for typed in ("15+000", "15,000", "15000", "15000.00"):
        page = desk.get(f"/rules/back-tests/{made.pk}/?threshold={typed}").content.decode()
        assert "2 hits with €15,000.00" in page, typed
    assert "hits with €15.50" in desk.get(f"/rules/back-tests/{made.pk}/?threshold=15,5").content.decode()
    page = french.get(f"/rules/back-tests/{made.pk}/?threshold=15+000,00").content.decode()
    assert "2 déclenchements avec 15\u202f000,00\u00a0€" in page
    assert "Montant dans la devise du paiement\u00a0: déclenchement si ≥ 10\u202f000,00\u00a0€" in page
    assert "This is not a number." in desk.get(f"/rules/back-tests/{made.pk}/?threshold=much").content.decode()


def test_hits_of_a_long_period_are_told_by_month() -> None:
    days = {f"2026-{month:02}-{day:02}": {"new": 1} for month in (9, 10, 11) for day in range(1, 31)}
    title, rows = backtest_words.by_time(days)
    assert (title, rows[0], len(rows)) == ("Hits by month of receipt", ("Sept\u00a02026", 30, "30 hits"), 3)
    title, rows = backtest_words.by_time({"2026-11-05": {"new": 1}})
    assert (title, rows) == ("Hits by day of receipt", [("5\u00a0Nov", 1, "1 hit")])


def test_a_hit_is_judged_and_the_share_told(scene: Scene) -> None:
    payment = scene.payment(amount="20000.00")
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    made = done(supervisor, version())
    desk = signed_in(supervisor)
    said = desk.post(f"/rules/back-tests/{made.pk}/judge/", {"payment": payment.pk, "judgement": "right"})
    assert said.headers["Location"] == f"/rules/back-tests/{made.pk}/#judge-{payment.pk}"
    assert BackTestHit.objects.get().judgement == "right"
    assert "1 of 1 judged" in desk.get(f"/rules/back-tests/{made.pk}/").content.decode()
    assert desk.post(f"/rules/back-tests/{made.pk}/judge/", {"payment": "x", "judgement": "right"}).status_code == 404
    operator = signed_in(people.person(entity=scene.stage.entity))
    refused = operator.post(f"/rules/back-tests/{made.pk}/judge/", {"payment": payment.pk, "judgement": "wrong"})
    assert (refused.status_code, BackTestHit.objects.get().judgement) == (403, "right")


def test_open_payments_that_would_be_hit_are_listed_with_what_was_found_and_where_alerts_wait(scene: Scene) -> None:
    large, small = scene.payment(amount="20000.00"), scene.payment(amount="150.00", creditor_bic="NOBIC")
    scenes.judge(large, small)
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    made = done(supervisor, version(action="second"))
    page = signed_in(supervisor).get(f"/rules/back-tests/{made.pk}/").content.decode()
    listed = page.partition('id="open-now"')[2].partition("</section>")[0]
    assert large.reference in listed
    assert small.reference not in listed
    assert "Warn" in listed
    assert "They wait in “Second approvals”." in page


def test_an_overload_is_asked_for_with_its_reason_where_a_shadow_becomes_active(scene: Scene, settings: Any) -> None:
    settings.ANALYST_MINUTES = 1
    for number in range(30):
        scene.payment(amount=f"{20_000 + number}.00")
    one, other = (people.person(roles.SUPERVISOR, entity=scene.stage.entity) for _number in range(2))
    shadow = publish(draft(one, scene.stage.entity, action="hold"), one, other, mode="shadow")
    made = done(one, shadow, since=UNTIL)
    desk = signed_in(one)
    assert "overload_reason" in desk.get("/rules/HOUSE-LARGE/").content.decode()
    asked = {"version": shadow.pk, "mode": "active", "reason": "Seen enough"}
    answer = desk.post("/rules/HOUSE-LARGE/mode/", asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "this rule asks for 300 minutes a day, and the team has" in page
    assert 'value="Seen enough"' in page
    assert ChangeRequest.objects.filter(status="waiting").count() == 0
    assert desk.post("/rules/HOUSE-LARGE/mode/", {**asked, "overload_reason": "Two more come"}).status_code == 302
    waiting = signed_in(other).get("/rules/HOUSE-LARGE/?version=2").content.decode()
    assert "Two more come" in waiting
    assert f"/rules/back-tests/{made.pk}/" in waiting
    assert "was not back-tested" not in waiting


def test_what_cannot_be_replayed_is_said(scene: Scene) -> None:
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    made = done(supervisor, version("funds_available < :threshold"))
    assert made.figures["inexact"] == ["funds"]
    page = signed_in(supervisor).get(f"/rules/back-tests/{made.pk}/").content.decode()
    assert "funds of accounts. There it is judged as things stand now." in page
    french = people.person(roles.SUPERVISOR, entity=scene.stage.entity, language="fr")
    page = signed_in(french).get(f"/rules/back-tests/{made.pk}/").content.decode()
    assert "les fonds des comptes" in page


def test_a_program_asks_and_reads(scene: Scene) -> None:
    payment = scene.payment(amount="20000.00")
    supervisor = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    version()
    desk = signed_in(supervisor)
    asked = {"rule": "LARGE", "version": 1, "since": str(SINCE), "until": str(UNTIL)}
    answer = desk.post("/api/v1/backtests", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
    key = answer.json()["id"]
    runs.run(key)
    told = desk.get(f"/api/v1/backtests/{key}").json()
    assert (told["state"], told["judged"], told["hits"], told["against"]) == ("done", 3, 1, None)
    assert told["precision"] == {"confirmed": 0, "known": 0, "share": None, "bounds": None}
    assert {"day": str(UNTIL), "judged": 1, "hits": 1, "hits_of_other": 0, "hits_of_both": 0} in told["days"]
    assert (told["overlap"], told["alone"]) == ([], 1)
    assert told["open_now"] == {"looked_at": 1, "hit": 1, "payments": [payment.pk]}
    assert (told["loads"][0]["entity"], told["loads"][0]["alerts"]) == (scene.stage.entity.pk, pytest.approx(1 / 43))
    hits = desk.get(f"/api/v1/backtests/{key}/hits").json()["items"]
    assert hits == [{"payment": payment.pk, "by": "new", "fate": "open", "judgement": ""}]
    over = desk.post(f"/api/v1/backtests/{key}/cancel", content_type="application/json")
    assert (over.status_code, over.json()["code"]) == (422, "backtest.over")
    unknown = desk.post("/api/v1/backtests", {**asked, "version": 9}, content_type="application/json")
    assert unknown.status_code == 404
    assert [one["id"] for one in desk.get("/api/v1/backtests").json()["items"]] == [key]


def test_an_auditor_reads_the_quality_of_alerts(scene: Scene) -> None:
    payment = scene.payment(creditor_bic="NOBIC")
    scenes.judge(payment)
    auditor = signed_in(people.person(roles.AUDITOR, entity=scene.stage.entity))
    asked = f"?since={(NOON - timedelta(days=1)).date()}&until={NOON.date()}"
    page = auditor.get(f"/rules/quality/{asked}").content.decode()
    fired, silent = page.split("Rules that never fired")
    assert "CREDITOR-BIC" in fired
    assert "LIMIT</a> Over the limit" in silent
    assert "Over the limit" not in fired
    assert "1 payment checked" in page
    assert "Back-test a rule" not in page
    assert (
        "No payment of this period was checked."
        in auditor.get("/rules/quality/?since=2020-01-01&until=2020-01-02").content.decode()
    )


def test_a_program_reads_the_quality_of_alerts(scene: Scene) -> None:
    scenes.judge(scene.payment(creditor_bic="NOBIC"), scene.payment(amount="151.00"))
    desk = signed_in(people.person(roles.AUDITOR, entity=scene.stage.entity))
    day = str(NOON.date())
    told = desk.get(f"/api/v1/alert-quality?since={day}&until={day}").json()
    assert (told["payments"], told["since"], told["capped"]) == (2, day, False)
    line = next(line for line in told["rules"] if line["rule"] == "CREDITOR-BIC")
    assert (line["ran"], line["hits"], line["rate"], line["action"]) == (2, 1, 0.5, "hold")
    assert line["precision"] == {"confirmed": 0, "known": 0, "share": None, "bounds": None}
    assert "LIMIT" in told["never_fired"]
    assert "CASH-EU" in told["concerned_none"]
    assert desk.get("/api/v1/alert-quality?since=2020-01-01&until=2020-01-02").json()["payments"] == 0
    for days in ("until=9999-12-31", "since=0001-01-01"):
        answer = desk.get(f"/api/v1/alert-quality?{days}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_a_program_tries_a_rule_and_reads_the_facts_of_a_payment(scene: Scene) -> None:
    payment = scene.payment(amount="20000.00")
    one = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    draft(one, scene.stage.entity)
    desk = signed_in(one)
    told = desk.get(f"/api/v1/rules/HOUSE-LARGE/versions/1/payments/{payment.pk}").json()
    assert (told["found"], told["concerned"], told["outcome"]) == (True, True, True)
    assert told["conditions"] == [{"text": "amount >= :threshold", "outcome": True}]
    assert told["sentence_en"] == "€20,000.00 is €1,000.00 or more."
    assert desk.get(f"/api/v1/rules/HOUSE-LARGE/versions/2/payments/{payment.pk}").status_code == 404
    facts = {one["name"]: one for one in desk.get(f"/api/v1/payments/{payment.pk}/facts").json()["facts"]}
    assert facts["amount"] == {
        "name": "amount", "type": "money", "meaning": "Amount in the payment's currency", "value": "20000.00000",
    }  # fmt: skip
    assert facts["creditor_number"]["value"] == people.PAYEE_IBAN
    assert scenes.found(payment) == {}
