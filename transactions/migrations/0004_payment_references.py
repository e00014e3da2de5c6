import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql

PROTECT = django.db.models.deletion.PROTECT
BARE = {"db_constraint": False, "db_index": False, "on_delete": PROTECT}


class Migration(migrations.Migration):
    """References of payments are checked once a statement; the indexes that a composite one covers go."""

    dependencies = [
        ("people", "0001_initial"),
        ("transactions", "0003_ledger"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "payment", "entity", models.ForeignKey(related_name="payments", to="people.entity", **BARE)
        ),
        migrations.AlterField(
            "payment", "batch", models.ForeignKey(related_name="payments", to="transactions.paymentbatch", **BARE)
        ),
        migrations.AlterField(
            "payment", "maker", models.ForeignKey(null=True, related_name="+", to=settings.AUTH_USER_MODEL, **BARE)
        ),
        migrations.AlterField(
            "payment",
            "debtor_account",
            models.ForeignKey(null=True, related_name="+", to="transactions.account", **BARE),
        ),
        migrations.AlterField(
            "payment",
            "creditor_account",
            models.ForeignKey(null=True, related_name="+", to="transactions.account", **BARE),
        ),
        migrations.AlterField(
            "payment",
            "payee",
            models.ForeignKey(null=True, related_name="payments", to="transactions.payee", **BARE),
        ),
        migrations.AlterField(
            "paymentstate",
            "payment",
            models.OneToOneField(
                db_constraint=False,
                on_delete=PROTECT,
                primary_key=True,
                related_name="state",
                serialize=False,
                to="transactions.payment",
            ),
        ),
        migrations.AlterField("paymentstate", "entity", models.ForeignKey(related_name="+", to="people.entity", **BARE)),
        migrations.AddIndex(
            "account",
            models.Index(
                fields=["entity", "other_number"],
                name="account_by_other_number",
                condition=models.Q(("other_number", ""), _negated=True),
            ),
        ),
        migrations.AddIndex(
            "paymentbatch",
            models.Index(
                fields=["entity", "message_id"],
                name="batch_by_message",
                condition=models.Q(("message_id", ""), _negated=True),
            ),
        ),
        sql.install(
            "transactions",
            "payment_references",
            "drop trigger payment_references on transactions_payment;"
            "drop trigger payment_references_kept on transactions_payment;"
            "drop trigger state_references on transactions_paymentstate;"
            "drop function payment_references(); drop function state_references()",
        ),
    ]
