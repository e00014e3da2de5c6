"""A statement is matched when it is committed, and by many workers at once no more than once."""

import threading
from typing import Any

import pytest
from django.db import connection

from backoffice.common import tasks
from controls.models import Match
from controls.reconciliation import acting, running
from tests import people
from tests.controls.reconciliation.scene import NOSTRO, branch, left, matches, operator, sent
from tests.transactions.statements_scene import line, statement
from transactions import ledger
from transactions.models import JournalEntry, PaymentState, StatementLine
from transactions.statements import taking

pytestmark = pytest.mark.django_db(transaction=True)


def brought(stage: people.Stage, *lines: Any) -> None:
    taking.take([statement(*lines, number=NOSTRO)], source=taking.Source(stage.entity), actor=None)


def test_a_statement_is_matched_when_it_is_committed() -> None:
    stage = branch()
    [payment] = sent(stage, "150.00")
    brought(stage, line(1, "-150.00", end_to_end_id=payment.end_to_end_id))
    assert (matches(), PaymentState.objects.get(pk=payment.pk).status) == ([("reference", 1, 1)], "settled")


def at_once(*acts: Any) -> list[str]:
    """Each in a session of its own; what each answered or was refused with."""
    answers: list[str] = []
    gate = threading.Barrier(len(acts))

    def go(act: Any) -> None:
        try:
            gate.wait()
            act()
            answers.append("done")
        except Exception as error:
            answers.append(getattr(error, "code", type(error).__name__))
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_workers_and_a_person_at_once_match_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = branch()
    [payment] = sent(stage, "150.00")
    monkeypatch.setattr(tasks, "_send", lambda *_args: None)
    brought(stage, line(1, "-150.00", end_to_end_id=payment.end_to_end_id))
    run = lambda: running.run([stage.bank.pk])  # noqa: E731
    assert at_once(run, run, run) == ["done"] * 3
    assert (matches(), left()) == ([("reference", 1, 1)], (0, 0))
    assert JournalEntry.objects.filter(payment=payment, kind="settlement").count() == 1
    assert ledger.audit() == []


def test_two_people_at_once_match_once() -> None:
    stage = branch()
    first, second = sent(stage, "150.00", "150.00", end_to_end_id="NOTPROVIDED", remittance="")
    brought(stage, line(1, "-150.00", counterparty_name="Somebody"))
    key = StatementLine.objects.get().pk
    one, other = operator(stage.bank), operator(stage.bank)
    answers = at_once(
        lambda: acting.match(lines=[key], postings=[-first.pk], actor=one),
        lambda: acting.match(lines=[key], postings=[-second.pk], actor=other),
    )
    assert answers == ["done", "match.not_open"]
    assert Match.objects.count() == 1
