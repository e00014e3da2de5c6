"""Whom and when a version of a rule concerns, and its level of control, in the reader's language."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.people.models import Entity
from controls.models import RuleVersion
from controls.vocabulary import CHANNELS, KINDS


def said(
    *,
    level: int,
    valid_from: date | None,
    valid_to: date | None,
    dated_by: str,
    profiles: Sequence[str],
    kinds: Sequence[str] = (),
    channels: Sequence[str] = (),
) -> str:
    """``Level 1, operations; since 15 Nov 2026, by execution date; Bank or payment institution; instant transfer``."""
    parts = [str(RuleVersion.Level(level).label)]
    if valid_from or valid_to:
        parts.append(_days(valid_from, valid_to, dated_by))
    if profiles:
        names = dict(Entity.Profile.choices)
        parts.append(", ".join(str(names.get(profile, profile)) for profile in profiles))
    language = 1 if formats.locale_name().startswith("fr") else 0
    for codes, words in ((kinds, KINDS), (channels, CHANNELS)):
        if codes:
            parts.append(", ".join(words[code][language] if code in words else code for code in codes))
    return gettext("; ").join(parts)


def _days(first: date | None, last: date | None, dated_by: str) -> str:
    executed = dated_by == RuleVersion.DatedBy.EXECUTION
    told = {"first": formats.day(first) if first else "", "last": formats.day(last) if last else ""}
    if first and last:
        text = _("from %(first)s to %(last)s, by execution date") if executed else _("from %(first)s to %(last)s")
    elif first:
        text = _("since %(first)s, by execution date") if executed else _("since %(first)s")
    else:
        text = _("until %(last)s, by execution date") if executed else _("until %(last)s")
    return str(text) % told


NOT_YET, OVER = "not_yet", "over"


def state_on(version: RuleVersion, day: date) -> str:
    """``NOT_YET`` while what is received on this day comes before the first day that a version concerns, ``OVER`` when
    it comes after the last; else empty. One that is dated by execution concerns what will be executed on other days:
    empty."""
    if version.dated_by != RuleVersion.DatedBy.RECEIPT:
        return ""
    if version.valid_from and day < version.valid_from:
        return NOT_YET
    return OVER if version.valid_to and day > version.valid_to else ""
