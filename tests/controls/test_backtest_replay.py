"""A month lived through the doors, then replayed with the versions that ran: the same findings, row by row."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals, assess, facts, tables
from controls.backtest import needs, replay, runs
from controls.models import ApprovalPolicy, Assessment, BackTestHit, RuleResult, RuleVersion
from controls.rules import language, rulesets
from controls.vocabulary import FACTS
from tests import database, files, people
from tests.controls import scene as scenes
from tests.controls.scene import NOON, Scene
from transactions import accounts, intake, workflow
from transactions.models import Payment, PaymentState

pytestmark = pytest.mark.django_db

FIRST, ONE = NOON - timedelta(days=28), timedelta(days=1)
# What the doors date by the database's clock or ours. Tests are quick, so a month is: each step is dated back.
DATED = {
    "documents_auditrecord": ("occurred_at",), "controls_assessment": ("ran_at",),
    "transactions_payment": ("received_at",), "transactions_paymentstate": ("changed_at",),
    "transactions_paymentbatch": ("created_at", "read_at"), "transactions_paymentapproval": ("given_at",),
    "transactions_historicalpayment": ("history_date",), "transactions_historicalaccount": ("history_date",),
    "transactions_historicalpayee": ("history_date",), "transactions_posting": ("created_at",),
    "transactions_payee": ("created_at",), "transactions_bankdetails": ("valid_from", "valid_to", "confirmed_at"),
    "transactions_journalentry": ("created_at",),
}  # fmt: skip


class Month:
    """Doors with a calendar of their own: what is done between two turns of it gets the date of the first."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.began = scene, timezone.now()
        self.clerk = people.person(entity=scene.stage.entity)
        self.one, self.other, self.third = (
            people.person(roles.SUPERVISOR, entity=scene.stage.entity) for _number in range(3)
        )
        self.files = 0

    def at(self, day: int, hour: float, act: Callable[[], Any]) -> Any:
        """Do it, and date what was written so: in order, a microsecond a microsecond."""
        began = timezone.now()
        done = act()
        moment = FIRST + timedelta(days=day, hours=hour - 12)
        told = [
            f"update {table} set " + ", ".join(
                f"{name} = case when {name} >= %(began)s then %(moment)s + ({name} - %(began)s) else {name} end"
                for name in names
            ) + " where " + " or ".join(f"{name} >= %(began)s" for name in names)
            for table, names in DATED.items()
        ]  # fmt: skip
        statement = "; ".join(told)
        database.as_owner(
            f"set constraints all immediate; set local session_replication_role = replica; {statement}; "
            "set local session_replication_role = origin",
            {"began": began, "moment": moment},  # type: ignore[arg-type]
        )
        return done

    def file(self, day: int, hour: float, rows: list[str]) -> list[Payment]:
        """A file in the door and read, then judged some minutes later."""
        self.files += 1
        head = "Name;IBAN;Amount;Date;Reference;Debtor account\n"
        content = (head + "\n".join(rows)).encode()

        def arrive() -> int:
            batch = intake.receive(
                content=content, file_name=f"{self.files}.csv", entity=self.scene.stage.entity, actor=None,
                channel="file", source=self.scene.stage.source,
            )  # fmt: skip
            intake.read_batch(batch.pk)
            batch.refresh_from_db()
            assert (batch.status, batch.taken_count) == ("checking", len(rows)), batch.problems.all()
            return batch.pk

        key = self.at(day, hour, arrive)
        self.at(day, hour + 0.05, lambda: assess.assess_batch(key))
        return list(Payment.objects.filter(batch=key).order_by("position"))

    def do(self, day: int, hour: float, verb: Callable[..., Any], *payments: Payment, actor: User, **said: Any) -> None:
        answers = self.at(day, hour, lambda: verb(ids=[one.pk for one in payments], actor=actor, **said))
        assert [answer.code for answer in answers if not answer.done] == []

    def pay(self, day: int, hour: float, *payments: Payment) -> None:
        """Lifted where it is held, validated, approved, posted."""
        held = [one for one in payments if PaymentState.objects.get(pk=one.pk).hold_count]
        if held:
            self.do(day, hour - 0.1, workflow.lift, *held, actor=self.other, reason="They called back")
        self.do(day, hour, approvals.validate, *payments, actor=self.one, reason="As agreed")
        for later, person in enumerate((self.other, self.third), start=1):
            waiting = [one for one in payments if PaymentState.objects.get(pk=one.pk).status == "validated"]
            if waiting:
                self.do(day, hour + later / 20, workflow.approve, *waiting, actor=person, reason="As agreed")
        answers = self.at(day, hour + 0.2, lambda: workflow.post(ids=[one.pk for one in payments]))
        assert all(answer.done for answer in answers)


