"""A run of an entity's accounts: what is new is drawn in, then each pass in turn matches what it alone can explain.

Locks: the rows of the accounts in controls_reconciled by ascending key, then what the functions of the database lock.
Runs of one account take turns, so none sees half of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from controls.models import MatchingRule, MatchRun
from controls.reconciliation import effects, names, rules, sums
from controls.reconciliation.rules import Pass
from transactions.models import Account

# From so many new ones on, in a table where most is new, all is compared at once.
MANY, WHOLE_SHARE = 20_000, 0.2
# So many open lines stand beside whatever is new in the books; of more, only those of the same amounts.
OLD_LINES = 20_000
# What matches post is drawn in and matched in turn: returns after what they return, charges with what they are for.
TURNS = 3
# In play are lines that are new, and those of amounts that something new has.
_ALL_OPEN = "o.account_id = any(%(accounts)s)"
_TOUCHED = """
    o.account_id = any(%(accounts)s) and (o.is_new or o.amount_key in (
        select n.amount_key from controls_openline n where n.account_id = any(%(accounts)s) and n.is_new
        union select n.amount_key from controls_openitem n where n.account_id = any(%(accounts)s) and n.is_new))
"""
# A first part, one to one by equal keys; then what is in play, in the order of its certainty.
_PAIRS, _GROUPS = "pairs", "groups"
ORDER = (
    ("details", _GROUPS), ("batch", _GROUPS), ("document", _PAIRS), ("several", _GROUPS), ("instalments", _GROUPS),
    ("fees", _GROUPS), ("number", _PAIRS), ("name", _PAIRS), ("amount", _PAIRS), ("sums", _GROUPS),
    ("contra", _GROUPS),
)  # fmt: skip


@dataclass
class Run:
    """What a run found. ``matched``: so many lines by pass."""

    entity_id: int
    accounts: list[int]
    started_at: datetime
    drawn_lines: int = 0
    drawn_items: int = 0
    matched: dict[str, int] = field(default_factory=dict)
    shadow: dict[str, Any] = field(default_factory=dict)
    # Whether most is new, so that plans for few rows would be wrong.
    whole: bool = False
    # Whether people undid matches of these accounts; None: not looked yet.
    undone: bool | None = None


def run(account_ids: Sequence[int]) -> list[Run]:
    """Match what is new on these accounts; one transaction an entity. Safe twice: what is matched is not open."""
    found = Account.objects.filter(pk__in=list(account_ids), kind=Account.Kind.BANK).order_by("entity_id", "pk")
    by_entity: dict[int, list[int]] = {}
    for account in found:
        by_entity.setdefault(account.entity_id, []).append(account.pk)
    return [_run(entity_id, accounts) for entity_id, accounts in by_entity.items()]


_DUE = """
    select r.account_id from controls_reconciled r
    where exists (select 1 from transactions_posting p where p.account_id = r.account_id
                  and (p.created_at, p.id) > (coalesce(r.posted_at, '-infinity'), r.posting_id))
       or exists (select 1 from transactions_outgoingfile f join transactions_account a on a.id = f.account_id
                  where f.status = 'sent' and r.account_id in (a.id, a.counterpart_id)
                    and f.kind not in ('camt056', 'camt029', 'pacs004')
                    and not exists (select 1 from controls_drawnfile d where d.file_id = f.id))
    order by 1
