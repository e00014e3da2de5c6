"""Findings of rules become alerts (controls/cases/typologies.py says which): a task's work, after the check.

The check writes which payments to look at in its own transaction (controls/sql/alerts_due.sql); ``raise_due`` reads
their findings, raises, and lets go of the rows in one transaction. What a lost task left is found by the sweeper.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from controls.cases import typologies
from controls.cases.raising import raise_alerts
from controls.rules import sentences

TASK = "controls.raise_alerts"
CHUNK = 1_000
# Notes that count all the same: the law asks for the sum, not for a warning each time.
NOTES = ["CASH-MONTH"]
_TAKE = """
    delete from controls_alertdue d using (
        select id from controls_alertdue order by id limit %s for update skip locked) t
    where d.id = t.id returning d.payment_id
"""
_FINDINGS = """
    select k.payment_id, c.code, v.id, v.number, r.weight, r.evidence
    from unnest(%(ids)s::bigint[]) as k(payment_id)
    cross join lateral (
        select a.id from controls_assessment a where a.payment_id = k.payment_id order by a.id desc limit 1) last
    join controls_ruleresult r on r.assessment_id = last.id and not r.shadow
    join controls_ruleversion v on v.id = r.version_id
    join controls_rule c on c.id = v.rule_id and c.code = any(%(rules)s)
    where r.action <> 'inform' or c.code = any(%(notes)s)
    order by 1, 2
"""


def expect() -> None:
    """Note the payments of the present check, and wake the task. Inside the transaction of the check, one query."""
    if sql.run(sql.text("controls", "alerts_due"), {**typologies.weighed(), "notes": NOTES}):
        enqueue(TASK)


def raise_due() -> int:
    """Look at what waits, a thousand payments a transaction. Returns how many were looked at. Safe twice."""
    seen = 0
    while True:
        with transaction.atomic():
            ids = [row[0] for row in sql.rows(_TAKE, [CHUNK])]
            if ids:
                raise_alerts(alerts_of(sorted(set(ids))))
        seen += len(ids)
        if len(ids) < CHUNK:
            return seen


def alerts_of(payment_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the findings of the last checks of these payments amount to. One query."""
    found: dict[int, dict[str, tuple[int, int, int, Mapping[str, Any]]]] = {}
    params = {"ids": list(payment_ids), "rules": typologies.of_rules(), "notes": NOTES}
    for payment, code, version, number, weight, evidence in sql.rows(_FINDINGS, params):
        found.setdefault(payment, {})[code] = (version, number, weight, sentences.document(evidence))
    rows = []
    for payment, by_code in found.items():
        weights = {code: told[2] for code, told in by_code.items()}
        for typology, score, codes in typologies.of_findings(weights):
            rows.append({
                "payment": payment, "typology": typology.code, "origin": "rule", "score": score,
                "version": ", ".join(f"{code} {by_code[code][1]}" for code in sorted(codes)),
                "reasons": [
                    {"rule": by_code[code][0], "params": dict(by_code[code][3]), "weight": by_code[code][2]}
                    for code in codes
                ],
                "evidence": {},
            })  # fmt: skip
    return rows
