"""What is read from the text of a file is what the parser, the validator and the walk would have read of it."""

import io
import random
import re
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests import fuzz_readers
from tests.files import NAMESPACE
from transactions.intake import fields, open_file, pain001, plain, schema
from transactions.intake.facets import Facets
from transactions.intake.reading import Reading
from transactions.intake.rows import FileRefused, Problem, Row

IBAN = "DE89370400440532013000"
USUAL = (
    "<CdtTrfTxInf><PmtId><InstrId>I{n}</InstrId><EndToEndId>E{n}</EndToEndId></PmtId>"
    '<Amt><InstdAmt Ccy="EUR">{n}.50</InstdAmt></Amt><CdtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId>'
    "</CdtrAgt><Cdtr><Nm>Köhler {n}</Nm><PstlAdr><TwnNm>Köln</TwnNm><Ctry>DE</Ctry></PstlAdr></Cdtr><CdtrAcct><Id>"
    f"<IBAN>{IBAN}</IBAN></Id></CdtrAcct><RmtInf><Ustrd>Invoice {{n}}</Ustrd></RmtInf></CdtTrfTxInf>"
)
# What differs from the usual one, as (of it, by what).
ODD = {
    "usual": ("", ""),
    "no address": ("<PstlAdr><TwnNm>Köln</TwnNm><Ctry>DE</Ctry></PstlAdr>", ""),
    "lines": ("<TwnNm>Köln</TwnNm><Ctry>DE</Ctry>", "<AdrLine>a</AdrLine><AdrLine>b</AdrLine>"),
    "pretty": ("><", ">\n  <"),
    "windows": ("><", ">\r\n<"),
    "lone return": ("Invoice {n}", "a\rb"),
    "of two lines": ("Invoice {n}", "a\nb {n}"),
    "escaped": ("Köhler", "A &amp; B"),
    "blanks around": ("Köhler {n}", "  Köhler "),
    "hard blank before": ("<CdtTrfTxInf>", "\u00a0<CdtTrfTxInf>"),
    "invisible": ("Köhler", "K\u200böhler"),
    "reordering": ("Köhler", "K\u202eöhler"),
    "greater": ("Köhler", "a > b"),
    "end of a section": ("Köhler", "]]>"),
    "comment": ("Köhler", "K<!-- a -->"),
    "payment in a comment": ("</CdtTrfTxInf>", "</CdtTrfTxInf><!--" + USUAL * 2 + "-->"),
    "section": ("Köhler", "<![CDATA[a <b>]]>"),
    "instruction": ("<PmtId>", "<?a b?><PmtId>"),
    "control": ("Köhler", "a\x01"),
    "no character": ("Köhler", "a\uffff"),
    "quotes": ('"EUR"', "'EUR'"),
    "no currency": (' Ccy="EUR"', ""),
    "unknown currency": ("EUR", "EU1"),
    "other currency": ("EUR", "JPY"),
    "twice": ("<Amt>", "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><Amt>"),
    "documents": ("<Ustrd>Invoice {n}</Ustrd>", "<Strd><RfrdDocInf><Nb>7{n}</Nb></RfrdDocInf></Strd>"),
    "equivalent": ("<InstdAmt Ccy=\"EUR\">{n}.50</InstdAmt>",
                   '<EqvtAmt><Amt Ccy="EUR">5.00</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>'),
    "too long": ("E{n}<", "E" * 36 + "<"),
    "as long": ("E{n}<", "E" * 35 + "<"),
    "amount of letters": ("{n}.50", "1,50"),
    "negative": ("{n}.50", "-1.50"),
    "too precise": ("{n}.50", "1.505"),
    "exponent": ("{n}.50", "1e2"),
    "nothing": ("{n}.50", "0"),
    "iban of letters": (IBAN, "de89"),
    "wrong order": ("<Cdtr>", "<ChrgBr>SLEV</ChrgBr><Cdtr>"),
    "empty": ("Invoice {n}", ""),
    "self-closing": ("<RmtInf><Ustrd>Invoice {n}</Ustrd></RmtInf>", "<RmtInf/>"),
    "namespace": ("<Nm>", '<Nm xmlns:x="urn:x">'),
    "other namespace": ("<CdtTrfTxInf>", '<CdtTrfTxInf xmlns="urn:x">'),
    "strange between": ("</CdtTrfTxInf>", "</CdtTrfTxInf><X/>"),
    "text between": ("</CdtTrfTxInf>", "</CdtTrfTxInf>oh"),
    "nested": ("<PmtId>", f"<PmtId>{USUAL}"),
    "new group": ("<CdtTrfTxInf>", "</PmtInf><PmtInf>@<CdtTrfTxInf>"),
    "new wrong group": ("<CdtTrfTxInf>", "</PmtInf><PmtInf>@<Oh/><CdtTrfTxInf>"),
}  # fmt: skip
HEAD = (
    "<PmtInfId>P</PmtInfId><PmtMtd>TRF</PmtMtd><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt><Dt>"
    "2026-11-25</Dt></ReqdExctnDt><Dbtr><Nm>Us</Nm></Dbtr><DbtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id>"
    "</DbtrAcct><DbtrAgt><FinInstnId><BICFI>PSSTFRPPXXX</BICFI></FinInstnId></DbtrAgt>"
)
PROLOGS = [
    '<?xml version="1.0" encoding="UTF-8"?>\n', "", "\ufeff", "<!-- of <our> system -->\n",
    '<?xml version="1.0" encoding="ISO-8859-1"?>',
]  # fmt: skip


