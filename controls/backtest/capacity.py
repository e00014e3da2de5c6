"""What the hits of a rule cost the people who must look at them, against the minutes they have.

The minutes of an alert are the median time from taking a payment in hand to deciding on it, by what its checks said,
over the last 90 days; where fewer than 30 such decisions are known, the stated defaults. The capacity of a day is the
people who may validate in the entity, times the minutes that each has for it (``BACKOFFICE_ANALYST_MINUTES``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from backoffice.common import calendars, sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import Entity
from controls.models import BackTest, RuleVersion
from controls.rules import rulesets

DEFAULT_MINUTES: Mapping[str, float] = {"inform": 0.0, "warn": 2.0, "second": 4.0, "hold": 10.0, "reject": 6.0}
ENOUGH = 30
LOOKED_AT = 20_000
_MEDIANS = """
    select st.outcome, count(*), percentile_cont(0.5) within group (
               order by extract(epoch from d.occurred_at - c.occurred_at) / 60)
    from (select a.id, a.subject_id, a.actor_id, a.occurred_at from documents_auditrecord a
          where a.subject_type = 'payment' and a.action in ('payment.validated', 'payment.rejected')
            and a.entity_id = any(%s) and a.occurred_at > now() - interval '90 days' and a.actor_id is not null
          order by a.occurred_at desc limit %s) d
    cross join lateral (
        select c.occurred_at from documents_auditrecord c
        where c.subject_id = d.subject_id and c.subject_type = 'payment' and c.action = 'payment.claimed'
          and c.actor_id = d.actor_id and c.id < d.id
        order by c.id desc limit 1) c
    join transactions_paymentstate st on st.payment_id = d.subject_id
    where d.occurred_at - c.occurred_at < interval '2 hours'
    group by 1
"""


@dataclass(frozen=True)
class Minutes:
    """Of one alert, by action; ``measured`` names the actions whose minutes are medians of the house."""

    by_action: Mapping[str, float]
    measured: Sequence[str]


def minutes(entity_ids: Sequence[int]) -> Minutes:
    """One query, over at most 20,000 decisions."""
    found = {
        outcome: float(median)
        for outcome, number, median in sql.rows(_MEDIANS, [list(entity_ids), LOOKED_AT])
        if number >= ENOUGH and outcome in DEFAULT_MINUTES
    }
    return Minutes({**DEFAULT_MINUTES, **found}, sorted(found))


def working_days(first: date, last: date) -> int:
    """Days of the period on which the house works, one at least."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return max(1, sum(1 for day in days if calendars.is_open(day)))


@dataclass(frozen=True)
class Load:
    """Of one entity, a working day: alerts that the rule adds, the minutes they take, those that are taken already,
    and those there are."""

    entity_id: int
    code: str
    name: str
    people: int
    capacity: float
    present: float
    added_count: float
    added: float

    @property
    def over(self) -> bool:
        return self.added > 0 and self.present + self.added > self.capacity

    @property
    def share(self) -> float:
        """Of the capacity, with the rule. Infinite where nobody may validate."""
        return (self.present + self.added) / self.capacity if self.capacity else float("inf")


def loads(figures: Mapping[str, Any], *, action: str, since: date, until: date) -> list[Load]:
    """The load of each entity, by code. Queries: the medians' once, entities, and one an entity for its people."""
    keys = sorted({int(key) for key in (*figures.get("outcomes", {}), *figures.get("added", {}))})
    cost = figures.get("minutes") or minutes(keys).by_action
    days = working_days(since, until)
    told = []
    for entity in Entity.objects.filter(pk__in=keys).order_by("code"):
        outcomes = figures.get("outcomes", {}).get(str(entity.pk), {})
        added = figures.get("added", {}).get(str(entity.pk), 0) / days
        people = access.people_with("payment.validate", entity.pk).count()  # type: ignore[attr-defined]
        told.append(
            Load(
                entity.pk, entity.code, entity.name, people, float(people * settings.ANALYST_MINUTES),
                sum(number * cost.get(outcome, 0.0) for outcome, number in outcomes.items()) / days,
                added, added * cost[action],
            )
        )  # fmt: skip
    return told


@dataclass(frozen=True)
class Overload:
    """The last finished back-test of what a version says now, and the entities that it would overload."""

    back_test: BackTest
    over: Sequence[Load]


def overload(version: RuleVersion) -> Overload | None:
    """None when nothing was back-tested that says what the version says now; an empty ``over`` is room for it.

    What publishes a version asks this first and, where ``over`` is not empty, for a reason: :func:`demand_room`.
    """
    member = rulesets.member(version)
    rows = BackTest.objects.filter(version__rule=version.rule_id, state=BackTest.State.DONE).order_by("-id")[:50]
    some = [found for found in rows if same(found.said[0], member)]
    if not some:
        return None
    # The longest says most; of those as long the last.
    best = max(some, key=lambda found: (found.until_on - found.since_on, found.pk))
    told = loads(best.figures, action=member["action"], since=best.since_on, until=best.until_on)
    return Overload(best, [load for load in told if load.over])


def same(said: Mapping[str, Any], member: Mapping[str, Any]) -> bool:
    """Would these find the same and do the same? Number, sentences, weight and mode aside."""
    quiet = {"version", "number", "sentence_en", "sentence_fr", "weight", "mode", "lists"}
    return {name: value for name, value in said.items() if name not in quiet} == {
        name: value for name, value in member.items() if name not in quiet
    }


def demand_room(version: RuleVersion, *, reason: str) -> Overload | None:
    """Refuse (``rule.overloads``) a version that asks for more minutes than the team has, unless a reason is given.

    The answer goes into the record of who publishes it all the same. Not back-tested: nothing is known, None.
    """
    found = overload(version)
    if found and found.over and not reason.strip():
        worst = max(found.over, key=lambda load: load.share)
        raise BusinessError(
            "rule.overloads", entity=worst.code, needed=round(worst.present + worst.added),
            capacity=round(worst.capacity),
        )  # fmt: skip
    return found
