"""The score of a payment on its own page, beside the payment, and by the API."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from controls import assess, cases
from controls.models import HiddenSample, Score, ScoreDue
from controls.scoring import alerting, scores
from tests import database, people
from tests.api.client import Program
from tests.people import Stage
from tests.web.desk import signed_in
from transactions.models import Payment

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def twice(stage: Stage, *, count: int = 2) -> list[Payment]:
    """Invoices paid again three days later."""
    of = people.batch(stage)
    made = [
        people.payment(
            stage, status="received", in_batch=of, received_at=timezone.now() - timedelta(days=days),
            amount="1834.56", creditor_number="DE00000000000000000001", remittance="Invoice 2026 4711",
        )
        for days in range(3 * count - 3, -1, -3)
    ]  # fmt: skip
    assess.assess([one.pk for one in made])
    scores.score_due()
    return made


def test_the_page_tells_the_score_in_words_and_pictures() -> None:
    stage = people.bank_branch("PAGE")
    first, second = twice(stage)
    client = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))
    said = text(client.get(f"/payments/{second.pk}/score/"))
    assert f"Behaviour score {round(Score.objects.get(payment=second).value)}" in said
    assert "€1,834.56 with the same number in its reference went to this account on" in said
    assert "This model had learnt nothing from this house yet" in said
    assert "The last 2 payments of this account" in said
    assert first.reference in said
    reader = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity, language="fr"))
    french = text(reader.get(f"/payments/{second.pk}/score/"))
    assert "Score de comportement" in french
    assert "Behaviour score" in text(client.get(f"/payments/{second.pk}/"))


def test_the_score_is_made_again_and_what_was_changed_is_seen() -> None:
    stage = people.bank_branch("REMADE")
    _first, second = twice(stage)
    client = signed_in(people.person(roles.AUDITOR, entity=stage.entity))
    assert "is the same to the last bit" in text(client.get(f"/payments/{second.pk}/score/?again"))
    database.update(Score.objects.filter(payment=second), value=12)
    assert "Made again, the score is another one" in text(client.get(f"/payments/{second.pk}/score/?again"))


def test_a_payment_without_a_score_says_so() -> None:
    stage = people.bank_branch("NOSCORE")
    payment = people.payment(stage)
    client = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))
    assert "This payment was not scored yet." in text(client.get(f"/payments/{payment.pk}/score/?again"))


def test_operators_see_no_scores() -> None:
    stage = people.bank_branch("OPERATOR")
    _first, second = twice(stage)
    client = signed_in(people.person(roles.OPERATOR, entity=stage.entity))
    assert client.get(f"/payments/{second.pk}/score/").status_code == 403
    assert "Behaviour score" not in text(client.get(f"/payments/{second.pk}/"))


def test_the_hidden_sample_is_shown_as_its_alert_until_its_case_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = people.bank_branch("DISGUISE")
    usual = people.payment(stage, status="received", amount="20.00")
    monkeypatch.setattr(alerting, "drawn", lambda payment, _share: payment == usual.pk)
    assess.assess([usual.pk])
    scores.score_due()
    sample = HiddenSample.objects.select_related("score", "case").get()
    shown = sample.case.score
    program = Program(people.person(roles.SUPERVISOR, entity=stage.entity))
    assert program.get(f"/payments/{usual.pk}/scores").json()["scores"][0]["value"] == shown
    database.update(Payment.objects.filter(pk=usual.pk), amount="21.00")
    database.insert(ScoreDue(payment=usual))
    scores.score_due()
    told = [one["value"] for one in program.get(f"/payments/{usual.pk}/scores").json()["scores"]]
    assert told == [shown, shown]
    judge = people.person(roles.SUPERVISOR, entity=stage.entity)
    (answer,) = cases.decide(
        ids=[sample.case_id], actor=judge, disposition="false_positive", cause="known_habit", reason="As every month"
    )
    assert answer.done
    real = program.get(f"/payments/{usual.pk}/scores").json()["scores"][1]["value"]
    assert real == pytest.approx(sample.score.value)
    assert real < 60 <= shown


def test_the_api_tells_reasons_and_related_payments() -> None:
    stage = people.bank_branch("TOLD")
    first, second = twice(stage)
    program = Program(people.person(roles.SUPERVISOR, entity=stage.entity))
    (told,) = program.get(f"/payments/{second.pk}/scores").json()["scores"]
    assert (told["model"], told["blank"], told["related"]) == (1, True, [first.pk])
    assert told["reasons"][0]["sentence"].startswith("€1,834.56 with the same number")
    assert program.get(f"/payments/{second.pk}/scores/again").json() == {"payment": second.pk, "same": True}


def test_the_number_of_queries_does_not_grow() -> None:
    stage = people.bank_branch("COST")
    client = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))

    def cost(payment: Payment) -> int:
        client.get(f"/payments/{payment.pk}/score/")
        with CaptureQueriesContext(connection) as counted:
            client.get(f"/payments/{payment.pk}/score/")
        return len(counted)

    few = cost(twice(stage)[-1])
    assert cost(twice(stage, count=20)[-1]) == few
