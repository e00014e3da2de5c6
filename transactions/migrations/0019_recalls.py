import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


UNDO = """
    drop trigger given_back on transactions_recallrequest; drop function refuse_unreturned();
    drop trigger known_step on transactions_recallrequest; drop function refuse_request_change();
    drop trigger begins_open on transactions_recallrequest; drop function refuse_request();
    drop trigger approved_by_a_person on transactions_recall; drop function refuse_unsigned_recall();
    drop trigger known_step on transactions_recall; drop function refuse_recall_change();
    drop trigger of_what_was_sent on transactions_recall; drop function refuse_recall();
"""


class Migration(migrations.Migration):
    """Recalls, asked of other banks and by them, and how an account's transfers leave."""

    dependencies = [
        ('people', '0006_delegations'),
        ('transactions', '0018_cut_offs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason_code', models.CharField(choices=[('DUPL', 'Duplicate payment'), ('TECH', 'Technical problem'), ('FRAD', 'Fraud'), ('CUST', 'Asked for by the customer'), ('AC03', 'Wrong account of the creditor'), ('AM09', 'Wrong amount')], max_length=4)),
                ('reason', models.CharField(max_length=500)),
                ('status', models.CharField(choices=[('asked', 'Asked for'), ('approved', 'Approved'), ('sent', 'Sent'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('expired', 'Deadline passed'), ('withdrawn', 'Withdrawn')], default='asked', max_length=9)),
                ('ask_until', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('answer_due', models.DateField(null=True)),
                ('answer_code', models.CharField(blank=True, max_length=35)),
                ('answer_text', models.CharField(blank=True, max_length=500)),
                ('answered_at', models.DateTimeField(null=True)),
                ('returned_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='RecallRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(blank=True, max_length=140)),
                ('cancellation_id', models.CharField(blank=True, max_length=35)),
                ('case_id', models.CharField(blank=True, max_length=35)),
                ('original_message_id', models.CharField(blank=True, max_length=35)),
                ('original_message_name', models.CharField(blank=True, max_length=35)),
                ('transaction_id', models.CharField(blank=True, max_length=35)),
                ('debtor_name', models.CharField(blank=True, max_length=140)),
                ('debtor_number', models.CharField(blank=True, max_length=34)),
                ('debtor_bic', models.CharField(blank=True, max_length=11)),
                ('creditor_name', models.CharField(blank=True, max_length=140)),
                ('creditor_number', models.CharField(blank=True, max_length=34)),
                ('match_code', models.CharField(blank=True, max_length=48)),
                ('received_on', models.DateField()),
                ('due_on', models.DateField()),
                ('status', models.CharField(choices=[('open', 'To answer'), ('proposed', 'Acceptance proposed'), ('accepted', 'Given back'), ('refused', 'Refused')], default='open', max_length=8)),
                ('proposed_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer_code', models.CharField(blank=True, max_length=35)),
                ('answer_text', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='clearing_system',
            field=models.CharField(blank=True, db_default='', max_length=35),
        ),
        migrations.AddField(
            model_name='account',
            name='message_format',
            field=models.CharField(choices=[('pain001', 'To the bank (pain.001)'), ('pacs008', 'To the clearing (pacs.008)')], db_default='pain001', default='pain001', max_length=7),
        ),
        migrations.AddField(
            model_name='account',
            name='settlement_method',
            field=models.CharField(choices=[('CLRG', 'Through a clearing system'), ('INDA', 'On an account that we hold for the other bank'), ('INGA', 'On our account at the other bank')], db_default='CLRG', default='CLRG', max_length=4),
        ),
        migrations.AddField(
            model_name='historicalaccount',
            name='clearing_system',
            field=models.CharField(blank=True, db_default='', max_length=35),
        ),
        migrations.AddField(
            model_name='historicalaccount',
            name='message_format',
            field=models.CharField(choices=[('pain001', 'To the bank (pain.001)'), ('pacs008', 'To the clearing (pacs.008)')], db_default='pain001', default='pain001', max_length=7),
        ),
        migrations.AddField(
            model_name='historicalaccount',
            name='settlement_method',
            field=models.CharField(choices=[('CLRG', 'Through a clearing system'), ('INDA', 'On an account that we hold for the other bank'), ('INGA', 'On our account at the other bank')], db_default='CLRG', default='CLRG', max_length=4),
        ),
        migrations.AddField(
            model_name='messageitem',
            name='case_id',
            field=models.CharField(blank=True, db_default='', max_length=35),
        ),
        migrations.AlterField(
            model_name='bankmessage',
            name='kind',
            field=models.CharField(choices=[('pain002', 'Payment status report'), ('pacs002', 'Status report between banks'), ('pacs004', 'Return of payments'), ('camt029', 'Answer to recalls'), ('camt056', 'Recall of payments')], max_length=8),
        ),
        migrations.AlterField(
            model_name='outgoingfile',
            name='kind',
            field=models.CharField(choices=[('pain001', 'Credit transfers'), ('pain008', 'Direct debits'), ('pacs008', 'Credit transfers between banks'), ('camt056', 'Recalls'), ('camt029', 'Answers to recalls'), ('pacs004', 'Returns')], db_default='pain001', default='pain001', max_length=7),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('message_format', 'pain001'), models.Q(('bic', ''), _negated=True), _connector='OR'), name='account_between_banks_has_bic', violation_error_message='Between banks an account needs the BIC of its bank.'),
        ),
        migrations.AddField(
            model_name='recall',
            name='answer_item',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='transactions.messageitem'),
        ),
        migrations.AddField(
            model_name='recall',
            name='approved_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recall',
            name='asked_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recall',
            name='ended_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recall',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='recall',
            name='file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='transactions.outgoingfile'),
        ),
        migrations.AddField(
            model_name='recall',
            name='payment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='transactions.payment'),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='answer_file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recall_answers', to='transactions.outgoingfile'),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='decided_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='entity',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity'),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='item',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recall_request', to='transactions.messageitem'),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='payment',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recall_requests', to='transactions.payment'),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='proposed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recallrequest',
            name='return_file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recall_returns', to='transactions.outgoingfile'),
        ),
        migrations.AddIndex(
            model_name='recall',
            index=models.Index(fields=['payment', '-id'], name='recall_of_payment'),
        ),
        migrations.AddIndex(
            model_name='recall',
            index=models.Index(fields=['entity', '-id'], name='recall_page'),
        ),
        migrations.AddIndex(
            model_name='recall',
            index=models.Index(condition=models.Q(('status__in', ['asked', 'approved', 'sent'])), fields=['entity', '-id'], name='recall_open'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['asked', 'approved', 'sent', 'accepted'])), fields=('payment',), name='recall_open_once', violation_error_message='This payment is recalled already.'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('asked_by')), _negated=True), _connector='OR'), name='recall_by_two', violation_error_message='Whoever asks for a recall does not approve it.'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['asked', 'withdrawn', 'expired']), models.Q(('approved_by__isnull', False), ('file__isnull', False)), _connector='OR'), name='recall_goes_on_approved', violation_error_message='A recall goes on when a second person has approved it.'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['sent', 'accepted', 'refused']), _negated=True), models.Q(('answer_due__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='recall_answered_when_sent', violation_error_message='Only a recall that was sent is answered.'),
        ),
        migrations.AddIndex(
            model_name='recallrequest',
            index=models.Index(fields=['entity', '-id'], name='request_page'),
        ),
        migrations.AddIndex(
            model_name='recallrequest',
            index=models.Index(condition=models.Q(('status__in', ['open', 'proposed'])), fields=['entity', 'due_on'], name='recall_request_open'),
        ),
        migrations.AddIndex(
            model_name='recallrequest',
            index=models.Index(condition=models.Q(('payment__isnull', False)), fields=['payment'], name='request_of_payment'),
        ),
        migrations.AddConstraint(
            model_name='recallrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('cancellation_id', ''), _negated=True), fields=('entity', 'sender', 'cancellation_id'), name='request_taken_in_once', violation_error_message='This request was taken in before.'),
        ),
        migrations.AddConstraint(
            model_name='recallrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['proposed', 'accepted'])), fields=('payment',), name='request_of_payment_once', violation_error_message='This payment is given back already, or it is proposed.'),
        ),
        migrations.AddConstraint(
            model_name='recallrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'accepted'), _negated=True), models.Q(('answer_file__isnull', False), ('decided_by__isnull', False), ('payment__isnull', False), ('proposed_by__isnull', False), ('return_file__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='request_accepted_by_two', violation_error_message='Giving a payment back needs two people.'),
        ),
        migrations.AddConstraint(
            model_name='recallrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('answer_file__isnull', False), ('decided_by__isnull', False), models.Q(('answer_code', ''), _negated=True)), _connector='OR'), name='request_refused_with_reason', violation_error_message='Whoever refuses a recall says why.'),
        ),
        sql.install("transactions", "recall_guards", UNDO),
    ]
