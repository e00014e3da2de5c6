"""The control card: frozen with each signature by whatever door, with what was found, and never touched again."""

import hashlib
import json
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.common import sql
from backoffice.people import roles
from controls import approvals
from controls.models import ApprovalPolicy, ControlCard
from tests import database, people
from tests.web.desk import finding, signed_in
from transactions import workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(
        entity=stage.entity, from_amount=Decimal(0), approvals=1, stages=[{"persons": 1, "role": "supervisor"}]
    )
    return stage


def test_each_signature_freezes_what_was_found(stage: people.Stage) -> None:
    payment, first = people.payment(stage), people.person(limit="5000")
    boss = people.person(roles.SUPERVISOR)
    rule = finding(payment, "warn")
    approvals.validate(ids=[payment.pk], actor=first, reason="seen")
    workflow.approve(ids=[payment.pk], actor=boss)
    validated, approved = ControlCard.objects.filter(payment=payment).order_by("pk")
    content = json.loads(validated.content)
    assert [(one["rule"], one["version"], one["result"]) for one in content["findings"]] == [(rule.code, 1, "warn")]
    assert (content["person"], content["place"], content["amount"]) == (first.pk, 0, "150.00000")
    assert content["ceilings"] == [{"person": first.pk, "one": "5000.00000", "day": None}]
    assert [(one["place"], one["role"]) for one in content["asked"]] == [(1, "supervisor")]
    assert content["ran_at"] is not None
    assert (json.loads(approved.content)["person"], json.loads(approved.content)["place"]) == (boss.pk, 1)
    for card in (validated, approved):
        assert bytes(card.digest) == hashlib.sha256(card.content.encode()).digest()


def test_a_later_finding_does_not_reach_the_card(stage: people.Stage) -> None:
    payment, boss = people.payment(stage), people.person(roles.SUPERVISOR)
    finding(payment, "warn")
    approvals.validate(ids=[payment.pk], actor=people.person())
    card = ControlCard.objects.get(payment=payment)
    finding(payment, "hold")
    page = signed_in(boss).get(f"/payments/{payment.pk}/cards/{card.pk}/").content.decode()
    assert page.count("Finding ") == 1
    assert card.digest.hex() in page
    assert "As it was frozen" in page


@pytest.mark.parametrize(
    "query",
    [
        "update controls_controlcard set content = '{}'",
        "delete from controls_controlcard",
        "insert into controls_controlcard (signature_id, payment_id, frozen_at, content, digest) "
        "values (0, 0, now(), '{}', sha256('{}'))",
    ],
)
def test_nobody_writes_or_changes_one(stage: people.Stage, query: str) -> None:
    approvals.validate(ids=[people.payment(stage).pk], actor=people.person())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        sql.run(query)
    assert ControlCard.objects.count() == 1


# What an attacker with the application's connection hangs on a table of their own, for any number of a signature.
STANDS_IN = """
    create temporary table stand_in (id bigint, payment_id bigint, stage smallint, person_id bigint,
        on_behalf_of_id bigint, policy_id bigint) on commit drop
"""


@pytest.mark.parametrize(
    ("function", "rows"), [("freeze_control_card", "signed"), ("freeze_release_card", "made")], ids=str
)
def test_no_table_of_ones_own_freezes_a_card(stage: people.Stage, function: str, rows: str) -> None:
    payment, person = people.payment(stage), people.person()
    hang = (
        f"create trigger t after insert on stand_in referencing new table as {rows} "
        f"for each statement execute function public.{function}()"
    )
    sql.run(STANDS_IN)
    with pytest.raises(DatabaseError, match="permission denied for function"), transaction.atomic():
        sql.run(hang)
    # Should the right be given again: the function looks at the table that fires it.
    database.as_owner(f"grant execute on function {function}() to backoffice")
    sql.run(hang)
    following = sql.rows("select last_value + 1 from transactions_paymentapproval_id_seq")[0][0]
    for number in (987654321, following):
        with pytest.raises(DatabaseError, match=r"frozen by its (signature|release) alone"), transaction.atomic():
            sql.run("insert into stand_in values (%s, %s, 0, %s, null, null)", [number, payment.pk, person.pk])
    assert not ControlCard.objects.exists()
    assert approvals.validate(ids=[payment.pk], actor=person)[0].done
    assert ControlCard.objects.get().signature_id is not None


def test_a_card_of_another_payment_is_not_there(stage: people.Stage) -> None:
    one, other = people.payment(stage), people.payment(stage)
    approvals.validate(ids=[one.pk], actor=people.person())
    card = ControlCard.objects.get()
    assert signed_in(people.person()).get(f"/payments/{other.pk}/cards/{card.pk}/").status_code == 404


def test_it_stands_beside_the_decision_and_the_signature(stage: people.Stage) -> None:
    payment, boss = people.payment(stage), people.person(roles.SUPERVISOR)
    finding(payment, "warn")
    approvals.validate(ids=[payment.pk], actor=people.person())
    desk = signed_in(boss)
    asked = desk.get(f"/payments/{payment.pk}/approve/").content.decode()
    assert "Control card: 1 check" in asked
    assert "It is frozen with your signature." in asked
    card = ControlCard.objects.get()
    assert f"/payments/{payment.pk}/cards/{card.pk}/" in desk.get(f"/payments/{payment.pk}/").content.decode()


def test_many_signatures_take_no_more_statements(stage: people.Stage) -> None:
    counts = []
    for size in (2, 30):
        ids = [people.payment(stage).pk for _number in range(size)]
        with CaptureQueriesContext(connection) as seen:
            approvals.validate(ids=ids, actor=people.person())
        counts.append(len(seen))
        assert ControlCard.objects.filter(payment__in=ids).count() == size
    assert counts[0] == counts[1]
