"""The cache: JSON in Redis or Valkey, each value under a digest that only holders of the secret key can make.

The server is the broker's, and it may be shared or reached by others: what lies there is data, never a program, and is
believed only when this installation put it under that very key. Everything else is as if it were not there.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache

_ABSENT = object()
_DIGEST_BYTES = 32


class Plain:
    """Hands bytes through: values are sealed before they get here."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value


class SealedCache(RedisCache):
    """Django's cache in Redis for values that JSON can hold; tuples come back as lists. What cannot be read is a miss.

    A server that does not answer raises ``RedisError`` as before.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {**params.get("OPTIONS", {}), "serializer": Plain}})

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return super().add(key, self._seal(key, value, version), timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._open(key, super().get(key, None, version), default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        super().set(key, self._seal(key, value, version), timeout, version)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        found = {
            key: self._open(key, kept, _ABSENT, version) for key, kept in super().get_many(list(keys), version).items()
        }
        return {key: value for key, value in found.items() if value is not _ABSENT}

    def set_many(self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        sealed = {key: self._seal(key, value, version) for key, value in data.items()}
        return list(super().set_many(sealed, timeout, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Reads and writes, so two at the same moment may count once."""
        return int(BaseCache.incr(self, key, delta, version))

    def _seal(self, key: str, value: Any, version: int | None) -> bytes:
        body = json.dumps(value, separators=(",", ":")).encode()
        return self._digest(key, body, version) + body

    def _open(self, key: str, kept: bytes | None, default: Any, version: int | None) -> Any:
        if kept is None:
            return default
        digest, body = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(key, body, version)):
            return default
        return json.loads(body)

    def _digest(self, key: str, body: bytes, version: int | None) -> bytes:
        place = self.make_key(key, version=version).encode()
        secret = hashlib.sha256(b"backoffice.cache\0" + settings.SECRET_KEY.encode()).digest()
        return hmac.digest(secret, len(place).to_bytes(4, "big") + place + body, "sha256")
