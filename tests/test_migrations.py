"""Where a database stands: new, come from the migrations of before, or in the middle of them."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from backoffice import preparation
from backoffice.common import sql
from tests import database

pytestmark = pytest.mark.django_db
SQUASHED = {
    "people": "0007_undo_window",
    "documents": "0003_subject_first",
    "transactions": "0028_take_in_few",
    "controls": "0009_cards_by_index",
}


def test_a_database_of_the_former_migrations_has_nothing_to_do() -> None:
    database.as_owner("delete from django_migrations where name like '0001_squashed_%'")
    assert {app for app, *_ in sql.rows("select app from django_migrations where name = '0001_initial'")} >= {*SQUASHED}
    call_command("migrate", check_unapplied=True, verbosity=0)  # leaves by an exit when something waits


@pytest.mark.parametrize(("app", "last"), SQUASHED.items())
def test_a_database_in_the_middle_of_them_is_refused(app: str, last: str) -> None:
    database.as_owner(
        "delete from django_migrations where app = %s and name in (%s, %s)", [app, last, f"0001_squashed_{last}"]
    )
    said = f"the database stopped among the former migrations of {app}: operations.md, Upgrading"
    with pytest.raises(SystemCheckError, match=said):
        call_command("migrate", check_unapplied=True, skip_checks=False)
    with pytest.raises(CommandError, match=said):
        preparation.database(print)
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_house", stdout=out)
    assert f"not schema in step: {said}" in out.getvalue().splitlines()


def test_the_sql_of_a_migration_can_be_read() -> None:
    out = io.StringIO()
    call_command("sqlmigrate", "controls", "0001", stdout=out)
    assert 'CREATE TABLE "controls_rule"' in out.getvalue()
    assert "create function refuse_unsigned()" in out.getvalue()
