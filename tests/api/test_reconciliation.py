"""Statements, matches, days, breaks and entries by hand through the API."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from controls.models import Break, Match, OpenItem, OpenLine, ReconciledDay
from controls.reconciliation import breaks, corrections
from tests import people
from tests.api.client import Program
from tests.controls.reconciliation import desk_scene
from tests.controls.reconciliation.desk_scene import DAY, Desk, draw, item, line, post, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Desk:
    one = desk_scene.desk()
    statement(one.account, [("500.00", "COOP VALLEE F-1"), ("-12.40", "FRAIS")])
    post(one, "500.00", "COOP VALLEE")
    draw(one.account)
    breaks.look([one.account.pk])
    return one


def test_a_day_from_the_open_line_to_the_signature(here: Desk) -> None:
    api, boss = Program(here.operator), Program(here.supervisor)
    found = api.get("/statement-lines?open=true").json()["items"]
    assert [(one["remittance"], one["amount"], one["open"]) for one in found] == [
        ("FRAIS", "12.40", "12.4"), ("COOP VALLEE F-1", "500.00", "500"),
    ]  # fmt: skip
    told = api.post("/matches/suggest", {"lines": [line("COOP").pk]}).json()["suggestions"]
    assert told[0]["items"] == [item("COOP VALLEE").pk]
    made = api.post("/matches", {"lines": [line("COOP").pk], "items": told[0]["items"]})
    assert (made.status_code, made.json()["code"], made.json()["difference"]) == (201, "manual", "0")
    again = api.post("/matches", {"lines": [line("COOP").pk], "items": told[0]["items"]})
    assert (again.status_code, again.json()["code"]) == (409, "match.not_open")

    asked = corrections.ask_policy(
        actor=here.supervisor, entity=here.stage.entity, write_off=Decimal(20), alone=Decimal(0), line_days=0,
        item_days=2,
    )  # fmt: skip
    corrections.agree_policy(actor=people.person("supervisor", entity=here.stage.entity), policy_id=asked.pk)
    entry = {"kind": "write_off", "line": line("FRAIS").pk, "contra": here.fees.pk, "label": "Fee", "reason": "Small"}
    one = api.post("/corrections", entry)
    assert (one.status_code, one.json()["status"], one.json()["amount"]) == (201, "asked", "12.40")
    agreed = boss.post(f"/corrections/{one.json()['id']}/agree")
    assert (agreed.status_code, agreed.json()["status"]) == (200, "booked")

    day = api.post("/reconciliation/days", {"account": here.account.pk, "day": DAY.isoformat()})
    assert (day.status_code, day.json()["bank"], day.json()["unexplained"]) == (201, "487.6", "0")
    key, digest = day.json()["id"], day.json()["digest"]
    refused = boss.post(f"/reconciliation/days/{key}/sign", {"digest": "0" * 64})
    assert (refused.status_code, refused.json()["code"]) == (409, "day.other_digest")
    signed = boss.post(f"/reconciliation/days/{key}/sign", {"digest": digest})
    assert (signed.status_code, signed.json()["status"]) == (200, "signed")
    assert ReconciledDay.objects.get().signed_by == here.supervisor
    at = api.get(f"/reconciliation/positions?day={DAY.isoformat()}").json()["positions"]
    assert [(one["status"], one["bank"], one["books"]) for one in at] == [("signed", "487.6", "487.6")]


def test_breaks_answer_one_by_one(here: Desk) -> None:
    api = Program(here.operator)
    one = Break.objects.get(name="FRAIS")
    listed = api.get("/breaks?cause=none").json()["items"]
    assert [row["id"] for row in listed] == [one.pk]
    told = api.post("/breaks/explain", {"ids": [one.pk, 999_999], "cause": "amount", "reason": "A fee"}).json()
    assert [(row["id"], row["done"], row["code"]) for row in told["answers"]] == [
        (one.pk, True, ""), (999_999, False, "not_there"),
    ]  # fmt: skip
    assert api.post("/breaks/ignore", {"ids": [one.pk], "reason": "Later"}).json()["done"] == 1
    assert api.get(f"/breaks/{one.pk}").json()["status"] == "ignored"


def test_a_match_is_undone_with_a_reason(here: Desk) -> None:
    api = Program(here.operator)
    made = api.post("/matches", {"lines": [line("COOP").pk], "items": [item("COOP VALLEE").pk]}).json()
    assert api.post(f"/matches/{made['id']}/undo", {"reason": ""}).status_code == 400
    undone = api.post(f"/matches/{made['id']}/undo", {"reason": "Wrong"})
    assert (undone.status_code, undone.json()["undone_at"] is not None) == (200, True)
    assert OpenLine.objects.filter(account=here.account).count() == 2
    assert OpenItem.objects.filter(account=here.account).count() == 1


def test_a_file_of_statements_comes_in_once(here: Desk) -> None:
    api = Program(here.operator)
    content = (
        f":20:S\r\n:25:{here.account.number}\r\n:28C:8/1\r\n:60F:C261124EUR487,60\r\n"
        ":61:2611251125CR30,00NTRFNONREF\r\n:86:DUPONT SA\r\n:62F:C261125EUR517,60\r\n-\r\n"
    ).encode()
    outcomes = []
    for _turn in range(2):
        sent = {"file": SimpleUploadedFile("day.sta", content)}
        answer = api.client.post("/api/v1/statements", sent)
        assert answer.status_code == 201
        outcomes.append([(one["outcome"], one["lines"]) for one in answer.json()["taken"]])
    assert outcomes == [[("taken", 1)], [("known", 0)]]
    found = api.get("/statements").json()["items"]
    assert [(one["kind"], one["closing"]) for one in found] == [("mt940", "517.60"), ("camt053", "487.60")]
    lost = api.client.post("/api/v1/statements", {"file": SimpleUploadedFile("x", b"nothing")})
    assert (lost.status_code, lost.json()["taken"], bool(lost.json()["code"])) == (201, [], True)


def test_programs_neither_match_nor_close(here: Desk) -> None:
    machine = people.person("operator", entity=here.stage.entity, is_machine=True)
    api = Program(machine)
    sent = {"lines": [line("COOP").pk], "items": [item("COOP VALLEE").pk]}
    assert api.post("/matches", sent).json()["code"] == "match.by_machine"
    day = {"account": here.account.pk, "day": DAY.isoformat()}
    assert api.post("/reconciliation/days", day).json()["code"] == "day.by_machine"
    assert not Match.objects.exists()
