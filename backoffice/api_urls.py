"""/api/v1/: each room's endpoints at their addresses."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, path, re_path

from backoffice import api_document
from backoffice.common.api import NoSuchAddress
from backoffice.people import api as people
from backoffice.people import delegations_api as delegations
from backoffice.webhooks import api as webhooks
from controls import api as controls
from controls import api_approvals as approvals
from documents import api as documents
from transactions.api import accounts, batches, ledger, mandates, messages, outgoing, payees, payments, verbs


def of_verbs() -> Iterator[URLPattern]:
    """Each verb twice: of one payment, and of many."""
    for verb in (controls.VALIDATE, *verbs.VERBS):
        one, many = verb.acts()
        name = verb.name.replace("-", "_")
        yield path(
            f"payments/<int:payment_id>/{verb.name}",
            verbs.VerbOne.as_view(verb=verb, declared=one),
            name=f"payment_{name}",
        )
        yield path(f"payments/{verb.name}", verbs.VerbMany.as_view(verb=verb, declared=many), name=f"payments_{name}")


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", api_document.Index.as_view(), name="index"),
    path("schema", api_document.Schema.as_view(), name="schema"),
    path("entities", people.EntityList.as_view(), name="entities"),
    path("entities/<int:entity_id>", people.EntityDetail.as_view(), name="entity"),
    path("users", people.UserList.as_view(), name="users"),
    path("users/me", people.Me.as_view(), name="me"),
    path("users/<int:user_id>", people.UserDetail.as_view(), name="user"),
    path("users/<int:user_id>/limits", approvals.UserLimit.as_view(), name="user_limits"),
    path("delegations", delegations.DelegationList.as_view(), name="delegations"),
    path("delegations/<int:delegation_id>", delegations.DelegationDetail.as_view(), name="delegation"),
    path("delegations/<int:delegation_id>/end", delegations.DelegationEnd.as_view(), name="delegation_end"),
    path("approval-matrix", approvals.MatrixList.as_view(), name="matrix"),
    path("approval-matrix/<int:row_id>", approvals.MatrixDetail.as_view(), name="matrix_row"),
    path("approval-matrix/<int:row_id>/change", approvals.MatrixChange.as_view(), name="matrix_change"),
    path("straight-policies", approvals.PolicyList.as_view(), name="straight_policies"),
    path("straight-policies/<int:policy_id>", approvals.PolicyDetail.as_view(), name="straight_policy"),
    path("straight-policies/<int:policy_id>/change", approvals.PolicyChange.as_view(), name="straight_change"),
    path("straight-policies/<int:policy_id>/stop", approvals.PolicyStop.as_view(), name="straight_stop"),
    path("changes", approvals.ChangeList.as_view(), name="changes"),
    path("changes/<int:change_id>", approvals.ChangeDetail.as_view(), name="change"),
    path("changes/<int:change_id>/approve", approvals.ChangeApprove.as_view(), name="change_approve"),
    path("changes/<int:change_id>/refuse", approvals.ChangeRefuse.as_view(), name="change_refuse"),
    path("changes/<int:change_id>/withdraw", approvals.ChangeWithdraw.as_view(), name="change_withdraw"),
    path("tokens", people.TokenList.as_view(), name="tokens"),
    path("tokens/<int:token_id>", people.TokenDetail.as_view(), name="token"),
    path("tokens/<int:token_id>/revoke", people.TokenRevoke.as_view(), name="token_revoke"),
    path("accounts", accounts.AccountList.as_view(), name="accounts"),
    path("accounts/<int:account_id>", accounts.AccountDetail.as_view(), name="account"),
    path("accounts/<int:account_id>/statement", accounts.AccountStatement.as_view(), name="account_statement"),
    path("accounts/<int:account_id>/block", accounts.AccountBlock.as_view(), name="account_block"),
    path("accounts/<int:account_id>/unblock", accounts.AccountUnblock.as_view(), name="account_unblock"),
    path("trial-balance", ledger.TrialBalance.as_view(), name="trial_balance"),
    path("journal-entries", ledger.EntryList.as_view(), name="entries"),
    path("journal-entries/<int:entry_id>", ledger.EntryDetail.as_view(), name="entry"),
    path("payees", payees.PayeeList.as_view(), name="payees"),
    path("payees/<int:payee_id>", payees.PayeeDetail.as_view(), name="payee"),
    path("payees/<int:payee_id>/bank-details", payees.PayeeBankDetails.as_view(), name="bank_details"),
    path(
        "payees/<int:payee_id>/bank-details/<int:details_id>/confirm",
        payees.PayeeBankDetailsConfirm.as_view(),
        name="bank_details_confirm",
    ),
    path("sources", batches.SourceList.as_view(), name="sources"),
    path("sources/<int:source_id>", batches.SourceDetail.as_view(), name="source"),
    path("sources/<int:source_id>/change", batches.SourceChange.as_view(), name="source_change"),
    path("batches", batches.BatchList.as_view(), name="batches"),
    path("batches/<int:batch_id>", batches.BatchDetail.as_view(), name="batch"),
    path("batches/<int:batch_id>/problems", batches.BatchProblems.as_view(), name="batch_problems"),
    path("batches/<int:batch_id>/outcome", controls.BatchOutcome.as_view(), name="batch_outcome"),
    path("payments", payments.PaymentList.as_view(), name="payments"),
    path("payments/take-next", verbs.PaymentTakeNext.as_view(), name="take_next"),
    path("payments/<int:payment_id>", controls.PaymentDetail.as_view(), name="payment"),
    path("payments/<int:payment_id>/checks", controls.PaymentChecks.as_view(), name="payment_checks"),
    path("payments/<int:payment_id>/assessments", controls.PaymentAssessments.as_view(), name="payment_assessments"),
    path("payments/<int:payment_id>/attachments", documents.PaymentAttachments.as_view(), name="payment_attachments"),
    path("payments/<int:payment_id>/amend", verbs.PaymentAmend.as_view(), name="payment_amend"),
    path("payments/<int:payment_id>/comment", verbs.PaymentComment.as_view(), name="payment_comment"),
    *of_verbs(),
    path("outgoing-files", outgoing.OutgoingList.as_view(), name="outgoing"),
    path("outgoing-files/waiting", outgoing.OutgoingWaiting.as_view(), name="outgoing_waiting"),
    path("outgoing-files/<int:file_id>", outgoing.OutgoingDetail.as_view(), name="outgoing_file"),
    path("outgoing-files/<int:file_id>/content", outgoing.OutgoingContent.as_view(), name="outgoing_content"),
    path("outgoing-files/<int:file_id>/send", outgoing.OutgoingSend.as_view(), name="outgoing_send"),
    path("outgoing-files/<int:file_id>/confirm", outgoing.OutgoingConfirm.as_view(), name="outgoing_confirm"),
    path("bank-messages", messages.MessageList.as_view(), name="messages"),
    path("bank-messages/<int:message_id>", messages.MessageDetail.as_view(), name="message"),
    path("bank-messages/<int:message_id>/answers", messages.MessageItems.as_view(), name="message_answers"),
    path("bank-answers/waiting", messages.AnswersWaiting.as_view(), name="answers_waiting"),
    path("bank-answers/<int:answer_id>/assign", messages.AnswerAssign.as_view(), name="answer_assign"),
    path("bank-answers/<int:answer_id>/dismiss", messages.AnswerDismiss.as_view(), name="answer_dismiss"),
    path("mandates", mandates.MandateList.as_view(), name="mandates"),
    path("mandates/<int:mandate_id>", mandates.MandateDetail.as_view(), name="mandate"),
    path("mandates/<int:mandate_id>/amend", mandates.MandateAmend.as_view(), name="mandate_amend"),
    path("mandates/<int:mandate_id>/cancel", mandates.MandateCancel.as_view(), name="mandate_cancel"),
    path("attachments/<int:attachment_id>", documents.AttachmentDetail.as_view(), name="attachment"),
    path("attachments/<int:attachment_id>/content", documents.AttachmentContent.as_view(), name="attachment_content"),
    path("audit-records", documents.AuditRecords.as_view(), name="audit_records"),
    path("rules", controls.RuleList.as_view(), name="rules"),
    path("rules/<str:code>", controls.RuleDetail.as_view(), name="rule"),
    path("webhooks", webhooks.WebhookList.as_view(), name="webhooks"),
    path("webhooks/<int:webhook_id>", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<int:webhook_id>/change", webhooks.WebhookChange.as_view(), name="webhook_change"),
    path("webhooks/<int:webhook_id>/rotate", webhooks.WebhookRotate.as_view(), name="webhook_rotate"),
    path("webhooks/<int:webhook_id>/pause", webhooks.WebhookPause.as_view(), name="webhook_pause"),
    path("webhooks/<int:webhook_id>/resume", webhooks.WebhookResume.as_view(), name="webhook_resume"),
    path("webhooks/<int:webhook_id>/retire", webhooks.WebhookRetire.as_view(), name="webhook_retire"),
    path("webhooks/<int:webhook_id>/replay", webhooks.WebhookReplay.as_view(), name="webhook_replay"),
    path("webhooks/<int:webhook_id>/deliveries", webhooks.WebhookDeliveries.as_view(), name="webhook_deliveries"),
    path(
        "webhooks/<int:webhook_id>/deliveries/<int:delivery_id>",
        webhooks.WebhookDelivery.as_view(),
        name="webhook_delivery",
    ),
    re_path(r"^[\s\S]*$", NoSuchAddress.as_view(), name="nowhere"),
]
