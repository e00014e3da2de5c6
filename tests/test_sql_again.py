"""A step that defines anew takes the one definition out of its file."""

import re

import pytest

from backoffice.common import sql

ROOMS = ("backoffice", "controls", "documents", "transactions")
FILES = [path for room in ROOMS for path in sorted((sql.ROOT / room).glob("**/sql/*.sql"))]
MADE = re.compile(r"create (?:or replace )?(?:constraint )?(function|trigger)\b")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_definition_is_taken_whole_and_alone(path) -> None:  # type: ignore[no-untyped-def]
    source = path.read_text(encoding="utf-8")
    names = re.findall(r"create (?:or replace )?function (\w+)\(", source)
    names += [
        f"{trigger} on {table}"
        for trigger, table in re.findall(
            r"create (?:or replace )?(?:constraint )?trigger (\w+)\s[^;]*?\son (\w+)\s", source
        )
    ]
    for name in names:
        taken = sql._definition(source, name)
        assert len(MADE.findall(taken)) == 1, name
        assert taken.endswith(";")
        assert taken.count("$$") in (0, 2)
        assert re.match(r"create or replace (function|trigger)|drop trigger if exists", taken)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(ValueError, match="nothing_there is not defined there"):
        sql.again("transactions", "books", "nothing_there")
