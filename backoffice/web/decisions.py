"""Acts on one payment: a page or dialog that asks what is needed, a POST that acts, and where to go next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from backoffice.common import formats
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import decision_forms as forms
from backoffice.web import evidence, lists, timeline, undo
from backoffice.web.bulk_acts import UNDOABLE
from backoffice.web.queue_filter import Chosen
from controls import approvals
from controls import queries as judgements
from transactions import queries, refunds, workflow
from transactions.models import Payment, PaymentState
from transactions.workflow import Answer

S = PaymentState.Status
Act = Callable[[Payment, User, Mapping[str, Any], dict[int, int] | None], Answer]

# Refusals that say someone was faster: nothing is lost, the page shows what happened meanwhile.
OVERTAKEN = {"conflict.version", "refund.changed", "payment.claimed", "payment.wrong_status", "payment.not_claimed"}


@dataclass(frozen=True)
class Verb:
    """What an act is called before and after, its form, what does it; ``leaves``: the reader is done with the item."""

    title: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[forms.Decision]
    act: Act
    tone: str = "go"
    leaves: bool = True


def _many(verb: Callable[..., list[Answer]]) -> Act:
    def act(payment: Payment, actor: User, given: Mapping[str, Any], versions: dict[int, int] | None) -> Answer:
        return verb(ids=[payment.pk], actor=actor, versions=versions, **given)[0]

    return act


def _sign(payment: Payment, actor: User, given: Mapping[str, Any], versions: dict[int, int] | None) -> Answer:
    verb = workflow.approve if payment.state.status == S.VALIDATED else approvals.validate
    return verb(ids=[payment.pk], actor=actor, versions=versions, **given)[0]


def _apply(payment: Payment, actor: User, given: Mapping[str, Any], _versions: dict[int, int] | None) -> Answer:
    account, reason = given["account"].pk, given["reason"]
    return workflow.apply(ids=[payment.pk], actor=actor, account_id=account, reason=reason)[0]


def _refund(payment: Payment, actor: User, given: Mapping[str, Any], _versions: dict[int, int] | None) -> Answer:
    said = dict(given)
    why = {name: said.pop(name) for name in ("reason_code", "reason")}
    return refunds.refund(asked=[refunds.Asked(payment.pk, **said)], actor=actor, channel="form", **why)[0]


VERBS: dict[str, Verb] = {
    "approve": Verb(
        gettext_lazy("Approve"), gettext_lazy("Approve %(amount)s"), gettext_lazy("%(reference)s approved."),
        forms.Approve, _sign,
    ),
    "reject": Verb(
        gettext_lazy("Reject"), gettext_lazy("Reject %(amount)s"), gettext_lazy("%(reference)s rejected."),
        forms.Reject, _many(workflow.reject), tone="no go",
    ),
    "ask": Verb(
        gettext_lazy("Ask for a document or an answer"), gettext_lazy("Ask"),
        gettext_lazy("%(reference)s waits for an answer."), forms.Ask, _many(workflow.ask),
    ),
    "hand-over": Verb(
        gettext_lazy("Hand over"), gettext_lazy("Hand over %(amount)s"), gettext_lazy("%(reference)s handed over."),
        forms.HandOver, _many(workflow.hand_over),
    ),
    "decline": Verb(
        gettext_lazy("Decline the hand-over"), gettext_lazy("Decline"), gettext_lazy("%(reference)s declined."),
        forms.Decline, _many(workflow.decline),
    ),
    "hold": Verb(
        gettext_lazy("Hold"), gettext_lazy("Hold %(amount)s"), gettext_lazy("%(reference)s is on hold."),
        forms.HoldForm, _many(workflow.hold),
    ),
    "lift": Verb(
        gettext_lazy("Lift the hold"), gettext_lazy("Lift the hold"),
        gettext_lazy("The hold of %(reference)s is lifted."), forms.Lift, _many(workflow.lift), leaves=False,
    ),
    "resume": Verb(
        gettext_lazy("Answer and lift"), gettext_lazy("Lift the hold"),
        gettext_lazy("The hold of %(reference)s is lifted."), forms.Lift, _many(workflow.resume), leaves=False,
    ),
    "send-back": Verb(
        gettext_lazy("Send back"), gettext_lazy("Send back"), gettext_lazy("%(reference)s sent back."),
        forms.Why, _many(workflow.send_back),
    ),
    "comment": Verb(
        gettext_lazy("Comment"), gettext_lazy("Send"), gettext_lazy("Comment kept with %(reference)s."),
        forms.Comment,
        lambda payment, actor, given, _versions: workflow.comment(payment_id=payment.pk, actor=actor, **given),
        leaves=False,
    ),
    "cancel": Verb(
        gettext_lazy("Cancel the payment"), gettext_lazy("Cancel %(amount)s"),
        gettext_lazy("%(reference)s cancelled."), forms.Cancel, _many(workflow.cancel), tone="no go",
    ),
    "reopen": Verb(
        gettext_lazy("Reopen"), gettext_lazy("Reopen"), gettext_lazy("%(reference)s is checked again."),
        forms.Reopen, _many(workflow.reopen), leaves=False,
    ),
    "settle": Verb(
        gettext_lazy("Confirm settlement"), gettext_lazy("Confirm %(amount)s"),
        gettext_lazy("%(reference)s settled."), forms.Plain,
        lambda payment, actor, _given, _versions: workflow.settle(ids=[payment.pk], actor=actor)[0], leaves=False,
    ),
    "return": Verb(
        gettext_lazy("Book the return"), gettext_lazy("Return %(amount)s"), gettext_lazy("%(reference)s returned."),
        forms.Return,
        lambda payment, actor, given, _versions: workflow.return_(ids=[payment.pk], actor=actor, **given)[0],
        tone="no go", leaves=False,
    ),
    "apply": Verb(
        gettext_lazy("Apply to an account"), gettext_lazy("Apply %(amount)s"), gettext_lazy("%(reference)s applied."),
        forms.Apply, _apply, leaves=False,
    ),
    "refund": Verb(
        gettext_lazy("Refund"), gettext_lazy("Make the refund"),
        gettext_lazy("A refund of %(reference)s is made; others check and approve it."), forms.Refund, _refund,
        leaves=False,
    ),
    "chargeback": Verb(
        gettext_lazy("Book a chargeback"), gettext_lazy("Take back %(amount)s"),
        gettext_lazy("The chargeback of %(reference)s is booked."), forms.Chargeback,
        lambda payment, actor, given, _versions: workflow.charge_back(ids=[payment.pk], actor=actor, **given)[0],
        tone="no go", leaves=False,
    ),
    "claim": Verb(
        gettext_lazy("Claim"), gettext_lazy("Claim"), gettext_lazy("%(reference)s is yours for five minutes."),
        forms.Plain, lambda payment, actor, _given, _versions: workflow.claim(ids=[payment.pk], actor=actor)[0],
        leaves=False,
    ),
    "release": Verb(
        gettext_lazy("Release"), gettext_lazy("Release"), gettext_lazy("%(reference)s is free again."),
        forms.Why,
        lambda payment, actor, given, _versions: workflow.release(ids=[payment.pk], actor=actor, **given)[0],
        leaves=False,
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """GET asks (a page, or its part for a dialog); POST acts, then leads on. A refusal keeps what was typed."""
    if verb not in VERBS:
        raise Http404
    user = lists.reader(request)
    access.demand(user, "payment.view")
    payment = queries.payment(pk, access.entity_ids(user, "payment.view"))
    chosen = Chosen(request)
    shown = evidence.of(payment, user, query=request.GET.urlencode())
    if request.method != "POST":
        _demand(shown, verb)
        return _ask(request, verb, shown, _form(request, verb, shown), chosen)
    if verb == "approve" and request.POST.get("decision") == "send-back":
        verb = "send-back"
    form = _form(request, verb, shown)
    _allowed(user, payment, verb)
    if not form.is_valid():
        return _ask(request, verb, shown, form, chosen, status=422)
    following = _following(chosen, payment)
    version = form.cleaned_data.get("version")
    try:
        answer = VERBS[verb].act(payment, user, form.given, {pk: version} if version else None)
    except BusinessError as refusal:
        if isinstance(refusal, Denied | NotThere | Conflict):
            raise
        form.add_error(None, str(refusal))
        return _ask(request, verb, shown, form, chosen, status=422)
    if not answer.done:
        return _refused(request, verb, payment, form, answer=answer, chosen=chosen)
    if answer.code == workflow.PROPOSED:
        messages.success(request, answer.sentence)
    else:
        _say(request, verb, payment, shown)
        if answer.sentence:
            messages.warning(request, answer.sentence)
    address = _onwards(request, chosen, payment, following, leaves=VERBS[verb].leaves)
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)


def _allowed(user: User, payment: Payment, verb: str) -> None:
    """The right in the payment's entity; the workflow asks again under lock."""
    step = verb.replace("-", "_")
    if verb == "approve":
        step = "approve" if payment.state.status == S.VALIDATED else "validate"
    access.demand(user, workflow.TRANSITIONS[step].right, payment.entity_id)


