"""The shipped catalogue: in the database after migrate, loaded any number of times, never over the house's own."""

import dataclasses
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from backoffice.common.errors import BusinessError
from controls import description
from controls.management.commands import describe_controls
from controls.models import Rule, RuleVersion
from controls.rules import catalogue, references, rulesets
from controls.rules.shipped import typography
from tests import database, people


@pytest.mark.django_db
def test_migrate_brings_the_rules_and_loading_again_changes_nothing() -> None:
    assert set(Rule.objects.filter(shipped=True).values_list("code", flat=True)) == {
        rule.code for rule in catalogue.CATALOGUE
    }
    assert catalogue.load() == []
    out = StringIO()
    call_command("load_rules", stdout=out)
    assert out.getvalue() == f"{len(catalogue.CATALOGUE)} rules shipped, 0 made or changed.\n"
    assert set(RuleVersion.objects.values_list("mode", "number")) == {("active", 1)}


@pytest.fixture
def migrating(db: None) -> None:
    """Shipped rules come in as the owner of the tables, who needs no second person."""
    database.as_owner("alter table controls_ruleversion disable trigger signed_by_two")


@pytest.mark.usefixtures("migrating")
def test_a_changed_rule_becomes_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = [
        dataclasses.replace(rule, parameters={"threshold": 75000}) if rule.code == "LIMIT" else rule
        for rule in catalogue.CATALOGUE
    ]
    monkeypatch.setattr(catalogue, "CATALOGUE", tuple(changed))
    assert catalogue.load() == ["LIMIT"]
    assert catalogue.load() == []
    force = {version.rule.code: version for version in rulesets.in_force()}
    assert (force["LIMIT"].number, force["LIMIT"].parameters) == (2, {"threshold": 75000})
    assert RuleVersion.objects.get(rule__code="LIMIT", number=1).parameters == {"threshold": 50000}


@pytest.mark.usefixtures("migrating")
def test_the_house_s_own_version_outlives_a_new_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    first = RuleVersion.objects.get(rule__code="LIMIT")
    first.pk, first.number, first.parameters = None, 2, {"threshold": 20000}
    first.written_by, first.published_by, first.published_at = people.person(), people.person(), timezone.now()
    first.save()
    assert catalogue.load() == []
    changed = [dataclasses.replace(rule, weight=33) if rule.code == "LIMIT" else rule for rule in catalogue.CATALOGUE]
    monkeypatch.setattr(catalogue, "CATALOGUE", tuple(changed))
    assert catalogue.load() == ["LIMIT"]
    offered = RuleVersion.objects.get(rule__code="LIMIT", number=3)
    assert (offered.weight, offered.published_at) == (33, None)
    assert {version.rule.code: version.number for version in rulesets.in_force()}["LIMIT"] == 2
    assert catalogue.load() == []


@pytest.mark.django_db
def test_a_published_version_never_changes_and_a_draft_may() -> None:
    published = RuleVersion.objects.get(rule__code="LIMIT")
    for act in (lambda: RuleVersion.objects.filter(pk=published.pk).update(weight=1), published.delete):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            act()
    published.pk, published.number, published.published_at = None, 2, None
    published.save()
    assert RuleVersion.objects.filter(rule__code="LIMIT", number=2).update(weight=1) == 1
    assert RuleVersion.objects.filter(rule__code="LIMIT", number=2).delete()[0] == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("sentence_fr", " ", "rule.sentence_missing"),
        ("sentence_en", "{amont}", "rule.slot_unknown"),
        ("expression", "amount", "rule.not_boolean"),
    ],
)
def test_a_version_is_whole_or_refused(field: str, value: str, code: str) -> None:
    whole = {"expression": "amount > 1", "parameters": {}, "sentence_en": "{amount}", "sentence_fr": "{amount}"}
    catalogue.check(**whole)
    with pytest.raises(BusinessError) as caught:
        catalogue.check(**{**whole, field: value})
    assert caught.value.code == code


def test_codes_are_unique_and_fit_their_columns() -> None:
    codes = [rule.code for rule in catalogue.CATALOGUE]
    assert len(set(codes)) == len(codes)
    for rule in catalogue.CATALOGUE:
        assert len(rule.code) <= 32
        assert max(len(rule.name_en), len(rule.name_fr)) <= 80
        assert len(rule.legal_reference) <= 200
        assert rule.legal_reference
        assert rule.action in {"hold", "reject"} or rule.weight < 50


def test_french_has_its_spaces() -> None:
    assert typography("« a » : b ; 5 %") == "«\u00a0a\u00a0»\u00a0: b\u00a0; 5\u00a0%"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_description_is_in_step_with_the_catalogue(language: str) -> None:
    kept = describe_controls.PLACES[language].read_text(encoding="utf-8")
    assert kept == description.text(language), "run manage.py describe_controls"


def test_the_description_says_what_is_off_and_from_when() -> None:
    assert "**CASH-EU** (Cash above the EU ceiling). In force from: 10\u00a0Jul\u00a02027" in description.text()
    french = description.text("fr")
    assert "**CASH-EU** (Espèces au-dessus du plafond de l’UE). En vigueur à partir du\u00a0: 10\u00a0juil." in french
    assert (
        "| TIM-04 | Vérification du bénéficiaire | règl. (UE) 260/2012 art. 5c | 9\u00a0oct.\u00a02025 | V~ |" in french
    )
    assert "| `amount` | montant | Montant dans la devise du paiement |" in french
    assert "on interroge une liste de la maison par\n`in list('code')`" in french.lower()
    assert "| AE | 16\u00a0mars\u00a02023 | 5\u00a0août\u00a02025 | 2023/410\u00a0; 2025/1184 |" in french


@pytest.mark.django_db
def test_a_shipped_name_that_changed_is_brought_in_without_a_new_version() -> None:
    rule = Rule.objects.get(code="FUNDS")
    versions = rule.versions.count()
    Rule.objects.filter(pk=rule.pk).update(name_fr="Provision")
    assert catalogue.load() == ["FUNDS"]
    rule.refresh_from_db()
    assert (rule.name_fr, rule.versions.count()) == ("Provision insuffisante", versions)
    assert catalogue.load() == []


def test_every_shipped_reference_can_be_read_in_french() -> None:
    parts = {part for rule in catalogue.CATALOGUE for part in rule.legal_reference.split("; ")}
    assert parts == {*references.PARTS, *references.NAMES}
    with translation.override("fr"):
        told = references.said("CTL-05: house rule under COSO principle 10; TIM-04: Reg. (EU) 260/2012 art. 5c")
        assert told == (
            "CTL-05\xa0: règle de la maison selon le principe 10 du COSO\u202f; TIM-04\xa0: règl. (UE) 260/2012 art. 5c"
        )
        assert references.said("Internal note 7") == "Internal note 7"
    assert references.said("") == ""
