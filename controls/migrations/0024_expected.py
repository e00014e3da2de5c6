"""What should come: expectations, the days on which they are due, and alerts of what did not come."""

import django.contrib.postgres.fields
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0023_cases'),
        ('people', '0003_reporter'),
        ('transactions', '0041_births'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='payment',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='transactions.payment'),
        ),
        migrations.AlterField(
            model_name='case',
            name='group',
            field=models.CharField(choices=[('payee', 'Payee'), ('number', 'Account outside'), ('account', 'Account'), ('operator', 'Operator'), ('payment', 'Payment'), ('source', 'Source')], max_length=8),
        ),
        migrations.AlterField(
            model_name='silence',
            name='group',
            field=models.CharField(choices=[('payee', 'Payee'), ('number', 'Account outside'), ('account', 'Account'), ('operator', 'Operator'), ('payment', 'Payment'), ('source', 'Source')], max_length=8),
        ),
        migrations.CreateModel(
            name='Expectation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('payee', 'Payment to a payee'), ('payer', 'Payment from a payer'), ('file', 'File of a source')], max_length=5)),
                ('key', models.CharField(max_length=100)),
                ('origin', models.CharField(choices=[('learnt', 'Learnt'), ('announced', 'Announced'), ('by_hand', 'By hand')], max_length=9)),
                ('number', models.CharField(blank=True, max_length=34)),
                ('name', models.CharField(max_length=140)),
                ('unit', models.CharField(choices=[('week', 'week'), ('month', 'month'), ('year', 'year')], max_length=5)),
                ('every', models.SmallIntegerField(default=1)),
                ('last_working_day', models.BooleanField(default=False)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField(null=True)),
                ('working_day', models.CharField(choices=[('next', 'the next working day'), ('previous', 'the working day before'), ('same', 'the same day')], default='next', max_length=8)),
                ('suspended_from', models.DateField(null=True)),
                ('suspended_to', models.DateField(null=True)),
                ('tolerance', models.SmallIntegerField(default=1)),
                ('grace', models.SmallIntegerField(default=2)),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('spread', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('amount_low', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('amount_high', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('next_on', models.DateField(null=True)),
                ('learnt_from', models.IntegerField(default=0)),
                ('last_seen_on', models.DateField(null=True)),
                ('seen_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=2000)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('calendar', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.calendar')),
                ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('made_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payee', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payee')),
                ('source', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.intakesource')),
                ('standing', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.standingorder')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalExpectation',
            fields=[
                ('id', models.BigIntegerField(blank=True, db_index=True)),
                ('kind', models.CharField(choices=[('payee', 'Payment to a payee'), ('payer', 'Payment from a payer'), ('file', 'File of a source')], max_length=5)),
                ('key', models.CharField(max_length=100)),
                ('origin', models.CharField(choices=[('learnt', 'Learnt'), ('announced', 'Announced'), ('by_hand', 'By hand')], max_length=9)),
                ('number', models.CharField(blank=True, max_length=34)),
                ('name', models.CharField(max_length=140)),
                ('unit', models.CharField(choices=[('week', 'week'), ('month', 'month'), ('year', 'year')], max_length=5)),
                ('every', models.SmallIntegerField(default=1)),
                ('last_working_day', models.BooleanField(default=False)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField(null=True)),
                ('working_day', models.CharField(choices=[('next', 'the next working day'), ('previous', 'the working day before'), ('same', 'the same day')], default='next', max_length=8)),
                ('suspended_from', models.DateField(null=True)),
                ('suspended_to', models.DateField(null=True)),
                ('tolerance', models.SmallIntegerField(default=1)),
                ('grace', models.SmallIntegerField(default=2)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('made_at', models.DateTimeField(blank=True, editable=False)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=2000)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.account')),
                ('calendar', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.calendar')),
                ('ended_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.entity')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payee', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.payee')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.intakesource')),
                ('standing', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.standingorder')),
            ],
            options={
                'verbose_name': 'historical expectation',
                'verbose_name_plural': 'historical expectations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('rhythm_on', models.DateField()),
                ('due_on', models.DateField()),
                ('window_from', models.DateField()),
                ('window_to', models.DateField()),
                ('missing_after', models.DateField()),
                ('status', models.CharField(choices=[('awaited', 'Awaited'), ('came', 'Came'), ('missing', 'Missing'), ('excused', 'Excused')], default='awaited', max_length=7)),
                ('came_on', models.DateField(null=True)),
                ('late', models.BooleanField(default=False)),
                ('excused_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True, default='')),
                ('batch', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.paymentbatch')),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('excused_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('expectation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occurrences', to='controls.expectation')),
                ('payment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payment')),
            ],
        ),
        migrations.AddField(
            model_name='alert',
            name='occurrence',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='controls.occurrence'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('occurrence__isnull', False)), fields=('occurrence',), name='alert_of_occurrence_once'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('occurrence', None), ('payment__isnull', False)), models.Q(('occurrence__isnull', False), ('payment', None)), _connector='OR'), name='alert_of_one_thing', violation_error_message='An alert is of a payment, or of something expected that did not come.'),
        ),
        migrations.AddIndex(
            model_name='expectation',
            index=models.Index(fields=['entity', '-id'], name='expectation_page'),
        ),
        migrations.AddIndex(
            model_name='expectation',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['next_on'], name='expectation_to_lay'),
        ),
        migrations.AddConstraint(
            model_name='expectation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('entity', 'kind', 'key'), name='expectation_once', violation_error_message='This is expected already.'),
        ),
        migrations.AddConstraint(
            model_name='expectation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('currency', ''), ('kind', 'file'), ('number', ''), ('payee', None), ('source__isnull', False)), models.Q(('account__isnull', False), ('kind__in', ['payee', 'payer']), ('source', None), models.Q(('currency', ''), _negated=True), models.Q(('payee__isnull', False), models.Q(('number', ''), _negated=True), _connector='OR')), _connector='OR'), name='expectation_of_its_kind'),
        ),
        migrations.AddConstraint(
            model_name='expectation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('origin', 'announced'), ('standing__isnull', False)), models.Q(('made_by__isnull', False), ('origin', 'by_hand'), ('standing', None)), models.Q(('learnt_from__gte', 4), ('made_by', None), ('origin', 'learnt'), ('standing', None)), _connector='OR'), name='expectation_of_its_origin'),
        ),
        migrations.AddConstraint(
            model_name='expectation',
            constraint=models.CheckConstraint(condition=models.Q(('every__gte', 1), ('every__lte', 60), ('grace__gte', 0), ('tolerance__gte', 0), ('tolerance__lte', 15), ('grace__lte', 30), models.Q(('last_on', None), ('last_on__gte', models.F('first_on')), _connector='OR')), name='expectation_rhythm'),
        ),
        migrations.AddConstraint(
            model_name='expectation',
            constraint=models.CheckConstraint(condition=models.Q(('ended_by', None), models.Q(('ended_at__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='expectation_ended'),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['entity', 'status', '-due_on', '-id'], name='occurrence_page'),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(condition=models.Q(('status__in', ['awaited', 'missing'])), fields=['window_from'], name='occurrence_open'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(fields=('expectation', 'due_on'), name='occurrence_once'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(condition=models.Q(('payment__isnull', False)), fields=('expectation', 'payment'), name='occurrence_payment_once'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(condition=models.Q(('batch__isnull', False)), fields=('expectation', 'batch'), name='occurrence_batch_once'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(('missing_after__gte', models.F('due_on')), ('window_from__lte', models.F('due_on')), ('window_to__gte', models.F('due_on'))), name='occurrence_window'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('came_on__isnull', False), ('status', 'came'), models.Q(models.Q(('batch', None), ('payment__isnull', False)), models.Q(('batch__isnull', False), ('payment', None)), _connector='OR')), models.Q(('batch', None), ('came_on', None), ('late', False), ('payment', None), models.Q(('status', 'came'), _negated=True)), _connector='OR'), name='occurrence_came'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('excused_at__isnull', False), ('excused_by__isnull', False), ('status', 'excused'), models.Q(('reason', ''), _negated=True)), models.Q(('excused_at', None), ('excused_by', None), ('reason', ''), models.Q(('status', 'excused'), _negated=True)), _connector='OR'), name='occurrence_excused', violation_error_message='Something is excused by a person, with a reason.'),
        ),
        sql.install(
            "controls",
            "expected",
            "drop function refuse_expectation() cascade; drop function refuse_occurrence() cascade",
        ),
    ]
