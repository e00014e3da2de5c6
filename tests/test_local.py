"""`make run`: one process that starts everything, heals what is killed, and leaves nothing behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from backoffice import local
from conftest import ROOT

SECONDS = 120


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that PostgreSQL's service user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bo-"))
    folder.chmod(0o711)
    yield folder
    local.Postgres(folder).stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


def ask(postgres: local.Postgres, query: str) -> object:
    connection = psycopg2.connect(host=str(postgres.socket), user=local.OWNER, dbname=local.DATABASE)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def until(true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


# The embedded servers


def test_the_database_survives_a_kill(state: Path) -> None:
    postgres = local.Postgres(state)
    postgres.start()
    ask(postgres, "create table kept as select 1 as one")
    postgres.kill()
    until(lambda: not postgres.answers(), "it still answers")
    postgres.start()
    assert ask(postgres, "select one from kept") == 1


def test_a_lock_file_of_a_dead_server_is_no_obstacle(state: Path) -> None:
    """Its number may belong to another process by now: to this one, say."""
    postgres = local.Postgres(state)
    postgres.start()
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    assert not postgres.running()
    postgres.start()
    assert postgres.answers()


def test_a_long_path_gets_a_short_socket(state: Path) -> None:
    deep = state / ("d" * 60) / ("e" * 60)
    postgres = local.Postgres(deep)
    try:
        postgres.start()
        assert len(str(postgres.socket)) < local.LONGEST_SOCKET_FOLDER
        assert postgres.answers()
    finally:
        postgres.stop("immediate")
        postgres.forget()
    assert not postgres.data.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_a_closed_state_folder_of_root_keeps_its_data_apart(state: Path) -> None:
    closed = state / "closed"
    closed.mkdir(mode=0o700)
    postgres = local.Postgres(closed)
    try:
        postgres.start()
        assert postgres.data.is_relative_to(local.SERVICE_HOME)
        assert local.database_url(closed).endswith(str(postgres.socket).replace("/", "%2F"))
    finally:
        postgres.stop("immediate")
        postgres.forget()


def test_somebody_elses_socket_folder_is_refused(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(local.CannotStart, match="belongs to another user"):
        local._own_folder(state, 4242)


def test_the_broker_keeps_what_it_was_given(state: Path) -> None:
    import redis

    for given in (None, b"kept"):
        broker = local.Valkey(state)
        broker.start()
        client = redis.Redis(unix_socket_path=str(broker.socket))
        assert client.get("word") == given
        client.set("word", "kept")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.close()
        broker.stop()


# The whole house


@dataclass
class House:
    state: Path
    port: int
    process: "subprocess.Popen[str]"
    said: Path

    def answers(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("GET", "/account/login/")
            return asked.getresponse().status == 200
        except OSError:
            return False
        finally:
            asked.close()

    def pid(self, name: str) -> int:
        running = json.loads((self.state / "run.json").read_text())
        return next(int(part["pid"]) for part in running if part["name"] == name)


def start(state: Path, port: int) -> House:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BACKOFFICE_", "DATABASE_", "REDIS_", "PYTEST_"))}
    clean |= {"BACKOFFICE_STATE": str(state), "BACKOFFICE_PORT": str(port), "BACKOFFICE_WORKERS": "1"}
    said = state / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "local", "--no-demo"], cwd=ROOT, env=clean, stdout=out, stderr=out, text=True
        )
    house = House(state, port, process, said)
    until(
        lambda: "is ready" in said.read_text() or process.poll() is not None,
        "it does not start",
    )
    assert process.poll() is None, said.read_text()
    return house


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.mark.slow
def test_the_house_heals_and_leaves_nothing_behind(state: Path) -> None:
    port = free_port()
    house = start(state, port)
    try:
        assert house.answers()
        before = {name: house.pid(name) for name in ("database", "broker", "web server", "worker", "clock")}
        # One after the other what a page needs; then, at once, what takes long to start and nobody waits for.
        for some in (["database"], ["broker"], ["web server"], ["worker", "clock"]):
            for name in some:
                os.kill(before[name], signal.SIGKILL)
            for name in some:
                until(lambda name=name: house.pid(name) != before[name], f"the {name} was not started again")
            until(house.answers, f"no page after a kill: {some}")
        assert "The database ended (killed by SIGKILL)" in house.said.read_text()

        again = subprocess.run(
            [sys.executable, "manage.py", "local"], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "BACKOFFICE_STATE": str(state)},
        )  # fmt: skip
        assert again.returncode != 0
        assert f"Running already: http://127.0.0.1:{port}" in again.stderr

        # The supervisor itself: its parts go on, and the next one ends them first.
        house.process.kill()
        house.process.wait()
        orphan = house.pid("web server")
        assert local.command_line(orphan)
        house = start(state, port)
        assert "left by a run that was killed" in house.said.read_text()
        assert not local.command_line(orphan)
        until(house.answers, "no page after the supervisor was killed")
        after = [house.pid(name) for name in before]
    finally:
        house.process.send_signal(signal.SIGTERM)
        ended = house.process.wait(timeout=SECONDS)
    assert ended == 0
    assert not [pid for pid in after if local.command_line(pid)]
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asked.bind(("127.0.0.1", port))
