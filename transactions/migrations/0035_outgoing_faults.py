import django.db.models.deletion
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    """What the bank would refuse a file for goes in none, and says why."""

    dependencies = [("transactions", "0034_decisions_before_moves")]

    operations = [
        migrations.CreateModel(
            name="OutgoingFault",
            fields=[
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="outgoing_fault",
                        serialize=False, to="transactions.payment",
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("found_at", models.DateTimeField()),
            ],
        ),
        sql.again("transactions", "returns", "return_payments"),
    ]  # fmt: skip
