"""Files for the bank: valid, complete, once."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from backoffice.common.errors import BusinessError, Conflict, Denied
from documents import attachments
from documents.models import AuditRecord
from tests import people
from tests.files import iban
from transactions import outgoing, settlement
from transactions.models import OutgoingFile, OutgoingItem, PaymentState
from transactions.writers import characters, pain001

pytestmark = pytest.mark.django_db
SCHEMA = etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_bytes()))
NS = {"p": pain001.NAMESPACE}


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def document(file: OutgoingFile) -> Any:
    assert file.attachment is not None
    root = etree.fromstring(attachments.read(file.attachment))
    SCHEMA.assertValid(root)
    return root


def test_a_file_holds_every_waiting_payment_of_the_account_and_day(stage: people.Stage) -> None:
    day = date(2030, 12, 3)
    mine = [people.payment(stage, amount=f"{n}.10", status="posted", requested_execution_date=day) for n in (1, 2, 3)]
    people.payment(stage, status="approved", requested_execution_date=day)
    later = people.payment(stage, status="posted", requested_execution_date=date(2030, 12, 4))
    supervisor = people.person("supervisor")
    first, second = settlement.prepare(account=stage.customer, actor=supervisor)
    root = document(first)
    assert root.findtext(".//p:GrpHdr/p:NbOfTxs", namespaces=NS) == "3"
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS) == "6.30"
    assert root.findtext(".//p:ReqdExctnDt/p:Dt", namespaces=NS) == "2030-12-03"
    assert [e.text for e in root.iterfind(".//p:InstdAmt", NS)] == ["1.10", "2.10", "3.10"]
    assert [e.text for e in root.iterfind(".//p:EndToEndId", NS)] == [payment.end_to_end_id for payment in mine]
    assert (first.payment_count, first.control_sum) == (3, Decimal("6.30"))
    assert list(second.items.values_list("payment_id", flat=True)) == [later.pk]
    assert settlement.prepare(account=stage.customer, actor=supervisor) == [], "nothing waits any more"


def test_no_payment_is_ever_in_two_files(stage: people.Stage) -> None:
    payment = people.payment(stage, status="posted")
    file = settlement.prepare(account=stage.customer, actor=people.person("supervisor"))[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingItem.objects.create(payment=payment, file=file)


def test_files_are_prepared_at_the_cut_off_and_not_before(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(15, 30), account=stage.customer)
    people.payment(
        stage, status="posted", requested_execution_date=date(2026, 11, 24),
        received_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    )  # fmt: skip
    assert settlement.prepare_due(datetime(2026, 11, 24, 14, 29, tzinfo=UTC)) == []
    assert len(settlement.prepare_due(datetime(2026, 11, 24, 14, 30, tzinfo=UTC))) == 1, "15:30 in Paris"


def test_without_a_cut_off_files_go_at_once(stage: people.Stage) -> None:
    people.payment(stage, status="posted", requested_execution_date=date(2027, 1, 4))
    assert len(settlement.prepare_due()) == 1


def test_transfers_between_own_accounts_never_go_to_the_bank(stage: people.Stage) -> None:
    people.payment(stage, status="posted", kind="internal")
    assert settlement.prepare_due() == []


def test_sending_happens_once(stage: people.Stage) -> None:
    payment, supervisor = people.payment(stage, status="posted"), people.person("supervisor")
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    settlement.send(file_id=file.pk, actor=supervisor)
    assert PaymentState.objects.get(pk=payment.pk).status == "sent"
    dropped = Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml"
    assert dropped.read_bytes() == attachments.read(file.attachment)
    dropped.unlink()
    with pytest.raises(Conflict) as refusal:
        settlement.send(file_id=file.pk, actor=supervisor)
    assert refusal.value.code == "outgoing.sent_before"
    outgoing.drop(file.message_id, b"again")
    assert not dropped.exists(), "what the connector took is not put there again"
    records = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk)
    assert list(records.values_list("action", flat=True)) == ["payment.sent"]


def test_operators_prepare_send_and_confirm_nothing(stage: people.Stage) -> None:
    people.payment(stage, status="posted")
    operator, supervisor = people.person(), people.person("supervisor")
    elsewhere = people.person("supervisor", entity=people.bank_branch("X", iban="FR7630006000011234567890189").entity)
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    for actor in (operator, elsewhere):
        for act in (
            lambda: settlement.prepare(account=stage.customer, actor=actor),  # noqa: B023
            lambda: settlement.send(file_id=file.pk, actor=actor),  # noqa: B023
            lambda: settlement.confirm(file_id=file.pk, actor=actor, value_date=date(2026, 11, 24)),  # noqa: B023
        ):
            with pytest.raises(Denied):
                act()
    assert OutgoingFile.objects.get().status == "prepared"


def test_what_was_not_sent_is_not_confirmed(stage: people.Stage) -> None:
    people.payment(stage, status="posted")
    supervisor = people.person("supervisor")
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    with pytest.raises(BusinessError) as refusal:
        settlement.confirm(file_id=file.pk, actor=supervisor, value_date=date(2026, 11, 24))
    assert refusal.value.code == "outgoing.not_sent"


def test_texts_are_written_in_the_basic_latin_set() -> None:
    assert (
        characters.basic_latin("Kervella Matériaux & Fils «été» œuvre_1", 70)
        == "Kervella Materiaux + Fils ete oeuvre-1"
    )
    assert characters.basic_latin("ß" * 60, 70) == "ss" * 35


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=160)


@given(
    st.lists(
        st.builds(
            pain001.Transfer,
            instruction_id=st.just("P1"),
            end_to_end_id=st.from_regex(r"[A-Za-z0-9]{1,35}", fullmatch=True),
            amount=st.integers(1, 10**11).map(lambda cents: Decimal(cents) / 100),
            currency=st.just("EUR"),
            creditor_name=text,
            creditor_number=st.sampled_from([iban(1), iban(2), "1234567890"]),
            remittance=text,
            address=st.fixed_dictionaries(
                {"street": text, "town": text, "country": st.sampled_from(["FR", "DE", ""]), "lines": st.lists(text)}
            ),
            purpose=st.sampled_from(["", "SUPP", "x & y"]),
            service_level=st.sampled_from(["SEPA", "URGP", ""]),
            charge_bearer=st.sampled_from(["SLEV", "SHAR", "????"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_written_is_valid_and_reads_back(transfers: list[pain001.Transfer]) -> None:
    order = pain001.Order(
        "BO-1", datetime(2026, 11, 23, 9, 0, tzinfo=UTC), date(2026, 11, 24), "Société <Ouest>", iban(3), "", "EUR"
    )
    root = etree.fromstring(pain001.write(order, transfers))
    SCHEMA.assertValid(root)
    read = sorted(
        (e.findtext("p:PmtId/p:EndToEndId", namespaces=NS), Decimal(e.findtext("p:Amt/p:InstdAmt", namespaces=NS)))
        for e in root.iterfind(".//p:CdtTrfTxInf", NS)
    )
    assert read == sorted((transfer.end_to_end_id, transfer.amount) for transfer in transfers)
    assert Decimal(root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS)) == sum(t.amount for t in transfers)
