"""The guard of signatures looks up by index: a session that signed first in empty tables kept the plan for those."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_squashed_0028_take_in_few")]

    operations = [sql.again("transactions", "four_eyes", "refuse_own_signature")]
