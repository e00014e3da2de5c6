"""Audit records in words, for the pages of accounts, batches, files, users and for "What changed"."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import errors, formats
from backoffice.people import roles
from backoffice.people.models import Entity, Limit, User
from backoffice.web import case_words, change_words, desk_words, expected_words, scoring_words
from controls.models import Case, ScoringModel, ScreeningHit, WatchList
from documents.models import AuditRecord
from transactions import reasons
from transactions.messages import statuses
from transactions.models import (
    Account,
    BankChannel,
    BankMessage,
    Calendar,
    CutOff,
    IntakeSource,
    Mandate,
    OutgoingFile,
    PaymentBatch,
    Recall,
    RecallRequest,
    StandingOrder,
    SupplierInvoice,
)

# What someone did, after their name. Parameters come from the record's data, made readable by _readable().
WORDS: dict[str, Any] = {
    "account.opened": gettext_lazy("opened the account"),
    "account.changed": gettext_lazy("changed %(field)s from “%(before)s” to “%(after)s”"),
    "account.instant_limited": gettext_lazy("changed what the customer allows by instant transfers"),
    "batch.received": gettext_lazy("brought the file in"),
    "batch.read": gettext_lazy("read the file"),
    "batch.refused": gettext_lazy("refused the file: %(refusal)s"),
    "batch.ready": gettext_lazy("finished the checks"),
    "batch.verified_again": gettext_lazy("had %(payments)s payments verified again"),
    "batch.downloaded": gettext_lazy("downloaded the source file"),
    "payout.received": gettext_lazy("booked the payout %(reference)s"),
    "outgoing.prepared": gettext_lazy("prepared the file"),
    "outgoing.sent": gettext_lazy("sent the file to the bank"),
    "outgoing.voided": gettext_lazy("gave the file up"),
    "outgoing.confirmed": gettext_lazy("confirmed the settlement"),
    "outgoing.downloaded": gettext_lazy("downloaded the file"),
    "outgoing.answered": gettext_lazy("closed the file after the bank's answer"),
    "backtest.asked": gettext_lazy("began a back-test of %(rule)s"),
    "backtest.cancelled": gettext_lazy("cancelled the back-test"),
    "backtest.judged": gettext_lazy("judged a hit by hand"),
    "recall.asked": gettext_lazy("asked for the recall: %(reason)s"),
    "recall.approved": gettext_lazy("approved the recall"),
    "recall.sent": gettext_lazy("sent the recall"),
    "recall.answered": gettext_lazy("answered: %(answer)s"),
    "recall.returned": gettext_lazy("booked the money that came back"),
    "recall.expired": gettext_lazy("let the deadline pass"),
    "recall.withdrawn": gettext_lazy("took the recall back"),
    "recall_request.received": gettext_lazy("brought the recall of another bank in"),
    "recall_request.proposed": gettext_lazy("proposed to give the payment back"),
    "recall_request.accepted": gettext_lazy("had the payment given back"),
    "recall_request.refused": gettext_lazy("refused the recall: %(reason)s"),
    "outgoing.delivered": gettext_lazy("delivered the file by the channel “%(channel)s”"),
    "outgoing.acknowledged": gettext_lazy("noted that the bank acknowledged the file"),
    "outgoing.unacknowledged": gettext_lazy("noted that no acknowledgement came in time"),
    "outgoing.undelivered": gettext_lazy("could not deliver the file: %(refusal)s"),
    "outgoing.unsure": gettext_lazy("does not know whether the bank has the file: %(refusal)s"),
    "outgoing.sent_again": gettext_lazy("had the file sent again by the channel “%(channel)s”"),
    "channel.added": gettext_lazy("added the channel “%(name)s”"),
    "channel.changed": gettext_lazy("changed the channel “%(name)s”: %(fields)s"),
    "channel.tested": gettext_lazy("tested the channel “%(name)s”"),
    "channel.switched_on": gettext_lazy("switched the channel “%(name)s” on"),
    "channel.switched_off": gettext_lazy("switched the channel “%(name)s” off"),
    "channel.failing": gettext_lazy("could not use the channel “%(name)s”: %(refusal)s"),
    "channel.recovered": gettext_lazy("used the channel “%(name)s” again"),
    "mandate.registered": gettext_lazy("registered the mandate"),
    "mandate.amended": gettext_lazy("amended the mandate: %(fields)s"),
    "mandate.cancelled": gettext_lazy("cancelled the mandate"),
    "cut_off.added": gettext_lazy("added the cut-off %(scope)s: %(hour)s from %(from)s"),
    "cut_off.changed": gettext_lazy("changed the cut-off: %(changes)s"),
    "cut_off.withdrawn": gettext_lazy("withdrew the cut-off %(scope)s: %(hour)s from %(from)s"),
    "calendar.added": gettext_lazy("added the calendar %(code)s"),
    "calendar.closed": gettext_lazy("closed days of %(code)s: %(closed)s"),
    "calendar.opened": gettext_lazy("opened %(day)s (%(name)s) of %(code)s again"),
    "invoice.registered": gettext_lazy("registered it"),
    "invoice.cancelled": gettext_lazy("cancelled it"),
    "invoice.paid": gettext_lazy("made a payment of it"),
    "standing.agreed": gettext_lazy("approved the terms that %(asked_by)s asked for"),
    "standing.suspended": gettext_lazy("suspended it from %(since)s to %(until)s"),
    "standing.resumed": gettext_lazy("resumed it"),
    "standing.ended": gettext_lazy("ended it"),
    "standing.made": gettext_lazy("made the payment of %(due_on)s"),
    "standing.nothing_to_move": gettext_lazy("found nothing to move on %(due_on)s"),
    "standing.short": gettext_lazy("found the funds missing for %(due_on)s (%(code)s), try %(tries)s"),
    "standing.given_up": gettext_lazy("gave the payment of %(due_on)s up for want of funds (%(code)s)"),
    "standing.completed": gettext_lazy("completed it after %(payments)s payments"),
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
    "entity.cut_offs_renewed": gettext_lazy("worked out the cut-offs of open payments anew"),
    "entity.undo_window_changed": gettext_lazy("changed the undo window from %(before)s to %(after)s seconds"),
    "token.issued": gettext_lazy("made the API token “%(name)s”"),
    "hit.found": gettext_lazy("found the name like a listed one, score %(score)s"),
    "hit.exempted": gettext_lazy("let the name pass by an exemption"),
    "hit.reopened": gettext_lazy("opened the hit again: the exemption that let it pass has ended"),
    "hit.true": gettext_lazy("recorded a true match"),
    "hit.false": gettext_lazy("confirmed that it is somebody else, as %(asked_by)s proposed"),
    "exemption.began": gettext_lazy("let the name “%(name)s” pass"),
    "exemption.ended": gettext_lazy("made the name “%(name)s” a hit again"),
    "watchlist.made": gettext_lazy("made the list"),
    "watchlist.changed": gettext_lazy("changed the list: a hit from score %(threshold)s on"),
    "watchlist.confirmed": gettext_lazy("found version %(number)s unchanged"),
    "watchlist.shrunk": gettext_lazy(
        "loaded version %(number)s, which waits: %(removed_count)s removed, %(weakened_count)s weaker"
    ),
    "watchlist.activated": gettext_lazy(
        "took version %(number)s into force: %(added_count)s added, %(changed_count)s changed, %(removed_count)s "
        "removed"
    ),
    "watchlist.not_fetched": gettext_lazy("could not load the list: %(refusal)s"),
    "webhook.registered": gettext_lazy("registered the webhook “%(name)s”"),
    "webhook.changed": gettext_lazy("changed the webhook “%(name)s”"),
    "webhook.rotated": gettext_lazy("made a new secret for the webhook “%(name)s”"),
    "webhook.paused": gettext_lazy("paused the webhook “%(name)s”"),
    "webhook.resumed": gettext_lazy("resumed the webhook “%(name)s”"),
    "webhook.retired": gettext_lazy("retired the webhook “%(name)s”"),
    "webhook.replayed": gettext_lazy("sent %(count)s events of the webhook “%(name)s” again"),
    "channel.signed": gettext_lazy("let files go by the channel"),
    "verifier.changed": gettext_lazy("set the verification of payees up at %(url)s"),
    "verifier.signed": gettext_lazy("let payees be verified by %(url)s"),
    "verifier.switched_on": gettext_lazy("switched the verification of payees on"),
    "verifier.switched_off": gettext_lazy("switched the verification of payees off"),
    "verifier.failing": gettext_lazy("could not verify payees: %(refusal)s"),
    "verifier.recovered": gettext_lazy("verified payees again"),
    "token.took_effect": gettext_lazy("let the API token “%(name)s” work"),
    "token.revoked": gettext_lazy("revoked the API token “%(name)s”"),
    **case_words.ACTS,
    **expected_words.ACTS,
    **scoring_words.ACTS,
    **desk_words.ACTS,
}


# The same acts on the terms of a standing order.
_STANDING: dict[str, Any] = {
    "change.asked": gettext_lazy("asked for these terms"),
    "change.approved": gettext_lazy("approved what %(asked_by)s asked for"),
    "change.refused": gettext_lazy("refused what %(asked_by)s asked for"),
}

# And on what change_words tells.
_ASKED: dict[str, Any] = {
    "change.asked": gettext_lazy("asked: %(asked)s"),
    "change.approved": gettext_lazy("approved what %(asked_by)s asked for: %(asked)s"),
    "change.refused": gettext_lazy("refused what %(asked_by)s asked for: %(asked)s"),
}

# Acts of the house on what a person brought in: the person is on record, but did not do this.
REFUSED_FILES = frozenset({"batch.refused", "message.refused"})
MACHINE = frozenset({
    "batch.read", "batch.refused", "batch.ready", "message.applied", "message.refused",
})  # fmt: skip


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
    of_standing = action.startswith("standing.") or data.get("subject") == "standing"
    asked = change_words.said(data["subject"], data["change"]) if "change" in data and "subject" in data else ""
    text = (_ASKED if asked else _STANDING if data.get("subject") == "standing" else WORDS).get(action)
    if text is None:
        return action
    try:
        if asked:
            return str(text) % {**data, "asked": asked}
        return str(text) % (_dated(data) if of_standing else _readable(action, data))
    except (KeyError, TypeError, ValueError):
        return action


def _dated(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of standing orders, whose acts speak of days."""
    told = dict(data)
    for name in {"due_on", "since", "until"} & told.keys():
        told[name] = formats.day(date.fromisoformat(told[name])) if told[name] else _("no end")
    return told


