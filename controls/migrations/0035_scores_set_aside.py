"""A score that fails stops no other; who takes a refusal back has their payment counted again."""

from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0034_reconciled_days")]
    operations = [
        migrations.AddField("scoredue", "tries", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddField("scoredue", "again_at", models.DateTimeField(null=True)),
        sql.again("controls", "movements", "restore_movement", "restore_movement on transactions_paymentstate"),
    ]
