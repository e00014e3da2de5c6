"""/api/v1/standing-orders: asked for, approved, suspended and ended; with coming dates and what was paid."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from backoffice.common import money
from backoffice.common.api import Endpoint, act
from backoffice.common.errors import BusinessError
from backoffice.common.fields import Input, Moment, Money, MoneyText, Number, Output, PageQuery, Person, Text
from controls import changes
from controls.models import ChangeRequest
from transactions.models import Account, StandingDue, StandingOrder
from transactions.standing import orders


class StandingOut(Output):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id", help_text="The account of ours that is debited.")
    creditor_name = serializers.CharField()
    creditor_number = Number()
    creditor_bic = serializers.CharField()
    amount = Money(allow_null=True, help_text="Null: everything above the floor is moved.")
    floor = Money(allow_null=True)
    currency = serializers.CharField()
    remittance = serializers.CharField()
    unit = serializers.CharField()
    every = serializers.IntegerField()
    last_working_day = serializers.BooleanField()
    first_on = serializers.DateField()
    last_on = serializers.DateField(allow_null=True)
    times = serializers.IntegerField(allow_null=True)
    working_day = serializers.CharField()
    suspended_from = serializers.DateField(allow_null=True)
    suspended_to = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    next_on = serializers.DateField(allow_null=True)
    made_count = serializers.IntegerField(help_text="Dates that payments were made for.")
    created_by = Person()
    created_at = Moment()
    approved_by = Person(allow_null=True)
    approved_at = Moment(allow_null=True)


class OccurrenceOut(Output):
    due_on = serializers.DateField()
    execution_on = serializers.DateField()
    suspended = serializers.BooleanField()


class AskedOut(Output):
    id = serializers.IntegerField(source="pk")
    terms = serializers.DictField(source="shown")
    asked_by = Person()
    asked_at = Moment()
    reason = serializers.CharField()


class StandingDetailOut(StandingOut):
    coming = OccurrenceOut(many=True, source="told_coming", help_text="The next twelve dates.")
    waiting = AskedOut(source="told_waiting", allow_null=True, help_text="What waits for a second person.")


class DueOut(Output):
    due_on = serializers.DateField()
    execution_on = serializers.DateField()
    status = serializers.CharField()
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    tries = serializers.IntegerField(help_text="Working days on which the funds were missing.")
    made_at = Moment()


class StandingQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(StandingOrder.Status.values, required=False)
    account = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class TermsIn(Input):
    creditor_name = serializers.CharField(max_length=140)
    creditor_number = serializers.CharField(max_length=42)
    creditor_bic = Text(11)
    amount = MoneyText(required=False, max_length=24)
    floor = MoneyText(required=False, max_length=24, help_text="Instead of an amount: what stays on the account.")
    remittance = Text(140)
    unit = serializers.ChoiceField(StandingOrder.Unit.values, default=StandingOrder.Unit.MONTH)
    every = serializers.IntegerField(min_value=1, max_value=60, default=1)
    last_working_day = serializers.BooleanField(default=False)
    first_on = serializers.DateField()
    last_on = serializers.DateField(required=False)
    times = serializers.IntegerField(required=False, min_value=1, max_value=9_999)
    working_day = serializers.ChoiceField(StandingOrder.WorkingDay.values, default=StandingOrder.WorkingDay.NEXT)


class StandingIn(TermsIn):
    account = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class StandingChangeIn(TermsIn):
    reason = serializers.CharField(max_length=500)


class StandingReasonIn(Input):
    reason = serializers.CharField(max_length=500)


class SuspendIn(StandingReasonIn):
    since = serializers.DateField()
    until = serializers.DateField(required=False, help_text="Left out: until it is resumed.")


def _values(body: Any) -> dict[str, Any]:
    """The terms with amounts as numbers."""
    values = dict(body)
    for name in ("amount", "floor"):
        if name in values:
            try:
                values[name] = money.number(values[name])
            except BusinessError as refused:
                raise ValidationError({name: [ErrorDetail(str(refused), code="invalid")]}) from None
    return values


class StandingEndpoint(Endpoint):
    def order(self, standing_id: int) -> StandingOrder:
        rows = StandingOrder.objects.select_related("entity", "account__entity", "created_by", "approved_by")
        return self.scoped(rows, standing_id, seen=orders.VIEW)

    def told(self, standing_id: int) -> Any:
        found: Any = self.order(standing_id)
        found.told_coming = orders.coming(found)
        found.told_waiting = next(iter(changes.waiting(self.person, ChangeRequest.Subject.STANDING, found.pk)), None)
        if found.told_waiting:
            shown = dict(found.told_waiting.change)
            shown["creditor_number"] = Number().to_representation(shown["creditor_number"]) if not self.clear else (
                shown["creditor_number"]
            )  # fmt: skip
            found.told_waiting.shown = shown
        return self.show(StandingDetailOut, found)

    def request_of(self, standing_id: int) -> int:
        """The change that waits, locked and looked at again by the service."""
        self.order(standing_id)
        found = changes.waiting(self.person, ChangeRequest.Subject.STANDING, standing_id)
        if not found:
            raise BusinessError("change.none")
        return found[0].pk


class StandingList(StandingEndpoint):
    @act("standing.view", "Standing orders, the newest first", output=StandingOut, query=StandingQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = StandingOrder.objects.filter(entity__in=self.chosen()).select_related("created_by", "approved_by")
        for name in ("status", "account"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="standing")

    @act("standing.manage", "Ask for a standing order; a second person approves it", body=StandingIn,
         output=StandingDetailOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = _values(self.body)
        account = self.scoped(Account.objects.select_related("entity"), asked.pop("account"), seen=orders.VIEW)
        made = changes.ask_standing(actor=self.person, account=account, values=asked)
        return self.told(int(made.subject_id or 0))


class StandingDetail(StandingEndpoint):
    @act("standing.view", "A standing order with its coming dates and what waits", output=StandingDetailOut)
    def get(self, request: Request, standing_id: int) -> Any:
        return self.told(standing_id)


class StandingDues(StandingEndpoint):
    @act("standing.view", "The dates that payments were made for, the last first", output=DueOut, query=PageQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request, standing_id: int) -> Any:
        order = self.order(standing_id)
        return self.page_of(StandingDue.objects.filter(order=order), key=("due_on",), salt=f"standing:{order.pk}")


class StandingChange(StandingEndpoint):
    @act("standing.manage", "Ask for other terms; a second person approves them", body=StandingChangeIn,
         output=StandingDetailOut)  # fmt: skip
    def post(self, request: Request, standing_id: int) -> Any:
        order = self.order(standing_id)
        asked = _values(self.body)
        changes.ask_standing(
            actor=self.person, account=order.account, order_id=order.pk, reason=asked.pop("reason"), values=asked
        )
        return self.told(standing_id)


class StandingApprove(StandingEndpoint):
    @act("standing.manage", "Approve what somebody else asked for", output=StandingDetailOut)
    def post(self, request: Request, standing_id: int) -> Any:
        changes.sign(actor=self.person, request_id=self.request_of(standing_id))
        return self.told(standing_id)


class StandingRefuse(StandingEndpoint):
    @act("standing.manage", "Refuse what was asked for, or take one's own back", body=StandingReasonIn,
         output=StandingDetailOut)  # fmt: skip
    def post(self, request: Request, standing_id: int) -> Any:
        changes.refuse(actor=self.person, request_id=self.request_of(standing_id), reason=self.body["reason"])
        return self.told(standing_id)


class StandingSuspend(StandingEndpoint):
    @act("standing.manage", "Pay nothing for a time; takes effect at once", body=SuspendIn, output=StandingDetailOut)
    def post(self, request: Request, standing_id: int) -> Any:
        self.order(standing_id)
        orders.suspend(
            actor=self.person, order_id=standing_id, since=self.body["since"], until=self.body.get("until"),
            reason=self.body["reason"],
        )  # fmt: skip
        return self.told(standing_id)


class StandingResume(StandingEndpoint):
    @act("standing.manage", "End the suspension; takes effect at once", body=StandingReasonIn, output=StandingDetailOut)
    def post(self, request: Request, standing_id: int) -> Any:
        self.order(standing_id)
        orders.resume(actor=self.person, order_id=standing_id, reason=self.body["reason"])
        return self.told(standing_id)


class StandingEnd(StandingEndpoint):
    @act("standing.manage", "End it for good; takes effect at once", body=StandingReasonIn, output=StandingDetailOut)
    def post(self, request: Request, standing_id: int) -> Any:
        self.order(standing_id)
        orders.end(actor=self.person, order_id=standing_id, reason=self.body["reason"])
        return self.told(standing_id)
