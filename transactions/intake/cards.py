"""Reports of acquirers and marketplaces on their way in: what was captured, what it cost, by which payout it comes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import IO

from backoffice.common.errors import BusinessError
from transactions.intake import csv_columns, names
from transactions.intake.csv_file import CsvReader
from transactions.intake.fields import COLUMNS, Understanding, amount, clean
from transactions.intake.json_rows import JsonReader
from transactions.intake.rows import ERROR, WARNING, Problem, Row
from transactions.intake.writer import ChunkWriter, Stage

CARD_COLUMNS = ("acquirer_code", "fee", "order_reference", "payout_reference")
LONGEST = {"acquirer": 20, "order_reference": 35, "payout_reference": 35}

# Titles of reports, beside those of payment lists. The gross comes first of what an amount may be called.
TITLES: dict[str, tuple[str, ...]] = {
    **csv_columns.TITLES,
    "amount": ("gross", "gross amount", "brut", "montant brut", "amount", "montant", "total"),
    "fee": ("fee", "fees", "frais", "commission", "fee amount", "montant des frais", "commissions"),
    "net": ("net", "net amount", "montant net"),
    "order_reference": ("order", "order id", "order reference", "order number", "commande", "numero de commande"),
    "payout_reference": ("payout", "payout id", "payout reference", "versement", "reference du versement", "virement"),
    "acquirer": ("acquirer", "marketplace", "acquereur", "place de marche", "psp"),
    "requested_execution_date": (
        "captured on", "capture date", "captured", "date de capture", "transaction date", "date de transaction", "date",
    ),
    "debtor_name": ("customer", "buyer", "payer", "card holder", "client", "acheteur", "payeur"),
    "end_to_end_id": ("transaction id", "payment id", "reference", "identifiant", "reference de transaction", "id"),
    "charge_bearer": (),
}  # fmt: skip
RANKED = csv_columns.ranked(TITLES)
_GROSS, _FEE, _NET = (frozenset(TITLES[name][:4]) for name in ("amount", "fee", "net"))
_PEEK = 8_192


def is_report(stream: IO[bytes]) -> bool:
    """Whether a list is one of an acquirer: among its first lines stand the gross, and the fee or the net. Leaves the
    stream at its start."""
    head = stream.read(_PEEK)
    stream.seek(0)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    for line in head.decode(encoding, "replace").splitlines()[:30]:
        for delimiter in (";", ",", "\t", "|"):
            titles = {names.key(cell.strip(" \"'\ufeff")) for cell in line.split(delimiter)}
            if titles & _GROSS and titles & _FEE and (titles & _NET or titles & {*TITLES["payout_reference"]}):
                return True
    return False


class CardUnderstanding(Understanding):
    """A payment whose acquirer is not named, or whose gross, fee and net do not agree, is not taken in."""

    def understand(self, row: Row) -> tuple[tuple[str, ...] | None, Decimal | None, list[Problem]]:
        columns, value, problems = super().understand(row)
        if row.refused:
            return columns, value, problems
        said = {problem.field for problem in problems}
        fee, faults = self._fee(row, value) if columns is not None else (None, [])
        problems = [*problems, *(fault for fault in (*faults, *self._texts(row)) if fault.field not in said)]
        if columns is None or fee is None or any(problem.severity == ERROR for problem in problems):
            return None, value, problems
        values = row.values
        card = (values["acquirer"], str(fee), values["order_reference"], values["payout_reference"])
        return (*columns, *card), value, problems

    def fingerprint(self, values: dict[str, str], creditor_key: str, plain_amount: str, execution: str) -> str:
        """One payment of an acquirer is one, whatever report names it again, with a payout or not."""
        parts = {**values, "debtor_number": f"card {values.get('acquirer', '')}", "remittance": ""}
        parts["instruction_id"] = values.get("order_reference", "")
        return super().fingerprint(parts, creditor_key, plain_amount, execution)

    def _fee(self, row: Row, gross: Decimal | None) -> tuple[Decimal | None, list[Problem]]:
        """The fee, as given or as what is missing of the net."""
        values = row.values
        found: dict[str, Decimal] = {}
        for name in ("fee", "net"):
            text = values.get(name, "").removeprefix("-" if name == "fee" else "")
            try:
                if text:
                    found[name] = amount(text, values["currency"]) if Decimal(text) else Decimal(0)
            except ArithmeticError:
                return None, [self._problem(row, name, "money.not_a_number", {"value": text[:40]})]
            except BusinessError as error:
                return None, [self._problem(row, name, error.code, error.params)]
        return (None, []) if gross is None else self._agreed(row, gross, found)

    def _agreed(self, row: Row, gross: Decimal, found: dict[str, Decimal]) -> tuple[Decimal | None, list[Problem]]:
        if not found:
            return Decimal(0), [self._problem(row, "fee", "card.no_fee", severity=WARNING)]
        fee = found["fee"] if "fee" in found else gross - found["net"]
        if found.get("net", gross - fee) != gross - fee:
            return None, [self._problem(row, "net", "card.net_differs")]
        if not 0 <= fee < gross:
            return None, [self._problem(row, "fee", "card.fee_too_high")]
        return fee, []

    def _texts(self, row: Row) -> Iterator[Problem]:
        values = row.values
        for name, longest in LONGEST.items():
            text, said = clean(values.get(name, ""))
            values[name] = text.upper() if name == "acquirer" else text
            if said or len(text) > longest:
                yield self._problem(row, name, "text.too_long", {"length": len(text), "longest": longest})
        if not values["acquirer"]:
            yield self._problem(row, "acquirer", "card.no_acquirer")


class CardWriter(ChunkWriter):
    """Chunks of a report into payments and what was reported of them."""

    stage = Stage(
        "cards",
        text="intake_cards_stage",
        tables=("card_stage",),
        columns=(*COLUMNS, *CARD_COLUMNS),
        steps=("intake_cards",),
    )


class CardCsvReader(CsvReader):
    """A report as a list. The source's mapping may name the acquirer (``defaults``: acquirer)."""

    ranked = RANKED
    needs_creditor = False
    amounts = frozenset({"amount", "fee", "net"})
    understanding = CardUnderstanding
    writer = CardWriter

    def _row(self, position: int, line: int, cells: list[str]) -> Row:
        row = super()._row(position, line, cells)
        acquirer = self.saved.get("defaults", {}).get("acquirer")
        if acquirer:
            row.values.setdefault("acquirer", str(acquirer))
        return row


class CardJsonReader(JsonReader):
    """A report as data, by the names of the interface."""

    fields = {
        "creditor_account": "creditor_number",
        **{
            name: name
            for name in (
                "amount", "currency", "fee", "net", "acquirer", "order_reference", "payout_reference", "remittance",
            )
        },
        "captured_on": "requested_execution_date",
        "payer": "debtor_name",
        "transaction": "end_to_end_id",
    }  # fmt: skip
    sides = False
    understanding = CardUnderstanding
    writer = CardWriter
