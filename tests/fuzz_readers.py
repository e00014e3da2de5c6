"""``make fuzz-readers``: files that were damaged at random are refused, or read as somebody else reads them.

Each reader gets seeded mutations of honest files. Whatever comes: no crash, no hang, and where the file is not refused
the counted payments, each plain amount and the sum are those of an independent reading: ElementTree over expat for
pain.001, recalls and their answers, a parser of our own for lists, ``json`` for data; statements are compared with what
must hold of any (``fuzz_statements.py``). A failure prints its seed, and one seed makes one file.

    python -m tests.fuzz_readers --mutations 20000 [--reader csv] [--seed 1]
"""

import argparse
import io
import json
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from tests import fuzz_statements

LONGEST_SECONDS = 20
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?\Z|[+-]?\.[0-9]+\Z")
TOKENS: dict[str, list[bytes]] = {
    "pain001": [
        b"<X/>", b"<!-- a -->", b"<![CDATA[1]]>", b"&amp;", b"&#65;", b"&#x202e;", b"<?a b?>", b"<CdtTrfTxInf/>",
        b"</CdtTrfTxInf>", b"<PmtInf>", b"</PmtInf>", b"<GrpHdr/>", b"<Amt/>", b'<InstdAmt Ccy="EUR">7.00</InstdAmt>',
        b' xmlns="urn:x"', b"\xc3\xa9", b"\xff", b"\x00", b"]]>", b"<!DOCTYPE a>", b"<Nm>", b"-", b".",
        b"99999999999999",
    ],
    "cases": [
        b"<X/>", b"<!-- a -->", b"<![CDATA[1]]>", b"&amp;", b"<TxInf/>", b"</TxInf>", b"<TxInfAndSts>", b"<Undrlyg>",
        b"<RslvdCase><Id>R1</Id></RslvdCase>", b"<TxCxlSts>ACCR</TxCxlSts>", b"<GrpCxl>true</GrpCxl>", b"<Assgnmt/>",
        b"<CtrlData/>", b"\xff", b"\x00", b"]]>", b"<!DOCTYPE a>", b"99999999999999", b' xmlns="urn:x"',
    ],
    "csv": [
        b";", b",", b'"', b"'", b"\n", b"\r", b"\r\n", b"\t", b"|", b"=1+1", b"-", b"1.234,56", b"1,234.56",
        b"\xef\xbb\xbf",
        b"\xff\xfe", b"\xc3\xa9", b"\xe9", b"\x00", b"EUR", b"  ", b"\xc2\xa0", b"99999999999999999", b"Amount",
        b"03/04/2026",
    ],
    "json": [
        b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"1e400", b"NaN", b"-0", b"true", b'"amount":"1.00",',
        b"\\u0000",
        b"\\ud800", b"\x00", b"\xff", b"\xc3\xa9", b"1.005", b"  ", b"{}", b'"payments":[],', b"\\n",
    ],
    **fuzz_statements.TOKENS,
}  # fmt: skip


class Wrong(AssertionError):
    """The reader and the independent reading do not agree."""


# The honest files


def _lists() -> list[bytes]:
    head = "Name;IBAN;Amount;Currency;Date;Reference\n"
    rows = "".join(
        f"Supplier {n};DE89370400440532013000;{n * 37},{n:02d};EUR;{n + 12}/01/2027;Invoice {n}\n" for n in range(1, 9)
    )
    quoted = head + '"A; B ""C""\nSARL";DE89370400440532013000;"1 234,50";EUR;2027-01-04;"x"\n' + rows
    english = (head + rows.replace(",", ".")).replace(";", ",")
    return [
        (head + rows).encode(), quoted.encode("utf-8-sig"), english.encode(), (head + rows).encode("utf-16"),
        (head + rows).replace("Supplier", "Fournisseur é").encode("cp1252"), quoted.replace("\n", "\r\n").encode(),
    ]  # fmt: skip


def _messages() -> list[bytes]:
    from tests import files

    modern = files.pain001(5, creditors=3)
    space, older = files.NAMESPACE, files.NAMESPACE.replace("001.09", "001.03")
    pretty = modern.replace(b"><", b">\n  <")
    return [
        modern, pretty, modern.replace(b"<CdtTrfTxInf>", b"</PmtInf><PmtInf><CdtTrfTxInf>", 1),
        modern.replace(space.encode(), older.encode()).replace(b"<Dt>", b"").replace(b"</Dt>", b""),
        modern.replace(space.encode(), space.replace("001.09", "001.10").encode()),
        modern.decode().replace('"UTF-8"', '"ISO-8859-1"').encode("latin-1"),
    ]  # fmt: skip


