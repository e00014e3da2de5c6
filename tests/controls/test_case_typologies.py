"""The typologies as data: their codes fit where they are kept, their rules exist, findings amount to what is said."""

import pytest

from controls.cases import typologies
from controls.models import Alert, Case, CaseTick, CaseVerdict
from controls.rules.catalogue import CATALOGUE

WEIGHTS = {rule.code: rule.weight for rule in CATALOGUE}


def longest(model: type, field: str) -> int:
    return int(model._meta.get_field(field).max_length)  # type: ignore[attr-defined]


def test_codes_fit_and_rules_exist() -> None:
    assert set(typologies.of_rules()) <= set(WEIGHTS)
    for code, one in typologies.TYPOLOGIES.items():
        assert len(code) <= min(longest(Case, "typology"), longest(Alert, "typology"))
        assert one.group in Case.Group.values
        assert set(one.needs) <= set(one.rules)
        assert one.checklist
        assert all(len(item) <= longest(CaseTick, "item") for item in one.checklist)
    causes = [code for codes in typologies.CAUSES.values() for code in codes]
    assert len(set(causes)) == len(causes)
    assert all(len(code) <= longest(CaseVerdict, "cause") for code in causes)
    assert set(typologies.CAUSES) == set(Case.Disposition.values)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (["NUMBER-UNLIKE"], {"changed_details": 85}),
        (["NUMBER-UNLIKE", "NAME-UNLIKE"], {"changed_details": 85, "name_unlike": 60}),
        (["SPLIT"], {"splitting": 65}),
        (["SPLIT", "UNUSUAL-AMOUNT"], {"splitting": 65}),
        (["UNUSUAL-AMOUNT"], {"unusual_amount": 60}),
        (["PAYEE-DORMANT", "UNUSUAL-AMOUNT"], {"sleeping": 70}),
        (["FIRST-PAYMENT"], {}),
        (["FIRST-PAYMENT", "LIMIT"], {"first_large": 70}),
        (["LIMIT"], {}),
        (["UNUSUAL-HOUR", "MAKER-NEW"], {}),
        (["UNUSUAL-HOUR", "MAKER-NEW", "MAKER-AMOUNT"], {"operator_habits": 60}),
        (["NEAR-AMOUNT"], {}),
        (["NEAR-AMOUNT", "NEAR-REFERENCE"], {"duplicate": 70}),
        (["CASH-MONTH"], {"cumulative_cash": 35}),
        (["FUNDS", "DATE-PAST", "SCREENING"], {}),
    ],
)
def test_findings_amount_to_typologies(found: list[str], told: dict[str, int]) -> None:
    weights = {code: WEIGHTS[code] for code in found}
    assert {one.code: score for one, score, _codes in typologies.of_findings(weights)} == told


def test_due_times_follow_the_bands() -> None:
    hours = {score: typologies.due_in(score).total_seconds() / 3600 for score in (100, 80, 79, 60, 59, 40, 39, 0)}
    assert hours == {100: 4, 80: 4, 79: 24, 60: 24, 59: 72, 40: 72, 39: 168, 0: 168}
