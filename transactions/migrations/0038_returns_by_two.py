import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from backoffice.common import sql


class Migration(migrations.Migration):
    """A return without a message of the bank is booked by two people."""

    dependencies = [
        ("transactions", "0037_channels_wait"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReturnProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason_code", models.CharField(max_length=4)),
                ("reason", models.TextField(blank=True)),
                ("value_date", models.DateField(null=True)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("end", models.CharField(blank=True, max_length=9)),
                ("ended_by", models.ForeignKey(
                    db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
                ("payment", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="return_proposals",
                    to="transactions.payment")),
                ("proposed_by", models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
            ],
            options={"constraints": [
                models.UniqueConstraint(fields=["payment"], condition=Q(ended_at=None), name="return_proposed_once"),
                models.CheckConstraint(
                    condition=Q(ended_at=None, ended_by=None, end="")
                    | Q(ended_at__isnull=False, ended_by__isnull=False, end="replaced")
                    | (Q(ended_at__isnull=False, ended_by__isnull=False, end="confirmed")
                       & ~Q(ended_by=F("proposed_by"))),
                    name="return_confirmed_by_another"),
            ]},
        ),
        sql.install("transactions", "return_proposals"),
    ]  # fmt: skip
