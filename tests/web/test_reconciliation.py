"""Reconciliation on the screens: the morning, the workbench, days, breaks, entries by hand, reports, statements."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from controls.models import Break, Correction, Match, OpenItem, OpenLine, ReconciledDay
from controls.reconciliation import breaks, days, desk
from tests import people
from tests.controls.reconciliation import desk_scene
from tests.controls.reconciliation.desk_scene import DAY, Desk, draw, item, line, post, statement
from tests.web.desk import signed_in
from tests.web.test_cases import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Desk:
    one = desk_scene.desk()
    statement(one.account, [("500.00", "COOP VALLEE F-1"), ("-12.40", "FRAIS"), ("80.00", "GARAGE TROIS PONTS F-9")])
    post(one, "500.00", "COOP VALLEE")
    post(one, "90.00", "GARAGE TROIS PONTS")
    draw(one.account)
    breaks.look([one.account.pk])
    return one


def bench(here: Desk, tab: str = "", **more: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"tab": tab, **more}.items() if value)
    return f"/reconciliation/accounts/{here.account.pk}/?{query}"


def test_the_morning_shows_accounts_ageing_and_what_is_missing(here: Desk) -> None:
    page = text(signed_in(here.operator).get("/reconciliation/"))
    assert here.account.code in page
    assert "In progress" in page
    assert "€567.60" in page
    assert "€590.00" in page
    assert "Age of what is open" in page
    costs = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            signed_in(here.operator).get("/reconciliation/")
        costs.append(len(asked))
        post(here, "1.00", f"More {number}")
        draw(here.account)
    assert costs[0] == costs[1]


def test_cells_of_the_ageing_open_the_list(here: Desk) -> None:
    client = signed_in(here.operator)
    page = client.get("/reconciliation/").content.decode()
    address = page.split('class="link" href="/reconciliation/breaks/?')[1].split('"')[0].replace("&amp;", "&")
    listed = text(client.get(f"/reconciliation/breaks/?{address}"))
    assert "Breaks" in listed
    assert "Nothing matches" not in listed


def test_a_suggestion_is_accepted_and_undone(here: Desk) -> None:
    client = signed_in(here.operator)
    page = text(client.get(bench(here)))
    assert "COOP VALLEE" in page
    assert "same amount" in page
    one = desk.proposals(list(desk.open_lines(here.account)))[line("COOP").pk][0]
    answer = client.post(f"/reconciliation/accounts/{here.account.pk}/accept/", {"accept": one.value}, follow=True)
    assert "1 matched." in text(answer)
    assert "was made just now" in text(answer)
    made = Match.objects.get(undone_at=None)
    assert made.made_by == here.operator
    assert "COOP VALLEE" in text(client.get(bench(here, "matched")))
    sent = {"undo": made.pk, "tab": "suggested", "reason": "Matched by mistake"}
    answer = client.post(f"/reconciliation/accounts/{here.account.pk}/undo/", sent, follow=True)
    assert "1 undone." in text(answer)
    assert OpenLine.objects.filter(account=here.account).count() == 3


def test_what_is_no_suggestion_is_not_accepted(here: Desk) -> None:
    client = signed_in(here.operator)
    address = f"/reconciliation/accounts/{here.account.pk}/accept/"
    for value in ("x", "1", "1:", "1:a:", f"{line('COOP').pk}:1:nothing"):
        assert client.post(address, {"accept": value}).status_code == 404
    answer = client.post(address, {"accept": f"{line('COOP').pk}:999999:"}, follow=True)
    assert "matched already" in text(answer)
    assert not Match.objects.filter(undone_at=None).exists()


def test_certain_ones_are_shown_before_they_are_accepted(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(here.operator)
    best = desk.proposals(list(desk.open_lines(here.account)))[line("COOP").pk][0]
    monkeypatch.setattr("controls.reconciliation.suggesting.CERTAIN", best.confidence)
    page = text(client.get(f"/reconciliation/accounts/{here.account.pk}/certain/"))
    assert "1 certain suggestion" in page
    assert "COOP VALLEE" in page
    assert "GARAGE" not in page


def test_both_sides_are_paired_split_and_left_out(here: Desk) -> None:
    client = signed_in(here.operator)
    page = text(client.get(bench(here, "unmatched")))
    assert "Open lines of the bank" in page
    assert "GARAGE TROIS PONTS" in page
    address = f"/reconciliation/accounts/{here.account.pk}/match/"
    pair = {"lines": [line("GARAGE").pk], "items": [item("GARAGE TROIS PONTS").pk]}
    answer = client.post(address, {**pair, "verb": "match"}, follow=True)
    assert "differ by" in text(answer)
    answer = client.post(address, {**pair, "verb": "split"}, follow=True)
    assert "Matched." in text(answer)
    assert OpenItem.objects.get(name="GARAGE TROIS PONTS").open == Decimal("10.00")
    answer = client.post(address, {"lines": [line("FRAIS").pk], "verb": "ignore"}, follow=True)
    assert "Say why" in text(answer)
    sent = {"lines": [line("FRAIS").pk], "verb": "ignore", "reason": "Test of the bank"}
    assert "1 left out." in text(client.post(address, sent, follow=True))
    assert "FRAIS" in text(client.get(bench(here, "ignored")))
    assert "FRAIS" not in text(client.get(bench(here, "unmatched")))
    answer = client.post(address, {"lines": [line("FRAIS").pk], "verb": "heed"}, follow=True)
    assert "1 taken up again." in text(answer)
    assert "FRAIS" in text(client.get(bench(here, "unmatched", q="frais")))
    assert "COOP" not in text(client.get(bench(here, "unmatched", q="frais"))).split("Open lines of the bank")[1]
    assert "FRAIS" in text(client.get(bench(here, "unmatched", q="12.40")))


def test_an_entry_is_created_by_two(here: Desk) -> None:
    client = signed_in(here.operator)
    address = f"/reconciliation/accounts/{here.account.pk}/match/"
    answer = client.post(address, {"lines": [line("FRAIS").pk], "verb": "create"})
    assert answer.status_code == 302
    form = answer.headers["Location"]
    assert form == f"/reconciliation/accounts/{here.account.pk}/correct/?line={line('FRAIS').pk}"
    assert "BANK-627" in text(client.get(form))
    sent = {"kind": "entry", "contra": here.fees.pk, "label": "Bank charges", "reason": "November"}
    answer = client.post(form, {**sent, "label": ""})
    assert (answer.status_code, "Give the entry a label" in answer.content.decode()) == (422, True)
    assert "Another person must agree" in text(client.post(form, sent, follow=True))
    one = Correction.objects.get()
    assert client.post(f"/reconciliation/corrections/{one.pk}/agree/").status_code == 403
    boss = signed_in(here.supervisor)
    assert "Bank charges" in text(boss.get("/reconciliation/"))
    assert "Booked and matched" in text(boss.post(f"/reconciliation/corrections/{one.pk}/agree/", follow=True))
    one.refresh_from_db()
    assert (one.status, one.decided_by) == ("booked", here.supervisor)


def test_a_day_is_prepared_signed_and_reopened_on_its_page(here: Desk) -> None:
    client, boss = signed_in(here.operator), signed_in(here.supervisor)
    address = f"/reconciliation/accounts/{here.account.pk}/days/{DAY.isoformat()}/"
    page = text(client.get(address))
    assert "Balance at the bank" in page
    assert "Prepare the day" in page
    answer = client.post(f"{address}prepare/", {"remark": "All of it is open"}, follow=True)
    assert "You prepared this day" in text(answer)
    one = ReconciledDay.objects.get()
    digest = bytes(one.digest).hex()
    assert digest in text(boss.get(address))
    answer = client.post(f"/reconciliation/days/{one.pk}/sign/", {"digest": digest})
    assert answer.status_code == 403
    assert "Signed." in text(boss.post(f"/reconciliation/days/{one.pk}/sign/", {"digest": digest}, follow=True))
    post(here, "5.00", "Late", day=DAY)
    days.watch([here.account.pk], DAY + timedelta(days=3))
    assert "Since it was signed something changed" in text(client.get(address))
    assert "is not as it was signed any more" in text(client.get("/reconciliation/"))
    answer = client.post(f"/reconciliation/days/{one.pk}/ask-reopening/", {"reason": "Late posting"}, follow=True)
    assert "asks to reopen this day: Late posting" in text(answer)
    assert "Open again." in text(boss.post(f"/reconciliation/days/{one.pk}/reopen/", follow=True))
    assert "Reopened" in text(client.get(address))
    assert digest in text(client.get(f"/reconciliation/days/{one.pk}/"))


def test_a_break_is_worked_on(here: Desk) -> None:
    client = signed_in(here.operator)
    one = Break.objects.get(name="FRAIS")
    page = text(client.get(f"/reconciliation/breaks/{one.pk}/"))
    assert "At the bank, not in the books" in page
    due = (timezone.localdate() + timedelta(days=2)).isoformat()
    acts = (
        ("assign", {"owner": here.other.pk, "due_on": due}), ("explain", {"cause": "none", "reason": "A fee"}),
        ("comment", {"words": "Asked the bank"}), ("ignore", {"reason": "Later"}), ("heed", {}),
    )  # fmt: skip
    for verb, sent in acts:
        answer = client.post(f"/reconciliation/breaks/acts/{verb}/", {"ids": one.pk, **sent}, follow=True)
        assert answer.status_code == 200
    page = text(client.get(f"/reconciliation/breaks/{one.pk}/"))
    assert "Asked the bank" in page
    assert "gave it to Otto Other BANK" in page
    assert "explained it: No counterpart" in page
    listed = text(client.get("/reconciliation/breaks/?view=open&owner=me"))
    assert "FRAIS" not in listed
    assert "FRAIS" in text(signed_in(here.other).get("/reconciliation/breaks/?owner=me"))


def test_limits_are_asked_for_and_agreed_to(here: Desk) -> None:
    boss, second = signed_in(here.supervisor), people.person(roles.SUPERVISOR, entity=here.stage.entity)
    sent = {"entity": "BANK", "write_off": "25,50", "alone": "10", "line_days": "1", "item_days": "3"}
    assert "Another person must agree" in text(boss.post("/reconciliation/limits/", sent, follow=True))
    assert boss.post("/reconciliation/limits/", {**sent, "write_off": "NaN"}).status_code == 422
    page = signed_in(second).get("/reconciliation/limits/").content.decode()
    agree = page.split('action="/reconciliation/limits/')[1].split('"')[0]
    assert "count from now on" in text(signed_in(second).post(f"/reconciliation/limits/{agree}", follow=True))
    assert breaks.policy(here.stage.entity.pk).write_off == Decimal("25.50")
    assert signed_in(here.operator).post("/reconciliation/limits/", sent).status_code == 403


def test_the_month_is_told_as_it_was_signed(here: Desk) -> None:
    last = desk_scene.date(2026, 10, 31)
    statement(here.account, [("7.00", "=CMD()")], day=last)
    draw(here.account)
    client = signed_in(here.operator)
    one = days.prepare(actor=here.operator, account_id=here.account.pk, day=last, remark="Open")
    days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())
    page = text(client.get("/reconciliation/month/?month=2026-10"))
    assert "€7.00" in page
    assert bytes(one.digest).hex() in page
    assert here.supervisor.full_name in page
    told = client.get("/reconciliation/month.csv?month=2026-10").content.decode().splitlines()
    assert told[0].startswith("entity,account,number,currency,day,kind")
    assert told[1].split(",")[4:9] == ["2026-10-31", "bank", "", "2026-10-31", "7"]
    assert told[4].split(",")[5:10] == ["line", str(line("=CMD").pk), "2026-10-31", "7", "'=CMD()"]
    page = text(client.get(f"/reconciliation/positions/?day={DAY.isoformat()}"))
    assert "At the bank, not in the books: 4" in page


def test_a_statement_comes_in_by_the_form(here: Desk) -> None:
    client = signed_in(here.operator)
    content = (
        f":20:STARTUMS\r\n:25:{here.account.number}\r\n:28C:7/1\r\n:60F:C261124EUR567,60\r\n"
        ":61:2611251125CR30,00NTRFNONREF\r\n:86:DUPONT SA\r\n:62F:C261125EUR597,60\r\n-\r\n"
    ).encode()
    sent = {"file": SimpleUploadedFile("day.sta", content)}
    page = text(client.post("/statements/bring-in/", sent, follow=True))
    assert "€597.60" in page
    draw(here.account)
    assert OpenLine.objects.filter(account=here.account, open=30).exists()
    assert "day.sta" in text(
        client.post("/statements/bring-in/", {"file": SimpleUploadedFile("day.sta", b"nothing at all")})
    )
    again = text(client.post("/statements/bring-in/", {"file": SimpleUploadedFile("day.sta", content)}, follow=True))
    assert "Known already" in again
    assert "BANK-NOSTRO" in text(client.get("/statements/"))
    assert client.post("/statements/bring-in/", {}).status_code == 422


def test_another_entity_sees_nothing(here: Desk) -> None:
    stranger = desk_scene.desk("OTHER", iban="FR7630006000011234567890189")
    client = signed_in(stranger.supervisor)
    one = Break.objects.get(name="FRAIS")
    for address in (
        bench(here), f"/reconciliation/accounts/{here.account.pk}/days/{DAY.isoformat()}/",
        f"/reconciliation/breaks/{one.pk}/", f"/statements/{line('FRAIS').statement_id}/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    assert client.post(f"/reconciliation/accounts/{here.account.pk}/accept/", {"accept": "1:1:"}).status_code == 404
    assert "FRAIS" not in text(client.get("/reconciliation/breaks/"))
    assert here.account.code not in text(client.get("/reconciliation/"))
