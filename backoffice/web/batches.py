"""Batches and files: bringing files in, watching them being read and checked, seeing what is wrong in them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.common import errors, formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, batch_figures, lists
from backoffice.web.fields import FIELD_NAMES
from documents import attachments, trail
from transactions import intake
from transactions import messages as bank_messages
from transactions.models import BankMessage, IntakeProblem, IntakeSource, Payment, PaymentBatch

S = PaymentBatch.Status
RUNNING = (S.RECEIVED, S.READING, S.CHECKING)
# Cells that begin so would be run by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def authorised(request: HttpRequest, pk: int) -> PaymentBatch:
    """The batch when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "batch.view")
    batch = (
        PaymentBatch.objects.select_related("entity", "source", "attachment", "imported_by")
        .filter(pk=pk, entity__in=access.entity_ids(request.user, "batch.view"))
        .first()
    )
    if batch is None:
        raise NotThere("not_there")
    return batch


@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page of batches."""
    access.demand(request.user, "batch.view")
    places = lists.entities(request, "batch.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    channel = lists.select(request, "channel", _("Channel"), _("all"), PaymentBatch.Channel.choices)
    views = [
        ("", _("All")),
        ("running", _("Running")),
        ("ready", _("Checked")),
        ("partial", _("With problems")),
        ("refused", _("Refused")),
    ]
    view = lists.choice(request, "view", views)
    rows = _of_view(
        PaymentBatch.objects.filter(entity__in=[place.pk for place in places if entity.value in ("", place.code)]), view
    )
    if channel.value:
        rows = rows.filter(channel=channel.value)
    rows = rows.select_related("source", "entity", "imported_by")
    return render(
        request,
        "batches/list.html",
        {
            "page": pages.page(rows, key=("id",), cursor=lists.cursor(request), salt=f"batches:{view}"),
            "tabs": lists.tabs(request, "view", views),
            "bar": lists.bar(request, [*([entity] if len(places) > 1 else []), channel]),
            "several_entities": len(places) > 1,
            "may_import": access.can(request.user, "batch.import"),
        },
    )


def _of_view(rows: QuerySet[PaymentBatch], view: str) -> QuerySet[PaymentBatch]:
    if view == "running":
        return rows.filter(status__in=RUNNING)
    if view == "partial":
        return rows.filter(problem_count__gt=0).exclude(status=S.REFUSED)
    return rows.filter(status=view) if view else rows


# Bringing files in


def destinations(request: HttpRequest) -> list[tuple[Entity, list[IntakeSource]]]:
    """The entities into which the person may bring files, with their sources in use. Two queries."""
    places = lists.entities(request, "batch.import")
    sources: dict[int, list[IntakeSource]] = {place.pk: [] for place in places}
    for source in IntakeSource.objects.filter(entity__in=places, is_active=True).order_by("code"):
        sources[source.entity_id].append(source)
    return [(place, sources[place.pk]) for place in places]


def _chosen(request: HttpRequest) -> tuple[Entity, IntakeSource | None]:
    """What ``destination`` (``ENTITY`` or ``ENTITY:source``) names among what the person may choose."""
    code, _colon, source_code = request.POST.get("destination", "").partition(":")
    for entity, sources in destinations(request):
        if entity.code == code:
            if not source_code:
                return entity, None
            for source in sources:
                if source.code == source_code:
                    return entity, source
    raise NotThere("not_there")


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Files chosen or dropped, each through the one door. One file leads to its batch, several to the list.

    What is refused is said with its reason, and with the first batch when the file was seen before.
    """
    access.demand(request.user, "batch.import")
    if request.method == "GET":
        return _upload_page(request, [], 200)
    entity, source = _chosen(request)
    files = request.FILES.getlist("files")
    if not files:
        return _upload_page(request, [{"name": "", "said": _("Choose a file first."), "batch": None}], 422)
    made: list[PaymentBatch] = []
    answers: list[BankMessage] = []
    refused: list[dict[str, Any]] = []
    for file in files:
        try:
            received = _receive(request, file, entity, source)
            if isinstance(received, BankMessage):
                answers.append(received)
            else:
                made.append(received)
        except Denied:
            raise
        except BusinessError as refusal:
            refused.append({"name": file.name, "said": str(refusal), "batch": refusal.params.get("batch")})
    if made or answers:
        count = len(made) + len(answers)
        said = ngettext("%(n)s file received.", "%(n)s files received.", count) % {"n": formats.count(count)}
        messages.success(request, said)
    if refused:
        return _upload_page(request, refused, 409 if any(row["batch"] for row in refused) else 422, made)
    if answers and not made:
        return redirect("message", answers[0].pk) if len(answers) == 1 else redirect("/bank-messages/?view=messages")
    return redirect("batch", made[0].pk) if len(made) == 1 and not answers else redirect("batches")


