"""A gateway (EBICS, host to host) behind HTTPS. The contract is in docs/api.md, "Adapters".

Each call is signed: ``Backoffice-Signature: t=…,v1=…``, HMAC-SHA256 in hex over ``t``, a full stop, the method, a
space, the path, a full stop and the body, under the shared key. The message id is the idempotency key: a gateway takes
a file once by it, so what it says is not there may be sent again.
"""

import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import quote

from django.conf import settings

from backoffice.common import destinations
from backoffice.common.errors import BusinessError
from transactions.channels import vault, ways
from transactions.channels.ways import Entry, Fault, Found, Letter
from transactions.models import BankChannel

SHORT = 1_000_000
# Answers that speak of the moment, not of the file.
_TRY_AGAIN = frozenset({408, 425, 429})


def signature(secret: str, moment: int, method: str, path: str, body: bytes) -> str:
    signed = f"{moment}.{method} {path}.".encode() + body
    return f"t={moment},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Adapter:
    sure_when_absent = True

    def __init__(self, channel: BankChannel) -> None:
        self.channel = channel
        try:
            self.secret = vault.open_secret(channel.salt, channel.secret)
            self.connection = destinations.Connection(
                channel.url, room="channel", inside=settings.CHANNEL_NETWORKS, plain=bool(settings.CHANNEL_NETWORKS),
                seconds=ways.STEP_SECONDS,
            )  # fmt: skip
        except BusinessError as refused:
            raise Fault(refused.code, lasting=True, **refused.params) from None
        if not self.secret:
            raise Fault("channel.secret_missing", lasting=True)
        self.root = self.connection.target.path.rstrip("/")

    @property
    def address(self) -> str:
        return self.connection.address

    def look(self, letter: Letter) -> Found:
        status, raw = self._call("GET", f"/files/{quote(letter.message_id, safe='')}")
        if status == 404:
            return Found()
        if status != 200:
            raise self._refusal(status)
        return self._found(letter, _json(raw))

    def write(self, letter: Letter) -> bool | None:
        """There is nothing to write before the one call that hands the file over."""
        return None

    def place(self, letter: Letter) -> Found:
        status, raw = self._call(
            "POST", "/files", letter.content,
            {
                "Content-Type": "application/xml", "Idempotency-Key": letter.message_id,
                "Backoffice-File-Name": letter.name, "Backoffice-Kind": letter.kind,
                "Backoffice-SHA256": letter.sha256,
            },
        )  # fmt: skip
        if status == 409:
            raise Fault("channel.name_taken", lasting=True, name=letter.message_id)
        if 400 <= status < 500 and status not in {401, 403, 404, *_TRY_AGAIN}:
            raise Fault("channel.file_refused", lasting=True, status=status)
        if not 200 <= status < 300:
            raise self._refusal(status)
        return self._found(letter, _json(raw) if raw.strip() else {})

    def entries(self) -> list[Entry]:
        status, raw = self._call("GET", "/inbox")
        listed = _json(raw).get("files") if status == 200 else None
        if status != 200:
            raise self._refusal(status)
        try:
            return [Entry(str(one["name"]), int(one["size"]), 0) for one in list(listed or [])[: ways.MOST_LISTED]]
        except (KeyError, TypeError, ValueError):
            raise Fault("channel.answer_unreadable") from None

    def fetch(self, entry: Entry) -> bytes:
        status, raw = self._call("GET", self._inbox(entry.name), largest=settings.INTAKE_MAX_BYTES + 1)
        if status != 200:
            raise self._refusal(status)
        if len(raw) != entry.size:
            raise Fault("channel.changed_meanwhile", name=entry.name)
        return raw

    def take_away(self, entry: Entry, *, archive: bool) -> None:
        status, _raw = self._call("POST", self._inbox(entry.name) + "/taken", b"")
        if not 200 <= status < 300 and status != 404:
            raise self._refusal(status)

    def check(self) -> None:
        status, _raw = self._call("GET", "/files/connection-test")
        if status not in {200, 404}:
            raise self._refusal(status)
        if self.channel.in_folder:
            self.entries()

    def close(self) -> None:
        self.connection.close()

    def _inbox(self, name: str) -> str:
        return f"/inbox/{quote(name, safe='')}"

    def _found(self, letter: Letter, told: dict[str, Any]) -> Found:
        said = told.get("sha256")
        same = None if said is None else str(said).lower() == letter.sha256
        return Found(len(letter.content), None, same, acknowledged=told.get("status") == "acknowledged")

    def _refusal(self, status: int) -> Fault:
        lasting = 300 <= status < 500 and status not in _TRY_AGAIN
        return Fault("channel.answered", lasting=lasting, status=status)

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
        largest: int = SHORT,
    ) -> tuple[int, bytes]:  # fmt: skip
        whole = self.root + path
        signed = signature(self.secret, int(time.time()), method, whole, body or b"")
        sent = {"User-Agent": "backoffice-channel/1", "Backoffice-Signature": signed, **(headers or {})}
        try:
            return self.connection.ask(method, whole, body, sent, largest)
        except BusinessError as refused:
            raise Fault(refused.code, **refused.params) from None
        except TimeoutError:
            raise Fault("channel.too_slow", seconds=ways.STEP_SECONDS) from None
        except (OSError, http.client.HTTPException) as error:
            raise Fault("channel.no_answer", cause=ways.cause(error)) from None


def _json(raw: bytes) -> dict[str, Any]:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Fault("channel.answer_unreadable")
    return told
