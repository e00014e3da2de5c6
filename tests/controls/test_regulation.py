"""The regulation map: whole, true to the reference, and naming only what is there."""

import importlib
import re
from datetime import date

import pytest
from django.utils import timezone

from backoffice.people import roles
from conftest import SHARED
from controls import regulation
from controls.models import RuleVersion
from controls.rules.catalogue import CATALOGUE
from tests import database, people
from tests.web.desk import signed_in

REFERENCE = SHARED.parent / "reference" / "regulation.md"
MARKS = [
    *(f"CTL-0{n}" for n in range(1, 6)), *(f"SEP-0{n}" for n in range(1, 7)), *(f"TIM-0{n}" for n in range(1, 5)),
    *(f"AML-0{n}" for n in range(1, 10)), *(f"DIS-0{n}" for n in range(1, 5)), *(f"COM-0{n}" for n in range(1, 6)),
    *(f"PAR-0{n}" for n in range(1, 6)), *(f"ACC-0{n}" for n in range(1, 4)), "GDP-01", "GDP-02", "RES-01", "CLI-01",
]  # fmt: skip


def test_every_duty_of_the_reference_is_on_the_map_once() -> None:
    assert [duty.mark for duty in regulation.DUTIES] == MARKS
    if not REFERENCE.exists():
        pytest.skip("the reference is not beside this copy of the product; the fixed list was asserted")
    rows = re.findall(r"^\| ([A-Z]{3}-\d\d) \| (.*)$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [mark for mark, _rest in rows] == MARKS
    certainty = {mark: rest.rstrip(" |").rsplit("|", 1)[1].strip() for mark, rest in rows}
    wrong = {duty.mark for duty in regulation.DUTIES if not certainty[duty.mark].startswith(duty.certainty)}
    # Where the reference knows a duty in parts only, the map says the lesser.
    assert wrong <= {"TIM-02", "CTL-01", "SEP-04"}, {mark: certainty[mark] for mark in wrong}


def test_what_a_duty_names_is_there() -> None:
    for duty in regulation.DUTIES:
        for part in duty.parts:
            room, _dot, name = part.rpartition(".")
            try:
                importlib.import_module(part)
            except ModuleNotFoundError:
                assert hasattr(importlib.import_module(room), name), part
        assert duty.carried or duty.later, duty.mark
        assert all(duty.later or ("-", "-")), duty.mark


def test_every_rule_of_law_is_on_the_map() -> None:
    carried = {rule.code for duty in regulation.DUTIES for rule in duty.rules}
    marked = {rule.code for rule in CATALOGUE if re.search(r"\b[A-Z]{3}-\d\d:", rule.legal_reference)}
    assert carried == marked
    by_mark = {duty.mark: [rule.code for rule in duty.rules] for duty in regulation.DUTIES}
    assert by_mark["TIM-04"] == [
        "NUMBER-UNLIKE", "NAME-UNLIKE", "VOP-CLOSE", "VOP-NO-MATCH", "VOP-NOT-POSSIBLE", "INSTANT-UNCONFIRMED",
    ]  # fmt: skip
    assert by_mark["AML-03"] == ["CASH-EU"]


def test_a_rule_begins_no_earlier_than_its_duty() -> None:
    for duty in regulation.DUTIES:
        if duty.since and duty.since > date(2025, 1, 1):
            begins = {rule.code: rule.valid_from for rule in duty.rules if rule.valid_from}
            assert all(day >= duty.since for day in begins.values()), (duty.mark, begins)


def test_what_is_off_on_the_day_of_the_reference() -> None:
    assert [rule.code for rule in regulation.not_in_force(regulation.STATED_ON)] == ["CASH-EU"]
    assert [rule.code for rule in regulation.not_in_force(date(2027, 7, 10))] == []


@pytest.mark.django_db
def test_the_map_is_a_page_in_both_languages_that_says_what_runs() -> None:
    stage = people.bank_branch()
    auditor = people.person(roles.AUDITOR, entity=stage.entity, limit=None)
    version = RuleVersion.objects.get(rule__code="LIMIT")
    version.pk, version.number, version.mode, version.published_at = None, 2, "off", timezone.now()
    version.written_by, version.published_by = people.person(), people.person()
    database.insert(version)
    page = signed_in(auditor).get("/rules/regulation/").content.decode()
    assert all(f'id="{mark}"' in page for mark in MARKS)
    assert "Verification of payee" in page
    assert re.search(r"CASH-EU</span>.*?in force from <time[^>]*>10\xa0Jul\xa02027", page)
    assert re.search(r"LIMIT</span>[^<]*<span class=\"sub\">switched off here", page)
    auditor.language = "fr"
    auditor.save()
    french = signed_in(auditor).get("/rules/regulation/").content.decode()
    assert "Vérification du bénéficiaire" in french
    assert "Pas encore" in french


@pytest.mark.django_db
@pytest.mark.parametrize("role", [roles.LOGISTICS, roles.ADMINISTRATOR])
def test_the_map_is_for_who_may_see_rules(role: str) -> None:
    assert signed_in(people.person(role)).get("/rules/regulation/").status_code == 403
