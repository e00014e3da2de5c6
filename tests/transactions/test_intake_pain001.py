"""The pain.001 reader: what it takes from each place, what it says of errors, and how it meets hostile files."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.files import pain001
from transactions.intake import open_file
from transactions.intake.rows import FileRefused, Group, Header, Item, Problem, Row

NS = "urn:iso:std:iso:20022:tech:xsd:"
HEAD = (
    "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T08:00:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>"
    "<InitgPty><Nm>A</Nm></InitgPty></GrpHdr>"
)
TRANSFER = (
    "<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><Amt><InstdAmt Ccy='EUR'>1.50</InstdAmt></Amt>"
    "<Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
)
GROUP = (
    "<PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-11-25</ReqdExctnDt><Dbtr><Nm>Us</Nm></Dbtr>"
    "<DbtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></DbtrAcct>"
    "<DbtrAgt><FinInstnId><BIC>PSSTFRPPXXX</BIC></FinInstnId></DbtrAgt>"
)


def document(inside: str, version: str = "pain.001.001.03") -> bytes:
    root = f'<Document xmlns="{NS}{version}"><CstmrCdtTrfInitn>{inside}</CstmrCdtTrfInitn></Document>'
    return f'<?xml version="1.0"?>\n{root}'.encode()


def one(transfer: str = TRANSFER, group: str = GROUP, version: str = "pain.001.001.03") -> bytes:
    return document(f"{HEAD.format(count=1)}<PmtInf>{group}{transfer}</PmtInf>", version)


def read(content: bytes) -> list[Item]:
    stream = io.BytesIO(content)
    return list(open_file.reader_of(stream, mapping={}).items())


def rows(content: bytes) -> list[Row]:
    return [item for item in read(content) if isinstance(item, Row)]


def problems(content: bytes) -> list[Problem]:
    items = read(content)
    return [item for item in items if isinstance(item, Problem)] + [
        problem for item in items if isinstance(item, Row) for problem in item.problems
    ]


def refusal(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        read(content)
    return refused.value


def test_texts_of_the_group_hold_for_each_payment_unless_it_has_its_own() -> None:
    group = (
        GROUP.replace(
            "<ReqdExctnDt>",
            "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt>",
        )
        + "<UltmtDbtr><Nm>Mother</Nm></UltmtDbtr><ChrgBr>SLEV</ChrgBr>"
    )
    own = TRANSFER.replace("</Amt>", "</Amt><ChrgBr>SHAR</ChrgBr>").replace("E1", "E2")
    first, second = rows(document(f"{HEAD.format(count=2)}<PmtInf>{group}{TRANSFER}{own}</PmtInf>"))
    assert first.values == {
        "payment_info_id": "P1",
        "service_level": "SEPA",
        "category_purpose": "SALA",
        "requested_execution_date": "2026-11-25",
        "debtor_name": "Us",
        "debtor_number": "FR1420041010050500013M02606",
        "debtor_bic": "PSSTFRPPXXX",
        "ultimate_debtor": "Mother",
        "charge_bearer": "SLEV",
        "end_to_end_id": "E1",
        "amount": "1.50",
        "currency": "EUR",
        "creditor_name": "Payee",
        "creditor_number": "DE89370400440532013000",
    }
    assert (second.values["charge_bearer"], second.position, second.path) == (
        "SHAR",
        2,
        "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]",
    )
    assert [(problem.code, problem.field, problem.severity) for problem in second.problems] == [
        ("payment.level_twice", "charge_bearer", "warning")
    ]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (
            "<StrtNm>Rue X</StrtNm><BldgNb>7</BldgNb><PstCd>44000</PstCd><TwnNm>Nantes</TwnNm><Ctry>FR</Ctry>",
            {"street": "Rue X", "building": "7", "post_code": "44000", "town": "Nantes", "country": "FR"},
        ),
        (
            "<TwnNm>Nantes</TwnNm><Ctry>FR</Ctry><AdrLine>7 rue X</AdrLine><AdrLine>BP 1</AdrLine>",
            {"town": "Nantes", "country": "FR", "lines": ("7 rue X", "BP 1")},
        ),
        ("<AdrLine>7 rue X</AdrLine><AdrLine>Nantes</AdrLine>", {"lines": ("7 rue X", "Nantes")}),
    ],
)
def test_structured_hybrid_and_unstructured_addresses(written: str, address: dict[str, object]) -> None:
    [row] = rows(one(TRANSFER.replace("</Nm></Cdtr>", f"</Nm><PstlAdr>{written}</PstlAdr></Cdtr>")))
    assert row.address == address
    assert row.problems == []


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("<ReqdExctnDt>2026-11-25</ReqdExctnDt>", "pain.001.001.03"),
        ("<ReqdExctnDt><Dt>2026-11-25</Dt></ReqdExctnDt>", "pain.001.001.09"),
        ("<ReqdExctnDt><DtTm>2026-11-25T10:00:00</DtTm></ReqdExctnDt>", "pain.001.001.09"),
    ],
)
def test_the_execution_date_stands_in_three_ways(written: str, version: str) -> None:
    group = GROUP.replace("<ReqdExctnDt>2026-11-25</ReqdExctnDt>", written)
    if version.endswith("09"):
        group = group.replace("BIC>", "BICFI>")
    [row] = rows(one(group=group, version=version))
    assert row.values["requested_execution_date"].startswith("2026-11-25")
    assert (row.values["debtor_bic"], row.problems) == ("PSSTFRPPXXX", [])


def test_an_equivalent_amount_and_other_account_numbers() -> None:
    transfer = TRANSFER.replace(
        "<InstdAmt Ccy='EUR'>1.50</InstdAmt>",
        "<EqvtAmt><Amt Ccy='EUR'>1.50</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>",
    ).replace("<IBAN>DE89370400440532013000</IBAN>", "<Othr><Id>12345</Id></Othr>")
    [row] = rows(one(transfer))
    assert (row.values["amount"], row.values["currency"], row.values["creditor_number"]) == ("1.50", "EUR", "12345")
    assert [(problem.code, problem.params) for problem in row.problems] == [("amount.equivalent", {"currency": "USD"})]


@pytest.mark.parametrize("version", ["pain.001.002.03", "pain.001.003.03", "pain.001.001.03.ch.02", "pain.001.001.07"])
def test_variants_without_a_schema_are_read_by_local_names(version: str) -> None:
    items = read(one(version=version))
    assert isinstance(items[0], Header)
    assert (items[0].format, items[0].xsd) == (version[:15], "")
    assert [item.values["amount"] for item in items if isinstance(item, Row)] == ["1.50"]


def test_a_document_in_an_envelope_with_prefixes() -> None:
    inner = one().decode().split("?>\n")[1].replace(' xmlns="', ' xmlns:p="')
    prefixed = inner.replace("</", "</p:").replace("<", "<p:").replace("<p:/p:", "</p:")
    content = f"<e:Envelope xmlns:e='urn:e'><e:Body>{prefixed}</e:Body></e:Envelope>"
    [row] = rows(content.encode())
    assert row.path == "/Envelope/Body/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]"
    assert (row.values["creditor_name"], row.problems) == ("Payee", [])
    broken = content.replace(">1.50<", ">x<")
    [problem] = problems(broken.encode())
    assert problem.path.endswith("PmtInf[1]/CdtTrfTxInf[1]/Amt/InstdAmt")


def test_a_bad_payment_is_named_and_its_neighbours_go_on() -> None:
    bad = TRANSFER.replace("1.50", "abc").replace("<Nm>Payee</Nm>", "<Nm></Nm>")
    found = rows(document(f"{HEAD.format(count=3)}<PmtInf>{GROUP}\n{TRANSFER}\n{bad}\n{TRANSFER}</PmtInf>"))
    assert [len(row.problems) for row in found] == [0, 2, 0]
    amount, name = found[1].problems
    assert (amount.line, amount.field, amount.code, amount.value) == (4, "amount", "schema.wrong_type", "abc")
    assert (name.path, name.code) == (
        "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]/Cdtr/Nm",
        "schema.too_short",
    )


def test_a_wrong_head_of_a_group_refuses_its_payments_alone() -> None:
    wrong = GROUP.replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>XXX</PmtMtd>")
    content = document(
        f"{HEAD.format(count=3)}<PmtInf>{wrong}{TRANSFER}{TRANSFER}</PmtInf><PmtInf>{GROUP}{TRANSFER}</PmtInf>"
    )
    items = read(content)
    assert [item.refused for item in items if isinstance(item, Row)] == [True, True, False]
    [problem] = [item for item in items if isinstance(item, Problem)]
    assert (problem.position, problem.code, problem.severity, problem.path) == (
        0,
        "schema.not_listed",
        "error",
        "/Document/CstmrCdtTrfInitn/PmtInf[1]/PmtMtd",
    )


def test_what_stands_after_the_payments_of_a_group_refuses_it_too() -> None:
    content = document(f"{HEAD.format(count=1)}<PmtInf>{GROUP}{TRANSFER}<Strange/></PmtInf>")
    items = read(content)
    [group] = [item for item in items if isinstance(item, Group)]
    assert group.refused
    assert [item.code for item in items if isinstance(item, Problem)] == ["schema.unexpected"]


def test_what_stands_between_payments_is_said_once_and_not_kept() -> None:
    between = f"{TRANSFER}<Strange/><Strange/>" * 5
    content = document(f"{HEAD.format(count=5)}<PmtInf>{GROUP}{between}{TRANSFER}</PmtInf>")
    said = problems(content)
    assert len(said) >= 1
    assert {problem.code for problem in said} == {"schema.unexpected"}
    assert len(rows(content)) == 6


def test_a_wrong_group_header_is_a_warning_and_the_payments_go_on() -> None:
    content = one().replace(b"<MsgId>M</MsgId>", b"<MsgId>" + b"m" * 36 + b"</MsgId>")
    items = read(content)
    assert [(item.code, item.severity, item.path) for item in items if isinstance(item, Problem)] == [
        ("schema.too_long", "warning", "/Document/CstmrCdtTrfInitn/GrpHdr/MsgId")
    ]
    assert [item.refused for item in items if isinstance(item, Row)] == [False]


def test_a_misplaced_group_header_is_found() -> None:
    content = document(f"<PmtInf>{GROUP}{TRANSFER}</PmtInf>{HEAD.format(count=1)}<PmtInf>{GROUP}{TRANSFER}</PmtInf>")
    assert "schema.unexpected" in {problem.code for problem in problems(content)}


def test_one_payment_a_group_and_many_groups() -> None:
    groups = "".join(f"<PmtInf>{GROUP}{TRANSFER.replace('E1', f'E{n}')}</PmtInf>" for n in range(50))
    items = read(document(f"{HEAD.format(count=50)}{groups}"))
    found = [item for item in items if isinstance(item, Row)]
    assert [row.values["end_to_end_id"] for row in found] == [f"E{n}" for n in range(50)]
    assert [row.group for row in found] == list(range(1, 51))
    assert found[49].path == "/Document/CstmrCdtTrfInitn/PmtInf[50]/CdtTrfTxInf[1]"
    assert not [item for item in items if isinstance(item, Problem)]


@pytest.mark.parametrize("version", ["pain.001.001.03", "pain.001.001.10"])
@pytest.mark.parametrize(("inside", "element"), [("<CdtTrfTxInf/>", "CdtTrfTxInf"), ("<PmtInf></PmtInf>", "PmtInf")])
def test_a_payment_or_group_inside_a_payment_refuses_the_file(version: str, inside: str, element: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(one(TRANSFER.replace("</Cdtr>", f"{inside}</Cdtr>"), version=version))
    assert (refusal.value.code, refusal.value.params) == ("xml.nested", {"element": element})


def test_many_payments_of_few_shapes_are_read_as_one_alone_would_be() -> None:
    """By pattern or by the walk: with address or without, escaped characters, blanks around, attributes, repeats."""
    shapes = [
        TRANSFER,
        TRANSFER.replace("Payee", "A &amp; B"),
        TRANSFER.replace("Payee", "  Payee\n"),
        TRANSFER.replace("Payee", "<![CDATA[Payee <1>]]>"),
        TRANSFER.replace("Payee", "Pay<!-- never -->ee"),
        TRANSFER.replace("</Nm></Cdtr>", "</Nm><PstlAdr><TwnNm>Nantes</TwnNm><Ctry>FR</Ctry></PstlAdr></Cdtr>"),
        TRANSFER.replace("</Nm></Cdtr>", "</Nm><PstlAdr><AdrLine>1</AdrLine><AdrLine>2</AdrLine></PstlAdr></Cdtr>"),
        TRANSFER.replace("</CdtTrfTxInf>", "<RmtInf><Ustrd>a</Ustrd><Ustrd>b</Ustrd></RmtInf></CdtTrfTxInf>"),
        TRANSFER.replace("</CdtTrfTxInf>", "<RmtInf><Ustrd>a</Ustrd></RmtInf></CdtTrfTxInf>"),
        TRANSFER.replace("<PmtId>", "\n  <PmtId>\n    "),
        TRANSFER.replace("<Nm>", "<Nm xmlns:x='urn:x'>"),
        TRANSFER.replace("<PmtId>", "<PmtId><InstrId>I</InstrId>"),
    ]
    order = [at for at in range(len(shapes)) for _again in range(3)] + list(range(len(shapes))) * 3
    alone = [rows(one(shape))[0] for shape in shapes]
    found = rows(
        document(f"{HEAD.format(count=len(order))}<PmtInf>{GROUP}{''.join(shapes[at] for at in order)}</PmtInf>")
    )
    assert [(row.values, row.address) for row in found] == [(alone[at].values, alone[at].address) for at in order]
    assert [row.position for row in found] == list(range(1, len(order) + 1))


def test_a_pattern_is_not_carried_to_where_the_prefix_means_something_else() -> None:
    space = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
    marked = TRANSFER.replace("<", "<p:").replace("<p:/", "</p:")
    strange = marked.replace("p:CdtTrfTxInf", "CdtTrfTxInf")
    content = document(
        f"{HEAD.format(count=6)}<PmtInf xmlns:p='{space}'>{GROUP}{strange * 3}</PmtInf>"
        f"<PmtInf xmlns:p='urn:other'>{GROUP}{strange * 3}</PmtInf>",
        "pain.001.001.10",
    )
    assert [row.values.get("amount") for row in rows(content)] == ["1.50"] * 3 + [None] * 3


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        BOMB,
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE Document [<!ATTLIST Document a CDATA "b">]>',
    ],
)
def test_document_types_and_entities_are_refused(prolog: str) -> None:
    content = (
        one().replace(b"?>\n", b"?>" + prolog.encode(), 1).replace(b"Payee", b"&i;" if "ENTITY i" in prolog else b"x")
    )
    assert refusal(content).code == "xml.doctype"


def test_deep_nesting_is_refused() -> None:
    nested = TRANSFER.replace("</CdtTrfTxInf>", "<x>" * 5000 + "</x>" * 5000 + "</CdtTrfTxInf>")
    assert refusal(one(nested)).code == "xml.limits"


def test_bytes_that_are_not_in_the_declared_encoding_are_refused_with_their_line() -> None:
    found = refusal(one().replace(b"?>\n", b' encoding="UTF-8"?>\n').replace(b"Payee", b"Caf\xe9"))
    assert (found.code, found.line) == ("xml.encoding", 2)


def test_latin_1_and_utf_16_are_read_when_declared() -> None:
    text = one().decode().replace("Payee", "Café")
    latin = text.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"').encode("latin-1")
    assert rows(latin)[0].values["creditor_name"] == "Café"
    wide = text.replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    assert rows(wide)[0].values["creditor_name"] == "Café"


@pytest.mark.parametrize("cut", [120, 400, 700, -1, -20])
def test_a_truncated_file_is_refused_with_its_line(cut: int) -> None:
    found = refusal(one()[:cut])
    assert (found.code, found.line) == ("xml.breaks_off", 2)


def test_a_prolog_without_end_is_refused() -> None:
    assert refusal(b"<?xml version='1.0'?><!--" + b"x" * 400_000 + b"--><Document/>").code == "xml.prolog_too_long"


def test_more_bytes_than_any_payment_has_are_refused() -> None:
    assert refusal(one(TRANSFER + "<x/>" * 1_200_000)).code == "xml.element_too_large"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory where Linux tells it")
def test_memory_stays_flat_whatever_the_size_and_the_lines(tmp_path: Path) -> None:
    """20,000 payments on one line (11 MB) need no more memory than 2,000 do, plus a little."""
    script = (
        "import re, sys, django; django.setup()\n"
        "from transactions.intake import open_file\n"
        "stream = open(sys.argv[1], 'rb')\n"
        "count = sum(1 for item in open_file.reader_of(stream, mapping={}).items())\n"
        "print(count, re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read()).group(1))\n"
    )
    used = {}
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.xml"
        path.write_bytes(pain001(count).replace(b"\n", b" "))
        found = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
        items, kilobytes = found.stdout.split()
        assert int(items) == count + 2
        used[count] = int(kilobytes)
    # A whole tree of this file takes some 90 MB; the allocator alone varies by a few.
    assert used[20_000] - used[2_000] < 8_000
