import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql
from backoffice.common.tables import CreateModels


class Migration(migrations.Migration):
    """Attachments, and the audit trail, which is a table of its own SQL. Cannot be taken back."""

    initial = True

    replaces = [
        ('documents', '0001_initial'),
        ('documents', '0002_audit_trail'),
        ('documents', '0003_subject_first'),
    ]

    dependencies = [
        ('people', '0001_squashed_0007_undo_window'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        # What packages bring comes first: each of its steps renders every model that stands by then.
        ('mfa', '0003_authenticator_type_uniq'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='AuditRecord',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('occurred_at', models.DateTimeField()),
                    ('entity_id', models.BigIntegerField(null=True)),
                    ('subject_type', models.CharField(max_length=24)),
                    ('subject_id', models.BigIntegerField()),
                    ('action', models.CharField(max_length=48)),
                    ('actor_id', models.BigIntegerField(null=True)),
                    ('reason', models.TextField(default='')),
                    ('data', models.TextField(default='{}')),
                ],
                options={
                    'db_table': 'documents_auditrecord',
                    'ordering': ('-id',),
                    'managed': False,
                },
            ),
            migrations.CreateModel(
                name='Attachment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sha256', models.CharField(max_length=64)),
                    ('size', models.BigIntegerField()),
                    ('name', models.CharField(max_length=200)),
                    ('content_type', models.CharField(max_length=100)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ],
                options={
                    'indexes': [models.Index(fields=['entity', 'sha256'], name='attachment_by_hash')],
                },
            ),
            migrations.CreateModel(
                name='AttachmentLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject_type', models.CharField(max_length=24)),
                    ('subject_id', models.BigIntegerField()),
                    ('kind', models.CharField(choices=[('source', 'Source file'), ('invoice', 'Invoice'), ('contract', 'Contract'), ('bank_details', 'Proof of bank details'), ('other', 'Other document')], default='other', max_length=16)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='documents.attachment')),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='attachment_by_subject')],
                    'constraints': [models.UniqueConstraint(fields=('attachment', 'subject_type', 'subject_id'), name='attachment_linked_once')],
                },
            ),
        ]),
        sql.install("documents", "trail"),
    ]
