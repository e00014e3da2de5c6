"""Reports of suspicion: for who has the right alone. Everybody else is refused before anything is looked for."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists
from backoffice.web.acts import Act
from controls.cases import reasons, reports, typologies
from controls.models import Alert, SuspicionReport
from documents.models import AuditRecord

_WORDS: dict[str, Any] = {
    "suspicion.prepared": gettext_lazy("prepared the draft"),
    "suspicion.written": gettext_lazy("wrote the analysis"),
    "suspicion.filed": gettext_lazy("filed it with the authority, reference %(reference)s"),
    "suspicion.dropped": gettext_lazy("gave the draft up"),
}


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """The newest first. Queries: grants, entities, one page."""
    access.demand(request.user, reports.RIGHT)
    rows = reports.visible(lists.reader(request))
    page: Any = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt="suspicions")
    shown = [(one, typologies.name(one.facts["typology"])) for one in page.items]
    return render(request, "cases/suspicions.html", {"page": page, "rows": shown})


@require_POST
def report_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, reports.RIGHT)
    try:
        made = reports.prepare(actor=lists.reader(request), case_id=pk)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
        return redirect("case", pk)
    return redirect("suspicion", made.pk)


@require_safe
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, reports.RIGHT)
    return _page(request, reports.found(lists.reader(request), pk))


def _page(request: HttpRequest, report: SuspicionReport, fault: str = "", analysis: str | None = None) -> HttpResponse:
    alerts = list(Alert.objects.filter(case=report.case_id).select_related("payment").order_by("pk"))
    told = reasons.told(alerts)
    payments = [{**one, "amount": Decimal(one["amount"])} for one in report.facts["payments"]]
    context = {
        "report": report, "payments": payments, "name": typologies.name(report.facts["typology"]), "fault": fault,
        "analysis": report.analysis if analysis is None else analysis,
        "sentences": [(alert, told[alert.pk]) for alert in alerts],
        "acts": _acts(reports.history(report)[:50]),
    }  # fmt: skip
    return render(request, "cases/suspicion.html", context, status=422 if fault else 200)


def _acted(request: HttpRequest, pk: int, act: Callable[[], SuspicionReport], told: str) -> HttpResponse:
    access.demand(request.user, reports.RIGHT)
    try:
        act()
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        said = request.POST.get("analysis")
        return _page(request, reports.found(lists.reader(request), pk), str(refused), said)
    messages.success(request, told)
    return redirect("suspicion", pk)


@require_POST
def report_write(request: HttpRequest, pk: int) -> HttpResponse:
    actor, version = lists.reader(request), lists.number(request.POST.get("version", "")) or 0
    analysis = request.POST.get("analysis", "")
    return _acted(
        request, pk, lambda: reports.write(actor=actor, report_id=pk, analysis=analysis, version=version), _("Saved.")
    )


@require_POST
def report_file(request: HttpRequest, pk: int) -> HttpResponse:
    actor, reference = lists.reader(request), request.POST.get("reference", "")
    return _acted(
        request, pk, lambda: reports.file(actor=actor, report_id=pk, reference=reference), _("Recorded as filed.")
    )


@require_POST
def report_drop(request: HttpRequest, pk: int) -> HttpResponse:
    actor, reason = lists.reader(request), lists.said(request)
    return _acted(request, pk, lambda: reports.drop(actor=actor, report_id=pk, reason=reason), _("Given up."))


def _acts(records: Iterable[AuditRecord]) -> list[Act]:
    """Shown on the page of the report alone. One query for the people."""
    rows = list(records)
    people = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id})
    told = ((row, str(_WORDS.get(row.action, row.action)) % row.details) for row in rows)
    return [Act(row.occurred_at, people.get(row.actor_id or 0), words, row.reason) for row, words in told]
