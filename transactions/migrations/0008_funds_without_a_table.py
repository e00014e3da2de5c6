"""Funds are reserved without a temporary table, which each call made and dropped."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0007_guards")]

    operations = [
        # The former form gives the same answers; it is not brought back.
        sql.install("transactions", "funds", migrations.RunSQL.noop),
    ]
