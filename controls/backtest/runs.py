"""The life of a back-test: asked for, worked off in parts beside each other, cancelled, judged by hand.

It reads payments and writes nothing but its own rows. A part is done whole or not at all and never twice: it is taken
under a lock that others pass by, so that two workers share a run and a killed one loses a part at most. Cancelling
takes effect between parts. What is left lying is found by the sweeper (:func:`stale`).
"""

import os
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls import facts
from controls.backtest import capacity, figures, needs, replay, threshold
from controls.models import BackTest, BackTestHit, BackTestPart, RuleVersion
from controls.rules import language, rulesets
from documents import trail

log = structlog.get_logger(__name__)
VIEW, RUN = "rule.view", "rule.test"
# Of one person at the same time: each may take every core.
MOST_OPEN = 3
TASK = "controls.backtest"
PART = 10_000
MOST_PAYMENTS = 5_000_000
LONGEST_DAYS = 3 * 366
# A task works so long, then asks for the next: others wait in the same queue.
BUDGET_SECONDS = 240.0
PATIENCE = timedelta(minutes=5)
# Of what waits now, the newest are looked at.
OPEN_NOW = 10_000
OPEN_SHOWN = 50

_PLAN = """
    insert into controls_backtestpart
        (back_test_id, number, entity_id, first_at, first_id, last_at, last_id, payment_count, figures)
    select %(back_test)s, %(numbered)s + n, %(entity)s, (array_agg(received_at order by received_at, id))[1],
           (array_agg(id order by received_at, id))[1], (array_agg(received_at order by received_at desc, id desc))[1],
           (array_agg(id order by received_at desc, id desc))[1], count(*), '{}'
    from (select id, received_at, (row_number() over (order by received_at, id) - 1) / %(part)s as n
          from transactions_payment
          where entity_id = %(entity)s and received_at >= %(since)s::date::timestamp at time zone %(zone)s
            and received_at < (%(until)s::date + 1)::timestamp at time zone %(zone)s) p
    group by n
"""
_MEMBERS = """
    select id from transactions_payment
    where entity_id = %s and (received_at, id) >= (%s, %s) and (received_at, id) <= (%s, %s)
    order by received_at, id
"""
_NEXT_PART = """
    select id from controls_backtestpart where back_test_id = %s and done_at is null
    order by number limit 1 for no key update skip locked
"""
_OPEN = """
    select payment_id from transactions_paymentstate
    where entity_id = any(%s) and status in ('received', 'checked', 'validated') order by payment_id desc limit %s
"""
_OPEN_HITS = """
    select f.payment_id, f.entity_id from (select distinct payment_id from findings where version_id = %s) x
    join facts f on f.payment_id = x.payment_id order by f.payment_id desc
"""


def visible(actor: User) -> QuerySet[BackTest]:
    """The back-tests whose entities the person may all see the rules of."""
    places = access.entity_ids(actor, VIEW)
    read = RuleVersion.objects.filter(Q(entity=None) | Q(entity__in=places)).values("pk")
    beside = Q(against=None) | Q(against__in=read)
    return BackTest.objects.filter(beside, version__in=read, entity_ids__contained_by=places)


def testable(actor: User) -> QuerySet[RuleVersion]:
    """The versions that concern everybody, or an entity where the person may test."""
    here = Q(entity=None) | Q(entity__in=access.entity_ids(actor, RUN))
    return RuleVersion.objects.filter(here).select_related("rule")


