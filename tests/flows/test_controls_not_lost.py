"""What workers do for the controls beside the checking itself: killed where they write, or two at it at once, it is
done once, and nothing that they were to stop goes on.

Two ways, as elsewhere here: a real worker, killed when it is about to write to a table; and a process that is killed
before and after every commit, overtaken by a second one, or inherited by it.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from backoffice.common import sql, tasks
from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals
from controls.backtest import runs
from controls.models import BackTest, PayeeVerification, ScreeningHit, WatchList, WatchListVersion
from controls.screening import watchlists
from tests import people
from tests.controls import listed, verifying
from tests.flows import checkwork as scenes
from tests.flows.checkwork import found, held, left_lying, outcomes
from tests.flows.clockwork import branch
from tests.flows.installation import Installation
from tests.flows.killing import COMMIT, COMMITTED, WRITE, Child, Clock, Scenario, Scene, deliver, end_all
from transactions import settlement, workflow
from transactions.models import Payment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SESSIONS = min(2, os.cpu_count() or 1)
BACKTEST, FETCH, VERIFY = "controls.backtest", "controls.fetch_list", "controls.verify_again"
SCREEN, EVERYTHING, DUE = "controls.rescreen", "controls.rescreen_all", "controls.rescreen_due"
SCENARIOS = [
    Scenario(SCREEN, scenes.version_in_force, 8, {"hit.found": 6, "payment.held": 4}, clock=DUE),
    Scenario(
        EVERYTHING, scenes.night, 2, {"hit.found": 1, "hit.reopened": 1, "payment.held": 2}, clock=EVERYTHING,
    ),
    Scenario(
        VERIFY, scenes.asked_again, 2,
        {"payment.verified": 3, "payment.rechecked": 3, "payment.checked": 3, "payment.held": 1, "case.opened": 1},
    ),
]  # fmt: skip
ONE_BY_ONE = Scenario(BACKTEST, scenes.back_test, 12, clock="controls.sweep_backtests")


@pytest.fixture
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Clock]:
    """Nothing of the product is sent or called: what is enqueued waits for the test."""
    settings.VERIFICATION_SIMULATOR = settings.WEBHOOKS_LOOPBACK = True
    made = Clock()
    monkeypatch.setattr(tasks, "_send", made.send)
    yield made
    end_all()


@pytest.fixture
def stage(fresh_database: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> people.Stage:
    """What is sent while a scene is made is lost. A publisher, or a service, is on this machine."""
    settings.WEBHOOKS_LOOPBACK = True
    monkeypatch.setattr(tasks, "_send", lambda *_: None)
    return branch("BANK")


def records(*actions: str) -> dict[str, tuple[int, int]]:
    """How many of each act, and on how many different subjects."""
    rows = sql.rows(
        "select action, count(*), count(distinct (subject_type, subject_id)) from documents_auditrecord "
        "where action = any(%s) group by 1",
        [list(actions)],
    )
    return {action: (count, subjects) for action, count, subjects in rows}


# A process killed at each commit, or two of them


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.task for scenario in SCENARIOS])
def test_it_is_done_once(clock: Clock, scenario: Scenario) -> None:
    once = clock.run(scenario, "ONCE", clock.undisturbed)
    assert once.acts == scenario.acts
    assert clock.run(scenario, "KILLED", clock.killed) == once
    assert clock.kills == scenario.kills
    for stop in (WRITE, COMMIT):
        assert clock.run(scenario, f"AT-{stop}", clock.overtaken(stop)) == once
    assert clock.run(scenario, "LEFT", clock.inherited) == once


def test_a_back_test_goes_on_where_it_was_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before and after its plan, each of four parts, and its end."""
    monkeypatch.setattr(runs, "PART", 2)
    monkeypatch.setattr(runs, "PATIENCE", timedelta(0))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    def killed(scenario: Scenario, scene: Scene) -> None:
        for passes in (0, 1, 1, 1, 1, 1, 1):
            for stop in (COMMIT, COMMITTED):
                child = Child(BACKTEST, scene.args, stop, passes=passes)
                if not child.reaches():
                    assert child.end() == []
                    return
                before = scene.look()
                child.kill()
                clock.kills += 1
                assert scene.look() == before, "what was not committed is gone, what was stays"

    def beside(scenario: Scenario, scene: Scene) -> None:
        """The second worker does what the first has not in hand, and leaves: it does not ask for itself again."""
        first = Child(BACKTEST, scene.args, WRITE, passes=2)
        assert first.reaches()
        assert Child(BACKTEST, scene.args).end() == []
        assert scene.look()[:5] == ("running", "", 7, 5, 5)
        assert first.end() == []
        assert scene.look()[0] == "done"

    def inherited(scenario: Scenario, scene: Scene) -> None:
        """The first worker is killed with a part done and not committed, while the second waits for it."""
        first = Child(BACKTEST, scene.args, COMMIT, passes=1)
        assert first.reaches()
        second = Child(BACKTEST, scene.args)
        assert second.waits()
        first.kill()
        assert second.end() == []

    once = clock.run(ONE_BY_ONE, "ONCE", clock.undisturbed)
    assert once.rows == {"controls_backtesthit": 6, "controls_backtestpart": 4}
    assert once.looked[:5] == ("done", "", 7, 7, 6)
    for code, way in (("KILLED", killed), ("BESIDE", beside), ("LEFT", inherited), ("AT", clock.overtaken(WRITE))):
        assert clock.run(ONE_BY_ONE, code, way) == once
    assert clock.kills == ONE_BY_ONE.kills


