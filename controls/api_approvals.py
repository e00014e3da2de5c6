"""/api/v1/ of what approval rests on: the matrix, policies of straight-through processing, and changes.

A change is asked for by one person and takes effect when another approves it; a program can read all of it and stop a
policy, but neither ask nor approve.
"""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import formats, money
from backoffice.common.api import ANYONE, Endpoint, act, found
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.fields import Input, Moment, Money, MoneyText, Output, PageQuery, Person, Text, plain
from backoffice.people import roles, services, signing
from backoffice.people.models import Limit
from controls import changes, straight
from controls.models import ApprovalPolicy, ChangeRequest, RuleList, StraightPolicy


def _amount(text: str | None, field: str) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = money.number(text)
    except BusinessError:
        amount = Decimal(-1)
    if not 0 <= amount < Decimal(10) ** 13:
        raise BusinessError("matrix.malformed", field=field)
    return amount


class StageOut(Output):
    persons = serializers.IntegerField()
    role = serializers.CharField(help_text="Empty: whoever has the right.")
    team = serializers.IntegerField(source="team_id", allow_null=True)
    ceiling = serializers.SerializerMethodField(help_text="A person whose own limit for one payment reaches this.")

    def get_ceiling(self, stage: signing.Stage) -> str | None:
        return None if stage.ceiling is None else f"{stage.ceiling.normalize():f}"


class MatrixRowOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    kind = serializers.CharField(help_text="Empty: any, as the channel.")
    channel = serializers.CharField()
    currency = serializers.CharField()
    from_amount = Money()
    risk_from = serializers.IntegerField()
    new_payee = serializers.BooleanField(help_text="Only to payees who were never paid.")
    approvals = serializers.IntegerField(help_text="Persons after the validation: 1 is four eyes.")
    stages = serializers.SerializerMethodField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)

    def get_stages(self, row: ApprovalPolicy) -> list[dict[str, Any]]:
        stages = signing.stages_of(row.stages) or [signing.Stage(row.approvals)]
        return [dict(StageOut(stage).data) for stage in stages]


class StageIn(Input):
    persons = serializers.IntegerField(min_value=1, max_value=5, default=1)
    role = serializers.ChoiceField(["", roles.OPERATOR, roles.SUPERVISOR], default="")
    team = serializers.IntegerField(required=False, allow_null=True, default=None)
    ceiling = MoneyText(max_length=24, required=False, allow_null=True, default=None)


class ChangeReasonIn(Input):
    reason = serializers.CharField(max_length=500)


class MatrixChangeIn(ChangeReasonIn):
    kind = Text(10, help_text="As of a payment; empty: any.")
    channel = Text(8, help_text="file, api, form, command; empty: any.")
    currency = serializers.CharField(max_length=3, default="EUR")
    from_amount = MoneyText(max_length=24, default="0")
    risk_from = serializers.IntegerField(min_value=0, max_value=100, default=0)
    new_payee = serializers.BooleanField(default=False)
    stages = StageIn(many=True, allow_empty=False)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    valid_to = serializers.DateField(required=False, allow_null=True, default=None)


class MatrixRowIn(MatrixChangeIn):
    entity = serializers.IntegerField(required=False, min_value=1)


class ChangeSignatureOut(Output):
    person = Person()
    given_at = Moment()


