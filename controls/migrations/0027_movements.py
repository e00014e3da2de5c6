"""Movements end with their payments; what was checked before is scored in the order in which it came."""

from django.db import migrations

from backoffice.common import sql

_UNDO = """
drop trigger restore_movement on transactions_paymentstate;
drop trigger void_movement on transactions_paymentstate;
drop trigger voided_once on controls_movement;
drop function restore_movement();
drop function void_movement();
drop function refuse_voided_again();
"""
_FORMER = """
insert into controls_scoredue (payment_id)
select p.id from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
where s.status <> 'received' order by p.received_at, p.id
"""


class Migration(migrations.Migration):
    dependencies = [("controls", "0026_scores"), ("transactions", "0041_births")]
    operations = [
        sql.install("controls", "movements", _UNDO),
        migrations.RunSQL(_FORMER, "delete from controls_scoredue"),
    ]
