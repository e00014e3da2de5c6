from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0006_delegations'),
        ('transactions', '0026_decisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='paymentstate',
            name='state_not_past_approval_unsigned',
        ),
        migrations.AddField(
            model_name='paymentstate',
            name='straight_policy',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='paymentstate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['approved', 'posted', 'sent', 'settled', 'returned']), _negated=True), models.Q(models.Q(('approvals_given', models.F('approvals_required')), ('straight_policy__isnull', False), _connector='OR'), ('hold_count', 0)), _connector='OR'), name='state_not_past_approval_unsigned', violation_error_message='A payment goes on only when every approval is given and no hold is left.'),
        ),
    ]
