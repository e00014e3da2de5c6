"""What a person saw when they signed, or what stood when a payment went through without anybody."""

from django.db import models

from transactions.models import Payment, PaymentApproval


class ControlCard(models.Model):
    """The card of one signature, or of a release under a policy, as it stood: each check with its values and
    limits, the ceilings, what is asked, or the policy.

    The database writes it with the signature (controls/sql/control_cards.sql) or the release (straight.sql), nobody
    else does, and nobody changes it. ``content`` is the JSON text that ``digest`` (SHA-256) is of. What was passed is
    membership of its rule set.
    """

    id = models.BigAutoField(primary_key=True)
    signature = models.OneToOneField(
        PaymentApproval, on_delete=models.PROTECT, null=True, related_name="card", db_constraint=False
    )
    release = models.OneToOneField(
        "controls.StraightRelease", on_delete=models.PROTECT, null=True, related_name="card", db_constraint=False
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="cards", db_constraint=False)
    frozen_at = models.DateTimeField()
    content = models.TextField()
    digest = models.BinaryField(max_length=32)
