"""Handing a payment over to a person or a team, and declining it. See the package."""

from collections.abc import Collection, Mapping, Sequence

from django.db import models, transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import Team, User
from transactions.models import HandOver
from transactions.workflow import hands
from transactions.workflow.deciding import answers_of, end_hand_overs
from transactions.workflow.table import (
    LEASE,
    TRANSITIONS,
    UNCLAIMED,
    Answer,
    Case,
    Judge,
    S,
    cases_of,
    move,
    read_cases,
    stopped,
)

# What passes by itself, or by others, does not stop a hand-over.
_PASSING = {"payment.held", "payment.answer_open"}
_THEIRS = ", claimed_by_id = %(receiver)s, claimed_until = clock_timestamp() + %(lease)s"


def unable(ids: Sequence[int], people: Sequence[User]) -> dict[int, str]:
    """Which payments none of these people may decide on next, by right, scope, limit and four eyes: a code for each."""
    reasons: dict[int, str] = {}
    able: set[int] = set()
    for person in people:
        cases = read_cases(list(ids), person.pk)
        for case in cases:
            no = _unable(case, person, cases)
            if no is None:
                able.add(case.payment_id)
            else:
                reasons.setdefault(case.payment_id, no)
    return {key: reasons.get(key, "hand_over.nobody") for key in ids if key not in able}


def _unable(case: Case, person: User, cases: Sequence[Case]) -> str | None:
    verb = "approve" if case.status == S.VALIDATED else "validate"
    if not person.is_active or person.is_machine or not access.can(person, TRANSITIONS[verb].right, case.entity_id):
        return "hand_over.no_right"
    no = stopped(case, hands.read(person.pk, verb, sorted({one.entity_id for one in cases})))
    return None if no is None or no[0] in _PASSING else no[0]


def receivers(person: int | None, team: int | None, places: Collection[int]) -> tuple[User | Team, list[User]]:
    """Whom it is handed to, and who they are: one person, or the members of a team.

    Refuses whoever is not of the entities ``places`` as if there were nobody: of others the names are not told.
    """
    if person is not None:
        there = models.Q(grants__entity__in=places) | models.Q(grants__entity=None, grants__isnull=False)
        found = User.objects.filter(there, pk=person, is_active=True, is_machine=False).distinct().first()
        if found is None:
            raise BusinessError("hand_over.nobody")
        return found, [found]
    group = Team.objects.filter(pk=team or 0, entity__in=places).first()
    if group is None:
        raise BusinessError("hand_over.nobody")
    return group, list(group.members.filter(is_active=True, is_machine=False).order_by("pk"))


