"""Lists at any depth: the first page of each against pages deep inside, through the product's own screens and API.

The limit is the list's own first page: the ratio is its SQL time over that of a deep page (95th percentiles), the least
of all lists. Besides, every list must take a constant number of queries, and none may skip rows by OFFSET or count
without a bound. Small: a million payments; full: ten million.
"""

import random
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import harness

NAME, GOAL = "pages", 0.5
HOST = {"HTTP_HOST": "localhost"}
# Places in each list, and how often the SQL of each is run.
VISITS, REPEATS = 10, 12
# Only reading is measured: how rows got in does not matter here.
SETTINGS = {"fsync": "off", "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
BIG = (
    "transactions_payment", "transactions_paymentstate", "transactions_paymentbatch", "transactions_posting",
    "documents_auditrecord",
)  # fmt: skip


Statement = tuple[str, Any]
PAGE_SIZE = 50
_PAGE = re.compile(rf"(?i)limit {PAGE_SIZE}\b|limit {PAGE_SIZE + 1}\b")


@dataclass
class Answer:
    """The SQL of one request, statements with their parameters."""

    statements: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append((sql, params))
        return execute(sql, params, many, context)

    def of_list(self, table: str) -> list[Statement]:
        """The statements that find or fetch the page's rows: not the navigation's, nor those about one payment."""
        return [
            (text, params)
            for text, params in self.statements
            if re.search(rf"\b{table}\b", text) and (_PAGE.search(text) or len(params or ()) >= PAGE_SIZE)
        ]


@dataclass
class List:
    """A list of the product: its address, its table, and a cursor for a place at a depth between 0 and 1."""

    name: str
    address: str
    table: str
    salt: str
    key: str
    first: list[float] = field(default_factory=list)
    deep: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return p95(self.first) / p95(self.deep)


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


# Loading


@contextmanager
def bare(tables: tuple[str, ...]) -> Iterator[None]:
    """Without secondary indexes, unique constraints and triggers while the rows go in."""
    from backoffice.common import sql

    again: list[str] = []
    for table in tables:
        for name, definition in sql.rows(
            "select conname, pg_get_constraintdef(oid) from pg_constraint "
            "where conrelid = %s::regclass and contype = 'u'",
            [table],
        ):
            sql.run(f"alter table {table} drop constraint {name}")
            again.append(f"alter table {table} add constraint {name} {definition}")
        for name, definition in sql.rows(
            "select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid "
            "where i.indrelid = %s::regclass and not i.indisprimary",
            [table],
        ):
            sql.run(f'drop index "{name}"')
            again.append(definition)
    sql.run("set session_replication_role = replica")
    yield
    for statement in again:
        sql.run(statement)
    sql.run("set session_replication_role = origin")


LOAD = (
    # A million attachments would prove nothing: one file stands for all.
    "insert into documents_attachment (id, entity_id, sha256, size, name, content_type, created_at) "
    "select 1, %(entity)s, repeat('0', 64), 1, 'a.xml', 'application/xml', now()",
    """insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic,
        other_number, status, opened_on)
    select 1000 + n, %(entity)s, 'A' || n, 'Account ' || n, 'customer', 'C', 'EUR', '', '', '', 'open', now()
    from generate_series(0, 49) n""",
    "insert into transactions_accountbalance (account_id, balance, held, floor) "
    "select 1000 + n, 0, 0, null from generate_series(0, 49) n",
    """insert into transactions_paymentbatch (id, entity_id, channel, attachment_id, sha256, file_name, format,
        message_id, initiating_party, status, declared_count, declared_sum, read_count, read_sum, taken_count,
        problem_count, checked_count, batch_count, refusal_code, refusal_params, created_at, read_at, ready_at)
    select n, %(entity)s, 'api', 1, repeat('0', 64), 'file-' || n || '.xml', 'pain.001.001.09', 'M' || n, 'Sender',
        'ready', 20, 2000, 20, 2000, 20, 0, 20, 1, '', '{}', %(start)s + n * interval '20 seconds', now(), now()
    from generate_series(1, %(count)s / 20) n""",
    """insert into transactions_payment (id, entity_id, batch_id, position, kind, channel, received_at, amount,
        currency, requested_execution_date, debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor,
        creditor_name, creditor_number, creditor_bic, creditor_address, ultimate_creditor, payment_info_id,
        instruction_id, end_to_end_id, uetr, remittance, creditor_reference, purpose, category_purpose, service_level,
        local_instrument, charge_bearer, fingerprint, occurrence)
    select n, %(entity)s, case when n %% 10 = 0 then 1 else n / 20 + 1 end, n, 'sepa', 'file',
        %(start)s + n * interval '1 second', (100 + n %% 9000)::numeric / 10, 'EUR', %(day)s, 'Debtor', '', '',
        1000 + (case when n %% 3 = 0 then 0 else n %% 50 end), '', 'Creditor ' || n %% 5000,
        'DE' || lpad((n %% 5000)::text, 20, '0'), '', '{}', '', '', '', 'E2E-' || n, '', 'Invoice ' || n, '', '', '',
        'SEPA', '', 'SLEV', decode(md5(n::text) || md5((n + 1)::text), 'hex'), 1
    from generate_series(1, %(count)s) n""",
    # Three in ten wait in the first queue, one in the second: queues far deeper than anybody keeps.
    """insert into transactions_paymentstate (payment_id, entity_id, status, version, priority, due_at, outcome, risk,
        hold_count, approvals_required, approvals_given, changed_at, funds_held)
    select n, %(entity)s, case when n %% 10 < 3 then 'checked' when n %% 10 = 3 then 'validated' else 'settled' end, 1,
        n %% 100, %(start)s + n * interval '1 second', 'pass', 0, 0, 1, case when n %% 10 < 4 then 0 else 1 end,
        now(), false
    from generate_series(1, %(count)s) n""",
    """insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select n, 1, 1000 + (case when n %% 6 = 3 then n %% 49 + 1 else 0 end), 'C', 1, 'EUR', n,
        %(start)s + n * interval '1 second'
    from generate_series(3, %(count)s, 3) n""",
    """insert into transactions_journalentry (id, entity_id, payment_id, kind, label, booking_date, value_date,
        created_at, posting_count) select n, %(entity)s, n, 'posting', '', %(day)s, %(day)s, now(), 2
    from generate_series(3, %(count)s, 3) n""",
    # Half of the acts are on one account, so that its own trail is deep.
    """insert into documents_auditrecord (occurred_at, entity_id, subject_type, subject_id, action, data)
    select %(start)s + n * interval '1 second', %(entity)s, case n %% 2 when 0 then 'account' else 'payment' end,
        case n %% 2 when 0 then 1000 else n end, 'payment.received', '{}'
    from generate_series(1, %(count)s / 3) n""",
)  # fmt: skip


def load(count: int) -> None:
    from django.db import transaction

    from backoffice.common import sql
    from backoffice.people.models import Entity

    entity = Entity.objects.create(code="BENCH", name="Bench", profile="bank")
    start = datetime.now(UTC) - timedelta(seconds=count + 3600)
    values = {"count": count, "entity": entity.pk, "start": start, "day": start.date()}
    tables = (*BIG, "transactions_journalentry")
    # A table emptied in the transaction that fills it needs no log at this level.
    with transaction.atomic():
        sql.run("set local maintenance_work_mem = '1GB'")
        sql.run("set local session_replication_role = replica")
        sql.run(f"truncate {', '.join(tables)} cascade")
        with bare(tables):
            for statement in LOAD:
                sql.run(statement, values)
    sql.run("set default_statistics_target = 20")
    sql.run(f"analyze {', '.join(tables)}")


# Measuring


def lists() -> list[List]:
    from django.urls import reverse

    payments = ("transactions_payment", "page:payments", "received_at, id")
    queue = ("transactions_paymentstate", "page:queue", "priority, due_at, payment_id")
    file = ("transactions_payment", "page:batch:1:payments", "position, id")
    statement = ("transactions_posting", "page:statement:1000:now", "created_at, id")
    trail = f"{reverse('api:audit_records')}?subject_type=account&subject=1000"
    return [
        List("queue", reverse("queue"), *queue),
        List("second approvals", reverse("second_approvals"), *queue),
        List("payments", reverse("payments"), *payments),
        List("payments by API", reverse("api:payments"), *payments),
        List("batches", reverse("batches"), "transactions_paymentbatch", "page:batches:", "id"),
        List("payments of a file", reverse("batch", args=[1]), *file),
        List("account statement", reverse("account", args=[1000]), *statement),
        List("audit trail", trail, "documents_auditrecord", "page:api:audit:account:1000", "id"),
    ]


# Which rows of its table a list shows.
ROWS = {
    "queue": "status = 'checked'",
    "second approvals": "status = 'validated'",
    "payments of a file": "batch_id = 1",
    "account statement": "account_id = 1000",
    "audit trail": "subject_type = 'account' and subject_id = 1000",
}


def deep_cursors(wanted: List, chance: random.Random) -> list[str]:
    """Signed cursors at places spread over the whole list, made as the product makes them."""
    from django.core import signing

    from backoffice.common import sql

    where = ROWS.get(wanted.name, "true")
    sampled = sql.rows(
        f"select {wanted.key} from {wanted.table} tablesample bernoulli (1) repeatable (7) where {where}"
    )
    made = []
    for row in chance.sample(sampled, min(VISITS, len(sampled))):
        values = [value.isoformat() if isinstance(value, datetime) else value for value in row]
        plain = wanted.salt in {"page:queue", "page:payments"}
        made.append(signing.dumps([0, *values] if plain else [0, [str(value) for value in values]], salt=wanted.salt))
    return made


def visit(client: Any, address: str, cursor: str = "") -> Answer:
    from django.db import connection

    answer = Answer()
    with connection.execute_wrapper(answer):
        got = client.get(f"{address}{'&' if '?' in address else '?'}cursor={cursor}" if cursor else address, **HOST)
    assert got.status_code == 200, f"{address} answered {got.status_code}"
    return answer


def keep_honest(wanted: List, answers: list[Answer]) -> None:
    """A constant number of queries; nothing skipped by OFFSET; nothing big counted without a bound."""
    counts = {len(answer.statements) for answer in answers}
    assert len(counts) <= 2, f"{wanted.name}: {sorted(counts)} queries"  # the first page may lack a query of the rest
    for answer in answers:
        for text, _params in answer.statements:
            assert not re.search(r"(?i)\boffset\b\s+\d", text), f"{wanted.name}: OFFSET in {text[:200]}"
            if re.search(r"(?i)count\(", text) and any(re.search(rf"\b{table}\b", text) for table in BIG):
                assert re.search(r"(?i)\blimit\b", text), f"{wanted.name}: unbounded COUNT in {text[:300]}"


def seconds(statements: list[Statement]) -> float:
    """Run what a page ran for its list, and fetch it."""
    from django.db import connection

    start = time.perf_counter()
    with connection.cursor() as cursor:
        for text, params in statements:
            cursor.execute(text, params)
            cursor.fetchall()
    return time.perf_counter() - start


def measure(client: Any, wanted: List, chance: random.Random) -> int:
    """Opens the first page and deep ones, then runs their SQL in turns. Returns the number of queries of a page."""
    opened = [visit(client, wanted.address), *(visit(client, wanted.address, c) for c in deep_cursors(wanted, chance))]
    keep_honest(wanted, opened)
    first, *deep = [answer.of_list(wanted.table) for answer in opened]
    assert first, f"{wanted.name}: nothing was read of {wanted.table}"
    for number in range(REPEATS + 1):
        for statements in deep:
            taken = seconds(first), seconds(statements)
            if number:  # the first round warms up
                wanted.first.append(taken[0])
                wanted.deep.append(taken[1])
    return max(len(answer.statements) for answer in opened)


def reader() -> Any:
    """Somebody who may see everything, signed in."""
    from django.test import Client

    from backoffice.people import roles
    from backoffice.people.models import Grant, User

    user = User.objects.create_user(email="reader@example.org", full_name="Reader")
    with harness.owner():
        for role in (roles.SUPERVISOR, roles.AUDITOR):
            Grant.objects.create(user=user, role=role, entity=None)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def plain_static_files() -> Any:
    """Pages name their files as they are: nothing is collected for a benchmark."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain})


def main() -> None:
    options = harness.options(__doc__ or "")
    count = options.pick(1_000_000, 10_000_000)
    with harness.database(valkey=True, settings=SETTINGS):
        began = time.perf_counter()
        with harness.owner():
            load(count)
        harness.say(f"{count} payments loaded in {time.perf_counter() - began:.1f} s")
        measured, queries = lists(), {}
        with plain_static_files():
            client, chance = reader(), random.Random(7)
            for wanted in measured:
                queries[wanted.name] = measure(client, wanted, chance)
    for wanted in measured:
        harness.say(
            f"{wanted.name}: first p95 {p95(wanted.first) * 1000:.2f} ms, deep p95 {p95(wanted.deep) * 1000:.2f} ms, "
            f"{queries[wanted.name]} queries"
        )
    worst = min(measured, key=lambda wanted: wanted.ratio)
    detail = {
        "payments": count,
        "worst": worst.name,
        "lists": {
            wanted.name: {
                "ratio": round(wanted.ratio, 3),
                "first_p95_ms": round(p95(wanted.first) * 1000, 3),
                "deep_p95_ms": round(p95(wanted.deep) * 1000, 3),
                "queries": queries[wanted.name],
            }
            for wanted in measured
        },
    }
    harness.report(NAME, worst.ratio, GOAL, detail)


if __name__ == "__main__":
    main()
