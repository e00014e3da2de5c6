from django.db import migrations, models

from backoffice.common import sql


UNDO = """
    drop trigger no_tie on controls_approvalpolicy; drop function refuse_policy_tie();
    alter table controls_approvalpolicy drop constraint policy_stages_add_up;
    drop function approval_stages_sum(jsonb);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0002_published_versions_stay'),
        ('people', '0002_user_time_zone'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='approvalpolicy',
            name='policy_band_once',
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='channel',
            field=models.CharField(blank=True, db_default='', max_length=8),
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='new_payee',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='risk_from',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='stages',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='valid_from',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='approvalpolicy',
            name='valid_to',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='channel',
            field=models.CharField(blank=True, db_default='', max_length=8),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='new_payee',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='risk_from',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='stages',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='valid_from',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='historicalapprovalpolicy',
            name='valid_to',
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name='approvalpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('risk_from__gte', 0), ('risk_from__lte', 100)), name='policy_risk_bounded'),
        ),
        migrations.AddConstraint(
            model_name='approvalpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='policy_dates_in_order'),
        ),
        sql.install("controls", "approval_matrix", UNDO),
    ]
