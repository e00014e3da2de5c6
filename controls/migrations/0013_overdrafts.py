"""An overdraft is a change that a second person signs."""

from django.db import migrations, models

from backoffice.common import sql

SUBJECTS = [
    ("matrix", "Approval matrix"), ("limit", "Limit"), ("standing", "Standing order"),
    ("straight", "Straight-through processing"), ("account", "Overdraft"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("controls", "0012_not_about_oneself")]
    operations = [
        migrations.AlterField(
            model_name="changerequest", name="subject_type", field=models.CharField(choices=SUBJECTS, max_length=8)
        ),
        migrations.RemoveConstraint(model_name="changerequest", name="change_of_a_row_once"),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    status="waiting", subject_type__in=["matrix", "standing", "straight", "account"],
                    subject_id__isnull=False,
                ),
                fields=("subject_type", "subject_id"),
                name="change_of_a_row_once",
            ),
        ),
        sql.again("controls", "changes", "refuse_decided_change", "signed_change"),
    ]
