"""Recalls: what is due, payments of ours that are asked back, and what other banks ask of us."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import acts, lists
from backoffice.web.bank_messages import REFERENCE
from documents import trail
from transactions import queries as facts
from transactions import reasons
from transactions.models import Payment, Recall, RecallRequest
from transactions.queries import recalls as queries
from transactions.recalls import asking, deadlines, requests
from transactions.recalls.outcomes import one

DUE, OURS, RECEIVED = "", "ours", "received"


def recall_of(request: HttpRequest, pk: int, right: str = "recall.view") -> Recall:
    """The recall when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "recall.view")
    found = queries.ours(access.entity_ids(request.user, "recall.view")).select_related("ended_by", "answer_item")
    recall = found.filter(pk=pk).first()
    if recall is None:
        raise NotThere("not_there")
    access.demand(request.user, right, recall.entity_id)
    return recall


def request_of(request: HttpRequest, pk: int, right: str = "recall.view") -> RecallRequest:
    access.demand(request.user, "recall.view")
    found = queries.received(access.entity_ids(request.user, "recall.view"))
    row = found.select_related("item__message", "answer_file", "return_file").filter(pk=pk).first()
    if row is None:
        raise NotThere("not_there")
    access.demand(request.user, right, row.entity_id)
    return row


@require_GET
def recall_list(request: HttpRequest) -> HttpResponse:
    """What is due, every recall of ours, or every one that was received. Queries: grants, entities, one page."""
    access.demand(request.user, "recall.view")
    places = lists.entities(request, "recall.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    views = [(DUE, _("Due")), (OURS, _("Asked by us")), (RECEIVED, _("Asked of us"))]
    view = lists.choice(request, "view", views)
    choices = RecallRequest.Status.choices if view == RECEIVED else Recall.Status.choices
    status = lists.select(request, "status", _("Status"), _("all"), choices)
    page: Any = None
    rows: list[queries.Due] = []
    if view == DUE:
        rows = queries.due(chosen)
    else:
        found: Any = queries.received(chosen) if view == RECEIVED else queries.ours(chosen)
        if status.value:
            found = found.filter(status=status.value)
        page = pages.page(found, key=("id",), cursor=lists.cursor(request), salt=f"recalls:{view}:{status.value}")
        days = [row.due_on if view == OURS or row.status in queries.TO_ANSWER else None for row in page.items]
        rows = [queries.Due(view == OURS, row, queries.as_day(day)) for row, day in zip(page.items, days, strict=True)]
    selects = [*([entity] if len(places) > 1 else []), *([] if view == DUE else [status])]
    return render(
        request,
        "recalls/list.html",
        {
            "view": view,
            "rows": rows,
            "page": page,
            "tabs": lists.tabs(request, "view", views),
            "bar": lists.bar(request, selects),
            "several_entities": len(places) > 1,
        },
    )


@require_GET
def recall_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _recall_page(request, recall_of(request, pk))


def _recall_page(request: HttpRequest, recall: Recall, fault: str = "") -> HttpResponse:
    """The recall with its steps and what this person may do with it."""
    asked = recall.status == Recall.Status.ASKED
    user = lists.reader(request)
    may_ask = access.can(user, "recall.ask", recall.entity_id)
    may_see_acts = access.can(user, "history.view", recall.entity_id)
    return render(
        request,
        "recalls/recall.html",
        {
            "recall": recall,
            "due": queries.Due(True, recall, queries.as_day(recall.due_on)),
            "answer": reasons.words(recall.answer_code, reasons.ISO) if recall.answer_code else "",
            "may_approve": asked and access.can(user, "recall.approve", recall.entity_id),
            "own": recall.asked_by_id == user.pk,
            "may_withdraw": asked and may_ask,
            "may_see_file": recall.file_id is not None and access.can(user, "outgoing.view", recall.entity_id),
            "reason": lists.said(request),
            "fault": fault,
            "acts": acts.told(trail.of("recall", recall.pk)[:20]) if may_see_acts else [],
        },
        status=422 if fault else 200,
    )


@require_POST
def recall_approve(request: HttpRequest, pk: int) -> HttpResponse:
    recall = recall_of(request, pk, "recall.approve")
    try:
        one(asking.approve(ids=[recall.pk], actor=lists.reader(request)))
    except Denied:
        raise
    except BusinessError as refusal:
        return _recall_page(request, recall, str(refusal))
    messages.success(request, _("Recall %(case)s approved; its file is ready to be sent.") % {"case": recall.case_id})
    return redirect("recall", recall.pk)


@require_POST
def recall_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    recall = recall_of(request, pk, "recall.ask")
    try:
        one(asking.withdraw(ids=[recall.pk], actor=lists.reader(request), reason=lists.said(request)))
    except Denied:
        raise
    except BusinessError as refusal:
        return _recall_page(request, recall, str(refusal))
    messages.success(request, _("Recall %(case)s withdrawn.") % {"case": recall.case_id})
    return redirect("recall", recall.pk)


def recallable(payment: Payment) -> bool:
    """Could this payment be asked back at all? Whether it is in time, and not asked for yet, is said by the act."""
    return payment.state.status in {"sent", "settled"} and payment.kind not in asking.NEVER


@require_http_methods(["GET", "POST"])
def recall_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask one payment back: the reasons with the day until which each can be given."""
    access.demand(request.user, "recall.ask")
    payment = facts.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "recall.ask", payment.entity_id)
    code, why, fault = request.POST.get("reason_code", ""), lists.said(request), ""
    if request.method == "POST":
        try:
            made = one(asking.ask(payment_ids=[pk], actor=lists.reader(request), reason_code=code, reason=why)).made
        except Denied:
            raise
        except BusinessError as refusal:
            fault = str(refusal)
        else:
            messages.success(request, _("Recall asked for. Another person must approve it."))
            return redirect("recall", made)
    file = facts.outgoing_file_of(pk)
    today = deadlines.today(payment.entity.time_zone)
    choices = []
    for value, label in Recall.Reason.choices:
        if file is not None and recallable(payment):
            until = deadlines.ask_until(value, file.execution_date)
            choices.append({"code": value, "label": label, "until": until, "late": until < today})
    return render(
        request,
        "recalls/new.html",
        {"payment": payment, "choices": choices, "code": code, "reason": why, "fault": fault},
        status=422 if fault else 200,
    )


@require_GET
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _request_page(request, request_of(request, pk))


def _request_page(request: HttpRequest, row: RecallRequest, fault: str = "") -> HttpResponse:
    """A recall of another bank, the payment that it means, and what this person may answer."""
    user = lists.reader(request)
    may_answer = row.status in queries.TO_ANSWER and access.can(user, "recall.ask", row.entity_id)
    may_confirm = access.can(user, "recall.approve", row.entity_id) and access.can(
        user, "payment.return", row.entity_id
    )
    may_see_acts = access.can(user, "history.view", row.entity_id)
    held = row.payment_id is not None
    codes = [code for code in requests.REFUSALS if code != "NOOR" or not held]
    codes = codes if held else ["NOOR", *(code for code in codes if code != "NOOR")]
    return render(
        request,
        "recalls/request.html",
        {
            "row": row,
            "due": queries.Due(False, row, row.due_on if row.status in queries.TO_ANSWER else None),
            "why": reasons.words(row.item.reason_code, reasons.ISO) if row.item.reason_code else "",
            "answer": reasons.words(row.answer_code, reasons.ISO) if row.answer_code else "",
            "no_match": errors.sentence(row.match_code) if row.match_code and not held else "",
            "may_accept": may_answer and row.status == RecallRequest.Status.OPEN,
            "may_confirm": may_confirm and row.status == RecallRequest.Status.PROPOSED,
            "own": row.proposed_by_id == user.pk,
            "may_refuse": may_answer,
            "may_see_files": access.can(user, "outgoing.view", row.entity_id),
            "refusals": reasons.choices(codes, reasons.ISO),
            "asked": {name: request.POST.get(name, "") for name in ("payment", "reason", "reason_code")},
            "fault": fault,
            "acts": acts.told(trail.of("recall_request", row.pk)[:20]) if may_see_acts else [],
        },
        status=422 if fault else 200,
    )


@require_POST
def request_accept(request: HttpRequest, pk: int) -> HttpResponse:
    row = request_of(request, pk, "recall.ask")
    said = request.POST.get("payment", "").strip().upper()
    found = REFERENCE.fullmatch(said) if said else None
    if said and found is None:
        return _request_page(request, row, _("Give the payment's number, such as PAY-2026-000123."))
    return _answered(
        request, row, _("Proposed. Another person must confirm that it is given back."),
        lambda actor: requests.propose(
            ids=[row.pk], actor=actor, reason=lists.said(request),
            payment_id=int(found.group(1)) if found else None,
        ),
    )  # fmt: skip


@require_POST
def request_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    row = request_of(request, pk, "recall.approve")
    return _answered(
        request, row, _("Given back. The answer and the return are ready to be sent."),
        lambda actor: requests.confirm(ids=[row.pk], actor=actor),
    )  # fmt: skip


@require_POST
def request_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = request_of(request, pk, "recall.ask")
    return _answered(
        request, row, _("Refused. The answer is ready to be sent."),
        lambda actor: requests.refuse(
            ids=[row.pk], actor=actor, reason_code=request.POST.get("reason_code", ""),
            reason=lists.said(request),
        ),
    )  # fmt: skip


def _answered(request: HttpRequest, row: RecallRequest, said: str, act: Any) -> HttpResponse:
    try:
        one(act(lists.reader(request)))
    except Denied:
        raise
    except BusinessError as refusal:
        return _request_page(request, row, str(refusal))
    messages.success(request, said)
    return redirect("recall_request", row.pk)
