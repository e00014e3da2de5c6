"""The consolidated lists of the European Union (FSD export 1.1) and of the United Nations."""

from typing import Any

from controls.screening.formats import entry, xml
from controls.screening.formats.entry import ALIAS, PRIMARY, WEAK, Entry, Reading

_EU_KINDS = {"person": entry.PERSON, "P": entry.PERSON, "enterprise": entry.ORGANISATION, "E": entry.ORGANISATION}


def read_eu(root: Any) -> Reading:
    """What is said stands in attributes. The first strong name is the primary one."""
    reading = Reading("eu_xml", str(root.get("generationDate") or "")[:10])
    for node in xml.children(root, "sanctionEntity"):
        subject = next(iter(xml.children(node, "subjectType")), None)
        kind = "" if subject is None else subject.get("code") or subject.get("classificationCode") or ""
        made = Entry(
            node.get("euReferenceNumber") or node.get("logicalId") or "", _EU_KINDS.get(kind, entry.ORGANISATION)
        )
        _eu_names(made, node)
        for one in xml.children(node, "citizenship"):
            made.add("countries", _country(one))
        for one in xml.children(node, "birthdate"):
            about = one.get("circa") == "true"
            made.add("births", entry.birth(one.get("birthdate") or _years(one), about=about))
            made.add("birth_places", _joined(one, ("city", "place", "region", "countryDescription")))
        for one in xml.children(node, "address"):
            names = ("street", "poBox", "zipCode", "city", "region", "place", "countryDescription")
            made.add("addresses", _joined(one, names))
            made.add("countries", _country(one))
        for one in xml.children(node, "identification"):
            said = ("identificationTypeDescription", "number", "countryIso2Code")
            made.add("identifiers", _joined(one, said, " "))
        for one in xml.children(node, "regulation"):
            made.add("programmes", one.get("programme") or "")
        remarks = [node.get("designationDetails") or "", *(one.text or "" for one in xml.children(node, "remark"))]
        made.remarks = "; ".join(part.strip() for part in remarks if part.strip())
        reading.entries.append(made)
    return reading


def _eu_names(made: Entry, node: Any) -> None:
    said = []
    for one in xml.children(node, "nameAlias"):
        whole = one.get("wholeName") or _joined(one, ("firstName", "middleName", "lastName"), " ")
        said.append((whole, one.get("strong") != "false"))
    for whole, strong in sorted(said, key=lambda pair: not pair[1]):
        made.add_name(whole, (ALIAS if made.names else PRIMARY) if strong or not made.names else WEAK)


def _years(one: Any) -> str:
    if one.get("year"):
        return str(one.get("year"))
    return f"{one.get('yearRangeFrom') or ''} {one.get('yearRangeTo') or ''}"


def _country(one: Any) -> str:
    said = str(one.get("countryDescription") or "")
    return "" if said == "UNKNOWN" else said.title()


def _joined(one: Any, names: tuple[str, ...], between: str = ", ") -> str:
    return between.join(part for part in (one.get(name) or "" for name in names) if part and part != "UNKNOWN")


def read_un(root: Any) -> Reading:
    """Individuals and entities. Aliases of low quality are weak."""
    reading = Reading("un_xml", str(root.get("dateGenerated") or "")[:10])
    for node in xml.children(root, "INDIVIDUALS/INDIVIDUAL"):
        reading.entries.append(_un(node, entry.PERSON, "INDIVIDUAL"))
    for node in xml.children(root, "ENTITIES/ENTITY"):
        reading.entries.append(_un(node, entry.ORGANISATION, "ENTITY"))
    return reading


def _un(node: Any, kind: str, prefix: str) -> Entry:
    made = Entry(xml.text(node, "DATAID") or xml.text(node, "REFERENCE_NUMBER"), kind)
    parts = (xml.text(node, f"{place}_NAME") for place in ("FIRST", "SECOND", "THIRD", "FOURTH"))
    made.add_name(" ".join(part for part in parts if part), PRIMARY)
    made.add_name(xml.text(node, "NAME_ORIGINAL_SCRIPT"), ALIAS)
    for alias in xml.children(node, f"{prefix}_ALIAS"):
        weak = xml.text(alias, "QUALITY").lower() == "low"
        made.add_name(xml.text(alias, "ALIAS_NAME"), WEAK if weak else ALIAS)
    for one in xml.children(node, f"{prefix}_DATE_OF_BIRTH"):
        span = f"{xml.text(one, 'FROM_YEAR')} {xml.text(one, 'TO_YEAR')}"
        about = xml.text(one, "TYPE_OF_DATE").upper() == "APPROXIMATELY"
        made.add("births", entry.birth(xml.text(one, "DATE")[:10] or xml.text(one, "YEAR") or span, about=about))
    for one in xml.children(node, f"{prefix}_PLACE_OF_BIRTH"):
        made.add("birth_places", _texts(one, ("CITY", "STATE_PROVINCE", "COUNTRY")))
    for one in xml.children(node, "NATIONALITY/VALUE"):
        made.add("countries", one.text or "")
    for one in xml.children(node, f"{prefix}_ADDRESS"):
        made.add("addresses", _texts(one, ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")))
        made.add("countries", xml.text(one, "COUNTRY"))
    for one in xml.children(node, f"{prefix}_DOCUMENT"):
        made.add("identifiers", _texts(one, ("TYPE_OF_DOCUMENT", "NUMBER", "ISSUING_COUNTRY"), " "))
    made.add("programmes", xml.text(node, "UN_LIST_TYPE"))
    titles = [one.text or "" for one in (*xml.children(node, "TITLE/VALUE"), *xml.children(node, "DESIGNATION/VALUE"))]
    said = [xml.text(node, "REFERENCE_NUMBER"), *titles, xml.text(node, "COMMENTS1")]
    made.remarks = "; ".join(part.strip() for part in said if part.strip())
    return made


def _texts(node: Any, names: tuple[str, ...], between: str = ", ") -> str:
    return between.join(part for part in (xml.text(node, name) for name in names) if part)
