"""One entry of a list, whatever file it came in."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

PERSON, ORGANISATION, VESSEL, AIRCRAFT, OTHER = "person", "organisation", "vessel", "aircraft", "other"
PRIMARY, ALIAS, WEAK = "primary", "alias", "weak"
LONGEST_NAME, LONGEST_TEXT, LONGEST_CODE = 300, 4_000, 120
MOST = 500
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


@dataclass
class Entry:
    """``code`` names it within its list for good. Dates of birth are as exact as the publisher is: a day, a month
    (1963-07), a year, or a span of years (1960/1965); ``~`` before it says that it is about then."""

    code: str
    kind: str = OTHER
    names: list[tuple[str, str]] = field(default_factory=list)
    births: list[str] = field(default_factory=list)
    birth_places: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    programmes: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    remarks: str = ""

    def add_name(self, text: str, quality: str) -> None:
        """Another name; said again it is kept once. The first is the primary one."""
        name = tidy(text)[:LONGEST_NAME]
        if name and len(self.names) < MOST and all(name != known for known, _quality in self.names):
            self.names.append((name, quality))

    def add(self, what: str, text: str) -> None:
        held: list[str] = getattr(self, what)
        said = tidy(text)[:LONGEST_TEXT]
        if said and said not in held and len(held) < MOST:
            held.append(said)

    @property
    def name(self) -> str:
        return self.names[0][0] if self.names else ""

    @property
    def content(self) -> dict[str, Any]:
        """What is stored and compared, without the code."""
        kept = asdict(self)
        del kept["code"]
        return {**kept, "names": [list(pair) for pair in self.names], "remarks": tidy(self.remarks)[:LONGEST_TEXT]}

    @property
    def digest(self) -> str:
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Reading:
    """What a file says: which publisher's form it has, when it was published, and its entries. ``missing`` are files
    that the publisher has for more of them, and that are not with it."""

    format: str
    published: str = ""
    entries: list[Entry] = field(default_factory=list)
    missing: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """Blanks made single, control characters gone."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


_ABOUT = re.compile(r"(?:~|circa\b|ca?\.|approximately\b|about\b)\s*")


def birth(text: str, *, about: bool = False) -> str:
    """A date of birth as publishers write it, in the form of :class:`Entry`; "" when there is no year in it. ``about``:
    the publisher says beside it that it is no exact one."""
    said = tidy(text).lower()
    plain = _ABOUT.sub("", said)
    exact = _birth(plain)
    return f"~{exact}" if exact and (about or plain != said) else exact


def _birth(said: str) -> str:
    for form in ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(said, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    found = re.fullmatch(r"([a-z]{3})[a-z]* ([12][0-9]{3})", said)
    if found and found[1] in _MONTHS:
        return f"{found[2]}-{_MONTHS[found[1]]:02}"
    if re.fullmatch(r"[12][0-9]{3}-[01][0-9]", said):
        return said
    years = re.findall(r"[12][0-9]{3}", said)
    if len(years) >= 2:
        return f"{years[0]}/{years[-1]}"
    return years[0] if years else ""
