"""Refusals are codes with parameters; the sentence is made when it is read, in the reader's language.

Each room lists its own codes and sentences in its ``errors.py`` with :func:`register`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise

_SENTENCES: dict[str, Sentence] = {}
_SPOKEN: dict[str, dict[str, Callable[[Mapping[str, Any]], Sentence]]] = {}


class BusinessError(Exception):
    """An act that the house refuses. ``code`` is dotted, ``params`` fill its sentence; both may be stored."""

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code, params)

    def __str__(self) -> str:
        return sentence(self.code, self.params)


class Denied(BusinessError):
    """The person lacks the right; nothing was moved. Answered with 403."""


class NotThere(BusinessError):
    """There is no such object for this person: also said of another entity's object. Answered with 404."""


class Conflict(BusinessError):
    """The object changed since it was read, or is held by someone else. Answered with 409."""


def register(sentences: Mapping[str, Sentence]) -> None:
    doubled = _SENTENCES.keys() & sentences.keys()
    if doubled:
        raise RuntimeError(f"error codes registered twice: {sorted(doubled)}")
    _SENTENCES.update(sentences)


def speak(code: str, /, **words: Callable[[Mapping[str, Any]], Sentence]) -> None:
    """How the sentence of ``code`` says parameters that are codes or bare numbers: programs keep those, people read
    words. Each function gets all parameters."""
    _SPOKEN[code] = words


def known() -> Mapping[str, Sentence]:
    return _SENTENCES


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence of a code in the active language. A stored code that is no longer known shows itself."""
    text = _SENTENCES.get(code)
    if text is None:
        return code
    given = dict(params or {})
    try:
        return str(text) % {**given, **{name: words(given) for name, words in _SPOKEN.get(code, {}).items()}}
    except (KeyError, TypeError, ValueError):
        return str(text)


register(
    {
        "denied": _("You do not have the right “%(right)s” here. An administrator can give it."),
        "not_there": _("There is no such object, or it belongs to an entity you cannot see."),
        "conflict.version": _("Someone changed this meanwhile: you read version %(read)s, it is now version %(now)s."),
        "money.not_a_number": _("“%(value)s” is not an amount."),
        "money.currency_unknown": _("“%(currency)s” is not a currency code."),
        "money.not_positive": _("The amount must be above zero, not %(value)s."),
        "money.too_precise": _("%(value)s has more than the %(decimals)s decimals of %(currency)s."),
        "money.too_large": _("%(value)s is above the largest amount that can be kept."),
        "form.invalid": _("The form has errors."),
        "idempotency.other_body": _("This Idempotency-Key was used with another request."),
        "idempotency.in_progress": _("The first request with this Idempotency-Key is still running."),
        "idempotency.bad_key": _("An Idempotency-Key has 1 to 200 printable characters."),
        "cursor.invalid": _("This page address is not one that was given out."),
        "service.unavailable": _("A part of the service does not answer. What you sent was not lost; try again."),
    }
)


@dataclass(frozen=True)
class Answer:
    """What a verb did to one of many. ``code`` and ``params`` give the sentence of a refusal, or of a note."""

    key: int
    done: bool
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params) if self.code else ""
