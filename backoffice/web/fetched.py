"""Files that banks left for us: what they became, and those that nobody recognises."""

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
from backoffice.web import lists
from documents import attachments, contents, trail
from transactions.channels import fetching
from transactions.models import FetchedFile

WAITING, ALL = "", "all"


def authorised(request: HttpRequest, pk: int) -> FetchedFile:
    """The file when the person sees messages of its entity; of another one it is not there. One query."""
    access.demand(request.user, "message.view")
    places = access.entity_ids(request.user, "message.view")
    found = FetchedFile.objects.select_related("attachment").filter(pk=pk, entity__in=places).first()
    if found is None:
        raise NotThere("not_there")
    return found


@require_GET
def fetched_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page."""
    access.demand(request.user, "message.view")
    places = lists.entities(request, "message.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    views = [(WAITING, _("To decide")), (ALL, _("All files"))]
    view = lists.choice(request, "view", views)
    rows = FetchedFile.objects.filter(entity__in=chosen).select_related(
        "entity", "channel", "message", "batch", "transmission", "decided_by"
    )
    if view == WAITING:
        rows = rows.filter(status=FetchedFile.Status.WAITING)
    page = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt=f"fetched:{view}")
    return render(
        request,
        "channels/fetched.html",
        {
            "view": view,
            "page": page,
            "rows": [(row, errors.sentence(row.code, row.params) if row.code else "") for row in page.items],
            "tabs": lists.tabs(request, "view", views),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
            "several_entities": len(places) > 1,
            "deciding": set(access.entity_ids(request.user, "message.decide")),
            "opening": set(access.entity_ids(request.user, "document.view"))
            & set(access.entity_ids(request.user, "iban.view")),
        },
    )


@require_GET
def fetched_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes as they came, always as a download; who took them is on record."""
    row = authorised(request, pk)
    access.demand(request.user, "document.view", row.entity_id)
    if row.attachment is None:
        raise NotThere("not_there")
    contents.demand(lists.reader(request), row.attachment)
    content = attachments.open_file(row.attachment)
    with transaction.atomic():
        trail.record(
            "fetched.downloaded", subject_type="fetched", subject_id=pk, entity_id=row.entity_id,
            actor=lists.reader(request),
        )  # fmt: skip
    answer = FileResponse(
        content, as_attachment=True, filename=row.attachment.name, content_type="application/octet-stream"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def fetched_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    row = authorised(request, pk)
    try:
        fetching.dismiss(fetched_id=row.pk, actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Laid aside. Its bytes are kept."))
    return redirect("fetched")
