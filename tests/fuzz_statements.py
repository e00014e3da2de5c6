"""The statements among the damaged files of ``fuzz_readers.py``: honest ones of every format, and what must hold.

Whatever comes: no crash, no hang, problems in hundreds and not in millions, amounts that can be kept, and no entry that
vanishes: what looks like an entry in the raw file is read, or said to be broken. For camt the amounts are those that
ElementTree finds over expat; for CFONB those of the columns.
"""

import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

MOST_PROBLEMS = 20_000
TOKENS: dict[str, list[bytes]] = {
    "camt": [
        b"<X/>", b"<!-- <Ntry> -->", b"<![CDATA[1]]>", b"&amp;", b"&#65;", b"<Ntry/>", b"</Ntry>", b"<Ntry>",
        b"<Stmt>",
        b"<TxDtls/>", b"<Bal/>", b'<Amt Ccy="EUR">7.00</Amt>', b' xmlns="urn:x"', b"\xc3\xa9", b"\xff", b"\x00",
        b"]]>",
        b"<!DOCTYPE a>", b"-", b"99999999999999", b"<?a b?>", b"\r\n", b"</Stmt>",
    ],
    "mt940": [
        b":20:X\r\n", b":61:", b"\n:61:2611241124C1,00NTRFX\n", b":86:", b"\r\n-\r\n", b"{4:", b"-}", b":62F:",
        b"?20",
        b"EREF+", b"SVWZ+", b"/EREF/", b"\x00", b"\x01", b"\xff", b"\xe9", b"C", b"RD", b",", b"NONREF", b"//",
        b"260230",
        b"9999999999999999", b":NS:", b"\n:", b"?",
    ],
    "cfonb120": [
        b"01", b"04", b"05", b"07", b"\n", b"\r\n", b"{", b"}", b"J", b"R", b"310226", b" " * 40, b"\xe9",
        b"\xff", b"\x00",
        b"0" * 120, b"99999999999999",
    ],
    "ofx": [
        b"<STMTTRN>", b"</STMTTRN>", b"<TRNAMT>-1,5", b"<!--", b"-->", b"<STMTRS>", b"</STMTRS>", b"<DTPOSTED>",
        b"&amp;",
        b"&#0;", b"<", b">", b"<!DOCTYPE a>", b"\x00", b"\xff", b"1.234,56", b"<FITID>", b"<LEDGERBAL><BALAMT>x",
        b"\n",
    ],
    "bai2": [
        b"16,165,100,Z,,,/", b"88,", b"03,", b"49,", b"/", b",", b"\n", b"-", b"\x00", b"\xff", b"D,999999",
        b"S,1,2,3",
        b"01,", b"02,", b"98,", b"99999999999999999999",
    ],
    "bank_csv": [
        b";", b",", b'"', b"\n", b"\r\n", b"\t", b"-", b"1.234,56", b"1,234.56", b"\xef\xbb\xbf", b"\xc3\xa9",
        b"\xe9",
        b"\x00", b"EUR", b"31/02/2026", b"Solde", b"99999999999999999", b"(1,00)", b"D", b"Montant", b"03/04/2026",
    ],
    "custody": [
        b";", b",", b'"', b"\n", b"FR0000131104", b"US0378331006", b"1.234,56", b"%", b"-", b"\x00", b"\xff",
        b"Vente",
        b"1e9", b"31/02/2026", b"ISIN", b"\r\n",
    ],
    "workbook": [b"PK\x03\x04", b"\x00", b"\xff", b"xl/", b"<row>", b"99999999"],
}  # fmt: skip


class Odd(AssertionError):
    """Something that must hold of any file does not."""


# The honest files


def camt() -> list[bytes]:
    from tests.statements_made import balance, camt, entry, statement

    entries = [entry(f"{n * 7}.50", "CRDT" if n % 2 else "DBIT", reference=f"E{n}") for n in range(1, 8)]
    moved = sum(n * 7 + Decimal("0.5") if n % 2 else -(n * 7 + Decimal("0.5")) for n in range(1, 8))
    closing = balance("CLBD", str(moved + 10))
    batch = entry(
        "10.00", details='<TxDtls><Amt Ccy="EUR">4.00</Amt></TxDtls><TxDtls><Amt Ccy="EUR">6.00</Amt></TxDtls>'
    )
    plain = camt(statement(balance("OPBD", "0.00"), closing, *entries, batch))
    two = camt(statement(*entries[:3]), statement(*entries[3:], identification="S2"))
    prefixed = plain.replace("</", "\0").replace("<", "<n:").replace("\0", "</n:").replace("<n:?xml", "<?xml")
    return [
        plain.encode(), plain.replace("><", ">\n <").encode(), two.encode(),
        prefixed.replace("xmlns=", "xmlns:n=").encode(), plain.replace('"UTF-8"', '"ISO-8859-1"').encode("latin-1"),
        plain.replace("E1<", "é<").encode("cp1252"),
    ]  # fmt: skip


