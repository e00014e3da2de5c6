"""Structured payments of the API and the form: the same door, read at once."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles
from documents import attachments
from tests import people
from transactions import intake, workflow
from transactions.intake import json_rows, writer
from transactions.intake.rows import Row
from transactions.models import IntakeProblem, Payment, PaymentBatch

pytestmark = pytest.mark.django_db

ASKED: dict[str, Any] = {
    "debtor_account": people.CUSTOMER_IBAN,
    "creditor_name": "Kervella Matériaux SARL",
    "creditor_account": "DE89 3704 0044 0532 0130 00",
    "creditor_bic": "COBADEFFXXX",
    "creditor_address": {"street": "rue X", "building": "7", "post_code": "44000", "town": "Nantes", "country": "FR"},
    "amount": "150.00",
    "currency": "EUR",
    "requested_execution_date": "2026-11-25",
    "end_to_end_id": "E2E-1",
    "instruction_id": "I-1",
    "remittance": "Invoice 1",
    "creditor_reference": "RF18539007547034",
    "purpose": "SUPP",
    "category_purpose": "SUPP",
    "charge_bearer": "SLEV",
    "service_level": "SEPA",
    "local_instrument": "INST",
    "ultimate_debtor": "Mother",
    "ultimate_creditor": "Daughter",
}


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def enter(stage: people.Stage, *payments: Any, **options: Any) -> PaymentBatch:
    return intake.receive_payments(
        **{"payments": list(payments), "entity": stage.entity, "actor": None, "channel": "api", **options}
    )


def said(batch: PaymentBatch) -> list[tuple[int, str, str, str]]:
    rows = IntakeProblem.objects.filter(batch=batch).order_by("id")
    return [(row.position, row.path, row.code, row.value) for row in rows]


def test_every_field_reaches_the_payment(stage: people.Stage) -> None:
    actor = people.person(entity=stage.entity)
    batch = enter(stage, ASKED, actor=actor, channel="form")
    assert (batch.status, batch.taken_count, batch.format) == ("checking", 1, "json")
    payment = Payment.objects.get(batch=batch)
    assert (payment.maker, payment.channel, payment.kind) == (actor, "form", "instant")
    assert (payment.debtor_account, payment.debtor_name) == (stage.customer, stage.customer.name)
    assert (payment.amount, payment.creditor_number) == (Decimal("150.00"), "DE89370400440532013000")
    assert payment.creditor_address == ASKED["creditor_address"]
    for name in ASKED.keys() - {"debtor_account", "creditor_account", "creditor_address", "amount"}:
        value = getattr(payment, name)
        assert (value.isoformat() if name == "requested_execution_date" else value) == ASKED[name], name
    assert json.loads(attachments.read(batch.attachment)) == {"payments": [ASKED]}


def test_an_account_code_debits_and_an_internal_transfer_credits_by_code(stage: people.Stage) -> None:
    own = people.account(stage.entity, "SAVINGS", "customer", "C", name="Savings")
    asked = {
        "kind": "internal",
        "debtor_account": stage.customer.code,
        "creditor_account": "SAVINGS",
        "amount": "5",
        "currency": "EUR",
        "requested_execution_date": "2026-11-25",
    }
    batch = enter(stage, asked)
    payment = Payment.objects.get(batch=batch)
    assert (payment.kind, payment.creditor_account, payment.creditor_name) == ("internal", own, "Savings")
    assert (payment.debtor_account, payment.debtor_number) == (stage.customer, people.CUSTOMER_IBAN)
    # Only a transfer that says so is paid to a code: elsewhere a number is what another bank gave it.
    batch = enter(stage, {**asked, "kind": "transfer", "creditor_name": "X"})
    assert Payment.objects.get(batch=batch).creditor_account is None


@pytest.mark.parametrize(
    ("change", "path", "code", "value"),
    [
        ({"amount": "0"}, "amount", "money.not_positive", "0"),
        ({"amount": "1.234"}, "amount", "money.too_precise", "1.234"),
        ({"amount": "1_000"}, "amount", "money.not_a_number", "1_000"),
        ({"amount": "１２"}, "amount", "money.not_a_number", "１２"),
        ({"amount": "1e3"}, "amount", "money.not_a_number", "1e3"),
        ({"amount": "NaN"}, "amount", "money.not_a_number", "NaN"),
        ({"amount": "99999999999999"}, "amount", "money.too_large", "99999999999999"),
        ({"amount": ""}, "amount", "amount.missing", ""),
        ({"amount": True}, "amount", "json.not_text", "True"),
        ({"currency": "EURO"}, "currency", "money.currency_unknown", "EURO"),
        ({"currency": None}, "currency", "currency.missing", ""),
        ({"requested_execution_date": "2026-02-30"}, "requested_execution_date", "date.unreadable", "2026-02-30"),
        ({"requested_execution_date": None}, "requested_execution_date", "date.missing", ""),
        ({"end_to_end_id": "x" * 36}, "end_to_end_id", "text.too_long", "x" * 36),
        ({"remittance": "a\u202eb"}, "remittance", "text.reordering", "a\\u202eb"),
        ({"ammount": "1"}, "ammount", "json.unknown_field", "1"),
        ({"creditor_address": {"planet": "Mars"}}, "creditor_address/planet", "json.unknown_field", "Mars"),
        ({"creditor_address": {"lines": "one"}}, "creditor_address/lines", "json.not_text", "one"),
        ({"creditor_address": "Nantes"}, "creditor_address", "json.not_an_object", "Nantes"),
        ({"debtor_account": ""}, "debtor_account", "debtor.missing", ""),
        ({"creditor_name": "", "creditor_account": ""}, "creditor_name", "creditor.missing", ""),
    ],
)
def test_what_is_wrong_is_said_by_its_place_and_the_good_ones_go_on(
    stage: people.Stage, change: dict[str, Any], path: str, code: str, value: str
) -> None:
    batch = enter(stage, ASKED, {**ASKED, "instruction_id": "I-2", **change})
    assert (batch.status, batch.taken_count, batch.problem_count) == ("checking", 1, 1)
    assert said(batch) == [(2, f"/payments/1/{path}", code, value)]


def test_numbers_never_pass_through_a_float(stage: people.Stage) -> None:
    reader = json_rows.JsonReader(io.BytesIO(b'{"payments": [{"amount": 0.1000000000000000055}]}'))
    [row] = [item for item in reader.items() if isinstance(item, Row)]
    assert row.values["amount"] == "0.1000000000000000055"


def test_a_batch_of_which_nothing_could_be_taken_is_refused(stage: people.Stage) -> None:
    batch = enter(stage, {**ASKED, "amount": "x"})
    assert (batch.status, batch.refusal_code, batch.refusal_params) == ("refused", "batch.nothing_taken", {"count": 1})
    assert Payment.objects.count() == 0


def test_the_same_payment_again_is_recognised_across_doors(stage: people.Stage) -> None:
    first = enter(stage, ASKED)
    again = enter(stage, {**ASKED, "amount": "150"}, channel="form")
    assert (again.status, again.taken_count) == ("refused", 0)
    [problem] = IntakeProblem.objects.filter(batch=again)
    payment = Payment.objects.get(batch=first)
    assert (problem.code, problem.params["payment"]) == ("payment.seen_before", payment.pk)


def test_rights_and_bounds(stage: people.Stage) -> None:
    with pytest.raises(Denied):
        enter(stage, ASKED, actor=people.person(roles.AUDITOR, entity=stage.entity))
    with pytest.raises(BusinessError, match="no payment in the request"):
        enter(stage)
    with pytest.raises(BusinessError, match="at most 10000"):
        enter(stage, *[ASKED] * 10_001)
    assert PaymentBatch.objects.count() == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(st.dictionaries(st.sampled_from([*json_rows.FIELDS, "creditor_address", "x"]), JSON) | JSON, max_size=3)
)
def test_no_json_breaks_the_reader(payments: list[Any]) -> None:
    """Whatever stands in it, each entry becomes a row that is understood or said to be wrong."""
    from transactions.intake.reading import Reading

    problems: list[Any] = []
    reader = json_rows.JsonReader(io.BytesIO(json_rows.encode(payments)))
    reading = Reading(reader, entity_id=1, say=problems.append)
    taken = list(reading.rows())
    assert reading.all.count == len(payments)
    assert len(taken) + reading.all.bad == len(payments)


def told(batch: PaymentBatch) -> list[object]:
    """Everything that came of a batch, but for its own numbers and moments."""
    columns = "kind, channel, maker_id, amount, currency, requested_execution_date, debtor_name, debtor_number"
    columns += ", debtor_bic, debtor_account_id, creditor_name, creditor_number, creditor_bic, creditor_address"
    columns += (
        ", creditor_account_id, payee_id, end_to_end_id, remittance, service_level, fingerprint, occurrence, position"
    )
    return [
        [tuple(map(bytes_or_same, row)) for row in sql.rows(
            f"select {columns}, s.status, s.version, s.approvals_required, s.due_at - p.received_at"
            " from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id"
            " where batch_id = %s order by position", [batch.pk]
        )],
        sorted((p.position, p.code, p.field, p.severity, sorted(p.params)) for p in batch.problems.all()),
        sql.rows(
            "select action, actor_id, subject_type, count(*) from documents_auditrecord r where"
            " (subject_type, subject_id) in (select 'payment', id from transactions_payment where batch_id = %s"
            " union all select 'batch', %s) group by 1, 2, 3 order by 1, 2, 3", [batch.pk, batch.pk]
        ),
        (batch.status, batch.taken_count, batch.read_count, batch.problem_count, batch.read_sum, batch.refusal_code),
    ]  # fmt: skip


def bytes_or_same(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_chunks_that_share_their_tables_take_in_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen before, sent again, twice in one call, to our own account, from no account, and wrong."""
    stage, actor, chief = people.bank_branch(), people.person(), people.person(roles.SUPERVISOR)
    other = people.account(stage.entity, "SAVINGS", "customer", "C")
    base = {
        "debtor_account": stage.customer.iban, "creditor_name": "Kervella", "creditor_account": people.PAYEE_IBAN,
        "amount": "12.50", "currency": "EUR", "requested_execution_date": "2026-12-01", "end_to_end_id": "A",
    }  # fmt: skip
    before = intake.receive_payments(
        payments=[{**base, "end_to_end_id": name} for name in ("SEEN", "CANCELLED")],
        entity=stage.entity, actor=actor, channel="api",
    )  # fmt: skip
    cancelled = before.payments.get(end_to_end_id="CANCELLED").pk
    assert [answer.done for answer in workflow.cancel(ids=[cancelled], actor=chief, reason="By mistake")] == [True]
    payments = [
        base, base, {**base, "end_to_end_id": "SEEN"}, {**base, "end_to_end_id": "CANCELLED"},
        {**base, "kind": "internal", "creditor_account": other.code, "end_to_end_id": "I"},
        {**base, "debtor_account": "DE00", "end_to_end_id": "N", "creditor_address": {"town": "Köln %s \\ \t x"}},
        {**base, "amount": "nothing", "end_to_end_id": "W"},
    ]  # fmt: skip

    def taken() -> list[object]:
        with transaction.atomic():
            made = intake.receive_payments(payments=payments, entity=stage.entity, actor=actor, channel="api")
            result = told(PaymentBatch.objects.get(pk=made.pk))
            transaction.set_rollback(True)
        return result

    at_once = taken()
    monkeypatch.setattr(writer, "CHUNK", 2)
    assert at_once == taken()
    assert at_once[3][:4] == ("checking", 5, 7, 2)
