"""From a received file to payments: what is taken in, what is not, and what is on record."""

from decimal import Decimal

import pytest

from documents.models import AuditRecord
from tests import people
from tests.files import pain001
from transactions import intake
from transactions.models import IntakeProblem, Payment, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def test_a_file_becomes_payments_with_states_and_records(stage: people.Stage) -> None:
    actor = people.person(entity=stage.entity)
    batch = intake.receive(
        content=pain001(3), file_name="wages.xml", entity=stage.entity, actor=actor, channel="file", source=stage.source
    )
    assert batch.status == "received"
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.refusal_code) == ("checking", "")
    assert Payment.objects.filter(batch=batch).count() == 3
