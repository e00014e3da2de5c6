"""The parts every screen is made of. ``{% load ui %}``.

Each tag returns safe HTML of one component of the style sheet, in the reader's language. Values are escaped here; no
tag reads the database.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import formats
from backoffice.common.icons import ICONS
from backoffice.people import access

register = template.Library()

SOON = timedelta(minutes=30)
HIGH_RISK, MIDDLE_RISK = 60, 40
EMPTY = mark_safe("")
NOTHING = format_html('<span class="sub">{}</span>', "\u2013")

# Tone and icon of each word that a state is told with. Colour never stands alone: the pill always has the word.
TONES: dict[str, tuple[str, str]] = {
    "received": ("", "inbox"),
    "reading": ("", "running"),
    "checking": ("", "running"),
    "checked": ("", "queue"),
    "ready": ("ok", "check"),
    "partial": ("warn", "warn"),
    "validated": ("pair", "two"),
    "approved": ("ok", "check"),
    "posted": ("ok", "ledger"),
    "sent": ("ok", "send"),
    "settled": ("ok", "done"),
    "rejected": ("stop", "cross"),
    "refused": ("stop", "cross"),
    "cancelled": ("", "ban"),
    "returned": ("warn", "return"),
    "prepared": ("", "file"),
    "void": ("", "ban"),
    "held": ("warn", "hold"),
    "applied": ("ok", "check"),
    "asked": ("pair", "two"),
    "accepted": ("ok", "check"),
    "expired": ("warn", "clock"),
    "withdrawn": ("", "ban"),
    "proposed": ("pair", "two"),
    "to_answer": ("warn", "inbox"),
    "active": ("ok", "check"),
    "recorded": ("", "check"),
    "unknown": ("warn", "help"),
    "assigned": ("ok", "link"),
    "dismissed": ("", "ban"),
    "open": ("ok", "check"),
    "blocked": ("stop", "lock"),
    "closed": ("", "ban"),
    "pass": ("ok", "check"),
    "inform": ("", "info"),
    "warn": ("warn", "warn"),
    "warning": ("warn", "warn"),
    "second": ("pair", "two"),
    "hold": ("stop", "hold"),
    "reject": ("stop", "cross"),
    "fail": ("stop", "cross"),
    "error": ("stop", "cross"),
    "none": ("", "todo"),
}
# How a mark of the checks strip is drawn and said.
MARKS = {"pass": "", "warn": "w", "fail": "f", "none": "s"}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """One icon of the sprite. Hidden from screen readers unless it has a ``label`` of its own."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"no icon named {name!r}; add it to backoffice/common/icons.py")
    sprite = static("built/icons.svg")
    if label:
        return format_html(
            '<svg class="ico {}" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>', css, label, sprite, name
        )
    return format_html('<svg class="ico {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, sprite, name)


@register.simple_tag
def key(*names: str) -> SafeString:
    """Keys as caps, for the eye only: buttons tell screen readers theirs by ``aria-keyshortcuts``."""
    return format_html_join("", '<kbd aria-hidden="true">{}</kbd>', ((name,) for name in names))


# Amounts and numbers


@register.filter
def money(value: Decimal | None, currency: str) -> str:
    """``{{ payment.amount|money:payment.currency }}``: the bare text, for titles and sentences."""
    return "" if value is None else formats.amount(value, currency)


@register.filter
def number(value: Decimal | None, currency: str) -> str:
    """An amount without its currency, for a column whose head says it."""
    return "" if value is None else formats.number(value, currency)


@register.simple_tag
def amount(value: Decimal | None, currency: str, signed: bool = False) -> SafeString:
    if value is None:
        return NOTHING
    css = "amt neg" if value < 0 else "amt"
    return format_html('<span class="{}">{}</span>', css, formats.amount(value, currency, signed=signed))


@register.filter
def count(value: int | None, cap: int | None = None) -> str:
    """``{{ n|count }}`` or ``{{ n|count:10000 }}`` for a number that was counted no further than the cap."""
    return "" if value is None else formats.count(value, cap)


@register.filter
def decimal(value: Decimal | float | None, places: int = 1) -> str:
    return "" if value is None else formats.decimal(value, places)


@register.filter
def percent(value: Decimal | float | None, places: int = 1) -> str:
    """A share from 0 to 1."""
    return "" if value is None else formats.percent(value, places)


@register.filter
def size(value: int | None) -> str:
    return "" if value is None else formats.size(value)


# Identifiers


@register.simple_tag(takes_context=True)
def iban(context: Context, value: str | None, entity_id: int | None = None) -> SafeString:
    """An account number: in clear and grouped for who has the right (in the entity), else masked."""
    if not value:
        return NOTHING
    user = context.get("user")
    clear = user is not None and access.can(user, "iban.view", entity_id)
    return format_html('<span class="iban">{}</span>', formats.grouped(value) if clear else formats.masked(value))


@register.filter
def country(code: str) -> str:
    return formats.country(code)


@register.simple_tag
def ref(text: Any, url: str = "") -> SafeString:
    """A reference in the monospaced face; with ``url`` it opens its object."""
    if text in {None, ""}:
        return NOTHING
    if url:
        return format_html('<a class="ref" href="{}">{}</a>', url, text)
    return format_html('<span class="ref">{}</span>', text)


# Time


def _time(moment: date | datetime, text: str, title: str = "") -> SafeString:
    if title:
        return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), title, text)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.simple_tag
def day(value: date | datetime | None) -> SafeString:
    return NOTHING if value is None else _time(value, formats.day(value))


@register.simple_tag
def moment(value: datetime | None, seconds: bool = False) -> SafeString:
    """Day and hour."""
    return NOTHING if value is None else _time(value, formats.when(value, seconds=seconds))