def payment(kind: str, n: int) -> str:
    old, new = ODD[kind]
    return (USUAL.replace(old, new) if old else USUAL).replace("{n}", str(n)).replace("@", HEAD)


def file(kinds: list[str], *, between: str = "\n", prolog: str = PROLOGS[0], space: str = NAMESPACE) -> bytes:
    inside = between.join(payment(kind, n) for n, kind in enumerate(kinds, start=1))
    return (
        f'{prolog}<Document xmlns="{space}"><CstmrCdtTrfInitn><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T08:00:00'
        f"</CreDtTm><NbOfTxs>{len(kinds)}</NbOfTxs><InitgPty><Nm>Us</Nm></InitgPty></GrpHdr><PmtInf>{HEAD}{inside}"
        "</PmtInf></CstmrCdtTrfInitn></Document>"
    ).encode("latin-1" if "ISO" in prolog else "utf-8", "replace")


# Text that stands between payments is found when the parser happens to have seen it by the first of its group.
BY_CHANCE = {"text between", "hard blank before"}
ANY = ["usual"] * 20 + [kind for kind in ODD if kind not in BY_CHANCE]


class Read:
    """Everything that a reader says of a file, and where it finds every field of each payment."""

    def __init__(self, content: bytes, *, chunk: int, by_text: bool) -> None:
        self.said: list[Any] = []
        self.plain = 0
        cut = plain.Sight.cut

        def seen(sight: plain.Sight, piece: bytes, end_tag: str) -> Any:
            return cut(sight, piece, end_tag if by_text else "")

        with mock.patch.object(pain001, "CHUNK", chunk), mock.patch.object(plain.Sight, "cut", seen):
            try:
                self._read(content)
            except FileRefused as refusal:
                self.said = [(refusal.code, refusal.params, refusal.line, refusal.path)]

    def _say(self, problem: Problem) -> None:
        if problem.position == 0:
            problem.params.pop("expected", None)  # depends on how much of a group is still there
        self.said.append(problem)

    def _read(self, content: bytes) -> None:
        reader: Any = open_file.reader_of(io.BytesIO(content), mapping={})
        reading = Reading(reader, entity_id=1, say=self._say)

        def also(row: Row) -> None:
            self.plain += isinstance(reader.shown, plain.Lifted)
            self.said += [row, [reader.locate(row, name) for name in (*fields.LENGTHS, "amount", "currency")]]

        self.said += list(reading.rows(also))
        self.said += [reading.all, reading.schema_errors, reading.header]


def compare(content: bytes, chunk: int) -> Read:
    by_text = Read(content, chunk=chunk, by_text=True)
    assert by_text.said == Read(content, chunk=chunk, by_text=False).said
    return by_text


@given(
    st.lists(st.sampled_from(ANY), min_size=1, max_size=40),
    st.integers(400, 9_000),
    st.sampled_from(["", "\n", "\r\n", "\n\n  ", "\t"]),
    st.sampled_from(PROLOGS),
    st.sampled_from([NAMESPACE, NAMESPACE, "urn:of:a:country", NAMESPACE.replace("001.09", "001.11")]),
)
@settings(max_examples=150, deadline=None)
def test_the_text_says_what_the_parser_says(
    kinds: list[str], chunk: int, between: str, prolog: str, space: str
) -> None:
    compare(file(kinds, between=between, prolog=prolog, space=space), chunk)


