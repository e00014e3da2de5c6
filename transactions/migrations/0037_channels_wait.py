"""A channel waits for a second person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transactions", "0036_floors")]
    operations = [
        migrations.AddField("bankchannel", "waits", models.BooleanField(db_default=False, default=False)),
        migrations.AddConstraint(
            "bankchannel",
            models.CheckConstraint(
                condition=models.Q(waits=False) | models.Q(is_active=False), name="channel_waits_switched_off"
            ),
        ),
    ]
