"""`make run`: everything on one machine, under one process."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from backoffice import environment, local, preparation
from backoffice.demo import DOMAIN, PASSWORD
from backoffice.supervisor import AlreadyRunning, Part, Supervisor

FIRST_PORT, LAST_PORT = 8000, 8099


class Command(BaseCommand):
    help = "Run web, worker, beat and, unless DATABASE_URL and REDIS_URL name others, the servers they need."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not fill an empty database with demo data")
        parser.add_argument("--reset", action="store_true", help="remove the embedded servers' data and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        supervisor = Supervisor(settings.STATE_DIR, self._say)
        try:
            supervisor.claim()
        except AlreadyRunning as other:
            raise CommandError(f"Running already: {other or 'it is starting'}. Stop it with Ctrl-C there.") from None
        supervisor.catch_signals()
        try:
            if options["reset"]:
                self._reset()
                return
            self._start(supervisor, demo=not options["no_demo"], began=began)
            supervisor.watch()
            self._say("Stopping.")
        except local.CannotStart as reason:
            raise CommandError(str(reason)) from None
        finally:
            supervisor.stop()

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more; the parts go on
            self.stdout.write(text)
            self.stdout.flush()

    def _reset(self) -> None:
        local.Postgres(settings.STATE_DIR).forget()
        local.Valkey(settings.STATE_DIR).forget()
        for name in ("attachments", "outgoing", "mail", "log", "beat", "demo-inbox"):
            shutil.rmtree(settings.STATE_DIR / name, ignore_errors=True)
        self._say(f"Removed what was kept in {settings.STATE_DIR}. The next start makes it anew.")

    def _start(self, supervisor: Supervisor, *, demo: bool, began: float) -> None:
        logs = settings.STATE_DIR / "log"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        preparation.files(self._say)
        _start_servers(supervisor, logs)
        if supervisor.stopping.is_set():
            return
        self._listening = listening = _listen()  # kept: a socket that nobody holds is closed
        port = listening.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        with preparation.owner():
            preparation.database(self._say)
            self._fill(demo=demo)
            people = _demo_people()
        for part in _programs(logs, listening, port, ribbon="Test data" if people else ""):
            supervisor.add(part)
        supervisor.announce(address)
        if not supervisor.stopping.is_set():
            self._welcome(address, people, logs, time.monotonic() - began)

    def _fill(self, *, demo: bool) -> None:
        """Demo data for an embedded database that is empty; never for a server of yours."""
        from backoffice.people.models import Entity

        if demo and "DATABASE_URL" not in os.environ and not Entity.objects.exists():
            self._say("Filling it with demo data: a year of history and today's files.")
            call_command("seed_demo", verbosity=0)

    def _welcome(self, address: str, people: list[tuple[str, str, str]], logs: Path, seconds: float) -> None:
        self._say(f"\nbackoffice is ready after {seconds:.1f} s:  {address}\n\n")
        if people:
            self._say(f"Sign in with one of these addresses and the password  {PASSWORD}\n\n")
            width = max(len(email) for email, _name, _role in people)
            for email, name, role in people:
                self._say(f"  {email:<{width}}  {name}, {role}")
            self._say("\n")
        self._say(f"Logs are in {logs}. Ctrl-C stops everything; the data are kept.")


def _start_servers(supervisor: Supervisor, logs: Path) -> None:
    if "DATABASE_URL" not in os.environ:
        postgres = local.Postgres(settings.STATE_DIR)
        if postgres.running():
            postgres.stop()
        supervisor.add(
            Part(
                name="database",
                argv=_first(postgres),
                log=logs / "database.log",
                environment=postgres.environment(),
                identity=postgres.identity(),
                stop=signal.SIGINT,  # PostgreSQL's fast shutdown
                grace=60,
                before=postgres.prepare,
                ready=postgres.answers,
            )
        )
        if not supervisor.stopping.is_set():
            postgres.make_roles()
    if "REDIS_URL" not in os.environ:
        valkey = local.Valkey(settings.STATE_DIR)
        supervisor.add(
            Part(
                name="broker",
                argv=valkey.argv(),
                log=logs / "broker.log",
                before=valkey.prepare,
                ready=valkey.answers,
            )
        )


def _first(postgres: local.Postgres) -> list[str]:
    """The server's command, with its cluster made when there is none."""
    postgres.prepare()
    return postgres.argv()


