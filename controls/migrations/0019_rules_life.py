"""Rules have a life: drafts, review by a second person, publication from a moment on; and named lists."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


class Migration(migrations.Migration):

    dependencies = [
        ('controls', '0018_verification_of_payee'),
        ('people', '0002_second_person'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('text', 'Texts'), ('account', 'Account numbers'), ('country', 'Countries')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='RuleListEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=140)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('removal_reason', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'verbose_name_plural': 'rule list entries',
            },
        ),
        migrations.RemoveConstraint(
            model_name='changerequest',
            name='change_of_a_row_once',
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='channels',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='discarded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='editors',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='kinds',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='starts_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='units',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='written_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='changerequest',
            name='subject_type',
            field=models.CharField(choices=[('matrix', 'Approval matrix'), ('limit', 'Limit'), ('standing', 'Standing order'), ('straight', 'Straight-through processing'), ('account', 'Overdraft'), ('channel', 'Channel to a bank'), ('grant', 'Role'), ('token', 'API token of a program'), ('verifier', 'Verification service'), ('rule', 'Rule'), ('list', 'List of the rules')], max_length=8),
        ),
        migrations.AddConstraint(
            model_name='changerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting'), ('subject_id__isnull', False), ('subject_type__in', ['matrix', 'standing', 'straight', 'account', 'channel', 'verifier', 'rule', 'list'])), fields=('subject_type', 'subject_id'), name='change_of_a_row_once'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.UniqueConstraint(condition=models.Q(('discarded_at', None), ('published_at', None), ('written_by__isnull', False)), fields=('rule', 'entity'), name='rule_one_open_draft', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.CheckConstraint(condition=models.Q(('published_at', None), ('discarded_at', None), _connector='OR'), name='rule_published_or_discarded'),
        ),
        migrations.AddField(
            model_name='rulelist',
            name='entity',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='rulelist',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rulelistentry',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rulelistentry',
            name='added_with',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.changerequest'),
        ),
        migrations.AddField(
            model_name='rulelistentry',
            name='list',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='controls.rulelist'),
        ),
        migrations.AddField(
            model_name='rulelistentry',
            name='removed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rulelistentry',
            name='removed_with',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='controls.changerequest'),
        ),
        migrations.AddConstraint(
            model_name='rulelist',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'account', 'country'])), name='rule_list_kind_known'),
        ),
        migrations.AddIndex(
            model_name='rulelistentry',
            index=models.Index(fields=['list', 'value', 'valid_from'], name='rule_list_asked'),
        ),
        migrations.AddConstraint(
            model_name='rulelistentry',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('list', 'value'), name='rule_list_holds_once'),
        ),
        migrations.AddConstraint(
            model_name='rulelistentry',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='rule_list_moments_in_order'),
        ),
        sql.again("controls", "rule_versions", "refuse_published_change"),
        sql.again("controls", "changes", "refuse_own_change"),
        sql.install(
            "controls",
            "rule_life",
            "drop trigger signed_by_two on controls_ruleversion; drop trigger signed_later on controls_ruleversion; "
            "drop trigger signed_by_two on controls_rulelistentry; drop trigger ends_once on controls_rulelistentry; "
            "drop trigger entry_stays on controls_rulelistentry; drop trigger list_stays on controls_rulelist; "
            "drop trigger list_is_what_it_was on controls_rulelist; drop function refuse_unsigned_rule(); "
            "drop function refuse_unsigned_entry(); drop function refuse_list_rewritten()",
        ),
    ]
