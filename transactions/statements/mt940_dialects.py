"""How banks write what stands in :86: of an MT940: dialects as data, tried in the order of the table.

A dialect has a pattern by which it is known, a pattern at which its text is cut into keys and values, and what each key
means. Where a bank writes what no dialect knows, the text is kept whole.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from transactions.statements.values import squeezed

Told = dict[str, str]
LONGEST = 2_000
NO_VALUE = frozenset({"NOTPROVIDED", "NONREF", "NOT PROVIDED", "NOTAVAIL"})

# SEPA keys inside the purpose of German and Austrian banks, with + or : behind them.
SEPA_KEYS = {
    "EREF": "end_to_end_id", "KREF": "customer_reference", "MREF": "mandate_id", "CRED": "creditor_id",
    "DEBT": "debtor_id", "SVWZ": "remittance", "ABWA": "other_name", "ABWE": "other_name", "IBAN": "number",
    "BIC": "bic",
    "COAM": "charges", "OAMT": "original", "RREF": "return_reference", "ANAM": "name", "PURP": "purpose",
}  # fmt: skip
# Keys between slashes: Dutch and Belgian banks, and what SWIFT itself proposes.
SLASH_KEYS = {
    "EREF": "end_to_end_id", "KREF": "customer_reference", "PREF": "payment_info_id", "MARF": "mandate_id",
    "CSID": "creditor_id", "CNTP": "counterparty", "IBAN": "number", "BIC": "bic", "NAME": "name", "REMI": "remittance",
    "RTRN": "return_code", "PURP": "purpose", "TRTP": "type", "BENM": "", "ORDP": "", "ISDT": "", "ADDR": "",
    "ULTD": "", "ULTB": "", "ULTC": "", "CREF": "creditor_reference", "SVCL": "", "SALE": "", "OCMT": "original",
    "CHGS": "charges", "EXCH": "rate", "ACCW": "number", "VACC": "", "ID": "", "BUSP": "", "INVO": "",
}  # fmt: skip
# Polish banks: words with a colon, semicolons between.
POLISH_KEYS = {
    "Z RACH.": "number", "NA RACH.": "number", "OD": "name", "DLA": "name", "TYT.": "remittance",
    "TNR": "bank_reference", "ID IPH": "", "ID ZLEC": "",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """``known``: how a text of it begins. ``cut``: what stands before each value; its first group is the key."""

    name: str
    known: re.Pattern[str]
    cut: re.Pattern[str]
    keys: dict[str, str]
    read: Callable[["Dialect", str], Told]
    wrapped: bool = True  # lines are cut at 65 characters, in the middle of words


# As most banks order it: every field of the purpose but the last one is full, and nothing has to be squeezed.
USUAL = (
    r"[0-9]{3}\?00([^?]*)(?:\?10[^?]*)?\?2[0-9]((?:[^?]{27}\?[26][0-9])*[^?]{0,27})(?:\?30([^?]*))?(?:\?31([^?]*))?"
    r"(?:\?32([^?]*))?(?:\?33([^?]*))?(?:\?34[^?]*)?\Z"
)
_USUAL = re.compile(USUAL)


class Usual(NamedTuple):
    """What a text in the usual order says."""

    kind: str
    end_to_end_id: str
    customer_reference: str
    mandate_id: str
    creditor_id: str
    remittance: str
    bic: str
    number: str
    name: str


def usual(text: str) -> tuple[str, ...] | None:
    """What :func:`told` says of a text in the usual order, sooner, as the fields of :class:`Usual`; None where it must
    be asked."""
    found = _USUAL.match(text)
    return None if found is None else usual_fields(*found.groups(""))


def usual_fields(kind: str, purpose: str, bic: str, number: str, name: str, more: str) -> tuple[str, ...] | None:  # noqa: PLR0917
    """The same of what the groups of the pattern hold."""
    if len(purpose) > FULL:
        # Without the three characters that begin each field; unrolled, since this is done for each entry.
        first = purpose[:27] + purpose[30:57] + purpose[60:87] + purpose[90:117] + purpose[120:147]
        rest = "".join([purpose[at : at + 27] for at in range(150, len(purpose), 30)]) if len(purpose) > 150 else ""
        purpose = first + rest
    if "  " in purpose or "NOTPROVIDED" in purpose:
        return None
    parts = purpose.split("+")
    said: Told = {}
    last = parts.pop()
    if parts:
        key = parts[0]
        for part in parts[1:]:
            said[key] = part[:-4].strip()
            key = part[-4:]
        said[key] = last.strip()
        if len(said) < len(parts):
            return None
    elif ": " in purpose:
        return None
    else:
        said["SVWZ"] = last.strip()
    pop = said.pop
    references = pop("EREF", ""), pop("KREF", ""), pop("MREF", ""), pop("CRED", ""), pop("SVWZ", "")
    if said:  # a key that is not as usual
        return None
    if more:
        name = name + more if len(name) >= FULL else f"{name} {more}"
    name = squeezed(name) if "  " in name else name.strip()
    return kind, *references, bic.strip(), number.strip(), name


def _numbered(_dialect: Dialect, text: str) -> Told:
    """Three digits, a mark, and fields of two digits behind that mark."""
    mark = text[3]
    fields = text.split(mark)
    layout = _layout(tuple([field[:2] for field in fields[1:]]))
    if layout is None:
        # The mark itself stood in a text: the field goes on.
        fields = _mended(fields, mark)
        layout = _layout(tuple([field[:2] for field in fields[1:]])) or _NO_LAYOUT
    purpose, names, others = layout
    told: Told = {"code": text[:3]}
    for at, name in others:
        value = fields[at][2:].strip()
        if value:
            told[name] = value
    if len(names) == 1:
        told["name"] = squeezed(fields[names[0]][2:])
    elif names:
        # A field is full at 27, in the middle of a word.
        parts = [fields[at][2:] for at in names]
        told["name"] = squeezed("".join([one if len(one) >= FULL else f"{one} " for one in parts]))
    # Fields are cut at 27 characters, in the middle of words; one that is shorter ended with a word.
    joined = "".join([fields[at][2:] if len(fields[at]) >= FULL + 2 else f"{fields[at][2:]} " for at in purpose])
    if "+" in joined:
        _plus_keyed(told, joined)
    elif ": " in joined:
        _keyed(told, _SEPA.split(joined), SEPA_KEYS)
    elif joined and not joined.isspace():
        told["remittance"] = squeezed(joined)
    return told


_NUMBERED = {"00": "type", "10": "journal", "30": "bic", "31": "number", "34": "addition", "38": "number"}
_PURPOSE = frozenset([str(number) for number in (*range(20, 30), *range(60, 64))])
_Layout = tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, str], ...]]
_NO_LAYOUT: _Layout = ((), (), ())
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|RREF|ANAM|PURP)(?:\+|: )")
FULL = 27  # characters of a field that goes on in the next one


@functools.lru_cache(maxsize=1_024)
def _layout(numbers: tuple[str, ...]) -> _Layout | None:
    """Which fields are the purpose, the name and the rest, of a text with fields of these numbers; None where one of
    them is no number."""
    if not all(number.isascii() and number.isdigit() and len(number) == 2 for number in numbers):
        return None
    places = list(enumerate(numbers, start=1))
    return (
        tuple(at for at, number in places if number in _PURPOSE),
        tuple(at for at, number in places if number in {"32", "33"}),
        tuple((at, _NUMBERED[number]) for at, number in places if number in _NUMBERED),
    )


def _mended(fields: list[str], mark: str) -> list[str]:
    mended = fields[:1]
    for field in fields[1:]:
        if field[:2].isascii() and field[:2].isdigit() and len(field) > 1:
            mended.append(field)
        else:
            mended[-1] += mark + field
    return mended


def _plus_keyed(told: Told, joined: str) -> None:
    """Keys with a plus behind them, cut at the pluses: those that no key stands before are of the text."""
    name, text = "remittance", ""
    parts = joined.split("+")
    last = parts.pop()
    for part in parts:
        tail = part[-4:]
        follows, length = SEPA_KEYS.get(tail), 4
        if follows is None and tail[1:] == "BIC":
            follows, length = "bic", 3
        if follows is None:
            text += f"{part}+"
            continue
        _keep(told, name, text + part[:-length] if text else part[:-length])
        name, text = follows, ""
    _keep(told, name, text + last if text else last)


def _keep(told: Told, name: str, value: str) -> None:
    value = " ".join(value.split()) if "  " in value else value.strip()
    if value and value not in NO_VALUE:
        if name in told and name == "remittance":
            told[name] += f" {value}"
        else:
            told.setdefault(name, value)


def _keyed(told: Told, found: list[str], keys: dict[str, str]) -> None:
    """``found``: what stood before the first key, then key and value in turns."""
    rest = squeezed(found[0])
    for key, value in zip(found[1::2], found[2::2], strict=True):
        name = keys.get(key, "")
        plain = squeezed(value)
        if name and plain and plain not in NO_VALUE:
            told[name] = f"{told[name]} {plain}" if name in told and name == "remittance" else told.get(name) or plain
    if rest:
        told["remittance"] = f"{rest} {told['remittance']}" if "remittance" in told else rest


def _slashed(dialect: Dialect, text: str) -> Told:
    told: Told = {}
    found = dialect.cut.split(text)
    pairs = list(zip(found[1::2], found[2::2], strict=True))
    for key, value in pairs:
        name, plain = dialect.keys[key], squeezed(value.strip("/ "))
        if key == "CNTP":
            _counterparty(told, value)
        elif key == "REMI":
            told["remittance"] = _remitted(told, value)
        elif name and plain and plain not in NO_VALUE:
            told.setdefault(name, plain)
    return told


def _counterparty(told: Told, value: str) -> None:
    """IBAN, BIC, name and town between slashes."""
    for name, part in zip(("number", "bic", "name"), value.split("/"), strict=False):
        if part.strip():
            told.setdefault(name, squeezed(part))


def _remitted(told: Told, value: str) -> str:
    """``USTD//text``, ``STRD/kind/reference``, or the text alone."""
    kind, _slash, rest = value.strip().partition("/")
    if kind == "STRD":
        issuer, _slash, reference = rest.partition("/")
        told["creditor_reference"] = squeezed(reference or issuer).strip("/")
        return told["creditor_reference"]
    return squeezed((rest if kind == "USTD" else value).strip("/ "))


