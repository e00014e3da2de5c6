"""From the bank's line to the books: what is matched by itself, what follows from it, and what is left to people."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from controls.models import Match, MatchPosting, MatchRun, OpenItem, OpenLine
from controls.reconciliation import running
from documents.models import AuditRecord
from tests import database, people
from tests.controls.reconciliation.scene import NOSTRO, booked, branch, go, left, matches, paying, sent, told
from tests.transactions.statements_scene import DAY, company, line, statement
from transactions import ledger, tasks
from transactions.models import JournalEntry, OutgoingFile, Payment, PaymentState, Statement
from transactions.statements import taking
from transactions.statements.read import ReadDetail

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    return branch()


def status(payment: Payment) -> str:
    return PaymentState.objects.get(pk=payment.pk).status


def test_a_line_settles_the_payment_that_it_names(stage: people.Stage) -> None:
    first, second = sent(stage, "150.00", "75.00")
    told(stage.bank, line(1, "-150.00", end_to_end_id=first.end_to_end_id))
    assert (status(first), status(second)) == ("settled", "sent")
    assert matches() == [("reference", 1, 1)]
    made = Match.objects.get()
    assert (made.made_by_id, made.confidence, [one["code"] for one in made.reasons]) == (
        None, 100, ["match.reference", "match.amount"],
    )  # fmt: skip
    entry = JournalEntry.objects.get(payment=first, kind="settlement")
    assert (entry.value_date, booked(entry)) == (
        DAY, [("BANK-TRANSIT", "D", "150.00"), ("BANK-NOSTRO", "C", "150.00")],
    )  # fmt: skip
    # What waited is that posting now; it does not stand open beside its match.
    assert MatchPosting.objects.get().entry_id == entry.pk
    assert list(OpenItem.objects.values_list("payment_id", "entry_id")) == [(second.pk, None)]
    assert OutgoingFile.objects.get().status == "sent"
    told(stage.bank, line(1, "-75.00", end_to_end_id=second.end_to_end_id), day=DAY + timedelta(days=1))
    assert OutgoingFile.objects.get().status == "settled"
    assert (left(), ledger.audit()) == ((0, 0), [])


def test_a_payment_that_settles_otherwise_is_matched_by_its_posting(stage: people.Stage) -> None:
    [payment] = sent(stage, "150.00")
    told(stage.bank)
    assert OpenItem.objects.get().pk == -payment.pk
    ledger.settle([payment.pk])
    told(stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id), identification="B")
    assert MatchPosting.objects.get().item > 0
    assert left() == (0, 0)


def test_the_bank_books_a_file_in_one_sum(stage: people.Stage) -> None:
    payments = sent(stage, "100.10", "200.20", "300.30")
    file = OutgoingFile.objects.get()
    told(stage.bank, line(1, "-600.60", batch_count=3, payment_info_id=f"{file.message_id}-1"))
    assert matches() == [("batch", 1, 3)]
    assert [status(one) for one in payments] == ["settled"] * 3
    file.refresh_from_db()
    assert (file.status, left()) == ("settled", (0, 0))


def test_a_line_tells_each_of_its_transactions(stage: people.Stage) -> None:
    payments = sent(stage, "10.00", "20.00")
    details = tuple(ReadDetail(amount=one.amount, end_to_end_id=one.end_to_end_id) for one in payments)
    told(stage.bank, line(1, "-30.00", details=details))
    assert matches() == [("details", 1, 2)]


def test_money_that_comes_back_returns_its_payment(stage: people.Stage) -> None:
    [payment] = sent(stage, "150.00")
    told(
        stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id),
        line(2, "150.00", end_to_end_id=payment.end_to_end_id, return_code="AC04", remittance="Account closed"),
    )  # fmt: skip
    assert status(payment) == "returned"
    assert matches() == [("reference", 1, 1), ("reference", 1, 1)]
    record = AuditRecord.objects.get(subject_id=payment.pk, action="payment.returned")
    assert '"reason_code":"AC04"' in record.data
    assert (left(), ledger.audit()) == ((0, 0), [])


def test_the_same_booking_twice_is_left_to_people(stage: people.Stage) -> None:
    [payment] = sent(stage, "150.00")
    twice = {"end_to_end_id": payment.end_to_end_id}
    told(stage.bank, line(1, "-150.00", **twice), line(2, "-150.00", **twice))
    assert (matches(), left(), status(payment)) == ([], (2, 1), "sent")


def test_what_the_bank_kept_is_booked(stage: people.Stage) -> None:
    [payment] = sent(stage, "500.00")
    told(stage.bank, line(1, "-512.50", end_to_end_id=payment.end_to_end_id))
    made = Match.objects.get()
    assert (made.code, made.difference, made.difference_code) == ("fees", Decimal("-12.5"), "fee")
    assert made.difference_entry is not None
    assert booked(made.difference_entry) == [("BANK-NOSTRO", "C", "12.50"), ("627", "D", "12.50")]
    assert (status(payment), left(), ledger.audit()) == ("settled", (0, 0), [])
    # Beyond the tolerance nobody but a person says what it is.
    [other] = sent(stage, "400.00")
    told(stage.bank, line(1, "-460.00", end_to_end_id=other.end_to_end_id), identification="B")
    assert (status(other), left()) == ("sent", (1, 1))


class TestNames:
    """Without a reference: the account or the name of the counterparty, the amount, and the days."""

    @pytest.fixture
    def items(self, stage: people.Stage) -> list[Payment]:
        return sent(stage, "110.42", creditor_name="Énergie Bresle SAS", remittance="", requested_execution_date=DAY)

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"counterparty_number": people.PAYEE_IBAN}, "number"),
            ({"counterparty_name": "ENERGIE BRESLE"}, "name"),
            ({"counterparty_name": "BRESLE ENERGY"}, None),
            ({"counterparty_name": "ENERGIE BRESEL"}, "amount"),
            ({"remittance": "PRLV ENERGIE BRESLE 06/2026"}, "amount"),
            ({"counterparty_name": "GARAGE MARTIN"}, None),
            ({"counterparty_number": "DE02120300000000202051", "counterparty_name": "ENERGIE BRESLE"}, None),
            ({"counterparty_name": "ENERGIE BRESLE", "end_to_end_id": "ANOTHER"}, None),
        ],
    )
    def test_one_is_known_by(
        self, stage: people.Stage, items: list[Payment], said: dict[str, str], code: str | None
    ) -> None:
        running.run([stage.bank.pk])
        day = OpenItem.objects.get().booked_on
        told(stage.bank, line(1, "-110.42", booking_on=day, **said), day=day)
        assert [one[0] for one in matches()] == ([code] if code else [])

    def test_nothing_is_known_by_when_two_could_be(self, stage: people.Stage) -> None:
        sent(stage, "110.42", "110.42", remittance="", requested_execution_date=DAY)
        running.run([stage.bank.pk])
        day = OpenItem.objects.first().booked_on  # type: ignore[union-attr]
        told(stage.bank, line(1, "-110.42", booking_on=day, counterparty_number=people.PAYEE_IBAN), day=day)
        assert (matches(), left()) == ([], (1, 2))

    def test_an_amount_that_came_weeks_later_is_another(self, stage: people.Stage, items: list[Payment]) -> None:
        running.run([stage.bank.pk])
        day = OpenItem.objects.get().booked_on + timedelta(days=21)
        told(stage.bank, line(1, "-110.42", booking_on=day, counterparty_number=people.PAYEE_IBAN), day=day)
        assert matches() == []


class TestDocuments:
    def test_an_invoice_that_the_text_names(self, stage: people.Stage) -> None:
        sent(stage, "250.00", remittance="Facture F-7731", end_to_end_id="NOTPROVIDED")
        told(stage.bank, line(1, "-250.00", remittance="VIR KERVELLA MAT F7731"))
        assert matches() == [("document", 1, 1)]

    def test_several_invoices_that_one_line_pays(self, stage: people.Stage) -> None:
        for number in ("F-7731", "F-7732"):
            sent(stage, "50.00", remittance=f"Facture {number}", end_to_end_id="NOTPROVIDED")
        told(stage.bank, line(1, "-100.00", remittance="F-7731 ET F-7732"))
        assert matches() == [("several", 1, 2)]

    def test_one_invoice_that_two_lines_pay(self, stage: people.Stage) -> None:
        sent(stage, "300.00", remittance="Facture F-7731", end_to_end_id="NOTPROVIDED")
        told(stage.bank, line(1, "-100.00", remittance="1 F-7731"), line(2, "-200.00", remittance="2 F-7731"))
        assert matches() == [("instalments", 2, 1)]


def test_a_corrected_statement_takes_its_matches_with_it(stage: people.Stage) -> None:
    first, second = sent(stage, "150.00", "75.00")
    stays = line(1, "-150.00", end_to_end_id=first.end_to_end_id)
    wrong = line(2, "-75.00", end_to_end_id=second.end_to_end_id)
    told(stage.bank, stays, wrong)
    assert matches() == [("reference", 1, 1), ("reference", 1, 1)]
    told(stage.bank, stays, line(2, "-76.00", end_to_end_id="OTHER"))
    undone = Match.objects.get(undone_at__isnull=False)
    assert (undone.undo_reason, undone.lines.get().line.end_to_end_id) == ("withdrawn", second.end_to_end_id)
    assert matches() == [("reference", 1, 1)]
    assert OpenLine.objects.get().amount == 76


def test_a_run_is_safe_twice_and_says_what_it_did(stage: people.Stage) -> None:
    [payment] = sent(stage, "150.00")
    told(stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id), line(2, "-3.00"))
    running.run([stage.bank.pk])
    made = MatchRun.objects.order_by("id").first()
    assert made is not None
    assert (made.drawn_lines, made.matched) == (2, {"reference": 1})
    assert Match.objects.count() == 1


def test_interim_reports_and_what_is_pending_are_not_matched(stage: people.Stage) -> None:
    [payment] = sent(stage, "150.00")
    one = line(1, "-150.00", end_to_end_id=payment.end_to_end_id)
    told(stage.bank, one, kind="camt052")
    told(stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id, status="pending"), identification="P")
    assert (matches(), OpenLine.objects.count()) == ([], 0)


def test_what_a_lost_task_left_is_swept(stage: people.Stage, django_capture_on_commit_callbacks: object) -> None:
    [payment] = sent(stage, "150.00")
    taking.take(
        [statement(line(1, "-150.00", end_to_end_id=payment.end_to_end_id), number=NOSTRO)],
        source=taking.Source(stage.entity), actor=None,
    )  # fmt: skip
    database.update(Statement.objects.filter(matched_at=None), taken_at=timezone.now() - timedelta(minutes=2))
    assert Statement.objects.get().matched_at is None
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        tasks.sweep()
    assert status(payment) == "settled"


def test_what_is_posted_later_wakes_the_matching(stage: people.Stage) -> None:
    told(stage.bank, line(1, "-150.00", remittance="LATE-77"))
    assert running.due() == []
    sent(stage, "150.00", remittance="LATE-77", end_to_end_id="NOTPROVIDED")
    assert running.due() == [stage.bank.pk]
    running.run([stage.bank.pk])
    assert (matches(), running.due()) == ([("document", 1, 1)], [])


def test_postings_of_a_company_are_matched_where_they_stand_and_settled_when_sent() -> None:
    bank = company()
    stage = paying(bank)
    [payment] = sent(stage, "42.00")
    told(bank, line(1, "-42.00", end_to_end_id=payment.end_to_end_id), number=bank.iban)
    assert matches() == [("reference", 1, 1)]
    assert MatchPosting.objects.get().item > 0
    entry = JournalEntry.objects.get(payment=payment, kind="settlement")
    assert booked(entry) == [("SHOP-467", "C", "42.00"), ("SHOP-401", "D", "42.00")]
    assert (status(payment), left()) == ("settled", (0, 0))


def test_what_is_posted_and_not_sent_is_matched_and_stays_posted() -> None:
    bank = company()
    payment = people.payment(paying(bank), amount="42.00")
    go(payment)
    told(bank, line(1, "-42.00", end_to_end_id=payment.end_to_end_id), number=bank.iban)
    assert (matches(), status(payment)) == ([("reference", 1, 1)], "posted")
