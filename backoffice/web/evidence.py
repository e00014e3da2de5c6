"""What a person needs to see to decide on one payment, and what they may do with it. Shared by pane and page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from statistics import median_low
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import formats
from backoffice.people import access, delegations
from backoffice.people.models import User
from controls import queries as judgements
from controls.cases import holding
from transactions import queries, reasons, refunds
from transactions.models import (
    BankDetails,
    HandOver,
    Hold,
    InformationRequest,
    Payment,
    PaymentApproval,
    PaymentState,
)
from transactions.queries import Obstacle, PastPayment
from transactions.workflow.table import TRANSITIONS, UNSAFE

S = PaymentState.Status
BARS = 20
UNUSUAL = Decimal(3)
MAIN = ("approve", "reject")
SIDE = (
    "ask", "hand-over", "comment", "hold", "send-back", "claim", "release", "lift", "resume", "decline",
)  # fmt: skip

# How a decision is taken (ux 4.4).
CLEAN, WARN, FAILED, SECOND, CLOSED = "clean", "warn", "failed", "second", "closed"


def _held_for(hold: Hold) -> str:
    return "inquiry" if hold.rule_code == holding.CODE else hold.code


@dataclass(frozen=True)
class Action:
    """A button: a form that acts at once (``direct``) or a link to a page that asks; disabled with a reason."""

    verb: str
    label: str | Promise
    icon: str
    url: str
    key: str = ""
    tone: str = ""
    direct: bool = False
    disabled: str = ""


@dataclass(frozen=True)
class Wait:
    """An open hold and what is waited for, in words."""

    hold: Hold
    words: str


@dataclass(frozen=True)
class Detail:
    """One line of the comparison of bank details."""

    source: str
    number: str
    known: bool


@dataclass
class Usual:
    """What is usual with a payee: amounts in the payment's currency, newest last, and how this one compares."""

    amounts: list[Decimal]
    titles: list[str]
    median: Decimal | None
    count: int
    ratio: Decimal | None

    @property
    def level(self) -> bool:
        """So close to the median that its ratio, with one decimal, is 1."""
        return self.ratio is not None and round(self.ratio, 1) == 1

    @property
    def unusual(self) -> bool:
        return self.ratio is not None and (self.ratio >= UNUSUAL or self.ratio <= 1 / UNUSUAL)


