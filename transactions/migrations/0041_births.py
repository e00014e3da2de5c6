"""When and where people of payments, and parties who are persons, were born."""

import datetime

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import transactions.models.parties
from backoffice.common import sql
from backoffice.common.tables import CreateModels

SIDES = [
    ("debtor", "Debtor"),
    ("creditor", "Creditor"),
    ("ultimate_debtor", "Ultimate debtor"),
    ("ultimate_creditor", "Ultimate creditor"),
]


def _said() -> list[tuple[str, models.Field]]:
    return [
        ("side", models.CharField(choices=SIDES, max_length=17)),
        ("born_on", models.DateField(null=True)),
        ("province", models.CharField(blank=True, max_length=35)),
        ("town", models.CharField(blank=True, max_length=35)),
        ("country", models.CharField(blank=True, max_length=2)),
    ]


def _of_the_living(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(("born_on", None), ("born_on__gte", datetime.date(1900, 1, 1)), _connector="OR"),
        name=name,
        violation_error_message="This date of birth is before 1900.",
    )


def _of_parties(name: str, field: models.Field) -> list[migrations.AddField]:
    return [migrations.AddField(of, name, field) for of in ("historicalparty", "party")]


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_second_person"),
        ("transactions", "0040_hold_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="HistoricalPaymentBirth",
                    fields=[
                        ("id", models.BigIntegerField(blank=True, db_index=True)),
                        *_said(),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="transactions.payment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical payment birth",
                        "verbose_name_plural": "historical payment births",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PaymentBirth",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        *_said(),
                        (
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="births",
                                to="transactions.payment",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("payment", "side"), name="birth_of_a_side_once"),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", [code for code, _label in SIDES])),
                                name="birth_side_known",
                            ),
                            _of_the_living("birth_of_the_living"),
                        ],
                    },
                ),
            ]
        ),
        *_of_parties(
            "born_on",
            models.DateField(blank=True, null=True, validators=[transactions.models.parties.validate_birth]),
        ),
        *_of_parties("birth_town", models.CharField(blank=True, db_default="", max_length=70)),
        *_of_parties("birth_country", models.CharField(blank=True, db_default="", max_length=2)),
        migrations.AddConstraint(
            "party",
            models.CheckConstraint(
                condition=models.Q(
                    ("kind", "person"),
                    models.Q(("birth_country", ""), ("birth_town", ""), ("born_on", None)),
                    _connector="OR",
                ),
                name="party_born_a_person",
                violation_error_message="Only a person is born.",
            ),
        ),
        migrations.AddConstraint("party", _of_the_living("party_birth_of_the_living")),
        sql.install("transactions", "births"),
    ]
