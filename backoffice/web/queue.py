"""The operator's queue: the list, the evidence pane of the selected payment, take next, second approvals."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.common.pages import COUNT_CAP
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.web import bulk_acts, evidence, forecast_words, lists, waiting_words
from backoffice.web.queue_filter import TITLES, Chosen
from backoffice.web.undo import offered
from controls import queries as judgements
from transactions import queries, reasons, workflow
from transactions.models import PaymentState
from transactions.queries import Obstacle, Times

PAGE = 50
CLEAN = {"pass", "inform"}
# Obstacles that are no matter of the person who meets them.
NOT_OURS = {"payment.claimed", "payment.held", "payment.answer_open"}
NOT_CLEAN = gettext_lazy("With a warning or a failed check: each is decided on by itself")


@dataclass(frozen=True)
class Row:
    """One line of the queue, ready to be shown."""

    state: PaymentState
    reason: str
    strip: Sequence[Any]
    obstacle: Obstacle | None
    url: str
    select_url: str
    pane_url: str
    selected: bool
    person_id: int
    step: str
    will_miss: bool
    times: Times | None

    @property
    def payment(self) -> Any:
        return self.state.payment

    @property
    def goes_on(self) -> date | None:
        """The day it goes when the cut-off of the day that was asked for is past."""
        if self.times is None or self.state.cut_off_at is None or self.state.cut_off_at >= timezone.now():
            return None
        return self.times.execution_date

    @property
    def held(self) -> bool:
        return self.obstacle is not None and self.obstacle.code == "payment.claimed"

    @property
    def not_yours(self) -> bool:
        """Nobody signs what is on hold; that is no matter of the person."""
        return self.obstacle is not None and self.obstacle.code not in NOT_OURS

    @property
    def mine(self) -> bool:
        until = self.state.claimed_until
        return self.state.claimed_by_id == self.person_id and bool(until and until > timezone.now())

    @property
    def alone(self) -> str:
        """Why it is not approved with others; empty when it may be. Other acts may take it all the same."""
        if self.obstacle is not None:
            return self.obstacle.sentence
        if self.state.status != self.step:
            return _("It waits for another approval than those of this list")
        return "" if self.state.outcome in CLEAN else str(NOT_CLEAN)


@require_safe
def queue(request: HttpRequest, view: str = "") -> HttpResponse:
    """The list of one view. A refresh (``X-Live``) gets what can change alone, or 304 when nothing in it moved.

    Queries beside the session's: entities, one page of identifiers, its states, the counts, then findings and
    obstacles and times of the page, the forecast, the paces, and the pane's own.
    """
    user = lists.reader(request)
    access.demand(user, "payment.view")
    chosen = Chosen(request, view=view)
    page = queries.queue_page(chosen.filter, cursor=lists.cursor(request), size=PAGE)
    states = queries.queue_rows(page.ids)
    missing, misses = queries.misses(chosen.entity_ids, page.ids)
    counts = {**queries.queue_counts(chosen.entity_ids, user.pk), queries.MISS: missing}
    part = "X-Live" in request.headers
    tag = _tag(chosen, states, counts, misses)
    if part:
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None and unchanged.status_code == 304:
            return unchanged
    rows = _rows(chosen, states, user, lists.number(request.GET.get("row", "")), misses)
    context = {
        "chosen": chosen,
        "page": page,
        "rows": rows,
        "counts": counts,
        "tabs": _tabs(chosen, counts),
        "cap": COUNT_CAP,
        "now": timezone.now(),
        "several_entities": len(access.entity_ids(user, "payment.view")) > 1,
        "may_take": access.can(user, step_of(chosen)[1]),
        "bulk_acts": bulk_acts.offered(user, chosen.view) if rows else [],
        "all_held": bool(rows) and all(row.held for row in rows),
    }
    context["paces"] = forecast_words.paces(_places(chosen)) if chosen.view == queries.MISS and not part else None
    context["pace"] = queries.decisions_today(user.pk, _midnight())
    if not part:
        selected = next((row for row in rows if row.selected), None)
        context["undo"] = offered(request)
        context["pane"] = pane_context(selected.state.payment_id, user, chosen) if selected else None
    response = render(request, "queue/live.html" if part else "queue/list.html", context)
    patch_vary_headers(response, ["HX-Request", "X-Live"])
    if part:
        response.headers["ETag"] = tag
    return response


def _places(chosen: Chosen) -> list[Entity]:
    return [place for place in chosen.entities if place.pk in set(chosen.entity_ids)]


def step_of(chosen: Chosen) -> tuple[str, str]:
    """The state that payments of the view wait in to be approved, and the right to do so."""
    return ("validated", "payment.approve") if chosen.view == queries.SECOND else ("checked", "payment.validate")


def _midnight() -> datetime:
    """When the reader's day began."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))


