"""Statements against the books: how right, and how fast beside the bare SQL of two passes.

Right: cases with a known truth (matching_cases.py); every match is compared with it, then the first suggestion for what
is left. Fast, whole: as many lines as postings, of which 85 in a hundred share reference and amount and 7.4 amount,
counterparty and days; the limit finds the same pairs by two bare passes over narrow tables, and writes the rows that
the product keeps (a head, a line and a posting a match) into bare tables. ``passes_alone`` compares with the two passes
without any row. Fast, new: so many new lines against a million that are open.
"""

from typing import Any

from benchmarks import harness, matching_cases

_RAW = """
    truncate raw_lines, raw_items;
    insert into raw_items
    select g, %(account)s, g %% 5 < 2, (100 + (g * 7919::bigint) %% 9999991) / 100.0 + 0.01,
           date '2026-01-05' + (g %% 60)::int,
           'E2E' || g, '', '', null, 'FR76' || lpad((g / 20)::text, 23, '0'), 'Payer ' || g / 20, false
    from generate_series(%(first)s, %(last)s) as g;
    insert into raw_lines (id, account_id, credit, amount, booking_on, reference, name, number, said, batch_id,
                           batch_count, charges, return_code)
    select i.id, i.account_id, i.credit,
           case when i.id %% 1000 < 924 then i.amount else i.amount + 100000.37 end, i.booked_on + (i.id %% 3)::int,
           case when i.id %% 1000 < 850 then i.reference else '' end, i.name, i.number, 'VIREMENT SEPA', '', null,
           null, ''
    from raw_items i
"""


def _accounts() -> list[int]:
    from backoffice.people.models import Entity
    from transactions.models import Account

    entity = Entity.objects.create(code="BENCH", name="Bench")
    return [
        Account.objects.create(
            entity=entity, code=f"B{number}", name="Bank", kind="bank", normal_side="D", currency="EUR"
        ).pk
        for number in range(4)
    ]


def quality(size: int, accounts: list[int]) -> dict[str, Any]:
    """How many lines were matched rightly, wrongly, and how many first suggestions are right of what was left."""
    from django.db import transaction

    from benchmarks import matching_load
    from controls.reconciliation import running, suggesting

    cases = matching_cases.make(size, accounts)
    with harness.owner():
        with transaction.atomic():
            matching_load.load(cases)
        harness.as_owner("analyze")
    runs = running.run(accounts)
    found = matching_load.judge(cases, matching_cases.AMBIGUOUS)
    truth = cases.members()[1]
    group = {line.id: line.group for line in cases.lines}
    left = [key for key in matching_load.open_lines() if group[key]]
    right = 0
    for begin in range(0, len(left), 1000):
        for key, said in suggesting.suggest(left[begin : begin + 1000]).items():
            right += bool(said) and set(said[0].items) <= truth[group[key]]
    return {
        "lines": found.lines, "matchable": found.matchable, "matched_right": found.right, "wrong": len(found.wrong),
        "share": round(found.share, 4), "left_with_a_truth": len(left),
        "first_suggestion_right": round(right / max(len(left), 1), 4), "by_pass": runs[0].matched, "left": found.left,
    }  # fmt: skip


class Speed:
    """Product and limit over the same rows."""

    def __init__(self, account: int) -> None:
        self.account = account

    def _owner(self, *statements: str) -> None:
        from django.db import connection

        with harness.owner(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, first: int, last: int, *, matched_lines: bool) -> None:
        """The raw rows, and their narrow copies for the limit. ``matched_lines``: only a hundredth of the lines."""
        from benchmarks import matching_load

        raw = _RAW % {"account": self.account, "first": first, "last": last}
        few = f"delete from raw_lines where id > {first + (last - first + 1) // 100 - 1}"
        self._owner(
            matching_load.RAW_TABLES, raw, *([] if matched_lines else [few]),
            "drop table if exists bare_lines, bare_items",
            "create table bare_lines as select id, credit, amount, booking_on as on_day, reference from raw_lines",
            "create table bare_items as select id, credit, amount, booked_on as on_day, reference from raw_items",
            "create unique index on bare_lines (id)",
            "create unique index on bare_items (id)",
            "create index on bare_items (reference)", "create index on bare_items (amount)",
            "analyze bare_lines", "analyze bare_items",
            "truncate controls_match, controls_matchline, controls_matchposting, controls_openline, controls_openitem "
            "cascade",
            "set session_replication_role = replica", "delete from transactions_statementline",
            "delete from transactions_statement", "set session_replication_role = origin",
            *matching_load.STATEMENTS, f"select draw_lines(array[{self.account}]::bigint[])",
            *([] if matched_lines else ["update controls_openitem set is_new = false"]),
            "vacuum analyze controls_openline", "vacuum analyze controls_openitem", "checkpoint",
        )  # fmt: skip

    def product(self, _given: Any) -> int:
        from django.db import transaction

        from controls.reconciliation import running

        # What is taken back costs next to nothing, and everything is open once more.
        with transaction.atomic():
            (made,) = running.run([self.account])
            transaction.set_rollback(True)
        self.found = sum(made.matched.values())
        return self.found

    def bare(self, *, rows: bool) -> int:
        from django.db import connection

        with harness.owner(), connection.cursor() as cursor:
            cursor.execute("begin")
            for statement in (*_PASSES, *(_ROWS if rows else ())):
                cursor.execute(statement)
            cursor.execute("select (select count(*) from first_pass) + (select count(*) from second_pass)")
            self.bare_found = int(cursor.fetchone()[0])
            cursor.execute("rollback")
        return self.bare_found


