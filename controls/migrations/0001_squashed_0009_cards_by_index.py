import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql
from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):
    """Judgements: rules, assessments, approvals and changes. Cannot be taken back."""

    initial = True

    replaces = [
        ('controls', '0001_initial'),
        ('controls', '0002_published_versions_stay'),
        ('controls', '0003_approval_matrix'),
        ('controls', '0004_control_cards'),
        ('controls', '0005_changes'),
        ('controls', '0006_standing_changes'),
        ('controls', '0007_rule_scope'),
        ('controls', '0008_straight'),
        ('controls', '0009_cards_by_index'),
    ]

    dependencies = [
        ('transactions', '0001_squashed_0028_take_in_few'),
        ('people', '0001_squashed_0007_undo_window'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='ApprovalPolicy',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(blank=True, max_length=10)),
                    ('currency', models.CharField(default='EUR', max_length=3)),
                    ('from_amount', models.DecimalField(decimal_places=5, default=0, max_digits=18)),
                    ('approvals', models.SmallIntegerField()),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approval_policies', to='people.entity')),
                    ('channel', models.CharField(blank=True, db_default='', max_length=8)),
                    ('new_payee', models.BooleanField(db_default=False, default=False)),
                    ('risk_from', models.SmallIntegerField(db_default=0, default=0)),
                    ('stages', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                    ('valid_from', models.DateField(null=True)),
                    ('valid_to', models.DateField(null=True)),
                ],
                options={
                    'verbose_name_plural': 'approval policies',
                    'constraints': [models.CheckConstraint(condition=models.Q(('approvals__gte', 1)), name='policy_four_eyes_at_least'), models.CheckConstraint(condition=models.Q(('risk_from__gte', 0), ('risk_from__lte', 100)), name='policy_risk_bounded'), models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='policy_dates_in_order')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalApprovalPolicy',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('kind', models.CharField(blank=True, max_length=10)),
                    ('currency', models.CharField(default='EUR', max_length=3)),
                    ('from_amount', models.DecimalField(decimal_places=5, default=0, max_digits=18)),
                    ('approvals', models.SmallIntegerField()),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('entity', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.entity')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('channel', models.CharField(blank=True, db_default='', max_length=8)),
                    ('new_payee', models.BooleanField(db_default=False, default=False)),
                    ('risk_from', models.SmallIntegerField(db_default=0, default=0)),
                    ('stages', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                    ('valid_from', models.DateField(null=True)),
                    ('valid_to', models.DateField(null=True)),
                ],
                options={
                    'verbose_name': 'historical approval policy',
                    'verbose_name_plural': 'historical approval policies',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Assessment',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('ran_at', models.DateTimeField()),
                    ('outcome', models.CharField(max_length=8)),
                    ('risk', models.SmallIntegerField()),
                    ('finding_count', models.SmallIntegerField()),
                    ('payment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='transactions.payment')),
                    ('rule_set', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.ruleset')),
                ],
            ),
            migrations.CreateModel(
                name='RuleResult',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('action', models.CharField(max_length=8)),
                    ('weight', models.SmallIntegerField()),
                    ('shadow', models.BooleanField(default=False)),
                    ('evidence', models.JSONField(default=dict)),
                    ('assessment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='controls.assessment')),
                    ('payment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.payment')),
                    ('version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.ruleversion')),
                ],
            ),
            migrations.CreateModel(
                name='ControlCard',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('frozen_at', models.DateTimeField()),
                    ('content', models.TextField()),
                    ('digest', models.BinaryField(max_length=32)),
                    ('payment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='transactions.payment')),
                    ('signature', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='transactions.paymentapproval')),
                    ('release', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='controls.straightrelease')),
                ],
            ),
            migrations.CreateModel(
                name='ChangeRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject_type', models.CharField(choices=[('matrix', 'Approval matrix'), ('limit', 'Limit'), ('standing', 'Standing order'), ('straight', 'Straight-through processing')], max_length=8)),
                    ('subject_id', models.BigIntegerField(null=True)),
                    ('change', models.JSONField()),
                    ('places', models.JSONField()),
                    ('reason', models.TextField(blank=True)),
                    ('asked_at', models.DateTimeField(auto_now_add=True)),
                    ('status', models.CharField(choices=[('waiting', 'Waiting for a second person'), ('approved', 'In effect'), ('refused', 'Refused')], default='waiting', max_length=8)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('answer', models.TextField(blank=True)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('entity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ],
                options={
                    'indexes': [models.Index(fields=['subject_type', 'status', '-id'], name='change_waiting')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('status', 'waiting')), models.Q(('status', 'waiting'), _negated=True), _connector='OR'), name='change_waits_undecided'), models.UniqueConstraint(condition=models.Q(('status', 'waiting'), ('subject_id__isnull', False), ('subject_type__in', ['matrix', 'standing', 'straight'])), fields=('subject_type', 'subject_id'), name='change_of_a_row_once')],
                },
            ),
            migrations.CreateModel(
                name='ChangeSignature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('place', models.SmallIntegerField()),
                    ('given_at', models.DateTimeField(auto_now_add=True)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='controls.changerequest')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('request', 'person'), name='change_signed_once_by_one'), models.UniqueConstraint(fields=('request', 'place'), name='change_place_signed_once')],
                },
            ),
            migrations.CreateModel(
                name='Rule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=32, unique=True)),
                    ('family', models.CharField(choices=[('format', 'Format'), ('account', 'Account and funds'), ('payee', 'Payee'), ('duplicate', 'Duplicates'), ('amount', 'Amount'), ('time', 'Date and time')], max_length=10)),
                    ('name_en', models.CharField(max_length=80)),
                    ('name_fr', models.CharField(max_length=80)),
                    ('shipped', models.BooleanField(default=False)),
                ],
            ),
            migrations.CreateModel(
                name='HistoricalRule',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('code', models.CharField(db_index=True, max_length=32)),
                    ('family', models.CharField(choices=[('format', 'Format'), ('account', 'Account and funds'), ('payee', 'Payee'), ('duplicate', 'Duplicates'), ('amount', 'Amount'), ('time', 'Date and time')], max_length=10)),
                    ('name_en', models.CharField(max_length=80)),
                    ('name_fr', models.CharField(max_length=80)),
                    ('shipped', models.BooleanField(default=False)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical rule',
                    'verbose_name_plural': 'historical rules',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='RuleVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('expression', models.TextField()),
                    ('parameters', models.JSONField(default=dict)),
                    ('action', models.CharField(choices=[('inform', 'Inform'), ('warn', 'Warn'), ('second', 'Ask a further approval'), ('hold', 'Hold'), ('reject', 'Reject')], max_length=8)),
                    ('mode', models.CharField(choices=[('off', 'Off'), ('shadow', 'Shadow'), ('active', 'Active')], default='off', max_length=8)),
                    ('weight', models.SmallIntegerField(default=0)),
                    ('reject_reason', models.CharField(blank=True, max_length=4)),
                    ('sentence_en', models.TextField()),
                    ('sentence_fr', models.TextField()),
                    ('legal_reference', models.CharField(blank=True, max_length=200)),
                    ('profiles', models.JSONField(default=list)),
                    ('valid_from', models.DateField(null=True)),
                    ('valid_to', models.DateField(null=True)),
                    ('published_at', models.DateTimeField(null=True)),
                    ('entity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                    ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='controls.rule')),
                    ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('certainty', models.CharField(blank=True, choices=[('', 'a choice of the house'), ('V', 'article and threshold read in a stored source'), ('V~', 'confirmed in part, or by a secondary source'), ('K', 'known, not read')], db_default='', max_length=2)),
                    ('dated_by', models.CharField(choices=[('receipt', 'day of receipt'), ('execution', 'execution date')], db_default='receipt', default='receipt', max_length=9)),
                    ('level', models.SmallIntegerField(choices=[(1, 'Level 1, operations'), (2, 'Level 2, risk and compliance'), (3, 'Level 3, internal audit')], db_default=1, default=1)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('rule', 'number'), name='rule_version_once'), models.CheckConstraint(condition=models.Q(('published_by', None), models.Q(('published_by', models.F('written_by')), _negated=True), _connector='OR'), name='rule_published_by_another', violation_error_message='A rule is published by someone other than its writer.'), models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3])), name='rule_level_known'), models.CheckConstraint(condition=models.Q(('action', 'reject'), ('certainty', 'K'), _negated=True), name='rule_rejects_by_what_was_read', violation_error_message='What was not read in its source never proposes to reject.')],
                },
            ),
            migrations.CreateModel(
                name='RuleSet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('members', models.JSONField()),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
            ),
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
                    ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='straight_policies', to='people.entity')),
                    ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.changerequest')),
                    ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.intakesource')),
                    ('stopped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'straight policies',
                    'constraints': [models.UniqueConstraint(fields=('entity', 'name', 'number'), name='straight_number_once'), models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('entity', 'name'), name='straight_one_in_force'), models.CheckConstraint(condition=models.Q(('written_by', models.F('approved_by')), _negated=True), name='straight_by_two'), models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='straight_dates_in_order'), models.CheckConstraint(condition=models.Q(('max_amount__gt', 0), ('day_amount__gte', models.F('max_amount'))), name='straight_ceilings'), models.CheckConstraint(condition=models.Q(('kind__in', ['', 'sepa', 'transfer', 'internal'])), name='straight_kind')],
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
                    ('payment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='transactions.payment')),
                    ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='controls.straightpolicy')),
                ],
                options={
                    'indexes': [models.Index(fields=['policy', 'day'], name='release_of_the_day')],
                    'constraints': [models.UniqueConstraint(fields=('payment', 'version'), name='release_once_a_version')],
                },
            ),
        ]),
        *(sql.install("controls", name) for name in (
            "rule_versions", "approval_matrix", "control_cards", "changes", "standing_orders", "straight",
        )),
    ]
