"""The verbs that decide. See the package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people import access, signing
from backoffice.people.models import User
from backoffice.people.signing import Requirement
from documents import trail
from transactions import ledger, payees
from transactions.models import PaymentState
from transactions.workflow import hands
from transactions.workflow.table import (
    REJECT_REASONS,
    TRANSITIONS,
    UNSAFE,
    Answer,
    Judge,
    S,
    cases_of,
    move,
)

POST_CHUNK = 5_000
# Four eyes: what holds when nothing else is asked.
ONE = signing.anyone(1)


@dataclass(frozen=True)
class Said:
    """Who signs, in whose place, and what they say."""

    actor: User
    on_behalf_of: int | None
    reason_code: str
    reason: str

    def data(self) -> dict[str, Any]:
        """For the record: both names of a deputy's act."""
        told = {"reason_code": self.reason_code} if self.reason_code else {}
        if self.on_behalf_of is not None:
            told["on_behalf_of"] = User.objects.values_list("full_name", flat=True).get(pk=self.on_behalf_of)
        return told


def _sign(stages: Mapping[int, int], said: Said) -> None:
    sql.run(
        """
        insert into transactions_paymentapproval
            (payment_id, stage, person_id, on_behalf_of_id, reason_code, reason, given_at)
        select payment_id, stage, %(actor)s, %(giver)s, %(code)s, %(reason)s, clock_timestamp()
        from unnest(%(ids)s::bigint[], %(stages)s::smallint[]) as signed(payment_id, stage)
        """,
        {
            "ids": list(stages), "stages": list(stages.values()), "actor": said.actor.pk, "giver": said.on_behalf_of,
            "code": said.reason_code, "reason": said.reason,
        },
    )  # fmt: skip


def _freeze(requirements: Mapping[int, Requirement]) -> None:
    """Keep what each payment needs: one statement, each different requirement sent once."""
    kinds = {requirement: number for number, requirement in enumerate(dict.fromkeys(requirements.values()))}
    rows = [
        (number, at, place.stage, place.role, place.team_id, place.ceiling, requirement.policy_id)
        for requirement, number in kinds.items()
        for at, place in enumerate(requirement.places, start=1)
    ]
    sql.run(
        """
        insert into transactions_paymentrequirement (payment_id, place, stage, role, team_id, ceiling, policy)
        select k.payment_id, d.place, d.stage, d.role, d.team_id, d.ceiling, d.policy
        from unnest(%s::bigint[], %s::int[]) as k(payment_id, kind)
        join unnest(%s::int[], %s::smallint[], %s::smallint[], %s::text[], %s::bigint[], %s::numeric[], %s::bigint[])
            as d(kind, place, stage, role, team_id, ceiling, policy) on d.kind = k.kind
        """,
        [
            list(requirements),
            [kinds[requirement] for requirement in requirements.values()],
            *map(list, zip(*rows, strict=True)),
        ],
    )


def _answers(ids: Sequence[int], refused: Mapping[int, Answer]) -> list[Answer]:
    return [refused.get(payment_id) or Answer(payment_id, True) for payment_id in ids]


