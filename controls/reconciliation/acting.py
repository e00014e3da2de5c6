"""What people do: match by hand, undo, and see what is open. Locks: the rows of the accounts, then what matching locks.

Open lines are named by the line's number, open items as of OpenItem: the posting's number, or a waiting payment's below
zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.models import Alias, Match, OpenItem, OpenLine
from controls.reconciliation import effects, rules, running, suggesting
from documents import trail
from transactions.models import Account

VIEW, RIGHT, SUBJECT = "reconciliation.view", "reconciliation.match", "match"
MANUAL, LONGEST = "manual", 500
DIFFERENCES = frozenset({"fee", "exchange"})


def open_lines(*, actor: User, account: Account) -> QuerySet[OpenLine]:
    """What is open of an account's statements, the oldest first. Pages go on from (booking_on, line)."""
    _see(actor, account)
    return (
        OpenLine.objects.filter(account=account).select_related("line", "statement").order_by("booking_on", "line_id")
    )


def open_items(*, actor: User, account: Account) -> QuerySet[OpenItem]:
    """What is open of the books on an account, the oldest first."""
    _see(actor, account)
    return OpenItem.objects.filter(account=account).select_related("payment", "entry").order_by("booked_on", "id")


def suggest(*, actor: User, line_ids: Sequence[int]) -> dict[int, list[suggesting.Suggestion]]:
    """The likeliest for each of these open lines that the person may see."""
    seen = access.entity_ids(actor, VIEW)
    mine = OpenLine.objects.filter(pk__in=list(line_ids), entity__in=seen).values_list("pk", flat=True)
    return suggesting.suggest(list(mine))


def _see(actor: User, account: Account) -> None:
    if not access.can(actor, VIEW, account.entity_id):
        raise NotThere("not_there")


def _person(actor: User, entity_id: int) -> None:
    if not access.can(actor, VIEW, entity_id):
        raise NotThere("not_there")
    access.demand(actor, RIGHT, entity_id)
    if actor.is_machine:
        raise BusinessError("match.by_machine")


@dataclass
class _Sides:
    account: Account
    lines: list[OpenLine]
    items: list[OpenItem]

    @property
    def difference(self) -> Decimal:
        """What the lines move less what the items move, as the bank shows it."""
        return _moved(self.lines) - _moved(self.items)


def _moved(rows: Sequence[OpenLine] | Sequence[OpenItem]) -> Decimal:
    return sum((row.open if row.credit else -row.open for row in rows), Decimal(0))


def match(
    *, lines: Sequence[int], postings: Sequence[int], actor: User, reason: str = "", difference_code: str = "",
    partial: bool = False,
) -> Match:  # fmt: skip
    """Match open lines with open items by hand. The two sides are equal; or a difference within the tolerance of the
    pass of fees is a fee or by an exchange rate, and is booked; or (``partial``) what both have in common is matched
    and the rest of the last of the larger side stays open.

    What was sent is settled. From one line and one counterparty it is learnt how the bank writes it.
    """
    with transaction.atomic():
        sides = _sides(lines, postings, actor)
        taken = {("line", row.pk): row.open for row in sides.lines} | {
            ("item", row.pk): row.open for row in sides.items
        }
        difference = sides.difference
        if partial and difference:
            _cut(sides, taken)
            difference = Decimal(0)
        elif difference:
            _tolerated(sides.account, difference, difference_code)
        made = _keep(
            sides, taken, difference=difference, code=difference_code if difference else "", actor=actor,
            words=reason.strip()[:LONGEST],
        )  # fmt: skip
        _learn(sides, made, actor)
        effects.follow([sides.account.pk], actor)
        sql.rows("select draw_items(%s)", [[sides.account.pk]])
        running.clear("made_matches")
        trail.record(
            "match.made", subject_type=SUBJECT, subject_id=made.pk, entity_id=made.entity_id, actor=actor,
            reason=made.reason, data={
                "account": sides.account.code, "lines": [row.pk for row in sides.lines],
                "items": [row.pk for row in sides.items], "difference": str(difference), "partial": partial,
            },
        )  # fmt: skip
        made.refresh_from_db()
    return made


def _sides(lines: Sequence[int], postings: Sequence[int], actor: User) -> _Sides:
    """What is asked for, under the lock of its account; all of it open and of one account."""
    line_ids, item_ids = sorted(set(lines)), sorted(set(postings))
    if len(line_ids) + len(item_ids) < 2:
        raise BusinessError("match.nothing")
    accounts = {
        *OpenLine.objects.filter(pk__in=line_ids).values_list("account_id", flat=True),
        *OpenItem.objects.filter(pk__in=item_ids).values_list("account_id", flat=True),
    }
    if not accounts:
        raise Conflict("match.not_open")
    seen = list(Account.objects.filter(pk__in=accounts))
    for account in seen:
        _person(actor, account.entity_id)
    if len(seen) != 1:
        raise BusinessError("match.other_account")
    running.lock(seen[0].entity_id, [seen[0].pk])
    running.tables()
    found = _Sides(
        seen[0],
        list(OpenLine.objects.filter(pk__in=line_ids, account=seen[0]).select_related("line").order_by("pk")),
        list(OpenItem.objects.filter(pk__in=item_ids, account=seen[0]).order_by("pk")),
    )
    if (len(found.lines), len(found.items)) != (len(line_ids), len(item_ids)):
        raise Conflict("match.not_open")
    return found


