"""The dashboard: five questions, figures that agree with the lists they lead to, and only what one may see."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from backoffice.people import roles
from controls import approvals
from documents import trail
from tests import database
from tests.people import Stage, bank_branch, payment, person
from tests.web.desk import finding, signed_in
from transactions import workflow
from transactions.models import Hold, Payment, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Today at noon in the reader's zone, so that the day has a past and a future wherever the tests run."""
    moment = timezone.localtime().replace(hour=12, minute=30, second=0, microsecond=0)
    monkeypatch.setattr("backoffice.web.dashboard.timezone.now", lambda: moment)
    return moment


def decided(made: Payment, action: str, stage: Stage, moment: datetime, actor: Any) -> None:
    database.as_owner(
        "insert into documents_auditrecord (occurred_at, entity_id, subject_type, subject_id, action, actor_id, "
        "reason, data) values (%s, %s, 'payment', %s, %s, %s, '', '{}')",
        [moment, stage.entity.pk, made.pk, action, actor.pk],
    )


def test_flow_counts_the_day_by_hour_and_compares_with_the_same_weekday(stage: Stage, noon: datetime) -> None:
    actor = person(roles.OPERATOR, entity=stage.entity)
    for minutes in (5, 10, 200):
        payment(stage, received_at=noon - timedelta(minutes=minutes))
    payment(stage, received_at=noon - timedelta(days=1))
    for week, number in ((1, 2), (2, 4)):
        for _ in range(number):
            payment(stage, received_at=noon - timedelta(weeks=week, hours=1))
        payment(stage, received_at=noon - timedelta(weeks=week) + timedelta(hours=1))
    one, two = payment(stage), payment(stage, status="rejected")
    database.update(Payment.objects.filter(pk__in=[one.pk, two.pk]), received_at=noon - timedelta(days=3))
    decided(one, "payment.validated", stage, noon - timedelta(minutes=15), actor)
    decided(two, "payment.rejected", stage, noon - timedelta(hours=2), actor)
    decided(two, "payment.commented", stage, noon - timedelta(hours=2), actor)

    page = signed_in(actor).get("/dashboard/")
    flow = page.context["flow"]
    by_hour = dict(zip(flow.hours, zip(flow.received, flow.decided, strict=True), strict=True))
    assert (by_hour[12], by_hour[10], by_hour[9]) == ((2, 1), (0, 1), (1, 0))
    assert (flow.received_by_now, flow.decided_by_now) == (3, 2)
    assert (flow.usual_by_now, flow.beside_usual) == ((0, 4), "within")
    text = page.content.decode()
    assert "Payments received in each hour" in text
    assert text.count('<svg class="columns"') == 2
    assert text.count("Values as a table") == 2


def test_approvals_that_their_author_took_back_are_no_decisions(stage: Stage, noon: datetime) -> None:
    """They count nowhere, in figures as in the list; what another sent back counts, and so does deciding anew."""
    anne, marc = person(roles.OPERATOR, entity=stage.entity), person(roles.SUPERVISOR, entity=stage.entity)
    back, sent_by_other, again, late, before = [
        payment(stage, received_at=noon - timedelta(hours=2 if number < 3 else 9)) for number in range(5)
    ]
    minutes = iter(range(59, 0, -1))

    def act(made: Payment, action: str, actor: Any, *, days: int = 0) -> None:
        decided(made, f"payment.{action}", stage, noon - timedelta(minutes=next(minutes), days=days), actor)

    act(back, "validated", anne)
    act(back, "sent_back", anne)
    act(sent_by_other, "validated", anne)
    act(sent_by_other, "sent_back", marc)
    act(again, "validated", anne)
    act(again, "commented", marc)
    act(again, "sent_back", anne)
    act(again, "validated", anne)
    act(late, "validated", anne)
    act(late, "sent_back", anne)
    act(before, "validated", anne, days=1)
    act(before, "sent_back", anne)

    page = signed_in(marc).get("/dashboard/").context
    assert page["flow"].decided_by_now == 3
    assert (page["punctuality"].kept, page["punctuality"].broken) == (2, 0)
    rows = signed_in(marc).get("/dashboard/decisions/").context["rows"]
    assert [(record.subject_id, record.action) for record, *_others in rows] == [
        (again.pk, "payment.validated"),
        (sent_by_other.pk, "payment.sent_back"),
        (sent_by_other.pk, "payment.validated"),
    ]
    assert signed_in(marc).get("/dashboard/decisions/?late=1").context["rows"] == []


def test_what_was_taken_back_within_its_window_is_no_decision() -> None:
    stage = bank_branch(balance="0", undo_seconds=10)
    anne, made = person(roles.OPERATOR, entity=stage.entity), payment(stage)
    reader = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    assert approvals.validate(ids=[made.pk], actor=anne)[0].done
    assert len(reader.get("/dashboard/decisions/").context["rows"]) == 1
    assert workflow.withdraw(ids=[made.pk], actor=anne)[0].done
    assert reader.get("/dashboard/decisions/").context["rows"] == []
    assert reader.get("/dashboard/").context["flow"].decided_by_now == 0


