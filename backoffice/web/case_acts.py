"""The acts on cases, on one from its page or on several at once; and alerts raised by hand from a payment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import case, lists
from controls import cases as services
from controls.cases import table, typologies
from controls.cases.table import Answer, Versions
from controls.models import CaseLink, CaseRequest
from transactions import queries as payments

Run = Callable[[Sequence[int], User, Mapping[str, str], Versions, HttpRequest], Sequence[Answer]]


def _moment(text: str) -> datetime:
    """A moment as a form gives it, in the reader's time zone."""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise BusinessError("case.moment")
    moment = timezone.make_aware(found) if timezone.is_naive(found) else found
    if not lists.in_reach(moment):
        raise BusinessError("case.moment")
    return moment


def _number(text: str) -> int:
    found = lists.number(text)
    if found is None:
        raise NotThere("not_there")
    return found


def _gather(
    ids: Sequence[int], actor: User, said: Mapping[str, str], _versions: Versions, _request: HttpRequest
) -> Sequence[Answer]:
    """``cause``: kind and name of what they have in common, as it was offered; or both said by hand."""
    kind, _colon, label = said.get("cause", "").partition(":")
    if not label:
        kind, label = said.get("kind", ""), said.get("label", "")
    return services.gather(ids=ids, actor=actor, kind=kind, label=label)


ACTS: dict[str, tuple[Run, Any]] = {
    "take": (lambda ids, actor, said, versions, _r: services.take(ids=ids, actor=actor, versions=versions),
             gettext_lazy("Taken.")),
    "assign": (lambda ids, actor, said, versions, _r: services.assign(
        ids=ids, actor=actor, person_id=_number(said.get("person", "")), reason=said.get("reason", ""),
        versions=versions), gettext_lazy("Assigned.")),
    "release": (lambda ids, actor, said, versions, _r: services.release(
        ids=ids, actor=actor, reason=said.get("reason", ""), versions=versions), gettext_lazy("Given back.")),
    "snooze": (lambda ids, actor, said, versions, _r: services.snooze(
        ids=ids, actor=actor, until=_moment(said.get("until", "")), reason=said.get("reason", ""), versions=versions),
        gettext_lazy("Snoozed.")),
    "wake": (lambda ids, actor, said, versions, _r: services.wake(ids=ids, actor=actor, versions=versions),
             gettext_lazy("Brought back.")),
    "escalate": (lambda ids, actor, said, versions, _r: services.escalate(
        ids=ids, actor=actor, reason=said.get("reason", ""), versions=versions), gettext_lazy("Escalated.")),
    "comment": (lambda ids, actor, said, _v, _r: services.comment(ids=ids, actor=actor, words=said.get("words", "")),
                gettext_lazy("Commented.")),
    "tick": (lambda ids, actor, said, _v, _r: services.tick(
        ids=ids, actor=actor, item=said.get("item", ""), done=said.get("done", "1") == "1"), ""),
    "ask": (lambda ids, actor, said, versions, _r: services.ask(
        ids=ids, actor=actor, addressee=said.get("addressee", ""), question=said.get("question", ""),
        due_at=_moment(said.get("due", "")), versions=versions), gettext_lazy("Asked. The case waits.")),
    "hold": (lambda ids, actor, said, versions, _r: services.hold(
        ids=ids, actor=actor, reason=said.get("reason", ""), versions=versions), gettext_lazy("On hold.")),
    "lift": (lambda ids, actor, said, versions, _r: services.lift(
        ids=ids, actor=actor, reason=said.get("reason", ""), versions=versions), gettext_lazy("Lifted.")),
    "link": (lambda ids, actor, said, _v, _r: services.link(
        ids=ids, actor=actor, kind=said.get("kind", ""), target=_number(said.get("target", "")),
        note=said.get("note", "")), gettext_lazy("Linked.")),
    "decide": (lambda ids, actor, said, versions, request: services.decide(
        ids=ids, actor=actor, disposition=said.get("disposition", ""), cause=said.get("cause", ""),
        reason=said.get("reason", ""), actions=request.POST.getlist("actions"), versions=versions),
        gettext_lazy("The case is closed.")),
    "reopen": (lambda ids, actor, said, versions, _r: services.reopen(
        ids=ids, actor=actor, reason=said.get("reason", ""), versions=versions), gettext_lazy("Open again.")),
    "silence": (
        lambda ids, actor, said, _v, _r: services.silence(
            ids=ids, actor=actor, days=lists.number(said.get("days", "")) or 0, reason=said.get("reason", "")
        ),
        gettext_lazy("Silenced."),
    ),
    "gather": (_gather, gettext_lazy("Gathered.")),
}  # fmt: skip


