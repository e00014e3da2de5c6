"""Days of accounts as people close them: sign-offs with their proof, breaks, entries that correct."""

import decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0033_reconciliation'),
        ('people', '0003_reporter'),
        ('transactions', '0043_manual_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Break',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('item', models.BigIntegerField(null=True)),
                ('on', models.DateField()),
                ('credit', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('name', models.CharField(blank=True, max_length=140)),
                ('cause', models.CharField(choices=[('amount', 'Amount differs'), ('duplicate', 'Duplicate'), ('reference', 'Reference missing'), ('currency', 'Currency differs'), ('none', 'No counterpart'), ('several', 'Several candidates'), ('late', 'Late file')], default='none', max_length=9)),
                ('status', models.CharField(choices=[('open', 'Open'), ('ignored', 'Left out'), ('closed', 'Closed')], default='open', max_length=7)),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('due_on', models.DateField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='breaks', to='transactions.account')),
                ('cause_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('ignored_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='breaks', to='transactions.statementline')),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-on', '-id'], name='break_page'), models.Index(condition=models.Q(('closed_at', None)), fields=['entity', 'on', 'id'], name='break_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('item', None), ('line__isnull', False)), models.Q(('item__isnull', False), ('line', None)), _connector='OR'), name='break_of_one_side'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('line',), name='break_of_line_once'), models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('item',), name='break_of_item_once'), models.CheckConstraint(condition=models.Q(models.Q(('ignored_by__isnull', False), ('status', 'ignored'), models.Q(('reason', ''), _negated=True)), models.Q(('ignored_by', None), models.Q(('status', 'ignored'), _negated=True)), _connector='OR'), name='break_ignored_with_reason', violation_error_message='Something is left out by a person, with a remark.'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status', 'closed')), models.Q(('closed_at', None), models.Q(('status', 'closed'), _negated=True)), _connector='OR'), name='break_closed')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('write_off', 'Write-off'), ('entry', 'Missing entry')], max_length=9)),
                ('item', models.BigIntegerField(null=True)),
                ('credit', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('label', models.CharField(max_length=140)),
                ('reason', models.CharField(max_length=2000)),
                ('value_on', models.DateField()),
                ('status', models.CharField(choices=[('asked', 'Waits for a second person'), ('booked', 'Booked'), ('refused', 'Refused')], default='asked', max_length=7)),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_reason', models.CharField(blank=True, max_length=2000)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contra', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('entry', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.journalentry')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.statementline')),
                ('match', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.match')),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-id'], name='correction_page'), models.Index(condition=models.Q(('status', 'asked')), fields=['entity', 'id'], name='correction_waits')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='correction_amount_positive'), models.CheckConstraint(condition=models.Q(models.Q(('item', None), ('line__isnull', False)), models.Q(('item__isnull', False), ('line', None)), _connector='OR'), name='correction_of_one_side'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('entry', None), ('status', 'asked')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('entry__isnull', False), ('status', 'booked')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('entry', None), ('status', 'refused')), _connector='OR'), name='correction_decided'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('asked_by')), ('kind', 'write_off'), ('status', 'booked'), _negated=True), name='write_off_by_two', violation_error_message='Two people write something off.'), models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('line',), name='correction_of_line_once'), models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('item',), name='correction_of_item_once')],
            },
        ),
        migrations.CreateModel(
            name='ReconciledDay',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('round', models.SmallIntegerField(default=1)),
                ('status', models.CharField(choices=[('prepared', 'Prepared'), ('signed', 'Signed'), ('sent_back', 'Sent back'), ('reopened', 'Reopened')], default='prepared', max_length=9)),
                ('bank', models.DecimalField(decimal_places=5, max_digits=28)),
                ('books', models.DecimalField(decimal_places=5, max_digits=28)),
                ('unexplained', models.DecimalField(decimal_places=5, max_digits=28)),
                ('proof', models.JSONField()),
                ('digest', models.BinaryField(max_length=32)),
                ('forced_by', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('prepared_at', models.DateTimeField()),
                ('remark', models.CharField(blank=True, max_length=2000)),
                ('signed_at', models.DateTimeField(null=True)),
                ('ended_asked_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=2000)),
                ('ended_at', models.DateTimeField(null=True)),
                ('looked_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('change', models.JSONField(default=dict)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reconciled_days', to='transactions.account')),
                ('ended_asked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('prepared_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['entity', '-day', '-id'], name='reconciled_day_page'), models.Index(condition=models.Q(('status', 'signed')), fields=['account', 'day'], name='reconciled_day_signed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['prepared', 'signed'])), fields=('account', 'day'), name='reconciled_day_once', violation_error_message='This day is prepared or signed already.'), models.UniqueConstraint(fields=('account', 'day', 'round'), name='reconciled_day_round'), models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None), ('status__in', ['prepared', 'sent_back'])), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), ('status__in', ['signed', 'reopened']), models.Q(('signed_by', models.F('prepared_by')), _negated=True)), _connector='OR'), name='reconciled_day_by_two', violation_error_message='A day is prepared by one person and signed by another.'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('status__in', ['prepared', 'signed'])), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('status', 'sent_back')), models.Q(('ended_asked_by__isnull', False), ('ended_at__isnull', False), ('ended_by__isnull', False), ('status', 'reopened'), models.Q(('ended_by', models.F('ended_asked_by')), _negated=True)), _connector='OR'), name='reconciled_day_reopened_by_two', violation_error_message='A signed day is reopened by two people, with a reason.')],
            },
        ),
        migrations.CreateModel(
            name='ReconciliationPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('write_off', models.DecimalField(decimal_places=5, default=decimal.Decimal, max_digits=18)),
                ('alone', models.DecimalField(decimal_places=5, default=decimal.Decimal, max_digits=18)),
                ('line_days', models.SmallIntegerField(default=0)),
                ('item_days', models.SmallIntegerField(default=2)),
                ('asked_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(null=True)),
                ('agreed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
            ],
            options={
                'verbose_name_plural': 'reconciliation policies',
                'indexes': [models.Index(fields=['entity', '-id'], name='reconciliation_policy_last')],
                'constraints': [models.CheckConstraint(condition=models.Q(('alone__gte', 0), ('write_off__gte', 0), ('item_days__gte', 0), ('item_days__lte', 30), ('line_days__gte', 0), ('line_days__lte', 30)), name='reconciliation_policy_bounds'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), models.Q(('agreed_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='reconciliation_policy_by_two', violation_error_message='Limits count when a second person agreed.')],
            },
        ),
        sql.install(
            "controls",
            "reconciled_days",
            "drop function refuse_reconciled_day() cascade; drop function refuse_day_gone() cascade; "
            "drop function hands_alone(bigint, date); drop function book_corrections(bigint[], bigint, text)",
        ),
    ]
