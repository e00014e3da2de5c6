"""Nobody signs a change of their own rights."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0011_cards_of_their_tables")]
    operations = [sql.again("controls", "changes", "refuse_own_change")]
