"""What thousands of signatures in one gesture wait for: the last assessment of each payment, and their guards and cards."""

import django.db.models.deletion
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0001_squashed_0009_cards_by_index"),
        ("transactions", "0001_squashed_0028_take_in_few"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="assessment", index=models.Index(fields=["payment", "id"], name="assessment_last")
        ),
        migrations.AlterField(
            model_name="assessment",
            name="payment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="transactions.payment",
            ),
        ),
        sql.again("controls", "control_cards", "freeze_control_card"),
        sql.again("controls", "straight", "refuse_unsigned", "freeze_release_card"),
    ]
