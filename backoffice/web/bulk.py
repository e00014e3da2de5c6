"""Many approvals at once: only clean payments, at most fifty, after a page that says what goes and what stays."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists, undo
from backoffice.web.queue import CLEAN, NOT_CLEAN, ids_of
from backoffice.web.queue_filter import Chosen
from controls import approvals
from transactions import queries, workflow
from transactions.models import PaymentState
from transactions.workflow import Answer

MOST = 50
# Above this amount a payment is looked at by itself, in whatever currency.
CEILING = Decimal(50_000)


@dataclass(frozen=True)
class Step:
    """What many of a queue are waiting for: their state, who gives it, and whether it can be taken back."""

    status: str
    right: str
    give: Callable[..., list[Answer]]
    not_waiting: str | Promise
    second: bool


FIRST = Step(
    PaymentState.Status.CHECKED,
    "payment.validate",
    approvals.validate,
    gettext_lazy("Not waiting for the first approval any more"),
    second=False,
)
SECOND = Step(
    PaymentState.Status.VALIDATED,
    "payment.approve",
    workflow.approve,
    gettext_lazy("Not waiting for a second approval any more"),
    second=True,
)

# Why a person may not sign, said of many.
_STOPPED = {
    "payment.own_work": gettext_lazy("Entered or amended by you"),
    "payment.signed_before": gettext_lazy("Signed by you already"),
    "payment.held": gettext_lazy("On hold"),
    "payment.over_limit": gettext_lazy("Above your limit"),
    "payment.over_day": gettext_lazy("Above your limit of the day"),
    "payment.claimed": gettext_lazy("Held by others"),
}


@dataclass(frozen=True)
class LeftOut:
    """Why some of the selected payments stay, and which."""

    sentence: str
    states: list[PaymentState]


@dataclass(frozen=True)
class Plan:
    """What a bulk approval would do: the payments that go, their totals by currency, and what is left out."""

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


def plan(ids: Sequence[int], user: User, step: Step = FIRST) -> Plan:
    """Sort the selected payments into what can be approved together and what cannot, by reason. Three queries."""
    found = {state.pk: state for state in queries.states(ids, access.entity_ids(user, "payment.view"))}
    places = set(access.entity_ids(user, step.right))
    stopped = queries.obstacles(found, user.pk)
    going: list[PaymentState] = []
    groups: dict[str, list[PaymentState]] = defaultdict(list)
    for key in ids:
        state = found.get(key)
        if state is None:
            continue
        why = _why_not(state, step, places, stopped.get(key))
        if not why and len(going) >= MOST:
            why = ngettext("More than the %(n)s that goes at once", "More than the %(n)s that go at once", MOST) % {
                "n": MOST
            }
        if why:
            groups[why].append(state)
        else:
            going.append(state)
    return Plan(going, [LeftOut(why, states) for why, states in groups.items()])


def _why_not(state: PaymentState, step: Step, places: set[int], obstacle: queries.Obstacle | None) -> str:
    if state.status != step.status:
        return str(step.not_waiting)
    if state.entity_id not in places:
        return _("Of an entity where you do not approve")
    if obstacle is not None:
        return str(_STOPPED.get(obstacle.code) or obstacle.sentence)
    if state.outcome not in CLEAN:
        return str(NOT_CLEAN)
    if state.payment.amount > CEILING:
        return _("Above the ceiling for approving many at once")
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """GET shows what would happen; POST does it and says what was left."""
    user, chosen = lists.reader(request), Chosen(request)
    step = SECOND if chosen.view == queries.SECOND else FIRST
    access.demand(user, step.right)
    if request.method != "POST":
        ids = ids_of(request.GET.getlist("ids"))[: 4 * MOST]
        if not ids:
            messages.info(request, _("Select payments first."))
            return redirect(chosen.address())
        return render(request, "queue/bulk.html", _context(chosen, plan(ids, user, step), step))
    versions = _versions(request.POST.getlist("payment"))
    ready = plan(list(versions), user, step)
    going = {state.pk: versions[state.pk] for state in ready.going}
    answers = step.give(ids=list(going), actor=user, versions=going) if going else []
    done = [answer.payment_id for answer in answers if answer.done]
    refused = [(answer.payment_id, answer.sentence) for answer in answers if not answer.done]
    refused += [(state.pk, group.sentence) for group in ready.left_out for state in group.states]
    if done:
        _say(request, done, step, told=bool(refused))
    later = sum(1 for answer in answers if answer.done and answer.code == "payment.after_cut_off")
    if later:
        words = ngettext(
            "%(n)s of them was approved after its cut-off and goes on a later day.",
            "%(n)s of them were approved after their cut-offs and go on a later day.",
            later,
        )
        messages.warning(request, words % {"n": later})
    if not refused:
        return redirect(chosen.address())
    named = {state.pk: state for state in queries.states([key for key, _why in refused], chosen.entity_ids)}
    return render(
        request,
        "queue/bulk_done.html",
        {
            "chosen": chosen,
            "step": step,
            "done": len(done),
            "refused": [(named[key], why) for key, why in refused if key in named],
            "undo": undo.offered(request),
            "back": chosen.address(),
        },
    )


def _say(request: HttpRequest, done: list[int], step: Step, *, told: bool) -> None:
    """First approvals can be taken back for a minute; after the last one the books have moved. ``told``: the next page
    says how many."""
    number = {"n": len(done)}
    if step.second and told:
        return
    if step.second:
        messages.success(request, ngettext("%(n)s approval given.", "%(n)s approvals given.", len(done)) % number)
    else:
        said = ngettext("%(n)s first approval given.", "%(n)s first approvals given.", len(done)) % number
        undo.offer(request, done, said)


def _context(chosen: Chosen, ready: Plan, step: Step) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "step": step,
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