@pytest.fixture
def scene() -> Scene:
    return scenes.scene(code="NOW", iban="FR7630006000011234567890189")


def row(name: str, number: int, amount: str, reference: str, on: date) -> str:
    return f"{name};{files.iban(number)};{amount};{on:%d/%m/%Y};{reference};{people.CUSTOMER_IBAN}"


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: Any) -> Iterator[Month]:
    """One month for all tests: what each of them writes is undone, and all of it in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _month(scenes.scene(balance="1000000000.00"))
        transaction.set_rollback(True)


def _month(scene: Scene) -> Month:
    ApprovalPolicy.objects.create(entity=scene.stage.entity, from_amount=0, approvals=1)
    ApprovalPolicy.objects.create(entity=scene.stage.entity, from_amount=10_000, approvals=1)
    database.as_owner("update transactions_historicalaccount set history_date = %s", [FIRST - 99 * ONE])
    month = Month(scene)
    _live(month)
    return month


def _live(month: Month) -> None:
    """Suppliers paid every week, repeats of what was paid and of what was rejected, in every order that matters."""
    on = {week: (FIRST + timedelta(days=7 * week + 1)).date() for week in range(4)}
    for week in range(4):
        day = 7 * week
        first = month.file(day, 9, [
            row("Alder GmbH", 1, f"{100 + week}.00", f"A-{week}", on[week]),
            row("Birch GmbH", 2, "9500.00", f"B-{week}", on[week]),
            row("Birch GmbH", 2, "9600.00", f"B2-{week}", on[week]),
            row("Cedar GmbH", 3, "250.00", f"C-{week}", on[week]),
            row("Cedar GmbH", 3, "250.00", f"C-{week}", on[week]),
            row("Dogwood GmbH", 4, "70000.00", f"D-{week}", on[week]),
        ])  # fmt: skip
        month.pay(day, 10, first[0], first[3])
        month.do(day, 11, workflow.reject, first[1], actor=month.one, reason_code="DUPL")
        # The repeat of a rejected payment is none; that of one which is rejected an hour later is.
        second = month.file(day, 12, [
            row("Birch GmbH", 2, "9500.00", f"B-{week}", on[week] + ONE),
            row("Cedar GmbH", 3, "250.00", f"C-{week}", on[week] + ONE),
            row("Elm GmbH", 5, "42.00", f"E-{week}", on[week]),
        ])  # fmt: skip
        month.do(day, 13, workflow.reject, first[4], actor=month.one, reason_code="DUPL")
        third = month.file(day, 14, [
            row("Cedar GmbH", 3, "250.00", f"C-{week}", on[week] + 2 * ONE),
            row("Birch GmbH", 2, "9600.00", f"B2-{week}", on[week] + ONE),
        ])  # fmt: skip
        month.do(day, 15, workflow.reopen, first[1], actor=month.other, reason="It was right")
        month.at(day, 15.1, lambda keys=[first[1].pk]: assess.assess(keys))
        _amended(month, day, second[2])
        month.do(day, 17, workflow.cancel, second[0], actor=month.one, reason="Not needed")
        month.pay(day + 1, 9, third[0], first[2], first[5])
    month.at(27, 9, lambda: accounts.block(actor=month.one, account_id=month.scene.stage.customer.pk, reason="Asked"))


def _amended(month: Month, day: int, payment: Payment) -> None:
    """Another payment sees it with one creditor; then its bank details are amended, and it is judged again."""
    on = payment.requested_execution_date
    month.file(day, 15.5, [row("Elm GmbH", 5, "42.00", "E-other", on)])
    payment.state.refresh_from_db()
    answer = month.at(day, 16, lambda: workflow.amend(
        payment_id=payment.pk, actor=month.clerk, changes={"creditor_number": files.iban(6)},
        version=payment.state.version, reason="They moved",
    ))  # fmt: skip
    assert answer.done, answer
    month.at(day, 16.1, lambda: assess.assess([payment.pk]))
    month.file(day, 16.5, [row("Elm GmbH", 6, "42.00", "E-third", on)])


def live(payments: list[int]) -> set[tuple[int, int, str]]:
    """What the last check of each payment found: payment, version, evidence."""
    found = {}
    for result in RuleResult.objects.filter(payment__in=payments).order_by("assessment"):
        found.setdefault(result.payment_id, {}).setdefault(result.assessment_id, []).append(result)
    last = {}
    for key, payment in Assessment.objects.filter(payment__in=payments).order_by("pk").values_list("pk", "payment"):
        last[payment] = key
    return {
        (payment, result.version_id, str(sorted(result.evidence.items())))
        for payment, runs_ in found.items()
        for result in runs_.get(last[payment], [])
    }


def replayed(payments: list[int]) -> set[tuple[int, int, str]]:
    """The same of the versions in force, by the machinery of back-tests."""
    members = [rulesets.member(version) for version in rulesets.in_force()]
    wanted = needs.of(FACTS)
    found = set()
    with transaction.atomic():
        for some in replay.rounds(replay.subjects(payments, wanted)):
            replay.build(some, wanted)
            sql.run(rulesets.statement_of(members, rulesets.entities_with_own(members)))
            for payment, version, evidence in sql.rows("select payment_id, version_id, evidence from findings"):
                found.add((payment, version, str(sorted(json.loads(evidence).items()))))
    return found


def of_the_month(month: Month) -> list[int]:
    return list(
        Payment.objects.filter(entity=month.scene.stage.entity, assessments__isnull=False)
        .distinct()
        .values_list("pk", flat=True)
    )


def test_a_month_replayed_finds_what_the_checks_found(lived: Month) -> None:
    payments = of_the_month(lived)
    assert len(payments) == 4 * 13
    expected = live(payments)
    codes = dict(RuleVersion.objects.values_list("pk", "rule__code"))
    assert {"DUPLICATE-FILE", "NEAR-LIMIT"} & {codes[version] for _payment, version, _evidence in expected} or expected
    told = replayed(payments)
    assert sorted(told - expected) == []
    assert sorted(expected - told) == []


@pytest.mark.parametrize("broken", ["fate", "rounds", "amended", "accounts"])
def test_each_part_of_the_replay_is_needed(lived: Month, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the present shines through, and the month is another."""
    payments = of_the_month(lived)
    expected = live(payments)
    replay._statements.cache_clear()
    if broken == "fate":
        monkeypatch.setattr(replay, "_as_of", lambda place, text: text)
    elif broken == "rounds":
        monkeypatch.setattr(replay, "rounds", lambda some: [list(some)])
    elif broken == "amended":
        monkeypatch.setattr(replay, "_amended", lambda recent, since: None)
    else:
        monkeypatch.setattr(replay, "_accounts", lambda changed: None)
    assert replayed(payments) != expected
    replay._statements.cache_clear()