def _tag(chosen: Chosen, states: Sequence[PaymentState], counts: Mapping[str, int], misses: set[int]) -> str:
    """A fingerprint of what the table shows: rows with versions, holders and cut-offs, counts, language."""
    now = timezone.now()
    shown = [
        (
            state.pk, state.version,
            state.claimed_by_id if state.claimed_until and state.claimed_until > now else None,
            state.due_at, state.due_at < now, state.pk in misses,
        )
        for state in states
    ]  # fmt: skip
    text = repr((chosen.query(), get_language(), shown, sorted(counts.items())))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _rows(
    chosen: Chosen, states: Sequence[PaymentState], user: User, selected: int | None, misses: set[int]
) -> list[Row]:
    """The lines of a page. Queries: strips, main reasons, obstacles, times, whatever the number of lines."""
    ids = [state.pk for state in states]
    strips, found = judgements.strip(ids), judgements.main_reason(ids)
    stopped = queries.obstacles(ids, user.pk)
    times = queries.times(ids, timezone.now())
    asked = queries.asked_for(ids) if chosen.view == queries.WAITING else {}
    waits = {key: reasons.words(code, reasons.HOLD) for key, code in asked.items()}
    waits |= {key: waiting_words.told(note, user) for key, note in queries.notes(ids, user.pk).items()}
    if selected not in set(ids):
        mine = [state.pk for state in states if state.claimed_by_id == user.pk and state.pk not in stopped]
        free = [key for key in ids if key not in stopped]
        selected = (mine or free or ids or [None])[0]
    return [
        Row(
            state=state,
            reason=waits.get(state.pk) or found.get(state.pk) or _without_finding(state),
            strip=strips.get(state.pk, ()),
            obstacle=stopped.get(state.pk),
            url=chosen.payment_address(state.pk),
            select_url=chosen.address(row=state.pk),
            pane_url=f"{reverse('payment_pane', args=[state.pk])}?{chosen.own_query}",
            selected=state.pk == selected,
            person_id=user.pk,
            step=step_of(chosen)[0],
            will_miss=state.pk in misses,
            times=times.get(state.pk),
        )
        for state in states
    ]


def _without_finding(state: PaymentState) -> str:
    """Why a payment waits although no check stands out."""
    if state.status == "validated":
        return _("Second approval")
    return _("All checks passed") if state.outcome else _("Being checked")


def _tabs(chosen: Chosen, counts: Mapping[str, int]) -> list[lists.Tab]:
    return [
        lists.Tab(TITLES[name], chosen.address(view=name), name == chosen.view, counts.get(name))
        for name in queries.VIEWS
    ]


def pane_context(payment_id: int, user: User, chosen: Chosen) -> dict[str, Any]:
    payment = queries.payment(payment_id, access.entity_ids(user, "payment.view"))
    return {
        "evidence": evidence.of(payment, user, query=chosen.query(view=chosen.view)),
        "payment": payment,
        "state": payment.state,
        "chosen": chosen,
        "url": chosen.payment_address(payment.pk),
        "may_see_documents": access.can(user, "document.view", payment.entity_id),
    }


@require_safe
def pane(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence of one payment for the side of the list. Ten queries at most beside the session's and rights'."""
    access.demand(request.user, "payment.view")
    return render(request, "queue/pane.html", {"pane": pane_context(pk, lists.reader(request), Chosen(request))})


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Claim the best free payment of the view and open it beside the list."""
    chosen = Chosen(request)
    status = "validated" if chosen.view == queries.SECOND else "checked"
    found = workflow.take_next(actor=lists.reader(request), entity_ids=chosen.entity_ids, status=status)
    if found is None:
        messages.info(request, _("There is nothing free that you may decide on."))
        return redirect(chosen.address())
    view = chosen.view if chosen.view in {queries.SECOND, queries.LARGE} else None
    if request.POST.get("from") == "payment":
        return redirect(chosen.payment_address(found))
    return redirect(chosen.address(view=view, row=found))


def ids_of(values: Sequence[str]) -> list[int]:
    """Identifiers from a form, each once, in their order; anything else is a bad request."""
    try:
        return list(dict.fromkeys(int(value) for value in values if value))
    except ValueError:
        raise BadRequest("not an identifier") from None
