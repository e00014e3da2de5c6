"""Payments wait for a case, and go on: through the holds of transactions.workflow, under the code of cases.

A hold that a case placed stays until a case lifts it: no supervisor lifts it on the payment's page. It is lifted when
no other case holds the payment. Locks: after the cases, the states of the payments.
"""

from collections.abc import Sequence

from backoffice.common import sql
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import Answer, Refusal, Versions, act, hands_of, payments_of, text
from controls.models import Case, CaseVerdict
from transactions import workflow

# Where a rule's code stands in a hold.
CODE = "CASE"
NOT_LEFT = ("received", "checked", "validated", "approved", "posted")
_STANDING = """
    select s.payment_id from transactions_paymentstate s where s.payment_id = any(%s) and s.status = any(%s) order by 1
"""
_HELD_ELSEWHERE = """
    select distinct a.payment_id from controls_alert a join controls_case c on c.id = a.case_id
    where a.payment_id = any(%s) and c.holding and c.id <> all(%s)
"""


def hold(*, ids: Sequence[int], actor: User, reason: str, versions: Versions | None = None) -> list[Answer]:
    """Make the payments of cases wait that have not left; the answer notes how many were held."""
    said = text(reason)
    access.demand(actor, "payment.hold")
    places = set(access.entity_ids(actor, "payment.hold"))

    standing: dict[int, list[int]] = {}

    def prepare(found: list[Case]) -> None:
        standing.update(not_left([case.pk for case in found]))

    def check(case: Case) -> Refusal | None:
        if case.entity_id not in places:
            return "denied", {"right": "payment.hold"}
        if case.holding:
            return "case.holds", {}
        return None if standing.get(case.pk) else ("case.nothing_to_hold", {})

    def change(case: Case) -> None:
        case.holding = True

    def after(cases: list[Case]) -> dict[int, Refusal]:
        place(cases)
        return {case.pk: ("case.held", {"payments": len(standing[case.pk])}) for case in cases}

    return act(
        "case.held", ids=ids, actor=actor, check=check, change=change, fields=("holding",), reason=said,
        versions=versions, prepare=prepare, after=after,
    )  # fmt: skip


def lift(*, ids: Sequence[int], actor: User, reason: str, versions: Versions | None = None) -> list[Answer]:
    """Let the payments go on that a case held; not by who made, amended or signed one of them, nor once a second
    person was asked: what two are asked about goes on by a verdict."""
    said = text(reason)
    access.demand(actor, "payment.lift")
    places = set(access.entity_ids(actor, "payment.lift"))
    hands: dict[int, str] = {}
    of_two: set[int] = set()

    def prepare(found: list[Case]) -> None:
        hands.update(hands_of(found, actor.pk))
        asked = CaseVerdict.objects.filter(case__in=found, asks_second=True)
        of_two.update(asked.values_list("case_id", flat=True))

    def check(case: Case) -> Refusal | None:
        if case.entity_id not in places:
            return "denied", {"right": "payment.lift"}
        if case.pk in hands:
            return hands[case.pk], {}
        if case.seconding:
            return "case.seconding", {}
        if case.holding and case.pk in of_two:
            return "case.two_decide", {}
        return None if case.holding else ("case.holds_nothing", {})

    def change(case: Case) -> None:
        case.holding = False

    def after(cases: list[Case]) -> dict[int, Refusal]:
        going = _lift(cases, actor, said)
        every = payments_of([case.pk for case in cases])
        return {case.pk: ("case.lifted", {"payments": len(going & set(every[case.pk]))}) for case in cases}

    return act(
        "case.lifted", ids=ids, actor=actor, check=check, change=change, fields=("holding",), reason=said,
        versions=versions, prepare=prepare, after=after,
    )  # fmt: skip


def not_left(case_ids: Sequence[int]) -> dict[int, list[int]]:
    """The payments of cases that have not gone to the bank, by case. Two queries."""
    every = payments_of(case_ids)
    ids = sorted({key for keys in every.values() for key in keys})
    here = {row[0] for row in sql.rows(_STANDING, [ids, list(NOT_LEFT)])}
    return {case: [key for key in keys if key in here] for case, keys in every.items()}


def place(cases: Sequence[Case]) -> int:
    """Hold what has not left of these cases, which say ``holding`` already. Inside ``atomic()``, the cases locked;
    returns how many holds were placed."""
    if not cases:
        return 0
    going = sorted({key for keys in not_left([case.pk for case in cases]).values() for key in keys})
    return workflow.hold_by_check(ids=going, rule_code=CODE) if going else 0


def let_go(cases: Sequence[Case], *, actor: User, reason: str) -> None:
    """Lift what these cases held, as they are decided. Inside ``atomic()``, the cases locked."""
    if cases:
        _lift(cases, actor, reason)


def _lift(cases: Sequence[Case], actor: User, reason: str) -> set[int]:
    """Returns the payments that go on as far as cases are concerned."""
    keys = [case.pk for case in cases]
    ids = sorted({key for found in payments_of(keys).values() for key in found})
    # Whoever begins to hold them for another case waits here, or is seen.
    workflow.lock(ids)
    elsewhere = {row[0] for row in sql.rows(_HELD_ELSEWHERE, [ids, keys])}
    going = [key for key in ids if key not in elsewhere]
    if going:
        workflow.lift_by_check(ids=going, rule_code=CODE, actor=actor, reason=reason)
    return set(going)