def _readable(action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(data)
    if action in expected_words.ACTS:
        said |= expected_words.readable(data)
    elif action in desk_words.ACTS:
        said |= desk_words.readable(data)
    elif action in {"user.granted", "user.revoked"}:
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
    elif action in _REFUSALS:
        said["refusal"] = errors.sentence(str(data.get("code", "")), data.get("params") or {})
    elif action == "source.changed":
        said["fields"] = ", ".join(_changed(data, name) for name in data.get("fields", ()))
    elif action in {"mandate.amended", "channel.changed"}:
        said["fields"] = ", ".join(str(_FIELDS.get(name, name)) for name in data.get("fields", ()))
    elif reader := _READERS.get(action.partition(".")[0]):
        said |= reader(action, data)
    return said


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text))


def _of_time(action: str, data: Mapping[str, Any]) -> dict[str, str]:
    """What was done to a cut-off or a calendar, in words."""
    if action == "cut_off.changed":
        pairs = data.get("fields", {}).items()
        told = (f"{_FIELDS.get(name, name)}: {pair['old'] or '–'} → {pair['new'] or '–'}" for name, pair in pairs)
        return {"changes": "; ".join(told)}
    if action.startswith("cut_off."):
        return _cut_off(data)
    if action == "calendar.closed":
        days = list(data["days"].items())
        more = f" + {len(days) - 5}" if len(days) > 5 else ""
        return {"closed": ", ".join(f"{_day(day)} ({name})" for day, name in days[:5]) + more}
    return {"day": _day(data["day"])} if "day" in data else {}


