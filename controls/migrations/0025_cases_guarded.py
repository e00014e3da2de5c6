"""What two people decided no one person undoes, and the database refuses more of what no service would write."""

from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("controls", "0024_expected")]
    operations = [
        sql.again(
            "controls", "cases", "refuse_alert", "of_open_case on controls_alert", "refuse_case_answer",
            "answered_once on controls_caserequest", "case_takes_two", "refuse_verdict", "refuse_case",
            "refuse_begun_case", "begins_open on controls_case", "refuse_silence",
            "of_false_positive on controls_silence", "refuse_report", "begun on controls_suspicionreport",
        )
    ]  # fmt: skip
