"""Tags of the screens of back-tests. ``{% load backtests %}``."""

from django import template

from backoffice.common import formats
from backoffice.web import backtest_words
from controls.backtest import figures

register = template.Library()


@register.filter
def precision(found: figures.Precision) -> str:
    """A share with its interval and the numbers behind it."""
    return backtest_words.precision_said(found)


@register.filter
def share(found: figures.Precision) -> str:
    """The share alone, a dash when nothing is known."""
    return "\u2013" if found.share is None else formats.percent(found.share)


@register.filter
def bounds(found: figures.Precision) -> str:
    """Its interval and the numbers behind it."""
    return backtest_words.bounds_said(found)


@register.filter
def fate(code: str) -> str:
    """What became of a payment, in words."""
    return str(backtest_words.FATES.get(code, code))