def hand_over(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str,
    person: int | None = None,
    team: int | None = None,
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Put payments into the hands of a person, who holds them at once, or of a team, whose members may take them.

    The receiver must be able to decide next: right, entity, limit, not the maker and without a signature on it. What a
    colleague holds is handed over by them, or by who may release claims.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    if (person is None) == (team is None):
        raise BusinessError("hand_over.to_one")
    if person == actor.pk:
        raise BusinessError("hand_over.to_oneself")
    judge = Judge("hand_over", actor, versions)
    forced = set(access.entity_ids(actor, "payment.release_claim"))
    with transaction.atomic():
        cases, refused = cases_of(ids, actor), {}
        places = {case.entity_id for case in cases.values()} & judge.visible
        if not places:
            return answers_of(ids, {payment_id: judge.no(payment_id, "not_there") for payment_id in ids})
        to, people = receivers(person, team, places)
        cannot = unable(list(cases), people)
        name = to.full_name if isinstance(to, User) else to.name
        for payment_id in ids:
            case = cases.get(payment_id)
            no = judge.base(payment_id, case)
            if not no and case and case.entity_id not in forced:
                no = judge.free(case)
            if not no and isinstance(to, Team) and case and case.entity_id != to.entity_id:
                no = judge.no(payment_id, "request.other_team", team=name)
            if not no and payment_id in cannot:
                no = judge.no(payment_id, _CANNOT.get(cannot[payment_id], "hand_over.cannot"), name=name)
            if no:
                refused[payment_id] = no
        going = [case for key, case in cases.items() if key not in refused]
        if going:
            keys = [case.payment_id for case in going]
            end_hand_overs(keys, actor, HandOver.End.PASSED_ON)
            _write(going, actor, to, reason.strip())
            to_person = isinstance(to, User)
            move(
                keys, "hand_over", actor=actor, reason=reason.strip(), more=_THEIRS if to_person else UNCLAIMED,
                data={"name": name, "person" if to_person else "team": to.pk},
                params={"receiver": to.pk, "lease": LEASE},
            )  # fmt: skip
    return answers_of(ids, refused)


_CANNOT = {
    "payment.own_work": "hand_over.maker",
    "payment.signed_before": "hand_over.signed",
    "payment.over_limit": "hand_over.over_limit",
    "payment.over_day": "hand_over.over_limit",
    "hand_over.no_right": "hand_over.no_right",
}


def _write(cases: Sequence[Case], actor: User, to: User | Team, reason: str, declines: int | None = None) -> None:
    sql.run(
        """
        insert into transactions_handover (payment_id, entity_id, giver_id, person_id, team_id, reason, given_at,
                                           declines_id, "end", end_reason)
        select k.id, k.entity, %(giver)s, %(person)s, %(team)s, %(reason)s, clock_timestamp(), %(declines)s, '', ''
        from unnest(%(ids)s::bigint[], %(entities)s::bigint[]) as k(id, entity)
        """,
        {
            "ids": [case.payment_id for case in cases], "entities": [case.entity_id for case in cases],
            "giver": actor.pk, "person": to.pk if isinstance(to, User) else None,
            "team": to.pk if isinstance(to, Team) else None, "reason": reason, "declines": declines,
        },
    )  # fmt: skip


def decline(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str,
    to_queue: bool = False,
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Give back what was handed to oneself or to one's team: to its giver, or (``to_queue``) to everybody.

    What was given back already, or whose giver cannot decide on it, goes to the queue.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    judge = Judge("decline", actor, versions)
    with transaction.atomic():
        cases, refused = cases_of(ids, actor), {}
        mine = {one.payment_id: one for one in of_person(actor.pk).filter(payment_id__in=list(ids))}
        for payment_id in ids:
            case = cases.get(payment_id)
            no = judge.base(payment_id, case) or (case and judge.free(case))
            if not no and payment_id not in mine:
                no = judge.no(payment_id, "hand_over.not_yours")
            if no:
                refused[payment_id] = no
        going = [case for key, case in cases.items() if key not in refused]
        end_hand_overs([case.payment_id for case in going], actor, HandOver.End.DECLINED, reason.strip())
        for case in going:
            handed = mine[case.payment_id]
            giver = handed.giver
            back = not to_queue and handed.declines_id is None and giver.pk != actor.pk
            if back and unable([case.payment_id], [giver]):
                back = False
            if back:
                _write([case], actor, giver, reason.strip(), handed.pk)
            move(
                [case.payment_id], "decline", actor=actor, reason=reason.strip(),
                data={"name": giver.full_name if back else ""}, more=_THEIRS if back else UNCLAIMED,
                params={"receiver": giver.pk, "lease": LEASE},
            )  # fmt: skip
    return answers_of(ids, refused)


def of_person(person_id: int) -> models.QuerySet[HandOver]:
    """What is in the person's hands, or in those of a team of theirs, with who handed it over."""
    teams = list(Team.objects.filter(members=person_id).values_list("pk", flat=True))
    return HandOver.objects.filter(
        models.Q(person_id=person_id) | models.Q(team_id__in=teams), ended_at=None
    ).select_related("giver", "team", "person", "declines")
