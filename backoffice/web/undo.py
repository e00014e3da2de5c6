"""Taking back what was just decided, one or a lot, within the entity's window: withdrawn on record, never erased."""

import math
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.people import access
from backoffice.web import lists
from transactions import workflow

MOST = 50
_KEY = "undo"


def offer(request: HttpRequest, ids: Sequence[int], said: str, seconds: int) -> None:
    """Tell what was just decided, and remember it for as long as the next page can offer to take it back."""
    if not seconds:
        messages.success(request, said)
        return
    request.session[_KEY] = {"ids": list(ids), "said": said, "until": timezone.now().timestamp() + seconds}


def offered(request: HttpRequest) -> dict[str, Any] | None:
    """What the page may offer to undo, once. What can be undone no more is told all the same."""
    found: dict[str, Any] | None = request.session.pop(_KEY, None)
    if not found:
        return None
    left = found["until"] - timezone.now().timestamp()
    if left <= 0:
        messages.success(request, found["said"])
        return None
    return {**found, "value": ",".join(str(key) for key in found["ids"]), "seconds": math.ceil(left)}


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Withdraw one's own last decision on each payment; what took effect, or somebody acted on meanwhile, stays."""
    user = lists.reader(request)
    asked = request.POST.get("ids", "").split(",")[:MOST]
    wanted = list(dict.fromkeys(key for key in map(lists.number, asked) if key is not None))
    access.demand(user, "payment.validate")
    answers = workflow.withdraw(ids=wanted, actor=user) if wanted else []
    done = [answer.payment_id for answer in answers if answer.done]
    if done:
        text = ngettext("%(n)s decision taken back.", "%(n)s decisions taken back.", len(done)) % {"n": len(done)}
        messages.success(request, text)
    for sentence in dict.fromkeys(answer.sentence for answer in answers if not answer.done):
        messages.warning(request, sentence)
    return _back(request, done)


def _back(request: HttpRequest, done: Sequence[int]) -> HttpResponse:
    """To what was taken back: selected in the list, or its page when the undo was given on another payment's page."""
    response = lists.back(request, "queue")
    if not done:
        return response
    path, _mark, query = response.url.partition("?")
    parameters = QueryDict(query, mutable=True)
    if path in {reverse("queue"), reverse("second_approvals")}:
        parameters["row"] = str(done[0])
        parameters.pop("cursor", None)
    elif _is_payment(path) and len(done) == 1:
        path = reverse("payment", args=[done[0]])
    query = parameters.urlencode()
    return redirect(f"{path}?{query}" if query else path)


def _is_payment(path: str) -> bool:
    try:
        return resolve(path).url_name == "payment"
    except Resolver404:
        return False
