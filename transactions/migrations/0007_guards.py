from django.db import migrations, models

from backoffice.common import sql

UNDO = """
    grant execute on function open_balance(bigint, bigint, numeric, bigint) to public;
    drop trigger sent_in_a_file on transactions_paymentstate; drop function refuse_unfiled();
    drop trigger posted_only on transactions_outgoingitem; drop function refuse_item();
    drop trigger written_once on transactions_outgoingfile;
    drop trigger came_so on transactions_paymentbatch;
    drop trigger lifted_once on transactions_hold; drop function refuse_rewriting();
    drop trigger amended_in_time on transactions_payment; drop function refuse_late_amendment();
    drop trigger requirement_frozen on transactions_paymentstate; drop function refuse_requirement();
    drop trigger known_transition on transactions_paymentstate; drop function refuse_transition();
    drop policy begins_empty on transactions_accountbalance; drop policy seen on transactions_accountbalance;
    alter table transactions_accountbalance disable row level security;
    drop policy moved on transactions_paymentstate; drop policy begins_received on transactions_paymentstate;
    drop policy seen on transactions_paymentstate; alter table transactions_paymentstate disable row level security;
"""
FOUR_EYES_BEFORE = """
    drop trigger signed_first on transactions_paymentstate; drop function refuse_unsigned();
    drop trigger withdrawn_only on transactions_paymentapproval; drop function refuse_signature_change();
    drop trigger not_by_maker on transactions_paymentapproval; drop function refuse_own_signature();
""" + sql.text("transactions", "four_eyes")


class Migration(migrations.Migration):
    """What the application's role may make of the rows that it writes. Taken back, the four eyes are as in 0002."""

    dependencies = [("transactions", "0006_lighter_books")]

    operations = [
        migrations.AddConstraint(
            "paymentstate",
            models.CheckConstraint(
                condition=models.Q(("approvals_required__gte", 1)),
                name="state_approved_by_one_at_least",
                violation_error_message="Nothing is approved by nobody.",
            ),
        ),
        # The triggers of 0002 stay; their functions are replaced.
        sql.install("transactions", "guards", UNDO + FOUR_EYES_BEFORE),
    ]