def test_a_payee_that_was_learnt_afterwards_was_not_known(lived: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = Payment.objects.filter(pk__in=of_the_month(lived), payee__isnull=False).earliest("pk")
    wanted = needs.of(["payee_name"])

    def name() -> Any:
        with transaction.atomic():
            replay.build(replay.subjects([payment.pk], wanted), wanted)
            return sql.rows("select payee_name from facts")[0][0]

    assert name() is None
    monkeypatch.setattr(replay, "_UNLEARN", "select 1")
    assert name() == payment.creditor_name == "Alder GmbH"


def test_a_back_test_of_each_rule_hits_what_the_rule_found(lived: Month) -> None:
    """By its door: days, rule, entity. What it keeps is what the live rule kept."""
    payments = of_the_month(lived)
    by_version: dict[int, set[tuple[int, str]]] = {}
    for payment, version, evidence in live(payments):
        by_version.setdefault(version, set()).add((payment, evidence))
    assert len(by_version) >= 6
    for version, expected in by_version.items():
        made = runs.ask(
            actor=lived.one, version_id=version, since=(FIRST - timedelta(days=1)).date(), until=NOON.date(),
            entity_id=lived.scene.stage.entity.pk,
        )  # fmt: skip
        runs.run(made.pk)
        made.refresh_from_db()
        assert made.state == "done", made.failure
        hits = {
            (hit.payment_id, str(sorted(hit.evidence.items()))) for hit in BackTestHit.objects.filter(back_test=made)
        }
        # Payments that came before the month were never checked, and are judged all the same.
        assert {hit for hit in hits if hit[0] in payments} == expected, version


def test_every_look_at_the_fate_of_a_payment_is_as_of_the_check() -> None:
    """A statement that asks ``status in (...)`` and is not written anew would read the present."""
    for name in tables.FACT_FILES:
        for table, text in tables.steps(name):
            if replay._FATE.search(text) and table != "fact_funds":
                assert "status_at(" in replay._as_of(table or name, text), (name, table)
            anew = replay._as_of(table or name, text)
            assert table == "fact_funds" or not replay._FATE.search(
                anew.replace("end) in (", "").replace("end) not in (", "")
            )


def test_a_fact_needs_no_more_than_is_said(lived: Month) -> None:
    """Each fact alone, with its own tables, has the value that it has with all of them."""
    payments = of_the_month(lived)
    wanted = needs.of(FACTS)
    full: dict[int, dict[str, Any]] = {}
    with transaction.atomic():
        for some in replay.rounds(replay.subjects(payments, wanted)):
            replay.build(some, wanted)
            full |= {row["payment_id"]: row for row in sql.dicts("select * from facts")}
    assert sum(1 for name in FACTS if any(row[name] is not None for row in full.values())) > 60
    groups: dict[needs.Needs, list[str]] = {}
    for name in FACTS.keys() - needs.PRESENT["funds"]:
        groups.setdefault(needs.of([name]), []).append(name)
    for alone, names in groups.items():
        with transaction.atomic():
            for some in replay.rounds(replay.subjects(payments, alone)):
                replay.build(some, alone)
                for told in sql.dicts("select * from facts"):
                    for name in names:
                        assert told[name] == full[told["payment_id"]][name], name
    assert needs.of(["amount", "creditor_name"]).tables == {"fact_subject"}
    assert needs.of(["repeat_days"]).of_account
    assert not needs.of(["repeat_days"]).of_moment


def test_the_live_facts_are_the_replay_of_now(scene: Scene) -> None:
    """Judged at this moment, a payment has the same facts by either way."""
    payment = scene.payment(end_to_end_id="X")
    scene.earlier(days=3, end_to_end_id="X")
    wanted = needs.of(FACTS)
    with transaction.atomic():
        facts.build([payment.pk])
        now = sql.dicts("select * from facts")
        replay.build(replay.subjects([payment.pk], wanted), wanted)
        then = sql.dicts("select * from facts")
        assert {name: then[0][name] for name in then[0] if then[0][name] != now[0][name]} == {}
        compiled = language.compile_expression("repeat_days <= :days", {"days": 30})
        assert sql.rows(f"select count(*) from facts f where {compiled.sql}") == [(1,)]


def test_dated_days_are_of_the_month() -> None:
    assert (FIRST.date(), FIRST.weekday()) == (date(2026, 10, 26), 0)
    assert isinstance(FIRST, datetime)
