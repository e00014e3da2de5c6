"""Audit records in words, for the pages of accounts, batches, files, users and for "What changed"."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import errors, formats
from backoffice.people import roles
from backoffice.people.models import Entity, Limit, User
from documents.models import AuditRecord
from transactions.models import Account, BankMessage, IntakeSource, Mandate, OutgoingFile, PaymentBatch

# What someone did, after their name. Parameters come from the record's data, made readable by _readable().
WORDS: dict[str, Any] = {
    "account.opened": gettext_lazy("opened the account"),
    "account.changed": gettext_lazy("changed %(field)s from “%(before)s” to “%(after)s”"),
    "batch.received": gettext_lazy("brought the file in"),
    "batch.read": gettext_lazy("read the file"),
    "batch.refused": gettext_lazy("refused the file: %(refusal)s"),
    "batch.ready": gettext_lazy("finished the checks"),
    "batch.downloaded": gettext_lazy("downloaded the source file"),
    "outgoing.prepared": gettext_lazy("prepared the file"),
    "outgoing.sent": gettext_lazy("sent the file to the bank"),
    "outgoing.confirmed": gettext_lazy("confirmed the settlement"),
    "outgoing.downloaded": gettext_lazy("downloaded the file"),
    "outgoing.answered": gettext_lazy("closed the file after the bank's answer"),
    "mandate.registered": gettext_lazy("registered the mandate"),
    "mandate.amended": gettext_lazy("amended the mandate: %(fields)s"),
    "mandate.cancelled": gettext_lazy("cancelled the mandate"),
    "message.received": gettext_lazy("brought the message in"),
    "message.applied": gettext_lazy("applied the message"),
    "message.refused": gettext_lazy("refused the message: %(refusal)s"),
    "message.assigned": gettext_lazy("assigned answer %(position)s to a payment"),
    "message.dismissed": gettext_lazy("laid answer %(position)s aside"),
    "message.downloaded": gettext_lazy("downloaded the source file"),
    "source.added": gettext_lazy("added the source"),
    "source.changed": gettext_lazy("changed the source: %(fields)s"),
    "source.mapping_changed": gettext_lazy("changed how lists of the source are read"),
    "user.created": gettext_lazy("created the account of %(full_name)s"),
    "user.granted": gettext_lazy("gave the role “%(role)s” in %(entity)s"),
    "user.revoked": gettext_lazy("took back the role “%(role)s” in %(entity)s"),
    "user.limited": gettext_lazy("changed the limit to %(act)s from %(before)s to %(after)s"),
    "user.activated": gettext_lazy("reopened the account"),
    "user.deactivated": gettext_lazy("closed the account"),
    "change.asked": gettext_lazy("asked to change the limit to %(act)s to %(after)s"),
    "change.approved": gettext_lazy("approved the change of the limit to %(act)s that %(asked_by)s asked for"),
    "change.refused": gettext_lazy("refused the change of the limit to %(act)s that %(asked_by)s asked for"),
    "delegation.given": gettext_lazy("let %(deputy)s sign in the place of %(giver)s in %(entity)s: %(act)s"),
    "delegation.ended": gettext_lazy("ended the delegation of %(giver)s to %(deputy)s in %(entity)s: %(act)s"),
    "entity.undo_window_changed": gettext_lazy("changed the undo window from %(before)s to %(after)s seconds"),
    "token.issued": gettext_lazy("made the API token “%(name)s”"),
    "webhook.registered": gettext_lazy("registered the webhook “%(name)s”"),
    "webhook.changed": gettext_lazy("changed the webhook “%(name)s”"),
    "webhook.rotated": gettext_lazy("made a new secret for the webhook “%(name)s”"),
    "webhook.paused": gettext_lazy("paused the webhook “%(name)s”"),
    "webhook.resumed": gettext_lazy("resumed the webhook “%(name)s”"),
    "webhook.retired": gettext_lazy("retired the webhook “%(name)s”"),
    "webhook.replayed": gettext_lazy("sent %(count)s events of the webhook “%(name)s” again"),
    "token.revoked": gettext_lazy("revoked the API token “%(name)s”"),
}


# Acts of the house on what a person brought in: the person is on record, but did not do this.
MACHINE = frozenset({"batch.read", "batch.refused", "batch.ready", "message.applied", "message.refused"})


@dataclass(frozen=True)
class Act:
    """One act on one subject, ready to be shown. ``subject`` and ``url`` are empty on the subject's own page."""

    moment: datetime
    actor: User | None
    words: str
    reason: str
    subject: str = ""
    url: str = ""

    @property
    def day(self) -> str:
        return formats.day(self.moment)


def told(records: Iterable[AuditRecord], *, subjects: bool = False) -> list[Act]:
    """Records as acts, in their order. One query for the people, and with ``subjects`` one for each kind of subject."""
    rows = [record for record in records if record.action in WORDS]
    people = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id} | _people_named(rows))
    named = _subjects(rows, people) if subjects else {}
    return [
        Act(
            row.occurred_at,
            people.get(row.actor_id) if row.actor_id and row.action not in MACHINE else None,
            words(row.action, row.details),
            row.reason,
            *named.get((row.subject_type, row.subject_id), ("", "")),
        )
        for row in rows
    ]


