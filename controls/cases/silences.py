"""Silences: after a false positive, alerts of its typology about its party are not raised for a while.

One person may: it lets no payment go, for what the checks find and hold stays. It ends by itself, at most 180 days
later, or by one person at once. Alerts from a score of 80 on are raised all the same, and so are those of people.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import DECIDE, VIEW, Answer, Refusal, act, hands_of, text
from controls.models import Case, Silence
from documents import trail

MOST_DAYS = Silence.LONGEST.days
Key = tuple[int, str, str, str]


def visible(actor: User) -> QuerySet[Silence]:
    rows = Silence.objects.filter(entity__in=access.entity_ids(actor, VIEW))
    return rows.select_related("entity", "case", "made_by", "ended_by").order_by("-pk")


def silence(*, ids: Sequence[int], actor: User, days: int, reason: str) -> list[Answer]:
    """Of closed false positives: alerts like theirs are not raised for so many days, with a reason."""
    said = text(reason)
    if not 1 <= days <= MOST_DAYS:
        raise BusinessError("silence.days", most=MOST_DAYS)
    now = timezone.now()
    hands: dict[int, str] = {}
    silenced: dict[Key, int] = {}
    made: list[Silence] = []

    def prepare(found: list[Case]) -> None:
        hands.update(hands_of(found, actor.pk))
        silenced.update(in_force({_key(case) for case in found}, now))

    def check(case: Case) -> Refusal | None:
        if case.disposition != Case.Disposition.FALSE:
            return "silence.of_false_positive", {}
        if case.pk in hands:
            return hands[case.pk], {}
        if _key(case) in silenced:
            return "silence.in_force", {}
        silenced[_key(case)] = 0
        return None

    def change(case: Case) -> None:
        made.append(Silence(
            entity_id=case.entity_id, typology=case.typology, group=case.group, group_key=case.group_key,
            subject=case.subject, case=case, reason=said, made_by=actor, made_at=now,
            valid_to=now + timedelta(days=days),
        ))  # fmt: skip

    def before(_cases: list[Case]) -> None:
        Silence.objects.bulk_create(made)

    return act(
        "case.silenced", ids=ids, actor=actor, check=check, change=change, fields=(), reason=said,
        data={"until": (now + timedelta(days=days)).isoformat()}, closed=True, prepare=prepare, before=before,
    )  # fmt: skip


def end(*, silence_id: int, actor: User) -> Silence:
    """At once, by one person: what comes from now on is raised again. Locks the silence."""
    seen = visible(actor).filter(pk=silence_id).first()
    if seen is None:
        raise NotThere("not_there")
    access.demand(actor, DECIDE, seen.entity_id)
    if actor.is_machine:
        raise Denied("case.by_machine")
    with transaction.atomic():
        one = Silence.objects.select_for_update(of=("self",)).get(pk=silence_id)
        if not one.in_force:
            raise BusinessError("silence.over")
        one.ended_at, one.ended_by = timezone.now(), actor
        one.save(update_fields=["ended_at", "ended_by"])
        trail.record("case.heard", subject_type="case", subject_id=one.case_id, entity_id=one.entity_id, actor=actor)
    return one


def _key(case: Case) -> Key:
    return case.entity_id, case.typology, case.group, case.group_key


def in_force(groups: Iterable[Key], now: datetime) -> dict[Key, int]:
    """The silence of each group that has one. One query."""
    wanted = list(groups)
    if not wanted:
        return {}
    rows = sql.rows(
        """
        select s.entity_id, s.typology, s."group", s.group_key, max(s.id) from controls_silence s
        join unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) k(entity_id, typology, "group", key)
            on k.entity_id = s.entity_id and k.typology = s.typology and k."group" = s."group" and k.key = s.group_key
        where s.ended_at is null and s.valid_to > %s
        group by 1, 2, 3, 4
        """,
        [*map(list, zip(*wanted, strict=True)), now],
    )
    return {(entity, typology, group, key): found for entity, typology, group, key, found in rows}


def count(hidden: Mapping[int, int]) -> None:
    """Add what each silence hid. Inside ``atomic()``; one query a silence."""
    for key, number in sorted(hidden.items()):
        Silence.objects.filter(pk=key).update(hidden_count=F("hidden_count") + number)
