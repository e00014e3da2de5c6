"""Holds: a payment waits beside its state, until someone lifts it or the moment that was chosen comes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from documents import trail
from transactions.workflow.deciding import answers_of, decide, keep
from transactions.workflow.table import TOP, UNCLAIMED, Answer, Judge, S, cases_of, lock, move

# Where a hold counts in the state: nothing that counts one is past approval.
COUNTED = frozenset({S.RECEIVED, S.CHECKED, S.VALIDATED})
FURTHEST = timedelta(days=3 * 366)

# A payment goes on when no hold is left; its due time rested as long as it waited. Waiting began with the first hold of
# those that follow each other without a gap.
_FEWER = """
    , hold_count = (select count(*) from transactions_hold h
                    where h.payment_id = transactions_paymentstate.payment_id and h.lifted_at is null
                      and h.id <> all(%(lifting)s))
    , brought_back = brought_back and exists (
          select 1 from transactions_hold h
          where h.payment_id = transactions_paymentstate.payment_id and h.lifted_at is null
            and h.came_due_at is not null and h.id <> all(%(lifting)s))
    , due_at = due_at + case
          when exists (select 1 from transactions_hold h
                       where h.payment_id = transactions_paymentstate.payment_id and h.lifted_at is null
                         and h.id <> all(%(lifting)s)) then interval '0'
          when %(lifting)s = '{}' then interval '0'
          else clock_timestamp() - coalesce((
              select max(h.placed_at) from transactions_hold h
              where h.payment_id = transactions_paymentstate.payment_id and not exists (
                  select 1 from transactions_hold o
                  where o.payment_id = h.payment_id and o.placed_at < h.placed_at
                    and coalesce(o.lifted_at, 'infinity') >= h.placed_at)), clock_timestamp()) end
"""
_LIFTED = """
    update transactions_hold set lifted_by_id = %s, lifted_at = clock_timestamp(), lift_reason = %s, answer = %s
    where id = any(%s) and lifted_at is null
"""
_OF_A_REQUEST = (
    "exists (select 1 from transactions_informationrequest q "
    "where q.hold_id = h.id and q.answered_at is null and q.closed_at is null)"
)


def place(
    ids: Sequence[int], actor: User | None, *, code: str, reason: str, until: datetime | None = None,
    question: str = "", lifts_itself: bool = False,
) -> dict[int, int]:  # fmt: skip
    """Write the holds; the state counts them already. Returns them by payment. One query."""
    return dict(
        sql.rows(
            """
            insert into transactions_hold (payment_id, code, reason, rule_code, placed_by_id, placed_at, until,
                                           question, lifts_itself, lift_reason)
            select key, %(code)s, %(reason)s, '', %(actor)s, clock_timestamp(), %(until)s, %(question)s, %(itself)s, ''
            from unnest(%(ids)s::bigint[]) as held(key)
            returning payment_id, id
            """,
            {
                "ids": list(ids), "code": code, "reason": reason, "actor": actor.pk if actor else None, "until": until,
                "question": question, "itself": lifts_itself,
            },
        )
    )  # fmt: skip


def lower(
    ids: Sequence[int], holds: Sequence[int], verb: str, *, actor: User | None, reason: str,
    data: Mapping[str, Any] | None = None, answer: str = "", more: str = "", params: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Lift these holds of these payments, with the record of ``verb``. Two queries; inside ``atomic()``, locked."""
    move(
        ids, verb, actor=actor, reason=reason, data=data, more=_FEWER + more,
        params={"lifting": list(holds), **(params or {})},
    )  # fmt: skip
    sql.run(_LIFTED, [actor.pk if actor else None, reason, answer, list(holds)])


def check_moment(moment: datetime) -> None:
    """Raises BusinessError when nothing can wait for this moment: it is past, or further away than anybody means."""
    ahead = moment - timezone.now()
    if ahead <= timedelta(0):
        raise BusinessError("hold.moment_past")
    if ahead > FURTHEST:
        raise BusinessError("hold.moment_far", days=FURTHEST.days)


