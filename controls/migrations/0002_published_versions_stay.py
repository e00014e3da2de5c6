from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0001_initial")]

    operations = [
        sql.install(
            "controls",
            "rule_versions",
            "drop trigger published_stays on controls_ruleversion; drop function refuse_published_change()",
        )
    ]
