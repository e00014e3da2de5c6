"""Cases for the rights matrix: one in each state that a verb starts from, and what each request about them carries."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from controls import cases, expected
from controls.cases import reports
from controls.models import Case, ScoringModel, ScoringTraining
from controls.scoring import champions
from tests.people import Stage, payment, person

Things = dict[str, Any]
WHY = {"reason": "Asked for by the matrix"}
VERDICT = {"disposition": "false_positive", "cause": "one_off", **WHY}
# The state that a verb starts from, where it is no open case in nobody's hands.
FROM = {
    "release": "case_taken",
    "wake": "case_snoozed",
    "lift": "case_holding",
    "reopen": "case_closed",
    "silence": "case_closed",
}


def later(hours: int = 24) -> str:
    return f"{timezone.localtime() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def furnish(stage: Stage, code: str) -> Things:
    """Cases of an entity. Their numbers stand beside what the other entity's have, and their subjects name it."""
    worker, second = (person("supervisor", entity=stage.entity, name=f"Judge {n} {code}") for n in (1, 2))
    reporter = person("reporter", entity=stage.entity, name=f"Reporter {code}")
    things: Things = {"case_worker": second.pk}
    for name in ("case", "case_taken", "case_snoozed", "case_holding", "case_closed"):
        of = payment(stage, creditor_name=f"Payee {code}", creditor_number=f"{name} {code}"[:34])
        reason = {"sentence_en": f"Seen {code}", "sentence_fr": f"Vu {code}", "weight": 1}
        things[name] = cases.raise_alerts([
            {"payment": of.pk, "typology": "duplicate", "origin": "detector", "version": code, "score": 50,
             "reasons": [reason]},
        ]).cases[0]  # fmt: skip
    until = timezone.now() + timedelta(days=2)
    cases.take(ids=[things["case_taken"]], actor=worker)
    cases.snooze(ids=[things["case_snoozed"]], actor=worker, until=until, reason=code)
    cases.hold(ids=[things["case_holding"]], actor=worker, reason=code)
    cases.decide(ids=[things["case_closed"]], actor=worker, **VERDICT)
    case = Case.objects.get(pk=things["case_taken"])
    cases.ask(ids=[case.pk], actor=worker, addressee=f"Team {code}", question=code, due_at=until)
    cases.link(ids=[case.pk], actor=worker, kind="account", target=stage.customer.pk)
    things["case_request"], things["case_link"] = case.requests.get().pk, case.links.get().pk
    quiet = cases.raise_alerts([
        {"payment": payment(stage, creditor_name=f"Payee {code}", creditor_number=f"quiet {code}"[:34]).pk,
         "typology": "duplicate", "origin": "detector", "version": code, "score": 50, "reasons": [reason]},
    ]).cases[0]  # fmt: skip
    cases.decide(ids=[quiet], actor=worker, **VERDICT)
    cases.silence(ids=[quiet], actor=worker, days=30, reason=code)
    things["silence"] = Case.objects.get(pk=quiet).silences.get().pk
    things |= _expected(stage, code, worker)
    things |= _scoring()
    things["suspicion"] = reports.prepare(actor=reporter, case_id=things["case"]).pk
    return things


def _scoring() -> Things:
    """A candidate and a training; both are of all entities."""
    number, now = champions.present().number + ScoringModel.objects.count(), timezone.now()
    model = ScoringModel.objects.create(
        number=number, measures=1, names=[], parameters={}, artefact=b"none", digest=sha256(b"none").hexdigest()
    )
    training = ScoringTraining.objects.create(
        window_from=now.date(), window_to=now.date(), state="failed", asked_at=now, touched_at=now
    )
    return {"model": model.number, "training": training.pk}


def _expected(stage: Stage, code: str, worker: Any) -> Things:
    """Something expected, with a day on which it is due."""
    one = expected.add(
        actor=worker, entity=stage.entity, kind="payee", rhythm="month", account=stage.customer.pk,
        number=f"EXP{code}", name=f"Landlord {code}", first_on=timezone.localdate() + timedelta(days=20),
    )  # fmt: skip
    return {"expectation": one.pk, "occurrence": one.occurrences.get().pk}


def _hoped(things: Things) -> Things:
    return {
        "kind": "payee", "rhythm": "month", "account": things["account"], "number": "NEW", "name": "New",
        "first_on": f"{timezone.localdate() + timedelta(days=20)}",
    }  # fmt: skip