def _data() -> list[bytes]:
    from transactions.intake import json_rows

    payment = {
        "debtor_account": "FR1420041010050500013M02606", "creditor_name": "Kervella Matériaux",
        "creditor_account": "DE89370400440532013000", "creditor_address": {"town": "Köln", "lines": ["a", "b"]},
        "amount": "150.00", "currency": "EUR", "requested_execution_date": "2026-11-25", "end_to_end_id": "E2E-1",
    }  # fmt: skip
    return [
        json_rows.encode([{**payment, "amount": f"{n}.{n:02d}", "end_to_end_id": f"E{n}"} for n in range(1, 6)]),
        json_rows.encode([payment]),
    ]


def _cases() -> list[bytes]:
    from tests import files

    answers = [{"instruction": f"P{n}", "status": s, "reason": "CUST", "amount": f"{n}.{n:02d}", "text": "a"}
               for n, s in enumerate(("ACCR", "RJCR", "PDCR"), start=1)]  # fmt: skip
    asked = [{"reference": f"E{n}", "amount": f"{n * 7}.50", "uetr": "x", "text": "é"} for n in range(1, 5)]
    return [
        files.camt029(answers), files.camt029([], whole="CNCL", case="R1"), files.camt056(asked),
        files.camt056(asked).replace(b"><", b">\n <"),
        files.camt029(answers).replace(b"camt.029.001.09", b"camt.029.001.03"),
    ]  # fmt: skip


# Damage


def damaged(content: bytes, chance: random.Random, tokens: list[bytes]) -> bytes:
    """One to four wounds: bytes, stretches, tokens, elements and lines out of place, the end cut off."""
    made = bytearray(content)
    for _wound in range(chance.choice((1, 1, 1, 2, 4))):
        if not made:
            break
        _WOUNDS[chance.randrange(len(_WOUNDS))](made, chance, tokens)
    return bytes(made)


def _byte(made: bytearray, chance: random.Random, _tokens: list[bytes]) -> None:
    made[chance.randrange(len(made))] = chance.randrange(256)


def _digit(made: bytearray, chance: random.Random, _tokens: list[bytes]) -> None:
    if places := [at for at, byte in enumerate(made) if byte in b"0123456789.,"]:
        made[chance.choice(places)] = chance.choice(b"0123456789.,- ")


def _cut(made: bytearray, chance: random.Random, _tokens: list[bytes]) -> None:
    at = chance.randrange(len(made))
    del made[at : at + chance.choice((1, 2, 10, 200))]


def _twice(made: bytearray, chance: random.Random, _tokens: list[bytes]) -> None:
    at = chance.randrange(len(made))
    made[at:at] = made[at : at + chance.choice((1, 5, 50, 500))]


def _token(made: bytearray, chance: random.Random, tokens: list[bytes]) -> None:
    at = chance.randrange(len(made))
    made[at:at] = chance.choice(tokens)


def _end(made: bytearray, chance: random.Random, _tokens: list[bytes]) -> None:
    del made[chance.randrange(len(made)) :]


def _pieces(made: bytearray, chance: random.Random, tokens: list[bytes]) -> None:
    """Elements, lines and members: one goes, comes again, moves, or gets a token beside it."""
    pieces = re.split(rb"(?<=>)|(?<=[\n,;])", bytes(made))
    at, to = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    act = chance.randrange(4)
    if act == 0:
        del pieces[at : at + chance.choice((1, 2, 20))]
    elif act == 1:
        pieces[to:to] = pieces[at : at + chance.choice((1, 2, 20))]
    elif act == 2:
        pieces[at], pieces[to] = pieces[to], pieces[at]
    else:
        pieces.insert(at, chance.choice(tokens))
    made[:] = b"".join(pieces)


_WOUNDS: list[Callable[[bytearray, random.Random, list[bytes]], None]] = [
    _byte, _digit, _cut, _twice, _token, _end, _pieces, _pieces, _pieces,
]  # fmt: skip


# The independent readings: the amount of each payment as it stands there, None where it is for each to say


