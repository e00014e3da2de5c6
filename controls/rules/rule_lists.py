"""Named lists that rules ask: made empty by one person, filled and emptied by two.

A value is held from the moment when the second person signed, until the moment when a second person signed its going.
Nothing of it is rewritten, so a rule asks a list for what it held when a payment was received: at the time, in a
back-test, and when the payment is judged again.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pycountry
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import ChangeRequest, RuleList, RuleListEntry
from controls.rules import reach
from controls.rules.language import LONGEST_VALUE, Listed
from documents import trail
from transactions.intake import account_numbers

MOST_AT_ONCE, MOST_HELD = 1_000, 5_000
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


def visible(actor: User) -> QuerySet[RuleList]:
    """The lists of all entities and of those of the actor, by code, with ``held``: how many values they hold now."""
    places = access.entity_ids(actor, reach.VIEW)
    rows = RuleList.objects.filter(Q(entity=None) | Q(entity__in=places)) if places else RuleList.objects.none()
    held = Count("entries", filter=Q(entries__valid_to=None))
    return rows.select_related("entity", "made_by").annotate(held=held).order_by("code")


def known(entity_id: int | None) -> dict[str, Listed]:
    """The lists that a rule of this entity (None: of all) may ask. One query."""
    rows = RuleList.objects.filter(Q(entity=None) | Q(entity=entity_id) if entity_id else Q(entity=None))
    return {code: (key, kind) for code, key, kind in rows.values_list("code", "pk", "kind")}


def make(*, actor: User, entity: Entity | None, code: str, name: str, kind: str, note: str = "") -> RuleList:
    """An empty list. Needs rule.write in its entity, in every entity for a list of all. Records rule_list.made."""
    reach.demand(actor, reach.WRITE, entity.pk if entity else None)
    if not _CODE.fullmatch(code):
        raise BusinessError("rule_list.malformed", field="code")
    if kind not in RuleList.Kind.values:
        raise BusinessError("rule_list.malformed", field="kind")
    said = " ".join(name.split())
    if not 0 < len(said) <= 80 or not said.isprintable() or len(note) > 400:
        raise BusinessError("rule_list.malformed", field="name")
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = RuleList.objects.create(
                    code=code, name=said, kind=kind, entity=entity, note=note.strip(), made_by=actor,
                    digest=_digest([]),
                )  # fmt: skip
        except IntegrityError:
            raise BusinessError("rule_list.taken", code=code) from None
        trail.record(
            "rule_list.made", subject_type="rule_list", subject_id=made.pk, entity_id=made.entity_id, actor=actor,
            data={"code": code, "name": said, "kind": kind},
        )  # fmt: skip
    return made


def value_of(kind: str, given: str) -> str:
    """A value as it is kept and compared: account numbers without blanks, an IBAN with its check digits right;
    countries by their two letters."""
    text = _plain(kind, given)
    if kind == RuleList.Kind.COUNTRY and pycountry.countries.get(alpha_2=text) is None:
        raise BusinessError("rule_list.country", value=text[:40])
    if kind == RuleList.Kind.ACCOUNT and account_numbers.looks_like_iban(text):
        fault = account_numbers.iban_fault(text)
        if fault:
            raise BusinessError("rule_list.account", value=text, fault=fault)
    if not text or len(text) > LONGEST_VALUE or "\\" in text or not text.isprintable():
        raise BusinessError("rule_list.value", value=text[:40])
    return text


def _plain(kind: str, given: str) -> str:
    text = " ".join(given.replace("\x00", "").split())
    if kind == RuleList.Kind.ACCOUNT:
        return account_numbers.clean(text)
    return text.upper() if kind == RuleList.Kind.COUNTRY else text


def change_of(found: RuleList, *, add: Sequence[str], remove: Sequence[str]) -> dict[str, Any]:
    """What a request keeps: values that come and go, each looked at; nothing that is there or gone already."""
    if len(add) + len(remove) > MOST_AT_ONCE:
        raise BusinessError("rule_list.too_many", most=MOST_AT_ONCE)
    coming = list(dict.fromkeys(value_of(found.kind, text) for text in add))
    going = list(dict.fromkeys(_plain(found.kind, text) for text in remove))
    held = set(found.entries.filter(valid_to=None).values_list("value", flat=True))
    coming = [value for value in coming if value not in held]
    going = [value for value in going if value in held]
    if not coming and not going:
        raise BusinessError("payment.nothing_changed")
    if len(held) + len(coming) - len(going) > MOST_HELD:
        raise BusinessError("rule_list.too_many", most=MOST_HELD)
    return {"list": found.code, "name": found.name, "kind": found.kind, "add": coming, "remove": going}


def put(asked: ChangeRequest, approver: User) -> None:
    """The values come and go, at this moment. In the transaction that signed the request; locks the list."""
    found = RuleList.objects.select_for_update(no_key=True).get(pk=asked.subject_id or 0)
    now = timezone.now()
    ending = found.entries.filter(valid_to=None, value__in=asked.change["remove"])
    ending.update(valid_to=now, removed_by=asked.asked_by, removed_with=asked, removal_reason=asked.reason[:500])
    held = set(found.entries.filter(valid_to=None).values_list("value", flat=True))
    RuleListEntry.objects.bulk_create(
        RuleListEntry(
            list=found, value=value, valid_from=now, added_by=asked.asked_by, added_with=asked,
            reason=asked.reason[:500],
        )
        for value in asked.change["add"]
        if value not in held
    )  # fmt: skip
    entries = found.entries.order_by("value", "valid_from").values_list("value", "valid_from", "valid_to")
    found.digest = _digest(list(entries))
    found.save(update_fields=["digest"])


def _digest(entries: Sequence[tuple[str, datetime, datetime | None]]) -> str:
    said = [[value, since.isoformat(), until.isoformat() if until else None] for value, since, until in entries]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def found(actor: User, code: str) -> RuleList:
    row = visible(actor).filter(code=code).first()
    if row is None:
        raise NotThere("not_there")
    return row