class ChangeOut(Output):
    id = serializers.IntegerField()
    subject = serializers.CharField(source="subject_type", help_text="matrix, straight, standing, limit, account.")
    subject_id = serializers.IntegerField(
        allow_null=True,
        help_text="The row or policy that changes (null: a new one), the person of the limit, the account.",
    )
    entity = serializers.IntegerField(source="entity_id", allow_null=True)
    change = serializers.DictField(help_text="What it will be.")
    reason = serializers.CharField()
    status = serializers.CharField(help_text="waiting, approved (in effect), refused.")
    asked_by = Person()
    asked_at = Moment()
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    answer = serializers.CharField(help_text="Why it was refused or taken back.")
    signatures = ChangeSignatureOut(many=True, source="told_signatures")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Account numbers in what is asked are masked for who may not read them in clear."""
        told: dict[str, Any] = super().to_representation(instance)
        if self.context.get("clear"):
            return told
        change = dict(told["change"])
        if told["subject"] == ChangeRequest.Subject.LIST and change.get("kind") == RuleList.Kind.ACCOUNT:
            change |= {name: [formats.masked(value) for value in change[name]] for name in ("add", "remove")}
        if change.get("creditor_number"):
            change["creditor_number"] = formats.masked(str(change["creditor_number"]))
        return {**told, "change": change}


class ChangeQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(ChangeRequest.Status.values, required=False)
    subject = serializers.ChoiceField(ChangeRequest.Subject.values, required=False)


class EntityQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class PolicyOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    number = serializers.IntegerField(help_text="A change of a policy is its next number.")
    kind = serializers.CharField(help_text="Empty: any, as the channel.")
    channel = serializers.CharField()
    source = serializers.IntegerField(source="source_id", allow_null=True)  # type: ignore[assignment]
    currency = serializers.CharField()
    max_amount = Money()
    day_amount = Money(help_text="For all payments of a day of the entity.")
    known_payees = serializers.BooleanField()
    valid_from = Moment()
    valid_to = Moment()
    written_by = Person()
    approved_by = Person()
    approved_at = Moment()
    stopped_at = Moment(allow_null=True)
    stopped_by = Person(allow_null=True, help_text="Null with a moment: the next number took its place.")
    stop_reason = serializers.CharField()
    in_force = serializers.BooleanField(source="told_in_force")
    released = serializers.SerializerMethodField(help_text="What went through under it, counted apart from approvals.")

    def get_released(self, policy: Any) -> dict[str, Any]:
        told: straight.Figures = policy.told_figures
        return {
            "count": told.count, "amount": plain(told.amount, policy.currency), "today_count": told.today_count,
            "today_amount": plain(told.today_amount, policy.currency),
        }  # fmt: skip


class PolicyChangeIn(ChangeReasonIn):
    kind = Text(10, help_text="sepa, transfer, internal; empty: any of them.")
    channel = Text(8, help_text="file, api, form, command; empty: any.")
    source = serializers.IntegerField(required=False, allow_null=True, default=None)  # type: ignore[assignment]
    currency = serializers.CharField(max_length=3, default="EUR")
    max_amount = MoneyText(max_length=24)
    day_amount = MoneyText(max_length=24)
    known_payees = serializers.BooleanField(default=True)
    valid_from = Moment()
    valid_to = Moment(help_text="At most 366 days after it begins.")


class PolicyIn(PolicyChangeIn):
    entity = serializers.IntegerField(required=False, min_value=1)
    name = serializers.CharField(max_length=60)


class LimitIn(Input):
    act = serializers.ChoiceField(Limit.Act.values)
    currency = serializers.CharField(max_length=3, default="EUR")
    amount = MoneyText(max_length=24, allow_null=True, help_text="Of one payment; null takes the limit away.")
    day_amount = MoneyText(max_length=24, required=False, allow_null=True, default=None)


class LimitAsked(Output):
    in_effect = serializers.BooleanField(help_text="What narrows a limit takes effect at once.")
    change = ChangeOut(allow_null=True, help_text="What waits for a second person.")


class Changes(Endpoint):
    def told(self, request_id: int) -> Any:
        one: Any = found(changes.seen(self.person), pk=request_id)
        one.told_signatures = list(one.signatures.select_related("person").order_by("place"))
        return self.show(ChangeOut, one)


class MatrixList(Changes):
    @act("matrix.view", "Rows of the approval matrix", output=MatrixRowOut, query=EntityQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(ApprovalPolicy.objects.filter(entity__in=self.chosen()), key=("id",), salt="matrix")

    @act("matrix.manage", "Ask for a new row", body=MatrixRowIn, output=ChangeOut, status=201)
    def post(self, request: Request) -> Any:
        made = changes.ask_matrix(
            actor=self.person, entity=self.entity(), policy_id=None, values=_row(self.body), reason=self.body["reason"]
        )
        return self.told(made.pk)


class MatrixDetail(Endpoint):
    @act("matrix.view", "A row of the approval matrix", output=MatrixRowOut)
    def get(self, request: Request, row_id: int) -> Any:
        return self.show(MatrixRowOut, self.scoped(ApprovalPolicy.objects.all(), row_id, seen="matrix.view"))


class MatrixChange(Changes):
    @act("matrix.manage", "Ask for another row in its place", body=MatrixChangeIn, output=ChangeOut, status=201)
    def post(self, request: Request, row_id: int) -> Any:
        row = self.scoped(ApprovalPolicy.objects.select_related("entity"), row_id, seen="matrix.view")
        made = changes.ask_matrix(
            actor=self.person, entity=row.entity, policy_id=row.pk, values=_row(self.body), reason=self.body["reason"]
        )
        return self.told(made.pk)


def _row(body: Any) -> dict[str, Any]:
    stages = [
        signing.Stage(one["persons"], one["role"], one["team"], _amount(one["ceiling"], "stages")).kept()
        for one in body["stages"]
    ]
    return {**body, "stages": stages, "from_amount": _amount(body["from_amount"], "from_amount")}


class _Policies(Changes):
    def policies(self, rows: Any) -> list[Any]:
        """With what went through under them. One query more."""
        figures = straight.figures([row.pk for row in rows])
        for row in rows:
            row.told_figures = figures.get(row.pk, straight.Figures())
            row.told_in_force = straight.in_effect(row)
        return list(rows)

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        return super().paged(self.policies(items), following, previous)

    def policy(self, policy_id: int) -> StraightPolicy:
        return found(straight.visible(self.person), pk=policy_id)


class PolicyList(_Policies):
    @act("matrix.view", "Policies of straight-through processing, the newest first", output=PolicyOut,
         query=EntityQuery, paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = straight.visible(self.person).filter(entity__in=self.chosen())
        return self.page_of(rows, key=("id",), salt="straight")

    @act("matrix.manage", "Ask for a policy", body=PolicyIn, output=ChangeOut, status=201)
    def post(self, request: Request) -> Any:
        made = changes.ask_straight(
            actor=self.person, entity=self.entity(), policy_id=None, values=_policy(self.body),
            reason=self.body["reason"],
        )  # fmt: skip
        return self.told(made.pk)


class PolicyDetail(_Policies):
    @act("matrix.view", "A policy of straight-through processing", output=PolicyOut)
    def get(self, request: Request, policy_id: int) -> Any:
        return self.show(PolicyOut, self.policies([self.policy(policy_id)])[0])


class PolicyChange(_Policies):
    @act("matrix.manage", "Ask for the next number of a policy", body=PolicyChangeIn, output=ChangeOut, status=201)
    def post(self, request: Request, policy_id: int) -> Any:
        policy = self.scoped(straight.visible(self.person), policy_id, seen="matrix.view")
        made = changes.ask_straight(
            actor=self.person, entity=policy.entity, policy_id=policy.pk, values=_policy(self.body),
            reason=self.body["reason"],
        )  # fmt: skip
        return self.told(made.pk)


class PolicyStop(_Policies):
    @act(
        "matrix.view",
        "Stop a policy at once; asks for payment.hold or matrix.manage",
        body=ChangeReasonIn,
        output=PolicyOut,
    )
    def post(self, request: Request, policy_id: int) -> Any:
        straight.stop(actor=self.person, policy_id=policy_id, reason=self.body["reason"])
        return self.show(PolicyOut, self.policies([self.policy(policy_id)])[0])


def _policy(body: Any) -> dict[str, Any]:
    return {**body, **{name: _amount(body[name], name) for name in ("max_amount", "day_amount")}}


class ChangeList(Changes):
    @act(ANYONE, "Changes that were asked for, the newest first: those of what you may see", output=ChangeOut,
         query=ChangeQuery, paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = changes.seen(self.person)
        asked = {"entity": "entity", "status": "status", "subject": "subject_type"}
        rows = rows.filter(**{field: self.query[name] for name, field in asked.items() if name in self.query})
        return self.page_of(rows, key=("id",), salt="changes")

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        for one in items:
            one.told_signatures = sorted(one.signatures.all(), key=lambda given: given.place)
        return super().paged(items, following, previous)


class ChangeDetail(Changes):
    @act(ANYONE, "A change that was asked for", output=ChangeOut)
    def get(self, request: Request, change_id: int) -> Any:
        return self.told(change_id)


class ChangeApprove(Changes):
    @act(ANYONE, "Approve what another person asked for; the right is that of asking for it", output=ChangeOut)
    def post(self, request: Request, change_id: int) -> Any:
        changes.sign(actor=self.person, request_id=change_id)
        return self.told(change_id)


class ChangeRefuse(Changes):
    @act(ANYONE, "Refuse what another person asked for", body=ChangeReasonIn, output=ChangeOut)
    def post(self, request: Request, change_id: int) -> Any:
        changes.refuse(actor=self.person, request_id=change_id, reason=self.body["reason"])
        return self.told(change_id)


class ChangeWithdraw(Changes):
    @act(ANYONE, "Take back what you asked for", body=ChangeReasonIn, output=ChangeOut)
    def post(self, request: Request, change_id: int) -> Any:
        changes.withdraw(actor=self.person, request_id=change_id, reason=self.body["reason"])
        return self.told(change_id)


class UserLimit(Changes):
    @act("user.manage", "Change a person's limit: at once when it narrows, else by a second person", body=LimitIn,
         output=LimitAsked)  # fmt: skip
    def post(self, request: Request, user_id: int) -> Any:
        if not services.visible(self.person).filter(pk=user_id).exists():
            raise NotThere("not_there")
        made = changes.ask_limit(
            actor=self.person, user_id=user_id, act=self.body["act"], currency=self.body["currency"],
            amount=_amount(self.body["amount"], "amount"), day_amount=_amount(self.body["day_amount"], "day_amount"),
        )  # fmt: skip
        if made is None:
            return {"in_effect": True, "change": None}
        return {"in_effect": False, "change": self.told(made.pk)}
