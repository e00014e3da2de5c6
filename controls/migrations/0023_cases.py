"""Alerts, the cases that gather them, verdicts on these, and reports of suspicion."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql
from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0022_births_of_hits"),
        ("people", "0003_reporter"),
        ("transactions", "0040_hold_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="AlertDue",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transactions.payment",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("payee", "Payee"),
                                    ("file", "File"),
                                    ("operator", "Operator"),
                                    ("rule", "Rule"),
                                    ("other", "Other cause"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("label", models.CharField(max_length=140)),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "entity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("typology", models.CharField(max_length=24)),
                        (
                            "group",
                            models.CharField(
                                choices=[
                                    ("payee", "Payee"),
                                    ("number", "Account outside"),
                                    ("account", "Account"),
                                    ("operator", "Operator"),
                                    ("payment", "Payment"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("group_key", models.CharField(max_length=140)),
                        ("subject", models.CharField(blank=True, max_length=140)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("working", "In progress"),
                                    ("waiting", "Waiting for an answer"),
                                    ("snoozed", "Snoozed"),
                                    ("escalated", "Escalated"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("score", models.SmallIntegerField()),
                        ("alert_count", models.IntegerField(default=0)),
                        ("priority", models.IntegerField(default=0)),
                        ("opened_at", models.DateTimeField()),
                        ("last_alert_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("overdue_at", models.DateTimeField(null=True)),
                        ("paused_at", models.DateTimeField(null=True)),
                        ("snoozed_until", models.DateTimeField(null=True)),
                        ("assigned_at", models.DateTimeField(null=True)),
                        ("version", models.IntegerField(default=1)),
                        ("round", models.SmallIntegerField(default=1)),
                        ("seconding", models.BooleanField(default=False)),
                        ("holding", models.BooleanField(default=False)),
                        (
                            "disposition",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("confirmed_risk", "Confirmed risk"),
                                    ("valuable_alert", "Valuable alert, no harm"),
                                    ("false_positive", "False positive"),
                                ],
                                default="",
                                max_length=14,
                            ),
                        ),
                        ("cause", models.CharField(blank=True, default="", max_length=24)),
                        ("closed_at", models.DateTimeField(null=True)),
                        (
                            "assignee",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "incident",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="controls.incident",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="SuspicionReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("draft", "Draft"), ("filed", "Filed"), ("dropped", "Given up")],
                                default="draft",
                                max_length=7,
                            ),
                        ),
                        ("facts", models.JSONField()),
                        ("analysis", models.TextField(blank=True)),
                        ("reference", models.CharField(blank=True, max_length=80)),
                        ("version", models.IntegerField(default=1)),
                        ("prepared_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.case"
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("typology", models.CharField(max_length=24)),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("rule", "Rule"),
                                    ("model", "Model"),
                                    ("detector", "Detector"),
                                    ("person", "Person"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("version", models.CharField(max_length=64)),
                        ("score", models.SmallIntegerField()),
                        ("reasons", models.JSONField()),
                        ("evidence", models.JSONField(default=dict)),
                        ("raised_at", models.DateTimeField()),
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="transactions.payment",
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="controls.case"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["entity", "-id"], name="alert_page")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("payment", "typology", "origin", "version"), name="alert_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score__gte", 0), ("score__lte", 100)), name="alert_score"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("origin", "person"), ("raised_by__isnull", False)),
                                    models.Q(("raised_by", None), models.Q(("origin", "person"), _negated=True)),
                                    _connector="OR",
                                ),
                                name="alert_by_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("linked_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transactions.account",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="controls.case"
                            ),
                        ),
                        (
                            "linked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="linked_from",
                                to="controls.case",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transactions.party",
                            ),
                        ),
                        (
                            "payee",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transactions.payee",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transactions.payment",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "payment", "payee", "party", "account", "other"),
                                name="case_linked_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("account", None),
                                        ("other", None),
                                        ("party", None),
                                        ("payee", None),
                                        ("payment__isnull", False),
                                    ),
                                    models.Q(
                                        ("account", None),
                                        ("other", None),
                                        ("party", None),
                                        ("payee__isnull", False),
                                        ("payment", None),
                                    ),
                                    models.Q(
                                        ("account", None),
                                        ("other", None),
                                        ("party__isnull", False),
                                        ("payee", None),
                                        ("payment", None),
                                    ),
                                    models.Q(
                                        ("account__isnull", False),
                                        ("other", None),
                                        ("party", None),
                                        ("payee", None),
                                        ("payment", None),
                                    ),
                                    models.Q(
                                        ("account", None),
                                        ("other__isnull", False),
                                        ("party", None),
                                        ("payee", None),
                                        ("payment", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_link_of_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("other", None),
                                    models.Q(("other", models.F("case")), _negated=True),
                                    _connector="OR",
                                ),
                                name="case_linked_to_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("addressee", models.CharField(max_length=140)),
                        ("question", models.TextField()),
                        ("due_at", models.DateTimeField()),
                        ("asked_at", models.DateTimeField()),
                        ("answer", models.TextField(blank=True, default="")),
                        ("answered_at", models.DateTimeField(null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="controls.case"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_request_answered",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseTick",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("item", models.CharField(max_length=32)),
                        ("ticked_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="ticks", to="controls.case"
                            ),
                        ),
                        (
                            "ticked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "item"), name="case_ticked_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CaseVerdict",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("round", models.SmallIntegerField()),
                        ("place", models.SmallIntegerField()),
                        (
                            "disposition",
                            models.CharField(
                                choices=[
                                    ("confirmed_risk", "Confirmed risk"),
                                    ("valuable_alert", "Valuable alert, no harm"),
                                    ("false_positive", "False positive"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("cause", models.CharField(max_length=24)),
                        ("reason", models.TextField()),
                        ("actions", models.JSONField(default=list)),
                        ("asks_second", models.BooleanField(default=False)),
                        ("given_at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="controls.case"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "round", "place"), name="verdict_place_once"),
                            models.UniqueConstraint(
                                fields=("case", "round", "person"),
                                name="verdict_person_once",
                                violation_error_message="The second verdict is another person's.",
                            ),
                            models.CheckConstraint(condition=models.Q(("place__in", [1, 2])), name="verdict_place"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Silence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("typology", models.CharField(max_length=24)),
                        (
                            "group",
                            models.CharField(
                                choices=[
                                    ("payee", "Payee"),
                                    ("number", "Account outside"),
                                    ("account", "Account"),
                                    ("operator", "Operator"),
                                    ("payment", "Payment"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("group_key", models.CharField(max_length=140)),
                        ("subject", models.CharField(blank=True, max_length=140)),
                        ("reason", models.TextField()),
                        ("made_at", models.DateTimeField()),
                        ("valid_to", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("hidden_count", models.IntegerField(default=0)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="silences", to="controls.case"
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at", None)),
                                fields=["entity", "typology", "group", "group_key"],
                                name="silence_of",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__gt", models.F("made_at")),
                                    (
                                        "valid_to__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("made_at"), "+", models.Value(datetime.timedelta(days=180))
                                        ),
                                    ),
                                ),
                                name="silence_bounded",
                                violation_error_message="A silence lasts 180 days at most.",
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status", "closed"), _negated=True),
                fields=["entity", "-priority", "-id"],
                name="case_work",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["entity", "-id"], name="case_page"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status", "closed"), _negated=True),
                fields=["entity", "typology", "group", "group_key"],
                name="case_joined",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["entity", "group", "group_key", "-id"], name="case_alike"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("status", "closed")), fields=["closed_at"], name="case_closed"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status", "closed"), _negated=True), fields=["assignee"], name="case_hands"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 0), ("score__lte", 100)), name="case_score"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("status", "closed"),
                        models.Q(("disposition", ""), _negated=True),
                        models.Q(("cause", ""), _negated=True),
                    ),
                    models.Q(
                        ("cause", ""),
                        ("closed_at", None),
                        ("disposition", ""),
                        models.Q(("status", "closed"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="case_closed_with_disposition",
                violation_error_message="A case is closed with what it was, by a person, and with its cause.",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("snoozed_until__isnull", False), ("status", "snoozed")),
                    models.Q(("snoozed_until", None), models.Q(("status", "snoozed"), _negated=True)),
                    _connector="OR",
                ),
                name="case_snoozed_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paused_at__isnull", False), ("status__in", ["snoozed", "waiting"])),
                    models.Q(("paused_at", None), models.Q(("status__in", ["snoozed", "waiting"]), _negated=True)),
                    _connector="OR",
                ),
                name="case_paused_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspicionreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "draft")), fields=("case",), name="suspicion_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspicionreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("status", "draft")),
                    models.Q(("ended_at__isnull", False), models.Q(("status", "draft"), _negated=True)),
                    _connector="OR",
                ),
                name="suspicion_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspicionreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "filed"), _negated=True),
                    models.Q(("reference", ""), _negated=True),
                    _connector="OR",
                ),
                name="suspicion_filed_with_reference",
            ),
        ),
        sql.install("controls", "cases"),
    ]
