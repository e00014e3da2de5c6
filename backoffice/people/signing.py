"""The approval engine: what is asked of whom, and whether a person may give the next signature.

It knows no subject. A subject (a payment; a change of the matrix, of a limit) is a type and a key; whoever owns the
subject keeps its frozen requirement and its signatures, reads them under lock, and asks here. The rules:

* A requirement is a list of stages, so many persons a stage; laid out, it is a list of places that are signed in their
  order. Within a stage people come in any order.
* Whoever made or changed the subject never signs it, and nobody signs twice, in whatever stage or name.
* A place may ask for a role, for a member of a team, and for a person whose own ceiling reaches a level.
* Roles are held in the subject's entity. Nothing stands above the rules: there is no role that passes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from backoffice.common import sql
from backoffice.people import roles

# Why not, as a code of people/errors.py with its parameters.
Refusal = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Stage:
    """So many persons, each with the role (empty: whoever has the right), of the team, of at least this ceiling."""

    persons: int = 1
    role: str = ""
    team_id: int | None = None
    ceiling: Decimal | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Stage":
        ceiling = kept.get("ceiling")
        return cls(
            int(kept.get("persons", 1)),
            str(kept.get("role") or ""),
            kept.get("team"),
            None if ceiling is None else Decimal(str(ceiling)),
        )

    def kept(self) -> dict[str, Any]:
        """As a policy keeps it: JSON."""
        ceiling = None if self.ceiling is None else f"{self.ceiling:f}"
        return {"persons": self.persons, "role": self.role, "team": self.team_id, "ceiling": ceiling}


@dataclass(frozen=True)
class Place:
    """One signature that is asked, and of which stage."""

    stage: int = 1
    role: str = ""
    team_id: int | None = None
    ceiling: Decimal | None = None
    team: str = ""


@dataclass(frozen=True)
class Requirement:
    """What a subject needs after its first signature, and by which row of the matrix; frozen with it."""

    places: tuple[Place, ...]
    policy_id: int | None = None

    @property
    def persons(self) -> int:
        return len(self.places)

    def and_one_more(self) -> "Requirement":
        """A further person at the end, whoever has the right: a check asked for it."""
        last = self.places[-1].stage + 1 if self.places else 1
        return Requirement((*self.places, Place(last)), self.policy_id)


def laid_out(stages: Sequence[Stage], policy_id: int | None = None) -> Requirement:
    return Requirement(
        tuple(
            Place(number, stage.role, stage.team_id, stage.ceiling)
            for number, stage in enumerate(stages, start=1)
            for _person in range(stage.persons)
        ),
        policy_id,
    )


def anyone(persons: int) -> Requirement:
    """So many persons, whoever has the right."""
    return laid_out([Stage(persons)])


@dataclass(frozen=True)
class Ceiling:
    """The most for one operation, and (None: no ceiling) in one day."""

    one: Decimal
    day: Decimal | None = None


@dataclass
class Hand:
    """A person as a signer: roles by entity, teams, and ceilings by currency for one kind of act.

    ``signed_today`` is what they signed for in the day of an entity, by entity and currency, as the owner of the
    subjects reads it; what they sign now is added by :meth:`count`.
    """

    person_id: int
    grants: list[tuple[str, int | None]]
    teams: frozenset[int]
    ceilings: Mapping[str, Ceiling] = field(default_factory=dict)
    signed_today: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)
    signed_now: dict[str, Decimal] = field(default_factory=dict)

    @property
    def by_day(self) -> bool:
        return any(ceiling.day is not None for ceiling in self.ceilings.values())

    def fits(self, place: Place, *, entity_id: int | None, currency: str) -> Refusal | None:
        """Does the person fill the place? Its role counts in the entity; a supervisor may sit where an operator may."""
        held = {role for role, where in self.grants if where in {None, entity_id}}
        if place.role and held.isdisjoint(roles.at_least(place.role)):
            return "signing.role", {"role": place.role}
        if place.team_id is not None and place.team_id not in self.teams:
            return "signing.team", {"team": place.team}
        if place.ceiling is not None and self.ceilings.get(currency, NOTHING).one < place.ceiling:
            return "signing.level", {"level": f"{place.ceiling:f}", "currency": currency}
        return None

    def reaches(self, amount: Decimal, currency: str, *, entity_id: int) -> Refusal | None:
        """Is the amount within the person's ceilings, for one operation and for the day of the entity?

        A currency without a ceiling allows nothing.
        """
        ceiling = self.ceilings.get(currency, NOTHING)
        if amount > ceiling.one or currency not in self.ceilings:
            return "payment.over_limit", {"limit": str(ceiling.one), "currency": currency}
        if ceiling.day is not None:
            total = amount + self.of_today(entity_id, currency)
            if total > ceiling.day:
                return "payment.over_day", {"limit": str(ceiling.day), "total": str(total), "currency": currency}
        return None

    def of_today(self, entity_id: int, currency: str) -> Decimal:
        before = self.signed_today.get((entity_id, currency), Decimal(0))
        return before + self.signed_now.get(currency, Decimal(0))

    def rooms(self, entity_ids: Sequence[int]) -> list[tuple[int, str, Decimal]]:
        """What is left of the day by entity and currency, where the day has a ceiling."""
        return [
            (entity_id, currency, ceiling.day - self.of_today(entity_id, currency))
            for currency, ceiling in self.ceilings.items()
            if ceiling.day is not None
            for entity_id in entity_ids
        ]

    def count(self, amount: Decimal, currency: str) -> None:
        """The person signs for this amount."""
        self.signed_now[currency] = self.signed_now.get(currency, Decimal(0)) + amount


@dataclass
class Deputy:
    """A person who signs in another's place: the place is the giver's to fill, every ceiling is that of both."""

    own: Hand
    giver: Hand

    @property
    def by_day(self) -> bool:
        return self.own.by_day or self.giver.by_day

    def fits(self, place: Place, *, entity_id: int | None, currency: str) -> Refusal | None:
        level = Place(place.stage, ceiling=place.ceiling)
        return self.giver.fits(place, entity_id=entity_id, currency=currency) or self.own.fits(
            level, entity_id=entity_id, currency=currency
        )

    def reaches(self, amount: Decimal, currency: str, *, entity_id: int) -> Refusal | None:
        return self.own.reaches(amount, currency, entity_id=entity_id) or self.giver.reaches(
            amount, currency, entity_id=entity_id
        )

    def count(self, amount: Decimal, currency: str) -> None:
        self.own.count(amount, currency)
        self.giver.count(amount, currency)


Signer = Hand | Deputy
NOTHING = Ceiling(Decimal(0))


def refusal(
    signer: Signer, place: Place, *, subject: str, own_work: bool, signed: bool, entity_id: int | None, currency: str
) -> Refusal | None:
    """Why this signer does not give the next signature of a subject, whatever it is; None when they may.

    Codes of who they are to it are the subject's: ``payment.own_work``, ``change.signed_before``.
    """
    if own_work:
        return f"{subject}.own_work", {}
    if signed:
        return f"{subject}.signed_before", {}
    return signer.fits(place, entity_id=entity_id, currency=currency)


_HAND = """
    select coalesce((select json_agg(json_build_array(g.role, g.entity_id)) from people_grant g where g.user_id = u.id),
                    '[]'),
           array(select m.team_id from people_team_members m where m.user_id = u.id),
           coalesce((select json_agg(json_build_array(l.currency, l.amount::text,
                                                                   l.day_amount::text)) from people_limit l
                     where l.user_id = u.id and l.act = %(act)s), '[]')
    from people_user u where u.id = %(person)s
"""


def hand(person_id: int, act: str) -> Hand:
    """The person as a signer for ``validate`` or ``approve``; whoever is not there may sign nothing. One query."""
    rows = sql.rows(_HAND, {"person": person_id, "act": act})
    grants, teams, ceilings = rows[0] if rows else ((), (), ())
    return Hand(
        person_id,
        [(role, entity) for role, entity in grants],
        frozenset(teams),
        {currency: Ceiling(Decimal(one), None if day is None else Decimal(day)) for currency, one, day in ceilings},
    )


def stages_of(kept: Iterable[Mapping[str, Any]]) -> list[Stage]:
    return [Stage.read(stage) for stage in kept]
