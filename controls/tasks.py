"""Tasks of this room: identifiers only, re-read under lock, safe twice."""

from celery import shared_task

from backoffice.common.tasks import Retryable


@shared_task(name="controls.assess_batch", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def assess_batch(batch_id: int) -> None:
    """Verify the payees of a file, then judge what is received of it, 10,000 payments a transaction. A killed worker
    loses one of these at most, and the answers of at most 256 questions."""
    from controls import assess
    from controls.verification import asking

    asking.verify_batch(batch_id)
    assess.assess_batch(batch_id)


@shared_task(name="controls.verify_again", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def verify_again(batch_id: int, actor_id: int) -> None:
    """Ask again what could not be verified of a file, and have checked again what is answered now."""
    from controls.verification import asking

    asking.verify_again(batch_id, actor_id)


@shared_task(name="controls.straight", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def straight(payment_ids: list[int]) -> None:
    """Let go what a policy in force lets go. What is lost waits for people."""
    from controls import straight

    straight.release(payment_ids)


@shared_task(name="controls.assess", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def assess(payment_ids: list[int]) -> None:
    """Verify the payees of payments that came one by one, or that were changed, then judge them."""
    from controls import assess
    from controls.verification import asking

    asking.verify(payment_ids)
    assess.assess(payment_ids)


@shared_task(name="controls.backtest", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def backtest(back_test_id: int) -> None:
    """Work on a back-test for some minutes. A killed worker loses one part of 10,000 payments at most."""
    from controls.backtest import runs

    runs.run(back_test_id)


@shared_task(name="controls.sweep_backtests")
def sweep_backtests() -> None:
    """Take up back-tests that were left lying."""
    from django.db import transaction

    from backoffice.common.tasks import enqueue
    from controls.backtest import runs

    with transaction.atomic():
        for back_test_id in runs.stale():
            enqueue(runs.TASK, back_test_id)


@shared_task(name="controls.rescreen", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def rescreen(version_id: int) -> None:
    """Screen known names and open payments against what came since a list was last screened."""
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
    """Once a day: everything known against every list (AML-09)."""
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


@shared_task(name="controls.raise_alerts", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def raise_alerts() -> None:
    """Look at findings that may amount to alerts. What is lost waits in its table for the sweeper."""
    from controls.cases import findings

    findings.raise_due()


@shared_task(name="controls.score", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def score() -> None:
    """Score what was checked. What is lost waits in its table for the clock, which asks every minute."""
    from controls.scoring import scores

    scores.score_due()


@shared_task(name="controls.watch_cases")
def watch_cases() -> None:
    """What the clock brings to cases: snoozed ones come back, due times pass; alerts whose task was lost are raised."""
    from controls.cases import findings, verbs

    verbs.come_back()
    findings.raise_due()


@shared_task(name="controls.learn_expected")
def learn_expected() -> None:
    """Once a night: have every entity's rhythms learnt."""
    from django.db import transaction

    from backoffice.common.tasks import enqueue
    from controls.expected import learning

    with transaction.atomic():
        for entity_id in learning.entities():
            enqueue("controls.learn_expected_of", entity_id)


@shared_task(name="controls.learn_expected_of", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def learn_expected_of(entity_id: int) -> None:
    """What an entity announces, then what its past tells. What is lost is learnt the next night."""
    from controls.expected import announced, learning

    announced.announce(entity_id)
    learning.learn(entity_id)


@shared_task(name="controls.look_expected")
def look_expected() -> None:
    """Every hour: what came, and what is missing. What is lost is seen by the next."""
    from django.db import transaction

    from backoffice.common.tasks import enqueue
    from controls.expected import learning

    with transaction.atomic():
        for entity_id in learning.entities():
            enqueue("controls.look_expected_of", entity_id)


@shared_task(name="controls.look_expected_of", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def look_expected_of(entity_id: int) -> None:
    """Of one entity, after what its standing orders announce now."""
    from controls.expected import announced, looking

    announced.announce(entity_id)
    looking.look(entity_id)


@shared_task(name="controls.train", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True, time_limit=3600,
             soft_time_limit=3500)  # fmt: skip
def train(training_id: int) -> None:
    """Make the model of a training that was asked for. What a killed worker left begins anew, as of the same moment."""
    from controls.scoring import trainings

    trainings.run(training_id)


@shared_task(name="controls.sweep_trainings")
def sweep_trainings() -> None:
    """Take up trainings that were left lying."""
    from django.db import transaction

    from backoffice.common.tasks import enqueue
    from controls.scoring import trainings

    with transaction.atomic():
        for training_id in trainings.stale():
            enqueue(trainings.TASK, training_id)


@shared_task(name="controls.retrain")
def retrain() -> None:
    """Once a month: a model of the last half year that has settled."""
    from controls.scoring import trainings

    trainings.retrain()


@shared_task(name="controls.watch_models")
def watch_models() -> None:
    """Once a night: count yesterday's scores, and look whether they still are what the models were measured on."""
    from controls.scoring import counting, watching

    counting.count_days()
    watching.look()


@shared_task(name="controls.match", autoretry_for=(Retryable,), max_retries=3, retry_backoff=True)
def match(account_ids: list[int]) -> None:
    """Match what is new on accounts at banks, then say what stays open and what no longer agrees with a signed day. A
    killed worker leaves it new."""
    from controls.reconciliation import breaks, days, running

    running.run(account_ids)
    breaks.look(account_ids)
    days.watch(account_ids)


@shared_task(name="controls.look_days")
def look_days() -> None:
    """Every quarter of an hour, and what became a break since: accounts that have statements."""
    from controls.reconciliation import breaks, calendar, days

    for account_ids in calendar.of_entities():
        breaks.look(account_ids)
        days.watch(account_ids)


@shared_task(name="controls.match_due")
def match_due() -> None:
    """Find accounts where something was posted or sent since they were matched."""
    from django.db import transaction

    from backoffice.common.tasks import enqueue
    from controls.reconciliation import running

    with transaction.atomic():
        for account_id in running.due():
            enqueue("controls.match", [account_id])
