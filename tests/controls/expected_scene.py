"""What came in a past, for the tests of what should come: series of payments, and what is learnt of them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from controls import expected
from controls.cases import reasons
from controls.expected import learning, looking, rhythms
from controls.models import Alert, Expectation, Occurrence
from tests import people
from tests.controls.cases_scene import Scene
from transactions.models import Payment

TODAY = date(2026, 6, 17)  # a Wednesday
NUMBER = "DE02120300000000202051"


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def paid(here: Scene, day: date, amount: str = "1200.00", **fields: Any) -> Payment:
    return here.payment(
        received_at=at(day), amount=amount,
        **{"status": "settled", "creditor_name": "Landlord", "creditor_number": NUMBER, **fields},
    )  # fmt: skip


def series(here: Scene, days: list[date], **fields: Any) -> None:
    of = people.batch(here.stage, channel="api")
    for day in days:
        paid(here, day, in_batch=of, **fields)


def months(number: int, count: int, *, step: int = 1, until: date = TODAY) -> list[date]:
    """So many days of a number, the last before ``until``, moved to open days as TARGET's."""
    days, year, month = [], until.year, until.month
    while len(days) < count:
        day = rhythms.Days().at(date(year, month, number), 1)
        if day < until:
            days.insert(0, day)
        year, month = divmod(year * 12 + month - 1 - step, 12)
        month += 1
    return days


def weeks(count: int, step: int = 7, last: date = date(2026, 6, 15)) -> list[date]:
    return [last - timedelta(days=step * number) for number in reversed(range(count))]


def learn(here: Scene, day: date = TODAY) -> tuple[int, int]:
    return learning.learn(here.stage.entity.pk, now=at(day))


def look(here: Scene, day: date) -> tuple[int, int]:
    return looking.look(here.stage.entity.pk, now=at(day))


def told(alert: Alert, language: str = "en") -> list[str]:
    with override(language):
        return [one.sentence.replace("\u00a0", " ").replace("\u202f", " ") for one in reasons.told([alert])[alert.pk]]


def states() -> list[tuple[date, str]]:
    return list(Occurrence.objects.order_by("due_on").values_list("due_on", "status"))


def by_hand(here: Scene, **fields: Any) -> Expectation:
    return expected.add(
        actor=here.one, entity=here.stage.entity,
        **{"kind": "payee", "rhythm": "month", "first_on": timezone.localdate() + timedelta(days=20),
           "account": here.stage.customer.pk, "number": NUMBER, "name": "Landlord", "amount": Decimal(700), **fields},
    )  # fmt: skip