def _worded(dialect: Dialect, text: str) -> Told:
    told: Told = {}
    found = dialect.cut.split(text)
    _keyed(told, ["", *found[1:]], dialect.keys)
    if "number" in told:
        told["number"] = told["number"].replace(" ", "").rstrip(";")
    return {name: value.rstrip("; ") for name, value in told.items()}


def _plus(_dialect: Dialect, text: str) -> Told:
    told: Told = {}
    if "+" in text:
        _plus_keyed(told, text)
    else:
        _keyed(told, _SEPA.split(text), SEPA_KEYS)
    return told


_SLASHES = "|".join(SLASH_KEYS)
DIALECTS = (
    Dialect("numbered", re.compile(r"[0-9]{3}([?~^<>|@&#*+])[0-9]{2}"), re.compile(""), {}, _numbered),
    Dialect(
        "slashed", re.compile(rf"/(?:{_SLASHES})/"), re.compile(rf"/({_SLASHES})/"), SLASH_KEYS, _slashed,
    ),
    Dialect(
        "worded", re.compile(r"[0-9]{3} [^;]+; ?(?:ID IPH|Z RACH\.|NA RACH\.|OD|DLA|TYT\.)", re.DOTALL),
        re.compile(r"(?:^|; ?)(ID IPH|ID ZLEC|Z RACH\.|NA RACH\.|OD|DLA|TYT\.|TNR): ?"), POLISH_KEYS, _worded,
        wrapped=False,
    ),
    Dialect("keyed", re.compile(r"(?:EREF|KREF|MREF|SVWZ|CRED)(?:\+|: )"), _SEPA, SEPA_KEYS, _plus),
)  # fmt: skip


def told(text: str) -> Told:
    """What the text behind :86: says, by names of ours; ``remittance`` is all of it where no dialect knows it."""
    if text[:1].isspace():
        text = text.lstrip()
    for dialect in DIALECTS:
        if dialect.known.match(text):
            plain = text.replace("\n", "" if dialect.wrapped else " ") if "\n" in text else text
            return dialect.read(dialect, plain)
    return {"remittance": squeezed(text)[:LONGEST]} if text and not text.isspace() else {}


@functools.lru_cache(maxsize=1_024)
def is_return(kind: str) -> bool:
    """Whether a text of a bank for a kind of entry tells of something that came back."""
    return any(word in kind.upper() for word in ("RETOUR", "RUECK", "RÜCK", "RETURN", "REJECT", "STORNO"))
