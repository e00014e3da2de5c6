"""Several open postings of one counterparty that make a line: found by their sum, believed when it can be no other.

At most 20 postings and 6 members: beyond, any amount has a solution. One solution among all, one posting alone counted;
so few subsets for such an amount that one by chance is out of the question; and the line names a member, or they were
all booked within days. Round amounts need the name.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby
from math import comb
from typing import Any

import numpy as np

from backoffice.common import sql
from controls.reconciliation.rules import Pass

# Of so many subsets in a range of sums, one by chance: less than this.
CHANCE = 1e-4
# Days between the first and the last member that still belong together.
TOGETHER = 3
SCALE = Decimal(100_000)

_CANDIDATES = """
    with lines as materialized (
        select l.* from play_line l
        where l.account_id = any(%(accounts)s) and l.detail_count <= 1 and l.number || l.name <> ''
          and l.id not in (
              select h.line from play_hit h join play_line n on n.id = h.line join play_item o on o.id = h.item
              where o.credit <> n.credit
                 or case when n.number <> '' then o.number <> n.number else upper(o.name) <> upper(n.name) end)),
    theirs as (
        select l.id as line, i.id as item from lines l join controls_openitem i
            on i.account_id = l.account_id and i.number = l.number and i.number <> '' where l.number <> ''
        union all
        select l.id, i.id from lines l join controls_openitem i
            on i.account_id = l.account_id and upper(i.name) = upper(l.name) and i.name <> '' where l.number = '')
    select l.id, l.account_id, l.open, l.booking_on, i.id, i.open, i.booked_on, h.line is not null
    from theirs t join lines l on l.id = t.line join controls_openitem i on i.id = t.item
    left join (select distinct line, item from play_hit) h on h.line = l.id and h.item = i.id
    where i.credit = l.credit and i.open <= l.open
      and i.booked_on between l.booking_on - %(after)s and l.booking_on + %(before)s
    order by l.id, i.id
"""


@cache
def _halves(size: int) -> tuple[Any, Any]:
    """Of every subset of so many: which members (a row of ones and zeros), and how many."""
    numbers = np.arange(1 << size)
    members = (numbers[:, None] >> np.arange(size)) & 1
    return members, members.sum(axis=1)


def solutions(amounts: Sequence[int], target: int, members: int, *, most: int = 2) -> list[tuple[int, ...]]:
    """Subsets of up to ``members`` whose sum is ``target``, as places; at most ``most``. Meets in the middle."""
    middle = len(amounts) // 2
    left, right = np.array(amounts[:middle], dtype=np.int64), np.array(amounts[middle:], dtype=np.int64)
    (one, one_count), (other, other_count) = _halves(len(left)), _halves(len(right))
    one_sums, other_sums = one @ left, other @ right
    order = np.argsort(other_sums, kind="stable")
    begin = np.searchsorted(other_sums[order], target - one_sums, side="left")
    end = np.searchsorted(other_sums[order], target - one_sums, side="right")
    found: list[tuple[int, ...]] = []
    for place in np.nonzero(end > begin)[0]:
        for match in order[begin[place] : end[place]]:
            if 1 <= one_count[place] + other_count[match] <= members:
                found.append(
                    tuple(int(at) for at in np.nonzero(one[place])[0])
                    + tuple(int(at) + middle for at in np.nonzero(other[match])[0])
                )
                if len(found) >= most:
                    return found
    return found


def by_chance(count: int, members: int, target: int, step: int) -> float:
    """How many subsets one would expect to meet a target by chance, sums being spread over so many steps."""
    return sum(comb(count, size) for size in range(1, members + 1)) / max(target // step, 1)


def find(accounts: Sequence[int], rule: Pass) -> None:
    """Fill the tables of what is kept. A posting that two lines would take is left to people."""
    params = rule.params
    rows = sql.rows(_CANDIDATES, {"accounts": list(accounts), "before": params["before"], "after": params["after"]})
    chosen: dict[int, tuple[int, Decimal, list[tuple[int, Decimal]]]] = {}
    claims: dict[int, int] = defaultdict(int)
    for line, group in groupby(rows, key=lambda row: row[0]):
        members = _members(list(group), params)
        if members:
            chosen[line] = members
            for item, _amount in members[2]:
                claims[item] += 1
    kept = {line: one for line, one in chosen.items() if all(claims[item] == 1 for item, _amount in one[2])}
    if kept:
        _keep(kept, rule)


def _members(rows: list[tuple[Any, ...]], params: Any) -> tuple[int, Decimal, list[tuple[int, Decimal]]] | None:
    _line, account, target, *_rest = rows[0]
    if not 2 <= len(rows) <= int(params["items"]):
        return None
    amounts = [int(row[5] * SCALE) for row in rows]
    total = int(target * SCALE)
    if sum(amounts) < total:
        return None
    found = solutions(amounts, total, int(params["members"]))
    if len(found) != 1 or len(found[0]) < 2:
        return None
    members = [rows[place] for place in found[0]]
    named = [row[4] for row in rows if row[7]]
    taken = {row[4] for row in members}
    if named:
        supported = set(named) <= taken
    else:
        days: list[date] = [row[6] for row in members]
        supported = (
            (max(days) - min(days)).days <= TOGETHER
            and target % int(params["round"]) != 0
            and by_chance(len(rows), int(params["members"]), total, int(SCALE / 100)) <= CHANCE
        )
    return (account, target, [(row[4], row[5]) for row in members]) if supported else None


def _keep(kept: dict[int, tuple[int, Decimal, list[tuple[int, Decimal]]]], rule: Pass) -> None:
    keys = sql.rows("select nextval('controls_match_id_seq') from generate_series(1, %s)", [len(kept)])
    heads, lines, items = [], [], []
    for (key,), (line, (account, target, members)) in zip(keys, kept.items(), strict=True):
        reasons = (
            f'[{{"code": "match.subset", "params": {{"count": {len(members)}}}}}, {{"code": "match.sum"}}, '
            '{"code": "match.only"}]'
        )
        heads.append((key, account, "sums", rule.rule_id, 91, reasons, 0, ""))
        lines.append((key, line, target))
        items += [(key, item, amount) for item, amount in members]
    names = ("match_id", "account", "code", "rule", "confidence", "reasons", "difference", "difference_code")
    sql.copy("kept_matches", names, heads)
    sql.copy("kept_lines", ("match_id", "line", "amount"), lines)
    sql.copy("kept_items", ("match_id", "item", "amount"), items)
