"""Money that came and that only the statement tells of: an incoming payment is made of its line, for people to check,
sign and apply like any other. What it names no account of ours for waits in suspense (transactions/sql/received.sql).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import money
from backoffice.common.errors import NotThere, sentence
from backoffice.people import access
from backoffice.people.models import User
from controls.models import LineReceipt, OpenLine
from controls.reconciliation import running
from controls.reconciliation.acting import RIGHT, VIEW
from documents import trail
from transactions import intake
from transactions.intake import account_numbers
from transactions.models import Account, Payment

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b")
# What became of a payment that frees its line for another.
_OVER = ("rejected", "cancelled", "returned")


@dataclass(frozen=True)
class Answer:
    line_id: int
    payment_id: int | None = None
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params) if self.code else ""


def propose(*, line_ids: Sequence[int], actor: User) -> list[Answer]:
    """Make incoming payments of open credit lines, one a line. Needs reconciliation.match and payment.create; the
    person is their maker, so another one signs. When they are posted, the next run matches each with its line."""
    with transaction.atomic():
        rows = list(
            OpenLine.objects.filter(pk__in=list(line_ids)).select_related("line", "account", "entity").order_by("pk")
        )
        if not rows or any(not access.can(actor, VIEW, row.entity_id) for row in rows):
            raise NotThere("not_there")
        answers = []
        for entity_id in sorted({row.entity_id for row in rows}):
            access.demand(actor, RIGHT, entity_id)
            mine = [row for row in rows if row.entity_id == entity_id]
            running.lock(entity_id, sorted({row.account_id for row in mine}))
            answers += [_propose(row, actor) for row in mine]
        return answers


def _propose(row: OpenLine, actor: User) -> Answer:
    if not row.credit or row.open != row.amount or row.line.return_code or row.line.reversal:
        return Answer(row.pk, code="receipt.not_credit")
    made = LineReceipt.objects.filter(line_id=row.pk).exclude(payment__state__status__in=_OVER).first()
    if made is not None:
        return Answer(row.pk, made.payment_id, "receipt.made_before")
    batch = intake.receive_payments(payments=[_asked(row)], entity=row.entity, actor=actor, channel="form")
    payment = Payment.objects.filter(batch=batch).first()
    if payment is None:
        problem = batch.problems.first()
        why = sentence(problem.code, problem.params) if problem else sentence(batch.refusal_code, batch.refusal_params)
        return Answer(row.pk, code="receipt.refused", params={"why": why})
    LineReceipt.objects.create(line_id=row.pk, payment=payment, proposed_by=actor, proposed_at=timezone.now())
    trail.record(
        "payment.made_of_line", subject_type="payment", subject_id=payment.pk, entity_id=row.entity_id, actor=actor,
        data={"line": row.pk, "account": row.account.code},
    )  # fmt: skip
    return Answer(row.pk, payment.pk)


def _asked(row: OpenLine) -> dict[str, str]:
    line = row.line
    said = " ".join(filter(None, (line.remittance, line.creditor_reference, line.information)))
    asked = {
        "kind": "incoming", "amount": money.plain(row.open, row.currency), "currency": row.currency,
        "requested_execution_date": line.value_on.isoformat(), "creditor_name": row.entity.name,
        "creditor_account": _account_named(row, said), "debtor_name": line.counterparty_name,
        "debtor_account": line.counterparty_number[:34], "debtor_bic": line.counterparty_bic,
        # Two lines that say the same are two payments.
        "end_to_end_id": line.end_to_end_id[:35] or f"LINE-{row.pk}", "instruction_id": f"LINE-{row.pk}",
        "remittance": said[:140],
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _account_named(row: OpenLine, said: str) -> str:
    """The customer's account that the text names, by IBAN or number; empty: it waits in suspense."""
    numbers = {account_numbers.clean(found) for found in _IBAN.findall(said.upper())}
    words = {word for word in re.split(r"[\s,;:]+", said) if len(word) >= 6}
    named = Account.objects.filter(entity=row.entity, currency=row.currency, kind=Account.Kind.CUSTOMER, status="open")
    found = list(named.filter(iban__in=numbers)[:2]) or list(named.filter(other_number__in=words)[:2])
    return found[0].number if len(found) == 1 else ""
