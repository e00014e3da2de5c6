"""Tokens may be narrowed to entities. Taken back, every token works again wherever its user has rights."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_user_time_zone")]

    operations = [
        migrations.AddField(model_name="apitoken", name="entities", field=models.JSONField(default=list)),
    ]
