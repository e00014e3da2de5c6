"""The transition table, and how a verb is judged and moved. See the package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from backoffice.common import errors, sql
from backoffice.people import access, signing
from backoffice.people.models import User
from documents import trail
from transactions.models import PaymentState

S = PaymentState.Status
LEASE = timedelta(minutes=5)
# The priority of what is brought back: above all that is worked out (controls/priority.py).
TOP = 1_000

# ISO 20022 external status reason codes that a person may give.
REJECT_REASONS = (
    "AC01", "AC03", "AC04", "AC06", "AG01", "AG02", "AM02", "AM03", "AM04", "AM05", "BE01", "BE04", "BE05", "DT01",
    "DUPL", "FF01", "FRAD", "MD01", "MD06", "MD07", "MS02", "MS03", "NARR", "RC01", "RR02", "RR03", "RR04",
)  # fmt: skip
# So many payments are posted by one task.
POST_CHUNK = 5_000
UNCLAIMED = ", claimed_by_id = null, claimed_until = null"
UNSAFE = ("second", "hold", "reject")


@dataclass(frozen=True)
class Transition:
    """From which states a verb starts, where it leads (None: it stays), the right it needs, the act it records."""

    sources: frozenset[str]
    target: str | None
    right: str
    action: str


def _t(sources: Sequence[str], target: str | None, right: str, action: str) -> Transition:
    return Transition(frozenset(sources), target, right, f"payment.{action}")


TRANSITIONS: dict[str, Transition] = {
    "validate": _t([S.CHECKED], S.VALIDATED, "payment.validate", "validated"),
    "approve": _t([S.VALIDATED], S.APPROVED, "payment.approve", "approved"),
    "send_back": _t([S.VALIDATED], S.CHECKED, "payment.approve", "sent_back"),
    "reject": _t([S.CHECKED, S.VALIDATED, S.APPROVED], S.REJECTED, "payment.reject", "rejected"),
    "cancel": _t([S.RECEIVED, S.CHECKED, S.VALIDATED, S.APPROVED], S.CANCELLED, "payment.cancel", "cancelled"),
    "reopen": _t([S.REJECTED], S.RECEIVED, "payment.reopen", "reopened"),
    "hold": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "held"),
    "lift": _t([S.CHECKED, S.VALIDATED], None, "payment.lift", "lifted"),
    "amend": _t([S.CHECKED], S.RECEIVED, "payment.amend", "amended"),
    "recheck": _t([S.CHECKED], S.RECEIVED, "payment.validate", "rechecked"),
    "claim": _t([S.CHECKED, S.VALIDATED], None, "payment.validate", "claimed"),
    "release": _t(list(S), None, "payment.validate", "released"),
    "comment": _t(list(S), None, "payment.comment", "commented"),
    "execute": _t([S.VALIDATED], S.APPROVED, "payment.approve", "executed"),
    "post": _t([S.APPROVED], S.POSTED, "payment.approve", "posted"),
    "settle": _t([S.SENT], S.SETTLED, "payment.settle", "settled"),
    "apply": _t([S.POSTED], S.SETTLED, "payment.settle", "settled"),
    "refund": _t([S.SETTLED], None, "payment.create", "refunded"),
    "chargeback": _t([S.POSTED, S.SETTLED], S.RETURNED, "payment.return", "returned"),
    "return": _t([S.POSTED, S.SENT, S.SETTLED], S.RETURNED, "payment.return", "returned"),
    # Taken back within the undo window: to where it came from, with the right of what is taken back.
    "withdraw": _t([S.RECEIVED, S.CHECKED, S.VALIDATED, S.APPROVED, S.REJECTED, S.CANCELLED], None,
                   "payment.validate", "withdrawn"),
    "hand_over": _t([S.CHECKED, S.VALIDATED], None, "payment.validate", "handed_over"),
    "decline": _t([S.CHECKED, S.VALIDATED], None, "payment.validate", "hand_over_declined"),
    "ask": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "asked"),
    "answer": _t([S.CHECKED, S.VALIDATED], None, "payment.comment", "request_answered"),
    "close_request": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "request_closed"),
    "resume": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "lifted"),
    # The clock's: what a person chose when the hold was placed or the question asked.
    "come_due": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "hold_due"),
    "overdue": _t([S.CHECKED, S.VALIDATED], None, "payment.hold", "request_overdue"),
}  # fmt: skip


class Answer(errors.Answer):
    """What a verb did to one payment."""

    @property
    def payment_id(self) -> int:
        return self.key


@dataclass
class Case:
    """What the judgement of a verb needs to know of one payment, read under lock."""

    payment_id: int
    entity_id: int
    status: str
    version: int
    outcome: str
    hold_count: int
    approvals_required: int
    approvals_given: int
    claimed_by: int | None
    claimed_until: datetime | None
    claimed_name: str | None
    amount: Decimal
    currency: str
    own_work: bool
    signed: bool
    # Its funds are taken on its day, not with the last signature (transactions/standing/runs.py).
    has_its_day: bool
    kind: str
    undo_seconds: int
    asked: bool
    place: signing.Place

    def taken_by_other(self, person_id: int, now: datetime) -> bool:
        return self.claimed_by not in {None, person_id} and self.claimed_until is not None and self.claimed_until > now


CASES_SQL = """
    select s.payment_id, s.entity_id, s.status, s.version, s.outcome, s.hold_count, s.approvals_required,
           s.approvals_given, s.claimed_by_id, s.claimed_until, holder.full_name, p.amount, p.currency,
           coalesce(p.maker_id = any(%(people)s)
                    or exists (select 1 from transactions_historicalpayment h
                               where h.id = p.id and h.history_user_id = any(%(people)s)), false),
           exists (select 1 from transactions_paymentapproval a
                   where a.payment_id = p.id and a.withdrawn_at is null
                     and (a.person_id = any(%(people)s) or a.on_behalf_of_id = any(%(people)s))),
           p.channel = 'standing', p.kind,
           e.undo_seconds,
           exists (select 1 from transactions_informationrequest q
                   where q.payment_id = s.payment_id and q.required and q.answered_at is null and q.closed_at is null),
           coalesce(r.stage, 1), coalesce(r.role, ''), r.team_id, r.ceiling, coalesce(t.name, '')
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    join people_entity e on e.id = s.entity_id
    left join people_user holder on holder.id = s.claimed_by_id
    -- What is asked of the next signature; nothing more than the right of payments from before the matrix had stages.
    left join transactions_paymentrequirement r on r.payment_id = s.payment_id and r.withdrawn_at is null
        and s.status = 'validated' and r.place = s.approvals_given + 1
    left join people_team t on t.id = r.team_id
    where s.payment_id = any(%(ids)s)
    order by s.payment_id
