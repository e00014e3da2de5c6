from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """A control card is frozen by the table of its signature or release, and by no other."""

    dependencies = [("controls", "0010_signing_many")]

    operations = [
        sql.again("controls", "control_cards", "freeze_control_card"),
        sql.again("controls", "straight", "freeze_release_card"),
    ]
