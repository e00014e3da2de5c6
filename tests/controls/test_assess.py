"""Assessment as a whole: what it writes, that it can run twice, in any cut, and as of each payment's moment."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from controls import assess, priority
from controls.models import Assessment, Rule, RuleResult, RuleSet, RuleVersion
from documents.models import AuditRecord
from tests import database, people
from tests.controls import scene as scenes
from tests.controls.scene import NOON, OTHER_IBAN, Scene
from transactions.models import Hold, Payee, Payment, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def acts(payment: Payment) -> list[tuple[str, dict[str, Any]]]:
    rows = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).order_by("id")
    return [(row.action, row.details) for row in rows]


def results(payments: list[Payment]) -> list[list[tuple[str, dict[str, Any]]]]:
    """What was found on each, without what differs between two runs of the same payments (references)."""
    told = []
    for payment in payments:
        rows = (
            RuleResult.objects.filter(payment=payment).order_by("version__rule__code").select_related("version__rule")
        )
        told.append([(row.version.rule.code, row.evidence) for row in rows])
    return told


def test_a_payment_that_must_wait_is_held_with_everything_on_record(scene: Scene) -> None:
    payment = scene.payment(creditor_number=OTHER_IBAN, amount="60000.00", debtor_account=None)
    scenes.judge(payment)
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.status, state.outcome, state.risk, state.hold_count, state.version) == ("checked", "hold", 100, 2, 2)
    assert list(Hold.objects.filter(payment=payment).order_by("rule_code").values_list("code", "rule_code")) == [
        ("rule", "ACCOUNT-UNKNOWN"), ("rule", "NUMBER-UNLIKE"),
    ]  # fmt: skip
    assessment = Assessment.objects.get(payment=payment)
    assert (assessment.outcome, assessment.risk, assessment.finding_count) == ("hold", 100, 4)
    assert assessment.results.count() == 4
    assert acts(payment) == [
        ("payment.held", {"code": "rule", "rules": ["ACCOUNT-UNKNOWN", "NUMBER-UNLIKE"]}),
        ("payment.checked", {"outcome": "hold", "risk": 100}),
    ]


@pytest.mark.parametrize(
    ("fields", "outcome", "risk"),
    [
        ({}, "pass", 0),
        ({"remittance": "é"}, "inform", 0),
        ({"charge_bearer": "DEBT"}, "warn", 5),
        ({"creditor_name": "Logiciels Orme"}, "second", 35),
        ({"debtor_account": None}, "hold", 50),
        ({"creditor_number": "DE88370400440532013000"}, "reject", 100),
    ],
)
def test_the_outcome_is_the_worst_action(scene: Scene, fields: dict[str, Any], outcome: str, risk: int) -> None:
    payment = scene.payment(**fields)
    scenes.judge(payment)
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.outcome, state.risk, state.status) == (outcome, risk, "checked")
    assert state.hold_count == (0 if outcome in {"pass", "inform", "warn", "second"} else state.hold_count or 99)


def test_running_again_changes_nothing(scene: Scene) -> None:
    payments = [scene.payment(amount=amount) for amount in ("150", "60000", "152")]
    scenes.judge(*payments)
    before = (Assessment.objects.count(), RuleResult.objects.count(), AuditRecord.objects.count(), Hold.objects.count())
    assert assess.assess([payment.pk for payment in payments]) == 0
    assert before == (
        Assessment.objects.count(), RuleResult.objects.count(), AuditRecord.objects.count(), Hold.objects.count(),
    )  # fmt: skip


def test_only_received_payments_are_taken(scene: Scene) -> None:
    others = [
        scene.payment(status=status)
        for status in ("checked", "validated", "approved", "rejected", "cancelled", "settled")
    ]
    received = scene.payment(amount="151")
    assert assess.assess([*(payment.pk for payment in others), received.pk, 10**9]) == 1
    assert list(Assessment.objects.values_list("payment_id", flat=True)) == [received.pk]


def mixed_file(scene: Scene) -> list[Payment]:
    """A file with something of everything."""
    batch = scene.batch(taken_count=14, read_count=14)
    orme = Payee.objects.create(
        entity=scene.stage.entity, name="Logiciels Orme", name_key="logiciels orme", created_at=NOON - timedelta(9)
    )
    scene.earlier(days=3, amount="77.00", end_to_end_id="OLD-1")
    made = [
        {}, {"amount": "9100"}, {"amount": "9200"}, {"amount": "9300"},
        {"end_to_end_id": "TWICE", "amount": "20"}, {"end_to_end_id": "TWICE", "amount": "20"},
        {"end_to_end_id": "OLD-1", "amount": "77.00"}, {"payee": None, "creditor_number": OTHER_IBAN, "amount": "5"},
        {"payee": orme, "creditor_number": OTHER_IBAN, "amount": "6"}, {"amount": "980000"},
        {"creditor_name": "Other Name", "amount": "8"}, {"creditor_bic": "NOBIC", "amount": "9"},
        {"requested_execution_date": date(2026, 11, 20), "amount": "10"}, {"creditor_number": "", "amount": "11"},
    ]  # fmt: skip
    return [
        scene.payment(in_batch=batch, position=position, **{"remittance": f"r {position}", **fields})
        for position, fields in enumerate(made, 1)
    ]


def test_a_file_at_once_and_its_payments_one_by_one_give_the_same(scene: Scene) -> None:
    payments = mixed_file(scene)
    keys = [payment.pk for payment in payments]

    def judged(cuts: list[list[int]]) -> Any:
        with transaction.atomic():
            for cut in cuts:
                assess.assess(cut)
            states = list(
                PaymentState.objects.filter(pk__in=keys).order_by("pk").values_list("outcome", "risk", "hold_count")
            )
            found = results(payments)
            transaction.set_rollback(True)
        return states, found

    at_once = judged([keys])
    assert len({code for rows in at_once[1] for code, _evidence in rows}) >= 12
    assert judged([[key] for key in keys]) == at_once
    assert judged([[key] for key in reversed(keys)]) == at_once
    assert judged([keys[::2], keys[1::2]]) == at_once


def test_a_file_is_ready_when_all_of_it_is_checked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = mixed_file(scene)
    batch = payments[0].batch
    monkeypatch.setattr(assess, "CHUNK", 5)
    assert assess.assess([payment.pk for payment in payments[3:5]]) == 2
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("checking", 2)
    assert assess.assess_batch(batch.pk) == 12
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("ready", 14)
    assert batch.ready_at is not None
    assert AuditRecord.objects.filter(subject_type="batch", subject_id=batch.pk, action="batch.ready").count() == 1
    assert assess.assess_batch(batch.pk) == 0
    assert AuditRecord.objects.filter(subject_type="batch", subject_id=batch.pk, action="batch.ready").count() == 1


def test_a_run_that_dies_leaves_whole_parts_and_is_taken_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = mixed_file(scene)
    batch = payments[0].batch
    monkeypatch.setattr(assess, "CHUNK", 5)
    real, runs = assess.workflow.checked, []

    def die_the_second_time() -> int:
        runs.append(1)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(assess.workflow, "checked", die_the_second_time)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assess.assess_batch(batch.pk)
    monkeypatch.setattr(assess.workflow, "checked", real)
    # The interrupt went through the test's own transaction too: nothing at all was kept, and nothing half.
    assert (
        PaymentState.objects.filter(payment__batch=batch, status="checked").count() == Assessment.objects.count() == 0
    )
    assert assess.assess_batch(batch.pk) == 14
    assert Assessment.objects.count() == 14
    batch.refresh_from_db()
    assert batch.status == "ready"


def test_a_payment_cancelled_before_its_check_does_not_keep_the_file_waiting(scene: Scene) -> None:
    batch = scene.batch(taken_count=2)
    scene.payment(in_batch=batch, status="cancelled")
    scene.payment(in_batch=batch, amount="151")
    assert assess.assess_batch(batch.pk) == 1
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("ready", 1)


def test_after_an_amendment_the_holds_follow_the_facts(scene: Scene) -> None:
    batch = scene.batch(taken_count=1)
    payment = scene.payment(in_batch=batch, creditor_bic="NOBIC", end_to_end_id="A//B")
    scenes.judge(payment)
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 2
    Payment.objects.filter(pk=payment.pk).update(creditor_bic="PSSTFRPP", creditor_name="")
    PaymentState.objects.filter(pk=payment.pk).update(status="received")
    scenes.judge(payment)
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.hold_count, state.outcome) == (2, "hold")
    open_holds = Hold.objects.filter(payment=payment, lifted_at=None).values_list("rule_code", flat=True)
    assert sorted(open_holds) == ["CREDITOR-NAME", "REFERENCE"]
    lifted = Hold.objects.get(payment=payment, rule_code="CREDITOR-BIC")
    assert (lifted.lifted_by, lifted.lift_reason) == (None, "rule.passed_again")
    assert [action for action, _data in acts(payment)] == [
        "payment.held", "payment.checked", "payment.lifted", "payment.held", "payment.checked",
    ]  # fmt: skip
    assert acts(payment)[2][1] == {"rules": ["CREDITOR-BIC"]}
    assert Assessment.objects.filter(payment=payment).count() == 2
    batch.refresh_from_db()
    assert batch.checked_count == 1


def test_a_person_s_hold_is_left_alone(scene: Scene) -> None:
    payment = scene.payment()
    Hold.objects.create(payment=payment, code="person", reason="wait", placed_at=NOON)
    PaymentState.objects.filter(pk=payment.pk).update(hold_count=1)
    scenes.judge(payment)
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1
    assert Hold.objects.get(payment=payment).lifted_at is None


def test_what_came_later_is_not_known(scene: Scene) -> None:
    """The same payment, judged late: neither later payments nor later bank details count."""
    late = scene.payment(received_at=NOON - timedelta(days=100), requested_execution_date=date(2026, 8, 17),
                         end_to_end_id="SAME", amount="150.50")  # fmt: skip
    scene.earlier(days=99, end_to_end_id="SAME", amount="150.50")
    scene.details_from(days=50)
    scenes.judge(late)
    assert scenes.found(late) == {}
    orphan = scene.payment(
        received_at=NOON - timedelta(days=390), requested_execution_date=date(2025, 10, 31), amount="900"
    )
    scenes.judge(orphan)
    assert set(scenes.found(orphan)) == {"FIRST-PAYMENT"}


def test_a_file_read_late_knows_what_came_while_it_waited(scene: Scene) -> None:
    """Received at noon, read an hour later: a payment that came in between is an earlier one."""
    between = scene.payment(received_at=NOON + timedelta(minutes=10), end_to_end_id="SAME", status="checked")
    batch = scene.batch(read_at=NOON + timedelta(hours=1), taken_count=1)
    waited = scene.payment(in_batch=batch, end_to_end_id="SAME")
    scenes.judge(waited)
    assert set(scenes.found(waited)) == {"DUPLICATE-OTHER"}
    assert scenes.evidence(waited, "DUPLICATE-OTHER")["repeat_reference"] == f"PAY-2026-{between.pk:06d}"


def version(scene: Scene, **fields: Any) -> RuleVersion:
    rule, _made = Rule.objects.get_or_create(
        code=fields.pop("code", "HOUSE"), defaults={"family": "amount", "name_en": "House", "name_fr": "Maison"}
    )
    made = database.insert(RuleVersion(
        **{
            "rule": rule, "number": 1 + rule.versions.count(), "expression": "amount > 0", "action": "warn",
            "mode": "active", "weight": 7, "sentence_en": "{amount}", "sentence_fr": "{amount}", "published_at": NOON,
            **fields,
        }
    ))  # fmt: skip
    return RuleVersion.objects.get(rule=rule, number=made.number)


def codes(scene: Scene, **fields: Any) -> set[str]:
    payment = scene.payment(**fields)
    scenes.judge(payment)
    return set(scenes.found(payment))


def test_shadow_rules_run_without_effect(scene: Scene) -> None:
    version(scene, mode="shadow", action="hold", weight=90)
    payment = scene.payment()
    scenes.judge(payment)
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.outcome, state.risk, state.hold_count) == ("pass", 0, 0)
    assert Assessment.objects.get(payment=payment).finding_count == 0
    result = RuleResult.objects.get(payment=payment)
    assert (result.shadow, result.version.rule.code, result.evidence["amount"]) == (True, "HOUSE", "150.00000")
    assert scenes.found(payment) == {}


def test_the_newest_published_version_counts(scene: Scene) -> None:
    version(scene, expression="amount > 1000")
    assert codes(scene, amount="151.00") == set()
    version(scene, expression="amount > 100")
    assert codes(scene, amount="152.00") == {"HOUSE"}
    version(scene, expression="amount > 1000", published_at=None)
    assert codes(scene, amount="153.00") == {"HOUSE"}
    version(scene, mode="off")
    assert codes(scene, amount="154.00") == set()


def test_an_entity_s_own_version_replaces_the_general_one(scene: Scene) -> None:
    other = people.bank_branch("OTHER", iban=OTHER_IBAN)
    version(scene, expression="amount > 100")
    version(scene, expression="amount > 1000", entity=scene.stage.entity)
    assert codes(scene, amount="151.00") == set()
    there = people.payment(other, status="received", amount="151.00", received_at=NOON,
                           requested_execution_date=date(2026, 11, 24))  # fmt: skip
    scenes.judge(there)
    assert "HOUSE" in scenes.found(there)
    version(scene, mode="off", entity=scene.stage.entity)
    assert codes(scene, amount="5000.00") == {"UNUSUAL-AMOUNT"}


def test_profiles_and_days_of_validity_limit_a_rule(scene: Scene) -> None:
    version(scene, code="SHOPS", profiles=["shop"])
    version(scene, code="BANKS", profiles=["shop", "bank"])
    version(scene, code="ENDED", valid_to=date(2026, 11, 22))
    version(scene, code="LAST-DAY", valid_to=date(2026, 11, 23))
    version(scene, code="FIRST-DAY", valid_from=date(2026, 11, 23))
    version(scene, code="TO-COME", valid_from=date(2026, 11, 24))
    assert codes(scene) == {"BANKS", "LAST-DAY", "FIRST-DAY"}


def test_an_assessment_names_the_rules_that_ran(scene: Scene) -> None:
    codes(scene, amount="151.00")
    codes(scene, amount="152.00")
    assert RuleSet.objects.count() == 1
    version(scene)
    codes(scene, amount="153.00")
    sets = list(RuleSet.objects.order_by("pk"))
    assert len(sets) == 2
    assert {member["rule"] for member in sets[1].members} - {member["rule"] for member in sets[0].members} == {"HOUSE"}
    assert list(Assessment.objects.order_by("pk").values_list("rule_set_id", flat=True)) == [
        sets[0].pk, sets[0].pk, sets[1].pk,
    ]  # fmt: skip


def test_without_rules_nothing_passes(scene: Scene) -> None:
    for rule in Rule.objects.all():
        version(scene, code=rule.code, mode="off")
    payment = scene.payment()
    with pytest.raises(BusinessError, match="no active rule"):
        assess.assess([payment.pk])
    assert PaymentState.objects.get(pk=payment.pk).status == "received"


def test_the_tasks_are_known_by_name(scene: Scene, django_capture_on_commit_callbacks: Any) -> None:
    batch = scene.batch(taken_count=1)
    first, second = scene.payment(in_batch=batch), scene.payment(amount="151")
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("controls.assess_batch", batch.pk)
        enqueue("controls.assess", [second.pk])
    assert set(PaymentState.objects.filter(pk__in=[first.pk, second.pk]).values_list("status", flat=True)) == {
        "checked"
    }


def test_the_priority_is_the_published_sum(scene: Scene) -> None:
    for amount, days in (("150", 0), ("1000", 1), ("10000", 2), ("60000", 0), ("980000", 30)):
        payment = scene.payment(amount=amount, received_at=NOON - timedelta(days=days))
        scenes.judge(payment)
        state = PaymentState.objects.get(pk=payment.pk)
        ran_at = Assessment.objects.get(payment=payment).ran_at
        terms = priority.terms(
            amount=Decimal(amount), risk=state.risk, due_at=state.due_at, received_at=payment.received_at, at=ran_at
        )
        assert abs(state.priority - sum(term.points for term in terms)) <= 0.5
    assert [term.name for term in terms] == ["lateness", "amount", "risk", "waiting"]


def test_the_number_of_statements_does_not_grow(scene: Scene) -> None:
    from django.test.utils import CaptureQueriesContext

    def statements(count: int) -> int:
        payments = [scene.payment(amount=str(200 + n), end_to_end_id=f"{count}-{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            scenes.judge(*payments)
        return len(captured)

    statements(1)
    assert statements(40) == statements(3)


def test_a_session_makes_its_tables_once(scene: Scene) -> None:
    from django.test.utils import CaptureQueriesContext

    def made() -> int:
        with CaptureQueriesContext(connection) as captured:
            scenes.judge(scene.payment(amount="201"))
        return sum(query["sql"].count("create temporary table") for query in captured)

    made()
    assert made() == 0


def test_the_tables_of_another_version_are_made_anew(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from controls import tables

    scenes.judge(scene.payment(amount="202"))
    make, names = tables._all()
    monkeypatch.setattr(tables, "_all", lambda: (f"{make}; alter table fact_day add column extra int", names))
    scenes.judge(scene.payment(amount="203"))
    with connection.cursor() as cursor:
        cursor.execute("select extra from fact_day")
        assert cursor.fetchall() == [(None,)]
