"""Alerts and cases: what looks wrong is gathered, judged by people, and remembered as what it was.

``raise_alerts`` is the only door in for alerts, whoever finds them; ``labels`` is what people made of them. Each verb
takes many cases and answers for each: done, or refused with a code and parameters. Machines raise; people decide.
"""

from controls.cases import reasons
from controls.cases.deciding import decide, reopen, verdicts
from controls.cases.holding import hold, lift
from controls.cases.incidents import gather
from controls.cases.labels import Label, labels
from controls.cases.linking import link, unlink
from controls.cases.raising import Raised, raise_alerts, raise_by_hand
from controls.cases.reasons import register
from controls.cases.requests import answer, ask
from controls.cases.silences import silence
from controls.cases.suggesting import suggested
from controls.cases.table import Answer
from controls.cases.verbs import assign, comment, escalate, release, snooze, take, tick, wake

__all__ = [
    "Answer",
    "Label",
    "Raised",
    "answer",
    "ask",
    "assign",
    "comment",
    "decide",
    "escalate",
    "gather",
    "hold",
    "labels",
    "lift",
    "link",
    "raise_alerts",
    "raise_by_hand",
    "reasons",
    "register",
    "release",
    "reopen",
    "silence",
    "snooze",
    "suggested",
    "take",
    "tick",
    "unlink",
    "verdicts",
    "wake",
]
