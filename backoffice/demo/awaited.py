"""What the demo's bank expects: what its past and its standing orders tell, and a file that a person added."""

from collections.abc import Callable
from datetime import date, timedelta

from backoffice.people.models import Entity, User
from controls import expected
from controls.expected import announced, learning, looking
from controls.models import Expectation
from transactions.models import IntakeSource


def expects(bank: Entity, person: Callable[[str], User], day: date) -> None:
    announced.announce(bank.pk)
    learning.learn(bank.pk)
    learnt = Expectation.objects.filter(entity=bank, source__isnull=False).values("source")
    source = IntakeSource.objects.filter(entity=bank, is_active=True).exclude(pk__in=learnt).first()
    if source is not None:
        expected.add(
            actor=person("sarah.collins"), entity=bank, kind="file", rhythm="month", source=source.pk,
            first_on=day + timedelta(days=4),
        )  # fmt: skip
    looking.look(bank.pk)
