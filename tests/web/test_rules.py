"""Rules by the screens: written with the builder or as text, looked at, published by another, tried on a payment."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.common import formats
from backoffice.people import roles
from controls.models import ChangeRequest, Rule, RuleList, RuleListEntry, RuleVersion
from controls.rules import rulesets
from tests import people
from tests.controls import rule_writing as writing
from tests.controls import scene as scenes
from tests.controls.rule_writing import draft, publish, supervisors
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


def form(**fields: Any) -> dict[str, Any]:
    return {
        "do": "save", "code": "HOUSE-LARGE", "entity": "BANK", "family": "amount", "name_en": "Large",
        "name_fr": "Élevé", "form": "text", "expression": "amount >= :threshold", "p-0-name": "threshold",
        "p-0-unit": "money", "p-0-value": "1 000", "action": "warn", "weight": "7", "dated_by": "receipt",
        "level": "1", "sentence_en": "{amount} is {threshold} or more.", "sentence_fr": "{amount} atteint {threshold}.",
        "kinds": ["sepa"], **fields,
    }  # fmt: skip


def test_a_rule_is_written_reviewed_and_published() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    writer, second = signed_in(one), signed_in(other)
    assert writer.get("/rules/new/").status_code == 200
    answer = writer.post("/rules/new/", form())
    made = RuleVersion.objects.get(rule__code="HOUSE-LARGE")
    assert answer.headers["Location"] == f"/rules/drafts/{made.pk}/"
    assert (made.parameters, made.units, made.kinds) == ({"threshold": 1000}, {"threshold": "money"}, ["sepa"])
    page = writer.get(f"/rules/drafts/{made.pk}/").content.decode()
    assert 'value="amount"' in page, "the builder shows it"
    assert "amount &gt;= :threshold" in page
    assert writer.post(f"/rules/drafts/{made.pk}/submit/", {"mode": "active", "reason": "Agreed"}).status_code == 302
    asked = ChangeRequest.objects.get()
    assert signed_in(one).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    page = second.get("/rules/HOUSE-LARGE/").content.decode()
    for words in (
        "It becomes active",
        "Amount in the payment&#x27;s currency is at least 1,000",
        "€48,250.00 is €1,000.00",
    ):
        assert words in page
    assert "HOUSE-LARGE 1" in second.get("/rules/").content.decode()
    answer = second.post(f"/changes/{asked.pk}/decide/", {"decision": "approve", "next": "/rules/HOUSE-LARGE/"})
    assert answer.headers["Location"] == "/rules/HOUSE-LARGE/"
    assert [one.number for one in rulesets.in_force() if one.rule.code == "HOUSE-LARGE"] == [1]
    page = second.get("/rules/?q=large&mode=active").content.decode()
    assert "HOUSE-LARGE" in page
    assert "LIMIT" not in page


def test_a_fault_stands_under_the_text_with_its_place() -> None:
    stage = people.bank_branch()
    client = signed_in(supervisors(stage.entity)[0])
    answer = client.post("/rules/new/", form(expression="amount > 1 and\n  creditor = 'x'"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "There is no fact named “creditor” (character 18)." in page
    assert '  creditor = &#x27;x&#x27;\n<span class="at">  ^</span>' in page
    assert not Rule.objects.filter(code="HOUSE-LARGE").exists()
    answer = client.post("/rules/new/", form(action="reject"))
    assert answer.status_code == 422
    assert "names its ISO 20022 reason" in answer.content.decode()
    answer = client.post("/rules/new/", form(**{"p-0-value": "many"}))
    assert "is not of its unit" in answer.content.decode()
    assert not Rule.objects.filter(code="HOUSE-LARGE").exists()


def test_what_is_missing_of_the_whole_form_is_told_once() -> None:
    stage = people.bank_branch()
    client = signed_in(supervisors(stage.entity)[0])
    page = client.post("/rules/new/", form(code="", sentence_fr="")).content.decode()
    assert page.count("Nothing was saved.") == 1
    summary = page[page.index('class="summary"') : page.index("</ul>", page.index('class="summary"'))]
    assert [label in summary for label in (">Code</a>", ">Sentence in French</a>")] == [True, True]


def test_conditions_read_as_sentences() -> None:
    stage = people.bank_branch()
    one, _other = supervisors(stage.entity)
    asked = "not payee_known and account_idle_days > :days and amount > usual_amount"
    signed_in(one).post(
        "/rules/new/", form(expression=asked, **{"p-0-name": "days", "p-0-unit": "days", "p-0-value": "30"},
                            sentence_en="{amount}", sentence_fr="{amount}"),
    )  # fmt: skip
    page = signed_in(one).get("/rules/HOUSE-LARGE/").content.decode()
    for words in (
        "The payee was known before the payment came in: no",
        "Days since the debtor&#x27;s account last moved is above 30",
        "is above “Median of the approved payments to the payee”",
    ):
        assert words in page
    assert "The next version" not in page, "a draft is edited"
    assert "<dt>Mode</dt>" not in page, "it has none before it is handed in"


def test_a_text_is_checked_while_it_is_written() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    client = signed_in(one)
    asked = {"form": "text", "entity": "BANK", "p-0-name": "n", "p-0-unit": "count", "p-0-value": "3"}
    said = client.post("/rules/check/", {**asked, "expression": "day_count > :n and account_known"}).content.decode()
    assert "Payments to this account received that day" in said
    said = client.post("/rules/check/", {**asked, "expression": "day_count > :m"}).content.decode()
    assert "no parameter named “m” (character 14)" in said
    said = client.post("/rules/check/", {**asked, "expression": "day_count > usual_count * 2"}).content.decode()
    assert "The builder cannot show it" in said
    assert not Rule.objects.filter(shipped=False).exists()
    assert other is not None


def test_the_builder_writes_the_text_and_the_text_fills_the_builder() -> None:
    stage = people.bank_branch()
    client = signed_in(supervisors(stage.entity)[0])
    built = {
        "form": "builder", "b-of": "all", "b.0-fact": "amount", "b.0-operator": "ge", "b.0-value": ":threshold",
        "b.1-of": "none", "b.1.0-fact": "creditor_country", "b.1.0-operator": "in", "b.1.0-value": "FR, DE",
        "b.1.1-fact": "account_known", "b.1.1-operator": "no", "b.1.1-value": "",
    }  # fmt: skip
    text = "amount &gt;= :threshold and not (creditor_country in (&#x27;FR&#x27;, &#x27;DE&#x27;) or not account_known)"
    page = client.post("/rules/new/", form(**built, do="to-text")).content.decode()
    assert text in page
    assert 'name="form" value="text"' in page
    page = client.post("/rules/new/", form(**built, do="add-condition:b.1")).content.decode()
    assert 'name="b.1.2-fact"' in page
    page = client.post("/rules/new/", form(**built, do="remove:b.0")).content.decode()
    assert 'name="b.0-of"' in page
    assert 'name="b.1-of"' not in page
    page = client.post("/rules/new/", form(**built, do="add-group:b")).content.decode()
    assert 'name="b.2.0-fact"' in page
    page = client.post(
        "/rules/new/", form(do="to-builder", expression="not (amount > 1 or kind = 'sepa')")
    ).content.decode()
    assert '<option value="none" selected>' in page
    page = client.post("/rules/new/", form(do="to-builder", expression="amount > usual_amount * 2")).content.decode()
    assert "The builder cannot show “amount &gt; usual_amount * 2” (character 1)" in page
    assert not Rule.objects.filter(shipped=False).exists()
    assert client.post("/rules/new/", form(**built)).status_code == 302
    made = RuleVersion.objects.get(rule__code="HOUSE-LARGE")
    assert made.expression == "amount >= :threshold and not (creditor_country in ('FR', 'DE') or not account_known)"


def test_numbers_and_days_are_typed_as_people_write_them() -> None:
    stage = people.bank_branch()
    client = signed_in(supervisors(stage.entity)[0])
    typed = {
        "form": "builder", "b-of": "all", "b.0-fact": "amount", "b.0-operator": "ge", "b.0-value": "1 000,50",
        "b.1-fact": "received_on", "b.1-operator": "ge", "b.1-value": "15/11/2026",
        "b.2-fact": "amount", "b.2-operator": "in", "b.2-value": "1,5; 3", "b.3-fact": "amount", "b.3-operator": "le",
        "b.3-value": ":threshold",
    }  # fmt: skip
    assert client.post("/rules/new/", form(**typed, **{"p-0-value": "2\u202f500,75"})).status_code == 302
    made = RuleVersion.objects.get(rule__code="HOUSE-LARGE")
    assert made.expression == (
        "amount >= 1000.50 and received_on >= '2026-11-15' and amount in (1.5, 3) and amount <= :threshold"
    )
    assert made.parameters == {"threshold": "2500.75"}
    page = client.get(f"/rules/drafts/{made.pk}/").content.decode()
    assert 'name="b.1-value" value="2026-11-15"' in page
    wrong = client.post("/rules/new/", form(code="HOUSE-TWO", **{"p-0-value": "1,234"}))
    assert "The value of the parameter “threshold” is not of its unit." in wrong.content.decode()
    wrong = client.post("/rules/new/", form(code="HOUSE-TWO", **{**typed, "b.1-value": "2026-13-01"}))
    assert "“is at least” with these values cannot be asked of “received_on”." in wrong.content.decode()


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("amount >= 'x'", "Ces éléments sont incompatibles au caractère 1\u00a0: nombre, texte."),
        ("amount + 1", "celle-ci est de type nombre"),
        ("creditor_number in list('places')", "contient un autre type de valeurs (pays) que ce fait"),
        ("amount > :days", "Ceci est de type montant, et le paramètre dit jours"),
        ("amount = null", "écrivez «\u00a0is null\u00a0»"),
        ("received_on > 'hier'", "«\u00a0hier\u00a0» n’est pas une date de la forme 2026-11-15 (caractère 15)."),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_reader(expression: str, told: str) -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    writing.listed(one, other, stage.entity, "places", "country", "FR")
    client = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity, language="fr"))
    asked = form(expression=expression, **{"p-0-name": "days", "p-0-unit": "days", "p-0-value": "3"})
    assert told in client.post("/rules/check/", asked).content.decode().replace("&#x27;", "'")


def test_a_field_that_is_wrong_is_called_by_its_name() -> None:
    stage = people.bank_branch()
    client = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity, language="fr"))
    answer = client.post("/rules/new/", form(valid_from="2027-01-01", valid_to="2026-01-01"))
    assert answer.status_code == 422
    assert "Son dernier jour précède le premier." in answer.content.decode()


def test_a_rule_whose_day_has_not_come_is_there_and_off_and_one_whose_days_are_over() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    today = timezone.localdate()
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    says = {"sentence_en": "Since {valid_from}: {amount}.", "sentence_fr": "Depuis le {valid_from} : {amount}."}
    for code, days in (("HOUSE-LATER", {"valid_from": tomorrow, **says}), ("HOUSE-PAST", {"valid_to": yesterday}),
                       ("HOUSE-NOW", {"valid_from": today, "valid_to": today}),
                       ("HOUSE-DONE-LATER", {"valid_from": tomorrow, "dated_by": "execution"})):  # fmt: skip
        publish(draft(one, stage.entity, code=code, **days), one, other)
    client = signed_in(one)
    found = {
        mode: [code for code in ("HOUSE-LATER", "HOUSE-PAST", "HOUSE-NOW", "HOUSE-DONE-LATER") if code in page]
        for mode in ("not_yet", "active")
        for page in [client.get(f"/rules/?mode={mode}&q=house").content.decode()]
    }
    assert found == {"not_yet": ["HOUSE-LATER"], "active": ["HOUSE-NOW", "HOUSE-DONE-LATER"]}
    later = client.get("/rules/HOUSE-LATER/").content.decode()
    assert "It is there and off: it concerns payments received from" in later
    assert "Not yet" in later
    assert f"Since {formats.day(tomorrow)}: €48,250.00." in later
    assert "It finds nothing any more" in client.get("/rules/HOUSE-PAST/").content.decode()
    now = client.get("/rules/HOUSE-NOW/").content.decode()
    assert "It is there and off" not in now
    assert "It finds nothing any more" not in now


def test_a_refused_request_keeps_what_was_typed_and_says_why_at_its_field() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    made = draft(one, stage.entity)
    client = signed_in(one)
    late = (timezone.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(
        f"/rules/drafts/{made.pk}/submit/", {"mode": "active", "reason": "As agreed", "starts_at": late}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#hand-in-starts_at">Runs from</a>: A version starts at a moment to come' in page
    assert 'value="As agreed"' in page
    assert client.post(f"/rules/drafts/{made.pk}/submit/", {"mode": "active", "reason": " "}).status_code == 422
    assert not ChangeRequest.objects.exists()
    assert client.post(f"/rules/drafts/{made.pk}/submit/", {"mode": "active", "reason": "Agreed"}).status_code == 302
    waiting = signed_in(other).get("/rules/HOUSE-LARGE/?version=1").content.decode()
    assert "What it says was not back-tested" in waiting
    again = client.post("/rules/LIMIT/mode/", {"version": "0", "mode": "off", "reason": "No"})
    assert again.status_code == 404


def test_a_rule_is_tried_on_one_payment_within_sight() -> None:
    scene = scenes.scene()
    one, other = supervisors(scene.stage.entity)
    made = draft(one, scene.stage.entity, expression="amount >= :threshold and not number_paid")
    payment, away = scene.payment(amount="1500.00"), people.payment(people.bank_branch("B2", iban=""))
    client = signed_in(other)
    page = client.get(f"/rules/HOUSE-LARGE/?payment={payment.pk}").content.decode()
    assert "It passes" in page
    assert '<code class="break">amount &gt;= :threshold</code>' in page
    assert '<span class="ref">amount</span> €1,500.00' in page
    made.refresh_from_db()
    publish(made, one, other)
    page = client.get(f"/rules/LIMIT/?payment={payment.end_to_end_id}").content.decode()
    assert "It passes" in page
    page = client.get(f"/rules/HOUSE-LARGE/?payment={away.pk}").content.decode()
    assert "There is no payment" in page
    page = client.get(f"/rules/facts/?payment={payment.reference}").content.decode()
    assert f"Values of {payment.reference}" in page
    assert "Kervella Materiaux SARL" in page
    assert scenes.found(payment) == {}


def test_a_found_payment_shows_both_sentences() -> None:
    scene = scenes.scene()
    one = supervisors(scene.stage.entity)[0]
    draft(one, scene.stage.entity)
    payment = scene.payment(amount="1500.00")
    page = signed_in(one).get(f"/rules/HOUSE-LARGE/?version=1&payment={payment.pk}").content.decode()
    assert "It would be found" in page
    assert "€1,500.00 is €1,000.00 or more." in page
    assert "1\u202f500,00\u00a0€ atteint 1\u202f000,00\u00a0€." in page


def test_another_mode_is_asked_for_and_a_version_is_compared_and_gone_back_to() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    first = publish(draft(one, stage.entity), one, other, mode="shadow")
    client = signed_in(one)
    answer = client.post("/rules/HOUSE-LARGE/mode/", {"version": first.pk, "mode": "active", "reason": "Seen"})
    assert answer.headers["Location"] == "/rules/"
    asked = ChangeRequest.objects.filter(status="waiting").get()
    page = signed_in(other).get("/rules/HOUSE-LARGE/?version=2").content.decode()
    assert "Mode: Shadow becomes Active" in page
    signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"})
    answer = client.post("/rules/HOUSE-LARGE/next/", {"version": first.pk, "entity": "BANK"})
    back = RuleVersion.objects.get(rule__code="HOUSE-LARGE", number=3)
    assert answer.headers["Location"] == f"/rules/drafts/{back.pk}/"
    assert client.post("/rules/HOUSE-LARGE/next/", {"version": first.pk, "entity": "BANK"}).status_code == 409
    assert client.post(f"/rules/drafts/{back.pk}/discard/", {"reason": ""}).status_code == 409
    assert client.post(f"/rules/drafts/{back.pk}/discard/", {"reason": "No"}).status_code == 302
    assert client.get(f"/rules/drafts/{back.pk}/").status_code == 404
    page = client.get("/rules/HOUSE-LARGE/?version=1&with=2").content.decode()
    assert "Differences from version 2" in page


def test_lists_are_made_and_changed_on_their_screens() -> None:
    stage = people.bank_branch()
    one, other = supervisors(stage.entity)
    client = signed_in(one)
    made = {"entity": "BANK", "code": "watched", "name": "Watched", "kind": "country"}
    assert client.post("/rules/lists/new/", made).headers["Location"] == "/rules/lists/watched/"
    assert client.post("/rules/lists/new/", made).status_code == 422
    wrong = client.post("/rules/lists/watched/", {"add": "KY\nXX", "reason": "Review"})
    assert wrong.status_code == 422
    assert "“XX” is not a country code of two letters." in wrong.content.decode()
    assert client.post("/rules/lists/watched/", {"add": "KY\n\nPA", "reason": "Review"}).status_code == 302
    asked = ChangeRequest.objects.get()
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    page = signed_in(people.person(roles.AUDITOR, entity=stage.entity)).get("/rules/lists/watched/").content.decode()
    assert "KY" in page
    assert "Ask for the change" not in page
    held = RuleListEntry.objects.get(value="KY")
    assert client.post("/rules/lists/watched/", {"remove": [held.pk], "reason": "Gone"}).status_code == 302
    assert ChangeRequest.objects.latest("pk").change["remove"] == ["KY"]
    writing.draft(one, stage.entity, expression="creditor_country in list('watched')")
    assert "HOUSE-LARGE" in client.get("/rules/lists/watched/").content.decode()
    assert "Watched" in client.get("/rules/lists/").content.decode()
    assert RuleList.objects.get().digest != ""


def test_auditors_and_operators_see_and_write_nothing() -> None:
    stage = people.bank_branch()
    one, _other = supervisors(stage.entity)
    made = draft(one, stage.entity)
    for role in (roles.AUDITOR, roles.OPERATOR):
        client = signed_in(people.person(role, entity=stage.entity))
        assert "Write the next version" not in client.get("/rules/HOUSE-LARGE/").content.decode()
        assert client.get("/rules/new/").status_code == 403
        for path, body in (
            ("/rules/new/", form(code="OTHER")),
            (f"/rules/drafts/{made.pk}/", form()),
            (f"/rules/drafts/{made.pk}/submit/", {"mode": "active", "reason": "x"}),
            ("/rules/LIMIT/mode/", {"version": RuleVersion.objects.get(rule__code="LIMIT").pk, "mode": "off",
                                    "reason": "x"}),
        ):  # fmt: skip
            assert client.post(path, body).status_code == 403, path
    made.refresh_from_db()
    assert (made.weight, ChangeRequest.objects.count(), Rule.objects.filter(code="OTHER").count()) == (7, 0, 0)
