"""What a row says of the birth of its people, understood: one place for every format."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from transactions import births

SIDES = ("debtor", "creditor", "ultimate_debtor", "ultimate_creditor")
# Parts by the name of their field, after that of the side.
PARTS = {"birth_date": "born_on", "birth_province": "province", "birth_town": "town", "birth_country": "country"}
FIELDS = frozenset(f"{side}_{part}" for side in SIDES for part in PARTS)
DATES = frozenset(f"{side}_birth_date" for side in SIDES)

# A payment that names an ultimate debtor of its own means another one than its group does.
_ULTIMATE = frozenset(f"ultimate_debtor_{part}" for part in PARTS)
SIDES_SAID = frozenset({"ultimate_debtor", *_ULTIMATE})


def of_its_own(values: dict[str, str], own: dict[str, str]) -> None:
    """Take out what the group says of the birth of its ultimate debtor where the payment has one of its own."""
    if not SIDES_SAID.isdisjoint(own):
        for name in _ULTIMATE - own.keys():
            values.pop(name, None)


def said(values: dict[str, str]) -> bool:
    return not FIELDS.isdisjoint(values)


def sides(values: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """What is said of each side, by the names that are kept."""
    for side in SIDES:
        found = {name: values[f"{side}_{part}"] for part, name in PARTS.items() if values.get(f"{side}_{part}")}
        if found:
            yield side, found


def faults(side: str, found: dict[str, str], day: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Field, code and parameters of what is wrong. ``day`` is the date as it was understood, or empty."""
    if "born_on" in found:
        code = births.fault(date.fromisoformat(day)) if day else "date.unreadable"
        if code:
            yield f"{side}_birth_date", code, {}
    for part, name in PARTS.items():
        longest = births.LONGEST.get(name)
        length = len(found.get(name, ""))
        if longest and name != "country" and length > longest:
            yield f"{side}_{part}", "text.too_long", {"length": length, "longest": longest}
    if "country" in found and not births.is_country(found["country"].upper()):
        yield f"{side}_birth_country", "birth.country", {"country": found["country"][:20]}
