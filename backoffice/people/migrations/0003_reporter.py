"""A role for whoever reports suspicions to the authority."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_second_person"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_role_known",
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["operator", "supervisor", "logistics", "auditor", "administrator", "reporter"])
                ),
                name="grant_role_known",
            ),
        ),
    ]
