"""Nobody signs a change of their own rights."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0001_squashed_0009_cards_by_index")]
    operations = [sql.again("controls", "changes", "refuse_own_change")]
