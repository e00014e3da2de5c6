"""The verbs that decide. See the package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people import signing
from backoffice.people.models import User
from backoffice.people.signing import Requirement
from documents import trail
from transactions import instant, ledger, reasons
from transactions.models import Payment, PaymentState
from transactions.workflow import days, hands
from transactions.workflow.deciding import (
    WINDOWED,
    answers_of,
    decide,
    end_hand_overs,
    keep,
    post_later,
    withdraw_signatures,
)
from transactions.workflow.table import (
    REJECT_REASONS,
    UNCLAIMED,
    UNSAFE,
    Answer,
    Case,
    Judge,
    S,
    cases_of,
    move,
)

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
            keep("validate", [cases[payment_id] for payment_id in going], actor)
            for persons, some in counts.items():
                move(
                    some, "validate", actor=actor, reason=reason, data=said.data(), params={"persons": persons},
                    more=", claimed_by_id = null, claimed_until = null, approvals_given = 0, "
                    "approvals_required = %(persons)s",
                )  # fmt: skip
            end_hand_overs(going, actor, "decided")
    return answers_of(ids, refused)


def approve(
    *,
    ids: Sequence[int],
    actor: User,
    reason_code: str = "",
    reason: str = "",
    versions: Mapping[int, int] | None = None,
    on_behalf_of: int | None = None,
) -> list[Answer]:
    """The next signature. The last one reserves the funds (refused with AM04 and the like) and has it posted, when the
    time to take it back is over; an instant transfer at once.

    Of a standing order the funds are taken on the day of its execution, by the machine, not before.
    """
    judge = Judge("approve", actor, versions)
    with transaction.atomic():
        cases, refused = cases_of(ids, actor, on_behalf_of), {}
        notes: dict[int, Answer] = {}
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
        signed = [case for case in going if case.approvals_given + 1 >= case.approvals_required]
        last = [case.payment_id for case in signed if not case.has_its_day]
        dated = [case.payment_id for case in signed if case.has_its_day]
        at_once = [case.payment_id for case in signed if case.kind == Payment.Kind.INSTANT]
        for payment_id, code in (instant.judge(at_once) if at_once else {}).items():
            refused[payment_id] = judge.no(payment_id, code)
        last = [payment_id for payment_id in last if payment_id not in refused]
        for payment_id, code in (ledger.reserve(last) if last else {}).items():
            refused[payment_id] = judge.no(payment_id, f"payment.{code}")
        going = [case for case in going if case.payment_id not in refused]
        final = [payment_id for payment_id in last if payment_id not in refused]
        if going:
            said = Said(actor, on_behalf_of, reason_code, reason)
            _sign({case.payment_id: case.approvals_given + 1 for case in going}, said)
            data = said.data()
            more = ", approvals_given = approvals_given + 1, claimed_by_id = null, claimed_until = null"
            # What takes effect at once cannot be taken back.
            effective = set(at_once) & set(final)
            keep("approve", [case for case in going if case.payment_id not in effective], actor)
            between = [case.payment_id for case in going if case.payment_id not in set(final)]
            if between:
                move(between, "approve", actor=actor, reason=reason, data=data, target=S.VALIDATED, more=more)
            for seconds, keys in _by_window(final, cases).items():
                move(
                    keys, "approve", actor=actor, reason=reason, data=data,
                    more=more + (WINDOWED if seconds else ", effective_at = null"), params={"window": seconds},
                )  # fmt: skip
                post_later(keys, seconds)
            if final:
                notes = days.after_cut_off(final)
                instant.count([payment_id for payment_id in at_once if payment_id in effective])
            end_hand_overs([case.payment_id for case in going], actor, "decided")
        if dated:
            enqueue("transactions.execute_standing")
    return answers_of(ids, {**notes, **refused})


def _by_window(ids: Sequence[int], cases: Mapping[int, Case]) -> dict[int, list[int]]:
    """Payments by how long their approval may be taken back: mostly one group. Instant transfers wait for nothing."""
    found: dict[int, list[int]] = {}
    for payment_id in ids:
        case = cases[payment_id]
        found.setdefault(0 if case.kind == Payment.Kind.INSTANT else case.undo_seconds, []).append(payment_id)
    return found


def send_back(
    *, ids: Sequence[int], actor: User, reason: str, versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Return a validated payment to the first step; its signatures are withdrawn, never erased."""
    with transaction.atomic():
        answers, moved = decide(
            "send_back",
            ids,
            actor,
            reason=reason,
            versions=versions,
            more=UNCLAIMED + ", approvals_given = 0, straight_policy = null",
        )
        start_anew(moved, actor)
    return answers


def start_anew(moved: Sequence[Case], actor: User) -> list[int]:
    keys = [case.payment_id for case in moved]
    withdraw_signatures(keys)
    end_hand_overs(keys, actor, "decided")
    return keys


def reject(
    *, ids: Sequence[int], actor: User, reason_code: str, reason: str = "", versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Refuse for good, with an ISO 20022 reason code; reserved funds are freed. NARR needs words."""
    if reason_code not in REJECT_REASONS:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    if reason_code == "NARR" and not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        answers, moved = decide(
            "reject", ids, actor, reason=reason, versions=versions, data={"reason_code": reason_code},
            more=UNCLAIMED, needs_reason=False,
        )  # fmt: skip
        end_hand_overs([case.payment_id for case in moved], actor, "decided")
    return answers


def why(code: str, reason: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The code of a decision that takes one: it stands for the words, unless it says that they follow."""
    if code and code not in table:
        raise BusinessError("payment.reason_unknown", code=code[:8])
    if code in {"", "other"} and not reason.strip():
        raise BusinessError("payment.reason_required")
    return {"reason_code": code} if code else {}


def cancel(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str = "",
    reason_code: str = "",
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Take back before posting; reserved funds are freed. A code of reasons.CANCEL, or words."""
    data = why(reason_code, reason, reasons.CANCEL)
    with transaction.atomic():
        answers, moved = decide(
            "cancel", ids, actor, reason=reason, versions=versions, data=data, more=UNCLAIMED, needs_reason=False
        )
        end_hand_overs([case.payment_id for case in moved], actor, "decided")
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
