"""/api/v1/ of rules: what they say, their drafts, a check of an expression, named lists.

A draft is written and handed in here; whoever publishes it decides on its change (/changes), as for every second
person. A program can write drafts; only a person hands one in.
"""

from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import formats
from backoffice.common.api import act, found
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, Text
from backoffice.people.models import Entity
from controls import changes
from controls.api_approvals import ChangeOut, ChangeReasonIn, Changes
from controls.models import Rule, RuleList, RuleListEntry, RuleVersion
from controls.rules import builder, differences, language, life, reach, rule_lists


class RuleVersionOut(Output):
    number = serializers.IntegerField()
    expression = serializers.CharField()
    parameters = serializers.DictField()
    action = serializers.CharField()
    mode = serializers.CharField()
    weight = serializers.IntegerField()
    reject_reason = serializers.CharField()
    sentence_en = serializers.CharField()
    sentence_fr = serializers.CharField()
    legal_reference = serializers.CharField()
    profiles = serializers.ListField(child=serializers.CharField())
    entity = serializers.IntegerField(source="entity_id", allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    dated_by = serializers.CharField(help_text="What of a payment these days are compared with: receipt, execution.")
    level = serializers.IntegerField(help_text="Of control: 1 operations, 2 risk and compliance, 3 internal audit.")
    certainty = serializers.CharField(
        help_text="How well its source was read: V read, V~ in part, K known and not read; empty: a house rule."
    )
    units = serializers.DictField(help_text="What parameters measure: money, percent, days, count, text, date, list.")
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Kinds of payment; none: any.")
    channels = serializers.ListField(child=serializers.CharField(), help_text="None: any.")
    starts_at = Moment(allow_null=True, help_text="It runs from this moment on; null: from its publication.")
    published_at = Moment(allow_null=True)


class RuleOut(Output):
    code = serializers.CharField()
    family = serializers.CharField()
    name_en = serializers.CharField()
    name_fr = serializers.CharField()
    shipped = serializers.BooleanField()
    version = RuleVersionOut(source="in_force", allow_null=True, help_text="The one that counts now.")


class RuleDetailOut(RuleOut):
    versions = RuleVersionOut(many=True, source="told_versions", help_text="Published, the newest first.")


class DifferenceOut(Output):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    said = serializers.CharField(help_text="In the reader's language.")


class RuleHistoryOut(RuleVersionOut):
    id = serializers.IntegerField()
    written_by = Person(allow_null=True, help_text="Null: shipped with the product.")
    written_at = Moment(allow_null=True)
    published_by = Person(allow_null=True)
    waits = serializers.BooleanField(source="told_waits", help_text="For a second person.")
    differences = DifferenceOut(many=True, source="told_differences", help_text="From the version before it.")


class DraftOut(RuleHistoryOut):
    rule = serializers.CharField(source="rule.code")


class DiscardedOut(Output):
    id = serializers.IntegerField()
    discarded_at = Moment()


class VersionIn(Input):
    expression = serializers.CharField(max_length=language.LONGEST, required=False)
    parameters = serializers.DictField(required=False, help_text="Values by name: numbers, texts, dates or lists.")
    units = serializers.DictField(child=serializers.ChoiceField(RuleVersion.Unit.values), required=False)
    action = serializers.ChoiceField(RuleVersion.Action.values, required=False)
    weight = serializers.IntegerField(min_value=0, max_value=100, required=False)
    reject_reason = serializers.CharField(max_length=4, required=False, allow_blank=True)
    sentence_en = serializers.CharField(max_length=500, required=False)
    sentence_fr = serializers.CharField(max_length=500, required=False)
    legal_reference = serializers.CharField(max_length=200, required=False, allow_blank=True)
    profiles = serializers.ListField(child=serializers.ChoiceField(Entity.Profile.values), required=False)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=10), required=False, help_text="As of a payment; none: any."
    )
    channels = serializers.ListField(child=serializers.CharField(max_length=8), required=False, help_text="None: any.")
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    dated_by = serializers.ChoiceField(RuleVersion.DatedBy.values, required=False)
    level = serializers.ChoiceField(RuleVersion.Level.values, required=False)
    certainty = serializers.ChoiceField(RuleVersion.Certainty.values, required=False, allow_blank=True)


class PlacedIn(Input):
    entity = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="Null: all entities."
    )


class RuleIn(VersionIn, PlacedIn):
    code = serializers.CharField(max_length=32)
    family = serializers.ChoiceField(Rule.Family.values)
    name_en = serializers.CharField(max_length=80)
    name_fr = serializers.CharField(max_length=80)


class NextIn(VersionIn, PlacedIn):
    based_on = serializers.IntegerField(min_value=1, help_text="The number of the version that it begins with.")


class SubmitIn(ChangeReasonIn):
    mode = serializers.CharField(max_length=8, help_text="shadow, active, off.")
    starts_at = Moment(required=False, allow_null=True, default=None)
    overload_reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="",
        help_text="Needed to make active what, by its back-test, asks for more time than the team has.",
    )  # fmt: skip


