"""Postings are known by their entry and line: one index less on the largest table. Their count stays for the order."""

from django.db import migrations, models

from backoffice.common import sql

BY_LINE = """
    alter table transactions_posting drop constraint transactions_posting_pkey, drop constraint posting_line_once,
        add primary key (entry_id, line);
"""
BY_COUNT = """
    alter table transactions_posting drop constraint transactions_posting_pkey, add primary key (id),
        add constraint posting_line_once unique (entry_id, line);
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0008_funds_without_a_table")]

    operations = [
        sql.install("transactions", "post_payments", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(BY_LINE, BY_COUNT)],
            state_operations=[
                migrations.RemoveConstraint("posting", "posting_line_once"),
                migrations.AlterField("posting", "id", models.BigIntegerField(editable=False)),
                migrations.AddField("posting", "pk", models.CompositePrimaryKey(
                        "entry_id", "line", blank=True, editable=False, primary_key=True, serialize=False
                    )),
            ],
        )
    ]
