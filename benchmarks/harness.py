"""What every benchmark shares: a database of its own, runs of product and limit in turns, one JSON line at the end.

A benchmark compares the product with a limit (the least work that gives the same rows) in one run on one machine, so
that the ratio means something where absolute speeds do not. Runs are interleaved (A B A B ...), the median decides.
"""

import argparse
import contextlib
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A benchmark is durable like production; checkpoints are kept out of the short measured stretches.
SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "work_mem": "64MB", "maintenance_work_mem": "512MB"}


@dataclass(frozen=True)
class Options:
    """``size`` small stays under 40 s with set-up and is part of the tests; full is run on demand."""

    size: str

    @property
    def full(self) -> bool:
        return self.size == "full"

    def pick(self, small: int, full: int) -> int:
        return full if self.full else small


def options(description: str) -> Options:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    return Options(parser.parse_args().size)


@contextlib.contextmanager
def database(*, valkey: bool = False, settings: dict[str, str] | None = None) -> Iterator[None]:
    """A fresh embedded cluster, migrated, with Django set up on it as the application's role; removed afterwards.

    Must be entered before anything imports Django's settings. Tasks run eagerly.
    """
    from backoffice import local

    state = Path(tempfile.mkdtemp(prefix="backoffice-bench-"))
    state.chmod(0o711)
    server, broker = local.Postgres(state, settings={**SERVER, **(settings or {})}), local.Valkey(state)
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "BACKOFFICE_STATE": str(state),
            "BACKOFFICE_SECRET_KEY": "benchmarks-" + "k" * 50,
            "BACKOFFICE_EAGER": "1",
            "BACKOFFICE_LOG": "WARNING",
            "DATABASE_URL": local.database_url(state, local.OWNER),
            "REDIS_URL": local.redis_url(state),
        }
    )
    try:
        server.start()
        if valkey:
            broker.start()
        _migrate()
        yield
    finally:
        with contextlib.suppress(Exception):
            from django.db import connections

            connections.close_all()
        broker.stop()
        server.stop("immediate")
        shutil.rmtree(state, ignore_errors=True)
        if not server.data.is_relative_to(state):
            shutil.rmtree(server.data.parent, ignore_errors=True)


def set_up() -> None:
    """Django without any server, for what touches neither database nor broker."""
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "BACKOFFICE_SECRET_KEY": "benchmarks-" + "k" * 50,
            "BACKOFFICE_LOG": "WARNING",
            "DATABASE_URL": "postgresql://nobody@/nowhere?host=%2Fnonexistent",
            "REDIS_URL": "redis://127.0.0.1:1",
        }
    )
    import django

    django.setup()


def _migrate() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("grant_application")
    connect_as("application")


def connect_as(role: str) -> None:
    """Let Django's connection be the ``application``'s role (measured code) or the ``owner`` (set-up, bare tables)."""
    from django.db import connection

    from backoffice import local

    connection.close()
    connection.settings_dict["USER"] = local.OWNER if role == "owner" else local.APPLICATION


@contextlib.contextmanager
def owner() -> Iterator[None]:
    connect_as("owner")
    try:
        yield
    finally:
        connect_as("application")


def as_owner(*statements: str) -> None:
    """Run statements over a connection of the owner's own: the measured one stays open, warm as a worker's is."""
    from django.db import connection

    from backoffice import local

    own = connection.copy()
    own.settings_dict["USER"] = local.OWNER
    with own.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    own.close()


@dataclass
class Side:
    """One of the two that are compared. ``prepare`` is not measured and its answer is handed to ``run``."""

    name: str
    run: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def measure(self) -> None:
        given = self.prepare()
        gc.collect()
        start = time.perf_counter()
        self.run(given)
        self.seconds.append(time.perf_counter() - start)


def compare(product: Side, limit: Side, *, rounds: int = 5, warm_up: int = 1) -> float:
    """Run both in turns and return the product's speed over the limit's, by medians. 1.0 is the limit."""
    for number in range(warm_up + rounds):
        for side in (product, limit) if number % 2 else (limit, product):
            side.measure()
            if number < warm_up:
                side.seconds.clear()
    for side in (product, limit):
        shown = " ".join(f"{seconds:.3f}" for seconds in side.seconds)
        say(f"{side.name}: median {side.median:.3f} s of [{shown}]")
    return limit.median / product.median


def say(text: str) -> None:
    """A word on the way; the last line of standard output is kept for the result."""
    print(text, file=sys.stderr, flush=True)


def report(name: str, ratio: float, goal: float, detail: dict[str, Any]) -> None:
    """The result, as the last line: product's speed over the limit's, higher is better."""
    print(json.dumps({"name": name, "ratio": round(ratio, 3), "goal": goal, "detail": detail}), flush=True)
