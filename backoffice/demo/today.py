"""Today: files that came in this morning and went through the checks, decisions already taken, files still to bring in.

Everything here goes through the doors: intake, checks, validation, approval, return.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.utils import timezone
from schwifty import IBAN

from backoffice.common import calendars
from backoffice.demo import (
    agenda,
    anomalies,
    answers,
    awaited,
    backtests,
    debits,
    files,
    instants,
    invoices,
    recalls,
    received,
    rules,
    standing,
    statements,
    verifications,
    watched,
)
from backoffice.demo.agenda import Asked, Run
from backoffice.demo.files import Transfer
from backoffice.demo.house import BANK, House
from backoffice.demo.payees import Habit
from backoffice.people.models import Entity, User
from controls import approvals
from transactions import intake, messages, workflow
from transactions.models import Account, PaymentBatch, PaymentState

INBOX = "demo-inbox"
KNOWN_WELL = 6  # past payments after which an amount can be unlike the usual


@dataclass
class Desk:
    """What the files of the day are made from."""

    house: House
    habits: list[Habit]
    runs: list[Run]
    chance: random.Random
    now: datetime

    @property
    def day(self) -> date:
        return self.now.astimezone(agenda.PARIS).date()

    @property
    def execution(self) -> date:
        return calendars.add_open_days(self.day, 1)

    def of(self, account: Account) -> list[Habit]:
        return [habit for habit in self.habits if habit.account.pk == account.pk]

    def past(self, account: Account) -> list[Asked]:
        return [payment for run in self.runs if run.account.pk == account.pk for payment in run.going]

    def known_well(self, account: Account) -> list[Habit]:
        """Suppliers paid often enough, and lately, on the same bank details for a while."""
        counts: dict[int, int] = {}
        for payment in self.past(account):
            counts[id(payment.habit)] = counts.get(id(payment.habit), 0) + 1
        settled = [habit for habit in self.of(account) if len(habit.details) == 1 and habit.purpose == "SUPP"]
        return [habit for habit in settled if counts.get(id(habit), 0) >= KNOWN_WELL]


def _transfer(desk: Desk, habit: Habit, number: int) -> Transfer:
    """The payment that one would expect today."""
    spread = 0.01 if habit.purpose == "SALA" else 0.1
    amount = (habit.usual * Decimal(str(round(desk.chance.gauss(1, spread), 4)))).quantize(Decimal("0.01"))
    month = f"{agenda.MONTHS[desk.day.month - 1]} {desk.day.year}"
    words = habit.words.format(n=desk.chance.randrange(10_000, 99_999), month=month)
    address: dict[str, object] = {
        "post_code": habit.post_code, "town": files.plain(habit.town), "country": habit.payee.country,
    }  # fmt: skip
    details = habit.number_at(desk.now)
    reference = f"{habit.account.code}-{desk.day:%y%m%d}-{number:03d}"
    # Most programs write plain letters; some let an accent through, which a check mentions.
    name = habit.payee.name if number % 9 == 0 else files.plain(habit.payee.name)
    return Transfer(
        reference, amount, name, details.account_number, files.plain(words), address, details.bic, habit.purpose
    )


def _expected(desk: Desk, account: Account) -> list[Transfer]:
    return [_transfer(desk, habit, number) for number, habit in enumerate(desk.of(account), 1)]


def _odd(desk: Desk, account: Account) -> list[Transfer]:
    """One of each thing that the checks look for."""
    well = desk.known_well(account)
    made = [_transfer(desk, habit, 900 + number) for number, habit in enumerate(well[:7])]
    made += [replace(made[0], reference=f"{made[0].reference}-{n}") for n in range(7 - len(made))]
    changed, large, unlike, address, twice, split, again = made
    stranger = IBAN.random(country_code="FR", random=desk.chance)
    old = max(desk.past(account), key=lambda payment: payment.id)
    first = Transfer(
        f"{account.code}-NEW", Decimal("4870.00"), "Rosmadec Toitures SARL",
        str(IBAN.random(country_code="FR", random=desk.chance)), "Acompte chantier hangar",
        {"post_code": "29900", "town": "Concarneau", "country": "FR"}, purpose="SUPP",
    )  # fmt: skip
    parts = [
        replace(split, reference=f"{split.reference}-{n}", amount=Decimal(amount), words=f"Machine, terme {n}")
        for n, amount in enumerate(("49350.00", "48900.00", "49780.00"), 1)
    ]
    repeated = replace(
        again, reference=old.reference, amount=old.amount, name=old.habit.payee.name, words=old.words,
        number=old.details.account_number, bic=old.details.bic,
    )  # fmt: skip
    return [
        replace(changed, number=str(stranger), bic=str(stranger.bic or "")),
        replace(large, amount=(large.amount * 5).quantize(Decimal("0.01"))),
        replace(unlike, name="Global Trade Partners Ltd"),
        replace(address, address={"lines": ["ZI de Kerdroniou", "29000 Quimper"], "country": "FR"}),
        twice, replace(twice), *parts, first, repeated,
    ]  # fmt: skip


def _closed(day: date) -> date:
    """The next day on which TARGET is closed."""
    while calendars.is_open(day):
        day += timedelta(days=1)
    return day


def _xml(desk: Desk, account: Account, transfers: list[Transfer], *, execution: date | None = None) -> bytes:
    return files.pain001(
        transfers, message_id=f"{account.code}-{desk.day:%Y%m%d}-J", debtor=account.name, debtor_number=account.iban,
        debtor_bic=account.bic, execution_date=execution or desk.execution, created_at=desk.now,
    )  # fmt: skip


def _csv(desk: Desk, account: Account, transfers: list[Transfer]) -> bytes:
    return files.csv_file(transfers, debtor_number=account.iban, execution_date=desk.execution)


def _came(desk: Desk) -> Iterator[tuple[str, bytes, str, User | None]]:
    """File name, content, source and who brought it in, of the files of this morning."""
    house, stamp = desk.house, f"{desk.day:%Y%m%d}"
    emily = house.person("emily.carter")
    industry, clinic, workshop = house.customers[0], house.customers[4], house.customers[7]
    transfers = [*_expected(desk, industry), *_odd(desk, industry)]
    yield f"VIR-{industry.code}-{stamp}.xml", _xml(desk, industry, transfers), "customers", None
    # More than the account has, whatever came in lately.
    usual = _expected(desk, clinic)
    supplier = next(number for number, one in enumerate(usual) if one.purpose == "SUPP")
    usual[supplier] = replace(usual[supplier], amount=Decimal("1850000.00"), words="Scanner IRM, solde a la livraison")
    yield f"VIR-{clinic.code}-{stamp}.xml", _xml(desk, clinic, usual), "customers", None
    expected = _expected(desk, workshop)
    dear = [replace(one, amount=one.amount + Decimal("17400.00")) for one in expected[:3]] + expected[3:]
    closed = _xml(desk, workshop, dear, execution=_closed(desk.day))
    yield f"VIR-{workshop.code}-{stamp}.xml", closed, "customers", None
    treasury = house.treasury[0]
    invoices = _expected(desk, treasury)
    invoices[3] = replace(invoices[3], number=invoices[3].number[:-2] + "00", bic="")
    parts = [replace(invoices[5], reference=f"TERME-{n}", amount=Decimal(f"19{n}50.00")) for n in (7, 8, 9)]
    exported = _csv(desk, treasury, [*invoices, *parts])
    spoiled = exported.replace(f"{invoices[8].amount:.2f}".replace(".", ",").encode(), b"n.c.", 1)
    yield f"export-reglements-{stamp}.csv", spoiled, "erp", emily


def _to_bring(desk: Desk) -> Iterator[tuple[str, bytes]]:
    """Files for the visitor to bring in: one good, one that was cut on the way."""
    cannery = desk.house.customers[2]
    transfers = _expected(desk, cannery)
    stranger = IBAN.random(country_code="FR", random=desk.chance)
    transfers[1] = replace(transfers[1], number=str(stranger), bic=str(stranger.bic or ""))
    whole = _xml(desk, cannery, transfers)
    yield f"a-importer-{cannery.code}.xml", whole
    yield "tronque.xml", whole[: len(whole) * 2 // 3]
    salaries = _csv(desk, desk.house.treasury[1], _expected(desk, desk.house.treasury[1]))
    yield "a-importer-salaires.csv", salaries


@contextmanager
def _at_once() -> Iterator[None]:
    """Run tasks in this process, without their log: no worker need be there while the demo is made."""
    kept, logs = current_app.conf.task_always_eager, [logging.getLogger(name) for name in ("celery", "transactions")]
    levels = [log.level for log in logs]
    current_app.conf.task_always_eager = True
    for log in logs:
        log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        current_app.conf.task_always_eager = kept
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)


def arrive(desk: Desk) -> None:
    """Make the files, take this morning's in, and take the first decisions."""
    inbox = Path(settings.STATE_DIR) / INBOX
    inbox.mkdir(parents=True, exist_ok=True)
    with _at_once():
        rules.in_the_shadow(desk.house.bank, desk.house.person)
        watched.load(desk.house.person("marc.lefevre"), desk.house.bank)
        for name, content, source, person in _came(desk):
            known = desk.house.sources[source]
            intake.receive(
                content=content, file_name=name, entity=known.entity, actor=person, source=known,
                channel=PaymentBatch.Channel.FILE,
            )  # fmt: skip
        _collect(desk)
        came = _come_in(desk)
        treasury = desk.house.treasury[0]
        invoices.owed(treasury, desk.of(treasury), desk.house.person("emily.carter"), desk.day)
        instants.sent(desk.house.customers[5], desk.house.person, desk.now, desk.day)
        standing.agree(desk.house.customers[:6], desk.house.person, desk.chance, desk.day)
        for name, content in _to_bring(desk):
            (inbox / name).write_bytes(content)
        verifications.asked(desk.house.customers[6], desk.house.person("thomas.weber"), desk.execution)
        _decide(desk.house)
        received.decide(desk.house, *came, desk.day)
        bank = desk.house.bank
        watched.decide(bank.pk, desk.house.person("sarah.collins"), desk.house.person("marc.lefevre"))
        recalls.ask(bank.pk, desk.house.person("anne.le-goff"), desk.house.person("marc.lefevre"))
        for name, content in (*answers.of_the_bank(bank.pk, desk.now), *recalls.of_another_bank(desk.now)):
            messages.receive(content=content, file_name=name, entity=bank, actor=None)
        trusted = [habit.number_at(desk.now).account_number for habit in desk.habits if habit.purpose == "SALA"][:3]
        rules.written(desk.house.bank, desk.house.person, trusted)
        backtests.tested(desk.house.person, desk.day)
        anomalies.worked_on(bank, desk.house.person)
        awaited.expects(bank, desk.house.person, desk.day)
        statements.told(
            desk.house.books[BANK, "NOSTRO-EUR"], desk.house.person("anne.le-goff"),
            desk.house.person("sarah.collins"), desk.day,
        )  # fmt: skip
        # What the demo decided before took effect at once; people of the demo may undo.
        Entity.objects.filter(pk__in=[desk.house.bank.pk, desk.house.company.pk]).update(undo_seconds=10)


