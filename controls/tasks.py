"""Tasks of this room: identifiers only, re-read under lock, safe twice."""

from celery import shared_task

from backoffice.common.tasks import Retryable


@shared_task(name="controls.assess_batch", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def assess_batch(batch_id: int) -> None:
    """Judge what is received of a file, 10,000 payments a transaction. A killed worker loses one of these at most."""
    from controls import assess

    assess.assess_batch(batch_id)


@shared_task(name="controls.straight", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def straight(payment_ids: list[int]) -> None:
    """Let go what a policy in force lets go. What is lost waits for people."""
    from controls import straight

    straight.release(payment_ids)


@shared_task(name="controls.assess", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def assess(payment_ids: list[int]) -> None:
    """Judge payments that came one by one, or that were changed."""
    from controls import assess

    assess.assess(payment_ids)


@shared_task(name="controls.rescreen", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def rescreen(version_id: int) -> None:
    """Screen known names and open payments against what a version of a list changed."""
    from controls.screening import rescreen

    rescreen.version(version_id)


@shared_task(name="controls.rescreen_due")
def rescreen_due() -> None:
    """Find versions in force that no run has done; let go of what was found under lists that are no longer in force."""
    from controls.screening import rescreen, verdicts

    rescreen.due()
    verdicts.forget()


@shared_task(name="controls.rescreen_all")
def rescreen_all() -> None:
    """Once a day, and when a list is set otherwise: everything known against every list (AML-09)."""
    from controls.screening import rescreen

    rescreen.everything()


@shared_task(name="controls.fetch_lists")
def fetch_lists() -> None:
    """Once a day: have every list with an address looked at."""
    from controls.screening import fetching

    fetching.fetch_all()


@shared_task(name="controls.fetch_list")
def fetch_list(list_id: int) -> None:
    """Load a list from its address. What fails is tried again the next day, and told on the screen of the list."""
    from controls.screening import fetching

    fetching.fetch(list_id)
