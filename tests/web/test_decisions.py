"""Deciding on one payment: what each act asks, what it moves, where it leads, and what a denied one leaves alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Entity, User
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import people
from tests.web.desk import acts, finding, signed_in, standing, state
from transactions import workflow
from transactions.models import Hold, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


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


def validated(stage: people.Stage, by: User | None = None, **fields: object) -> Payment:
    """A payment with its first approval."""
    payment = people.payment(stage, status="validated", **fields)
    PaymentApproval.objects.create(
        payment=payment,
        stage=0,
        person=by or people.person(name="Marion Durand"),
        given_at=timezone.now(),
        reason="Called the accounts line.",
        reason_code="callback",
    )
    return payment


def test_a_clean_payment_takes_one_key_and_offers_undo(stage: people.Stage, operator: User, desk: Client) -> None:
    Entity.objects.update(undo_seconds=10)
    payment, after = people.payment(stage), people.payment(stage)
    PaymentState.objects.filter(pk=payment.pk).update(priority=10)
    answer = desk.post(f"/payments/{payment.pk}/approve/?view=todo", {"version": 1})
    assert answer.headers["Location"] == f"/queue/?row={after.pk}"
    assert state(payment).status == "validated"
    signed = PaymentApproval.objects.get(payment=payment)
    assert (signed.stage, signed.person_id, signed.reason) == (0, operator.pk, "")
    page = desk.get(answer.headers["Location"])
    assert f"{payment.reference}: first approval given." in page.content.decode()
    desk.post("/queue/undo/", {"ids": page.context["undo"]["value"], "next": "/queue/"})
    assert state(payment).status == "checked"
    assert desk.get("/queue/").context["undo"] is None


def test_a_warning_is_ticked_before_it_is_approved(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    rule = finding(payment, "warn")
    address = f"/payments/{payment.pk}/approve/"
    assert "Finding" in desk.get(address).content.decode()
    refused = desk.post(address, {"version": 1})
    assert refused.status_code == 422
    assert refused.context["form"].errors["seen"] == ["Tick each warning as seen."]
    assert state(payment).status == "checked"
    assert desk.post(address, {"version": 1, "seen": [rule.code]}).status_code == 302
    assert state(payment).status == "validated"


@pytest.mark.parametrize("missing", ["reason", "reason_code"])
def test_a_failed_check_asks_for_code_and_words(stage: people.Stage, desk: Client, missing: str) -> None:
    payment = people.payment(stage)
    finding(payment, "second")
    given = {"version": 1, "reason": "Called back, it is theirs.", "reason_code": "callback"}
    address = f"/payments/{payment.pk}/approve/"
    refused = desk.post(address, {**given, missing: ""})
    assert refused.status_code == 422
    kept = "callback" if missing == "reason" else "Called back, it is theirs."
    assert kept in refused.content.decode()
    assert state(payment).status == "checked"
    assert desk.post(address, given).status_code == 302
    signed = PaymentApproval.objects.get(payment=payment)
    assert (signed.reason_code, signed.reason) == ("callback", "Called back, it is theirs.")
    assert state(payment).approvals_required == 2


def test_the_second_approver_reads_what_the_first_said(stage: people.Stage, desk: Client) -> None:
    payment = validated(stage)
    page = desk.get(f"/payments/{payment.pk}/approve/?view=second").content.decode()
    assert "Marion Durand" in page
    assert "Called the accounts line." in page
    assert "Called back on a known number" in page
    answer = desk.post(f"/payments/{payment.pk}/approve/?view=second", {"version": 1})
    assert answer.headers["Location"] == "/second-approvals/"
    assert state(payment).status in {"approved", "posted"}


def test_an_approval_that_is_not_the_last_says_so(stage: people.Stage, desk: Client) -> None:
    payment = validated(stage, approvals_required=2)
    page = desk.post(f"/payments/{payment.pk}/approve/", {"version": 1}, follow=True).content.decode()
    assert f"{payment.reference}: approval 2 of 3 given." in page
    assert (state(payment).status, state(payment).approvals_given) == ("validated", 1)


def test_sending_back_needs_words_and_withdraws_the_signature(stage: people.Stage, desk: Client) -> None:
    payment = validated(stage)
    address = f"/payments/{payment.pk}/approve/?view=second"
    refused = desk.post(address, {"version": 1, "decision": "send-back", "reason": " "})
    assert refused.status_code == 422
    assert state(payment).status == "validated"
    desk.post(address, {"version": 1, "decision": "send-back", "reason": "Whose number was called?"})
    assert state(payment).status == "checked"
    assert PaymentApproval.objects.get(payment=payment).withdrawn_at is not None
    assert acts(payment) == ["payment.sent_back"]


def test_the_first_approver_is_told_why_they_cannot_be_the_second(stage: people.Stage, operator: User) -> None:
    payment = validated(stage, by=operator)
    desk = signed_in(operator)
    page = desk.get(f"/payments/{payment.pk}/").content.decode()
    assert "You have signed this payment already. Another person must sign now." in page
    before = standing(payment)
    assert desk.post(f"/payments/{payment.pk}/approve/", {"version": 1}).status_code == 422
    assert standing(payment) == before


def test_rejecting_needs_a_reason_of_the_list(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/reject/?view=todo"
    page = desk.get(address).content.decode()
    assert page.count("<option") == 10  # nine reasons and the empty one
    before = standing(payment)
    for given in ({}, {"reason_code": "ZZ99"}, {"reason_code": "NARR"}):
        assert desk.post(address, {"version": 1, **given}).status_code == 422
    assert standing(payment) == before
    desk.post(address, {"version": 1, "reason_code": "AC01", "reason": ""})
    assert state(payment).status == "rejected"
    record = AuditRecord.objects.get(action="payment.rejected", subject_id=payment.pk)
    assert record.details == {"reason_code": "AC01"}


def test_rejecting_after_a_failed_check_needs_words_too(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    finding(payment, "second")
    address = f"/payments/{payment.pk}/reject/"
    assert desk.post(address, {"version": 1, "reason_code": "FRAD"}).status_code == 422
    desk.post(address, {"version": 1, "reason_code": "FRAD", "reason": "The supplier knows nothing of it."})
    assert state(payment).status == "rejected"


def test_the_last_reasons_come_first(stage: people.Stage, desk: Client) -> None:
    for code in ("BE04", "RR04"):
        done = people.payment(stage)
        desk.post(f"/payments/{done.pk}/reject/", {"version": 1, "reason_code": code})
    form = desk.get(f"/payments/{people.payment(stage).pk}/reject/").context["form"]
    assert [code for code, _words in form.fields["reason_code"].choices][1:4] == ["RR04", "BE04", "AC01"]


def test_asking_for_a_document_makes_it_wait_and_a_supervisor_lifts(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    until = timezone.localtime(timezone.now() + timedelta(days=1))
    desk.post(
        f"/payments/{payment.pk}/hold/?view=todo",
        {"version": 1, "code": "document", "reason": "The invoice, please.", "until": until.strftime("%Y-%m-%dT%H:%M")},
    )
    hold = Hold.objects.get(payment=payment)
    assert (hold.code, hold.reason, hold.lifted_at) == ("document", "The invoice, please.", None)
    assert hold.until == until.replace(second=0, microsecond=0)
    assert desk.post(f"/payments/{payment.pk}/lift/", {"reason": "It came."}).status_code == 403
    supervisor = signed_in(people.person(roles.SUPERVISOR))
    page = supervisor.get(f"/payments/{payment.pk}/").content.decode()
    assert "A document is awaited" in page
    supervisor.post(f"/payments/{payment.pk}/lift/", {"reason": "It came."})
    assert state(payment).hold_count == 0
    assert acts(payment) == ["payment.held", "payment.lifted"]


def test_a_moment_that_is_past_is_not_one_to_look_again_on(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    given = {"code": "answer", "reason": "?", "until": "2020-01-01T10:00"}
    assert desk.post(f"/payments/{payment.pk}/hold/", given).status_code == 422
    assert state(payment).hold_count == 0


def test_a_comment_is_kept_and_changes_nothing_else(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    assert desk.post(f"/payments/{payment.pk}/comment/", {"text": " "}).status_code == 422
    desk.post(f"/payments/{payment.pk}/comment/", {"text": "I called them."})
    assert (state(payment).version, state(payment).status) == (1, "checked")
    assert "I called them." in desk.get(f"/payments/{payment.pk}/").content.decode()


def test_someone_faster_is_shown_and_what_was_typed_is_kept(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    other = people.person(name="Léa Martin")
    workflow.reject(ids=[payment.pk], actor=other, reason_code="AC01", reason="Closed since May.")
    answer = desk.post(
        f"/payments/{payment.pk}/hold/", {"version": 1, "code": "answer", "reason": "Is the account open?"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Is the account open?" in page
    assert "Léa Martin rejected the payment: Account number is wrong (AC01)" in page
    assert "Closed since May." in page
    assert Hold.objects.count() == 0


def test_ones_own_other_tab_is_not_someone_else(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    assert desk.post(f"/payments/{payment.pk}/approve/", {"version": 1}).status_code == 302
    before = standing(payment)
    again = desk.post(f"/payments/{payment.pk}/approve/", {"version": 1})
    assert again.status_code == 409
    assert "you acted on this payment before, perhaps in another tab" in again.content.decode()
    assert "Someone was faster" not in again.content.decode()
    assert standing(payment) == before


def test_a_lost_lease_decides_nothing_and_says_who_has_it(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    workflow.claim(ids=[payment.pk], actor=operator)
    PaymentState.objects.filter(pk=payment.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    workflow.claim(ids=[payment.pk], actor=people.person(name="Karim Amrani"))
    answer = desk.post(
        f"/payments/{payment.pk}/reject/", {"version": 1, "reason_code": "AC01", "reason": "Wrong digits"}
    )
    assert answer.status_code == 409
    assert "Karim Amrani is deciding on this payment." in answer.content.decode()
    assert "Wrong digits" in answer.content.decode()
    assert state(payment).status == "checked"


def test_claim_release_and_a_supervisor_who_takes_a_claim_away(
    stage: people.Stage, operator: User, desk: Client
) -> None:
    payment = people.payment(stage)
    desk.post(f"/payments/{payment.pk}/claim/?view=todo")
    assert state(payment).claimed_by_id == operator.pk
    colleague = signed_in(people.person())
    assert colleague.post(f"/payments/{payment.pk}/claim/").status_code == 409
    assert colleague.post(f"/payments/{payment.pk}/release/", {"reason": "mine"}).status_code == 409
    supervisor = signed_in(people.person(roles.SUPERVISOR))
    assert supervisor.post(f"/payments/{payment.pk}/release/", {"reason": ""}).status_code == 422
    assert state(payment).claimed_by_id == operator.pk
    supervisor.post(f"/payments/{payment.pk}/release/", {"reason": "Gone home."})
    assert state(payment).claimed_by_id is None
    desk.post(f"/payments/{payment.pk}/claim/")
    desk.post(f"/payments/{payment.pk}/release/")
    assert state(payment).claimed_by_id is None
    assert acts(payment) == ["payment.claimed", "payment.released"] * 2


def test_a_supervisor_cancels_and_reopens(stage: people.Stage) -> None:
    desk = signed_in(people.person(roles.SUPERVISOR))
    cancelled, rejected = people.payment(stage), people.payment(stage, status="rejected")
    desk.post(f"/payments/{cancelled.pk}/cancel/", {"reason_code": "paid_otherwise", "reason": "Paid by card."})
    desk.post(f"/payments/{rejected.pk}/reopen/", {"reason_code": "mistake"})
    assert (state(cancelled).status, state(rejected).status) == ("cancelled", "received")


VERBS = ("approve", "reject", "hold", "lift", "send-back", "comment", "cancel", "reopen", "settle", "return", "claim",
         "ask", "hand-over", "decline", "resume")  # fmt: skip
GIVEN = {"reason": "Because.", "reason_code": "AC01", "code": "person", "text": "Because.", "version": "1"}


@pytest.mark.parametrize("verb", [*VERBS, "release", "amend"])
def test_another_entitys_payment_is_not_there(stage: people.Stage, verb: str) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    payment = people.payment(other)
    desk = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))
    before = standing(payment)
    assert desk.get(f"/payments/{payment.pk}/{verb}/").status_code == 404
    assert desk.post(f"/payments/{payment.pk}/{verb}/", GIVEN).status_code == 404
    assert standing(payment) == before


@pytest.mark.parametrize("verb", ["lift", "cancel", "reopen", "settle", "return"])
def test_an_operator_has_neither_the_button_nor_the_act_of_a_supervisor(stage: people.Stage, verb: str) -> None:
    payment = people.payment(
        stage, status="rejected" if verb == "reopen" else "sent" if verb in {"settle", "return"} else "checked"
    )
    if verb == "lift":
        PaymentState.objects.filter(pk=payment.pk).update(hold_count=1)
    desk = signed_in(people.person())
    before = standing(payment)
    assert f"/{verb}/" not in desk.get(f"/payments/{payment.pk}/").content.decode()
    assert desk.get(f"/payments/{payment.pk}/{verb}/").status_code == 403
    assert desk.post(f"/payments/{payment.pk}/{verb}/", GIVEN).status_code == 403
    assert standing(payment) == before
    supervisor = signed_in(people.person(roles.SUPERVISOR))
    assert f"/payments/{payment.pk}/{verb}/" in supervisor.get(f"/payments/{payment.pk}/").content.decode()


def test_an_unknown_act_is_not_there(stage: people.Stage, desk: Client) -> None:
    assert desk.post(f"/payments/{people.payment(stage).pk}/explode/").status_code == 404


def test_the_dialog_gets_the_form_alone_and_a_redirect_it_can_follow(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    inside = {"HX-Request": "true"}
    page = desk.get(f"/payments/{payment.pk}/reject/?view=todo", headers=inside).content.decode()
    assert "<html" not in page
    assert "Reject €150.00" in page
    answer = desk.post(f"/payments/{payment.pk}/reject/?view=todo", {"reason_code": "AC01"}, headers=inside)
    assert answer.headers["HX-Redirect"] == "/queue/"
    assert state(payment).status == "rejected"


def test_a_decision_on_the_page_leads_to_the_next_page(stage: people.Stage, desk: Client) -> None:
    first, second = people.payment(stage), people.payment(stage)
    PaymentState.objects.filter(pk=first.pk).update(priority=10)
    answer = desk.post(f"/payments/{first.pk}/approve/?view=todo&on=page", {"version": 1})
    assert answer.headers["Location"] == f"/payments/{second.pk}/?view=todo"
    answer = desk.post(f"/payments/{second.pk}/approve/?view=todo&on=page", {"version": 1})
    assert answer.headers["Location"] == "/queue/"
