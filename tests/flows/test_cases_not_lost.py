"""Alerts, cases and what should come: workers killed at each commit, or two at it at once, do it once."""

from collections.abc import Iterator

import pytest

from backoffice.common import tasks
from tests.flows import casework as scenes
from tests.flows.killing import COMMIT, WRITE, Clock, Scenario, end_all

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RAISE, WATCH = "controls.raise_alerts", "controls.watch_cases"
SCENARIOS = [
    Scenario(
        RAISE, scenes.findings_to_raise, 2, {"case.opened": 1}, clock=WATCH,
        looked=([("changed_details", "open", 2, 2)], 0),
    ),
    Scenario("controls.score", scenes.checked_to_score, 2, {"case.opened": 1}, clock="controls.score",
             looked=([("duplicate", "open", 1, 1)], 2, 2, 0)),
    Scenario(
        WATCH, scenes.cases_whose_moment_came, 2, {"case.came_back": 1, "case.overdue": 1}, clock=WATCH,
        looked=[("open", False), ("open", True)],
    ),
    Scenario(
        "controls.learn_expected_of", scenes.rhythms_to_learn, 4, {"expectation.learnt": 1},
        clock="controls.learn_expected", looked=([], 0, []),
    ),
    Scenario(
        "controls.look_expected_of", scenes.days_that_passed, 4, {"case.opened": 1}, clock="controls.look_expected",
        looked=(["missing", *["awaited"] * 6], 1, [("missing", "open", 1, 1)]),
    ),
]  # fmt: skip


@pytest.fixture
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Nothing of the product is sent: what is enqueued waits for the test."""
    made = Clock()
    monkeypatch.setattr(tasks, "_send", made.send)
    yield made
    end_all()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.task for scenario in SCENARIOS])
def test_it_is_done_once(clock: Clock, scenario: Scenario) -> None:
    once = clock.run(scenario, "ONCE", clock.undisturbed)
    assert (once.acts, once.looked) == (scenario.acts, scenario.looked)
    assert clock.run(scenario, "LOST", clock.lost) == once
    assert clock.run(scenario, "KILLED", clock.killed) == once
    assert clock.kills == scenario.kills
    for stop in (WRITE, COMMIT):
        assert clock.run(scenario, f"AT-{stop}", clock.overtaken(stop)) == once
    assert clock.run(scenario, "LEFT", clock.inherited) == once
