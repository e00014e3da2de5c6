"""Tasks of this room."""

from celery import shared_task


@shared_task(name="people.forget_idempotency_keys")
def forget_idempotency_keys() -> None:
    """Delete answers to keyed calls that are older than they are kept for, a bounded number a run."""
    from backoffice.people import idempotency

    idempotency.forget_old()