def ask(
    *, actor: User, version_id: int, since: date, until: date, against_id: int | None = None,
    entity_id: int | None = None,
) -> BackTest:  # fmt: skip
    """Ask for a back-test of a version, and of another of the same rule beside it, over days of receipt.

    Without ``entity_id`` it is over every entity where the person may test. It begins by a task.
    """
    access.demand(actor, RUN)
    places = access.entity_ids(actor, RUN)
    if entity_id is not None:
        if entity_id not in access.entity_ids(actor, VIEW):
            raise NotThere("not_there")
        access.demand(actor, RUN, entity_id)
        places = [entity_id]
    chosen = _chosen(actor, version_id, against_id)
    if until < since or (until - since).days > LONGEST_DAYS or since.year < 2000 or until.year > 9000:
        raise BusinessError("backtest.period", days=LONGEST_DAYS)
    under_way = BackTest.objects.filter(asked_by=actor, state__in=[BackTest.State.QUEUED, BackTest.State.RUNNING])
    if under_way.count() >= MOST_OPEN:
        raise BusinessError("backtest.enough", most=MOST_OPEN)
    now = timezone.now()
    with transaction.atomic():
        made = BackTest.objects.create(
            version=chosen[0], against=chosen[1] if len(chosen) > 1 else None,
            said=[{**rulesets.member(one), "mode": "shadow"} for one in chosen], since_on=since, until_on=until,
            entity_ids=places, seed=secrets.randbelow(2**31), asked_by=actor, asked_at=now, touched_at=now,
        )  # fmt: skip
        _record("asked", made, actor, {"rule": chosen[0].rule.code, "since": since, "until": until})
        enqueue(TASK, made.pk)
    return made


def _chosen(actor: User, version_id: int, against_id: int | None) -> list[RuleVersion]:
    wanted = [version_id] if against_id is None else [version_id, against_id]
    found = {version.pk: version for version in testable(actor).filter(pk__in=wanted)}
    if len(found) != len(wanted):
        raise NotThere("not_there")
    chosen = [found[key] for key in wanted]
    if len({version.rule_id for version in chosen}) > 1:
        raise BusinessError("backtest.other_rule")
    for version in chosen:
        rulesets.condition_of(rulesets.member(version), [])
    return chosen


def _record(act: str, back_test: BackTest, actor: User, data: dict[str, Any]) -> None:
    entity = back_test.entity_ids[0] if len(back_test.entity_ids) == 1 else None
    trail.record(
        f"backtest.{act}", subject_type="backtest", subject_id=back_test.pk, entity_id=entity, actor=actor, data=data
    )


def cancel(*, actor: User, back_test_id: int) -> None:
    """Stop it between two parts. What was found until then is not told."""
    access.demand(actor, RUN)
    with transaction.atomic():
        found = visible(actor).select_for_update(no_key=True).filter(pk=back_test_id).first()
        if found is None:
            raise NotThere("not_there")
        _demand_everywhere(actor, found)
        if not found.open:
            raise BusinessError("backtest.over")
        found.state, found.finished_at = BackTest.State.CANCELLED, timezone.now()
        found.save(update_fields=["state", "finished_at"])
        _record("cancelled", found, actor, {})


def _demand_everywhere(actor: User, back_test: BackTest) -> None:
    for entity_id in back_test.entity_ids:
        access.demand(actor, RUN, entity_id)


def judge(*, actor: User, back_test_id: int, payment_id: int, judgement: str) -> None:
    """Say by hand whether the rule was right about a payment of the sample; the last word counts."""
    access.demand(actor, RUN)
    with transaction.atomic():
        found = visible(actor).filter(pk=back_test_id).first()
        if found is None:
            raise NotThere("not_there")
        _demand_everywhere(actor, found)
        if judgement not in BackTestHit.Judgement.values:
            raise BusinessError("backtest.judgement", value=judgement[:20])
        moved = found.hits.filter(payment=payment_id, pk__in=[hit.pk for hit in sample(found)]).update(
            judgement=judgement, judged_by=actor, judged_at=timezone.now()
        )
        if not moved:
            raise NotThere("not_there")
        _record("judged", found, actor, {"payment": payment_id, "judgement": judgement})


def sample(back_test: BackTest) -> list[BackTestHit]:
    """The hits of the version to judge by hand, drawn at random. One query."""
    hits = BackTestHit.objects.filter(back_test=back_test, by__in=("new", "both")).select_related(
        "payment", "judged_by"
    )
    return list(hits.order_by("draw", "id")[: figures.SAMPLE])


