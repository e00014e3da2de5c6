"""Movements out of the database have the numbers that the same movements have in a stream."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.utils import timezone

from backoffice.people.models import Entity
from controls.models import Movement
from controls.scoring import house
from controls.scoring.features import features
from controls.scoring.movements import Movements, movements
from controls.scoring.pasts import Pasts
from tests.controls.scoring import streams

pytestmark = pytest.mark.django_db


def alike(given: str, known: str) -> int:
    return (int(given) * 7 + int(known) * 13) % 101


def write(columns: dict[str, np.ndarray], entity_id: int) -> list[Movement]:
    """The columns as rows, in the order of time."""
    made = movements(columns)
    ratio = Pasts(made).ratio
    keys = ("at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind", "currency", "country",
            "reference", "nature", "amount")  # fmt: skip
    return Movement.objects.bulk_create(
        Movement(payment_id=10_000 + row, entity_id=entity_id, ratio=float(ratio[row]),
                 **{key: int(getattr(made, key)[row]) for key in keys})
        for row in range(len(made))
    )  # fmt: skip


@pytest.fixture
def entity() -> Entity:
    return Entity.objects.create(code="SCORED", name="Scored", profile="bank")


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of these movements are their numbers: there are no payments behind them."""

    def name(loaded: house.Loaded) -> None:
        codes = Movement.objects.in_bulk(loaded.movements.id.tolist())
        for row, rank in enumerate(loaded.movements.name.tolist()):
            loaded.pasts.names[rank] = str(codes[int(loaded.movements.id[row])].name)  # type: ignore[index]

    monkeypatch.setattr(house, "_name", name)
    monkeypatch.setattr(house, "_likeness", alike)


def of_stream(made: Movements, rows: np.ndarray) -> dict[str, np.ndarray]:
    table = features(Pasts(made, [str(number) for number in range(int(made.name.max()) + 1)], alike), rows)
    return {name: table[name] for name in table.names}


@pytest.mark.parametrize(("accounts", "wanted"), [(12, 40), (3, 25), (60, 300)])
def test_the_numbers_are_those_of_a_stream(entity: Entity, accounts: int, wanted: int) -> None:
    columns = streams.columns(2_000, seed=accounts, accounts=accounts, days=90)
    columns["nature"] = (np.arange(2_000) % 9 == 0).astype(np.int64)
    del columns["label"], columns["known_at"]
    written = write(columns, entity.pk)
    made = movements(columns)
    rows = np.arange(2_000 - wanted, 2_000)

    loaded = house.load(house.by_id([written[row].pk for row in rows]), entity.pk, house.Known())

    assert loaded.payments.tolist() == [10_000 + row for row in rows]
    expected, found = of_stream(made, rows), features(loaded.pasts, loaded.rows)
    assert found.names == tuple(expected)
    different = [name for name in found.names if not np.allclose(found[name], expected[name], equal_nan=True)]
    assert different == []


def test_what_was_voided_or_came_later_is_not_looked_at(entity: Entity) -> None:
    columns = streams.columns(300, seed=4, accounts=4)
    written = write(columns, entity.pk)
    last = written[200]
    moment = timezone.now()
    Movement.objects.filter(pk=written[190].pk).update(voided_at=moment)

    now = house.load(house.by_id([last.pk]), entity.pk, house.Known())
    assert written[190].pk not in now.movements.id
    before = house.load(house.by_id([last.pk]), entity.pk, house.Known(last.pk, datetime(2020, 1, 1, tzinfo=UTC)))
    assert int(before.movements.id.max()) == last.pk
    assert written[190].payment_id in before.payment


def test_an_even_share_of_a_stretch_is_the_same_each_time(entity: Entity) -> None:
    columns = streams.columns(900, seed=5, accounts=9, days=30)
    write(columns, entity.pk)
    start, end = (datetime.fromtimestamp(streams.START + days * 86_400, UTC) for days in (10, 20))
    made = movements(columns)
    inside = [10_000 + row for row in range(900)
              if start.timestamp() <= made.at[row] < end.timestamp()]  # fmt: skip

    every = [payment for part in house.between(start, end, most=10_000) for payment in part.payments.tolist()]
    assert every == inside
    some = [payment for part in house.between(start, end, most=100, chunk=30) for payment in part.payments.tolist()]
    assert 60 < len(some) < 140
    assert set(some) < set(inside)
    assert some == [payment for part in house.between(start, end, most=100) for payment in part.payments.tolist()]
