"""/api/v1/: entities, users and tokens."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import ANYONE, Endpoint, act, found
from backoffice.common.errors import NotThere
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, plain
from backoffice.people import access, roles, services, tokens
from backoffice.people.models import ApiToken, Entity, Limit, User


class EntityOut(Output):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    profile = serializers.CharField()
    country = serializers.CharField()
    bic = serializers.CharField()
    time_zone = serializers.CharField()
    base_currency = serializers.CharField()
    undo_seconds = serializers.IntegerField(
        help_text="How long a decision may be taken back; 0: it takes effect at once."
    )


class UndoWindowIn(Input):
    seconds = serializers.IntegerField(min_value=0, max_value=300)
    reason = serializers.CharField(max_length=500)


class GrantOut(Output):
    role = serializers.CharField()
    entity = serializers.IntegerField(source="entity_id", allow_null=True, help_text="Null: in every entity.")


class LimitOut(Output):
    act = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.SerializerMethodField(help_text="The largest single payment.")
    day_amount = serializers.SerializerMethodField(help_text="The most in one day of the entity. Null: no ceiling.")

    def get_amount(self, limit: Limit) -> str:
        return plain(limit.amount, limit.currency)

    def get_day_amount(self, limit: Limit) -> str | None:
        return None if limit.day_amount is None else plain(limit.day_amount, limit.currency)


class UserOut(Output):
    id = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField(source="full_name")
    is_active = serializers.BooleanField()
    is_machine = serializers.BooleanField()
    language = serializers.CharField()
    created_at = Moment()
    grants = GrantOut(many=True, source="seen_grants")
    limits = LimitOut(many=True)


class MeOut(Output):
    id = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField(source="full_name")
    is_machine = serializers.BooleanField()
    language = serializers.CharField()
    grants = GrantOut(many=True)
    limits = LimitOut(many=True)
    rights = serializers.SerializerMethodField()

    def get_rights(self, user: User) -> list[str]:
        return sorted(access.rights(user))


class UserQuery(PageQuery):
    active = serializers.BooleanField(required=False, help_text="Open accounts only, or closed ones.")
    machine = serializers.BooleanField(required=False)


class TokenIn(Input):
    name = serializers.CharField(max_length=80, help_text="What uses it.")
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=40), allow_empty=False, max_length=len(roles.RIGHTS)
    )
    entities = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=1_000,
        help_text="It works in these alone; wherever its user has a role if left out.",
    )  # fmt: skip
    expires_at = Moment(required=False, help_text="At most 366 days from now; 90 days if left out.")
    user = serializers.IntegerField(required=False, min_value=1, help_text="A machine; oneself if left out.")


class TokenOut(Output):
    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    user = Person()
    scopes = serializers.ListField(child=serializers.CharField())
    entities = serializers.ListField(child=serializers.IntegerField(), help_text="Empty: all of its user.")
    created_by = Person()
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_null=True)
    revoked_at = Moment(allow_null=True)
    waits = serializers.BooleanField(help_text="A program's: works when a second person has signed it (/changes).")


class TokenMade(TokenOut):
    token = serializers.CharField(allow_null=True, help_text="Shown once. Null when the answer is replayed.")


class EntityList(Endpoint):
    @act(ANYONE, "The entities in which you have a role", output=EntityOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(visible_entities(self.person), key=("code",), salt="entities", descending=False)


class EntityDetail(Endpoint):
    @act(ANYONE, "An entity", output=EntityOut)
    def get(self, request: Request, entity_id: int) -> Any:
        return self.show(EntityOut, found(visible_entities(self.person), pk=entity_id))


class UndoWindow(Endpoint):
    @act("matrix.manage", "How long decisions of an entity may be taken back", body=UndoWindowIn, output=EntityOut)
    def post(self, request: Request, entity_id: int) -> Any:
        entity = found(Entity.objects.filter(pk__in=self.places("matrix.view")), pk=entity_id)
        return self.show(EntityOut, services.set_undo_window(actor=self.person, entity_id=entity.pk, **self.body))


class Me(Endpoint):
    @act(ANYONE, "Who you are, and what you may do", output=MeOut)
    def get(self, request: Request) -> Any:
        return self.show(MeOut, self.person)


class UserList(Endpoint):
    @act("user.view", "People and machines", output=UserOut, query=UserQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = visible_users(self.person)
        if "active" in self.query:
            rows = rows.filter(is_active=self.query["active"])
        if "machine" in self.query:
            rows = rows.filter(is_machine=self.query["machine"])
        return self.page_of(rows, key=("id",), salt="users")


class UserDetail(Endpoint):
    @act("user.view", "A person or machine", output=UserOut)
    def get(self, request: Request, user_id: int) -> Any:
        return self.show(UserOut, found(visible_users(self.person), pk=user_id))


class TokenList(Endpoint):
    @act(ANYONE, "Your tokens, and those that you manage", output=TokenOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(tokens.visible(self.person), key=("id",), salt="tokens")

    @act(
        ANYONE,
        "Make a token: for yourself, or for a machine with the right token.manage",
        body=TokenIn,
        output=TokenMade,
        status=201,
        once_only=("token",),
    )
    def post(self, request: Request) -> Any:
        user = self.person if "user" not in self.body else self._user(self.body["user"])
        expires_at: datetime | None = self.body.get("expires_at")
        made, secret = self.issue(
            user=user, name=self.body["name"], scopes=self.body["scopes"], expires_at=expires_at, actor=self.person,
            entities=self.body.get("entities", ()),
        )  # fmt: skip
        made.token = secret  # type: ignore[attr-defined]
        return self.show(TokenMade, made)

    def issue(self, **described: Any) -> tuple[ApiToken, str]:
        return tokens.issue(**described)

    def _user(self, user_id: int) -> User:
        if user_id == self.person.pk:
            return self.person
        access.demand(self.person, tokens.MANAGE)
        user = services.visible(self.person, tokens.MANAGE).filter(pk=user_id).first()
        if user is None:
            raise NotThere("not_there")
        return user


class TokenDetail(Endpoint):
    @act(ANYONE, "A token", output=TokenOut)
    def get(self, request: Request, token_id: int) -> Any:
        return self.show(TokenOut, found(tokens.visible(self.person), pk=token_id))


class TokenRevoke(Endpoint):
    @act(ANYONE, "Stop a token: your own, or one that you manage", output=TokenOut)
    def post(self, request: Request, token_id: int) -> Any:
        tokens.revoke(token_id=token_id, actor=self.person)
        return self.show(TokenOut, ApiToken.objects.select_related("user", "created_by").get(pk=token_id))


def visible_entities(user: User) -> Any:
    """The entities in which the person has any role."""
    places = access.places(user)
    return Entity.objects.all() if None in places else Entity.objects.filter(pk__in=[one for one in places if one])


def visible_users(actor: User) -> Any:
    """The people the actor may see, with the grants that concern the actor's entities and with their limits."""
    grants = services.shown_grants(actor).order_by("pk")
    return services.visible(actor).prefetch_related(
        Prefetch("grants", queryset=grants, to_attr="seen_grants"), "limits"
    )
