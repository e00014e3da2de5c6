"""Eight clients approve and post payments of 3 accounts, against the same on accounts of their own.

Each client is a process of its own with its own connection; it approves twenty validated payments at a time and posts
them, as the screens and the worker do (``workflow.approve``, then the task's ``workflow.post``). What is signed
together is of one account, as a customer's file is. On hot accounts all payments take from three accounts, whose
balances must be locked one after the other; spread, each client has accounts that nobody else has. The ratio is the hot
rate over the spread rate. Afterwards the books must agree.

    python -m benchmarks.hot_accounts --size small|full
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import harness

GOAL = 0.70
CLIENTS, HOT, AT_ONCE = 8, 3, 20

# Hot ones are 10 to 12; the rest is spread. A client's payments are those whose number leaves its own remainder.
STAGE = """
insert into people_entity (id, code, name, profile, country, bic, registration_number, time_zone, base_currency,
    created_at) values (1, 'BENCH', 'Bench', 'bank', 'FR', '', '', 'Europe/Paris', 'EUR', now());
insert into documents_attachment (id, entity_id, sha256, size, name, content_type, created_at)
    values (1, 1, 'x', 1, 'x', 'x', now());
insert into transactions_paymentbatch (id, entity_id, channel, attachment_id, sha256, file_name, format, message_id,
    initiating_party, status, read_count, read_sum, taken_count, problem_count, checked_count, batch_count,
    refusal_code, refusal_params, created_at)
    values (1, 1, 'file', 1, 'x', '', '', '', '', 'ready', 0, 0, 0, 0, 0, 0, '', '{}', now());
insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic, other_number,
    status, opened_on) values
    (1, 1, 'NOSTRO', 'Nostro', 'bank', 'D', 'EUR', '', '', '', 'open', now());
insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic, other_number,
    status, opened_on)
    select 100000 + g, 1, 'T' || g, 'In transit', 'transit', 'C', 'EUR', '', '', '', 'open', now()
    from generate_series(0, %(accounts)s - 1) g;
insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic, other_number,
    status, opened_on, counterpart_id, transit_id)
    select 10 + g, 1, 'C' || g, 'Customer ' || g, 'customer', 'C', 'EUR', '', '', '', 'open', now(), 1,
           100000 + g
    from generate_series(0, %(accounts)s - 1) g;
insert into transactions_accountbalance (account_id, balance, held, floor)
    select id, 0, 0, null from transactions_account order by id;
"""
PAYMENTS = """
insert into transactions_payment (id, entity_id, batch_id, position, kind, channel, received_at, amount, currency,
    requested_execution_date, debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor, creditor_name,
    creditor_number, creditor_bic, creditor_address, ultimate_creditor, payment_info_id, instruction_id, end_to_end_id,
    uetr, remittance, creditor_reference, purpose, category_purpose, service_level, local_instrument, charge_bearer,
    fingerprint, occurrence)
select g, 1, 1, g, 'sepa', 'file', now(), (1 + g::bigint * 7919 %% 100000) / 100.0, 'EUR', current_date, 'Debtor',
    'FR1420041010050500013M02606', '',
    10 + case when %(spread)s then %(hot)s + g %% %(clients)s + %(clients)s * (g / %(clients)s %% %(own)s)
              else g %% %(hot)s end,
    '', 'Creditor ' || g, 'DE89370400440532013000', '', '{}', '', '', '', 'E2E-' || g, '', 'Invoice ' || g, '', '', '',
    'SEPA', '', 'SLEV', sha256(g::text::bytea), 1
from generate_series(%(first)s, %(last)s) g;
insert into transactions_paymentstate (payment_id, entity_id, status, version, priority, due_at, outcome, risk,
    hold_count, approvals_required, approvals_given, changed_at)
