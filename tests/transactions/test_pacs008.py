"""Transfers between banks: what a bank's account sends is a pacs.008, whole, once; the answers to it are recognised."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common.errors import Conflict, Denied, NotThere
from documents import attachments
from documents.models import AuditRecord
from tests import iso, people
from tests.files import pacs002, pacs004
from tests.transactions.test_messages import balances, outcomes, refused, sent, statuses, take_in
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from transactions import accounts, settlement
from transactions.models import Account, OutgoingFile
from transactions.recalls import asking
from transactions.writers import pacs008
from transactions.writers.pacs004 import Settlement
from transactions.writers.pain001 import Transfer


@pytest.fixture
def stage(_branch: people.Stage) -> people.Stage:  # noqa: F811
    return _branch


@pytest.fixture
def branch(stage: people.Stage) -> people.Stage:
    accounts.set_channel(
        actor=people.person("supervisor"), account_id=stage.customer.pk, message_format="pacs008",
        clearing_system="st2",
    )  # fmt: skip
    stage.customer.refresh_from_db()
    return stage


def read(content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A small reader of our own over expat: every leaf of the head and of each transfer by its path."""

    def leaves(node: ElementTree.Element, path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in node:
            name = child.tag.rpartition("}")[2]
            at = f"{path}/{name}" if path else name
            if len(child):
                found |= leaves(child, at)
            else:
                found.setdefault(at, child.text if "Ccy" not in child.attrib else (child.text, child.attrib["Ccy"]))
        return found

    message = ElementTree.fromstring(content)[0]  # noqa: S314 - our own
    return leaves(message[0]), [leaves(child) for child in message[1:]]


@pytest.mark.django_db
def test_a_bank_sends_to_the_clearing(branch: people.Stage) -> None:
    uetr = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
    file, payments = sent(branch, "100.00", "250.50", each=[
        {"creditor_bic": "COBADEFFXXX", "uetr": uetr, "purpose": "SUPP"},
        {"creditor_bic": "", "end_to_end_id": "", "remittance": "Rechnung Nº 7 <&> Grüße",
         "ultimate_debtor": "Filiale"},
    ])  # fmt: skip
    assert (file.kind, file.payment_count, file.control_sum, file.status) == ("pacs008", 2, Decimal("350.50"), "sent")
    assert file.attachment is not None
    content = attachments.read(file.attachment)
    assert iso.faults(content) == []
    head, (one, two) = read(content)
    assert head["MsgId"] == file.message_id
    assert (head["NbOfTxs"], head["CtrlSum"], head["TtlIntrBkSttlmAmt"]) == ("2", "350.50", ("350.50", "EUR"))
    assert head["IntrBkSttlmDt"] == file.execution_date.isoformat()
    assert (head["SttlmInf/SttlmMtd"], head["SttlmInf/ClrSys/Cd"]) == ("CLRG", "ST2")
    assert head["InstgAgt/FinInstnId/BICFI"] == "PSSTFRPPXXX"
    own = f"P{payments[0].pk}"
    assert {key: one[f"PmtId/{key}"] for key in ("InstrId", "EndToEndId", "TxId", "UETR")} == {
        "InstrId": own, "EndToEndId": payments[0].end_to_end_id, "TxId": own, "UETR": uetr,
    }  # fmt: skip
    assert (one["IntrBkSttlmAmt"], one["ChrgBr"], one["PmtTpInf/SvcLvl/Cd"]) == (("100.00", "EUR"), "SLEV", "SEPA")
    assert (one["Dbtr/Nm"], one["DbtrAcct/Id/IBAN"]) == ("Banque Bank", branch.customer.iban)
    assert (one["DbtrAgt/FinInstnId/BICFI"], one["CdtrAgt/FinInstnId/BICFI"]) == ("PSSTFRPPXXX", "COBADEFFXXX")
    assert (one["Cdtr/Nm"], one["CdtrAcct/Id/IBAN"]) == ("Kervella Materiaux SARL", payments[0].creditor_number)
    assert one["Purp/Cd"] == "SUPP"
    assert (two["PmtId/EndToEndId"], two["CdtrAgt/FinInstnId/Othr/Id"]) == ("NOTPROVIDED", "NOTPROVIDED")
    assert (two["RmtInf/Ustrd"], two["UltmtDbtr/Nm"]) == ("Rechnung No 7 + Gruesse", "Filiale")
    assert (Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml").read_bytes() == content
    with pytest.raises(Conflict):
        settlement.send(file_id=file.pk, actor=people.person("supervisor"))
    assert settlement.prepare(account=branch.customer, actor=people.person("supervisor")) == [], "a payment goes once"


@pytest.mark.django_db
def test_the_clearing_answers_and_returns(branch: people.Stage) -> None:
    file, payments = sent(branch, "100.00", "200.00", "300.00")
    assert balances(branch) == ("9400.00", "600.00", "10000.00")
    answer = take_in(branch, pacs002(file.message_id, [
        {"instruction": f"P{payments[0].pk}", "status": "ACSC"},
        {"instruction": f"P{payments[1].pk}", "status": "RJCT", "reason": "AC04"},
    ]))  # fmt: skip
    assert outcomes(answer) == [("applied", ""), ("applied", "")]
    assert statuses(payments) == ["settled", "returned", "sent"]
    assert balances(branch) == ("9600.00", "300.00", "9900.00")
    take_in(branch, pacs004(file.message_id, [{
        "instruction": f"P{payments[0].pk}", "reference": payments[0].end_to_end_id, "amount": "100.00"
    }]))  # fmt: skip
    assert balances(branch) == ("9700.00", "300.00", "10000.00")


@pytest.mark.django_db
def test_its_recall_goes_to_the_creditor_s_bank(branch: people.Stage) -> None:
    each = [{"creditor_bic": bic} for bic in ("COBADEFFXXX", "BNPAFRPPXXX", "COBADEFFXXX")]
    original, payments = sent(branch, "1.00", "2.00", "4.00", each=each)
    outcome = asking.ask(
        payment_ids=[payment.pk for payment in payments], actor=people.person(), reason_code="TECH", reason="Twice"
    )
    asking.approve(ids=[one.made or 0 for one in outcome], actor=people.person("supervisor"))
    told = {}
    for file in OutgoingFile.objects.filter(kind="camt056").select_related("attachment"):
        content = attachments.read(file.attachment)  # type: ignore[arg-type]
        assert iso.faults(content) == []
        at = "FIToFIPmtCxlReq/Assgnmt"
        (receiver,) = iso.leaves(content, f"{at}/Assgne/Agt/FinInstnId/BICFI")
        assert iso.leaves(content, f"{at}/Assgnr/Agt/FinInstnId/BICFI") == ["PSSTFRPPXXX"]
        inside = "FIToFIPmtCxlReq/Undrlyg/TxInf"
        assert set(iso.leaves(content, f"{inside}/OrgnlGrpInf/OrgnlMsgNmId")) == {"pacs.008.001.08"}
        assert set(iso.leaves(content, f"{inside}/OrgnlGrpInf/OrgnlMsgId")) == {original.message_id}
        told[receiver] = (file.control_sum, iso.leaves(content, f"{inside}/OrgnlTxId"))
    assert told == {
        "COBADEFFXXX": (Decimal(5), [f"P{payments[0].pk}", f"P{payments[2].pk}"]),
        "BNPAFRPPXXX": (Decimal(2), [f"P{payments[1].pk}"]),
    }


@pytest.mark.django_db
class TestTheSetting:
    def test_by_who_manages_accounts_on_record(self, stage: people.Stage) -> None:
        key = stage.customer.pk
        with pytest.raises(Denied):
            accounts.set_channel(actor=people.person(), account_id=key, message_format="pacs008")
        stranger = people.person("supervisor", entity=people.bank_branch("O", iban="DE89370400440532013000").entity)
        with pytest.raises(NotThere):
            accounts.set_channel(actor=stranger, account_id=key, message_format="pacs008")
        supervisor = people.person("supervisor")
        with refused("account.channel_unknown"):
            accounts.set_channel(actor=supervisor, account_id=key, message_format="mt103")
        with refused("account.pays_nobody"):
            accounts.set_channel(actor=supervisor, account_id=stage.transit.pk, message_format="pacs008")
        with refused("account.needs_bic"):
            accounts.set_channel(actor=supervisor, account_id=stage.bank.pk, message_format="pacs008")
        with refused("account.clearing_bad"):
            accounts.set_channel(actor=supervisor, account_id=key, message_format="pacs008", clearing_system="<S T2>")
        assert Account.objects.get(pk=key).message_format == "pain001"
        accounts.set_channel(actor=supervisor, account_id=key, message_format="pacs008", settlement_method="INGA")
        act = AuditRecord.objects.get(action="account.changed")
        assert (act.details["before"], act.details["after"], act.details["settlement"]) == (
            "pain001", "pacs008", "INGA",
        )  # fmt: skip

    def test_the_database_wants_the_bic(self, stage: people.Stage) -> None:
        with pytest.raises(IntegrityError, match="account_between_banks_has_bic"), transaction.atomic():
            Account.objects.filter(pk=stage.bank.pk).update(message_format="pacs008")


MADE_AT = datetime(2026, 11, 27, 9, tzinfo=UTC).replace(tzinfo=None)
_text = st.text(max_size=200).filter(lambda text: "\x00" not in text)


@given(
    amounts=st.lists(st.decimals("0.01", "9999999.99", places=2), min_size=1, max_size=5),
    name=_text, remittance=_text, reference=st.from_regex(r"[A-Za-z0-9/\-?:().,'+ ]{0,35}", fullmatch=True),
    level=st.sampled_from(["SEPA", "URGP", "", "Eigener Dienst"]), bearer=st.sampled_from(["SHAR", "DEBT", "", "X"]),
    system=st.sampled_from(["", "TGT", "STEP2"]), method=st.sampled_from(["CLRG", "INDA", "INGA"]),
)  # fmt: skip
def test_whatever_is_said_the_form_is_kept(
    *,
    amounts: list[Decimal],
    name: str,
    remittance: str,
    reference: str,
    level: str,
    bearer: str,
    system: str,
    method: str,
) -> None:
    order = pacs008.Order(
        message_id="BO-1", created_at=MADE_AT, debtor_name=name, debtor_bic="PSSTFRPPXXX",
        debtor_number="FR1420041010050500013M02606", settlement=Settlement(method, date(2026, 11, 30), system),
    )  # fmt: skip
    rows = [
        Transfer(
            instruction_id=f"P{number}", end_to_end_id=reference, amount=amount, currency="EUR", creditor_name=name,
            creditor_number="DE89370400440532013000", remittance=remittance, service_level=level, charge_bearer=bearer,
        )
        for number, amount in enumerate(amounts, start=1)
    ]  # fmt: skip
    content = pacs008.write(order, rows)
    assert iso.faults(content) == []
    head, transfers = read(content)
    assert [Decimal(one["IntrBkSttlmAmt"][0]) for one in transfers] == amounts
    assert Decimal(head["CtrlSum"]) == sum(amounts)
    assert {one["ChrgBr"] for one in transfers} == {
        "SLEV" if level == "SEPA" else bearer if bearer in {"SHAR", "DEBT"} else "SHAR"
    }