def _receive(
    request: HttpRequest, file: "UploadedFile[bytes]", entity: Entity, source: IntakeSource | None
) -> PaymentBatch | BankMessage:
    """Through the door that the file is for: a message of the bank tells of payments, it is none."""
    size = file.size or 0
    if size > settings.INTAKE_MAX_BYTES:
        raise BusinessError("attachment.too_large", size=size, largest=settings.INTAKE_MAX_BYTES)
    content = file.read()
    if bank_messages.recognise(content):
        return bank_messages.receive(
            content=content, file_name=file.name or "", entity=entity, actor=lists.reader(request)
        )
    return intake.receive(
        content=content,
        file_name=file.name or "",
        entity=entity,
        actor=lists.reader(request),
        channel=PaymentBatch.Channel.FILE,
        source=source,
        content_type=file.content_type or "",
    )


def _upload_page(
    request: HttpRequest, refused: list[dict[str, Any]], status: int, made: list[PaymentBatch] | None = None
) -> HttpResponse:
    return render(
        request,
        "batches/upload.html",
        {
            "destinations": destinations(request),
            "chosen": request.POST.get("destination", request.GET.get("destination", "")),
            "refused": refused,
            "made": made or [],
            "largest": settings.INTAKE_MAX_BYTES,
        },
        status=status,
    )


