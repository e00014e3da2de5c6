"""Messages of the bank: what came, what was made of it, and the answers that a person must decide on."""

import re
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import acts, lists
from documents import attachments, contents, trail
from transactions import messages as bank
from transactions import reasons
from transactions.messages import statuses
from transactions.models import BankMessage, MessageItem
from transactions.queries import messages as queries

REFERENCE = re.compile(r"(?:PAY-[0-9]{4}-|P)?0*([1-9][0-9]{0,17})")
WAITING, ALL = "", "messages"


def authorised(request: HttpRequest, pk: int) -> BankMessage:
    """The message when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "message.view")
    places = access.entity_ids(request.user, "message.view")
    found = queries.received(places).select_related("attachment").filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    return found


def answer_of(request: HttpRequest, pk: int) -> MessageItem:
    access.demand(request.user, "message.view")
    places = access.entity_ids(request.user, "message.view")
    rows = MessageItem.objects.select_related("message", "entity", "payment", "outgoing", "decided_by")
    found = rows.filter(pk=pk, entity__in=places).first()
    if found is None:
        raise NotThere("not_there")
    return found


def told(item: MessageItem) -> dict[str, Any]:
    """A status in words: what it says, why, and what was made of it."""
    return {
        "item": item,
        "status": statuses.words(item.status),
        "reason": reasons.words(item.reason_code, reasons.ISO) if item.reason_code else "",
        "why": errors.sentence(item.outcome_code) if item.outcome_code else "",
        "named": item.payment_info_id if item.level == "batch" else item.instruction_id or item.end_to_end_id,
        "waits": item.outcome in queries.WAITING,
    }


@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    """Answers that wait for a person, or every message. Queries: grants, entities, one page."""
    access.demand(request.user, "message.view")
    places = lists.entities(request, "message.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    views = [(WAITING, _("To decide")), (ALL, _("All messages"))]
    view = lists.choice(request, "view", views)
    cursor = lists.cursor(request)
    if view == ALL:
        page: Any = pages.page(queries.received(chosen), key=("id",), cursor=cursor, salt="messages")
        answers = []
    else:
        page = pages.page(queries.waiting(chosen), key=("id",), cursor=cursor, salt="answers")
        answers = [told(item) for item in page.items]
    return render(
        request,
        "messages/list.html",
        {
            "view": view,
            "page": page,
            "answers": answers,
            "tabs": lists.tabs(request, "view", views),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
            "several_entities": len(places) > 1,
            "may_import": access.can(request.user, "message.import") and access.can(request.user, "batch.import"),
        },
    )


@require_GET
def message_page(request: HttpRequest, pk: int) -> HttpResponse:
    message = authorised(request, pk)
    page = pages.page(
        queries.items(message), key=("position",), cursor=lists.cursor(request), descending=False, salt=f"message:{pk}"
    )
    may_see_acts = access.can(request.user, "history.view", message.entity_id)
    return render(
        request,
        "messages/message.html",
        {
            "message": message,
            "page": page,
            "answers": [told(item) for item in page.items],
            "refusal": errors.sentence(message.refusal_code, message.refusal_params) if message.refusal_code else "",
            "may_open_file": access.can(request.user, "document.view", message.entity_id)
            and access.can(request.user, "iban.view", message.entity_id),
            "acts": acts.told(trail.of("message", pk)[:20]) if may_see_acts else [],
        },
    )


@require_GET
def message_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes as they came, always as a download; who took them is on record."""
    message = authorised(request, pk)
    contents.demand(lists.reader(request), message.attachment)
    content = attachments.open_file(message.attachment)
    with transaction.atomic():
        trail.record(
            "message.downloaded", subject_type="message", subject_id=pk, entity_id=message.entity_id,
            actor=lists.reader(request),
        )  # fmt: skip
    name = message.file_name or f"{message.pk}.xml"
    answer = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_GET
def answer_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer_page(request, answer_of(request, pk))


def _answer_page(request: HttpRequest, item: MessageItem, fault: str = "", status: int = 200) -> HttpResponse:
    may_decide = access.can(request.user, "message.decide", item.entity_id) and item.outcome in queries.WAITING
    return render(
        request,
        "messages/answer.html",
        {
            **told(item),
            "candidates": queries.candidates(item) if may_decide and item.level == "payment" else [],
            "may_decide": may_decide,
            "fault": fault,
            "asked": {"payment": request.POST.get("payment", ""), "reason": request.POST.get("reason", "")},
        },
        status=status,
    )


@require_POST
def answer_assign(request: HttpRequest, pk: int) -> HttpResponse:
    item = answer_of(request, pk)
    found = REFERENCE.fullmatch(request.POST.get("payment", "").strip().upper())
    if found is None:
        access.demand(request.user, "message.decide", item.entity_id)
        return _answer_page(request, item, _("Give the payment's number, such as PAY-2026-000123."), 422)
    return _decided(request, item, int(found.group(1)))


@require_POST
def answer_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, answer_of(request, pk), None)


def _decided(request: HttpRequest, item: MessageItem, payment_id: int | None) -> HttpResponse:
    actor, reason = lists.reader(request), request.POST.get("reason", "")
    try:
        if payment_id is None:
            bank.dismiss(item_id=item.pk, actor=actor, reason=reason)
            messages.success(request, _("Laid aside. Nothing was moved."))
        else:
            bank.assign(item_id=item.pk, payment_id=payment_id, actor=actor, reason=reason)
            messages.success(request, _("Assigned; what the bank says of the payment is done."))
    except Denied:
        raise
    except NotThere:
        return _answer_page(request, item, _("There is no such payment."), 422)
    except errors.Conflict:
        raise
    except BusinessError as refusal:
        return _answer_page(request, item, str(refusal), 422)
    return redirect("messages")