def _cut_off(data: Mapping[str, Any]) -> dict[str, str]:
    """A rule as it was recorded, in words."""
    scheme, mode = str(data["scheme"]), str(data["mode"])
    parts = [data["account"], str(dict(CutOff.Scheme.choices).get(scheme, scheme)), data["channel"], data["currency"]]
    return {
        "scope": " · ".join(part for part in parts if part) or _("Every payment"),
        "hour": data["local_time"] or str(dict(CutOff.Mode.choices).get(mode, mode)),
        "from": _day(data["valid_from"]),
    }


def _of_account(action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed of an account, in words."""
    if action != "account.changed":
        return {}
    named = {
        "status": _("the status"), "message_format": _("how transfers leave"), "floor": _("the lowest balance"),
    }  # fmt: skip
    told: dict[str, Any] = {"field": named.get(data["field"], data["field"])}
    labels = {str(code): str(label) for code, label in (*Account.Status.choices, *Account.Format.choices)}
    for side in ("before", "after"):
        of_floor = data["field"] == "floor"
        told[side] = _limit(data[side], data["currency"]) if of_floor else labels.get(str(data[side]), data[side])
    return told


def _of_recall(_action: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The code of a recall or of its answer, and the status of an answer, in words."""
    code = str(data.get("reason_code") or "")
    reason = reasons.words(code, reasons.ISO) if code else ""
    answer = statuses.words(str(data.get("status") or ""))
    if code:
        answer += _(": %(reason)s (%(code)s)") % {"reason": reason, "code": code}
    return {"reason": reason, "answer": answer}


# The acts on one kind of subject whose data are put in words by a function of their own.
_READERS: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "account": _of_account,
    "cut_off": _of_time,
    "calendar": _of_time,
    "recall": _of_recall,
    "recall_request": _of_recall,
    "case": case_words.readable,
    **dict.fromkeys(("model", "training", "scoring"), scoring_words.readable),
}

