import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):
    """Entities, people, and what they may. Cannot be taken back."""

    initial = True

    replaces = [
        ('people', '0001_initial'),
        ('people', '0002_user_time_zone'),
        ('people', '0004_token_entities'),
        ('people', '0005_day_ceilings'),
        ('people', '0006_delegations'),
        ('people', '0007_undo_window'),
    ]

    dependencies = [
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Entity',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=20, unique=True)),
                    ('name', models.CharField(max_length=140)),
                    ('profile', models.CharField(choices=[('bank', 'Bank or payment institution'), ('company', 'Company treasury'), ('shop', 'Online shop or retailer'), ('investment', 'Investment firm'), ('carrier', 'Carrier')], default='company', max_length=12)),
                    ('country', models.CharField(default='FR', max_length=2)),
                    ('bic', models.CharField(blank=True, max_length=11)),
                    ('registration_number', models.CharField(blank=True, max_length=35)),
                    ('time_zone', models.CharField(default='Europe/Paris', max_length=40)),
                    ('base_currency', models.CharField(default='EUR', max_length=3)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('undo_seconds', models.PositiveSmallIntegerField(db_default=10, default=10)),
                ],
                options={
                    'verbose_name_plural': 'entities',
                    'ordering': ('code',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('undo_seconds__lte', 300)), name='entity_undo_window_bounded', violation_error_message='A decision can be taken back for five minutes at most.')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalEntity',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('code', models.CharField(db_index=True, max_length=20)),
                    ('name', models.CharField(max_length=140)),
                    ('profile', models.CharField(choices=[('bank', 'Bank or payment institution'), ('company', 'Company treasury'), ('shop', 'Online shop or retailer'), ('investment', 'Investment firm'), ('carrier', 'Carrier')], default='company', max_length=12)),
                    ('country', models.CharField(default='FR', max_length=2)),
                    ('bic', models.CharField(blank=True, max_length=11)),
                    ('registration_number', models.CharField(blank=True, max_length=35)),
                    ('time_zone', models.CharField(default='Europe/Paris', max_length=40)),
                    ('base_currency', models.CharField(default='EUR', max_length=3)),
                    ('created_at', models.DateTimeField(blank=True, editable=False)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('undo_seconds', models.PositiveSmallIntegerField(db_default=10, default=10)),
                ],
                options={
                    'verbose_name': 'historical entity',
                    'verbose_name_plural': 'historical entities',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('email', models.EmailField(max_length=254, unique=True)),
                    ('full_name', models.CharField(max_length=140)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_machine', models.BooleanField(default=False)),
                    ('language', models.CharField(default='en', max_length=5)),
                    ('theme', models.CharField(choices=[('system', 'As the system'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6)),
                    ('density', models.CharField(choices=[('compact', 'Compact'), ('comfortable', 'Comfortable')], default='compact', max_length=12)),
                    ('shortcuts', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('time_zone', models.CharField(default='Europe/Paris', max_length=40)),
                ],
                options={
                    'ordering': ('full_name',),
                },
            ),
            migrations.CreateModel(
                name='HistoricalUser',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('email', models.EmailField(db_index=True, max_length=254)),
                    ('full_name', models.CharField(max_length=140)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_machine', models.BooleanField(default=False)),
                    ('language', models.CharField(default='en', max_length=5)),
                    ('theme', models.CharField(choices=[('system', 'As the system'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6)),
                    ('density', models.CharField(choices=[('compact', 'Compact'), ('comfortable', 'Comfortable')], default='compact', max_length=12)),
                    ('shortcuts', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(blank=True, editable=False)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('time_zone', models.CharField(default='Europe/Paris', max_length=40)),
                ],
                options={
                    'verbose_name': 'historical user',
                    'verbose_name_plural': 'historical users',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Team',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='people.entity')),
                    ('members', models.ManyToManyField(blank=True, related_name='teams', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('entity', 'name'), name='team_name_once_per_entity')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalTeam',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('entity', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.entity')),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical team',
                    'verbose_name_plural': 'historical teams',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Grant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(max_length=16)),
                    ('granted_at', models.DateTimeField(auto_now_add=True)),
                    ('entity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='people.entity')),
                    ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'role', 'entity'), name='grant_once', nulls_distinct=False, violation_error_message='This person has this role here already.'), models.CheckConstraint(condition=models.Q(('role__in', ['operator', 'supervisor', 'logistics', 'auditor', 'administrator'])), name='grant_role_known')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalGrant',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('role', models.CharField(max_length=16)),
                    ('granted_at', models.DateTimeField(blank=True, editable=False)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('entity', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.entity')),
                    ('granted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'historical grant',
                    'verbose_name_plural': 'historical grants',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Limit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('act', models.CharField(choices=[('validate', 'validate'), ('approve', 'approve')], max_length=10)),
                    ('currency', models.CharField(default='EUR', max_length=3)),
                    ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to=settings.AUTH_USER_MODEL)),
                    ('day_amount', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'act', 'currency'), name='limit_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='limit_not_negative'), models.CheckConstraint(condition=models.Q(('day_amount', None), ('day_amount__gte', models.F('amount')), _connector='OR'), name='limit_of_the_day_not_below_one', violation_error_message='The limit of the day is not below that of one payment.')],
                },
            ),
            migrations.CreateModel(
                name='HistoricalLimit',
                fields=[
                    ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                    ('act', models.CharField(choices=[('validate', 'validate'), ('approve', 'approve')], max_length=10)),
                    ('currency', models.CharField(default='EUR', max_length=3)),
                    ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                    ('history_id', models.AutoField(primary_key=True, serialize=False)),
                    ('history_date', models.DateTimeField(db_index=True)),
                    ('history_change_reason', models.CharField(max_length=100, null=True)),
                    ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                    ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('day_amount', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ],
                options={
                    'verbose_name': 'historical limit',
                    'verbose_name_plural': 'historical limits',
                    'ordering': ('-history_date', '-history_id'),
                    'get_latest_by': ('history_date', 'history_id'),
                },
                bases=(simple_history.models.HistoricalChanges, models.Model),
            ),
            migrations.CreateModel(
                name='Delegation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('act', models.CharField(choices=[('validate', 'validate'), ('approve', 'approve')], max_length=10)),
                    ('valid_from', models.DateTimeField()),
                    ('valid_to', models.DateTimeField()),
                    ('reason', models.TextField()),
                    ('given_at', models.DateTimeField(auto_now_add=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_received', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                    ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_given', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('giver', models.F('deputy')), _negated=True), name='delegation_to_another', violation_error_message='Nobody is their own deputy.'), models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='delegation_dates_in_order'), models.CheckConstraint(condition=models.Q(('act__in', ['validate', 'approve'])), name='delegation_act_known')],
                },
            ),
            migrations.CreateModel(
                name='ApiToken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('prefix', models.CharField(max_length=12)),
                    ('digest', models.BinaryField(max_length=32, unique=True)),
                    ('scopes', models.JSONField(default=list)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('expires_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                    ('entities', models.JSONField(default=list)),
                ],
            ),
            migrations.CreateModel(
                name='IdempotencyKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=200)),
                    ('request_digest', models.BinaryField(max_length=32)),
                    ('status', models.SmallIntegerField(null=True)),
                    ('body', models.TextField(blank=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['created_at'], name='idempotency_age')],
                    'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotency_key_once')],
                },
            ),
        ]),
    ]
