"""Control cards look rows up by index: a session that signed first in empty tables kept the plan for those."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("controls", "0008_straight")]

    operations = [
        migrations.RunSQL(
            "alter function freeze_control_card() set enable_seqscan = off",
            "alter function freeze_control_card() reset enable_seqscan",
        )
    ]
