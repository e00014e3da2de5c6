"""What is wrong with an XML file, in codes of our own: libxml2 speaks English alone, and takes a cut for a slip.

Each fault has the line (``at``) and column of the parser, and what its message names. What is not in the table stays
quoted as the parser's own words.
"""

import codecs
import re
from typing import IO, Any

from lxml import etree

from transactions.intake.rows import FileRefused

CHUNK = 1 << 20
LONGEST_NAME = 60
LONGEST_DECLARATION = 200
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_CODES: Any = etree.ErrorTypes
# Code of libxml2, what its message has (for one code that stands for several slips), our code, what the message names.
# The first line that agrees counts.
_TABLE: list[tuple[int, str, str, str]] = [
    (_CODES.ERR_TAG_NOT_FINISHED, "", "xml.breaks_off", ""),
    (
        _CODES.ERR_TAG_NAME_MISMATCH,
        "",
        "xml.tags_crossed",
        r"mismatch: (?P<opened>.+) line (?P<opened_at>[0-9]+) and (?P<closed>.+)",
    ),
    (_CODES.ERR_GT_REQUIRED, "", "xml.tag_open", ""),
    (_CODES.ERR_NAME_REQUIRED, "EntityRef", "xml.ampersand", ""),
    (_CODES.ERR_NAME_REQUIRED, "attribute", "xml.tag_open", ""),
    (_CODES.ERR_NAME_REQUIRED, "", "xml.name_missing", ""),
    (_CODES.ERR_ENTITYREF_SEMICOL_MISSING, "", "xml.ampersand", ""),
    (_CODES.ERR_UNDECLARED_ENTITY, "", "xml.entity_unknown", r"'(?P<name>.+)'"),
    (_CODES.WAR_UNDECLARED_ENTITY, "", "xml.entity_unknown", r"'(?P<name>.+)'"),
    (_CODES.ERR_ATTRIBUTE_NOT_STARTED, "", "xml.attribute_value", ""),
    (_CODES.ERR_ATTRIBUTE_NOT_FINISHED, "", "xml.attribute_value", ""),
    (_CODES.ERR_ATTRIBUTE_WITHOUT_VALUE, "", "xml.attribute_value", ""),
    (_CODES.ERR_LT_IN_ATTRIBUTE, "", "xml.attribute_value", ""),
    (_CODES.ERR_ATTRIBUTE_REDEFINED, "", "xml.attribute_twice", r"Attribute (?P<name>.+) redefined"),
    (_CODES.ERR_SPACE_REQUIRED, "attributes", "xml.space_missing", ""),
    (_CODES.ERR_SPACE_REQUIRED, "", "xml.declaration", ""),
    (_CODES.ERR_DOCUMENT_END, "", "xml.after_the_end", ""),
    (_CODES.ERR_DOCUMENT_EMPTY, "", "xml.no_element", ""),
    (_CODES.ERR_HYPHEN_IN_COMMENT, "", "xml.comment", ""),
    (_CODES.ERR_COMMENT_NOT_FINISHED, "", "xml.section_open", ""),
    (_CODES.ERR_PI_NOT_FINISHED, "", "xml.section_open", ""),
    (_CODES.ERR_CDATA_NOT_FINISHED, "", "xml.section_open", ""),
    (_CODES.ERR_MISPLACED_CDATA_END, "", "xml.cdata_end", ""),
    (_CODES.NS_ERR_UNDEFINED_NAMESPACE, "", "xml.prefix_unknown", r"prefix (?P<name>\S+)"),
    (_CODES.ERR_RESERVED_XML_NAME, "", "xml.declaration", ""),
    (_CODES.ERR_XMLDECL_NOT_FINISHED, "", "xml.declaration", ""),
    (_CODES.ERR_VERSION_MISSING, "", "xml.declaration", ""),
    (_CODES.ERR_UNKNOWN_VERSION, "", "xml.declaration", ""),
    (_CODES.ERR_INVALID_CHAR, "UTF-", "xml.encoding", ""),
    (_CODES.ERR_INVALID_CHAR, "", "xml.character", r"(?:value |Char )(?P<value>(?:0x)?[0-9A-Fa-f]+)"),
    (_CODES.ERR_INVALID_ENCODING, "", "xml.encoding", ""),
    (_CODES.ERR_UNKNOWN_ENCODING, "", "xml.encoding_unknown", r"encoding:? (?P<name>\S+)"),
    (_CODES.ERR_UNSUPPORTED_ENCODING, "", "xml.encoding_unknown", r"encoding:? (?P<name>\S+)"),
    (_CODES.ERR_RESOURCE_LIMIT, "", "xml.limits", ""),
    (_CODES.ERR_NAME_TOO_LONG, "", "xml.limits", ""),
]
# At the very end of a file these say that the rest is missing.
_UNFINISHED = {
    "xml.breaks_off",
    "xml.tag_open",
    "xml.name_missing",
    "xml.ampersand",
    "xml.attribute_value",
    "xml.space_missing",
    "xml.declaration",
    "xml.no_element",
    "xml.section_open",
    "xml.encoding",
}


