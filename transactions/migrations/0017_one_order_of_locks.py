"""Payments and debits moved by one call lock their balances together, in one order: two such calls could wait for ever."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0016_returns")]

    operations = [
        sql.install("transactions", name, migrations.RunSQL.noop)
        for name in ("clear_collections", "post_payments", "settle_payments")
    ]