def _collect(desk: Desk) -> None:
    """A customer's direct debits of this month."""
    account, sender = desk.house.customers[3], desk.house.sources["customers"]
    known = debits.mandates_of(account, desk.house.person("marc.lefevre"), desk.chance, desk.day)
    content = debits.file(account, known, desk.now, calendars.add_open_days(desk.day, 5))
    intake.receive(
        content=content, file_name=f"PRLV-{account.code}-{desk.day:%Y%m%d}.xml", entity=sender.entity, actor=None,
        source=sender, channel=PaymentBatch.Channel.FILE,
    )  # fmt: skip


def _come_in(desk: Desk) -> tuple[PaymentBatch, PaymentBatch]:
    """The clearing's file for the bank's customers, and the report of the company's card acquirer."""
    stamp, sources = f"{desk.day:%Y%m%d}", desk.house.sources
    clearing = received.file(desk.house.customers[5:9], desk.chance, desk.now, desk.day)
    files_of = (
        ("clearing", f"CLR-{stamp}.xml", clearing),
        ("psp", f"acquereur-{stamp}.csv", received.report(desk.now, desk.day)),
    )
    made = [
        intake.receive(
            content=content, file_name=name, entity=sources[code].entity, actor=None, source=sources[code],
            channel=PaymentBatch.Channel.FILE,
        )
        for code, name, content in files_of
    ]  # fmt: skip
    return made[0], made[1]


