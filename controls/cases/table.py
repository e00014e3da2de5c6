"""What every verb on cases has in common: who sees and may do what, the lock, the refusals, the move with its record.

Locks: cases by ascending key, then what a verb needs after them (backoffice/common/locks.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backoffice.common import errors, locks, sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.models import Case
from documents import trail

VIEW, RAISE, DECIDE = "case.view", "case.raise", "case.decide"
S = Case.Status
LONGEST = 2000
MOST = 1_000
PAUSED = frozenset({S.SNOOZED, S.WAITING})


class Answer(errors.Answer):
    """What a verb did to one case."""

    @property
    def case_id(self) -> int:
        return self.key


Refusal = tuple[str, dict[str, Any]]
Check = Callable[[Case], Refusal | None]
Change = Callable[[Case], None]
Versions = Mapping[int, int]


def visible(actor: User) -> QuerySet[Case]:
    """The cases of entities in which the person may see them, the newest first."""
    rows = Case.objects.filter(entity__in=access.entity_ids(actor, VIEW))
    return rows.select_related("entity", "assignee", "incident").order_by("-pk")


def found(actor: User, case_id: int) -> Case:
    one = visible(actor).filter(pk=case_id).first()
    if one is None:
        raise NotThere("not_there")
    return one


def text(said: str, code: str = "case.reason_required") -> str:
    """What somebody wrote; refused when it is empty or longer than a reason is."""
    words = said.replace("\x00", "").strip()
    if not words:
        raise BusinessError(code)
    if len(words) > LONGEST:
        raise BusinessError("case.too_long", longest=LONGEST)
    return words


def act(
    action: str,
    *,
    ids: Sequence[int],
    actor: User,
    check: Check,
    change: Change,
    fields: Sequence[str],
    reason: str = "",
    data: Mapping[str, Any] | Callable[[Case], Mapping[str, Any]] | None = None,
    versions: Versions | None = None,
    closed: bool = False,
    prepare: Callable[[list[Case]], None] | None = None,
    before: Callable[[list[Case]], None] | None = None,
    after: Callable[[list[Case]], dict[int, Refusal]] | None = None,
) -> list[Answer]:
    """Lock, judge each, change those that pass together with their records, answer in the order asked.

    ``closed``: the verb is one of closed cases, else of those that are not. ``prepare`` reads what the judgement needs
    of all cases once they are locked; ``before`` writes what has to stand before the cases move; ``after`` runs on what
    was changed and may add a note to an answer. Queries: the lock, the amounts, two updates a hundred cases, the
    record, and those of the three.
    """
    if len(ids) > MOST:
        raise BusinessError("case.too_many", most=MOST)
    places = _demand(actor)
    with transaction.atomic():
        held = {case.pk: case for case in locks.lock(Case.objects.select_related("assignee"), ids)}
        if prepare:
            prepare(list(held.values()))
        refused: dict[int, Refusal] = {}
        going: list[Case] = []
        for key in dict.fromkeys(ids):
            case = held.get(key)
            no = _base(case, actor, places, versions or {}, closed=closed) or (check(case) if case else None)
            if no:
                refused[key] = no
            elif case:
                going.append(case)
        for case in going:
            change(case)
        if before and going:
            before(going)
        told = {case.pk: data(case) if callable(data) else data for case in going}
        save(going, fields)
        subjects = [(case.pk, case.entity_id, told[case.pk]) for case in going]
        trail.record_many(action, subject_type="case", subjects=subjects, actor=actor, reason=reason)
        notes = after(going) if after and going else {}
    return [
        Answer(key, False, *refused[key]) if key in refused else Answer(key, True, *notes.get(key, ("", {})))
        for key in ids
    ]


def _demand(actor: User) -> tuple[set[int], set[int]]:
    """Where the person may act, and where they see. Programs do not judge."""
    access.demand(actor, DECIDE)
    if actor.is_machine:
        raise Denied("case.by_machine")
    may = set(access.entity_ids(actor, DECIDE))
    return may, may | set(access.entity_ids(actor, VIEW))


def _base(
    case: Case | None, actor: User, places: tuple[set[int], set[int]], versions: Versions, *, closed: bool
) -> Refusal | None:
    may, sees = places
    if case is None or case.entity_id not in sees:
        return "not_there", {}
    if case.entity_id not in may:
        return "denied", {"right": DECIDE}
    read = versions.get(case.pk)
    if read is not None and read != case.version:
        return "conflict.version", {"read": read, "now": case.version}
    if (case.status == S.CLOSED) != closed:
        return ("case.not_closed" if closed else "case.closed"), {}
    return None


def save(cases: Sequence[Case], fields: Sequence[str]) -> None:
    """Write what changed, with the priority that follows, and a new version. Inside ``atomic()``, locked."""
    if not cases:
        return
    bands = amount_bands([case.pk for case in cases])
    for case in cases:
        case.priority = priority(case, bands.get(case.pk, 0))
    Case.objects.bulk_update(cases, [*fields, "priority"], batch_size=100)
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(version=F("version") + 1)
    for case in cases:
        case.version += 1


def priority(case: Case, band: int) -> int:
    """Ten times the score, up to 200 for the amount at stake, 300 when it is escalated, 500 when it is overdue."""
    return 10 * case.score + band + 300 * (case.status == S.ESCALATED) + 500 * (case.overdue_at is not None)


_BANDS = """
    select a.case_id, least(200, greatest(0, 40 * floor(log(sum(a.amount))) - 40))::int
    from (select distinct a.case_id, p.id, p.amount from controls_alert a
          join transactions_payment p on p.id = a.payment_id where a.case_id = any(%s)) a
    group by a.case_id
