"""Accounts: own and customers'. The balance lives in a narrow row of its own, because it is hot."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity
from transactions.models.parties import Party


class Account(models.Model):
    """An account of the ledger.

    ``normal_side`` is the side that raises its balance: ``C`` for what we owe (customers, transit, payables, income),
    ``D`` for what we own (bank, cash, expenses). ``counterpart`` is the account that takes the other side when a
    payment from this account settles: the nostro for a customer's account, payables for a company's bank account.
    ``transit`` holds the funds between posting and settlement. A receivable with a ``counterpart`` is the claim on an
    acquirer or marketplace, which pays out to that account; ``fees`` is the expense account of what it keeps.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer account")
        BANK = "bank", _("Own account at a bank")
        TRANSIT = "transit", _("In transit")
        PAYABLE = "payable", _("Payables")
        RECEIVABLE = "receivable", _("Receivables")
        SUSPENSE = "suspense", _("Suspense")
        EXPENSE = "expense", _("Expense")
        INCOME = "income", _("Income")
        EQUITY = "equity", _("Equity")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        BLOCKED = "blocked", _("Blocked")
        CLOSED = "closed", _("Closed")

    class Format(models.TextChoices):
        PAIN001 = "pain001", _("To the bank (pain.001)")
        PACS008 = "pacs008", _("To the clearing (pacs.008)")

    class Settlement(models.TextChoices):
        CLRG = "CLRG", _("Through a clearing system")
        INDA = "INDA", _("On an account that we hold for the other bank")
        INGA = "INGA", _("On our account at the other bank")

    class Side(models.TextChoices):
        DEBIT = "D", _("Debit")
        CREDIT = "C", _("Credit")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="accounts")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=140)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    normal_side = models.CharField(max_length=1, choices=Side.choices)
    currency = models.CharField(max_length=3)
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    other_number = models.CharField(max_length=34, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    counterpart = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    transit = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # How transfers from it leave: as orders to its bank, or between banks, with how these settle.
    message_format = models.CharField(
        max_length=7, choices=Format.choices, default=Format.PAIN001, db_default="pain001"
    )
    settlement_method = models.CharField(
        max_length=4, choices=Settlement.choices, default=Settlement.CLRG, db_default="CLRG"
    )
    clearing_system = models.CharField(max_length=35, blank=True, db_default="")
    fees = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="account_code_once_per_entity"),
            models.UniqueConstraint(
                fields=["iban", "currency"],
                condition=~Q(iban=""),
                name="account_iban_once",
                violation_error_message=_("An account with this IBAN and currency is known already."),
            ),
            models.CheckConstraint(
                condition=Q(message_format="pain001") | ~Q(bic=""),
                name="account_between_banks_has_bic",
                violation_error_message=_("Between banks an account needs the BIC of its bank."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["entity", "other_number"], name="account_by_other_number", condition=~Q(other_number="")
            )
        ]
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def number(self) -> str:
        return self.iban or self.other_number or self.code


class AccountBalance(models.Model):
    """The stored balance of an account, on its normal side, and what is held of it for approved payments.

    ``floor`` is the lowest that balance less held may reach: 0 may not go negative, -500 is an overdraft, null no
    floor. Written by the SQL functions of transactions/sql alone.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="balance_row")
    balance = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    held = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    floor = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(held__gte=0),
                name="balance_held_not_negative",
                violation_error_message=_("Reserved funds can never be below zero."),
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(balance__gte=F("held") + F("floor")),
                name="balance_above_floor",
                violation_error_message=_("This account may not go below its limit."),
            ),
        ]

    @property
    def available(self) -> object:
        return self.balance - self.held
