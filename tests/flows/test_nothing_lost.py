"""Nothing lost, nothing twice: workers killed, the broker gone, eight hands on the same thing at once."""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction

from backoffice.common import sql, tasks
from backoffice.common.errors import Conflict
from controls import approvals
from controls.models import ApprovalPolicy
from controls.rules import rulesets
from tests import files, people
from tests.flows.installation import Installation, wait_for
from transactions import intake, ledger, workflow
from transactions.models import AccountBalance, PaymentApproval, PaymentBatch

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# So many are checked in two parts at the same time.
COUNT = 4_000


@pytest.fixture
def stage(fresh_database: Any) -> people.Stage:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "5000000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def counts() -> dict[str, int]:
    return dict(sql.rows("select status, count(*) from transactions_paymentstate group by status"))


def records(action: str) -> tuple[int, int]:
    """How many records of an act, and on how many different payments."""
    return sql.rows(
        "select count(*), count(distinct subject_id) from documents_auditrecord where action = %s", [action]
    )[0]


def assert_whole(expected: int) -> None:
    """Every payment once, each with its state and its record of arrival; the books agree with themselves."""
    assert sql.rows("select count(*) from transactions_payment")[0][0] == expected
    assert sum(counts().values()) == expected
    assert records("payment.received") == (expected, expected)
    assert ledger.audit() == []


