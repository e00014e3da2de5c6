"""Reports of suspicion, prepared here for the authority: a draft with the facts, filed or given up by a person.

Whoever lacks the right learns nothing of them: they are asked for here alone, they change nothing of the case, and
what is recorded stands under a subject of its own that only these functions read (no tipping-off).

Locks: the report.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import money
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import found as found_case
from controls.models import Alert, Case, SuspicionReport
from documents import trail
from documents.models import AuditRecord

RIGHT = "suspicion.report"
SUBJECT = "suspicion"
LONGEST = 20_000
S = SuspicionReport.Status


def may(actor: User, entity_id: int) -> bool:
    return access.can(actor, RIGHT, entity_id) and not actor.is_machine


def visible(actor: User) -> QuerySet[SuspicionReport]:
    rows = SuspicionReport.objects.filter(case__entity__in=access.entity_ids(actor, RIGHT))
    return rows.select_related("case__entity", "prepared_by", "ended_by").order_by("-pk")


def found(actor: User, report_id: int) -> SuspicionReport:
    _demand(actor)
    one = visible(actor).filter(pk=report_id).first()
    if one is None:
        raise NotThere("not_there")
    return one


def of_case(actor: User, case: Case) -> list[SuspicionReport]:
    """The reports of a case, the newest first; none, and no query, for who may not know."""
    return list(visible(actor).filter(case=case)) if may(actor, case.entity_id) else []


def history(report: SuspicionReport) -> QuerySet[AuditRecord]:
    return trail.of(SUBJECT, report.pk)


def prepare(*, actor: User, case_id: int) -> SuspicionReport:
    """Make a draft with the facts as they stand: the payments, who is in them, the alerts with their reasons."""
    _demand(actor)
    case = found_case(actor, case_id)
    access.demand(actor, RIGHT, case.entity_id)
    try:
        with transaction.atomic():
            made = SuspicionReport.objects.create(case=case, facts=facts_of(case), prepared_by=actor)
            _record("suspicion.prepared", made, actor)
    except IntegrityError:
        raise BusinessError("suspicion.draft_open") from None
    return made


def write(*, actor: User, report_id: int, analysis: str, version: int) -> SuspicionReport:
    """Write the analysis of a draft, as it was read."""
    words = analysis.replace("\x00", "").strip()
    if len(words) > LONGEST:
        raise BusinessError("case.too_long", longest=LONGEST)
    with transaction.atomic():
        one = _locked(actor, report_id)
        if one.version != version:
            raise Conflict("conflict.version", read=version, now=one.version)
        one.analysis, one.version = words, one.version + 1
        one.save(update_fields=["analysis", "version"])
        _record("suspicion.written", one, actor)
    return one


def file(*, actor: User, report_id: int, reference: str) -> SuspicionReport:
    """Say that it was filed with the authority, under which reference. It needs an analysis."""
    with transaction.atomic():
        one = _locked(actor, report_id)
        if not one.analysis:
            raise BusinessError("suspicion.analysis_required")
        if not reference.strip():
            raise BusinessError("suspicion.reference_required")
        one.reference = reference.replace("\x00", "").strip()[:80]
        _end(one, S.FILED, actor)
        _record("suspicion.filed", one, actor, data={"reference": one.reference})
    return one


def drop(*, actor: User, report_id: int, reason: str) -> SuspicionReport:
    """Give a draft up, with a reason."""
    if not reason.strip():
        raise BusinessError("case.reason_required")
    with transaction.atomic():
        one = _locked(actor, report_id)
        _end(one, S.DROPPED, actor)
        _record("suspicion.dropped", one, actor, reason=reason.replace("\x00", "").strip()[:2000])
    return one


def facts_of(case: Case) -> dict[str, Any]:
    """Payments and alerts of a case as they are put before the authority. Codes and values, no sentences."""
    alerts = Alert.objects.filter(case=case).select_related("payment__state", "occurrence__expectation").order_by("pk")
    payments = {alert.payment.pk: alert.payment for alert in alerts if alert.payment}
    return {
        "case": case.reference, "typology": case.typology, "subject": case.subject, "score": case.score,
        "payments": [
            {
                "reference": one.reference, "amount": money.plain(one.amount, one.currency), "currency": one.currency,
                "received_at": one.received_at.isoformat(), "status": one.state.status,
                "debtor_name": one.debtor_name, "debtor_number": one.debtor_number,
                "creditor_name": one.creditor_name, "creditor_number": one.creditor_number,
                "remittance": one.remittance,
            }
            for one in payments.values()
        ],
        "alerts": [
            {
                "payment": alert.payment.reference if alert.payment else "",
                "missing": {"name": alert.occurrence.expectation.name, "due_on": alert.occurrence.due_on.isoformat()}
                if alert.occurrence else None,
                "origin": alert.origin, "version": alert.version,
                "score": alert.score, "raised_at": alert.raised_at.isoformat(), "reasons": alert.reasons,
            }
            for alert in alerts
        ],
    }  # fmt: skip


def _demand(actor: User) -> None:
    access.demand(actor, RIGHT)
    if actor.is_machine:
        raise Denied("case.by_machine")


def _locked(actor: User, report_id: int) -> SuspicionReport:
    found(actor, report_id)
    one = SuspicionReport.objects.select_for_update(of=("self",)).select_related("case").get(pk=report_id)
    if one.status != S.DRAFT:
        raise BusinessError("suspicion.ended")
    return one


def _end(one: SuspicionReport, status: str, actor: User) -> None:
    one.status, one.ended_by, one.ended_at, one.version = status, actor, timezone.now(), one.version + 1
    one.save(update_fields=["status", "ended_by", "ended_at", "version", "reference"])


def _record(
    action: str, one: SuspicionReport, actor: User, *, reason: str = "", data: dict[str, Any] | None = None
) -> None:
    """Under a subject of its own; the entity is left out, so that no list by entity shows it."""
    trail.record(
        action, subject_type=SUBJECT, subject_id=one.pk, entity_id=None, actor=actor, reason=reason, data=data
    )  # fmt: skip