def validate(
    *,
    ids: Sequence[int],
    actor: User,
    requirements: Mapping[int, Requirement],
    reason_code: str = "",
    reason: str = "",
    versions: Mapping[int, int] | None = None,
    on_behalf_of: int | None = None,
) -> list[Answer]:
    """First signature: checked -> validated. ``requirements`` (what is asked after it) are frozen with it.

    Screens and API enter by controls.approvals.validate, which works out the requirements. A payment with a failed
    check (``outcome`` second, hold or reject) needs a reason in words. ``on_behalf_of`` is the giver of a delegation
    under which the actor signs.
    """
    judge = Judge("validate", actor, versions)
    with transaction.atomic():
        cases, refused = cases_of(ids, actor, on_behalf_of), {}
        hand = hands.lock(actor.pk, "validate", [case.entity_id for case in cases.values()], on_behalf_of)
        if on_behalf_of is not None:
            judge.deputised = hands.places(actor.pk, "validate", on_behalf_of, judge.places)
        for payment_id in ids:
            case = cases.get(payment_id)
            no = judge.base(payment_id, case) or (case and (judge.free(case) or judge.signer(case, hand)))
            if not no and case and case.outcome in UNSAFE and not reason.strip():
                no = judge.no(payment_id, "payment.reason_required")
            if no:
                refused[payment_id] = no
            elif case:
                hand.count(case.amount, case.currency)
        going = [payment_id for payment_id in cases if payment_id not in refused]
        if going:
            frozen = {payment_id: requirements.get(payment_id) or ONE for payment_id in going}
            _freeze(frozen)
            said = Said(actor, on_behalf_of, reason_code, reason)
            _sign(dict.fromkeys(going, 0), said)
            counts: dict[int, list[int]] = {}
            for payment_id in going:
                counts.setdefault(frozen[payment_id].persons, []).append(payment_id)
            for persons, some in counts.items():
                move(
                    some, "validate", actor=actor, reason=reason, data=said.data(), params={"persons": persons},
                    more=", claimed_by_id = null, claimed_until = null, approvals_given = 0, "
                    "approvals_required = %(persons)s",
                )  # fmt: skip
    return _answers(ids, refused)


def approve(
    *,
    ids: Sequence[int],
    actor: User,
    reason_code: str = "",
    reason: str = "",
    versions: Mapping[int, int] | None = None,
    on_behalf_of: int | None = None,
) -> list[Answer]:
    """The next signature. The last one reserves the funds (refused with AM04 and the like) and has it posted."""
    judge = Judge("approve", actor, versions)
    with transaction.atomic():
        cases, refused = cases_of(ids, actor, on_behalf_of), {}
        hand = hands.lock(actor.pk, "approve", [case.entity_id for case in cases.values()], on_behalf_of)
        if on_behalf_of is not None:
            judge.deputised = hands.places(actor.pk, "approve", on_behalf_of, judge.places)
        for payment_id in ids:
            case = cases.get(payment_id)
            no = judge.base(payment_id, case) or (case and (judge.free(case) or judge.signer(case, hand)))
            if no:
                refused[payment_id] = no
            elif case:
                hand.count(case.amount, case.currency)
        going = [case for case in cases.values() if case.payment_id not in refused]
        last = [case.payment_id for case in going if case.approvals_given + 1 >= case.approvals_required]
        for payment_id, code in (ledger.reserve(last) if last else {}).items():
            refused[payment_id] = judge.no(payment_id, f"payment.{code}")
        going = [case for case in going if case.payment_id not in refused]
        final = [payment_id for payment_id in last if payment_id not in refused]
        if going:
            said = Said(actor, on_behalf_of, reason_code, reason)
            _sign({case.payment_id: case.approvals_given + 1 for case in going}, said)
            data = said.data()
            more = ", approvals_given = approvals_given + 1, claimed_by_id = null, claimed_until = null"
            between = [case.payment_id for case in going if case.payment_id not in set(final)]
            if between:
                move(between, "approve", actor=actor, reason=reason, data=data, target=S.VALIDATED, more=more)
            if final:
                move(final, "approve", actor=actor, reason=reason, data=data, more=more)
        for start in range(0, len(final), POST_CHUNK):
            enqueue("transactions.post", final[start : start + POST_CHUNK])
    return _answers(ids, refused)


