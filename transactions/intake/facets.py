"""What a schema demands of the text of a leaf, as a pattern that accepts no more than the schema does.

A pattern may be narrower: what it does not accept is validated by the schema itself. Where no pattern can be said (a
type that is not in the table, more than one pattern, what is not of the schema at all) the answer is None.
"""

import re
from typing import Any

_XS = "{http://www.w3.org/2001/XMLSchema}"
# What means the same in patterns of XML Schema and of Python.
_COMMON = re.compile(r"(?:[A-Za-z0-9{},()-]|\[[A-Za-z0-9-]+\])*")
# Text without markup and without blanks around it.
_ONE, _ANY = r"[^<&>\s]", r"[^<&>]"
TEXT = f"{_ONE}(?:{_ANY}*{_ONE})?"
_YEAR = r"(?!0000)[0-9]{4}"
_DAY = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_BUILT_IN = {"xs:date": f"{_YEAR}-{_DAY}", "xs:boolean": "(?:true|false|0|1)"}


class Facets:
    """The types of one schema, by the names that it gives them. ``elements``: the type of an element by its name."""

    def __init__(self, document: Any, elements: dict[str, str]) -> None:
        self.elements = elements
        self._types = {
            kind.get("name"): kind for kind in document if kind.tag in {f"{_XS}complexType", f"{_XS}simpleType"}
        }
        self._children: dict[str, dict[str, str]] = {}
        self._texts: dict[str, str | None] = {}

    def child(self, kind: str | None, name: str) -> str | None:
        """The type of a child of an element of this type."""
        if kind is None or kind not in self._types:
            return None
        if kind not in self._children:
            elements = self._types[kind].iter(f"{_XS}element")
            self._children[kind] = {element.get("name"): element.get("type") for element in elements}
        return self._children[kind].get(name)

    def text(self, kind: str | None) -> str | None:
        """The pattern of what a leaf of this type may say."""
        if kind is None:
            return None
        if kind not in self._texts:
            self._texts[kind] = self._text(kind)
        return self._texts[kind]

    def attribute(self, kind: str | None, name: str) -> str | None:
        """The pattern of an attribute of a leaf of this type."""
        declared = None if kind not in self._types else self._types[kind].find(f".//{_XS}attribute[@name='{name}']")
        return None if declared is None else self.text(declared.get("type"))

    def _text(self, kind: str) -> str | None:
        declared = self._types.get(kind)
        if declared is None:
            return _BUILT_IN.get(kind)
        content = declared.find(f"{_XS}simpleContent/{_XS}extension")
        if content is not None:
            return self.text(content.get("base"))
        restriction = declared.find(f"{_XS}restriction")
        if restriction is None:
            return None
        said: dict[str, list[str]] = {}
        for facet in restriction:
            if facet.tag is not None and facet.get("value") is not None:
                said.setdefault(str(facet.tag).removeprefix(_XS), []).append(facet.get("value"))
        base = restriction.get("base")
        if base == "xs:decimal":
            return _decimal(said)
        return _string(said) if base == "xs:string" else None if said else _BUILT_IN.get(base)


def _string(said: dict[str, list[str]]) -> str | None:
    if said.keys() == {"enumeration"}:
        return f"(?:{'|'.join(map(re.escape, said['enumeration']))})"
    if said.keys() == {"pattern"}:
        pattern, *more = said["pattern"]
        common = not more and _COMMON.fullmatch(pattern)
        return f"(?:{pattern.replace('(', '(?:')})" if common else None
    if said.keys() <= {"minLength", "maxLength"}:
        least, most = int(said.get("minLength", ["0"])[0]), int(said.get("maxLength", ["0"])[0])
        if least > 1:
            return None
        if not most:
            return TEXT
        return f"{_ONE}(?:{_ANY}{{0,{most - 2}}}{_ONE})?" if most > 1 else _ONE
    return None


def _decimal(said: dict[str, list[str]]) -> str | None:
    """Digits and a point, never a sign."""
    if not said.keys() <= {"fractionDigits", "totalDigits", "minInclusive"} or said.get("minInclusive", ["0"]) != ["0"]:
        return None
    total, fraction = int(said.get("totalDigits", ["18"])[0]), int(said.get("fractionDigits", ["0"])[0])
    if not 0 < fraction < total:
        return f"[0-9]{{1,{total}}}" if not fraction else None
    return rf"[0-9]{{1,{total - fraction}}}(?:\.[0-9]{{1,{fraction}}})?"
