"""Named lists: two people change what they hold, and a rule asks what they held when a payment was received."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import changes
from controls.models import ChangeRequest, RuleList, RuleListEntry
from controls.rules import rule_lists, rulesets
from tests import database, people
from tests.controls import rule_writing as writing
from tests.controls import scene as scenes
from tests.controls.rule_writing import draft, publish, supervisors
from tests.controls.scene import OTHER_IBAN, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def held(code: str = "watched") -> list[str]:
    entries = RuleListEntry.objects.filter(list__code=code, valid_to=None)
    return list(entries.order_by("value").values_list("value", flat=True))


def test_a_list_is_filled_and_emptied_by_two(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    rule_lists.make(actor=one, entity=scene.stage.entity, code="watched", name="Watched", kind="country")
    asked = changes.ask_list(actor=one, code="watched", add=["ky", " pa ", "KY"], remove=["FR"], reason="Review")
    assert asked.change["add"] == ["KY", "PA"]
    assert asked.change["remove"] == []
    assert held() == []
    with pytest.raises(BusinessError, match="You asked for this"):
        changes.sign(actor=one, request_id=asked.pk)
    with pytest.raises(BusinessError) as twice:
        changes.ask_list(actor=other, code="watched", add=["AE"], remove=[], reason="Too")
    assert twice.value.code == "change.waiting"
    changes.sign(actor=other, request_id=asked.pk)
    assert held() == ["KY", "PA"]
    writing.fill(other, one, "watched", "AE", remove=("PA",))
    assert held() == ["AE", "KY"]
    gone = RuleListEntry.objects.get(value="PA")
    assert (gone.added_by, gone.removed_by, gone.removal_reason) == (one, other, "Agreed")
    with pytest.raises(BusinessError) as nothing:
        changes.ask_list(actor=one, code="watched", add=["KY"], remove=["PA"], reason="Again")
    assert nothing.value.code == "payment.nothing_changed"


def test_a_refused_change_moves_nothing(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    rule_lists.make(actor=one, entity=scene.stage.entity, code="watched", name="Watched", kind="country")
    asked = changes.ask_list(actor=one, code="watched", add=["KY"], remove=[], reason="Review")
    changes.refuse(actor=other, request_id=asked.pk, reason="No")
    assert held() == []
    for role in (roles.OPERATOR, roles.AUDITOR):
        with pytest.raises(Denied):
            changes.ask_list(
                actor=people.person(role, entity=scene.stage.entity), code="watched", add=["KY"], remove=[], reason="x"
            )
    with pytest.raises(NotThere):
        changes.ask_list(
            actor=people.person(roles.SUPERVISOR, entity=people.bank_branch("B2", iban="").entity), code="watched",
            add=["KY"], remove=[], reason="x",
        )  # fmt: skip
    assert ChangeRequest.objects.count() == 1


def test_the_database_writes_nothing_unsigned_and_rewrites_nothing(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    writing.listed(one, other, scene.stage.entity, "watched", "country", "KY")
    entry, request = RuleListEntry.objects.get(), ChangeRequest.objects.get()
    for act in (
        lambda: RuleListEntry.objects.create(list=entry.list, value="PA", valid_from=timezone.now(), added_by=one,
                                             added_with=request),
        lambda: RuleListEntry.objects.filter(pk=entry.pk).update(valid_to=timezone.now(), removed_with=request),
        lambda: RuleListEntry.objects.filter(pk=entry.pk).update(value="PA"),
        lambda: RuleListEntry.objects.filter(pk=entry.pk).delete(),
        lambda: RuleList.objects.filter(pk=entry.list_id).update(kind="text"),
        lambda: RuleList.objects.filter(pk=entry.list_id).delete(),
    ):  # fmt: skip
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            act()
    with pytest.raises(IntegrityError, match="stays on record"), transaction.atomic():
        database.as_owner("update controls_rulelistentry set valid_from = now() where id = %s", [entry.pk])
    assert held() == ["KY"]


def test_a_rule_asks_what_the_list_held_at_receipt(scene: Scene) -> None:
    """A payment of noon on the scene's day is older than the list: nothing was in it. One of now is asked today's."""
    one, other = supervisors(scene.stage.entity)
    writing.listed(one, other, scene.stage.entity, "watched", "country", "DE")
    publish(
        draft(one, scene.stage.entity, expression="creditor_country in list('watched')", parameters={},
              sentence_en="{creditor_country}", sentence_fr="{creditor_country}"), one, other,
    )  # fmt: skip
    moment = timezone.now()
    old, new = scene.payment(received_at=moment - timedelta(days=1)), scene.payment(received_at=moment)
    writing.fill(one, other, "watched", remove=("DE",))
    later = scene.payment(received_at=timezone.now())
    scenes.judge(old, new, later)
    assert ["HOUSE-LARGE" in scenes.found(payment) for payment in (old, new, later)] == [False, True, False]


def test_unknown_is_not_a_finding(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    writing.listed(one, other, scene.stage.entity, "allowed", "country", "FR")
    publish(
        draft(one, scene.stage.entity, expression="creditor_country not in list('allowed')", parameters={},
              sentence_en="x", sentence_fr="x"), one, other,
    )  # fmt: skip
    abroad = scene.payment(received_at=timezone.now())
    unknown = scene.payment(received_at=timezone.now(), creditor_number="0532013000", payee=None, kind="transfer")
    scenes.judge(abroad, unknown)
    assert ["HOUSE-LARGE" in scenes.found(payment) for payment in (abroad, unknown)] == [True, False]


def test_the_content_of_a_list_is_in_the_digest_of_the_rule_set(scene: Scene) -> None:
    one, other = supervisors(scene.stage.entity)
    writing.listed(one, other, scene.stage.entity, "trusted", "account", OTHER_IBAN)
    publish(draft(one, scene.stage.entity, expression="creditor_number in list('trusted') and amount > :threshold"),
            one, other)  # fmt: skip
    before = rulesets.current().rule_set_id
    assert rulesets.current().rule_set_id == before
    writing.listed(one, other, scene.stage.entity, "unasked", "text", "x")
    assert rulesets.current().rule_set_id == before
    writing.fill(one, other, "trusted", "FR14 2004 1010 0505 0001 3M02 606")
    assert rulesets.current().rule_set_id != before


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("country", "XX", "rule_list.country"),
        ("country", "France", "rule_list.country"),
        ("account", " ", "rule_list.value"),
        ("account", "FR14 2004 1010 0505 0001 3M02 607", "rule_list.account"),
        ("text", "x" * 141, "rule_list.value"),
        ("text", "a\\b", "rule_list.value"),
        ("text", "\x07", "rule_list.value"),
    ],
)
def test_what_no_list_holds(scene: Scene, kind: str, value: str, code: str) -> None:
    one = supervisors(scene.stage.entity)[0]
    rule_lists.make(actor=one, entity=scene.stage.entity, code="watched", name="Watched", kind=kind)
    with pytest.raises(BusinessError) as caught:
        changes.ask_list(actor=one, code="watched", add=[value], remove=[], reason="x")
    assert caught.value.code == code
    if code == "rule_list.account":
        assert str(caught.value) == "“FR1420041010050500013M02607”: The check digits of this IBAN do not match."
    assert not ChangeRequest.objects.exists()


def test_a_list_of_another_entity_is_not_asked(scene: Scene) -> None:
    elsewhere = people.bank_branch("B2", iban="").entity
    writing.listed(*supervisors(elsewhere), elsewhere, "theirs", "country", "DE")
    one = supervisors(scene.stage.entity)[0]
    with pytest.raises(BusinessError) as caught:
        draft(one, scene.stage.entity, expression="creditor_country in list('theirs')")
    assert caught.value.code == "rule.unknown_list"
    with pytest.raises(BusinessError) as taken:
        rule_lists.make(actor=one, entity=scene.stage.entity, code="theirs", name="Ours", kind="country")
    assert taken.value.code == "rule_list.taken"