def _decide(
    verb: str,
    ids: Sequence[int],
    actor: User,
    *,
    reason: str,
    versions: Mapping[int, int] | None = None,
    data: Mapping[str, Any] | None = None,
    more: str = "",
    others_only: bool = False,
    needs_reason: bool = True,
) -> tuple[list[Answer], list[int]]:
    """Judge and move what needs no signature. Returns the answers and the payments that moved. Inside ``atomic()``."""
    if needs_reason and not reason.strip():
        raise BusinessError("payment.reason_required")
    judge = Judge(verb, actor, versions)
    cases, refused = cases_of(ids, actor), {}
    for payment_id in ids:
        case = cases.get(payment_id)
        no = judge.base(payment_id, case) or (case and judge.free(case))
        if not no and others_only and actor.is_machine:
            no = judge.no(payment_id, "payment.by_machine")
        if not no and others_only and case and case.own_work:
            no = judge.no(payment_id, "payment.own_work")
        if no:
            refused[payment_id] = no
    going = [payment_id for payment_id in cases if payment_id not in refused]
    approved = [payment_id for payment_id in going if cases[payment_id].status == S.APPROVED]
    if approved:
        ledger.release(approved)
    if going:
        move(going, verb, actor=actor, reason=reason, data=data, more=more)
    return _answers(ids, refused), going


_UNCLAIMED = ", claimed_by_id = null, claimed_until = null"


def _withdraw(ids: Sequence[int]) -> None:
    """The signatures, and what they were given under: the next validation works it out anew."""
    sql.run(
        """
        with unasked as (
            update transactions_paymentrequirement set withdrawn_at = clock_timestamp()
            where payment_id = any(%(ids)s) and withdrawn_at is null)
        update transactions_paymentapproval set withdrawn_at = clock_timestamp()
        where payment_id = any(%(ids)s) and withdrawn_at is null
        """,
        {"ids": list(ids)},
    )