def test_a_worker_killed_while_it_reads_or_checks(
    installation: Installation, stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed three times while it reads, then three times while two sessions of it check."""
    monkeypatch.setattr(tasks, "_send", installation.send)
    with transaction.atomic():
        rulesets.current()  # the first check writes which rules there are, and a second one waits for that
    intake.receive(
        content=files.pain001(COUNT), file_name="large.xml", entity=stage.entity, actor=None, channel="command",
        source=stage.source,
    )  # fmt: skip
    for table in ("transactions_paymentstate", "documents_auditrecord", "transactions_paymentbatch"):
        installation.killed_at(table)
        assert_whole(0)
        assert PaymentBatch.objects.get().status == "received"
    installation.start_worker()
    installation.until(lambda: PaymentBatch.objects.get().status == "checking", installation.sweep)
    installation.kill_workers()
    assert_whole(COUNT)
    # The last of these tables comes after the payments were committed: what is missing is the count of the file alone.
    for table in ("controls_assessment", "documents_auditrecord", "transactions_paymentbatch"):
        installation.killed_at(table, waiting=min(2, os.cpu_count() or 1))
        assert_whole(COUNT)
        batch, checked = PaymentBatch.objects.get(), counts().get("checked", 0)
        assert records("payment.checked") == (checked, checked)
        assert (batch.status, batch.checked_count) == ("checking", 0)
    installation.start_worker()
    installation.until(lambda: PaymentBatch.objects.get().status == "ready", installation.sweep)
    assert_whole(COUNT)
    assert counts() == {"checked": COUNT}
    assert records("payment.checked") == (COUNT, COUNT)
    assert records("batch.ready") == (1, 1)
    assert PaymentBatch.objects.get().checked_count == COUNT


def test_a_worker_killed_while_it_posts(
    installation: Installation, stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, part = 600, 200
    monkeypatch.setattr(tasks, "_send", lambda *_: None)
    ids = [people.payment(stage, amount="10.00").pk for _number in range(count)]
    assert all(answer.done for answer in approvals.validate(ids=ids, actor=people.person()))
    assert all(answer.done for answer in workflow.approve(ids=ids, actor=people.person()))
    assert counts() == {"approved": count}
    moved = 0
    for table in ("transactions_posting", "transactions_payee", "documents_auditrecord"):
        installation.killed_at(table)
        assert ledger.audit() == []
        assert counts().get("posted", 0) == moved
        assert records("payment.posted") == (moved, moved)
        if table == "transactions_payee":
            installation.start_worker()
            installation.until(
                lambda: counts().get("posted"), lambda: installation.send("transactions.post", [ids[:part]])
            )
            moved = part
    installation.start_worker()
    for _time in range(2):
        installation.send("transactions.post", [ids])
    installation.until(lambda: counts() == {"posted": count}, installation.sweep)
    assert records("payment.posted") == (count, count)
    assert sql.rows("select count(*) from transactions_journalentry where kind = 'posting'")[0][0] == count
    balance = AccountBalance.objects.get(account=stage.customer)
    assert (balance.balance, balance.held) == (Decimal("5000000.00") - 10 * count, 0)
    assert ledger.audit() == []


def test_the_broker_is_gone_while_files_are_brought_in(installation: Installation, stage: people.Stage) -> None:
    path = installation.folder / "one.xml"
    path.write_bytes(files.pain001(50))
    installation.valkey.stop()
    began = time.monotonic()
    done = installation.command("import_file", str(path), "--entity", stage.entity.code)
    assert time.monotonic() - began < 60, "a broker that is down does not keep people waiting"
    assert done.returncode == 0, done.stderr
    assert PaymentBatch.objects.get().status == "received"
    installation.valkey.start()
    installation.start_worker()
    installation.sweep()
    wait_for(lambda: PaymentBatch.objects.get().status == "ready", seconds=60)
    assert_whole(50)


def together(act: Any, hands: int = 8) -> list[Any]:
    """Run ``act(n)`` in so many threads, begun at the same moment, each with its own connection."""
    barrier = threading.Barrier(hands)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(one, range(hands)))


def test_eight_people_approve_the_same_payments_at_once(stage: people.Stage) -> None:
    ids = [people.payment(stage, amount="100.00").pk for _ in range(40)]
    approvals.validate(ids=ids, actor=people.person())
    approvers = [people.person() for _ in range(8)]
    order = [random.Random(number).sample(ids, len(ids)) for number in range(8)]
    results = together(lambda n: workflow.approve(ids=order[n], actor=approvers[n]))
    assert all(isinstance(result, list) for result in results), results
    done = [answer.payment_id for result in results for answer in result if answer.done]
    assert sorted(done) == sorted(ids), "each payment is approved by exactly one of them"
    codes = {answer.code for result in results for answer in result if not answer.done}
    assert codes <= {"payment.wrong_status"}
    assert PaymentApproval.objects.filter(stage=1).count() == len(ids)
    assert counts() == {"posted": len(ids)}
    balance = AccountBalance.objects.get(account=stage.customer)
    assert (balance.balance, balance.held) == (Decimal("5000000.00") - 4000, 0)
    assert ledger.audit() == []


def test_eight_people_spend_the_last_funds_at_once(fresh_database: Any) -> None:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "500.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    ids = [people.payment(stage, amount="100.00").pk for _ in range(8)]
    approvals.validate(ids=ids, actor=people.person())
    approvers = [people.person() for _ in range(8)]
    results = together(lambda n: workflow.approve(ids=[ids[n]], actor=approvers[n]))
    answers = [result[0] for result in results]
    assert sorted(answer.code for answer in answers) == [""] * 5 + ["payment.AM04"] * 3
    balance = AccountBalance.objects.get(account=stage.customer)
    assert (balance.balance, balance.held) == (0, 0)
    assert ledger.audit() == []


def test_eight_people_bring_the_same_file_in_at_once(stage: people.Stage) -> None:
    content = files.pain001(200)
    results = together(
        lambda n: intake.receive(
            content=content, file_name=f"copy{n}.xml", entity=stage.entity, actor=None, channel="file",
            source=stage.source,
        )
    )  # fmt: skip
    taken = [result for result in results if isinstance(result, PaymentBatch)]
    refused = [result for result in results if isinstance(result, Conflict)]
    assert (len(taken), len(refused)) == (1, 7), results
    assert {error.code for error in refused} == {"batch.seen_before"}
    assert PaymentBatch.objects.count() == 1
    assert_whole(200)


def test_eight_people_take_the_next_and_nobody_gets_the_same(stage: people.Stage) -> None:
    ids = [people.payment(stage).pk for _ in range(8)]
    actors = [people.person() for _ in range(8)]
    taken = together(lambda n: workflow.take_next(actor=actors[n]))
    assert sorted(taken) == sorted(ids)


def test_the_same_api_call_from_eight_clients_is_one_payment(stage: people.Stage) -> None:
    from django.test import Client

    from backoffice.people import tokens

    operator = people.person()
    _token, secret = tokens.issue(
        user=operator, name="Program", scopes=["payment.create", "payment.view"], actor=operator
    )  # fmt: skip
    payment = {
        "debtor_account": stage.customer.iban, "creditor_name": "Kervella Matériaux SARL",
        "creditor_account": people.PAYEE_IBAN, "amount": "125.00", "currency": "EUR",
        "requested_execution_date": "2026-11-25", "end_to_end_id": "ONCE-1",
    }  # fmt: skip
    body = {"entity": stage.entity.pk, "payments": [payment]}

    def call(_number: int) -> tuple[int, bytes]:
        response = Client().post(
            "/api/v1/payments", body, content_type="application/json",
            headers={"authorization": f"Bearer {secret}", "idempotency-key": "the-same"},
        )  # fmt: skip
        return response.status_code, response.content

    results = together(call)
    statuses = sorted(result[0] for result in results)
    assert all(status in {201, 409} for status in statuses), results
    assert len({content for status, content in results if status == 201}) == 1, "the same answer to the same call"
    assert_whole(1)
    assert call(0)[0] == 201
    assert_whole(1)


def test_the_suite_runs_as_the_application(stage: people.Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("backoffice",)
    assert os.environ["DATABASE_URL"].startswith("postgresql://backoffice@")
