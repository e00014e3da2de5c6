"""Verification of payee: answers, which payments they stand for, and whom an entity asks, signed by a second person."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from backoffice.common import sql

SUBJECTS = [
    ("matrix", "Approval matrix"), ("limit", "Limit"), ("standing", "Standing order"),
    ("straight", "Straight-through processing"), ("account", "Overdraft"), ("channel", "Channel to a bank"),
    ("grant", "Role"), ("token", "API token of a program"), ("verifier", "Verification service"),
]  # fmt: skip
PROTECT = django.db.models.deletion.PROTECT
OUTCOMES = [("MTCH", "Match"), ("CMTC", "Close match"), ("NMTC", "No match"), ("NOAP", "Not possible")]
SOURCES = [
    ("account", "our own account"), ("payee", "a confirmed payee"), ("service", "the verification service"),
]  # fmt: skip
SERVICE = [
    ("url", models.CharField(max_length=400)),
    ("valid_hours", models.IntegerField(default=24)),
    ("is_active", models.BooleanField(default=False)),
]


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0017_cards_as_json"),
        ("transactions", "0039_references_by_value"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="VerificationService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                *SERVICE,
                ("salt", models.BinaryField(max_length=32)),
                ("secret", models.BinaryField(null=True)),
                ("waits", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("paused_until", models.DateTimeField(null=True)),
                ("last_ok_at", models.DateTimeField(null=True)),
                ("last_code", models.CharField(blank=True, max_length=48)),
                ("last_params", models.JSONField(default=dict)),
                ("created_by", models.ForeignKey(
                    on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("entity", models.OneToOneField(on_delete=PROTECT, related_name="+", to="people.entity")),
            ],
            options={"constraints": [
                models.CheckConstraint(
                    condition=Q(waits=False) | Q(is_active=False), name="verifier_waits_switched_off"),
                models.CheckConstraint(
                    condition=Q(valid_hours__gte=1, valid_hours__lte=168), name="verifier_hours_bounded",
                    violation_error_message="An answer counts for 1 to 168 hours."),
            ]},
        ),
        migrations.CreateModel(
            name="HistoricalVerificationService",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                *SERVICE,
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(
                    choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("created_by", models.ForeignKey(
                    blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+", to=settings.AUTH_USER_MODEL)),
                ("entity", models.ForeignKey(
                    blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+", to="people.entity")),
                ("history_user", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical verification service",
                "verbose_name_plural": "historical verification services",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PayeeVerification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account_number", models.CharField(max_length=34)),
                ("name", models.CharField(max_length=140)),
                ("outcome", models.CharField(choices=OUTCOMES, max_length=4)),
                ("suggested_name", models.CharField(blank=True, max_length=140)),
                ("source", models.CharField(choices=SOURCES, max_length=7)),
                ("service_reference", models.CharField(blank=True, max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("duration_ms", models.IntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=48)),
                ("params", models.JSONField(default=dict)),
                ("asked_by", models.ForeignKey(
                    db_index=False, null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("entity", models.ForeignKey(
                    db_index=False, on_delete=PROTECT, related_name="+", to="people.entity")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["entity", "account_number", "name", "-id"], name="verification_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__in=["MTCH", "CMTC", "NMTC", "NOAP"]), name="verification_outcome_known"),
                    models.CheckConstraint(
                        condition=Q(source__in=["account", "payee", "service"]), name="verification_source_known"),
                    models.CheckConstraint(
                        condition=(Q(outcome="CMTC") & ~Q(suggested_name=""))
                        | (~Q(outcome="CMTC") & Q(suggested_name="")),
                        name="verification_names_when_close",
                        violation_error_message="The holder's name is shown with a close match, and only then."),
                    models.CheckConstraint(
                        condition=Q(answered_at__isnull=False) | Q(outcome="NOAP"),
                        name="verification_answered_or_not_possible",
                        violation_error_message="What was not answered is never a match."),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentVerification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("linked_at", models.DateTimeField()),
                ("payment", models.ForeignKey(
                    db_constraint=False, db_index=False, on_delete=PROTECT, related_name="verifications",
                    to="transactions.payment")),
                ("verification", models.ForeignKey(
                    db_constraint=False, db_index=False, on_delete=PROTECT, related_name="+",
                    to="controls.payeeverification")),
            ],
            options={"indexes": [models.Index(fields=["payment", "id"], name="verification_of_payment")]},
        ),
        migrations.AlterField(
            model_name="changerequest", name="subject_type", field=models.CharField(choices=SUBJECTS, max_length=8)
        ),
        migrations.RemoveConstraint(model_name="changerequest", name="change_of_a_row_once"),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    status="waiting",
                    subject_type__in=["matrix", "standing", "straight", "account", "channel", "verifier"],
                    subject_id__isnull=False,
                ),
                fields=("subject_type", "subject_id"),
                name="change_of_a_row_once",
            ),
        ),
        sql.install(
            "controls",
            "verification_services",
            "drop trigger signed_by_two on controls_verificationservice; "
            "drop trigger signed_again on controls_verificationservice; drop function refuse_unsigned_verifier(); "
            "drop trigger stays on controls_payeeverification; drop trigger stays on controls_paymentverification; "
            "drop function refuse_verification_change()",
        ),
    ]  # fmt: skip
