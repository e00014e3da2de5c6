"""The workbench of an account: the bank on the left, the books on the right, and what ties them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import desk_words, lists
from backoffice.web.reconciliation import may_match
from controls.models import Match
from controls.reconciliation import acting, breaks, calendar, days, desk, positions
from controls.reconciliation.days import MATCH, VIEW
from transactions.models import Account

SUGGESTED, UNMATCHED, MATCHED, IGNORED = "suggested", "unmatched", "matched", "ignored"
TABS = (
    (SUGGESTED, pgettext_lazy("workbench", "Suggested")), (UNMATCHED, pgettext_lazy("workbench", "Unmatched")),
    (MATCHED, pgettext_lazy("workbench", "Matched")), (IGNORED, pgettext_lazy("workbench", "Left out")),
)  # fmt: skip
CODES = {"": "", "fee": "fee", "exchange": "exchange", "part": ""}
MOST = 200
UNDO = gettext_lazy("Matched by mistake")


def authorised(request: HttpRequest, pk: int, right: str = VIEW) -> Account:
    return days.account(lists.reader(request), pk, right)


@require_safe
def workbench(request: HttpRequest, pk: int) -> HttpResponse:
    """Queries: a constant number, beside what suggesting asks."""
    account = authorised(request, pk)
    tab, words = lists.choice(request, "tab", TABS), lists.words(request)
    last = desk.last_day(account)
    lines = list(desk.open_lines(account, words)[: desk.SHOWN])
    proposed = desk.proposals(lines) if tab in {SUGGESTED, UNMATCHED} else {}
    found = [rows[0] for rows in proposed.values() if rows]
    ignored = desk.count(desk.open_lines(account, ignored=True)) + desk.count(desk.open_items(account, ignored=True))
    counts = {UNMATCHED: desk.count(desk.open_lines(account, words)), IGNORED: ignored}
    if tab in {SUGGESTED, UNMATCHED}:
        counts[SUGGESTED] = len(found)
    context = {
        "account": account, "tab": tab, "last": last, "tabs": lists.tabs(request, "tab", TABS, counts),
        "bar": lists.bar(request, [], _("Name, reference, amount")), "may": may_match(request, account.entity_id),
        "position": positions.position(account, last) if last else None, "bands": desk_words.BANDS,
        "standing": calendar.standing(account, last, timezone.localdate()) if last else None,
        "undo": _undoable(request, account), "undo_reason": UNDO, **_of_tab(request, account, tab, lines, found),
    }  # fmt: skip
    return render(request, f"reconciliation/{tab}.html", context)


def _of_tab(
    request: HttpRequest, account: Account, tab: str, lines: Sequence[Any], found: Sequence[desk.Proposal]
) -> dict[str, Any]:
    words = lists.words(request)
    if tab == SUGGESTED:
        order = sorted(found, key=lambda one: (-one.confidence, one.line.booking_on, one.line.pk))
        return {
            "rows": [(one, desk_words.BANDS[one.band], desk_words.TONES[one.band]) for one in order],
            "certain": sum(1 for one in found if one.band == "certain" and not one.difference),
        }  # fmt: skip
    if tab == UNMATCHED:
        best = {one.line.pk: one for one in found}
        return {
            "lines": [(line, best.get(line.pk)) for line in lines],
            "items": list(desk.open_items(account, words)[: desk.SHOWN]), "shown": desk.SHOWN,
        }  # fmt: skip
    if tab == IGNORED:
        return {
            "lines": list(desk.open_lines(account, words, ignored=True)[: desk.SHOWN]),
            "items": list(desk.open_items(account, words, ignored=True)[: desk.SHOWN]),
        }
    page = pages.page(desk.matches(account), key=("id",), cursor=lists.cursor(request), salt=f"matches:{account.pk}")
    sides = desk.sides([one.pk for one in page.items])
    return {
        "page": page,
        "rows": [
            {"match": one, "bank": sides[one.pk][0], "books": sides[one.pk][1],
             "reasons": [errors.sentence(reason["code"], reason.get("params")) for reason in one.reasons]}
            for one in page.items
        ],
    }  # fmt: skip


def _undoable(request: HttpRequest, account: Account) -> list[int]:
    """The matches just made, as the address names them, while they stand."""
    keys = [key for key in map(lists.number, request.GET.get("last", "").split(",")[:MOST]) if key is not None]
    if not keys:
        return []
    return list(Match.objects.filter(pk__in=keys, account=account, undone_at=None).values_list("pk", flat=True))


def back(request: HttpRequest, account: Account, tab: str, made: Sequence[int] = ()) -> HttpResponseRedirect:
    """To the workbench, where what was made can be undone by one key."""
    query = {name: value for name, value in (("tab", tab), ("q", request.POST.get("q", "")[:60])) if value}
    if made:
        query["last"] = ",".join(map(str, made[:MOST]))
    return redirect(f"{reverse('workbench', args=[account.pk])}?{urlencode(query)}")


def keys(request: HttpRequest, name: str) -> list[int]:
    """Keys of a form; open items that wait have negative ones."""
    found = []
    for text in request.POST.getlist(name)[:MOST]:
        key = lists.number(text.removeprefix("-"))
        if key is None:
            raise NotThere("not_there")
        found.append(-key if text.startswith("-") else key)
    return found


def _acting(request: HttpRequest, pk: int) -> Account:
    account = authorised(request, pk, MATCH)
    if lists.reader(request).is_machine:
        raise Denied("day.by_machine")
    return account


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept suggestions: each ``line:items:code`` by itself, so that one that is gone leaves the others."""
    account = _acting(request, pk)
    made, refusals = [], []
    for value in request.POST.getlist("accept")[:MOST]:
        line, _colon, rest = value.partition(":")
        items, _colon, code = rest.partition(":")
        chosen = [int(text) for text in items.split(",") if lists.number(text.removeprefix("-")) is not None]
        if lists.number(line) is None or not chosen or code not in CODES:
            raise NotThere("not_there")
        try:
            one = acting.match(
                lines=[int(line)], postings=chosen, actor=lists.reader(request), difference_code=CODES[code],
                partial=code == "part",
            )  # fmt: skip
            made.append(one.pk)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            refusals.append(str(refused))
    if made:
        messages.success(request, ngettext("%(n)s matched.", "%(n)s matched.", len(made)) % {"n": len(made)})
    for words in dict.fromkeys(refusals):
        messages.warning(request, words)
    if not made and not refusals:
        messages.warning(request, _("Choose at least one suggestion."))
    return back(request, account, SUGGESTED, made)


