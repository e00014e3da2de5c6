"""Where a database stands: new, come from the migrations of before, or in the middle of them."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

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
    refusal = rf"{app}\.{last} with any of \[{app}\.0001_squashed_{last}\] but wasn't able"
    with pytest.raises(NodeNotFoundError, match=refusal):
        MigrationLoader(connection)
