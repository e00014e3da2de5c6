"""Where a channel points is signed by a second person."""

from django.db import migrations, models

from backoffice.common import sql

SUBJECTS = [
    ("matrix", "Approval matrix"), ("limit", "Limit"), ("standing", "Standing order"),
    ("straight", "Straight-through processing"), ("account", "Overdraft"), ("channel", "Channel to a bank"),
    ("grant", "Role"), ("token", "API token of a program"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("controls", "0014_rights"), ("transactions", "0037_channels_wait")]
    operations = [
        migrations.AlterField(
            model_name="changerequest", name="subject_type", field=models.CharField(choices=SUBJECTS, max_length=8)
        ),
        migrations.RemoveConstraint(model_name="changerequest", name="change_of_a_row_once"),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    status="waiting", subject_type__in=["matrix", "standing", "straight", "account", "channel"],
                    subject_id__isnull=False,
                ),
                fields=("subject_type", "subject_id"),
                name="change_of_a_row_once",
            ),
        ),
        sql.install("controls", "channels"),
        sql.again("controls", "straight", "straight_fault"),
    ]
