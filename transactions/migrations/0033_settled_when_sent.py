from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    """A file is sent with all its payments, or void; a payment is settled when it was sent."""

    dependencies = [("transactions", "0032_undone_like_reopened")]

    operations = [
        migrations.AlterField(
            model_name="outgoingfile",
            name="status",
            field=models.CharField(
                choices=[
                    ("prepared", "Prepared"), ("sent", "Sent"), ("settled", "Settled"), ("rejected", "Rejected"),
                    ("void", "Void"),
                ],
                default="prepared",
                max_length=8,
            ),
        ),
        sql.again("transactions", "settle_payments", "settle_payments"),
        sql.again("transactions", "collections", "move_collections"),
        sql.again(
            "transactions", "guards", "written_once on transactions_outgoingfile", "refuse_partial_file",
            "sent_whole on transactions_outgoingfile", "refuse_void", "void_is_empty on transactions_outgoingfile",
            "void_file", "refuse_unfiled",
        ),
    ]  # fmt: skip
