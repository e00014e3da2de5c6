"""/api/v1/channels: ways to banks. /api/v1/fetched-files: what banks left for us."""

from dataclasses import fields
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person
from transactions.channels import fetching, registry
from transactions.channels.registry import Wanted
from transactions.models import BankChannel, FetchedFile, OutgoingFile

MANAGE = registry.MANAGE


class ChannelOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    kind = serializers.CharField()
    host = serializers.CharField()
    port = serializers.IntegerField()
    user = serializers.CharField()
    url = serializers.CharField()
    host_keys = serializers.CharField(
        help_text="Fingerprints, one a line; a server that shows none of them is refused."
    )
    secret_set = serializers.SerializerMethodField(help_text="The secret itself is never shown.")
    out_folder = serializers.CharField()
    in_folder = serializers.CharField()
    after_fetch = serializers.CharField()
    file_name = serializers.CharField()
    accounts = serializers.SerializerMethodField()
    all_accounts = serializers.SerializerMethodField(help_text="Those that have no channel of their own, too.")
    kinds = serializers.SerializerMethodField()
    intake_source = serializers.IntegerField(source="source_id", allow_null=True)
    ack_minutes = serializers.IntegerField(allow_null=True)
    is_active = serializers.BooleanField()
    waits = serializers.BooleanField(help_text="Nothing goes by it until a second person has signed it (/changes).")
    needs_person = serializers.BooleanField(help_text="Not tried until somebody saves or tests it.")
    failing_since = Moment(allow_null=True)
    last_ok_at = Moment(allow_null=True)
    last_code = serializers.CharField()
    last_detail = serializers.SerializerMethodField()
    created_by = Person()

    def get_secret_set(self, channel: BankChannel) -> bool:
        return channel.secret is not None

    def get_accounts(self, channel: BankChannel) -> list[int]:
        return sorted({route.account_id for route in channel.routes.all() if route.account_id is not None})

    def get_all_accounts(self, channel: BankChannel) -> bool:
        return any(route.account_id is None for route in channel.routes.all())

    def get_kinds(self, channel: BankChannel) -> list[str]:
        return sorted({route.kind for route in channel.routes.all()})

    def get_last_detail(self, channel: BankChannel) -> str:
        return sentence(channel.last_code, channel.last_params) if channel.last_code else ""


class ChannelSettings(Input):
    """What a channel is to be. Which of it counts depends on the kind."""

    host = serializers.CharField(max_length=255, required=False, allow_blank=True)
    port = serializers.IntegerField(required=False, min_value=1, max_value=65_535)
    user = serializers.CharField(max_length=80, required=False, allow_blank=True)
    url = serializers.CharField(max_length=400, required=False, allow_blank=True, help_text="Of an adapter.")
    host_keys = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    out_folder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    in_folder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    after_fetch = serializers.ChoiceField(BankChannel.After.values, required=False)
    file_name = serializers.CharField(max_length=80, required=False)
    accounts = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=1_000,
        help_text="Whose files go by it.",
    )  # fmt: skip
    all_accounts = serializers.BooleanField(
        required=False, help_text="Files of all accounts that have no channel of their own, too."
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(OutgoingFile.Kind.values), required=False, max_length=10
    )
    intake_source = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="Of payment files that are fetched."
    )
    ack_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=registry.MOST_ACK_MINUTES
    )
    secret = serializers.CharField(
        max_length=registry.LONGEST_SECRET, required=False, trim_whitespace=False,
        help_text="Password, private key or shared key. Kept encrypted, never shown.",
    )  # fmt: skip


class ChannelIn(ChannelSettings):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    kind = serializers.ChoiceField(BankChannel.Kind.values)
    name = serializers.CharField(max_length=80)


class ChannelChangeIn(ChannelSettings):
    name = serializers.CharField(max_length=80, required=False)


class ChannelTested(Output):
    address = serializers.CharField(help_text="The number that answered; empty for a folder.")


class ChannelQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class FetchedOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    channel = serializers.IntegerField(source="channel_id")
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    status = serializers.CharField()
    seen_at = Moment()
    code = serializers.CharField()
    detail = serializers.SerializerMethodField(help_text="Why it was not taken in, or that it was known.")
    message = serializers.IntegerField(source="message_id", allow_null=True)
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    file = serializers.IntegerField(
        source="transmission.file_id", allow_null=True, default=None, help_text="The file for the bank it acknowledges."
    )
    attachment = serializers.IntegerField(source="attachment_id", allow_null=True)
    removed_at = Moment(allow_null=True, help_text="When it was moved or deleted there.")
    decided_by = Person(allow_null=True)
    decision = serializers.CharField()

    def get_detail(self, row: FetchedFile) -> str:
        return sentence(row.code, row.params) if row.code else ""


class FetchedQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(FetchedFile.Status.values, required=False)
    channel = serializers.IntegerField(required=False)


class FetchedReasonIn(Input):
    reason = serializers.CharField(max_length=500)


class ChannelEndpoint(Endpoint):
    def rows(self) -> Any:
        return registry.visible(self.person).prefetch_related("routes")

    def show_one(self, channel: BankChannel) -> Any:
        return self.show(ChannelOut, self.rows().get(pk=channel.pk))


class ChannelList(ChannelEndpoint):
    @act(MANAGE, "Ways to banks, the newest first", output=ChannelOut, query=ChannelQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(self.rows().filter(entity__in=self.chosen()), key=("id",), salt="channels")

    @act(MANAGE, "Add a channel; it waits for a second person", body=ChannelIn, output=ChannelOut, status=201)
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        asked.pop("entity", None)
        kind, secret = asked.pop("kind"), asked.pop("secret", "")
        asked["source"] = asked.pop("intake_source", None)
        return self.show_one(self.add(entity=self.entity(), kind=kind, wanted=Wanted(**asked), secret=secret))

    def add(self, **described: Any) -> BankChannel:
        return registry.add(actor=self.person, **described)


class ChannelDetail(ChannelEndpoint):
    @act(MANAGE, "A channel", output=ChannelOut)
    def get(self, request: Request, channel_id: int) -> Any:
        return self.show(ChannelOut, found(self.rows(), pk=channel_id))


class ChannelChange(ChannelEndpoint):
    @act(MANAGE, "Change what is named; another server, user or address needs the secret again", body=ChannelChangeIn,
         output=ChannelOut)  # fmt: skip
    def post(self, request: Request, channel_id: int) -> Any:
        before, asked = found(self.rows(), pk=channel_id), dict(self.body)
        secret = asked.pop("secret", "")
        if "intake_source" in asked:
            asked["source"] = asked.pop("intake_source")
        routes = list(before.routes.all())
        kept = {one.name: getattr(before, one.name) for one in fields(Wanted) if hasattr(before, one.name)}
        kept |= {
            "source": before.source_id,
            "accounts": sorted({route.account_id for route in routes if route.account_id is not None}),
            "all_accounts": any(route.account_id is None for route in routes),
            "kinds": sorted({route.kind for route in routes}) or list(OutgoingFile.Kind.values),
        }  # fmt: skip
        wanted = Wanted(**(kept | asked))
        return self.show_one(self.change(channel_id=channel_id, wanted=wanted, secret=secret))

    def change(self, **described: Any) -> BankChannel:
        return registry.change(actor=self.person, **described)


class ChannelTest(ChannelEndpoint):
    @act(MANAGE, "Connect, sign in, look at the folders; nothing is written", output=ChannelTested)
    def post(self, request: Request, channel_id: int) -> Any:
        return {"address": registry.test(actor=self.person, channel_id=channel_id)}


class ChannelSwitchOn(ChannelEndpoint):
    @act(MANAGE, "Use the channel; what waits goes out", output=ChannelOut)
    def post(self, request: Request, channel_id: int) -> Any:
        return self.show_one(registry.switch(actor=self.person, channel_id=channel_id, on=True))


class ChannelSwitchOff(ChannelEndpoint):
    @act(MANAGE, "Let everything of the channel wait", output=ChannelOut)
    def post(self, request: Request, channel_id: int) -> Any:
        return self.show_one(registry.switch(actor=self.person, channel_id=channel_id, on=False))


class FetchedList(Endpoint):
    @act("message.view", "Files that banks left for us, the newest first", output=FetchedOut, query=FetchedQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = FetchedFile.objects.filter(entity__in=self.chosen()).select_related("transmission", "decided_by")
        for name in ("status", "channel"):
            if name in self.query:
                rows = rows.filter(**{name: self.query[name]})
        return self.page_of(rows, key=("id",), salt="fetched")


class FetchedDismiss(Endpoint):
    @act("message.decide", "Lay a file aside that was not recognised", body=FetchedReasonIn, output=FetchedOut)
    def post(self, request: Request, fetched_id: int) -> Any:
        self.scoped(FetchedFile.objects.all(), fetched_id, seen="message.view")
        row = fetching.dismiss(fetched_id=fetched_id, actor=self.person, reason=self.body["reason"])
        return self.show(FetchedOut, row)
