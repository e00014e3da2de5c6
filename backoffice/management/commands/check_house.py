"""Is this installation as it should be? Says each point in words, and what to do about those that are not."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from backoffice.celery import app
from backoffice.common import sql, tables
from backoffice.people import roles
from backoffice.people.models import Grant
from documents import attachments
from documents.models import Attachment

OLDEST_POSTGRESQL = 160_000
# What the application's role must not be able to do, by table.
FORBIDDEN = {
    "documents_auditrecord": ("INSERT", "UPDATE", "DELETE"),  # it may, but for the moment and the transaction
    "transactions_journalentry": ("INSERT", "UPDATE", "DELETE"),
    "transactions_posting": ("INSERT", "UPDATE", "DELETE"),
    "transactions_accountbalance": ("UPDATE", "DELETE"),
    "transactions_payment": ("UPDATE", "DELETE"),  # some columns it may, before the first signature
    "transactions_paymentstate": ("UPDATE", "DELETE"),
    "transactions_historicalpayment": ("UPDATE", "DELETE"),
    "documents_attachment": ("UPDATE", "DELETE"),
}
SAMPLE = 50

# What is looked at, and what is wrong with it ("" when nothing is).
Finding = tuple[str, str]

_OFF_BALANCE = """
    select a.code from transactions_accountbalance b join transactions_account a on a.id = b.account_id
    left join (select account_id, side, sum(amount) as amount from transactions_posting group by 1, 2) p
        on p.account_id = a.id
    group by a.id, a.code, b.balance
    having b.balance <> coalesce(sum(case when p.side = a.normal_side then p.amount else -p.amount end), 0)
    order by 1 limit 5
"""


class Command(BaseCommand):
    help = "Check the installation: roles, rights, triggers, migrations, broker, workers, files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--books", action="store_true", help="also add up every posting (reads the whole ledger)")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        steps: list[Callable[[], Iterator[Finding]]] = [_database, _rights, _broker, _workers, _files, _settings]
        if options["books"]:
            steps.append(_books)
        for step in steps:
            for what, fault in step():
                wrong += bool(fault)
                self.stdout.write(f"not {what}: {fault}" if fault else f"ok  {what}")
        if wrong:
            raise CommandError(f"{wrong} of these points {'needs' if wrong == 1 else 'need'} somebody.")


def _database() -> Iterator[Finding]:
    try:
        version = int(sql.rows("show server_version_num")[0][0])
    except DatabaseError as error:
        yield "database answers", str(error).strip()
        return
    old = version < OLDEST_POSTGRESQL
    yield "PostgreSQL 16 or later", f"this is {version // 10_000}" if old else ""
    safe = all(sql.rows(f"show {name}")[0][0] != "off" for name in ("fsync", "synchronous_commit", "full_page_writes"))
    yield "commits reach the disk", "" if safe else "fsync, full_page_writes or synchronous_commit is off"
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    step = f"{len(waiting)} migrations wait: run manage.py prepare" if waiting else ""
    yield "schema in step", tables.stopped(executor.loader) or step
    asleep = sql.rows(
        "select tgname || ' on ' || tgrelid::regclass from pg_trigger where not tgisinternal and tgenabled = 'D'"
    )
    yield "triggers awake", f"asleep: {', '.join(row[0] for row in asleep)}" if asleep else ""


def _rights() -> Iterator[Finding]:
    owned = sql.rows("select 1 from pg_tables where schemaname = 'public' and tableowner = current_user limit 1")
    above = sql.rows("select 1 from pg_roles where rolname = current_user and rolsuper")
    fault = "DATABASE_URL names the owner of the tables: let it name the role backoffice" if owned or above else ""
    yield "the application owns nothing", fault
    held = [
        f"{right.lower()} {table}"
        for table, rights in FORBIDDEN.items()
        for right in rights
        if sql.rows("select has_table_privilege(current_user, %s, %s)", [table, right])[0][0]
    ]
    yield "books and audit trail are out of its reach", f"it can {', '.join(held)}" if held else ""


def _broker() -> Iterator[Finding]:
    try:
        with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"], socket_timeout=3) as client:
            client.ping()
            told = client.config_get("maxmemory-policy", "appendonly")
    except redis.ResponseError:  # a managed server keeps its settings to itself
        yield "broker answers", ""
        return
    except (redis.RedisError, OSError) as error:
        yield "broker answers", str(error)
        return
    yield "broker answers", ""
    yield "broker asks who comes", _open_broker()
    policy = told.get("maxmemory-policy")
    yield "broker forgets nothing when full", "" if policy == "noeviction" else f"maxmemory-policy is {policy}"
    kept = told.get("appendonly") == "yes"
    yield "broker keeps tasks over a restart", "" if kept else "appendonly is off"


def _open_broker() -> str:
    """Does the server take calls of anybody who reaches its address? Not looked at on a socket of this machine."""
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme == "redis+socket":
        return ""
    stranger = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        with redis.Redis.from_url(stranger, socket_timeout=3) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return ""
    return "it takes calls without a password: set requirepass, and name it in REDIS_URL"


def _workers() -> Iterator[Finding]:
    try:
        answers = app.control.inspect(timeout=2).ping() or {}
    except (redis.RedisError, OSError) as error:
        yield "workers answer", str(error)
        return
    yield "workers answer", "" if answers else "none does: files wait as received; start a worker"


def _files() -> Iterator[Finding]:
    collected = (settings.STATIC_ROOT / "staticfiles.json").exists()
    yield "the screens' files are collected", "" if collected else "run manage.py prepare"
    faults = []
    for attachment in Attachment.objects.order_by("-pk")[:SAMPLE]:
        path = attachments.path(attachment.sha256)
        if not default_storage.exists(path):
            faults.append(f"{attachment.pk} is missing")
            continue
        with default_storage.open(path) as stored:
            if hashlib.sha256(stored.read()).hexdigest() != attachment.sha256:
                faults.append(f"{attachment.pk} was altered")
    yield f"the last {SAMPLE} attachments are whole", ", ".join(faults[:5])


def _settings() -> Iterator[Finding]:
    yield "errors stay out of the browser", "BACKOFFICE_DEBUG is 1" if settings.DEBUG else ""
    yield "the secret key is long", "" if len(settings.SECRET_KEY) >= 50 else "use at least 50 characters"
    there = Grant.objects.filter(role=roles.ADMINISTRATOR, entity=None, user__is_active=True).exists()
    yield "an administrator can sign in", "" if there else "manage.py set_up --administrator EMAIL --name NAME"


def _books() -> Iterator[Finding]:
    off = sql.rows(_OFF_BALANCE)
    yield "balances are the sums of their postings", f"off: {', '.join(row[0] for row in off)}" if off else ""
    uneven = sql.rows(
        "select currency from transactions_posting group by currency "
        "having sum(case side when 'D' then amount else -amount end) <> 0"
    )
    yield "debits equal credits", f"not in {', '.join(row[0] for row in uneven)}" if uneven else ""
