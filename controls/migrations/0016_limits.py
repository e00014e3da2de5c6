"""Limits are widened by two people, by the database too."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0015_channels")]
    operations = [
        sql.install(
            "controls",
            "limits",
            "drop trigger signed_by_two on people_limit; drop trigger signed_again on people_limit; "
            "drop function refuse_unsigned_limit()",
        )
    ]
