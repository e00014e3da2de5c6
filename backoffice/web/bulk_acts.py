"""Which acts go for many payments at once, what they are called, and why some payments stay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import decision_forms as forms
from controls import approvals
from transactions import queries, workflow
from transactions.models import PaymentState
from transactions.workflow import TRANSITIONS, Answer

Words = str | Promise
# Undo is offered after these; the others are ended by an act of their own.
UNDOABLE = {"approve", "reject", "cancel", "hold"}


@dataclass(frozen=True)
class Bulk:
    """An act on many: ``right`` it needs, the states it starts from, its form (None: only the confirmation).

    ``title`` and ``done`` count; ``effect`` says what happens to each. ``versioned``: only as it was read.
    """

    verb: str
    right: str
    sources: frozenset[str]
    button: Words
    icon: str
    title: Any
    done: Any
    effect: Words
    give: Callable[..., list[Answer]]
    form: type[forms.Decision] | None = None
    tone: str = "go"

    def counted(self, number: int) -> str:
        return str(self.title % {"n": number})

    def told(self, number: int) -> str:
        return str(self.done % {"n": number})


def _act(verb: str, step: str, give: Callable[..., list[Answer]], words: Sequence[Any], **more: Any) -> Bulk:
    transition = TRANSITIONS[step]
    button, icon, title, done, effect = words
    return Bulk(verb, transition.right, transition.sources, button, icon, title, done, effect, give, **more)


FIRST = _act(
    "approve", "validate", approvals.validate,
    (
        gettext_lazy("Approve…"), "check",
        ngettext_lazy("Approve %(n)s payment", "Approve %(n)s payments", "n"),
        ngettext_lazy("%(n)s first approval given.", "%(n)s first approvals given.", "n"),
        gettext_lazy("Each gets its first approval from you; a second person approves each next."),
    ),
)  # fmt: skip
SECOND = _act(
    "approve", "approve", workflow.approve,
    (
        gettext_lazy("Approve…"), "check",
        ngettext_lazy("Approve %(n)s payment", "Approve %(n)s payments", "n"),
        ngettext_lazy("%(n)s approval given.", "%(n)s approvals given.", "n"),
        gettext_lazy(
            "Each gets your approval beside the first. Where no other is asked, the funds are reserved at once, and it "
            "is posted when the time to take it back is over."
        ),
    ),
)  # fmt: skip
_OTHERS = (
    _act(
        "reject", "reject", workflow.reject,
        (
            gettext_lazy("Reject…"), "cross",
            ngettext_lazy("Reject %(n)s payment", "Reject %(n)s payments", "n"),
            ngettext_lazy("%(n)s payment rejected.", "%(n)s payments rejected.", "n"),
            gettext_lazy("None of them is executed. Reserved funds are freed; a supervisor can reopen them."),
        ),
        form=forms.Reject, tone="no go",
    ),
    _act(
        "ask", "ask", workflow.ask,
        (
            gettext_lazy("Ask…"), "help",
            ngettext_lazy("Ask about %(n)s payment", "Ask about %(n)s payments", "n"),
            ngettext_lazy("Asked about %(n)s payment.", "Asked about %(n)s payments.", "n"),
            gettext_lazy("Each waits for its own answer."),
        ),
        form=forms.Ask,
    ),
    _act(
        "hand-over", "hand_over", workflow.hand_over,
        (
            gettext_lazy("Hand over…"), "swap",
            ngettext_lazy("Hand over %(n)s payment", "Hand over %(n)s payments", "n"),
            ngettext_lazy("%(n)s payment handed over.", "%(n)s payments handed over.", "n"),
            gettext_lazy("The receiver sees them first under “Mine”, with your name and reason."),
        ),
        form=forms.HandOver,
    ),
    _act(
        "decline", "decline", workflow.decline,
        (
            gettext_lazy("Decline…"), "back",
            ngettext_lazy("Decline %(n)s payment", "Decline %(n)s payments", "n"),
            ngettext_lazy("%(n)s payment declined.", "%(n)s payments declined.", "n"),
            gettext_lazy("Each goes back to whoever handed it over."),
        ),
        form=forms.Decline,
    ),
    _act(
        "hold", "hold", workflow.hold,
        (
            gettext_lazy("Hold…"), "hold",
            ngettext_lazy("Hold %(n)s payment", "Hold %(n)s payments", "n"),
            ngettext_lazy("%(n)s payment waits.", "%(n)s payments wait.", "n"),
            gettext_lazy("Each waits beside its state, and its due time rests."),
        ),
        form=forms.HoldForm,
    ),
    _act(
        "lift", "lift", workflow.lift,
        (
            gettext_lazy("Lift…"), "lift",
            ngettext_lazy("Lift the hold of %(n)s payment", "Lift the holds of %(n)s payments", "n"),
            ngettext_lazy("The hold of %(n)s payment is lifted.", "The holds of %(n)s payments are lifted.", "n"),
            gettext_lazy("Each goes on. Required answers that are open stay open."),
        ),
        form=forms.Lift,
    ),
    _act(
        "cancel", "cancel", workflow.cancel,
        (
            gettext_lazy("Cancel…"), "ban",
            ngettext_lazy("Cancel %(n)s payment", "Cancel %(n)s payments", "n"),
            ngettext_lazy("%(n)s payment cancelled.", "%(n)s payments cancelled.", "n"),
            gettext_lazy("None of them is executed, and none can be reopened. Reserved funds are freed."),
        ),
        form=forms.Cancel, tone="no go",
    ),
)  # fmt: skip
OTHERS: Mapping[str, Bulk] = {one.verb: one for one in _OTHERS}


def chosen_act(verb: str, view: str) -> Bulk:
    """The act that an address names, in this view; approving when it names none."""
    return OTHERS.get(verb) or (SECOND if view == queries.SECOND else FIRST)


def offered(user: User, view: str) -> list[Bulk]:
    """The acts that the person may do in at least one entity and that make sense in the view. No query of its own."""
    held = view in {queries.WAITING, queries.DOCUMENT}
    acts = [] if held else [chosen_act("approve", view)]
    skipped = {"lift"} if not held else {"hold"}
    if view != queries.MINE:
        skipped.add("decline")
    acts += [one for one in _OTHERS if one.verb not in skipped]
    return [one for one in acts if access.can(user, one.right)]


# Why a person may not do it, said of many.
_STOPPED: Mapping[str, Words] = {
    "payment.own_work": gettext_lazy("Entered or amended by you"),
    "payment.signed_before": gettext_lazy("Signed by you already"),
    "payment.held": gettext_lazy("On hold"),
    "payment.answer_open": gettext_lazy("A required answer is open"),
    "payment.over_limit": gettext_lazy("Above your limit"),
    "payment.over_day": gettext_lazy("Above your limit of the day"),
    "payment.claimed": gettext_lazy("Held by others"),
}


def stopped_words(obstacle: queries.Obstacle) -> str:
    return str(_STOPPED.get(obstacle.code) or obstacle.sentence)


def out_of(state: PaymentState, bulk: Bulk) -> str:
    """Why the state of a payment leaves it out; empty when it does not."""
    if bulk is FIRST and state.status != PaymentState.Status.CHECKED:
        return _("Not waiting for the first approval any more")
    if bulk is SECOND and state.status != PaymentState.Status.VALIDATED:
        return _("Not waiting for a second approval any more")
    if state.status not in bulk.sources:
        return _("Decided already")
    return _("Not on hold") if bulk.verb == "lift" and not state.hold_count else ""