def _clean(entity_id: int, count: int) -> list[int]:
    found = PaymentState.objects.filter(entity_id=entity_id, status="checked", outcome="pass", hold_count=0)
    return list(found.order_by("payment_id").values_list("payment_id", flat=True)[:count])


def _ask(house: House) -> None:
    """One waits for a proof, one was handed over, one comes back this afternoon with a question."""
    anne, yann = house.person("anne.le-goff"), house.person("yann.kervella")
    asked, handed, later = ([key] for key in _clean(house.bank.pk, 3))
    due = timezone.now() + timedelta(hours=4)
    workflow.ask(
        ids=asked, actor=anne, kind="bank_details", addressee="payee", addressee_name="Service comptable",
        question="Un relevé d’identité bancaire récent, s’il vous plaît.", due_at=due,
    )  # fmt: skip
    workflow.hand_over(ids=handed, actor=yann, person=anne.pk, reason="Tu connais ce fournisseur.")
    workflow.hold(
        ids=later, actor=anne, code="callback", reason="Le trésorier rappelle.", until=due,
        question="A-t-il confirmé le montant ?",
    )  # fmt: skip


def _decide(house: House) -> None:
    """The first hour of the day: some are validated, some of those approved, one is held, one comes back."""
    for entity, operator, approver in (
        (house.bank, "yann.kervella", "marc.lefevre"),
        (house.company, "paul.guillou", "ines.morvan"),
    ):
        ids = _clean(entity.pk, 16)
        approvals.validate(ids=ids, actor=house.person(operator))
        workflow.approve(ids=ids[:7], actor=house.person(approver))
    held = _clean(house.bank.pk, 1)
    workflow.hold(ids=held, actor=house.person("anne.le-goff"), code="document", reason="Facture demandée au client.")
    _ask(house)
    settled = PaymentState.objects.filter(entity=house.bank, status="settled").order_by("-payment_id")
    back = list(settled.values_list("payment_id", flat=True)[:1])
    for supervisor in ("marc.lefevre", "sarah.collins"):
        actor = house.person(supervisor)
        workflow.return_(ids=back, actor=actor, reason_code="AC04", reason="Compte clos.")
