"""Back-tests, and the status that a payment had at a moment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from backoffice.common import sql

STATES = [
    ("queued", "Waiting to begin"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled"),
    ("failed", "Failed"),
]  # fmt: skip
BY = [("new", "Newly caught"), ("former", "No longer caught"), ("both", "Caught by both")]
JUDGEMENTS = [("right", "Right"), ("wrong", "Wrong"), ("unsure", "Unsure")]
PROTECT, CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("controls", "0019_rules_life"),
        ("transactions", "0039_references_by_value"),
    ]
    operations = [
        migrations.CreateModel(
            name="BackTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said", models.JSONField()),
                ("since_on", models.DateField()),
                ("until_on", models.DateField()),
                ("entity_ids", models.JSONField()),
                ("state", models.CharField(choices=STATES, default="queued", max_length=9)),
                ("total", models.BigIntegerField(default=0)),
                ("judged", models.BigIntegerField(default=0)),
                ("seed", models.BigIntegerField()),
                ("figures", models.JSONField(default=dict)),
                ("failure", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("touched_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("against", models.ForeignKey(null=True, on_delete=CASCADE, related_name="+", to="controls.ruleversion")),
                ("asked_by", models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False, on_delete=CASCADE, related_name="back_tests", to="controls.ruleversion"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["version", "-id"], name="backtest_of_version"),
                    models.Index(
                        condition=Q(state__in=["queued", "running"]), fields=["touched_at"], name="backtest_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(until_on__gte=F("since_on")), name="backtest_days_in_order"),
                    models.CheckConstraint(condition=~Q(version=F("against")), name="backtest_against_another"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTestPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("first_at", models.DateTimeField()),
                ("first_id", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
                ("last_id", models.BigIntegerField()),
                ("payment_count", models.IntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("figures", models.JSONField(default=dict)),
                ("back_test", models.ForeignKey(on_delete=CASCADE, related_name="parts", to="controls.backtest")),
                (
                    "entity",
                    models.ForeignKey(db_index=False, on_delete=PROTECT, related_name="+", to="people.entity"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("back_test", "number"), name="backtest_part_once")]
            },
        ),
        migrations.CreateModel(
            name="BackTestHit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("by", models.CharField(choices=BY, max_length=6)),
                ("fate", models.CharField(max_length=8)),
                ("evidence", models.JSONField(default=dict)),
                ("draw", models.BigIntegerField()),
                ("judgement", models.CharField(blank=True, choices=JUDGEMENTS, db_default="", max_length=6)),
                ("judged_at", models.DateTimeField(null=True)),
                (
                    "back_test",
                    models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="hits", to="controls.backtest"),
                ),
                (
                    "judged_by",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=PROTECT, related_name="+",
                        to="transactions.payment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["back_test", "draw"], name="backtest_sample")],
                "constraints": [
                    models.UniqueConstraint(fields=("back_test", "payment"), name="backtest_hit_once"),
                    models.CheckConstraint(
                        condition=Q(judged_by=None, judgement="") | (~Q(judgement="") & Q(judged_by__isnull=False)),
                        name="backtest_judged_by_somebody",
                    ),
                ],
            },
        ),
        sql.install(
            "controls", "backtests",
            "drop function status_at(bigint, timestamptz); drop function status_after(text)",
        ),
    ]  # fmt: skip
