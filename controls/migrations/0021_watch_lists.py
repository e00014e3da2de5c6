"""Lists to screen against with their versions and entries, what screening found, and the names that are let pass."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql
from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0020_backtests"),
        ("people", "0002_second_person"),
        ("transactions", "0040_hold_stays"),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Exemption",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=300)),
                        ("key", models.CharField(max_length=300)),
                        ("entry_code", models.CharField(max_length=120)),
                        ("entry_name", models.CharField(max_length=300)),
                        ("digest", models.CharField(max_length=64)),
                        ("reason", models.TextField()),
                        ("valid_from", models.DateTimeField(auto_now_add=True)),
                        ("valid_to", models.DateField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("end_reason", models.TextField(blank=True)),
                        (
                            "approved_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="controls.changerequest",
                            ),
                        ),
                        (
                            "watch_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.watchlist"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("owner", models.F("approved_by")), _negated=True),
                                name="exemption_by_two",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("entity", "key", "watch_list", "entry_code"),
                                name="exemption_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWatchList",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("code", models.CharField(db_index=True, max_length=32)),
                        ("name", models.CharField(max_length=80)),
                        ("publisher", models.CharField(blank=True, max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("sanctions", "Sanctions"),
                                    ("pep", "Politically exposed persons"),
                                    ("own", "Own list"),
                                ],
                                default="sanctions",
                                max_length=9,
                            ),
                        ),
                        ("url", models.CharField(blank=True, max_length=500)),
                        ("threshold", models.SmallIntegerField(default=82)),
                        ("shrink_percent", models.SmallIntegerField(default=10)),
                        ("is_active", models.BooleanField(default=True)),
                        ("created_at", models.DateTimeField(blank=True, editable=False)),
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
                            "entity",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.entity",
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
                    ],
                    options={
                        "verbose_name": "historical watch list",
                        "verbose_name_plural": "historical watch lists",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ListSet",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("members", models.JSONField()),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="ScreenedName",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("form", models.CharField(choices=[("name", "Name"), ("text", "Text")], max_length=4)),
                        ("key", models.TextField()),
                        ("hits", models.JSONField(default=list)),
                        (
                            "list_set",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="controls.listset",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("list_set", "form", "key"), name="screened_name_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScreeningHit",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "field",
                            models.CharField(
                                choices=[
                                    ("creditor_name", "Creditor's name"),
                                    ("debtor_name", "Debtor's name"),
                                    ("ultimate_creditor", "Ultimate creditor"),
                                    ("ultimate_debtor", "Ultimate debtor"),
                                    ("remittance", "Remittance"),
                                    ("payee", "Payee"),
                                    ("party", "Party"),
                                ],
                                max_length=17,
                            ),
                        ),
                        ("given", models.TextField()),
                        ("key", models.TextField()),
                        ("list_number", models.IntegerField()),
                        ("score", models.SmallIntegerField()),
                        ("match", models.JSONField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "To decide"),
                                    ("false", "Somebody else"),
                                    ("true", "True match"),
                                    ("exempt", "Let pass by an exemption"),
                                ],
                                default="open",
                                max_length=6,
                            ),
                        ),
                        ("found_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("reason", models.TextField(blank=True, db_default="")),
                        (
                            "decided_by",
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
                            "exemption",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="controls.exemption",
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
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="screening_hits",
                                to="transactions.payment",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="controls.watchlistentry",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "open")),
                                fields=["entity", "-score", "-id"],
                                name="hit_open",
                            ),
                            models.Index(fields=["entity", "-id"], name="hit_page"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("party", None), ("payee", None), ("payment__isnull", False)),
                                    models.Q(("party", None), ("payee__isnull", False), ("payment", None)),
                                    models.Q(("party__isnull", False), ("payee", None), ("payment", None)),
                                    _connector="OR",
                                ),
                                name="hit_of_one_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("exemption__isnull", False), ("status", "exempt")),
                                    models.Q(("status", "exempt"), _negated=True),
                                    _connector="OR",
                                ),
                                name="hit_exempt_by",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("payment__isnull", False)),
                                fields=("payment", "field", "key", "entry"),
                                name="hit_payment_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("payee__isnull", False)),
                                fields=("payee", "key", "entry"),
                                name="hit_payee_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("party__isnull", False)),
                                fields=("party", "key", "entry"),
                                name="hit_party_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WatchList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=32, unique=True)),
                        ("name", models.CharField(max_length=80)),
                        ("publisher", models.CharField(blank=True, max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("sanctions", "Sanctions"),
                                    ("pep", "Politically exposed persons"),
                                    ("own", "Own list"),
                                ],
                                default="sanctions",
                                max_length=9,
                            ),
                        ),
                        ("url", models.CharField(blank=True, max_length=500)),
                        ("threshold", models.SmallIntegerField(default=82)),
                        ("shrink_percent", models.SmallIntegerField(default=10)),
                        ("is_active", models.BooleanField(default=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "entity",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.entity",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("threshold__gte", 70), ("threshold__lte", 100)),
                                name="watchlist_threshold",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("shrink_percent__gte", 0), ("shrink_percent__lte", 90)),
                                name="watchlist_share",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WatchListEntry",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("code", models.CharField(max_length=120)),
                        ("first_number", models.IntegerField()),
                        ("last_number", models.IntegerField(null=True)),
                        ("kind", models.CharField(max_length=12)),
                        ("name", models.CharField(max_length=300)),
                        ("digest", models.CharField(max_length=64)),
                        ("content", models.JSONField()),
                        (
                            "watch_list",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="controls.watchlist",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["watch_list", "first_number"], name="watchlist_entry_added"),
                            models.Index(fields=["watch_list", "last_number"], name="watchlist_entry_removed"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("last_number", None)),
                                fields=("watch_list", "code"),
                                name="watchlist_entry_stands_once",
                            ),
                            models.UniqueConstraint(
                                fields=("watch_list", "code", "first_number"), name="watchlist_entry_begins_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("last_number", None),
                                    ("last_number__gte", models.F("first_number")),
                                    _connector="OR",
                                ),
                                name="watchlist_entry_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WatchListVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.IntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting for a second person"),
                                    ("current", "In force"),
                                    ("past", "Replaced"),
                                    ("refused", "Refused"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("format", models.CharField(max_length=10)),
                        (
                            "origin",
                            models.CharField(
                                choices=[("upload", "Upload"), ("url", "Address"), ("command", "Command")], max_length=7
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200)),
                        ("sha256", models.CharField(max_length=64)),
                        ("size", models.BigIntegerField()),
                        ("published", models.CharField(blank=True, max_length=20)),
                        ("loaded_at", models.DateTimeField(auto_now_add=True)),
                        ("activated_at", models.DateTimeField(null=True)),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("rescreened_at", models.DateTimeField(null=True)),
                        ("entry_count", models.IntegerField()),
                        ("added_count", models.IntegerField()),
                        ("changed_count", models.IntegerField()),
                        ("removed_count", models.IntegerField()),
                        ("weakened_count", models.IntegerField()),
                        (
                            "loaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "watch_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="controls.watchlist",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("rescreened_at", None), ("status", "current")),
                                fields=["id"],
                                name="watchlist_to_rescreen",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("watch_list", "number"), name="watchlist_version_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "current")),
                                fields=("watch_list",),
                                name="watchlist_one_in_force",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "waiting")),
                                fields=("watch_list",),
                                name="watchlist_one_waiting",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RemoveConstraint(
            model_name="changerequest",
            name="change_of_a_row_once",
        ),
        migrations.AlterField(
            model_name="changerequest",
            name="subject_type",
            field=models.CharField(
                choices=[
                    ("matrix", "Approval matrix"),
                    ("limit", "Limit"),
                    ("standing", "Standing order"),
                    ("straight", "Straight-through processing"),
                    ("account", "Overdraft"),
                    ("channel", "Channel to a bank"),
                    ("grant", "Role"),
                    ("token", "API token of a program"),
                    ("verifier", "Verification service"),
                    ("rule", "Rule"),
                    ("list", "List of the rules"),
                    ("hit", "Screening hit"),
                    ("exempt", "Exemption from screening"),
                    ("watch", "Watch list"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status", "waiting"),
                    ("subject_id__isnull", False),
                    ("subject_type__in", [
                        "matrix", "standing", "straight", "account", "channel", "verifier", "rule", "list", "hit",
                        "watch",
                    ]),
                ),
                fields=("subject_type", "subject_id"),
                name="change_of_a_row_once",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="list_set",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="controls.listset",
            ),
        ),
        sql.install("controls", "screening"),
    ]
