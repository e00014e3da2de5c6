"""The door in for alerts: many at once, each joins the open case of the same typology and the same party, or opens one.

Told twice by the same rule, model, detector or person it is one alert: payment, typology, origin and version together
are unique, and something expected that did not come (controls/expected) has one. Raising only adds; what people make of
it is theirs.

Locks: the entities that are raised in, by advisory lock in their order, then the cases that are joined.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import User
from controls.cases import holding, reasons, silences
from controls.cases.table import MOST, RAISE, S, resume, save, text
from controls.cases.typologies import SECOND_FROM, TYPOLOGIES, WINDOW, due_in
from controls.models import Alert, Case
from documents import trail
from transactions.workflow import Answer

G = Case.Group
LONGEST_VERSION = 64
# A person who raises an alert is taken seriously, and no more than that.
BY_HAND = 60
_SUBJECTS = """
    select p.id, p.entity_id, p.kind in ('debit', 'incoming', 'card') as comes_in,
           p.payee_id, y.name, p.creditor_number, p.creditor_name, p.debtor_number, p.debtor_name,
           p.debtor_account_id, d.name, p.creditor_account_id, c.name, p.maker_id, m.full_name
    from transactions_payment p
    left join transactions_payee y on y.id = p.payee_id
    left join transactions_account d on d.id = p.debtor_account_id
    left join transactions_account c on c.id = p.creditor_account_id
    left join people_user m on m.id = p.maker_id
    where p.id = any(%s)
"""
_KNOWN = """
    select a.payment_id, a.typology, a.origin, a.version from controls_alert a
    join unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) k(payment_id, typology, origin, version)
        on k.payment_id = a.payment_id and k.typology = a.typology and k.origin = a.origin and k.version = a.version
"""
# Of what was expected and did not come there is one alert, whoever tells it.
_KNOWN_MISSING = "select a.occurrence_id from controls_alert a where a.occurrence_id = any(%s)"
_MISSING = """
    select o.id, o.entity_id, e.payee_id, y.name, e.number, e.name, e.account_id, a.name, e.source_id, s.name
    from controls_occurrence o
    join controls_expectation e on e.id = o.expectation_id
    left join transactions_payee y on y.id = e.payee_id
    left join transactions_account a on a.id = e.account_id
    left join transactions_intakesource s on s.id = e.source_id
    where o.id = any(%s)
