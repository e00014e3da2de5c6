"""A sent file on its way, and a person's acts on one that did not surely arrive."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.common import errors
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists
from transactions.channels import decisions
from transactions.models import OutgoingFile, Transmission

# The four words, whole.
WORDS = {
    decisions.ABSENT: gettext_lazy("Not there: nothing lies under its name."),
    decisions.WHOLE: gettext_lazy("There, whole: the bank has the file."),
    decisions.OTHER: gettext_lazy("There, but other: under its name lies something else."),
    decisions.UNKNOWN: gettext_lazy("Not known: it could not be looked."),
}
_TONES = {
    "waiting": ("", "clock"), "sending": ("", "running"), "delivered": ("ok", "check"), "acknowledged": ("ok", "done"),
    "failed": ("stop", "cross"), "unsure": ("warn", "warn"),
}  # fmt: skip


def pill(one: Transmission) -> dict[str, Any]:
    """State, tone and icon of a transmission, late acknowledgement included."""
    tone, icon = _TONES[one.status]
    late = one.status == "delivered" and one.ack_due_at is not None and one.ack_due_at < timezone.now()
    if late:
        return {"label": _("Not acknowledged in time"), "tone": "warn", "icon": "due"}
    return {"label": one.get_status_display(), "tone": tone, "icon": icon}


def told(file: OutgoingFile, reader: User) -> dict[str, Any] | None:
    """What the page of a file says of its way; None when it went by no channel. Two queries."""
    one = Transmission.objects.select_related("channel", "decided_by").filter(file=file).first()
    if one is None:
        return None
    log = list(one.log.order_by("-number")[:50])
    may = access.can(reader, decisions.SEND, file.entity_id)
    risky = one.status != Transmission.Status.FAILED
    return {
        "one": one,
        "pill": pill(one),
        "why": errors.sentence(one.code, one.params) if one.code else "",
        "log": [(attempt, errors.sentence(attempt.code, attempt.params) if attempt.code else "") for attempt in log],
        "may_look": may and one.status in decisions.OPEN,
        "may_again": may and one.status in decisions.OPEN and not (risky and file.sent_by_id == reader.pk),
        "needs_another": may and one.status in decisions.OPEN and risky and file.sent_by_id == reader.pk,
        "may_say": may and one.status in {Transmission.Status.FAILED, Transmission.Status.UNSURE},
    }


@require_POST
def outgoing_look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look whether it is there; nothing is moved."""
    seen = decisions.look(file_id=_key(request, pk), actor=lists.reader(request))
    said = str(WORDS[seen.word])
    if seen.code:
        said = f"{said} {errors.sentence(seen.code, seen.params)}"
    (messages.success if seen.word == decisions.WHOLE else messages.warning)(request, said)
    return redirect("outgoing_file", pk)


@require_POST
def outgoing_again(request: HttpRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    try:
        _one, seen = decisions.send_again(file_id=key, actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    else:
        followed = _("It is sent again.") if seen.word == decisions.ABSENT else _("It is not sent again.")
        messages.success(request, f"{WORDS[seen.word]} {followed}")
    return redirect("outgoing_file", pk)


@require_POST
def outgoing_arrived(request: HttpRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    try:
        decisions.arrived(file_id=key, actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted: the bank has the file."))
    return redirect("outgoing_file", pk)


def _key(request: HttpRequest, pk: int) -> int:
    """The file when the person may see and send it."""
    from backoffice.web.outgoing import authorised

    return int(authorised(request, pk, decisions.SEND).pk)
