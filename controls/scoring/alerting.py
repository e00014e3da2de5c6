"""What scores amount to: alerts from the entity's threshold on, and the hidden sample of what is below it."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings

from controls.cases.raising import raise_alerts
from controls.cases.typologies import SECOND_FROM
from controls.models import Alert, HiddenSample, Score, ScoringModel, ScoringPolicy
from controls.scoring import evidence
from controls.scoring.reasons import Reason
from controls.scoring.sentences import PREFIX
from controls.scoring.typologies import TOLD

if TYPE_CHECKING:
    from controls.scoring.scores import Scored

# What a detector finds is a case of the typology that is called so there.
TYPOLOGIES: Mapping[str, str] = {
    "duplicate": "duplicate", "changed_details": "changed_details", "name_unlike_holder": "name_unlike",
    "splitting": "splitting", "velocity": "velocity", "sleeping_account": "sleeping",
    "operator_habits": "operator_habits", "first_payee_large": "first_large", "mule_pass_through": "pass_through",
    "circle": "circle", "fan": "fan", "cumulative_cash": "cumulative_cash",
}  # fmt: skip
OTHERS = "unusual"
LATELY = timedelta(days=7)

_MILLION = 1_000_000
_SPREAD, _LEAST_SPREAD = 15, 5


def policy(entity_id: int) -> ScoringPolicy:
    """What the entity does with scores; what is usual where it said nothing."""
    return ScoringPolicy.objects.filter(entity_id=entity_id).first() or ScoringPolicy(entity_id=entity_id)


def raise_scored(made: "Scored", entity_id: int, model: ScoringModel, now: datetime) -> None:
    """Raise alerts of the scores just written. Six queries when there are none.

    What came more than a week ago is scored so that its account has a past: nobody is called to it any more.
    """
    rules = policy(entity_id)
    lately = made.loaded.movements.at[made.loaded.rows] >= int((now - LATELY).timestamp())
    score = np.where(lately, made.risk.score, -1.0)
    payments = made.loaded.payments.tolist()
    rows = {place: _alert(made, place, model, round(float(score[place])))
            for place in np.flatnonzero(score >= rules.threshold).tolist()}  # fmt: skip
    hidden = {place: _disguised(_alert(made, place, model, _shown(payments[place], rules.threshold)))
              for place in np.flatnonzero(lately & (score < rules.threshold)).tolist()
              if drawn(payments[place], rules.sample_per_million)}  # fmt: skip
    # In the order of the payments, all together: the numbers of cases tell nobody which are of the sample.
    alerts = rows | hidden
    if alerts:
        raise_alerts([alerts[place] for place in sorted(alerts)], now=now)
    if hidden:
        _keep([payments[place] for place in hidden], entity_id, model, now)


def drawn(payment_id: int, per_million: int) -> bool:
    """Whether a payment is of the hidden sample: the same each time, and nobody without the key can tell."""
    return _secret(payment_id) % _MILLION < per_million


def _secret(payment_id: int) -> int:
    told = hmac.digest(settings.SECRET_KEY.encode(), f"hidden sample {payment_id}".encode(), "sha256")
    return int.from_bytes(told[:8], "big")


def _shown(payment_id: int, threshold: int) -> int:
    """A score that alerts have, so that nothing marks the sample; below what asks two people, where there is room."""
    room = SECOND_FROM - threshold if threshold <= SECOND_FROM - _LEAST_SPREAD else 101 - threshold
    return threshold + (_secret(payment_id) >> 20) % min(_SPREAD, room)


def _alert(made: "Scored", place: int, model: ScoringModel, score: int) -> dict[str, Any]:
    """An alert of one payment: a detector's where one holds, else the model's."""
    from controls.scoring.scores import document

    strengths = {code: float(each[place]) for code, each in made.risk.strengths.items()}
    strongest = max(strengths, key=lambda code: strengths[code])
    detected = strengths[strongest] >= TOLD
    reasons = [document(one, made.loaded) for one in made.reasons.get(place) or _plain(made, place)]
    related = list(dict.fromkeys(payment for one in reasons for payment in one.pop("payments")))
    return {
        "payment": int(made.loaded.payments[place]),
        "typology": TYPOLOGIES[strongest] if detected else OTHERS,
        "origin": Alert.Origin.DETECTOR.value if detected else Alert.Origin.MODEL.value,
        "version": f"model {model.number}",
        "score": score,
        "reasons": [{**one, "code": f"{PREFIX}{one['code']}"} for one in reasons],
        "evidence": {"payments": related},
    }


def _disguised(alert: dict[str, Any]) -> dict[str, Any]:
    """The reasons of the hidden sample weigh as much as those of an alert with its score: the heaviest a little less
    than the score, by the payment's own secret."""
    most = max(one["weight"] for one in alert["reasons"]) or 1
    share = (alert["score"] - (_secret(alert["payment"]) >> 40) % 120 / 10) / most
    return {**alert, "reasons": [{**one, "weight": round(one["weight"] * share, 1)} for one in alert["reasons"]]}


def _plain(made: "Scored", place: int) -> Sequence[Reason]:
    """What is true of a payment that nothing is strange about: its strongest sign, else its amount."""
    case = evidence.Case(made.loaded.pasts, made.table.row(place), int(made.loaded.rows[place]), made.texts)
    return evidence.weakest(case, made.risk, place)


def _keep(payments: Sequence[int], entity_id: int, model: ScoringModel, now: datetime) -> None:
    cases = dict(Alert.objects.filter(payment__in=payments, version=f"model {model.number}").values_list(
        "payment_id", "case_id"))  # fmt: skip
    scores = dict(Score.objects.filter(payment__in=payments, model=model, scored_at=now).values_list(
        "payment_id", "id"))  # fmt: skip
    HiddenSample.objects.bulk_create(
        [HiddenSample(payment_id=payment, entity_id=entity_id, score_id=scores[payment], case_id=cases[payment],
                      drawn_at=now) for payment in payments if payment in cases],
        ignore_conflicts=True,
    )  # fmt: skip
