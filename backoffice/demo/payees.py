"""Two hundred payees with the history of their bank details, and how each is usually paid."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from schwifty import IBAN

from backoffice.common import sql
from backoffice.demo.house import House
from transactions.intake import names
from transactions.models import Account, BankDetails, Payee

SUPPLIERS, PERSONS = 150, 50
COUNTRIES = ["FR"] * 11 + ["DE", "DE", "BE", "ES", "IT", "NL", "LU"]
TOWNS = {
    "FR": [("Quimper", "29000"), ("Lorient", "56100"), ("Rennes", "35000"), ("Nantes", "44000"), ("Vannes", "56000")],
    "DE": [("Köln", "50667"), ("Bremen", "28195"), ("Stuttgart", "70173")],
    "BE": [("Gent", "9000"), ("Liège", "4000")],
    "ES": [("Bilbao", "48001"), ("Vigo", "36201")],
    "IT": [("Parma", "43121"), ("Verona", "37121")],
    "NL": [("Rotterdam", "3011"), ("Utrecht", "3511")],
    "LU": [("Luxembourg", "1616")],
}
FAMILY = {
    "FR": ["Kervella", "Guéguen", "Le Bihan", "Madec", "Tanguy", "Quéméré", "Riou", "Hascoët", "Perrot", "Cariou"],
    "DE": ["Brinkmann", "Hoffstede", "Lindner", "Vogelsang", "Osterkamp"],
    "BE": ["Van Damme", "Delvaux", "Claessens", "Lambotte"],
    "ES": ["Etxeberria", "Iglesias Vidal", "Castro Lago"],
    "IT": ["Bertolini", "Gandolfi", "Marchesi"],
    "NL": ["De Wilde", "Hoekstra", "Van Rijn"],
    "LU": ["Weyland", "Kirsch"],
}
TRADES = {
    "FR": ["Matériaux SARL", "Emballages SAS", "Frères", "Énergie", "Logistique", "Maintenance SARL", "Conseil"],
    "DE": ["Maschinenbau GmbH", "Verpackung GmbH & Co. KG", "Technik GmbH"],
    "BE": ["Logistics BV", "Étiquettes SRL", "Suiker NV"],
    "ES": ["Conservas SL", "Transportes SA", "Envases SL"],
    "IT": ["Imballaggi Srl", "Macchine SpA", "Forniture Srl"],
    "NL": ["Handel BV", "Scheepsbouw BV", "Verpakking BV"],
    "LU": ["Services SA", "Transit Sàrl"],
}
GIVEN = ["Maëlle", "Ronan", "Soizic", "Erwan", "Gwenaëlle", "Loïc", "Nolwenn", "Tangi", "Léna", "Malo", "Camille"]


@dataclass
class Habit:
    """How a payee is usually paid: from which account, every so many days, about how much, with which words."""

    payee: Payee
    account: Account
    every: int
    usual: Decimal
    words: str
    purpose: str
    town: str
    post_code: str
    details: list[BankDetails]

    def number_at(self, moment: datetime) -> BankDetails:
        """The bank details in use at a moment."""
        return next(d for d in self.details if d.valid_from <= moment and (d.valid_to is None or moment < d.valid_to))


def build(house: House, chance: random.Random, first_day: datetime, now: datetime) -> list[Habit]:
    taken: set[str] = set()
    habits = [_supplier(house, chance, number, taken, first_day) for number in range(SUPPLIERS)]
    habits += [_employee(house, chance, number, first_day) for number in range(PERSONS)]
    _late_arrivals(habits, chance, first_day, now)
    Payee.objects.bulk_create([habit.payee for habit in habits])
    for habit in habits:
        _details(house, habit, chance, first_day, now)
    BankDetails.objects.bulk_create([details for habit in habits for details in habit.details])
    sql.run(
        "insert into transactions_historicalbankdetails (id, account_number, bic, valid_from, valid_to, confirmed_at, "
        "history_date, history_change_reason, history_type, payee_id, entity_id, added_by_id, confirmed_by_id, "
        "history_user_id) select id, account_number, bic, valid_from, valid_to, confirmed_at, valid_from, null, '+', "
        "payee_id, entity_id, added_by_id, confirmed_by_id, added_by_id from transactions_bankdetails"
    )
    return habits


def _firm(taken: set[str], chance: random.Random, country: str) -> str:
    """A firm's name that no other payee has."""
    while True:
        name = f"{chance.choice(FAMILY[country])} {chance.choice(TRADES[country])}"
        if name in taken:
            name = f"{chance.choice(GIVEN)[0]}. {name}"
        if name not in taken:
            taken.add(name)
            return name


