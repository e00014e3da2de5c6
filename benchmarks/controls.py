"""One pass of the checks for 25 rules over a batch, against a year of history; and back-tests over that year.

Product: the fact table of the batch, 25 rules in one statement with the evidence of what they find, outcomes, results
and assessments, as a check writes them (undone afterwards). Limit: the bare fact queries and one bare query that counts
what the same 25 conditions hold for; nothing is kept. Besides: what one more rule costs (25 and 50 rules over the same
facts, as a share of the pass), and the factor over one query a rule and payment, measured on a few payments. Back-tests
of the year, or of its last million payments: of a rule that needs the payment alone, and of one that needs what was
paid before. Small: 10,000 payments against 200,000; full: 100,000 against ten million.

    python -m benchmarks.controls --size small|full
"""

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import harness
from benchmarks.pages import bare

GOAL = 1 / 1.5
RULES, MARGIN, FACTOR = 25, 0.03, 25.0
MOST_REPLAYED = 1_000_000
SETTINGS = {"fsync": "off", "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
BIG = (
    "transactions_payment", "transactions_paymentstate", "transactions_paymentbatch", "documents_auditrecord",
    "controls_assessment", "transactions_historicalpayment",
)  # fmt: skip
# A year of payments to some thousand creditors, 500 to a file, each checked a minute after it came and settled a day
# later; the last ``batch`` of them came just now, in one file.
LOAD = (
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
    select n, %(entity)s, 'file', 1, md5(n::text) || md5((n + 1)::text), 'file-' || n || '.xml', 'pain.001.001.09',
        'M' || n, 'Sender', 'ready', 500, 0, 500, 0, 500, 0, 500, 1, '', '{}',
        least(m.at, now()), least(m.at, now()), now()
    from generate_series(0, %(count)s / 500) n
    cross join lateral (select %(start)s + n * 500 * %(step)s::interval as at) m""",
    """insert into transactions_payment (id, entity_id, batch_id, position, kind, channel, received_at, amount,
        currency, requested_execution_date, debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor,
        creditor_name, creditor_number, creditor_bic, creditor_address, ultimate_creditor, payment_info_id,
        instruction_id, end_to_end_id, uetr, remittance, creditor_reference, purpose, category_purpose, service_level,
        local_instrument, charge_bearer, fingerprint, occurrence)
    select n, %(entity)s, n / 500, n, 'sepa', 'file', b.created_at, (1000 + n %% 90000)::numeric / 10, 'EUR',
        b.created_at::date + 1, 'Debtor', 'FR7630006000011234567890189', '', 1000 + n %% 50, '',
        'Creditor ' || n %% %(creditors)s, 'DE' || lpad((n %% %(creditors)s)::text, 20, '0'), 'COBADEFFXXX',
        '{"town": "Koeln", "country": "DE"}', '', '', '', 'E2E-' || n, '', 'Invoice ' || n, '', '', '', 'SEPA', '',
        'SLEV', decode(md5(n::text) || md5((n + 1)::text), 'hex'), 1
    from generate_series(1, %(count)s) n join transactions_paymentbatch b on b.id = n / 500""",
    """insert into transactions_paymentstate (payment_id, entity_id, status, version, priority, due_at, outcome, risk,
        hold_count, approvals_required, approvals_given, changed_at, funds_held)
    select id, entity_id, 'settled', 6, 0, received_at, 'pass', 0, 0, 1, 1, received_at + interval '1 day', false
    from transactions_payment""",
    """insert into controls_assessment (payment_id, rule_set_id, ran_at, outcome, risk, finding_count)
    select id, %(rule_set)s, received_at + interval '1 minute', 'pass', 0, 0 from transactions_payment
    where id <= %(count)s - %(batch)s""",
    """insert into documents_auditrecord (occurred_at, entity_id, subject_type, subject_id, action, data)
    select p.received_at + a.after, p.entity_id, 'payment', p.id, a.action, '{}'
    from transactions_payment p
    cross join (values ('payment.received', interval '0'), ('payment.checked', interval '1 minute'),
                ('payment.validated', interval '2 hours'), ('payment.approved', interval '3 hours'),
                ('payment.settled', interval '1 day')) a(action, after)
    where p.id <= %(count)s - %(batch)s or a.action = 'payment.received'
    order by 1""",
    # The batch of today.
    """insert into transactions_paymentbatch (id, entity_id, channel, attachment_id, sha256, file_name, format,
        message_id, initiating_party, status, declared_count, declared_sum, read_count, read_sum, taken_count,
        problem_count, checked_count, batch_count, refusal_code, refusal_params, created_at, read_at)
    select 10000000, %(entity)s, 'file', 1, repeat('1', 64), 'today.xml', 'pain.001.001.09', 'TODAY', 'Sender',
        'checking', %(batch)s, 0, %(batch)s, 0, %(batch)s, 0, 0, 1, '', '{}', now(), now()""",
    """update transactions_payment set batch_id = 10000000, received_at = now(), requested_execution_date = %(day)s
    where id > %(count)s - %(batch)s""",
    """update transactions_paymentstate set status = 'received', outcome = '', approvals_given = 0, changed_at = now()
    where payment_id > %(count)s - %(batch)s""",
)  # fmt: skip


def load(count: int, batch: int) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import transaction

    from backoffice.common import sql
    from backoffice.people.models import Entity
    from controls.rules import rulesets

    call_command("load_rules", verbosity=0)
    entity = Entity.objects.create(code="BENCH", name="Bench", profile="bank")
    start = datetime.now(UTC) - timedelta(days=365)
    values = {
        "count": count, "batch": batch, "entity": entity.pk, "start": start, "creditors": max(count // 60, 1_000),
        "day": datetime.now(UTC).date() + timedelta(days=1), "step": timedelta(days=364) / count,
        "rule_set": rulesets.current().rule_set_id,
    }  # fmt: skip
    with transaction.atomic():
        sql.run("set local maintenance_work_mem = '1GB'")
        sql.run("set local session_replication_role = replica")
        sql.run(f"truncate {', '.join(BIG)} cascade")
        with bare(BIG):
            for statement in LOAD:
                sql.run(statement, values)
    sql.run(f"analyze {', '.join(BIG)}, transactions_account")
    return values


class Rolled(Exception):
    """Takes a measured pass back."""


def undone(run: Callable[[], None]) -> None:
    from django.db import transaction

    try:
        with transaction.atomic():
            run()
            raise Rolled
    except Rolled:
        pass


def members(count: int) -> list[dict[str, Any]]:
    """So many rules: the shipped ones that are active, and when they are not enough, the same again."""
    from controls.rules import rulesets

    shipped = [rulesets.member(version) for version in rulesets.in_force() if version.mode == "active"]
    return list(itertools.islice(itertools.cycle(shipped), count))


def check(statement: str, ids: Sequence[int]) -> None:
    """What a check does with payments, up to the move of their states."""
    from django.utils import timezone

    from backoffice.common import sql
    from controls import facts, tables
    from controls.rules import rulesets

    sql.run("set local jit = off")
    now = timezone.now()
    list_set = facts.build(ids)
    sql.run(statement)
    sql.run("analyze findings (payment_id)")
    tables.fill("assessed", {"now": now})
    tables.fill("holds", {"now": now})
    tables.fill("record", {"now": now, "rule_set": rulesets.current().rule_set_id, "list_set": list_set})


def limit(counting: str, ids: Sequence[int]) -> None:
    from backoffice.common import sql
    from controls import facts

    sql.run("set local jit = off")
    facts.build(ids)
    sql.rows(counting)


def seconds(run: Callable[[], Any], repeats: int = 5) -> float:
    taken = []
    for _again in range(repeats):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def one_more(ids: Sequence[int]) -> float:
    """Seconds that one rule more takes, over the same facts: a twenty-fifth of what 25 more take."""
    from backoffice.common import sql
    from controls import facts
    from controls.rules import rulesets

    few, many = (rulesets.statement_of(members(RULES * times), {}) for times in (1, 2))
    taken: dict[str, float] = {}

    def measured() -> None:
        sql.run("set local jit = off")
        facts.build(ids)
        for name, statement in (("few", few), ("many", many)):

            def once(statement: str = statement) -> None:
                sql.run("truncate findings")
                sql.run(statement)

            taken[name] = seconds(once)

    undone(measured)
    return max(0.0, taken["many"] - taken["few"]) / RULES


def one_by_one(ids: Sequence[int]) -> float:
    """Seconds a payment when each rule asks for what it needs by itself."""
    from backoffice.common import sql
    from controls.backtest import needs, replay
    from controls.rules import language, rulesets

    asked = []
    for member in members(RULES):
        compiled = language.compile_expression(member["expression"], member["parameters"])
        named = compiled.facts | set(rulesets.quoted_names(member["sentence_en"], member["sentence_fr"]))
        asked.append((rulesets.statement_of([member], {}), needs.of(named)))

    def measured() -> None:
        sql.run("set local jit = off")
        for key in ids:
            for statement, wanted in asked:
                replay.build(replay.subjects([key], wanted), wanted)
                sql.run(statement)

    return seconds(lambda: undone(measured), 1) / len(ids)


def back_test(expression: str, parameters: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A back-test of the year, or of the million payments that came last, by the product's own door."""
    from backoffice.common import sql
    from backoffice.people.models import User
    from controls.backtest import runs
    from controls.models import BackTest, Rule, RuleVersion

    rule = Rule.objects.create(code=f"BENCH-{Rule.objects.count()}", family="amount", name_en="Bench", name_fr="Banc")
    version = RuleVersion.objects.create(
        rule=rule, number=1, expression=expression, parameters=parameters, action="warn", sentence_en="{amount}",
        sentence_fr="{amount}",
    )  # fmt: skip
    today = datetime.now(UTC).date()
    since = today - timedelta(days=min(366, 366 * MOST_REPLAYED // values["count"]))
    asked = "select count(*) from transactions_payment p join people_entity e on e.id = p.entity_id where "
    expected = sql.rows(asked + "(p.received_at at time zone e.time_zone)::date >= %s", [since])[0][0]
    made = runs.ask(
        actor=User.objects.get(email="supervisor@example.org"), version_id=version.pk, since=since, until=today
    )
    while BackTest.objects.get(pk=made.pk).open:
        runs.run(made.pk)
    made.refresh_from_db()
    if made.state != "done" or made.judged != expected or not made.started_at or not made.finished_at:
        raise RuntimeError(f"the back-test is {made.state}: {made.judged} judged, {made.failure}")
    taken = (made.finished_at - made.started_at).total_seconds()
    return {"payments": made.judged, "seconds": round(taken, 2), "per_second": round(made.judged / taken)}


def main() -> None:
    options = harness.options(__doc__ or "")
    count, batch = options.pick(200_000, 10_000_000), options.pick(10_000, 100_000)
    chunk = min(batch, 10_000)
    with harness.database(settings=SETTINGS):
        from backoffice.people import roles
        from backoffice.people.models import Grant, User
        from controls.rules import rulesets

        with harness.owner():
            values = load(count, batch)
            user = User.objects.create_user(email="supervisor@example.org", full_name="Supervisor")
            Grant.objects.create(user=user, role=roles.SUPERVISOR)
        parts = [list(range(start + 1, start + 1 + chunk)) for start in range(count - batch, count, chunk)]
        rules = members(RULES)
        statement = rulesets.statement_of(rules, {})
        conditions = ", ".join(f"count(*) filter (where {rulesets.condition_of(one, [])})" for one in rules)
        counting = f"select {conditions} from facts f"

        def product(_given: Any) -> None:
            for part in parts:
                undone(lambda part=part: check(statement, part))

        def bare_pass(_given: Any) -> None:
            for part in parts:
                undone(lambda part=part: limit(counting, part))

        sides = harness.Side("product", product), harness.Side("limit", bare_pass)
        ratio = harness.compare(*sides, rounds=options.pick(5, 3), warm_up=1)
        share = one_more(parts[0]) * len(parts) / sides[0].median
        factor = one_by_one(parts[0][:: max(1, chunk // 4)]) * batch / sides[0].median
        cheap = back_test("amount >= :threshold", {"threshold": 9_000}, values)
        dear = back_test("repeat_days <= :days and usual_ratio > :times", {"days": 30, "times": 3}, values)
    detail = {
        "history": count, "payments": batch, "rules": RULES, "product_seconds": round(sides[0].median, 3),
        "limit_seconds": round(sides[1].median, 3), "times_the_limit": round(1 / ratio, 3),
        "one_more_rule": round(share, 4), "one_more_rule_at_most": MARGIN, "over_one_query_a_rule": round(factor, 1),
        "over_one_query_a_rule_at_least": FACTOR, "back_test_of_the_payment": cheap, "back_test_of_history": dear,
    }  # fmt: skip
    harness.report("controls", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
