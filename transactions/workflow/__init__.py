"""The only mover of payments: the transition table and its verbs.

Every verb takes many payments; one is the case of many. It locks the states in the order of their keys, judges all of
them in one query, moves those that pass together with their audit records in one statement, and answers for each:
done, or refused with a code and parameters. Verbs that decide need a person;
``checked`` and ``post`` are the machine's.

Queries: a constant number for any number of payments.
"""

from transactions.workflow.amendments import amend
from transactions.workflow.claims import claim, release, take_next
from transactions.workflow.straight import Short, pass_straight
from transactions.workflow.table import LEASE, REJECT_REASONS, TRANSITIONS, Answer, Transition, lock
from transactions.workflow.verbs import (
    approve,
    cancel,
    checked,
    comment,
    hold,
    lift,
    post,
    reject,
    reopen,
    return_,
    send_back,
    settle,
    validate,
)

__all__ = [
    "LEASE",
    "REJECT_REASONS",
    "TRANSITIONS",
    "Answer",
    "Short",
    "Transition",
    "amend",
    "approve",
    "cancel",
    "checked",
    "claim",
    "comment",
    "hold",
    "lift",
    "lock",
    "pass_straight",
    "post",
    "reject",
    "release",
    "reopen",
    "return_",
    "send_back",
    "settle",
    "take_next",
    "validate",
]
