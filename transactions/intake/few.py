"""A few understood rows into payments by one statement: what a person types, or a program sends one by one.

It is the SQL of the files for chunks, with the rows themselves where those have their temporary tables: making two
tables for one payment, and dropping them when it commits, took longer than all the rest.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

from backoffice.common import sql
from transactions.intake import account_numbers
from transactions.intake.fields import COLUMNS
from transactions.intake.rows import Problem
from transactions.intake.writer import said_before

MOST = 50
_TABLE = re.compile(r"create temporary table (\w+) \((.*?)\n\) on commit delete rows", re.DOTALL)
_COLUMN = re.compile(r"^\s+(\w+) (\w+(?:\([0-9, ]+\))?)", re.MULTILINE)


@functools.cache
def _text() -> tuple[str, str]:
    """The statement before and after its rows: stage and plan are parts of it that have the names of the tables."""
    tables = {name: dict(_COLUMN.findall(inside)) for name, inside in _TABLE.findall(_file("intake_stage"))}
    looked_up, _insert, planned = _file("intake_plan").partition("insert into intake_plan\n")
    taken = _file("intake_take_in")
    if not (looked_up.startswith("with ") and planned and taken.startswith("with ")):
        raise RuntimeError("the SQL of intake no longer has the form that few.py puts together")
    casts = ", ".join(f"v.{name}::{tables['intake_stage'][name]}" for name in COLUMNS)
    before = f"with intake_stage ({', '.join(COLUMNS)}) as materialized (select {casts} from (values "  # noqa: S608
    after = (
        f") v ({', '.join(COLUMNS)})), {looked_up.removeprefix('with ').rstrip()}, "
        f"intake_plan ({', '.join(tables['intake_plan'])}) as materialized ({planned.rstrip().rstrip(';')}), "
        f"{taken.removeprefix('with ')}"
    )
    return before, after


def _file(name: str) -> str:
    lines = sql.text("transactions", name).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")) + "\n"


class FewWriter:
    """As :class:`ChunkWriter`, for at most ``MOST`` rows in all."""

    def __init__(self, params: dict[str, Any], say: Callable[[Problem], None]) -> None:
        self.params = {**params, "sepa": list(account_numbers.sepa_countries())}
        self.say = say
        self.taken = 0
        self.rows: list[tuple[str, ...]] = []

    def __enter__(self) -> "FewWriter":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def add(self, columns: tuple[str, ...]) -> bool:
        self.rows.append(columns)
        return False

    def finish(self) -> None:
        if not self.rows:
            return
        before, after = _text()
        named = {f"{number}_{at}": value for number, row in enumerate(self.rows) for at, value in enumerate(row)}
        places = ", ".join(
            f"({', '.join(f'%({number}_{at})s' for at in range(len(COLUMNS)))})" for number in range(len(self.rows))
        )
        payments, states, records, seen = sql.rows(before + places + after, {**self.params, **named})[0]
        if not payments == states == records:
            raise RuntimeError(f"{payments} payments, {states} states and {records} records were made")
        self.taken = payments
        for problem in said_before(seen):
            self.say(problem)
