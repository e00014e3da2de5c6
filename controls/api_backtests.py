"""/api/v1/ of back-tests: asked for, followed, cancelled, and what they hit."""

from datetime import date
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.fields import Input, Moment, Output, PageQuery
from controls.backtest import capacity, figures, runs
from controls.models import BackTest, BackTestHit


class BackTestIn(Input):
    rule = serializers.CharField(max_length=32, help_text="Code of the rule.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="Its number, of a draft too.")
    against = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Another version of the rule to compare with."
    )
    since = serializers.DateField(help_text="First day of receipt, in each entity's time zone.")
    until = serializers.DateField(help_text="Last day of receipt, included.")
    entity = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Left out: every entity where you may test."
    )


class BackTestOut(Output):
    id = serializers.IntegerField()
    rule = serializers.CharField(source="version.rule.code")
    version = serializers.IntegerField(source="version.number")
    against = serializers.IntegerField(source="against.number", allow_null=True, default=None)
    since = serializers.DateField(source="since_on")
    until = serializers.DateField(source="until_on")
    entities = serializers.ListField(source="entity_ids", child=serializers.IntegerField())
    state = serializers.CharField(help_text="queued, running, done, cancelled or failed.")
    payments = serializers.IntegerField(source="total", help_text="Of the period; 0 until it has begun.")
    judged = serializers.IntegerField()
    asked_by = serializers.IntegerField(source="asked_by_id")
    asked_at = Moment()
    finished_at = Moment(allow_null=True)


class PrecisionOut(Output):
    confirmed = serializers.IntegerField(source="right")
    known = serializers.IntegerField(help_text="Confirmed and cleared: payments whose end is known.")
    share = serializers.FloatField(allow_null=True)
    bounds = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Holds 95 of 100 such shares (Wilson)."
    )


class LoadOut(Output):
    entity = serializers.IntegerField(source="entity_id")
    alerts = serializers.FloatField(source="added_count", help_text="Alerts a working day that the rule adds.")
    added = serializers.FloatField(help_text="Minutes a working day that the rule adds.")
    present = serializers.FloatField(help_text="Minutes a working day that alerts take already.")
    capacity = serializers.FloatField(help_text="Minutes a working day that the team has.")
    over = serializers.BooleanField()


class TestedDayOut(Output):
    day = serializers.DateField()
    judged = serializers.IntegerField()
    hits = serializers.IntegerField()
    hits_of_other = serializers.IntegerField()
    hits_of_both = serializers.IntegerField()


class OverlapOut(Output):
    rule = serializers.CharField()
    payments = serializers.IntegerField(help_text="Hits on which this rule had a finding, too.")


class OpenNowOut(Output):
    looked_at = serializers.IntegerField(help_text="Payments that waited when it ended, the newest of them.")
    hit = serializers.IntegerField()
    payments = serializers.ListField(child=serializers.IntegerField(), help_text="The newest of those it would hit.")


class BackTestDetailOut(BackTestOut):
    hits = serializers.IntegerField(source="told_new", help_text="0 until it is done, as all that follows.")
    hits_of_other = serializers.IntegerField(source="told_former")
    hits_of_both = serializers.IntegerField(source="told_both")
    precision = PrecisionOut(source="told_precision")
    loads = LoadOut(many=True, source="told_loads")
    days = TestedDayOut(many=True, source="told_days", help_text="Of receipt, with a payment.")
    overlap = OverlapOut(many=True, source="told_overlap", help_text="Other rules on the same payments, most first.")
    alone = serializers.IntegerField(source="told_alone", help_text="Hits without any other finding.")
    open_now = OpenNowOut(source="told_open", help_text="What waited when it ended and would be hit.")
    inexact = serializers.ListField(
        source="told_inexact", child=serializers.CharField(), help_text="What is judged as it stands now."
    )


class BackTestHitOut(Output):
    payment = serializers.IntegerField(source="payment_id")
    by = serializers.CharField(help_text="new, former or both: which version hits it.")
    fate = serializers.CharField(help_text="What became of it.")
    judgement = serializers.CharField(help_text="By hand: right, wrong, unsure; empty when nobody judged it.")


class BackTestEndpoint(Endpoint):
    def test(self, back_test_id: int) -> BackTest:
        rows = runs.visible(self.person).select_related("version__rule", "against")
        return found(rows, pk=back_test_id)

    def told(self, back_test_id: int) -> Any:
        test: Any = self.test(back_test_id)
        given = test.figures
        test.told_new, test.told_former, test.told_both = (
            figures.total(given, what) for what in ("new", "former", "both")
        )
        test.told_precision = figures.precision(given.get("fates", {}), "new")
        test.told_loads = capacity.loads(given, action=test.said[0]["action"], since=test.since_on, until=test.until_on)
        test.told_inexact = given.get("inexact", [])
        test.told_days = [
            {"day": date.fromisoformat(day), "judged": one["judged"], "hits": one["new"],
             "hits_of_other": one["former"], "hits_of_both": one["both"]}
            for day, one in sorted(given.get("days", {}).items())
        ]  # fmt: skip
        by_count = sorted(given.get("rules", {}).items(), key=lambda pair: (-pair[1], pair[0]))
        test.told_overlap = [{"rule": rule, "payments": number} for rule, number in by_count]
        test.told_alone = given.get("alone", 0)
        test.told_open = {"looked_at": 0, "hit": 0, "payments": [], **given.get("open", {})}
        return self.show(BackTestDetailOut, test)


class BackTestList(BackTestEndpoint):
    @act("rule.view", "Back-tests, the newest first", output=BackTestOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = runs.visible(self.person).select_related("version__rule", "against")
        return self.page_of(rows, key=("id",), salt="backtests")

    @act("rule.test", "Back-test a version of a rule, and another beside it", body=BackTestIn,
         output=BackTestDetailOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = self.body
        versions = runs.testable(self.person).filter(rule__code=asked["rule"])
        version = found(versions, number=asked["version"])
        against = found(versions, number=asked["against"]) if "against" in asked else None
        made = runs.ask(
            actor=self.person, version_id=version.pk, against_id=against.pk if against else None,
            since=asked["since"], until=asked["until"], entity_id=asked.get("entity"),
        )  # fmt: skip
        return self.told(made.pk)


class BackTestDetail(BackTestEndpoint):
    @act("rule.view", "A back-test with its figures", output=BackTestDetailOut)
    def get(self, request: Request, backtest_id: int) -> Any:
        return self.told(backtest_id)


class BackTestCancel(BackTestEndpoint):
    @act("rule.test", "Stop a back-test between two parts", output=BackTestDetailOut)
    def post(self, request: Request, backtest_id: int) -> Any:
        runs.cancel(actor=self.person, back_test_id=backtest_id)
        return self.told(backtest_id)


class BackTestHits(BackTestEndpoint):
    @act("rule.view", "What a back-test hit, the newest payment first", output=BackTestHitOut, query=PageQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request, backtest_id: int) -> Any:
        rows = BackTestHit.objects.filter(back_test=self.test(backtest_id))
        return self.page_of(rows, key=("payment",), salt=f"backtest:{backtest_id}")
