from controls.models.approvals import ApprovalPolicy
from controls.models.assessments import Assessment, RuleResult
from controls.models.cards import ControlCard
from controls.models.changes import ChangeRequest, ChangeSignature
from controls.models.lists import RuleList, RuleListEntry
from controls.models.rules import Rule, RuleSet, RuleVersion
from controls.models.straight import StraightPolicy, StraightRelease

__all__ = [
    "ApprovalPolicy",
    "Assessment",
    "ChangeRequest",
    "ChangeSignature",
    "ControlCard",
    "Rule",
    "RuleList",
    "RuleListEntry",
    "RuleResult",
    "RuleSet",
    "RuleVersion",
    "StraightPolicy",
    "StraightRelease",
]