@require_safe
def certain(request: HttpRequest, pk: int) -> HttpResponse:
    """What accepting all certain ones at once would match, before it is done."""
    account = authorised(request, pk)
    access.demand(request.user, MATCH, account.entity_id)
    rows = desk.certain(list(desk.open_lines(account)[: desk.SHOWN]))
    context = {
        "account": account, "rows": rows, "came": sum(one.signed for one in rows if one.signed > 0),
        "went": sum(one.signed for one in rows if one.signed < 0), "may": may_match(request, account.entity_id),
    }  # fmt: skip
    return render(request, "reconciliation/certain.html", context)


@require_POST
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Match what was ticked on both sides; ``verb`` split matches what both have in common."""
    account = _acting(request, pk)
    verb = request.POST.get("verb", "match")
    if verb in {"ignore", "heed"}:
        return _leave(request, account, verb)
    if verb == "create":
        lines, items = keys(request, "lines"), keys(request, "items")
        chosen = [("line", key) for key in lines] + [("item", key) for key in items]
        if len(chosen) != 1:
            messages.warning(request, _("Choose one line, or one posting, that the entry is for."))
            return back(request, account, UNMATCHED)
        return redirect(f"{reverse('correction_new', args=[account.pk])}?{urlencode(chosen)}")
    try:
        made = acting.match(
            lines=keys(request, "lines"), postings=keys(request, "items"), actor=lists.reader(request),
            reason=lists.said(request), difference_code=request.POST.get("difference", ""), partial=verb == "split",
        )  # fmt: skip
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
        return back(request, account, UNMATCHED)
    messages.success(request, _("Matched."))
    return back(request, account, UNMATCHED, [made.pk])


def _leave(request: HttpRequest, account: Account, verb: str) -> HttpResponse:
    reader = lists.reader(request)
    try:
        of = breaks.of_open(lines=keys(request, "lines"), items=keys(request, "items"), actor=reader)
        if not of:
            messages.warning(request, _("Choose at least one line or posting."))
            return back(request, account, UNMATCHED if verb == "ignore" else IGNORED)
        if verb == "heed":
            answers = breaks.heed(ids=of, actor=reader)
        else:
            answers = breaks.ignore(ids=of, actor=reader, reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
        return back(request, account, UNMATCHED)
    done = sum(1 for one in answers if one.done)
    words = (
        ngettext("%(n)s left out.", "%(n)s left out.", done)
        if verb == "ignore"
        else ngettext("%(n)s taken up again.", "%(n)s taken up again.", done)
    )
    messages.success(request, words % {"n": done})
    return back(request, account, UNMATCHED if verb == "ignore" else IGNORED)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    account = _acting(request, pk)
    chosen = keys(request, "undo")
    mine = set(Match.objects.filter(pk__in=chosen, account=account).values_list("pk", flat=True))
    if not chosen or set(chosen) - mine:
        raise NotThere("not_there")
    tab = request.POST.get("tab", MATCHED)
    tab = tab if tab in dict(TABS) else MATCHED
    try:
        done = acting.undo(match_ids=chosen, actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
        return back(request, account, tab)
    messages.success(request, ngettext("%(n)s undone.", "%(n)s undone.", done) % {"n": done})
    return back(request, account, tab)
