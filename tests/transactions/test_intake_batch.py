"""From a received file to payments: what is taken in, what is not, and what is on record."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from backoffice.common import tasks
from backoffice.common.errors import BusinessError, Conflict, Denied
from backoffice.people import roles
from backoffice.people.models import Entity
from documents import attachments
from documents.models import AuditRecord
from tests import database, people
from tests.files import iban, pain001
from tests.transactions.taking_in import said, taken_in
from transactions import intake
from transactions.intake import store, writer
from transactions.models import (
    IntakeProblem,
    IntakeSource,
    Payment,
    PaymentBatch,
    PaymentState,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The tasks that were asked for, in order; none runs."""
    asked: list[tuple[Any, ...]] = []
    for module in (store, intake.door):
        monkeypatch.setattr(module, "enqueue", lambda name, *ids: asked.append((name, *ids)))
    assert tasks.enqueue is not store.enqueue
    return asked


def test_a_file_becomes_payments_with_states_and_records(stage: people.Stage, woken: list[tuple[Any, ...]]) -> None:
    actor = people.person(entity=stage.entity)
    content = pain001(3)
    batch = intake.receive(
        content=content,
        file_name="../dir/wages.xml",
        entity=stage.entity,
        actor=actor,
        channel="file",
        source=stage.source,
    )
    assert (batch.status, batch.file_name, batch.sha256) == (
        "received",
        "wages.xml",
        hashlib.sha256(content).hexdigest(),
    )
    assert attachments.read(batch.attachment) == content
    assert woken == [("transactions.read_batch", batch.pk)]
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert woken[1:] == [("controls.assess_batch", batch.pk)]
    assert (batch.status, batch.format, batch.message_id, batch.initiating_party) == (
        "checking",
        "pain.001.001.09",
        "TEST-1",
        "Fournitures Industrielles Ouest",
    )
    assert (batch.declared_count, batch.declared_sum) == (3, Decimal("30.06"))
    assert (batch.read_count, batch.taken_count, batch.problem_count, batch.batch_count) == (3, 3, 0, 1)
    assert (batch.read_sum, batch.read_sums) == (Decimal("30.06"), {"EUR": "30.06"})
    payments = list(Payment.objects.filter(batch=batch).order_by("position"))
    assert [payment.amount for payment in payments] == [Decimal("10.01"), Decimal("10.02"), Decimal("10.03")]
    first = payments[0]
    assert (first.position, first.kind, first.channel, first.currency) == (1, "sepa", "file", "EUR")
    assert (first.debtor_account, first.debtor_number, first.debtor_bic) == (
        stage.customer,
        people.CUSTOMER_IBAN,
        "PSSTFRPPXXX",
    )
    assert (first.creditor_name, first.creditor_number) == ("Supplier 1", iban(1))
    assert first.creditor_address == {"town": "Köln", "country": "DE"}
    assert (first.instruction_id, first.end_to_end_id, first.remittance) == ("TEST-1-0", "TEST-1-E0", "Invoice 0")
    assert (first.service_level, first.charge_bearer, first.payment_info_id) == ("SEPA", "SLEV", "TEST-1-P")
    assert first.requested_execution_date == date(2026, 11, 24)
    assert first.received_at == batch.created_at
    states = PaymentState.objects.filter(payment__batch=batch).order_by("pk")
    assert [(state.status, state.version, state.entity_id) for state in states] == [
        ("received", 1, stage.entity.pk)
    ] * 3
    records = AuditRecord.objects.filter(action="payment.received").order_by("id")
    assert [(row.subject_id, row.actor_id, row.details) for row in records] == [
        (payment.pk, actor.pk, {"batch": batch.pk, "position": payment.position}) for payment in payments
    ]
    acts = AuditRecord.objects.filter(subject_type="batch", subject_id=batch.pk).order_by("id")
    assert [row.action for row in acts] == ["batch.received", "batch.read"]


def test_reading_twice_changes_nothing(stage: people.Stage, woken: list[tuple[Any, ...]]) -> None:
    batch = taken_in(stage, pain001(3))
    intake.read_batch(batch.pk)
    assert Payment.objects.filter(batch=batch).count() == 3
    assert [name for name, *_ids in woken] == ["transactions.read_batch", "controls.assess_batch"]


@pytest.mark.parametrize(
    ("maker", "machine", "expected"),
    [("importer", False, True), ("importer", True, True), ("sender", False, True), ("sender", True, False)],
    ids=["a person", "a program", "a person for a sender", "a program for a sender"],
)
def test_who_made_the_payments(stage: people.Stage, maker: str, machine: bool, expected: bool) -> None:
    actor = people.person(entity=stage.entity, is_machine=machine)
    source = IntakeSource.objects.create(entity=stage.entity, code="s", name="S", maker=maker)
    batch = taken_in(stage, pain001(1), actor=actor, source=source)
    assert Payment.objects.get(batch=batch).maker == (actor if expected else None)