def estimate(entity_ids: Sequence[int], since: date, until: date) -> int:
    """About how many payments the period holds: what the planner expects. One query, no count."""
    rows = sql.rows(
        "explain (format json) select 1 from transactions_payment "
        "where entity_id = any(%s) and received_at >= %s and received_at < %s::date + 1",
        [list(entity_ids), since, until],
    )
    plan: dict[str, Any] = rows[0][0][0]["Plan"]
    return int(plan["Plan Rows"])


def stale() -> list[int]:
    """What nobody has worked on for a while, the oldest first."""
    open_ones = BackTest.objects.filter(state__in=("queued", "running"), touched_at__lt=timezone.now() - PATIENCE)
    return list(open_ones.order_by("touched_at").values_list("pk", flat=True)[:100])


def run(back_test_id: int, *, budget: float = BUDGET_SECONDS) -> None:
    """Work on it until it is over or the time is, then leave the rest to the next task. Safe to run twice at once."""
    try:
        if not _begin(back_test_id):
            return
        until = time.monotonic() + budget
        threads = 1 if connection.in_atomic_block else max(1, os.cpu_count() or 1)
        with ThreadPoolExecutor(max(1, threads - 1), thread_name_prefix="backtest") as pool:
            others = [pool.submit(_beside, back_test_id, until) for _ in range(threads - 1)]
            _work(back_test_id, until)
            for other in others:
                other.result()
        # What is left before the time is over, others have in hand: the last of them finishes it.
        if not _finish(back_test_id) and time.monotonic() >= until:
            with transaction.atomic():
                enqueue(TASK, back_test_id)
    except (BusinessError, DatabaseError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        if _gone(error):
            raise
        # Tried again it would fail again.
        log.exception("backtest.failed", back_test=back_test_id)
        open_ones = BackTest.objects.filter(pk=back_test_id, state__in=("queued", "running"))
        open_ones.update(state="failed", failure=type(error).__name__, finished_at=timezone.now())


def _gone(error: Exception) -> bool:
    """Whether the database went away, or the way to it; the run is then found lying."""
    code = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, OperationalError) and (code is None or code.startswith(("08", "57P")))


def _begin(back_test_id: int) -> bool:
    """queued -> running with the plan of its parts; False when it is over."""
    with transaction.atomic():
        found = BackTest.objects.select_for_update(no_key=True).filter(pk=back_test_id).first()
        if found is None or not found.open:
            return False
        if found.state == BackTest.State.QUEUED:
            for entity in Entity.objects.filter(pk__in=found.entity_ids).order_by("pk"):
                asked = {
                    "back_test": found.pk, "entity": entity.pk, "zone": entity.time_zone, "part": PART,
                    "since": found.since_on, "until": found.until_on, "numbered": found.parts.count(),
                }  # fmt: skip
                sql.run(_PLAN, asked)
            found.total = sum(found.parts.values_list("payment_count", flat=True))
            if found.total > MOST_PAYMENTS:
                found.parts.all().delete()
                raise BusinessError("backtest.too_many", most=MOST_PAYMENTS)
            found.state, found.started_at = BackTest.State.RUNNING, timezone.now()
        found.touched_at = timezone.now()
        found.save(update_fields=["state", "started_at", "touched_at", "total"])
    return True


def _beside(back_test_id: int, until: float) -> None:
    close_old_connections()
    try:
        _work(back_test_id, until)
    finally:
        connection.close()


def _work(back_test_id: int, until: float) -> None:
    asked, wanted = _asked(BackTest.objects.get(pk=back_test_id))
    while time.monotonic() < until and _one_part(back_test_id, asked, wanted):
        pass


