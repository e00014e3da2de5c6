"""How fast the API may be called: points a minute for each token, and for each person with all their tokens together.

A call costs points by what it makes the house do (``READ``, ``WRITE``, ``FILE``; a call for many also by its items). A
bucket holds one minute's points and fills evenly. A call that costs more than a bucket holds passes when nine tenths of
it are there, and is paid back afterwards. Both buckets are looked at and paid from by one atomic script in Redis or
Valkey, by its clock.

When it does not answer within ``PATIENCE``, each process counts by itself until it does: nobody is turned away for a
fault of ours, and nobody gets more than the limit times the number of processes. It is asked again every ``RETRY``
seconds, so that calls do not wait for it one by one.
"""

import functools
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import redis
import structlog
from django.conf import settings
from redis.exceptions import RedisError

from backoffice.common.errors import BusinessError
from backoffice.people.models import ApiToken, User

log = structlog.get_logger(__name__)

READ, WRITE, FILE, ITEMS_A_POINT = 1, 5, 20, 10
WINDOW = 60
PATIENCE, RETRY, MOST_BUCKETS = 0.1, 5.0, 10_000

# Answers whether the call passes, the points left in each bucket and, when it does not, the seconds until it would.
_SCRIPT = """
    local clock = redis.call('TIME')
    local now, cost, wait, levels = clock[1] + clock[2] / 1000000, tonumber(ARGV[1]), 0, {}
    for i, key in ipairs(KEYS) do
        local size = tonumber(ARGV[i + 2])
        local rate, kept = size / tonumber(ARGV[2]), redis.call('HMGET', key, 'level', 'at')
        local passed = math.max(0, now - (tonumber(kept[2]) or now))
        levels[i] = math.min(size, (tonumber(kept[1]) or size) + passed * rate)
        wait = math.max(wait, ((cost <= size and cost or size * 0.9) - levels[i]) / rate)
    end
    if wait <= 0 then
        for i, key in ipairs(KEYS) do
            levels[i] = levels[i] - cost
            redis.call('HSET', key, 'level', tostring(levels[i]), 'at', tostring(now))
            local size = tonumber(ARGV[i + 2])
            redis.call('EXPIRE', key, math.ceil((size - levels[i]) / size * ARGV[2]) + 1)
        end
    end
    for i, level in ipairs(levels) do levels[i] = tostring(level) end
    return {tostring(wait), levels}
"""


@dataclass(frozen=True)
class Bucket:
    """``kind`` is token or person; ``size`` the points that it holds and gets anew in a minute."""

    kind: str
    owner: int
    size: int

    @property
    def key(self) -> str:
        return f"rate:{self.kind}:{self.owner}"


class TooMany(BusinessError):
    """More calls than the limit allows; answered with 429. ``seconds`` until this one would pass."""


class Meter:
    """What one request has paid, for the headers of its answer."""

    def __init__(self, user: User, token: ApiToken | None) -> None:
        asked = [("person", user.pk, settings.API_RATE_PERSON)]
        if token is not None:
            asked.insert(0, ("token", token.pk, settings.API_RATE_TOKEN))
        self.buckets = [Bucket(*one) for one in asked if one[2]]
        self.left: Sequence[float] = ()

    def pay(self, cost: int) -> None:
        """Take the points from every bucket, or from none and raise :class:`TooMany`."""
        if not self.buckets or cost <= 0:
            return
        wait, self.left = _take(self.buckets, cost)
        if wait > 0:
            raise TooMany("request.too_many", seconds=max(1, math.ceil(wait)))

    def headers(self) -> dict[str, str]:
        """``RateLimit-Policy`` and ``RateLimit`` as the IETF draft writes them: quota, window, remaining, reset."""
        if not self.left:
            return {}
        policy = [f'"{one.kind}";q={one.size};w={WINDOW}' for one in self.buckets]
        now = [
            f'"{one.kind}";r={max(0, math.floor(level))};t={math.ceil((one.size - level) / one.size * WINDOW)}'
            for one, level in zip(self.buckets, self.left, strict=True)
        ]
        return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(now)}


def of_items(count: int) -> int:
    return math.ceil(count / ITEMS_A_POINT)


@functools.cache
def _script() -> Callable[..., tuple[bytes, list[bytes]]]:
    place = settings.CACHES["default"]["LOCATION"]
    client = redis.Redis.from_url(place, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    return client.register_script(_SCRIPT)


_asked_again_at = 0.0


def _take(buckets: Sequence[Bucket], cost: int) -> tuple[float, Sequence[float]]:
    global _asked_again_at  # noqa: PLW0603 - one moment a process
    if time.monotonic() >= _asked_again_at:
        try:
            wait, left = _script()(
                keys=[one.key for one in buckets], args=[cost, WINDOW, *(one.size for one in buckets)]
            )
            return float(wait), [float(level) for level in left]
        except (RedisError, OSError) as error:
            _asked_again_at = time.monotonic() + RETRY
            log.warning("rates.alone", error=type(error).__name__)
    return _own.take(buckets, cost)


class _Own:
    """The same count inside this process, for while the shared one does not answer. Keeps the buckets used last."""

    def __init__(self) -> None:
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, buckets: Sequence[Bucket], cost: int) -> tuple[float, Sequence[float]]:
        with self._lock:
            now, levels, wait = time.monotonic(), [], 0.0
            for one in buckets:
                level, at = self._levels.get(one.key, (float(one.size), now))
                rate = one.size / WINDOW
                levels.append(min(float(one.size), level + (now - at) * rate))
                wait = max(wait, ((cost if cost <= one.size else one.size * 0.9) - levels[-1]) / rate)
            if wait <= 0:
                levels = [level - cost for level in levels]
                for one, level in zip(buckets, levels, strict=True):
                    self._levels[one.key] = (level, now)
                    self._levels.move_to_end(one.key)
                while len(self._levels) > MOST_BUCKETS:
                    self._levels.popitem(last=False)
        return wait, levels


_own = _Own()
