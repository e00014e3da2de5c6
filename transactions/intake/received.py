"""Payments on their way in whose kind the row itself names: incoming ones, refunds, and the rest as ever."""

import json
from decimal import Decimal
from hashlib import sha256

from transactions.intake.fields import _UNIT, COLUMNS, Understanding
from transactions.intake.rows import ERROR, Problem, Row
from transactions.intake.writer import ChunkWriter, Stage
from transactions.models import Payment

INCOMING, REFUND = Payment.Kind.INCOMING.value, Payment.Kind.REFUND.value
# What a row may call itself. Others are found by intake (sepa, transfer) or come in files of their own (debit).
ASKED = frozenset({"", "sepa", "transfer", "internal", "instant", "supplier", INCOMING, REFUND})
# Where the payer lives, as readers name it, and its keys as it is kept.
DEBTOR_ADDRESS = {
    "debtor_street": "street",
    "debtor_building": "building",
    "debtor_post_code": "post_code",
    "debtor_town": "town",
    "debtor_country": "country",
}
LINES = "debtor_lines"
LONGEST_PART = 140


class ReceivedUnderstanding(Understanding):
    """Adds the payer's address to the columns. What a payment that comes in lacks is for the controls to say."""

    def understand(self, row: Row) -> tuple[tuple[str, ...] | None, Decimal | None, list[Problem]]:
        values = row.values
        kind = values.get("kind", "")
        if kind not in ASKED:
            row.problems.append(self._problem(row, "kind", "payment.kind_unknown", {"kind": kind[:20]}))
        elif kind == REFUND and not values.get("refund_of"):
            row.problems.append(self._problem(row, "kind", "refund.without_original"))
        columns, value, problems = super().understand(row)
        if columns is None:
            return None, value, problems
        address, faults = self._address(row)
        if any(problem.severity == ERROR for problem in faults):
            return None, value, [*problems, *faults]
        return (*columns, address), value, [*problems, *faults]

    def fingerprint(self, values: dict[str, str], creditor_key: str, plain_amount: str, execution: str) -> str:
        """Of what comes in also by the number that the sending bank gave it; never that of a payment that leaves."""
        found = super().fingerprint(values, creditor_key, plain_amount, execution)
        if values["kind"] != INCOMING:
            return found
        return sha256(_UNIT.join((found, INCOMING, values["payment_info_id"], values["uetr"])).encode()).hexdigest()

    def _address(self, row: Row) -> tuple[str, list[Problem]]:
        values = row.values
        parts = {key: values[name] for name, key in DEBTOR_ADDRESS.items() if values.get(name)}
        faults = [
            self._problem(row, name, "text.too_long", {"length": len(values[name]), "longest": LONGEST_PART})
            for name in (*DEBTOR_ADDRESS, LINES)
            if len(values.get(name, "")) > (LONGEST_PART if name != LINES else 4 * LONGEST_PART)
        ]
        lines = {"lines": [values[LINES]]} if values.get(LINES) else {}
        return json.dumps({**parts, **lines}, ensure_ascii=False), faults


class ReceivedWriter(ChunkWriter):
    """Chunks into payments, the payer's address with them."""

    stage = Stage(
        "intake",
        text="intake_stage",
        tables=("intake_stage", "intake_plan"),
        columns=(*COLUMNS, "debtor_address"),
        steps=("intake_plan", "intake_take_in"),
    )
