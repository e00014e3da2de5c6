from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """A card's content is written as json, which is text from the start."""

    dependencies = [("controls", "0016_limits")]

    operations = [
        sql.again("controls", "control_cards", "freeze_control_card"),
        sql.again("controls", "straight", "freeze_release_card"),
    ]