def _read_message(content: bytes, reader: Any) -> list[str | None] | None:
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  an expat that is not the one on trial
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Wrong(f"expat does not read this: {error}") from None
    prefix = reader.payment_tag.removesuffix("CdtTrfTxInf")
    found = []
    for payment in root.iter(f"{prefix}CdtTrfTxInf"):
        amount: str | None = ""
        for outer in payment.findall(f"{prefix}Amt"):
            for inner in outer:
                leaves = [inner] if inner.tag == f"{prefix}InstdAmt" else []
                if inner.tag == f"{prefix}EqvtAmt":
                    leaves = inner.findall(f"{prefix}Amt")
                for leaf in leaves:
                    # Text that an element interrupts is no amount for either; they may cut it differently.
                    amount = (leaf.text or "").strip() if not len(leaf) else None
        found.append(amount)
    return found


def _read_list(content: bytes, reader: Any) -> list[str | None] | None:
    text = io.TextIOWrapper(io.BytesIO(content), encoding=reader.encoding, errors="replace", newline="").read()
    column = reader.columns.by_field["amount"]
    found: list[str | None] = []
    for line, cells in _records(text, reader.delimiter, reader.quote):
        if line <= reader.header_line or not any(cell.strip() for cell in cells):
            continue
        cell = cells[column].strip() if column < len(cells) else ""
        plain = cell.replace(reader.decimal, ".", 1)
        found.append(plain if not cell or (_PLAIN.match(plain) and not plain.startswith((".", "+"))) else None)
    return found


