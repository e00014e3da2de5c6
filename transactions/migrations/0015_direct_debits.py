import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


_ANSWERS = sql.text("transactions", "answers")
_GUARDS = sql.text("transactions", "guards")
UNDO = (
    """
    drop trigger of_a_debit on transactions_collection; drop function refuse_collection();
    drop function settle_collections(bigint[], bigint, date); drop function post_collections(bigint[], bigint);
    drop function move_collections(bigint[], text, bigint, date); drop function clear_collections(bigint[]);
    drop function collection_trouble(transactions_payment, bigint);
    """
    + _ANSWERS[_ANSWERS.index("create function lock_books") : _ANSWERS.index("-- sent or settled")].replace(
        "create function", "create or replace function"
    )
    + _GUARDS[_GUARDS.index("create function refuse_item") : _GUARDS.index("create trigger posted_only")].replace(
        "create function", "create or replace function"
    )
)


class Migration(migrations.Migration):
    """Direct debits: mandates, what is said of them with each collection, and how collections move the books."""


    dependencies = [
        ('people', '0002_user_time_zone'),
        ('transactions', '0014_bank_messages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='collection', serialize=False, to='transactions.payment')),
                ('creditor_scheme_id', models.CharField(max_length=35)),
                ('creditor_id_valid', models.BooleanField()),
                ('mandate_reference', models.CharField(max_length=35)),
                ('signed_on', models.DateField(null=True)),
                ('sequence', models.CharField(choices=[('FRST', 'First'), ('RCUR', 'Recurrent'), ('FNAL', 'Final'), ('OOFF', 'One-off')], max_length=4)),
                ('scheme', models.CharField(max_length=35)),
                ('amendment', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalMandate',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('creditor_scheme_id', models.CharField(max_length=35)),
                ('reference', models.CharField(max_length=35)),
                ('scheme', models.CharField(choices=[('CORE', 'SEPA Core'), ('B2B', 'SEPA B2B')], default='CORE', max_length=4)),
                ('kind', models.CharField(choices=[('recurrent', 'Recurrent'), ('one_off', 'One-off')], default='recurrent', max_length=9)),
                ('debtor_name', models.CharField(max_length=140)),
                ('debtor_number', models.CharField(max_length=34)),
                ('debtor_bic', models.CharField(blank=True, max_length=11)),
                ('signed_on', models.DateField()),
                ('status', models.CharField(choices=[('active', 'Active'), ('cancelled', 'Cancelled')], default='active', max_length=9)),
                ('created_at', models.DateTimeField(blank=True, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical mandate',
                'verbose_name_plural': 'historical mandates',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('creditor_scheme_id', models.CharField(max_length=35)),
                ('reference', models.CharField(max_length=35)),
                ('scheme', models.CharField(choices=[('CORE', 'SEPA Core'), ('B2B', 'SEPA B2B')], default='CORE', max_length=4)),
                ('kind', models.CharField(choices=[('recurrent', 'Recurrent'), ('one_off', 'One-off')], default='recurrent', max_length=9)),
                ('debtor_name', models.CharField(max_length=140)),
                ('debtor_number', models.CharField(max_length=34)),
                ('debtor_bic', models.CharField(blank=True, max_length=11)),
                ('signed_on', models.DateField()),
                ('status', models.CharField(choices=[('active', 'Active'), ('cancelled', 'Cancelled')], default='active', max_length=9)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name='outgoingfile',
            name='kind',
            field=models.CharField(choices=[('pain001', 'Credit transfers'), ('pain008', 'Direct debits')], db_default='pain001', default='pain001', max_length=7),
        ),
        migrations.AlterField(
            model_name='historicalpayment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('debit', 'Direct debit')], max_length=10),
        ),
        migrations.AlterField(
            model_name='payment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('debit', 'Direct debit')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('kind', 'debit')), fields=['creditor_account', 'requested_execution_date'], name='payment_collected'),
        ),
        migrations.AddField(
            model_name='collection',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='account',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.account'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='created_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='entity',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='historicalmandate',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mandate',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account'),
        ),
        migrations.AddField(
            model_name='mandate',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mandate',
            name='entity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(fields=['entity', 'creditor_scheme_id', 'mandate_reference'], name='collection_by_mandate'),
        ),
        migrations.AddIndex(
            model_name='mandate',
            index=models.Index(fields=['entity', '-id'], name='mandate_page'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.UniqueConstraint(fields=('entity', 'creditor_scheme_id', 'reference'), name='mandate_reference_once', violation_error_message='A mandate with this reference is known already.'),
        ),
        sql.install("transactions", "collections", UNDO),
        sql.install("transactions", "clear_collections", migrations.RunSQL.noop),
    ]
