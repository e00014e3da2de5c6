"""One act on many payments, after a page that says what goes and what stays; approving takes only clean ones."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import decision_forms as forms
from backoffice.web import lists, undo
from backoffice.web.bulk_acts import FIRST, UNDOABLE, Bulk, chosen_act, out_of, stopped_words
from backoffice.web.queue import CLEAN, NOT_CLEAN, ids_of
from backoffice.web.queue_filter import Chosen
from transactions import queries
from transactions.models import PaymentState

MOST = 50
# Above this amount a payment is looked at by itself, in whatever currency.
CEILING = Decimal(50_000)


@dataclass(frozen=True)
class LeftOut:
    """Why some of the selected payments stay, and which."""

    sentence: str
    states: list[PaymentState]


@dataclass(frozen=True)
class Plan:
    """What an act on many would do: the payments that go, their totals by currency, and what is left out."""

    going: list[PaymentState]
    left_out: list[LeftOut]

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for state in self.going:
            sums[state.payment.currency] += state.payment.amount
        return sorted(sums.items())

    @property
    def largest(self) -> list[PaymentState]:
        return sorted(self.going, key=lambda state: state.payment.amount, reverse=True)[:3]

    @property
    def left_count(self) -> int:
        return sum(len(group.states) for group in self.left_out)


def plan(ids: Sequence[int], user: User, bulk: Bulk = FIRST) -> Plan:
    """Sort the selected payments into what the act takes together and what it cannot, by reason. Six queries."""
    found = {state.pk: state for state in queries.states(ids, access.entity_ids(user, "payment.view"))}
    places = set(access.entity_ids(user, bulk.right))
    stopped = queries.obstacles(found, user.pk)
    going: list[PaymentState] = []
    groups: dict[str, list[PaymentState]] = defaultdict(list)
    for key in ids:
        state = found.get(key)
        if state is None:
            continue
        why = _why_not(state, bulk, places, stopped.get(key))
        if not why and len(going) >= MOST:
            why = ngettext("More than the %(n)s that goes at once", "More than the %(n)s that go at once", MOST) % {
                "n": MOST
            }
        if why:
            groups[why].append(state)
        else:
            going.append(state)
    return Plan(going, [LeftOut(why, states) for why, states in groups.items()])


def _why_not(state: PaymentState, bulk: Bulk, places: set[int], obstacle: queries.Obstacle | None) -> str:
    out = out_of(state, bulk)
    if out:
        return out
    if state.entity_id not in places:
        return _("Of an entity where you do not approve") if bulk.verb == "approve" else _("Of an entity not yours")
    stops = {"payment.claimed"} | ({"payment.own_work"} if bulk.verb == "lift" else set())
    if obstacle is not None and (bulk.verb == "approve" or obstacle.code in stops):
        return stopped_words(obstacle)
    return "" if bulk.verb != "approve" else _not_clean(state)


def _not_clean(state: PaymentState) -> str:
    if state.outcome not in CLEAN:
        return str(NOT_CLEAN)
    if state.payment.amount > CEILING:
        return _("Above the ceiling for approving many at once")
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """GET shows what would happen and asks what the act needs; POST does it and says what was left."""
    user, chosen = lists.reader(request), Chosen(request)
    given = request.POST if request.method == "POST" else request.GET
    act = chosen_act(given.get("act", ""), chosen.view)
    access.demand(user, act.right)
    if request.method != "POST":
        ids = ids_of(request.GET.getlist("ids"))[: 4 * MOST]
        if not ids:
            messages.info(request, _("Select payments first."))
            return redirect(chosen.address())
        ready = plan(ids, user, act)
        return render(request, "queue/bulk.html", _context(chosen, ready, act, _form(act, ready, user)))
    versions = _versions(request.POST.getlist("payment"))
    ready = plan(list(versions), user, act)
    form = _form(act, ready, user, request.POST)
    if form is not None and not form.is_valid():
        return render(request, "queue/bulk.html", _context(chosen, ready, act, form), status=422)
    going = {state.pk: versions[state.pk] for state in ready.going}
    try:
        answers = act.give(ids=list(going), actor=user, versions=going, **(form.given if form else {})) if going else []
    except BusinessError as refusal:
        if form is None or isinstance(refusal, Denied | NotThere | Conflict):
            raise
        form.add_error(None, str(refusal))
        return render(request, "queue/bulk.html", _context(chosen, ready, act, form), status=422)
    done = [answer.payment_id for answer in answers if answer.done]
    refused = [(answer.payment_id, answer.sentence) for answer in answers if not answer.done]
    refused += [(state.pk, group.sentence) for group in ready.left_out for state in group.states]
    later = sum(1 for answer in answers if answer.done and answer.code == "payment.after_cut_off")
    if later:
        words = ngettext(
            "%(n)s of them was approved after its cut-off and goes on a later day.",
            "%(n)s of them were approved after their cut-offs and go on a later day.",
            later,
        )
        messages.warning(request, words % {"n": later})
    return _told(request, chosen, act, ready, (done, refused))


def _told(
    request: HttpRequest, chosen: Chosen, act: Bulk, ready: Plan, outcome: tuple[list[int], list[tuple[int, str]]]
) -> HttpResponse:
    """One undo for the lot, for as long as the strictest of its entities leaves."""
    done, refused = outcome
    windows = {state.entity.undo_seconds for state in ready.going if state.pk in set(done)} - {0}
    seconds = min(windows) if windows and act.verb in UNDOABLE else 0
    if done and (seconds or not refused):
        undo.offer(request, done, act.told(len(done)), seconds)
    if not refused:
        return redirect(chosen.address())
    named = {state.pk: state for state in queries.states([key for key, _why in refused], chosen.entity_ids)}
    return render(
        request,
        "queue/bulk_done.html",
        {
            "chosen": chosen,
            "title": act.told(len(done)),
            "refused": [(named[key], why) for key, why in refused if key in named],
            "undo": undo.offered(request),
            "back": chosen.address(),
        },
    )


def _form(act: Bulk, ready: Plan, user: User, data: Any = None) -> forms.Decision | None:
    if act.form is None:
        return None
    more: dict[str, Any] = {}
    entities = {state.entity_id for state in ready.going}
    if act.form in {forms.Ask, forms.HandOver}:
        more = {"entity_ids": sorted(entities), "user": user}
    if act.form in {forms.Reject, forms.HoldForm, forms.Cancel}:
        recorded = {"reject": "payment.rejected", "hold": "payment.held", "cancel": "payment.cancelled"}
        more["recent"] = queries.recent_reasons(user.pk, recorded[act.verb])
    return act.form(data, **more)


def _context(chosen: Chosen, ready: Plan, act: Bulk, form: forms.Decision | None) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "act": act,
        "title": act.counted(len(ready.going)),
        "form": form,
        "plan": ready,
        "back": chosen.address(),
        "query": chosen.query(view=chosen.view),
        "kinds": Counter(state.payment.get_kind_display() for state in ready.going).most_common(),
    }


def _versions(values: Sequence[str]) -> dict[int, int]:
    """``id:version`` pairs of the confirmation, at most twice what goes at once."""
    pairs = [value.split(":", 1) for value in values[: 2 * MOST] if value.count(":") == 1]
    read = [(lists.number(key), lists.number(version)) for key, version in pairs]
    return {key: version for key, version in read if key is not None and version is not None}