@require_GET
def upload_sample(request: HttpRequest) -> HttpResponse:
    """A list that is accepted as it is, in the reader's language."""
    access.demand(request.user, "batch.import")
    titles = [_("Beneficiary"), "IBAN", "BIC", _("Amount"), _("Execution date"), _("Reference"), _("Remittance")]
    day = timezone.localdate().isoformat()
    rows = [
        ["Imprimerie du Faou", "FR1420041010050500013M02606", "", "1250.50", day, "F-2026-118", "Invoice F-2026-118"],
        ["Atelier Nordine", "DE89370400440532013000", "", "99.00", day, "F-2026-119", "Invoice F-2026-119"],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([titles, *rows])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="payments-sample.csv"'
    return response


# One batch


@require_GET
def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch and, while it runs, its live progress: the page refreshes its parts until the batch has finished."""
    batch = authorised(request, pk)
    progress = intake.progress(batch.pk)
    context: dict[str, Any] = {
        "batch": batch,
        "progress": progress,
        "running": not progress["finished"],
        "steps": steps(batch, progress),
        "bar": measure(progress),
        "declared": batch_figures.declared(batch),
        "sum": ", ".join(batch_figures.sums_said(batch)),
        "partial": batch.status not in {S.REFUSED, S.CANCELLED} and batch.problem_count > 0,
        "refusal": errors.sentence(batch.refusal_code, batch.refusal_params) if batch.refusal_code else "",
        "may_open_file": access.can(request.user, "document.view", batch.entity_id)
        and access.can(request.user, "iban.view", batch.entity_id),
    }
    if batch.taken_count and not context["running"] and access.can(request.user, "payment.view", batch.entity_id):
        may_see_rules = access.can(request.user, "rule.view", batch.entity_id)
        context["outcome"] = batch_figures.outcome(batch, with_rules=may_see_rules)
        open_names = any(rule.code == "VOP-NOT-POSSIBLE" for rule, _url in context["outcome"]["rules"])
        context["may_verify"] = open_names and access.can(request.user, "payment.validate", batch.entity_id)
    context |= _contents(request, batch)
    may_see_acts = access.can(request.user, "history.view", batch.entity_id)
    context["acts"] = acts.told(trail.of("batch", batch.pk)[:20]) if may_see_acts else []
    return render(request, "batches/batch.html", context)


def _contents(request: HttpRequest, batch: PaymentBatch) -> dict[str, Any]:
    """One page of the problems or of the payments: two keyset lists under two tabs."""
    views = [("problems", _("Problems")), ("payments", _("Payments"))]
    if not batch.problem_count and "tab" not in request.GET and not batch.problems.exists():
        views.reverse()
    tab = lists.choice(request, "tab", views)
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": lists.tabs(request, "tab", views, {"payments": min(batch.taken_count, pages.COUNT_CAP + 1)}),
    }
    cursor, salt = lists.cursor(request), f"batch:{batch.pk}:{tab}"
    if tab == "problems":
        problems = pages.page(
            IntakeProblem.objects.filter(batch=batch), key=("id",), cursor=cursor, descending=False, salt=salt
        )
        return context | {"page": problems, "problems": [told(row) for row in problems.items]}
    payments = Payment.objects.filter(batch=batch).select_related("state")
    page = pages.page(payments, key=("position", "id"), cursor=cursor, descending=False, salt=salt)
    return context | {"page": page}


def told(problem: IntakeProblem) -> dict[str, Any]:
    """A problem with its place, field and cause in words."""
    return {
        "problem": problem,
        "field": str(FIELD_NAMES.get(problem.field, problem.field)),
        "sentence": errors.sentence(problem.code, {"value": problem.value, **problem.params}),
    }


def steps(batch: PaymentBatch, progress: dict[str, Any]) -> list[dict[str, Any]]:
    """Received, read, checked, ready: each done, now, to come, or where the file was refused."""
    phase = progress["phase"]
    order = ["received", "reading", "storing", "checking", "ready"]
    at = order.index(phase) if phase in order else -1
    rows = progress["read"]
    read = ngettext("%(n)s row", "%(n)s rows", rows) % {"n": formats.count(rows)} if rows else ""
    checked = _("%(done)s of %(all)s") % {
        "done": formats.count(progress["checked"]), "all": formats.count(progress["taken"]),
    }  # fmt: skip
    line = [
        {"label": _("Received"), "note": formats.when(batch.created_at), "done": True},
        {"label": _("Read"), "note": read, "done": at >= 2 or bool(batch.read_at), "now": at in (0, 1)},
        {"label": _("Taken in"), "note": formats.count(progress["taken"]), "done": at >= 3, "now": at == 2},
        {"label": _("Checked"), "note": checked if at >= 3 else "", "done": at >= 4, "now": at == 3},
        {"label": _("Ready"), "note": formats.when(batch.ready_at) if batch.ready_at else "", "done": at >= 4},
    ]
    if phase in {"refused", "cancelled"}:
        stopped = {"label": batch.get_status_display(), "note": "", "stop": True}
        return [line[0], stopped]
    return line


def measure(progress: dict[str, Any]) -> dict[str, Any]:
    """The bar: how much of how much, and the same in words. ``total`` 0: the end is not known yet."""
    phase = progress["phase"]
    if phase == "checking":
        done, total = progress["checked"], progress["taken"]
        said = _("%(done)s of %(all)s payments checked")
    else:
        done, total = progress["read"], progress["declared"] or 0
        said = _("%(done)s of %(all)s rows read") if total else _("%(done)s rows read")
    rate = progress["rate"]
    left = (total - done) / rate if rate and total > done else None
    return {
        "done": min(done, total) if total else done,
        "total": total,
        "said": said % {"done": formats.count(done), "all": formats.count(total)},
        "rate": rate,
        "left": round(left) if left is not None else None,
    }


# Taking away


@require_GET
def batch_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every problem of the batch as CSV, streamed. Cells never begin like a formula."""
    batch = authorised(request, pk)
    response = StreamingHttpResponse(_spoken(_csv(batch)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="problems-{batch.pk}.csv"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class _Line:
    """A file for csv.writer that hands back what was written."""

    def write(self, text: str) -> str:
        return text


def _spoken(parts: Iterator[str]) -> Iterator[str]:
    """Each part in the language of now: what is streamed is made when the request has laid its language down."""
    language = translation.get_language() or settings.LANGUAGE_CODE

    def made() -> Iterator[str]:
        while True:
            with translation.override(language):
                part = next(parts, None)
            if part is None:
                return
            yield part

    return made()


def _csv(batch: PaymentBatch) -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff"
    head = [_("Row"), _("Line"), _("Path"), _("Field"), _("Value"), _("Problem"), _("Code"), _("Severity")]
    yield writer.writerow([safe_cell(title) for title in head])
    for problem in IntakeProblem.objects.filter(batch=batch).order_by("id").iterator(chunk_size=2000):
        row = told(problem)
        cells = [
            problem.position or "", problem.line or "", problem.path, row["field"], problem.value, row["sentence"],
            problem.code, problem.get_severity_display(),
        ]  # fmt: skip
        yield writer.writerow([safe_cell(cell) for cell in cells])


def safe_cell(value: Any) -> str:
    """A cell that a spreadsheet shows and never runs."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


@require_GET
def batch_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it arrived, always as a download; who took it is on record."""
    batch = authorised(request, pk)
    access.demand(request.user, "document.view", batch.entity_id)
    access.demand(request.user, "iban.view", batch.entity_id)
    content = attachments.open_file(batch.attachment)
    with transaction.atomic():
        trail.record(
            "batch.downloaded",
            subject_type="batch",
            subject_id=batch.pk,
            entity_id=batch.entity_id,
            actor=lists.reader(request),
        )
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachments.safe_name(batch.file_name or batch.attachment.name),
        content_type="application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
