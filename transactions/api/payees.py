"""/api/v1/payees: whom we pay, and the history of their bank details."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.fields import Input, Moment, Number, Output, PageQuery, Person, Text
from transactions import payees
from transactions.intake import names
from transactions.models import BankDetails, Payee


class BankDetailsOut(Output):
    id = serializers.IntegerField()
    account_number = Number()
    bic = serializers.CharField()
    valid_from = Moment()
    valid_to = Moment(allow_null=True)
    added_by = Person(allow_null=True)
    confirmed_by = Person(allow_null=True)
    confirmed_at = Moment(allow_null=True)


class PayeeRow(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    created_at = Moment()


class PayeeOut(PayeeRow):
    bank_details = BankDetailsOut(many=True, source="told_details", help_text="In use first, then the newest.")


class PayeeQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    q = serializers.CharField(required=False, max_length=140, help_text="The beginning of a name, or an account.")


class BankDetailsIn(Input):
    account_number = serializers.CharField(max_length=42)
    bic = Text(11)
    reason = serializers.CharField(max_length=2000)


class ConfirmIn(Input):
    reason = serializers.CharField(max_length=2000, help_text="How it was checked, through another channel.")


def rows() -> QuerySet[Payee]:
    details = BankDetails.objects.select_related("added_by", "confirmed_by").order_by("-valid_to", "-valid_from")
    return Payee.objects.prefetch_related(Prefetch("bank_details", queryset=details, to_attr="told_details"))


class PayeeList(Endpoint):
    @act("payee.view", "Payees, the newest first", output=PayeeRow, query=PayeeQuery, paged=True)
    def get(self, request: Request) -> Any:
        found_rows = Payee.objects.filter(entity__in=self.chosen())
        text = self.query.get("q", "")
        if text:
            number = "".join(text.split()).upper()
            by_number = BankDetails.objects.filter(entity__in=self.chosen(), account_number=number).values("payee")
            named = Payee.objects.filter(entity__in=self.chosen(), name_key__startswith=names.key(text)).values("pk")
            found_rows = found_rows.filter(pk__in=named.union(by_number))
        return self.page_of(found_rows, key=("id",), salt="payees")


class PayeeDetail(Endpoint):
    @act("payee.view", "A payee with the history of its bank details", output=PayeeOut)
    def get(self, request: Request, payee_id: int) -> Any:
        return self.show(PayeeOut, self.scoped(rows(), payee_id, seen="payee.view"))


class PayeeBankDetails(Endpoint):
    @act(
        "payee.manage",
        "Give a payee another account from now on; unconfirmed until another person confirms it",
        body=BankDetailsIn,
        output=PayeeOut,
        status=201,
    )
    def post(self, request: Request, payee_id: int) -> Any:
        self.scoped(Payee.objects.all(), payee_id, seen="payee.view")
        payees.change_bank_details(payee_id=payee_id, actor=self.person, **self.body)
        return self.show(PayeeOut, rows().get(pk=payee_id))


class PayeeBankDetailsConfirm(Endpoint):
    @act("payee.manage", "Confirm bank details that another person gave", body=ConfirmIn, output=PayeeOut)
    def post(self, request: Request, payee_id: int, details_id: int) -> Any:
        self.scoped(Payee.objects.all(), payee_id, seen="payee.view")
        found(BankDetails.objects.all(), pk=details_id, payee=payee_id)
        payees.confirm_bank_details(details_id=details_id, actor=self.person, reason=self.body["reason"])
        return self.show(PayeeOut, rows().get(pk=payee_id))
