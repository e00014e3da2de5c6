"""How values read in the active language: amounts, days, moments, durations, identifiers.

English is written as in Europe (``23 Nov 2026``, ``€48,250.00``), French with a narrow no-break space between
thousands and a no-break space before the sign (``48 250,00 €``). The minus sign is U+2212.
"""

import copy
import functools
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import NumberPattern, format_decimal
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from backoffice.common import money

MINUS = "\u2212"
NARROW = "\u202f"
LOCALES = {"en": "en_GB", "fr": "fr_FR"}
HIDDEN = "\u2022\u2022\u2022\u2022"


def locale_name() -> str:
    return LOCALES.get((get_language() or "en")[:2], "en_GB")


@functools.cache
def _pattern(name: str, kind: str, decimals: int, most: int = 0) -> NumberPattern:
    """The language's pattern with the decimals of ISO 4217, which differ from those that people say in a few places."""
    locale = Locale.parse(name)
    pattern = copy.copy(locale.currency_formats["standard"] if kind == "money" else locale.decimal_formats[None])
    pattern.frac_prec = (decimals, max(decimals, most))
    return pattern


def _decimals(currency: str) -> int:
    return money.EXPONENTS.get(currency, 2)


def amount(value: Decimal, currency: str, *, signed: bool = False, exact: bool = False) -> str:
    """``€48,250.00`` or ``48 250,00 €``. ``signed`` writes a plus before what is above zero.

    ``exact`` keeps digits finer than the currency has, which amounts that were not taken in may bring into a sum.
    """
    text = _pattern(locale_name(), "money", _decimals(currency), money.DECIMAL_PLACES if exact else 0).apply(
        value, locale_name(), currency=currency, currency_digits=False
    )
    text = re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", text)  # a code, unlike a sign, stands apart
    return _sign(text, value, signed)


def number(value: Decimal, currency: str, *, signed: bool = False) -> str:
    """An amount without its currency, for columns that say the currency in their head."""
    text = _pattern(locale_name(), "number", _decimals(currency)).apply(value, locale_name())
    return _sign(text, value, signed)


def _sign(text: str, value: Decimal, signed: bool) -> str:
    text = text.replace("-", MINUS)
    return f"+{text}" if signed and value > 0 else text


def count(value: int, cap: int | None = None) -> str:
    """``12,345``; above ``cap``, where counting stopped, ``10,000+``."""
    if cap is not None and value > cap:
        return f"{count(cap)}+"
    return format_decimal(value, locale=locale_name()).replace("-", MINUS)


def decimal(value: Decimal | float, places: int = 1) -> str:
    """``94.1`` or ``94,1``: a plain number with at most ``places`` decimals."""
    pattern = "#,##0." + "#" * places if places else "#,##0"
    return format_decimal(value, format=pattern, locale=locale_name()).replace("-", MINUS)


def control_sum(value: Decimal) -> str:
    """A sum over currencies, which has no decimals of its own: two, or as many as it needs."""
    return format_decimal(value, format="#,##0.00###", locale=locale_name()).replace("-", MINUS)


def percent(share: Decimal | float, places: int = 1) -> str:
    """``share`` from 0 to 1 as ``94.1%`` or ``94,1 %``."""
    space = "\u00a0" if locale_name().startswith("fr") else ""
    return f"{decimal(float(share) * 100, places)}{space}%"


def size(octets: int) -> str:
    """``184 kB``: decimal multiples of bytes."""
    if octets < 1000:
        return ngettext("%(n)s byte", "%(n)s bytes", octets) % {"n": count(octets)}
    for unit, step in (("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)):
        if octets < step * 1000 or unit == "GB":
            value = octets / step
            break
    unit = {"kB": _("kB"), "MB": _("MB"), "GB": _("GB")}[unit]
    return f"{decimal(value, 0 if value >= 10 else 1)}\u00a0{unit}"


def local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def day(value: date | datetime) -> str:
    """``23 Nov 2026`` or ``23 nov. 2026``; a moment is read in the reader's time zone."""
    when = local(value).date() if isinstance(value, datetime) else value
    return _dated(when, "d MMM y")


def short_day(value: date | datetime) -> str:
    """``23 Nov``: when the year is plain."""
    when = local(value).date() if isinstance(value, datetime) else value
    return _dated(when, "d MMM")


def month(value: date) -> str:
    """``Nov 2026`` or ``nov. 2026``."""
    return format_date(value, "MMM y", locale=locale_name()).replace(" ", "\u00a0")


def _dated(when: date, pattern: str) -> str:
    """The first of a month is an ordinal in French, and no other day is."""
    if when.day == 1 and locale_name().startswith("fr"):
        pattern = pattern.replace("d", "d'er'", 1)
    return format_date(when, pattern, locale=locale_name()).replace(" ", "\u00a0")


def clock(moment: datetime, *, seconds: bool = False) -> str:
    """``09:12`` or ``09:12:40``, 24 hours, in the reader's time zone."""
    return format_time(local(moment), "HH:mm:ss" if seconds else "HH:mm", locale=locale_name())


def when(moment: datetime, *, seconds: bool = False) -> str:
    """``23 Nov 2026, 09:12``."""
    return _("%(day)s, %(time)s") % {"day": day(moment), "time": clock(moment, seconds=seconds)}


def duration(span: timedelta) -> str:
    """``4 s``, ``12 min``, ``1 h 04``, ``3 d``: the largest unit, and minutes after hours."""
    seconds = int(abs(span).total_seconds())
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s min") % {"n": seconds // 60}
    if seconds < 86_400:
        hours, minutes = divmod(seconds // 60, 60)
        return _("%(h)s h %(m)s") % {"h": hours, "m": f"{minutes:02d}"}
    return _("%(n)s d") % {"n": seconds // 86_400}


def ago(moment: datetime, now: datetime | None = None) -> str:
    """``4 s ago`` or ``in 12 min`` within a day of now, else the day (and the hour within the year)."""
    span = (now or timezone.now()) - moment
    if abs(span) >= timedelta(days=1):
        return day(moment)
    if span < timedelta(0):
        return _("in %(span)s") % {"span": duration(span)}
    return _("%(span)s ago") % {"span": duration(span)}


def until(due: datetime, now: datetime | None = None) -> str:
    """Time left, or ``−4 min`` when late."""
    left = due - (now or timezone.now())
    return f"{MINUS}{duration(left)}" if left < timedelta(0) else duration(left)


def country(code: str) -> str:
    """``France (FR)``; what is no code that is known stays as it is."""
    name = Locale.parse(locale_name()).territories.get(code) if len(code) == 2 else None
    return f"{name} ({code})" if name else code


def grouped(identifier: str) -> str:
    """An IBAN in groups of four; other account numbers as they are."""
    return (
        " ".join(identifier[at : at + 4] for at in range(0, len(identifier), 4)) if _is_iban(identifier) else identifier
    )


def masked(identifier: str) -> str:
    """``FR76 •••• 0189``: country and check digits, then the last four; other numbers show only their last four."""
    if not identifier:
        return ""
    head = f"{identifier[:4]} " if _is_iban(identifier) else ""
    return f"{head}{HIDDEN} {identifier[-4:]}" if len(identifier) > 8 else HIDDEN


def _is_iban(identifier: str) -> bool:
    return re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}", identifier) is not None
