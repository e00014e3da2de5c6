"""/api/v1/instant-transfers and the limits of an account: what the bank did not answer, and how long each took."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import money
from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Output, PageQuery
from transactions import instant
from transactions.models import Account, InstantLimit, InstantTransfer


class InstantOut(Output):
    payment = serializers.IntegerField(source="payment_id")
    account = serializers.IntegerField(source="account_id")
    status = serializers.CharField()
    payment_status = serializers.CharField(source="payment.state.status")
    amount = Money(currency="payment.currency")
    currency = serializers.CharField(source="payment.currency")
    approved_at = Moment()
    sent_at = Moment(allow_null=True)
    unanswered_at = Moment(allow_null=True)
    answered_at = Moment(allow_null=True)
    seconds_to_send = serializers.FloatField(allow_null=True)
    seconds_to_answer = serializers.FloatField(allow_null=True)


class InstantQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(InstantTransfer.Status.values, required=False)


class InstantLimitOut(Output):
    account = serializers.IntegerField(source="account_id")
    one_amount = Money(currency="account.currency", allow_null=True, help_text="Null: no limit.")
    day_amount = Money(currency="account.currency", allow_null=True, help_text="Null: no limit.")
    spent_today = Money("told_spent", currency="account.currency")
    currency = serializers.CharField(source="account.currency")


class InstantLimitIn(Input):
    one_amount = MoneyText(max_length=24, required=False, allow_null=True, help_text="Left out or null: no limit.")
    day_amount = MoneyText(max_length=24, required=False, allow_null=True, help_text="Left out or null: no limit.")
    reason = serializers.CharField(max_length=500)


class InstantList(Endpoint):
    @act("outgoing.view", "Instant transfers, the newest first", output=InstantOut, query=InstantQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = InstantTransfer.objects.filter(payment__entity__in=self.chosen())
        if "status" in self.query:
            found = found.filter(status=self.query["status"])
        return self.page_of(
            found.select_related("payment", "payment__state"), key=("payment",), salt="instant"
        )  # fmt: skip


class AccountInstantLimit(Endpoint):
    @act("account.view", "What an account's holder allows by instant transfers", output=InstantLimitOut)
    def get(self, request: Request, account_id: int) -> Any:
        return self.told(self.scoped(Account.objects.all(), account_id, seen="account.view"))

    @act("account.manage", "Set what the holder allows; counts at once", body=InstantLimitIn, output=InstantLimitOut)
    def post(self, request: Request, account_id: int) -> Any:
        account = self.scoped(Account.objects.all(), account_id, seen="account.view")
        amounts = {name: _amount(self.body.get(name)) for name in ("one_amount", "day_amount")}
        instant.set_limit(actor=self.person, account_id=account.pk, reason=self.body["reason"], **amounts)
        return self.told(account)

    def told(self, account: Account) -> Any:
        known: Any = InstantLimit.objects.filter(account=account).first() or InstantLimit(account=account)
        known.account, known.told_spent = account, instant.spent(account)
        return self.show(InstantLimitOut, known)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else money.number(text)
