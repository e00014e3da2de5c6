"""Statements of accounts: what came, one of them with its lines, and bringing files in."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import lists
from controls.reconciliation import desk
from documents import attachments, contents, trail
from transactions.models import Statement, StatementDetail
from transactions.statements import bringing, taking

VIEW, IMPORT = "statement.view", "statement.import"
OUTCOMES = {
    taking.TAKEN: "ok", taking.REPLACED: "ok", taking.KNOWN: "", taking.PARALLEL: "warn", taking.REFUSED: "stop",
}  # fmt: skip
DETAILS = 500


def authorised(request: HttpRequest, pk: int) -> Statement:
    access.demand(request.user, VIEW)
    rows = desk.statements(access.entity_ids(request.user, VIEW)).select_related("supersedes", "attachment", "taken_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    return found


def findings(statement: Statement) -> list[str]:
    return [errors.sentence(one["code"], one.get("params")) for one in statement.findings]


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page."""
    access.demand(request.user, VIEW)
    places = lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    kind = lists.select(request, "kind", _("Kind"), _("all"), Statement.Kind.choices)
    status = lists.select(request, "status", _("State"), _("all"), Statement.Status.choices)
    rows = desk.statements([place.pk for place in places if entity.value in ("", place.code)])
    account = lists.number(request.GET.get("account", ""))
    for name, value in (("kind", kind.value), ("status", status.value), ("account", account)):
        rows = rows.filter(**{name: value}) if value else rows
    page: Any = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt="statements")
    context = {
        "page": page, "bar": lists.bar(request, [*([entity] if len(places) > 1 else []), kind, status]),
        "several_entities": len(places) > 1, "may_import": access.can(request.user, IMPORT),
    }  # fmt: skip
    return render(request, "statements/list.html", context)


@require_safe
def statement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement, its lines in their order, with what is open of each. A constant number of queries."""
    one = authorised(request, pk)
    page: Any = pages.page(
        desk.lines(one), key=("place",), cursor=lists.cursor(request), descending=False, size=100, salt=f"lines:{pk}"
    )
    opened = desk.still_open([line.origin_id or line.pk for line in page.items])
    told: dict[int, list[StatementDetail]] = {}
    for detail in StatementDetail.objects.filter(line__in=[line.pk for line in page.items]).order_by("line", "place")[
        :DETAILS
    ]:
        told.setdefault(detail.line_id, []).append(detail)
    context = {
        "one": one, "page": page, "findings": findings(one),
        "rows": [(line, opened.get(line.origin_id or line.pk), told.get(line.pk, [])) for line in page.items],
        "successor": one.successors.first(),
        "may_open": one.attachment_id and access.can(request.user, "document.view", one.entity_id)
        and access.can(request.user, "iban.view", one.entity_id),
        "may_match": access.can(request.user, "reconciliation.view", one.entity_id),
    }  # fmt: skip
    return render(request, "statements/one.html", context)


@require_GET
def statement_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes as they came, always as a download; who took them is on record."""
    one = authorised(request, pk)
    if one.attachment is None:
        raise NotThere("not_there")
    contents.demand(lists.reader(request), one.attachment)
    content = attachments.open_file(one.attachment)
    with transaction.atomic():
        trail.record(
            "statement.downloaded", subject_type="statement", subject_id=pk, entity_id=one.entity_id,
            actor=lists.reader(request),
        )  # fmt: skip
    answer = FileResponse(
        content, as_attachment=True, filename=one.file_name or f"{pk}.txt", content_type="application/octet-stream"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def statement_new(request: HttpRequest) -> HttpResponse:
    """Bring files in, several at once; what was odd is said before they are looked at."""
    access.demand(request.user, IMPORT)
    places = lists.entities(request, IMPORT)
    brought: list[tuple[str, bringing.Brought]] = []
    fault = ""
    if request.method == "POST":
        asked = request.POST.get("entity", places[0].code if len(places) == 1 else "")
        entity = next((one for one in places if one.code == asked), None)
        if entity is None:
            raise NotThere("not_there")
        files = [one for one in request.FILES.getlist("file") if isinstance(one, UploadedFile)]
        fault = "" if files else _("Choose at least one file.")
        for one in files[:20]:
            try:
                content = one.read(bringing.LARGEST + 1)
                name = one.name or ""
                brought.append((name, bringing.bring_in(
                    content=content, name=name, entity=entity, actor=lists.reader(request))))  # fmt: skip
            except (Denied, NotThere):
                raise
            except BusinessError as refused:
                fault = str(refused)
        whole = [taken for _name, one in brought for taken in one.taken]
        if not fault and len(brought) == 1 and len(whole) == 1 and not brought[0][1].problems and whole[0].statement_id:
            messages.success(request, outcome_words()[whole[0].outcome])
            return redirect("statement", pk=whole[0].statement_id)
    context = {
        "places": places, "fault": fault,
        "brought": [
            (name, one, [(taken, outcome_words()[taken.outcome], OUTCOMES[taken.outcome]) for taken in one.taken],
             [(problem, errors.sentence(problem.code, problem.params)) for problem in one.problems[:100]])
            for name, one in brought
        ],
    }  # fmt: skip
    return render(request, "statements/new.html", context, status=422 if fault else 200)


def outcome_words() -> dict[str, str]:
    return {
        taking.TAKEN: _("Taken in."), taking.REPLACED: _("Taken in; it replaces what the bank said before."),
        taking.KNOWN: _("Known already; nothing was changed."),
        taking.PARALLEL: _("Kept; another file told this period before, so its lines do not count."),
        taking.REFUSED: _("Refused."),
    }  # fmt: skip
