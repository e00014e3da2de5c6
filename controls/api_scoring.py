"""/api/v1/ of scoring: models with their figures, trainings, promotion, thresholds, and what alerts were worth.

A model belongs to all entities: whoever may see models anywhere sees them; moving one asks for the right in every
entity. Promotion and thresholds are asked for here and decided by another person on /changes; programs do neither.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, Text
from backoffice.people.models import Entity
from controls.api_approvals import ChangeOut, ChangeReasonIn, Changes
from controls.scoring import asking, champions, comparing, feedback, policies, suggesting, trainings, watching

VIEW, MANAGE = champions.VIEW, champions.MANAGE
_DAYS = "Of UTC."


class ComparedOut(Output):
    measure = serializers.CharField(source="code")
    own = serializers.FloatField(allow_null=True)
    champion = serializers.FloatField(allow_null=True)
    worse = serializers.BooleanField(help_text="Less than the champion's, and it asks for a reason to promote it.")


class ModelOut(Output):
    number = serializers.IntegerField()
    status = serializers.CharField(help_text="candidate, challenger (scores along), champion, retired.")
    window_from = serializers.DateField(
        allow_null=True, help_text="Null: from assumptions alone; it knows nothing yet."
    )
    window_to = serializers.DateField(allow_null=True)
    seed = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of its bytes.")
    trained_at = Moment()
    trained_by = Person(allow_null=True, help_text="Null: the calendar or the console.")
    promoted_at = Moment(allow_null=True)
    promoted_by = Person(allow_null=True)
    seconded_by = Person(allow_null=True)


class ModelDriftOut(Output):
    on = serializers.DateField(help_text="The last day of the week compared.")
    index = serializers.FloatField(help_text="Population stability index: from 0.25 on it drifts.")
    payments = serializers.IntegerField(source="payment_count")


class ModelDetailOut(ModelOut):
    reason = serializers.CharField(help_text="Why it was promoted.")
    measures = serializers.IntegerField(help_text="The version of the measures.")
    names = serializers.ListField(child=serializers.CharField(), help_text="The measures that it was made with.")
    parameters = serializers.DictField()
    learnt = serializers.DictField(help_text="Counts of what it learnt from.")
    figures = serializers.DictField(help_text="On payments that it did not learn from, and the champion's on the same.")
    compared = ComparedOut(many=True, source="told_compared")
    compared_with = serializers.IntegerField(source="told_with", allow_null=True, help_text="The number of that model.")
    drifts = ModelDriftOut(many=True, source="told_drifts", help_text="The latest first.")


class PromotionIn(Input):
    reason = Text(500, help_text="Needed where it is not known to be as good as the champion.")


class TrainingIn(Input):
    window_from = serializers.DateField(help_text=_DAYS)
    window_to = serializers.DateField(help_text="Included.")
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    parameters = serializers.DictField(
        required=False, default=dict,
        help_text="most, test_percent, delay_days, settling_days, trees (learning_rate, num_leaves, min_data_in_leaf, "
                  "rounds, seeds): those that differ from the usual.",
    )  # fmt: skip


class TrainingOut(Output):
    id = serializers.IntegerField()
    window_from = serializers.DateField()
    window_to = serializers.DateField()
    parameters = serializers.DictField()
    seed = serializers.IntegerField()
    state = serializers.CharField(help_text="queued, running, done, failed.")
    asked_by = Person(allow_null=True)
    asked_at = Moment()
    finished_at = Moment(allow_null=True)
    model = serializers.IntegerField(source="model.number", allow_null=True, default=None)
    code = serializers.CharField(help_text="Why it made no model.")
    params = serializers.DictField()


class SideOut(Output):
    model = serializers.IntegerField(source="number")
    average_precision = serializers.FloatField(allow_null=True)
    right = serializers.IntegerField(help_text="Payments it would alert of that people found right to ask about.")
    wrong = serializers.IntegerField(help_text="Those that turned out false.")


class ShadowOut(Output):
    payments = serializers.IntegerField(help_text="Scored by both.")
    both = serializers.IntegerField(help_text="From the threshold on by both.")
    champion_alone = serializers.IntegerField()
    challenger_alone = serializers.IntegerField()
    agreement = serializers.FloatField(allow_null=True)
    judged = serializers.IntegerField(help_text="By people, since the challenger was made.")
    right = serializers.IntegerField()
    champion = SideOut()
    challenger = SideOut()


class ReasonLineOut(Output):
    code = serializers.CharField()
    alerts = serializers.IntegerField()
    judged = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    valuable = serializers.IntegerField()
    false = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Confirmed or valuable, of those judged.")
    bounds = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Holds 95 of 100 (Wilson)."
    )


class SampleOut(Output):
    drawn = serializers.IntegerField()
    judged = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    valuable = serializers.IntegerField()
    below = serializers.IntegerField(help_text="Payments scored below the threshold since it is drawn.")
    missed = serializers.FloatField(allow_null=True, help_text="How many of these were worth an alert, by the sample.")
    bounds = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="Holds 95 of 100.")


class ScoringFiguresOut(Output):
    shadow = ShadowOut(allow_null=True, help_text="Champion and challenger on the same payments; null without one.")
    reasons = ReasonLineOut(many=True, help_text="Of alerts from scores within a year, the most frequent first.")
    sample = SampleOut(help_text="The hidden sample: what is missed.")


class ScoringEntityQuery(Input):
    entity = serializers.IntegerField(required=False)


class ThresholdOut(Output):
    threshold = serializers.IntegerField()
    alerts = serializers.IntegerField()
    alerts_a_day = serializers.FloatField()
    judged = serializers.IntegerField()
    right = serializers.IntegerField(help_text="Of those judged: confirmed or valuable.")
    share = serializers.FloatField(allow_null=True)


class ScoringPolicyOut(Output):
    entity = serializers.IntegerField(source="entity_id")
    threshold = serializers.IntegerField(help_text="From this score on there are alerts.")
    sample_per_million = serializers.IntegerField(help_text="Of those below, shown all the same, unmarked.")


class ScoringPolicyDetailOut(ScoringPolicyOut):
    steps = ThresholdOut(many=True, source="told.steps", help_text="What each threshold would bring.")
    scored = serializers.IntegerField(source="told.scored", help_text="Payments the champion scored in 90 days.")
    days = serializers.FloatField(source="told.days")
    judged = serializers.IntegerField(source="told.judged")
    known = serializers.IntegerField(source="told.known", help_text="Of those judged: confirmed or valuable.")
    closed_a_day = serializers.FloatField(source="told.closed_a_day", help_text="Cases.")
    suggested = serializers.IntegerField(
        source="told.suggested", allow_null=True,
        help_text="Of thresholds whose alerts people can work off, the one that catches most; null: too little known.",
    )  # fmt: skip


class ScoringPolicyIn(ChangeReasonIn):
    threshold = serializers.IntegerField(min_value=policies.LOWEST, max_value=policies.HIGHEST)
    sample_per_million = serializers.IntegerField(min_value=0, max_value=policies.MOST_SAMPLED)


class Models(Changes):
    def told_model(self, number: int) -> Any:
        model: Any = champions.found(self.person, number)
        model.told_compared = comparing.lines(model.figures)
        model.told_with = (model.figures.get("champion") or {}).get("number")
        model.told_drifts = watching.drifts(model)
        return self.show(ModelDetailOut, model)


class ModelList(Endpoint):
    @act(VIEW, "Models of scoring, the newest first", output=ModelOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(champions.visible(self.person), key=("number",), salt="scoring-models")


class ModelDetail(Models):
    @act(VIEW, "A model with what it learnt from and its figures", output=ModelDetailOut)
    def get(self, request: Request, number: int) -> Any:
        return self.told_model(number)


class ModelChallenge(Models):
    @act(MANAGE, "Let a candidate score along as the challenger; it raises nothing", output=ModelDetailOut)
    def post(self, request: Request, number: int) -> Any:
        champions.challenge(actor=self.person, number=number)
        return self.told_model(number)


class ModelRetire(Models):
    @act(MANAGE, "Put a candidate or the challenger away; it stays on record", body=ChangeReasonIn,
         output=ModelDetailOut)  # fmt: skip
    def post(self, request: Request, number: int) -> Any:
        champions.retire(actor=self.person, number=number, reason=self.body["reason"])
        return self.told_model(number)


class ModelPromotion(Models):
    @act(MANAGE, "Ask for a model to become the champion; it does when a second person approves the change",
         body=PromotionIn, output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, number: int) -> Any:
        made = asking.promotion(actor=self.person, number=number, reason=self.body["reason"])
        return self.told(made.pk)


class Trainings(Endpoint):
    def told_training(self, training_id: int) -> Any:
        return self.show(TrainingOut, found(trainings.visible(self.person), pk=training_id))


class TrainingList(Trainings):
    @act(VIEW, "Trainings, the newest first", output=TrainingOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(trainings.visible(self.person), key=("id",), salt="scoring-trainings")

    @act(MANAGE, "Train a model from the payments of some days; it becomes a candidate", body=TrainingIn,
         output=TrainingOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        made = trainings.ask(
            actor=self.person, from_on=self.body["window_from"], to_on=self.body["window_to"],
            parameters=self.body["parameters"], seed=self.body["seed"],
        )  # fmt: skip
        return self.told_training(made.pk)


class TrainingDetail(Trainings):
    @act(VIEW, "A training: whether it is done, and with what", output=TrainingOut)
    def get(self, request: Request, training_id: int) -> Any:
        return self.told_training(training_id)


class FiguresDetail(Endpoint):
    @act(VIEW, "What alerts from scores were worth, and what is missed", output=ScoringFiguresOut,
         query=ScoringEntityQuery)  # fmt: skip
    def get(self, request: Request) -> Any:
        places = self.chosen()
        told = {"shadow": watching.shadow(), "reasons": feedback.reasons(places), "sample": feedback.sample(places)}
        return self.show(ScoringFiguresOut, told)


class ScoringPolicies(Changes):
    def place(self, entity_id: int) -> Entity:
        return found(Entity.objects.filter(pk__in=self.places(VIEW)), pk=entity_id)


class ScoringPolicyList(ScoringPolicies):
    @act(VIEW, "From which score on each entity raises alerts", output=ScoringPolicyOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = Entity.objects.filter(pk__in=self.places())
        return self.page_of(rows, key=("id",), salt="scoring-policies", descending=False)

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        told = policies.of([entity.pk for entity in items])
        return super().paged([told[entity.pk] for entity in items], following, previous)


class ScoringPolicyDetail(ScoringPolicies):
    @act(VIEW, "The threshold of an entity, and what others would bring", output=ScoringPolicyDetailOut)
    def get(self, request: Request, entity_id: int) -> Any:
        policy: Any = policies.present(self.place(entity_id).pk)
        policy.told = suggesting.thresholds(entity_id)
        return self.show(ScoringPolicyDetailOut, policy)


class ScoringPolicyChange(ScoringPolicies):
    @act(MANAGE, "Ask for another threshold; it counts when a second person approves the change",
         body=ScoringPolicyIn, output=ChangeOut, status=201)  # fmt: skip
    def post(self, request: Request, entity_id: int) -> Any:
        made = asking.threshold(
            actor=self.person, entity=self.place(entity_id), threshold=self.body["threshold"],
            sample_per_million=self.body["sample_per_million"], reason=self.body["reason"],
        )  # fmt: skip
        return self.told(made.pk)
