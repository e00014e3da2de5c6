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


@shared_task(name="transactions.transmit")
def transmit(transmission_id: int) -> None:
    """Carry a file out by its channel. What fails is tried again by transmit_due, with growing waits."""
    from transactions.channels import sending

    sending.transmit(transmission_id)


@shared_task(name="transactions.transmit_due")
def transmit_due() -> None:
    """Find files whose turn it is to be carried out, also those whose worker was killed; tell late acknowledgements."""
    from transactions.channels import sending

    sending.due()


@shared_task(name="transactions.fetch")
def fetch(channel_id: int) -> None:
    """Bring in what a bank left for us."""
    from transactions.channels import fetching

    fetching.fetch(channel_id)


@shared_task(name="transactions.fetch_due")
def fetch_due() -> None:
    """Have every channel looked at."""
    from transactions.channels import fetching

    fetching.due()


@shared_task(name="transactions.standing", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def standing() -> None:
    """Make the payments of standing orders that fall due, and execute those whose day has come."""
    from transactions.standing import runs

    runs.make_due()
    runs.execute_due()


@shared_task(name="transactions.execute_standing", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def execute_standing() -> None:
    """Execute payments of standing orders that are signed and whose day has come."""
    from transactions.standing import runs

    runs.execute_due()


@shared_task(name="transactions.send_instant", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def send_instant() -> None:
    """Send the instant transfers that are posted."""
    from transactions import instant

    instant.send_due()


@shared_task(name="transactions.watch_instant")
def watch_instant() -> None:
    """Find instant transfers that the bank did not answer in time; send what a lost task left."""
    from transactions import instant

    instant.watch()
    instant.send_due()


@shared_task(name="transactions.sweep")
def sweep(patience_seconds: float | None = None) -> None:
    """Find what waits too long because its task was lost, and enqueue it again."""
    from transactions import sweeper

    patience = sweeper.PATIENCE if patience_seconds is None else timedelta(seconds=patience_seconds)
    sweeper.sweep(patience=patience)


@shared_task(name="transactions.renew_cut_offs", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def renew_cut_offs(entity_id: int) -> None:
    """Work out the cut-offs of what is open, after a rule or a calendar of the entity changed."""
    from transactions import cut_offs

    cut_offs.renew(entity_id)


@shared_task(name="transactions.recall_deadlines")
def recall_deadlines() -> None:
    """Mark recalls whose deadline has passed."""
    from transactions.recalls import deadlines

    deadlines.sweep()
