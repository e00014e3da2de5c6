"""``make soak``: the whole house under load while its parts are killed at random; then everything is counted.

Database, broker, web server, worker and clock run as ``make run`` starts them, kept by its supervisor, on folders of
their own. Programs bring files and single payments in, lift, validate, approve, send and settle through the API, and
try again what was not answered. Meanwhile a part gets SIGKILL: a whole one or one of its processes. After each kill,
and when all has come to rest: every payment that was answered for is there once, each act on record once, the books
agree, and nothing stays where the sweeper does not find it. The last line of the output is one JSON object.

    python -m tests.flows.soak --minutes 10 --kills 200
"""

import argparse
import collections
import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = "/api/v1"
FUNDS = Decimal(100_000_000)
ACCOUNTS = 3
VICTIMS = ("database", "broker", "web server", "worker", "clock", "database process", "web process", "worker process")
# The clock holds nothing but the time of the next task: it is killed less often than what holds work.
WEIGHTS = (3, 3, 3, 4, 1, 3, 2, 3)
REST_SECONDS = 420.0


class Unanswered(Exception):
    """No answer that says what happened: the same call must be made again."""


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Door:
    """A program's way in, by its token."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", kind: str = "application/json") -> Any:
        """Status and content; :class:`Unanswered` for a lost connection and whatever a server says of itself."""
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": kind, "Host": "127.0.0.1"}
        if key:
            headers["Idempotency-Key"] = key
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            asked.request(method, ROOT + path, content, headers)
            answer = asked.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(type(error).__name__) from None
        finally:
            asked.close()
        if answer.status >= 500:
            raise Unanswered(str(answer.status))
        return answer.status, json.loads(told) if told else {}

    def ids(self, status: str) -> list[int]:
        answered, told = self.call("GET", f"/payments?status={status}&limit=200")
        return [item["id"] for item in told["items"]] if answered == 200 else []


class Soak:
    """One run: the parts, the programs, the kills, the counting."""

    def __init__(self, *, minutes: float, kills: int, seed: int) -> None:
        self.minutes, self.kills, self.chance = minutes, kills, random.Random(seed)
        self.state = Path(tempfile.mkdtemp(prefix="backoffice-soak-"))
        self.state.chmod(0o711)
        self.bringing, self.over = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        # References that were answered for with 201, and all that were sent.
        self.promised: set[str] = set()
        self.sent: set[str] = set()
        self.killed: collections.Counter[str] = collections.Counter()
        self.unanswered: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []
        self.audits = 0

    # The house

    def start(self) -> None:
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        os.environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "backoffice.settings", "BACKOFFICE_STATE": str(self.state),
                "BACKOFFICE_LOG": "WARNING", "BACKOFFICE_EAGER": "0", "BACKOFFICE_HOSTS": "127.0.0.1",
            }
        )  # fmt: skip
        import django

        django.setup()
        from backoffice import preparation, supervisor
        from backoffice.management.commands import local as run

        supervisor.HEALTHY_SECONDS = 2.0  # what is killed every few seconds is no part that cannot start
        self.supervisor = supervisor.Supervisor(self.state, say)
        self.supervisor.claim()
        logs = self.state / "log"
        logs.mkdir(mode=0o700)
        preparation.files(say)
        run._start_servers(self.supervisor, logs)
        self.listening = run._listen()
        port = self.listening.getsockname()[1]
        with preparation.owner():
            preparation.database(say)
            self._found(port)
        for part in run._programs(logs, self.listening, port, ribbon="Soak"):
            self.supervisor.add(part)
        self.watching = threading.Thread(target=self.supervisor.watch, daemon=True)
        self.watching.start()

    def _found(self, port: int) -> None:
        """An entity, its accounts with funds, and a program for each hand. As the owner of the tables."""
        from django.db import connection

        from controls.models import ApprovalPolicy
        from tests import database, people
        from tests.api.client import Program

        with connection.cursor() as cursor:
            cursor.execute(database.OWNER_SQL)
        stage = people.bank_branch(balance="0")
        self.accounts = [stage.customer]
        for number in range(2, ACCOUNTS + 1):
            from tests.files import iban

            self.accounts.append(
                people.account(
                    stage.entity, f"CUST{number}", "customer", "C", iban=iban(900 + number, "FR"), bic="PSSTFRPPXXX",
                    counterpart=stage.bank, transit=stage.transit,
                )
            )  # fmt: skip
        for account in self.accounts:
            people.open_balance(account, FUNDS, stage.bank)
        ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
        self.entity = stage.entity
        roles = {"importer": "operator", "poster": "operator", "validator": "operator", "second": "operator"}
        self.doors = {
            name: Door(port, Program(people.person(role, entity=stage.entity)).secret) for name, role in roles.items()
        }
        # Programs sign nothing; people do, by tokens of their own.
        self.doors["chief"] = Door(port, Program(people.person("supervisor", entity=stage.entity)).secret)
        with connection.cursor() as cursor:
            cursor.execute("drop function tests_as_owner(text)")

    # The hands

    def hand(self, act: Callable[[], None], pause: float, until: threading.Event) -> threading.Thread:
        def work() -> None:
            while not until.is_set():
                try:
                    act()
                except Unanswered as error:
                    with self.lock:
                        self.unanswered[str(error)] += 1
                    until.wait(0.3)
                except Exception as error:
                    self.complain(f"{act.__name__}: {type(error).__name__}: {error}")
                until.wait(pause)

        thread = threading.Thread(target=work, daemon=True, name=act.__name__)
        thread.start()
        return thread

    def complain(self, text: str) -> None:
        with self.lock:
            self.wrong.append(text[:500])
        say(f"WRONG: {text[:500]}")

    def insist(self, door: Door, path: str, body: Any, *, key: str, kind: str = "application/json") -> tuple[int, Any]:
        """The same call again and again until it is answered."""
        while True:
            try:
                status, told = door.call("POST", path, body, key=key, kind=kind)
            except Unanswered as error:
                with self.lock:
                    self.unanswered[str(error)] += 1
                if self.over.wait(0.3):
                    raise
                continue
            if status == 409 and told.get("code") == "idempotency.in_progress":
                time.sleep(0.2)
                continue
            return status, told

    def bring_file(self) -> None:
        from tests import files

        number = f"S{self.chance.getrandbits(48):x}"
        count = self.chance.randint(5, 60)
        amounts = [f"{self.chance.randint(100, 99_999) / 100:.2f}" for _ in range(count)]
        debtor = self.chance.choice(self.accounts).iban
        content = files.pain001(count, message_id=number, amounts=amounts, debtor=debtor, execution_date=self.day)
        references = {f"{number}-E{n}" for n in range(count)}
        with self.lock:
            self.sent |= references
        status, told = self.insist(
            self.doors["importer"], f"/batches?file_name={number}.xml", content, key=number, kind="application/xml"
        )
        if status != 201:
            self.complain(f"file {number}: {status} {told}")
            return
        with self.lock:
            self.promised |= references

    def post_payment(self) -> None:
        number = f"P{self.chance.getrandbits(48):x}"
        payment = {
            "debtor_account": self.chance.choice(self.accounts).iban, "creditor_name": "Kervella Matériaux SARL",
            "creditor_account": "DE89370400440532013000", "amount": f"{self.chance.randint(100, 99_999) / 100:.2f}",
            "currency": "EUR", "requested_execution_date": self.day.isoformat(), "end_to_end_id": number,
        }  # fmt: skip
        with self.lock:
            self.sent.add(number)
        status, told = self.insist(self.doors["poster"], "/payments", {"payments": [payment]}, key=number)
        if status != 201:
            self.complain(f"payment {number}: {status} {told}")
            return
        with self.lock:
            self.promised.add(number)

    def lift(self) -> None:
        for status in ("checked", "validated"):
            if ids := self.doors["chief"].ids(status):
                self.doors["chief"].call("POST", "/payments/lift", {"ids": ids, "reason": "Asked the sender"})

    def validate(self) -> None:
        if ids := self.doors["validator"].ids("checked"):
            why = {"ids": ids, "reason": "The sender confirmed", "reason_code": "VERIFIED"}
            self.doors["validator"].call("POST", "/payments/validate", why)

    def approve(self) -> None:
        for name in ("second", "chief"):
            if ids := self.doors[name].ids("validated"):
                self.doors[name].call("POST", "/payments/approve", {"ids": ids})

    def send(self) -> None:
        chief = self.doors["chief"]
        for account in self.accounts:
            chief.call("POST", "/outgoing-files", {"account": account.pk})
        _status, told = chief.call("GET", "/outgoing-files?limit=100")
        for file in told["items"]:
            if file["status"] == "prepared":
                chief.call("POST", f"/outgoing-files/{file['id']}/send")
            elif file["status"] == "sent":
                chief.call("POST", f"/outgoing-files/{file['id']}/confirm", {"value_date": self.day.isoformat()})

    # The kills

    def kill(self) -> str:
        """SIGKILL for a part or one of its processes; the name of what was hit, "" when nothing ran."""
        victim = self.chance.choices(VICTIMS, WEIGHTS)[0]
        name = {"database process": "database", "web process": "web server", "worker process": "worker"}.get(
            victim, victim
        )
        part = next(part for part in self.supervisor.parts if part.name == name)
        process = part.process
        if process is None or process.poll() is not None:
            return ""
        try:
            if victim != name:
                os.kill(self.chance.choice(children(process.pid)), signal.SIGKILL)
            elif name == "database":
                os.kill(process.pid, signal.SIGKILL)
            else:
                os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, IndexError):
            return ""
        return victim

    def strike(self) -> None:
        """All kills, spread over the minutes; after each one the books are looked at as soon as they can be."""
        end = time.monotonic() + self.minutes * 60
        while (left := self.kills - self.killed.total()) > 0:
            gap = max(end - time.monotonic(), 0) / left
            time.sleep(self.chance.uniform(0.3, 1.7) * gap if gap > 0.05 else 0.05)
            if victim := self.kill():
                self.killed[victim] += 1
                self.look(victim)
                if self.killed.total() % 20 == 0:
                    say(f"{self.killed.total()} kills, {len(self.promised)} payments answered for")

    def query(self, text: str, params: Any = None) -> list[tuple[Any, ...]]:
        """On a connection of its own, waiting while the database is down."""
        from django.db import DatabaseError, InterfaceError, connection

        from backoffice.common import sql

        deadline = time.monotonic() + 120
        while True:
            try:
                return sql.rows(text, params)
            except (DatabaseError, InterfaceError):
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def look(self, after: str) -> None:
        """Nothing lost, nothing doubled, the books in balance."""
        from transactions import ledger

        with self.lock:
            promised = sorted(self.promised)
        api = [reference for reference in promised if reference.startswith("P")]
        there = self.query(
            "select count(distinct end_to_end_id) from transactions_payment where end_to_end_id = any(%s)", [api]
        )[0][0]
        if there != len(api):
            self.complain(f"after {after}: {len(api) - there} payments that were answered for are not there")
        for what, text in WHOLE.items():
            if found := self.query(text):
                self.complain(f"after {after}: {what}: {found[:5]}")
        if differences := self.insist_on(ledger.audit):
            self.complain(f"after {after}: the books differ: {differences[:5]}")
        self.audits += 1

    def insist_on(self, act: Callable[[], Any]) -> Any:
        from django.db import DatabaseError, InterfaceError, connection

        deadline = time.monotonic() + 120
        while True:
            try:
                return act()
            except (DatabaseError, InterfaceError):
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    # The run

    def run(self) -> dict[str, Any]:
        from datetime import timedelta

        from django.utils import timezone

        self.day = timezone.localdate()
        while self.day.weekday() > 4 or self.day == timezone.localdate():
            self.day += timedelta(days=1)
        bringing = [self.hand(self.bring_file, 1.0, self.bringing), self.hand(self.post_payment, 0.1, self.bringing)]
        for act, pause in ((self.lift, 1.0), (self.validate, 0.7), (self.approve, 0.7), (self.send, 2.0)):
            self.hand(act, pause, self.over)
        self.strike()
        say("No more kills; what was begun is brought to its end.")
        self.bringing.set()
        for thread in bringing:
            thread.join(90)
        seconds = self.rest()
        self.over.set()
        self.look("all came to rest")
        return self.count(seconds)

    def rest(self) -> float:
        """Until every payment is settled; how long it took. The sweeper looks as it always does."""
        began = time.monotonic()
        while time.monotonic() - began < REST_SECONDS:
            left = self.query(
                "select (select count(*) from transactions_paymentstate where status <> 'settled'),"
                " (select count(*) from transactions_paymentbatch where status in ('received', 'reading', 'checking'))"
            )[0]
            if left == (0, 0):
                return time.monotonic() - began
            time.sleep(1)
        stuck = self.query(
            "select s.status, s.hold_count, s.approvals_given, s.approvals_required, count(*), min(s.payment_id)"
            " from transactions_paymentstate s where s.status <> 'settled' group by 1, 2, 3, 4"
        )
        batches = self.query(
            "select id, status, taken_count, checked_count from transactions_paymentbatch where status <> 'ready'"
        )
        self.complain(f"not at rest after {REST_SECONDS:.0f} s: payments {stuck}, batches {batches}")
        return time.monotonic() - began

    def count(self, seconds: float) -> dict[str, Any]:
        rows = self.query("select end_to_end_id, count(*), sum(amount) from transactions_payment group by 1")
        there = {row[0]: row[1] for row in rows}
        if lost := self.promised - there.keys():
            self.complain(f"{len(lost)} payments were lost: {sorted(lost)[:5]}")
        if doubled := sorted(reference for reference, times in there.items() if times > 1):
            self.complain(f"{len(doubled)} payments were taken in twice: {doubled[:5]}")
        if strange := there.keys() - self.sent:
            self.complain(f"{len(strange)} payments were never sent: {sorted(strange)[:5]}")
        settled = self.query("select count(*) from transactions_paymentstate where status = 'settled'")[0][0]
        spent = sum((row[2] for row in rows), Decimal(0))
        left = self.query(
            "select sum(balance), sum(held) from transactions_accountbalance where account_id = any(%s)",
            [[account.pk for account in self.accounts]],
        )[0]
        if settled == len(there) and left != (FUNDS * ACCOUNTS - spent, Decimal(0)):
            self.complain(f"{left} is left of {FUNDS * ACCOUNTS} after {spent} were spent")
        return {
            "minutes": self.minutes, "kills": self.killed.total(), "killed": dict(sorted(self.killed.items())),
            "payments": len(there), "settled": settled, "lost": len(self.promised - there.keys()),
            "doubled": len(doubled), "books_looked_at": self.audits, "calls_unanswered": self.unanswered.total(),
            "seconds_to_rest": round(seconds, 1), "wrong": self.wrong[:20],
        }  # fmt: skip

    def stop(self) -> None:
        from django.db import connections

        from backoffice import local

        self.over.set()
        self.bringing.set()
        connections.close_all()
        self.supervisor.stopping.set()
        self.watching.join(10)
        self.supervisor.stop()
        data = local.Postgres(self.state).data
        if not self.wrong:
            shutil.rmtree(self.state, ignore_errors=True)
            if not data.is_relative_to(self.state):
                shutil.rmtree(data.parent, ignore_errors=True)
        else:
            say(f"What was left is in {self.state} and {data}.")


# What must never be found, whatever was killed.
WHOLE = {
    "payments without their state or their record": """
        select p.id from transactions_payment p
        left join transactions_paymentstate s on s.payment_id = p.id
        left join lateral (
            select count(*) as n from documents_auditrecord r
            where r.subject_type = 'payment' and r.subject_id = p.id and r.action = 'payment.received'
        ) r on true
        where s.payment_id is null or r.n <> 1 limit 5
    """,
    "a reference twice": "select end_to_end_id from transactions_payment group by 1 having count(*) > 1 limit 5",
    "acts recorded twice": """
        select subject_id, action from documents_auditrecord
        where action in ('payment.validated', 'payment.posted', 'payment.sent', 'payment.settled', 'outgoing.sent')
        group by subject_type, 1, 2 having count(*) > 1 limit 5
    """,
    "payments posted twice or not at all": """
        select s.payment_id, s.status, count(e.id)
        from transactions_paymentstate s left join transactions_journalentry e
            on e.payment_id = s.payment_id and e.kind = 'posting'
        group by 1, 2
        having count(e.id) <> (s.status in ('posted', 'sent', 'settled'))::int limit 5
    """,
}


def children(pid: int) -> list[int]:
    """The processes below one, by what the kernel tells."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found.extend(int(number) for number in task.read_text().split())
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the parts of the house under load and count what is left.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    soak = Soak(minutes=asked.minutes, kills=asked.kills, seed=asked.seed)
    soak.start()
    try:
        result = soak.run()
    finally:
        soak.stop()
    print(json.dumps({"name": "soak", "ok": not soak.wrong, **result}), flush=True)
    sys.exit(1 if soak.wrong else 0)


if __name__ == "__main__":
    main()
