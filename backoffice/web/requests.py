"""Answering what is asked about a payment, with words or a document, and giving the question up."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import decision_forms as forms
from backoffice.web import lists
from backoffice.web.payment_documents import LARGEST, keep
from backoffice.web.queue_filter import Chosen
from documents.models import AttachmentLink
from transactions import queries, workflow
from transactions.models import InformationRequest, Payment

# What a document that was asked for is kept as.
_KEPT_AS = {
    InformationRequest.Kind.INVOICE: AttachmentLink.Kind.INVOICE,
    InformationRequest.Kind.CONTRACT: AttachmentLink.Kind.CONTRACT,
    InformationRequest.Kind.BANK_DETAILS: AttachmentLink.Kind.BANK_DETAILS,
}
Does = Callable[[InformationRequest, Payment, User, dict[str, Any]], workflow.Answer]


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int, request_pk: int) -> HttpResponse:
    """What came back: kept with the payment, which comes back on top of the queue."""
    return _view(
        request, pk, request_pk, right="payment.comment", form=forms.RequestAnswer, does=_answered,
        words=(gettext_lazy("Answer the request"), gettext_lazy("Answer"), gettext_lazy("The answer is kept.")),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int, request_pk: int) -> HttpResponse:
    """The question is given up, with the reason."""
    return _view(
        request, pk, request_pk, right="payment.hold", form=forms.Why, does=_closed,
        words=(gettext_lazy("Close the request"), gettext_lazy("Close"), gettext_lazy("The request is closed.")),
    )  # fmt: skip


def _answered(asked: InformationRequest, payment: Payment, user: User, given: dict[str, Any]) -> workflow.Answer:
    file, kept = given["file"], None
    if file is not None:
        access.demand(user, "document.add", payment.entity_id)
        if file.size > LARGEST:
            raise BusinessError("request.file_too_large")
    with transaction.atomic():
        workflow.lock([payment.pk])
        if file is not None:
            kind = _KEPT_AS.get(InformationRequest.Kind(asked.kind), AttachmentLink.Kind.OTHER)
            kept = keep(payment, user, file, kind)
        done = workflow.answer(request_id=asked.pk, actor=user, text=given["text"], attachment=kept)
        if not done.done:
            # The document is not kept for a question that was answered meanwhile.
            transaction.set_rollback(True)
    return done


def _closed(asked: InformationRequest, _payment: Payment, user: User, given: dict[str, Any]) -> workflow.Answer:
    return workflow.close(request_id=asked.pk, actor=user, reason=given["reason"])


def _view(
    request: HttpRequest, pk: int, request_pk: int, *, right: str, form: type[forms.Decision], does: Does,
    words: tuple[str | Promise, str | Promise, str | Promise],
) -> HttpResponse:  # fmt: skip
    user = lists.reader(request)
    access.demand(user, "payment.view")
    payment = queries.payment(pk, access.entity_ids(user, "payment.view"))
    access.demand(user, right, payment.entity_id)
    asked = queries.information_request(request_pk, [payment.entity_id])
    if asked.payment_id != payment.pk:
        raise NotThere("not_there")
    title, button, done = words
    chosen = Chosen(request)
    back = chosen.payment_address(pk) if chosen.from_list else reverse("payment", args=[pk])
    filled = form(request.POST or None, request.FILES or None) if request.method == "POST" else form()
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid():
            refusal = _try(does, asked, payment, user, filled)
            if not refusal:
                messages.success(request, str(done))
                return redirect(back)
    context = {
        "title": title, "button": button, "form": filled, "asked": asked, "payment": payment, "state": payment.state,
        "back": back, "query": request.GET.urlencode(), "inside": bool(request.headers.get("HX-Request")),
    }  # fmt: skip
    return render(request, "payment/request.html", context, status=status)


def _try(does: Does, asked: InformationRequest, payment: Payment, user: User, filled: forms.Decision) -> str:
    """The refusal, put on the form; empty when it was done."""
    try:
        answered = does(asked, payment, user, filled.given)
    except BusinessError as refusal:
        if isinstance(refusal, Denied | NotThere | Conflict):
            raise
        filled.add_error(None, str(refusal))
        return str(refusal)
    if not answered.done:
        filled.add_error(None, answered.sentence)
    return "" if answered.done else answered.sentence or _("This could not be done.")
