import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql

_WINDOW = sql.text("transactions", "undo_window")
_START = _WINDOW.index("create or replace function refuse_unsigned()")
_UNSIGNED = _WINDOW[_START : _WINDOW.index("end $$;", _START) + len("end $$;")]
UNDO = f"""
    alter table controls_controlcard drop constraint card_of_a_signature_or_a_release;
    drop trigger zz_card on controls_straightrelease; drop function freeze_release_card();
    drop trigger straight_marked on transactions_paymentstate; drop function refuse_straight_mark();
    {_UNSIGNED}
    drop trigger meets_its_policy on controls_straightrelease; drop function refuse_release();
    drop function straight_fault(bigint, bigint);
    drop trigger release_stays on controls_straightrelease;
    drop trigger stopped_once on controls_straightpolicy; drop function refuse_straight_change();
    drop trigger signed_by_two on controls_straightpolicy; drop function refuse_unsigned_policy();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0007_rule_scope'),
        ('people', '0006_delegations'),
        ('transactions', '0027_straight'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StraightPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('number', models.IntegerField()),
                ('kind', models.CharField(blank=True, max_length=10)),
                ('channel', models.CharField(blank=True, max_length=8)),
                ('currency', models.CharField(max_length=3)),
                ('max_amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('day_amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('known_payees', models.BooleanField(default=True)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField()),
                ('approved_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stop_reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name_plural': 'straight policies',
            },
        ),
        migrations.CreateModel(
            name='StraightRelease',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('version', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('day', models.DateField()),
                ('released_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='changerequest',
            name='change_of_a_row_once',
        ),
        migrations.AlterField(
            model_name='changerequest',
            name='subject_type',
            field=models.CharField(choices=[('matrix', 'Approval matrix'), ('limit', 'Limit'), ('standing', 'Standing order'), ('straight', 'Straight-through processing')], max_length=8),
        ),
        migrations.AlterField(
            model_name='controlcard',
            name='signature',
            field=models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='transactions.paymentapproval'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting'), ('subject_id__isnull', False), ('subject_type__in', ['matrix', 'standing', 'straight'])), fields=('subject_type', 'subject_id'), name='change_of_a_row_once'),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='approved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='entity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='straight_policies', to='people.entity'),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='request',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.changerequest'),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.intakesource'),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='stopped_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='straightpolicy',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='straightrelease',
            name='payment',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='transactions.payment'),
        ),
        migrations.AddField(
            model_name='straightrelease',
            name='policy',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='controls.straightpolicy'),
        ),
        migrations.AddField(
            model_name='controlcard',
            name='release',
            field=models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='controls.straightrelease'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.UniqueConstraint(fields=('entity', 'name', 'number'), name='straight_number_once'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('entity', 'name'), name='straight_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('written_by', models.F('approved_by')), _negated=True), name='straight_by_two'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='straight_dates_in_order'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('max_amount__gt', 0), ('day_amount__gte', models.F('max_amount'))), name='straight_ceilings'),
        ),
        migrations.AddConstraint(
            model_name='straightpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['', 'sepa', 'transfer', 'internal'])), name='straight_kind'),
        ),
        migrations.AddIndex(
            model_name='straightrelease',
            index=models.Index(fields=['policy', 'day'], name='release_of_the_day'),
        ),
        migrations.AddConstraint(
            model_name='straightrelease',
            constraint=models.UniqueConstraint(fields=('payment', 'version'), name='release_once_a_version'),
        ),
        sql.install("controls", "straight", UNDO),
    ]
