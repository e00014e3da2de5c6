"""A verification service that holds no accounts: what it answers depends on words of the name. For trials alone.

It answers in this process to whom an entity points at ``simulator:`` where BACKOFFICE_VERIFICATION_SIMULATOR allows it
(`make run` with demo data), and by HTTP on this machine with ``manage.py simulate_verification``, to try an adapter.
"""

import json
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from django.utils import timezone

from transactions.intake import names

if TYPE_CHECKING:
    from controls.verification.service import Said

ADDRESS = "simulator:"
PATH = "/verifications"
# Words of a name (names.key) and what they stand for.
CLOSE, OTHER, UNREACHABLE, SLOW, BROKEN = "presque", "autre", "injoignable", "lent", "panne"
SLOW_SECONDS = 8.0


@dataclass(frozen=True)
class Answer:
    """``status`` of HTTP, the outcome, and the holder's name for a close match."""

    status: int
    outcome: str = "MTCH"
    name: str = ""


def answer(name: str) -> Answer:
    """By words of the name: Presque (a close match with the rest of the name), Autre (no match), Injoignable (not
    possible), Lent (after eight seconds), Panne (an error of the service); any other name is a match."""
    words = names.key(name).split()
    if BROKEN in words:
        return Answer(503)
    if SLOW in words:
        time.sleep(SLOW_SECONDS)
    if UNREACHABLE in words:
        return Answer(200, "NOAP")
    if OTHER in words:
        return Answer(200, "NMTC")
    if CLOSE in words:
        rest = " ".join(word for word in name.split() if names.key(word) != CLOSE)
        return Answer(200, "CMTC", rest or name)
    return Answer(200)


class Simulator:
    """In this process; it does not wait, so that a slow service is told at once."""

    def ask(self, *, number: str, name: str, key: str) -> "Said":
        from controls.verification import service

        at, words = timezone.now(), names.key(name).split()
        if SLOW in words:
            return service.Said(
                "NOAP", at, None, service.SECONDS * 1000, code="verification.too_slow",
                params={"seconds": service.SECONDS}, broken=True,
            )  # fmt: skip
        told = answer(name)
        if told.status != 200:
            return service.Said(
                "NOAP", at, None, 1, code="verification.answered", params={"status": told.status}, broken=True
            )
        body = {"outcome": told.outcome, "name": told.name, "reference": f"SIM-{key[:12]}"}
        return service.read(json.dumps(body).encode(), at, 1)

    def close(self) -> None:
        """Nothing is open."""


class Handler(BaseHTTPRequestHandler):
    """The contract of docs/verification-of-payee.md over HTTP. The same key gets the same answer."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, 8_192))
        if self.path != PATH:
            return self._say(404, {})
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self._say(401, {})
        key = self.headers.get("Idempotency-Key", "")
        try:
            asked = json.loads(raw)
            name, number = str(asked["name"]), str(asked["iban"])
        except (ValueError, KeyError, TypeError):
            return self._say(400, {})
        self.server.asked.append((key, number, name))
        if key not in self.server.said:
            self.server.said[key] = answer(name)
        told = self.server.said[key]
        body = {"outcome": told.outcome, "name": told.name, "reference": f"SIM-{key[:12]}"}
        return self._say(told.status, body if told.status == 200 else {})

    def _say(self, status: int, body: dict[str, str]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a question holds a name and an account number."""


class Server(ThreadingHTTPServer):
    """On this machine alone. ``asked`` are the questions that came, in their order."""

    daemon_threads = True

    def __init__(self, *, port: int, token: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.token = token
        self.asked: list[tuple[str, str, str]] = []
        self.said: dict[str, Answer] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{PATH}"
