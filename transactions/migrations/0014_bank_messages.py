import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


_SETTLE = sql.text("transactions", "settle")
# Taken back, returns are those of 0003 again.
RETURNS_BEFORE = (
    "drop function return_payments(bigint[], text[], text[], bigint, date); drop function lock_books(bigint[]);\n"
    + _SETTLE[_SETTLE.index("create function write_reversal") : _SETTLE.index("-- An opening balance")]
    + "revoke execute on function write_reversal(bigint, timestamptz) from public;"
)
GUARDS_BEFORE = """
    drop trigger begins_read on transactions_messageitem; drop function refuse_decided_item();
    drop trigger answered_once on transactions_messageitem;
    drop trigger applied_once on transactions_bankmessage; drop function refuse_message_change();
    drop trigger written_once on transactions_outgoingfile;
    create trigger written_once before update on transactions_outgoingfile
        for each row when (
            (old.attachment_id is not null and (old.attachment_id, old.message_id)
                                               is distinct from (new.attachment_id, new.message_id))
            or (old.sent_at is not null
                and (old.sent_at, old.sent_by_id) is distinct from (new.sent_at, new.sent_by_id))
            or (old.status <> new.status
                and (old.status, new.status) not in (('prepared', 'sent'), ('sent', 'settled'))))
        execute function refuse_rewriting();
"""
# Files written before: their blocks in the order in which the writer put them.
BLOCKS = """
    update transactions_outgoingitem i set block = n.block
    from (select o.payment_id,
                 dense_rank() over (
                     partition by o.file_id
                     order by case when p.kind = 'sepa' and p.service_level = '' then 'SEPA' else p.service_level end
                              collate "C", p.local_instrument collate "C", p.category_purpose collate "C",
                              p.charge_bearer collate "C") as block
          from transactions_outgoingitem o join transactions_payment p on p.id = o.payment_id) n
    where n.payment_id = i.payment_id and n.block <> 1
"""


class Migration(migrations.Migration):
    """Messages of the bank, and returns of many payments by one statement."""


    dependencies = [
        ('documents', '0003_subject_first'),
        ('people', '0002_user_time_zone'),
        ('transactions', '0013_deputies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='outgoingitem',
            name='block',
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name='outgoingfile',
            name='status',
            field=models.CharField(choices=[('prepared', 'Prepared'), ('sent', 'Sent'), ('settled', 'Settled'), ('rejected', 'Rejected')], default='prepared', max_length=8),
        ),
        migrations.CreateModel(
            name='BankMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pain002', 'Payment status report'), ('pacs002', 'Status report between banks')], max_length=8)),
                ('format', models.CharField(blank=True, max_length=35)),
                ('sender', models.CharField(blank=True, max_length=140)),
                ('message_id', models.CharField(blank=True, max_length=35)),
                ('sent_on', models.DateField(null=True)),
                ('original_message_id', models.CharField(blank=True, max_length=35)),
                ('original_message_name', models.CharField(blank=True, max_length=35)),
                ('status', models.CharField(choices=[('received', 'Received'), ('applied', 'Applied'), ('refused', 'Refused')], default='received', max_length=8)),
                ('refusal_code', models.CharField(blank=True, max_length=48)),
                ('refusal_params', models.JSONField(default=dict)),
                ('item_count', models.IntegerField(default=0)),
                ('sha256', models.CharField(max_length=64)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.attachment')),
                ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='MessageItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.IntegerField()),
                ('line', models.BigIntegerField(null=True)),
                ('level', models.CharField(choices=[('group', 'File'), ('batch', 'Group of payments'), ('payment', 'Payment')], max_length=7)),
                ('status', models.CharField(max_length=35)),
                ('reason_code', models.CharField(blank=True, max_length=35)),
                ('reason_text', models.CharField(blank=True, max_length=500)),
                ('payment_info_id', models.CharField(blank=True, max_length=35)),
                ('instruction_id', models.CharField(blank=True, max_length=35)),
                ('end_to_end_id', models.CharField(blank=True, max_length=35)),
                ('uetr', models.CharField(blank=True, max_length=36)),
                ('amount', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('effective_on', models.DateField(null=True)),
                ('payment_count', models.IntegerField(default=0)),
                ('outcome', models.CharField(choices=[('read', 'Being applied'), ('applied', 'Applied'), ('recorded', 'Recorded'), ('unknown', 'Not recognised'), ('refused', 'Not applicable'), ('assigned', 'Assigned'), ('dismissed', 'Dismissed')], default='read', max_length=9)),
                ('outcome_code', models.CharField(blank=True, max_length=48)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.CharField(blank=True, max_length=500)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.entity')),
                ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='transactions.bankmessage')),
                ('outgoing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='transactions.outgoingfile')),
                ('payment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='transactions.payment')),
            ],
        ),
        migrations.AddIndex(
            model_name='bankmessage',
            index=models.Index(fields=['entity', '-id'], name='message_page'),
        ),
        migrations.AddIndex(
            model_name='bankmessage',
            index=models.Index(condition=models.Q(('status', 'received')), fields=['created_at'], name='message_unread'),
        ),
        migrations.AddConstraint(
            model_name='bankmessage',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'refused'), _negated=True), fields=('entity', 'sha256'), name='message_taken_in_once', violation_error_message='This message was taken in before.'),
        ),
        migrations.AddConstraint(
            model_name='bankmessage',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'applied'), models.Q(('message_id', ''), _negated=True)), fields=('entity', 'kind', 'sender', 'message_id'), name='message_id_once', violation_error_message='A message of this sender with this identification was taken in before.'),
        ),
        migrations.AddIndex(
            model_name='messageitem',
            index=models.Index(condition=models.Q(('outcome__in', ['unknown', 'refused'])), fields=['entity', '-id'], name='item_waiting'),
        ),
        migrations.AddIndex(
            model_name='messageitem',
            index=models.Index(condition=models.Q(('payment__isnull', False)), fields=['payment', '-id'], name='item_of_payment'),
        ),
        migrations.AddConstraint(
            model_name='messageitem',
            constraint=models.UniqueConstraint(fields=('message', 'position'), name='item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='messageitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['assigned', 'dismissed']), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='item_decided_by_someone', violation_error_message='Who decides on an answer says why.'),
        ),
        migrations.RunSQL(BLOCKS, migrations.RunSQL.noop),
        sql.install("transactions", "answers", RETURNS_BEFORE),
        sql.install("transactions", "answer_guards", GUARDS_BEFORE),
    ]
