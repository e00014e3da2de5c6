"""A labelled stream of payments: honest life of firms and persons, twelve typologies in three difficulties,
look-alikes.

Everything is drawn from one seed. Each row has the columns of ``score_file`` and three of truth: ``typology`` (empty
when honest), ``difficulty`` (1 to 3; 0 for a look-alike, whose ``typology`` begins with ``like:``) and ``episode``.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

START = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = (
    "Alder",
    "Brise",
    "Cobalt",
    "Dune",
    "Ember",
    "Falaise",
    "Granit",
    "Hêtre",
    "Iris",
    "Jonque",
    "Kestrel",
    "Lagune",
    "Mistral",
    "Nacre",
    "Orme",
    "Pivoine",
    "Quartz",
    "Rivage",
    "Saule",
    "Tilleul",
    "Ulysse",
    "Vallon",
    "Xylo",
    "Zéphyr",
)
TRADES = (
    "Conseil",
    "Transports",
    "Énergie",
    "Bois",
    "Textile",
    "Logiciels",
    "Imprimerie",
    "Métaux",
    "Services",
    "Fruits",
)
FORMS = ("SARL", "SAS", "SA", "GmbH", "BV")
FIRST = (
    "Anna",
    "Bruno",
    "Chloé",
    "David",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Inès",
    "Jonas",
    "Karin",
    "Louis",
    "Marta",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Samir",
    "Tessa",
    "Yann",
)
LAST = (
    "Moreau",
    "Keller",
    "Rossi",
    "Novak",
    "Silva",
    "Dubois",
    "Jansen",
    "Weber",
    "Leroy",
    "Costa",
    "Haas",
    "Petit",
    "Bauer",
    "Marin",
    "Lopez",
    "Roux",
    "Vidal",
    "Lang",
    "Simon",
    "Faure",
)
LANDS = ("FR", "DE", "BE", "NL")
FOREIGN = ("LT", "CY", "MT", "GB")


@dataclass
class Party:
    name: str
    iban: str
    median: float = 100.0
    operators: tuple[str, ...] = ("",)
    payees: list[tuple["Party", float, float]] = field(default_factory=list)


class Stream:
    """Rows as they are drawn; ``rows()`` gives them in order of time."""

    def __init__(self, seed: int, *, firms: int, persons: int, days: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.days = days
        self.drawn: list[dict[str, Any]] = []
        self.invoice = 10_000
        self.episode = 0
        self.firms = [self.firm() for _ in range(firms)]
        self.persons = [self.person() for _ in range(persons)]
        self.shops = [self.firm() for _ in range(max(4, persons // 8))]

    # Parties

    def iban(self, land: str = "") -> str:
        chosen = land or str(self.draw.choice(LANDS))
        return f"{chosen}{self.draw.integers(10, 99)}" + "".join(map(str, self.draw.integers(0, 10, 18)))

    def firm(self, land: str = "") -> Party:
        draw = self.draw
        name = f"{draw.choice(WORDS)} {draw.choice(TRADES)} {draw.integers(1, 400)} {draw.choice(FORMS)}"
        staff = tuple(f"op-{draw.integers(10**6)}" for _ in range(draw.integers(2, 4)))
        return Party(name, self.iban(land), float(np.exp(draw.normal(7, 0.7))), staff)

    def person(self, land: str = "") -> Party:
        draw = self.draw
        name = f"{draw.choice(FIRST)} {draw.choice(LAST)} {chr(65 + draw.integers(26))}{chr(97 + draw.integers(26))}"
        return Party(name, self.iban(land), float(np.exp(draw.normal(4, 0.5))))

    # Rows

    def at(self, day: float, *, hour: float | None = None, office: bool = True) -> datetime:
        """A moment of that day: office hours of a working day, or any waking hour."""
        whole = int(day)
        if office and hour is None:
            while (START + timedelta(days=whole)).weekday() >= 5:
                whole += 1
        clock = (
            hour if hour is not None else float(self.draw.uniform(8, 18) if office else self.draw.normal(15, 3.5) % 24)
        )
        return START + timedelta(days=whole, seconds=round(clock * 3600) + int(self.draw.integers(60)))

    def pay(self, debtor: Party, creditor: Party, amount: float, at: datetime, **given: Any) -> dict[str, Any]:
        self.invoice += 1
        row = {
            "created_at": at, "debtor_iban": debtor.iban, "creditor_name": creditor.name, "creditor_iban":
            creditor.iban, "amount": max(round(float(amount), 2), 0.5), "currency": "EUR", "channel": "file" if
            debtor.operators[0] else "app", "operator": str(self.draw.choice(debtor.operators)), "end_to_end_id":
            f"E2E-{self.invoice}", "remittance": f"Invoice {self.invoice}", "kind": "sepa", "typology": "",
            "difficulty": 0, "episode": 0, **given,
        }  # fmt: skip
        self.drawn.append(row)
        return row

    def spread(self, median: float, width: float = 0.35) -> float:
        return float(median * np.exp(self.draw.normal(0, width)))

    # Honest life

    def live(self) -> None:
        for firm in self.firms:
            self._firm_life(firm)
        for person in self.persons:
            self._person_life(person)
        for one, other, third in zip(self.firms[0::9], self.firms[1::9], self.firms[2::9], strict=False):
            self._group(one, other, third)

    def _firm_life(self, firm: Party) -> None:
        draw = self.draw
        for _ in range(draw.integers(6, 22)):
            gap, median = float(draw.choice([3.5, 7, 7, 14, 30.4])), self.spread(firm.median, 0.8)
            payee = self.firm()
            firm.payees.append((payee, gap, median))
            fixed, day = draw.random() < 0.25, float(draw.uniform(0, gap))
            while day < self.days:
                width = 0.0 if fixed else 0.3
                self.pay(firm, payee, self.spread(median, width), self.at(day))
                day += max(gap * (1 + draw.normal(0, 0.12)), 0.3)
        staff = [(payee, self.spread(2200, 0.2)) for payee in draw.choice(self.persons, draw.integers(3, 14)).tolist()]
        for month in range(int(self.days / 30.4) + 1):
            at = self.at(month * 30.4 + 26, hour=float(draw.uniform(9, 11)))
            for payee, wage in staff:
                self.pay(
                    firm, payee, wage, at, remittance="Salary", end_to_end_id=f"SAL-{month}-{draw.integers(10**6)}"
                )

    def _person_life(self, person: Party) -> None:
        draw = self.draw
        landlord, rent = self.person(), float(draw.choice([620, 780, 890, 950, 980, 1150]))
        friends = [self.person() for _ in range(draw.integers(1, 5))]
        shops = draw.choice(self.shops, draw.integers(2, 6), replace=False).tolist()
        person.payees = [(one, 7.0, person.median) for one in shops]
        for month in range(int(self.days / 30.4) + 1):
            self.pay(
                person, landlord, rent, self.at(month * 30.4 + 2, hour=7.0), remittance="Rent", end_to_end_id="RENT"
            )
        day = float(draw.uniform(0, 3))
        while day < self.days:
            chosen = draw.random()
            if chosen < 0.06:
                self.pay(person, self.firm(), self.spread(person.median, 0.8), self.at(day, office=False))
            elif chosen < 0.25:
                friend = friends[draw.integers(len(friends))]
                self.pay(
                    person, friend, round(self.spread(60, 0.6), -1) + 10, self.at(day, office=False), remittance="merci"
                )
            else:
                self.pay(
                    person,
                    shops[draw.integers(len(shops))],
                    self.spread(person.median, 0.5),
                    self.at(day, office=False),
                )
            day += float(draw.exponential(2.5))

    def _group(self, *firms: Party) -> None:
        """A group that pools its cash: every week round the ring."""
        day = float(self.draw.uniform(0, 7))
        while day < self.days:
            amount = self.spread(20_000, 0.3)
            for number, firm in enumerate(firms):
                self.pay(
                    firm,
                    firms[(number + 1) % 3],
                    amount * (1 - 0.02 * number),
                    self.at(day + number),
                    remittance="Pool",
                )
            day += 7

    def rows(self) -> list[dict[str, Any]]:
        ordered = sorted(
            (row for row in self.drawn if row["created_at"] < START + timedelta(days=self.days)),
            key=lambda row: row["created_at"],
        )
        for number, row in enumerate(ordered):
            row["id"] = number + 1
            row["requested_execution_date"] = row["created_at"].date().isoformat()
        return ordered