def words(action: str, data: Mapping[str, Any]) -> str:
    """What was done, in the reader's language. Data that an older version wrote otherwise leave the action's name."""
    text = WORDS.get(action)
    if text is None:
        return action
    try:
        return str(text) % _readable(action, data)
    except (KeyError, TypeError, ValueError):
        return action


def _readable(action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(data)
    if action in {"user.granted", "user.revoked"}:
        said["role"] = roles.NAMES.get(data["role"], data["role"])
        said["entity"] = data.get("entity") or _("all entities")
    elif action.startswith("change."):
        said |= limit_asked(data["change"])
    elif action in {"delegation.given", "delegation.ended"}:
        said["act"] = Limit.Act(data["act"]).label
    elif action == "user.limited":
        said["act"] = Limit.Act(data["act"]).label
        for side in ("before", "after"):
            said[side] = _limit(data[side], data["currency"])
            if data.get(f"day_{side}") is not None:
                day = {"limit": said[side], "day": _limit(data[f"day_{side}"], data["currency"])}
                said[side] = _("%(limit)s, %(day)s a day") % day
    elif action == "account.changed":
        said["field"] = {"status": _("the status")}.get(data["field"], data["field"])
        labels = {str(code): str(label) for code, label in Account.Status.choices}
        for side in ("before", "after"):
            said[side] = labels.get(str(data[side]), data[side])
    elif action in {"batch.refused", "message.refused"}:
        said["refusal"] = errors.sentence(str(data.get("code", "")), data.get("params") or {})
    elif action == "source.changed":
        said["fields"] = ", ".join(_changed(data, name) for name in data.get("fields", ()))
    elif action == "mandate.amended":
        said["fields"] = ", ".join(str(_FIELDS.get(name, name)) for name in data.get("fields", ()))
    return said


def _changed(data: Mapping[str, Any], name: str) -> str:
    """What was changed of a source; of who counts as maker, from whom to whom: others' signatures hang on it."""
    title = str(_FIELDS.get(name, name))
    if name != "maker":
        return title
    labels = {str(code): str(label) for code, label in IntakeSource.Maker.choices}
    before, after = (str(data.get(side, {}).get(name, "")) for side in ("before", "after"))
    return _("%(title)s, from “%(before)s” to “%(after)s”") % {
        "title": title, "before": labels.get(before, before), "after": labels.get(after, after),
    }  # fmt: skip


_FIELDS = {
    "name": gettext_lazy("name"),
    "debtor_name": gettext_lazy("name"),
    "debtor_number": gettext_lazy("account"),
    "debtor_bic": gettext_lazy("bank"),
    "mapping": gettext_lazy("columns and formats"),
    "all_or_nothing": gettext_lazy("all or nothing"),
    "maker": gettext_lazy("who counts as maker"),
    "is_active": gettext_lazy("in use"),
}


def limit_asked(change: Mapping[str, Any]) -> dict[str, Any]:
    """The act and the new limit of a request, in words."""
    after = _limit(change["amount"], change["currency"])
    if change["day_amount"] is not None:
        after = _("%(limit)s, %(day)s a day") % {
            "limit": after,
            "day": _limit(change["day_amount"], change["currency"]),
        }
    return {"act": Limit.Act(change["act"]).label, "after": after}


def _limit(value: Any, currency: str) -> str:
    if value is None:
        return _("none")
    try:
        return formats.amount(Decimal(str(value)), currency)
    except InvalidOperation:
        return str(value)


def _people_named(rows: Iterable[AuditRecord]) -> set[int]:
    return {row.subject_id for row in rows if row.subject_type == "user"}


def _subjects(rows: list[AuditRecord], people: Mapping[int, User]) -> dict[tuple[str, int], tuple[str, str]]:
    """Label and address of each subject. One query a kind that occurs."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for kind, (label, url, read) in _KINDS.items():
        ids = {row.subject_id for row in rows if row.subject_type == kind}
        if not ids:
            continue
        for key, thing in (people if read is None else read(ids)).items():
            if key in ids:
                found[kind, key] = (label(thing), reverse(url, args=[key]) if url else "")
    return found


_Reader = Callable[[set[int]], Mapping[int, Any]]
_KINDS: dict[str, tuple[Callable[[Any], str], str, _Reader | None]] = {
    "account": (str, "account", Account.objects.in_bulk),
    "batch": (lambda batch: batch.file_name or f"#{batch.pk}", "batch", PaymentBatch.objects.in_bulk),
    "source": (str, "source", IntakeSource.objects.in_bulk),
    "outgoing": (lambda file: file.message_id, "outgoing_file", OutgoingFile.objects.in_bulk),
    "mandate": (str, "mandate", Mandate.objects.in_bulk),
    "message": (str, "message", BankMessage.objects.in_bulk),
    "user": (lambda user: user.full_name, "user", None),
    "entity": (lambda entity: entity.name, "", Entity.objects.in_bulk),
}
