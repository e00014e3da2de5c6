"""What is shown of scores. Of a payment of the hidden sample, what its alert says, until its case is closed: analysts
are not to know which ones are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backoffice.common import sql
from controls.cases.reasons import Reason, ranked
from controls.models import Alert, Case, HiddenSample, Score, ScoringModel
from controls.scoring import reasons, scores
from controls.scoring.sentences import PREFIX

HISTORY = 24
_HISTORY = """
    select h.payment_id, h.at, h.amount from controls_movement m
    cross join lateral (
        select x.payment_id, x.at, x.amount, x.id from controls_movement x
        where x.{key} = m.{key} and x.{key} >= 0 and x.currency = m.currency and (x.at, x.id) <= (m.at, m.id)
          and (x.voided_at is null or x.voided_at > %(at)s)
        order by x.at desc, x.id desc limit %(most)s
    ) h
    where m.id = %(movement)s order by h.at, h.id
"""


@dataclass(frozen=True)
class Told:
    """A score as it is shown. ``blank``: the model knew nothing of the house yet. ``related``: payments that the
    reasons speak of."""

    score: Score
    value: float
    model: ScoringModel
    reasons: Sequence[Reason]
    related: Sequence[int]

    @property
    def points(self) -> int:
        return round(self.value)

    @property
    def blank(self) -> bool:
        return not self.model.learnt.get("payments")


@dataclass(frozen=True)
class Before:
    """An earlier payment of the same account, or this one."""

    payment_id: int
    at: datetime
    amount: int


def of_payment(payment_id: int) -> list[Told]:
    """The scores of a payment by champions, the newest first: what amended payments had before is among them.

    Four queries.
    """
    rows = list(
        Score.objects.filter(payment=payment_id, shadow=False).select_related("model", "movement")
        .defer("model__artefact").order_by("-pk")[:20]
    )  # fmt: skip
    hidden = _disguised(payment_id) if rows else None
    told = []
    for one in rows:
        value, given = one.value, one.reasons
        if hidden is not None and (one.pk == hidden[0] or one.value < hidden[1].score):
            value, given = float(hidden[1].score), [
                {**reason, "code": str(reason["code"]).removeprefix(PREFIX), "payments": []}
                for reason in hidden[1].reasons
            ]  # fmt: skip
        related = list(dict.fromkeys(key for reason in given for key in reason.get("payments", ())))
        told.append(Told(one, value, one.model, ranked(map(reason_told, given)), related))
    return told


def reason_told(document: Mapping[str, Any]) -> Reason:
    return Reason(reasons.sentence(str(document["code"]), document["params"]), float(document["weight"]))


def _disguised(payment_id: int) -> tuple[int, Alert] | None:
    """The score of the hidden sample and the alert that stands for it, while its case is open. A payment that was
    amended meanwhile has other scores, which would tell as much."""
    sample = HiddenSample.objects.filter(payment=payment_id).exclude(case__status=Case.Status.CLOSED).first()
    if sample is None:
        return None
    alert = Alert.objects.filter(payment=payment_id, case=sample.case_id).order_by("pk").first()
    return (sample.score_id, alert) if alert else None


def before(score: Score, key: str = "debtor", most: int = HISTORY) -> list[Before]:
    """The last payments of the same debtor (or creditor) and currency up to this one, by what was known then.

    One query. Amounts in thousandths.
    """
    query = _HISTORY.format(key={"debtor": "debtor", "creditor": "creditor"}[key])
    found = sql.rows(query, {"movement": score.movement_id, "at": score.scored_at, "most": most})
    return [Before(payment, datetime.fromtimestamp(at, UTC), amount) for payment, at, amount in found]


def made_again(told: Told) -> bool:
    """Whether the score comes out the same again, to the last bit, from what was known then and the model of then."""
    return scores.again([told.score.pk])[told.score.pk] == told.score.value
