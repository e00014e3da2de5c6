"""What the checks would say of a file, payment by payment, with nothing stored.

The file goes the way that every file goes: intake reads it, facts are measured, the rule set in force runs. All of it
in one transaction that is undone, its bytes in memory; nobody is woken, for tasks wait for a commit that never comes.
"""

import io
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from backoffice.common import errors, locks, sql
from backoffice.people.models import Entity
from controls import facts
from controls.models import RuleSet, RuleVersion
from controls.rules import rulesets, sentences
from controls.vocabulary import FACTS
from documents import attachments
from transactions import intake
from transactions.intake import open_file, store
from transactions.intake.fields import COLUMNS
from transactions.intake.reading import Reading
from transactions.intake.rows import FileRefused
from transactions.models import Account, IntakeProblem, IntakeSource, Payment, PaymentBatch

Say = Callable[[dict[str, Any]], None]
_FOUND = """
    select payment_id, version_id, rule_code, action, weight, shadow, evidence from findings
    order by payment_id, rule_code
"""


def evaluate(
    *, content: bytes, file_name: str, entity: Entity, say: Say, source: IntakeSource | None = None
) -> dict[str, Any]:
    """Tell each payment of a file to ``say``, in the order of the file: its facts as text, and what each rule found,
    with its sentences in both languages. Returns what is to be said of the whole: counts and problems.

    A file that this entity took in before is refused as intake refuses it (``batch.seen_before``).
    """
    with attachments.in_memory(), transaction.atomic():
        batch = intake.receive(
            content=content, file_name=file_name, entity=entity, actor=None, channel=PaymentBatch.Channel.COMMAND,
            source=source,
        )  # fmt: skip
        rows = PaymentBatch.objects.select_related("entity", "source", "attachment")
        store.take_in(locks.lock(rows, [batch.pk])[0], waited=True)
        batch.refresh_from_db()
        told = _whole(batch)
        ids = list(Payment.objects.filter(batch=batch).order_by("position").values_list("pk", flat=True))
        if ids:
            sql.run("set local jit = off")
            current = rulesets.current()
            told["rule_set"] = RuleSet.objects.values_list("digest", flat=True).get(pk=current.rule_set_id)
            for start in range(0, len(ids), facts.CHUNK):
                _tell(ids[start : start + facts.CHUNK], current.statement, say)
        transaction.set_rollback(True)
    return told


def entity_of(content: bytes) -> Entity | None:
    """The entity whose account the first payment of a file names, as payer or payee; the only one there is, else."""
    every = list(Entity.objects.order_by("pk")[:2])
    if len(every) == 1:
        return every[0]
    payer, payee = COLUMNS.index("debtor_number"), COLUMNS.index("creditor_number")
    try:
        reader = open_file.reader_of(io.BytesIO(content), mapping={}, currency="EUR")
        for row in Reading(reader, entity_id=None, say=lambda _problem: None).rows(lambda _row: None):
            for number in (row[payer], row[payee]):
                found = Account.objects.filter(iban=number).select_related("entity").first() if number else None
                if found is not None:
                    return found.entity
    except FileRefused:
        pass
    return None


def _whole(batch: PaymentBatch) -> dict[str, Any]:
    problems = IntakeProblem.objects.filter(batch=batch).order_by("pk")[:1000]
    return {
        "file": batch.file_name, "sha256": batch.sha256, "format": batch.format, "entity": batch.entity.code,
        "status": "refused" if batch.status == PaymentBatch.Status.REFUSED else "read",
        "read": batch.read_count, "taken": batch.taken_count, "rule_set": None,
        "problems": [
            {"position": one.position, "code": one.code, "message": errors.sentence(one.code, one.params)}
            for one in problems
        ],
    }  # fmt: skip


def _tell(ids: Sequence[int], statement: str, say: Say) -> None:
    facts.build(ids)
    sql.run(statement)
    found: dict[int, list[dict[str, Any]]] = {}
    versions = _versions([row[0] for row in sql.rows("select distinct version_id from findings")])
    for one in sql.dicts(_FOUND):
        found.setdefault(one["payment_id"], []).append(_result(one, versions[one["version_id"]]))
    columns = ", ".join(f'f."{name}"::text as "{name}"' for name in FACTS)
    query = f"""
        select f.payment_id, p.position, p.end_to_end_id, {columns}
        from facts f join transactions_payment p on p.id = f.payment_id order by p.position
    """  # noqa: S608 - names of facts
    for row in sql.dicts(query):
        results = found.get(row["payment_id"], [])
        say({
            "position": row["position"], "end_to_end_id": row["end_to_end_id"], "outcome": _outcome(results),
            "risk": min(100, sum(one["weight"] for one in results if not one["shadow"])),
            "facts": {name: row[name] for name in FACTS if row[name] is not None}, "results": results,
        })  # fmt: skip


def _versions(keys: Sequence[int]) -> dict[int, RuleVersion]:
    return {version.pk: version for version in RuleVersion.objects.filter(pk__in=keys).select_related("rule")}


def _result(one: dict[str, Any], version: RuleVersion) -> dict[str, Any]:
    evidence = sentences.document(one["evidence"])
    return {
        "rule": one["rule_code"], "version": version.number, "action": one["action"], "weight": one["weight"],
        "shadow": one["shadow"], "reject_reason": version.reject_reason, "evidence": evidence,
        **sentences.both(version.sentence_en, version.sentence_fr, evidence, version.units),
    }  # fmt: skip


def _outcome(results: Sequence[dict[str, Any]]) -> str:
    worst = [one["action"] for one in results if not one["shadow"]]
    order = ["inform", "warn", "second", "hold", "reject"]
    return max(worst, key=order.index) if worst else "pass"
