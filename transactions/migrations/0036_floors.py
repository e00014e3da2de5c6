"""How far below zero an account may go is signed by two people."""

from django.db import migrations

from backoffice.common import sql

# As transactions/sql/guards.sql has it.
BEGINS_EMPTY = """
    drop policy begins_empty on transactions_accountbalance;
    create policy begins_empty on transactions_accountbalance
        for insert with check (balance = 0 and held = 0 and floor = 0);
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0035_outgoing_faults")]
    operations = [
        sql.install("transactions", "floors", "drop function set_floor(bigint, numeric, bigint)"),
        migrations.RunSQL(BEGINS_EMPTY, ""),
    ]
