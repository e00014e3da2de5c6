"""Roles and the rights they carry. A right is a dotted name; what a role may not do is a decision too."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OPERATOR, SUPERVISOR, LOGISTICS, AUDITOR, ADMINISTRATOR, REPORTER = (
    "operator",
    "supervisor",
    "logistics",
    "auditor",
    "administrator",
    "reporter",
)

RIGHTS: dict[str, str | Promise] = {
    "payment.view": _("see payments"),
    "payment.create": _("enter a payment"),
    "payment.amend": _("amend a payment before validation"),
    "payment.validate": _("validate a payment"),
    "payment.approve": _("approve a payment"),
    "payment.reject": _("reject a payment"),
    "payment.cancel": _("cancel a payment"),
    "payment.hold": _("hold a payment"),
    "payment.lift": _("lift a hold"),
    "payment.comment": _("comment on a payment"),
    "payment.reopen": _("reopen a rejected payment"),
    "payment.return": _("return a payment"),
    "payment.release_claim": _("release another person's claim"),
    "batch.view": _("see batches and files"),
    "batch.import": _("bring files in"),
    "source.manage": _("manage sources and their mappings"),
    "outgoing.view": _("see files for the bank"),
    "outgoing.send": _("send files to the bank"),
    "payment.settle": _("confirm settlement"),
    "message.view": _("see messages of the bank"),
    "message.import": _("bring messages of the bank in"),
    "statement.view": _("see statements of accounts"),
    "statement.import": _("bring statements of accounts in"),
    "reconciliation.view": _("see statements matched with the books"),
    "reconciliation.match": _("match statements with the books, and undo it"),
    "reconciliation.sign": _("sign days of accounts that another prepared, and agree to entries by hand"),
    "message.decide": _("decide on answers that were not recognised"),
    "recall.view": _("see recalls"),
    "recall.ask": _("ask for recalls, and answer those of other banks"),
    "recall.approve": _("approve recalls, and confirm what is given back"),
    "mandate.view": _("see mandates"),
    "mandate.manage": _("register, amend and cancel mandates"),
    "cutoff.view": _("see cut-offs and calendars"),
    "cutoff.manage": _("change cut-offs and calendars"),
    "standing.view": _("see standing orders"),
    "standing.manage": _("ask for, approve, suspend and end standing orders"),
    "invoice.view": _("see supplier invoices"),
    "invoice.manage": _("register and cancel supplier invoices"),
    "account.view": _("see accounts and the ledger"),
    "account.manage": _("open and change accounts"),
    "payee.view": _("see payees"),
    "payee.manage": _("change payees and their bank details"),
    "matrix.view": _("see the approval matrix"),
    "matrix.manage": _("change the approval matrix, with a second person"),
    "rule.view": _("see rules and results"),
    "rule.write": _("write rules and hand them in"),
    "rule.publish": _("publish rules and lists that another person wrote"),
    "rule.test": _("back-test rules"),
    "screening.view": _("see screening hits and lists"),
    "screening.decide": _("decide on screening hits, with a second person"),
    "watchlist.manage": _("load watch lists and change their thresholds"),
    "case.view": _("see alerts and cases"),
    "case.raise": _("raise an alert on a payment"),
    "case.decide": _("work on cases and decide them"),
    "model.view": _("see models of scoring and their figures"),
    "model.manage": _("train models of scoring; promote them and set thresholds, with a second person"),
    "suspicion.report": _("prepare and file reports of suspicion"),
    "history.view": _("see the audit trail"),
    "dashboard.view": _("see the dashboard"),
    "iban.view": _("see IBANs in clear"),
    "document.view": _("open documents"),
    "document.add": _("add documents"),
    "user.view": _("see users and their rights"),
    "user.manage": _("manage users and their rights"),
    "token.manage": _("make and revoke API tokens"),
    "webhook.manage": _("manage webhooks and send events again"),
    "channel.manage": _("manage channels to banks"),
    "system.view": _("see the state of the system"),
}

_OPERATOR = {
    "payment.view",
    "payment.create",
    "payment.amend",
    "payment.validate",
    "payment.approve",
    "payment.reject",
    "payment.hold",
    "payment.comment",
    "batch.view",
    "batch.import",
    "account.view",
    "payee.view",
    "outgoing.view",
    "matrix.view",
    "message.view",
    "statement.view",
    "statement.import",
    "reconciliation.view",
    "reconciliation.match",
    "mandate.view",
    "cutoff.view",
    "recall.view",
    "recall.ask",
    "standing.view",
    "standing.manage",
    "invoice.view",
    "invoice.manage",
    "rule.view",
    "screening.view",
    "case.raise",
    "dashboard.view",
    "history.view",
    "iban.view",
    "document.view",
    "document.add",
}

ROLES: dict[str, frozenset[str]] = {
    OPERATOR: frozenset(_OPERATOR),
    SUPERVISOR: frozenset(
        _OPERATOR
        | {
            "payment.cancel",
            "payment.lift",
            "payment.reopen",
            "payment.return",
            "payment.release_claim",
            "payment.settle",
            "outgoing.send",
            "mandate.manage",
            "cutoff.manage",
            "recall.approve",
            "message.import",
            "message.decide",
            "reconciliation.sign",
            "payee.manage",
            "source.manage",
            "account.manage",
            "matrix.manage",
            "rule.write",
            "rule.publish",
            "rule.test",
            "screening.decide",
            "watchlist.manage",
            "case.view",
            "case.decide",
            "model.view",
            "model.manage",
        }
    ),
    LOGISTICS: frozenset({"dashboard.view"}),
    AUDITOR: frozenset(
        {
            "payment.view",
            "batch.view",
            "account.view",
            "payee.view",
            "outgoing.view",
            "matrix.view",
            "message.view",
            "statement.view",
            "reconciliation.view",
            "mandate.view",
            "cutoff.view",
            "recall.view",
            "standing.view",
            "invoice.view",
            "rule.view",
            "screening.view",
            "case.view",
            "model.view",
            "history.view",
            "dashboard.view",
            "iban.view",
            "document.view",
            "user.view",
            "system.view",
        }
    ),
    ADMINISTRATOR: frozenset(
        {
            "user.view",
            "user.manage",
            "token.manage",
            "webhook.manage",
            "channel.manage",
            "system.view",
            "dashboard.view",
            "matrix.view",
            "matrix.manage",
            "cutoff.view",
            "cutoff.manage",
        }
    ),
    # Whoever reports to the authority is named to it; nobody learns by another role that there is a report.
    REPORTER: frozenset(
        {
            "payment.view",
            "account.view",
            "payee.view",
            "screening.view",
            "case.view",
            "suspicion.report",
            "history.view",
            "dashboard.view",
            "iban.view",
            "document.view",
        }
    ),
}

NAMES: dict[str, str | Promise] = {
    OPERATOR: _("Operator"),
    SUPERVISOR: _("Supervisor"),
    LOGISTICS: _("Logistics agent"),
    AUDITOR: _("Auditor"),
    ADMINISTRATOR: _("Administrator"),
    REPORTER: _("Reporter of suspicions"),
}


# Alone these move nothing and show no account numbers: one person gives them.
HARMLESS = frozenset(right for right in RIGHTS if right.endswith(".view")) - {"iban.view", "document.view"}
# Whoever lets others in neither makes payments nor signs them in the same entity.
PAYING = frozenset({OPERATOR, SUPERVISOR})


def weighty(rights: Iterable[str]) -> bool:
    """Do these rights take effect only when a second person signs for them?"""
    return not HARMLESS.issuperset(rights)


def apart(role: str) -> frozenset[str]:
    """The roles that nobody holds together with this one in the same entity."""
    if role == ADMINISTRATOR:
        return PAYING
    return frozenset({ADMINISTRATOR}) if role in PAYING else frozenset()


def at_least(role: str) -> frozenset[str]:
    """The roles that may do all that this one may: whoever has one of them can take its place."""
    return frozenset(name for name, rights in ROLES.items() if rights >= ROLES[role])


def roles_with(right: str) -> list[str]:
    if right not in RIGHTS:
        raise KeyError(right)
    return [role for role, rights in ROLES.items() if right in rights]