class ModeIn(SubmitIn):
    version = serializers.IntegerField(min_value=1, help_text="The number of a published version.")


class CheckIn(PlacedIn):
    expression = serializers.CharField(max_length=4_000)
    parameters = serializers.DictField(required=False, default=dict)
    units = serializers.DictField(child=serializers.ChoiceField(RuleVersion.Unit.values), required=False, default=dict)


class CheckOut(Output):
    facts = serializers.ListField(child=serializers.CharField())
    parameters = serializers.ListField(child=serializers.CharField())
    lists = serializers.ListField(child=serializers.CharField())
    tree = serializers.DictField(allow_null=True, help_text="For a builder; null when it cannot show the text.")


class RuleListOut(Output):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="text, account, country.")
    entity = serializers.IntegerField(source="entity_id", allow_null=True)
    note = serializers.CharField()
    held = serializers.IntegerField(help_text="How many values it holds now.")


class RuleListEntryOut(Output):
    id = serializers.IntegerField()
    value = serializers.CharField()
    valid_from = Moment()
    valid_to = Moment(allow_null=True, help_text="Null: it is still held.")
    reason = serializers.CharField()


class RuleListIn(PlacedIn):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(RuleList.Kind.values)
    note = Text(400)


class RuleListChangeIn(ChangeReasonIn):
    add = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    remove = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)


class Rules(Changes):
    def place(self) -> Entity | None:
        """The entity that is named, in sight; None when all are meant."""
        asked = self.body.get("entity")
        return None if asked is None else found(Entity.objects.filter(pk__in=self.places(reach.VIEW)), pk=asked)

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.body.items() if name in VersionIn().fields}

    def draft(self, version_id: int) -> RuleVersion:
        return found(life.visible(self.person).filter(published_at=None), pk=version_id)

    def told_draft(self, version_id: int) -> Any:
        return self.show(DraftOut, self.whole([self.draft(version_id)])[0])

    def whole(self, versions: list[Any]) -> list[Any]:
        """With whether they wait, and what each says otherwise than the published one before it. Two queries."""
        waiting = life.waiting([one.pk for one in versions if one.published_at is None])
        rules = {one.rule_id for one in versions}
        published = list(life.visible(self.person).filter(rule__in=rules).exclude(published_at=None))
        for one in versions:
            earlier = [other for other in published if other.rule_id == one.rule_id and other.number < one.number]
            own = [other for other in earlier if other.entity_id == one.entity_id] or [
                other for other in earlier if other.entity_id is None
            ]
            before = max(own, key=lambda other: other.number, default=None)
            one.told_waits = one.pk in waiting
            one.told_differences = differences.between(before, one) if before else []
        return versions


