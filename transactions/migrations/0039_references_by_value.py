from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """What payments name is looked up once for each value, by index."""

    dependencies = [("transactions", "0038_returns_by_two")]

    operations = [sql.again("transactions", "payment_references", "payment_references")]