@given(st.integers(0, 2**32), st.integers(400, 9_000), st.sampled_from(["usual", "pretty", "lines"]))
@settings(max_examples=150, deadline=None)
def test_and_of_damaged_files_too(seed: int, chunk: int, kind: str) -> None:
    chance = random.Random(seed)
    tokens = fuzz_readers.TOKENS["pain001"]
    compare(fuzz_readers.damaged(file([kind] * 25), chance, tokens), chunk)


@pytest.mark.parametrize("kind", ODD)
def test_each_oddity_among_plain_payments(kind: str) -> None:
    compare(file(["usual"] * 12 + [kind] + ["usual"] * 3 + [kind] * 2 + ["usual"] * 9), 4_000)


def test_plain_payments_are_read_from_the_text_and_what_hides_is_not() -> None:
    many = ["usual"] * 40
    assert compare(file(many), 4_000).plain > 20
    assert compare(file(many, between="\r\n"), 4_000).plain > 20
    assert compare(file(many, space="urn:of:a:country"), 4_000).plain > 20
    assert compare(file(many, prolog=PROLOGS[4]), 4_000).plain == 0
    assert compare(file([*many[:9], "payment in a comment", *many]), 4_000).plain < 10


def test_a_payment_in_a_comment_is_none() -> None:
    said = compare(file(["usual"] * 9 + ["payment in a comment"] * 3 + ["usual"] * 20), 3_000).said
    assert sum(isinstance(one, Row) for one in said) == 32


def test_a_piece_that_ends_inside_of_what_begins_a_comment() -> None:
    content = file(["usual"] * 12 + ["payment in a comment"] + ["usual"] * 9)
    at = content.index(b"<!--")
    for chunk in range(at // 3 - 2, at // 3 + 3):
        assert sum(isinstance(one, Row) for one in compare(content, chunk).said) == 22


def test_where_something_stands_in_a_payment_that_was_never_built() -> None:
    read = compare(file(["usual"] * 30 + ["invisible"] + ["usual"] * 5, between="\n\n"), 4_000)
    [said] = [one for one in read.said if isinstance(one, Problem) and one.code == "text.invisible"]
    assert (said.position, said.field, said.line) == (31, "creditor_name", 62)
    assert said.path == "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[31]/Cdtr/Nm"


def test_a_pattern_accepts_no_text_that_the_schema_refuses() -> None:
    """Every leaf type of every version, on texts at the edge of what it takes."""
    texts = [
        "", "0", "1", "-1", "+1", "1.", ".5", "1.00000", "1.000001", "9" * 13, "9" * 14, "9" * 18, "9" * 18 + ".1",
        "9" * 13 + ".99999", "true", "TRUE", "2026-02-29", "2024-02-29", "2026-02-28", "2026-04-31", "2026-12-31",
        "0000-01-01", "2026-13-01", "EUR", "EU", "EURO", "eur", "DE", "DE89370400440532013000",
        "DE8937040044053201300é",
        "COBADEFF", "COBADEFFXXX", "COBADEFFXX", "SLEV", "SLEVI", "SEPA", "TRF", "a\nb", "é" * 35, "é" * 36, "é" * 140,
        "é" * 141, "x" * 4, "x" * 5, "x" * 16, "x" * 17, "x" * 70, "x" * 71, "１２", "٣", "2026", "+33-1", "12",
    ]  # fmt: skip
    checked = 0
    for version in ("pain.001.001.03", "pain.001.001.09", "pain.001.001.11", "pain.008.001.02", "pain.008.001.08"):
        found = schema.of(f"urn:iso:std:iso:20022:tech:xsd:{version}")
        assert found is not None
        checked += _accepts_no_more(found.facets, texts)
    assert checked > 400


def _accepts_no_more(facets: Facets, texts: list[str]) -> int:

    checked = 0
    for kind, declared in facets._types.items():
        pattern = facets.text(kind) if declared.tag.endswith("simpleType") else None
        if pattern is None:
            continue
        whole = etree.fromstring('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
        whole.append(etree.fromstring(etree.tostring(declared)))
        etree.SubElement(whole, "{http://www.w3.org/2001/XMLSchema}element", name="leaf", type=kind)
        validator = etree.XMLSchema(whole)
        for text in texts:
            if re.fullmatch(pattern, text):
                leaf = etree.Element("leaf")
                leaf.text = text
                assert validator.validate(leaf), (kind, pattern, text)
                checked += 1
    return checked
