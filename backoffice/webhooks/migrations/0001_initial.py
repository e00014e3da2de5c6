import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('controls', '0001_squashed_0009_cards_by_index'),
        ('transactions', '0001_squashed_0028_take_in_few'),
        ('documents', '0001_squashed_0003_subject_first'),
        ('people', '0001_squashed_0007_undo_window'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Endpoint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('url', models.CharField(max_length=500)),
                    ('events', models.JSONField(default=list)),
                    ('status', models.CharField(choices=[('active', 'Working'), ('paused', 'Paused'), ('retired', 'Retired')], default='active', max_length=8)),
                    ('salt', models.BinaryField(max_length=32)),
                    ('old_salt', models.BinaryField(max_length=32, null=True)),
                    ('old_until', models.DateTimeField(null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('last_success_at', models.DateTimeField(null=True)),
                    ('failing_since', models.DateTimeField(null=True)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ],
                options={
                    'indexes': [models.Index(fields=['entity', 'id'], name='webhook_by_entity')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['active', 'paused', 'retired'])), name='webhook_status_known')],
                },
            ),
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('record_id', models.BigIntegerField(unique=True)),
                    ('type', models.CharField(max_length=48)),
                    ('subject_type', models.CharField(max_length=24)),
                    ('subject_id', models.BigIntegerField()),
                    ('occurred_at', models.DateTimeField()),
                    ('body', models.TextField()),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ],
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('status', models.CharField(choices=[('pending', 'Waiting'), ('done', 'Delivered'), ('given_up', 'Given up')], default='pending', max_length=8)),
                    ('attempts', models.IntegerField(default=0)),
                    ('created_at', models.DateTimeField()),
                    ('next_at', models.DateTimeField()),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('replay_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='webhooks.delivery')),
                    ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.endpoint')),
                    ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.event')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['endpoint', 'id'], name='webhook_waiting'), models.Index(fields=['endpoint', 'status', 'id'], name='webhook_log'), models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='webhook_age')],
                },
            ),
            migrations.CreateModel(
                name='Attempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('signed_at', models.DateTimeField()),
                    ('duration_ms', models.IntegerField()),
                    ('address', models.CharField(max_length=45)),
                    ('status', models.SmallIntegerField(null=True)),
                    ('answer', models.CharField(max_length=1000)),
                    ('code', models.CharField(max_length=40)),
                    ('params', models.JSONField(default=dict)),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='webhooks.delivery')),
                ],
            ),
            migrations.CreateModel(
                name='Place',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('watermark', models.BigIntegerField()),
                    ('floor', models.BigIntegerField(default=0)),
                    ('next_floor', models.BigIntegerField(null=True)),
                    ('next_floor_at', models.DateTimeField(null=True)),
                    ('next_xid', models.BigIntegerField(null=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='webhook_place_one')],
                },
            ),
        ]),
        # Following begins here: what was on record before is told to nobody.
        migrations.RunSQL(
            "insert into webhooks_place (id, watermark, floor) select 1, "
            "pg_snapshot_xmin(pg_current_snapshot())::text::bigint, (select coalesce(max(id), 0) "
            "from documents_auditrecord)"
        ),
    ]
