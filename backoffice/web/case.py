"""One case: why, what is around it, what people did and said, and the forms of its acts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.common import formats
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import acts, case_words, cases, lists
from controls import cases as services
from controls.cases import holding, queries, reasons, reports, table, typologies
from controls.models import Alert, Case
from documents import trail

LINES = 11
S = Case.Status


def authorised(request: HttpRequest, pk: int) -> Case:
    """The case when the reader may see it; of another entity it is not there. One query."""
    access.demand(request.user, table.VIEW)
    return table.found(lists.reader(request), pk)


@require_safe
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Queries: a constant number."""
    return page(request, authorised(request, pk))


def page(
    request: HttpRequest, case: Case, fault: str = "", said: Mapping[str, Any] | None = None
) -> HttpResponse:  # fmt: skip
    reader = lists.reader(request)
    may = access.can(reader, table.DECIDE, case.entity_id) and not reader.is_machine
    alerts = queries.alerts_of(case)
    told = reasons.told(alerts)
    around, flows = queries.around(case, alerts), queries.flows(case)
    is_open = case.status != S.CLOSED
    verdicts = services.verdicts(case, reader)
    own = next((one for one in verdicts if one.round == case.round and one.person_id == reader.pk), None)
    hands = table.hands_of([case], reader.pk).get(case.pk, "") if may and is_open else ""
    elsewhere = case.assignee_id not in {None, reader.pk} and not case.seconding
    context = {
        "case": case, "name": typologies.name(case.typology), "fault": fault,
        "sums": queries.sums([case.pk]).get(case.pk, []),
        "reasons": reasons.ranked(one for rows in told.values() for one in rows),
        "alerts": [(alert, told[alert.pk]) for alert in alerts],
        "around": [(one, case_words.WHY[one.why]) for one in around], "pattern": _pattern(around),
        "flows": flows, "drawing": drawing(flows, case),
        "similar": queries.similar(case, reader), "checklist": _checklist(case),
        "requests": list(case.requests.select_related("asked_by", "answered_by").order_by("-pk")),
        "links": list(case.links.select_related("payment", "payee", "party", "account", "other", "linked_by")),
        "of_two": not case.seconding and any(one.asks_second for one in verdicts),
        "link_kinds": case_words.KINDS.items(), "verdicts": [_verdict(one) for one in verdicts],
        "is_open": is_open, "may": may, "own": own, "hands": hands,
        "may_judge": may and is_open and not hands and not own and not elsewhere and case.status != S.WAITING,
        "elsewhere": may and is_open and elsewhere,
        "waits": may and not hands and not own and not elsewhere and case.status == S.WAITING,
        "mine": case.assignee_id == reader.pk,
        "suggested": services.suggested(case)[:8] if may and is_open else [],
        "held": holding.not_left([case.pk]).get(case.pk, []) if may and is_open else [],
        "silenced": case.silences.filter(ended_at=None, valid_to__gt=timezone.now()).order_by("-pk").first(),
        "may_silence": may and case.disposition == Case.Disposition.FALSE, "silence_days": (30, 90, 180),
        "reporting": reports.may(reader, case.entity_id), "reports": reports.of_case(reader, case),
        "acts": acts.told(trail.of("case", case.pk)[:60]) if access.can(reader, "history.view", case.entity_id) else [],
        **cases.decision(dict(said or {})),
    }  # fmt: skip
    return render(request, "cases/case.html", context, status=422 if fault else 200)


def _checklist(case: Case) -> list[dict[str, Any]]:
    """The items of the typology with who did them. One query."""
    typology = typologies.TYPOLOGIES.get(case.typology)
    done = {tick.item: tick for tick in case.ticks.select_related("ticked_by")}
    items = typology.checklist if typology else {}
    return [{"code": code, "words": words, "tick": done.get(code)} for code, words in items.items()]


def _verdict(one: Any) -> dict[str, Any]:
    return {
        "row": one, "cause": typologies.cause(one.cause),
        "measures": [typologies.ACTIONS[code] for code in one.actions if code in typologies.ACTIONS],
    }  # fmt: skip


def _pattern(around: Sequence[queries.Around]) -> list[tuple[str, Decimal, str, bool]]:
    """The payments in their order, as columns: day, amount, both in words, whether it is of an alert."""
    return [
        (
            formats.day(one.payment.received_at), one.payment.amount,
            f"{formats.amount(one.payment.amount, one.payment.currency)}, {formats.when(one.payment.received_at)}",
            one.why == "alert",
        )
        for one in around[-30:]
    ]  # fmt: skip


def drawing(flows: Sequence[queries.Flow], case: Case) -> dict[str, Any] | None:
    """Flows as lines between names: payers on the left, the party in the middle, who is paid on the right."""
    if not flows:
        return None
    sides = [[one for one in flows if one.incoming], [one for one in flows if not one.incoming]]
    height = 34 * max(len(side) for side in sides) + 16
    most = max(one.amount for one in flows) or Decimal(1)
    middle = height / 2
    lines = []
    for at, side in enumerate(sides):
        step = height / max(len(side), 1)
        for place, one in enumerate(side):
            y = step * place + step / 2
            lines.append({
                "flow": one, "y": f"{y:.1f}", "text_y": f"{y + 4:.1f}", "incoming": at == 0,
                "width": f"{1 + (LINES - 1) * float(one.amount / most):.1f}",
                "path": f"M190 {y:.1f} C250 {y:.1f} 250 {middle:.1f} 300 {middle:.1f}" if at == 0
                else f"M420 {middle:.1f} C470 {middle:.1f} 470 {y:.1f} 530 {y:.1f}",
                "name": one.name if len(one.name) <= 24 else one.name[:23] + "…",
            })  # fmt: skip
    subject = case.subject or "–"
    return {
        "height": f"{height:.0f}", "lines": lines, "middle": f"{middle + 4:.1f}",
        "subject": subject if len(subject) <= 16 else subject[:15] + "…",
    }  # fmt: skip


def of_payment(payment_id: int, entity_id: int, reader: User) -> list[Case]:
    """The cases of a payment, for who may see them. One query, none for others."""
    if not access.can(reader, table.VIEW, entity_id):
        return []
    found = Alert.objects.filter(payment=payment_id).values("case")
    return list(Case.objects.filter(pk__in=found).order_by("-pk")[:10])
