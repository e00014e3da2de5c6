"""A hold that a check keeps until what it found is decided; one placed after the last signature stops the posting."""

from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0039_references_by_value")]
    operations = [
        migrations.AddField("hold", "stays", models.BooleanField(db_default=False, default=False)),
        sql.again("transactions", "post_payments", "post_payments"),
        sql.again("transactions", "received", "post_receipts"),
        sql.again("transactions", "collections", "move_collections"),
        sql.again("transactions", "cards", "post_cards"),
    ]