def test_nothing_by_this_hour_is_a_past_too(stage: Stage, noon: datetime) -> None:
    actor = person(roles.OPERATOR, entity=stage.entity)
    payment(stage, received_at=noon - timedelta(minutes=5))
    assert "no past to compare with yet" in signed_in(actor).get("/dashboard/").content.decode()
    payment(stage, received_at=noon - timedelta(weeks=3, days=2))
    page = signed_in(actor).get("/dashboard/")
    assert (page.context["flow"].usual_by_now, page.context["flow"].beside_usual) == ((0, 0), "above")


def test_on_time_is_the_first_decision_against_the_due_time(stage: Stage, noon: datetime) -> None:
    actor = person(roles.OPERATOR, entity=stage.entity)
    for late in (False, False, True):
        made = payment(stage, status="validated")
        PaymentState.objects.filter(pk=made.pk).update(due_at=noon - timedelta(minutes=60 if late else 0))
        decided(made, "payment.validated", stage, noon - timedelta(minutes=30), actor)
    waiting = payment(stage)
    PaymentState.objects.filter(pk=waiting.pk).update(due_at=noon + timedelta(minutes=10))
    punctuality = signed_in(actor).get("/dashboard/").context["punctuality"]
    assert (punctuality.kept, punctuality.broken) == (2, 1)
    assert (punctuality.open, punctuality.late, punctuality.soon) == (4, 1, 3)
    late = signed_in(actor).get("/dashboard/decisions/?late=1")
    assert len(late.context["rows"]) == 1
    assert len(signed_in(actor).get("/dashboard/decisions/").context["rows"]) == 3


def test_safe_counts_what_is_held_and_findings_by_rule_of_open_payments(stage: Stage) -> None:
    actor = person(roles.OPERATOR, entity=stage.entity)
    held, clean, closed = payment(stage, amount="700.00"), payment(stage), payment(stage, status="settled")
    PaymentState.objects.filter(pk=held.pk).update(hold_count=1)
    Hold.objects.create(payment=held, code="x", placed_at=timezone.now())
    rule = finding(held, "hold")
    finding(closed, "warn")
    page = signed_in(actor).get("/dashboard/")
    safety = page.context["safety"]
    assert (safety.held, [(code, str(total)) for code, total in safety.held_sums]) == (1, [("EUR", "700.00000")])
    assert [(row.code, row.count) for row in safety.rules] == [(rule.code, 1)]
    assert safety.with_finding == 1
    assert f'href="/queue/?rule={rule.code}"' in page.content.decode()
    assert clean.pk


def test_balanced_says_the_difference(stage: Stage) -> None:
    supervisor = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    books = supervisor.get("/dashboard/").context["books"]
    # The cast's accounts have balances without entries: they do not balance, and the page says by how much.
    assert [(book.debit, book.credit, book.balanced) for book in books] == [(0, 100_000, False)]
    page = supervisor.get("/dashboard/").content.decode()
    assert "Not balanced" in page
    assert "100,000.00" in page


def test_what_changed_tells_acts_of_weight_in_words(stage: Stage) -> None:
    actor = person(roles.SUPERVISOR, entity=stage.entity, name="Marion Durand")
    with transaction.atomic():
        trail.record(
            "account.changed", subject_type="account", subject_id=stage.customer.pk, entity_id=stage.entity.pk,
            actor=actor, reason="court order", data={"field": "status", "before": "open", "after": "blocked"},
        )  # fmt: skip
        trail.record(
            "user.granted", subject_type="user", subject_id=actor.pk, entity_id=None, actor=actor,
            data={"role": "auditor", "entity": None},
        )  # fmt: skip
    page = signed_in(actor).get("/dashboard/").content.decode()
    assert "changed the status from “Open” to “Blocked”" in page
    assert "court order" in page
    assert f'<a href="/accounts/{stage.customer.pk}/">' in page
    assert "gave the role" not in page
    administrator = signed_in(person(roles.ADMINISTRATOR)).get("/dashboard/").content.decode()
    assert "gave the role “Auditor” in all entities" in administrator
    assert "court order" not in administrator


def test_another_entitys_figures_are_not_counted(stage: Stage) -> None:
    other = bank_branch("OTHER", iban="FR7630006000011234567890189")
    payment(other, received_at=timezone.now() - timedelta(seconds=5))
    page = signed_in(person(roles.OPERATOR, entity=stage.entity)).get("/dashboard/")
    assert page.context["flow"].received_by_now == 0
    assert [book.code for book in page.context["books"]] == ["BANK"]


@pytest.mark.parametrize("role", [roles.LOGISTICS])
def test_a_role_without_lists_is_told_so(role: str) -> None:
    page = signed_in(person(role)).get("/dashboard/")
    assert "Nothing to show for your role yet" in page.content.decode()


def test_who_has_no_role_sees_no_dashboard() -> None:
    client = signed_in(person(None))
    assert client.get("/dashboard/").status_code == 403
    assert client.get("/dashboard/decisions/").status_code == 403


def test_the_number_of_queries_does_not_grow(stage: Stage, django_assert_num_queries: Any) -> None:
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    client.get("/dashboard/")
    with django_assert_num_queries(QUERIES):
        client.get("/dashboard/")
    for _ in range(20):
        finding(payment(stage))
    with django_assert_num_queries(QUERIES):
        client.get("/dashboard/")


# Session, person, rights, counters, entities; received, decided, the usual, on time, open, held, findings, cut-offs,
# files that need somebody, books, acts. The pace is measured once a minute.
QUERIES = 16
