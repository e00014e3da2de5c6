from controls.models.approvals import ApprovalPolicy
from controls.models.assessments import Assessment, RuleResult
from controls.models.cards import ControlCard
from controls.models.changes import ChangeRequest, ChangeSignature
from controls.models.rules import Rule, RuleSet, RuleVersion
from controls.models.screening import Exemption, ScreeningHit
from controls.models.straight import StraightPolicy, StraightRelease
from controls.models.watchlists import ListSet, ScreenedName, WatchList, WatchListEntry, WatchListVersion

__all__ = [
    "ApprovalPolicy",
    "Assessment",
    "ChangeRequest",
    "ChangeSignature",
    "ControlCard",
    "Exemption",
    "ListSet",
    "Rule",
    "RuleResult",
    "RuleSet",
    "RuleVersion",
    "ScreenedName",
    "ScreeningHit",
    "StraightPolicy",
    "StraightRelease",
    "WatchList",
    "WatchListEntry",
    "WatchListVersion",
]