def _tolerated(account: Account, difference: Decimal, code: str) -> None:
    shown = money.plain(difference, account.currency)
    if not code:
        raise BusinessError("match.differs", difference=shown)
    if code not in DIFFERENCES:
        raise BusinessError("match.difference_unknown")
    fees = rules.of(account.entity_id).get("fees")
    most = Decimal(str(fees.params["fee"])) if fees else Decimal(0)
    if abs(difference) > most:
        raise BusinessError("match.difference_too_large", difference=shown, most=money.plain(most, account.currency))


def _cut(sides: _Sides, taken: dict[tuple[str, int], Decimal]) -> None:
    """Leave of the larger side what the smaller one does not have, from its last on."""
    moved, booked = _moved(sides.lines), _moved(sides.items)
    if not sides.lines or not sides.items or moved * booked <= 0:
        raise BusinessError("match.nothing_in_common")
    kind = "line" if abs(moved) > abs(booked) else "item"
    larger: list[Any] = [*sides.lines] if kind == "line" else [*sides.items]
    excess = abs(abs(moved) - abs(booked))
    for row in reversed(larger):
        if row.credit != (moved > 0):
            continue
        cut = min(excess, taken[kind, row.pk])
        taken[kind, row.pk] -= cut
        excess -= cut
    if excess:
        raise BusinessError("match.nothing_in_common")


def _keep(
    sides: _Sides, taken: dict[tuple[str, int], Decimal], *, difference: Decimal, code: str, actor: User, words: str
) -> Match:
    key = sql.rows("select nextval('controls_match_id_seq')")[0][0]
    sql.run(
        "insert into kept_matches (match_id, account, code, confidence, reasons, difference, difference_code) "
        """values (%s, %s, %s, 100, '[{"code": "match.by_hand"}]', %s, %s)""",
        [key, sides.account.pk, MANUAL, difference, code],
    )
    for table, kind in (
        ("kept_lines (match_id, line, amount)", "line"),
        ("kept_items (match_id, item, amount)", "item"),
    ):
        rows = [(row, amount) for (of, row), amount in taken.items() if of == kind and amount]
        sql.run(
            f"insert into {table} select %s, key, amount from unnest(%s::bigint[], %s::numeric[]) as k(key, amount)",  # noqa: S608
            [key, [row for row, _amount in rows], [amount for _row, amount in rows]],
        )
    try:
        with transaction.atomic():
            sql.rows("select keep_groups(%s, %s)", [actor.pk, words])
    except IntegrityError as error:
        if "match_once" in str(error):
            raise Conflict("match.not_open") from None
        raise
    sql.run("insert into made_matches values (%s)", [key])
    running.clear("kept_matches", "kept_lines", "kept_items")
    return Match.objects.get(pk=key)


def _learn(sides: _Sides, made: Match, actor: User) -> None:
    """How the bank writes a counterparty, when it wrote another name than the books."""
    meant = {row.name for row in sides.items}
    written = {row.line.counterparty_name for row in sides.lines}
    if len(meant) != 1 or len(written) != 1 or "" in meant | written:
        return
    says, is_ = sql.rows("select left(match_name(%s), 140), left(match_name(%s), 140)", [written.pop(), meant.pop()])[0]
    if not says or not is_ or says == is_:
        return
    sql.run(
        "insert into controls_alias (entity_id, written, meant, confirmed_count, learnt_from_id, learnt_by_id, "
        "learnt_at) values (%s, %s, %s, 1, %s, %s, %s) on conflict (entity_id, written, meant) where ended_at is null "
        "do update set confirmed_count = controls_alias.confirmed_count + 1",
        [made.entity_id, says, is_, made.pk, actor.pk, timezone.now()],
    )


def undo(*, match_ids: Sequence[int], actor: User, reason: str) -> int:
    """Undo matches, with a reason: lines and postings are open again, what was booked for a difference is reversed, and
    what was learnt from them is forgotten. Payments that they settled stay settled: the books say so by themselves.
    """
    words = reason.strip()[:LONGEST]
    if not words:
        raise BusinessError("match.reason_required")
    with transaction.atomic():
        found = list(Match.objects.filter(pk__in=list(match_ids)).order_by("pk"))
        if len(found) < len(set(match_ids)):
            raise NotThere("not_there")
        for entity_id in sorted({one.entity_id for one in found}):
            _person(actor, entity_id)
            running.lock(entity_id, sorted({one.account_id for one in found if one.entity_id == entity_id}))
        if Match.objects.filter(pk__in=list(match_ids), undone_at__isnull=False).exists():
            raise Conflict("match.undone_before")
        ids = [one.pk for one in found]
        undone = int(sql.rows("select undo_matches(%s, %s, %s)", [ids, actor.pk, words])[0][0])
        accounts = sorted({one.account_id for one in found})
        sql.rows("select unbook_differences(%s)", [ids])
        sql.rows("select draw_items(%s)", [accounts])
        _stand_still(ids)
        Alias.objects.filter(learnt_from__in=ids, ended_at=None).update(ended_at=timezone.now())
        trail.record_many(
            "match.undone", subject_type=SUBJECT, actor=actor, reason=words,
            subjects=[(one.pk, one.entity_id, {"code": one.code}) for one in found],
        )  # fmt: skip
    return undone


def _stand_still(ids: Sequence[int]) -> None:
    """What a person took apart is not new: the next run does not put it together again by itself."""
    params: list[Any] = [list(ids)]
    sql.run(
        "update controls_openline o set is_new = false from controls_matchline m "
        "where m.line_id = o.line_id and m.match_id = any(%s)",
        params,
    )
    sql.run(
        "update controls_openitem o set is_new = false from controls_matchposting m where m.match_id = any(%s) "
        "and (m.item = o.id or (m.entry_id, m.posting_line) = (o.entry_id, o.posting_line))",
        params,
    )
