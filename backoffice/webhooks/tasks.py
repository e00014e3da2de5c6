"""Tasks of this room: identifiers only, safe twice."""

from celery import shared_task


@shared_task(name="webhooks.follow")
def follow() -> None:
    """Put what happened in the outbox."""
    from backoffice.webhooks import follower

    follower.follow()


@shared_task(name="webhooks.deliver")
def deliver(endpoint_id: int) -> None:
    """Send what waits for an endpoint."""
    from backoffice.webhooks import delivery

    delivery.deliver(endpoint_id)


@shared_task(name="webhooks.sweep")
def sweep() -> None:
    """Find endpoints whose task was lost."""
    from backoffice.webhooks import delivery

    delivery.sweep()


@shared_task(name="webhooks.forget")
def forget() -> None:
    """Delete what was delivered long ago, a bounded number a run."""
    from backoffice.webhooks import delivery

    delivery.forget_old()
