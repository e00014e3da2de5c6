"""High-risk third countries of the EU: Delegated Reg. (EU) 2016/1675, with every amendment up to 2025/1184.

Dated data: a payment is judged by the list of its own day. Known, not read: complete and confirm it against the
consolidated text before relying on it, and at each amendment (several a year). Codes are ISO 3166-1 alpha-2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

# Days on which each act took effect.
ACTS: Mapping[str, date] = MappingProxyType({
    "2016/1675": date(2016, 9, 23),
    "2018/105": date(2018, 2, 13),
    "2018/212": date(2018, 3, 6),
    "2018/1467": date(2018, 10, 22),
    # Removals at once, additions from 1 October 2020.
    "2020/855": date(2020, 7, 9),
    "2020/855, additions": date(2020, 10, 1),
    "2021/37": date(2021, 2, 7),
    "2022/229": date(2022, 3, 13),
    "2023/410": date(2023, 3, 16),
    "2023/1219": date(2023, 7, 16),
    "2023/2070": date(2023, 10, 18),
    "2024/163": date(2024, 2, 7),
    "2025/1184": date(2025, 8, 5),
})  # fmt: skip
_JOINED = {
    "2016/1675": "AF BA GY IQ LA SY UG VU YE IR KP",
    "2018/105": "ET",
    "2018/212": "LK TT TN",
    "2018/1467": "PK",
    "2020/855, additions": "BS BB BW KH GH JM MU MN MM NI PA ZW",
    "2022/229": "BF KY HT JO ML MA PH SN SS",
    "2023/410": "CD GI MZ TZ AE",
    "2023/1219": "NG ZA",
    "2023/2070": "CM VN",
    "2025/1184": "DZ AO CI KE LA LB MC NA NP VE",
}
_LEFT = {
    "2020/855": "BA ET GY LA LK TN",
    "2021/37": "MN",
    "2022/229": "BS BW GH IQ MU",
    "2023/410": "NI PK ZW",
    "2023/1219": "KH MA",
    "2024/163": "KY JO",
    "2025/1184": "BB GI JM PA PH SN UG AE",
}


@dataclass(frozen=True)
class Listed:
    """A time on the list: from ``since`` up to, not including, ``until`` (None: still there), by which acts."""

    country: str
    since: date
    act: str
    until: date | None = None
    left_by: str = ""


def _build() -> tuple[Listed, ...]:
    """Every time on the list. One that leaves ends the last time that began."""
    open_ones: dict[str, tuple[date, str]] = {}
    found: list[Listed] = []
    for act, day in ACTS.items():
        for country in _LEFT.get(act, "").split():
            since, by = open_ones.pop(country)
            found.append(Listed(country, since, by, day, act))
        for country in _JOINED.get(act, "").split():
            open_ones[country] = (day, act)
    found += [Listed(country, since, act) for country, (since, act) in open_ones.items()]
    return tuple(sorted(found, key=lambda one: (one.country, one.since)))


LIST: tuple[Listed, ...] = _build()
COUNTRIES = frozenset(one.country for one in LIST)


def listed(country: str, day: date) -> Listed | None:
    """The time on the list that a day falls in."""
    return next(
        (one for one in LIST if one.country == country and one.since <= day and (one.until is None or day < one.until)),
        None,
    )


def on(day: date) -> list[str]:
    """The countries on the list of a day, by code."""
    return [country for country in sorted(COUNTRIES) if listed(country, day)]
