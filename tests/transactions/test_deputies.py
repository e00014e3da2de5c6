"""Signing in another's place: under a delegation in force, both names on record, nobody twice, the lesser ceiling."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied
from backoffice.people import delegations, roles
from backoffice.people.models import Delegation, Grant, Limit, User
from controls import approvals
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import people
from tests.web.desk import state
from transactions import queries, workflow
from transactions.models import Payment, PaymentApproval

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    supervisor = {"persons": 1, "role": "supervisor"}
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1, stages=[supervisor])
    return stage


def delegate(stage: people.Stage, giver: User, deputy: User, act: str = "approve", **fields: object) -> Delegation:
    now = timezone.now()
    return Delegation.objects.create(
        **{
            "giver": giver, "deputy": deputy, "act": act, "entity": stage.entity, "reason": "On leave",
            "valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1), **fields,
        }
    )  # fmt: skip


def validated(stage: people.Stage, by: User | None = None, **fields: object) -> Payment:
    payment = people.payment(stage, **fields)
    assert approvals.validate(ids=[payment.pk], actor=by or people.person())[0].done
    return payment


def code(payment: Payment, deputy: User, giver: User) -> str:
    return workflow.approve(ids=[payment.pk], actor=deputy, on_behalf_of=giver.pk)[0].code


def test_a_deputy_fills_the_place_and_both_names_are_on_record(stage: people.Stage) -> None:
    boss, deputy = people.person(roles.SUPERVISOR, name="Marc Lefèvre"), people.person()
    payment = validated(stage)
    assert workflow.approve(ids=[payment.pk], actor=deputy)[0].code == "signing.role"
    assert code(payment, deputy, boss) == "delegation.none"
    delegate(stage, boss, deputy)
    assert queries.obstacles([payment.pk], deputy.pk, boss.pk) == {}
    assert code(payment, deputy, boss) == ""
    signed = PaymentApproval.objects.get(payment=payment, stage=1)
    assert (signed.person, signed.on_behalf_of) == (deputy, boss)
    record = AuditRecord.objects.get(action="payment.approved", subject_id=payment.pk)
    assert (record.actor_id, record.details) == (deputy.pk, {"on_behalf_of": "Marc Lefèvre"})


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "validate"},
        {"valid_from": timezone.now() + timedelta(hours=1)},
        {"valid_to": timezone.now() - timedelta(hours=1)},
        {"ended_at": timezone.now()},
    ],
)
def test_only_what_is_in_force_counts(stage: people.Stage, fields: dict[str, object]) -> None:
    boss, deputy, payment = people.person(roles.SUPERVISOR), people.person(), validated(stage)
    delegate(stage, boss, deputy, **fields)
    assert code(payment, deputy, boss) == "delegation.none"
    by_sql(payment, deputy, boss, match="No delegation")


def by_sql(payment: Payment, person: User, giver: User, *, match: str, place: int = 1) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        PaymentApproval.objects.create(
            payment=payment, stage=place, person=person, on_behalf_of=giver, given_at=timezone.now()
        )


def test_of_another_entity_it_does_not_count(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    boss, deputy, payment = people.person(roles.SUPERVISOR), people.person(), validated(stage)
    delegate(stage, boss, deputy, entity=other.entity)
    assert code(payment, deputy, boss) == "delegation.none"
    by_sql(payment, deputy, boss, match="No delegation")


def test_what_was_delegated_is_not_handed_on(stage: people.Stage) -> None:
    boss, between, last = people.person(roles.SUPERVISOR), people.person(), people.person()
    delegate(stage, boss, between)
    delegate(stage, between, last)
    payment = validated(stage)
    assert code(payment, last, boss) == "delegation.none"
    assert code(payment, last, between) == "signing.role"


def test_neither_may_be_the_maker_or_have_signed(stage: people.Stage) -> None:
    boss, deputy = people.person(roles.SUPERVISOR), people.person()
    delegate(stage, boss, deputy)
    for maker in (boss, deputy):
        payment = validated(stage, maker=maker)
        assert code(payment, deputy, boss) == "payment.own_work"
        by_sql(payment, deputy, boss, match="cannot sign it")
    for signer in (boss, deputy):
        payment = validated(stage, by=signer)
        assert code(payment, deputy, boss) == "payment.signed_before"
        by_sql(payment, deputy, boss, match="never signs the same payment twice|approval_person_once")


def test_the_giver_does_not_sign_after_the_deputy(stage: people.Stage) -> None:
    two = [{"persons": 2, "role": "supervisor"}]
    ApprovalPolicy.objects.update(stages=two, approvals=2)
    boss, deputy = people.person(roles.SUPERVISOR), people.person()
    delegate(stage, boss, deputy)
    payment = validated(stage)
    assert code(payment, deputy, boss) == ""
    assert workflow.approve(ids=[payment.pk], actor=boss)[0].code == "payment.signed_before"
    assert workflow.approve(ids=[payment.pk], actor=deputy)[0].code == "payment.signed_before"
    with pytest.raises(IntegrityError, match="never signs the same payment twice"), transaction.atomic():
        PaymentApproval.objects.create(payment=payment, stage=2, person=boss, given_at=timezone.now())
    assert state(payment).approvals_given == 1


@pytest.mark.parametrize("poor", ["giver", "deputy"])
def test_ceilings_are_the_lesser_of_both(stage: people.Stage, poor: str) -> None:
    both = {"giver": people.person(roles.SUPERVISOR), "deputy": people.person()}
    delegate(stage, both["giver"], both["deputy"])
    Limit.objects.filter(user=both[poor]).update(amount=Decimal(100), day_amount=Decimal(150))
    assert code(validated(stage, amount="100.01"), both["deputy"], both["giver"]) == "payment.over_limit"
    assert code(validated(stage, amount="100"), both["deputy"], both["giver"]) == ""
    assert code(validated(stage, amount="50.01"), both["deputy"], both["giver"]) == "payment.over_day"
    assert code(validated(stage, amount="50"), both["deputy"], both["giver"]) == ""


def test_a_giver_who_lost_the_right_or_the_account_gives_nothing(stage: people.Stage) -> None:
    boss, deputy, payment = people.person(roles.SUPERVISOR), people.person(), validated(stage)
    delegate(stage, boss, deputy)
    User.objects.filter(pk=boss.pk).update(is_active=False)
    assert code(payment, deputy, boss) == "delegation.none"
    by_sql(payment, deputy, boss, match="account is open")
    User.objects.filter(pk=boss.pk).update(is_active=True)
    Grant.objects.filter(user=boss).delete()
    assert code(payment, deputy, boss) == "delegation.none"
    by_sql(payment, deputy, boss, match="No delegation")


class TestGiving:
    def give(self, stage: people.Stage, giver: User, deputy: User, **fields: object) -> Delegation:
        now = timezone.now()
        return delegations.give(
            **{
                "actor": giver, "deputy_id": deputy.pk, "act": "approve", "entity": stage.entity, "valid_from": now,
                "valid_to": now + timedelta(days=8), "reason": "On leave", **fields,
            }
        )  # fmt: skip

    def test_it_is_on_record_with_both_and_is_ended_once(self, stage: people.Stage) -> None:
        boss, deputy = people.person(roles.SUPERVISOR), people.person()
        made = self.give(stage, boss, deputy)
        delegations.end(actor=deputy, delegation_id=made.pk)
        delegations.end(actor=boss, delegation_id=made.pk)
        rows = AuditRecord.objects.filter(action__startswith="delegation.").order_by("id")
        assert [(row.action, row.subject_id, row.actor_id) for row in rows] == [
            ("delegation.given", boss.pk, boss.pk), ("delegation.given", deputy.pk, boss.pk),
            ("delegation.ended", boss.pk, deputy.pk), ("delegation.ended", deputy.pk, deputy.pk),
        ]  # fmt: skip

    def test_only_one_s_own_right_to_someone_who_has_it_too(self, stage: people.Stage) -> None:
        boss = people.person(roles.SUPERVISOR)
        for other in (people.person(roles.AUDITOR), people.person(is_machine=True), boss, people.person(None)):
            with pytest.raises(BusinessError) as refused:
                self.give(stage, boss, other)
            assert refused.value.code == "delegation.deputy"
        with pytest.raises(Denied):
            self.give(stage, people.person(roles.ADMINISTRATOR), people.person())
        assert not Delegation.objects.exists()

    @pytest.mark.parametrize(("start", "end"), [(0, -1), (2, 1), (0, 93), (-9, -1)])
    def test_its_dates_are_in_order_and_not_for_ever(self, stage: people.Stage, start: int, end: int) -> None:
        now = timezone.now()
        with pytest.raises(BusinessError) as refused:
            self.give(
                stage, people.person(roles.SUPERVISOR), people.person(), valid_from=now + timedelta(days=start),
                valid_to=now + timedelta(days=end),
            )  # fmt: skip
        assert refused.value.code == "delegation.dates"

    def test_nobody_else_ends_it_but_who_manages_users(self, stage: people.Stage) -> None:
        made = self.give(stage, people.person(roles.SUPERVISOR), people.person())
        for other in (people.person(roles.SUPERVISOR), people.person(roles.AUDITOR)):
            with pytest.raises(BusinessError):
                delegations.end(actor=other, delegation_id=made.pk)
        delegations.end(actor=people.person(roles.ADMINISTRATOR, entity=stage.entity), delegation_id=made.pk)
        assert Delegation.objects.get().ended_at is not None
