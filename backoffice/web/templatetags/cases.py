"""The picture of a case's payments. ``{% load cases %}``."""

from collections.abc import Sequence
from typing import Any

from django import template

from backoffice.common.templatetags import charts

register = template.Library()


@register.inclusion_tag("components/columns_chart.html")
def pattern(rows: Sequence[tuple[str, Any, str, bool]], title: str, note: str) -> dict[str, Any]:
    """Columns by payment, in their order; those of alerts stand out."""
    drawn = charts.columns([(label, amount, said) for label, amount, said, _marked in rows], title, note)
    for bar, (_label, _amount, _said, marked) in zip(drawn["bars"], rows, strict=True):
        bar["now"], bar["value"] = marked, None
    return drawn