@dataclass
class Evidence:
    payment: Payment
    state: PaymentState
    user: User
    findings: Sequence[Any]
    past: list[PastPayment]
    details: list[BankDetails]
    own_obstacle: Obstacle | None
    # Those in whose place the reader may sign it, as their deputy.
    givers: list[User]
    signatures: list[PaymentApproval]
    open_holds: list[Hold]
    twins: list[Payment]
    # What is asked and not answered yet, and what came back, newest first; in whose hands it was put.
    asked: list[InformationRequest] = field(default_factory=list)
    handed: HandOver | None = None
    handed_to_reader: bool = False
    actions: dict[str, Action] = field(default_factory=dict)

    @property
    def obstacle(self) -> Obstacle | None:
        """What stops the reader, in their own name and in anybody's place."""
        return None if self.givers else self.own_obstacle

    @property
    def kind(self) -> str:
        """Which of the four ways of deciding applies, or that nothing is to be decided."""
        if self.state.status == S.VALIDATED:
            return SECOND
        if self.state.status != S.CHECKED:
            return CLOSED
        if self.state.outcome in UNSAFE:
            return FAILED
        return WARN if self.state.outcome == "warn" else CLEAN

    @property
    def warnings(self) -> list[Any]:
        return [finding for finding in self.findings if finding.action != "inform"]

    @property
    def main_family(self) -> str:
        return self.findings[0].family if self.findings else ""

    @property
    def held_by_other(self) -> bool:
        return self.claimed and self.state.claimed_by_id != self.user.pk

    @property
    def mine(self) -> bool:
        return self.claimed and self.state.claimed_by_id == self.user.pk

    @property
    def claimed(self) -> bool:
        return bool(self.state.claimed_until and self.state.claimed_until > timezone.now())

    @property
    def first_signature(self) -> PaymentApproval | None:
        return self.signatures[0] if self.signatures else None

    @property
    def waits(self) -> list[Wait]:
        """The open holds with what is waited for: the rule's name, or the words of the code. Those of requests are told
        with their requests."""
        names = {finding.rule_code: finding.name for finding in self.findings}
        asked = {request.hold_id for request in self.asked}
        return [
            Wait(hold, names.get(hold.rule_code) or reasons.words(_held_for(hold), reasons.HOLD))
            for hold in self.open_holds
            if hold.pk not in asked
        ]

    @cached_property
    def rested(self) -> str:
        """For how long it waited, apart from the time that it was worked on; empty under a minute. One query."""
        waited = queries.waited(queries.holds(self.payment.pk))
        return formats.duration(waited) if waited >= timedelta(minutes=1) else ""

    @property
    def may_answer(self) -> bool:
        return self.kind != CLOSED and access.can(self.user, "payment.comment", self.state.entity_id)

    @property
    def may_close(self) -> bool:
        return access.can(self.user, "payment.hold", self.state.entity_id)

    @property
    def open_requests(self) -> list[InformationRequest]:
        return [request for request in self.asked if request.is_open]

    @property
    def note(self) -> str:
        """The one sentence above the buttons: what a decision asks for, or why it cannot be taken."""
        if self.obstacle and (self.may_sign or self.obstacle.code in {"payment.held", "payment.answer_open"}):
            return self.obstacle.sentence
        if self.kind == FAILED:
            return _("Failed check: a reason and a second approval are required.")
        if self.kind == WARN:
            return _("The warnings are to be ticked as seen; a second person approves next.")
        if self.kind == SECOND and self.first_signature:
            return _("%(person)s gave the first approval. Yours is number %(number)s of %(total)s.") % {
                "person": self.first_signature.person.full_name,
                "number": self.state.approvals_given + 2,
                "total": self.state.approvals_required + 1,
            }
        return _("All checks passed. A second person approves next.") if self.kind == CLEAN else ""

    @property
    def may_sign(self) -> bool:
        return "approve" in self.actions

    @property
    def main_actions(self) -> list[Action]:
        """The decision itself: the wide buttons."""
        return [self.actions[verb] for verb in MAIN if verb in self.actions]

    @property
    def side_actions(self) -> list[Action]:
        """What else an operator does while deciding; the page has the rest."""
        return [self.actions[verb] for verb in SIDE if verb in self.actions]

    @property
    def further_actions(self) -> list[Action]:
        """What only the payment's own page offers."""
        return [action for verb, action in self.actions.items() if verb not in {*MAIN, *SIDE}]

    @property
    def bank_details(self) -> list[Detail]:
        """This payment's account beside the known ones and the ones that were paid before."""
        known = {row.account_number for row in self.details if row.valid_to is None}
        paid = Counter(row.creditor_number for row in self.past if row.creditor_number)
        number = self.payment.creditor_number
        lines = [Detail(_("This payment"), number, number in known or number in paid)]
        lines += [
            Detail(
                _("Since %(day)s") % {"day": formats.day(row.valid_from)}
                if row.valid_to is None
                else _("Until %(day)s") % {"day": formats.day(row.valid_to)},
                row.account_number,
                True,
            )
            for row in self.details[:3]
        ]
        lines += [
            Detail(ngettext("%(n)s past payment", "%(n)s past payments", count) % {"n": count}, paid_number, True)
            for paid_number, count in paid.most_common(2)
        ]
        return lines

    @property
    def usual(self) -> Usual:
        same = [row for row in self.past if row.currency == self.payment.currency]
        # The lower middle, as the check "amount unlike the usual" has it: one payment, one median.
        middle = median_low([row.amount for row in same]) if same else None
        shown = list(reversed(same[: BARS - 1]))
        return Usual(
            [*(row.amount for row in shown), self.payment.amount],
            [
                *(
                    _("%(label)s: %(said)s")
                    % {"label": formats.day(row.received_at), "said": formats.amount(row.amount, row.currency)}
                    for row in shown
                ),
                _("This payment: %(amount)s") % {"amount": formats.amount(self.payment.amount, self.payment.currency)},
            ],
            middle,
            len(same),
            self.payment.amount / middle if middle else None,
        )


def of(payment: Payment, user: User, *, query: str = "") -> Evidence:
    """The evidence of a payment. Ten queries at most beside the payment's own, more for deputies.

    ``query`` goes along with its links.
    """
    state = payment.state
    is_open = state.status in {S.CHECKED, S.VALIDATED}
    holds = queries.holds(payment.pk) if is_open and state.hold_count else []
    handed = queries.hand_over_of(payment.pk) if is_open else None
    evidence = Evidence(
        payment=payment,
        state=state,
        user=user,
        findings=judgements.findings([payment.pk]).get(payment.pk, []),
        past=queries.past_with_payee(payment),
        details=queries.bank_details(payment.payee_id),
        own_obstacle=queries.obstacles([payment.pk], user.pk).get(payment.pk) if is_open else None,
        givers=givers(payment, user) if is_open else [],
        signatures=queries.signatures(payment.pk) if state.status == S.VALIDATED else [],
        open_holds=[hold for hold in holds if hold.lifted_at is None],
        twins=[],
        asked=queries.information_requests(payment.pk),
        handed=handed,
        handed_to_reader=handed is not None and payment.pk in queries.handed_to(user.pk, [payment.pk]),
    )
    if evidence.main_family == "duplicate":
        evidence.twins = queries.twins(payment)
    evidence.actions = {action.verb: action for action in actions(evidence, query)}
    return evidence


