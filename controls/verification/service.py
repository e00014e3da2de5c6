"""The adapter of an outside verification service: one question, one answer, five seconds in all.

The contract is in docs/verification-of-payee.md. Nothing here knows the database, so it may run beside other work; it
never raises for what the other side does: without an answer that can be read it is "not possible", with the reason.
"""

import hashlib
import http.client
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone

from backoffice.common import destinations
from backoffice.common.errors import BusinessError
from controls.models import PayeeVerification, VerificationService
from controls.verification import simulator
from transactions.channels import vault

SECONDS = 5
LONGEST_ANSWER, LONGEST_NAME, LONGEST_REFERENCE = 8_192, 140, 64
# What says that the service itself does not work, not that it has no answer to this question.
BROKEN = frozenset(
    f"verification.{code}"
    for code in (
        "too_slow", "no_answer", "answered", "answer_unreadable", "address_bad", "address_unknown", "address_inside",
        "secret_lost",
    )
)  # fmt: skip
# Answers of HTTP that speak of the question alone.
_OF_THE_QUESTION = frozenset({400, 404, 409, 422})
Outcome = PayeeVerification.Outcome


@dataclass(frozen=True)
class Said:
    """An answer, or why there is none (``code`` and ``params``); then the outcome is "not possible"."""

    outcome: str
    asked_at: datetime
    answered_at: datetime | None
    duration_ms: int = 0
    suggested_name: str = ""
    reference: str = ""
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    broken: bool = False


class Asked(Protocol):
    """Who can be asked. One thread uses one of these at a time."""

    def ask(self, *, number: str, name: str, key: str) -> Said: ...

    def close(self) -> None: ...


def key_of(entity_id: int, number: str, name: str, after: int) -> str:
    """The key of a question: the same until there is an answer to it, so that a worker who was killed asks the same
    question again. ``after`` is the last answer that is kept, or 0."""
    return hashlib.sha256(f"{entity_id}\n{number}\n{name}\n{after}".encode()).hexdigest()[:40]


def opened(service: VerificationService) -> Asked:
    """The service, to be asked. Fails with BusinessError for settings that cannot be used."""
    if service.url == simulator.ADDRESS:
        if not settings.VERIFICATION_SIMULATOR:
            raise BusinessError("verification.address_bad", url=service.url)
        return simulator.Simulator()
    try:
        token = vault.open_secret(service.salt, service.secret)
    except BusinessError:
        raise BusinessError("verification.secret_lost") from None
    return Https(service.url, token)


class Https:
    """A service behind HTTPS."""

    def __init__(self, url: str, token: str) -> None:
        inside = settings.CHANNEL_NETWORKS
        self.connection = destinations.Connection(
            url, room="verification", inside=inside, plain=bool(inside), seconds=SECONDS
        )
        self.token = token

    def ask(self, *, number: str, name: str, key: str) -> Said:
        at, started = timezone.now(), time.monotonic()
        body = json.dumps({"iban": number, "name": name}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": key,
            "Authorization": f"Bearer {self.token}", "User-Agent": "backoffice-verification/1",
        }  # fmt: skip
        code, params, status, raw = "", {}, 0, b""
        try:
            path = self.connection.target.path
            status, raw = self.connection.ask("POST", path, body, headers, LONGEST_ANSWER)
        except BusinessError as refused:
            code, params = refused.code, dict(refused.params)
        except TimeoutError:
            code, params = "verification.too_slow", {"seconds": SECONDS}
        except (OSError, http.client.HTTPException) as error:
            cause = getattr(error, "strerror", None) or type(error).__name__
            code, params = "verification.no_answer", {"cause": str(cause)[:200]}
        took = time.monotonic() - started
        if not code and took > SECONDS:
            code, params = "verification.too_slow", {"seconds": SECONDS}
        if not code and status != 200:
            code, params = "verification.answered", {"status": status}
        if code:
            broken = code in BROKEN and status not in _OF_THE_QUESTION
            return Said(Outcome.NOT_POSSIBLE, at, None, int(took * 1000), code=code, params=params, broken=broken)
        return read(raw, at, int(took * 1000))

    def close(self) -> None:
        self.connection.close()


def read(raw: bytes, asked_at: datetime, duration_ms: int) -> Said:
    """The answer in these bytes. What is not exactly an answer of the contract is none."""
    try:
        told = json.loads(raw)
        outcome, name = Outcome(told["outcome"]), told.get("name") or ""
        reference = told.get("reference") or ""
        fine = isinstance(name, str) and isinstance(reference, str) and len(reference) <= LONGEST_REFERENCE
        fine = fine and name.isprintable() and reference.isprintable() and len(name) <= LONGEST_NAME
        fine = fine and (outcome != Outcome.CLOSE or bool(name.strip()))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        fine = False
    now = timezone.now()
    if not fine:
        return Said(
            Outcome.NOT_POSSIBLE, asked_at, None, duration_ms, code="verification.answer_unreadable", broken=True
        )
    return Said(
        outcome.value, asked_at, now, duration_ms, reference=reference,
        suggested_name=" ".join(name.split()) if outcome == Outcome.CLOSE else "",
        code="verification.said_not_possible" if outcome == Outcome.NOT_POSSIBLE else "",
    )  # fmt: skip
