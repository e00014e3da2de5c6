"""The only mover of payments: the transition table and its verbs.

Every verb takes many payments; one is the case of many. It locks the states in the order of their keys, judges all of
them in one query, moves those that pass together with their audit records in one statement, and answers for each:
done, or refused with a code and parameters. Verbs that decide need a person;
``checked`` and ``post`` are the machine's.

Queries: a constant number for any number of payments.
"""

from transactions.workflow.amendments import amend
from transactions.workflow.booking import apply, charge_back, post, settle
from transactions.workflow.claims import claim, release, take_next
from transactions.workflow.days import execute, stop
from transactions.workflow.handovers import decline, hand_over
from transactions.workflow.holds import check_moment, come_due, hold, hold_by_check, lift, lift_by_check, resume
from transactions.workflow.rechecking import may_recheck, recheck
from transactions.workflow.reopening import reopen
from transactions.workflow.requests import answer, ask, close, overdue
from transactions.workflow.returning import PROPOSED, return_
from transactions.workflow.straight import Short, pass_straight
from transactions.workflow.table import LEASE, REJECT_REASONS, TRANSITIONS, Answer, Transition, lock
from transactions.workflow.verbs import approve, cancel, checked, comment, reject, send_back, validate
from transactions.workflow.withdrawals import withdraw

__all__ = [
    "LEASE",
    "PROPOSED",
    "REJECT_REASONS",
    "TRANSITIONS",
    "Answer",
    "Short",
    "Transition",
    "amend",
    "answer",
    "apply",
    "approve",
    "ask",
    "cancel",
    "charge_back",
    "check_moment",
    "checked",
    "claim",
    "close",
    "come_due",
    "comment",
    "decline",
    "execute",
    "hand_over",
    "hold",
    "hold_by_check",
    "lift",
    "lift_by_check",
    "lock",
    "may_recheck",
    "overdue",
    "pass_straight",
    "post",
    "recheck",
    "reject",
    "release",
    "reopen",
    "resume",
    "return_",
    "send_back",
    "settle",
    "stop",
    "take_next",
    "validate",
    "withdraw",
]
