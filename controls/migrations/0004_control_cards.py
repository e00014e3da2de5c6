import django.db.models.deletion
from django.db import migrations, models

from backoffice.common import sql


UNDO = """
    drop trigger card_stays on controls_controlcard;
    drop trigger zz_card on transactions_paymentapproval; drop function freeze_control_card();
    alter table controls_controlcard drop constraint card_digest_is_of_its_content;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_audit_trail'),
        ('controls', '0003_approval_matrix'),
        ('transactions', '0013_deputies'),
    ]

    operations = [
        migrations.CreateModel(
            name='ControlCard',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('frozen_at', models.DateTimeField()),
                ('content', models.TextField()),
                ('digest', models.BinaryField(max_length=32)),
                ('payment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='transactions.payment')),
                ('signature', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='transactions.paymentapproval')),
            ],
        ),
        sql.install("controls", "control_cards", UNDO),
    ]
