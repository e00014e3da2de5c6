"""One process that starts the parts of the house, starts again what dies, and stops everything.

Each part is a child in a process group of its own: a Ctrl-C at the terminal reaches the supervisor alone, which stops
the parts in order, and what a killed part leaves behind (its own children) is ended before the part starts again.
A supervisor that was killed itself leaves its parts running; the next one ends them first, by the list it keeps.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from backoffice import local

LONGEST_LOG = 20_000_000
# A part that lived this long is healthy: the next death starts it again at once.
HEALTHY_SECONDS = 20.0
LONGEST_WAIT = 10.0
# `make` passes on the interrupt that the terminal sent already: a second one counts only after this time.
PATIENCE = 1.0


@dataclass
class Part:
    """A program to keep running. ``ready`` says whether it answers; ``stop`` is the signal that ends it in order."""

    name: str
    argv: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    cwd: Path = Path("/")
    pass_fds: tuple[int, ...] = ()
    stop: int = signal.SIGTERM
    grace: float = 20.0
    before: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    deaths: int = 0
    wait_until: float = 0.0

    def start(self) -> None:
        self.before()
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.cwd,
                env=self.environment or None,
                start_new_session=True,
                umask=0o077,  # what the parts write holds payments
                pass_fds=self.pass_fds,
                **self.identity,
            )
        self.started_at = time.monotonic()

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def revive(self) -> None:
        """Start again: at once after a healthy life, else after a wait that doubles."""
        self.end_group()
        lived = time.monotonic() - self.started_at
        self.deaths = 1 if lived > HEALTHY_SECONDS else self.deaths + 1
        self.wait_until = time.monotonic() + (0 if self.deaths == 1 else min(0.25 * 2**self.deaths, LONGEST_WAIT))
        self.process = None

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def end_group(self) -> None:
        """End what is left of the part's process group, its own children above all."""
        if self.process:
            _quietly(os.killpg, self.process.pid, signal.SIGKILL)

    def finish(self, hurry: Callable[[], bool]) -> None:
        """Wait for the end as long as the part may take, or until ``hurry`` says so; then force it."""
        if not self.process:
            return
        deadline = time.monotonic() + self.grace
        while self.process.poll() is None:
            if hurry() or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
            else:
                time.sleep(0.02)
        self.end_group()


class AlreadyRunning(RuntimeError):
    """Another supervisor works on this state folder; the message is what it left: its address."""


class Supervisor:
    """Keeps ``parts`` running. They start in their order, each when the former answers, and stop in reverse order."""

    def __init__(self, state: Path, say: Callable[[str], None]) -> None:
        self.state = state
        self.say = say
        self.parts: list[Part] = []
        self.stopping = threading.Event()
        self.hurry = False
        self.asked_at = 0.0
        self._lock: IO[str] | None = None

    # One at a time

    def claim(self) -> None:
        """Hold the state folder for this process; end what a killed supervisor left."""
        self.state.mkdir(parents=True, exist_ok=True)
        lock = (self.state / "run.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(lock.read().strip()) from None
        self._lock = lock
        self._end_leftovers()

    def announce(self, text: str) -> None:
        """Leave a word in the lock for whoever tries to start a second time."""
        if self._lock:
            self._lock.seek(0)
            self._lock.truncate()
            self._lock.write(text)
            self._lock.flush()

    @property
    def _list(self) -> Path:
        return self.state / "run.json"

    def _write_list(self) -> None:
        running = [
            {"pid": part.process.pid, "program": part.argv[0], "name": part.name} for part in self.parts if part.process
        ]
        fresh = self._list.with_suffix(".new")
        fresh.write_text(json.dumps(running))
        fresh.replace(self._list)

    def _end_leftovers(self) -> None:
        try:
            left = json.loads(self._list.read_text())
        except (FileNotFoundError, ValueError):
            return
        waiting = []
        for entry in reversed(left):
            line = local.command_line(entry["pid"])
            if line and Path(entry["program"]).name in line:
                self.say(f"Ending {entry['name']}, left by a run that was killed.")
                number = signal.SIGINT if entry["name"] == "database" else signal.SIGTERM
                _quietly(os.kill, entry["pid"], number)
                waiting.append(entry["pid"])
        deadline = time.monotonic() + 15
        while any(local.command_line(pid) for pid in waiting):
            if time.monotonic() > deadline:
                for pid in waiting:
                    _quietly(os.killpg, pid, signal.SIGKILL)
                break
            time.sleep(0.05)
        self._list.unlink(missing_ok=True)

    # Life

    def add(self, part: Part, *, patience: float = 120.0) -> None:
        """Start a part and wait until it answers."""
        self.parts.append(part)
        part.start()
        self._write_list()
        deadline = time.monotonic() + patience
        while not part.ready():
            if self.stopping.is_set():
                return
            if part.died():
                part.revive()
                if part.deaths > 5:
                    raise local.CannotStart(f"The {part.name} does not start; read {part.log}.")
                time.sleep(max(0.0, part.wait_until - time.monotonic()))
                part.start()
                self._write_list()
            if time.monotonic() > deadline:
                raise local.CannotStart(f"The {part.name} does not answer; read {part.log}.")
            time.sleep(0.05)

    def catch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        """The first signal stops in order; an interrupt from someone who waits a while already forces it."""
        waited = time.monotonic() - self.asked_at if self.stopping.is_set() else 0.0
        self.hurry = self.hurry or (number == signal.SIGINT and waited > PATIENCE)
        if not self.stopping.is_set():
            self.asked_at = time.monotonic()
        self.stopping.set()

    def watch(self) -> None:
        """Until a signal: start again whatever dies."""
        while not self.stopping.wait(0.2):
            for part in self.parts:
                if part.died():
                    code = part.process.returncode if part.process else None
                    part.revive()
                    again = "" if part.deaths == 1 else f"; read {part.log}"
                    self.say(f"The {part.name} ended ({_fate(code)}){again}; starting it again.")
                if part.process is None and time.monotonic() >= part.wait_until:
                    part.start()
                    self._write_list()

    def stop(self) -> None:
        """Stop all parts, the last started first; the servers stay until nothing uses them. Safe to call twice."""
        for group in _groups(self.parts):
            for part in group:
                part.signal(part.stop)
            for part in group:
                part.finish(lambda: self.hurry)
        self.parts = []
        self._list.unlink(missing_ok=True)
        if self._lock:
            self.announce("")
            self._lock.close()
            self._lock = None


def _groups(parts: list[Part]) -> list[list[Part]]:
    """What may stop at the same time: programs that use the servers together, then each server by itself."""
    servers = [part for part in parts if part.name in {"database", "broker"}]
    users = [part for part in parts if part not in servers]
    return [users, *([part] for part in reversed(servers))]


def _fate(code: int | None) -> str:
    if code is None:
        return "unknown"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _quietly(act: Callable[[int, int], None], pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        act(pid, number)
