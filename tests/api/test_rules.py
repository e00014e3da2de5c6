"""Rules by the API: checked, written, handed in, decided, promoted; lists."""

from typing import Any

import pytest

from backoffice.common import formats
from backoffice.people import roles
from controls.models import RuleListEntry, RuleVersion
from controls.rules import rulesets
from tests.api.client import Program
from tests.people import PAYEE_IBAN, bank_branch, person

pytestmark = pytest.mark.django_db
RULE: dict[str, Any] = {
    "code": "HOUSE-LARGE", "family": "amount", "name_en": "Large", "name_fr": "Élevé", "action": "warn",
    "expression": "amount >= :threshold", "parameters": {"threshold": 1000}, "units": {"threshold": "money"},
    "sentence_en": "{amount}", "sentence_fr": "{amount}",
}  # fmt: skip


def test_a_rule_is_written_and_published_by_two() -> None:
    entity = bank_branch().entity
    one, other = (Program(person(roles.SUPERVISOR, entity=entity)) for _number in range(2))
    answer = one.post("/rules", {**RULE, "entity": entity.pk})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["rule"], made["number"], made["published_at"], made["waits"]) == ("HOUSE-LARGE", 1, None, False)
    changed = one.post(f"/rule-drafts/{made['id']}/change", {"parameters": {"threshold": 2000}}).json()
    assert changed["parameters"] == {"threshold": 2000}
    asked = one.post(f"/rule-drafts/{made['id']}/submit", {"mode": "shadow", "reason": "Try"}).json()
    assert (asked["subject"], asked["change"]["mode"]) == ("rule", "shadow")
    assert one.post(f"/changes/{asked['id']}/approve").status_code == 422
    assert one.post(f"/rule-drafts/{made['id']}/change", {"weight": 3}).json()["code"] == "rule.waits"
    assert other.post(f"/changes/{asked['id']}/approve").json()["status"] == "approved"
    asked = other.post("/rules/HOUSE-LARGE/mode", {"version": 1, "mode": "active", "reason": "Good"}).json()
    assert one.post(f"/changes/{asked['id']}/approve").status_code == 200
    told = one.get("/rules/HOUSE-LARGE").json()
    assert (told["version"]["number"], told["version"]["mode"]) == (2, "active")
    versions = one.get("/rules/HOUSE-LARGE/versions").json()["items"]
    assert [(item["number"], item["mode"]) for item in versions] == [(2, "active"), (1, "shadow")]
    assert [item["said"] for item in versions[0]["differences"]] == ["Mode: Shadow becomes Active"]
    draft = one.post("/rules/HOUSE-LARGE/next", {"entity": entity.pk, "based_on": 1, "action": "hold"}).json()
    assert (draft["number"], draft["action"]) == (3, "hold")
    assert one.post(f"/rule-drafts/{draft['id']}/discard", {"reason": "No"}).status_code == 200
    assert one.get(f"/rule-drafts/{draft['id']}").status_code == 404
    assert [one.number for one in rulesets.in_force() if one.rule.code == "HOUSE-LARGE"] == [2]


def test_an_expression_is_checked_with_its_place() -> None:
    entity = bank_branch().entity
    program = Program(person(roles.SUPERVISOR, entity=entity))
    body = {"entity": entity.pk, "expression": "amount > :n and kind in ('sepa')", "parameters": {"n": 3}}
    told = program.post("/rules/check", body).json()
    assert (told["facts"], told["parameters"], told["lists"]) == (["amount", "kind"], ["n"], [])
    assert told["tree"]["items"][0] == {
        "fact": "amount", "operator": "gt", "values": [{"kind": "parameter", "text": "n"}],
    }  # fmt: skip
    refused = program.post("/rules/check", {**body, "expression": "amount > 1 or pg_sleep(9) is null"})
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["params"]["position"]) == ("rule.unknown_function", 15)


def test_who_may_not_write_moves_nothing() -> None:
    entity = bank_branch().entity
    one = Program(person(roles.SUPERVISOR, entity=entity))
    made = one.post("/rules", {**RULE, "entity": entity.pk}).json()
    before = RuleVersion.objects.values_list("pk", "weight", "mode").order_by("pk")
    kept = list(before)
    assert one.post("/rules", {**RULE, "code": "ALL"}).status_code == 201, "there is one entity only"
    RuleVersion.objects.filter(rule__code="ALL").delete()
    bank_branch("B2", iban="FR7630006000011234567890189")
    assert one.post("/rules", {**RULE, "code": "ALL-2"}).status_code == 403
    for role in (roles.OPERATOR, roles.AUDITOR):
        program = Program(person(role, entity=entity))
        assert program.get(f"/rule-drafts/{made['id']}").status_code == 200
        assert program.post("/rules", {**RULE, "entity": entity.pk, "code": "OTHER"}).status_code == 403
        assert program.post(f"/rule-drafts/{made['id']}/change", {"weight": 9}).status_code == 403
    narrow = Program(person(roles.SUPERVISOR, entity=entity), ["rule.view"])
    assert narrow.post(f"/rule-drafts/{made['id']}/submit", {"mode": "active", "reason": "x"}).status_code == 403
    assert list(before) == kept


def test_lists_change_by_two() -> None:
    entity = bank_branch().entity
    one, other = (Program(person(roles.SUPERVISOR, entity=entity)) for _number in range(2))
    body = {"entity": entity.pk, "code": "watched", "name": "Watched", "kind": "country"}
    assert one.post("/rule-lists", body).status_code == 201
    asked = one.post("/rule-lists/watched/change", {"add": ["KY"], "reason": "Review"}).json()
    assert one.get("/rule-lists/watched").json()["held"] == 0
    assert other.post(f"/changes/{asked['id']}/approve").status_code == 200
    assert one.get("/rule-lists/watched").json()["held"] == 1
    assert [item["value"] for item in one.get("/rule-lists/watched/entries").json()["items"]] == ["KY"]
    assert [item["code"] for item in one.get("/rule-lists").json()["items"]] == ["watched"]
    assert RuleListEntry.objects.count() == 1
    assert one.post("/rule-lists/watched/change", {"add": ["XX"], "reason": "x"}).status_code == 422


def test_account_numbers_that_are_asked_for_are_masked() -> None:
    entity = bank_branch().entity
    supervisor = person(roles.SUPERVISOR, entity=entity)
    one, blind = Program(supervisor), Program(supervisor, ["rule.view", "rule.write"])
    body = {"entity": entity.pk, "code": "trusted", "name": "Trusted", "kind": "account"}
    assert one.post("/rule-lists", body).status_code == 201
    asked = one.post("/rule-lists/trusted/change", {"add": [PAYEE_IBAN], "reason": "Review"}).json()
    assert asked["change"]["add"] == [PAYEE_IBAN]
    told = blind.get(f"/changes/{asked['id']}").json()["change"]["add"]
    assert told == [formats.masked(PAYEE_IBAN)]
    assert PAYEE_IBAN not in blind.get("/changes").content.decode()
