"""What list pages share: filters and tabs in the address, cursors, the as-of moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from backoffice.people import access
from backoffice.people.models import Entity, User

Choice = tuple[str, Any]


def reader(request: HttpRequest) -> User:
    """The person who asks; every screen needs a signed-in person, so it is never anyone else."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def entities(request: HttpRequest, right: str) -> list[Entity]:
    """The entities in which the person has the right, by code. One query."""
    return list(Entity.objects.filter(pk__in=access.entity_ids(request.user, right)).order_by("code"))


def address(request: HttpRequest, **changes: str) -> str:
    """This page with some parameters changed ("" takes one away); the cursor goes, since it belongs to the old list."""
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


def number(text: str) -> int | None:
    """A key as an address or a form carries it; None for anything else, however long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To where the form came from (its field ``next``) when that is a path of this house, else to a view by name."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if ours and target.startswith("/") else reverse(otherwise))


def cursor(request: HttpRequest) -> str:
    return request.GET.get("cursor", "")


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    current: bool
    count: int | None = None


def tabs(
    request: HttpRequest, name: str, choices: Sequence[Choice], counts: Mapping[str, int] | None = None
) -> list[Tab]:
    """Links that set the parameter ``name``; the first choice stands for a missing or unknown value."""
    chosen = choice(request, name, choices)
    default = choices[0][0]
    return [
        Tab(
            label,
            address(request, **{name: "" if value == default else value}),
            value == chosen,
            (counts or {}).get(value),
        )
        for value, label in choices
    ]


def choice(request: HttpRequest, name: str, choices: Sequence[Choice]) -> str:
    """The value of a parameter when it is one of the choices, else the first of them."""
    value = request.GET.get(name, "")
    return value if any(value == known for known, _label in choices) else choices[0][0]


@dataclass(frozen=True)
class Select:
    """A filter of a list: a select whose empty choice means all."""

    name: str
    label: Any
    all: Any
    options: Sequence[Choice]
    value: str


def select(request: HttpRequest, name: str, label: Any, everything: Any, options: Sequence[Choice]) -> Select:
    value = request.GET.get(name, "")
    return Select(name, label, everything, options, value if any(value == known for known, _ in options) else "")


@dataclass(frozen=True)
class Bar:
    """The filters of a list: selects, a search box named ``asks`` (empty: none), and what else the address carries."""

    selects: Sequence[Select]
    asks: Any
    words: str
    kept: Sequence[tuple[str, str]]
    filtered: bool
    clear: str


def bar(request: HttpRequest, selects: Sequence[Select] = (), asks: Any = "", *more: str) -> Bar:
    """``more`` names other fields of the same form, such as ``as_of``."""
    own = [*(select.name for select in selects), *(["q"] if asks else []), *more]
    kept = [(name, str(value)) for name, value in request.GET.items() if name not in {*own, "cursor"}]
    return Bar(
        selects,
        asks,
        words(request) if asks else "",
        kept,
        any(request.GET.get(name, "").strip() for name in own),
        address(request, **dict.fromkeys(own, "")),
    )


def said(request: HttpRequest) -> str:
    """The reason that a form gives, without what no text of the database can hold."""
    return request.POST.get("reason", "").replace("\x00", "")


def words(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:60]


@dataclass(frozen=True)
class AsOf:
    """The moment of a past state, or None for now. ``text`` is what was asked; ``malformed`` when it was no moment."""

    moment: datetime | None
    text: str
    malformed: bool

    @property
    def field(self) -> str:
        """The moment as a field of the form takes it, in the reader's time zone."""
        if self.moment is None:
            return ""
        local = timezone.localtime(self.moment)
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")


def in_reach(moment: datetime) -> bool:
    """Can this moment be told in every time zone? Those at the two ends of the calendar cannot."""
    return 1 < moment.year < 9999


def as_of(request: HttpRequest) -> AsOf:
    """From ``?as_of=``: a day (its end) or a moment, in the reader's time zone unless it names one."""
    text = request.GET.get("as_of", "").strip()
    if not text:
        return AsOf(None, "", False)
    try:
        found = parse_datetime(text) if "T" in text or " " in text else None
        if found is None:
            day = parse_date(text)
            found = datetime.combine(day, time.max) if day else None
    except ValueError:
        found = None
    if found is None:
        return AsOf(None, text[:40], True)
    if timezone.is_naive(found):
        found = timezone.make_aware(found)
    if not in_reach(found):
        return AsOf(None, text[:40], True)
    return AsOf(found, text, False)
