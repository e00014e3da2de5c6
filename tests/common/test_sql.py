"""Long lists reach the database as one literal and mean what short ones mean."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.common import sql

pytestmark = pytest.mark.django_db
# What PostgreSQL can hold: no NUL, no half of a pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    some=st.lists(
        st.one_of(st.none(), TEXTS, st.sampled_from(['"', "\\", "'", "{a,b}", "NULL", "null", ""])), min_size=1
    )
)
def test_texts_come_back_as_they_went(some: list[str | None], db: Any) -> None:
    many = (some * sql.LONG)[: max(sql.LONG, len(some))]
    assert [row[0] for row in sql.rows("select unnest(%s::text[])", [many])] == many


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(some=st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1))
def test_numbers_come_back_as_they_went(some: list[int | None], db: Any) -> None:
    many = (some * sql.LONG)[: max(sql.LONG, len(some))]
    assert [row[0] for row in sql.rows("select unnest(%s::bigint[])", [many])] == many


@pytest.mark.parametrize("kind", ["int", "smallint", "bigint", "numeric"])
def test_numbers_take_the_type_that_the_statement_names(kind: str) -> None:
    many = list(range(sql.LONG))
    assert sql.rows(f"select sum(n), pg_typeof(min(n))::text from unnest(%(many)s::{kind}[]) n", {"many": many})[0] == (
        sum(many),
        {"int": "integer"}.get(kind, kind),
    )


def test_a_long_list_is_one_constant_and_a_mixed_one_is_left_alone() -> None:
    with CaptureQueriesContext(connection) as asked:
        sql.run("select 1 where 5 = any(%s)", [list(range(sql.LONG))])
        sql.run("select 1 where true = any(%s)", [[True] * sql.LONG])
        sql.run("select 1 where 5 = any(%s)", [list(range(sql.LONG - 1))])
    assert [("ARRAY[" in one["sql"], "'{" in one["sql"]) for one in asked.captured_queries] == [
        (False, True), (True, False), (True, False),
    ]  # fmt: skip
