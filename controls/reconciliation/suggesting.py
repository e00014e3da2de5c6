"""For lines that no pass matched: what they could belong to, ranked, with reasons and a confidence. Nothing is matched.

Candidates are found for many lines at once in SQL; what speaks for and against each is weighed here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from rapidfuzz.distance import OSA

from backoffice.common import sql
from controls.reconciliation import names, running, sums

DAYS, EACH, SHOWN = 45, 30, 5
# In hundredths. What is certain does not come here, so that nothing is given as certain.
MOST = 97
CERTAIN, LIKELY = 85, 60
_WORD = re.compile(r"[A-Z0-9]+")


@dataclass(frozen=True)
class Suggestion:
    """Open items (as of OpenItem) that a line could belong to. ``difference``: the line less the items, as the bank
    shows it. ``reasons`` are codes with parameters (errors.py)."""

    line_id: int
    items: tuple[int, ...]
    confidence: int
    difference: Decimal
    reasons: tuple[dict[str, Any], ...]

    @property
    def band(self) -> str:
        return "certain" if self.confidence >= CERTAIN else "likely" if self.confidence >= LIKELY else "possible"


@dataclass(slots=True)
class _Line:
    id: int
    credit: bool
    open: Decimal
    on: date
    own: str
    number: str
    name: str
    said: str
    charges: Decimal | None
    exchanged: bool
    batch_count: int | None
    words: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Item:
    id: int
    credit: bool
    open: Decimal
    on: date
    reference: str
    document: str
    file: str
    number: str
    name: str


_LINES = """
    select id, credit, open, booking_on, own_reference, number, name, said, charges, original_currency <> '',
           batch_count
    from play_line order by id
"""
_ITEMS = """
    select c.line, c.item, i.credit, i.open, i.booked_on, i.reference, i.document, i.file,
           upper(replace(i.number, ' ', '')), i.name
    from candidates c join controls_openitem i on i.id = c.item order by c.line, c.item
"""
_FILES = """
    select l.id, f.file, f.n, f.items
    from play_line l cross join lateral (
        select i.file, count(*) as n, sum(i.open) as total, array_agg(i.id order by i.id) as items
        from controls_openitem i where i.account_id = l.account_id and i.credit = l.credit and i.file <> ''
        group by i.file) f
    where f.total = l.open and f.n > 1
"""


def suggest(line_ids: Sequence[int], *, shown: int = SHOWN) -> dict[int, list[Suggestion]]:
    """The best for each open line, the first the likeliest; none for lines that are not open. A dozen queries."""
    with transaction.atomic():
        running.tables()
        running.look_at("o.line_id = any(%(lines)s)", {"lines": list(line_ids)})
        sql.run(sql.text("controls", "match_candidates"), {"days": DAYS, "each": EACH})
        lines = {row[0]: _line(row) for row in sql.rows(_LINES)}
        items: dict[int, list[_Item]] = defaultdict(list)
        for row in sql.rows(_ITEMS):
            items[row[0]].append(_Item(*row[1:]))
        of_files: dict[int, list[tuple[str, int, list[int]]]] = defaultdict(list)
        if any((line.batch_count or 0) > 1 for line in lines.values()):
            for key, file, count, members in sql.rows(_FILES):
                of_files[key].append((file, count, list(members)))
        parts = _parts_of(lines.values(), items)
        running.clear("play_line", "play_hit")
    return {
        key: _ranked([*_alone(line, items[key]), *_together(line, items[key], parts), *_batches(line, of_files[key])])[
            :shown
        ]
        for key, line in lines.items()
    }


def _line(row: tuple[Any, ...]) -> _Line:
    made = _Line(*row)
    made.number = made.number or ""
    made.words = {word for word in re.split(r"[\s,;:()+?'\"]+", made.said.upper()) if any(map(str.isdigit, word))}
    made.words = {"".join(_WORD.findall(word)) for word in made.words}
    return made


def _reason(code: str, **params: Any) -> dict[str, Any]:
    return {"code": f"match.{code}", "params": params} if params else {"code": f"match.{code}"}


def _named(line: _Line, item: _Item) -> tuple[int, list[dict[str, Any]]]:
    """What the line says of the item's reference: in full, or with a typing error."""
    known = [key for key in (item.reference, item.document) if key]
    for key in known:
        if key == line.own or key in line.words:
            return 45, [_reason("document", document=key)]
    packed = "".join(_WORD.findall(line.said.upper()))
    for key in known:
        if len(key) >= 6 and key in packed:
            return 42, [_reason("document", document=key)]
        if len(key) >= 5 and any(
            len(word) >= 5 and OSA.distance(key, word, score_cutoff=2) <= 2 for word in line.words
        ):
            return 28, [_reason("near_document", document=key)]
    if line.own and item.reference and line.own != item.reference:
        return -12, []
    return 0, []


