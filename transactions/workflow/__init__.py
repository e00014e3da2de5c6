"""The only mover of payments: the transition table and its verbs.

Every verb takes many payments; one is the case of many. It locks the states in the order of their keys, judges all of
them in one query, moves those that pass together with their audit records in one statement, and answers for each:
done, or refused with a code and parameters. Verbs that decide need a person;
``checked`` and ``post`` are the machine's.

Queries: a constant number for any number of payments.
"""

from transactions.workflow.amendments import amend
from transactions.workflow.booking import apply, charge_back, post, return_, settle
from transactions.workflow.claims import claim, release, take_next
from transactions.workflow.days import execute, stop
from transactions.workflow.reopening import reopen
from transactions.workflow.table import LEASE, REJECT_REASONS, TRANSITIONS, Answer, Transition, lock
from transactions.workflow.verbs import approve, cancel, checked, comment, hold, lift, reject, send_back, validate

__all__ = [
    "LEASE",
    "REJECT_REASONS",
    "TRANSITIONS",
    "Answer",
    "Transition",
    "amend",
    "apply",
    "approve",
    "cancel",
    "charge_back",
    "checked",
    "claim",
    "comment",
    "execute",
    "hold",
    "lift",
    "lock",
    "post",
    "reject",
    "release",
    "reopen",
    "return_",
    "send_back",
    "settle",
    "stop",
    "take_next",
    "validate",
]
