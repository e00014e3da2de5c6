"""/api/v1/matches, /open-items and /reconciliation: statements against the books, and the days that people close.

People alone match, close and correct; programs read.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, Person, Text
from controls.models import Match, OpenItem, ReconciledDay
from controls.reconciliation import acting, calendar, days, positions
from controls.reconciliation.proof import plain

VIEW, MATCH, SIGN = days.VIEW, days.MATCH, days.SIGN
MOST, REASON = 1000, 2000


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "maxItems": MOST})
class Keys(serializers.Field[Any, Any, Any, Any]):
    """Numbers, each once. Open items that wait for their posting are below zero."""

    def to_internal_value(self, data: Any) -> list[int]:
        if not isinstance(data, list) or len(data) > MOST or not all(type(key) is int for key in data):
            raise ValidationError(sentence("form.invalid"), code="invalid")
        if any(abs(key) >= 2**63 for key in data):
            raise ValidationError(sentence("form.invalid"), code="invalid")
        return list(dict.fromkeys(data))

    def to_representation(self, value: Any) -> Any:
        return value


class OpenItemOut(Output):
    id = serializers.IntegerField(help_text="Of the posting; below zero: of a payment that waits for it.")
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    entry = serializers.IntegerField(source="entry_id", allow_null=True)
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    credit = serializers.BooleanField(help_text="As the bank shows it: money that comes.")
    amount = Money()
    open = Money()
    currency = serializers.CharField()
    booked_on = serializers.DateField()
    name = serializers.CharField()


class MatchOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    code = serializers.CharField(help_text="The pass that found it, or manual.")
    confidence = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.DictField(), help_text="Codes with parameters.")
    difference = serializers.SerializerMethodField()
    difference_code = serializers.CharField()
    made_by = Person(allow_null=True)
    made_at = Moment()
    reason = serializers.CharField()
    undone_at = Moment(allow_null=True)

    def get_difference(self, one: Match) -> str:
        return plain(one.difference)


class MatchQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)


class MatchIn(Input):
    lines = Keys(required=False, default=list)
    items = Keys(required=False, default=list)
    reason = Text(500)
    difference = serializers.ChoiceField(["fee", "exchange"], required=False)
    in_part = serializers.BooleanField(default=False, help_text="Match what both sides have in common.")


class UndoIn(Input):
    reason = serializers.CharField(max_length=500)


class DeskReasonIn(Input):
    reason = serializers.CharField(max_length=REASON)


class AccountQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)


class SuggestIn(Input):
    lines = Keys()


class SuggestionOut(Output):
    line = serializers.IntegerField(source="line_id")
    items = serializers.ListField(child=serializers.IntegerField())
    confidence = serializers.IntegerField()
    band = serializers.CharField(help_text="certain, likely, possible.")
    difference = serializers.SerializerMethodField()
    reasons = serializers.ListField(child=serializers.DictField())

    def get_difference(self, one: Any) -> str:
        return plain(one.difference)


class SuggestionsOut(Output):
    suggestions = SuggestionOut(many=True, help_text="By line, the likeliest first.")


class MatchList(Endpoint):
    @act(VIEW, "Matches that stand, the newest first", output=MatchOut, query=MatchQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = Match.objects.filter(entity__in=self.chosen(), undone_at=None).select_related("made_by")
        if "account" in self.query:
            rows = rows.filter(account=self.query["account"])
        return self.page_of(rows, key=("id",), salt="matches")

    @act(MATCH, "Match open lines with open items by hand", body=MatchIn, output=MatchOut, status=201)
    def post(self, request: Request) -> Any:
        made = acting.match(
            lines=self.body["lines"], postings=self.body["items"], actor=self.person, reason=self.body["reason"],
            difference_code=self.body.get("difference", ""), partial=self.body["in_part"],
        )  # fmt: skip
        return self.show(MatchOut, Match.objects.select_related("made_by").get(pk=made.pk))


class MatchUndo(Endpoint):
    @act(MATCH, "Undo a match: what it took is open again", body=UndoIn, output=MatchOut)
    def post(self, request: Request, match_id: int) -> Any:
        acting.undo(match_ids=[match_id], actor=self.person, reason=self.body["reason"])
        return self.show(MatchOut, Match.objects.select_related("made_by").get(pk=match_id))


class MatchSuggest(Endpoint):
    @act(VIEW, "What open lines could belong to, the likeliest first; nothing is matched", body=SuggestIn,
         output=SuggestionsOut, items=lambda body: len(body["lines"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        found = acting.suggest(actor=self.person, line_ids=self.body["lines"])
        return self.show(SuggestionsOut, {"suggestions": [one for rows in found.values() for one in rows]})


class OpenItemList(Endpoint):
    @act(VIEW, "What is open of the books, the oldest first", output=OpenItemOut, query=AccountQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = OpenItem.objects.filter(entity__in=self.chosen())
        if "account" in self.query:
            rows = rows.filter(account=self.query["account"])
        return self.page_of(rows, key=("booked_on", "id"), salt="open-items", descending=False)


class ReconciledDayOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    day = serializers.DateField()
    round = serializers.IntegerField()
    status = serializers.CharField(help_text="prepared, signed, sent_back, reopened.")
    bank = serializers.SerializerMethodField()
    books = serializers.SerializerMethodField()
    unexplained = serializers.SerializerMethodField()
    digest = serializers.SerializerMethodField(help_text="SHA-256 of the proof.")
    proof = serializers.DictField()
    prepared_by = Person()
    prepared_at = Moment()
    remark = serializers.CharField()
    signed_by = Person(allow_null=True)
    signed_at = Moment(allow_null=True)
    ended_reason = serializers.CharField()
    changed_at = Moment(allow_null=True, help_text="Something came later that does not agree with the proof.")
    change = serializers.DictField()

    def get_bank(self, one: ReconciledDay) -> str:
        return plain(one.bank)

    def get_books(self, one: ReconciledDay) -> str:
        return plain(one.books)

    def get_unexplained(self, one: ReconciledDay) -> str:
        return plain(one.unexplained)

    def get_digest(self, one: ReconciledDay) -> str:
        return bytes(one.digest).hex()


class DayQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(ReconciledDay.Status.values, required=False)


class DayPrepareIn(Input):
    account = serializers.IntegerField(min_value=1)
    day = serializers.DateField()
    remark = Text(REASON)


class SignDayIn(Input):
    digest = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Of the proof that was read.")


class PositionQuery(Input):
    entity = serializers.IntegerField(required=False)
    day = serializers.DateField(required=False, help_text="Yesterday without.")


class PositionOut(Output):
    account = serializers.IntegerField()
    day = serializers.DateField()
    status = serializers.CharField(
        help_text="not_received, late, imported, in_progress, prepared, signed, reopened, no_business."
    )
    bank = serializers.CharField(allow_null=True)
    books = serializers.CharField()
    unexplained = serializers.CharField(allow_null=True)
    explained = serializers.ListField(child=serializers.DictField(), help_text="By kind: count and amount.")


class PositionsOut(Output):
    positions = PositionOut(many=True)


def _day(key: int) -> ReconciledDay:
    return ReconciledDay.objects.select_related("prepared_by", "signed_by").get(pk=key)


class DayList(Endpoint):
    @act(
        VIEW, "Sign-offs of days of accounts, the latest day first", output=ReconciledDayOut, query=DayQuery, paged=True
    )
    def get(self, request: Request) -> Any:
        rows = ReconciledDay.objects.filter(entity__in=self.chosen()).select_related("prepared_by", "signed_by")
        for name in ("account", "status"):
            rows = rows.filter(**{name: self.query[name]}) if name in self.query else rows
        return self.page_of(rows, key=("day", "id"), salt="days")

    @act(MATCH, "Prepare a day: freeze where the account stands, for another to sign", body=DayPrepareIn,
         output=ReconciledDayOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        said = self.body
        made = days.prepare(actor=self.person, account_id=said["account"], day=said["day"], remark=said["remark"])
        return self.show(ReconciledDayOut, _day(made.pk))


class DayDetail(Endpoint):
    @act(VIEW, "A sign-off with its proof", output=ReconciledDayOut)
    def get(self, request: Request, day_id: int) -> Any:
        return self.show(ReconciledDayOut, days.found(self.person, day_id))


class DaySign(Endpoint):
    @act(SIGN, "Sign a day that another prepared, by the digest that was read", body=SignDayIn, output=ReconciledDayOut)
    def post(self, request: Request, day_id: int) -> Any:
        days.sign(actor=self.person, day_id=day_id, digest=self.body["digest"])
        return self.show(ReconciledDayOut, _day(day_id))


class DaySendBack(Endpoint):
    @act(MATCH, "Send back what was prepared", body=DeskReasonIn, output=ReconciledDayOut)
    def post(self, request: Request, day_id: int) -> Any:
        days.send_back(actor=self.person, day_id=day_id, reason=self.body["reason"])
        return self.show(ReconciledDayOut, _day(day_id))


class DayAskReopening(Endpoint):
    @act(MATCH, "Ask that a signed day be opened again; another agrees", body=DeskReasonIn, output=ReconciledDayOut)
    def post(self, request: Request, day_id: int) -> Any:
        days.ask_reopening(actor=self.person, day_id=day_id, reason=self.body["reason"])
        return self.show(ReconciledDayOut, _day(day_id))


class DayReopen(Endpoint):
    @act(SIGN, "Agree to open a signed day again", output=ReconciledDayOut)
    def post(self, request: Request, day_id: int) -> Any:
        days.reopen(actor=self.person, day_id=day_id)
        return self.show(ReconciledDayOut, _day(day_id))


class DayKeep(Endpoint):
    @act(MATCH, "Leave a day signed that somebody asked to reopen", body=DeskReasonIn, output=ReconciledDayOut)
    def post(self, request: Request, day_id: int) -> Any:
        days.keep_signed(actor=self.person, day_id=day_id, reason=self.body["reason"])
        return self.show(ReconciledDayOut, _day(day_id))


class PositionList(Endpoint):
    @act(VIEW, "Where accounts stand on a day: bank, books, and what explains the difference", query=PositionQuery,
         output=PositionsOut)  # fmt: skip
    def get(self, request: Request) -> Any:
        today = timezone.localdate()
        day = self.query.get("day") or today - calendar.ONE
        if not 2000 <= day.year < 9000:
            raise ValidationError({"day": [sentence("form.invalid")]})
        accounts = days.accounts(self.chosen())
        standings = calendar.standings(accounts, day, day, today)
        rows = []
        for one in accounts:
            at = positions.position(one, day)
            rows.append({
                "account": one.pk, "day": day, "status": standings[one.pk, day].status,
                "bank": None if at.bank is None else plain(at.bank), "books": plain(at.books),
                "unexplained": None if at.bank is None else plain(at.unexplained),
                "explained": [
                    {"kind": kind, "count": count, "amount": plain(total)} for kind, (count, total) in at.sums().items()
                ],
            })  # fmt: skip
        return self.show(PositionsOut, {"positions": rows})
