"""Refusals as exceptions, by the status of the answer."""

import json
from typing import Any


class NoAnswer(Exception):
    """The server could not be reached or did not answer, however often it was asked."""


class Problem(Exception):
    """The server refused. ``code`` and ``params`` do not change with the language; ``detail`` is for people.

    ``errors`` lists fields of the input: ``{"field", "code", "detail"}``. ``retry_after`` is in seconds, or None.
    """

    def __init__(self, status: int, told: dict[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.code = str(told.get("code", f"http.{status}"))
        self.params: dict[str, Any] = dict(told.get("params") or {})
        self.detail = str(told.get("detail", ""))
        self.errors: list[dict[str, str]] = list(told.get("errors") or [])
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.detail}" if self.detail else self.code)


class Invalid(Problem):
    """400: the input does not have the right form."""


class Unauthenticated(Problem):
    """401: no token, or one that is unknown, expired or revoked."""


class Forbidden(Problem):
    """403: without the right."""


class NotThere(Problem):
    """404: there is no such object for this token."""


class Conflict(Problem):
    """409: it changed meanwhile, or was taken in before."""


class TooLarge(Problem):
    """413: the body is too large."""


class MediaType(Problem):
    """415: a body of another kind is wanted."""


class Refused(Problem):
    """422: the rules or the state of the object do not allow it."""


class TooMany(Problem):
    """429: more calls than the limit allows."""


class Unavailable(Problem):
    """503: a part of the service does not answer."""


KINDS: dict[int, type[Problem]] = {
    400: Invalid, 401: Unauthenticated, 403: Forbidden, 404: NotThere, 409: Conflict, 413: TooLarge, 415: MediaType,
    422: Refused, 429: TooMany, 503: Unavailable,
}  # fmt: skip


def problem(status: int, body: bytes, retry_after: float | None = None) -> Problem:
    """The exception for an answer; one that is no problem document keeps its beginning as ``detail``."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {"detail": body[:200].decode("utf-8", "replace")}
    return KINDS.get(status, Problem)(status, told, retry_after)
