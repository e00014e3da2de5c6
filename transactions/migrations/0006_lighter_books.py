"""The checks of the books in their lighter form, and an index of entries without the column that is empty in it."""

from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0005_batch_views")]

    operations = [
        # The former form accepts and refuses the same; it is not brought back.
        sql.install("transactions", "books_checks", migrations.RunSQL.noop),
        migrations.RemoveConstraint("journalentry", "entry_once_per_step"),
        migrations.AddConstraint(
            "journalentry",
            models.UniqueConstraint(
                condition=models.Q(("payment__isnull", False), ("reverses__isnull", True)),
                fields=("payment", "kind"),
                name="entry_once_per_step",
                violation_error_message="A payment is posted once and settled once.",
            ),
        ),
    ]
