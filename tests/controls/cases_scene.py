"""A stage for cases: supervisors of one entity, payments, alerts raised by the door."""

from dataclasses import dataclass
from typing import Any

from backoffice.people import roles
from backoffice.people.models import User
from controls import cases
from controls.models import Case, CaseRequest, CaseTick, CaseVerdict, Incident
from documents.models import AuditRecord
from tests import people
from tests.people import Stage
from transactions.models import Hold, Payee, Payment

FALSE: Any = {"disposition": "false_positive", "cause": "known_habit", "reason": "Monthly order"}
RISK: Any = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}
REASON = {"code": "by_hand", "params": {"said": "seen"}, "weight": 40}


@dataclass
class Scene:
    stage: Stage
    one: User
    other: User
    third: User

    def payment(self, **fields: Any) -> Payment:
        return people.payment(self.stage, **fields)

    def case(self, score: int = 70, typology: str = "duplicate", **fields: Any) -> Case:
        """One alert of one payment in a case of its own, unless ``fields`` give it an account that has one."""
        payment = self.payment(**{"creditor_number": f"DE{people.next_number():020}", **fields})
        raised = cases.raise_alerts([row(payment, score=score, typology=typology)])
        return Case.objects.get(pk=raised.cases[0])


def row(payment: Payment, **fields: Any) -> dict[str, Any]:
    return {
        "payment": payment.pk, "typology": "duplicate", "origin": "detector", "version": "twice 1", "score": 70,
        "reasons": [REASON], "evidence": {}, **fields,
    }  # fmt: skip


ELSEWHERE = "FR7630006000011234567890189"


def scene(code: str = "CASES", iban: str = people.CUSTOMER_IBAN) -> Scene:
    stage = people.bank_branch(code, iban=iban)
    named = (people.person(roles.SUPERVISOR, entity=stage.entity, name=name) for name in ("One", "Other", "Third"))
    return Scene(stage, *named)


def payee(here: Scene, name: str = "Kervella") -> Payee:
    return Payee.objects.create(
        entity=here.stage.entity, name=name, name_key=name.lower(), created_at=here.stage.entity.created_at
    )


def standing() -> tuple[Any, ...]:
    """Everything of cases that an act could move."""
    return (
        list(Case.objects.order_by("pk").values_list()),
        list(CaseVerdict.objects.order_by("pk").values_list()),
        CaseTick.objects.count(), CaseRequest.objects.count(), Incident.objects.count(), Hold.objects.count(),
        AuditRecord.objects.count(),
    )  # fmt: skip


def code(answers: list[cases.Answer]) -> str:
    return answers[0].code if not answers[0].done else f"done {answers[0].code}".strip()


def acts(case: Case) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="case", subject_id=case.pk).order_by("id")
    return [record.action for record in rows]