_REFUSALS = frozenset({
    *REFUSED_FILES, "outgoing.undelivered", "outgoing.unsure", "channel.failing", "verifier.failing",
    "watchlist.not_fetched",
})  # fmt: skip


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
    "local_time": gettext_lazy("hour"),
    "time_zone": gettext_lazy("time zone"),
    "calendar": gettext_lazy("calendar"),
    "days_before": gettext_lazy("working days before"),
    "valid_from": gettext_lazy("valid from"),
    "mode": gettext_lazy("cut-off"),
    "host": gettext_lazy("server"),
    "port": gettext_lazy("port"),
    "user": gettext_lazy("user there"),
    "url": gettext_lazy("address of the gateway"),
    "host_keys": gettext_lazy("keys of the server"),
    "out_folder": gettext_lazy("folder for what we send"),
    "in_folder": gettext_lazy("folder of what the bank leaves"),
    "after_fetch": gettext_lazy("what happens to fetched files"),
    "file_name": gettext_lazy("names of files"),
    "source_id": gettext_lazy("source"),
    "ack_minutes": gettext_lazy("time to the acknowledgement"),
    "routes": gettext_lazy("accounts and kinds of files"),
    "secret": gettext_lazy("password or key"),
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


def _models(ids: Iterable[int]) -> dict[int, ScoringModel]:
    return ScoringModel.objects.defer("artefact").in_bulk(ids)


_KINDS: dict[str, tuple[Callable[[Any], str], str, _Reader | None]] = {
    "account": (str, "account", Account.objects.in_bulk),
    "batch": (lambda batch: batch.file_name or f"#{batch.pk}", "batch", PaymentBatch.objects.in_bulk),
    "source": (str, "source", IntakeSource.objects.in_bulk),
    "outgoing": (lambda file: file.message_id, "outgoing_file", OutgoingFile.objects.in_bulk),
    "mandate": (str, "mandate", Mandate.objects.in_bulk),
    "invoice": (str, "invoice", SupplierInvoice.objects.in_bulk),
    "standing": (str, "standing_order", StandingOrder.objects.in_bulk),
    "message": (str, "message", BankMessage.objects.in_bulk),
    "calendar": (str, "calendar", Calendar.objects.in_bulk),
    "recall": (str, "recall", Recall.objects.in_bulk),
    "recall_request": (str, "recall_request", RecallRequest.objects.in_bulk),
    "channel": (str, "channel", BankChannel.objects.in_bulk),
    "hit": (lambda hit: hit.given[:80], "screening_hit", ScreeningHit.objects.in_bulk),
    "case": (str, "case", Case.objects.in_bulk),
    "model": (lambda model: _("Model %(number)s") % {"number": model.number}, "", _models),
    "watchlist": (str, "watchlist", WatchList.objects.in_bulk),
    "user": (lambda user: user.full_name, "user", None),
    "entity": (lambda entity: entity.name, "", Entity.objects.in_bulk),
}
