"""/api/v1/ of what takes effect when a second person signs it: overdrafts of accounts, tokens of programs, channels."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import act, found
from backoffice.common.fields import Input, MoneyText, Output
from backoffice.people.api import TokenList
from backoffice.people.models import ApiToken
from controls import widenings
from controls.api_approvals import ChangeOut, Changes
from transactions.api.accounts import AccountIn, AccountList, AccountOut
from transactions.api.channels import ChannelChange, ChannelList
from transactions.models import Account, BankChannel


class OverdraftIn(Input):
    overdraft = MoneyText(max_length=24, allow_null=True, help_text="How far below zero; null no floor.")
    reason = serializers.CharField(max_length=500)


class Asked(Output):
    in_effect = serializers.BooleanField(help_text="What narrows takes effect at once.")
    change = ChangeOut(allow_null=True, help_text="What waits for a second person.")


class AccountOpening(AccountList):
    @act("account.manage", "Open an account; an overdraft waits for a second person", body=AccountIn,
         output=AccountOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        entity, asked = self.entity(), dict(self.body)
        asked.pop("entity", None)
        for name in ("counterpart", "transit", "fees"):
            if name in asked:
                asked[name] = found(Account.objects.all(), pk=asked[name], entity=entity)
        made, _waits = widenings.open_account(actor=self.person, entity=entity, **asked)
        return self.show(AccountOut, Account.objects.select_related("balance_row").get(pk=made.pk))


class AccountOverdraft(Changes):
    @act("account.manage", "How far below zero an account may go: at once when it narrows, else by a second person",
         body=OverdraftIn, output=Asked)  # fmt: skip
    def post(self, request: Request, account_id: int) -> Any:
        made = widenings.ask_overdraft(actor=self.person, account_id=account_id, **self.body)
        return {"in_effect": made is None, "change": None if made is None else self.told(made.pk)}


class TokenIssuing(TokenList):
    """A program's token that waits is asked for, too."""

    def issue(self, **described: Any) -> tuple[ApiToken, str]:
        token, secret, _waits = widenings.issue_token(**described)
        return token, secret


class ChannelAdding(ChannelList):
    """Asked for, too."""

    def add(self, **described: Any) -> BankChannel:
        return widenings.add_channel(actor=self.person, **described)[0]


class ChannelChanging(ChannelChange):
    """Asked for, too, where it points elsewhere."""

    def change(self, **described: Any) -> BankChannel:
        return widenings.change_channel(actor=self.person, **described)[0]
