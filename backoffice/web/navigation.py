"""The side navigation as data: each screen, the right it needs, and what waits there for this person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.people import access
from backoffice.people.models import User

CAP = 999
PAYMENT_VIEWS = ("payment", "payment_new", "payment_act", "payment_amend", "payment_reveal", "payment_alert")


@dataclass(frozen=True)
class Place:
    """A screen. ``views`` are URL names that belong to it besides its own; ``go`` is the letter after ``g``."""

    name: str
    label: str | Promise
    icon: str
    right: str
    views: tuple[str, ...] = ()
    counter: str = ""
    go: str = ""


@dataclass(frozen=True)
class Group:
    label: str | Promise
    places: tuple[Place, ...]


PAYMENT_PAGES = ("search", "payment", "payment_new", "payment_amend", "payment_act", "payment_document")

NAVIGATION: tuple[Group, ...] = (
    Group(
        "",
        (
            Place("queue", _("Validation queue"), "queue", "payment.validate", ("bulk",), "checked", "q"),
            Place("second_approvals", _("Second approvals"), "second", "payment.approve", (), "validated", "w"),
            Place("delegations", _("Deputies"), "swap", "payment.approve", (), "", ""),
            Place(
                "batches",
                _("Batches and files"),
                "batches",
                "batch.view",
                ("batch", "upload", "sources", "source", "source_new"),
                "unfinished",
                "b",
            ),
        ),
    ),
    Group(
        _("Processing"),
        (
            Place("payments", _("Payments"), "payments", "payment.view", PAYMENT_VIEWS, "", "p"),
            Place("outgoing", _("Outgoing files"), "outgoing", "outgoing.view", ("outgoing_file",), "prepared", "o"),
            Place("instants", _("Instant transfers"), "clock", "outgoing.view", (), "unanswered_instants", "n"),
            Place("payouts", _("Payouts"), "payee", "account.view", ("payout_new",), "", "y"),
            Place(
                "messages",
                _("Bank messages"),
                "inbox",
                "message.view",
                ("message", "answer", "fetched"),
                "unanswered",
                "i",
            ),
            Place(
                "reconciliation",
                _("Reconciliation"),
                "equal",
                "reconciliation.view",
                (
                    "workbench",
                    "suggestions_certain",
                    "day",
                    "sign_off",
                    "breaks",
                    "break",
                    "correction_new",
                    "positions",
                    "month_end",
                    "reconciliation_limits",
                ),
                "breaks",
                "r",
            ),
            Place(
                "statements",
                _("Statements"),
                "file-check",
                "statement.view",
                ("statement", "statement_new"),
                "",
                "",
            ),
            Place(
                "recalls",
                _("Recalls"),
                "back",
                "recall.view",
                ("recall", "recall_request", "recall_new"),
                "recalls",
                "c",
            ),
            Place(
                "mandates",
                _("Mandates"),
                "file-check",
                "mandate.view",
                ("mandate", "mandate_new", "mandate_amend", "mandate_cancel"),
                "",
                "",
            ),
            Place(
                "invoices",
                _("Supplier invoices"),
                "doc",
                "invoice.view",
                ("invoice", "invoice_new", "invoice_import", "invoice_pay", "invoice_cancel"),
                "",
                "f",
            ),
            Place(
                "standing_orders",
                _("Standing orders"),
                "repeat",
                "standing.view",
                ("standing_order", "standing_new", "standing_change", "standing_suspend", "standing_end"),
                "standing",
                "s",
            ),
            Place(
                "accounts",
                _("Accounts"),
                "accounts",
                "account.view",
                ("account", "account_open", "instant_limit"),
                "",
                "k",
            ),
            Place("ledger", _("Ledger"), "ledger", "account.view", ("entry",), "", "l"),
        ),
    ),
    Group(
        _("Supervision"),
        (
            Place("dashboard", _("Dashboard"), "dashboard", "dashboard.view", ("decisions",), "", "d"),
            Place(
                "cases",
                _("Anomalies"),
                "warn",
                "case.view",
                ("case", "cases_together", "case_figures", "silences"),
                "cases",
                "a",
            ),
            Place("expected", _("Expected"), "due", "case.view", ("expected_new", "expectation"), "missing", ""),
            Place("suspicions", _("Reports of suspicion"), "law", "suspicion.report", ("suspicion",), "drafts", ""),
            Place(
                "screening",
                _("Screening"),
                "shield",
                "screening.view",
                (
                    "screening_hit",
                    "screening_try",
                    "exemptions",
                    "watchlists",
                    "watchlist",
                    "watchlist_new",
                    "watchlist_version",
                ),
                "hits",
                "g",
            ),
            Place(
                "rules",
                _("Rules"),
                "flag",
                "rule.view",
                ("rule", "rule_new", "rule_draft", "rule_facts", "rule_lists", "rule_list_new", "rule_list_page"),
                "rules",
                "e",
            ),
            Place("backtests", _("Back-tests"), "compare", "rule.view", ("backtest", "backtest_new"), "", "z"),
            Place("quality", _("Alert quality"), "quality", "rule.view", (), "", ""),
            Place(
                "models",
                _("Scoring models"),
                "star",
                "model.view",
                ("model", "model_train", "scoring_thresholds", "scoring_figures"),
                "models",
                "",
            ),
            Place("regulation", _("Regulation"), "law", "rule.view", (), "", ""),
        ),
    ),
    Group(
        _("Administration"),
        (
            Place("matrix", _("Approval matrix"), "rules", "matrix.view", ("matrix_new", "matrix_row"), "changes", "m"),
            Place(
                "cut_offs",
                _("Cut-offs"),
                "clock",
                "cutoff.view",
                ("cut_off_new", "cut_off", "calendar_new", "calendar", "calendar_close"),
                "",
                "x",
            ),
            Place(
                "straight",
                _("Without signatures"),
                "lift",
                "matrix.view",
                ("straight_new", "straight_row"),
                "policies",
                "v",
            ),
            Place("users", _("Users"), "users", "user.view", ("user", "user_new"), "rights", "u"),
            Place("tokens", _("API tokens"), "token", "token.manage", (), "", "t"),
            Place(
                "channels", _("Bank channels"), "channel", "channel.manage", ("channel", "channel_new"), "ailing", "j"
            ),
            Place(
                "verification",
                pgettext_lazy("navigation", "Payee verification"),
                "verified",
                "channel.manage",
                ("verification_service",),
                "",
                "",
            ),
            Place(
                "webhooks",
                _("Webhooks"),
                "webhook",
                "webhook.manage",
                ("webhook", "webhook_delivery", "webhook_rotate", "webhook_replay"),
                "",
                "h",
            ),
        ),
    ),
)

# What waits, counted no further than the cap. The first parameter is the entities of the place's right, the second,
# where there is one, the person: what they signed themselves does not wait for them.
COUNTERS = {
    "checked": (
        "select due_at < now() as late from transactions_paymentstate where status = 'checked' and hold_count = 0 "
        "and entity_id = any(%s)"
    ),
    "validated": (
        "select s.due_at < now() as late from transactions_paymentstate s where s.status = 'validated' "
        "and s.hold_count = 0 and s.approvals_given < s.approvals_required and s.entity_id = any(%s) "
        "and not exists (select from transactions_paymentapproval a "
        "where a.payment_id = s.payment_id and a.person_id = %s and a.withdrawn_at is null)"
    ),
    "unfinished": (
        "select false as late from transactions_paymentbatch where status in ('received', 'reading', 'checking') "
        "and entity_id = any(%s)"
    ),
    "changes": (
        "select false as late from controls_changerequest where status = 'waiting' and subject_type = 'matrix' "
        "and entity_id = any(%s)"
    ),
    "policies": (
        "select false as late from controls_changerequest where status = 'waiting' and subject_type = 'straight' "
        "and entity_id = any(%s)"
    ),
    "rules": (
        "select false as late from controls_changerequest where status = 'waiting' "
        "and subject_type in ('rule', 'list') and (entity_id is null or entity_id = any(%s)) and asked_by_id <> %s"
    ),
    "models": (
        "select late from (select false as late, entity_id, asked_by_id from controls_changerequest "
        "where status = 'waiting' and subject_type in ('model', 'scoring') union all select true, null, null "
        "from (select distinct on (d.model_id) d.index from controls_scoringdrift d join controls_scoringmodel m "
        "on m.id = d.model_id and m.status in ('champion', 'challenger') order by d.model_id, d.\"on\" desc) latest "
        "where index >= 0.25) open where (entity_id is null or entity_id = any(%s)) and asked_by_id is distinct from %s"
    ),
    "rights": (
        "select false as late from controls_changerequest c where status = 'waiting' "
        "and subject_type in ('limit', 'grant', 'token') and (not exists (select from people_grant g "
        "where g.user_id = c.subject_id) or exists (select from people_grant g where g.user_id = c.subject_id "
        "and (g.entity_id is null or g.entity_id = any(%s)))) and asked_by_id <> %s"
    ),
    "standing": (
        "select false as late from controls_changerequest where status = 'waiting' and subject_type = 'standing' "
        "and entity_id = any(%s) and asked_by_id <> %s"
    ),
    "unanswered": (
        "select false as late from (select entity_id from transactions_messageitem "
        "where outcome in ('unknown', 'refused') union all "
        "select entity_id from transactions_fetchedfile where status = 'waiting') open where entity_id = any(%s)"
    ),
    "prepared": (
        "select late from (select entity_id, false as late from transactions_outgoingfile where status = 'prepared' "
        "union all select entity_id, true from transactions_transmission where status in ('failed', 'unsure') "
        "union all select entity_id, true from transactions_transmission "
        "where status = 'delivered' and ack_due_at < now()) open where entity_id = any(%s)"
    ),
    "ailing": (
        "select late from (select true as late, entity_id from transactions_bankchannel "
        "where is_active and failing_since is not null union all select false, entity_id from controls_changerequest "
        "where status = 'waiting' and subject_type = 'channel') open where entity_id = any(%s)"
    ),
    "recalls": (
        "select late from (select ask_until < current_date as late, entity_id from transactions_recall "
        "where status = 'asked' union all select due_on < current_date, entity_id from transactions_recallrequest "
        "where status in ('open', 'proposed')) due where entity_id = any(%s)"
    ),
    "hits": (
        "select false as late from (select entity_id, null::bigint as asked_by_id from controls_screeninghit h "
        "where status = 'open' and not exists (select from controls_changerequest c where c.subject_type = 'hit' "
        "and c.subject_id = h.id and c.status = 'waiting') union all "
        "select entity_id, asked_by_id from controls_changerequest where status = 'waiting' "
        "and subject_type in ('hit', 'exempt', 'watch')) open "
        "where (entity_id is null or entity_id = any(%s)) and asked_by_id is distinct from %s"
    ),
    "cases": (
        "select overdue_at is not null as late from controls_case c "
        "where status not in ('closed', 'snoozed', 'waiting') and entity_id = any(%s) "
        "and not exists (select from controls_caseverdict v where v.case_id = c.id "
        "and v.round = c.round and v.person_id = %s)"
    ),
    "breaks": (
        "select late from (select entity_id, due_on < current_date as late from controls_break where status = 'open' "
        "union all select entity_id, true from controls_reconciledday where status = 'signed' "
        "and changed_at is not null) open where entity_id = any(%s)"
    ),
    "missing": (
        "select true as late from controls_occurrence where status = 'missing' and window_to >= current_date "
        "and entity_id = any(%s)"
    ),
    "drafts": (
        "select false as late from controls_suspicionreport r join controls_case c on c.id = r.case_id "
        "where r.status = 'draft' and c.entity_id = any(%s)"
    ),
    "unanswered_instants": (
        "select true as late from transactions_instanttransfer t join transactions_payment p on p.id = t.payment_id "
        "where t.status = 'unanswered' and p.entity_id = any(%s)"
    ),
}


def places(user: User) -> list[Place]:
    """Every screen that the person can open, in order."""
    rights = access.rights(user)
    return [place for group in NAVIGATION for place in group.places if place.right in rights]


def first_screen(user: User) -> str:
    """Where the person's day begins: the first screen they can open, else their preferences."""
    reachable = places(user)
    return reachable[0].name if reachable else "preferences"