def givers(payment: Payment, user: User) -> list[User]:
    """In whose place the person may sign this payment now. One query, and a few for each delegation in force."""
    act = "approve" if payment.state.status == S.VALIDATED else "validate"
    found = delegations.in_force(user.pk, act, access.entity_ids(user, f"payment.{act}"))
    return [
        one.giver
        for one in found.filter(entity=payment.entity_id)
        if access.can(one.giver, f"payment.{act}", payment.entity_id)
        and payment.pk not in queries.obstacles([payment.pk], user.pk, one.giver_id)
    ]


_WRONG = gettext_lazy("Somebody else is deciding on it.")


def actions(evidence: Evidence, query: str = "") -> list[Action]:
    """The buttons for this person and payment, in their order. Without the right a button is absent."""
    state, user = evidence.state, evidence.user
    made: list[Action] = []

    def url(verb: str) -> str:
        address = reverse("payment_act", args=[state.pk, verb])
        return f"{address}?{query}" if query else address

    def offer(verb: str, label: str | Promise, icon: str, **more: Any) -> None:
        step = TRANSITIONS["approve" if state.status == S.VALIDATED else "validate"] if verb == "approve" else None
        transition = step or TRANSITIONS[verb.replace("-", "_")]
        if state.status in transition.sources and access.can(user, transition.right, state.entity_id):
            more.setdefault("disabled", str(_WRONG) if evidence.held_by_other else "")
            made.append(Action(verb, label, icon, url(verb), **more))

    blocked = evidence.obstacle.sentence if evidence.obstacle else ""
    offer(
        "approve", gettext_lazy("Approve"), "check", key="a", disabled=blocked,
        direct=evidence.kind == CLEAN and not evidence.givers,
        tone="go" if evidence.kind in {CLEAN, SECOND} and not blocked else "",
    )  # fmt: skip
    offer("reject", gettext_lazy("Reject"), "cross", key="r", tone="no")
    offer("ask", gettext_lazy("Ask"), "help", key="d")
    offer("hand-over", gettext_lazy("Hand over"), "swap", key="e")
    if evidence.handed_to_reader:
        offer("decline", gettext_lazy("Decline"), "back")
    offer("hold", gettext_lazy("Hold"), "hold")
    if state.hold_count and (evidence.waits or not evidence.open_requests):
        _offer_lift(evidence, offer)
    offer("send-back", gettext_lazy("Send back"), "back")
    offer("comment", gettext_lazy("Comment"), "comment", key="c", disabled="")
    kind = evidence.payment.kind
    if kind in {Payment.Kind.SEPA, Payment.Kind.TRANSFER, Payment.Kind.INTERNAL}:
        offer("amend", gettext_lazy("Amend"), "pencil")
    offer("cancel", gettext_lazy("Cancel the payment"), "ban")
    offer("reopen", gettext_lazy("Reopen"), "undo")
    if state.status != S.POSTED:
        offer("settle", gettext_lazy("Confirm settlement"), "done")
    if kind == Payment.Kind.INCOMING:
        offer("apply", gettext_lazy("Apply to an account"), "done", tone="go")
    if kind in refunds.REFUNDABLE:
        offer("refund", gettext_lazy("Refund"), "undo")
    if kind == Payment.Kind.CARD:
        offer("chargeback", gettext_lazy("Book a chargeback"), "return")
    elif state.status != S.POSTED or kind == Payment.Kind.INCOMING or queries.left_out(state.pk):
        offer("return", gettext_lazy("Book the return"), "return")
    _offer_claim(evidence, offer)
    return made


def _offer_lift(evidence: Evidence, offer: Any) -> None:
    """To who may lift holds, or to who placed one: with a question it is answered, too."""
    own = evidence.obstacle.sentence if evidence.obstacle and evidence.obstacle.code == "payment.own_work" else ""
    asks = any(wait.hold.question for wait in evidence.waits)
    label = gettext_lazy("Answer and lift") if asks else gettext_lazy("Lift the hold")
    more = {"disabled": own} if own else {}
    if access.can(evidence.user, "payment.lift", evidence.state.entity_id):
        offer("lift", label, "lift", **more)
    elif any(wait.hold.placed_by_id == evidence.user.pk for wait in evidence.waits):
        offer("resume", label, "lift", **more)


def _offer_claim(evidence: Evidence, offer: Any) -> None:
    if evidence.mine:
        offer("release", gettext_lazy("Release"), "unlock", key="l", direct=True)
    elif not evidence.held_by_other:
        offer("claim", gettext_lazy("Claim"), "lock", key="l", direct=True)
    elif access.can(evidence.user, "payment.release_claim", evidence.state.entity_id):
        offer("release", gettext_lazy("Release their claim"), "unlock", disabled="")