"""


def due() -> list[int]:
    """Accounts whose statements are matched here, and on which something was posted or sent since. One query."""
    return [row[0] for row in sql.rows(_DUE)]


def lock(entity_id: int, accounts: Sequence[int]) -> None:
    """The turn of these accounts. Inside ``atomic()``."""
    sql.run(
        "insert into controls_reconciled (account_id, entity_id, posting_id) "
        "select key, %s, 0 from unnest(%s::bigint[]) as k(key) order by key on conflict do nothing",
        [entity_id, list(accounts)],
    )
    sql.run(
        "select 1 from controls_reconciled where account_id = any(%s) order by account_id for no key update",
        [list(accounts)],
    )


def _run(entity_id: int, accounts: list[int]) -> Run:
    made = Run(entity_id, accounts, timezone.now())
    with transaction.atomic():
        lock(entity_id, accounts)
        match(made)
        _record(made)
    return made


def match(made: Run) -> None:
    """Draw in and match, do what follows, and look again at what that posted. Under the lock of the accounts."""
    passes = rules.of(made.entity_id)
    tables()
    for _turn in range(TURNS):
        made.drawn_lines += sql.rows("select draw_lines(%s)", [made.accounts])[0][0]
        made.drawn_items += sql.rows("select draw_items(%s)", [made.accounts])[0][0]
        found = _passes(made, passes)
        moved = effects.follow(made.accounts)
        for table in ("controls_openline", "controls_openitem") if found else ():
            sql.run(
                f"update {table} set is_new = false where account_id = any(%s) and is_new",  # noqa: S608 - constants
                [made.accounts],
            )
        if not moved:
            break
        clear("made_matches")


def _passes(made: Run, passes: dict[str, Pass]) -> bool:
    """Let the passes look at what is new; whether anything was."""
    new_lines, new_items = sql.rows(_NEW, [made.accounts] * 2)[0]
    if not (new_lines or new_items):
        return False
    new = new_lines + new_items
    made.whole = new > MANY and new > WHOLE_SHARE * sql.rows(_OPEN, [made.accounts] * 2)[0][0]
    if made.whole:
        sql.run("set local work_mem = '256MB'")
    _reference(made, passes)
    few = new_items and sql.rows(_OLD, [made.accounts, OLD_LINES + 1])[0][0] <= OLD_LINES
    clear("play_line", "play_item", "play_hit", "play_pair")
    _play(made, passes, all_lines=bool(made.whole or few))
    _shadow(made)
    return True


_NEW = """
    select (select count(*) from controls_openline where account_id = any(%s) and is_new),
           (select count(*) from controls_openitem where account_id = any(%s) and is_new)
"""
_OPEN = """
    select (select count(*) from controls_openline where account_id = any(%s))
           + (select count(*) from controls_openitem where account_id = any(%s))
