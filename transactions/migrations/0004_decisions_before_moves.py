from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """A decision is kept before its move, when the database sees where the payment comes from."""

    dependencies = [("transactions", "0003_settled_when_sent")]

    operations = [
        sql.again("transactions", "undo_window", "refuse_decision", "refuse_decision_alone",
                  "with_its_move on transactions_decision"),
        sql.again("transactions", "guards", "refuse_transition"),
    ]  # fmt: skip
