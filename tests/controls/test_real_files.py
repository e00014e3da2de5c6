"""Real files through the door: whatever is taken in is checked, and the file is ready."""

from pathlib import Path
from typing import Any

import pytest

from conftest import SHARED
from controls import queries
from controls.models import Assessment
from tests import people
from transactions import intake
from transactions.models import Hold, Payment, PaymentBatch, PaymentState

FOLDER = SHARED / "pain001"
FILES = sorted(FOLDER.glob("*.xml")) if FOLDER.is_dir() else []

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILES, reason=f"the shared sample files are not at {FOLDER}"),
]


@pytest.fixture
def stage(settings: Any, tmp_path: Path) -> people.Stage:
    settings.MEDIA_ROOT = tmp_path
    return people.bank_branch()


def taken_in(stage: people.Stage, file: Path, capture: Any) -> PaymentBatch:
    with capture(execute=True):
        batch = intake.receive(
            content=file.read_bytes(), file_name=file.name, entity=stage.entity, actor=None, channel="command",
            source=stage.source,
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_what_is_taken_in_is_checked(
    stage: people.Stage, file: Path, django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    batch = taken_in(stage, file, django_capture_on_commit_callbacks)
    if batch.status == PaymentBatch.Status.REFUSED:
        assert not Payment.objects.filter(batch=batch).exists()
        return
    assert (batch.status, batch.checked_count) == ("ready", batch.taken_count)
    keys = list(Payment.objects.filter(batch=batch).values_list("pk", flat=True))
    assert len(keys) == batch.taken_count > 0
    assert set(PaymentState.objects.filter(pk__in=keys).values_list("status", flat=True)) == {"checked"}
    assert Assessment.objects.filter(payment__in=keys).count() == len(keys)
    # The samples are years old and their accounts are nobody's here: each of them waits, and says why in words.
    for key, findings in queries.findings(keys).items():
        codes = {finding.rule_code for finding in findings}
        assert {"ACCOUNT-UNKNOWN", "DATE-PAST"} <= codes
        assert all("{" not in finding.sentence and finding.sentence for finding in findings)
        held = {finding.rule_code for finding in findings if finding.action in {"hold", "reject"}}
        assert set(Hold.objects.filter(payment=key, lifted_at=None).values_list("rule_code", flat=True)) == held
