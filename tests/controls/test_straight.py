"""Straight-through processing: off by default, two people make a policy, one stops it, and the database agrees."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backoffice.common import calendars, sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from backoffice.people.models import User
from controls import assess, cards, changes, straight
from controls.models import Assessment, ChangeRequest, ControlCard, RuleSet, StraightPolicy, StraightRelease
from documents.models import AuditRecord
from tests import database, people
from tests.controls import scene as scenes
from tests.controls.scene import OTHER_IBAN, Scene
from transactions import workflow
from transactions.models import AccountBalance, IntakeSource, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return scenes.scene()


def supervisor(scene: Scene) -> User:
    return people.person(roles.SUPERVISOR, entity=scene.stage.entity)


VALUES: dict[str, Any] = {
    "name": "Small and known", "kind": "sepa", "currency": "EUR", "max_amount": "200", "day_amount": "1000",
    "known_payees": True,
}  # fmt: skip


def asked(scene: Scene, by: User, *, policy_id: int | None = None, **values: Any) -> ChangeRequest:
    now = timezone.now()
    return changes.ask_straight(
        actor=by, entity=scene.stage.entity, policy_id=policy_id, reason="Agreed with the treasurer",
        values={**VALUES, "valid_from": now - timedelta(hours=1), "valid_to": now + timedelta(days=30), **values},
    )  # fmt: skip


def policy(scene: Scene, *, by: User | None = None, approver: User | None = None, **values: Any) -> StraightPolicy:
    request = asked(scene, by or supervisor(scene), **values)
    changes.sign(actor=approver or supervisor(scene), request_id=request.pk)
    return StraightPolicy.objects.get(request=request)


def went(payment: Payment) -> bool:
    payment.state.refresh_from_db()
    passed = payment.state.straight_policy is not None
    assert (payment.state.status in {"approved", "posted"}) == passed
    return passed


def judged(scene: Scene, **fields: Any) -> Payment:
    """A payment of now that passes every check, unless ``fields`` say otherwise."""
    now = timezone.now()
    payment = scene.payment(
        **{
            "received_at": now,
            "requested_execution_date": calendars.next_open_day(timezone.localdate() + timedelta(days=1)),
            **fields,
        }
    )
    scenes.judge(payment)
    return payment


def test_without_a_policy_everything_waits(scene: Scene) -> None:
    payment = judged(scene)
    assert straight.release([payment.pk]) == 0
    assert (payment.state.refresh_from_db(), payment.state.status) == (None, "checked")


def test_what_a_policy_lets_go_is_approved_without_a_signature(
    scene: Scene, django_capture_on_commit_callbacks: Any
) -> None:
    made = policy(scene)
    with django_capture_on_commit_callbacks(execute=True):
        payment = judged(scene)
    payment.state.refresh_from_db()
    assert (payment.state.status, payment.state.straight_policy) == ("posted", made.pk)
    assert (payment.state.approvals_required, payment.state.approvals_given) == (1, 0)
    assert not PaymentApproval.objects.filter(payment=payment).exists()
    record = AuditRecord.objects.get(subject_type="payment", subject_id=payment.pk, action="payment.passed_straight")
    assert (record.actor_id, record.details) == (None, {"policy": made.pk, "name": "Small and known", "number": 1})
    acts = set(
        AuditRecord.objects.filter(subject_id=payment.pk, subject_type="payment").values_list("action", flat=True)
    )
    assert not acts & {"payment.validated", "payment.approved"}
    release = StraightRelease.objects.get(payment=payment)
    assert (release.policy, release.amount, release.day) == (made, Decimal(150), timezone.localdate())
    card = cards.read(payment.pk, ControlCard.objects.get(release=release).pk)
    assert card is not None
    assert card.whole
    assert card.policy is not None
    assert (card.policy["name"], card.policy["number"], card.policy["max_amount"]) == (
        "Small and known", 1, Decimal("200.00000"),
    )  # fmt: skip
    assert card.policy["written_by"] == made.written_by.full_name
    figures = straight.figures([made.pk])[made.pk]
    assert (figures.count, figures.amount, figures.today_count, figures.today_amount) == (1, 150, 1, 150)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"kind": "transfer"}, {}),
        ({"channel": "api"}, {}),
        ({}, {"amount": "200.01"}),
        ({"currency": "USD"}, {}),
        ({"max_amount": "2000", "day_amount": "2000"}, {"creditor_number": OTHER_IBAN, "payee": None}),
        ({}, {"charge_bearer": "SHAR"}),
        # A note alone is a word, too.
        ({}, {"remittance": "Règlement"}),
        ({}, {"amount": "9.99", "creditor_number": ""}),
    ],
)
def test_what_does_not_meet_every_condition_waits(scene: Scene, values: Any, fields: Any) -> None:
    policy(scene, **values)
    payment = judged(scene, **fields)
    assert straight.release([payment.pk]) == 0
    assert not went(payment)
    assert not StraightRelease.objects.exists()


def test_another_source_and_another_entity_wait(scene: Scene) -> None:
    other = IntakeSource.objects.create(entity=scene.stage.entity, code="other", name="Other", maker="sender")
    policy(scene, source=other.pk)
    payment = judged(scene)
    assert straight.release([payment.pk]) == 0
    mine = policy(scene, name="Mine", source=scene.stage.source.pk)
    assert straight.release([payment.pk]) == 1
    assert (payment.state.refresh_from_db(), payment.state.straight_policy) == (None, mine.pk)
    elsewhere = people.bank_branch("ELSE", iban=OTHER_IBAN)
    stranger = people.payment(elsewhere, amount="150")
    assert straight.release([stranger.pk]) == 0


def test_a_policy_begins_and_ends_at_its_moments(scene: Scene) -> None:
    now = timezone.now()
    later = policy(scene, valid_from=now + timedelta(hours=1))
    payment = judged(scene)
    assert not straight.any_in_force([scene.stage.entity.pk])
    assert straight.release([payment.pk]) == 0
    with pytest.raises(BusinessError) as caught:
        asked(scene, supervisor(scene), name="Past", valid_from=now - timedelta(days=2), valid_to=now)
    assert (caught.value.code, caught.value.params["field"]) == ("straight.malformed", "valid_to")
    # It is changed to have begun a moment ago and to end in a moment.
    first = policy(scene, policy_id=later.pk, valid_from=now, valid_to=timezone.now() + timedelta(seconds=1.5))
    assert (first.number, StraightPolicy.objects.get(pk=later.pk).stop_reason) == (2, "straight.replaced")
    assert straight.release([payment.pk]) == 1
    second = judged(scene)
    while timezone.now() < first.valid_to:
        pass
    assert straight.release([second.pk]) == 0
    assert not went(second)


@pytest.mark.parametrize("who", ["writer", "approver"])
def test_nobody_lets_their_own_payments_go(scene: Scene, who: str) -> None:
    one, other = supervisor(scene), supervisor(scene)
    policy(scene, by=one, approver=other)
    maker = one if who == "writer" else other
    own = judged(scene, maker=maker, amount="151")
    brought = judged(scene, in_batch=scene.batch(imported_by=maker), amount="152")
    others = judged(scene, maker=people.person(), amount="153")
    assert straight.release([own.pk, brought.pk, others.pk]) == 1
    assert [went(own), went(brought), went(others)] == [False, False, True]


def test_held_claimed_or_amended_payments_wait(scene: Scene) -> None:
    policy(scene)
    held, claimed, amended, free = (judged(scene, amount=str(amount)) for amount in range(150, 154))
    operator = people.person(roles.SUPERVISOR)
    workflow.hold(ids=[held.pk], actor=operator, reason="A question")
    assert workflow.claim(ids=[claimed.pk], actor=operator)[0].done
    amended.state.refresh_from_db()
    assert workflow.amend(
        payment_id=amended.pk, actor=operator, changes={"remittance": "Invoice 9"}, version=amended.state.version,
        reason="Typing error",
    ).done  # fmt: skip
    assess.assess([amended.pk])
    assert straight.release([held.pk, claimed.pk, amended.pk, free.pk]) == 1
    assert [went(one) for one in (held, claimed, amended, free)] == [False, False, False, True]


def test_the_day_has_a_ceiling_and_a_smaller_one_still_fits(scene: Scene) -> None:
    made = policy(scene, day_amount="400")
    payments = [judged(scene, amount=amount) for amount in ("150", "151", "152", "99", "98.99")]
    straight.release([payment.pk for payment in payments])
    assert [went(payment) for payment in payments] == [True, True, False, True, False]
    assert straight.figures([made.pk])[made.pk].today_amount == 400
    # The next number of the policy does not fill the day anew.
    policy(scene, policy_id=made.pk, day_amount="450")
    assert straight.release([payment.pk for payment in payments]) == 0
    small = judged(scene, amount="50")
    assert straight.release([small.pk]) == 1


def test_short_funds_wait_and_take_no_room(scene: Scene) -> None:
    policy(scene, day_amount="300")
    first, second = judged(scene, amount="149"), judged(scene, amount="151")
    database.update(AccountBalance.objects.filter(pk=scene.stage.customer.pk), balance=Decimal(150))
    assert straight.release([first.pk, second.pk]) == 1
    assert (went(first), went(second)) == (True, False)
    second.state.refresh_from_db()
    assert (second.state.status, second.state.straight_policy, second.state.funds_held) == ("checked", None, False)
    assert list(StraightRelease.objects.values_list("payment", flat=True)) == [first.pk]


def test_one_person_stops_it_at_once(scene: Scene) -> None:
    made = policy(scene)
    payment = judged(scene)
    outsider = people.person(roles.SUPERVISOR, entity=people.bank_branch("ELSE", iban=OTHER_IBAN).entity)
    for who, refused in ((outsider, NotThere), (people.person(roles.AUDITOR, entity=scene.stage.entity), Denied)):
        with pytest.raises(refused):
            straight.stop(actor=who, policy_id=made.pk, reason="Now")
    with pytest.raises(BusinessError):
        straight.stop(actor=made.written_by, policy_id=made.pk, reason=" ")
    stopped = straight.stop(actor=people.person(entity=scene.stage.entity), policy_id=made.pk, reason="Odd pattern")
    assert stopped.stopped_at is not None
    assert straight.release([payment.pk]) == 0
    assert not went(payment)
    again = straight.stop(actor=made.written_by, policy_id=made.pk, reason="Again")
    assert again.stop_reason == "Odd pattern"
    acts = AuditRecord.objects.filter(subject_type="policy", action__startswith="straight.").order_by("id")
    assert [(row.action, row.subject_id) for row in acts] == [
        ("straight.began", made.pk), ("straight.stopped", made.pk),
    ]  # fmt: skip


def test_a_policy_is_written_by_one_and_approved_by_another(scene: Scene) -> None:
    one = supervisor(scene)
    request = asked(scene, one)
    assert not StraightPolicy.objects.exists()
    with pytest.raises(BusinessError) as caught:
        changes.sign(actor=one, request_id=request.pk)
    assert caught.value.code == "change.own_work"
    with pytest.raises((Denied, NotThere)):
        changes.sign(actor=people.person(entity=scene.stage.entity), request_id=request.pk)
    with pytest.raises(BusinessError) as caught:
        changes.withdraw(actor=supervisor(scene), request_id=request.pk, reason="Not mine")
    assert caught.value.code == "change.not_own"
    assert changes.withdraw(actor=one, request_id=request.pk, reason="Too early").status == "refused"
    again = asked(scene, one)
    other = supervisor(scene)
    changes.sign(actor=other, request_id=again.pk)
    made = StraightPolicy.objects.get()
    assert (made.written_by, made.approved_by, made.number) == (one, other, 1)
    with pytest.raises(BusinessError) as caught:
        asked(scene, one)
    assert caught.value.code == "straight.name_taken"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("kind", "debit"), ("channel", "fax"), ("currency", "EURO"), ("max_amount", "0"),
        ("day_amount", "199"), ("source", 999_999), ("valid_to", timezone.now() + timedelta(days=900)),
    ],
)  # fmt: skip
def test_a_malformed_policy_is_refused(scene: Scene, field: str, value: Any) -> None:
    with pytest.raises(BusinessError) as caught:
        asked(scene, supervisor(scene), **{field: value})
    assert (caught.value.code, caught.value.params["field"] in {field, "valid_to"}) == ("straight.malformed", True)
    assert not ChangeRequest.objects.exists()


# What the database says, whatever a programmer asks of it.


def test_a_policy_without_two_people_is_refused_by_the_database(scene: Scene) -> None:
    request = asked(scene, supervisor(scene))
    with pytest.raises(IntegrityError, match="asked for by one person"), transaction.atomic():
        StraightPolicy.objects.create(
            entity=scene.stage.entity, number=1, request=request, written_by=request.asked_by,
            approved_by=supervisor(scene), approved_at=timezone.now(), **straight.policy_fields(request.change),
        )  # fmt: skip


def test_a_policy_and_a_release_never_change(scene: Scene) -> None:
    made = policy(scene)
    payment = judged(scene)
    straight.release([payment.pk])
    for act in (
        lambda: StraightPolicy.objects.filter(pk=made.pk).update(max_amount=10**6),
        lambda: StraightPolicy.objects.filter(pk=made.pk).delete(),
        lambda: StraightRelease.objects.update(amount=1),
        lambda: StraightRelease.objects.all().delete(),
        lambda: ControlCard.objects.update(content="{}"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    for query in (
        "update controls_straightpolicy set max_amount = 1000000",
        "update controls_straightpolicy set stopped_at = null",
        "update controls_straightrelease set amount = 1",
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            database.as_owner(query)


@pytest.mark.parametrize("fault", ["amount", "stopped", "held", "outcome", "own_work", "version", "day", "without"])
def test_the_database_looks_at_each_condition_again(scene: Scene, fault: str) -> None:
    made = policy(scene, day_amount="200")
    fields: dict[str, Any] = {"amount": "200.01"} if fault == "amount" else {}
    if fault == "own_work":
        fields["maker"] = made.approved_by
    payment = judged(scene, **fields)
    if fault == "stopped":
        straight.stop(actor=made.written_by, policy_id=made.pk, reason="Now")
    if fault == "held":
        workflow.hold(ids=[payment.pk], actor=people.person(), reason="A question")
    if fault == "outcome":
        database.as_owner("update controls_assessment set finding_count = 1 where payment_id = %s", [payment.pk])
    if fault == "day":
        assert straight.release([judged(scene, amount="100").pk]) == 1
    payment.state.refresh_from_db()
    with pytest.raises(IntegrityError):
        _forced(payment, made, released=fault != "without", version=payment.state.version - (fault == "version"))
    assert not went(payment)


def _forced(payment: Payment, made: StraightPolicy, *, released: bool, version: int) -> None:
    """What a programmer in error, or an intruder with the application's role, would write."""
    with transaction.atomic():
        if released:
            StraightRelease.objects.create(
                payment=payment, policy=made, version=version, amount=payment.amount, day=timezone.localdate(),
                released_at=sql.rows("select now()")[0][0],
            )  # fmt: skip
        workflow.pass_straight(policies={payment.pk: made.pk}, told={payment.pk: "{}"})


