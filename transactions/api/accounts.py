"""/api/v1/accounts: the accounts, their statements, opening and blocking."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Number, Output, PageQuery, Text, plain
from transactions import accounts, ledger_queries
from transactions.models import Account


class AccountOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    normal_side = serializers.CharField()
    currency = serializers.CharField()
    iban = Number()
    bic = serializers.CharField()
    other_number = Number()
    status = serializers.CharField()
    counterpart = serializers.IntegerField(source="counterpart_id", allow_null=True)
    transit = serializers.IntegerField(source="transit_id", allow_null=True)
    message_format = serializers.CharField(help_text="How transfers leave: pain001 (to its bank) or pacs008.")
    settlement_method = serializers.CharField(help_text="Of a pacs.008.")
    clearing_system = serializers.CharField()
    fees = serializers.IntegerField(
        source="fees_id", allow_null=True, help_text="Of a claim on an acquirer: the expense account of its fees."
    )
    opened_on = serializers.DateField()
    balance = Money("balance_row.balance", help_text="On the normal side.")
    held = Money("balance_row.held", help_text="Reserved for approved payments.")
    available = Money("balance_row.available")
    floor = Money("balance_row.floor", allow_null=True, help_text="The lowest that balance less held may reach.")


class AccountQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Account.Kind.values, required=False)
    status = serializers.ChoiceField(Account.Status.values, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    q = serializers.CharField(required=False, max_length=140, help_text="Part of a code or name, or an IBAN.")


class AccountIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=140)
    kind = serializers.ChoiceField(Account.Kind.values)
    currency = serializers.CharField(max_length=3)
    iban = Text(42)
    bic = Text(11)
    other_number = Text(34)
    counterpart = serializers.IntegerField(required=False, min_value=1)
    transit = serializers.IntegerField(required=False, min_value=1)
    fees = serializers.IntegerField(required=False, min_value=1)
    overdraft = MoneyText(
        required=False, max_length=24, allow_null=True,
        help_text='How far below zero; "0" if left out, null no floor. What is not 0 waits for a second person.',
    )  # fmt: skip


class WhyIn(Input):
    reason = serializers.CharField(max_length=2000)


class TransferFormatIn(Input):
    message_format = serializers.ChoiceField(Account.Format.values)
    settlement_method = serializers.ChoiceField(Account.Settlement.values, default=Account.Settlement.CLRG)
    clearing_system = Text(35)


class StatementQuery(PageQuery):
    moment = Moment(required=False, help_text="As of this moment; now if left out.")


class PostingOut(Output):
    id = serializers.IntegerField()
    entry = serializers.IntegerField(source="entry_id")
    kind = serializers.CharField(source="entry.kind")
    label = serializers.CharField(source="entry.label")  # type: ignore[assignment]
    payment = serializers.IntegerField(source="entry.payment_id", allow_null=True)
    booking_date = serializers.DateField(source="entry.booking_date")
    value_date = serializers.DateField(source="entry.value_date")
    side = serializers.CharField()
    amount = Money()
    currency = serializers.CharField()
    balance_after = Money()
    created_at = Moment()


class StatementOut(Output):
    account = serializers.IntegerField()
    currency = serializers.CharField()
    moment = Moment(allow_null=True)
    balance = serializers.CharField(help_text="On the account's normal side, as of the moment.")
    items = PostingOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def rows() -> QuerySet[Account]:
    return Account.objects.select_related("balance_row")


class AccountList(Endpoint):
    @act("account.view", "Accounts by code", output=AccountOut, query=AccountQuery, paged=True)
    def get(self, request: Request) -> Any:
        asked = self.query
        found_rows = ledger_queries.accounts(
            self.chosen(),
            kind=asked.get("kind", ""),
            status=asked.get("status", ""),
            currency=asked.get("currency", ""),
            words=asked.get("q", ""),
        )
        return self.page_of(found_rows, key=("code", "id"), salt="accounts", descending=False)


class AccountDetail(Endpoint):
    @act("account.view", "An account with its balance", output=AccountOut)
    def get(self, request: Request, account_id: int) -> Any:
        return self.show(AccountOut, self.scoped(rows(), account_id, seen="account.view"))


class AccountStatement(Endpoint):
    @act("account.view", "The statement of an account as of a moment", output=StatementOut, query=StatementQuery)
    def get(self, request: Request, account_id: int) -> Any:
        account = self.scoped(rows(), account_id, seen="account.view")
        moment = self.query.get("moment")
        told = ledger_queries.statement(
            account,
            moment=moment,
            cursor=self.query.get("cursor", ""),
            size=self.query.get("limit", PageQuery.USUAL),
        )
        return {
            "account": account.pk,
            "currency": account.currency,
            "moment": moment,
            "balance": plain(told.balance, account.currency),
            "items": self.show(PostingOut, told.page.items, many=True),
            "next": self.link(told.page.next),
            "previous": self.link(told.page.previous),
        }


class AccountBlock(Endpoint):
    @act("account.manage", "Let nothing more leave an account", body=WhyIn, output=AccountOut)
    def post(self, request: Request, account_id: int) -> Any:
        self.scoped(Account.objects.all(), account_id, seen="account.view")
        accounts.block(actor=self.person, account_id=account_id, reason=self.body["reason"])
        return self.show(AccountOut, rows().get(pk=account_id))


class AccountUnblock(Endpoint):
    @act("account.manage", "Let payments leave an account again", body=WhyIn, output=AccountOut)
    def post(self, request: Request, account_id: int) -> Any:
        self.scoped(Account.objects.all(), account_id, seen="account.view")
        accounts.unblock(actor=self.person, account_id=account_id, reason=self.body["reason"])
        return self.show(AccountOut, rows().get(pk=account_id))


class AccountChannel(Endpoint):
    @act("account.manage", "How transfers leave an account: to its bank, or between banks", body=TransferFormatIn,
         output=AccountOut)  # fmt: skip
    def post(self, request: Request, account_id: int) -> Any:
        self.scoped(Account.objects.all(), account_id, seen="account.view")
        accounts.set_channel(actor=self.person, account_id=account_id, **self.body)
        return self.show(AccountOut, rows().get(pk=account_id))
