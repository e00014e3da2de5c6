import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("documents", "0002_audit_trail"),
        ("transactions", "0002_four_eyes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("paymentstate", "funds_held", models.BooleanField(db_default=False, default=False)),
        migrations.AlterField(
            "paymentstate",
            "claimed_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "paymentstate",
            "entity",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
            ),
        ),
        migrations.AlterField(
            "journalentry",
            "entity",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.entity",
            ),
        ),
        migrations.RemoveConstraint("journalentry", "entry_once_per_step"),
        migrations.AlterField(
            "journalentry",
            "reverses",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="transactions.journalentry",
            ),
        ),
        migrations.AddConstraint(
            "journalentry",
            models.UniqueConstraint(
                condition=models.Q(("payment__isnull", False)),
                fields=("payment", "kind", "reverses"),
                name="entry_once_per_step",
                nulls_distinct=False,
                violation_error_message="A payment is posted once and settled once.",
            ),
        ),
        migrations.AddConstraint(
            "journalentry",
            models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)),
                fields=("reverses",),
                name="entry_reversed_once",
                violation_error_message="An entry is reversed once.",
            ),
        ),
        migrations.AlterField(
            "posting",
            "entry",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="transactions.journalentry",
            ),
        ),
        migrations.AddField("posting", "line", models.SmallIntegerField()),
        migrations.AddConstraint(
            "posting", models.UniqueConstraint(fields=("entry", "line"), name="posting_line_once")
        ),
        sql.install(
            "transactions",
            "money",
            "alter table transactions_payment drop constraint payment_amount_in_currency;"
            "alter table transactions_posting drop constraint posting_amount_in_currency;"
            "drop function currency_exponent(text)",
        ),
        sql.install("transactions", "books_checks", "drop function keep_books(); drop function refuse_empty_entry()"),
        sql.install(
            "transactions",
            "books",
            "alter table transactions_posting drop constraint posting_line_from_one;"
            "drop trigger keep_books on transactions_posting; drop trigger with_postings on transactions_journalentry;"
            "drop trigger append_only on transactions_posting; drop trigger append_only_all on transactions_posting;"
            "drop trigger append_only on transactions_journalentry;"
            "drop trigger append_only_all on transactions_journalentry",
        ),
        sql.install(
            "transactions", "post_payments", "drop function post_payments(bigint[], bigint, timestamptz)"
        ),
        sql.install(
            "transactions", "funds", "drop function reserve_funds(bigint[]); drop function release_funds(bigint[])"
        ),
        sql.install("transactions", "settle_payments", "drop function settle_payments(bigint[], bigint, date)"),
        sql.install(
            "transactions",
            "settle",
            "drop function reverse_payments(bigint[], bigint, text, text);"
            "drop function write_reversal(bigint, timestamptz); drop function open_balance(bigint, bigint, numeric, bigint)",
        ),
    ]
