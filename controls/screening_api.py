"""/api/v1/screening: hits and what is decided about them, names that are let pass, lists, a name to screen.

What takes two people answers with the change that waits: another person approves it at /changes/{id}/approve.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, UploadEndpoint, act, found
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, Text
from backoffice.people import access
from backoffice.people.models import Entity
from controls.api_approvals import ChangeOut, Changes
from controls.models import ScreeningHit, WatchList
from controls.screening import asking, births, exemptions, hits, verdicts, watchlists, words


class HitOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    payment = serializers.IntegerField(source="payment_id", allow_null=True, help_text="One of payment, payee, party.")
    payee = serializers.IntegerField(source="payee_id", allow_null=True)
    party = serializers.IntegerField(source="party_id", allow_null=True)
    field = serializers.CharField(help_text="Where it stands: creditor_name, debtor_name, ultimate_creditor, …")
    given = serializers.CharField()
    list = serializers.CharField(source="entry.watch_list.code")
    list_version = serializers.IntegerField(source="list_number")
    entry = serializers.CharField(source="entry.code")
    listed = serializers.SerializerMethodField(help_text="The listed name that it is alike to.")
    score = serializers.IntegerField(help_text="0 to 100.")
    explanation = serializers.SerializerMethodField(help_text="Why, in the reader's language.")
    match = serializers.JSONField(help_text="The same as codes and values.")
    birth = serializers.SerializerMethodField(
        help_text="What was known of the birth of whom it is about when it was found: born_on, province, town, country."
    )
    listed_births = serializers.ListField(
        child=serializers.CharField(), source="entry.content.births",
        help_text="Of the entry: a day, a month (1963-07), a year, or a span of years (1960/1965); ~ is about then.",
    )  # fmt: skip
    birth_agrees = serializers.SerializerMethodField(help_text="Null: one side is not known. It never ends a hit.")
    status = serializers.CharField(help_text="open, false (somebody else), true, exempt.")
    exemption = serializers.IntegerField(source="exemption_id", allow_null=True)
    found_at = Moment()
    decided_at = Moment(allow_null=True)
    decided_by = Person(allow_null=True)
    reason = serializers.CharField()

    def get_listed(self, hit: ScreeningHit) -> str:
        return str(hit.match.get("name", hit.entry.name))

    def get_explanation(self, hit: ScreeningHit) -> str:
        return words.sentence(hit.match, hit.score)

    def get_birth(self, hit: ScreeningHit) -> dict[str, str]:
        return dict(hit.match.get("birth", {}))

    def get_birth_agrees(self, hit: ScreeningHit) -> bool | None:
        return births.agree(hit.match.get("birth", {}).get("born_on", ""), hit.entry.content["births"])


class HitQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(ScreeningHit.Status.values, required=False)
    payment = serializers.IntegerField(required=False)


class HitWhyIn(Input):
    reason = serializers.CharField(max_length=500)


class ExemptIn(HitWhyIn):
    until = serializers.DateField(help_text="At most 366 days away.")


class HitList(Endpoint):
    @act("screening.view", "Screening hits, the newest first", output=HitOut, query=HitQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = hits.visible(self.person).filter(entity__in=self.chosen())
        for name in ("status", "payment"):
            if name in self.query:
                rows = rows.filter(**{name: self.query[name]})
        return self.page_of(rows, key=("id",), salt="hits")


class HitDetail(Endpoint):
    @act("screening.view", "A screening hit", output=HitOut)
    def get(self, request: Request, hit_id: int) -> Any:
        return self.show(HitOut, hits.found(self.person, hit_id))


class HitRelease(Changes):
    @act("screening.decide", "Propose that a hit is somebody else; another person approves the change", body=HitWhyIn,
         output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, hit_id: int) -> Any:
        return self.told(asking.release(actor=self.person, hit_id=hit_id, reason=self.body["reason"]).pk)


class HitTrue(Endpoint):
    @act("screening.decide", "Record a true match, at once: the hold stays", body=HitWhyIn, output=HitOut)
    def post(self, request: Request, hit_id: int) -> Any:
        hits.true(actor=self.person, hit_id=hit_id, reason=self.body["reason"])
        return self.show(HitOut, hits.found(self.person, hit_id))


class HitExempt(Changes):
    @act("screening.decide", "Ask to let the name of a hit pass against its entry until a day", body=ExemptIn,
         output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, hit_id: int) -> Any:
        made = asking.exempt(
            actor=self.person, hit_id=hit_id, until=self.body["until"], reason=self.body["reason"]
        )  # fmt: skip
        return self.told(made.pk)


class ExemptionOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    list = serializers.CharField(source="watch_list.code")
    entry = serializers.CharField(source="entry_code")
    listed = serializers.CharField(source="entry_name")
    reason = serializers.CharField()
    owner = Person()
    approved_by = Person()
    valid_from = Moment()
    valid_to = serializers.DateField()
    ended_at = Moment(allow_null=True)
    ended_by = Person(allow_null=True)
    end_reason = serializers.CharField()


class ExemptionQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class ExemptionList(Endpoint):
    @act("screening.view", "Names that are let pass, the newest first", output=ExemptionOut, query=ExemptionQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = exemptions.visible(self.person).filter(entity__in=self.chosen())
        return self.page_of(rows, key=("id",), salt="exemptions")


class ExemptionEnd(Endpoint):
    @act("screening.decide", "End an exemption at once", body=HitWhyIn, output=ExemptionOut)
    def post(self, request: Request, exemption_id: int) -> Any:
        exemptions.end(actor=self.person, exemption_id=exemption_id, reason=self.body["reason"])
        return self.show(ExemptionOut, found(exemptions.visible(self.person), pk=exemption_id))


class WatchListOut(Output):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    publisher = serializers.CharField()
    kind = serializers.CharField(help_text="sanctions, pep, own.")
    entity = serializers.IntegerField(source="entity_id", allow_null=True, help_text="Null: all entities.")
    url = serializers.CharField()
    threshold = serializers.IntegerField(help_text="The score, 70 to 100, that makes a hit.")
    shrink_percent = serializers.IntegerField(help_text="A version that lost more waits for a second person.")
    is_active = serializers.BooleanField()


class WatchVersionOut(Output):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    status = serializers.CharField(help_text="current, waiting, past, refused.")
    format = serializers.CharField()
    origin = serializers.CharField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    published = serializers.CharField()
    loaded_at = Moment()
    loaded_by = Person(allow_null=True)
    activated_at = Moment(allow_null=True)
    confirmed_at = Moment(allow_null=True)
    rescreened_at = Moment(allow_null=True)
    entry_count = serializers.IntegerField()
    added_count = serializers.IntegerField()
    changed_count = serializers.IntegerField()
    removed_count = serializers.IntegerField()
    weakened_count = serializers.IntegerField(help_text="Changed entries that lost a name, or a strong one, or a kind.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Of a load: files of the publisher that were not with it."
    )


class ListedOut(Output):
    entry = serializers.CharField(source="code")
    kind = serializers.CharField(help_text="person, organisation, vessel, aircraft, other.")
    name = serializers.CharField()
    content = serializers.JSONField(help_text="Names with their quality, births, countries, addresses, programmes, …")


class ChangesQuery(PageQuery):
    part = serializers.ChoiceField(("added", "changed", "removed"), default="added")


class WatchListIn(Input):
    entity = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="Null: all entities.")
    code = serializers.CharField(max_length=32)
    name = serializers.CharField(max_length=80)
    publisher = serializers.CharField(max_length=80, allow_blank=True, default="")
    kind = serializers.ChoiceField(WatchList.Kind.values, default="sanctions")
    url = serializers.CharField(max_length=500, allow_blank=True, default="")
    threshold = serializers.IntegerField(min_value=70, max_value=100, default=82)
    shrink_percent = serializers.IntegerField(min_value=0, max_value=90, default=10)


class SettingsIn(Input):
    threshold = serializers.IntegerField(min_value=70, max_value=100, required=False)
    shrink_percent = serializers.IntegerField(min_value=0, max_value=90, required=False)
    url = serializers.CharField(max_length=500, allow_blank=True, required=False)
    is_active = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class SettingsAsked(Output):
    in_effect = serializers.BooleanField(help_text="What stops more takes effect at once.")
    change = ChangeOut(allow_null=True, help_text="What waits for a second person.")


class LoadIn(Input):
    file = serializers.FileField()
    file_name = serializers.CharField(max_length=200, required=False)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class WatchLists(Endpoint):
    @act("screening.view", "Lists to screen against, by their codes", output=WatchListOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(watchlists.visible(self.person), key=("id",), salt="watchlists")

    @act("watchlist.manage", "Make a list, empty", body=WatchListIn, output=WatchListOut, status=201)
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        entity_id = asked.pop("entity")
        entity = None
        if entity_id is not None:
            # Somebody else's entity is not there; one where the person only looks is denied.
            seen = set(self.places("screening.view")) | set(self.places())
            entity = found(Entity.objects.filter(pk__in=seen), pk=entity_id)
            access.demand(self.person, "watchlist.manage", entity.pk)
        return self.show(WatchListOut, watchlists.create(actor=self.person, entity=entity, **asked))


class WatchListDetail(Endpoint):
    @act("screening.view", "A list to screen against", output=WatchListOut)
    def get(self, request: Request, list_id: int) -> Any:
        return self.show(WatchListOut, watchlists.found(self.person, list_id))


class WatchListChange(Changes):
    @act("watchlist.manage", "Change a list: at once when it stops more, else by a second person", body=SettingsIn,
         output=SettingsAsked)  # fmt: skip
    def post(self, request: Request, list_id: int) -> Any:
        values = {name: value for name, value in self.body.items() if name != "reason"}
        made = asking.settings(actor=self.person, list_id=list_id, values=values, reason=self.body["reason"])
        return {"in_effect": made is None, "change": None if made is None else self.told(made.pk)}


class WatchListVersions(UploadEndpoint):
    @act("screening.view", "Versions of a list, the newest first", output=WatchVersionOut, query=PageQuery, paged=True)
    def get(self, request: Request, list_id: int) -> Any:
        of = watchlists.found(self.person, list_id)
        return self.page_of(of.versions.select_related("loaded_by"), key=("number",), salt=f"versions:{of.pk}")

    @act("watchlist.manage", "Load a file: in force at once, or waiting when it lost many entries", body=LoadIn,
         output=WatchVersionOut, status=201, upload=True)  # fmt: skip
    def post(self, request: Request, list_id: int) -> Any:
        file = self.body["file"]
        # Asked before the file is read: who may not load it need not know that it is none.
        watchlists.demand(self.person, watchlists.found(self.person, list_id).entity_id)
        made, _asked = asking.load(
            actor=self.person, list_id=list_id, content=self.read(file),
            file_name=self.body.get("file_name") or file.name or "", reason=self.body["reason"],
        )  # fmt: skip
        return self.show(WatchVersionOut, made)


class WatchListChanges(Endpoint):
    @act("screening.view", "What a version that took effect added, changed or removed", output=ListedOut,
         query=ChangesQuery, paged=True)  # fmt: skip
    def get(self, request: Request, list_id: int, number: int) -> Any:
        of = watchlists.found(self.person, list_id)
        version = found(of.versions.exclude(activated_at=None), number=number)
        part = self.query["part"]
        rows = watchlists.changes_of(version)[part]
        return self.page_of(rows, key=("code",), salt=f"changes:{version.pk}:{part}", descending=False)


class WatchListFetch(Endpoint):
    @act("watchlist.manage", "Load a list from its address now: in force at once, or waiting when it lost much",
         output=WatchVersionOut, status=201)  # fmt: skip
    def post(self, request: Request, list_id: int) -> Any:
        made, _asked = asking.fetch(actor=self.person, list_id=list_id)
        return self.show(WatchVersionOut, made)


class NameIn(Input):
    name = serializers.CharField(max_length=140)
    born_on = Text(10, help_text="A day, a month (1963-07) or a year. It takes no hit away.")

    def validate_born_on(self, value: str) -> str:
        if value and births.days(value) is None:
            raise serializers.ValidationError(sentence("date.unreadable"), code="invalid")
        return value


class NameHitOut(Output):
    list = serializers.CharField()
    entry = serializers.CharField()
    listed = serializers.CharField()
    quality = serializers.CharField(help_text="primary, alias, weak.")
    score = serializers.IntegerField()
    explanation = serializers.CharField()
    match = serializers.JSONField()
    listed_births = serializers.ListField(child=serializers.CharField())
    birth_agrees = serializers.BooleanField(allow_null=True, help_text="Null: one side is not known.")


class NameOut(Output):
    list_set = serializers.IntegerField(allow_null=True, help_text="Null: no list is in force.")
    hits = NameHitOut(many=True)


class NameScreen(Endpoint):
    @act("screening.view", "Screen a name against the lists in force; nothing is kept", body=NameIn, output=NameOut)
    def post(self, request: Request) -> Any:
        current, rows = verdicts.one(self.body["name"])
        places, born = {None, *self.places()}, verdicts.births_of(rows)
        told = []
        for one, meant in rows:
            if meant.member.entity_id not in places:
                continue
            match = {**verdicts.match(one), "name": one.listed.text, "quality": one.listed.quality}
            listed = born[int(str(one.listed.entry))]
            told.append({
                "listed_births": listed, "birth_agrees": births.agree(self.body["born_on"], listed),
                "list": meant.member.code, "entry": meant.code, "listed": one.listed.text,
                "quality": one.listed.quality, "score": one.match.score, "match": match,
                "explanation": words.sentence(match, one.match.score),
            })  # fmt: skip
        return {"list_set": current.list_set_id if current else None, "hits": told}
