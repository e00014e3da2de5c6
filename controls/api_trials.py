"""/api/v1/ of rules beside payments: the facts of one, a version tried on it, and how good alerts were in a period."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import formats
from backoffice.common.api import Endpoint, act, found
from backoffice.common.fields import Input, Output
from controls.api_backtests import PrecisionOut
from controls.quality import quality
from controls.rules import life, reach, trial
from controls.vocabulary import FACTS, Kind
from transactions.api.verbs import PaymentEndpoint
from transactions.models import Payment

USUAL_DAYS, MOST_DAYS = 30, 366


class FactOut(Output):
    name = serializers.CharField()
    type = serializers.CharField(help_text="text, code, account, number, money, percent, date, boolean.")
    meaning = serializers.CharField(help_text="In English.")
    value = serializers.CharField(allow_null=True, help_text="As a text; null: not known for this payment.")


class FactsOut(Output):
    payment = serializers.IntegerField()
    facts = FactOut(many=True)


class PaymentFacts(PaymentEndpoint):
    @act(reach.VIEW, "The facts of a payment as rules would see them, at its own moment", output=FactsOut)
    def get(self, request: Request, payment_id: int) -> Any:
        values = trial.facts_of(self.fetch(payment_id))
        rows = [
            {"name": name, "type": fact.kind.value, "meaning": fact.meaning,
             "value": self.said(fact.kind, values[name])}
            for name, fact in FACTS.items()
        ]  # fmt: skip
        return {"payment": payment_id, "facts": rows}

    def said(self, kind: Kind, value: str | None) -> str | None:
        return formats.masked(value) if value and kind is Kind.ACCOUNT and not self.clear else value


class ConditionOut(Output):
    text = serializers.CharField()
    outcome = serializers.BooleanField(allow_null=True, help_text="Null: unknown, which is no finding.")


class TrialOut(Output):
    found = serializers.BooleanField(help_text="There would be a finding.")
    concerned = serializers.BooleanField(help_text="The version speaks about this payment at all.")
    outcome = serializers.BooleanField(allow_null=True, help_text="Of the whole expression.")
    conditions = ConditionOut(many=True)
    sentence_en = serializers.CharField()
    sentence_fr = serializers.CharField()


class RuleTrial(Endpoint):
    @act(reach.VIEW, "A version of a rule, draft or published, tried on one payment; nothing is kept", output=TrialOut)
    def get(self, request: Request, code: str, version: int, payment_id: int) -> Any:
        one = found(life.visible(self.person).filter(rule__code=code), number=version)
        rows = Payment.objects.filter(entity__in=self.places("payment.view")).select_related("entity")
        return self.show(TrialOut, trial.on(found(rows, pk=payment_id), one))


def _day(help_text: str) -> serializers.DateField:
    within = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(8999, 12, 31))]
    return serializers.DateField(required=False, validators=within, help_text=help_text)


class QualityQuery(Input):
    entity = serializers.IntegerField(required=False)
    since = _day("Day of receipt; left out: 30 days until the last.")
    until = _day("Included; left out: today.")


class RuleQualityOut(Output):
    rule = serializers.CharField(source="code")
    action = serializers.CharField()
    shadow = serializers.BooleanField()
    ran = serializers.IntegerField(help_text="Payments that it ran on and that it concerns.")
    hits = serializers.IntegerField()
    rate = serializers.FloatField()
    precision = PrecisionOut()
    minutes = serializers.FloatField(help_text="Of people, that its alerts took.")


class TogetherOut(Output):
    one = serializers.CharField()
    other = serializers.CharField()
    payments = serializers.IntegerField()


class QualityOut(Output):
    since = serializers.DateField()
    until = serializers.DateField()
    payments = serializers.IntegerField()
    capped = serializers.BooleanField(help_text="Only the newest of the period were looked at.")
    rules = RuleQualityOut(many=True, help_text="Those that ran, by hits.")
    never_fired = serializers.ListField(child=serializers.CharField())
    concerned_none = serializers.ListField(child=serializers.CharField())
    always_together = TogetherOut(many=True)


class AlertQuality(Endpoint):
    @act(reach.VIEW, "How good the alerts of a period were, by rule", output=QualityOut, query=QualityQuery)
    def get(self, request: Request) -> Any:
        until: date = self.query.get("until") or timezone.localdate()
        since: date = min(self.query.get("since") or until - timedelta(days=USUAL_DAYS - 1), until)
        since = max(since, until - timedelta(days=MOST_DAYS - 1))
        told = quality(self.chosen(), _midnight(since), _midnight(until + timedelta(days=1)))
        return self.show(QualityOut, {
            "since": since, "until": until, "payments": told.payments, "capped": told.capped, "rules": told.lines,
            "never_fired": [line.code for line in told.silent], "concerned_none": [line.code for line in told.beside],
            "always_together": [dict(zip(("one", "other", "payments"), row, strict=True)) for row in told.together],
        })  # fmt: skip


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
