from controls.models.approvals import ApprovalPolicy
from controls.models.assessments import Assessment, RuleResult
from controls.models.backtests import BackTest, BackTestHit, BackTestPart
from controls.models.cards import ControlCard
from controls.models.changes import ChangeRequest, ChangeSignature
from controls.models.rules import Rule, RuleSet, RuleVersion
from controls.models.straight import StraightPolicy, StraightRelease

__all__ = [
    "ApprovalPolicy",
    "Assessment",
    "BackTest",
    "BackTestHit",
    "BackTestPart",
    "ChangeRequest",
    "ChangeSignature",
    "ControlCard",
    "Rule",
    "RuleResult",
    "RuleSet",
    "RuleVersion",
    "StraightPolicy",
    "StraightRelease",
]
