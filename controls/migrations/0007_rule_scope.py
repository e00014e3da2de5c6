from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0006_standing_changes'),
        ('people', '0006_delegations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ruleversion',
            name='certainty',
            field=models.CharField(blank=True, choices=[('', 'a choice of the house'), ('V', 'article and threshold read in a stored source'), ('V~', 'confirmed in part, or by a secondary source'), ('K', 'known, not read')], db_default='', max_length=2),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='dated_by',
            field=models.CharField(choices=[('receipt', 'day of receipt'), ('execution', 'execution date')], db_default='receipt', default='receipt', max_length=9),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='level',
            field=models.SmallIntegerField(choices=[(1, 'Level 1, operations'), (2, 'Level 2, risk and compliance'), (3, 'Level 3, internal audit')], db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3])), name='rule_level_known'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('action', 'reject'), ('certainty', 'K'), _negated=True), name='rule_rejects_by_what_was_read', violation_error_message='What was not read in its source never proposes to reject.'),
        ),
    ]
