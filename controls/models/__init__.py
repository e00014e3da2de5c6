from controls.models.approvals import ApprovalPolicy
from controls.models.assessments import Assessment, RuleResult
from controls.models.backtests import BackTest, BackTestHit, BackTestPart
from controls.models.cards import ControlCard
from controls.models.changes import ChangeRequest, ChangeSignature
from controls.models.lists import RuleList, RuleListEntry
from controls.models.rules import Rule, RuleSet, RuleVersion
from controls.models.straight import StraightPolicy, StraightRelease
from controls.models.verifications import PayeeVerification, PaymentVerification, VerificationService

__all__ = [
    "ApprovalPolicy",
    "Assessment",
    "BackTest",
    "BackTestHit",
    "BackTestPart",
    "ChangeRequest",
    "ChangeSignature",
    "ControlCard",
    "PayeeVerification",
    "PaymentVerification",
    "Rule",
    "RuleList",
    "RuleListEntry",
    "RuleResult",
    "RuleSet",
    "RuleVersion",
    "StraightPolicy",
    "StraightRelease",
    "VerificationService",
]
