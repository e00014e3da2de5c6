"""Deciding what a case was, by one person or two; and opening it again.

**When two are asked.** A confirmed risk with something to stop (hold kept, payments rejected) takes two people; and
every case from a score of 80 on does, whatever the first one says, so that being asked tells the second nothing. The
second does not see the first verdict before giving their own; then both are shown. Who say the same close the case,
and what both asked for is done to its payments. Who differ escalate it: the next round begins, open to everybody.
What two people were asked about in an earlier round takes two again, so that nobody undoes it alone; where those two
differed, a third who was neither of them decides between them. While a second person is asked, the case's payments
that have not left wait, whatever the first one said.

**Who may.** Nobody who made, amended or signed a payment of the case, and no machine. Nobody is their own second.

The database holds it too: controls/sql/cases.sql. Locks: the cases, then the states of their payments.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import User
from controls.cases import holding
from controls.cases.table import Answer, Refusal, S, Versions, act, hands_of, in_others_hands, payments_of, resume, text
from controls.cases.typologies import ACTIONS, CAUSES, SECOND_FROM, due_in
from controls.models import Case, CaseVerdict
from transactions import workflow

D = Case.Disposition
_FIELDS = (
    "status", "assignee", "assigned_at", "due_at", "overdue_at", "paused_at", "snoozed_until", "round", "seconding",
    "holding", "disposition", "cause", "closed_at",
)  # fmt: skip
REJECTED_AS = "FRAD"
_OF_TWO = "select id from controls_case where case_takes_two(id, round, %s::bigint) and id = any(%s)"


class _Judgement:
    """One person's verdict on many cases."""

    def __init__(self, actor: User, disposition: str, cause: str, reason: str, actions: Collection[str]) -> None:
        if cause not in CAUSES.get(disposition, {}):
            raise BusinessError("case.cause_unknown", cause=cause[:24])
        if set(actions) - ACTIONS.keys():
            raise BusinessError("case.action_unknown", action=sorted(set(actions) - ACTIONS.keys())[0][:24])
        if actions and disposition != D.CONFIRMED:
            raise BusinessError("case.action_of_risk")
        self.actor, self.disposition, self.cause = actor, disposition, cause
        self.reason, self.actions, self.now = text(reason), sorted(set(actions)), timezone.now()
        self.of_two: set[int] = set()
        self.firsts: dict[int, CaseVerdict] = {}
        self.closed_with: dict[int, list[str]] = {}
        self.hands: dict[int, str] = {}
        self.given: list[CaseVerdict] = []

    def prepare(self, cases: list[Case]) -> None:
        """The hands that the person had in the cases, and the first verdicts there are, which take two people as
        they did before. Three queries."""
        self.of_two = {row[0] for row in sql.rows(_OF_TWO, [self.actor.pk, [case.pk for case in cases]])}
        self.hands = hands_of(cases, self.actor.pk)
        rounds = {case.pk: case.round for case in cases if case.seconding}
        for first in CaseVerdict.objects.filter(case__in=rounds, place=1).select_related("person"):
            if first.round == rounds[first.case_id]:
                self.firsts[first.case_id] = first

    def check(self, case: Case) -> Refusal | None:
        if case.pk in self.hands:
            return self.hands[case.pk], {}
        if "reject" in self.actions and not access.can(self.actor, "payment.reject", case.entity_id):
            return "denied", {"right": "payment.reject"}
        if case.pk in self.firsts:
            return ("case.same_person", {}) if self.firsts[case.pk].person_id == self.actor.pk else None
        if case.status == S.WAITING:
            return "case.waits", {}
        return in_others_hands(case, self.actor)

    def needs_second(self, case: Case) -> bool:
        return bool(self.actions) or case.score >= SECOND_FROM or case.pk in self.of_two

    def change(self, case: Case) -> None:
        first = self.firsts.get(case.pk)
        asks = first is None and self.needs_second(case)
        self.given.append(CaseVerdict(
            case=case, round=case.round, place=1 if first is None else 2, person=self.actor,
            disposition=self.disposition, cause=self.cause, reason=self.reason, actions=self.actions, asks_second=asks,
            given_at=self.now,
        ))  # fmt: skip
        if asks:
            case.seconding = case.holding = True
            resume(case)
            case.status, case.assignee, case.assigned_at = S.WORKING, None, None
            return
        case.seconding = False
        if first is not None and first.disposition != self.disposition:
            case.status, case.assignee, case.assigned_at = S.ESCALATED, None, None
            case.round += 1
            return
        both = self.actions if first is None else sorted(set(first.actions) & set(self.actions))
        self.closed_with[case.pk] = both
        case.holding = "hold" in both
        case.status, case.disposition, case.cause = S.CLOSED, self.disposition, self.cause
        case.closed_at, case.snoozed_until, case.paused_at, case.overdue_at = self.now, None, None, None
        if case.assignee_id is None:
            case.assignee, case.assigned_at = self.actor, self.now

    def write(self, _cases: list[Case]) -> None:
        """Before the cases move: the database asks for the verdicts that close them."""
        CaseVerdict.objects.bulk_create(self.given)

    def told(self, case: Case) -> Mapping[str, Any]:
        """For the record. What the first of two said is not told before the second has spoken."""
        if case.seconding:
            return {"step": "second_asked"}
        first = self.firsts.get(case.pk)
        said = {"disposition": self.disposition, "cause": self.cause}
        if first is None:
            return {"step": "closed", **said}
        told = {**said, "first": first.disposition, "first_by": first.person.full_name}
        if case.status == S.ESCALATED:
            return {"step": "differ", **told}
        return {"step": "closed", **told, "actions": self.closed_with.get(case.pk, [])}

    def after(self, cases: Sequence[Case]) -> dict[int, Refusal]:
        """What the verdict does to the payments."""
        waiting = [case for case in cases if case.seconding]
        holding.place(waiting)
        notes: dict[int, Refusal] = {case.pk: ("case.second_asked", {}) for case in waiting}
        notes |= {case.pk: ("case.differ", {}) for case in cases if case.status == S.ESCALATED}
        closed = [case for case in cases if case.status == S.CLOSED]
        kept = [case for case in closed if "hold" in self.closed_with[case.pk]]
        holding.place(kept)
        rejecting = [case for case in closed if "reject" in self.closed_with[case.pk]]
        notes |= self._reject(rejecting)
        free = [case for case in closed if case not in kept and case not in rejecting]
        holding.let_go(free, actor=self.actor, reason=self.reason)
        return notes

    def _reject(self, cases: Sequence[Case]) -> dict[int, Refusal]:
        """In the name of the second person. What has left already is told, not undone."""
        going = holding.not_left([case.pk for case in cases])
        ids = sorted({key for keys in going.values() for key in keys})
        if not ids:
            return {case.pk: ("case.not_all_rejected", {"rejected": 0}) for case in cases}
        answers = workflow.reject(ids=ids, actor=self.actor, reason_code=REJECTED_AS, reason=self.reason)
        done = {answer.payment_id for answer in answers if answer.done}
        every = payments_of([case.pk for case in cases])
        return {
            case.pk: ("case.not_all_rejected", {"rejected": len(done & set(every[case.pk]))})
            for case in cases
            if not done.issuperset(every[case.pk])
        }


