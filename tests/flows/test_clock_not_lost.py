"""What the clock does, and what is sent for later: killed at each commit, or run twice at once, it is done once.

Each scene is gone through undisturbed; with its task lost; killed before and after every commit; overtaken by a second
worker where it begins to write and where all is written; and killed there while the second waits. Whatever the way, it
leaves the same rows, records, states and balances, and the books agree.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from backoffice.common import calendars, tasks
from controls import assess, straight
from tests.flows import clockwork as scenes
from tests.flows.killing import COMMIT, WRITE, Clock, Scenario, end_all
from transactions import cut_offs
from transactions.standing import runs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STANDING, INSTANT = "transactions.standing", "transactions.watch_instant"
SCENARIOS = [
    Scenario(
        STANDING, scenes.orders_that_fall_due, 4,
        {
            "standing.made": 4, "standing.completed": 1, "attachment.stored": 2, "batch.received": 2, "batch.read": 2,
            "payment.received": 4, "payment.checked": 4, "batch.ready": 2,
        },
        clock=STANDING, small=((runs, "CHUNK", 2),),
    ),
    # Whether the day is open decides whether missing funds count.
    Scenario(
        "transactions.execute_standing", scenes.orders_to_execute, 6,
        {
            "payment.executed": 1, "payment.funds_reserved": 1, "payment.posted": 1, "payee.learnt": 1,
            "standing.short": 1, "standing.given_up": 1, "payment.rejected": 1,
        },
        clock=STANDING, small=((runs, "CHUNK", 1), (calendars, "is_open", lambda _day: True)),
    ),
    Scenario(
        "transactions.send_instant", scenes.instants_to_send, 8,
        {"attachment.stored": 2, "outgoing.prepared": 2, "outgoing.sent": 2, "payment.sent": 3}, clock=INSTANT,
    ),
    Scenario(
        INSTANT, scenes.instants_to_watch, 6,
        {
            "payment.unanswered": 2, "attachment.stored": 1, "outgoing.prepared": 1, "outgoing.sent": 1,
            "payment.sent": 1,
        },
        clock=INSTANT,
    ),
    Scenario(
        "transactions.post", scenes.windows_that_elapse, 4,
        {
            "payment.posted": 3, "payment.settled": 2, "payee.learnt": 2, "attachment.stored": 1,
            "outgoing.prepared": 1, "outgoing.sent": 1, "payment.sent": 1,
        },
        clock=INSTANT,
    ),
    Scenario(
        "transactions.send_due", scenes.files_at_their_cut_off, 6, {"attachment.stored": 3, "outgoing.prepared": 3},
        clock="transactions.send_due",
    ),
    Scenario(
        "transactions.transmit_due", scenes.acknowledgements_that_are_late, 2, {"outgoing.unacknowledged": 2},
        clock="transactions.transmit_due",
    ),
    Scenario(
        "transactions.recall_deadlines", scenes.recalls_whose_day_has_passed, 2,
        {"recall.expired": 3, "payment.recall_expired": 3}, clock="transactions.recall_deadlines",
    ),
    Scenario(
        "transactions.holds_due", scenes.holds_whose_moment_came, 2, {"payment.lifted": 2, "payment.hold_due": 1}
    ),
    Scenario(
        "transactions.requests_overdue", scenes.requests_that_nobody_answered, 2, {"payment.request_overdue": 2},
        looked=[True] * 3,
    ),
    Scenario(
        "transactions.renew_cut_offs", scenes.cut_offs_that_changed, 8, {"entity.cut_offs_renewed": 1},
        looked=["11:17"] * 5,
        small=((cut_offs, "CHUNK", 2),),
    ),
    Scenario(
        "controls.assess_batch", scenes.payments_to_check, 8, {"payment.checked": 5, "batch.ready": 1},
        looked=("ready", 5, 5), clock="controls.score", small=((assess, "CHUNK", 3),),
    ),
    Scenario(
        "controls.straight", scenes.payments_to_let_go, 4,
        {"payment.passed_straight": 4, "payment.funds_reserved": 4, "payment.posted": 4},
        small=((straight, "CHUNK", 2),), waits=True,
    ),
    Scenario(
        "transactions.sweep", scenes.what_waits_too_long, 1,
        {
            "batch.read": 1, "payment.received": 2, "payment.checked": 3, "payment.held": 2, "batch.ready": 1,
            "payment.posted": 1, "payee.learnt": 1, "payment.lifted": 1,
        },
        sends=True,
    ),
    Scenario(
        "webhooks.follow", scenes.acts_to_be_told, 4, rows={"webhooks_event": 3, "webhooks_delivery": 6},
        clock="webhooks.follow", left="webhooks.deliver",
    ),
    Scenario(
        "webhooks.forget", scenes.deliveries_to_forget, 2, rows={"webhooks_delivery": -3, "webhooks_attempt": -3},
        looked=[("Treasury", "done", 0)] * 3, clock="webhooks.forget",
    ),
    Scenario(
        "people.forget_idempotency_keys", scenes.keys_to_forget, 4, rows={"people_idempotencykey": -3}, looked=["3"],
        clock="people.forget_idempotency_keys",
    ),
]  # fmt: skip


@pytest.fixture
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Clock]:
    """Nothing of the product is sent or called: what is enqueued waits for the test."""
    settings.WEBHOOKS_LOOPBACK = True
    made = Clock()
    monkeypatch.setattr(tasks, "_send", made.send)
    yield made
    end_all()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.task for scenario in SCENARIOS])
def test_it_is_done_once(clock: Clock, scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name, value in scenario.small:
        monkeypatch.setattr(place, name, value)
    once = clock.run(scenario, "ONCE", clock.undisturbed)
    assert once.acts == scenario.acts
    assert once.rows == (scenario.rows or once.rows)
    assert once.looked == (scenario.looked or once.looked)
    assert clock.run(scenario, "KILLED", clock.killed) == once
    assert clock.kills == scenario.kills
    if scenario.sends:
        return
    if not scenario.waits and scenario.clock != scenario.task:
        assert clock.run(scenario, "LOST", clock.lost) == once
    for stop in (WRITE, COMMIT):
        assert clock.run(scenario, f"AT-{stop}", clock.overtaken(stop)) == once
    assert clock.run(scenario, "LEFT", clock.inherited) == once
