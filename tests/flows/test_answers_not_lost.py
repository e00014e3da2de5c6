"""A worker is killed while it applies what the bank answers: the message is applied whole and once, or still waits."""

from decimal import Decimal
from typing import Any

import pytest

from backoffice.common import sql, tasks
from controls import approvals
from controls.models import ApprovalPolicy
from tests import files, people
from tests.flows.installation import Installation
from transactions import ledger, messages, settlement, workflow
from transactions.models import AccountBalance, BankMessage, OutgoingFile

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COUNT = 200


@pytest.fixture
def stage(fresh_database: Any) -> people.Stage:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "5000000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def sent(stage: people.Stage) -> tuple[OutgoingFile, list[int]]:
    ids = [people.payment(stage, amount="10.00").pk for _number in range(COUNT)]
    assert all(answer.done for answer in approvals.validate(ids=ids, actor=people.person()))
    assert all(answer.done for answer in workflow.approve(ids=ids, actor=people.person()))
    assert all(answer.done for answer in workflow.post(ids=ids))
    supervisor = people.person("supervisor")
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    settlement.send(file_id=file.pk, actor=supervisor)
    return file, ids


def counts() -> dict[str, int]:
    return dict(sql.rows("select status, count(*) from transactions_paymentstate group by status"))


def records(*actions: str) -> dict[str, tuple[int, int]]:
    """How many of each act, and on how many different payments."""
    found = sql.rows(
        "select action, count(*), count(distinct subject_id) from documents_auditrecord "
        "where action = any(%s) group by 1",
        [list(actions)],
    )
    return {action: (count, subjects) for action, count, subjects in found}


def test_a_worker_killed_while_it_applies_an_answer(
    installation: Installation, stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(tasks, "_send", lambda *_: None)
        file, ids = sent(stage)
        said = [{"instruction": f"P{key}", "status": "RJCT", "reason": "AC04"} for key in ids[::2]]
        content = files.pain002(file.message_id, group="ACSC", payments=said, version="12")
        message = messages.receive(content=content, file_name="answer.xml", entity=stage.entity, actor=None)
    for table in ("transactions_journalentry", "transactions_messageitem", "documents_auditrecord"):
        installation.killed_at(table)
        assert BankMessage.objects.get(pk=message.pk).status == "received"
        assert counts() == {"sent": COUNT}, "whole or not at all"
        assert records("payment.answered", "payment.returned", "payment.settled") == {}
        assert ledger.audit() == []
    installation.start_worker()
    for _time in range(2):
        installation.send("transactions.read_message", [message.pk])
    installation.until(lambda: BankMessage.objects.get(pk=message.pk).status == "applied", installation.sweep)
    assert counts() == {"returned": COUNT // 2, "settled": COUNT // 2}
    assert records("payment.answered", "payment.returned", "payment.settled") == {
        "payment.returned": (COUNT // 2, COUNT // 2),
        "payment.settled": (COUNT // 2, COUNT // 2),
        "payment.answered": (COUNT, COUNT),
    }
    kinds = dict(
        sql.rows("select kind, count(*) from transactions_journalentry where payment_id is not null group by 1")
    )
    assert kinds == {"posting": COUNT, "settlement": COUNT // 2, "reversal": COUNT // 2}
    balance = AccountBalance.objects.get(account=stage.customer)
    assert (balance.balance, balance.held) == (Decimal("5000000.00") - 10 * COUNT // 2, 0)
    assert OutgoingFile.objects.get().status == "settled"
    assert ledger.audit() == []
