from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_initial")]

    operations = [
        sql.install(
            "transactions",
            "four_eyes",
            "drop trigger signed_first on transactions_paymentstate; drop function refuse_unsigned(); "
            "drop trigger withdrawn_only on transactions_paymentapproval; drop function refuse_signature_change(); "
            "drop trigger not_by_maker on transactions_paymentapproval; drop function refuse_own_signature()",
        )
    ]
