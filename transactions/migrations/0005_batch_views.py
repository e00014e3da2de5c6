"""Views of few batches among many: those refused, and those with rows that were not taken in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("transactions", "0004_payment_references")]

    operations = [
        AddIndexConcurrently(
            model_name="paymentbatch",
            index=models.Index(
                fields=["entity", "-id"], name="batch_refused", condition=models.Q(status="refused")
            ),
        ),
        AddIndexConcurrently(
            model_name="paymentbatch",
            index=models.Index(
                fields=["entity", "-id"], name="batch_with_problems", condition=models.Q(problem_count__gt=0)
            ),
        ),
    ]