def _verb(name: str) -> Callable[[Things], Any]:
    def content(things: Things) -> Any:
        said = {
            "assign": {"person": things["case_worker"], **WHY}, "snooze": {"until": later(), **WHY},
            "comment": {"words": "Seen"}, "tick": {"item": "document"}, "escalate": WHY, "release": WHY, "hold": WHY,
            "lift": WHY, "reopen": WHY, "decide": VERDICT, "gather": {"kind": "file", "label": "New"},
            "silence": {"days": 30, **WHY},
            "link": {"kind": "payment", "target": things["checked"]},
        }  # fmt: skip
        return {**said.get(name, {}), "ids": [things[FROM.get(name, "case")]]}

    return content


def _web(name: str) -> Callable[[Things], Any]:
    if name == "ask":
        return lambda things: {"ids": things["case"], "addressee": "Team", "question": "Who?", "due": later()}
    return _verb(name)


def _api(name: str) -> Callable[[Things], Any]:
    moment = (timezone.now() + timedelta(days=1)).isoformat()
    if name == "ask":
        return lambda things: {"ids": [things["case"]], "addressee": "Team", "question": "Who?", "due_at": moment}
    if name == "snooze":
        return lambda things: {"ids": [things["case"]], "until": moment, **WHY}
    return _verb(name)


VERBS = ("take", "assign", "release", "snooze", "wake", "escalate", "comment", "tick", "ask", "hold", "lift", "link",
         "decide", "reopen", "silence", "gather")  # fmt: skip
WEB: dict[str, Callable[[Things], Any]] = {
    "model_challenge": lambda things: {},
    "model_retire": lambda things: WHY,
    "model_promote": lambda things: WHY,
    "model_train": lambda things: {"window_from": "2026-01-01", "window_to": "2026-01-31", "seed": "0"},
    "scoring_thresholds": lambda things: {"threshold": "70", "sample_per_million": "500", **WHY},
    **{f"case_{verb}": _web(verb) for verb in VERBS},
    "case_answer": lambda things: {"answer": "We did"},
    "case_unlink": lambda things: {},
    "silence_end": lambda things: {},
    "payment_alert": lambda things: {"typology": "fan", **WHY},
    "expected_new": lambda things: {**_hoped(things), "working_day": "next", "tolerance": 1, "grace": 2},
    "expectation_end": lambda things: WHY,
    "expectation_excuse": lambda things: {"occurrence": things["occurrence"], **WHY},
    "suspicion_prepare": lambda things: {},
    "suspicion_write": lambda things: {"analysis": "New", "version": "1"},
    "suspicion_file": lambda things: {"reference": "T-1"},
    "suspicion_drop": lambda things: WHY,
}
API: dict[str, Callable[[Things], Any]] = {
    "scoring_model_challenge": lambda things: None,
    "scoring_model_retire": lambda things: WHY,
    "scoring_model_promotion": lambda things: WHY,
    "scoring_trainings": lambda things: {"window_from": "2026-01-01", "window_to": "2026-01-31"},
    "scoring_policy_change": lambda things: {"threshold": 70, "sample_per_million": 500, **WHY},
    **{f"cases_{verb}": _api(verb) for verb in VERBS},
    "case_answer": lambda things: {"answer": "We did"},
    "case_unlink": lambda things: None,
    "silence_end": lambda things: None,
    "expectations": lambda things: {"entity": things["entity"], **_hoped(things)},
    "expectations_end": lambda things: {"ids": [things["expectation"]], **WHY},
    "occurrences_excuse": lambda things: {"ids": [things["occurrence"]], **WHY},
    "alerts": lambda things: {"payments": [things["checked"]], "typology": "fan", **WHY},
}
PARAMS = {"case_id": "case", "case_request_id": "case_request", "link_id": "case_link", "silence_id": "silence",
          "expectation_id": "expectation"}  # fmt: skip
PK_OF = {
    "case": "case", "suspicion_prepare": "case_taken", "case_answer": "case_request", "case_unlink": "case_link",
    "silence_end": "silence", **dict.fromkeys(("expectation", "expectation_end", "expectation_excuse"), "expectation"),
    "payment_alert": "checked", "payment_score": "checked",
    **dict.fromkeys(("suspicion", "suspicion_write", "suspicion_file", "suspicion_drop"), "suspicion"),
}  # fmt: skip


def period() -> dict[str, str]:
    now = timezone.now()
    return {"since": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}
