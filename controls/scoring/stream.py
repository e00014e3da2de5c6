"""A file of payments as movements, and its rows scored in order of time as if each had just come; nothing is stored."""

import csv
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import numpy as np

from controls import facts
from controls.scoring import risk, texts, unsupervised
from controls.scoring.evidence import Texts
from controls.scoring.features import CHUNK, Table, features
from controls.scoring.movements import Codes, Ints, Movements, movements
from controls.scoring.pasts import Pasts
from controls.scoring.supervised import Model

COLUMNS = (
    "id", "created_at", "requested_execution_date", "debtor_iban", "creditor_name", "creditor_iban", "amount",
    "currency", "channel", "operator", "end_to_end_id", "remittance", "kind",
)  # fmt: skip
NEEDED = ("id", "created_at", "amount")
_LARGEST = Decimal(10) ** 13
_BLOCK = 1_000


class BadFile(Exception):
    """The file cannot be read at all: ``code`` and ``params`` of a sentence."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(code)


@dataclass(frozen=True)
class Problem:
    """A row that was left out: its line in the file, and why."""

    line: int
    code: str
    params: dict[str, str]


@dataclass
class Payments:
    """What was read: the movements in order of time, and the texts behind their codes."""

    movements: Movements
    ids: list[str]
    accounts: Codes
    names: Codes
    given_names: list[str]
    operators: Codes
    channels: Codes
    currencies: Codes
    lands: Codes
    problems: list[Problem] = field(default_factory=list)

    def texts(self) -> Texts:
        return Texts(
            self.operators.texts, self.channels.texts, self.currencies.texts, self.lands.texts, self.given_names
        )

    def pasts(self) -> Pasts:
        return Pasts(self.movements, self.names.texts, lambda given, known: facts.name_likeness(given, known)[0])


def read(lines: Iterable[str]) -> Payments:
    """Rows with a known moment and amount; the others are told of and left out. Raises BadFile without a header."""
    rest = iter(lines)
    first = next(rest, "")
    if not first:
        raise BadFile("score.empty")
    reader = csv.reader(itertools.chain((first,), rest), delimiter=";" if ";" in first and "," not in first else ",")
    try:
        header = [name.strip().lower().lstrip("\ufeff") for name in next(reader)]
    except csv.Error as error:
        raise BadFile("score.unreadable", cause=str(error)) from None
    if missing := [name for name in NEEDED if name not in header]:
        raise BadFile("score.columns", missing=", ".join(missing))
    return _Reading(header).all(reader)


class _Reading:
    def __init__(self, header: Sequence[str]) -> None:
        self.place = {name: number for number, name in enumerate(header)}
        self.width = len(header)
        self.problems: list[Problem] = []
        self.ids: list[str] = []
        self.seen: set[str] = set()
        self.given_names: list[str] = []
        self.codes = {name: Codes() for name in ("account", "name", "operator", "channel", "currency", "kind",
                                                 "land", "reference")}  # fmt: skip
        self.rows: dict[str, list[float]] = {
            name: [] for name in ("at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind",
                                  "currency", "country", "reference", "nature", "amount")
        }  # fmt: skip

    def all(self, reader: Iterator[list[str]]) -> Payments:
        line = 1
        while True:
            line = reader.line_num + 1  # type: ignore[attr-defined]
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                self.problems.append(Problem(line, "score.row_unreadable", {"cause": str(error)}))
                continue
            if row:
                self._row(line, row)
        columns = {"id": np.arange(len(self.ids)), **{name: np.array(told) for name, told in self.rows.items()}}
        made, codes = movements(columns), self.codes
        order = made.id.tolist()
        return Payments(
            made, [self.ids[row] for row in order], codes["account"], codes["name"],
            [self.given_names[row] for row in order], codes["operator"], codes["channel"], codes["currency"],
            codes["land"], self.problems,
        )  # fmt: skip

    def _row(self, line: int, row: list[str]) -> None:
        def told(name: str) -> str:
            place = self.place.get(name)
            return row[place].strip() if place is not None and place < len(row) else ""

        code, params = "", {}
        moment, amount = _moment(told("created_at")), _amount(told("amount"))
        if len(row) != self.width:
            code, params = "score.width", {"found": str(len(row)), "expected": str(self.width)}
        elif not told("id"):
            code = "score.no_id"
        elif told("id") in self.seen:
            code, params = "score.id_twice", {"id": told("id")[:80]}
        elif moment is None:
            code, params = "score.moment", {"value": told("created_at")[:80]}
        elif amount is None:
            code, params = "score.amount", {"value": told("amount")[:80]}
        if code or moment is None or amount is None:
            self.problems.append(Problem(line, code, params))
            return
        self.seen.add(told("id"))
        self.ids.append(told("id"))
        self._values(told, moment, amount)

    def _values(self, told: Callable[[str], str], moment: datetime, amount: Decimal) -> None:
        codes, rows = self.codes, self.rows
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        creditor, name = _account(told("creditor_iban")), told("creditor_name")
        debtor, land = _account(told("debtor_iban")), creditor[:2] if creditor[:2].isalpha() else ""
        self.given_names.append(name)
        for column, value in (
            ("at", int(aware.timestamp())), ("clock", int(moment.replace(tzinfo=UTC).timestamp())),
            ("debtor", codes["account"](debtor)), ("creditor", codes["account"](creditor)),
            ("name", codes["name"](texts.bare(name))), ("operator", codes["operator"](told("operator"))),
            ("channel", codes["channel"](told("channel"))), ("kind", codes["kind"](told("kind"))),
            ("currency", codes["currency"](told("currency").upper() or "EUR")), ("country", codes["land"](land)),
            ("reference", codes["reference"](texts.cited(told("remittance"), told("end_to_end_id")))),
            ("nature", texts.nature(f"{told('kind')} {told('remittance')}")), ("amount", float(amount)),
        ):  # fmt: skip
            rows[column].append(value)


def _account(text: str) -> str:
    return text.replace(" ", "").upper()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if 1971 <= moment.year <= 2999 else None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < _LARGEST else None


@dataclass(frozen=True)
class Scored:
    """A stretch of the stream: rows of the movements, their measures and their risk."""

    rows: Ints
    table: Table
    risk: risk.Risk


def scored(pasts: Pasts, model: Model | None = None) -> Iterator[Scored]:
    """All movements in order of time, in stretches: each is judged against what was seen before its stretch.

    Stretches grow with what was seen (a tenth more each time), so that the first hundred movements have some past.
    """
    count, start, past = len(pasts.movements), 0, unsupervised.Memory()
    for first in range(0, count, CHUNK):
        table = features(pasts, np.arange(first, min(first + CHUNK, count)))
        while start < first + len(table):
            size = max(_BLOCK, start // 10)
            rows = np.arange(start, min(start + size, first + len(table)))
            part = table.rows(rows - first)
            yield Scored(rows, part, risk.assess(part, past, model))
            past = past.with_more(part)
            start = int(rows[-1]) + 1
