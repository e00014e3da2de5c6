from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    """A document is answered with a document, and by whom it was asked of or by others than the payment's makers."""

    dependencies = [("transactions", "0030_names_stand_for_themselves")]

    operations = [
        sql.again(
            "transactions", "questions", "refuse_answer", "answered_as_asked on transactions_informationrequest"
        ),
    ]
