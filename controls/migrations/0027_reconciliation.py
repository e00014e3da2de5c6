"""Statements against the books: what is open, what was matched with what, and by which rules."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0026_scores'),
        ('people', '0003_reporter'),
        ('transactions', '0042_statements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DrawnFile',
            fields=[
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='transactions.outgoingfile')),
            ],
        ),
        migrations.CreateModel(
            name='LineReceipt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('proposed_at', models.DateTimeField()),
                ('line', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='transactions.statementline')),
                ('payment', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payment')),
                ('proposed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='MatchingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=24)),
                ('version', models.IntegerField()),
                ('mode', models.CharField(choices=[('active', 'In force'), ('shadow', 'In the shadow'), ('off', 'Off')], default='shadow', max_length=6)),
                ('params', models.JSONField(default=dict)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('written_at', models.DateTimeField(auto_now_add=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('written_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=24)),
                ('reasons', models.JSONField(default=list)),
                ('confidence', models.SmallIntegerField(default=100)),
                ('difference', models.DecimalField(decimal_places=5, default=0, max_digits=18)),
                ('difference_code', models.CharField(blank=True, max_length=12)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('undo_reason', models.CharField(blank=True, max_length=500)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('difference_entry', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.journalentry')),
                ('entity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('made_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.matchingrule')),
            ],
            options={
                'verbose_name_plural': 'matches',
            },
        ),
        migrations.CreateModel(
            name='MatchLine',
            fields=[
                ('pk', models.CompositePrimaryKey('match_id', 'line_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='transactions.statementline')),
                ('match', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='controls.match')),
            ],
        ),
        migrations.CreateModel(
            name='MatchPosting',
            fields=[
                ('pk', models.CompositePrimaryKey('match_id', 'item', blank=True, editable=False, primary_key=True, serialize=False)),
                ('item', models.BigIntegerField()),
                ('posting_line', models.SmallIntegerField(null=True)),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('entry', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.journalentry')),
                ('match', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='controls.match')),
                ('payment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payment')),
            ],
        ),
        migrations.CreateModel(
            name='MatchRun',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('drawn_lines', models.IntegerField(default=0)),
                ('drawn_items', models.IntegerField(default=0)),
                ('matched', models.JSONField(default=dict)),
                ('shadow', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
            ],
        ),
        migrations.CreateModel(
            name='OpenItem',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('posting_line', models.SmallIntegerField(null=True)),
                ('credit', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('open', models.DecimalField(decimal_places=5, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('booked_on', models.DateField()),
                ('exact_key', models.BigIntegerField(null=True)),
                ('amount_key', models.BigIntegerField()),
                ('reference', models.CharField(blank=True, max_length=70)),
                ('document', models.CharField(blank=True, max_length=70)),
                ('file', models.CharField(blank=True, max_length=35)),
                ('block', models.IntegerField(null=True)),
                ('number', models.CharField(blank=True, max_length=70)),
                ('name', models.CharField(blank=True, max_length=140)),
                ('reversal', models.BooleanField(default=False)),
                ('is_new', models.BooleanField(default=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('entity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('entry', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.journalentry')),
                ('payment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payment')),
            ],
        ),
        migrations.CreateModel(
            name='OpenLine',
            fields=[
                ('line', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='open_part', serialize=False, to='transactions.statementline')),
                ('credit', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('open', models.DecimalField(decimal_places=5, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('booking_on', models.DateField()),
                ('exact_key', models.BigIntegerField(null=True)),
                ('amount_key', models.BigIntegerField()),
                ('reference', models.CharField(blank=True, max_length=70)),
                ('is_new', models.BooleanField(default=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account')),
                ('entity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('statement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.statement')),
            ],
        ),
        migrations.CreateModel(
            name='Reconciled',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reconciled', serialize=False, to='transactions.account')),
                ('posted_at', models.DateTimeField(null=True)),
                ('posting_id', models.BigIntegerField(default=0)),
                ('matched_at', models.DateTimeField(null=True)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
            ],
        ),
        migrations.CreateModel(
            name='Alias',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('written', models.CharField(max_length=140)),
                ('meant', models.CharField(max_length=140)),
                ('confirmed_count', models.IntegerField(default=1)),
                ('learnt_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('learnt_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('learnt_from', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.match')),
            ],
            options={
                'verbose_name_plural': 'aliases',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('entity', 'written', 'meant'), name='alias_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='matchingrule',
            constraint=models.UniqueConstraint(fields=('entity', 'code', 'version'), name='matching_rule_version_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='matchingrule',
            constraint=models.UniqueConstraint(condition=models.Q(('mode', 'active')), fields=('entity', 'code'), name='matching_rule_active_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='matchingrule',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('written_by', None), models.Q(('decided_by', models.F('written_by')), _negated=True), _connector='OR'), name='matching_rule_by_two', violation_error_message='Whoever wrote a version does not put it in force.'),
        ),
        migrations.AddIndex(
            model_name='match',
            index=models.Index(fields=['account', '-id'], name='match_page'),
        ),
        migrations.AddIndex(
            model_name='match',
            index=models.Index(condition=models.Q(('undone_by__isnull', False)), fields=['account'], name='match_undone_by_people'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('difference', 0), ('difference_code', '')), models.Q(models.Q(('difference', 0), _negated=True), models.Q(('difference_code', ''), _negated=True)), _connector='OR'), name='match_difference_named', violation_error_message='A difference says what it is.'),
        ),
        migrations.AddConstraint(
            model_name='match',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undo_reason', ''), ('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), models.Q(('undo_reason', ''), _negated=True)), _connector='OR'), name='match_undone_with_reason', violation_error_message='A match is undone with a reason.'),
        ),
        migrations.AddIndex(
            model_name='matchline',
            index=models.Index(fields=['line'], name='matchline_by_line'),
        ),
        migrations.AddConstraint(
            model_name='matchline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='matchline_amount_positive'),
        ),
        migrations.AddIndex(
            model_name='matchposting',
            index=models.Index(fields=['entry', 'posting_line'], name='matchposting_by_posting'),
        ),
        migrations.AddIndex(
            model_name='matchposting',
            index=models.Index(condition=models.Q(('entry', None)), fields=['payment'], name='matchposting_waiting'),
        ),
        migrations.AddConstraint(
            model_name='matchposting',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='matchposting_amount_positive'),
        ),
        migrations.AddIndex(
            model_name='matchrun',
            index=models.Index(fields=['account', '-id'], name='matchrun_page'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('exact_key__isnull', False)), fields=['exact_key'], name='open_item_exact'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(fields=['amount_key'], name='open_item_amount'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('reference', ''), _negated=True), fields=['reference'], name='open_item_reference'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('document', ''), _negated=True), fields=['document'], name='open_item_document'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('file', ''), _negated=True), fields=['account', 'file'], name='open_item_file'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(fields=['account', 'booked_on', 'id'], name='open_item_page'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('is_new', True)), fields=['account'], name='open_item_new'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('entry', None)), fields=['payment'], name='open_item_waiting'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('number', ''), _negated=True), fields=['account', 'number'], name='open_item_number'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(models.F('account'), django.db.models.functions.text.Upper('name'), condition=models.Q(('name', ''), _negated=True), name='open_item_name'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(condition=models.Q(('reversal', True)), fields=['account'], name='open_item_reversal'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(('open__gt', 0), ('open__lte', models.F('amount'))), name='open_item_within', violation_error_message='No more of a posting is matched than its amount.'),
        ),
        migrations.AddIndex(
            model_name='openline',
            index=models.Index(condition=models.Q(('exact_key__isnull', False)), fields=['exact_key'], name='open_line_exact'),
        ),
        migrations.AddIndex(
            model_name='openline',
            index=models.Index(fields=['amount_key'], name='open_line_amount'),
        ),
        migrations.AddIndex(
            model_name='openline',
            index=models.Index(fields=['account', 'booking_on', 'line'], name='open_line_page'),
        ),
        migrations.AddIndex(
            model_name='openline',
            index=models.Index(condition=models.Q(('is_new', True)), fields=['account'], name='open_line_new'),
        ),
        migrations.AddConstraint(
            model_name='openline',
            constraint=models.CheckConstraint(condition=models.Q(('open__gt', 0), ('open__lte', models.F('amount'))), name='open_line_within', violation_error_message='No more of a line is matched than its amount.'),
        ),
        sql.install("controls", "reconciliation"),
    ]
