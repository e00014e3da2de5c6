"""On cases whose truth is known: nothing is matched wrongly, and nearly everything that can be is."""

import pytest

from backoffice.people.models import Entity
from benchmarks import matching_cases, matching_load
from controls.reconciliation import running
from tests import database, people

pytestmark = pytest.mark.django_db


def test_no_wrong_match_and_nearly_all_that_can_be_known() -> None:
    entity = Entity.objects.create(code="Q", name="Quality")
    accounts = [people.account(entity, f"Q{number}", "bank", "D", floor=None).pk for number in range(2)]
    cases = matching_cases.make(4000, accounts)
    matching_load.load(cases, database.as_owner)
    running.run(accounts)
    found = matching_load.judge(cases, matching_cases.AMBIGUOUS)
    assert found.wrong == []
    assert found.share >= 0.95, found.left