def _counts(user: User, wanted: Sequence[Place]) -> dict[str, tuple[int, bool]]:
    """Counter -> (how many, capped; is one late). One query, whatever the number of counters."""
    parts: list[str] = []
    values: list[Any] = []
    for place in wanted:
        scope = access.entity_ids(user, place.right)
        sql = COUNTERS[place.counter]
        parts.append(f"select %s, count(*), coalesce(bool_or(late), false) from ({sql} limit {CAP + 1}) waiting")  # noqa: S608
        values += [place.counter, scope, *([user.pk] if sql.count("%s") > 1 else [])]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), values)
        return {name: (number, late) for name, number, late in cursor.fetchall()}


def origin(name: str, view: str) -> str:
    """The place that a page belongs to: a payment opened from a view of the queue, or many, stay there."""
    if name not in {"payment", "payment_act", "bulk"} or not view:
        return name
    return "second_approvals" if view == "second" else "queue"


def menu(user: User, current: str) -> list[dict[str, Any]]:
    """The navigation of one page: groups of items with address, counter and mark of the present one."""
    reachable = places(user)
    counts = _counts(user, [place for place in reachable if place.counter])
    groups = []
    for group in NAVIGATION:
        items = [
            {
                "url": reverse(place.name),
                "label": place.label,
                "icon": place.icon,
                "go": place.go,
                "current": current == place.name or current in place.views,
                "count": counts.get(place.counter, (0, False))[0],
                "late": counts.get(place.counter, (0, False))[1],
                "cap": CAP,
            }
            for place in group.places
            if place in reachable
        ]
        if items:
            groups.append({"label": group.label, "items": items})
    return groups