def _demand(shown: evidence.Evidence, verb: str) -> None:
    """A page that asks is for whom has the right; another state is told on the page itself."""
    _allowed(shown.user, shown.payment, verb)


def _form(request: HttpRequest, verb: str, shown: evidence.Evidence) -> forms.Decision:
    data = request.POST if request.method == "POST" else None
    kind = VERBS[verb].form
    more: dict[str, Any] = {"initial": {"version": shown.state.version}}
    if verb == "approve":
        warned = shown.kind == evidence.WARN
        more["warnings"] = [(finding.rule_code, finding.sentence) for finding in shown.warnings] if warned else ()
        more["failed"] = shown.kind == evidence.FAILED
        more["givers"] = [(giver.pk, giver.full_name) for giver in shown.givers]
        more["oneself"] = shown.own_obstacle is None
    if verb == "reject":
        more["words_required"] = shown.kind in {evidence.FAILED, evidence.SECOND}
    if verb == "return":
        more["collected"] = shown.payment.kind == Payment.Kind.DEBIT
        if said := queries.proposed_return(shown.payment.pk):
            more["initial"] |= {"reason_code": said.reason_code, "value_date": said.value_date}
    if verb == "release" and shown.mine:
        kind = forms.Plain
    if verb in {"apply", "chargeback"}:
        more["payment"] = shown.payment
    if verb == "refund":
        more |= {"payment": shown.payment, "initial": _refund_usual(shown.payment)}
    if verb in {"ask", "hand-over"}:
        more |= {"entity_ids": [shown.payment.entity_id], "user": shown.user}
    if verb in {"lift", "resume"}:
        more["question"] = next((wait.hold.question for wait in shown.waits if wait.hold.question), "")
    if verb in _RECORDED:
        more["recent"] = queries.recent_reasons(shown.user.pk, _RECORDED[verb])
    return kind(data, **more)


