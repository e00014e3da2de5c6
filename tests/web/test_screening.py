"""Screening by the screens and the API: a hit decided by two, lists loaded, names tried."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.people import roles
from backoffice.web import navigation
from controls.models import ChangeRequest, Exemption, ScreeningHit, WatchList, WatchListVersion
from tests import people
from tests.api.client import Program
from tests.controls import listed
from tests.controls.scene import judge, scene
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


def stage_with_hit() -> tuple[people.User, people.User, ScreeningHit]:
    here = scene()
    one, other = (people.person(roles.SUPERVISOR, entity=here.stage.entity, name=f"Super {n}") for n in range(2))
    listed.loaded(one, entity=here.stage.entity, name="Test sanctions")
    judge(here.payment(creditor_name="Korbalsky Wasil"))
    return one, other, ScreeningHit.objects.get()


def test_two_people_release_a_hit_on_the_screens() -> None:
    one, other, hit = stage_with_hit()
    queue = signed_in(one).get("/screening/").content.decode()
    assert "Korbalsky Wasil" in queue
    of_payment = signed_in(one).get(f"/payments/{hit.payment_id}/").content.decode()
    assert f"/screening/?payment={hit.payment_id}" in of_payment
    assert "Korbalsky Wasil" in signed_in(one).get(f"/screening/?payment={hit.payment_id}").content.decode()
    assert "Nothing here" in signed_in(one).get("/screening/?payment=1").content.decode()
    page = signed_in(one).get(f"/screening/hits/{hit.pk}/").content.decode()
    assert "many letters in common" in page
    assert "Vasilij Korbalsky" in page
    assert "Varna, Bulgaria" in page
    silent = signed_in(one).post(f"/screening/hits/{hit.pk}/release/", {"reason": " "})
    assert silent.status_code == 422
    assert (
        signed_in(one).post(f"/screening/hits/{hit.pk}/release/", {"reason": "Another birth date"}).status_code == 302
    )
    asked = ChangeRequest.objects.get()
    assert "Another birth date" in signed_in(other).get(f"/screening/hits/{hit.pk}/").content.decode()
    assert "Korbalsky Wasil" in signed_in(other).get("/screening/?view=proposed").content.decode()
    assert "Korbalsky Wasil" not in signed_in(other).get("/screening/").content.decode()
    assert signed_in(one).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    hit.refresh_from_db()
    assert hit.status == "open"
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    hit.refresh_from_db()
    assert hit.status == "false"
    assert "Korbalsky Wasil" in signed_in(other).get("/screening/?view=decided").content.decode()


def waits(user: people.User) -> int:
    """What the navigation says of the room."""
    items = [item for group in navigation.menu(user, "queue") for item in group["items"]]
    return next(item["count"] for item in items if item["url"] == "/screening/")


def test_what_waits_is_counted_for_whoever_may_decide_it() -> None:
    one, other, hit = stage_with_hit()
    assert (waits(one), waits(other)) == (1, 1)
    signed_in(one).post(f"/screening/hits/{hit.pk}/release/", {"reason": "Another birth date"})
    assert (waits(one), waits(other)) == (0, 1), "they asked for it"
    page = signed_in(other).get("/screening/").content.decode()
    assert "To decide<b>0</b>" in page
    assert "To confirm<b>1</b>" in page
    of = WatchList.objects.get()
    lost = SimpleUploadedFile("small.csv", b"id,name\nq1,Vasil Korbalski\n")
    signed_in(one).post(f"/screening/lists/{of.pk}/load/", {"file": lost, "reason": "The publisher said so"})
    assert (waits(one), waits(other)) == (0, 2)
    marked = '>1<span class="vh"> to decide</span>'
    assert marked in signed_in(other).get("/screening/").content.decode()
    assert marked not in signed_in(one).get("/screening/").content.decode()


def test_several_files_are_one_version_and_what_is_missing_is_said() -> None:
    here = people.bank_branch()
    one = people.person(roles.SUPERVISOR, entity=here.entity)
    of = listed.a_list(one, entity=here.entity)
    desk = signed_in(one)
    files = [SimpleUploadedFile(name, content.encode())
             for name, content in (("sdn.csv", listed.SDN_CSV), ("alt.csv", listed.ALT_CSV))]  # fmt: skip
    assert desk.post(f"/screening/lists/{of.pk}/load/", {"file": files}).status_code == 302
    made = WatchListVersion.objects.get()
    assert (made.file_name, made.entry_count, made.status) == ("alt.csv + sdn.csv.zip", 2, "current")
    page = desk.get(f"/screening/lists/{of.pk}/").content.decode()
    assert "It was read without add.csv" in page
    assert "KARBADIN TRADE" in desk.post("/screening/try/", {"name": "Karbadin Trade"}).content.decode()
    kept = desk.get(f"/screening/lists/{of.pk}/versions/1/file/")
    assert 'filename="alt.csv + sdn.csv.zip"' in kept.headers["Content-Disposition"]


def test_a_program_reads_what_a_version_changed_and_asks_the_address() -> None:
    here = people.bank_branch()
    one = people.person(roles.SUPERVISOR, entity=here.entity)
    program = Program(one)
    first = listed.loaded(one, entity=here.entity)
    at = f"/api/v1/screening/lists/{first.watch_list_id}/versions"
    loaded = program.client.post(at, {"file": SimpleUploadedFile("more.csv", listed.MORE.encode())}).json()
    assert (loaded["number"], loaded["added_count"], loaded["weakened_count"], loaded["missing"]) == (2, 1, 0, [])
    path = f"/screening/lists/{first.watch_list_id}/versions/2/changes"
    assert [entry["entry"] for entry in program.get(path).json()["items"]] == ["q4"]
    assert program.get(path, part="removed").json()["items"] == []
    assert program.get(path, part="nothing").status_code == 400
    refused = program.post(f"/screening/lists/{first.watch_list_id}/fetch")
    assert (refused.status_code, refused.json()["code"]) == (422, "watchlist.no_address")


def test_a_true_match_says_what_to_do() -> None:
    one, _other, hit = stage_with_hit()
    assert signed_in(one).post(f"/screening/hits/{hit.pk}/true/", {"reason": "Same passport"}).status_code == 302
    assert "inform the minister" in signed_in(one).get(f"/screening/hits/{hit.pk}/").content.decode()


def test_a_name_is_let_pass_and_made_a_hit_again() -> None:
    one, other, hit = stage_with_hit()
    until = (timezone.localdate() + timedelta(days=60)).isoformat()
    assert signed_in(one).post(f"/screening/hits/{hit.pk}/exempt/", {"reason": "Known"}).status_code == 422
    sent = signed_in(one).post(f"/screening/hits/{hit.pk}/exempt/", {"reason": "Known", "until": until})
    assert sent.status_code == 302
    page = signed_in(other).get("/screening/exemptions/").content.decode()
    assert "Waiting for a second person" in page
    assert "until <time" in page
    assert until not in re.sub(r'datetime="[^"]*"', "", page), "a day in the reader's form"
    asked = ChangeRequest.objects.get()
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    made = Exemption.objects.get()
    assert "In force" in signed_in(other).get("/screening/exemptions/").content.decode()
    assert signed_in(one).post(f"/screening/exemptions/{made.pk}/end/", {"reason": "Closed"}).status_code == 302
    made.refresh_from_db()
    assert made.ended_by == one


def test_a_list_is_made_loaded_and_shown_with_its_difference() -> None:
    one, other = (people.person(roles.SUPERVISOR, name=f"Super {n}") for n in range(2))
    people.bank_branch()
    made = signed_in(one).post(
        "/screening/lists/new/",
        {"code": "own", "name": "Our own", "kind": "own", "threshold": "88", "shrink_percent": "10", "entity": ""},
    )
    of = WatchList.objects.get()
    assert (made.status_code, of.code, of.threshold, of.entity) == (302, "OWN", 88, None)
    bad = signed_in(one).post(f"/screening/lists/{of.pk}/load/", {"file": SimpleUploadedFile("x.csv", b"nothing")})
    assert bad.status_code == 422
    assert "no list that can be read here" in bad.content.decode()
    file = SimpleUploadedFile("list.csv", listed.SIMPLE.encode())
    assert signed_in(one).post(f"/screening/lists/{of.pk}/load/", {"file": file}).status_code == 302
    page = signed_in(one).get(f"/screening/lists/{of.pk}/versions/1/").content.decode()
    assert "Nadezhda Zantova" in page
    assert signed_in(one).get(f"/screening/lists/{of.pk}/versions/1/file/").content == listed.SIMPLE.encode()
    small = SimpleUploadedFile("small.csv", b"id,name\nq1,Vasil Korbalski\n")
    signed_in(one).post(f"/screening/lists/{of.pk}/load/", {"file": small, "reason": "The publisher said so"})
    assert WatchListVersion.objects.get(number=2).status == "waiting"
    page = signed_in(other).get(f"/screening/lists/{of.pk}/").content.decode()
    assert "Version 2 of 1 entries. Gone: 2. Weaker, without a name or of another kind: 1." in page
    asked = ChangeRequest.objects.get()
    page = signed_in(other).get(f"/screening/lists/{of.pk}/versions/2/").content.decode()
    added, changed, removed = (page.find(f'<h2 id="{part}">') for part in ("added", "changed", "removed"))
    assert added == -1
    assert "weaker" in page[changed:removed]
    assert "<del>Vasil Draganov Korbalski (primary name); Vasilij Korbalsky (alias)" in page[changed:removed]
    assert "<ins>Vasil Korbalski (primary name)</ins>" in page[changed:removed]
    assert [name in page[removed:] for name in ("Karbadin Trading Company", "Nadezhda Zantova")] == [True, True]
    assert "Take it into force" in page
    assert "Take it into force" not in signed_in(one).get(f"/screening/lists/{of.pk}/versions/2/").content.decode()
    assert "waits for a second person" in signed_in(one).get("/screening/lists/").content.decode()
    signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "refuse", "reason": "It is cut off"})
    assert WatchListVersion.objects.get(number=2).status == "refused"
    page = signed_in(other).get(f"/screening/lists/{of.pk}/versions/2/").content.decode()
    assert "It never was in force, and nothing is compared with it." in page
    values = {"threshold": "80", "shrink_percent": "10", "url": "", "is_active": "on", "reason": ""}
    assert signed_in(one).post(f"/screening/lists/{of.pk}/change/", values).status_code == 302
    of.refresh_from_db()
    assert of.threshold == 80


def test_a_name_is_tried_and_nothing_is_kept() -> None:
    one, _other, _hit = stage_with_hit()
    page = signed_in(one).post("/screening/try/", {"name": "Zantowa Nadeschda"}).content.decode()
    assert "Nadezhda Zantova" in page
    assert "No listed name" in signed_in(one).post("/screening/try/", {"name": "Jan Vis"}).content.decode()
    assert ScreeningHit.objects.count() == 1


def test_the_same_by_the_api() -> None:
    one, other, hit = stage_with_hit()
    told = Program(one).get("/screening/hits?status=open").json()["items"]
    assert [(item["id"], item["list"], item["entry"], item["field"]) for item in told] == [
        (hit.pk, "TEST", "q1", "creditor_name")
    ]
    assert "many letters in common" in told[0]["explanation"]
    found = Program(one).post("/screening/names", {"name": "Zantova, N."}).json()
    assert [item["entry"] for item in found["hits"]] == ["q3"]
    asked = Program(one).post(f"/screening/hits/{hit.pk}/release", {"reason": "Somebody else"})
    assert (asked.status_code, asked.json()["subject"]) == (201, "hit")
    own = Program(one).post(f"/changes/{asked.json()['id']}/approve", {})
    assert (own.status_code, own.json()["code"]) == (422, "change.own_work")
    assert Program(other).post(f"/changes/{asked.json()['id']}/approve", {}).status_code == 200
    assert Program(other).get(f"/screening/hits/{hit.pk}").json()["status"] == "false"
    lists = Program(one).get("/screening/lists").json()["items"]
    assert [one["code"] for one in lists] == ["TEST"]
    versions = Program(one).get(f"/screening/lists/{lists[0]['id']}/versions").json()["items"]
    assert [(one["number"], one["status"], one["entry_count"]) for one in versions] == [(1, "current", 3)]
