"""One call over HTTP: signed in, sent again when that is safe, answered with JSON, bytes or an exception."""

import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from backoffice_client.errors import NoAnswer, Problem, problem

_AGAIN = frozenset({429, 502, 503, 504})
_IN_PROGRESS = "idempotency.in_progress"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token goes to the host that it was meant for, and to no other that this one names."""

    def redirect_request(self, *_asked: Any, **_more: Any) -> None:
        return None


class Transport:
    """``base`` is the address of the installation. ``attempts`` in all for a call; ``longest_wait`` between two."""

    def __init__(
        self,
        base: str,
        *,
        token: str,
        language: str = "",
        timeout: float = 60,
        attempts: int = 5,
        longest_wait: float = 60,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base.rstrip("/")
        self._origin = urlsplit(self._base)[:2]
        if self._origin[0] not in {"http", "https"}:
            raise ValueError(f"not an address of http: {base}")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if language:
            self._headers["Accept-Language"] = language
        self._timeout, self._attempts, self._longest, self._sleep = timeout, attempts, longest_wait, sleep
        self._opener = urllib.request.build_opener(_NoRedirects)

    def call(
        self,
        method: str,
        path: str,
        places: Mapping[str, Any],
        query: Mapping[str, Any],
        *,
        body: Any = None,
        file: bytes | None = None,
        key: str | None = None,
        binary: bool = False,
    ) -> Any:
        """The answer of an operation. ``None`` in the query is left out."""
        for name, value in places.items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        asked = urlencode({name: _text(value) for name, value in query.items() if value is not None})
        url = f"{self._base}{path}" + (f"?{asked}" if asked else "")
        return self._ask(method, url, body=body, file=file, key=key, binary=binary)

    def follow(self, page: Mapping[str, Any]) -> Iterator[Any]:
        """The items of a page and of all that follow it."""
        while True:
            yield from page["items"]
            link = page["next"]
            if not link:
                return
            if urlsplit(link)[:2] != self._origin:
                raise NoAnswer(f"the next page is said to be elsewhere: {link}")
            page = self._ask("GET", link)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        file: bytes | None = None,
        key: str | None = None,
        binary: bool = False,
    ) -> Any:
        headers, content = dict(self._headers), file
        if method == "POST":
            # The same key for every attempt: what was done and not heard of is answered, not done again.
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
            headers["Content-Type"] = "application/octet-stream" if file is not None else "application/json"
            if file is None:
                content = b"" if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=content, headers=headers, method=method)  # noqa: S310 - see __init__
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                answer = self._open(request)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise NoAnswer(str(error)) from error
                self._sleep(self._wait(attempt, None))
                continue
            if isinstance(answer, bytes):
                return answer if binary else json.loads(answer)
            if last or not (answer.status in _AGAIN or answer.code == _IN_PROGRESS):
                raise answer
            self._sleep(self._wait(attempt, answer.retry_after))
        raise AssertionError("attempts is at least one")

    def _open(self, request: urllib.request.Request) -> bytes | Problem:
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as refused:
            with refused:
                seconds = refused.headers.get("Retry-After", "")
                return problem(refused.code, refused.read(), float(seconds) if seconds.isdecimal() else None)

    def _wait(self, attempt: int, asked: float | None) -> float:
        grown: float = 0.5 * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads callers
        return min(self._longest, max(grown, asked or 0.0))


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