"""


def _case(row: tuple[Any, ...]) -> Case:
    return Case(*(*row[:19], signing.Place(*row[19:])))


def lock(ids: Sequence[int]) -> None:
    """Lock the states of payments in the order of their keys. Inside ``atomic()``."""
    sql.run(
        "select 1 from transactions_paymentstate where payment_id = any(%s) order by payment_id for update", [list(ids)]
    )


def cases_of(ids: Sequence[int], actor: User | None, giver_id: int | None = None) -> dict[int, Case]:
    """Lock the states, then read them: two queries."""
    lock(ids)
    return {case.payment_id: case for case in read_cases(ids, actor.pk if actor else None, giver_id)}


def read_cases(ids: Sequence[int], person_id: int | None, giver_id: int | None = None) -> list[Case]:
    """The standing of payments for a person, or for a deputy and the giver together, by their keys. One query."""
    people = [person for person in (person_id, giver_id) if person is not None]
    return [_case(row) for row in sql.rows(CASES_SQL, {"ids": list(ids), "people": people})]


def stopped(case: Case, hand: signing.Signer) -> signing.Refusal | None:
    """Why this person may not give the next signature, whoever holds the payment; None when they may.

    The maker, whoever amended it and whoever signed before never sign; nobody above their ceiling, or in a place that
    asks for someone else.
    """
    no = signing.refusal(
        hand, case.place, subject="payment", own_work=case.own_work, signed=case.signed, entity_id=case.entity_id,
        currency=case.currency,
    )  # fmt: skip
    if case.status == S.VALIDATED and case.approvals_given >= case.approvals_required:
        return "payment.waits_for_its_day", {}
    if case.asked and not (case.own_work or case.signed):
        return "payment.answer_open", {}
    if case.hold_count and not (case.own_work or case.signed):
        return "payment.held", {}
    return no or hand.reaches(case.amount, case.currency, entity_id=case.entity_id)


class Judge:
    """Refusals common to the verbs. Each check answers a refusal, or None to go on."""

    def __init__(self, verb: str, actor: User, versions: Mapping[int, int] | None = None) -> None:
        self.verb, self.actor, self.versions = verb, actor, versions or {}
        self.transition = TRANSITIONS[verb]
        access.demand(actor, self.transition.right)
        self.places = set(access.entity_ids(actor, self.transition.right))
        self.visible = set(access.entity_ids(actor, "payment.view")) | self.places
        self.now = timezone.now()
        self.deputised: set[int] | None = None

    def base(self, payment_id: int, case: Case | None) -> Answer | None:
        """There, in scope, in a state where the verb starts, as it was read, not in another's hands."""
        if case is None or case.entity_id not in self.visible:
            return self.no(payment_id, "not_there")
        if case.entity_id not in self.places:
            return self.no(payment_id, "denied", right=self.transition.right)
        read = self.versions.get(payment_id)
        if read is not None and read != case.version:
            return self.no(payment_id, "conflict.version", read=read, now=case.version)
        if case.status not in self.transition.sources:
            return self.no(payment_id, "payment.wrong_status", status=case.status)
        return None

    def free(self, case: Case) -> Answer | None:
        if case.taken_by_other(self.actor.pk, self.now):
            return self.no(case.payment_id, "payment.claimed", person=case.claimed_name or "")
        return None

    def signer(self, case: Case, hand: signing.Signer) -> Answer | None:
        """A program never signs: who made its token would sign in its name. Persons: see :func:`stopped`."""
        if self.actor.is_machine:
            return self.no(case.payment_id, "payment.by_machine")
        if self.deputised is not None and case.entity_id not in self.deputised:
            return self.no(case.payment_id, "delegation.none")
        no = stopped(case, hand)
        return self.no(case.payment_id, no[0], **no[1]) if no else None

    @staticmethod
    def no(payment_id: int, code: str, **params: Any) -> Answer:
        return Answer(payment_id, False, code, params)


def move(
    ids: Sequence[int],
    verb: str,
    *,
    actor: User | None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    target: str | None = None,
    more: str = "",
    params: Mapping[str, Any] | None = None,
) -> None:
    """State and audit record together, in one statement. ``more`` is a constant SQL fragment of further columns."""
    transition = TRANSITIONS[verb]
    to = target or transition.target
    sql.run(
        f"""
        with moved as (
            update transactions_paymentstate set version = version + 1, changed_at = clock_timestamp()
                {", status = %(to)s" if to else ""} {more}
            where payment_id = any(%(ids)s) returning payment_id, entity_id)
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select entity_id, 'payment', payment_id, %(action)s, %(actor)s, %(reason)s, %(data)s
        from moved order by payment_id
        """,  # noqa: S608 - the fragments are constants of this module
        {
            "ids": list(ids), "to": to, "action": transition.action, "actor": actor.pk if actor else None,
            "reason": reason, "data": trail.encode(data), **(params or {}),
        },
    )  # fmt: skip
