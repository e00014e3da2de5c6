"""Statements of accounts, with their lines."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_squashed_0003_subject_first"),
        ("people", "0003_reporter"),
        ("transactions", "0041_births"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("camt053", "camt.053"),
                            ("camt052", "camt.052"),
                            ("camt054", "camt.054"),
                            ("mt940", "MT940"),
                            ("mt942", "MT942"),
                            ("cfonb120", "CFONB 120"),
                            ("ofx", "OFX"),
                            ("bai2", "BAI2"),
                            ("bank_csv", "CSV"),
                        ],
                        max_length=8,
                    ),
                ),
                ("identification", models.CharField(blank=True, max_length=70)),
                ("sequence", models.CharField(blank=True, max_length=35)),
                ("page", models.CharField(blank=True, max_length=10)),
                ("number", models.CharField(max_length=70)),
                ("currency", models.CharField(max_length=3)),
                ("issued_at", models.DateTimeField(null=True)),
                ("from_on", models.DateField(null=True)),
                ("to_on", models.DateField(null=True)),
                ("opening", models.DecimalField(decimal_places=5, max_digits=28, null=True)),
                ("closing", models.DecimalField(decimal_places=5, max_digits=28, null=True)),
                ("line_count", models.IntegerField()),
                ("credit_sum", models.DecimalField(decimal_places=5, max_digits=28)),
                ("debit_sum", models.DecimalField(decimal_places=5, max_digits=28)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("taken", "Taken in"),
                            ("superseded", "Replaced"),
                            ("parallel", "Told before by another file"),
                        ],
                        default="taken",
                        max_length=10,
                    ),
                ),
                ("findings", models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("file_name", models.CharField(blank=True, max_length=200)),
                ("taken_at", models.DateTimeField()),
                ("matched_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="transactions.account",
                    ),
                ),
                (
                    "attachment",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.attachment",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.entity",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successors",
                        to="transactions.statement",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("end_to_end_id", models.CharField(blank=True, max_length=70)),
                ("instruction_id", models.CharField(blank=True, max_length=70)),
                ("transaction_id", models.CharField(blank=True, max_length=70)),
                ("mandate_id", models.CharField(blank=True, max_length=70)),
                ("payment_info_id", models.CharField(blank=True, max_length=70)),
                ("message_id", models.CharField(blank=True, max_length=70)),
                ("counterparty_name", models.CharField(blank=True, max_length=140)),
                ("counterparty_number", models.CharField(blank=True, max_length=70)),
                ("counterparty_bic", models.CharField(blank=True, max_length=11)),
                ("creditor_reference", models.CharField(blank=True, max_length=70)),
                ("remittance", models.TextField(blank=True)),
                ("return_code", models.CharField(blank=True, max_length=35)),
                ("original_amount", models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ("original_currency", models.CharField(blank=True, max_length=3)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                ("charges", models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ("charges_currency", models.CharField(blank=True, max_length=3)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.IntegerField()),
                ("file_line", models.BigIntegerField(default=0)),
                ("status", models.CharField(default="booked", max_length=11)),
                ("credit", models.BooleanField()),
                ("amount", models.DecimalField(decimal_places=5, max_digits=18)),
                ("currency", models.CharField(max_length=3)),
                ("booking_on", models.DateField()),
                ("value_on", models.DateField()),
                ("reversal", models.BooleanField(default=False)),
                ("code", models.CharField(blank=True, max_length=50)),
                ("bank_reference", models.CharField(blank=True, max_length=70)),
                ("customer_reference", models.CharField(blank=True, max_length=70)),
                ("batch_count", models.IntegerField(null=True)),
                ("information", models.TextField(blank=True)),
                ("detail_count", models.IntegerField(default=0)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.IntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="transactions.account",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.entity",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retold",
                        to="transactions.statementline",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="transactions.statement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementDetail",
            fields=[
                ("end_to_end_id", models.CharField(blank=True, max_length=70)),
                ("instruction_id", models.CharField(blank=True, max_length=70)),
                ("transaction_id", models.CharField(blank=True, max_length=70)),
                ("mandate_id", models.CharField(blank=True, max_length=70)),
                ("payment_info_id", models.CharField(blank=True, max_length=70)),
                ("message_id", models.CharField(blank=True, max_length=70)),
                ("counterparty_name", models.CharField(blank=True, max_length=140)),
                ("counterparty_number", models.CharField(blank=True, max_length=70)),
                ("counterparty_bic", models.CharField(blank=True, max_length=11)),
                ("creditor_reference", models.CharField(blank=True, max_length=70)),
                ("remittance", models.TextField(blank=True)),
                ("return_code", models.CharField(blank=True, max_length=35)),
                ("original_amount", models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ("original_currency", models.CharField(blank=True, max_length=3)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                ("charges", models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ("charges_currency", models.CharField(blank=True, max_length=3)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.IntegerField()),
                ("amount", models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("credit", models.BooleanField(null=True)),
                ("bank_reference", models.CharField(blank=True, max_length=70)),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="transactions.statementline",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["account", "-to_on", "-id"], name="statement_of_account"),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["entity", "-id"], name="statement_page"),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(
                condition=models.Q(("matched_at", None)), fields=["taken_at"], name="statement_unmatched"
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "superseded"), _negated=True),
                fields=("account", "fingerprint"),
                name="statement_once",
                violation_error_message="This statement was taken in before.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("supersedes__isnull", False)),
                fields=("supersedes",),
                name="statement_replaced_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("credit_sum__gte", 0), ("debit_sum__gte", 0), ("line_count__gte", 0)),
                name="statement_sums",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_on", None), ("to_on", None), ("to_on__gte", models.F("from_on")), _connector="OR"
                ),
                name="statement_period",
            ),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["account", "-booking_on", "-id"], name="line_page"),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="line_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(fields=("statement", "place"), name="line_place_once"),
        ),
        migrations.AddConstraint(
            model_name="statementdetail",
            constraint=models.UniqueConstraint(fields=("line", "place"), name="detail_place_once"),
        ),
        sql.install("transactions", "statements"),
        sql.install("transactions", "charges"),
    ]