def _asked(found: BackTest) -> tuple[figures.Asked, needs.Needs]:
    """What the parts are asked, and the part of the fact table that it takes."""
    said = found.said
    own = _own(said[0]["rule"], said)
    moved = threshold.of(said[0])
    named: set[str] = {moved.fact} if moved else set()
    for member in said:
        compiled = language.compile_expression(
            member["expression"], member["parameters"], lists=rulesets.lists_of(member)
        )
        named |= compiled.facts | set(rulesets.quoted_names(member["sentence_en"], member["sentence_fr"]))
    asked = figures.Asked(
        found.pk, found.seed, said[0]["version"], said[1]["version"] if len(said) > 1 else None, said[0]["rule"],
        said[0]["action"], said[0], own if said[0]["entity"] is None else [], moved,
    )  # fmt: skip
    return asked, needs.of(named)


def _own(rule: str, said: Sequence[dict[str, Any]]) -> list[int]:
    """Entities with a version of their own in force, where a general one does not count."""
    if any(member["entity"] is not None for member in said):
        return []
    return [
        version.entity_id
        for version in rulesets.in_force()
        if version.rule.code == rule and version.entity_id is not None
    ]


def statement(members: Sequence[dict[str, Any]]) -> str:
    """What fills ``findings`` for members of a back-test, general ones without the entities that have their own."""
    return rulesets.statement_of(list(members), {members[0]["rule"]: _own(members[0]["rule"], members)})


def _one_part(back_test_id: int, asked: figures.Asked, wanted: needs.Needs) -> bool:
    """Do the next part that nobody else has in hand; False when there is none, or the run is over."""
    with transaction.atomic():
        if not BackTest.objects.filter(pk=back_test_id, state=BackTest.State.RUNNING).exists():
            return False
        rows = sql.rows(_NEXT_PART, [back_test_id])
        if not rows:
            return False
        part = BackTestPart.objects.select_related("back_test").get(pk=rows[0][0])
        sql.run("set local jit = off")
        found = [row[0] for row in sql.rows(
            _MEMBERS, [part.entity_id, part.first_at, part.first_id, part.last_at, part.last_id]
        )]  # fmt: skip
        query = statement(part.back_test.said)
        counted = []
        for some in replay.rounds(replay.subjects(found, wanted)):
            replay.build(some, wanted)
            sql.run(query)
            counted.append(figures.collect(asked, part.entity_id))
        part.figures, part.done_at = figures.merged(counted), timezone.now()
        part.save(update_fields=["figures", "done_at"])
        BackTest.objects.filter(pk=back_test_id).update(judged=F("judged") + len(found), touched_at=part.done_at)
    return True


def _finish(back_test_id: int) -> bool:
    """running -> done once every part is; True when nothing is left to do."""
    with transaction.atomic():
        found = BackTest.objects.select_for_update(no_key=True).get(pk=back_test_id)
        if not found.open:
            return True
        if found.parts.filter(done_at=None).exists():
            return False
        total = figures.merged([figures.EMPTY, *found.parts.order_by("number").values_list("figures", flat=True)])
        _asks, wanted = _asked(found)
        cost = capacity.minutes(found.entity_ids)
        since = datetime.combine(found.since_on, datetime.min.time(), UTC) - timedelta(days=1)
        total |= {
            "open": _open_now(found), "minutes": dict(cost.by_action), "measured": list(cost.measured),
            "inexact": replay.inexact(wanted, since), "kept": found.hits.count(),
        }  # fmt: skip
        found.figures, found.state, found.finished_at = total, BackTest.State.DONE, timezone.now()
        found.save(update_fields=["figures", "state", "finished_at"])
    return True


def _open_now(found: BackTest) -> dict[str, Any]:
    """What waits at this moment and would be hit, as it stands now. In the transaction of the end."""
    ids = [row[0] for row in sql.rows(_OPEN, [found.entity_ids, OPEN_NOW])]
    if not ids:
        return {"looked_at": 0, "hit": 0, "payments": []}
    facts.build(ids)
    sql.run(statement(found.said))
    hits = [row[0] for row in sql.rows(_OPEN_HITS, [found.said[0]["version"]])]
    return {"looked_at": len(ids), "hit": len(hits), "payments": hits[:OPEN_SHOWN]}