class RuleListing(Rules):
    @act(reach.VIEW, "Rules with the version that counts now", output=RuleOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(self.rules(), key=("code",), salt="rules", descending=False)

    @act(reach.WRITE, "Write a rule of the house, as a draft", body=RuleIn, output=DraftOut, status=201)
    def post(self, request: Request) -> Any:
        named = {name: self.body[name] for name in ("code", "family", "name_en", "name_fr")}
        made = life.draft_new(actor=self.person, entity=self.place(), values=self.said(), **named)
        return self.told_draft(made.pk)

    def rules(self) -> Any:
        """Rules with what counts for everybody or for an entity of the person. Two queries."""
        versions = in_use(self.places())
        newest = versions.filter(rule=OuterRef("rule")).order_by("-number").values("pk")[:1]
        return life.rules(self.person).prefetch_related(
            Prefetch("versions", queryset=versions.filter(pk=Subquery(newest)), to_attr="told_newest")
        )

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        for rule in items:
            rule.in_force = next(iter(rule.told_newest), None)
        return super().paged(items, following, previous)


class RuleDetail(Rules):
    @act(reach.VIEW, "A rule with its published versions", output=RuleDetailOut)
    def get(self, request: Request, code: str) -> Any:
        told: Any = life.rule(self.person, code)
        told.told_versions = list(published(self.places()).filter(rule=told).order_by("-number"))
        told.in_force = in_use(self.places()).filter(rule=told).order_by("-number").first()
        return self.show(RuleDetailOut, told)


class RuleHistory(Rules):
    @act(reach.VIEW, "Every version of a rule, drafts included, the newest first", output=RuleHistoryOut,
         query=PageQuery, paged=True)  # fmt: skip
    def get(self, request: Request, code: str) -> Any:
        rule = life.rule(self.person, code)
        return self.page_of(life.visible(self.person).filter(rule=rule), key=("id",), salt=f"versions:{code}")

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        return super().paged(self.whole(list(items)), following, previous)


class RuleNext(Rules):
    @act(reach.WRITE, "Write the next version of a rule, as a draft", body=NextIn, output=DraftOut, status=201)
    def post(self, request: Request, code: str) -> Any:
        rule = life.rule(self.person, code)
        base = found(life.visible(self.person).filter(rule=rule), number=self.body["based_on"])
        made = life.draft_next(
            actor=self.person, code=code, entity=self.place(), based_on=base.pk, values=self.said()
        )  # fmt: skip
        return self.told_draft(made.pk)


class RuleMode(Rules):
    @act(reach.WRITE, "Ask for another mode of a published version", body=ModeIn, output=ChangeOut, status=201)
    def post(self, request: Request, code: str) -> Any:
        rule = life.rule(self.person, code)
        base = found(life.visible(self.person).filter(rule=rule), number=self.body["version"])
        made = life.ask_mode(
            actor=self.person, version_id=base.pk, mode=self.body["mode"], reason=self.body["reason"],
            starts_at=self.body["starts_at"], overload_reason=self.body["overload_reason"],
        )  # fmt: skip
        return self.told(made.pk)


class RuleCheck(Rules):
    @act(reach.WRITE, "Check an expression: its fault with the place, or what it names", body=CheckIn, output=CheckOut)
    def post(self, request: Request) -> Any:
        place, text, given = self.place(), self.body["expression"], self.body["parameters"]
        compiled = language.compile_expression(
            text, given, lists=rule_lists.known(place.pk if place else None), units=self.body["units"]
        )
        read = builder.from_text(text, given)
        return {
            "facts": sorted(compiled.facts), "parameters": sorted(compiled.parameters),
            "lists": sorted(compiled.lists), "tree": builder.to_json(read.tree) if read.tree else None,
        }  # fmt: skip


class DraftDetail(Rules):
    @act(reach.VIEW, "A draft of a rule", output=DraftOut)
    def get(self, request: Request, version_id: int) -> Any:
        return self.told_draft(version_id)


class DraftChange(Rules):
    @act(reach.WRITE, "Write a draft anew: what is given takes the place of what it said", body=VersionIn,
         output=DraftOut)  # fmt: skip
    def post(self, request: Request, version_id: int) -> Any:
        life.change(actor=self.person, version_id=version_id, values=self.said())
        return self.told_draft(version_id)


class DraftSubmit(Rules):
    @act(reach.WRITE, "Hand a draft in; it is published when a second person approves the change", body=SubmitIn,
         output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, version_id: int) -> Any:
        made = life.submit(
            actor=self.person, version_id=version_id, mode=self.body["mode"], reason=self.body["reason"],
            starts_at=self.body["starts_at"], overload_reason=self.body["overload_reason"],
        )  # fmt: skip
        return self.told(made.pk)


class DraftDiscard(Rules):
    @act(reach.WRITE, "Discard a draft", body=ChangeReasonIn, output=DiscardedOut)
    def post(self, request: Request, version_id: int) -> Any:
        life.discard(actor=self.person, version_id=version_id, reason=self.body["reason"])
        return self.show(DiscardedOut, RuleVersion.objects.get(pk=version_id))


class Lists(Rules):
    def list(self, code: str) -> RuleList:
        return rule_lists.found(self.person, code)


class ListListing(Lists):
    @act(reach.VIEW, "Named lists that rules may ask", output=RuleListOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(rule_lists.visible(self.person), key=("code",), salt="rule-lists", descending=False)

    @act(reach.WRITE, "Make a list; it begins empty", body=RuleListIn, output=RuleListOut, status=201)
    def post(self, request: Request) -> Any:
        named = {name: self.body[name] for name in ("code", "name", "kind", "note")}
        made = rule_lists.make(actor=self.person, entity=self.place(), **named)
        return self.show(RuleListOut, self.list(made.code))


class ListDetail(Lists):
    @act(reach.VIEW, "A named list", output=RuleListOut)
    def get(self, request: Request, code: str) -> Any:
        return self.show(RuleListOut, self.list(code))


class ListEntries(Lists):
    @act(
        reach.VIEW, "What a list holds and held, the newest first", output=RuleListEntryOut, query=PageQuery, paged=True
    )
    def get(self, request: Request, code: str) -> Any:
        rows = RuleListEntry.objects.filter(list=self.list(code)).select_related("list")
        return self.page_of(rows, key=("id",), salt=f"rule-list:{code}")

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        for one in items:
            if one.list.kind == RuleList.Kind.ACCOUNT and not self.clear:
                one.value = formats.masked(one.value)
        return super().paged(items, following, previous)


class ListChange(Lists):
    @act(reach.WRITE, "Ask for values to come and to go; they do when a second person approves the change",
         body=RuleListChangeIn, output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, code: str) -> Any:
        made = changes.ask_list(
            actor=self.person, code=code, add=self.body["add"], remove=self.body["remove"], reason=self.body["reason"]
        )
        return self.told(made.pk)


def published(entity_ids: list[int]) -> Any:
    """Versions that were published for everybody or for these entities."""
    here = Q(entity=None) | Q(entity__in=entity_ids)
    return RuleVersion.objects.filter(here, published_at__isnull=False)


def in_use(entity_ids: list[int]) -> Any:
    """The same whose moment has come."""
    return published(entity_ids).filter(Q(starts_at=None) | Q(starts_at__lte=timezone.now()))
