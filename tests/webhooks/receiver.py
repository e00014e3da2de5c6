"""A receiver of events: a real HTTP server on the loopback that keeps what it got and answers what the test says."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One call as it arrived."""

    body: bytes
    headers: dict[str, str]
    path: str

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """As a receiver verifies it, by the words of docs/api.md and nothing of the product's code."""
        parts = [part.split("=", 1) for part in self.headers["Backoffice-Signature"].split(",")]
        stamp = dict(parts)["t"]
        good = hmac.new(secret.encode(), stamp.encode() + b"." + self.body, hashlib.sha256).hexdigest()
        return any(name == "v1" and hmac.compare_digest(value, good) for name, value in parts)


class Receiver:
    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], int] = lambda _got: 204
        self.location = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = Got(body, dict(self.headers.items()), self.path)
                receiver.got.append(got)
                self.send_response(receiver.answer(got))
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                receiver.got.append(Got(b"", dict(self.headers.items()), self.path))

            def log_message(self, *_words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/events?of=bank"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