def test_a_release_serves_one_move_alone(scene: Scene) -> None:
    """Approved without signatures, then rejected and reopened: people sign it now."""
    policy(scene)
    payment = judged(scene)
    straight.release([payment.pk])
    made = people.person(roles.SUPERVISOR)
    assert workflow.reject(ids=[payment.pk], actor=made, reason_code="AC01")[0].done
    assert workflow.reopen(ids=[payment.pk], actor=made, reason="It was right")[0].done
    payment.state.refresh_from_db()
    assert (payment.state.status, payment.state.straight_policy) == ("received", None)
    held = StraightRelease.objects.get(payment=payment)
    assess.assess([payment.pk])
    payment.state.refresh_from_db()
    with pytest.raises(IntegrityError, match="before it is signed"), transaction.atomic():
        workflow.pass_straight(policies={payment.pk: held.policy_id}, told={payment.pk: "{}"})
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentState.objects.filter(pk=payment.pk).update(straight_policy=held.policy_id)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_stay_below_the_ceiling() -> None:
    scene = scenes.scene()
    payments = [judged(scene, amount=f"99.{number}") for number in range(10, 22)]
    made = policy(scene, day_amount="700")
    keys = [payment.pk for payment in payments]

    def work(ids: list[int]) -> int:
        try:
            return straight.release(ids)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(work, [keys[:6], keys[6:], keys[::2], keys[1::2]]))
    assert sum(counts) == 7
    assert StraightRelease.objects.filter(policy=made).count() == 7
    assert sum(went(payment) for payment in payments) == 7