def mt940() -> list[bytes]:
    from tests.statements_made import mt940

    german = [
        f":61:2611241124{'C' if n % 2 else 'DR'}{n * 7},50NTRFNONREF//B{n}\r\n:86:166?00SEPA?109310"
        f"?20EREF+E{n} SVWZ+Text?30COBADEFFXXX"
        f"?31DE89370400440532013000?32Name {n}" for n in range(1, 8)
    ]  # fmt: skip
    dutch = [":61:2611241124RC1,00N102EREF\r\nNL70ABNA0987654321", ":86:/EREF/1/BENM//NAME/A B/REMI/x/ISDT/2026-11-24"]
    plain = mt940(*german)
    swift = f"{{1:F01COBADEFFAXXX0000000000}}{{2:I940COBADEFFXXXXN}}{{4:\r\n{plain[:-3]}-}}{{5:}}"
    interim = plain.replace(":60F:C261123EUR1000,00", ":34F:EURD0,00\r\n:13D:2611241200+0100")
    return [plain.encode(), mt940(*dutch).encode(), swift.encode(), (plain * 2).encode(), interim.encode(),
            plain.replace("Text", "Müller").encode("cp1252")]  # fmt: skip


def cfonb120() -> list[bytes]:
    from tests.transactions.test_statements_cfonb120 import more, record, signed, statement

    entries = [
        one for n in range(1, 8)
        for one in (record("04", amount=signed(Decimal(n * (-1) ** n)), label=f"VIR {n}"), more("LIB", f"Facture {n}"))
    ]  # fmt: skip
    records = statement(*entries, closing="-4")
    return [end.join(records).encode("latin-1") for end in ("\n", "\r\n", "")]


def ofx() -> list[bytes]:
    from tests.transactions.test_statements_ofx import ENTRY, sgml, xml

    entries = [ENTRY.replace("-80.25", f"{n * (-1) ** n}.5").replace("F1", f"F{n}") for n in range(1, 8)]
    return [sgml(*entries).encode(), xml(sgml(*entries)).encode(), sgml(*entries).replace("\n", " ").encode()]


def bai2() -> list[bytes]:
    from tests.transactions.test_statements_bai2 import FILE

    return [FILE.encode(), FILE.replace("\n", "\r\n").encode()]


def bank_csv() -> list[bytes]:
    from tests.transactions.test_statements_lists import ENGLISH, FRENCH, GERMAN

    return [ENGLISH.encode(), FRENCH.encode("cp1252"), GERMAN.encode("utf-8-sig"), ENGLISH.encode("utf-16")]


def custody() -> list[bytes]:
    head = "Portefeuille;ISIN;Libellé;Sens;Quantité;Cours;Devise;Valorisation;Date d'arrêté\n"
    rows = "".join(f"P1;FR0000131104;BNP;Achat;{n * 100},5;61,25;EUR;{n * 6155},63;24/11/2026\n" for n in range(1, 6))
    return [(head + rows).encode(), (head + rows).replace(",", ".").replace(";", ",").encode()]


def workbook() -> list[bytes]:
    from datetime import date

    from tests.transactions.test_statements_lists import workbook

    rows: list[list[Any]] = [["Date", "Label", "Amount", "Currency"]]
    rows += [[date(2026, 11, n), f"Invoice {n}", n * -1.5, "EUR"] for n in range(1, 9)]
    return [workbook(rows)]


KINDS: dict[str, Callable[[], list[bytes]]] = {
    "camt": camt, "mt940": mt940, "cfonb120": cfonb120, "ofx": ofx, "bai2": bai2, "bank_csv": bank_csv,
    "custody": custody, "workbook": workbook,
}  # fmt: skip


# Reading and comparing