def _supplier(house: House, chance: random.Random, number: int, taken: set[str], first_day: datetime) -> Habit:
    country = chance.choice(COUNTRIES)
    of_bank = number % 5 < 3
    account = chance.choice(house.customers) if of_bank else house.treasury[0]
    name = _firm(taken, chance, country)
    payee = _payee(house, name, country, account, first_day)
    usual = Decimal(round(chance.lognormvariate(7.4, 0.9), 2)).quantize(Decimal("0.01"))
    town, post_code = chance.choice(TOWNS[country])
    every = chance.choice([7, 7, 14, 14, 14, 30, 30, 30, 91])
    words = chance.choice(["Facture {n}", "FA{n}", "Invoice {n}", "Votre facture {n}", "Cde {n} solde"])
    return Habit(payee, account, every, max(usual, Decimal("85.00")), words, "SUPP", town, post_code, [])


def _employee(house: House, chance: random.Random, number: int, first_day: datetime) -> Habit:
    of_bank = number % 5 < 2
    account = house.customers[4] if of_bank else house.treasury[1]
    name = f"{chance.choice(GIVEN)} {FAMILY['FR'][number % 10]}-{chance.choice(FAMILY['FR'])}"
    payee = _payee(house, name, "FR", account, first_day)
    usual = Decimal(chance.randrange(175_000, 420_000)) / 100
    town, post_code = chance.choice(TOWNS["FR"])
    return Habit(payee, account, 30, usual, "Salaire {month}", "SALA", town, post_code, [])


def _payee(house: House, name: str, country: str, account: Account, first_day: datetime) -> Payee:
    maker = house.person("emily.carter") if account.entity_id == house.company.pk else None
    return Payee(
        entity_id=account.entity_id, name=name, name_key=names.key(name), country=country,
        created_at=first_day, created_by=maker,
    )  # fmt: skip


def _late_arrivals(habits: list[Habit], chance: random.Random, first_day: datetime, now: datetime) -> None:
    """One payee in eight came in the course of the year."""
    for habit in habits:
        if chance.random() < 0.125:
            habit.payee.created_at = first_day + (now - first_day) * chance.uniform(0.1, 0.8)


def _details(house: House, habit: Habit, chance: random.Random, first_day: datetime, now: datetime) -> None:
    """The first bank details, and for one payee in six a change, confirmed by a second person."""
    company = habit.payee.entity_id == house.company.pk
    adder, confirmer = (
        (house.person("emily.carter"), house.person("ines.morvan"))
        if company
        else (house.person("anne.le-goff"), house.person("marc.lefevre"))
    )
    start = habit.payee.created_at
    ends = [start + (now - start) * chance.uniform(0.2, 0.85)] if chance.random() < 0.17 else []
    for begin, end in zip([start, *ends], [*ends, None], strict=True):
        number = IBAN.random(country_code=habit.payee.country, random=chance)
        habit.details.append(
            BankDetails(
                payee=habit.payee, entity_id=habit.payee.entity_id, account_number=str(number),
                bic=str(number.bic or ""), valid_from=begin, valid_to=end, added_by=adder, confirmed_by=confirmer,
                confirmed_at=begin + timedelta(hours=3),
            )
        )  # fmt: skip
