"""Who made an account, and tokens that wait for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_squashed_0007_undo_window")]
    operations = [
        migrations.AddField(
            "user",
            "created_by",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "historicaluser",
            "created_by",
            models.ForeignKey(
                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+", to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("apitoken", "waits", models.BooleanField(db_default=False, default=False)),
    ]