"""


def amount_bands(case_ids: Sequence[int]) -> dict[int, int]:
    """0 to 200 by the size of the sum of a case's payments: 40 for each digit above two, whatever the currency."""
    return {key: int(band) for key, band in sql.rows(_BANDS, [list(case_ids)])}


def in_others_hands(case: Case, actor: User) -> Refusal | None:
    if case.assignee is None or case.assignee_id == actor.pk:
        return None
    return "case.assigned", {"person": case.assignee.full_name}


def resume(case: Case) -> None:
    """A case that rested goes on: its due time rested with it."""
    if case.paused_at is not None:
        case.due_at += timezone.now() - case.paused_at
    case.paused_at = case.snoozed_until = None
    case.status = S.WORKING if case.assignee_id else S.OPEN


def hands_of(cases: Sequence[Case], person_id: int) -> dict[int, str]:
    """Why a person may not judge each case: they made or amended a payment of it, or signed one. One query."""
    return {
        key: "case.own_work" if made else "case.signed"
        for key, made in sql.rows(_HANDS, {"cases": [case.pk for case in cases], "person": person_id})
    }


class Hands:
    """Whether a person had a hand in payments of cases, so that others work on these."""

    def __init__(self, actor: User) -> None:
        self._person_id, self._found = actor.pk, dict[int, str]()

    def read(self, cases: list[Case]) -> None:
        """Once the cases are locked. One query."""
        self._found = hands_of(cases, self._person_id)

    def refusal(self, case: Case) -> Refusal | None:
        return (self._found[case.pk], {}) if case.pk in self._found else None


_HANDS = """
    select a.case_id, bool_or(coalesce(p.maker_id = %(person)s, false) or exists (
               select 1 from transactions_historicalpayment h where h.id = p.id and h.history_user_id = %(person)s))
    from controls_alert a
    join transactions_payment p on p.id = a.payment_id
    where a.case_id = any(%(cases)s)
      and (p.maker_id = %(person)s
           or exists (select 1 from transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id = %(person)s)
           or exists (select 1 from transactions_paymentapproval s
                      where s.payment_id = p.id and s.withdrawn_at is null
                        and (s.person_id = %(person)s or s.on_behalf_of_id = %(person)s)))
    group by a.case_id
"""


def payments_of(case_ids: Sequence[int]) -> dict[int, list[int]]:
    """The payments of the alerts of cases, by case, ascending. One query."""
    rows = sql.rows(
        "select case_id, array_agg(distinct payment_id order by payment_id) from controls_alert "
        "where case_id = any(%s) and payment_id is not null group by 1",
        [list(case_ids)],
    )
    return {key: list(payments) for key, payments in rows}