def refusal(error: etree.XMLSyntaxError) -> FileRefused:
    """The parser's error as ours."""
    line, column = error.position if error.position else (0, 0)
    kind, message = getattr(error, "code", 0), (error.msg or "").rsplit(", line ", 1)[0]
    last: Any = getattr(error.error_log, "last_error", None)
    if kind == _CODES.ERR_INTERNAL_ERROR and last is not None:
        # Of an entity that nobody defined the exception says no more than that no element was found.
        kind, message, line, column = last.type, last.message, last.line, last.column
    code, named = _of(kind, message.strip())
    return FileRefused.at(code, line=line or None, at=line or 0, column=column or 0, **named)


def _of(kind: int, message: str) -> tuple[str, dict[str, str]]:
    for number, part, code, pattern in _TABLE:
        if number == kind and part in message:
            found = re.search(pattern, message)
            if found:
                return code, {name: text[:LONGEST_NAME] for name, text in found.groupdict().items()}
    return "xml.malformed", {"detail": message[:300]}


def at_the_end(fault: FileRefused, stream: IO[bytes]) -> FileRefused:
    """The same fault, or that the file breaks off there. Reads the seekable stream once more, and only where it must.

    The parser says the same of a tag that is cut by the end of the file and of a slip in its middle.
    """
    if fault.code not in _UNFINISHED:
        return fault
    line, column = _end(stream)
    stream.seek(0)
    cut = fault.code == "xml.declaration" and b"?>" not in stream.read(LONGEST_DECLARATION)
    if not cut and (fault.params["at"], fault.params["column"]) < (line, column):
        return fault
    return FileRefused.at("xml.breaks_off", line=line, at=line, column=column)


def _end(stream: IO[bytes]) -> tuple[int, int]:
    """Line and column of the last character that is no blank, both from 1."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(declared_encoding(stream.read(LONGEST_DECLARATION)))("replace")
    stream.seek(0)
    line, column, found = 1, 0, (1, 0)
    while chunk := stream.read(CHUNK):
        text = decoder.decode(chunk)
        kept = text.rstrip()
        if kept:
            breaks = kept.count("\n")
            found = (line + breaks, len(kept) - kept.rfind("\n") - 1 if breaks else column + len(kept))
        breaks = text.count("\n")
        line, column = line + breaks, len(text) - text.rfind("\n") - 1 if breaks else column + len(text)
    return found


def declared_encoding(head: bytes) -> str:
    """The encoding by its mark or its declaration, as Python names it."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _ENCODING.search(head)
    try:
        return codecs.lookup(declared.group(1).decode()).name if declared else "utf-8-sig"
    except LookupError:
        return "utf-8-sig"