# Without shrinking: an example is small as it is, and each costs some twenty payments.
@settings(
    phases=[Phase.generate], max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts=st.lists(st.decimals(min_value="0.01", max_value="250", places=2), min_size=1, max_size=12),
    day=st.decimals(min_value="200", max_value="900", places=2),
    cuts=st.lists(st.integers(min_value=0, max_value=12), max_size=3),
)
def test_whatever_comes_in_whatever_order_stays_below_the_ceiling(
    scene: Scene, amounts: list[Decimal], day: Decimal, cuts: list[int]
) -> None:
    """What goes is never above the ceiling, each is within its own, and what was left out did not fit then."""
    with transaction.atomic():
        made = policy(scene, name=f"Day {timezone.now().timestamp()}", max_amount="200", day_amount=day)
        payments = [people.payment(scene.stage, amount=str(amount)) for amount in amounts]
        _passed_all(payments)
        keys = [payment.pk for payment in payments]
        edges = sorted({0, len(keys), *(min(cut, len(keys)) for cut in cuts)})
        for first, last in itertools.pairwise(edges):
            straight.release(keys[first:last])
        left = day
        for payment in payments:
            fits = payment.amount <= min(left, Decimal(200))
            assert went(payment) == fits
            left -= payment.amount if fits else 0
        total = straight.figures([made.pk])[made.pk].today_amount
        assert total == day - left <= day
        transaction.set_rollback(True)


def _passed_all(payments: list[Payment]) -> None:
    """An assessment that found nothing, for each, without running the rules."""
    rule_set, _made = RuleSet.objects.get_or_create(digest="0" * 64, defaults={"members": []})
    Assessment.objects.bulk_create(
        Assessment(payment=one, rule_set=rule_set, ran_at=timezone.now(), outcome="pass", risk=0, finding_count=0)
        for one in payments
    )
