"""The matrix by the screens: in words, tried, changed by two people; and what the database refuses of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from backoffice.common import formats, sql
from backoffice.people import roles
from backoffice.people.models import Limit
from controls import approvals, changes, effects
from controls.models import ApprovalPolicy, ChangeRequest, ChangeSignature
from documents.models import AuditRecord
from tests import database, people
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


FORM = {
    "amount": "10 000", "currency": "eur", "kind": "sepa", "persons_1": "1", "persons_2": "1", "role_2": "supervisor",
    "reason": "Audit of November",
}  # fmt: skip


def supervisor(stage: people.Stage) -> Any:
    return people.person(roles.SUPERVISOR, entity=stage.entity)


def test_a_row_is_asked_for_by_one_and_counts_when_another_approves(stage: people.Stage) -> None:
    one, other = supervisor(stage), people.person(roles.ADMINISTRATOR, entity=stage.entity)
    assert signed_in(one).post(f"/approvals/{stage.entity.pk}/new/", FORM).status_code == 302
    assert ApprovalPolicy.objects.count() == 1, "nothing counts yet"
    asked = ChangeRequest.objects.get()
    assert signed_in(one).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    amount = formats.amount(Decimal(10_000), "EUR")
    said = f"SEPA credit transfer from {amount}: one person, then one person (supervisor)"
    assert said in signed_in(other).get("/approvals/").content.decode()
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    made = ApprovalPolicy.objects.get(kind="sepa")
    assert (made.from_amount, made.approvals, [row["role"] for row in made.stages]) == (10_000, 2, ["", "supervisor"])
    assert made.history.get().history_user == one
    assert [(row.action, row.actor_id) for row in AuditRecord.objects.filter(subject_type="matrix").order_by("id")] == [
        ("change.asked", one.pk), ("change.approved", other.pk),
    ]  # fmt: skip
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409


def test_the_box_tells_who_must_approve(stage: people.Stage) -> None:
    desk = signed_in(people.person(entity=stage.entity))
    changes_made = effects.row(stage.entity, None, changes._described(stage.entity, {
        "kind": "sepa", "currency": "EUR", "from_amount": Decimal(10_000),
        "stages": [{"persons": 2}, {"persons": 1, "role": "supervisor"}],
    }))  # fmt: skip
    changes_made.save()
    query = {"entity": "BANK", "currency": "EUR", "kind": "sepa"}
    assert "two persons, then one person (supervisor)" in told(desk, amount="10000", **query)
    assert "<strong>one person</strong>" in told(desk, amount="9 999,99", **query)
    assert "<strong>two persons</strong>" in told(desk, amount="1", **{**query, "currency": "USD"})
    assert "the strictest answer holds" in told(desk, amount="1", **{**query, "currency": "USD"})
    french = people.person(entity=stage.entity, language="fr")
    assert "deux personnes, puis une personne (superviseur)" in told(signed_in(french), amount="10000", **query)


def told(desk: Any, **query: str) -> str:
    page = desk.get("/approvals/", query).content.decode()
    return page[page.index('role="status"') :].split("</div>")[0]


def test_a_row_that_would_tie_is_said_on_the_form(stage: people.Stage) -> None:
    ApprovalPolicy.objects.create(entity=stage.entity, channel="file", from_amount=Decimal(0), approvals=2)
    answer = signed_in(supervisor(stage)).post(f"/approvals/{stage.entity.pk}/new/", FORM)
    assert answer.status_code == 422
    assert "two rows would count equally" in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_a_row_is_changed_once_at_a_time_and_refused_with_a_reason(stage: people.Stage) -> None:
    policy, one, other = ApprovalPolicy.objects.get(), supervisor(stage), supervisor(stage)
    address = f"/approvals/{stage.entity.pk}/{policy.pk}/"
    form = {**FORM, "amount": "0", "kind": ""}
    assert signed_in(one).post(address, form).status_code == 302
    assert "waits for a second person already" in signed_in(other).post(address, form).content.decode()
    asked = ChangeRequest.objects.get()
    desk = signed_in(other)
    desk.post(f"/changes/{asked.pk}/decide/", {"decision": "refuse", "reason": "  "})
    desk.post(f"/changes/{asked.pk}/decide/", {"decision": "refuse", "reason": "Too much"})
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.answer) == ("refused", other, "Too much")
    policy.refresh_from_db()
    assert policy.approvals == 1


def test_whoever_asked_and_lost_the_right_changes_nothing(stage: people.Stage) -> None:
    one, other = supervisor(stage), supervisor(stage)
    signed_in(one).post(f"/approvals/{stage.entity.pk}/new/", FORM)
    one.grants.all().delete()
    asked = ChangeRequest.objects.get()
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 403
    assert ApprovalPolicy.objects.count() == 1
    assert ChangeRequest.objects.get().status == "waiting"


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        (None, ("100", ""), True),
        (("100", None), ("99", ""), False),
        (("100", None), ("101", ""), True),
        (("100", None), ("100", "200"), False),
        (("100", "200"), ("100", "300"), True),
        (("100", "200"), ("100", ""), True),
        (("100", "200"), ("50", "100"), False),
        (("100", "200"), ("", ""), False),
    ],
)
def test_a_limit_that_widens_waits(before: Any, after: tuple[str, str], waits: bool) -> None:
    someone, desk = people.person(limit=None), signed_in(people.person(roles.ADMINISTRATOR))
    if before:
        database.insert(Limit(user=someone, act="approve", currency="EUR", amount=before[0], day_amount=before[1]))
    form = {"act": "approve", "currency": "EUR", "amount": after[0], "day_amount": after[1]}
    kept = list(Limit.objects.values_list("amount", "day_amount"))
    assert desk.post(f"/users/{someone.pk}/limits/", form).status_code == 302
    assert ChangeRequest.objects.filter(status="waiting").exists() == waits
    assert (list(Limit.objects.values_list("amount", "day_amount")) == kept) == waits
    page = desk.get(f"/users/{someone.pk}/").content.decode()
    assert ("waits for a second person" in page) == waits


def test_the_database_lets_no_limit_widen_unsigned() -> None:
    someone, one, second = people.person(limit=None), *(people.person(roles.ADMINISTRATOR) for _ in range(2))
    described = {"user": someone, "act": "approve", "currency": "EUR"}
    unsigned = "widened when two people have signed it"
    with pytest.raises(DatabaseError, match=unsigned), transaction.atomic():
        Limit.objects.create(**described, amount=1)
    asked = changes.ask_limit(
        actor=one, user_id=someone.pk, act="approve", currency="EUR", amount=Decimal(100), day_amount=Decimal(500)
    )
    assert asked is not None
    ChangeSignature.objects.create(request=asked, place=1, person=second)
    right = {"amount": 100, "day_amount": 500}
    for other in ({**right, "amount": 101}, {"amount": 100}, {**right, "act": "validate"}):
        with pytest.raises(DatabaseError, match=unsigned), transaction.atomic():
            Limit.objects.create(**{**described, **other})
    Limit.objects.create(**described, amount=100, day_amount=500)
    rows = Limit.objects.filter(user=someone)
    ChangeRequest.objects.filter(pk=asked.pk).update(status="approved", decided_by=second)
    assert rows.update(amount=50, day_amount=400) == 1
    for wider in ({"amount": 100}, {"day_amount": 500}, {"day_amount": None}, {"user": one}):
        with pytest.raises(DatabaseError, match=unsigned), transaction.atomic():
            rows.update(**wider)


class TestByTheDatabase:
    @pytest.fixture
    def asked(self, stage: people.Stage) -> ChangeRequest:
        return changes.ask_matrix(
            actor=supervisor(stage), entity=stage.entity, policy_id=None, reason="x",
            values={"kind": "sepa", "stages": [{"persons": 1}]},
        )  # fmt: skip

    def test_nobody_signs_their_own_request(self, asked: ChangeRequest) -> None:
        for person in (asked.asked_by, people.person(is_machine=True)):
            with pytest.raises(DatabaseError, match="other than the one who asked"), transaction.atomic():
                ChangeSignature.objects.create(request=asked, place=1, person=person)

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ("update controls_changerequest set status = 'approved'", "takes effect when it is signed"),
            ("update controls_changerequest set change = '{}'", "permission denied"),
            ("update controls_changerequest set places = '[]'", "permission denied"),
            ("update controls_changesignature set place = 2", "permission denied"),
            ("delete from controls_changerequest", "permission denied"),
        ],
    )
    def test_nothing_is_in_effect_unsigned_or_rewritten(self, asked: ChangeRequest, query: str, why: str) -> None:
        with pytest.raises(DatabaseError, match=why), transaction.atomic():
            sql.run(query)

    def test_what_is_decided_stays(self, asked: ChangeRequest, stage: people.Stage) -> None:
        changes.sign(actor=supervisor(stage), request_id=asked.pk)
        for query in ("set status = 'waiting', decided_by_id = null", "set answer = 'other'"):
            with pytest.raises(DatabaseError, match="decided once"), transaction.atomic():
                sql.run(f"update controls_changerequest {query}")


def test_the_row_freezes_on_the_next_payment(stage: people.Stage) -> None:
    one, other = supervisor(stage), supervisor(stage)
    signed_in(one).post(f"/approvals/{stage.entity.pk}/new/", FORM)
    changes.sign(actor=other, request_id=ChangeRequest.objects.get().pk)
    payment = people.payment(stage, amount="10000")
    assert [place.role for place in approvals.requirements([payment.pk])[payment.pk].places] == ["", "supervisor"]