def test_a_back_test_is_not_given_up_when_the_database_goes_away(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PATIENCE", timedelta(0))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    def cut_off(_scenario: Scenario, scene: Scene) -> None:
        child = Child(BACKTEST, scene.args, WRITE, passes=2)
        assert child.reaches()
        sql.rows("select pg_terminate_backend(%s)", [child.backend])
        with pytest.raises(AssertionError, match="OperationalError"):
            child.end()
        assert scene.look()[:5] == ("running", "", 7, 0, 0)

    assert clock.run(ONE_BY_ONE, "CUT", cut_off).looked[:5] == ("done", "", 7, 7, 6)


# Lists from their addresses


def a_list(stage: people.Stage, url: str) -> WatchList:
    return listed.a_list(people.person(roles.SUPERVISOR), code="FROM-URL", entity=stage.entity, url=url)


def assert_loaded_once(of: WatchList, *, looks: int = 1) -> None:
    version = of.versions.get()
    assert (version.number, version.status, version.entry_count) == (1, "current", 3)
    assert of.entries.count() == 3
    assert watchlists.stored(version) == listed.SIMPLE.encode()
    told = records("watchlist.activated", "watchlist.confirmed")
    assert told.pop("watchlist.activated") == (1, 1)
    assert told == ({"watchlist.confirmed": (looks - 1, 1)} if looks > 1 else {})


@pytest.mark.parametrize(("stop", "dies"), [(WRITE, False), (COMMIT, False), (COMMIT, True)])
def test_two_workers_load_a_list_once(clock: Clock, stop: str, dies: bool) -> None:
    with scenes.publisher() as url:
        of = a_list(branch("BANK"), url)
        first = Child(FETCH, [of.pk], stop)
        assert first.reaches()
        second = Child(FETCH, [of.pk])
        assert second.waits()
        sent = []
        if dies:
            first.kill()
        else:
            sent += first.end()
        sent += second.end()
    assert sent == [(SCREEN, [of.versions.get().pk])]
    assert_loaded_once(of, looks=1 if dies else 2)


def test_half_a_file_is_not_taken_for_the_whole(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def half(file: Any, _size: int | None = None) -> Iterator[bytes]:
        yield file.read(100)
        os.kill(os.getpid(), signal.SIGKILL)

    with scenes.publisher() as url:
        of = a_list(branch("BANK"), url)
        with monkeypatch.context() as dying:
            dying.setattr(ContentFile, "chunks", half)
            child = Child(FETCH, [of.pk])
            child.wait(lambda: False)
        assert (os.WTERMSIG(child.status), of.versions.count()) == (signal.SIGKILL, 0)
        left = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
        assert len(left) == 1
        assert left[0] < len(listed.SIMPLE)
        deliver(FETCH, of.pk)
    assert_loaded_once(of)


# A real worker killed


def test_a_worker_killed_while_it_back_tests(
    installation: Installation, stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sessions of it are in parts of their own. What was done before is not done again."""
    monkeypatch.setattr(runs, "PART", 5)
    scenes.judged(stage, 24)
    unbroken = scenes.question(stage)
    runs.run(unbroken.pk)
    once = found(unbroken)
    assert once[:5] == ("done", "", 25, 25, 24)

    def sweep() -> None:
        installation.send("controls.sweep_backtests", [])

    made = scenes.question(stage)
    installation.killed_at("controls_backtestpart", sweep)
    assert (found(made), made.parts.count()) == (("queued", "", 0, 0, 0, {}), 0)
    assert runs._begin(made.pk)
    assert runs._one_part(made.pk, *runs._asked(made))
    for table in ("controls_backtesthit", "controls_backtestpart"):
        left_lying(made)
        installation.killed_at(table, sweep, waiting=SESSIONS)
        assert found(made)[:5] == ("running", "", 25, 5, 4)
    left_lying(made)
    installation.start_worker()
    installation.until(lambda: BackTest.objects.get(pk=made.pk).state != "running", sweep)
    assert found(made) == once
    assert made.parts.count() == 5


def assert_stopped(ids: Sequence[int], supervisor: User) -> None:
    """Nothing of them goes on: not validated, not approved, not posted, in no file."""
    checked, validated, approved, posted = ids
    answers = [
        *approvals.validate(ids=[checked], actor=people.person()),
        *workflow.approve(ids=[validated], actor=people.person()), *workflow.post(ids=[approved]),
    ]  # fmt: skip
    assert [(answer.payment_id, answer.code) for answer in answers] == [
        (key, "payment.held") for key in (checked, validated, approved)
    ]
    account = Payment.objects.get(pk=posted).debtor_account
    assert settlement.prepare(account=account, actor=supervisor) == []


def test_a_worker_killed_while_it_screens_a_new_version(installation: Installation, stage: people.Stage) -> None:
    """The payments of a page are all held with what was found on them, or none; the clock finds what is left."""
    version = scenes.new_version(stage)
    ids = list(Payment.objects.order_by("pk").values_list("pk", flat=True))

    def due() -> None:
        installation.send(DUE, [])

    # Of the payee, then of the party, then of the payments.
    for table, hits in (("controls_screeninghit", 0), ("transactions_hold", 2), ("controls_watchlistversion", 6)):
        installation.killed_at(table, due)
        version.refresh_from_db()
        assert (ScreeningHit.objects.count(), version.rescreened_at) == (hits, None)
        held_now = [("SCREENING", True, False), ("creditor_name", "open")] if hits == 6 else []
        assert held(stage) == [held_now] * 4
    installation.start_worker()
    installation.until(lambda: WatchListVersion.objects.get(pk=version.pk).rescreened_at, due)
    assert held(stage) == [[("SCREENING", True, False), ("creditor_name", "open")]] * 4
    assert records("hit.found", "payment.held") == {"hit.found": (6, 6), "payment.held": (4, 4)}
    assert_stopped(ids, people.person(roles.SUPERVISOR))


def test_a_worker_killed_in_the_night(installation: Installation, stage: people.Stage) -> None:
    """While it screens everything: what an exemption let pass until yesterday, and what came before the list."""
    scene = scenes.night("NIGHT")
    before = held(scene.stage)

    def night() -> None:
        installation.send(EVERYTHING, [])

    for table in ("controls_screeninghit", "transactions_hold"):
        installation.killed_at(table, night)
        assert held(scene.stage) == before
    installation.start_worker()
    installation.until(lambda: held(scene.stage) != before, night)
    night()
    assert held(scene.stage) == [
        [("SCREENING", True, False), ("creditor_name", "open")],
        [("SCREENING", True, True), ("SCREENING", True, False), ("creditor_name", "open")],
    ]


def test_a_worker_killed_while_it_loads_a_list(installation: Installation, stage: people.Stage) -> None:
    with scenes.publisher() as url:
        of = a_list(stage, url)

        def night() -> None:
            installation.send("controls.fetch_lists", [])

        for table in ("controls_watchlistversion", "controls_watchlistentry", "documents_auditrecord"):
            installation.killed_at(table, night)
            assert (of.versions.count(), of.entries.count()) == (0, 0)
            assert records("watchlist.activated", "watchlist.not_fetched") == {}
        installation.start_worker()
        installation.until(of.versions.exists, night)
        installation.kill_workers()
    assert_loaded_once(of, looks=1 + records("watchlist.confirmed").get("watchlist.confirmed", (0, 0))[0])


def test_a_worker_killed_while_it_verifies_again(installation: Installation, stage: people.Stage) -> None:
    """An answer is kept together with the payment's way back to the checks, or not at all: nobody validates a payment
    that has an answer by which it was not judged."""
    with verifying.serving() as server:
        verifying.use(stage.entity, server)
        batch, actor = scenes.not_verified(stage)
        assert server.asked == []
        unanswered = [("NOAP", "checked", "")] * 3

        def again() -> None:
            installation.send(VERIFY, [batch.pk, actor.pk])

        for table in ("controls_payeeverification", "controls_paymentverification", "transactions_paymentstate"):
            installation.killed_at(table, again)
            assert outcomes(batch) == unanswered
            assert PayeeVerification.objects.count() == 3
        installation.start_worker()
        installation.until(lambda: {row[0] for row in outcomes(batch)} != {"NOAP"}, again)
        installation.until(lambda: {row[1] for row in outcomes(batch)} == {"checked"}, installation.sweep)
        assert outcomes(batch) == [
            ("MTCH", "checked", ""),
            ("NMTC", "checked", "VOP-NO-MATCH"),
            ("CMTC", "checked", ""),
        ]
        assert PayeeVerification.objects.count() == 6
        assert records("payment.rechecked", "payment.held") == {"payment.rechecked": (3, 3), "payment.held": (1, 1)}
        # Whoever was killed asked by the key that its successor asked by.
        assert len({key for key, _number, _name in server.asked}) == 3
