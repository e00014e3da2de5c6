"""Verification of payee: is the name that a payment gives the holder's of the account it goes to?

Reg. (EU) 260/2012 art. 5c, inserted by Reg. (EU) 2024/886: before the payer authorises. ``asking`` asks, for a file or
for one name; ``service`` is the outside service's adapter, ``registry`` its settings, ``simulator`` stands in for it,
``reading`` has what was answered. The contract is in docs/verification-of-payee.md.
"""