def _records(text: str, delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:  # noqa: PLR0912
    """Records of a list and the line on which each begins: a quote counts at the beginning of a cell alone."""
    cells, cell, line, begins, quoted, fresh = [], "", 1, 1, False, True
    at, end = 0, len(text)
    while at < end:
        letter = text[at]
        newline = letter in "\r\n"
        if newline and text[at : at + 2] == "\r\n":
            letter, at = "\r\n", at + 1
        if quoted:
            if letter == quote and text[at + 1 : at + 2] == quote:
                cell, at = cell + quote, at + 1
            elif letter == quote:
                quoted = False
            else:
                cell += letter
        elif letter == quote and fresh:
            quoted, fresh = True, False
        elif letter == delimiter:
            cells.append(cell)
            cell, fresh = "", True
        elif newline:
            yield begins, [*cells, cell]
            cells, cell, fresh = [], "", True
        else:
            cell, fresh = cell + letter, False
        at += 1
        if newline:
            line += 1
            if not quoted and not cells and not cell and fresh:
                begins = line
    if cells or cell or not fresh:
        yield begins, [*cells, cell]


def _read_data(content: bytes, _reader: Any) -> list[str | None] | None:
    payments = json.loads(content.decode("utf-8", "surrogatepass"))["payments"]
    found: list[str | None] = []
    for payment in payments:
        amount = payment.get("amount") if isinstance(payment, dict) else ""
        found.append(amount.strip() if isinstance(amount, str) else "")
    return found


def _ending(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for child in element:
        yield from _ending(child)
    yield element


def _read_cases(content: bytes, _reader: Any) -> list[str | None] | None:
    """The amount of each payment in a recall or an answer, as it stands there, in the order in which they end; None
    where it is not plain."""
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  an expat that is not the one on trial
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if "encoding" in str(error):  # expat knows fewer of them
            return None
        raise Wrong(f"expat does not read this: {error}") from None
    found: list[str | None] = []
    for element in _ending(root):
        name = element.tag.rpartition("}")[2]
        if name in {"TxInf", "TxInfAndSts"}:
            amounts = [one for one in element if one.tag.rpartition("}")[2] == "OrgnlIntrBkSttlmAmt"]
            first = (amounts[0].text or "").strip() if amounts and not len(amounts[0]) else None
            fine = first and amounts[0].get("Ccy") == "EUR" and re.fullmatch(r"[0-9]{1,9}\.[0-9]{2}", first)
            found.append(first if fine and Decimal(first or 0) else None)
    return found


READERS: dict[str, tuple[Callable[[], list[bytes]], Callable[[bytes, Any], list[str | None] | None]]] = {
    "pain001": (_messages, _read_message),
    "csv": (_lists, _read_list),
    "json": (_data, _read_data),
    "cases": (_cases, _read_cases),
    **dict.fromkeys(fuzz_statements.KINDS, (list, lambda _content, _reader: None)),
}


# Reading and comparing


def compare(kind: str, content: bytes) -> str:
    """What became of the file: refused, read, or of another kind. Raises :class:`Wrong`."""
    from transactions.intake import open_file
    from transactions.intake.reading import Reading
    from transactions.intake.rows import FileRefused

    if kind == "cases":
        return _compare_cases(content)
    if kind in fuzz_statements.KINDS:
        return fuzz_statements.compare(kind, content)
    amounts: list[str] = []
    try:
        reader = open_file.reader_of(
            io.BytesIO(content), mapping={}, content_type=open_file.JSON_TYPE if kind == "json" else ""
        )
        if (kind == "csv") != (type(reader).__name__ == "CsvReader"):
            return "other"
        reading = Reading(reader, entity_id=1, say=lambda _problem: None)
        for _columns in reading.rows(lambda row: amounts.append(row.values.get("amount", ""))):
            pass
    except FileRefused:
        return "refused"
    expected = READERS[kind][1](content, reader)
    if expected is None:
        return "other"
    if reading.all.count != len(expected) or reading.all.count != len(amounts):
        raise Wrong(f"{reading.all.count} payments were counted, there are {len(expected)}")
    total = Decimal(0)
    for number, (told, stands) in enumerate(zip(amounts, expected, strict=True), start=1):
        plain = stands is not None and (_PLAIN.match(told) or _PLAIN.match(stands))
        if stands is not None and plain and not _same(told, stands):
            raise Wrong(f"payment {number}: {told!r} was read, {stands!r} stands there")
        if _PLAIN.match(told) and len(told) <= 40:
            total += Decimal(told)
    if reading.all.total != total:
        raise Wrong(f"the sum is said to be {reading.all.total}, it is {total}")
    return "read"


def _compare_cases(content: bytes) -> str:
    from transactions.intake import open_file
    from transactions.intake.rows import ERROR, FileRefused
    from transactions.messages import cases

    try:
        kind, root = open_file.kind_of(io.BytesIO(content))
        if root is None or kind not in cases.CASES:
            return "other"
        reader = cases.reader_of(io.BytesIO(content), root)
        items = list(reader.items())
    except FileRefused:
        return "refused"
    if any(problem.severity == ERROR for problem in reader.report.problems):
        return "refused"
    expected = _read_cases(content, reader)
    if expected is None:
        return "other"
    payments = [item for item in items if item.level == "payment" and item.line is not None]
    if reader.report.payments != len(expected) or len(payments) != len(expected):
        raise Wrong(f"{reader.report.payments} payments were counted, there are {len(expected)}")
    for number, (item, stands) in enumerate(zip(payments, expected, strict=True), start=1):
        if stands is not None and item.amount != Decimal(stands):
            raise Wrong(f"payment {number}: {item.amount!r} was read, {stands!r} stands there")
        if item.amount is not None and not item.amount > 0:
            raise Wrong(f"payment {number}: {item.amount!r} is no amount")
    return "read"


def _same(told: str, stands: str) -> bool:
    both = _PLAIN.match(told) and _PLAIN.match(stands)
    return bool(both) and Decimal(told) == Decimal(stands)


def _hangs(_number: int, _frame: object) -> None:
    raise Wrong(f"not read within {LONGEST_SECONDS} s")


def run(kind: str, mutations: int, seed: int) -> tuple[dict[str, int], list[str]]:
    """How many files were refused and read, and what was wrong, each with its seed."""
    statements = fuzz_statements.KINDS.get(kind)
    seeds = statements() if statements else READERS[kind][0]()
    counted: dict[str, int] = {}
    wrong: list[str] = []
    before = signal.signal(signal.SIGALRM, _hangs)
    try:
        for number in range(mutations):
            chance = random.Random(f"{kind} {seed} {number}")
            content = damaged(chance.choice(seeds), chance, TOKENS[kind])
            signal.alarm(LONGEST_SECONDS)
            try:
                became = compare(kind, content)
            except Exception as error:
                became = "wrong"
                wrong.append(f"{kind} {seed} {number}: {type(error).__name__}: {error}"[:400])
            finally:
                signal.alarm(0)
            counted[became] = counted.get(became, 0) + 1
    finally:
        signal.signal(signal.SIGALRM, before)
    return counted, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Damage honest files and see that none is read wrongly.")
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--reader", choices=sorted(READERS))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    from benchmarks import harness

    harness.set_up()
    result: dict[str, Any] = {"name": "fuzz_readers", "mutations": asked.mutations, "seed": asked.seed}
    failed = []
    for kind in [asked.reader] if asked.reader else READERS:
        began = time.monotonic()
        counted, wrong = run(kind, asked.mutations, asked.seed)
        for line in wrong[:20]:
            print(line, file=sys.stderr)
        failed.extend(wrong)
        result[kind] = {**counted, "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps({**result, "ok": not failed, "wrong": failed[:20]}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
