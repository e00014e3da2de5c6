"""Breaks: what stays open too long, one of them with its acts; and entries by hand that make the books agree."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import pages
from backoffice.common.errors import Answer, BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import acts, desk_words, lists
from backoffice.web.reconciliation import day_of, may_match, scope
from controls.models import Break, Correction, OpenItem, OpenLine
from controls.reconciliation import breaks, corrections, days
from controls.reconciliation.days import MATCH, SIGN
from documents import trail

VIEWS = (
    ("open", gettext_lazy("Open")), ("ignored", gettext_lazy("Left out")), ("closed", gettext_lazy("Closed")),
)  # fmt: skip


@require_safe
def break_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, accounts, one page."""
    of, today = scope(request), timezone.localdate()
    account = lists.select(request, "account", _("Account"), _("all"), [(str(one.pk), one.code) for one in of.accounts])
    cause = lists.select(request, "cause", _("Cause"), _("all"), Break.Cause.choices)
    age = lists.select(request, "age", _("Age"), _("all"), list(desk_words.AGES.items()))
    whose = lists.select(request, "owner", _("Owner"), _("all"), [("me", _("me"))])
    view = lists.choice(request, "view", VIEWS)
    rows = breaks.listed(
        of.chosen, today, account=int(account.value) if account.value else None, cause=cause.value, age=age.value,
        owner=lists.reader(request).pk if whose.value else None, status=view,
    )  # fmt: skip
    page: Any = pages.page(
        rows, key=("on", "id"), cursor=lists.cursor(request), descending=view == "closed", salt=f"breaks:{view}"
    )
    selects = [*([of.select] if len(of.places) > 1 else []), account, cause, age, whose]
    context = {
        "page": page, "view": view, "tabs": lists.tabs(request, "view", VIEWS), "bar": lists.bar(request, selects),
        "rows": [{"one": one, "days": (today - one.on).days} for one in page.items],
        "several_entities": len(of.places) > 1, "may": access.can(request.user, MATCH), "today": today,
    }  # fmt: skip
    return render(request, "reconciliation/breaks.html", context)


@require_safe
def break_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, breaks.found(lists.reader(request), pk))


def _page(request: HttpRequest, one: Break, fault: str = "") -> HttpResponse:
    reader = lists.reader(request)
    item = OpenItem.objects.filter(pk=one.item).select_related("payment", "entry").first() if one.item else None
    line = OpenLine.objects.filter(pk=one.line_id).first() if one.line_id else None
    row: Any = line or item
    context = {
        "one": one, "item": item, "open": row.open if row else None, "fault": fault,
        "may": may_match(request, one.entity_id) and not one.closed_at, "causes": Break.Cause.choices,
        "people": list(access.people_with(MATCH, one.entity_id)) if not one.closed_at else [],
        "days": (timezone.localdate() - one.on).days,
        "acts": acts.told(trail.of(breaks.SUBJECT, one.pk)[:60])
        if access.can(reader, "history.view", one.entity_id) else [],
    }  # fmt: skip
    return render(request, "reconciliation/break.html", context, status=422 if fault else 200)


def _assign(request: HttpRequest, ids: Sequence[int], actor: User) -> Sequence[Answer]:
    due = request.POST.get("due_on", "")
    if due and day_of(due) is None:
        raise BusinessError("break.due")
    owner = lists.number(request.POST.get("owner", ""))
    return breaks.assign(ids=ids, actor=actor, owner=owner, due_on=day_of(due), reason=lists.said(request))


VERBS: dict[str, tuple[Callable[[HttpRequest, Sequence[int], User], Sequence[Answer]], Any]] = {
    "assign": (_assign, gettext_lazy("Assigned.")),
    "explain": (lambda request, ids, actor: breaks.explain(
        ids=ids, actor=actor, cause=request.POST.get("cause", ""), reason=lists.said(request)),
        gettext_lazy("Explained.")),
    "comment": (lambda request, ids, actor: breaks.comment(
        ids=ids, actor=actor, words=request.POST.get("words", "")), gettext_lazy("Commented.")),
    "ignore": (lambda request, ids, actor: breaks.ignore(
        ids=ids, actor=actor, reason=lists.said(request)), gettext_lazy("Left out.")),
    "heed": (lambda _request, ids, actor: breaks.heed(ids=ids, actor=actor), gettext_lazy("Taken up again.")),
}  # fmt: skip


@require_POST
def break_act(request: HttpRequest, verb: str) -> HttpResponse:
    """``ids``: one break, answered on its page, or several, answered by a count."""
    access.demand(request.user, MATCH)
    actor = lists.reader(request)
    ids = [key for key in map(lists.number, request.POST.getlist("ids")) if key is not None]
    if not ids:
        raise NotThere("not_there")
    run, done = VERBS[verb]
    one = breaks.found(actor, ids[0]) if len(ids) == 1 else None
    if one is not None:
        access.demand(actor, MATCH, one.entity_id)
    try:
        answers = run(request, ids, actor)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        if one is not None:
            return _page(request, one, str(refused))
        messages.warning(request, str(refused))
        return redirect("breaks")
    for answer in answers:
        if not answer.done:
            messages.warning(request, answer.sentence)
    if any(answer.done for answer in answers):
        messages.success(request, str(done))
    return redirect("break", pk=one.pk) if one is not None else redirect("breaks")


@require_http_methods(["GET", "HEAD", "POST"])
def correction_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an entry over what is open of a line or posting, which the address names."""
    account = days.account(lists.reader(request), pk, MATCH)
    line, item = _key(request, "line"), _key(request, "item")
    row: Any = (
        OpenLine.objects.filter(pk=line, account=account).select_related("line").first()
        if line is not None
        else OpenItem.objects.filter(pk=item or 0, account=account).first()
    )
    if row is None:
        raise NotThere("not_there")
    policy, fault = breaks.policy(account.entity_id), ""
    if request.method == "POST":
        try:
            made = corrections.ask(
                actor=lists.reader(request), kind=request.POST.get("kind", ""), line=line, item=item,
                contra=lists.number(request.POST.get("contra", "")) or 0, label=request.POST.get("label", ""),
                reason=lists.said(request),
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            fault = str(refused)
        else:
            booked = made.status == Correction.Status.BOOKED
            messages.success(
                request, _("Booked and matched.") if booked else _("Asked for. Another person must agree.")
            )
            return redirect("workbench", pk=account.pk)
    context = {
        "account": account, "row": row, "of_line": line is not None, "fault": fault, "policy": policy,
        "contras": corrections.contras(account), "kinds": Correction.Kind.choices if line is not None
        else [choice for choice in Correction.Kind.choices if choice[0] == "write_off"],
        "said": {name: request.POST.get(name, "") for name in ("kind", "contra", "label", "reason")},
        "alone": account.currency == account.entity.base_currency and row.open <= policy.alone,
    }  # fmt: skip
    return render(request, "reconciliation/correction.html", context, status=422 if fault else 200)


def _key(request: HttpRequest, name: str) -> int | None:
    return lists.number(request.GET.get(name, "") or request.POST.get(name, ""))


def _decide(request: HttpRequest, run: Callable[[User], Correction], done: str) -> HttpResponse:
    try:
        run(lists.reader(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("reconciliation")


@require_POST
def correction_agree(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, SIGN)
    return _decide(request, lambda actor: corrections.agree(actor=actor, correction_id=pk), _("Booked and matched."))


@require_POST
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, MATCH)
    return _decide(
        request,
        lambda actor: corrections.refuse(actor=actor, correction_id=pk, reason=lists.said(request)),
        _("Refused."),
    )
