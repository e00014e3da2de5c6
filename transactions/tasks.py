"""Tasks of this room: identifiers only, re-read under lock, safe twice."""

from datetime import timedelta

from celery import shared_task

from backoffice.common.tasks import Retryable


@shared_task(name="transactions.read_batch", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def read_batch(batch_id: int) -> None:
    """Read a received file into payments. One transaction: a killed worker leaves the batch received."""
    from transactions import intake

    intake.read_batch(batch_id)


@shared_task(name="transactions.post", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def post(payment_ids: list[int]) -> None:
    """Post approved payments to the ledger."""
    from transactions import workflow

    workflow.post(ids=payment_ids)


@shared_task(name="transactions.holds_due", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def holds_due(payment_ids: list[int]) -> None:
    """Bring back, or lift, what was held until now."""
    from transactions import workflow

    workflow.come_due(payment_ids)


@shared_task(name="transactions.requests_overdue", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def requests_overdue(request_ids: list[int]) -> None:
    """Say which documents and answers did not come in time."""
    from transactions import workflow

    workflow.overdue(request_ids)


@shared_task(name="transactions.read_message", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def read_message(message_id: int) -> None:
    """Read a message of the bank and apply it. One transaction: a killed worker leaves the message received."""
    from transactions import messages

    messages.read_message(message_id)


@shared_task(name="transactions.send_due", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def send_due() -> None:
    """Prepare the files whose cut-off has come."""
    from transactions import settlement

    settlement.prepare_due()


@shared_task(name="transactions.sweep")
def sweep(patience_seconds: float | None = None) -> None:
    """Find what waits too long because its task was lost, and enqueue it again."""
    from transactions import sweeper

    patience = sweeper.PATIENCE if patience_seconds is None else timedelta(seconds=patience_seconds)
    sweeper.sweep(patience=patience)