select g, 1, 'validated', 3, 0, now(), 'pass', 0, 0, 1, 0, now() from generate_series(%(first)s, %(last)s) g;
insert into transactions_paymentapproval (payment_id, stage, person_id, reason_code, reason, given_at)
select g, 0, %(validator)s, '', '', now() from generate_series(%(first)s, %(last)s) g;
"""
OWN = 4  # accounts of each client when they are spread


class Clients:
    """Processes that wait for their payments, one line of input each round."""

    def __init__(self, approvers: list[int]) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.hot_accounts", "--client", str(approver)],
                cwd=Path(__file__).resolve().parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for approver in approvers
        ]  # fmt: skip
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def work(self, shares: list[list[int]]) -> None:
        for process, ids in zip(self.processes, shares, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(ids) + "\n")
            process.stdin.flush()
        for process, ids in zip(self.processes, shares, strict=True):
            assert process.stdout is not None
            told = process.stdout.readline().strip()
            if told != str(len(ids)):
                raise RuntimeError(f"of {len(ids)} payments {told or 'nobody knows how many'} were posted")

    def stop(self) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=20)


def client(approver: int) -> None:
    """One of the eight: approves and posts what it is given, a few at a time."""
    import django

    django.setup()
    from backoffice.common import tasks
    from backoffice.people.models import User
    from transactions import workflow
    from transactions.models import PaymentState

    tasks._send = lambda *_asked: None  # what the worker would do is done here, once
    print("ready", flush=True)
    actor = User.objects.get(pk=approver)
    for line in sys.stdin:
        ids = json.loads(line)
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            refused = [answer for answer in workflow.approve(ids=some, actor=actor) if not answer.done]
            if refused:
                raise RuntimeError(f"refused: {refused[0]}")
            workflow.post(ids=some)
        posted = PaymentState.objects.filter(pk__in=ids, status="posted").count()
        print(posted, flush=True)


class Rounds:
    def __init__(self, size: int, validator: int) -> None:
        self.size, self.validator, self.last = size, validator, 0

    def shares(self, *, spread: bool) -> list[list[int]]:
        from backoffice.common import sql

        first, self.last = self.last + 1, self.last + self.size
        with harness.owner():
            sql.run(
                "set session_replication_role = replica;" + PAYMENTS,
                {
                    "first": first,
                    "last": self.last,
                    "spread": spread,
                    "hot": HOT,
                    "clients": CLIENTS,
                    "own": OWN,
                    "validator": self.validator,
                },
            )
            sql.run("reset session_replication_role")
            for table in ("transactions_payment", "transactions_paymentstate", "transactions_paymentapproval"):
                sql.run(f"vacuum (analyze) {table}")
        shares = []
        for number in range(CLIENTS):
            mine = [g for g in range(first, self.last + 1) if g % CLIENTS == number]
            # One account after the other, each client beginning with another one.
            shares.append(sorted(mine, key=lambda g: g // CLIENTS % OWN if spread else (g + number) % HOT))
        return shares


def approvers() -> list[int]:
    from decimal import Decimal

    from backoffice.people import roles
    from backoffice.people.models import Entity, Grant, Limit, User

    found = []
    entity = Entity.objects.get(pk=1)
    Entity.objects.filter(pk=1).update(undo_seconds=0)
    for number in range(CLIENTS + 1):
        user = User.objects.create_user(email=f"chief{number}@example.org", full_name=f"Chief {number}")
        Grant.objects.create(user=user, role=roles.SUPERVISOR, entity=entity)
        for act in Limit.Act.values:
            Limit.objects.create(user=user, act=act, currency="EUR", amount=Decimal(1_000_000))
        found.append(user.pk)
    return found


def main() -> None:
    if sys.argv[1:2] == ["--client"]:
        client(int(sys.argv[2]))
        return
    options = harness.options(__doc__ or "")
    size = options.pick(1_200, 16_000)
    with harness.database(valkey=True):
        from backoffice import local
        from backoffice.common import sql
        from transactions import ledger

        with harness.owner():
            sql.run("set session_replication_role = replica")
            sql.run(STAGE, {"accounts": HOT + CLIENTS * OWN})
            sql.run("reset session_replication_role")
            people = approvers()
        os.environ["DATABASE_URL"] = local.database_url(Path(os.environ["BACKOFFICE_STATE"]))
        *signing, validator = people
        clients, rounds = Clients(signing), Rounds(size, validator)
        try:
            hot = harness.Side("hot", clients.work, lambda: rounds.shares(spread=False))
            spread = harness.Side("spread", clients.work, lambda: rounds.shares(spread=True))
            ratio = harness.compare(hot, spread, rounds=options.pick(5, 5))
        finally:
            clients.stop()
        differences = ledger.audit()
        assert differences == [], differences[:5]
    detail: dict[str, Any] = {
        "clients": CLIENTS,
        "hot_accounts": HOT,
        "payments_a_round": size,
        "hot_per_second": round(size / hot.median),
        "spread_per_second": round(size / spread.median),
    }
    harness.report("hot_accounts", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
