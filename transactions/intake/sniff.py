"""What kind of file this is, from its first bytes. Hostile XML is refused here, before anything is built of it."""

import re
from dataclasses import dataclass
from typing import IO, Any

from lxml import etree

from transactions.intake import xml_faults
from transactions.intake.rows import FileRefused
from transactions.intake.xml_faults import refusal as malformed

__all__ = ["CREDIT_TRANSFER", "Root", "local", "looks_binary", "looks_like_xml", "malformed",
           "may_be_text", "other_kind", "parser_options", "root", "version"]  # fmt: skip

CHUNK, PIECE = 16_384, 512
LONGEST_PROLOG = 262_144
LONGEST_ENVELOPE = 200
CREDIT_TRANSFER = "CstmrCdtTrfInitn"
_ISO_NAME = re.compile(r"(pain|camt|pacs)\.([0-9]{3})\.[0-9]{3}\.[0-9]{2}")
_MESSAGES = {
    "CstmrPmtStsRpt": "pain002",
    "FIToFIPmtStsRpt": "pacs002",
    "PmtRtr": "pacs004",
    "RsltnOfInvstgtn": "camt029",
    "FIToFIPmtCxlReq": "camt056",
    "FIToFICstmrCdtTrf": "pacs008",
    "CstmrDrctDbtInitn": "pain008",
    "BkToCstmrStmt": "camt053",
    "BkToCstmrDbtCdtNtfctn": "camt054",
    "BkToCstmrAcctRpt": "camt052",
}
# What other files begin with. Said by name, so that a person knows what was sent by mistake.
_OTHERS: list[tuple[re.Pattern[bytes], str]] = [
    (re.compile(rb"(?:\xef\xbb\xbf)?[\s\x01]*(?:\{1:|:(?:20|21|25P?|28C?|34F|60[FM]|61|86|940|942):)"), "mt940"),
    (re.compile(rb"(?:\xef\xbb\xbf)?[^:]{0,400}[\r\n]:20:[^\r\n]{0,80}\s+:(?:21|25P?):"), "mt940"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:OFXHEADER\s*:|(?:<\?[^<>]{0,400}\?>\s*){0,4}<OFX\b)", re.IGNORECASE), "ofx"),
    (
        re.compile(
            rb"(?:\xef\xbb\xbf)?\s*0[1457][0-9 ]{5}.{4}[0-9A-Z ]{5}(?:[A-Z]{3}|   )[0-9 ][0-9A-Z ]{13}", re.DOTALL
        ),
        "cfonb120",
    ),
    (re.compile(rb"03[0-9]{2}[^\r\n]{156}(?:[\r\n]|\Z)"), "cfonb160"),
    (re.compile(rb"(?:03|30)[0-9]{2}[^\r\n]{236}(?:[\r\n]|\Z)"), "cfonb240"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*01,[^,\r\n]{1,35},[^,\r\n]{0,35},[0-9]{6},[0-9]{0,4},"), "bai2"),
    (re.compile(rb"(?:\xef\xbb\xbf)?JournalCode[\t|;]"), "fec"),
    (re.compile(rb"PK\x03\x04"), "xlsx"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "xls"),
    (re.compile(rb"%PDF-"), "pdf"),
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a"), "image"),
]
# Control characters that no text has; a few may have slipped into a name.
_CONTROLS = bytes({*range(9), *range(14, 32)} - {0x1A, 0x1B})
MOST_CONTROLS = 0.02


@dataclass(frozen=True)
class Root:
    """The root of an XML file: its namespace and the message element inside Document."""

    kind: str
    namespace: str | None
    message: str


def parser_options() -> dict[str, Any]:
    """How every XML file is parsed: no DTD, no entities, no network, libxml2's limits on depth and size."""
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }


def local(element: Any) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def version(namespace: str) -> str:
    """The message and its version as a namespace names it: pain.001.001.09; "" when it names none."""
    found = _ISO_NAME.search(namespace)
    return found.group(0) if found else ""


def looks_like_xml(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start.startswith(b"<") and other_kind(head) != "ofx"


def may_be_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def looks_binary(head: bytes) -> bool:
    """Rather no text: asked of what no reader recognised, since a list may hold strange characters."""
    return not may_be_text(head) or len(head) - len(head.translate(None, _CONTROLS)) > MOST_CONTROLS * len(head)


def other_kind(head: bytes) -> str:
    return next((kind for pattern, kind in _OTHERS if pattern.match(head)), "")


def root(stream: IO[bytes]) -> Root:
    """Read no further than the message element. Raises :class:`FileRefused`; leaves the stream where it stopped."""
    parser = etree.XMLPullParser(events=("start",), **parser_options())
    names: list[tuple[str | None, str]] = []
    fed, doctype = 0, False
    try:
        while fed <= LONGEST_PROLOG:
            chunk = stream.read(CHUNK)
            fed += len(chunk)
            doctype = doctype or b"<!DOCTYPE" in chunk
            if not chunk:
                parser.close()
                break
            # In small pieces: what is wrong further on is for the reader to say.
            for at in range(0, len(chunk), PIECE):
                parser.feed(chunk[at : at + PIECE])
                found = _message(parser, names)
                if found is not None:
                    return found
    except etree.XMLSyntaxError as error:
        if not names:
            fault = xml_faults.at_the_end(malformed(error), stream)
            raise (FileRefused.at("xml.doctype", line=1) if doctype else fault) from None
    if not names:
        raise FileRefused.at("xml.prolog_too_long", longest=LONGEST_PROLOG)
    return _recognised(names)


def _message(parser: Any, names: list[tuple[str | None, str]]) -> Root | None:
    """The message, once it has begun; the elements that began are added to ``names``."""
    element: Any
    for _event, element in parser.read_events():
        if element.getroottree().docinfo.internalDTD is not None:
            raise FileRefused.at("xml.doctype", line=1)
        namespace, _brace, local = str(element.tag).rpartition("}")
        names.append((namespace.lstrip("{") or None, local))
        if local == CREDIT_TRANSFER:
            return Root("pain001", names[-1][0], local)
        if (len(names) > 1 and names[-2][1] == "Document") or len(names) > LONGEST_ENVELOPE:
            return _recognised(names)
    return None


def _recognised(names: list[tuple[str | None, str]]) -> Root:
    at = next((index for index, (_namespace, local) in enumerate(names) if local == "Document"), None)
    if at is None:
        return Root("", names[0][0], names[0][1])
    namespace = names[at][0]
    message = names[at + 1][1] if at + 1 < len(names) else ""
    named = _ISO_NAME.search(namespace or "")
    if named:
        return Root(named.group(1) + named.group(2), namespace, message)
    if namespace is None:
        # Without a namespace the only message this door knows is meant, and what is wrong with it is said.
        return Root("pain001", None, message)
    return Root(_MESSAGES.get(message, ""), namespace, message)
