"""/api/v1/cases and /alerts: what looks wrong, and the verbs of who works on it. Each verb takes many cases.

Programs raise alerts by hand for the person whose token they hold; they decide nothing. Reports of suspicion are not
in this interface.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, Person, Text
from backoffice.people.models import User
from controls import cases
from controls.cases import queries, reasons, silences, table, typologies
from controls.models import Alert, Case, CaseLink, Incident
from transactions.api.verbs import AnswersOut, Ids, Versions, told

TYPOLOGIES = list(typologies.TYPOLOGIES)
CAUSES = sorted({code for codes in typologies.CAUSES.values() for code in codes})
LONGEST = 2000


class ReasonOut(Output):
    sentence = serializers.CharField(help_text="In the reader's language.")
    weight = serializers.FloatField()
    rule = serializers.CharField(help_text="Its code, when a rule says it.")
    version = serializers.IntegerField(source="number", help_text="Of the rule; 0 without one.")


class AlertOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    occurrence = serializers.IntegerField(source="occurrence_id", allow_null=True, help_text="What did not come.")
    case = serializers.IntegerField(source="case_id")
    typology = serializers.CharField()
    origin = serializers.CharField(help_text="rule, model, detector, person.")
    version = serializers.CharField(help_text="Which rule, model or detector, with its version.")
    score = serializers.IntegerField(help_text="0 to 100.")
    reasons = ReasonOut(many=True, source="told_reasons")
    evidence = serializers.JSONField(help_text="Related payments and values.")
    raised_at = Moment()
    raised_by = Person(allow_null=True)


class CaseOut(Output):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    entity = serializers.IntegerField(source="entity_id")
    typology = serializers.CharField()
    name = serializers.SerializerMethodField(help_text="Of the typology, in the reader's language.")
    group = serializers.CharField(
        help_text="What its alerts have in common: payee, number, account, operator, payment, source."
    )
    subject = serializers.CharField()
    status = serializers.CharField(help_text="open, working, waiting, snoozed, escalated, closed.")
    score = serializers.IntegerField()
    alert_count = serializers.IntegerField()
    priority = serializers.IntegerField()
    opened_at = Moment()
    due_at = Moment()
    overdue_at = Moment(allow_null=True)
    snoozed_until = Moment(allow_null=True)
    assignee = Person(allow_null=True)
    second_asked = serializers.BooleanField(source="seconding", help_text="A second person is asked.")
    holding = serializers.BooleanField(help_text="Its payments wait for it.")
    disposition = serializers.CharField(help_text="confirmed_risk, valuable_alert, false_positive; empty until closed.")
    cause = serializers.CharField()
    closed_at = Moment(allow_null=True)
    incident = serializers.IntegerField(source="incident_id", allow_null=True)
    version = serializers.IntegerField()

    def get_name(self, case: Case) -> str:
        return typologies.name(case.typology)


class VerdictOut(Output):
    round = serializers.IntegerField()
    place = serializers.IntegerField(help_text="1 or 2.")
    person = Person()
    disposition = serializers.CharField()
    cause = serializers.CharField()
    reason = serializers.CharField()
    actions = serializers.ListField(child=serializers.CharField())
    given_at = Moment()


class CaseRequestOut(Output):
    id = serializers.IntegerField()
    addressee = serializers.CharField()
    question = serializers.CharField()
    due_at = Moment()
    asked_by = Person()
    asked_at = Moment()
    answer = serializers.CharField()
    answered_by = Person(allow_null=True)
    answered_at = Moment(allow_null=True)


class CaseLinkOut(Output):
    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="payment, payee, party, account, other (a case).")
    target = serializers.SerializerMethodField()
    note = serializers.CharField()
    linked_by = Person()

    def get_target(self, link: CaseLink) -> int:
        return int(getattr(link, f"{link.kind}_id"))


class AroundOut(Output):
    payment = serializers.IntegerField(source="payment.pk")
    reference = serializers.CharField(source="payment.reference")
    amount = Money("payment.amount", currency="payment.currency")
    currency = serializers.CharField(source="payment.currency")
    status = serializers.CharField(source="payment.state.status")
    why = serializers.CharField(help_text="alert, evidence, link, party.")


class TickOut(Output):
    item = serializers.CharField()
    ticked_by = Person()
    ticked_at = Moment()


class CaseDetailOut(CaseOut):
    alerts = AlertOut(many=True, source="told_alerts")
    payments = AroundOut(many=True, source="told_around")
    verdicts = VerdictOut(many=True, source="told_verdicts", help_text="The first of two is told with the second.")
    requests = CaseRequestOut(many=True, source="told_requests")
    links = CaseLinkOut(many=True, source="told_links")
    checklist = serializers.ListField(child=serializers.CharField(), source="told_checklist")
    ticks = TickOut(many=True, source="told_ticks")


class CaseQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    view = serializers.ChoiceField([view for view in queries.VIEWS if view], required=False, help_text="Open without.")
    typology = serializers.ChoiceField(TYPOLOGIES, required=False)
    status = serializers.ChoiceField(Case.Status.values, required=False)
    payment = serializers.IntegerField(required=False)
    incident = serializers.IntegerField(required=False)
    score = serializers.IntegerField(required=False, min_value=0, max_value=100, help_text="From this score on.")


class AlertQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    payment = serializers.IntegerField(required=False)
    typology = serializers.ChoiceField(TYPOLOGIES, required=False)


class RaiseIn(Input):
    payments = Ids()
    typology = serializers.ChoiceField(TYPOLOGIES)
    reason = serializers.CharField(max_length=1000)


class CasesIn(Input):
    ids = Ids()
    versions = Versions(required=False)


class CaseWhyIn(CasesIn):
    reason = serializers.CharField(max_length=LONGEST)


class CaseMayWhyIn(CasesIn):
    reason = Text(LONGEST)


class CaseAssignIn(CaseMayWhyIn):
    person = serializers.IntegerField(min_value=1)


class CaseSnoozeIn(CaseWhyIn):
    until = Moment()


class CaseCommentIn(Input):
    ids = Ids()
    words = serializers.CharField(max_length=LONGEST)


class CaseTickIn(Input):
    ids = Ids()
    item = serializers.CharField(max_length=32)
    done = serializers.BooleanField(default=True)


class CaseAskIn(CasesIn):
    addressee = serializers.CharField(max_length=140)
    question = serializers.CharField(max_length=LONGEST)
    due_at = Moment()


class CaseLinkIn(Input):
    ids = Ids()
    kind = serializers.ChoiceField(CaseLink.KINDS)
    target = serializers.IntegerField(min_value=1)
    note = Text(200)


class CaseDecideIn(CaseWhyIn):
    disposition = serializers.ChoiceField(Case.Disposition.values)
    cause = serializers.ChoiceField(CAUSES)
    actions = serializers.ListField(child=serializers.ChoiceField(list(typologies.ACTIONS)), default=list)


class CaseSilenceIn(Input):
    ids = Ids()
    days = serializers.IntegerField(min_value=1, max_value=silences.MOST_DAYS)
    reason = serializers.CharField(max_length=LONGEST)


class SilenceOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    typology = serializers.CharField()
    group = serializers.CharField()
    subject = serializers.CharField()
    case = serializers.IntegerField(source="case_id")
    reason = serializers.CharField()
    made_by = Person()
    made_at = Moment()
    valid_to = Moment()
    ended_at = Moment(allow_null=True)
    hidden_count = serializers.IntegerField(help_text="Alerts that were not raised.")


class CaseGatherIn(Input):
    ids = Ids()
    incident = serializers.IntegerField(
        required=False, min_value=1, help_text="One that there is; else kind and label."
    )
    kind = serializers.ChoiceField(Incident.Kind.values, required=False)
    label = Text(140)  # type: ignore[assignment]


class CaseAnswerIn(Input):
    answer = serializers.CharField(max_length=LONGEST)


class CaseAnswerOut(Output):
    case = serializers.IntegerField(source="case_id")
    done = serializers.BooleanField()
    code = serializers.CharField(help_text="Why not, or what to know of what was done; else empty.")
    params = serializers.DictField()
    detail = serializers.CharField(source="sentence")


class CaseAnswersOut(Output):
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    answers = CaseAnswerOut(many=True, help_text="In the order asked.")


class CaseFigureOut(Output):
    key = serializers.CharField(help_text="Code of the typology.")
    closed = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    valuable = serializers.IntegerField()
    false = serializers.IntegerField()
    precision = serializers.FloatField(help_text="Of 1: confirmed and valuable among the closed.")
    minutes = serializers.FloatField(help_text="Median from the first alert to the disposition.")


class CaseFiguresOut(Output):
    opened = serializers.IntegerField()
    seconded = serializers.IntegerField(help_text="Rounds with two verdicts.")
    agreed = serializers.IntegerField(help_text="Of these, where both said the same.")
    reopened = serializers.IntegerField(help_text="Cases closed after a reopening or a disagreement.")
    typologies = CaseFigureOut(many=True)


class CaseFiguresQuery(Input):
    entity = serializers.IntegerField(required=False)
    since = Moment()
    until = Moment()


def with_reasons(alerts: Sequence[Alert]) -> Sequence[Alert]:
    """Alerts with their reasons as sentences. One query when rules are among them."""
    sentences = reasons.told(alerts)
    for alert in alerts:
        alert.told_reasons = sentences[alert.pk]  # type: ignore[attr-defined]
    return alerts


class AlertList(Endpoint):
    @act("case.view", "Alerts, the newest first", output=AlertOut, query=AlertQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows: QuerySet[Alert] = Alert.objects.filter(entity__in=self.chosen()).select_related("raised_by")
        for name in ("payment", "typology"):
            if name in self.query:
                rows = rows.filter(**{name: self.query[name]})
        return self.page_of(rows, key=("id",), salt="alerts")

    def paged(self, items: Sequence[Any], following: str, previous: str) -> dict[str, Any]:
        return super().paged(with_reasons(items), following, previous)

    @act("case.raise", "Raise an alert on payments by hand, with a reason; answers the case of each", body=RaiseIn,
         output=AnswersOut, items=lambda body: len(body["payments"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = self.body["payments"]
        answers = cases.raise_by_hand(
            payment_ids=asked, typology=self.body["typology"], reason=self.body["reason"], actor=self.person
        )
        return told(asked, {one.payment_id: one for one in answers})


class CaseList(Endpoint):
    @act("case.view", "Cases: open ones by what presses most, others the newest first", output=CaseOut,
         query=CaseQuery, paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        asked = dict(self.query)
        view = asked.get("view", queries.OPEN)
        if asked.get("status") == Case.Status.CLOSED:
            view = queries.CLOSED
        elif asked.get("status") == Case.Status.SNOOZED:
            view = queries.SNOOZED
        narrowed = asked.get("payment") is not None or asked.get("incident") is not None
        rows = queries.chosen(
            self.person, self.chosen(), view, typology=asked.get("typology", ""), status=asked.get("status", ""),
            payment=asked.get("payment"), incident=asked.get("incident"), least=asked.get("score"),
        )  # fmt: skip
        key = ("id",) if narrowed or view == queries.CLOSED else ("priority", "id")
        return self.page_of(rows, key=key, salt=f"cases:{view}:{narrowed}")


class CaseDetail(Endpoint):
    @act("case.view", "A case with its alerts, the payments around it, verdicts, requests and links",
         output=CaseDetailOut)  # fmt: skip
    def get(self, request: Request, case_id: int) -> Any:
        case = table.found(self.person, case_id)
        alerts = queries.alerts_of(case)
        parts: dict[str, Any] = {
            "told_alerts": with_reasons(alerts), "told_around": queries.around(case, alerts),
            "told_verdicts": cases.verdicts(case, self.person),
            "told_requests": case.requests.select_related("asked_by", "answered_by").order_by("pk"),
            "told_links": case.links.select_related("linked_by").order_by("pk"),
            "told_checklist": list(typologies.TYPOLOGIES[case.typology].checklist)
            if case.typology in typologies.TYPOLOGIES else [],
            "told_ticks": case.ticks.select_related("ticked_by").order_by("pk"),
        }  # fmt: skip
        for name, value in parts.items():
            setattr(case, name, value)
        return self.show(CaseDetailOut, case)


class CaseFigures(Endpoint):
    @act("case.view", "How the cases closed in a period went, by typology", output=CaseFiguresOut,
         query=CaseFiguresQuery)  # fmt: skip
    def get(self, request: Request) -> Any:
        return self.show(
            CaseFiguresOut, queries.figures(self.chosen(), self.query["since"], self.query["until"])
        )  # fmt: skip


def answered(asked: Sequence[int], answers: Sequence[cases.Answer]) -> dict[str, Any]:
    rows = [
        {"case": one.case_id, "done": one.done, "code": one.code, "params": one.params, "detail": one.sentence}
        for one in answers
    ]  # fmt: skip
    done = sum(1 for one in answers if one.done)
    return {"done": done, "refused": len(rows) - done, "answers": rows}


Run = Callable[[User, Mapping[str, Any]], Sequence[cases.Answer]]


def _run(verb: Callable[..., Sequence[cases.Answer]], **named: str) -> Run:
    """A service that takes what the body says; ``named`` are fields that it calls otherwise."""

    def run(actor: User, body: Mapping[str, Any]) -> Sequence[cases.Answer]:
        return verb(actor=actor, **{named.get(name, name): value for name, value in body.items()})

    return run


def _verb(name: str, summary: str, takes: type[Input], run: Run) -> type[Endpoint]:
    """An endpoint of a verb on many cases."""

    @act("case.decide", summary, body=takes, output=CaseAnswersOut, items=lambda body: len(body["ids"]))
    def post(self: Endpoint, request: Request) -> Any:
        return answered(self.body["ids"], run(self.person, self.body))

    return type(f"Case{name.title()}", (Endpoint,), {"post": post, "__module__": __name__})


VERBS: dict[str, type[Endpoint]] = {
    name: _verb(name, summary, takes, run)
    for name, summary, takes, run in (
        ("take", "Take cases into one's own hands", CasesIn, _run(cases.take)),
        ("assign", "Give cases to somebody", CaseAssignIn, _run(cases.assign, person="person_id")),
        ("release", "Give cases back", CaseMayWhyIn, _run(cases.release)),
        ("snooze", "Let cases rest until a moment", CaseSnoozeIn, _run(cases.snooze)),
        ("wake", "Bring snoozed cases back", CasesIn, _run(cases.wake)),
        ("escalate", "Escalate cases", CaseWhyIn, _run(cases.escalate)),
        ("comment", "Add words to the record of cases", CaseCommentIn, _run(cases.comment)),
        ("tick", "Tick an item of the checklist, or take that back", CaseTickIn, _run(cases.tick)),
        ("ask", "Ask somebody; the cases wait for the answer", CaseAskIn, _run(cases.ask)),
        ("hold", "Make the payments of cases wait", CaseWhyIn, _run(cases.hold)),
        ("lift", "Let the payments go on that cases hold", CaseWhyIn, _run(cases.lift)),
        ("link", "Link cases to a payment, payee, party, account or case", CaseLinkIn, _run(cases.link)),
        ("decide", "Give a verdict: the first, or the second where one is asked", CaseDecideIn, _run(cases.decide)),
        ("reopen", "Open closed cases again", CaseWhyIn, _run(cases.reopen)),
        ("silence", "Silence alerts like those of closed false positives, for 180 days at most", CaseSilenceIn,
         _run(cases.silence)),
        ("gather", "Put cases with one cause into an incident", CaseGatherIn,
         _run(cases.gather, incident="incident_id")),
    )
}  # fmt: skip


class SilenceList(Endpoint):
    @act("case.view", "Alerts that are not raised for a while, the newest first", output=SilenceOut, query=PageQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        return self.page_of(silences.visible(self.person), key=("id",), salt="silences")


class SilenceEnd(Endpoint):
    @act("case.decide", "End a silence at once", output=SilenceOut)
    def post(self, request: Request, silence_id: int) -> Any:
        return self.show(SilenceOut, silences.end(silence_id=silence_id, actor=self.person))


class CaseAnswer(Endpoint):
    @act("case.decide", "Write down what was answered to a request of a case", body=CaseAnswerIn,
         output=CaseAnswersOut)  # fmt: skip
    def post(self, request: Request, case_request_id: int) -> Any:
        one = cases.answer(request_id=case_request_id, actor=self.person, words=self.body["answer"])
        return answered([one.case_id], [one])


class CaseUnlink(Endpoint):
    @act("case.decide", "Take a link of a case away", output=CaseAnswersOut)
    def post(self, request: Request, link_id: int) -> Any:
        one = cases.unlink(link_id=link_id, actor=self.person)
        return answered([one.case_id], [one])
