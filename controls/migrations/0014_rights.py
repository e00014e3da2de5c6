"""Roles and tokens of programs are given by two people."""

from django.db import migrations, models

from backoffice.common import sql

SUBJECTS = [
    ("matrix", "Approval matrix"), ("limit", "Limit"), ("standing", "Standing order"),
    ("straight", "Straight-through processing"), ("account", "Overdraft"), ("grant", "Role"),
    ("token", "API token of a program"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("controls", "0013_overdrafts"), ("people", "0002_second_person")]
    operations = [
        migrations.AlterField(
            model_name="changerequest", name="subject_type", field=models.CharField(choices=SUBJECTS, max_length=8)
        ),
        sql.again("controls", "changes", "refuse_own_change"),
        sql.install("controls", "rights"),
    ]
