"""A day of an account: where it stands, its proof, who prepared and who signed it, and what changed since."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import acts, desk_words, lists
from backoffice.web.reconciliation import day_of, may_match
from controls.models import ReconciledDay
from controls.reconciliation import calendar, days, positions
from controls.reconciliation.days import MATCH, SIGN
from documents import trail
from transactions.models import Account


def _day(text: str) -> date:
    found = day_of(text)
    if found is None:
        raise NotThere("not_there")
    return found


@require_safe
def day_page(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Queries: a constant number."""
    return _page(request, days.account(lists.reader(request), pk), _day(day))


@require_safe
def sign_off_page(request: HttpRequest, pk: int) -> HttpResponse:
    """An earlier sign-off of a day, or the present one: the proof as it was."""
    one = days.found(lists.reader(request), pk)
    return _page(request, one.account, one.day, of=one)


def _parts(one: ReconciledDay | None, position: positions.Position) -> list[dict[str, Any]]:
    """What explains the difference: of a proof as it was frozen, else as it is now."""
    if one is not None:
        told = [
            (kind, key, day_of(on), Decimal(amount), words) for kind, key, on, amount, words in one.proof["explained"]
        ]
    else:
        told = [(part.kind, str(part.key), part.on, part.amount, part.words) for part in position.explained]
    return [
        {
            "kind": kind, "label": desk_words.KINDS[kind], "key": key, "on": on, "amount": amount,
            "words": desk_words.DIFFERENCES.get(words, words) if kind == positions.DIFFERENCE else words,
        }
        for kind, key, on, amount, words in told
    ]  # fmt: skip


def _page(
    request: HttpRequest, account: Account, day: date, fault: str = "", of: ReconciledDay | None = None
) -> HttpResponse:
    reader, position = lists.reader(request), positions.position(account, day)
    standing = calendar.standing(account, day, timezone.localdate())
    one = of or standing.sign_off
    frozen = one if one and (of or one.status in {"prepared", "signed"}) else None
    may = may_match(request, account.entity_id)
    signs = access.can(reader, SIGN, account.entity_id) and not reader.is_machine
    alone = bool(one and reader.pk in one.forced_by)
    waits, own = bool(one and one.status == "prepared"), bool(one and one.prepared_by_id == reader.pk)
    rounds = ReconciledDay.objects.filter(account=account, day=day).order_by("-round")
    context = {
        "account": account, "day": day, "standing": standing, "position": position, "one": one, "fault": fault,
        "frozen": frozen, "parts": _parts(frozen, position), "digest": bytes(one.digest).hex() if one else "",
        "bank": frozen.bank if frozen else position.bank, "books": frozen.books if frozen else position.books,
        "unexplained": frozen.unexplained if frozen else position.unexplained,
        "changes": desk_words.changes(one.change) if one and one.status == "signed" else [],
        "may_prepare": may and not of and standing.status not in {"prepared", "signed"} and position.bank is not None,
        "may_sign": signs and waits and not own and not alone, "own": waits and own, "alone": alone,
        "may_send_back": waits and (signs or (may and own)),
        "may_ask": may and one and one.status == "signed" and not one.ended_asked_by_id,
        "asked": bool(one and one.status == "signed" and one.ended_asked_by_id), "signs": signs, "reader": reader,
        "rounds": rounds.select_related("prepared_by", "signed_by"),
        "acts": acts.told(trail.of(days.SUBJECT, one.pk)[:40])
        if one and access.can(reader, "history.view", account.entity_id) else [],
        "before": day - calendar.ONE, "after": day + calendar.ONE,
    }  # fmt: skip
    return render(request, "reconciliation/day.html", context, status=422 if fault else 200)


@require_POST
def day_prepare(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    account = days.account(lists.reader(request), pk, MATCH)
    of = _day(day)
    try:
        days.prepare(actor=lists.reader(request), account_id=pk, day=of, remark=request.POST.get("remark", ""))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, account, of, str(refused))
    messages.success(request, _("Prepared. Another person must sign it."))
    return redirect("day", pk=pk, day=of.isoformat())


def _sign(request: HttpRequest, pk: int, actor: User) -> None:
    days.sign(actor=actor, day_id=pk, digest=request.POST.get("digest", ""))


VERBS: dict[str, tuple[str, Callable[[HttpRequest, int, User], object], Any]] = {
    "sign": (SIGN, _sign, gettext_lazy("Signed.")),
    "send_back": (MATCH, lambda request, pk, actor: days.send_back(
        actor=actor, day_id=pk, reason=lists.said(request)), gettext_lazy("Sent back.")),
    "ask_reopening": (MATCH, lambda request, pk, actor: days.ask_reopening(
        actor=actor, day_id=pk, reason=lists.said(request)), gettext_lazy("Asked for. Another person must agree.")),
    "reopen": (SIGN, lambda _request, pk, actor: days.reopen(actor=actor, day_id=pk), gettext_lazy("Open again.")),
    "keep": (MATCH, lambda request, pk, actor: days.keep_signed(
        actor=actor, day_id=pk, reason=lists.said(request)), gettext_lazy("It stays signed.")),
}  # fmt: skip


@require_POST
def day_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    right, run, done = VERBS[verb]
    access.demand(request.user, right)
    one = days.found(lists.reader(request), pk)
    access.demand(request.user, right, one.entity_id)
    try:
        run(request, pk, lists.reader(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, one.account, one.day, str(refused))
    messages.success(request, str(done))
    return redirect("day", pk=one.account_id, day=one.day.isoformat())
