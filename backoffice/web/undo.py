"""Taking back first approvals that were just given: the signature is withdrawn on record, never erased."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.web import lists
from transactions import workflow
from transactions.models import PaymentApproval

WINDOW_SECONDS = 60
_KEY = "undo"


def offer(request: HttpRequest, ids: Sequence[int], said: str) -> None:
    """Remember what was just approved, so that the next page can offer to take it back."""
    request.session[_KEY] = {"ids": list(ids), "said": said, "at": timezone.now().timestamp()}


def offered(request: HttpRequest) -> dict[str, Any] | None:
    """What the page may offer to undo, once."""
    found: dict[str, Any] | None = request.session.pop(_KEY, None)
    if not found or timezone.now().timestamp() - found["at"] > WINDOW_SECONDS:
        return None
    return {**found, "value": ",".join(str(key) for key in found["ids"])}


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Withdraw one's own first approvals of the last minute; those that someone approved meanwhile stay."""
    user = lists.reader(request)
    asked = request.POST.get("ids", "").split(",")[:50]
    wanted = [key for key in map(lists.number, asked) if key is not None]
    since = timezone.now() - timedelta(seconds=WINDOW_SECONDS)
    mine = list(
        PaymentApproval.objects.filter(
            payment_id__in=wanted, person=user, stage=0, withdrawn_at=None, given_at__gte=since
        ).values_list("payment_id", flat=True)
    )
    done = [
        answer.payment_id
        for answer in workflow.send_back(ids=mine, actor=user, reason=_("Taken back at once by its author."))
        if answer.done
    ]
    if done:
        text = ngettext("%(n)s approval taken back.", "%(n)s approvals taken back.", len(done)) % {"n": len(done)}
        messages.success(request, text)
    if len(done) < len(wanted):
        messages.warning(request, _("What was decided over a minute ago, or approved meanwhile, cannot be taken back."))
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
