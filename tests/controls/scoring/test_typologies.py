"""Each detector on what it is for, and on what honest parties do that looks like it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest

from controls.scoring import stream
from tests.controls.scoring.test_score_file import Row

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
FIRM, SHOP, OTHER = "FR76AAAA", "FR76SHOP", "FR76OTHR"


class Told:
    """Payments of a small world, in the columns of the file."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def pay(self, day: float, amount: float, debtor: str = FIRM, creditor: str = SHOP, **given: Any) -> None:
        number = len(self.rows)
        self.rows.append({
            "id": f"{number}", "created_at": (START + timedelta(days=day)).isoformat(), "debtor_iban": debtor,
            "creditor_iban": creditor, "creditor_name": f"Holder of {creditor[4:]}", "amount": amount,
            "currency": "EUR", "channel": "file", "operator": "ann" if debtor == FIRM else "",
            "end_to_end_id": f"E{number:05}", "remittance": f"Invoice {10_000 + number}", "kind": "sepa", **given,
        })  # fmt: skip

    def life(self, days: int = 100, debtor: str = FIRM) -> "Told":
        """A payment every other day, of about 500, to three payees."""
        for day in range(0, days, 2):
            self.pay(day, 500 + 13 * (day % 11), debtor, f"FR76PAY{day // 2 % 3}")
        return self

    def strengths(self) -> dict[str, float]:
        """The strongest of each detector in the last five days."""
        text = [",".join(stream.COLUMNS)]
        text += [",".join(str(row.get(name, "")) for name in stream.COLUMNS) for row in self.rows]
        payments = stream.read(StringIO("\n".join(text)))
        assert payments.problems == []
        parts = list(stream.scored(payments.pasts()))
        last = payments.movements.at >= payments.movements.at[-1] - 5 * 86_400
        return {
            code: float(np.concatenate([part.risk.strengths[code] for part in parts])[last].max())
            for code in parts[0].risk.strengths
        }


def _frauds() -> Iterator[tuple[str, Told]]:
    one = Told().life()
    one.pay(100, 777, creditor="FR76PAY0", remittance="Invoice 9001")
    one.pay(102, 777, creditor="FR76PAY0", remittance="Invoice 9001 bis")
    yield "duplicate", one
    one = Told().life()
    one.pay(101, 900, creditor="LT76NEW", creditor_name="Holder of PAY0")
    yield "changed_details", one
    one = Told().life()
    one.pay(101, 520, creditor="FR76PAY0", creditor_name="Quartz Maritime")
    yield "name_unlike_holder", one
    one = Told().life()
    for number in range(5):
        one.pay(101 + number / 3, 9_800 + number, creditor=OTHER)
    yield "splitting", one
    one = Told().life()
    for number in range(12):
        one.pay(101 + number / 500, 300, creditor=f"FR76NEW{number}")
    yield "velocity", one
    one = Told().life(60)
    one.pay(200, 2_000, creditor=OTHER)
    yield "sleeping_account", one
    one = Told().life()
    one.pay(101.7, 2_500, creditor=OTHER)
    yield "operator_habits", one
    one = Told().life()
    one.pay(101, 9_000, creditor="LT76OTHR")
    yield "first_payee_large", one
    one = Told().life()
    one.pay(101, 6_000, creditor="FR76MULE")
    one.pay(101.2, 5_800, debtor="FR76MULE", creditor="LT76AWAY")
    yield "mule_pass_through", one
    one = Told()
    for number in range(3):
        one.pay(101 + number, 9_000 - 90 * number, f"FR76R{number}", f"FR76R{(number + 1) % 3}")
    yield "circle", one
    one = Told()
    for number in range(14):
        one.pay(101 + number / 10, 400, f"FR76P{number}", "FR76POOL")
    yield "fan", one
    one = Told()
    for number in range(5):
        one.pay(101 + number, 9_000, "", "FR76DESK", kind="cash_deposit")
    yield "cumulative_cash", one


def _honest() -> Iterator[tuple[str, Told]]:
    one = Told()
    for month in range(6):
        one.pay(month * 30.4, 950, remittance="Rent contract 4711", end_to_end_id="RENT")
    yield "duplicate", one
    one = Told().life()
    one.pay(101, 900, creditor="FR76NEW", creditor_name="Somebody new")
    yield "changed_details", one
    one = Told().life()
    one.pay(101, 520, creditor="FR76PAY0", creditor_name="PAY0 of Holder SARL")
    yield "name_unlike_holder", one
    one = Told()
    for week in range(16):
        one.pay(week * 7, 4_950)
    yield "splitting", one
    one = Told()
    for month in range(5):
        for number in range(12):
            one.pay(month * 30 + number / 500, 2_000 + number, creditor=f"FR76EMP{number}", remittance="Salary")
    yield "velocity", one
    one = Told()
    for year in range(5):
        one.pay(year * 80, 500 + year)
    yield "sleeping_account", one
    one = Told().life()
    one.pay(101.05, 530, creditor="FR76PAY1")
    yield "operator_habits", one
    one = Told().life()
    one.pay(101, 560, creditor=OTHER)
    yield "first_payee_large", one
    one = Told()
    for month in range(6):
        one.pay(month * 30, 2_400, "FR76BOSS", FIRM)
        one.pay(month * 30 + 1, 950, FIRM, SHOP, remittance="Rent")
    yield "mule_pass_through", one
    one = Told()
    for week in range(14):
        for number in range(3):
            one.pay(week * 7 + number, 9_000 - 90 * number, f"FR76R{number}", f"FR76R{(number + 1) % 3}")
    yield "circle", one
    one = Told()
    for number in range(150):
        one.pay(number / 2, 35, f"FR76C{number % 70}", SHOP)
    yield "fan", one
    one = Told()
    for week in range(16):
        one.pay(week * 7, 3_000 + week, "", SHOP, kind="cash_deposit")
    yield "cumulative_cash", one


@pytest.mark.parametrize(("code", "told"), [pytest.param(code, told, id=code) for code, told in _frauds()])
def test_what_it_is_for(code: str, told: Told) -> None:
    found = told.strengths()
    assert found[code] >= 55, found
    assert code in {name for name, strength in found.items() if strength >= 0.6 * max(found.values())}


def _busy() -> Iterator[Told]:
    """A file of 300 wages a month; a shop with 100 customers a day, most of them seen once."""
    one = Told()
    for month in range(4):
        for number in range(300):
            one.pay(month * 30 + number / 90_000, 2_000 + number, creditor=f"FR76EMP{number}", remittance="Salary")
    yield one
    one = Told()
    for number in range(2_500):
        one.pay(number / 100, 20 + number % 37, f"FR76C{number}", SHOP)
    yield one


@pytest.mark.parametrize(
    "told", [pytest.param(told, id=name) for name, told in zip(("wages", "shop"), _busy(), strict=True)]
)
def test_who_is_always_busy(told: Told) -> None:
    """More than the past that is kept: nothing can be said, and nothing is."""
    assert {code: strength for code, strength in told.strengths().items() if strength >= 30} == {}


@pytest.mark.parametrize(("code", "told"), [pytest.param(code, told, id=code) for code, told in _honest()])
def test_what_honest_parties_do(code: str, told: Told) -> None:
    assert told.strengths()[code] < 30
