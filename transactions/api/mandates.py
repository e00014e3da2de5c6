"""/api/v1/mandates: what debtors agreed to, with its versions."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Number, Output, PageQuery, Person, Text
from transactions import mandates
from transactions.models import Account, Mandate


class MandateOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id", help_text="The account of ours that is credited.")
    creditor_scheme_id = serializers.CharField()
    reference = serializers.CharField()
    scheme = serializers.CharField()
    kind = serializers.CharField()
    debtor_name = serializers.CharField()
    debtor_number = Number()
    debtor_bic = serializers.CharField()
    signed_on = serializers.DateField()
    status = serializers.CharField()
    created_by = Person(allow_null=True)
    created_at = Moment()


class VersionOut(Output):
    debtor_name = serializers.CharField()
    debtor_number = Number()
    debtor_bic = serializers.CharField()
    status = serializers.CharField()
    changed_by = Person(source="history_user", allow_null=True)
    changed_at = Moment(source="history_date")


class MandateDetailOut(MandateOut):
    versions = VersionOut(many=True, source="told_versions", help_text="The oldest first.")


class MandateQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(Mandate.Status.values, required=False)
    reference = serializers.CharField(required=False, max_length=35)


class DebtorIn(Input):
    debtor_name = serializers.CharField(max_length=140)
    debtor_number = serializers.CharField(max_length=42)
    debtor_bic = Text(11)


class MandateIn(DebtorIn):
    account = serializers.IntegerField(min_value=1)
    creditor_scheme_id = serializers.CharField(max_length=35)
    reference = serializers.CharField(max_length=35)
    scheme = serializers.ChoiceField(Mandate.Scheme.values, default=Mandate.Scheme.CORE)
    kind = serializers.ChoiceField(Mandate.Kind.values, default=Mandate.Kind.RECURRENT)
    signed_on = serializers.DateField()


class MandateAmendIn(DebtorIn):
    reason = serializers.CharField(max_length=500)


class MandateCancelIn(Input):
    reason = serializers.CharField(max_length=500)


class MandateList(Endpoint):
    @act("mandate.view", "Mandates, the newest first", output=MandateOut, query=MandateQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = Mandate.objects.filter(entity__in=self.chosen()).select_related("created_by")
        for name in ("status", "reference"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="mandates")

    @act("mandate.manage", "Register a signed mandate", body=MandateIn, output=MandateOut, status=201)
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        account = self.scoped(Account.objects.all(), asked.pop("account"), seen="mandate.view")
        return self.show(MandateOut, mandates.register(actor=self.person, account=account, **asked))


class MandateDetail(Endpoint):
    @act("mandate.view", "A mandate with its versions", output=MandateDetailOut)
    def get(self, request: Request, mandate_id: int) -> Any:
        found = self.scoped(Mandate.objects.select_related("created_by"), mandate_id, seen="mandate.view")
        found.told_versions = list(  # type: ignore[attr-defined]
            found.history.select_related("history_user").order_by("history_id")[:200]
        )
        return self.show(MandateDetailOut, found)


class MandateAmend(Endpoint):
    @act("mandate.manage", "The debtor has another name, account or bank", body=MandateAmendIn, output=MandateOut)
    def post(self, request: Request, mandate_id: int) -> Any:
        self.scoped(Mandate.objects.all(), mandate_id, seen="mandate.view")
        return self.show(MandateOut, mandates.amend(actor=self.person, mandate_id=mandate_id, **self.body))


class MandateCancel(Endpoint):
    @act("mandate.manage", "End a mandate", body=MandateCancelIn, output=MandateOut)
    def post(self, request: Request, mandate_id: int) -> Any:
        self.scoped(Mandate.objects.all(), mandate_id, seen="mandate.view")
        made = mandates.cancel(actor=self.person, mandate_id=mandate_id, reason=self.body["reason"])
        return self.show(MandateOut, made)
