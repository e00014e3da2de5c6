"""The page of one payment: steps, checks, ledger, history, documents, and what readers without a right do not see."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals
from controls.models import ApprovalPolicy
from documents import attachments
from documents.models import Attachment, AttachmentLink, AuditRecord
from tests import database, people
from tests.web.desk import acts, finding, signed_in, standing
from transactions import workflow
from transactions.models import Payee, Payment, PaymentState

pytestmark = pytest.mark.django_db
SOURCE = b"<Document>as it arrived</Document>"


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator() -> User:
    return people.person(name="Sarah Cohen")


@pytest.fixture
def desk(operator: User) -> Client:
    return signed_in(operator)


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def steps(answer: object) -> list[tuple[str, str]]:
    return [(step.label, step.mark) for step in answer.context["steps"]]  # type: ignore[attr-defined]


def test_the_line_of_steps_follows_the_life(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/"
    ahead = [("Posted", ""), ("Sent", ""), ("Settled", "")]
    assert steps(desk.get(address)) == [
        ("Received", "done"),
        ("Checked", "done"),
        ("First approval", "now"),
        ("Second approval", ""),
        *ahead,
    ]
    approvals.validate(ids=[payment.pk], actor=people.person(name="Marion Durand"), reason="Seen.")
    answer = desk.get(address)
    assert steps(answer)[2:4] == [("First approval", "done"), ("Second approval", "now")]
    assert answer.context["steps"][2].note.endswith("Marion Durand")


def test_a_third_approval_has_a_step_of_its_own(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage, status="validated", approvals_required=2, approvals_given=1)
    assert [label for label, _mark in steps(desk.get(f"/payments/{payment.pk}/"))][2:5] == [
        "First approval",
        "Second approval",
        "Third approval",
    ]
    assert steps(desk.get(f"/payments/{payment.pk}/"))[4] == ("Third approval", "now")


def test_a_rejected_payment_ends_its_line_and_says_by_whom_and_why(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    workflow.reject(ids=[payment.pk], actor=people.person(name="Léa Martin"), reason_code="AC01", reason="Closed.")
    answer = desk.get(f"/payments/{payment.pk}/")
    assert steps(answer) == [("Received", "done"), ("Checked", "done"), ("Rejected", "stop")]
    assert "Léa Martin rejected the payment: Account number is wrong (AC01): “Closed.”" in text(answer)


@pytest.mark.parametrize(
    ("status", "done"),
    [("received", 1), ("checked", 2), ("validated", 3), ("approved", 4), ("posted", 5), ("sent", 6), ("settled", 7)],
)
def test_each_state_stands_where_it_belongs(stage: people.Stage, desk: Client, status: str, done: int) -> None:
    payment = people.payment(stage, status=status)
    marks = [mark for _label, mark in steps(desk.get(f"/payments/{payment.pk}/"))]
    assert marks == ["done"] * done + ["now"] * (done < 7) + [""] * max(0, 6 - done)


def test_findings_come_first_and_every_check_on_demand(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    finding(payment, "second")
    page = text(desk.get(f"/payments/{payment.pk}/"))
    assert "0 passed" not in page
    assert "1 failed" in page
    assert "Finding" in page
    assert "Only findings" in text(desk.get(f"/payments/{payment.pk}/?checks=all"))


def test_what_will_be_posted_is_shown_before_it_is(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage, amount="48250.00")
    prepared = desk.get(f"/payments/{payment.pk}/").context["prepared"]
    assert [(line.account.code, line.side, line.amount) for line in prepared] == [
        ("BANK-CUST", "D", Decimal("48250.00")),
        ("BANK-TRANSIT", "C", Decimal("48250.00")),
    ]


def test_the_history_tells_an_amendment_as_a_difference(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage, creditor_name="KERVELLA MATERIAUX")
    workflow.amend(
        payment_id=payment.pk,
        actor=people.person(name="Marion Durand"),
        changes={"creditor_name": "Kervella Matériaux SARL"},
        version=1,
        reason="As on the contract.",
    )
    page = text(desk.get(f"/payments/{payment.pk}/"))
    assert "<strong>Marion Durand</strong> amended the payment<q>As on the contract.</q>" in page
    assert (
        "<dt>Creditor&#x27;s name</dt><dd><del>KERVELLA MATERIAUX</del> <ins>Kervella Matériaux SARL</ins></dd>" in page
    )
    only = desk.get(f"/payments/{payment.pk}/?history=comments")
    assert only.context["events"] == []


def test_the_history_is_for_who_may_see_it_and_steps_are_for_all(stage: people.Stage) -> None:
    payment = people.payment(stage)
    workflow.comment(payment_id=payment.pk, actor=people.person(), text="A word.")
    assert "A word." in text(signed_in(people.person(roles.AUDITOR)).get(f"/payments/{payment.pk}/"))


def test_the_page_costs_the_same_whatever_its_history(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    counts = []
    for _round in range(2):
        for number in range(6):
            workflow.comment(payment_id=payment.pk, actor=operator, text=f"Word {number}")
        with CaptureQueriesContext(connection) as seen:
            desk.get(f"/payments/{payment.pk}/?view=todo")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 32


def test_previous_and_next_follow_the_list_it_came_from(stage: people.Stage, desk: Client) -> None:
    made = [people.payment(stage) for _ in range(3)]
    for place, payment in enumerate(made):
        PaymentState.objects.filter(pk=payment.pk).update(priority=100 - place)
    around = desk.get(f"/payments/{made[1].pk}/?view=todo").context["around"]
    assert around == {
        "position": 2,
        "total": 3,
        "previous_url": f"/payments/{made[0].pk}/?view=todo",
        "next_url": f"/payments/{made[2].pk}/?view=todo",
    }
    assert desk.get(f"/payments/{made[1].pk}/").context["around"] is None


def test_eighteen_months_with_the_payee_and_what_is_usual(stage: people.Stage, desk: Client) -> None:
    payee = Payee.objects.create(entity=stage.entity, name="Kervella", name_key="kervella", created_at=timezone.now())
    now = timezone.now()
    for days, amount in ((30, "100.00"), (60, "200.00"), (90, "300.00"), (700, "9999.00")):
        people.payment(stage, amount=amount, payee=payee, status="settled", received_at=now - timedelta(days=days))
    people.payment(stage, amount="7777.00", payee=payee, status="rejected", received_at=now - timedelta(days=5))
    usual = desk.get(f"/payments/{people.payment(stage, amount='1000.00', payee=payee).pk}/").context["evidence"].usual
    assert (usual.count, usual.median, usual.ratio) == (3, Decimal("200.00"), Decimal(5))
    assert usual.amounts == [Decimal("300.00"), Decimal("200.00"), Decimal("100.00"), Decimal("1000.00")]
    assert usual.unusual


def test_what_is_usual_is_the_median_that_the_check_quotes(stage: people.Stage, desk: Client) -> None:
    payee = Payee.objects.create(entity=stage.entity, name="Kervella", name_key="kervella", created_at=timezone.now())
    for amount in ("100.00", "200.00", "260.00", "300.00"):
        past = timezone.now() - timedelta(days=30)
        people.payment(stage, amount=amount, payee=payee, status="settled", received_at=past)
    page = desk.get(f"/payments/{people.payment(stage, amount='204.00', payee=payee).pk}/")
    assert page.context["evidence"].usual.median == Decimal("200.00")
    assert "like the median of 4 payments" in text(page)


# Account numbers


def test_account_numbers_are_in_clear_for_who_has_the_right(stage: people.Stage, desk: Client) -> None:
    page = text(desk.get(f"/payments/{people.payment(stage).pk}/"))
    assert "DE89 3704 0044 0532 0130 00" in page
    assert "Show the accounts" not in page


def test_without_the_right_they_are_masked_and_showing_them_is_on_record(
    stage: people.Stage, operator: User, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = people.payment(stage)
    monkeypatch.setitem(roles.ROLES, roles.OPERATOR, roles.ROLES[roles.OPERATOR] - {"iban.view"})
    page = text(desk.get(f"/payments/{payment.pk}/"))
    assert "0532 0130" not in page
    assert "DE89 •••• 3000" in page
    assert AuditRecord.objects.filter(action="iban.revealed").count() == 0
    shown = text(desk.post(f"/payments/{payment.pk}/accounts/"))
    assert "DE89 3704 0044 0532 0130 00" in shown
    record = AuditRecord.objects.get(action="iban.revealed")
    assert (record.subject_type, record.subject_id, record.actor_id) == ("payment", payment.pk, operator.pk)
    assert desk.get(f"/payments/{payment.pk}/accounts/").status_code == 405


# Documents


def with_source(stage: people.Stage) -> tuple[Payment, Attachment]:
    with transaction.atomic():
        kept = attachments.store(
            content=SOURCE, name="VIR.xml", content_type="text/html", entity_id=stage.entity.pk, actor=None
        )
    batch = people.batch(stage, attachment=kept, file_name="VIR.xml")
    return people.payment(stage, in_batch=batch), kept


def test_the_source_file_is_handed_out_as_a_download_and_it_is_on_record(stage: people.Stage, desk: Client) -> None:
    payment, kept = with_source(stage)
    answer = desk.get(f"/payments/{payment.pk}/documents/{kept.pk}/")
    assert b"".join(answer.streaming_content) == SOURCE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="VIR.xml"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    record = AuditRecord.objects.get(action="payment.document_opened")
    assert record.details == {"name": "VIR.xml", "sha256": hashlib.sha256(SOURCE).hexdigest()}


def test_the_source_file_is_for_those_who_may_see_accounts(
    stage: people.Stage, operator: User, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, kept = with_source(stage)
    address = f"/payments/{payment.pk}/documents/{kept.pk}/"
    assert f'href="{address}"' in text(desk.get(f"/payments/{payment.pk}/"))
    monkeypatch.setitem(roles.ROLES, roles.OPERATOR, roles.ROLES[roles.OPERATOR] - {"iban.view"})
    page = text(desk.get(f"/payments/{payment.pk}/"))
    assert "VIR.xml" in page
    assert f'href="{address}"' not in page
    assert desk.get(address).status_code == 403
    assert acts(payment) == []
    desk.post(f"/payments/{payment.pk}/documents/", {"file": SimpleUploadedFile("F.pdf", b"%PDF"), "kind": "invoice"})
    added = AttachmentLink.objects.get(subject_type="payment", subject_id=payment.pk).attachment_id
    assert b"".join(desk.get(f"/payments/{payment.pk}/documents/{added}/").streaming_content) == b"%PDF"


def test_a_document_of_something_else_is_not_there(stage: people.Stage, desk: Client) -> None:
    payment, _kept = with_source(stage)
    with transaction.atomic():
        foreign = attachments.store(content=b"other", name="x", content_type="", entity_id=stage.entity.pk, actor=None)
    assert desk.get(f"/payments/{payment.pk}/documents/{foreign.pk}/").status_code == 404
    assert acts(payment) == []


def test_a_damaged_document_is_refused(stage: people.Stage, desk: Client) -> None:
    payment, kept = with_source(stage)
    database.update(Attachment.objects.filter(pk=kept.pk), sha256="0" * 64)
    from django.core.files.storage import default_storage

    default_storage.save(f"00/00/{'0' * 64}", SimpleUploadedFile("x", b"something else"))
    assert desk.get(f"/payments/{payment.pk}/documents/{kept.pk}/").status_code == 400
    assert acts(payment) == []


def test_an_operator_adds_a_document_and_an_auditor_does_not(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/documents/"
    before = standing(payment)
    auditor = signed_in(people.person(roles.AUDITOR))
    given = SimpleUploadedFile("../../Facture 7731.pdf", b"%PDF-1.7", content_type="application/pdf")
    assert auditor.post(address, {"file": given, "kind": "invoice"}).status_code == 403
    assert standing(payment) == before
    given.seek(0)
    desk.post(address, {"file": given, "kind": "invoice"})
    link = AttachmentLink.objects.get(subject_type="payment", subject_id=payment.pk)
    assert (link.kind, link.attachment.name, link.created_by_id) == ("invoice", "Facture 7731.pdf", operator.pk)
    assert acts(payment) == ["payment.document_added"]
    assert "Facture 7731.pdf" in text(desk.get(f"/payments/{payment.pk}/"))


@pytest.mark.parametrize("content", [b"", None])
def test_nothing_or_an_empty_file_is_refused_in_words(stage: people.Stage, desk: Client, content: bytes | None) -> None:
    payment = people.payment(stage)
    given = {"kind": "source"} if content is None else {"file": SimpleUploadedFile("a.pdf", content), "kind": "source"}
    page = text(desk.post(f"/payments/{payment.pk}/documents/", given, follow=True))
    assert "Choose a file first." in page or "The file is empty." in page
    assert AttachmentLink.objects.count() == 0


def test_another_entitys_documents_are_not_there(stage: people.Stage) -> None:
    payment, kept = with_source(stage)
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    desk = signed_in(people.person(roles.SUPERVISOR, entity=other.entity))
    assert desk.get(f"/payments/{payment.pk}/documents/{kept.pk}/").status_code == 404
    assert desk.post(f"/payments/{payment.pk}/documents/", {}).status_code == 404
    assert desk.post(f"/payments/{payment.pk}/accounts/").status_code == 404
    assert acts(payment) == []
