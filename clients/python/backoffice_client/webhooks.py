"""Checks the signature of an event."""

import hashlib
import hmac
import time
from collections.abc import Iterable


class BadSignature(ValueError):
    """The event is not from whom it says, was changed on its way, or is too old."""


def verify(
    secrets: str | Iterable[str], header: str, body: bytes, *, tolerance: float = 300, now: float | None = None
) -> None:
    """Raise :class:`BadSignature` unless one of ``secrets`` signed this body within ``tolerance`` seconds of now.

    ``header`` is ``Backoffice-Signature`` and ``body`` the bytes as they came, before they were parsed.
    """
    known = [secrets] if isinstance(secrets, str) else list(secrets)
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _mark, value in parts if name == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal()):
        raise BadSignature("no moment")
    if abs((time.time() if now is None else now) - int(stamps[0])) > tolerance:
        raise BadSignature("too old")
    signed = stamps[0].encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in known]
    given = [value for name, _mark, value in parts if name == "v1" and value.isascii()]
    if not any(hmac.compare_digest(one, other) for one in wanted for other in given):
        raise BadSignature("not signed by this secret")