@require_POST
def case_act(request: HttpRequest, verb: str) -> HttpResponse:
    """``ids``: one case, answered on its page, or several, answered by a count."""
    access.demand(request.user, table.DECIDE)
    actor = lists.reader(request)
    ids = list(dict.fromkeys(_number(text) for text in request.POST.getlist("ids")))
    if not ids:
        raise NotThere("not_there")
    said = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    run, done = ACTS[verb]
    version = lists.number(said.get("version", "")) if len(ids) == 1 else None
    of_one = case.authorised(request, ids[0]) if len(ids) == 1 else None
    if of_one is not None:
        access.demand(actor, table.DECIDE, of_one.entity_id)
    try:
        answers = run(ids, actor, said, {ids[0]: version} if version else {}, request)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        if of_one is None:
            messages.warning(request, str(refused))
            return lists.back(request, "cases")
        return case.page(request, of_one, str(refused), said)
    if of_one is None:
        return _told(request, answers)
    if not answers[0].done:
        return case.page(request, table.found(actor, of_one.pk), answers[0].sentence, said)
    if words := answers[0].sentence or done:
        messages.success(request, str(words))
    return redirect("case", of_one.pk)


def _told(request: HttpRequest, answers: Sequence[Answer]) -> HttpResponse:
    """How many were done, and why the others were not."""
    done = sum(answer.done for answer in answers)
    refused = list(dict.fromkeys(answer.sentence for answer in answers if not answer.done))
    said = ngettext("%(n)s case done.", "%(n)s cases done.", done) % {"n": done}
    if refused:
        left = len(answers) - done
        said += " " + ngettext("%(n)s was not:", "%(n)s were not:", left) % {"n": left}
        said += " " + " ".join(refused[:3])
    (messages.warning if refused else messages.success)(request, said)
    return lists.back(request, "cases")


@require_POST
def request_answered(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was answered to a request."""
    access.demand(request.user, table.DECIDE)
    actor = lists.reader(request)
    asked = CaseRequest.objects.filter(pk=pk, case__in=table.visible(actor)).first()
    if asked is None:
        raise NotThere("not_there")
    of = case.authorised(request, asked.case_id)
    access.demand(actor, table.DECIDE, of.entity_id)
    words = request.POST.get("answer", "").replace("\x00", "")
    try:
        answer = services.answer(request_id=pk, actor=actor, words=words)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return case.page(request, of, str(refused))
    if not answer.done:
        return case.page(request, of, answer.sentence)
    messages.success(request, _("The answer is written down."))
    return redirect("case", of.pk)


@require_POST
def unlinked(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, table.DECIDE)
    actor = lists.reader(request)
    found = CaseLink.objects.filter(pk=pk, case__in=table.visible(actor)).first()
    if found is None:
        raise NotThere("not_there")
    of = case.authorised(request, found.case_id)
    access.demand(actor, table.DECIDE, of.entity_id)
    answer = services.unlink(link_id=pk, actor=actor)
    if not answer.done:
        return case.page(request, of, answer.sentence)
    messages.success(request, _("The link is taken away."))
    return redirect("case", of.pk)


class RaiseForm(forms.Form):
    typology = forms.ChoiceField(
        label=gettext_lazy("What it looks like"),
        choices=lambda: [("", "–"), *((one.code, one.name) for one in typologies.TYPOLOGIES.values())],
    )
    reason = forms.CharField(
        label=gettext_lazy("What you saw"), max_length=1000, widget=forms.Textarea({"rows": 4, "maxlength": 1000})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def raise_alert(request: HttpRequest, pk: int) -> HttpResponse:
    """Raise an alert on a payment by hand, with a reason."""
    access.demand(request.user, table.RAISE)
    actor = lists.reader(request)
    payment = payments.payment(pk, access.entity_ids(actor, "payment.view"))
    access.demand(actor, table.RAISE, payment.entity_id)
    form = RaiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        (answer,) = services.raise_by_hand(
            payment_ids=[pk], typology=form.cleaned_data["typology"], reason=form.cleaned_data["reason"], actor=actor
        )
        if not answer.done:
            raise BusinessError(answer.code, **answer.params)
        messages.success(request, _("The alert is raised. Those who work on cases see it."))
        if access.can(actor, table.VIEW, payment.entity_id):
            return redirect("case", answer.params["case"])
        return redirect("payment", pk)
    context = {"payment": payment, "form": form}
    return render(request, "cases/raise.html", context, status=422 if form.is_bound else 200)
