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
    "fact_name": "given varchar, known varchar, similarity integer",
    "fact_screened": "form varchar, raw text, key text, list_id bigint, list_entity bigint, list_kind varchar, "
    "list_name varchar, list_number integer, entry_id bigint, entry_code varchar, digest varchar, name varchar, "
    "score integer, match jsonb",
}
# What the rules found (controls/rules/rulesets.py).
FINDINGS = (
    "payment_id bigint, version_id bigint, rule_code text, action text, weight smallint, shadow boolean, evidence jsonb"
)
_FILES = (
    "fact_subject",
    "fact_past",
    "fact_alike",
    "fact_habits",
    "facts",
    "fact_rare",
    "fact_mandate",
    "fact_invoice",
    "fact_received",
    "fact_screening",
    "assessed",
    "holds",
    "record",
    "screening_hits",
)
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
            made["findings"] = FINDINGS
    steps = [
        f"create temporary table {name} on commit delete rows as {shape} with no data"
        if shape.startswith(("select", "with"))
        else f"create temporary table {name} ({shape}) on commit delete rows"
        for name, shape in made.items()
    ]
    names = ", ".join(f"pg_temp.{name}" for name in made)
    return ";\n".join([f"drop table if exists {names}", *steps]), names
