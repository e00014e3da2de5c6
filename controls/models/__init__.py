from controls.models.approvals import ApprovalPolicy
from controls.models.assessments import Assessment, RuleResult
from controls.models.backtests import BackTest, BackTestHit, BackTestPart
from controls.models.cards import ControlCard
from controls.models.cases import (
    Alert,
    AlertDue,
    Case,
    CaseLink,
    CaseRequest,
    CaseTick,
    CaseVerdict,
    Incident,
    Silence,
    SuspicionReport,
)
from controls.models.changes import ChangeRequest, ChangeSignature
from controls.models.expected import Expectation, Occurrence
from controls.models.lists import RuleList, RuleListEntry
from controls.models.reconciled_days import Break, Correction, ReconciledDay, ReconciliationPolicy
from controls.models.reconciliation import (
    Alias,
    DrawnFile,
    LineReceipt,
    Match,
    MatchingRule,
    MatchLine,
    MatchPosting,
    MatchRun,
    OpenItem,
    OpenLine,
    Reconciled,
)
from controls.models.rules import Rule, RuleSet, RuleVersion
from controls.models.scores import HiddenSample, Movement, Score, ScoreDue
from controls.models.scoring import ScoringDay, ScoringDrift, ScoringModel, ScoringPolicy, ScoringTraining
from controls.models.screening import Exemption, ScreeningHit
from controls.models.straight import StraightPolicy, StraightRelease
from controls.models.verifications import PayeeVerification, PaymentVerification, VerificationService
from controls.models.watchlists import ListSet, ScreenedName, WatchList, WatchListEntry, WatchListVersion

__all__ = [
    "Alert",
    "AlertDue",
    "Alias",
    "ApprovalPolicy",
    "Assessment",
    "BackTest",
    "BackTestHit",
    "BackTestPart",
    "Break",
    "Case",
    "CaseLink",
    "CaseRequest",
    "CaseTick",
    "CaseVerdict",
    "ChangeRequest",
    "ChangeSignature",
    "ControlCard",
    "Correction",
    "DrawnFile",
    "Exemption",
    "Expectation",
    "HiddenSample",
    "Incident",
    "LineReceipt",
    "ListSet",
    "Match",
    "MatchLine",
    "MatchPosting",
    "MatchRun",
    "MatchingRule",
    "Movement",
    "Occurrence",
    "OpenItem",
    "OpenLine",
    "PayeeVerification",
    "PaymentVerification",
    "Reconciled",
    "ReconciledDay",
    "ReconciliationPolicy",
    "Rule",
    "RuleList",
    "RuleListEntry",
    "RuleResult",
    "RuleSet",
    "RuleVersion",
    "Score",
    "ScoreDue",
    "ScoringDay",
    "ScoringDrift",
    "ScoringModel",
    "ScoringPolicy",
    "ScoringTraining",
    "ScreenedName",
    "ScreeningHit",
    "Silence",
    "StraightPolicy",
    "StraightRelease",
    "SuspicionReport",
    "VerificationService",
    "WatchList",
    "WatchListEntry",
    "WatchListVersion",
]