def decide(
    *,
    ids: Sequence[int],
    actor: User,
    disposition: str,
    cause: str,
    reason: str,
    actions: Collection[str] = (),
    versions: Versions | None = None,
) -> list[Answer]:
    """Give a verdict on cases: the first of each, or the second where one is asked. See the module.

    A note in the answer says that a second person is asked (``case.second_asked``), that the two differ
    (``case.differ``), or that not all payments could be rejected (``case.not_all_rejected``).
    """
    judgement = _Judgement(actor, disposition, cause, reason, actions)
    return act(
        "case.judged", ids=ids, actor=actor, check=judgement.check, change=judgement.change, fields=_FIELDS,
        data=judgement.told, versions=versions, prepare=judgement.prepare, before=judgement.write,
        after=judgement.after,
    )  # fmt: skip


def reopen(
    *, ids: Sequence[int], actor: User, reason: str, versions: Versions | None = None, now: datetime | None = None
) -> list[Answer]:
    """Open closed cases again, with a reason: a new round, everybody may judge, what is held stays held."""
    said, moment = text(reason), now or timezone.now()

    def check(_case: Case) -> Refusal | None:
        return None

    def change(case: Case) -> None:
        case.status, case.disposition, case.cause, case.closed_at = S.OPEN, "", "", None
        case.assignee = case.assigned_at = None
        case.round += 1
        case.due_at = moment + due_in(case.score)

    return act(
        "case.reopened", ids=ids, actor=actor, check=check, change=change, fields=_FIELDS, reason=said,
        versions=versions, closed=True,
    )  # fmt: skip


def verdicts(case: Case, reader: User) -> list[CaseVerdict]:
    """The verdicts on a case that a person may read: those of rounds that are over, and one's own. One query."""
    rows = CaseVerdict.objects.filter(case=case).select_related("person").order_by("round", "place")
    return [one for one in rows if shown(one, case, reader)]


def shown(one: CaseVerdict, case: Case, reader: User) -> bool:
    return not (case.seconding and one.round == case.round) or one.person_id == reader.pk
