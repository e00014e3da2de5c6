"""/api/v1/delegations: who signs in whose place, and until when."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import ANYONE, Endpoint, act, found
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person
from backoffice.people import access, delegations
from backoffice.people.models import Entity, Limit


class DelegationOut(Output):
    id = serializers.IntegerField()
    giver = Person()
    deputy = Person()
    act = serializers.CharField(help_text="validate, approve.")
    entity = serializers.IntegerField(source="entity_id")
    valid_from = Moment()
    valid_to = Moment()
    reason = serializers.CharField()
    given_at = Moment()
    ended_at = Moment(allow_null=True)
    ended_by = Person(allow_null=True)


class DelegationIn(Input):
    deputy = serializers.IntegerField(min_value=1)
    act = serializers.ChoiceField(Limit.Act.values)
    entity = serializers.IntegerField(min_value=1)
    valid_from = Moment()
    valid_to = Moment(help_text="At most 92 days after it begins.")
    reason = serializers.CharField(max_length=500)


class DelegationList(Endpoint):
    @act(ANYONE, "Delegations: your own, and those where you see users; the newest first", output=DelegationOut,
         query=PageQuery, paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        return self.page_of(delegations.visible(self.person), key=("id",), salt="delegations")

    @act(ANYONE, "Let a deputy sign in your place; asks for the right that is given", body=DelegationIn,
         output=DelegationOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        entity = found(Entity.objects.filter(pk__in=access.entity_ids(self.person, f"payment.{asked['act']}")),
                       pk=asked.pop("entity"))  # fmt: skip
        made = delegations.give(actor=self.person, deputy_id=asked.pop("deputy"), entity=entity, **asked)
        return self.show(DelegationOut, made)


class DelegationDetail(Endpoint):
    @act(ANYONE, "A delegation", output=DelegationOut)
    def get(self, request: Request, delegation_id: int) -> Any:
        return self.show(DelegationOut, found(delegations.visible(self.person), pk=delegation_id))


class DelegationEnd(Endpoint):
    @act(ANYONE, "End a delegation before its time: giver, deputy, or who manages users there", output=DelegationOut)
    def post(self, request: Request, delegation_id: int) -> Any:
        delegations.end(actor=self.person, delegation_id=delegation_id)
        return self.show(DelegationOut, found(delegations.visible(self.person), pk=delegation_id))