def _refund_usual(payment: Payment) -> dict[str, Any]:
    """All that is left, back to the payer. Two queries."""
    found = refunds.of(payment)
    left = found.left if found else payment.amount
    return {
        "version": payment.state.version, "left": left, "remittance": payment.remittance[:140],
        "amount": formats.number(left, payment.currency) if left > 0 else "",
    }  # fmt: skip


_RECORDED = {
    "reject": "payment.rejected", "return": "payment.returned", "approve": "payment.validated", "hold": "payment.held",
    "refund": "payment.refunded",
    "cancel": "payment.cancelled", "reopen": "payment.reopened",
}  # fmt: skip


def _ask(
    request: HttpRequest, verb: str, shown: evidence.Evidence, form: forms.Decision, chosen: Chosen, *,
    status: int = 200, overtaken: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    about = VERBS[verb]
    payment = shown.payment
    context = {
        "verb": verb, "about": about, "form": form, "evidence": shown, "payment": payment, "state": payment.state,
        "button": str(about.button) % {"amount": _amount(payment)}, "chosen": chosen, "overtaken": overtaken,
        "back": _back(request, chosen, payment), "query": request.GET.urlencode(),
        "inside": bool(request.headers.get("HX-Request")),
        "obstacle": shown.obstacle if verb == "approve" else None,
        **(_card(shown) if verb == "approve" else {}),
    }  # fmt: skip
    response = render(request, "payment/decide.html", context, status=status)
    if status == 409:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog-body", "innerHTML"
    return response


def _card(shown: evidence.Evidence) -> dict[str, Any]:
    """The control card that a signature would freeze, for whoever sees results. Three queries."""
    if not access.can(shown.user, "rule.view", shown.payment.entity_id):
        return {}
    last = judgements.last_assessment(shown.payment.pk)
    return {"card_checks": judgements.checks_of(last), "card_ran_at": last.ran_at} if last else {}


def _refused(
    request: HttpRequest, verb: str, payment: Payment, form: forms.Decision, *, answer: Answer, chosen: Chosen
) -> HttpResponse:
    """Nothing was decided: not there, not allowed, overtaken, or a fault shown on the page with what was typed."""
    if answer.code == "not_there":
        raise NotThere("not_there")
    if answer.code == "denied":
        raise Denied("denied", **answer.params)
    now = queries.payment(payment.pk, [payment.entity_id])
    shown = evidence.of(now, lists.reader(request), query=request.GET.urlencode())
    overtaken = None
    if answer.code in OVERTAKEN:
        last = queries.timeline(payment.pk, cap=1)
        overtaken = {
            "sentence": answer.sentence,
            "record": timeline.told(last, now)[0] if last else None,
            "own": bool(last) and last[0].actor_id == lists.reader(request).pk,
            "yours": [(field.label, field.value()) for field in form.visible_fields() if field.value()],
        }
        kept = form.data.copy()  # type: ignore[attr-defined]
        kept["version"] = str(now.state.version)
        form.data = kept
    else:
        form.add_error(None, answer.sentence)
    return _ask(request, verb, shown, form, chosen, status=409 if overtaken else 422, overtaken=overtaken)


def _amount(payment: Payment) -> str:
    return formats.amount(payment.amount, payment.currency)


def _say(request: HttpRequest, verb: str, payment: Payment, shown: evidence.Evidence) -> None:
    """What was done, with undo where the entity gives time for it."""
    about = {"reference": payment.reference}
    given, total = payment.state.approvals_given + 2, payment.state.approvals_required + 1
    text = str(VERBS[verb].done) % about
    if verb == "approve" and payment.state.status == S.CHECKED:
        text = _("%(reference)s: first approval given.") % about
    elif verb == "approve" and given < total:
        said = {**about, "given": given, "total": total}
        text = _("%(reference)s: approval %(given)s of %(total)s given.") % said
    # The last approval of an instant transfer takes effect at once: nothing is left to take back.
    at_once = verb == "approve" and payment.kind == Payment.Kind.INSTANT and given >= total
    undo.offer(request, [payment.pk], text, payment.entity.undo_seconds if verb in UNDOABLE and not at_once else 0)


def _following(chosen: Chosen, payment: Payment) -> int | None:
    """The next payment of the list it came from, found before the act moves it."""
    if not chosen.from_list:
        return None
    around = queries.queue_neighbours(chosen.filter, payment.state, cap=1)
    return around["next"] or around["previous"]


def _onwards(request: HttpRequest, chosen: Chosen, payment: Payment, following: int | None, *, leaves: bool) -> str:
    on_page = request.GET.get("on") == "page"
    if not chosen.from_list:
        return reverse("payment", args=[payment.pk])
    target = (following or 0) if leaves else payment.pk
    if on_page and target:
        return chosen.payment_address(target)
    return chosen.address(row=target or None)


def _back(request: HttpRequest, chosen: Chosen, payment: Payment) -> str:
    return _onwards(request, chosen, payment, None, leaves=False)
