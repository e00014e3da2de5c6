"""Charts as SVG: a title and a description, values at the points, no script, printable. ``{% load charts %}``."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.common.templatetags.ui import EMPTY

register = template.Library()

WIDTH, HEIGHT, FOOT = 344, 46, 6


@register.simple_tag
def spark(
    values: Sequence[Any], label: str, titles: Sequence[str] = (), now: int = -1, tone: str = "stop"
) -> SafeString:
    """Small bars from a zero base with the median as a dashed line.

    ``label`` says the same in words; ``titles`` are read on each bar; the bar at ``now`` stands out in ``tone``.
    """
    numbers = [float(value) for value in values]
    if not numbers:
        return EMPTY
    top = max(*numbers, 0.0) or 1.0
    step = min(WIDTH / len(numbers), 17.0)
    floor = HEIGHT - FOOT
    marked = len(numbers) - 1 if now == -1 else now
    bars = [
        (
            f"now {tone}" if place == marked else "",
            f"{place * step + 1:.1f}",
            f"{floor - max(floor * value / top, 1.0):.1f}",
            f"{max(step - 4, 1):.1f}",
            f"{max(floor * value / top, 1.0):.1f}",
            format_html("<title>{}</title>", titles[place]) if place < len(titles) else EMPTY,
        )
        for place, value in enumerate(numbers)
    ]
    ordered = sorted(numbers)
    level = f"{floor - floor * ordered[len(ordered) // 2] / top:.1f}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<line x1="0" x2="{}" y1="{}" y2="{}"/></svg>',
        WIDTH,
        HEIGHT,
        label,
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1">{}</rect>', bars),
        WIDTH,
        level,
        level,
    )


@register.inclusion_tag("components/columns_chart.html")
def columns(rows: Sequence[tuple[str, Any, str]], title: str, note: str = "", now: int = -1) -> dict[str, Any]:
    """Columns from zero with their labels: rows are (label, value, value in words). A table says the same below.

    ``now`` is the place of the column that stands out, none by default.
    """
    top = max((float(value) for _label, value, _said in rows), default=0.0) or 1.0
    step = 100 / max(len(rows), 1)
    bars = [
        {
            "label": label,
            "said": said,
            "value": value,
            "x": f"{place * step + step * 0.15:.2f}",
            "middle": f"{place * step + step / 2:.2f}",
            "width": f"{step * 0.7:.2f}",
            "y": f"{100 - 100 * float(value) / top:.2f}",
            "height": f"{100 * float(value) / top:.2f}",
            "now": place == now,
        }
        for place, (label, value, said) in enumerate(rows)
    ]
    return {"bars": bars, "title": title, "note": note, "every": max(1, -(-len(rows) // 12))}