"""
_OLD = "select count(*) from (select 1 from controls_openline where account_id = any(%s) limit %s) x"
_MADE = "create temporary table if not exists made_matches (match_id bigint) on commit delete rows"


def tables() -> None:
    """The tables of a run, empty."""
    sql.keep("matching", sql.text("controls", "match_tables"))
    sql.run(_MADE)
    clear("kept_pairs", "kept_matches", "kept_lines", "kept_items", "play_line", "play_item", "play_hit", "play_pair")


def clear(*names_of_tables: str) -> None:
    sql.run("truncate " + ", ".join(f"pg_temp.{name}" for name in names_of_tables))


def look_at(which: str, params: dict[str, Any]) -> None:
    """Put open lines, and the references that they name, in the tables of the passes. ``which``: a condition of code on
    ``controls_openline o``."""
    sql.run(sql.text("controls", "match_play_lines").replace("/* which */ true", which), params)


def _reference(made: Run, passes: dict[str, Pass]) -> None:
    born = passes.get("made_of_line")
    if born is not None:
        sql.run(sql.text("controls", "match_made_of_line"), {"accounts": made.accounts, "rule": born.rule_id})
        keep_pairs(made, "made_of_line")
        clear("kept_pairs")
    rule = passes.get("reference")
    if rule is not None:
        params = {"accounts": made.accounts, "rule": rule.rule_id}
        sql.run(sql.text("controls", "match_reference_whole" if made.whole else "match_reference"), params)
        keep_pairs(made, "reference")
        clear("kept_pairs")


def _play(made: Run, passes: dict[str, Pass], *, all_lines: bool) -> None:
    """What is left, pass by pass; each sees what the ones before it left."""
    look_at(_ALL_OPEN if all_lines else _TOUCHED, {"accounts": made.accounts})
    sql.run(sql.text("controls", "match_play"), {"accounts": made.accounts})
    paired = False
    for code, kind in ORDER:
        rule = passes.get(code)
        if rule is None:
            continue
        if code in {"number", "name", "amount"} and not paired:
            _pairs(made, passes.values())
            paired = True
        _find(made, rule)
        kept = keep_pairs(made, code) if kind == _PAIRS else keep_groups(made, code)
        if kept:
            _leave()


def _pairs(made: Run, passes: Any) -> None:
    wide = [rule.params for rule in passes if rule.code in {"number", "name", "amount"}]
    widest = {name: max((int(params[name]) for params in wide), default=0) for name in ("before", "after")}
    sql.run(sql.text("controls", "match_pairs"), {**widest, "entity": made.entity_id})


def _find(made: Run, rule: Pass) -> None:
    """Let a pass fill the tables of what is kept."""
    params = {**rule.params, "rule": rule.rule_id, "accounts": made.accounts}
    if rule.code in {"number", "name"}:
        confidence = 96 if rule.code == "number" else 94
        sql.run(sql.text("controls", "match_counterparty"), {**params, "code": rule.code, "confidence": confidence})
    elif rule.code == "amount":
        _alone(rule)
    elif rule.code == "sums":
        sums.find(made.accounts, rule)
    else:
        sql.run(sql.text("controls", f"match_{rule.code}"), params)


def _alone(rule: Pass) -> None:
    """Amounts that are alone on both sides, supported by the name."""
    found = [
        (line, item, days)
        for line, item, days, name, said, meant in sql.rows(sql.text("controls", "match_alone"), dict(rule.params))
        if names.supports(name, said, meant)
    ]
    if not found:
        return
    sql.run(
        "insert into kept_pairs (match_id, line, item, code, rule, confidence, reasons) "
        "select nextval('controls_match_id_seq'), line, item, 'amount', %s, 92, "
        "jsonb_build_array(jsonb_build_object('code', 'match.alone'), jsonb_build_object('code', 'match.alike'), "
        "jsonb_build_object('code', 'match.days', 'params', jsonb_build_object('days', days))) "
        "from unnest(%s::bigint[], %s::bigint[], %s::int[]) as k(line, item, days)",
        [rule.rule_id, [row[0] for row in found], [row[1] for row in found], [row[2] for row in found]],
    )


_UNDONE = "select 1 from controls_match where account_id = any(%s) and undone_by_id is not null limit 1"


def _apart(made: Run) -> None:
    if made.undone is None:
        made.undone = bool(sql.rows(_UNDONE, [made.accounts]))
    if made.undone:
        sql.run(sql.text("controls", "match_apart"), {"accounts": made.accounts})


def keep_pairs(made: Run, code: str, who: int | None = None) -> int:
    _apart(made)
    if made.whole:
        sql.run("analyze pg_temp.kept_pairs")
    kept = int(sql.rows("select keep_pairs(%s)", [who])[0][0])
    if kept:
        sql.run("insert into made_matches select match_id from kept_pairs")
        made.matched[code] = made.matched.get(code, 0) + kept
    return kept


def keep_groups(made: Run, code: str, who: int | None = None, words: str = "") -> int:
    """What the tables hold together becomes matches; so many lines."""
    _apart(made)
    if not sql.rows("select 1 from kept_matches limit 1"):
        return 0
    sql.rows("select keep_groups(%s, %s)", [who, words])
    sql.run("insert into made_matches select match_id from kept_matches")
    kept = int(sql.rows("select count(*) from kept_lines")[0][0])
    made.matched[code] = made.matched.get(code, 0) + kept
    return kept


def _leave() -> None:
    """Take out of play what was kept just now."""
    sql.run(sql.text("controls", "match_leave"))
    clear("kept_pairs", "kept_matches", "kept_lines", "kept_items")


def _shadow(made: Run) -> None:
    """What versions in the shadow would match of the rest, each by itself; nothing of it is kept."""
    for code, rule in rules.of(made.entity_id, MatchingRule.Mode.SHADOW).items():
        if code in {"reference", "made_of_line"}:
            continue
        clear("kept_pairs", "kept_matches", "kept_lines", "kept_items", "play_pair")
        _pairs(made, [rule])
        _find(made, rule)
        lines = [row[0] for row in sql.rows("select line from kept_pairs union select line from kept_lines order by 1")]
        made.shadow[code] = {"version": rule.version, "lines": len(lines), "first": lines[:100]}
    if made.shadow:
        clear("kept_pairs", "kept_matches", "kept_lines", "kept_items", "play_pair")


def _record(made: Run) -> None:
    """One row an account; what the run found is said with the first, for it looked at all of them at once."""
    ended = timezone.now()
    for number, account in enumerate(made.accounts):
        if number and not made.matched:
            break
        MatchRun.objects.create(
            entity_id=made.entity_id, account_id=account, started_at=made.started_at, ended_at=ended,
            **({} if number else {
                "drawn_lines": made.drawn_lines, "drawn_items": made.drawn_items, "matched": made.matched,
                "shadow": made.shadow,
            }),
        )  # fmt: skip
    sql.run("update controls_reconciled set matched_at = now() where account_id = any(%s)", [made.accounts])
