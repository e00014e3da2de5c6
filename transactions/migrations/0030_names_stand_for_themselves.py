from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """Functions name their tables so that no temporary table stands in for them."""

    dependencies = [("transactions", "0029_signing_many")]

    operations = [
        sql.again("transactions", "transmissions", "refuse_other_entity"),
        sql.again("transactions", "cut_offs", "payment_times"),
        sql.again("transactions", "take_in_few", "take_in_few"),
    ]
