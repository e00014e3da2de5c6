"""/api/v1/expectations and /occurrences: what should come, and what became of each day on which it was due."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import money
from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Number, Output, PageQuery, Person, Text
from controls import expected
from controls.expected import queries, rhythms
from controls.models import Expectation
from transactions.api.verbs import Ids
from transactions.models import StandingOrder

LONGEST = 2000


class ExpectationOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    kind = serializers.CharField(help_text="payee, payer, file.")
    origin = serializers.CharField(help_text="learnt, announced (by a standing order), by_hand.")
    name = serializers.CharField(help_text="Of the payee, payer or source.")
    account = serializers.IntegerField(source="account_id", allow_null=True, help_text="Of ours.")
    payee = serializers.IntegerField(source="payee_id", allow_null=True)
    number = Number(help_text="Of the other side, where no payee is named.")
    source = serializers.IntegerField(source="source_id", allow_null=True)  # type: ignore[assignment]
    standing_order = serializers.IntegerField(source="standing_id", allow_null=True)
    unit = serializers.CharField(help_text="week, month, year.")
    every = serializers.IntegerField(help_text="So many units apart.")
    last_working_day = serializers.BooleanField(help_text="The last open day of the month.")
    first_on = serializers.DateField(help_text="From which the dates follow.")
    working_day = serializers.CharField(help_text="next, previous, same: where a date that is closed moves.")
    tolerance = serializers.IntegerField(help_text="Days before the due day from which it counts.")
    grace = serializers.IntegerField(help_text="Open days after the due day until it is missing.")
    amount = Money(allow_null=True, help_text="Null: no amount is expected.")
    spread = Money(allow_null=True, help_text="Median distance from the amount.")
    currency = serializers.CharField()
    awaited_on = serializers.DateField(allow_null=True, help_text="The next day that is awaited.")
    next_on = serializers.DateField(allow_null=True, help_text="From here on no due days are laid yet.")
    learnt_from = serializers.IntegerField()
    last_seen_on = serializers.DateField(allow_null=True)
    made_by = Person(allow_null=True)
    made_at = Moment()
    ended_at = Moment(allow_null=True)
    ended_by = Person(allow_null=True)
    end_reason = serializers.CharField(
        help_text="A person's words, or why the house ended it: silent, announced, order."
    )


class ExpectedDayOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    expectation = serializers.IntegerField(source="expectation_id")
    name = serializers.CharField(source="expectation.name")
    kind = serializers.CharField(source="expectation.kind")
    due_on = serializers.DateField()
    missing_after = serializers.DateField(help_text="The last day on which it is not missing yet.")
    status = serializers.CharField(help_text="awaited, came, missing, excused.")
    late = serializers.BooleanField(help_text="It came when it was missing.")
    came_on = serializers.DateField(allow_null=True)
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    excused_by = Person(allow_null=True)
    reason = serializers.CharField()


class ExpectationQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Expectation.Kind.values, required=False)
    active = serializers.BooleanField(required=False, allow_null=True, default=None)


class OccurrenceQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Expectation.Kind.values, required=False)
    view = serializers.ChoiceField(queries.VIEWS, required=False, help_text="All without.")
    expectation = serializers.IntegerField(required=False)


class ExpectationIn(Input):
    entity = serializers.IntegerField(required=False, help_text="Of several where the person may.")
    kind = serializers.ChoiceField(Expectation.Kind.values)
    rhythm = serializers.ChoiceField(list(rhythms.BY_CODE))
    first_on = serializers.DateField()
    account = serializers.IntegerField(required=False, min_value=1, help_text="Of ours; not of a file.")
    payee = serializers.IntegerField(required=False, min_value=1, help_text="Or number and name.")
    number = Text(42)
    name = Text(140)
    source = serializers.IntegerField(required=False, min_value=1, help_text="Of a file.")  # type: ignore[assignment]
    amount = MoneyText(required=False, max_length=24)
    working_day = serializers.ChoiceField(StandingOrder.WorkingDay.values, default="next")
    tolerance = serializers.IntegerField(default=1, min_value=0, max_value=10)
    grace = serializers.IntegerField(default=rhythms.GRACE, min_value=0, max_value=30)
    calendar = serializers.IntegerField(required=False, min_value=1, help_text="Else the entity's only one, or TARGET.")


class ExpectedWhyIn(Input):
    ids = Ids()
    reason = serializers.CharField(max_length=LONGEST)


class ExpectedAnswerOut(Output):
    id = serializers.IntegerField(source="key")
    done = serializers.BooleanField()
    code = serializers.CharField(help_text="Why not; else empty.")
    params = serializers.DictField()
    detail = serializers.CharField(source="sentence")


class ExpectedAnswersOut(Output):
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    answers = ExpectedAnswerOut(many=True, help_text="In the order asked.")


def answered(answers: Sequence[expected.Answer]) -> Mapping[str, Any]:
    rows = [
        {"id": one.key, "done": one.done, "code": one.code, "params": one.params, "detail": one.sentence}
        for one in answers
    ]  # fmt: skip
    done = sum(1 for one in answers if one.done)
    return {"done": done, "refused": len(rows) - done, "answers": rows}


class ExpectationList(Endpoint):
    @act("case.view", "What is expected, the newest first", output=ExpectationOut, query=ExpectationQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = queries.expectations(self.chosen(), active=self.query["active"], kind=self.query.get("kind", ""))
        return self.page_of(rows, key=("id",), salt="expectations")

    @act("case.decide", "Expect something from a day on", output=ExpectationOut, body=ExpectationIn, status=201)
    def post(self, request: Request) -> Any:
        said = {name: value for name, value in self.body.items() if name != "entity"}
        if "amount" in said:
            said["amount"] = money.number(said["amount"])
        made = expected.add(actor=self.person, entity=self.entity(), **said)
        return self.show(ExpectationOut, queries.found(self.person, made.pk))


class ExpectationDetail(Endpoint):
    @act("case.view", "One expectation", output=ExpectationOut)
    def get(self, request: Request, expectation_id: int) -> Any:
        return self.show(ExpectationOut, queries.found(self.person, expectation_id))


class ExpectationsEnd(Endpoint):
    @act("case.decide", "Expect these no longer, for good", body=ExpectedWhyIn, output=ExpectedAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(expected.end(actor=self.person, **self.body))


class OccurrenceList(Endpoint):
    @act("case.view", "Days on which something was due, the latest first", output=ExpectedDayOut, query=OccurrenceQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = queries.occurrences(self.chosen(), self.query.get("view", ""), self.query.get("kind", ""))
        if "expectation" in self.query:
            rows = rows.filter(expectation=self.query["expectation"])
        return self.page_of(rows, key=("due_on", "id"), salt="occurrences")


class OccurrencesExcuse(Endpoint):
    @act("case.decide", "Excuse what need not come, awaited or missing", body=ExpectedWhyIn, output=ExpectedAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(expected.excuse(actor=self.person, **self.body))