@register.simple_tag
def clock(value: datetime | None, seconds: bool = False) -> SafeString:
    """The hour alone; the day is in the title."""
    return NOTHING if value is None else _time(value, formats.clock(value, seconds=seconds), formats.when(value))


@register.simple_tag
def ago(value: datetime | None) -> SafeString:
    """Relative within a day, with the absolute moment in the title."""
    return NOTHING if value is None else _time(value, formats.ago(value), formats.when(value, seconds=True))


@register.simple_tag
def due(
    due_at: datetime | None, start: datetime | None = None, paused: str = "", cut_off: datetime | None = None
) -> SafeString:
    """Time left, said first and then drawn as a bar that empties from ``start``. ``paused`` is why the clock rests;
    with ``cut_off`` it is said that what ends is a cut-off."""
    if due_at is None:
        return NOTHING
    if paused:
        return format_html('<span class="sla paused" title="{}">{}</span>', formats.when(due_at), paused)
    now = timezone.now()
    left = due_at - now
    state = "late" if left < timedelta(0) else "soon" if left < SOON else ""
    whole = max((due_at - start).total_seconds(), 1.0) if start else 4 * 3600.0
    share = 100 if state == "late" else round(100 * min(max(left.total_seconds() / whole, 0.0), 1.0))
    said = {"late": _("late"), "soon": _("soon due"), "": ""}[state]
    title = formats.when(due_at)
    return format_html(
        '<span class="sla {}"><time datetime="{}" title="{}" data-until>{}</time>{}'
        '<progress max="100" value="{}" aria-label="{}"></progress></span>',
        state,
        due_at.isoformat(),
        _("cut-off %(hour)s") % {"hour": title} if cut_off else title,
        formats.until(due_at, now),
        format_html('<span class="vh"> {}</span>', said) if said else EMPTY,
        share,
        _("Time left"),
    )


# States and judgements


@register.simple_tag
def pill(text: Any, tone: str = "", icon_name: str = "") -> SafeString:
    """A word in a tone: "", ok, warn, stop or pair; ``icon_name`` from the sprite."""
    drawn = icon(icon_name) if icon_name else EMPTY
    return format_html('<span class="pill {}">{}{}</span>', tone, drawn, text)


@register.simple_tag
def status(code: str, label: Any) -> SafeString:
    """The pill of a state: ``{% status state.status state.get_status_display %}``."""
    tone, drawn = TONES.get(code, ("", "info"))
    return pill(label, tone, drawn)


@register.simple_tag
def score(value: int | None) -> SafeString:
    if value is None:
        return NOTHING
    css = "hi" if value >= HIGH_RISK else "mid" if value >= MIDDLE_RISK else ""
    return format_html('<span class="score {}">{}</span>', css, value)


@register.simple_tag
def checks(strip: Iterable[Any]) -> SafeString:
    """One mark a check, in fixed order. Items are marks (pass, warn, fail, none) or (family, mark) pairs."""
    marks = [item if isinstance(item, str) else item[1] for item in strip]
    if not marks:
        return NOTHING
    drawn = format_html_join("", '<i class="{}"></i>', ((MARKS.get(mark, "s"),) for mark in marks))
    return format_html('<span class="checks" role="img" aria-label="{}">{}</span>', checks_said(marks), drawn)


def checks_said(marks: Sequence[str]) -> str:
    """``4 passed, 1 warning, 1 failed``."""
    passed, warned = marks.count("pass"), marks.count("warn")
    failed, absent = marks.count("fail"), marks.count("none")
    parts = [
        ngettext("%(n)s passed", "%(n)s passed", passed) % {"n": passed} if passed else "",
        ngettext("%(n)s warning", "%(n)s warnings", warned) % {"n": warned} if warned else "",
        ngettext("%(n)s failed", "%(n)s failed", failed) % {"n": failed} if failed else "",
        ngettext("%(n)s not run", "%(n)s not run", absent) % {"n": absent} if absent else "",
    ]
    return ", ".join(part for part in parts if part)


@register.simple_tag(takes_context=True)
def person(context: Context, user: Any, short: bool = False) -> SafeString:
    """Initials and name; "You" for the reader, "System" for nobody. ``short`` leaves the initials out."""
    if user is None:
        return format_html('<span class="person sub">{}</span>', _("System"))
    reader = context.get("user")
    name = _("You") if reader is not None and reader.pk == user.pk else user.full_name
    if short:
        return format_html('<span class="person">{}</span>', name)
    return format_html(
        '<span class="person"><span class="av" aria-hidden="true">{}</span>{}</span>', user.initials, name
    )


@register.simple_tag
def meter(value: int, total: int, label: str) -> SafeString:
    """A bar of real counts; the page says the same in words beside it."""
    return format_html(
        '<progress class="meter" max="{}" value="{}" aria-label="{}"></progress>', max(total, 1), value, label
    )


# Forms


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, Any]:
    """A label, its widget, its help and its errors, tied together for screen readers."""
    widget = bound.field.widget
    alone = getattr(widget, "input_type", "") == "checkbox" and not widget.use_fieldset
    return {"field": bound, "hint": hint, "check": alone, "group": widget.use_fieldset}


@register.inclusion_tag("components/form_errors.html")
def form_errors(*parts: Any) -> dict[str, Any]:
    """The summary above a form that was refused; it takes focus and links to the fields. A form may have several
    parts (absent ones are None): what is wrong with them is told once."""
    forms = [form for form in parts if form is not None]
    return {
        "general": [error for form in forms for error in form.non_field_errors()],
        "faults": [(bound, error) for form in forms for bound in form.visible_fields() for error in bound.errors],
        "any": any(form.errors for form in forms),
    }