def _programs(logs: Path, listening: socket.socket, port: int, *, ribbon: str) -> list[Part]:
    """Web, worker and beat. The listening socket stays ours: while the web server starts again, calls wait in line.

    The web server comes first and alone, so that somebody who waits for it has both cores.
    """
    words = {**os.environ, "DJANGO_SETTINGS_MODULE": "backoffice.settings", "PYTHONUNBUFFERED": "1"}
    words["BACKOFFICE_STATE"] = str(settings.STATE_DIR)
    words.setdefault("BACKOFFICE_RIBBON", ribbon)
    words.setdefault("BACKOFFICE_VERIFICATION_SIMULATOR", "1" if ribbon else "0")
    words.pop("DATABASE_OWNER_URL", None)
    beat = settings.STATE_DIR / "beat"
    beat.mkdir(exist_ok=True)
    workers = environment.text("BACKOFFICE_WORKERS", "2")
    celery = [sys.executable, "-m", "celery", "-A", "backoffice"]
    web = [sys.executable, "-m", "gunicorn", "backoffice.wsgi:application", "--bind", f"fd://{listening.fileno()}"]
    web += ["--workers", "2", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
    web += ["--graceful-timeout", "10", "--access-logfile", "-", "--no-control-socket", "--preload"]
    worker = [*celery, "worker", "--concurrency", workers, "--without-gossip", "--without-mingle"]
    worker += ["--loglevel", settings.LOG_LEVEL]
    clock = [*celery, "beat", "--schedule", str(beat / "schedule"), "--pidfile="]
    root = settings.BASE_DIR
    return [
        Part(
            "web server",
            web,
            logs / "web.log",
            words,
            cwd=root,
            pass_fds=(listening.fileno(),),
            ready=lambda: _answers(port),
        ),
        Part("worker", worker, logs / "worker.log", words, cwd=root, grace=30),
        Part("clock", clock, logs / "clock.log", words, cwd=root),
    ]


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/account/login/", headers={"Host": "127.0.0.1"})
        return asked.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _listen() -> socket.socket:
    """A socket on the port of BACKOFFICE_PORT, or on the first free one from 8000 on."""
    wanted = environment.text("BACKOFFICE_PORT")
    if wanted and not (wanted.isdecimal() and 0 < int(wanted) < 65536):
        raise CommandError(f"BACKOFFICE_PORT must be a port number, not {wanted!r}.")
    for port in [int(wanted)] if wanted else range(FIRST_PORT, LAST_PORT + 1):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen(256)
        except OSError:
            listening.close()
            continue
        listening.set_inheritable(True)
        return listening
    if wanted:
        raise CommandError(f"Port {wanted} is in use. Choose another: BACKOFFICE_PORT=8080 make run")
    raise CommandError(f"No port from {FIRST_PORT} to {LAST_PORT} is free. Choose one: BACKOFFICE_PORT=9000 make run")


def _demo_people() -> list[tuple[str, str, str]]:
    """Address, name and roles of the demo people who are there."""
    from backoffice.people import roles
    from backoffice.people.models import Grant

    found: dict[tuple[str, str], list[str]] = {}
    grants = Grant.objects.filter(user__email__endswith=f"@{DOMAIN}", user__is_active=True, user__is_machine=False)
    for grant in grants.select_related("user", "entity").order_by("pk"):
        place = f" ({grant.entity.code})" if grant.entity else ""
        found.setdefault((grant.user.email, grant.user.full_name), []).append(
            f"{str(roles.NAMES[grant.role]).lower()}{place}"
        )
    return [(email, name, ", ".join(held)) for (email, name), held in found.items()]
