"""One payment: everything about it, for the decision and for ever after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from backoffice.common.templatetags.ui import checks_said
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import approval_words, birth_form, case, evidence, lists, score, timeline, verification
from backoffice.web.payment_documents import documents_of
from backoffice.web.queue_filter import TITLES, Chosen
from backoffice.web.recalls import recallable
from backoffice.web.undo import offered
from controls import cards, priority
from controls import queries as judgements
from controls.models import Assessment
from documents import trail
from documents.models import AttachmentLink
from transactions import invoices, queries, refunds
from transactions.models import (
    InstantTransfer,
    InvoiceShare,
    Mandate,
    Payment,
    PaymentApproval,
    PaymentBatch,
    PaymentRequirement,
    StandingDue,
)
from transactions.queries import recalls as recalled
from transactions.recalls.asking import OPEN

ENDED = {"rejected", "cancelled", "returned"}
SENT = {"posted", "sent", "settled", "returned"}


@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. Queries: a constant number, whatever the length of its history."""
    access.demand(request.user, "payment.view")
    found = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    return render(request, "payment/page.html", page_context(request, found))


@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the account numbers once to someone who normally sees them masked; the act is on record."""
    access.demand(request.user, "payment.view")
    found = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    user = lists.reader(request)
    if not access.can(user, "iban.view", found.entity_id):
        with transaction.atomic():
            trail.record("iban.revealed", subject_type="payment", subject_id=pk, entity_id=found.entity_id, actor=user)
    return render(request, "payment/page.html", page_context(request, found, revealed=True))


def page_context(request: HttpRequest, found: Payment, *, revealed: bool = False) -> dict[str, Any]:
    user = lists.reader(request)
    chosen = Chosen(request)
    shown = evidence.of(found, user, query=_query(chosen))
    records = queries.timeline(found.pk) if access.can(user, "history.view", found.entity_id) else []
    clear = revealed or access.can(user, "iban.view", found.entity_id)
    wanted = request.GET.get("history", "")
    wanted = wanted if wanted in timeline.KINDS else ""
    events = timeline.told(records, found, clear=clear, file_name=found.batch.file_name)
    checks = judgements.checks(found.pk)
    every_check = request.GET.get("checks") == "all"
    findings = [check for check in checks if check.action]
    entries = queries.entries(found.pk)
    return {
        "payment": found,
        "state": found.state,
        "evidence": shown,
        "chosen": chosen,
        "back": chosen.address(row=found.pk),
        "list_title": TITLES[chosen.view] if chosen.from_list else "",
        "around": _around(chosen, found),
        "steps": timeline.steps(found, events, records, _summary(checks)),
        "events": [event for event in events if not wanted or event.kind == wanted],
        "history_kinds": timeline.KINDS.items(),
        "history_kind": wanted,
        "may_see_history": access.can(user, "history.view", found.entity_id),
        "checks": checks,
        "checks_said": checks_said([check.mark for check in checks]),
        "every_check": every_check,
        "shown_checks": checks if every_check else findings,
        "entries": entries,
        "balance": _balance(entries),
        "prepared": queries.prepared(found) if not entries and found.state.status not in queries.NEVER_PAID else [],
        "documents": documents_of(found) if access.can(user, "document.view", found.entity_id) else None,
        "may_see_documents": access.can(user, "document.view", found.entity_id),
        "may_open_source": access.can(user, "iban.view", found.entity_id),
        "may_add_documents": access.can(user, "document.add", found.entity_id),
        "document_kinds": [choice for choice in AttachmentLink.Kind.choices if choice[0] != "source"],
        "related": queries.related(found),
        "priority": _priority(found),
        "may_take": access.can(user, "payment.approve" if chosen.view == queries.SECOND else "payment.validate"),
        "ended": next((event for event in events if event.stop), None) if found.state.status in ENDED else None,
        "outgoing": queries.outgoing_file_of(found.pk) if found.state.status in SENT else None,
        "clear": clear,
        "revealed": revealed and not access.can(user, "iban.view", found.entity_id),
        "address": timeline.address(found.creditor_address or {}),
        "signing": signing_places(found),
        "released": cards.of_release(found.pk) if found.state.straight_policy is not None else None,
        "may_see_cards": access.can(user, "rule.view", found.entity_id),
        "undo": offered(request),
        "timing": _timing(found),
        "verification": verification.of_payment(found, user),
        "mandate": _mandate(found, user),
        "recalls": _recalls(found, user),
        "standing": _standing(found, user),
        "instant": _instant(found),
        "left_out": queries.left_out(found.pk) if found.state.status == "posted" else None,
        "proposed": queries.proposed_return(found.pk) if found.state.status in SENT - ENDED else None,
        "shares": _shares(found, user),
        "refunded": refunds.of(found),
        "original": found.refund.original if found.kind == Payment.Kind.REFUND else None,
        "suspended": _suspended(found, entries),
        "scored": score.latest(found, user),
        "cases": case.of_payment(found.pk, found.entity_id, user),
        "may_raise": access.can(user, "case.raise", found.entity_id),
        "debtor_address": timeline.address(found.debtor_address or {}),
        "births": birth_form.told(found.pk),
        "query": _query(chosen),
    }


@dataclass(frozen=True)
class SigningPlace:
    """A signature that was given, or of whom it is asked."""

    signature: PaymentApproval | None
    demands: str
    card: int | None = None


def signing_places(found: Payment) -> list[SigningPlace]:
    """The validation and every approval that was frozen with it, in their order. Three queries; none before it."""
    if found.state.status in {"received", "checked"} or found.state.straight_policy is not None:
        return []
    given = {signature.stage: signature for signature in queries.signatures(found.pk)}
    asked = {row.place: row for row in queries.requirements(found.pk)}
    last = max(found.state.approvals_required, *given, *asked) if given or asked else 0
    if not last or (found.state.status in ENDED and 0 not in given):
        return []
    frozen = {card.signature_id: card.pk for card in cards.of(found.pk)}
    return [
        SigningPlace(
            given.get(place),
            _demands(asked[place], found.currency) if place in asked else "",
            frozen.get(given[place].pk) if place in given else None,
        )
        for place in range(last + 1)
    ]


def _demands(row: PaymentRequirement, currency: str) -> str:
    return approval_words.demands(
        role=row.role, team=row.team.name if row.team else "", ceiling=row.ceiling, currency=currency
    )


@dataclass(frozen=True)
class Timing:
    """Until when it is released, when it then goes, and when it goes if it is not."""

    now: queries.Times
    otherwise: queries.Times | None
    will_miss: bool
    passed: bool


def _timing(found: Payment) -> Timing | None:
    """What cut-offs say of an open payment, and the forecast. Four queries at most, none for what is approved."""
    state, now = found.state, timezone.now()
    if state.status not in {"received", "checked", "validated"}:
        return None
    told = queries.times([found.pk], now)[found.pk]
    after = None
    if told.cut_off_at:
        after = queries.times([found.pk], told.cut_off_at + timedelta(seconds=1))[found.pk]
    missing = queries.misses([found.entity_id], [found.pk])[1] if state.execution_date else set()
    passed = state.cut_off_at is not None and state.cut_off_at < now
    return Timing(told, after, found.pk in missing, passed)


def _shares(found: Payment, user: User) -> list[InvoiceShare]:
    """The invoices that it settles, for who may see them. One query, none for other payments."""
    if found.kind != Payment.Kind.SUPPLIER or not access.can(user, "invoice.view", found.entity_id):
        return []
    return invoices.shares_of(found)


def _instant(found: Payment) -> InstantTransfer | None:
    """How an instant transfer went. One query, none for other payments."""
    return InstantTransfer.objects.filter(pk=found.pk).first() if found.kind == Payment.Kind.INSTANT else None


def _standing(found: Payment, user: User) -> StandingDue | None:
    """The date of the standing order that it was made for, for who may see it. One query, none for other payments."""
    if found.channel != PaymentBatch.Channel.STANDING or not access.can(user, "standing.view", found.entity_id):
        return None
    return StandingDue.objects.select_related("order").filter(payment=found.pk).first()


def _mandate(found: Payment, user: User) -> Mandate | None:
    """The mandate of a direct debit, for who may see it. One query, none for what is no debit."""
    if found.kind != Payment.Kind.DEBIT or not access.can(user, "mandate.view", found.entity_id):
        return None
    return found.collection.mandate


def _recalls(found: Payment, user: User) -> dict[str, Any] | None:
    """What was asked back of a payment that went out or came in, for who may see it. Two queries, none before."""
    if found.state.status not in {"sent", "settled", "returned"}:
        return None
    if not access.can(user, "recall.view", found.entity_id):
        return None
    mine, theirs = recalled.of_payment(found.pk)
    open_ones = any(recall.status in OPEN for recall in mine)
    may_ask = recallable(found) and not open_ones and access.can(user, "recall.ask", found.entity_id)
    return {
        "mine": [recalled.Due(True, row, recalled.as_day(row.due_on)) for row in mine],
        "theirs": [
            recalled.Due(False, row, row.due_on if row.status in recalled.TO_ANSWER else None) for row in theirs
        ],
        "may_ask": may_ask,
    }


def _suspended(found: Payment, entries: Sequence[Any]) -> str:
    """Why an incoming payment waits in suspense, as a code; empty when it does not."""
    if found.kind != Payment.Kind.INCOMING or found.state.status != "posted":
        return ""
    return next((entry.label for entry in entries if entry.kind == "posting"), "")


def _summary(checks: Sequence[Any]) -> str:
    """``40 checks, 1 failed``, for the line of steps."""
    if not checks:
        return ""
    failed = sum(check.mark == "fail" for check in checks)
    warned = sum(check.mark == "warn" for check in checks)
    said = ngettext("%(n)s check", "%(n)s checks", len(checks)) % {"n": len(checks)}
    if failed:
        return said + ", " + ngettext("%(n)s failed", "%(n)s failed", failed) % {"n": failed}
    return said + ", " + ngettext("%(n)s warning", "%(n)s warnings", warned) % {"n": warned} if warned else said


_TERMS = {
    "lateness": gettext_lazy("Lateness"),
    "amount": gettext_lazy("Amount"),
    "risk": gettext_lazy("Risk"),
    "waiting": gettext_lazy("Waiting"),
}


def _priority(found: Payment) -> list[dict[str, Any]]:
    """The terms of an open payment's priority, as they were at its last check. One query."""
    state = found.state
    if state.status not in {"checked", "validated"}:
        return []
    ran_at = Assessment.objects.filter(payment_id=found.pk).order_by("-pk").values_list("ran_at", flat=True).first()
    if ran_at is None:
        return []
    terms = priority.terms(
        amount=found.amount, risk=state.risk, due_at=state.due_at, received_at=found.received_at, at=ran_at
    )
    return [{"label": _TERMS[term.name], "points": term.points, "weight": term.weight} for term in terms]