def send_back(
    *, ids: Sequence[int], actor: User, reason: str, versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Return a validated payment to the first step; its signatures are withdrawn, never erased."""
    with transaction.atomic():
        answers, moved = _decide(
            "send_back", ids, actor, reason=reason, versions=versions, more=_UNCLAIMED + ", approvals_given = 0"
        )
        _withdraw(moved)
    return answers


def reject(
    *, ids: Sequence[int], actor: User, reason_code: str, reason: str = "", versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Refuse for good, with an ISO 20022 reason code; reserved funds are freed. NARR needs words."""
    if reason_code not in REJECT_REASONS:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    if reason_code == "NARR" and not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        answers, _moved = _decide(
            "reject", ids, actor, reason=reason, versions=versions, data={"reason_code": reason_code},
            more=_UNCLAIMED, needs_reason=False,
        )  # fmt: skip
    return answers


def cancel(*, ids: Sequence[int], actor: User, reason: str, versions: Mapping[int, int] | None = None) -> list[Answer]:
    """Take back before posting; reserved funds are freed."""
    with transaction.atomic():
        answers, _moved = _decide("cancel", ids, actor, reason=reason, versions=versions, more=_UNCLAIMED)
    return answers


def reopen(*, ids: Sequence[int], actor: User, reason: str, versions: Mapping[int, int] | None = None) -> list[Answer]:
    """Bring a rejected payment back; it is checked and signed anew."""
    with transaction.atomic():
        answers, moved = _decide(
            "reopen", ids, actor, reason=reason, versions=versions,
            more=_UNCLAIMED + ", approvals_given = 0, approvals_required = 1",
        )  # fmt: skip
        _withdraw(moved)
        if moved:
            enqueue("controls.assess", moved)
    return answers


def hold(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str,
    code: str = "person",
    until: datetime | None = None,
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Make a payment wait beside its state, until someone lifts it."""
    with transaction.atomic():
        answers, moved = _decide(
            "hold", ids, actor, reason=reason, versions=versions, data={"code": code, "until": until},
            more=", hold_count = hold_count + 1" + _UNCLAIMED,
        )  # fmt: skip
        sql.run(
            """
            insert into transactions_hold
                (payment_id, code, reason, rule_code, placed_by_id, placed_at, until, lift_reason)
            select key, %(code)s, %(reason)s, '', %(actor)s, clock_timestamp(), %(until)s, ''
            from unnest(%(ids)s::bigint[]) as held(key)
            """,
            {"ids": moved, "code": code, "reason": reason, "actor": actor.pk, "until": until},
        )
    return answers


def lift(*, ids: Sequence[int], actor: User, reason: str, versions: Mapping[int, int] | None = None) -> list[Answer]:
    """Lift every open hold of a payment, with the reason. Its maker cannot."""
    with transaction.atomic():
        answers, moved = _decide(
            "lift", ids, actor, reason=reason, versions=versions, more=", hold_count = 0", others_only=True
        )
        sql.run(
            "update transactions_hold set lifted_by_id = %s, lifted_at = clock_timestamp(), lift_reason = %s "
            "where payment_id = any(%s) and lifted_at is null",
            [actor.pk, reason, moved],
        )
    return answers


def comment(*, payment_id: int, actor: User, text: str) -> Answer:
    """Add words to the record. Nothing else changes."""
    judge = Judge("comment", actor)
    if not text.strip():
        raise BusinessError("payment.comment_empty")
    with transaction.atomic():
        state = PaymentState.objects.filter(pk=payment_id, entity_id__in=judge.places).first()
        if state is None:
            return judge.no(payment_id, "not_there")
        trail.record(
            judge.transition.action, subject_type="payment", subject_id=payment_id, entity_id=state.entity_id,
            actor=actor, reason=text.strip()[:4000],
        )  # fmt: skip
    return Answer(payment_id, True)


def post(*, ids: Sequence[int]) -> list[Answer]:
    """approved -> posted (a transfer between own accounts: settled). The books move in the same statement."""
    with transaction.atomic():
        refused = ledger.post(list(ids))
        payees.learn([key for key in ids if key not in refused])
    return _ledger_answers(ids, refused)


def settle(*, ids: Sequence[int], actor: User | None) -> list[Answer]:
    """sent -> settled: the in-transit account gives way to the counterpart."""
    if actor is not None:
        ids, outside = _in_scope(ids, actor, "settle")
    else:
        outside = []
    with transaction.atomic():
        refused = ledger.settle(list(ids), actor)
    return _ledger_answers(ids, refused) + outside


def return_(*, ids: Sequence[int], actor: User, reason_code: str, reason: str = "") -> list[Answer]:
    """The money came back: the entries are reversed, never deleted."""
    if reason_code not in REJECT_REASONS:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    ids, outside = _in_scope(ids, actor, "return")
    with transaction.atomic():
        refused = ledger.reverse(list(ids), actor, reason_code)
    return _ledger_answers(ids, refused) + outside


def _in_scope(ids: Sequence[int], actor: User, verb: str) -> tuple[list[int], list[Answer]]:
    right = TRANSITIONS[verb].right
    access.demand(actor, right)
    mine = set(
        PaymentState.objects.filter(pk__in=list(ids), entity_id__in=access.entity_ids(actor, right)).values_list(
            "pk", flat=True
        )
    )
    return [key for key in ids if key in mine], [Answer(key, False, "not_there") for key in ids if key not in mine]


def _ledger_answers(ids: Sequence[int], refused: Mapping[int, str]) -> list[Answer]:
    return [Answer(key, False, f"payment.{refused[key]}") if key in refused else Answer(key, True) for key in ids]


def checked() -> int:
    """received -> checked for the rows of the temporary table ``assessed`` (payment_id, outcome, risk, priority, held).

    Called by controls.assess inside its transaction, with the states locked. Returns how many moved. One query.
    """
    return sql.run(
        """
        with moved as (
            update transactions_paymentstate s
            set status = 'checked', version = s.version + 1, changed_at = clock_timestamp(), outcome = a.outcome,
                risk = a.risk, priority = a.priority, hold_count = s.hold_count + a.held
            from assessed a where a.payment_id = s.payment_id and s.status = 'received'
            returning s.payment_id, s.entity_id, a.outcome, a.risk)
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
        select entity_id, 'payment', payment_id, 'payment.checked',
               '{"outcome":"' || outcome || '","risk":' || risk || '}'
        from moved order by payment_id
        """
    )
