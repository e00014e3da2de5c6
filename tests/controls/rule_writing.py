"""Rules written and published by their doors, for tests that need one."""

from datetime import datetime
from typing import Any

from backoffice.people import roles
from backoffice.people.models import Entity, User
from controls import changes
from controls.models import RuleVersion
from controls.rules import life, rule_lists
from tests import people

LARGE: dict[str, Any] = {
    "expression": "amount >= :threshold", "parameters": {"threshold": 1000}, "units": {"threshold": "money"},
    "action": "warn", "weight": 7, "sentence_en": "{amount} is {threshold} or more.",
    "sentence_fr": "{amount} atteint {threshold}.",
}  # fmt: skip


def supervisors(entity: Entity | None = None, count: int = 2) -> list[User]:
    return [people.person(roles.SUPERVISOR, entity=entity) for _number in range(count)]


def draft(actor: User, entity: Entity | None, *, code: str = "HOUSE-LARGE", **values: Any) -> RuleVersion:
    return life.draft_new(
        actor=actor, entity=entity, code=code, family="amount", name_en="Large", name_fr="Élevé",
        values={**LARGE, **values},
    )  # fmt: skip


def publish(
    version: RuleVersion, writer: User, second: User, *, mode: str = "active", starts_at: datetime | None = None
) -> RuleVersion:
    asked = life.submit(actor=writer, version_id=version.pk, mode=mode, reason="Agreed", starts_at=starts_at)
    changes.sign(actor=second, request_id=asked.pk)
    version.refresh_from_db()
    return version


def listed(writer: User, second: User, entity: Entity | None, code: str, kind: str, *values: str) -> None:
    rule_lists.make(actor=writer, entity=entity, code=code, name=code.title(), kind=kind)
    fill(writer, second, code, *values)


def fill(writer: User, second: User, code: str, *add: str, remove: tuple[str, ...] = ()) -> None:
    asked = changes.ask_list(actor=writer, code=code, add=add, remove=remove, reason="Agreed")
    changes.sign(actor=second, request_id=asked.pk)
