"""A stage for the checks: a payee paid for months, a Monday that does not move, and payments that pass everything."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from controls import assess, queries
from controls.models import RuleResult
from tests import people
from tests.people import Stage
from transactions.models import BankDetails, Payee, Payment, PaymentBatch

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
TOMORROW = date(2026, 11, 24)
NAME = "Kervella Materiaux SARL"
OTHER_IBAN = "FR7630006000011234567890189"
PAST_AMOUNTS = ("140", "145", "148", "152", "155", "160")


@dataclass
class Scene:
    stage: Stage
    payee: Payee
    details: BankDetails

    def payment(self, **fields: Any) -> Payment:
        """Received at noon; passes every check unless ``fields`` say otherwise."""
        return people.payment(
            self.stage,
            **{
                "status": "received",
                "amount": "150.00",
                "received_at": NOON,
                "requested_execution_date": TOMORROW,
                "creditor_name": NAME,
                "payee": self.payee,
                **fields,
            },
        )

    def earlier(self, *, days: float, status: str = "settled", **fields: Any) -> Payment:
        return self.payment(status=status, received_at=NOON - timedelta(days=days), **fields)

    def batch(self, **fields: Any) -> PaymentBatch:
        return people.batch(self.stage, **{"status": "checking", **fields})

    def details_from(self, *, days: float, number: str = OTHER_IBAN, confirmed: bool = True) -> BankDetails:
        """The payee changed its account so many days before noon; the former details end then."""
        moment = NOON - timedelta(days=days)
        self.payee.bank_details.filter(valid_to=None).update(valid_to=moment)
        return self._details(number, moment, confirmed)

    def _details(self, number: str, moment: datetime, confirmed: bool) -> BankDetails:
        return BankDetails.objects.create(
            payee=self.payee,
            entity=self.stage.entity,
            account_number=number,
            valid_from=moment,
            confirmed_by=people.person("supervisor") if confirmed else None,
            confirmed_at=moment if confirmed else None,
        )


def scene(*, balance: str = "1000000.00", **fields: Any) -> Scene:
    stage = people.bank_branch(balance=balance, **fields)
    stage.customer.name = "Fournitures Industrielles Ouest"
    started = NOON - timedelta(days=400)
    payee = Payee.objects.create(
        entity=stage.entity, name=NAME, name_key="kervella materiaux sarl", country="DE", created_at=started
    )
    made = Scene(stage, payee, None)  # type: ignore[arg-type]
    made.details = made._details(people.PAYEE_IBAN, started, True)
    for number, amount in enumerate(PAST_AMOUNTS):
        made.earlier(days=30 + 30 * number, amount=amount)
    return made


def judge(*payments: Payment) -> None:
    moved = assess.assess([payment.pk for payment in payments])
    assert moved == len(payments)


def found(payment: Payment) -> dict[str, str]:
    """Code and sentence of what the last assessment found."""
    return {finding.rule_code: finding.sentence for finding in queries.findings([payment.pk]).get(payment.pk, [])}


def evidence(payment: Payment, code: str) -> dict[str, Any]:
    return RuleResult.objects.get(payment=payment, version__rule__code=code).evidence
