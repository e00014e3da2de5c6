"""Every screen of the product, who opens it, and where: for the accessibility tests and the gallery."""

from collections.abc import Callable
from dataclasses import dataclass
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
from transactions.models import (
    Account,
    BankMessage,
    IntakeSource,
    JournalEntry,
    Mandate,
    MessageItem,
    OutgoingFile,
    Payment,
    PaymentBatch,
    PaymentState,
)

ANNE, MARC, CLAIRE, THOMAS = "anne.le-goff", "marc.lefevre", "claire.hughes", "thomas.weber"
EMILY = "emily.carter"


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


def _payment(status: str, outcome: str) -> int:
    found = PaymentState.objects.filter(entity__code="ODET", status=status, outcome=outcome)
    return int(found.order_by("-risk", "payment_id").values_list("payment_id", flat=True)[0])


def _batch(*, problems: bool) -> int:
    every = PaymentBatch.objects.all()
    return int((every.filter(problem_count__gt=0) if problems else every.filter(entity__code="ODET")).latest("pk").pk)


def _outgoing() -> int:
    return int(OutgoingFile.objects.filter(entity__code="ODET").latest("pk").pk)


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


@dataclass(frozen=True)
class Screen:
    """``address`` is the name of the URL and ``key`` its object. ``status`` is what the page answers with."""

    name: str
    who: str | None
    address: str
    key: Callable[[], int | tuple[int, ...]] | None = None
    query: str = ""
    status: int = 200

    def where(self) -> str:
        keys = self.key() if self.key else ()
        return reverse(self.address, args=keys if isinstance(keys, tuple) else (keys,)) + self.query


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
    Screen("messages", MARC, "messages"),
    Screen("messages-all", CLAIRE, "messages", query="?view=messages"),
    Screen("message", MARC, "message", lambda: BankMessage.objects.earliest("pk").pk),
    Screen("answer", MARC, "answer", lambda: MessageItem.objects.filter(outcome="unknown").latest("pk").pk),
    Screen("mandates", MARC, "mandates"),
    Screen("mandate", MARC, "mandate", lambda: Mandate.objects.filter(status="active").earliest("pk").pk),
    Screen("mandate-new", MARC, "mandate_new"),
    Screen("payment-debit", ANNE, "payment", lambda: Payment.objects.filter(kind="debit").earliest("pk").pk),
    Screen("dashboard", MARC, "dashboard"),
    Screen("decisions", MARC, "decisions"),
    Screen("users", THOMAS, "users"),
    Screen("user", THOMAS, "user", lambda: person(ANNE).pk),
    Screen("user-new", THOMAS, "user_new"),
    Screen("tokens", THOMAS, "tokens"),
    Screen("webhooks", THOMAS, "webhooks"),
    Screen("webhook", THOMAS, "webhook", _webhook),
    Screen("webhook-delivery", THOMAS, "webhook_delivery", _delivery),
    Screen("straight", MARC, "straight"),
    Screen("matrix", MARC, "matrix", query="?entity=ODET&amount=75000&currency=EUR&kind=sepa"),
    Screen("deputies", MARC, "delegations"),
    Screen("preferences", ANNE, "preferences"),
    Screen("second-factor", ANNE, "mfa_index"),
    Screen("password-change", ANNE, "account_change_password"),
    Screen("denied", ANNE, "users", status=403),
    Screen("not-found", ANNE, "payment", lambda: 999_999_999, status=404),
]
# Addresses that only act or answer with a file or a part of a page, or that a test of their own looks at.
NO_SCREENS = {
    "account_block", "account_unblock", "answer_assign", "answer_dismiss", "batch_file", "batch_problems", "bulk",
    "change_decide", "delegation_end", "language", "mandate_amend", "mandate_cancel",
    "matrix_new", "matrix_row", "straight_new", "straight_row", "straight_stop",
    "message_file", "outgoing_confirm", "outgoing_download", "outgoing_prepare", "outgoing_send", "own_token_make",
    "own_token_revoke", "payment_act", "payment_card", "payment_document", "payment_document_add", "payment_pane",
    "payment_reveal", "start", "take_next", "token_revoke", "undo", "upload_sample", "user_active", "user_grant",
    "user_invite", "user_limit", "user_revoke", "webhook_pause", "webhook_replay", "webhook_resume", "webhook_retire",
    "webhook_rotate",
}  # fmt: skip
