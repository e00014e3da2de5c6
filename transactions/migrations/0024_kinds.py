import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql

_COLLECTIONS, _GUARDS, _ANSWERS = (sql.text("transactions", name) for name in ("collections", "guards", "answers"))
RECEIVED_UNDO = (
    """
    drop function apply_receipts(bigint[], bigint, bigint, text); drop function post_receipts(bigint[], bigint);
    drop function clear_receipts(bigint[]); drop function receipt_places(bigint[]);
    drop trigger known_transition on transactions_paymentstate;
    """
    + _GUARDS[_GUARDS.index("create trigger known_transition") : _GUARDS.index("-- How many approvals")]
    + _COLLECTIONS[_COLLECTIONS.index("create or replace function lock_books") : _COLLECTIONS.index("-- Why a debit")]
)
RETURNS_UNDO = _ANSWERS[
    _ANSWERS.index("create function return_payments") : _ANSWERS.index("-- One return is a return of many.")
].replace("create function", "create or replace function")
SETTLE_UNDO = sql.text("transactions", "settle_payments") + "drop function house_account(bigint, varchar, varchar);"
REFUNDS_UNDO = """
    drop trigger refund_of_something on transactions_payment; drop function refuse_refund_of_nothing();
    drop trigger returned_unrefunded on transactions_paymentstate; drop function refuse_refunded_return();
    drop trigger revived_within_original on transactions_paymentstate; drop function refuse_revived_refund();
    drop trigger within_original on transactions_refund; drop function refuse_refund(); drop function refundable(bigint);
"""


class Migration(migrations.Migration):
    """Payments that come in, and refunds of them."""

    dependencies = [
        ('people', '0006_delegations'),
        ('transactions', '0023_supplier_invoices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('payment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='refund', serialize=False, to='transactions.payment')),
                ('reason_code', models.CharField(max_length=4)),
            ],
        ),
        migrations.AddField(
            model_name='historicalpayment',
            name='debtor_address',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name='payment',
            name='debtor_address',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AlterField(
            model_name='historicalpayment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('debit', 'Direct debit'), ('incoming', 'Incoming payment'), ('refund', 'Refund')], max_length=10),
        ),
        migrations.AlterField(
            model_name='payment',
            name='kind',
            field=models.CharField(choices=[('sepa', 'SEPA credit transfer'), ('transfer', 'Credit transfer'), ('internal', 'Transfer between own accounts'), ('debit', 'Direct debit'), ('incoming', 'Incoming payment'), ('refund', 'Refund')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'incoming'), _negated=True), ('debtor_account', None), _connector='OR'), name='payment_received_from_outside', violation_error_message='What comes in is debited to no account of ours.'),
        ),
        migrations.AddField(
            model_name='refund',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='refund',
            name='original',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='transactions.payment'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('kind', 'incoming')), fields=['debtor_number'], name='payment_by_payer'),
        ),
        # Taken back in the other order: what settles refunds looks for accounts of the house by the function of receipts.
        sql.install("transactions", "received", RECEIVED_UNDO),
        sql.install("transactions", "returns", RETURNS_UNDO),
        sql.install("transactions", "refunds", REFUNDS_UNDO),
        sql.install("transactions", "settle_refunds", SETTLE_UNDO),
    ]