def hold(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str,
    code: str = "person",
    until: datetime | None = None,
    question: str = "",
    lifts_itself: bool = False,
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Make a payment wait beside its state, until someone lifts it.

    At ``until`` it comes back on top with ``question``, still on hold; with ``lifts_itself`` it goes on by itself then.
    """
    if lifts_itself and until is None:
        raise BusinessError("hold.needs_moment")
    if until is not None:
        check_moment(until)
    with transaction.atomic():
        answers, moved = decide(
            "hold", ids, actor, reason=reason, versions=versions,
            data={"code": code, "until": until, "question": question, "lifts_itself": lifts_itself},
            more=", hold_count = hold_count + 1, brought_back = false" + UNCLAIMED,
        )  # fmt: skip
        placed = place(
            [case.payment_id for case in moved], actor, code=code, reason=reason, until=until,
            question=question.strip(), lifts_itself=lifts_itself,
        )  # fmt: skip
        keep("hold", moved, actor, placed)
    return answers


def _open(ids: Sequence[int], condition: str, params: Mapping[str, Any]) -> dict[int, list[int]]:
    """Open holds by payment."""
    found: dict[int, list[int]] = {}
    for key, hold_id in sql.rows(
        f"select h.payment_id, h.id from transactions_hold h "  # noqa: S608 - conditions are constants of this module
        f"where h.payment_id = any(%(ids)s) and h.lifted_at is null and {condition} order by h.id",
        {"ids": list(ids), **params},
    ):
        found.setdefault(key, []).append(hold_id)
    return found


def lift(
    *, ids: Sequence[int], actor: User, reason: str, answer: str = "", versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Lift every open hold of a payment, with the reason and the answer to its question. Its maker cannot.

    Holds of open requests stay: they are answered or closed. So do those that a check keeps until what it found is
    decided.
    """
    which = f"not {_OF_A_REQUEST} and not h.stays"
    return _lift("lift", ids, actor, said=(reason, answer), versions=versions, which=which)


def resume(
    *, ids: Sequence[int], actor: User, reason: str, answer: str = "", versions: Mapping[int, int] | None = None
) -> list[Answer]:
    """Lift the holds that one placed oneself, with what was found: answering one's own question. Its maker cannot."""
    own = f"h.placed_by_id = %(actor)s and not {_OF_A_REQUEST}"
    return _lift("resume", ids, actor, said=(reason, answer), versions=versions, which=own)


def _lift(
    verb: str, ids: Sequence[int], actor: User, *, said: tuple[str, str], versions: Mapping[int, int] | None, which: str
) -> list[Answer]:
    reason, answer = (text.strip() for text in said)
    if not (reason or answer):
        raise BusinessError("payment.reason_required")
    judge = Judge(verb, actor, versions)
    with transaction.atomic():
        cases = cases_of(ids, actor)
        open_holds = _open(ids, which, {"actor": actor.pk})
        refused: dict[int, Answer] = {}
        for payment_id in ids:
            case = cases.get(payment_id)
            no = judge.base(payment_id, case) or (case and judge.free(case))
            if not no and actor.is_machine:
                no = judge.no(payment_id, "payment.by_machine")
            if not no and case and case.own_work:
                no = judge.no(payment_id, "payment.own_work")
            if not no and payment_id not in open_holds and case and case.hold_count:
                no = judge.no(payment_id, _why_not(payment_id, case.asked, verb))
            if not no and payment_id not in open_holds and verb == "resume":
                no = judge.no(payment_id, "hold.none")
            if no:
                refused[payment_id] = no
        going = [payment_id for payment_id in cases if payment_id not in refused]
        if going:
            lifting = [hold_id for key in going for hold_id in open_holds.get(key, ())]
            data = {"answer": answer} if answer else None
            lower(going, lifting, verb, actor=actor, reason=reason or answer, data=data, answer=answer)
    return answers_of(ids, refused)


def _why_not(payment_id: int, asked: bool, verb: str) -> str:
    if asked:
        return "payment.answer_open"
    return "hold.stays" if verb == "lift" and _open([payment_id], "h.stays", {}) else "hold.not_yours"


_STANDING = "select payment_id, entity_id, status from transactions_paymentstate where payment_id = any(%s)"
_STAY = """
    update transactions_hold set stays = true
    where payment_id = any(%s) and rule_code = %s and lifted_at is null and not stays
"""
_KEEP_BACK = """
    insert into transactions_hold (payment_id, code, reason, rule_code, placed_at, lift_reason, stays)
    select key, 'rule', '', %s, clock_timestamp(), '', true from unnest(%s::bigint[]) as held(key)
"""


def hold_by_check(*, ids: Sequence[int], rule_code: str) -> int:
    """A check that looked again makes payments wait, whatever they had come to before they left, unless it does
    already. The hold stays until the check lifts it. What is approved or posted keeps its state: it is not posted, and
    no file takes it, while it is held.

    Inside ``atomic()``; returns how many holds were placed. Seven queries at most.
    """
    lock(ids)
    held = _open(ids, "h.rule_code = %(rule)s", {"rule": rule_code})
    sql.run(_STAY, [list(held), rule_code])
    going = {key: (entity, status) for key, entity, status in sql.rows(_STANDING, [list(ids)]) if key not in held}
    data = {"code": "rule", "rules": [rule_code]}
    moving = [key for key, (_entity, status) in going.items() if status in COUNTED]
    past = [(key, entity, data) for key, (entity, status) in going.items() if status in {S.APPROVED, S.POSTED}]
    if moving:
        move(moving, "hold", actor=None, data=data, more=", hold_count = hold_count + 1" + UNCLAIMED)
    trail.record_many("payment.held", subject_type="payment", subjects=past, actor=None)
    keys = [*moving, *(key for key, _entity, _data in past)]
    if keys:
        sql.run(_KEEP_BACK, [rule_code, keys])
    return len(keys)


def lift_by_check(*, ids: Sequence[int], rule_code: str, actor: User | None, reason: str) -> int:
    """What a check found is decided: its hold is lifted, in the name of who decided. Inside ``atomic()``; returns how
    many payments had one."""
    lock(ids)
    held = _open(ids, "h.rule_code = %(rule)s and h.stays", {"rule": rule_code})
    standing = {key: (entity, status) for key, entity, status in sql.rows(_STANDING, [list(held)])}
    moving = [key for key, (_entity, status) in standing.items() if status in COUNTED]
    data = {"rules": [rule_code]}
    if moving:
        lower(moving, [one for key in moving for one in held[key]], "lift", actor=actor, reason=reason, data=data)
    others = [key for key in standing if key not in moving]
    if others:
        rest = [one for key in others for one in held[key]]
        sql.run(_LIFTED, [actor.pk if actor else None, reason, "", rest])
        subjects = [(key, standing[key][0], data) for key in others]
        trail.record_many("payment.lifted", subject_type="payment", subjects=subjects, actor=actor, reason=reason)
    return len(held)


_DUE = "h.until <= clock_timestamp() and h.came_due_at is null"


def come_due(ids: Iterable[int]) -> int:
    """The moment of holds has come: what lifts by itself goes on, the rest comes back on top with its question.

    Read again under lock and safe twice: a hold comes due once. Returns how many payments were touched.
    """
    keys = sorted(set(ids))
    with transaction.atomic():
        lock(keys)
        itself = _open(keys, f"{_DUE} and h.lifts_itself", {})
        back = _open(keys, f"{_DUE} and not h.lifts_itself", {})
        every = [hold_id for found in (itself, back) for holds in found.values() for hold_id in holds]
        sql.run("update transactions_hold set came_due_at = clock_timestamp() where id = any(%s)", [every])
        if itself:
            lifting = [hold_id for holds in itself.values() for hold_id in holds]
            lower(list(itself), lifting, "lift", actor=None, reason="", data={"by_itself": True})
        if back:
            more = f", brought_back = true, priority = greatest(priority, {TOP})"
            move(list(back), "come_due", actor=None, more=more)
    return len(itself.keys() | back.keys())
