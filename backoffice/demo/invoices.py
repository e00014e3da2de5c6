"""What the demo's company owes: invoices by age, a credit note, two that are alike, and a payment of some of them."""

from datetime import date, timedelta
from decimal import Decimal

from backoffice.demo.payees import Habit
from backoffice.people.models import User
from transactions import invoices
from transactions.models import Account

# Which of the habits' suppliers, number, amount, age in days, terms in days.
_OWED = (
    (0, "F2026-1841", "4318.20", 24, 30), (0, "F2026-1879", "1260.00", 12, 30), (1, "2026/0933", "782.40", 29, 30),
    (2, "FAC-55120", "9640.00", 41, 45), (3, "11-2026-0087", "2150.00", 75, 30), (4, "V-30871", "318.55", 6, 60),
    (4, "V-30871B", "318.55", 4, 60), (5, "A26-771", "15400.00", 20, 45),
)  # fmt: skip


def owed(account: Account, habits: list[Habit], clerk: User, today: date) -> None:
    """Registered by a clerk of the company, who also makes the payments of what is due first."""
    known = [habit for habit in habits if habit.purpose == "SUPP" and len(habit.details) == 1][:6]
    made = [
        invoices.register(
            actor=clerk, entity=account.entity, supplier_name=known[which % len(known)].payee.name, number=number,
            gross=Decimal(gross), tax=(Decimal(gross) / 6).quantize(Decimal("0.01")),
            issued_on=today - timedelta(days=age), received_on=today - timedelta(days=age - 2),
            due_on=today + timedelta(days=terms - age), order_reference=f"BC-{7000 + which}",
            account_number=known[which % len(known)].details[0].account_number,
            discount=Decimal("154.00") if which == 5 else None,
            discount_until=today + timedelta(days=2) if which == 5 else None,
        )
        for which, number, gross, age, terms in _OWED
    ]  # fmt: skip
    invoices.register(
        actor=clerk, entity=account.entity, supplier_name=known[0].payee.name, number="AV2026-118", kind="credit",
        gross=Decimal("240.00"), issued_on=today - timedelta(days=5),
        account_number=known[0].details[0].account_number,
    )  # fmt: skip
    invoices.pay(
        actor=clerk, account=account, invoice_ids=[made[2].pk, made[7].pk], execution_on=today + timedelta(days=1)
    )
