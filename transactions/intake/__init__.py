"""Intake: the only door through which payments come in.

``receive`` keeps a file and wakes the reader; ``receive_payments`` takes structured payments and reads them at once;
``receive_standing`` is the machine's, of standing orders that fall due;
``read_batch`` is the reader; ``progress`` tells how far it is. What a file holds is told without storing anything by
``check.check``.
"""

from transactions.intake.door import receive, receive_payments, receive_standing
from transactions.intake.live import of as progress
from transactions.intake.store import read_batch

__all__ = ["progress", "read_batch", "receive", "receive_payments", "receive_standing"]
