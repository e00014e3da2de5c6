"""What a verb did to each of many."""

from dataclasses import dataclass, field
from typing import Any

from backoffice.common.errors import BusinessError, Denied, NotThere, sentence


@dataclass(frozen=True)
class Outcome:
    """Of one payment, recall or request: done, with the key of what was made, or refused with a code."""

    key: int
    done: bool
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    made: int | None = None

    @property
    def sentence(self) -> str:
        return "" if self.done else sentence(self.code, self.params)


def no(key: int, code: str, **params: Any) -> Outcome:
    return Outcome(key, False, code, params)


def one(outcomes: list[Outcome]) -> Outcome:
    """The outcome of the case of one; its refusal is raised."""
    (found,) = outcomes
    if not found.done:
        kind = {"not_there": NotThere, "denied": Denied, "payment.by_machine": Denied}.get(found.code, BusinessError)
        raise kind(found.code, **found.params)
    return found
