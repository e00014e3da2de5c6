import django.db.models.deletion
from django.db import migrations, models

from backoffice.common import sql


GUARDS = sql.text("transactions", "guards")


def before(function: str) -> str:
    """A function of the guards as it was."""
    start = GUARDS.index(f"create or replace function {function}()")
    return GUARDS[start : GUARDS.index("end $$;", start) + len("end $$;")]


UNDO = f"""
    {before("refuse_unsigned")}
    {before("refuse_own_signature")}
    drop trigger stays on transactions_paymentrequirement; drop function refuse_requirement_change();
    drop trigger at_validation on transactions_paymentrequirement; drop function refuse_requirement_now();
    drop function seat_filled(text, bigint, numeric, bigint, bigint, text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_user_time_zone'),
        ('transactions', '0010_batch_sums'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentRequirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.SmallIntegerField()),
                ('stage', models.SmallIntegerField()),
                ('role', models.CharField(blank=True, max_length=16)),
                ('ceiling', models.DecimalField(decimal_places=5, max_digits=18, null=True)),
                ('policy', models.BigIntegerField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('payment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requirements', to='transactions.payment')),
                ('team', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('payment', 'place'), name='requirement_place_once'), models.CheckConstraint(condition=models.Q(('place__gte', 1), ('stage__gte', 1)), name='requirement_after_validation')],
            },
        ),
        sql.install("transactions", "requirements", UNDO),
    ]
