"""Payments that come one by one as data are taken in by one call of the database."""

from django.db import migrations

from backoffice.common import sql

UNDO = """
    drop function take_in_few(
        bigint, bigint, varchar, bigint, bigint, timestamptz, text[], varchar, varchar, bigint, varchar, varchar,
        numeric, jsonb, jsonb, text, text, text)
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0027_straight")]

    operations = [sql.install("transactions", "take_in_few", UNDO)]
