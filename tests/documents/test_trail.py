"""Acts and their records share a transaction; the application can add to the trail and nothing else."""

import hashlib
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from documents import trail
from documents.models import AuditRecord

pytestmark = pytest.mark.django_db


def expected_digest(fields: list[str | None]) -> bytes:
    """The frozen bytes: each field is its length in bytes, a colon and the field; a missing one is a minus."""
    encoded = [b"-" if field is None else f"{len(field.encode())}:".encode() + field.encode() for field in fields]
    return hashlib.sha256(b"".join(encoded)).digest()


def test_digest_is_the_frozen_encoding_of_the_record() -> None:
    with transaction.atomic():
        trail.record(
            "payment.amended",
            subject_type="payment",
            subject_id=7,
            entity_id=3,
            actor=None,
            reason="Libellé erroné",
            data={"field": "creditor_name", "old": "Kervella", "new": "Kervélla"},
        )
    row = AuditRecord.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("select digest, (extract(epoch from occurred_at)*1000000)::bigint from documents_auditrecord")
        digest, microseconds = cursor.fetchone()
    assert bytes(digest) == expected_digest(
        [
            str(row.pk),
            str(microseconds),
            "3",
            "payment",
            "7",
            "payment.amended",
            None,
            "Libellé erroné",
            '{"field":"creditor_name","new":"Kervélla","old":"Kervella"}',
        ]
    )


def test_many_acts_are_written_the_same_way_as_one() -> None:
    with transaction.atomic():
        trail.record_many(
            "payment.held",
            subject_type="payment",
            actor=None,
            subjects=[(number, 1, {"n": "tab\there"}) for number in range(60)],
        )
    assert AuditRecord.objects.count() == 60
    assert AuditRecord.objects.first().details == {"n": "tab\there"}


@pytest.mark.parametrize(
    "statement",
    [
        "update documents_auditrecord set reason = 'x'",
        "delete from documents_auditrecord",
        "truncate documents_auditrecord",
    ],
)
def test_the_application_cannot_change_the_trail(statement: str) -> None:
    with transaction.atomic():
        trail.record("user.signed_in", subject_type="user", subject_id=1, entity_id=None, actor=None)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditRecord.objects.count() == 1


def test_the_digest_cannot_be_chosen() -> None:
    with pytest.raises(ProgrammingError, match="digest"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into documents_auditrecord (subject_type, subject_id, action, digest) "
            "values ('payment', 1, 'x', '\\x00')"
        )


def test_a_record_outside_a_transaction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError, match="transaction of the act"):
        trail.record("user.signed_in", subject_type="user", subject_id=1, entity_id=None, actor=None)