"""

# Of what: a payment, or an occurrence of something expected; with its key.
Of = tuple[str, int]
Key = tuple[int, str, str, str]


@dataclass(frozen=True)
class Raised:
    """What became of the rows: alerts made, those known before, the cases they are in (opened ones among them), and how
    many a silence kept from being raised."""

    made: int
    known: int
    cases: Sequence[int]
    opened: Sequence[int]
    silenced: int = 0


@dataclass(frozen=True)
class _Row:
    of: Of
    typology: str
    origin: str
    version: str
    score: int
    reasons: Sequence[Mapping[str, Any]]
    evidence: Mapping[str, Any]
    person: User | None

    @property
    def identity(self) -> tuple[Of, str, str, str]:
        return (
            (self.of, "", "", "") if self.of[0] == "occurrence" else (self.of, self.typology, self.origin, self.version)
        )

    @property
    def payment_id(self) -> int | None:
        return self.of[1] if self.of[0] == "payment" else None

    @property
    def occurrence_id(self) -> int | None:
        return self.of[1] if self.of[0] == "occurrence" else None


@dataclass(frozen=True)
class _Subject:
    entity_id: int
    groups: Mapping[str, tuple[str, str]]

    def of(self, wanted: str) -> tuple[str, str, str]:
        """What the alerts have in common: the kind that the typology looks at, or the next best that is known."""
        for kind in (wanted, G.NUMBER, G.PAYEE, G.PAYMENT, G.SOURCE):
            if kind in self.groups:
                return str(kind), *self.groups[kind]
        raise KeyError(wanted)


def raise_alerts(rows: Iterable[Mapping[str, Any]], *, now: datetime | None = None) -> Raised:
    """Raise many alerts, by the machine.

    Each row: ``payment`` (key), or ``occurrence`` (key) of what did not come, ``typology`` (code), ``origin`` (rule,
    model, detector), ``version`` (which one, at most 64 characters), ``score`` (0 to 100), ``reasons``
    (controls/cases/reasons.py) and ``evidence`` (JSON: ``payments``, keys of related ones, and values). Raises
    BusinessError for a malformed row or an unknown payment: then none is raised. A constant number of queries, and one
    for each hundred cases that change.
    """
    return _raise([_row(one, None) for one in rows], now or timezone.now())


def raise_by_hand(*, payment_ids: Sequence[int], typology: str, reason: str, actor: User) -> list[Answer]:
    """A person raises an alert on payments, with a reason. Answers each, with the case in ``params``.

    Said again it is the same alert, unless its case was closed meanwhile: then it is another one.
    """
    said = text(reason)[:1000]
    if len(payment_ids) > MOST:
        raise BusinessError("case.too_many", most=MOST)
    access.demand(actor, RAISE)
    if actor.is_machine:
        raise BusinessError("case.by_machine")
    if typology not in TYPOLOGIES:
        raise BusinessError("alert.typology_unknown", typology=typology[:24])
    places, sees = set(access.entity_ids(actor, RAISE)), set(access.entity_ids(actor, "payment.view"))
    where = {row[0]: row[1] for row in sql.rows(_SUBJECTS, [list(payment_ids)])}
    refused = {
        key: Answer(key, False, "denied", {"right": RAISE})
        if where.get(key) in sees
        else Answer(key, False, "not_there")
        for key in payment_ids
        if where.get(key) not in places
    }
    going = [key for key in dict.fromkeys(payment_ids) if key not in refused]
    why = [{"code": "by_hand", "params": {"said": said}, "weight": 1}]
    own = Alert.objects.filter(payment__in=going, typology=typology, raised_by=actor).order_by("pk")
    over = Counter(own.filter(case__status=S.CLOSED).values_list("payment_id", flat=True))
    by = {key: f"person {actor.pk}" + (f", {over[key] + 1}" if over[key] else "") for key in going}
    rows = [_Row(("payment", key), typology, "person", by[key], BY_HAND, why, {}, actor) for key in going]
    _raise(rows, timezone.now())
    cases = dict(own.values_list("payment_id", "case_id"))
    return [refused.get(key) or Answer(key, True, params={"case": cases[key]}) for key in payment_ids]


def _row(one: Mapping[str, Any], person: User | None) -> _Row:
    typology, origin, version = str(one["typology"]), str(one["origin"]), str(one["version"])
    if typology not in TYPOLOGIES:
        raise BusinessError("alert.typology_unknown", typology=typology[:24])
    if origin not in Alert.Origin.values or origin == Alert.Origin.PERSON:
        raise BusinessError("alert.origin_unknown", origin=origin[:8])
    score = one["score"]
    if not isinstance(score, int) or not 0 <= score <= 100:
        raise BusinessError("alert.score", score=str(score)[:20])
    reasons.check(one["reasons"])
    of = ("occurrence", int(one["occurrence"])) if "occurrence" in one else ("payment", int(one["payment"]))
    return _Row(
        of, typology, origin, shortened(version), score, list(one["reasons"]),
        dict(one.get("evidence") or {}), person,
    )  # fmt: skip


def shortened(version: str) -> str:
    """A version as it is kept: what is longer than 64 characters ends in a digest, so that it stays its own."""
    if len(version) <= LONGEST_VERSION:
        return version
    return f"{version[:47]} {hashlib.sha256(version.encode()).hexdigest()[:16]}"


def _raise(asked: Sequence[_Row], now: datetime) -> Raised:
    rows = {one.identity: one for one in asked}
    if not rows:
        return Raised(0, 0, (), ())
    subjects = _subjects({one.of for one in rows.values()})
    if missing := next((one.of for one in rows.values() if one.of not in subjects), None):
        raise BusinessError("alert.payment_unknown", payment=missing[1])
    with transaction.atomic():
        for entity_id in sorted({subject.entity_id for subject in subjects.values()}):
            sql.rows("select pg_advisory_xact_lock(hashtext('controls.cases'), %s)", [entity_id])
        known = _known(rows)
        fresh = [one for identity, one in rows.items() if identity not in known]
        by_group, names, silenced = _gathered(fresh, subjects, now)
        every, opened = _place(by_group, names, now)
    made = sum(len(members) for members in by_group.values())
    return Raised(made, len(known), every, opened, silenced)


def _known(identities: Iterable[tuple[Of, str, str, str]]) -> set[tuple[Of, str, str, str]]:
    """Which of these there are. A query for payments and one for what did not come, where there are any."""
    payments = [(of[1], *rest) for of, *rest in identities if of[0] == "payment"]
    missing = [of[1] for of, *_rest in identities if of[0] == "occurrence"]
    known: set[tuple[Of, str, str, str]] = set()
    if payments:
        columns = [list(column) for column in zip(*payments, strict=True)]
        known |= {(("payment", row[0]), row[1], row[2], row[3]) for row in sql.rows(_KNOWN, columns)}
    if missing:
        known |= {(("occurrence", row[0]), "", "", "") for row in sql.rows(_KNOWN_MISSING, [missing])}
    return known


def _subjects(asked: Iterable[Of]) -> dict[Of, _Subject]:
    keys: dict[str, list[int]] = {"payment": [], "occurrence": []}
    for kind, key in sorted(asked):
        keys[kind].append(key)
    told = _of_payments(keys["payment"]) if keys["payment"] else {}
    return told | (_of_missing(keys["occurrence"]) if keys["occurrence"] else {})


def _of_missing(ids: Sequence[int]) -> dict[Of, _Subject]:
    told: dict[Of, _Subject] = {}
    for row in sql.rows(_MISSING, [list(ids)]):
        key, entity, payee, payee_name, number, name, account, account_name, source, source_name = row
        groups: dict[str, tuple[str, str]] = {}
        if payee is not None:
            groups[G.PAYEE.value] = (str(payee), payee_name)
        if number:
            groups[G.NUMBER.value] = (number, name)
        if account is not None:
            groups[G.ACCOUNT.value] = (str(account), account_name)
        if source is not None:
            groups[G.SOURCE.value] = (str(source), source_name)
        told["occurrence", key] = _Subject(entity, groups)
    return told


def _of_payments(ids: Sequence[int]) -> dict[Of, _Subject]:
    told: dict[Of, _Subject] = {}
    for row in sql.rows(_SUBJECTS, [list(ids)]):
        key, entity, comes_in, payee, payee_name, to, to_name, by, by_name, debited, debited_name = row[:11]
        credited, credited_name, maker, maker_name = row[11:]
        number, name = (by, by_name) if comes_in else (to, to_name)
        own, own_name = (credited, credited_name) if comes_in else (debited, debited_name)
        groups: dict[str, tuple[str, str]] = {G.PAYMENT.value: (str(key), name)}
        if payee is not None:
            groups[G.PAYEE.value] = (str(payee), payee_name)
        if number:
            groups[G.NUMBER.value] = (number, name)
        if own is not None:
            groups[G.ACCOUNT.value] = (str(own), own_name)
        if maker is not None:
            groups[G.OPERATOR.value] = (str(maker), maker_name)
        told["payment", key] = _Subject(entity, groups)
    return told


def _gathered(
    fresh: Sequence[_Row], subjects: Mapping[Of, _Subject], now: datetime
) -> tuple[dict[Key, list[_Row]], dict[Key, str], int]:
    """The alerts by what they have in common, without those that a silence hides; their names; how many it hid."""
    by_group: dict[Key, list[_Row]] = {}
    names: dict[Key, str] = {}
    for one in fresh:
        subject = subjects[one.of]
        kind, key, name = subject.of(TYPOLOGIES[one.typology].group)
        group = (subject.entity_id, one.typology, kind, key)
        by_group.setdefault(group, []).append(one)
        names.setdefault(group, name)
    hidden: dict[int, int] = {}
    for group, silence_id in silences.in_force(by_group, now).items():
        heard = [one for one in by_group[group] if one.person or one.score >= SECOND_FROM]
        hidden[silence_id] = len(by_group[group]) - len(heard)
        by_group[group] = heard
    silences.count(hidden)
    return {group: members for group, members in by_group.items() if members}, names, sum(hidden.values())


def _place(
    by_group: Mapping[Key, Sequence[_Row]], names: Mapping[Key, str], now: datetime
) -> tuple[list[int], list[int]]:
    """Put each alert in the open case of its group, or in a new one. Inside ``atomic()``, the entities locked."""
    cases = _open_cases(by_group, now)
    missing = [group for group in by_group if group not in cases]
    opened = Case.objects.bulk_create([_opened(group, names[group], by_group[group], now) for group in missing])
    cases |= dict(zip(missing, opened, strict=True))
    Alert.objects.bulk_create(
        Alert(
            entity_id=group[0], payment_id=one.payment_id, occurrence_id=one.occurrence_id, typology=one.typology,
            origin=one.origin, version=one.version, score=one.score, reasons=list(one.reasons),
            evidence=dict(one.evidence), raised_at=now, raised_by=one.person, case=cases[group],
        )
        for group, members in by_group.items()
        for one in members
    )  # fmt: skip
    for group, members in by_group.items():
        _joined(cases[group], members, now)
    every = list(cases.values())
    save(every, ("score", "alert_count", "last_alert_at", "status", "due_at", "paused_at", "snoozed_until"))
    _record(by_group, cases, {case.pk for case in opened})
    # What joins a case whose payments wait, waits with them.
    holding.place([case for case in every if case.holding])
    return [case.pk for case in every], [case.pk for case in opened]


def _open_cases(groups: Iterable[Key], now: datetime) -> dict[Key, Case]:
    """The case that each group joins: not closed, not before a second person, its last alert within the window."""
    wanted = list(groups)
    if not wanted:
        return {}
    rows = sql.rows(
        """
        select max(c.id) from controls_case c
        join unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) k(entity_id, typology, "group", key)
            on k.entity_id = c.entity_id and k.typology = c.typology and k."group" = c."group" and k.key = c.group_key
        where c.status <> 'closed' and not c.seconding and c.last_alert_at >= %s
        group by c.entity_id, c.typology, c."group", c.group_key
        """,
        [*map(list, zip(*wanted, strict=True)), now - WINDOW],
    )
    # Read again under lock: it may have been closed, or given to a second person, meanwhile.
    found = locks.lock(Case.objects.all(), [row[0] for row in rows])
    return {
        (case.entity_id, case.typology, case.group, case.group_key): case
        for case in found
        if case.status != S.CLOSED and not case.seconding
    }


def _opened(group: Key, name: str, members: Sequence[_Row], now: datetime) -> Case:
    entity_id, typology, kind, key = group
    score = max(one.score for one in members)
    return Case(
        entity_id=entity_id, typology=typology, group=kind, group_key=key, subject=name[:140], score=score,
        opened_at=now, last_alert_at=now, due_at=now + due_in(score), version=0,
    )  # fmt: skip


def _joined(case: Case, members: Sequence[_Row], now: datetime) -> None:
    """What an alert does to the case it joins. One that is graver than all before it wakes the case."""
    score = max(one.score for one in members)
    if score > case.score:
        case.score = score
        if case.status == S.SNOOZED:
            resume(case)
        case.due_at = min(case.due_at, now + due_in(score))
    case.alert_count += len(members)
    case.last_alert_at = now


def _record(groups: Mapping[Key, Sequence[_Row]], cases: Mapping[Key, Case], opened: set[int]) -> None:
    for action, new in (("case.opened", True), ("case.alerted", False)):
        told: dict[int | None, list[tuple[int, int | None, Mapping[str, Any] | None]]] = {}
        people: dict[int | None, User | None] = {None: None}
        for group, members in groups.items():
            case = cases[group]
            if (case.pk in opened) != new:
                continue
            person = members[0].person
            people[person.pk if person else None] = person
            data = {
                "typology": case.typology, "score": case.score,
                "payments": sorted({one.payment_id for one in members if one.payment_id})[:50],
                "by": sorted({f"{one.origin}: {one.version}" for one in members})[:20],
            }  # fmt: skip
            told.setdefault(person.pk if person else None, []).append((case.pk, case.entity_id, data))
        for key, subjects in told.items():
            trail.record_many(action, subject_type="case", subjects=subjects, actor=people[key])
