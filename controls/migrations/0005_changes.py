import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


UNDO = """
    drop trigger begins_waiting on controls_changerequest; drop function refuse_decided_change();
    drop trigger signed_once on controls_changerequest; drop function refuse_unsigned_change();
    drop trigger by_another on controls_changesignature; drop function refuse_own_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0004_control_cards'),
        ('people', '0006_delegations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(choices=[('matrix', 'Approval matrix'), ('limit', 'Limit')], max_length=8)),
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
        ),
        migrations.AddIndex(
            model_name='changerequest',
            index=models.Index(fields=['subject_type', 'status', '-id'], name='change_waiting'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('status', 'waiting')), models.Q(('status', 'waiting'), _negated=True), _connector='OR'), name='change_waits_undecided'),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting'), ('subject_id__isnull', False), ('subject_type', 'matrix')), fields=('subject_type', 'subject_id'), name='change_of_a_row_once'),
        ),
        migrations.AddConstraint(
            model_name='changesignature',
            constraint=models.UniqueConstraint(fields=('request', 'person'), name='change_signed_once_by_one'),
        ),
        migrations.AddConstraint(
            model_name='changesignature',
            constraint=models.UniqueConstraint(fields=('request', 'place'), name='change_place_signed_once'),
        ),
        sql.install("controls", "changes", UNDO),
    ]
