"""Standing orders: the rhythm of their dates, what people do with them, and the runs that make and execute payments.

``rhythm`` is pure; ``orders`` are the gestures; ``runs`` are called by the clock. What needs a second person is asked
for in controls.changes, which calls ``orders.take_effect`` with the last signature.
"""