def _who(line: _Line, item: _Item) -> tuple[int, list[dict[str, Any]]]:
    if line.number and line.number == item.number:
        return 26, [_reason("number")]
    written = line.name or line.said
    alike = names.alike(written, item.name) if item.name else 0.0
    if alike >= 0.6:
        return round(24 * (alike - 0.5) * 2), [_reason("alike_by", alike=round(alike * 100))]
    return (-8 if line.name and item.name else 0), []


def _days(line: _Line, on: date) -> tuple[int, list[dict[str, Any]]]:
    apart = (line.on - on).days
    if apart < -5:
        return -6, []
    weight = next((points for most, points in ((0, 12), (1, 11), (3, 9), (5, 6), (10, 3)) if abs(apart) <= most), 0)
    return weight, [_reason("days", days=apart)] if weight else []


def _amount(line: _Line, open_: Decimal, *, credit: bool) -> tuple[int, list[dict[str, Any]]]:
    if line.credit != credit:
        return -60, []
    if line.open == open_:
        return 38, [_reason("amount")]
    gap = abs(line.open - open_)
    kept = line.open < open_ if line.credit else line.open > open_
    if line.charges == gap or (kept and gap <= min(Decimal(30), open_ / 10)):
        return 22, [_reason("fee", amount=_plain(gap))]
    if line.exchanged and gap <= open_ * Decimal("0.05"):
        return 20, [_reason("exchange", amount=_plain(gap))]
    if line.open < open_:
        return 4, [_reason("part", amount=_plain(open_ - line.open))]
    return -10, []


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _alone(line: _Line, items: Iterable[_Item]) -> Iterable[Suggestion]:
    for item in items:
        points, reasons = 0, []
        for weight, said in (
            _amount(line, item.open, credit=item.credit), _named(line, item), _who(line, item), _days(line, item.on),
        ):  # fmt: skip
            points += weight
            reasons += said
        if points > 20:
            yield Suggestion(line.id, (item.id,), min(points, MOST), _difference(line, item.open), tuple(reasons))


def _difference(line: _Line, total: Decimal) -> Decimal:
    return line.open - total if line.credit else total - line.open


def _parts_of(lines: Iterable[_Line], items: dict[int, list[_Item]]) -> dict[int, tuple[int, Decimal]]:
    """Of items that several lines name: how many lines, and what they come to."""
    found: dict[int, tuple[int, Decimal]] = {}
    for line in lines:
        for item in items[line.id]:
            if item.credit == line.credit and line.open < item.open and _named(line, item)[0] >= 40:
                count, total = found.get(item.id, (0, Decimal(0)))
                found[item.id] = (count + 1, total + line.open)
    return found


def _together(line: _Line, items: Sequence[_Item], parts: dict[int, tuple[int, Decimal]]) -> Iterable[Suggestion]:
    """Several that make the line: those it names, or of its counterparty; and one that several lines make."""
    same = [item for item in items if item.credit == line.credit]
    named = [item for item in same if _named(line, item)[0] >= 40]
    if len(named) > 1 and sum(item.open for item in named) == line.open:
        yield Suggestion(
            line.id, tuple(item.id for item in named), 94, Decimal(0),
            (_reason("documents", count=len(named)), _reason("sum")),
        )  # fmt: skip
    for item in named:
        count, total = parts.get(item.id, (0, Decimal(0)))
        if count > 1 and total == item.open:
            yield Suggestion(
                line.id,
                (item.id,),
                93,
                _difference(line, item.open),
                (_reason("instalments", count=count), _reason("sum")),
            )
    theirs = [item for item in same if item.open < line.open and _who(line, item)[0] >= 18]
    theirs = sorted(theirs, key=lambda item: abs((item.on - line.on).days))[:20]
    if len(theirs) < 2:
        return
    found = sums.solutions([int(item.open * sums.SCALE) for item in theirs], int(line.open * sums.SCALE), 6, most=3)
    for places in found:
        members = [theirs[place] for place in places]
        if len(members) > 1:
            near = max(abs((item.on - line.on).days) for item in members) <= 5
            alone = [_reason("only")] if len(found) == 1 else []
            points = (78 if len(found) == 1 else 55) + (8 if near else 0) - 3 * len(members)
            yield Suggestion(
                line.id, tuple(item.id for item in members), points, Decimal(0),
                (_reason("subset", count=len(members)), _reason("sum"), *alone),
            )  # fmt: skip


def _batches(line: _Line, files: Iterable[tuple[str, int, list[int]]]) -> Iterable[Suggestion]:
    for file, count, members in files:
        points = 90 if line.batch_count == count else 70
        yield Suggestion(
            line.id, tuple(members), points, Decimal(0), (_reason("batch", file=file, count=count), _reason("sum"))
        )


def _ranked(found: Iterable[Suggestion]) -> list[Suggestion]:
    best: dict[tuple[int, ...], Suggestion] = {}
    for one in found:
        if one.items not in best or best[one.items].confidence < one.confidence:
            best[one.items] = one
    return sorted(best.values(), key=lambda one: (-one.confidence, abs(one.difference), one.items))