_PASSES = (
    "drop table if exists first_pass, second_pass",
    "create temporary table first_pass as select l.id as line, i.id as item from bare_lines l join bare_items i "
    "on i.reference = l.reference and i.amount = l.amount and i.credit = l.credit where l.reference <> ''",
    "analyze first_pass",
    """create temporary table second_pass as
    with lines as (select * from bare_lines l where not exists (select 1 from first_pass f where f.line = l.id)),
    items as (select * from bare_items i where not exists (select 1 from first_pass f where f.item = i.id)),
    pairs as (select l.id as line, i.id as item, count(*) over (partition by l.id) as of_line,
                     count(*) over (partition by i.id) as of_item
              from lines l join items i on i.amount = l.amount and i.credit = l.credit
                   and l.on_day - i.on_day between 0 and 3)
    select line, item from pairs where of_line = 1 and of_item = 1""",
)
# What the least would write: who belongs to whom, why, and the keys by which it is found again.
_ROWS = (
    "create table bare_match (id bigint primary key, code text, reasons jsonb, made_at timestamptz)",
    "create table bare_matchline (match_id bigint, line_id bigint primary key, amount numeric)",
    "create table bare_matchposting (match_id bigint, item bigint primary key, amount numeric)",
    "create temporary table both_passes on commit drop as select row_number() over () as id, line, item, code from ("
    "select line, item, 'reference' as code from first_pass union all select line, item, 'amount' from second_pass) x",
    'insert into bare_match select id, code, \'[{"code": "match.reference"}]\', now() from both_passes',
    "insert into bare_matchline select b.id, b.line, l.amount from both_passes b join bare_lines l on l.id = b.line",
    "insert into bare_matchposting select b.id, b.item, i.amount from both_passes b join bare_items i on i.id = b.item",
    "delete from bare_lines l using both_passes b where b.line = l.id",
    "delete from bare_items i using both_passes b where b.item = i.id",
)


def speed(account: int, first: int, last: int, *, whole: bool, rounds: int) -> dict[str, Any]:
    """The product's run beside the bare passes, with the rows that both keep and without."""
    here = Speed(account)
    here.rows(first, last, matched_lines=whole)
    product = harness.Side("product", here.product)
    kept = harness.Side("two passes and their rows", lambda _given: here.bare(rows=True))
    alone = harness.Side("two passes alone", lambda _given: here.bare(rows=False))
    ratio = harness.compare(product, kept, rounds=rounds)
    for _round in range(rounds):
        alone.measure()
    return {
        "lines": last - first + 1 if whole else (last - first + 1) // 100, "postings": last - first + 1,
        "product_s": round(product.median, 3), "limit_s": round(kept.median, 3),
        "passes_alone_s": round(alone.median, 3),
        "times_limit": round(1 / ratio, 2), "times_passes_alone": round(product.median / alone.median, 2),
        "matched": here.found, "matched_bare": here.bare_found,
    }  # fmt: skip


def main() -> None:
    options = harness.options(__doc__ or "")
    with harness.database():
        with harness.owner():
            accounts = _accounts()
        detail: dict[str, Any] = {"quality": quality(options.pick(5_000, 100_000), accounts[:3])}
        harness.say(str(detail["quality"]))
        size = options.pick(20_000, 1_000_000)
        first = 10_000_000
        detail["whole"] = speed(accounts[3], first, first + size - 1, whole=True, rounds=options.pick(3, 3))
        harness.say(str(detail["whole"]))
        detail["new"] = speed(accounts[3], first, first + size - 1, whole=False, rounds=options.pick(3, 5))
        harness.say(str(detail["new"]))
        # 1.5 times the limit of the whole are as good as twice that of what is new.
        ratio = 1 / max(detail["whole"]["times_limit"], detail["new"]["times_limit"] * 0.75)
    harness.report("matching", ratio, 1 / 1.5, detail)


if __name__ == "__main__":
    main()
