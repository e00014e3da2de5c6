"""The temporary tables of a run of the controls: made once a session, filled and emptied with every transaction.

In controls/sql a table is written as ``create temporary table NAME on commit delete rows as QUERY``: the query gives it
its columns once, then fills it each time.
"""

import functools
import re
from typing import Any

from backoffice.common import sql
from controls import priority

# What Python judges: distinct values and what each is worth (controls/facts.py).
JUDGED = {
    "fact_number": "number varchar, valid boolean, fault varchar, country varchar",
    "fact_bic": "bic varchar, valid boolean",
    "fact_reference": "reference varchar, valid boolean",
    "fact_odd": "odd text, characters text, sent text",
    "fact_day": "day date, is_open boolean, next_open date",
    "fact_risk": "country varchar, day date, since date",
    "fact_name": "given varchar, known varchar, similarity integer",
    "fact_screened": "form varchar, raw text, key text, list_id bigint, list_entity bigint, list_kind varchar, "
    "list_name varchar, list_number integer, entry_id bigint, entry_code varchar, digest varchar, name varchar, "
    "score integer, match jsonb",
}
_REPLAYED_BY = ("payment_id", "moment", "entity_id, creditor_number")
# What the rules found (controls/rules/rulesets.py).
FINDINGS = (
    "payment_id bigint, version_id bigint, rule_code text, action text, weight smallint, shadow boolean, evidence jsonb"
)
# As of when each payment is judged, in a replay (controls/backtest/replay.py). Empty otherwise.
REPLAYED = "payment_id bigint, entity_id bigint, creditor_number varchar, moment timestamptz, judged_at timestamptz"
# What the fact table is made by, in order.
FACT_FILES = (
    "fact_subject",
    "fact_past",
    "fact_alike",
    "fact_habits",
    "fact_verification",
    "facts",
    "fact_rare",
    "fact_mandate",
    "fact_invoice",
    "fact_received",
    "fact_screening",
)
# Earlier payments that were amended since, as they were then.
REPLAYED_VERSION = (
    "select id, entity_id, batch_id, position, received_at, creditor_number, currency, amount, end_to_end_id, "
    "creditor_reference, remittance from transactions_historicalpayment"
)
_FILES = (*FACT_FILES, "assessed", "holds", "record", "screening_hits")
_TABLE = re.compile(r"create temporary table (\w+) on commit delete rows as\s+(.*)", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*")
# Parameters of queries that are only asked for their columns.
_NOTHING = {"ids": "'{}'::bigint[]", "now": "null::timestamptz", "rule_set": "0", "list_set": "0"}


def prepare() -> None:
    """Have every table, empty, in the present transaction. Two queries when the session has them, as it mostly does."""
    make, names = _all()
    if sql.keep("facts", make) and sql.rows("select exists (select from fact_subject)")[0][0]:
        sql.run(f"truncate {names}")


def fill(name: str, params: dict[str, Any] | None = None) -> None:
    """Run controls/sql/``name``.sql: its tables are filled, its other statements are run as they stand."""
    sql.run(_filling(name), params)


@functools.cache
def steps(name: str) -> tuple[tuple[str, str], ...]:
    """The statements of controls/sql/``name``.sql that :func:`fill` runs, each with the table it fills ("": none)."""
    found = []
    for statement in _statements(name):
        made = _TABLE.fullmatch(statement)
        found.append((made[1] if made else "", _TABLE.sub(r"insert into \1 \2", statement)))
    return tuple(found)


@functools.cache
def reads() -> dict[str, frozenset[str]]:
    """Each table of a run with those that the statement which fills it reads."""
    filled = {table: text for name in FACT_FILES for table, text in steps(name) if table}
    names = re.compile(rf"\b(?:{'|'.join([*filled, *JUDGED])})\b")
    return {table: frozenset(names.findall(text)) - {table} for table, text in filled.items()}


@functools.cache
def _statements(name: str) -> list[str]:
    text = sql.text("controls", name)
    if name == "assessed":
        place = priority.sql(
            amount="f.amount", risk="coalesce(x.risk, 0)", due_at="f.due_at", received_at="f.received_at", at="%(now)s"
        )
        text = text.replace("{priority}", place)
    return [part.strip() for part in _COMMENT.sub("", text).split(";") if part.strip()]


@functools.cache
def _filling(name: str) -> str:
    return ";\n".join(_TABLE.sub(r"insert into \1 \2", statement) for statement in _statements(name))


@functools.cache
def _all() -> tuple[str, str]:
    """The statements that make the tables, and their names."""
    made: dict[str, str] = {}
    for name in _FILES:
        if name == "facts":
            made |= JUDGED
        for statement in _statements(name):
            if found := _TABLE.fullmatch(statement):
                made[found[1]] = found[2] % _NOTHING
        if name == "facts":
            made |= {"findings": FINDINGS, "replayed": REPLAYED, "replayed_version": REPLAYED_VERSION}
    steps = [
        f"create temporary table {name} on commit delete rows as {shape} with no data"
        if shape.startswith(("select", "with"))
        else f"create temporary table {name} ({shape}) on commit delete rows"
        for name, shape in made.items()
    ]
    steps += [f"create index on pg_temp.replayed ({key})" for key in _REPLAYED_BY]
    names = ", ".join(f"pg_temp.{name}" for name in made)
    return ";\n".join([f"drop table if exists {names}", *steps]), names