def _around(chosen: Chosen, found: Payment) -> dict[str, Any] | None:
    """The payments beside this one in the list it was opened from, with their addresses. Three queries."""
    if not chosen.from_list or not chosen.filter.holds(found.state):
        return None
    places = queries.queue_neighbours(chosen.filter, found.state)
    counts = {} if chosen.filtered else queries.queue_counts(chosen.entity_ids, chosen.filter.person_id)
    return {
        "total": counts.get(chosen.view),
        "position": places["position"],
        "previous_url": chosen.payment_address(places["previous"]) if places["previous"] else "",
        "next_url": chosen.payment_address(places["next"]) if places["next"] else "",
    }


def _query(chosen: Chosen) -> str:
    """The list a payment was opened from goes along with every act on its page."""
    return chosen.query(view=chosen.view, on="page") if chosen.from_list else ""


def _balance(entries: list[Any]) -> dict[str, Any] | None:
    """Debits and credits of all entries; the books hold that they are equal, the page says it."""
    postings = [posting for entry in entries for posting in entry.postings.all()]
    if not postings:
        return None
    debit = sum(posting.amount for posting in postings if posting.side == "D")
    credit = sum(posting.amount for posting in postings if posting.side == "C")
    return {"debit": debit, "credit": credit, "balanced": debit == credit, "difference": abs(debit - credit)}
