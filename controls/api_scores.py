"""/api/v1/payments/{id}/scores: how unusual a payment was, why, and whether the score comes out the same again."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Moment, Output
from backoffice.people import access
from controls.api_cases import ReasonOut
from controls.cases import table
from controls.scoring import queries
from transactions.queries import payment as fetched


class ScoreOut(Output):
    value = serializers.IntegerField(source="points", help_text="0 to 100.")
    model = serializers.IntegerField(source="model.number", help_text="The number of the model that made it.")
    blank = serializers.BooleanField(help_text="The model had learnt nothing yet: what is usual was assumed.")
    scored_at = Moment(source="score.scored_at")
    reasons = ReasonOut(many=True)
    related = serializers.ListField(child=serializers.IntegerField(), help_text="Payments that the reasons speak of.")


class ScoresOut(Output):
    payment = serializers.IntegerField()
    scores = ScoreOut(many=True, help_text="The newest first: an amended payment has several.")


class AgainOut(Output):
    payment = serializers.IntegerField()
    same = serializers.BooleanField(
        help_text="Made again from what was known then and the model of then, to the last bit.", allow_null=True
    )


class PaymentScores(Endpoint):
    @act(table.VIEW, "How unusual a payment was, by the models that scored it, with reasons", output=ScoresOut)
    def get(self, request: Request, payment_id: int) -> Any:
        fetched(payment_id, access.entity_ids(self.person, table.VIEW))
        return self.show(ScoresOut, {"payment": payment_id, "scores": queries.of_payment(payment_id)})


class PaymentScoreAgain(Endpoint):
    @act(table.VIEW, "Make the last score of a payment again and compare; null when it was not scored",
         output=AgainOut)  # fmt: skip
    def get(self, request: Request, payment_id: int) -> Any:
        fetched(payment_id, access.entity_ids(self.person, table.VIEW))
        told = queries.of_payment(payment_id)
        return self.show(AgainOut, {"payment": payment_id, "same": queries.made_again(told[0]) if told else None})
