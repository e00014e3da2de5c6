"""Structured payments of the API and the form: a JSON list, kept as the attachment and read as any other file."""

import json
from collections.abc import Iterator
from typing import IO, Any

from transactions.intake import births
from transactions.intake.fields import Understanding
from transactions.intake.received import DEBTOR_ADDRESS, INCOMING, LINES, ReceivedUnderstanding, ReceivedWriter
from transactions.intake.rows import FileRefused, Header, Item, Problem, Row
from transactions.intake.writer import ChunkWriter

# The names of the interface and the fields they fill.
FIELDS = {
    "kind": "kind",
    "debtor_account": "debtor_number",
    "creditor_account": "creditor_number",
    **{
        name: name
        for name in (
            "debtor_name",
            "debtor_bic",
            "creditor_name",
            "creditor_bic",
            "amount",
            "currency",
            "requested_execution_date",
            "end_to_end_id",
            "instruction_id",
            "remittance",
            "creditor_reference",
            "purpose",
            "category_purpose",
            "charge_bearer",
            "service_level",
            "local_instrument",
            "ultimate_debtor",
            "ultimate_creditor",
            "uetr",
            "refund_of",
        )
    },
}
ADDRESS = ("street", "building", "post_code", "town", "country")
# Births: the name of the interface with the side, and each part with its field.
BIRTHS = {f"{side}_birth": side for side in births.SIDES}
_BIRTH_PLACES = {
    f"{side}_{part}": f"{name}/{key}" for name, side in BIRTHS.items() for part, key in births.PARTS.items()
}


def encode(payments: list[dict[str, Any]]) -> bytes:
    """The bytes that are kept: the same payments give the same bytes."""
    return json.dumps({"payments": payments}, ensure_ascii=False, sort_keys=True, default=str).encode(
        "utf-8", "surrogatepass"
    )


class JsonReader:
    """``fields``: the names of the interface. ``sides``: a row names both debtor and creditor."""

    fields = FIELDS
    sides = True
    understanding: type[Understanding] = ReceivedUnderstanding
    writer: type[ChunkWriter] = ReceivedWriter

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def items(self) -> Iterator[Item]:
        try:
            # Numbers stay texts: an amount never passes through a float.
            content = json.loads(
                self.stream.read().decode("utf-8", "surrogatepass"), parse_float=str, parse_int=str, parse_constant=str
            )
            payments = content["payments"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise FileRefused.at("json.unreadable") from None
        if not isinstance(payments, list):
            raise FileRefused.at("json.unreadable")
        yield Header(kind="json", format="json")
        for position, payment in enumerate(payments, start=1):
            yield self._row(position, payment)

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        named = {field: of for of, field in self.fields.items()}
        return None, f"{row.path}/{named.get(name) or _BIRTH_PLACES.get(name, name)}"

    def _row(self, position: int, payment: Any) -> Row:
        row = Row(position, None, {}, {}, path=f"/payments/{position - 1}")
        if not isinstance(payment, dict):
            row.problems.append(Problem(position, "json.not_an_object", {}, "", str(payment)[:200], None, row.path))
            return row
        for name, value in payment.items():
            if value is None or value == "":
                continue
            if name == "creditor_address":
                self._address(row, value, name, row.address)
            elif name == "debtor_address":
                self._debtor_address(row, value)
            elif name in BIRTHS:
                self._birth(row, value, name)
            elif name not in self.fields:
                row.problems.append(self._said(row, name, "json.unknown_field", value, unknown=str(name)[:60]))
            elif not isinstance(value, str):
                row.problems.append(self._said(row, name, "json.not_text", value))
            else:
                row.values[self.fields[name]] = value.strip()
        values = row.values
        if not self.sides:
            return row
        if not values.get("creditor_name") and not values.get("creditor_number"):
            row.problems.append(self._said(row, "creditor_name", "creditor.missing", ""))
        if not values.get("debtor_number") and values.get("kind") != INCOMING:
            row.problems.append(self._said(row, "debtor_account", "debtor.missing", ""))
        return row

    def _debtor_address(self, row: Row, value: Any) -> None:
        """Where the payer lives, each part a field of its own; lines are one text."""
        address: dict[str, Any] = {}
        self._address(row, value, "debtor_address", address)
        row.values |= {name: address[key] for name, key in DEBTOR_ADDRESS.items() if address.get(key)}
        if address.get("lines"):
            row.values[LINES] = "; ".join(address["lines"])

    def _birth(self, row: Row, value: Any, field: str) -> None:
        """When and where somebody was born, each part a field of its own."""
        if not isinstance(value, dict):
            row.problems.append(self._said(row, field, "json.not_an_object", value))
            return
        fields = {key: f"{BIRTHS[field]}_{part}" for part, key in births.PARTS.items()}
        for name, part in value.items():
            if part is None or part == "":
                continue
            if name not in fields:
                row.problems.append(
                    self._said(row, f"{field}.{name}", "json.unknown_field", part, unknown=str(name)[:60])
                )
            elif not isinstance(part, str):
                row.problems.append(self._said(row, f"{field}.{name}", "json.not_text", part))
            else:
                row.values[fields[name]] = part.strip()

    def _address(self, row: Row, value: Any, field: str, address: dict[str, Any]) -> None:
        if not isinstance(value, dict):
            row.problems.append(self._said(row, field, "json.not_an_object", value))
            return
        for name, part in value.items():
            lines = part if isinstance(part, list) else [part]
            if part is None or part in ("", []):
                continue
            if name not in (*ADDRESS, "lines"):
                row.problems.append(
                    self._said(row, f"{field}.{name}", "json.unknown_field", part, unknown=str(name)[:60])
                )
            elif not all(isinstance(line, str) for line in lines) or isinstance(part, list) != (name == "lines"):
                row.problems.append(self._said(row, f"{field}.{name}", "json.not_text", part))
            else:
                address[name] = (
                    tuple(line.strip() for line in part if line.strip()) if name == "lines" else part.strip()
                )

    def _said(self, row: Row, name: str, code: str, value: Any, **params: Any) -> Problem:
        path = f"{row.path}/{name.replace('.', '/')}"
        return Problem(row.position, code, params, self.fields.get(name, name)[:60], str(value)[:200], None, path[:200])
