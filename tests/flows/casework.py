"""What workers do for cases and for what should come, one scene a task: each in an entity of its own."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from backoffice.people import roles
from controls import assess, cases
from controls.expected import learning
from controls.models import Alert, AlertDue, Case, Movement, Occurrence, Score, ScoreDue
from tests import database, people
from tests.controls import scene as checks
from tests.controls.cases_scene import row
from tests.flows.clockwork import branch, iban
from tests.flows.killing import Scene, audited


def _alerts(stage: people.Stage) -> Any:
    """Each case with its alerts, and what is still to be looked at."""
    told = Case.objects.filter(entity=stage.entity).order_by("pk")
    found = [(case.typology, case.status, case.alert_count, case.alerts.count()) for case in told.all()]
    return found, AlertDue.objects.filter(payment__entity=stage.entity).count()


def findings_to_raise(code: str) -> Scene:
    """Two payments to accounts that their payee never had, checked; the task that raises was lost."""
    there = checks.scene(code=code, iban=iban())
    payments = [there.payment(creditor_number=checks.OTHER_IBAN, amount=f"{100 + n}.00") for n in range(2)]
    checks.judge(*payments)
    assert AlertDue.objects.filter(payment__in=payments).count() == 2
    return Scene(there.stage, look=lambda: _alerts(there.stage), books=audited())


def _scores(stage: people.Stage) -> Any:
    """What was raised, and how many movements, scores and payments that wait for one there are."""
    (alerts, _due), of = _alerts(stage), {"entity": stage.entity}
    waiting = ScoreDue.objects.filter(payment__entity=stage.entity).count()
    return alerts, Movement.objects.filter(**of).count(), Score.objects.filter(**of).count(), waiting


def checked_to_score(code: str) -> Scene:
    """Two payments of one invoice within three days, checked; the task that scores was lost."""
    stage = branch(code)
    of = people.batch(stage)
    payments = [
        people.payment(
            stage, status="received", in_batch=of, received_at=timezone.now() - timedelta(days=days),
            amount="1834.56", creditor_number="DE00000000000000000001", remittance="Invoice 2026 4711",
        )
        for days in (3, 0)
    ]  # fmt: skip
    assert assess.assess([payment.pk for payment in payments]) == 2
    AlertDue.objects.filter(payment__in=payments).delete()
    assert ScoreDue.objects.filter(payment__in=payments).count() == 2
    return Scene(stage, look=lambda: _scores(stage), books=audited())


def cases_whose_moment_came(code: str) -> Scene:
    """A case that was snoozed until just now, and one that is overdue."""
    stage = branch(code)
    actor = people.person(roles.SUPERVISOR, entity=stage.entity)
    made = []
    for number in range(2):
        payment = people.payment(stage, creditor_number=f"DE{people.next_number():020}", amount=f"{50 + number}.00")
        made += cases.raise_alerts([row(payment)]).cases
    later = timezone.now() + timedelta(days=1)
    assert cases.snooze(ids=made[:1], actor=actor, until=later, reason="Tomorrow")[0].done
    past = timezone.now() - timedelta(hours=1)
    database.update(Case.objects.filter(pk=made[0]), paused_at=past, snoozed_until=past + timedelta(minutes=50))
    database.update(Case.objects.filter(pk=made[1]), due_at=past)
    of = Case.objects.filter(pk__in=made).order_by("pk")
    return Scene(stage, look=lambda: [(case.status, case.overdue_at is not None) for case in of.all()])


def _weeks(code: str, *, last: int) -> people.Stage:
    """Six payments to a landlord, a week apart, the last of them so many days ago."""
    stage = branch(code)
    of = people.batch(stage, channel="api")
    for number in reversed(range(6)):
        day = timezone.now().date() - timedelta(days=last + 7 * number)
        people.payment(
            stage, in_batch=of, status="settled", received_at=datetime.combine(day, time(9), UTC), amount="1200.00",
            creditor_name="Landlord", creditor_number="DE02120300000000202051",
        )  # fmt: skip
    return stage


def _expected(stage: people.Stage) -> Any:
    due = Occurrence.objects.filter(entity=stage.entity).order_by("due_on").values_list("status", flat=True)
    return list(due), Alert.objects.filter(entity=stage.entity).count(), _alerts(stage)[0]


def rhythms_to_learn(code: str) -> Scene:
    stage = _weeks(code, last=3)
    return Scene(stage, [stage.entity.pk], look=lambda: _expected(stage), books=audited())


def days_that_passed(code: str) -> Scene:
    """Learnt two weeks ago, when it last came."""
    stage = _weeks(code, last=16)
    learning.learn(stage.entity.pk, now=timezone.now() - timedelta(days=14))
    return Scene(stage, [stage.entity.pk], look=lambda: _expected(stage), books=audited())
