"""Models of scoring in words: acts on record, changes that wait, thresholds, reasons."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import errors, formats
from controls.models import ScoringTraining
from controls.scoring import comparing, model_words, suggesting
from controls.scoring.reasons import SENTENCES

ACTS: dict[str, Any] = {
    "model.begun": gettext_lazy("began with a model that knows nothing yet"),
    "model.trained": gettext_lazy("trained model %(model)s from %(from)s to %(to)s"),
    "model.made_again": gettext_lazy("made model %(model)s again, the same to the last bit"),
    "model.challenged": gettext_lazy("let model %(model)s score along as the challenger"),
    "model.withdrawn": gettext_lazy("made model %(model)s a candidate again"),
    "model.retired": gettext_lazy("put model %(model)s away"),
    "model.promoted": gettext_lazy("made model %(model)s the champion, as %(seconded_by)s approved"),
    "model.drifted": gettext_lazy("found that the scores of model %(model)s drift: %(index)s"),
    "training.asked": gettext_lazy("asked for a training from %(from)s to %(to)s"),
    "training.failed": gettext_lazy("made no model: %(refusal)s"),
    "scoring.changed": gettext_lazy("changed the threshold of scores from %(before)s to %(threshold)s"),
}  # fmt: skip
_PREFIX = "score."
_SLOT = re.compile(r"%\(\w+\)s")


def readable(action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an act, in words."""
    told: dict[str, Any] = {}
    for name in ("from", "to"):
        if data.get(name):
            told[name] = formats.day(date.fromisoformat(data[name]))
    if "index" in data:
        told["index"] = formats.decimal(float(data["index"]), 2)
    if action == "training.failed":
        told["refusal"] = errors.sentence(str(data.get("code", "")), data.get("params") or {})
    if action == "scoring.changed":
        told["before"] = data["before"]["threshold"]
    return told


def promotion(change: Mapping[str, Any]) -> str:
    """What a promotion that waits would do."""
    told = _("model %(model)s becomes the champion in the place of model %(champion)s") % change
    if change["worse"]:
        worse = "; ".join(model_words.worse([comparing.Line(*one) for one in change["worse"]]))
        return _("%(what)s. It found less on the same payments: %(worse)s") % {"what": told, "worse": worse}
    if change["unmeasured"]:
        return _("%(what)s. It is not known whether it finds as much") % {"what": told}
    return _("%(what)s. It found at least as much on the same payments") % {"what": told}


def threshold(change: Mapping[str, Any]) -> str:
    """What another threshold would do."""
    before = change["before"]
    return _(
        "alerts of %(entity)s begin at score %(threshold)s (now %(now)s): about %(alerts)s a day (now %(alerts_now)s), "
        "with %(caught)s of %(known)s known risks (now %(caught_now)s); of a million payments below, %(sample)s are "
        "shown all the same (now %(sample_now)s)"
    ) % {
        "entity": change["entity"], "threshold": change["threshold"], "now": before["threshold"],
        "alerts": formats.decimal(change["alerts_a_day"]), "alerts_now": formats.decimal(change["alerts_a_day_before"]),
        "caught": formats.count(change["caught"]), "caught_now": formats.count(change["caught_before"]),
        "known": formats.count(change["known"]), "sample": formats.count(change["sample_per_million"]),
        "sample_now": formats.count(before["sample_per_million"]),
    }  # fmt: skip


def suggestion(told: suggesting.Thresholds) -> str:
    """Which threshold the figures speak for, and why; or why none."""
    if told.suggested is None:
        if told.judged < suggesting.ENOUGH_JUDGED or not told.known:
            return ngettext(
                "No threshold is suggested: %(n)s scored payment was judged in 90 days, %(needed)s are needed, and a "
                "risk among them.",
                "No threshold is suggested: %(n)s scored payments were judged in 90 days, %(needed)s are needed, and a "
                "risk among them.",
                told.judged,
            ) % {"n": formats.count(told.judged), "needed": suggesting.ENOUGH_JUDGED}
        return _(
            "No threshold is suggested: each that catches a known risk brings more alerts than people work off "
            "(%(closed)s cases closed a day)."
        ) % {"closed": formats.decimal(told.closed_a_day)}
    step = told.at(told.suggested)
    return _(
        "Suggested: %(threshold)s. It brings about %(alerts)s alerts a day, which people can work off (%(closed)s "
        "cases closed a day), and of those thresholds it catches most: %(right)s of %(known)s known risks."
    ) % {
        "threshold": told.suggested, "alerts": formats.decimal(step.alerts_a_day),
        "closed": formats.decimal(told.closed_a_day), "right": formats.count(step.right),
        "known": formats.count(told.known),
    }  # fmt: skip


def reason(code: str) -> str:
    """What a reason says, without its values; of an unknown one its code."""
    sentence = SENTENCES.get(code.removeprefix(_PREFIX))
    return _SLOT.sub("…", str(sentence)).replace("%%", "%") if sentence else code


def refusal(training: ScoringTraining) -> str:
    return errors.sentence(training.code, training.params) if training.code else ""
