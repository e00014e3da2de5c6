"""The real files through the door: what is counted is what is expected, and what can be taken in is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from conftest import SHARED
from tests import people
from transactions import intake
from transactions.intake import check
from transactions.models import Payment, PaymentBatch

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the real files of ../shared/data are not here")


def expected() -> dict[str, dict[str, Any]]:
    if not (SHARED / "expected.json").exists():
        return {}
    files = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return {name: facts for name, facts in files.items() if facts["kind"] == "pain001"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(expected()))
def test_the_door_counts_what_is_expected(name: str) -> None:
    facts = expected()[name]
    stage = people.bank_branch()
    batch = intake.receive(
        content=(SHARED / name).read_bytes(),
        file_name=name,
        entity=stage.entity,
        actor=None,
        channel="file",
        source=stage.source,
    )
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.read_count, batch.read_sum, batch.batch_count, batch.message_id) == (
        facts["payments"],
        Decimal(facts["control_sum"]),
        facts["batches"],
        facts["message_id"],
    )
    declared = facts["declared_nb_of_txs"]
    assert batch.declared_count == (None if declared is None else int(declared))
    if not facts["payments"]:
        assert (batch.status, batch.refusal_code) == ("refused", "batch.nothing_taken")
        return
    assert batch.status in {"checking", "ready"}
    payments = Payment.objects.filter(batch=batch)
    assert payments.count() == batch.taken_count == facts["payments"]
    assert sum(payment.amount for payment in payments) == Decimal(facts["control_sum"])
    currencies = facts["currency"] if isinstance(facts["currency"], list) else [facts["currency"]]
    assert sorted({payment.currency for payment in payments}) == sorted(currencies)


@pytest.mark.django_db
def test_a_file_of_the_same_payments_in_another_version_is_recognised() -> None:
    """Two real files hold the same payments, one in the German variant of the format."""
    stage = people.bank_branch()
    batches: list[PaymentBatch] = []
    for name in ("sepaking-pain.001.001.03.xml", "sepaking-pain.001.002.03.xml"):
        batch = intake.receive(
            content=(SHARED / "pain001" / name).read_bytes(),
            file_name=name,
            entity=stage.entity,
            actor=None,
            channel="file",
            source=stage.source,
        )
        intake.read_batch(batch.pk)
        batches.append(PaymentBatch.objects.get(pk=batch.pk))
    assert [batch.taken_count for batch in batches] == [2, 0]
    said = batches[1].problems.filter(code="payment.seen_before").order_by("position")
    assert [problem.params["batch"] for problem in said] == [batches[0].pk] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted((SHARED / "bank_csv").glob("*.csv")), ids=lambda path: path.name)
def test_statements_as_csv_are_refused_with_a_word(path: Any) -> None:
    """They tell what happened, not what to pay: they are named, and no payment of them is taken in by mistake."""
    assert check.check(path.read_bytes(), path.name).facts["kind"] == "bank_csv"
    stage = people.bank_branch()
    batch = intake.receive(
        content=path.read_bytes(), file_name=path.name, entity=stage.entity, actor=None, channel="file",
        source=stage.source,
    )  # fmt: skip
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.taken_count, batch.status) == (0, "refused")
