"""Every screen of the product, who opens it, and where: for the accessibility tests and the gallery."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from backoffice import local
from backoffice.demo import DOMAIN
from backoffice.people.models import Entity, User
from backoffice.webhooks.models import Attempt, Delivery, Endpoint, Event
from controls.models import Alert, BackTest, Case, Expectation, RuleVersion, ScreeningHit, SuspicionReport, WatchList
from tests import database
from tests.browser import desk_screens
from tests.rights_cases import VERBS
from transactions.models import (
    Account,
    BankChannel,
    BankMessage,
    Calendar,
    CutOff,
    FetchedFile,
    InformationRequest,
    InstantLimit,
    IntakeSource,
    JournalEntry,
    Mandate,
    MessageItem,
    OutgoingFile,
    Payment,
    PaymentBatch,
    PaymentState,
    Recall,
    RecallRequest,
    Refund,
    StandingOrder,
    SupplierInvoice,
    Transmission,
    TransmissionAttempt,
)

ANNE, MARC, CLAIRE, THOMAS = "anne.le-goff", "marc.lefevre", "claire.hughes", "thomas.weber"
EMILY, SARAH, HELENE = "emily.carter", "sarah.collins", "helene.caradec"


def seed(folder: Path, settings: Any) -> None:
    """The demo, made as the owner of the tables, its files below ``folder``. ``settings`` is pytest's fixture."""
    settings.STATE_DIR, settings.MEDIA_ROOT = folder, folder / "attachments"
    connection.close()
    connection.settings_dict["USER"] = local.OWNER
    try:
        call_command("seed_demo", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["USER"] = settings.APPLICATION_ROLE


def person(address: str) -> User:
    return User.objects.get(email=f"{address}@{DOMAIN}")


def _standing(status: str) -> int:
    return StandingOrder.objects.filter(status=status).earliest("pk").pk


def _payment(status: str, outcome: str) -> int:
    found = PaymentState.objects.filter(entity__code="ODET", status=status, outcome=outcome)
    return int(found.order_by("-risk", "payment_id").values_list("payment_id", flat=True)[0])


def _batch(*, problems: bool) -> int:
    every = PaymentBatch.objects.all()
    return int((every.filter(problem_count__gt=0) if problems else every.filter(entity__code="ODET")).latest("pk").pk)


def _case(**standing: Any) -> int:
    return int(Case.objects.filter(entity__code="ODET", **standing).order_by("-score", "pk")[0].pk)


def _expectation() -> int:
    return int(Expectation.objects.filter(entity__code="ODET", ended_at=None).earliest("pk").pk)


def _scored() -> int:
    """The payment that a detector finds strangest."""
    found = Alert.objects.filter(entity__code="ODET", origin="detector").order_by("-score", "pk")
    return int(found.values_list("payment_id", flat=True)[0])


def _outgoing() -> int:
    return int(OutgoingFile.objects.filter(entity__code="ODET").latest("pk").pk)


def _sent() -> int:
    gone = PaymentState.objects.filter(entity__code="ODET", status__in=["sent", "settled"], payment__kind="sepa")
    return int(gone.exclude(payment__recalls__isnull=False).latest("pk").pk)


def _recall_file() -> int:
    return int(OutgoingFile.objects.filter(kind="camt056").latest("pk").pk)


def _webhook() -> int:
    """One with a log: delivered, waiting and given up."""
    now, entity = timezone.now(), Entity.objects.get(code="ODET")
    made = Endpoint.objects.create(
        entity=entity, name="ERP", url="https://erp.example.com/events", salt=b"s" * 32, created_by=person(THOMAS),
        failing_since=now, last_success_at=now,
    )  # fmt: skip
    for number, status in enumerate(("given_up", "done", "pending"), 1 + (Event.objects.count())):
        event = Event.objects.create(
            record_id=number, entity=entity, type="payment.settled", subject_type="payment", subject_id=number,
            occurred_at=now, body="{}",
        )  # fmt: skip
        sent = Delivery.objects.create(
            endpoint=made, event=event, status=status, attempts=1, created_at=now, next_at=now
        )  # fmt: skip
        Attempt.objects.create(
            delivery=sent, signed_at=now, duration_ms=42, address="203.0.113.9",
            status=204 if status == "done" else 503, code="" if status == "done" else "webhook.answered",
            params={} if status == "done" else {"status": 503},
        )  # fmt: skip
    return int(made.pk)


def _delivery() -> tuple[int, int]:
    endpoint = _webhook()
    return endpoint, int(Delivery.objects.filter(endpoint=endpoint).earliest("pk").pk)


def _cut_off() -> int:
    """One that begins later, so that it can be changed."""
    entity = Entity.objects.get(code="ODET")
    made, _new = CutOff.objects.get_or_create(
        entity=entity, scheme="b2b", valid_from=date(2091, 1, 1),
        defaults={"local_time": time(15), "time_zone": "Europe/Paris"},
    )  # fmt: skip
    return int(made.pk)


def _channel() -> int:
    """One that fails, with a file that it could not place for certain, and files that it fetched."""
    now, entity = timezone.now(), Entity.objects.get(code="ODET")
    file = OutgoingFile.objects.filter(entity=entity, status="sent").latest("pk")
    former = Transmission.objects.filter(file=file).first()
    if former is not None:
        return int(former.channel_id)
    made = BankChannel.objects.create(
        entity=entity, name="Banque de l’Odet", kind="sftp", host="sftp.bank.example.com", user="odet", salt=b"s" * 32,
        host_keys="ssh-ed25519 SHA256:" + "a" * 43, out_folder="/out", in_folder="/in", created_by=person(THOMAS),
        failing_since=now, last_code="channel.sign_in_refused", last_params={"user": "odet"}, needs_person=True,
        waits=True, is_active=False,
    )  # fmt: skip
    database.update(BankChannel.objects.filter(pk=made.pk), waits=False, is_active=True)
    way = Transmission.objects.create(
        file=file, entity=entity, channel=made, remote_name=f"{file.message_id}.xml", since=now, next_at=now
    )
    rows = Transmission.objects.filter(pk=way.pk)
    rows.update(status="sending", stage="placing", attempts=1)
    rows.update(status="unsure", code="transmission.gone_or_taken")
    TransmissionAttempt.objects.create(
        transmission=way, number=1, begun_at=now, ended_at=now, stage="placing", address="203.0.113.9", verified=True,
        code="channel.broken_off", params={"cause": "Socket is closed"},
    )  # fmt: skip
    for number, status in enumerate(("waiting", "taken", "refused")):
        FetchedFile.objects.create(
            channel=made, entity=entity, name=f"report-{number}.pdf", size=51_200, modified=1, seen_at=now,
            status=status, sha256=f"{number}" * 64, code="fetch.unknown_kind", params={"kind": "pdf"},
        )  # fmt: skip
    return int(made.pk)


def _sent_by_channel() -> int:
    return int(Transmission.objects.get(channel=_channel()).file_id)


def _fetched() -> tuple[int, ...]:
    _channel()
    return ()


def _of_kind(kind: str, status: str) -> int:
    return int(Payment.objects.filter(kind=kind, state__status=status).latest("pk").pk)


def _refunded() -> int:
    return int(Refund.objects.latest("pk").original_id)


def _no_match() -> int:
    """Of the demo: the service said that the name is not the holder's."""
    return int(Payment.objects.get(creditor_name="Autre Négoce International").pk)


def _bank() -> int:
    return int(Entity.objects.get(code="ODET").pk)


def _acquirer() -> int:
    return int(Account.objects.get(code="PSP").pk)


@dataclass(frozen=True)
class Screen:
    """``address`` is the name of the URL and ``key`` its object. ``status`` is what the page answers with."""

    name: str
    who: str | None
    address: str
    key: Callable[[], int | tuple[int | str, ...]] | None = None
    query: str = ""
    status: int = 200

    def where(self) -> str:
        keys = self.key() if self.key else ()
        return reverse(self.address, args=keys if isinstance(keys, tuple) else (keys,)) + self.query


def _rule_draft() -> int:
    return int(RuleVersion.objects.get(rule__code="HOUSE-MANY").pk)


def _request() -> tuple[int | str, ...]:
    asked = InformationRequest.objects.filter(answered_at=None, closed_at=None).earliest("pk")
    return asked.payment_id, asked.pk


def _payments(*kinds: tuple[str, str, str]) -> list[Screen]:
    return [
        Screen(f"payment-{status}-{outcome}", who, "payment", partial(_payment, status, outcome))
        for who, status, outcome in kinds
    ]


SCREENS = [
    Screen("sign-in", None, "account_login"),
    Screen("password-reset", None, "account_reset_password"),
    Screen("queue", ANNE, "queue"),
    Screen("queue-waiting", ANNE, "queue", query="?view=waiting"),
    Screen("queue-document", ANNE, "queue", query="?view=document"),
    Screen("queue-mine", ANNE, "queue", query="?view=mine"),
    Screen("second-approvals", MARC, "second_approvals"),
    *_payments(
        (ANNE, "checked", "hold"),
        (ANNE, "checked", "warn"),
        (MARC, "validated", "pass"),
        (MARC, "posted", "pass"),
        (CLAIRE, "settled", "pass"),
        (CLAIRE, "returned", "pass"),
        (CLAIRE, "rejected", "pass"),
    ),
    Screen("payment-amend", ANNE, "payment_amend", partial(_payment, "checked", "hold")),
    Screen("payments", ANNE, "payments"),
    Screen("payment-new", ANNE, "payment_new"),
    Screen("payment-no-match", MARC, "payment", _no_match),
    Screen("verification", THOMAS, "verification"),
    Screen("verification-service", THOMAS, "verification_service", _bank),
    Screen("regulation", CLAIRE, "regulation"),
    Screen("payment-new-incoming", ANNE, "payment_new", query="?kind=incoming"),
    Screen("payment-suspense", MARC, "payment", partial(_of_kind, "incoming", "posted")),
    Screen("payment-refunded", MARC, "payment", _refunded),
    Screen("payment-card", CLAIRE, "payment", partial(_of_kind, "card", "settled")),
    Screen("payouts", "ines.morvan", "payouts"),
    Screen("payout-new", "ines.morvan", "payout_new", _acquirer),
    Screen("search", ANNE, "search", query="?q=Kervella"),
    Screen("search-nothing", ANNE, "search", query="?q=zzzz"),
    Screen("batches", ANNE, "batches"),
    Screen("batch", ANNE, "batch", partial(_batch, problems=False)),
    Screen("batch-problems", EMILY, "batch", partial(_batch, problems=True)),
    Screen("upload", ANNE, "upload"),
    Screen("sources", MARC, "sources"),
    Screen("source", MARC, "source", lambda: IntakeSource.objects.filter(entity__code="ODET").earliest("pk").pk),
    Screen("source-new", MARC, "source_new"),
    Screen("accounts", MARC, "accounts"),
    Screen("account", MARC, "account", lambda: Account.objects.get(code="10021").pk),
    Screen("account-open", MARC, "account_open"),
    Screen("ledger", CLAIRE, "ledger"),
    Screen("entry", CLAIRE, "entry", lambda: JournalEntry.objects.latest("pk").pk),
    Screen("outgoing", MARC, "outgoing"),
    Screen("outgoing-file", MARC, "outgoing_file", _outgoing),
    Screen("outgoing-unsure", MARC, "outgoing_file", _sent_by_channel),
    Screen("messages", MARC, "messages"),
    Screen("fetched", MARC, "fetched", _fetched),
    Screen("fetched-all", MARC, "fetched", _fetched, "?view=all"),
    Screen("channels", THOMAS, "channels", _fetched),
    Screen("channel", THOMAS, "channel", _channel),
    Screen("channel-new", THOMAS, "channel_new"),
    Screen("channel-new-adapter", THOMAS, "channel_new", query="?kind=adapter"),
    Screen("messages-all", CLAIRE, "messages", query="?view=messages"),
    Screen("message", MARC, "message", lambda: BankMessage.objects.earliest("pk").pk),
    Screen("answer", MARC, "answer", lambda: MessageItem.objects.filter(outcome="unknown").latest("pk").pk),
    Screen("recalls", MARC, "recalls"),
    Screen("recalls-received", CLAIRE, "recalls", query="?view=received"),
    Screen("recall", MARC, "recall", lambda: Recall.objects.filter(status="asked").latest("pk").pk),
    Screen("recall-approved", ANNE, "recall", lambda: Recall.objects.filter(status="approved").latest("pk").pk),
    Screen("recall-request", MARC, "recall_request", lambda: RecallRequest.objects.latest("pk").pk),
    Screen("recall-new", ANNE, "recall_new", _sent),
    Screen(
        "outgoing-recalls", MARC, "outgoing_file", lambda: OutgoingFile.objects.filter(kind="camt056").latest("pk").pk
    ),
    Screen("mandates", MARC, "mandates"),
    Screen("mandate", MARC, "mandate", lambda: Mandate.objects.filter(status="active").earliest("pk").pk),
    Screen("mandate-new", MARC, "mandate_new"),
    Screen("standing-orders", ANNE, "standing_orders"),
    Screen("standing-order", ANNE, "standing_order", partial(_standing, "active")),
    Screen("standing-waiting", MARC, "standing_order", partial(_standing, "waiting")),
    Screen("standing-new", ANNE, "standing_new"),
    Screen("standing-change", ANNE, "standing_change", partial(_standing, "active")),
    Screen("payment-standing", ANNE, "payment", lambda: Payment.objects.filter(channel="standing").earliest("pk").pk),
    Screen("instants", ANNE, "instants", query="?status=unanswered"),
    Screen("instant-limit", MARC, "instant_limit", lambda: InstantLimit.objects.earliest("pk").pk),
    Screen("payment-instant", ANNE, "payment", lambda: Payment.objects.filter(kind="instant").earliest("pk").pk),
    Screen("invoices", EMILY, "invoices"),
    Screen("invoice", EMILY, "invoice", lambda: SupplierInvoice.objects.filter(shares__isnull=False).earliest("pk").pk),
    Screen("invoice-new", EMILY, "invoice_new"),
    Screen("invoice-list", EMILY, "invoice_import"),
    Screen("invoice-pay", EMILY, "invoice_pay", query="?until=2099-01-01"),
    Screen("payment-supplier", EMILY, "payment", lambda: Payment.objects.filter(kind="supplier").earliest("pk").pk),
    Screen("payment-debit", ANNE, "payment", lambda: Payment.objects.filter(kind="debit").earliest("pk").pk),
    Screen("queue-miss", ANNE, "queue", query="?view=miss"),
    Screen("cut-offs", MARC, "cut_offs"),
    Screen("cut-off-new", MARC, "cut_off_new", lambda: Entity.objects.get(code="ODET").pk),
    Screen("cut-off", MARC, "cut_off", _cut_off),
    Screen("calendar", MARC, "calendar", lambda: Calendar.objects.earliest("pk").pk),
    Screen("calendar-new", MARC, "calendar_new", lambda: Entity.objects.get(code="ODET").pk),
    Screen("dashboard", MARC, "dashboard"),
    Screen("decisions", MARC, "decisions"),
    Screen("users", THOMAS, "users"),
    Screen("user", THOMAS, "user", lambda: person(ANNE).pk),
    Screen("user-new", THOMAS, "user_new"),
    Screen("tokens", THOMAS, "tokens"),
    Screen("webhooks", THOMAS, "webhooks"),
    Screen("webhook", THOMAS, "webhook", _webhook),
    Screen("webhook-delivery", THOMAS, "webhook_delivery", _delivery),
    Screen("rules", MARC, "rules"),
    Screen("rules-shadow", CLAIRE, "rules", query="?mode=shadow&q=large"),
    Screen("rule", CLAIRE, "rule", lambda: ("LIMIT",)),
    Screen("rule-waiting", SARAH, "rule", lambda: ("LIMIT",), "?version=2"),
    Screen("rule-tried", MARC, "rule", lambda: ("HOUSE-FIRST-LARGE",), "?version=1&payment=none"),
    Screen("rule-new", MARC, "rule_new"),
    Screen("rule-draft", MARC, "rule_draft", _rule_draft),
    Screen("rule-facts", MARC, "rule_facts"),
    Screen("rule-lists", CLAIRE, "rule_lists"),
    Screen("rule-list", SARAH, "rule_list_page", lambda: ("watched_countries",)),
    Screen("rule-list-new", SARAH, "rule_list_new"),
    Screen("straight", MARC, "straight"),
    Screen("backtests", CLAIRE, "backtests"),
    Screen("backtest-new", MARC, "backtest_new"),
    Screen("backtest", SARAH, "backtest", lambda: BackTest.objects.filter(against__isnull=False).latest("pk").pk),
    Screen(
        "backtest-threshold",
        CLAIRE,
        "backtest",
        lambda: BackTest.objects.filter(against=None).latest("pk").pk,
        "?threshold=12500",
    ),
    Screen("quality", CLAIRE, "quality"),
    Screen("models", SARAH, "models"),
    Screen("model", SARAH, "model", lambda: (1,)),
    Screen("model-challenger", SARAH, "model", lambda: (2,)),
    Screen("model-train", SARAH, "model_train"),
    Screen("scoring-thresholds", SARAH, "scoring_thresholds"),
    Screen("scoring-figures", CLAIRE, "scoring_figures"),
    Screen("cases", MARC, "cases"),
    Screen("cases-closed", CLAIRE, "cases", query="?view=closed"),
    Screen("cases-together", SARAH, "cases_together", query="?ids=" + "&ids=".join(map(str, range(1, 9)))),
    Screen("case", SARAH, "case", partial(_case, status="open")),
    Screen("case-second", SARAH, "case", partial(_case, seconding=True)),
    Screen("case-waiting", SARAH, "case", partial(_case, status="waiting")),
    Screen("case-closed", CLAIRE, "case", partial(_case, status="closed")),
    Screen("case-reporter", HELENE, "case", partial(_case, seconding=True)),
    Screen("case-figures", SARAH, "case_figures"),
    Screen("payment-alert", ANNE, "payment_alert", partial(_payment, "checked", "pass")),
    Screen("payment-score", SARAH, "payment_score", _scored, "?again"),
    Screen("silences", SARAH, "silences"),
    Screen("expected", SARAH, "expected", query="?view=awaited"),
    Screen("expected-rhythms", CLAIRE, "expected", query="?view=rhythms"),
    Screen("expectation", SARAH, "expectation", _expectation),
    Screen("expected-new", SARAH, "expected_new"),
    Screen("suspicions", HELENE, "suspicions"),
    Screen("suspicion", HELENE, "suspicion", lambda: SuspicionReport.objects.earliest("pk").pk),
    Screen("screening", MARC, "screening"),
    Screen("screening-decided", MARC, "screening", query="?view=decided"),
    Screen(
        "screening-hit", MARC, "screening_hit", lambda: ScreeningHit.objects.filter(status="open").earliest("pk").pk
    ),
    Screen("screening-try", MARC, "screening_try"),
    Screen("exemptions", MARC, "exemptions"),
    Screen("watchlists", MARC, "watchlists"),
    Screen("watchlist", MARC, "watchlist", lambda: WatchList.objects.earliest("pk").pk),
    Screen("watchlist-version", MARC, "watchlist_version", lambda: (WatchList.objects.earliest("pk").pk, 1)),
    Screen("watchlist-new", MARC, "watchlist_new"),
    Screen("matrix", MARC, "matrix", query="?entity=ODET&amount=75000&currency=EUR&kind=sepa"),
    Screen("undo-window", MARC, "undo_window", lambda: Entity.objects.get(code="ODET").pk),
    Screen("request-answer", ANNE, "request_answer", _request),
    Screen("request-close", ANNE, "request_close", _request),
    Screen("deputies", MARC, "delegations"),
    Screen("statements", ANNE, "statements"),
    Screen("statement", ANNE, "statement", desk_screens.statement),
    Screen("statement-new", ANNE, "statement_new"),
    Screen("reconciliation", MARC, "reconciliation"),
    Screen("workbench-suggested", MARC, "workbench", desk_screens.account),
    Screen("workbench-unmatched", ANNE, "workbench", desk_screens.account, "?tab=unmatched"),
    Screen("workbench-matched", ANNE, "workbench", desk_screens.account, "?tab=matched"),
    Screen("workbench-ignored", ANNE, "workbench", desk_screens.account, "?tab=ignored"),
    Screen("suggestions-certain", ANNE, "suggestions_certain", desk_screens.account),
    Screen("sign-off", MARC, "sign_off", desk_screens.sign_off),
    Screen("day", MARC, "day", desk_screens.day),
    Screen("breaks", ANNE, "breaks"),
    Screen("break", ANNE, "break", desk_screens.one_break),
    Screen("positions", CLAIRE, "positions"),
    Screen("month-end", CLAIRE, "month_end"),
    Screen("reconciliation-limits", MARC, "reconciliation_limits"),
    Screen("preferences", ANNE, "preferences"),
    Screen("second-factor", ANNE, "mfa_index"),
    Screen("password-change", ANNE, "account_change_password"),
    Screen("denied", ANNE, "users", status=403),
    Screen("not-found", ANNE, "payment", lambda: 999_999_999, status=404),
]
# Addresses that only act or answer with a file or a part of a page, or that a test of their own looks at.
NO_SCREENS = {
    "statement_file", "month_csv", "limits_agree", "suggestions_accept", "workbench_match", "workbench_undo",
    "correction_new", "correction_agree", "correction_refuse", "day_prepare", "day_sign", "day_send_back",
    "day_ask_reopening", "day_reopen", "day_keep", "break_assign", "break_explain", "break_comment", "break_ignore",
    "break_heed",
    *(f"case_{verb}" for verb in VERBS), "case_answer", "case_unlink", "silence_end",
    "expectation_end", "expectation_excuse",
    "suspicion_prepare", "suspicion_write", "suspicion_file", "suspicion_drop",
    "account_block", "account_unblock", "answer_assign", "answer_dismiss", "batch_file", "batch_problems", "bulk",
    "calendar_close", "change_decide", "cut_off_withdraw", "delegation_end", "holiday_open", "language",
    "mandate_amend", "mandate_cancel", "matrix_new", "matrix_row", "message_file", "outgoing_confirm",
    "outgoing_download", "outgoing_prepare", "outgoing_send", "own_token_make", "own_token_revoke", "payment_act",
    "payment_card", "payment_document", "payment_document_add", "payment_pane", "payment_reveal", "start",
    "take_next", "token_revoke", "undo", "upload_sample", "user_active", "user_grant", "user_invite", "user_limit",
    "user_revoke", "webhook_pause", "webhook_replay", "webhook_resume", "webhook_retire", "webhook_rotate",
    "account_channel", "account_overdraft", "outgoing_void", "recall_approve", "recall_request_accept",
    "recall_request_confirm", "recall_request_refuse", "recall_withdraw",
    "channel_switch", "channel_test", "fetched_dismiss", "fetched_file",
    "outgoing_again", "outgoing_arrived", "outgoing_look",
    "invoice_cancel", "standing_end", "standing_resume", "standing_suspend",
    "straight_new", "straight_row", "straight_stop",
    "batch_verify", "payment_new_verify", "payment_verify", "verification_switch",
    "rule_check", "rule_discard", "rule_mode", "rule_next", "rule_submit",
    "backtest_cancel", "backtest_judge", "model_challenge", "model_promote", "model_retire",
    "exemption_end", "screening_exempt", "screening_release", "screening_true", "watchlist_change", "watchlist_fetch",
    "watchlist_file", "watchlist_load",
}  # fmt: skip
