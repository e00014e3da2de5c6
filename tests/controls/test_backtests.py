"""The life of a back-test and its figures: asked for, worked off in parts, cancelled, judged, priced."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from backoffice.people.models import User
from controls import quality, tasks
from controls.backtest import capacity, figures, runs, threshold
from controls.models import BackTest, BackTestHit, BackTestPart, ChangeRequest, Rule, RuleVersion
from controls.rules import life, rulesets
from documents.models import AuditRecord
from tests import database, people
from tests.controls import scene as scenes
from tests.controls.scene import NOON, Scene
from tests.people import Stage
from transactions import workflow
from transactions.models import Payment, PaymentState

pytestmark = pytest.mark.django_db
SINCE, UNTIL = (NOON - timedelta(days=60)).date(), NOON.date()


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


@pytest.fixture
def supervisor(scene: Scene) -> User:
    return people.person(roles.SUPERVISOR, entity=scene.stage.entity)


def version(
    expression: str = "amount >= :threshold", number: int = 1, action: str = "hold", **fields: Any
) -> RuleVersion:
    rule, _made = Rule.objects.get_or_create(
        code="LARGE", defaults={"family": "amount", "name_en": "Large", "name_fr": "Grand"}
    )
    return RuleVersion.objects.create(
        **{
            "rule": rule, "number": number, "expression": expression, "parameters": {"threshold": 10_000},
            "action": action, "sentence_en": "{amount} from {threshold}", "sentence_fr": "{amount} dès {threshold}",
            **fields,
        }
    )  # fmt: skip


def done(actor: User, one: RuleVersion, **said: Any) -> BackTest:
    made = runs.ask(actor=actor, version_id=one.pk, **{"since": SINCE, "until": UNTIL, **said})
    runs.run(made.pk)
    made.refresh_from_db()
    return made


def test_hits_by_day_and_by_version(scene: Scene, supervisor: User) -> None:
    large = scene.payment(amount="12000.00")
    larger = scene.earlier(days=2, amount="50000.00")
    scene.payment(amount="9999.99")
    before = list(PaymentState.objects.order_by("pk").values_list("pk", "status", "version"))
    former, new = version(), version(number=2, parameters={"threshold": 20_000})
    made = done(supervisor, new, against_id=former.pk)
    assert (made.state, made.total, made.judged, made.failure) == ("done", made.judged, 5, "")
    assert {what: figures.total(made.figures, what) for what in ("judged", "new", "former", "both")} == {
        "judged": 5, "new": 1, "former": 2, "both": 1,
    }  # fmt: skip
    assert made.figures["days"]["2026-11-23"] == {"judged": 2, "new": 0, "former": 1, "both": 0}
    assert set(BackTestHit.objects.filter(back_test=made).values_list("payment", "by")) == {
        (large.pk, "former"), (larger.pk, "both"),
    }  # fmt: skip
    assert BackTestHit.objects.get(payment=larger).evidence == {
        "amount": "50000.00000", "threshold": "20000", "currency": "EUR",
    }  # fmt: skip
    assert list(PaymentState.objects.order_by("pk").values_list("pk", "status", "version")) == before
    assert AuditRecord.objects.filter(subject_type="backtest", action="backtest.asked").count() == 1


def test_parts_are_done_once_and_taken_up_where_they_were_left(
    scene: Scene, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        scene.payment(amount=f"{20_000 + number}.00")
    monkeypatch.setattr(runs, "PART", 2)
    made = runs.ask(actor=supervisor, version_id=version().pk, since=UNTIL, until=UNTIL)
    assert runs._begin(made.pk)
    assert list(BackTestPart.objects.order_by("number").values_list("number", "payment_count")) == [
        (0, 2),
        (1, 2),
        (2, 2),
    ]
    asked, wanted = runs._asked(BackTest.objects.get(pk=made.pk))
    assert runs._one_part(made.pk, asked, wanted)
    made.refresh_from_db()
    assert (made.state, made.judged, made.total, BackTestHit.objects.count()) == ("running", 2, 6, 2)
    # What was left lying is found, and what was done stays done.
    assert runs.stale() == []
    BackTest.objects.update(touched_at=timezone.now() - timedelta(minutes=6))
    assert runs.stale() == [made.pk]
    runs.run(made.pk)
    runs.run(made.pk)
    made.refresh_from_db()
    assert (made.state, made.judged, BackTestHit.objects.count(), figures.total(made.figures, "new")) == (
        "done",
        6,
        6,
        6,
    )
    tasks.sweep_backtests()


def test_a_cancelled_one_stops_between_parts(scene: Scene, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        scene.payment(amount=f"{20_000 + number}.00")
    monkeypatch.setattr(runs, "PART", 2)
    made = runs.ask(actor=supervisor, version_id=version().pk, since=UNTIL, until=UNTIL)
    runs._begin(made.pk)
    asked, wanted = runs._asked(BackTest.objects.get(pk=made.pk))
    assert runs._one_part(made.pk, asked, wanted)
    runs.cancel(actor=supervisor, back_test_id=made.pk)
    assert not runs._one_part(made.pk, asked, wanted)
    runs.run(made.pk)
    made.refresh_from_db()
    assert (made.state, made.judged, made.figures) == ("cancelled", 2, {})
    with pytest.raises(BusinessError) as refused:
        runs.cancel(actor=supervisor, back_test_id=made.pk)
    assert refused.value.code == "backtest.over"


def test_only_the_entities_of_who_asks_count(scene: Scene, supervisor: User) -> None:
    scene.payment(amount="20000.00")
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    people.payment(other, amount="30000.00", received_at=NOON)
    made = done(supervisor, version())
    assert (made.entity_ids, figures.total(made.figures, "new")) == ([scene.stage.entity.pk], 1)
    stranger = people.person(roles.SUPERVISOR, entity=other.entity)
    assert not runs.visible(stranger).exists()
    before = (BackTest.objects.count(), AuditRecord.objects.count())
    for act in (
        lambda: runs.cancel(actor=stranger, back_test_id=made.pk),
        lambda: runs.judge(actor=stranger, back_test_id=made.pk, payment_id=1, judgement="right"),
        lambda: runs.ask(actor=stranger, version_id=version(number=2).pk, since=SINCE, until=UNTIL,
                         entity_id=scene.stage.entity.pk),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            act()
    operator = people.person(entity=scene.stage.entity)
    with pytest.raises(Denied):
        runs.ask(actor=operator, version_id=made.version_id, since=SINCE, until=UNTIL)
    assert (BackTest.objects.count(), AuditRecord.objects.count()) == before


@pytest.mark.parametrize("said", [{"since": UNTIL, "until": SINCE}, {"since": date(2020, 1, 1)}])
def test_a_period_has_an_end_and_a_bound(scene: Scene, supervisor: User, said: dict[str, Any]) -> None:
    with pytest.raises(BusinessError) as refused:
        runs.ask(actor=supervisor, version_id=version().pk, **{"since": SINCE, "until": UNTIL, **said})
    assert (refused.value.code, BackTest.objects.count()) == ("backtest.period", 0)


def test_versions_of_two_rules_are_not_compared(scene: Scene, supervisor: User) -> None:
    shipped = rulesets.in_force()[0]
    with pytest.raises(BusinessError) as refused:
        runs.ask(actor=supervisor, version_id=version().pk, against_id=shipped.pk, since=SINCE, until=UNTIL)
    assert (refused.value.code, BackTest.objects.count()) == ("backtest.other_rule", 0)


def _fated(scene: Scene) -> dict[str, Payment]:
    """One payment of each end."""
    one, other = (people.person(roles.SUPERVISOR, entity=scene.stage.entity) for _number in range(2))
    made = {name: scene.payment(amount=f"{20_000 + at}.00", status="checked")
            for at, name in enumerate(("rejected", "cancelled", "open"))}  # fmt: skip
    made["paid"] = scene.earlier(days=1, amount="30000.00")
    made["returned"] = scene.earlier(days=1, amount="30001.00", status="returned")
    workflow.reject(ids=[made["rejected"].pk], actor=one, reason_code="FRAD")
    workflow.cancel(ids=[made["cancelled"].pk], actor=other, reason="No")
    return made


def test_precision_is_what_people_and_banks_did(scene: Scene, supervisor: User) -> None:
    _fated(scene)
    made = done(supervisor, version(), since=UNTIL - timedelta(days=3))
    assert {name: counts["new"] for name, counts in made.figures["fates"].items()} == {
        "rejected": 1, "given_up": 1, "open": 1, "passed": 1, "returned": 1,
    }  # fmt: skip
    found = figures.precision(made.figures["fates"], "new")
    assert (found.right, found.known) == (2, 3)
    assert made.figures["open"]["hit"] == 1
    low, high = found.bounds or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.208, 0.939)


def test_what_other_rules_found_on_the_same_payments(scene: Scene, supervisor: User) -> None:
    clean, held = scene.payment(amount="12000.00"), scene.payment(amount="60000.00", debtor_account=None)
    scenes.judge(clean, held)
    assert "ACCOUNT-UNKNOWN" in scenes.found(held)
    made = done(supervisor, version(action="second"), since=UNTIL)
    assert made.figures["rules"]["ACCOUNT-UNKNOWN"] == 1
    # An alert is added where nothing else asked for as much: a hold was there already.
    found = scenes.found(clean)
    assert made.figures["alone"] == (0 if found else 1)
    assert made.figures["added"] == {str(scene.stage.entity.pk): 1}


def test_a_sample_is_judged_by_hand(scene: Scene, supervisor: User) -> None:
    hits = [scene.payment(amount=f"{20_000 + number}.00") for number in range(40)]
    scene.payment(amount="5.00")
    made = done(supervisor, version())
    sample = runs.sample(made)
    assert len(sample) == figures.SAMPLE
    assert {hit.payment_id for hit in sample} < {hit.pk for hit in hits}
    assert [hit.pk for hit in runs.sample(made)] == [hit.pk for hit in sample]
    runs.judge(actor=supervisor, back_test_id=made.pk, payment_id=sample[0].payment_id, judgement="right")
    runs.judge(actor=supervisor, back_test_id=made.pk, payment_id=sample[1].payment_id, judgement="right")
    runs.judge(actor=supervisor, back_test_id=made.pk, payment_id=sample[1].payment_id, judgement="wrong")
    told = [(hit.judgement, hit.judged_by) for hit in runs.sample(made)[:3]]
    assert told == [("right", supervisor), ("wrong", supervisor), ("", None)]
    beyond = next(hit.pk for hit in hits if hit.pk not in {one.payment_id for one in sample})
    for payment, judgement, error in ((beyond, "right", NotThere), (sample[0].payment_id, "perhaps", BusinessError)):
        with pytest.raises(error):
            runs.judge(actor=supervisor, back_test_id=made.pk, payment_id=payment, judgement=judgement)


def test_the_threshold_moves_over_the_values_kept(scene: Scene, supervisor: User) -> None:
    amounts = ["9999.99", "10000.00", "12499.99", "12500.00", "12501.00", "99000.00", "150.00"]
    for amount in amounts:
        scene.payment(amount=amount, charge_bearer="SHAR")
    scene.payment(amount="20000.00")
    one = version("amount >= :threshold and charge_bearer = 'SHAR'")
    made = done(supervisor, one, since=UNTIL)
    moved = threshold.of(made.said[0])
    assert moved is not None
    assert (moved.fact, moved.sign, moved.rest) == ("amount", ">=", "(charge_bearer = 'SHAR')")
    values = made.figures["values"]
    for asked in ("10000", "12500", "12600", "100", "99000", "99100"):
        expected = sum(1 for amount in amounts if Decimal(amount) >= Decimal(asked))
        assert threshold.count_at(moved, values, Decimal(asked)) == expected, asked
    assert threshold.exact(Decimal(12_500))
    assert not threshold.exact(Decimal(12_499))
    bins = threshold.histogram(moved, values)
    assert (sum(one.count for one in bins), [one.hit for one in bins[:6]]) == (7, [False] * 5 + [True])
    assert [f"{one.low}" for one in bins] == [f"{2_000 * at}" for at in range(11)], "round steps, and what is beyond"


@pytest.mark.parametrize(
    "expression",
    ["amount >= :threshold or instant", "amount > :threshold and day_sum > :threshold", "instant", "amount > 5",
     "amount > :threshold and usual_ratio < :threshold"],
)  # fmt: skip
def test_a_rule_without_one_threshold_has_none(expression: str) -> None:
    assert threshold.of({"expression": expression, "parameters": {"threshold": 5}}) is None


def test_minutes_against_the_time_there_is(scene: Scene, supervisor: User, settings: Any) -> None:
    settings.ANALYST_MINUTES = 10
    for number in range(30):
        scene.payment(amount=f"{20_000 + number}.00")
    one = version()
    assert capacity.overload(one) is None
    assert capacity.demand_room(one, reason="") is None
    made = done(supervisor, one, since=UNTIL)
    load = capacity.loads(made.figures, action="hold", since=UNTIL, until=UNTIL)[0]
    # Two supervisors may validate here; one confirmed the payee's bank details.
    assert (load.people, load.capacity, load.added_count, load.added, load.over) == (2, 20.0, 30.0, 300.0, True)
    found = capacity.overload(one)
    assert found is not None
    assert found.over[0].entity_id == scene.stage.entity.pk
    with pytest.raises(BusinessError) as refused:
        capacity.demand_room(one, reason=" ")
    assert refused.value.code == "rule.overloads"
    assert refused.value.params == {"entity": "BANK", "needed": 300, "capacity": 20}
    assert capacity.demand_room(one, reason="Two more come in May") is not None
    asked = {"actor": supervisor, "version_id": one.pk, "mode": "active", "reason": "Agreed"}
    with pytest.raises(BusinessError) as refused:
        life.submit(**asked)
    assert refused.value.code == "rule.overloads"
    assert not ChangeRequest.objects.filter(subject_type="rule").exists()
    kept = life.submit(**asked, overload_reason="Two more come in May").change
    assert (kept["back_test"], kept["overload_reason"]) == (made.pk, "Two more come in May")
    ChangeRequest.objects.filter(subject_type="rule").update(status="refused")
    settings.ANALYST_MINUTES = 400
    assert capacity.demand_room(one, reason="") is not None
    # The draft went on: what was tested is another rule.
    RuleVersion.objects.filter(pk=one.pk).update(parameters={"threshold": 5})
    one.refresh_from_db()
    assert capacity.overload(one) is None


def test_the_minutes_of_the_house_when_enough_are_known(stage_of_decisions: Stage) -> None:
    found = capacity.minutes([stage_of_decisions.entity.pk])
    assert found.measured == ["warn"]
    assert found.by_action["warn"] == pytest.approx(7, abs=0.1)
    assert found.by_action["hold"] == capacity.DEFAULT_MINUTES["hold"]


@pytest.fixture
def stage_of_decisions() -> Stage:
    """Thirty payments with a warning, each validated seven minutes after it was taken in hand."""
    from tests import database

    stage = people.bank_branch()
    person = people.person(entity=stage.entity)
    for _number in range(capacity.ENOUGH):
        payment = people.payment(stage, status="validated")
        PaymentState.objects.filter(pk=payment.pk).update(outcome="warn")
        for action, ago in (("payment.claimed", "12 minutes"), ("payment.validated", "5 minutes")):
            database.as_owner(
                "insert into documents_auditrecord "
                "(occurred_at, entity_id, subject_type, subject_id, action, actor_id) "
                "values (now() - %s::interval, %s, 'payment', %s, %s, %s)",
                [ago, stage.entity.pk, payment.pk, action, person.pk],
            )
    return stage


def test_the_command_tells_the_same_as_json(scene: Scene, supervisor: User) -> None:
    scene.payment(amount="20000.00")
    version()
    out, asked = StringIO(), ("--from", str(SINCE), "--to", str(UNTIL))
    with pytest.raises(CommandError, match="--as"):
        call_command("backtest", "LARGE@1", *asked)
    asked = (*asked, "--as", supervisor.email)  # type: ignore[assignment]
    call_command("backtest", "LARGE@1", *asked, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["rule"], told["version"], told["judged"], told["new"], told["against"]) == ("LARGE", 1, 3, 1, None)
    assert told["from"] == str(SINCE)
    out = StringIO()
    call_command("backtest", "LARGE", *asked, stdout=out)
    assert "3 payments judged, 1 hit" in out.getvalue()
    with pytest.raises(CommandError, match="NONE"):
        call_command("backtest", "NONE", *asked)


def test_an_entity_with_its_own_version_is_left_to_it(scene: Scene, supervisor: User) -> None:
    scene.payment(amount="20000.00")
    general = version()
    database.insert(RuleVersion(
        rule=general.rule, number=2, expression="amount > 5", action="warn", sentence_en="x", sentence_fr="x",
        entity=scene.stage.entity, published_at=timezone.now(), mode="active",
    ))  # fmt: skip
    assert figures.total(done(supervisor, general).figures, "new") == 0


def test_quality_by_rule(scene: Scene, supervisor: User) -> None:
    ends = [scene.payment(creditor_bic="NOBIC", amount=f"{100 + number}.00") for number in range(5)]
    fine = scene.payment(amount="151.00")
    scenes.judge(*ends, fine)
    workflow.reject(ids=[ends[0].pk], actor=supervisor, reason_code="FRAD")
    found = quality.quality([scene.stage.entity.pk], NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert found.payments == 6
    lines = {line.code: line for line in found.lines}
    line = lines["CREDITOR-BIC"]
    assert (line.ran, line.hits, line.confirmed, line.cleared) == (6, 5, 1, 0)
    assert line.rate == pytest.approx(5 / 6)
    assert "LIMIT" in {silent.code for silent in found.silent}
    assert not {silent.code for silent in found.silent} & {line.code for line in found.lines if line.hits}
    assert quality.quality([], NOON, NOON).lines == []


def test_a_rule_ran_on_what_it_concerns_and_one_whose_day_has_not_come_is_not_called_silent(scene: Scene) -> None:
    for code, narrower in (
        ("ON-INSTANT", {"kinds": ["instant"]}), ("TOMORROW", {"valid_from": NOON.date() + timedelta(days=1)}),
        ("EXECUTED", {"valid_from": NOON.date() + timedelta(days=1), "dated_by": "execution"}),
    ):  # fmt: skip
        rule = Rule.objects.create(code=code, family="amount", name_en=code, name_fr=code)
        database.insert(RuleVersion(
            rule=rule, number=1, expression="amount < 0", action="warn", sentence_en="x", sentence_fr="x",
            published_at=timezone.now(), mode="active", **narrower,
        ))  # fmt: skip
    scenes.judge(scene.payment(), scene.payment(amount="151.00"), scene.payment(amount="152.00", kind="instant"))
    found = quality.quality([scene.stage.entity.pk], NOON - timedelta(days=1), NOON + timedelta(days=1))
    ran = {line.code: line.ran for line in found.lines}
    assert (ran["ON-INSTANT"], ran["TOMORROW"], ran["EXECUTED"], ran["LIMIT"]) == (1, 0, 3, 3)
    silent, beside = ({line.code for line in some} for some in (found.silent, found.beside))
    assert {"ON-INSTANT", "EXECUTED"} <= silent
    assert {"TOMORROW", "CASH-EU"} <= beside
    assert not silent & beside


def test_rules_that_always_fire_together_are_named(scene: Scene) -> None:
    both = [scene.payment(creditor_bic="NOBIC", end_to_end_id=f"A//{number}", amount=f"{100 + number}.00")
            for number in range(quality.TOGETHER_FROM)]  # fmt: skip
    scenes.judge(*both)
    asked = [scene.stage.entity.pk], NOON - timedelta(days=1), NOON + timedelta(days=1)
    assert ("CREDITOR-BIC", "REFERENCE", quality.TOGETHER_FROM) in quality.quality(*asked).together
    scenes.judge(scene.payment(creditor_bic="NOBIC", amount="77.00"))
    assert ("CREDITOR-BIC", "REFERENCE", quality.TOGETHER_FROM) not in quality.quality(*asked).together


def test_the_time_of_each_rule_is_told(scene: Scene) -> None:
    payment = scene.payment()
    told, together = quality.times([payment.pk], repeats=1)
    assert {one.code for one in told} == {version.rule.code for version in rulesets.in_force()}
    assert together > 0
    out = StringIO()
    call_command("rule_times", "--json", stdout=out)
    assert len(json.loads(out.getvalue())["rules"]) == len(told)
