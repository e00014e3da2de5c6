"""The queue: who sees what, in what order, at what price; taking, refreshing, many at once."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import roles
from backoffice.people.models import Entity, User
from backoffice.people.signing import anyone
from controls.models import ApprovalPolicy
from tests import people
from tests.web.desk import acts, finding, signed_in, standing, state
from transactions import workflow
from transactions.models import Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db
# What every signed-in request asks first: the session, the person, their grants, the entities they reach.
SESSION = re.compile(r'FROM "(django_session|people_user|people_grant|people_entity)"')


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator() -> User:
    return people.person(name="Sarah Cohen")


@pytest.fixture
def desk(operator: User) -> Client:
    return signed_in(operator)


def listed(answer: object) -> list[int]:
    """The payments of the table, in its order."""
    return [int(key) for key in re.findall(r'<tr data-row="(\d+)"', answer.content.decode())]  # type: ignore[attr-defined]


def order(payment: Payment, priority: int, minutes: int = 60) -> None:
    PaymentState.objects.filter(pk=payment.pk).update(
        priority=priority, due_at=timezone.now() + timedelta(minutes=minutes)
    )


def test_the_most_urgent_comes_first_and_views_part_what_waits(stage: people.Stage, desk: Client) -> None:
    low, high, tie = (people.payment(stage) for _ in range(3))
    order(low, 10)
    order(high, 90, minutes=30)
    order(tie, 90, minutes=20)
    second = people.payment(stage, status="validated")
    large = people.payment(stage, amount="50000.00")
    held = people.payment(stage)
    PaymentState.objects.filter(pk=held.pk).update(hold_count=1)
    people.payment(stage, status="received")
    assert listed(desk.get("/queue/")) == [tie.pk, high.pk, low.pk, large.pk]
    assert listed(desk.get("/second-approvals/")) == [second.pk]
    assert listed(desk.get("/queue/?view=waiting")) == [held.pk]
    assert listed(desk.get("/queue/?view=large")) == [large.pk]
    assert listed(desk.get("/queue/?view=mine")) == []


def test_what_waits_says_for_what(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    workflow.hold(ids=[payment.pk], actor=operator, code="document", reason="The invoice, please.")
    row = desk.get("/queue/?view=waiting").context["rows"][0]
    assert (row.reason, row.not_yours) == ("A document is awaited", False)


def test_other_entities_payments_are_not_listed_nor_counted(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    mine, foreign = people.payment(stage), people.payment(other)
    client = signed_in(people.person(entity=stage.entity))
    answer = client.get("/queue/")
    assert listed(answer) == [mine.pk]
    assert answer.context["counts"]["todo"] == 1
    assert client.get(f"/payments/{foreign.pk}/").status_code == 404
    assert client.get(f"/payments/{foreign.pk}/pane/").status_code == 404
    assert listed(client.get("/queue/?entity=OTHER")) == [mine.pk]


def test_filters_are_in_the_address(stage: people.Stage, desk: Client) -> None:
    small, middle, big = (people.payment(stage, amount=amount) for amount in ("10.00", "500.00", "9000.00"))
    rule = finding(middle, "warn", weight=45)
    finding(big, "warn", weight=20)
    assert listed(desk.get(f"/queue/?rule={rule.code}")) == [middle.pk]
    assert listed(desk.get("/queue/?risk=40")) == [middle.pk]
    assert set(listed(desk.get("/queue/?from=500"))) == {middle.pk, big.pk}
    assert set(listed(desk.get("/queue/?to=500,00"))) == {small.pk, middle.pk}
    answer = desk.get("/queue/?from=1%20000%20000")
    assert listed(answer) == []
    assert "No payment matches these filters" in answer.content.decode()


def test_pages_by_cursor_cover_everything_once_in_both_directions(stage: people.Stage, desk: Client) -> None:
    batch = people.batch(stage)
    made = [people.payment(stage, in_batch=batch) for _ in range(120)]
    for place, payment in enumerate(made):
        order(payment, priority=place % 3, minutes=place // 2)
    seen, address = [], "/queue/"
    while address:
        answer = desk.get(address)
        page = answer.context["page"]
        seen.append(listed(answer))
        address = f"/queue/?cursor={page.next}" if page.next else ""
    assert [len(rows) for rows in seen] == [50, 50, 20]
    expected = sorted(made, key=lambda item: (-state(item).priority, state(item).due_at, item.pk))
    assert [key for rows in seen for key in rows] == [payment.pk for payment in expected]
    assert listed(desk.get(f"/queue/?cursor={page.previous}")) == seen[1]


def test_a_forged_cursor_is_refused(desk: Client) -> None:
    assert desk.get("/queue/?cursor=abc").status_code == 400


def test_the_list_costs_the_same_for_any_number_of_rows(stage: people.Stage, desk: Client) -> None:
    batch = people.batch(stage)
    counts = []
    for _round in range(2):
        for _ in range(10):
            finding(people.payment(stage, in_batch=batch), "warn")
        desk.get("/queue/")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            desk.get("/queue/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_what_one_may_not_sign_stays_visible_with_the_reason(stage: people.Stage, operator: User, desk: Client) -> None:
    own = people.payment(stage, maker=operator)
    above = people.payment(stage, amount="2000000.00")
    pane = desk.get(f"/payments/{own.pk}/pane/").content.decode()
    assert set(listed(desk.get("/queue/"))) == {own.pk, above.pk}
    assert "You created or amended this payment" in pane
    assert f'action="/payments/{own.pk}/approve/' not in pane
    assert "above your limit" in desk.get(f"/payments/{above.pk}/pane/").content.decode()


def test_a_colleagues_claim_greys_the_row_and_says_who(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    workflow.claim(ids=[payment.pk], actor=people.person(name="Karim Amrani"))
    page = desk.get("/queue/").content.decode()
    assert "Karim Amrani" in page
    assert "Every payment of this page is in a colleague" in page


def test_take_next_claims_the_best_free_one(stage: people.Stage, operator: User, desk: Client) -> None:
    best, next_best = people.payment(stage), people.payment(stage)
    order(best, 90)
    order(next_best, 50)
    workflow.claim(ids=[best.pk], actor=people.person())
    answer = desk.post("/queue/take/")
    assert answer.headers["Location"] == f"/queue/?row={next_best.pk}"
    assert state(next_best).claimed_by_id == operator.pk
    assert acts(next_best) == ["payment.claimed"]


def test_take_next_in_second_approvals_never_gives_what_one_validated(stage: people.Stage, operator: User) -> None:
    payment = people.payment(stage, status="validated")
    PaymentApproval.objects.create(payment=payment, stage=0, person=operator, given_at=timezone.now())
    desk = signed_in(operator)
    desk.post("/queue/take/?view=second")
    assert state(payment).claimed_by_id is None
    colleague = people.person()
    answer = signed_in(colleague).post("/queue/take/?view=second")
    assert answer.headers["Location"] == f"/second-approvals/?row={payment.pk}"
    assert state(payment).claimed_by_id == colleague.pk


def test_taking_from_an_empty_queue_says_so(desk: Client) -> None:
    answer = desk.post("/queue/take/", follow=True)
    assert "There is nothing free that you may decide on" in answer.content.decode()


def test_a_refresh_answers_304_until_something_moves(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    first = desk.get("/queue/", headers={"X-Live": "1", "HX-Request": "true"})
    tag = first.headers["ETag"]
    again = {"X-Live": "1", "HX-Request": "true", "If-None-Match": tag}
    assert listed(first) == [payment.pk]
    assert "<html" not in first.content.decode()
    assert desk.get("/queue/", headers=again).status_code == 304
    workflow.claim(ids=[payment.pk], actor=people.person(name="Karim Amrani"))
    changed = desk.get("/queue/", headers=again)
    assert changed.status_code == 200
    assert "Karim Amrani" in changed.content.decode()
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("role", [roles.LOGISTICS, roles.ADMINISTRATOR, None])
def test_without_the_right_there_is_no_queue(stage: people.Stage, role: str | None) -> None:
    payment = people.payment(stage)
    before = standing(payment)
    client = signed_in(people.person(role))
    for address in ("/queue/", "/second-approvals/", "/payments/", f"/payments/{payment.pk}/", "/queue/many/?ids=1"):
        assert client.get(address).status_code == 403, address
    for address in ("/queue/take/", "/queue/many/", f"/payments/{payment.pk}/claim/"):
        assert client.post(address).status_code == 403, address
    assert standing(payment) == before


def test_an_auditor_reads_and_finds_no_button(stage: people.Stage) -> None:
    payment = people.payment(stage)
    client = signed_in(people.person(roles.AUDITOR))
    page = client.get("/queue/").content.decode()
    assert f'data-row="{payment.pk}"' in page
    assert "Take next" not in page
    assert "/approve/" not in page
    before = standing(payment)
    for verb in ("approve", "reject", "hold", "comment", "claim", "cancel", "lift"):
        assert client.post(f"/payments/{payment.pk}/{verb}/", {"reason": "x", "text": "x"}).status_code == 403, verb
    assert standing(payment) == before


def test_the_pane_needs_ten_queries_at_most(stage: people.Stage, desk: Client) -> None:
    clean, failed, second = people.payment(stage), people.payment(stage), people.payment(stage, status="validated")
    finding(failed, "second")
    PaymentApproval.objects.create(payment=second, stage=0, person=people.person(), given_at=timezone.now())
    for payment in (clean, failed, second):
        desk.get(f"/payments/{payment.pk}/pane/?view=todo")
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(f"/payments/{payment.pk}/pane/?view=todo").status_code == 200
        own = [query["sql"] for query in seen if not SESSION.search(query["sql"])]
        assert len(own) <= 10, own


def test_a_page_without_scripts_selects_and_decides_by_links_and_forms(stage: people.Stage, desk: Client) -> None:
    first, second = people.payment(stage), people.payment(stage)
    order(first, 90)
    page = desk.get(f"/queue/?row={second.pk}").content.decode()
    pane = page[page.index('id="pane"') :]
    assert second.reference in pane
    assert f'action="/payments/{second.pk}/approve/?view=todo"' in pane
    assert f'href="/payments/{second.pk}/reject/?view=todo"' in pane


# Many at once


def test_bulk_says_what_goes_and_what_stays_then_does_it(stage: people.Stage, operator: User, desk: Client) -> None:
    clean = [people.payment(stage, amount=amount) for amount in ("10.00", "200.00", "3000.50", "4.00")]
    warned, own, claimed = people.payment(stage), people.payment(stage, maker=operator), people.payment(stage)
    finding(warned, "warn")
    workflow.claim(ids=[claimed.pk], actor=people.person(name="Karim Amrani"))
    ids = [payment.pk for payment in (*clean, warned, own, claimed)]
    page = desk.get("/queue/many/", {"ids": ids})
    plan = page.context["plan"]
    assert [state.pk for state in plan.going] == [payment.pk for payment in clean]
    assert plan.totals == [("EUR", Decimal("3214.50"))]
    assert [state.payment.amount for state in plan.largest] == [Decimal("3000.50"), Decimal("200"), Decimal("10")]
    assert plan.left_count == 3
    assert {group.sentence for group in plan.left_out} == {
        "Held by others",
        "Entered or amended by you",
        "With a warning or a failed check: each is decided on by itself",
    }
    assert {state(payment).status for payment in clean} == {"checked"}
    answer = desk.post("/queue/many/", {"payment": [f"{payment.pk}:1" for payment in clean]})
    assert answer.headers["Location"] == "/queue/"
    assert {state(payment).status for payment in clean} == {"validated"}
    assert [state(payment).status for payment in (warned, own, claimed)] == ["checked"] * 3


def test_second_approvals_are_given_to_many_at_once(
    stage: people.Stage, django_capture_on_commit_callbacks: Any
) -> None:
    marc = people.person(roles.SUPERVISOR, entity=stage.entity, name="Marc Lefèvre")
    lea = people.person(roles.OPERATOR, entity=stage.entity, name="Léa Martin")
    desk = signed_in(marc)
    made = [people.payment(stage, amount=amount) for amount in ("10.00", "200.00", "5.00", "60000.00", "7.00")]
    clean, warned, large, own = made[:2], made[2], made[3], made[4]
    finding(warned, "warn")
    workflow.validate(
        ids=[one.pk for one in made[:4]], actor=lea, requirements=dict.fromkeys((o.pk for o in made), anyone(1))
    )
    workflow.validate(ids=[own.pk], actor=marc, requirements={own.pk: anyone(1)})
    waiting = people.payment(stage)
    versions = {one.pk: state(one).version for one in made}

    listed = desk.get("/second-approvals/").content.decode()
    assert "Approve…" in listed
    assert listed.count('<input type="checkbox" name="ids"') == 5
    assert f'name="ids" value="{clean[0].pk}"' in listed
    page = desk.get("/queue/many/", {"view": "second", "ids": [*versions, waiting.pk]})
    plan = page.context["plan"]
    assert [found.pk for found in plan.going] == [one.pk for one in clean]
    assert plan.totals == [("EUR", Decimal("210.00"))]
    assert {(group.sentence, group.states[0].pk) for group in plan.left_out} == {
        ("With a warning or a failed check: each is decided on by itself", warned.pk),
        ("Above the ceiling for approving many at once", large.pk),
        ("Signed by you already", own.pk),
        ("Not waiting for a second approval any more", waiting.pk),
    }
    text = page.content.decode()
    assert "it is posted when the time to take it back is over" in text
    assert re.search(r'<a href="/second-approvals/"[^>]* aria-current="page"', text)
    assert 'action="/queue/many/?view=second"' in text
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(
            "/queue/many/?view=second", {"payment": [f"{key}:{version}" for key, version in versions.items()]}
        )
    done = answer.content.decode()
    assert answer.status_code == 200
    assert "2 approvals given" in done
    assert "3 were left" in done
    assert {state(one).status for one in clean} == {"posted"}
    assert [state(one).status for one in (warned, large, own)] == ["validated"] * 3
    assert answer.context["undo"] is None
    assert acts(clean[0])[-2:] == ["payment.approved", "payment.posted"]


def test_fifty_second_approvals_at_most(stage: people.Stage) -> None:
    desk = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))
    batch = people.batch(stage)
    ids = [people.payment(stage, in_batch=batch, status="validated").pk for _ in range(52)]
    plan = desk.get("/queue/many/", {"view": "second", "ids": ids}).context["plan"]
    assert (len(plan.going), plan.left_count) == (50, 2)


def test_who_may_not_approve_gives_no_second_approvals(stage: people.Stage) -> None:
    one = people.payment(stage, status="validated")
    desk = signed_in(people.person(roles.AUDITOR, entity=stage.entity))
    before = standing(one)
    assert desk.post("/queue/many/?view=second", {"payment": [f"{one.pk}:1"]}).status_code == 403
    assert standing(one) == before


def test_a_box_says_why_its_payment_is_not_approved_with_others(
    stage: people.Stage, operator: User, desk: Client
) -> None:
    people.payment(stage)
    warned, own = people.payment(stage), people.payment(stage, maker=operator)
    finding(warned, "warn")
    page = desk.get("/queue/").content.decode()
    why = "With a warning or a failed check: each is decided on by itself"
    assert f'<label title="{why}"><input type="checkbox" name="ids" value="{warned.pk}"' in page
    assert f'aria-label="Select {warned.reference}. {why}"' in page
    mine = "You created or amended this payment. Another person must decide."
    assert f'aria-label="Select {own.reference}. {mine}"' in page


def test_a_cut_name_is_whole_in_its_title(stage: people.Stage, desk: Client) -> None:
    name = "Société Nouvelle des Établissements Kervella & Fils, Matériaux et Négoce"
    people.payment(stage, creditor_name=name)
    said = 'title="Société Nouvelle des Établissements Kervella &amp; Fils, Matériaux et Négoce"'
    assert said in desk.get("/queue/").content.decode()
    assert said in desk.get("/payments/").content.decode()


def test_bulk_leaves_what_changed_since_it_was_confirmed(stage: people.Stage, desk: Client) -> None:
    same, changed = people.payment(stage), people.payment(stage)
    PaymentState.objects.filter(pk=changed.pk).update(version=2)
    page = desk.post("/queue/many/", {"payment": [f"{same.pk}:1", f"{changed.pk}:1"]})
    assert page.status_code == 200
    assert "Someone changed this meanwhile" in page.content.decode()
    assert (state(same).status, state(changed).status) == ("validated", "checked")


def test_bulk_takes_fifty_at_most(stage: people.Stage, desk: Client) -> None:
    batch = people.batch(stage)
    ids = [people.payment(stage, in_batch=batch).pk for _ in range(53)]
    plan = desk.get("/queue/many/", {"ids": ids}).context["plan"]
    assert (len(plan.going), plan.left_count) == (50, 3)


def test_scripts_read_amounts_alike_in_every_language(stage: people.Stage, operator: User, desk: Client) -> None:
    people.payment(stage, amount="1234.50")
    for language in ("en", "fr"):
        User.objects.filter(pk=operator.pk).update(language=language)
        assert 'data-amount="1234.50000" data-currency="EUR"' in desk.get("/queue/").content.decode()


def test_one_undo_takes_the_lot_back(stage: people.Stage, operator: User, desk: Client) -> None:
    Entity.objects.update(undo_seconds=10)
    made = [people.payment(stage) for _ in range(3)]
    desk.post("/queue/many/", {"payment": [f"{payment.pk}:1" for payment in made]})
    page = desk.get("/queue/")
    assert page.context["undo"]["ids"] == [payment.pk for payment in made]
    assert page.context["pace"] == {"today": 3, "last_hour": 3}
    desk.post("/queue/undo/", {"ids": page.context["undo"]["value"], "next": "/queue/"})
    assert desk.get("/queue/").context["pace"] == {"today": 0, "last_hour": 0}
    assert {state(payment).status for payment in made} == {"checked"}
    assert acts(made[0]) == ["payment.validated", "payment.withdrawn"]
    assert PaymentApproval.objects.filter(person=operator, withdrawn_at=None).count() == 0


def test_after_undo_the_undone_payment_is_the_selected_one(stage: people.Stage, desk: Client) -> None:
    Entity.objects.update(undo_seconds=10)
    first, second = people.payment(stage), people.payment(stage)
    for after, where in (
        ("/queue/?view=large&row=7", f"/queue/?view=large&row={second.pk}"),
        (f"/payments/{first.pk}/?view=todo", f"/payments/{second.pk}/?view=todo"),
        ("/dashboard/", "/dashboard/"),
    ):
        desk.post(f"/payments/{second.pk}/approve/", {"version": state(second).version})
        assert state(second).status == "validated"
        answer = desk.post("/queue/undo/", {"ids": str(second.pk), "next": after})
        assert answer.headers["Location"] == where
        assert state(second).status == "checked"
    page = desk.get(f"/queue/?row={second.pk}")
    assert [row.state.pk for row in page.context["rows"] if row.selected] == [second.pk]


@pytest.mark.parametrize("parts", [False, True])
def test_what_the_database_refuses_to_take_back_is_said(
    stage: people.Stage, desk: Client, monkeypatch: pytest.MonkeyPatch, parts: bool
) -> None:
    Entity.objects.update(undo_seconds=10)
    payment = people.payment(stage)
    desk.post(f"/payments/{payment.pk}/approve/", {"version": 1})
    before = standing(payment)

    def refused(**_asked: Any) -> None:
        with transaction.atomic():
            sql.run("update people_entity set undo_seconds = -1")

    monkeypatch.setattr(workflow, "withdraw", refused)
    headers = {"HX-Request": "true"} if parts else {}
    answer = desk.post("/queue/undo/", {"ids": str(payment.pk), "next": "/queue/"}, headers=headers)
    said = answer.content.decode()
    assert (answer.status_code, "The books refuse this: it does not fit what they hold." in said) == (409, True)
    assert "undo_seconds" not in said
    assert standing(payment) == before


def test_undo_never_touches_a_colleagues_approval(stage: people.Stage, desk: Client) -> None:
    Entity.objects.update(undo_seconds=10)
    payment = people.payment(stage)
    signed_in(people.person()).post(f"/payments/{payment.pk}/approve/", {"version": 1})
    before = standing(payment)
    desk.post("/queue/undo/", {"ids": str(payment.pk), "next": "https://elsewhere.example/"})
    assert standing(payment) == before
