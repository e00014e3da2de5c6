"""A gateway of a bank: a real HTTP server that keeps the contract of docs/api.md, written from its words alone."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

KEY = "shared-key-of-the-gateway-0123456789"


class Gateway:
    """``files`` by message id; ``before`` may answer a status itself, or raise to break off; ``after`` likewise once
    the file was kept."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, Any]] = {}
        self.inbox: dict[str, bytes] = {}
        self.taken: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.accepted = 0
        self.status = "received"
        self.before: Callable[[str, str], int | None] = lambda _method, _path: None
        self.after: Callable[[], None] = lambda: None
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gateway.answer(self, b"")

            def do_POST(self) -> None:
                gateway.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/ebics"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, call: Any, body: bytes) -> None:
        method, path = call.command, call.path
        self.calls.append((method, path))
        try:
            status = self.before(method, path)
            told: Any = None
            if status is None:
                status, told = self._do(call, method, path.removeprefix("/ebics"), body)
        except ConnectionError:
            call.close_connection = True
            return
        content = told if isinstance(told, bytes) else json.dumps(told or {}).encode()
        call.send_response(status)
        call.send_header("Content-Length", str(len(content)))
        call.end_headers()
        call.wfile.write(content)

    def _do(self, call: Any, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if not self._signed(call.headers["Backoffice-Signature"], method, call.path, body):
            return 401, None
        if (method, path) == ("POST", "/files"):
            return self._file(call.headers, body)
        if path.startswith("/files/"):
            kept = self.files.get(unquote(path.removeprefix("/files/")))
            return (200, {"status": self.status, "sha256": kept["sha256"]}) if kept else (404, None)
        if path == "/inbox":
            return 200, {"files": [{"name": name, "size": len(self.inbox[name])} for name in sorted(self.inbox)]}
        name = unquote(path.removeprefix("/inbox/"))
        if method == "POST" and name.endswith("/taken"):
            self.taken.append(name.removesuffix("/taken"))
            self.inbox.pop(name.removesuffix("/taken"), None)
            return 204, b""
        return (200, self.inbox[name]) if name in self.inbox else (404, None)

    def _file(self, headers: Any, body: bytes) -> tuple[int, Any]:
        key, sha256 = headers["Idempotency-Key"], hashlib.sha256(body).hexdigest()
        if sha256 != headers["Backoffice-SHA256"]:
            return 400, None
        kept = self.files.get(key)
        if kept is not None and kept["sha256"] != sha256:
            return 409, None
        if kept is None:
            self.accepted += 1
            self.files[key] = {"sha256": sha256, "body": body, "name": headers["Backoffice-File-Name"]}
        self.after()
        return 202, {"status": self.status, "sha256": sha256}

    def _signed(self, header: str, method: str, path: str, body: bytes) -> bool:
        parts = dict(part.split("=", 1) for part in header.split(","))
        signed = f"{parts['t']}.{method} {path}.".encode() + body
        good = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(good, parts["v1"]) and abs(time.time() - int(parts["t"])) < 300