def test_what_the_console_brings_in_for_a_sender_has_no_maker_here(stage: people.Stage) -> None:
    assert stage.source.maker == "sender"
    batch = taken_in(stage, pain001(1), actor=None)
    assert Payment.objects.get(batch=batch).maker is None


def test_without_a_source_the_importer_made_them(stage: people.Stage) -> None:
    actor = people.person(entity=stage.entity)
    batch = taken_in(stage, pain001(1), actor=actor, source=None)
    assert Payment.objects.get(batch=batch).maker == actor


def test_the_same_file_again_is_refused_and_names_the_first(stage: people.Stage) -> None:
    first = taken_in(stage, pain001(1))
    with pytest.raises(Conflict) as refused:
        taken_in(stage, pain001(1), file_name="other-name.xml")
    assert refused.value.code == "batch.seen_before"
    assert refused.value.params["batch"] == first.pk
    assert str(refused.value).startswith(f"This file was taken in before: file.xml, batch {first.pk}, on ")
    assert PaymentBatch.objects.count() == 1
    assert AuditRecord.objects.filter(action="attachment.stored").count() == 1


def test_another_entity_may_take_the_same_file_in(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    taken_in(stage, pain001(1))
    assert taken_in(other, pain001(1)).status == "checking"


def test_a_refused_file_may_come_again(stage: people.Stage) -> None:
    broken = pain001(2)[:-20]
    first = taken_in(stage, broken)
    assert (first.status, first.refusal_code) == ("refused", "xml.breaks_off")
    assert said(first) == [(0, "xml.breaks_off", "error")]
    assert taken_in(stage, broken).status == "refused"
    assert Payment.objects.count() == 0
    acts = AuditRecord.objects.filter(subject_type="batch", subject_id=first.pk).order_by("id")
    assert [row.action for row in acts] == ["batch.received", "batch.refused"]


def test_a_payment_seen_in_another_file_is_said_and_not_taken_in_again(stage: people.Stage) -> None:
    first = taken_in(stage, pain001(3))
    both = pain001(5).replace(b"<NbOfTxs>5</NbOfTxs>", b"<NbOfTxs>5</NbOfTxs> ")
    second = taken_in(stage, both)
    assert (second.status, second.read_count, second.taken_count, second.problem_count) == ("checking", 5, 2, 3)
    problems = list(IntakeProblem.objects.filter(batch=second, code="payment.seen_before").order_by("position"))
    originals = list(Payment.objects.filter(batch=first).order_by("position"))
    assert [(row.position, row.params["payment"], row.params["batch"]) for row in problems] == [
        (payment.position, payment.pk, first.pk) for payment in originals
    ]
    assert (0, "batch.message_seen", "warning") in said(second)


def test_a_rejected_payment_may_be_sent_again_and_it_is_said(stage: people.Stage) -> None:
    first = taken_in(stage, pain001(1))
    PaymentState.objects.update(status="checked")
    PaymentState.objects.update(status="rejected")
    second = taken_in(stage, pain001(1) + b"\n")
    assert (second.status, second.taken_count) == ("checking", 1)
    assert (1, "payment.sent_again", "warning") in said(second)
    assert [payment.occurrence for payment in Payment.objects.order_by("id")] == [1, 2]
    third = taken_in(stage, pain001(1) + b"\n\n")
    assert (third.status, third.refusal_code) == ("refused", "batch.nothing_taken")
    [problem] = IntakeProblem.objects.filter(batch=third, code="payment.seen_before")
    assert problem.params["batch"] == second.pk
    assert first.pk < second.pk


def test_identical_payments_of_one_file_are_numbered_and_all_taken_in(
    stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when they fall into different chunks: whether they are meant is for the controls."""
    monkeypatch.setattr(writer, "CHUNK", 2)
    row = pain001(1).split(b"<CdtTrfTxInf>")[1].split(b"</CdtTrfTxInf>")[0]
    whole = b"<CdtTrfTxInf>" + row + b"</CdtTrfTxInf>"
    batch = taken_in(stage, pain001(1).replace(whole, whole * 5))
    assert batch.taken_count == 5
    occurrences = Payment.objects.filter(batch=batch).order_by("position").values_list("occurrence", flat=True)
    assert list(occurrences) == [1, 2, 3, 4, 5]


def test_chunks_and_the_thread_give_what_one_piece_gives(stage: people.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CHUNK", 7)
    batch = taken_in(stage, pain001(50))
    assert (batch.taken_count, batch.read_sum) == (50, sum(Decimal(1001 + n) for n in range(50)) / 100)
    payments = Payment.objects.filter(batch=batch).order_by("id")
    assert [payment.position for payment in payments] == list(range(1, 51))
    assert PaymentState.objects.filter(payment__batch=batch).count() == 50


def test_a_file_that_breaks_off_after_chunks_were_stored_leaves_nothing(
    stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK", 10)
    batch = taken_in(stage, pain001(100)[:-30])
    assert (batch.status, batch.refusal_code) == ("refused", "xml.breaks_off")
    assert (Payment.objects.count(), PaymentState.objects.count()) == (0, 0)
    assert not AuditRecord.objects.filter(action="payment.received").exists()


def test_bad_rows_stay_out_and_the_rest_goes_on(stage: people.Stage) -> None:
    content = (
        pain001(4)
        .replace(b">10.01<", b">0.00<")
        .replace(b'Ccy="EUR">10.02', b'Ccy="ZZZ">10.02')
        .replace(b">10.03<", b">10.033<")
    )
    batch = taken_in(stage, content)
    assert (batch.status, batch.taken_count, batch.problem_count) == ("checking", 1, 3)
    problems = IntakeProblem.objects.filter(batch=batch, severity="error").order_by("id")
    assert [(row.position, row.code, row.field, row.value) for row in problems] == [
        (1, "money.not_positive", "amount", "0.00"),
        (2, "money.currency_unknown", "currency", "ZZZ"),
        (3, "money.too_precise", "amount", "10.033"),
    ]
    assert problems[0].path == "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt"
    # What the file holds is summed as it stands there, so that it can be compared with what it declares.
    assert batch.read_sum == Decimal("30.093")
    assert batch.read_sums == {"": "10.02", "EUR": "20.073"}


def test_a_file_of_several_currencies_has_a_sum_for_each(stage: people.Stage) -> None:
    content = (
        pain001(5)
        .replace(b'Ccy="EUR">10.01<', b'Ccy="JPY">1200<')
        .replace(b'Ccy="EUR">10.02<', b'Ccy="JPY">300<')
        .replace(b'Ccy="EUR">10.03<', b'Ccy="TND">1.500<')
    )
    batch = taken_in(stage, content)
    assert (batch.taken_count, batch.read_sum) == (5, Decimal("1521.59"))
    assert batch.read_sums == {"EUR": "20.09", "JPY": "1500", "TND": "1.500"}


def test_what_is_refused_keeps_its_sums_and_a_second_reading_does_not_add_to_them(stage: people.Stage) -> None:
    group = b"<ReqdExctnDt>"
    wrong = pain001(2).replace(group, b"<Strange/>" + group)
    batch = taken_in(stage, wrong)
    assert (batch.status, batch.read_sums) == ("refused", {"EUR": "20.03"})
    again = taken_in(stage, pain001(3).replace(b"</PmtInf>", b"<Strange/></PmtInf>"))
    assert (again.status, again.read_sums) == ("refused", {"EUR": "30.06"})


def test_a_source_that_demands_all_or_nothing_takes_nothing(stage: people.Stage) -> None:
    IntakeSource.objects.filter(pk=stage.source.pk).update(all_or_nothing=True)
    stage.source.refresh_from_db()
    batch = taken_in(stage, pain001(3).replace(b">10.01<", b">0.00<"))
    assert (batch.status, batch.refusal_code, batch.refusal_params) == ("refused", "batch.all_or_nothing", {"count": 1})
    assert (batch.read_count, batch.taken_count, batch.problem_count) == (3, 0, 3)
    assert Payment.objects.count() == 0
    assert [code for _position, code, severity in said(batch) if severity == "error"] == ["money.not_positive"]
    assert taken_in(stage, pain001(3)).status == "checking"


def test_a_group_found_wrong_after_its_payments_is_left_out_whole(
    stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK", 100)
    content = pain001(1_000)
    good = content.index(b"<PmtInf>")
    group = content[good : content.index(b"</PmtInf>")] + b"</PmtInf>"
    broken = group.replace(b"</PmtInf>", b"<Strange/></PmtInf>").replace(b"TEST-1", b"TEST-2")
    batch = taken_in(stage, content.replace(group, broken + group))
    assert (batch.status, batch.read_count, batch.taken_count, batch.problem_count) == ("checking", 2000, 1000, 1000)
    assert not Payment.objects.filter(end_to_end_id__startswith="TEST-2").exists()
    assert [code for _position, code, severity in said(batch) if severity == "error"] == ["schema.unexpected"]


def test_declared_count_and_sum_are_compared_at_both_levels(stage: people.Stage) -> None:
    content = pain001(2).replace(b"<NbOfTxs>2<", b"<NbOfTxs>3<").replace(b"<CtrlSum>20.03<", b"<CtrlSum>20.04<")
    batch = taken_in(stage, content)
    assert batch.status == "checking"
    assert said(batch) == [
        (0, "declared.group_count", "warning"),
        (0, "declared.group_sum", "warning"),
        (0, "declared.file_count", "warning"),
        (0, "declared.file_sum", "warning"),
    ]
    first = IntakeProblem.objects.filter(batch=batch).order_by("id").first()
    assert first is not None
    assert first.params == {"group": 1, "declared": "3", "counted": 2}


def test_rights_and_sources_are_checked_at_the_door(stage: people.Stage) -> None:
    stranger = people.person(entity=Entity.objects.create(code="ELSE", name="Else"))
    auditor = people.person(roles.AUDITOR, entity=stage.entity)
    for actor in (stranger, auditor):
        with pytest.raises(Denied):
            taken_in(stage, pain001(1), actor=actor)
    IntakeSource.objects.filter(pk=stage.source.pk).update(is_active=False)
    stage.source.refresh_from_db()
    with pytest.raises(BusinessError, match="not in use"):
        taken_in(stage, pain001(1))
    assert (PaymentBatch.objects.count(), AuditRecord.objects.filter(subject_type="batch").count()) == (0, 0)


def test_damaged_bytes_are_not_read(stage: people.Stage, woken: list[tuple[Any, ...]]) -> None:
    batch = intake.receive(
        content=pain001(1), file_name="f.xml", entity=stage.entity, actor=None, channel="file", source=stage.source
    )
    batch.attachment.sha256 = "0" * 64
    with pytest.raises(BusinessError, match="fingerprint"), transaction.atomic():
        store._verify(attachments.open_file(PaymentBatch.objects.get(pk=batch.pk).attachment), batch)
    batch.refresh_from_db()
    assert batch.status == "received"


def test_progress_is_live_while_it_reads_and_from_the_row_afterwards(
    stage: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK", 10)
    monkeypatch.setattr(intake.live.Live, "EVERY", 0.0)
    seen: list[dict[str, Any]] = []
    original = intake.live.Live.tell

    def tell(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        monkeypatch.setattr(intake.live.PaymentBatch.objects, "only", _Received)
        seen.append(intake.progress(self.batch_id))

    class _Received:
        """The row as other connections see it during the reading."""

        def __init__(self, *_names: str) -> None: ...

        def get(self, pk: int) -> PaymentBatch:
            return PaymentBatch(pk=pk, status="received")

    monkeypatch.setattr(intake.live.Live, "tell", tell)
    batch = taken_in(stage, pain001(25))
    assert [(one["phase"], one["read"], one["declared"]) for one in seen] == [
        ("reading", 10, 25),
        ("reading", 20, 25),
        ("storing", 25, 25),
    ]
    monkeypatch.undo()
    now = intake.progress(batch.pk)
    assert (now["phase"], now["read"], now["taken"], now["checked"], now["finished"]) == ("checking", 25, 25, 0, False)


def test_a_cache_that_does_not_answer_costs_nothing(stage: people.Stage, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "backoffice.common.cache.SealedCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }
    batch = taken_in(stage, pain001(2))
    assert batch.status == "checking"
    assert intake.progress(batch.pk)["read"] == 2


def test_the_database_refuses_payments_that_name_what_is_not_of_their_entity(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    batch = taken_in(stage, pain001(1))
    PaymentState.objects.update(status="checked")
    for change in (
        {"debtor_account": other.customer},
        {"creditor_account": other.customer},
        {"entity": other.entity},
        {"batch_id": batch.pk + 1000},
        {"maker_id": 999_999_999},
        {"payee_id": 999_999_999},
    ):
        with pytest.raises(IntegrityError, match="not there or not of its entity"), transaction.atomic():
            database.update(Payment.objects.filter(batch=batch), **change)


def test_import_file_by_the_console(stage: people.Stage, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(2))
    actor = people.person(entity=stage.entity)
    call_command(
        "import_file", str(path), "--entity", stage.entity.code, "--source", "treasurer", "--as", actor.email, "--now"
    )
    batch = PaymentBatch.objects.get()
    assert (batch.channel, batch.imported_by, batch.source, batch.taken_count) == ("command", actor, stage.source, 2)
    assert capsys.readouterr().out == (f"Batch {batch.pk}: checking, 2 payments read, 2 taken in, 0 not taken in.\n")
    with pytest.raises(CommandError, match="taken in before"):
        call_command("import_file", str(path), "--entity", stage.entity.code)
    for options, words in (
        (["--entity", "NONE"], "no entity NONE"),
        (["--entity", stage.entity.code, "--source", "x"], "no source x"),
        (["--entity", stage.entity.code, "--as", "x@y.org"], "no active person"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("import_file", str(path), *options)
