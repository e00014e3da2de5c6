"""Files for the bank: what waits, what is prepared and sent, and confirming that it was settled."""

from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from backoffice.common import formats, pages
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.web import acts, lists, transmissions
from backoffice.web.bank_messages import told
from documents import attachments, trail
from transactions import settlement
from transactions.models import OutgoingFile, PaymentState
from transactions.queries import messages as answers
from transactions.queries import outgoing as queries

XML = "application/octet-stream"


def authorised(request: HttpRequest, pk: int, right: str = "outgoing.view") -> OutgoingFile:
    """The file when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "outgoing.view")
    file = (
        OutgoingFile.objects.select_related("entity", "account", "attachment", "sent_by")
        .filter(pk=pk, entity__in=access.entity_ids(request.user, "outgoing.view"))
        .first()
    )
    if file is None:
        raise NotThere("not_there")
    access.demand(request.user, right, file.entity_id)
    return file


@require_GET
def outgoing_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page of files, what waits to go in one, and what needs somebody."""
    access.demand(request.user, "outgoing.view")
    places = lists.entities(request, "outgoing.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    states = [("", _("All")), *OutgoingFile.Status.choices]
    status = lists.choice(request, "status", states)
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    way = lists.select(request, "way", _("On its way"), _("all"), [("trouble", _("needs somebody"))])
    rows = OutgoingFile.objects.filter(entity__in=chosen).select_related("account", "entity", "transmission")
    if status:
        rows = rows.filter(status=status)
    if way.value:
        rows = rows.filter(pk__in=queries.troubled(chosen))
    page = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt=f"outgoing:{status}:{way.value}")
    for file in page.items:
        one = getattr(file, "transmission", None)
        file.mark = transmissions.pill(one) if one is not None else None  # type: ignore[attr-defined]
    return render(
        request,
        "outgoing/list.html",
        {
            "page": page,
            "trouble": queries.trouble(chosen),
            "tabs": lists.tabs(request, "status", states),
            "bar": lists.bar(request, [*([entity] if len(places) > 1 else []), way]),
            "several_entities": len(places) > 1,
            "waiting": queries.waiting(chosen),
            "left_out": queries.left_out(chosen),
            "sending": set(access.entity_ids(request.user, "outgoing.send")),
        },
    )


@require_GET
def outgoing_page(request: HttpRequest, pk: int) -> HttpResponse:
    file = authorised(request, pk)
    items, key = queries.contents(file)
    left = PaymentState.objects.filter(payment__outgoing__file=file, status=PaymentState.Status.SENT)
    counted = queries.counted(file)
    may_settle = access.can(request.user, "payment.settle", file.entity_id)
    may_see_answers = access.can(request.user, "message.view", file.entity_id)
    may_see_acts = access.can(request.user, "history.view", file.entity_id)
    return render(
        request,
        "outgoing/file.html",
        {
            "file": file,
            "page": pages.page(
                items, key=(key,), cursor=lists.cursor(request), descending=False, salt=f"outgoing:{pk}"
            ),
            "counted": counted,
            "agrees": counted == (file.payment_count, file.control_sum),
            "may_download": file.attachment is not None and access.can(request.user, "iban.view", file.entity_id),
            "may_void": access.can(request.user, "outgoing.send", file.entity_id)
            and file.status == "prepared"
            and not file.of_cases,
            "may_send": access.can(request.user, "outgoing.send", file.entity_id) and file.status == "prepared",
            "may_settle": may_settle and file.status == "sent" and left.exists(),
            "today": timezone.localdate(),
            "way": transmissions.told(file, lists.reader(request)),
            "answers": [told(item) for item in answers.of_file(pk)] if may_see_answers else [],
            "acts": acts.told(trail.of("outgoing", pk)[:20]) if may_see_acts else [],
        },
    )


@require_GET
def outgoing_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes as they were prepared, always as a download; who took them is on record."""
    file = authorised(request, pk)
    if file.attachment is None:
        raise NotThere("not_there")
    access.demand(request.user, "iban.view", file.entity_id)
    content = attachments.open_file(file.attachment)
    with transaction.atomic():
        trail.record(
            "outgoing.downloaded",
            subject_type="outgoing",
            subject_id=file.pk,
            entity_id=file.entity_id,
            actor=lists.reader(request),
        )
    response = FileResponse(content, as_attachment=True, filename=f"{file.message_id}.xml", content_type=XML)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def outgoing_prepare(request: HttpRequest, account_pk: int) -> HttpResponse:
    """Prepare what waits of one account now, before its cut-off."""
    access.demand(request.user, "outgoing.send")
    account = queries.account(account_pk, access.entity_ids(request.user, "outgoing.view"))
    access.demand(request.user, "outgoing.send", account.entity_id)
    made = settlement.prepare(account=account, actor=lists.reader(request))
    if not made:
        messages.warning(request, _("Nothing of %(account)s waits to go in a file.") % {"account": account.code})
        return redirect("outgoing")
    said = ngettext("%(n)s file prepared.", "%(n)s files prepared.", len(made)) % {"n": formats.count(len(made))}
    messages.success(request, said)
    return redirect("outgoing_file", made[0].pk) if len(made) == 1 else redirect("outgoing")


@require_POST
def outgoing_send(request: HttpRequest, pk: int) -> HttpResponse:
    file = authorised(request, pk, "outgoing.send")
    settlement.send(file_id=file.pk, actor=lists.reader(request))
    said = ngettext("Sent: %(count)s payment, %(sum)s.", "Sent: %(count)s payments, %(sum)s.", file.payment_count)
    total = formats.amount(file.control_sum, file.currency)
    messages.success(request, said % {"count": formats.count(file.payment_count), "sum": total})
    return redirect("outgoing_file", pk)


@require_POST
def outgoing_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a prepared file up: its payments wait for the next one."""
    file = authorised(request, pk, "outgoing.send")
    try:
        settlement.void(file_id=file.pk, actor=lists.reader(request), reason=lists.said(request))
    except BusinessError as refusal:
        if isinstance(refusal, Denied | NotThere | Conflict):
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The file is given up; its payments go in the next one."))
    return redirect("outgoing_file", pk)


@require_POST
def outgoing_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The bank executed the file: its payments are settled with the value date that the bank gave."""
    file = authorised(request, pk, "payment.settle")
    value_date = _day(request.POST.get("value_date", ""))
    if value_date is None:
        messages.error(request, _("Give the value date as the bank gave it."))
        return redirect("outgoing_file", pk)
    settlement.confirm(file_id=file.pk, actor=lists.reader(request), value_date=value_date)
    messages.success(request, _("Settlement confirmed, value date %(day)s.") % {"day": formats.day(value_date)})
    return redirect("outgoing_file", pk)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
