"""What is wrong with an XML file is said in the reader's language, and a file that breaks off is told from a slip."""

import io

import pytest
from django.utils import translation

from backoffice.common.errors import known, sentence
from tests.files import pain001
from transactions.intake import open_file, xml_faults
from transactions.intake.rows import FileRefused

NAME = b"<Nm>Supplier 1</Nm>"


def fault(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        list(open_file.reader_of(io.BytesIO(content), mapping={}).items())
    return refused.value


def slipped(name: bytes) -> bytes:
    return pain001(2).replace(NAME, name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"<Nm>Supplier 1</NM>", "xml.tags_crossed"),
        (b"<Nm>Supplier 1</Nm x>", "xml.tag_open"),
        (b"<Nm>Supplier < 1</Nm>", "xml.name_missing"),
        (b"<Nm>Supplier & 1</Nm>", "xml.ampersand"),
        (b"<Nm>Supplier &amp 1</Nm>", "xml.ampersand"),
        (b"<Nm>Caf&eacute; 1</Nm>", "xml.entity_unknown"),
        (b"<Nm a=1>Supplier 1</Nm>", "xml.attribute_value"),
        (b"<Nm a>Supplier 1</Nm>", "xml.attribute_value"),
        (b'<Nm a="<">Supplier 1</Nm>', "xml.attribute_value"),
        (b'<Nm a="1" a="2">Supplier 1</Nm>', "xml.attribute_twice"),
        (b'<Nm a="1"b="2">Supplier 1</Nm>', "xml.space_missing"),
        (b"<Nm><!-- a -- b -->Supplier 1</Nm>", "xml.comment"),
        (b"<Nm>Supplier ]]> 1</Nm>", "xml.cdata_end"),
        (b"<x:Nm>Supplier 1</x:Nm>", "xml.prefix_unknown"),
        (b"<Nm>Supplier \x01 1</Nm>", "xml.character"),
        (b"<Nm>Supplier &#1; 1</Nm>", "xml.character"),
        (b"<Nm>Caf\xe9 1</Nm>", "xml.encoding"),
        (b"<Nm>" + b"<a>" * 300 + b"</Nm>", "xml.limits"),
        (b'<Nm xmlns:x="">Supplier 1</Nm>', "xml.malformed"),
    ],
)
def test_a_slip_in_the_middle_has_a_code_of_ours(name: bytes, code: str) -> None:
    found = fault(slipped(name))
    assert (found.code, found.line) == (code, 1)
    assert found.params["at"] == 1
    assert found.params["column"] > 400


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pain001(1) + b"<more/>", "xml.after_the_end"),
        (b" " + pain001(1), "xml.declaration"),
        (pain001(1).replace(b'version="1.0"', b"verson='1.0'"), "xml.declaration"),
        (pain001(1).replace(b"UTF-8", b"EBCDIC-99"), "xml.encoding_unknown"),
        (b"<", "xml.breaks_off"),
        (b'<?xml version="1.0"?>\n', "xml.breaks_off"),
        (b'<?xml version="1.0"?>text\n', "xml.no_element"),
    ],
)
def test_a_slip_around_the_document_has_a_code_of_ours(content: bytes, code: str) -> None:
    assert fault(content).code == code


def test_what_the_parser_names_is_named_and_its_english_is_not_quoted() -> None:
    crossed = fault(slipped(b"<Nm>\nSupplier 1</NM>"))
    assert crossed.params == {"at": 2, "column": 16, "opened": "Nm", "opened_at": "1", "closed": "NM"}
    with translation.override("fr"):
        assert sentence(crossed.code, crossed.params) == (
            "Ligne 2, colonne 16\xa0: l’élément Nm, ouvert à la ligne 1, est fermé par NM."
        )
    assert fault(slipped(b"<Nm>Caf&eacute; 1</Nm>")).params["name"] == "eacute"
    assert fault(slipped(b"<x:Nm>a</x:Nm>")).params["name"] == "x"
    assert fault(slipped(b"<Nm>\x02</Nm>")).params["value"] == "2"
    unknown = fault(slipped(b'<Nm xmlns:x="">Supplier 1</Nm>'))
    assert "The parser says: “xmlns:x: Empty XML namespace is not allowed”" in str(unknown)


def test_every_code_of_the_table_has_a_sentence() -> None:
    assert {code for _number, _part, code, _pattern in xml_faults._TABLE} - known().keys() == set()


def cuts() -> list[int]:
    """Each kind of place that a file can end in: a name, a tag, an attribute, a text, a letter of two bytes."""
    whole = pain001(2)
    return [
        10,
        whole.index(b"<Document") + 4,
        whole.index(b"xmlns") + 9,
        whole.index(b"<GrpHdr>") + 3,
        whole.index(b"</MsgId>"),
        whole.index(b"</MsgId>") + 5,
        whole.index(b'Ccy="EUR"') + 4,
        whole.index(b'Ccy="EUR"') + 6,
        900,
        whole.index(b"</CdtTrfTxInf>") + 2,
        len(whole) - 30,
        len(whole) - 11,
        len(whole) - 1,
    ]


@pytest.mark.parametrize("cut", cuts())
@pytest.mark.parametrize("tail", [b"", b" \n"])
def test_a_file_that_breaks_off_says_where(cut: int, tail: bytes) -> None:
    content = pain001(2)[:cut] + tail
    found = fault(content)
    kept = content.decode(errors="ignore").rstrip()
    assert (found.code, found.line) == ("xml.breaks_off", 1)
    # A cut letter is none; with something after it, it counts as one that cannot be read.
    assert found.params == {"at": 1, "column": len(kept) + (cut == 900 and bool(tail))}


def test_where_it_breaks_off_is_counted_in_lines_and_letters_of_every_encoding() -> None:
    text = pain001(1).decode().replace("Köln", "Köln\nStraße 1\n<a>ëë</a")
    end = text.index("</a") + 3
    for encoding, declared in (("utf-8", "UTF-8"), ("latin-1", "ISO-8859-1"), ("utf-16", "UTF-16")):
        found = fault(text[:end].replace("UTF-8", declared).encode(encoding))
        assert (found.code, found.params) == ("xml.breaks_off", {"at": 3, "column": 8}), encoding
    with translation.override("fr"):
        assert sentence("xml.breaks_off", {"at": 3, "column": 8}) == (
            "Le fichier s’interrompt à la ligne 3, colonne 8\u202f; la suite manque. Faites-le renvoyer en entier."
        )
