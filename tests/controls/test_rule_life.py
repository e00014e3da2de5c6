"""The life of a rule: written by one, published by another, from a moment on, promoted, switched off, taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import roles
from controls import changes
from controls.models import ChangeRequest, ChangeSignature, Rule, RuleVersion
from controls.rules import differences, life, publishing, rulesets
from documents.models import AuditRecord
from tests import people
from tests.controls import rule_writing as writing
from tests.controls import scene as scenes
from tests.controls.rule_writing import LARGE, draft, publish, supervisors
from tests.controls.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def running(code: str = "HOUSE-LARGE") -> list[tuple[int, str]]:
    return [(one.number, one.mode) for one in rulesets.in_force() if one.rule.code == code]


def judged(scene: Scene, **fields: Any) -> set[str]:
    payment = scene.payment(amount="1500.00", **fields)
    scenes.judge(payment)
    return set(scenes.found(payment)) & {"HOUSE-LARGE"}


def refused(why: str, act: Any, **arguments: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        act(**arguments)
    assert caught.value.code == why
    assert "%(" not in str(caught.value)
    return caught.value


def test_a_rule_is_written_shadowed_activated_and_switched_off(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity)
    assert (made.number, made.mode, made.published_at, running()) == (1, "off", None, [])
    publish(made, one, other, mode="shadow")
    assert (made.published_by, made.written_by, running()) == (other, one, [(1, "shadow")])
    payment = scene.payment(amount="1500.00")
    scenes.judge(payment)
    assert set(scenes.found(payment)) == {"UNUSUAL-AMOUNT"}
    assert scenes.evidence(payment, "HOUSE-LARGE") == {
        "amount": "1500.00000", "threshold": "1000", "currency": "EUR",
    }  # fmt: skip
    asked = life.ask_mode(actor=other, version_id=made.pk, mode="active", reason="Seen enough")
    assert running() == [(1, "shadow")]
    changes.sign(actor=one, request_id=asked.pk)
    assert running() == [(2, "active")]
    payment = scene.payment(amount="1500.00")
    scenes.judge(payment)
    assert scenes.found(payment)["HOUSE-LARGE"] == "€1,500.00 is €1,000.00 or more."
    second = RuleVersion.objects.get(rule=made.rule, number=2)
    asked = life.ask_mode(actor=one, version_id=second.pk, mode="off", reason="Noise")
    changes.sign(actor=other, request_id=asked.pk)
    assert judged(scene) == set()
    assert [act for act, in AuditRecord.objects.filter(subject_type="rule", subject_id=made.rule_id).order_by("id")
            .values_list("action")] == [
        "rule.drafted", "change.asked", "rule.published", "change.approved",
        "rule.drafted", "change.asked", "rule.published", "change.approved",
        "rule.drafted", "change.asked", "rule.published", "change.approved",
    ]  # fmt: skip


def test_no_hand_in_a_draft_publishes_it(scene: Scene) -> None:
    one, other, third = supervisors(scene.stage.entity, 3)
    made = draft(one, scene.stage.entity)
    life.change(actor=other, version_id=made.pk, values={"weight": 9})
    asked = life.submit(actor=one, version_id=made.pk, mode="active", reason="Agreed")
    refused("change.own_work", changes.sign, actor=one, request_id=asked.pk)
    refused("change.own_draft", changes.sign, actor=other, request_id=asked.pk)
    for hand in (one, other):
        with pytest.raises(IntegrityError, match="waits for a person other"), transaction.atomic():
            ChangeSignature.objects.create(request=asked, place=1, person=hand)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        RuleVersion.objects.filter(pk=made.pk).update(editors=[one.pk])
    assert running() == []
    changes.sign(actor=third, request_id=asked.pk)
    assert running() == [(1, "active")]


def test_the_database_publishes_nothing_unsigned(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity)
    rows = RuleVersion.objects.filter(pk=made.pk)
    for fields in ({}, {"mode": "active"}):
        with pytest.raises(IntegrityError, match="published when another has signed it"), transaction.atomic():
            rows.update(published_at=timezone.now(), published_by=other, **fields)
    life.submit(actor=one, version_id=made.pk, mode="shadow", reason="Agreed")
    with pytest.raises(IntegrityError, match="published when another has signed it"), transaction.atomic():
        rows.update(published_at=timezone.now(), published_by=other)
    with pytest.raises(IntegrityError, match="stays as it was handed in"), transaction.atomic():
        rows.update(expression="amount > 0")
    with pytest.raises(IntegrityError, match="stays as it was handed in"), transaction.atomic():
        rows.delete()
    new = RuleVersion(rule=made.rule, number=9, expression="true", action="warn", mode="active",
                      sentence_en="x", sentence_fr="x", published_at=timezone.now(), published_by=other)  # fmt: skip
    with pytest.raises(IntegrityError, match="published when another has signed it"), transaction.atomic():
        new.save()


def test_a_scheduled_version_runs_from_its_moment(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    publish(draft(one, scene.stage.entity), one, other)
    tomorrow = timezone.now() + timedelta(days=1)
    after = life.draft_next(
        actor=one, code="HOUSE-LARGE", entity=scene.stage.entity, based_on=RuleVersion.objects.latest("pk").pk,
        values={"parameters": {"threshold": 2000}},
    )  # fmt: skip
    publish(after, one, other, starts_at=tomorrow)
    assert running() == [(1, "active")]
    later = {one.rule.code: one.number for one in rulesets.in_force(tomorrow + timedelta(seconds=1))}
    assert later["HOUSE-LARGE"] == 2
    assert judged(scene) == {"HOUSE-LARGE"}
    for wrong in (timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(days=400)):
        third = life.draft_next(
            actor=one, code="HOUSE-LARGE", entity=scene.stage.entity, based_on=after.pk, values={}
        )  # fmt: skip
        refused("rule.start", life.submit, actor=one, version_id=third.pk, mode="active", reason="x", starts_at=wrong)
        life.discard(actor=one, version_id=third.pk, reason="No")


def test_the_set_in_force_costs_two_queries(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    writing.listed(one, other, scene.stage.entity, "watched", "country", "DE")
    publish(draft(one, scene.stage.entity, expression="creditor_country in list('watched')"), one, other)
    rulesets.current()
    with CaptureQueriesContext(
        connection,
    ) as ran:
        rulesets.current()
    assert len(ran) == 2


def test_kinds_and_channels_narrow_a_version(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    publish(draft(one, scene.stage.entity, kinds=["transfer"], channels=["file", "api"]), one, other)
    assert judged(scene) == set()
    assert judged(scene, kind="transfer") == {"HOUSE-LARGE"}
    assert judged(scene, kind="transfer", channel="form", maker=people.person()) == set()


def test_a_refused_draft_is_a_draft_again_and_a_refused_promotion_is_gone(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity)
    asked = life.submit(actor=one, version_id=made.pk, mode="active", reason="Agreed")
    refused("rule.waits", life.change, actor=one, version_id=made.pk, values={"weight": 1})
    refused("rule.waits", life.discard, actor=one, version_id=made.pk, reason="No")
    changes.refuse(actor=other, request_id=asked.pk, reason="Too many")
    life.change(actor=one, version_id=made.pk, values={"parameters": {"threshold": 3000}})
    publish(made, one, other)
    asked = life.ask_mode(actor=one, version_id=made.pk, mode="shadow", reason="Noise")
    changes.withdraw(actor=one, request_id=asked.pk, reason="Wait")
    assert running() == [(1, "active")]
    assert not life.visible(one).filter(rule=made.rule, number=2).exists()


def test_one_draft_at_a_time_and_no_silent_overwriting(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity)
    refused("rule.draft_open", life.draft_next, actor=other, code=made.rule.code, entity=scene.stage.entity,
            based_on=made.pk)  # fmt: skip
    read = made.written_at.isoformat() if made.written_at else ""
    life.change(actor=other, version_id=made.pk, values={"weight": 9}, read_at=read)
    with pytest.raises(Conflict):
        life.change(actor=one, version_id=made.pk, values={"weight": 8}, read_at=read)
    assert RuleVersion.objects.get(pk=made.pk).weight == 9
    refused("rule.code_taken", draft, actor=other, entity=scene.stage.entity)
    refused("rule.code_taken", draft, actor=other, entity=scene.stage.entity, code="CASE")


def test_going_back_is_a_new_version(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    first = publish(draft(one, scene.stage.entity), one, other)
    second = life.draft_next(
        actor=one, code="HOUSE-LARGE", entity=scene.stage.entity, based_on=first.pk,
        values={"parameters": {"threshold": 60000}, "action": "hold", "kinds": ["sepa"]},
    )  # fmt: skip
    publish(second, one, other)
    assert [one.said for one in differences.between(first, second)] == [
        "Action: Warn becomes Hold", "Kinds of payment: now SEPA credit transfer", "threshold: 1,000 becomes 60,000",
    ]  # fmt: skip
    back = life.draft_next(actor=other, code="HOUSE-LARGE", entity=scene.stage.entity, based_on=first.pk)
    assert publishing.content(back) == publishing.content(first)
    publish(back, other, one)
    assert running() == [(3, "active")]


def test_an_entity_has_its_own_version_of_a_shipped_rule(scene: Scene) -> None:
    entity = scene.stage.entity
    one, other = supervisors(entity)
    shipped = RuleVersion.objects.get(rule__code="LIMIT")
    own = life.draft_next(
        actor=one, code="LIMIT", entity=entity, based_on=shipped.pk, values={"parameters": {"threshold": 500}}
    )
    publish(own, one, other)
    payment = scene.payment(amount="600.00")
    scenes.judge(payment)
    assert "LIMIT" in scenes.found(payment)
    with pytest.raises(Denied):
        life.draft_next(actor=one, code="LIMIT", entity=people.bank_branch("B2", iban="").entity, based_on=shipped.pk)


def test_a_rule_of_all_is_for_who_may_in_every_entity(scene: Scene) -> None:
    people.bank_branch("B2", iban="FR7630006000011234567890189")
    here = supervisors(scene.stage.entity)[0]
    with pytest.raises(Denied):
        draft(here, None)
    assert not Rule.objects.filter(code="HOUSE-LARGE").exists()
    one, other = supervisors(None)
    made = draft(one, None)
    asked = life.submit(actor=one, version_id=made.pk, mode="active", reason="Agreed")
    with pytest.raises(Denied):
        changes.sign(actor=here, request_id=asked.pk)
    assert ChangeRequest.objects.get(pk=asked.pk).status == "waiting"
    changes.sign(actor=other, request_id=asked.pk)
    assert judged(scene) == {"HOUSE-LARGE"}


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.AUDITOR, roles.ADMINISTRATOR])
def test_who_may_not_write_moves_nothing(scene: Scene, role: str) -> None:
    one, _other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity)
    before = list(RuleVersion.objects.order_by("pk").values())
    person = people.person(role, entity=scene.stage.entity)
    for act in (
        lambda: draft(person, scene.stage.entity, code="OTHER"),
        lambda: life.change(actor=person, version_id=made.pk, values={"weight": 99}),
        lambda: life.discard(actor=person, version_id=made.pk, reason="No"),
        lambda: life.submit(actor=person, version_id=made.pk, mode="active", reason="Yes"),
        lambda: life.ask_mode(actor=person, version_id=RuleVersion.objects.earliest("pk").pk, mode="off", reason="No"),
    ):
        with pytest.raises((Denied, NotThere)):
            act()
    assert list(RuleVersion.objects.order_by("pk").values()) == before
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"action": "reject"}, "rule.reason_missing"),
        ({"action": "reject", "reject_reason": "ZZ99"}, "rule.reason_unknown"),
        ({"action": "reject", "reject_reason": "AM02", "certainty": "K"}, "rule.not_read"),
        ({"action": "delete"}, "rule.malformed"),
        ({"weight": 101}, "rule.malformed"),
        ({"kinds": ["cheque"]}, "rule.malformed"),
        ({"channels": ["pigeon"]}, "rule.malformed"),
        ({"profiles": ["state"]}, "rule.malformed"),
        ({"sentence_fr": " "}, "rule.sentence_missing"),
        ({"sentence_en": "{amont}"}, "rule.slot_unknown"),
        ({"sentence_en": "x" * 501}, "rule.sentence_long"),
        ({"expression": "amount >"}, "rule.syntax"),
        ({"expression": "creditor_country in list('none')"}, "rule.unknown_list"),
        ({"parameters": {"threshold": "many"}}, "rule.parameter_unit"),
        ({"parameters": {"threshold": 3}, "units": {"threshold": "days"}}, "rule.unit"),
        ({"parameters": {"Bad name": 3}}, "rule.parameter_name"),
        ({"parameters": {f"p{n}": n for n in range(31)}}, "rule.too_many_parameters"),
    ],
)
def test_what_no_version_says(scene: Scene, values: dict[str, Any], code: str) -> None:
    one = supervisors(scene.stage.entity)[0]
    refused(code, draft, actor=one, entity=scene.stage.entity, **values)
    assert not Rule.objects.filter(code="HOUSE-LARGE").exists()


def test_a_rejecting_rule_names_its_reason(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    publish(draft(one, scene.stage.entity, action="reject", reject_reason="AM02"), one, other)
    payment = scene.payment(amount="1500.00")
    scenes.judge(payment)
    payment.state.refresh_from_db()
    assert (payment.state.outcome, payment.state.status) == ("reject", "checked")
    assert LARGE["action"] == "warn"


def test_a_program_writes_drafts_and_hands_none_in(scene: Scene) -> None:
    machine = people.person(roles.SUPERVISOR, entity=scene.stage.entity, is_machine=True)
    made = draft(machine, scene.stage.entity)
    with pytest.raises(Denied):
        life.submit(actor=machine, version_id=made.pk, mode="active", reason="Yes")
    assert not ChangeRequest.objects.exists()
