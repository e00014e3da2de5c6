import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql

UNDO = """
    drop trigger of_a_card_payment on transactions_cardpayment; drop function refuse_card();
    drop function charge_back(bigint[], numeric, text, bigint, text);
    drop function settle_payout(bigint, varchar, bigint[], numeric, date, bigint); drop function payout_parts(bigint[]);
    drop function post_cards(bigint[], bigint); drop function clear_cards(bigint[]); drop function card_places(bigint[]);
"""


class Migration(migrations.Migration):
    """What acquirers and marketplaces report, pay out and take back."""

    dependencies = [
        ('people', '0006_delegations'),
        ('transactions', '0024_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CardPayment',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='card', serialize=False, to='transactions.payment')),
                ('acquirer_code', models.CharField(blank=True, max_length=20)),
                ('order_reference', models.CharField(blank=True, max_length=35)),
                ('captured_on', models.DateField()),
                ('fee', models.DecimalField(decimal_places=5, max_digits=18)),
                ('payout_reference', models.CharField(blank=True, max_length=35)),
            ],
        ),
        migrations.CreateModel(
            name='Chargeback',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='chargeback', serialize=False, to='transactions.payment')),
                ('fee', models.DecimalField(decimal_places=5, max_digits=18)),
                ('reason_code', models.CharField(max_length=4)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=35)),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18)),
                ('paid_on', models.DateField()),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payment_received_from_outside',
        ),
        migrations.AddField(
            model_name='account',
            name='fees',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account'),
        ),
        migrations.AddField(
            model_name='historicalaccount',
            name='fees',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='transactions.account'),
        ),
        migrations.AlterField(
            model_name='historicalpayment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('instant', 'Instant transfer'), ('supplier', 'Supplier payment'), ('debit', 'Direct debit'), ('incoming', 'Incoming payment'), ('refund', 'Refund'), ('card', 'Card or marketplace payment')], max_length=10),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='kind',
            field=models.CharField(choices=[('posting', 'Payment posted'), ('settlement', 'Payment settled'), ('reversal', 'Reversal'), ('opening', 'Opening balance'), ('manual', 'Manual entry'), ('payout', 'Payout of an acquirer'), ('chargeback', 'Chargeback')], max_length=10),
        ),
        migrations.AlterField(
            model_name='payment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('instant', 'Instant transfer'), ('supplier', 'Supplier payment'), ('debit', 'Direct debit'), ('incoming', 'Incoming payment'), ('refund', 'Refund'), ('card', 'Card or marketplace payment')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['incoming', 'card']), _negated=True), ('debtor_account', None), _connector='OR'), name='payment_received_from_outside', violation_error_message='What comes in is debited to no account of ours.'),
        ),
        migrations.AddField(
            model_name='cardpayment',
            name='acquirer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.account'),
        ),
        migrations.AddField(
            model_name='cardpayment',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='payout',
            name='acquirer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='transactions.account'),
        ),
        migrations.AddField(
            model_name='payout',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='payout',
            name='entry',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payout', to='transactions.journalentry'),
        ),
        migrations.AddField(
            model_name='payout',
            name='received_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='payout',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chargebacks', to='transactions.payout'),
        ),
        migrations.AddField(
            model_name='cardpayment',
            name='payout',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='transactions.payout'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(fields=['entity', '-id'], name='payout_page'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(fields=('acquirer', 'reference'), name='payout_once', violation_error_message='This payout is booked already.'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payout_amount_positive'),
        ),
        migrations.AddIndex(
            model_name='cardpayment',
            index=models.Index(condition=models.Q(('payout__isnull', True)), fields=['acquirer', 'payout_reference'], name='card_unpaid'),
        ),
        migrations.AddIndex(
            model_name='cardpayment',
            index=models.Index(condition=models.Q(('order_reference', ''), _negated=True), fields=['entity', 'order_reference'], name='card_by_order'),
        ),
        migrations.AddConstraint(
            model_name='cardpayment',
            constraint=models.CheckConstraint(condition=models.Q(('fee__gte', 0)), name='card_fee_not_negative'),
        ),
        sql.install("transactions", "cards", UNDO),
    ]
