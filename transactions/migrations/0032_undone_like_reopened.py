from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """Whatever leaves the given-up for life again is measured by what was paid meanwhile."""

    dependencies = [("transactions", "0031_answered_as_asked")]

    operations = [
        sql.again("transactions", "refunds", "revived_within_original on transactions_paymentstate"),
        sql.again("transactions", "supplier_invoices", "still_open on transactions_paymentstate"),
        sql.again(
            "transactions", "instant", "refuse_revived_instant", "revived_within_limit on transactions_paymentstate"
        ),
    ]
