"""OpenSanctions' simple CSV, and lists of one's own in the same form: a header, one entry a row.

``id`` and ``name`` are needed. Known besides: ``schema`` (or type), ``aliases`` (or alias), ``birth_date`` (or dob),
``countries`` (or country), ``addresses``, ``identifiers`` (or id_number), ``program_ids``, ``topics``, ``sanctions``,
``notes``. Several values stand in one field with ``;`` between them.
"""

from collections.abc import Iterable, Mapping

from controls.screening.formats import entry
from controls.screening.formats.entry import ALIAS, PRIMARY, WEAK, Entry, Reading

NEEDED = ("id", "name")
_KINDS = {
    "person": entry.PERSON, "individual": entry.PERSON, "company": entry.ORGANISATION,
    "organization": entry.ORGANISATION, "organisation": entry.ORGANISATION, "legalentity": entry.ORGANISATION,
    "publicbody": entry.ORGANISATION, "entity": entry.ORGANISATION, "vessel": entry.VESSEL,
    "airplane": entry.AIRCRAFT, "aircraft": entry.AIRCRAFT,
}  # fmt: skip


def read(rows: Iterable[Mapping[str, str]]) -> Reading:
    reading = Reading("simple_csv")
    for row in rows:
        kind = _KINDS.get(_first(row, "schema", "type").lower().replace(" ", ""), entry.OTHER)
        made = Entry(row.get("id", "").strip()[: entry.LONGEST_CODE], kind)
        made.add_name(row.get("name", ""), PRIMARY)
        for alias in _many(row, "aliases", "alias"):
            made.add_name(alias, ALIAS)
        for alias in _many(row, "weak_aliases"):
            made.add_name(alias, WEAK)
        for said in _many(row, "birth_date", "dob"):
            made.add("births", entry.birth(said))
        for said in _many(row, "countries", "country"):
            made.add("countries", said.upper() if len(said) == 2 else said)
        for said in _many(row, "addresses"):
            made.add("addresses", said)
        made.add(
            "addresses", ", ".join(part for part in (row.get(n, "") for n in ("street", "postal_code", "city")) if part)
        )
        for said in _many(row, "identifiers", "id_number"):
            made.add("identifiers", said)
        for said in (*_many(row, "program_ids"), *_many(row, "topics")):
            made.add("programmes", said)
        made.remarks = "; ".join(part for part in (_first(row, "sanctions"), _first(row, "notes")) if part)
        reading.published = max(reading.published, _first(row, "last_change")[:10])
        reading.entries.append(made)
    return reading


def _first(row: Mapping[str, str], *names: str) -> str:
    return next((row[name].strip() for name in names if row.get(name)), "")


def _many(row: Mapping[str, str], *names: str) -> list[str]:
    return [part.strip() for part in _first(row, *names).split(";") if part.strip()]
