"""Messages of the bank about our payments: taken in, read, matched, applied; what is not recognised waits for a person.

``receive`` is the door, ``read_message`` the worker's part, ``assign`` and ``dismiss`` a person's. A message is applied
as a whole, in one transaction; each status in it stays on record as an item, whatever was made of it.
"""

from transactions.messages.decisions import assign, dismiss
from transactions.messages.door import read_message, receive, recognise

__all__ = ["assign", "dismiss", "read_message", "receive", "recognise"]