def compare(kind: str, content: bytes) -> str:
    """What became of the file: refused (or something of it was), read, or of another kind. Raises :class:`Odd`."""
    from transactions.intake.rows import ERROR, FileRefused, Problem
    from transactions.statements import checking, opening
    from transactions.statements.checks import Checks

    said: list[Problem] = []
    if kind == "custody":
        return _custody(content)
    try:
        reader = opening.open_statements(io.BytesIO(content), say=said.append, mapping={})
        if type(reader).__name__ != _READERS[kind]:
            return "other"
        checks = Checks(said.append)
        facts = checking._Facts()
        amounts: list[Decimal] = []
        for piece in checks.passing(reader.statements()):
            amounts += [_fine(line.amount) for line in piece.lines]
            if not piece.continues:
                facts.add(piece, checks.tally)
    except FileRefused as refusal:
        _told(said, refusal.problem())
        return "refused"
    _told(said)
    entries = facts.entries + getattr(reader, "outside", 0)
    expected = _MARKS[kind](content) if kind in _MARKS else None
    if expected is not None and entries != expected:
        raise Odd(f"{entries} entries were counted, there are {expected}")
    if any(one.severity == ERROR for one in said):
        return "refused"
    if kind == "camt" and sum(amounts) != _camt_sum(content):
        raise Odd(f"the sum is said to be {sum(amounts)}, it is {_camt_sum(content)}")
    return "read"


def _custody(content: bytes) -> str:
    from transactions.intake.rows import ERROR, FileRefused, Problem
    from transactions.statements.custody import CustodyReader

    said: list[Problem] = []
    try:
        held = list(CustodyReader(io.BytesIO(content), said.append).holdings())
        traded = list(CustodyReader(io.BytesIO(content), said.append).trades())
    except FileRefused as refusal:
        _told(said, refusal.problem())
        return "refused"
    _told(said)
    if not all(one.quantity.is_finite() for one in held) or not all(one.quantity > 0 for one in traded):
        raise Odd("a quantity is none")
    return "refused" if any(one.severity == ERROR for one in said) else "read"


def _fine(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 13 or amount != round(amount, 5):
        raise Odd(f"{amount!r} is no amount that can be kept")
    return amount


def _told(said: list[Any], *more: Any) -> None:
    """Every problem has its sentence, and they are not without number."""
    from backoffice.common.errors import known, sentence

    if len(said) > MOST_PROBLEMS:
        raise Odd(f"{len(said)} problems")
    for problem in [*said[:200], *more]:
        if problem.code not in known() or "%(" in sentence(problem.code, problem.params):
            raise Odd(f"{problem.code} {problem.params} has no sentence")


def _camt_entries(content: bytes) -> list[Any]:
    try:
        root = ElementTree.fromstring(content)  # noqa: S314  an expat that is not the one on trial
    except (ElementTree.ParseError, ValueError, LookupError):
        # Only the reading of what is no UTF-8 goes beyond it.
        root = ElementTree.fromstring(content.decode("cp1252", "replace").encode())  # noqa: S314
    found: list[Any] = []
    messages = [one for one in root.iter() if _local(one) == "BkToCstmrStmt"]
    for message in messages[:1]:
        for statement in message:
            if _local(statement) == "Stmt":
                found += [one for one in statement if _local(one) == "Ntry"]
    return found if len(messages) == 1 else []


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _camt_count(content: bytes) -> int | None:
    try:
        found = _camt_entries(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    return len(found) or None


def _camt_sum(content: bytes) -> Decimal:
    total = Decimal(0)
    for one in _camt_entries(content):
        # The first that has a text, as a schema allows one alone.
        texts = [(amount.text or "").strip() for amount in one if _local(amount) == "Amt" and not len(amount)]
        total += Decimal(next((text for text in texts if text), "0"))
    return total


def _lines(content: bytes) -> list[str]:
    from transactions.statements import text

    stream = io.BytesIO(content)
    return "".join(text.stretches(stream, text.encoding_of(stream))).split("\n")


def _cfonb_count(content: bytes) -> int | None:
    lines = _lines(content)
    if len(lines) == 1 or any(len(line) > 120 for line in lines):
        return None
    return sum(line.startswith("04") for line in lines)


_READERS = {
    "camt": "CamtReader", "mt940": "Mt940Reader", "cfonb120": "Cfonb120Reader", "ofx": "OfxReader",
    "bai2": "Bai2Reader", "bank_csv": "BankListReader", "workbook": "BankListReader",
}  # fmt: skip
_MARKS: dict[str, Callable[[bytes], int | None]] = {
    "camt": _camt_count,
    "mt940": lambda content: len(re.findall(r"(?m)^(?:\{4:)?:61:", "\n".join(_lines(content)))),
    "cfonb120": _cfonb_count,
}
