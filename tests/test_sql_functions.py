"""What holds of every function of the database: whose names it means, and who may hang it where."""

import re

import pytest
from django.db import DatabaseError, transaction

from backoffice.common import sql
from tests import database, people
from transactions.models import BankChannel

pytestmark = pytest.mark.django_db
_FUNCTIONS = """
    select p.proname, p.prosrc, coalesce(array_to_string(p.proconfig, ';'), ''), p.prosecdef,
           p.prorettype = 'trigger'::regtype, has_function_privilege('backoffice', p.oid, 'execute')
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and p.proname <> 'tests_as_owner' order by 1
"""
_BARE = re.compile(r"(?<![\w.])(?:people|transactions|controls|documents|webhooks|django)_\w+")
# The temporary schema last: where it is not named, its tables are found before all others.
_ITS_OWN_PATH = re.compile(r"search_path=(pg_catalog, )?public, pg_temp(;|$)")


def test_no_temporary_table_stands_in_for_a_table_that_a_function_means() -> None:
    found = sql.rows(_FUNCTIONS)
    assert len(found) > 90
    bare = {
        name: sorted(set(_BARE.findall(re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", body))))
        for name, body, settings, *_rest in found
        if not _ITS_OWN_PATH.search(settings)
    }
    assert {name: tables for name, tables in bare.items() if tables} == {}
    owners = [(name, settings) for name, _body, settings, of_owner, *_rest in found if of_owner]
    assert [name for name, settings in owners if not _ITS_OWN_PATH.search(settings)] == []


def test_nobody_but_the_owner_hangs_the_function_of_a_trigger_anywhere() -> None:
    fired = [(name, allowed) for name, _b, _s, _o, is_trigger, allowed in sql.rows(_FUNCTIONS) if is_trigger]
    assert len(fired) > 50
    assert [name for name, allowed in fired if allowed] == []


def test_a_route_across_entities_is_refused_beside_temporary_tables_of_the_same_names() -> None:
    stage, other = people.bank_branch(), people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    channel = BankChannel.objects.create(
        entity=other.entity, kind="folder", name="x", salt=b"x" * 32, out_folder="out", created_by=people.person(),
        waits=True, is_active=False,
    )  # fmt: skip
    for table in ("transactions_bankchannel", "transactions_account"):
        sql.run(f"create temporary table {table} (id bigint, entity_id bigint) on commit drop")
    with pytest.raises(DatabaseError, match="of another entity than the channel"), transaction.atomic():
        sql.run(
            "insert into public.transactions_channelroute (entity_id, channel_id, account_id, kind) "
            "values (%s, %s, %s, 'pain001')",
            [stage.entity.pk, channel.pk, stage.customer.pk],
        )
    assert sql.rows("select count(*) from public.transactions_channelroute") == [(0,)]


def test_a_right_that_was_given_back_by_a_new_definition_is_taken_again_by_the_grants() -> None:
    database.as_owner("grant execute on function refuse_change() to public")
    database.as_owner(sql.text("backoffice", "grants").replace("current_database_name", _database()))
    assert sql.rows("select has_function_privilege('backoffice', 'refuse_change()', 'execute')") == [(False,)]


def _database() -> str:
    name: str = sql.rows("select quote_ident(current_database())")[0][0]
    return name
