"""Addresses of the queue and of payments."""

from django.urls import path

from backoffice.web import (
    bulk,
    cards,
    decisions,
    payment,
    payment_documents,
    payment_form,
    payments,
    queue,
    recalls,
    requests,
    undo,
    verification,
)
from transactions.queries import SECOND

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/take/", queue.take, name="take_next"),
    path("queue/many/", bulk.bulk, name="bulk"),
    path("queue/undo/", undo.undo, name="undo"),
    path("second-approvals/", queue.queue, {"view": SECOND}, name="second_approvals"),
    path("search/", payments.search, name="search"),
    path("payments/", payments.payments, name="payments"),
    path("payments/new/", payment_form.new, name="payment_new"),
    path("payments/new/verify/", verification.new, name="payment_new_verify"),
    path("payments/<int:pk>/", payment.payment, name="payment"),
    path("payments/<int:pk>/pane/", queue.pane, name="payment_pane"),
    path("payments/<int:pk>/accounts/", payment.reveal, name="payment_reveal"),
    path("payments/<int:pk>/amend/", payment_form.amend, name="payment_amend"),
    path("payments/<int:pk>/cards/<int:card_pk>/", cards.card, name="payment_card"),
    path("payments/<int:pk>/documents/", payment_documents.add, name="payment_document_add"),
    path("payments/<int:pk>/documents/<int:attachment_id>/", payment_documents.document, name="payment_document"),
    path("payments/<int:pk>/recall/", recalls.recall_new, name="recall_new"),
    path("payments/<int:pk>/requests/<int:request_pk>/answer/", requests.answer, name="request_answer"),
    path("payments/<int:pk>/requests/<int:request_pk>/close/", requests.close, name="request_close"),
    path("payments/<int:pk>/verify/", verification.again, name="payment_verify"),
    path("payments/<int:pk>/<slug:verb>/", decisions.act, name="payment_act"),
]
