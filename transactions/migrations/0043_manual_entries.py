"""Entries by hand: written by the owner of the books when upper floors have seen who asked and who agreed."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0042_statements")]
    operations = [
        sql.install(
            "transactions",
            "manual_entries",
            "drop function book_entry(bigint, bigint, numeric, boolean, text, date)",
        )
    ]
