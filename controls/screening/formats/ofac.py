"""OFAC's Specially Designated Nationals: sdn.csv with add.csv, alt.csv and sdn_comments.csv, or sdn.xml.

The CSV files have no header: they are known by their number of columns. ``-0-`` stands for nothing. Remarks hold what
has no column: dates and places of birth, nationalities, documents, and other names in quotes, which OFAC calls weak.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from controls.screening.formats import entry, xml
from controls.screening.formats.entry import ALIAS, PRIMARY, WEAK, Entry, Reading

# Number of columns of each file.
SDN, ADDRESSES, ALIASES, COMMENTS = 12, 6, 5, 2
# What stands in no column of sdn.csv: aliases first.
_BESIDE = ((ALIASES, "alt.csv"), (ADDRESSES, "add.csv"))
_KINDS = {"individual": entry.PERSON, "vessel": entry.VESSEL, "aircraft": entry.AIRCRAFT, "entity": entry.ORGANISATION}
_WEAK = re.compile(r"(?:a|f|n)\.?k\.?a\.?,? '([^']{2,200})'")
_DOCUMENT = re.compile(
    r"(?i)\b(passport|national id|identification|registration|tax id|ssn|company number|imo|license|cedula|nit|"
    r"legal entity number|birth certificate|digital currency address)"
)


def shape(rows: Sequence[Sequence[str]]) -> int:
    """The number of columns that most of the first rows have; 0 when most do not begin with a number. A row that has
    not as many is named by whoever reads them all."""
    numbered = [row for row in rows if row and row[0].strip().isascii() and row[0].strip().isdecimal()]
    if 2 * len(numbered) <= len(rows):
        return 0
    return Counter(len(row) for row in numbered).most_common(1)[0][0]


def read_csv(files: dict[int, Iterable[Sequence[str]]]) -> Reading:
    """``files`` by their number of columns; sdn.csv must be among them. Rows of entries that it has not are left."""
    reading = Reading("ofac_csv", missing=tuple(name for shape, name in _BESIDE if shape not in files))
    known: dict[str, Entry] = {}
    remarks: dict[str, list[str]] = {}
    for row in files[SDN]:
        if len(row) < SDN:
            continue
        number, name, kind, programme, title, *vessel, said = (_said(value) for value in row[:SDN])
        made = known.setdefault(number, Entry(number, _KINDS.get(kind.lower(), entry.ORGANISATION)))
        made.add_name(name, PRIMARY)
        for one in programme.split("] ["):
            made.add("programmes", one.strip("[] "))
        remarks.setdefault(number, []).extend(
            [title, *(f"{label} {value}" for label, value in zip(_VESSEL, vessel, strict=False) if value), said]
        )
    for row in files.get(COMMENTS, ()):
        if len(row) >= COMMENTS and row[0].strip() in known:
            remarks[row[0].strip()].append(_said(row[1]))
    for row in files.get(ALIASES, ()):
        if len(row) >= ALIASES and row[0].strip() in known:
            known[row[0].strip()].add_name(_said(row[3]), ALIAS)
    for row in files.get(ADDRESSES, ()):
        if len(row) >= ADDRESSES and row[0].strip() in known:
            parts = [_said(value) for value in row[2:5]]
            known[row[0].strip()].add("addresses", ", ".join(part for part in parts if part))
            known[row[0].strip()].add("countries", parts[2])
    for number, made in known.items():
        _remarks(made, "; ".join(part for part in remarks.get(number, ()) if part))
    reading.entries = list(known.values())
    return reading


_VESSEL = ("Call sign", "Vessel type", "Tonnage", "Gross tonnage", "Flag", "Owner")


def _said(value: str) -> str:
    plain = value.strip()
    return "" if plain == "-0-" else plain


def _remarks(made: Entry, text: str) -> None:
    made.remarks = text
    for name in _WEAK.findall(text):
        made.add_name(name, WEAK)
    for part in text.split(";"):
        said = part.strip().removeprefix("alt. ").rstrip(".")
        low = said.lower()
        if low.startswith("dob "):
            made.add("births", entry.birth(said[4:]))
        elif low.startswith("pob "):
            made.add("birth_places", said[4:])
        elif low.startswith(("nationality ", "citizen ")):
            made.add("countries", said.partition(" ")[2])
        elif _DOCUMENT.search(said) and any(letter.isdigit() for letter in said):
            made.add("identifiers", said)


def read_xml(root: Any) -> Reading:
    """sdn.xml, as its whole tree."""
    reading = Reading("ofac_xml", xml.text(root, "publshInformation/Publish_Date"))
    for node in xml.children(root, "sdnEntry"):
        made = Entry(xml.text(node, "uid"), _KINDS.get(xml.text(node, "sdnType").lower(), entry.ORGANISATION))
        made.add_name(_name(node), PRIMARY)
        for aka in xml.children(node, "akaList/aka"):
            made.add_name(_name(aka), WEAK if xml.text(aka, "category") == "weak" else ALIAS)
        for programme in xml.children(node, "programList/program"):
            made.add("programmes", programme.text or "")
        for address in xml.children(node, "addressList/address"):
            names = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country")
            made.add("addresses", ", ".join(part for part in (xml.text(address, name) for name in names) if part))
            made.add("countries", xml.text(address, "country"))
        for path in ("nationalityList/nationality", "citizenshipList/citizenship"):
            for one in xml.children(node, path):
                made.add("countries", xml.text(one, "country"))
        for one in xml.children(node, "dateOfBirthList/dateOfBirthItem"):
            made.add("births", entry.birth(xml.text(one, "dateOfBirth")))
        for one in xml.children(node, "placeOfBirthList/placeOfBirthItem"):
            made.add("birth_places", xml.text(one, "placeOfBirth"))
        for one in xml.children(node, "idList/id"):
            said = (xml.text(one, name) for name in ("idType", "idNumber", "idCountry"))
            made.add("identifiers", " ".join(part for part in said if part))
        made.remarks = "; ".join(part for part in (xml.text(node, "title"), xml.text(node, "remarks")) if part)
        reading.entries.append(made)
    return reading


def _name(node: Any) -> str:
    last, first = xml.text(node, "lastName"), xml.text(node, "firstName")
    return f"{last}, {first}" if last and first else last or first
