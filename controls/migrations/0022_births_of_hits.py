"""Hits keep what was known of births, by which the queue of those of one score is sorted."""

from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0021_watch_lists"), ("transactions", "0041_births")]
    operations = [
        migrations.AddField("screeninghit", "birth", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddConstraint(
            "screeninghit",
            models.CheckConstraint(
                condition=models.Q(("birth__gte", -1), ("birth__lte", 1)), name="hit_birth_agrees_or_not"
            ),
        ),
        migrations.RemoveIndex("screeninghit", "hit_open"),
        migrations.AddIndex(
            "screeninghit",
            models.Index(
                condition=models.Q(("status", "open")),
                fields=["entity", "-score", "-birth", "-id"],
                name="hit_open",
            ),
        ),
        sql.install("controls", "births", "drop function birth_agrees(date, jsonb), known_birth(bigint, text)"),
    ]
