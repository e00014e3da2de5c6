"""The two entities of the demo: people and their rights, customers, accounts, approval bands, sources."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from schwifty import IBAN

from backoffice.common import sql
from backoffice.demo import DOMAIN, PASSWORD
from backoffice.people import roles
from backoffice.people.models import Entity, Grant, Limit, Team, User
from controls.models import ApprovalPolicy
from documents import trail
from transactions.models import Account, AccountBalance, Calendar, CutOff, Holiday, IntakeSource, Party

BANK, COMPANY = "ODET", "BREIZH"
# Bank codes that no bank has: the accounts of the demo lead nowhere.
BANK_CODE, OTHER_BANK_CODE = "99829", "99736"
BANK_BIC, OTHER_BIC = "ODETFR2QXXX", "CORNFR2BXXX"

OPERATOR_LIMITS = {"validate": "100000", "approve": "10000"}
SUPERVISOR_LIMITS = {"validate": "1000000", "approve": "1000000"}
# Address before the @, name, language, [(role, entity or None)], limits of one payment: to validate, to approve.
PEOPLE: list[tuple[str, str, str, list[tuple[str, str | None]], dict[str, str]]] = [
    ("anne.le-goff", "Anne Le Goff", "fr", [(roles.OPERATOR, BANK)], OPERATOR_LIMITS),
    ("yann.kervella", "Yann Kervella", "fr", [(roles.OPERATOR, BANK)], OPERATOR_LIMITS),
    (
        "sarah.collins",
        "Sarah Collins",
        "en",
        [(roles.SUPERVISOR, BANK), (roles.SUPERVISOR, COMPANY)],
        SUPERVISOR_LIMITS,
    ),
    ("marc.lefevre", "Marc Lefèvre", "fr", [(roles.SUPERVISOR, BANK)], SUPERVISOR_LIMITS),
    ("emily.carter", "Emily Carter", "en", [(roles.OPERATOR, COMPANY)], OPERATOR_LIMITS),
    ("paul.guillou", "Paul Guillou", "fr", [(roles.OPERATOR, COMPANY)], OPERATOR_LIMITS),
    ("ines.morvan", "Inès Morvan", "fr", [(roles.SUPERVISOR, COMPANY)], SUPERVISOR_LIMITS),
    ("nadia.benali", "Nadia Benali", "fr", [(roles.LOGISTICS, COMPANY)], {}),
    ("claire.hughes", "Claire Hughes", "en", [(roles.AUDITOR, None)], {}),
    ("thomas.weber", "Thomas Weber", "en", [(roles.ADMINISTRATOR, None)], {}),
    ("helene.caradec", "Hélène Caradec", "fr", [(roles.REPORTER, None)], {}),
]

# Code, name, town, post code, opening balance, lowest balance.
CUSTOMERS = [
    ("10021", "Fournitures Industrielles Ouest", "Quimper", "29000", "640000", "0"),
    ("10034", "Chantiers Navals Kerleven", "La Forêt-Fouesnant", "29940", "1250000", "-50000"),
    ("10047", "Conserverie Le Dréau", "Douarnenez", "29100", "880000", "0"),
    ("10058", "Transports Guéguen et Fils", "Briec", "29510", "310000", "-20000"),
    ("10063", "Clinique de l'Odet", "Quimper", "29000", "1900000", "0"),
    ("10079", "Imprimerie de Cornouaille", "Rosporden", "29140", "145000", "0"),
    ("10082", "Coopérative Maraîchère du Cap", "Audierne", "29770", "420000", "0"),
    ("10096", "Atelier Penhars Menuiserie", "Quimper", "29000", "38000", "0"),
]
TREASURY = [
    ("BANK-ODET", "Compte principal, Banque de l'Odet", BANK_CODE, BANK_BIC, "1450000", "-100000"),
    ("BANK-CORN", "Compte salaires, Crédit de Cornouaille", OTHER_BANK_CODE, OTHER_BIC, "520000", "0"),
]
# Until when each kind of payment is approved: scheme, channel, hour, working days before the execution date.
CUT_OFFS = [
    ("sepa", "", time(16, 0), 0),
    ("sepa", "file", time(17, 0), 1),
    ("transfer", "", time(11, 0), 1),
    ("core", "", time(12, 0), 1),
    ("b2b", "", time(11, 0), 1),
]


@dataclass
class House:
    """What the later steps of the demo build on. ``openings`` is what each account holds before the first day."""

    bank: Entity
    company: Entity
    people: dict[str, User] = field(default_factory=dict)
    customers: list[Account] = field(default_factory=list)
    treasury: list[Account] = field(default_factory=list)
    books: dict[tuple[str, str], Account] = field(default_factory=dict)
    sources: dict[str, IntakeSource] = field(default_factory=dict)
    openings: dict[int, Decimal] = field(default_factory=dict)

    def person(self, address: str) -> User:
        return self.people[address]


def iban(bank_code: str, number: str) -> str:
    """A French IBAN with right check digits, of a bank that does not exist."""
    return str(IBAN.generate("FR", bank_code=bank_code, branch_code="00101", account_code=number.rjust(11, "0")))


def build(first_day: datetime) -> House:
    """Entities, people, accounts and settings as they were on the first day. What is decided while the demo is made
    takes effect at once; then the undo window opens (today.py)."""
    bank = Entity.objects.create(
        code=BANK, name="Banque de l'Odet", profile=Entity.Profile.BANK, bic=BANK_BIC, registration_number="829001015",
        undo_seconds=0,
    )  # fmt: skip
    company = Entity.objects.create(
        code=COMPANY, name="Biscuiterie Kreiz Breizh", profile=Entity.Profile.COMPANY, registration_number="512884306",
        undo_seconds=0,
    )  # fmt: skip
    house = House(bank, company)
    _people(house)
    _bank_accounts(house)
    _company_accounts(house)
    _settings(house)
    _cut_offs(house, first_day.date())
    Account.objects.filter(entity__in=[bank, company]).update(opened_on=first_day.date())
    return house


def _people(house: House) -> None:
    places = {BANK: house.bank, COMPANY: house.company, None: None}
    password = make_password(PASSWORD)
    for address, name, language, grants, limits in PEOPLE:
        user = User(email=f"{address}@{DOMAIN}", full_name=name, language=language, password=password)
        user.save()
        house.people[address] = user
        for role, place in grants:
            Grant.objects.create(user=user, role=role, entity=places[place])
        for act, amount in limits.items():
            Limit.objects.create(user=user, act=act, currency="EUR", amount=Decimal(amount))
    teams = {"Flux sortants": ("anne.le-goff", "yann.kervella"), "Contrôle": ("sarah.collins", "marc.lefevre")}
    for name, members in teams.items():
        Team.objects.create(entity=house.bank, name=name).members.set([house.people[member] for member in members])
    treasury = Team.objects.create(entity=house.company, name="Trésorerie")
    treasury.members.set([house.people[name] for name in ("emily.carter", "paul.guillou", "ines.morvan")])


def _account(
    house: House,
    entity: Entity,
    code: str,
    name: str,
    *,
    kind: str,
    side: str,
    floor: str | None = None,
    currency: str = "EUR",
    **fields: object,
) -> Account:
    made = Account.objects.create(
        entity=entity, code=code, name=name, kind=kind, normal_side=side, currency=currency, **fields
    )
    AccountBalance.objects.create(account=made, floor=None if floor is None else Decimal(floor))
    house.books[entity.code, code] = made
    return made


def _bank_accounts(house: House) -> None:
    kind, side, entity = Account.Kind, Account.Side, house.bank
    nostro = _account(
        house, entity, "NOSTRO-EUR", "Compte de règlement", kind=kind.BANK, side=side.DEBIT, iban=iban(BANK_CODE, "1")
    )
    nostro.bic = BANK_BIC
    nostro.save()
    transit = _account(house, entity, "TRANSIT-EUR", "Virements en cours", kind=kind.TRANSIT, side=side.CREDIT)
    _account(
        house, entity, "SUSPENSE-EUR", "Suspens", kind=kind.SUSPENSE, side=side.CREDIT, counterpart=nostro
    )  # fmt: skip
    for number, name, town, post_code, opening, floor in CUSTOMERS:
        party = Party.objects.create(entity=entity, name=name, town=town, post_code=post_code, country="FR")
        account = _account(
            house, entity, number, name, kind=kind.CUSTOMER, side=side.CREDIT, floor=floor, owner=party,
            iban=iban(BANK_CODE, f"4{number}"), bic=BANK_BIC, counterpart=nostro, transit=transit,
        )  # fmt: skip
        house.customers.append(account)
        house.openings[account.pk] = Decimal(opening)


def _company_accounts(house: House) -> None:
    kind, side, entity = Account.Kind, Account.Side, house.company
    owner = Party.objects.create(
        entity=entity, name=entity.name, street="4 rue du Four", town="Carhaix", post_code="29270", country="FR"
    )
    _account(house, entity, "CAPITAL", "Capitaux propres", kind=kind.EQUITY, side=side.CREDIT)
    _account(house, entity, "SALES", "Ventes", kind=kind.INCOME, side=side.CREDIT)
    _account(house, entity, "PURCHASES", "Achats et charges", kind=kind.EXPENSE, side=side.DEBIT)
    payables = _account(house, entity, "PAYABLES", "Fournisseurs et personnel", kind=kind.PAYABLE, side=side.CREDIT)
    transit = _account(house, entity, "TRANSIT-EUR", "Virements en cours", kind=kind.TRANSIT, side=side.DEBIT)
    for number, (code, name, bank_code, bic, opening, floor) in enumerate(TREASURY, 1):
        account = _account(
            house, entity, code, name, kind=kind.BANK, side=side.DEBIT, floor=floor, owner=owner, bic=bic,
            iban=iban(bank_code, f"77{number:03d}1"), counterpart=payables, transit=transit,
        )  # fmt: skip
        house.treasury.append(account)
        house.openings[account.pk] = Decimal(opening)
    _account(house, entity, "RECEIVABLES", "Clients", kind=kind.RECEIVABLE, side=side.DEBIT)
    fees = _account(house, entity, "FEES", "Frais de carte", kind=kind.EXPENSE, side=side.DEBIT)
    _account(
        house, entity, "PSP", "Acquéreur cartes", kind=kind.RECEIVABLE, side=side.DEBIT, fees=fees,
        counterpart=house.treasury[0],
    )  # fmt: skip


def _settings(house: House) -> None:
    for entity, six_eyes in ((house.bank, "50000"), (house.company, "20000")):
        ApprovalPolicy.objects.create(entity=entity, from_amount=Decimal(0), approvals=1)
        ApprovalPolicy.objects.create(entity=entity, from_amount=Decimal(six_eyes), approvals=2)
    sender, importer = IntakeSource.Maker.SENDER, IntakeSource.Maker.IMPORTER
    for entity, code, name, maker in (
        (house.bank, "customers", "Télétransmission clients", sender),
        (house.company, "erp", "Export comptable (CSV)", importer),
        (house.company, "payroll", "Logiciel de paie", importer),
        (house.bank, "clearing", "Compensation interbancaire", sender),
        (house.company, "psp", "Relevés de l’acquéreur", sender),
    ):
        house.sources[code] = IntakeSource.objects.create(
            entity=entity, code=code, name=name, maker=maker,
            mapping={"defaults": {"acquirer": "PSP"}} if code == "psp" else {},
        )  # fmt: skip


def _cut_offs(house: House, first_day: date) -> None:
    """By scheme and channel; of the second treasury account an hour earlier; its own working days for US dollars."""
    for entity in (house.bank, house.company):
        for scheme, channel, hour, before in CUT_OFFS:
            CutOff.objects.create(
                entity=entity, scheme=scheme, channel=channel, local_time=hour, days_before=before,
                time_zone=entity.time_zone, valid_from=first_day,
            )  # fmt: skip
        CutOff.objects.create(
            entity=entity, scheme="internal", mode=CutOff.Mode.ALWAYS, time_zone=entity.time_zone, valid_from=first_day
        )
    CutOff.objects.create(
        entity=house.company, account=house.treasury[1], local_time=time(15, 0), days_before=1,
        time_zone=house.company.time_zone, valid_from=first_day,
    )  # fmt: skip
    dollars = Calendar.objects.create(entity=house.bank, code="USD", name="New York et TARGET", target=True)
    for year in (first_day.year + 1, first_day.year + 2):
        for day, name in _american(year):
            Holiday.objects.create(calendar=dollars, day=day, name=name)
    CutOff.objects.create(
        entity=house.bank, scheme="transfer", currency="USD", local_time=time(10, 30), days_before=1,
        time_zone="America/New_York", calendar=dollars, valid_from=first_day,
    )  # fmt: skip


def _american(year: int) -> list[tuple[date, str]]:
    """Federal holidays of the United States of a year on which its banks close."""

    def nth(month: int, weekday: int, count: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))

    last_monday = date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    days = [
        (date(year, 1, 1), "New Year's Day"), (nth(1, 0, 3), "Martin Luther King Day"),
        (nth(2, 0, 3), "Washington's Birthday"), (last_monday, "Memorial Day"), (date(year, 6, 19), "Juneteenth"),
        (date(year, 7, 4), "Independence Day"), (nth(9, 0, 1), "Labor Day"), (nth(10, 0, 2), "Columbus Day"),
        (date(year, 11, 11), "Veterans Day"), (nth(11, 3, 4), "Thanksgiving Day"),
        (date(year, 12, 25), "Christmas Day"),
    ]  # fmt: skip
    # One on a Sunday is kept on the Monday, one on a Saturday is not kept by banks.
    kept = [(day + timedelta(days=day.weekday() == 6), name) for day, name in days]
    return [(day, name) for day, name in kept if day.weekday() < 5]


def acts(house: House, moment: datetime) -> list[tuple[Any, ...]]:
    """That people and accounts were made, for the audit trail."""
    people = [
        (moment, None, "user", user.pk, "user.created", None, "", trail.encode({"email": user.email, **_named(user)}))
        for user in house.people.values()
    ]
    accounts = [
        (
            moment,
            account.entity_id,
            "account",
            account.pk,
            "account.opened",
            None,
            "",
            trail.encode({"code": account.code}),
        )
        for account in house.books.values()
    ]
    return [*people, *accounts]


def _named(user: User) -> dict[str, Any]:
    return {"full_name": user.full_name, "machine": user.is_machine}


def date_back(first_day: datetime) -> None:
    """Let the first versions of what was set up bear the first day, not today."""
    for table in (
        "people_historicalentity",
        "people_historicaluser",
        "people_historicalgrant",
        "people_historicallimit",
    ):
        sql.run(f"update {table} set history_date = %s", [first_day])  # noqa: S608 - names of this list
    for table in ("account", "party", "intakesource", "cutoff", "calendar", "holiday"):
        sql.run(f"update transactions_historical{table} set history_date = %s", [first_day])  # noqa: S608
    sql.run("update controls_historicalapprovalpolicy set history_date = %s", [first_day])
