"""What names of payments are alike to: asked once of each distinct name and list set, kept in the database.

``fill()`` is the part of the facts that screening fills (controls/facts.py): distinct names and texts are made
comparable, looked up by sets, and only those never seen under this list set go through the index.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice.common import sql
from controls import tables
from controls.models import WatchListEntry
from controls.screening import listsets, normal
from controls.screening.index import Found
from controls.screening.listsets import Current, Loaded, Meant

NAME, TEXT = "name", "text"
LONGEST_KEY = 300
# What the payments of a run say, each once.
_DISTINCT = """
    select 'name', raw from (
        select creditor_name as raw from fact_subject union select debtor_name from fact_subject
        union select p.ultimate_creditor from fact_subject s join transactions_payment p on p.id = s.payment_id
        union select p.ultimate_debtor from fact_subject s join transactions_payment p on p.id = s.payment_id
    ) names where raw <> ''
    union all
    select 'text', raw from (
        select distinct p.remittance as raw from fact_subject s join transactions_payment p on p.id = s.payment_id
    ) texts where raw <> ''
"""
_KNOWN = """
    select k.form, k.key, n.hits
    from unnest(%(forms)s::text[], %(keys)s::text[]) k(form, key)
    join controls_screenedname n on n.list_set_id = %(set)s and n.form = k.form and n.key = k.key
"""
_KEEP = """
    insert into controls_screenedname (list_set_id, form, key, hits)
    select %(set)s, k.form, k.key, k.hits::jsonb
    from unnest(%(forms)s::text[], %(keys)s::text[], %(hits)s::text[]) k(form, key, hits)
    order by k.form, k.key on conflict do nothing
"""
_COLUMNS = (
    "form", "raw", "key", "list_id", "list_entity", "list_kind", "list_name", "list_number", "entry_id", "entry_code",
    "digest", "name", "score", "match",
)  # fmt: skip

Asked = tuple[str, str]


def key(form: str, raw: str) -> str:
    """What equal names, or texts, have in common; "" for what nothing can be alike to. What is long is known by its
    SHA-256: an index holds no key of more than 2,700 bytes, and an exemption none of more than ``LONGEST_KEY``."""
    words = normal.name(raw) if form == NAME else normal.text(raw)
    if form == TEXT and len(words.words) < 2:
        return ""
    said = words.key
    return said if len(said) <= LONGEST_KEY else hashlib.sha256(said.encode()).hexdigest()


def fill() -> int | None:
    """Fill ``fact_screened`` for the payments in ``fact_subject``, and the facts. Returns the list set that ran, None
    without lists. One query without lists, five with."""
    current = listsets.current()
    if current is None:
        return None
    raws = [(form, raw) for form, raw in sql.rows(_DISTINCT)]
    keys = {asked: key(*asked) for asked in raws}
    hits = screen(current, {(form, keys[form, raw]): raw for form, raw in raws if keys[form, raw]})
    found = [(asked, keys[asked]) for asked in raws if hits.get((asked[0], keys[asked]))]
    if found:
        meant = current.loaded().meant
        sql.copy("fact_screened", _COLUMNS, _rows(found, hits, meant))
        sql.run("analyze fact_screened")
        tables.fill("fact_screening")
    return current.list_set_id


def _rows(
    found: Iterable[tuple[Asked, str]], hits: dict[Asked, list[dict[str, Any]]], meant: dict[int, Meant]
) -> Iterable[tuple[Any, ...]]:
    for (form, raw), said in found:
        for hit in hits[form, said]:
            of = meant.get(hit["entry"])
            if of is None:
                continue
            member = of.member
            yield (
                form, raw, said, member.list_id, member.entity_id, member.kind, member.name, member.number,
                hit["entry"], of.code, of.digest, hit["name"], hit["score"],
                json.dumps({**hit["match"], "name": hit["name"], "quality": hit["quality"]}, ensure_ascii=False),
            )  # fmt: skip


def screen(current: Current, asked: Mapping[Asked, str]) -> dict[Asked, list[dict[str, Any]]]:
    """The hits of names and texts by form and key, from what is kept; what is new is found and kept. Two queries.

    ``asked`` has for each form and key what was written: a key is made of it, never the other way round.
    """
    wanted = sorted(asked)
    forms, keys = [form for form, _key in wanted], [said for _form, said in wanted]
    known = {
        (form, said): _read(hits)
        for form, said, hits in sql.rows(_KNOWN, {"set": current.list_set_id, "forms": forms, "keys": keys})
    }
    fresh = [one for one in wanted if one not in known]
    if fresh:
        loaded = current.loaded()
        made = {one: told(of(loaded, one[0], asked[one])) for one in fresh}
        _keep(current.list_set_id, made)
        known |= made
    return known


def _read(hits: Any) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(hits) if isinstance(hits, str) else hits
    return read


def of(loaded: Loaded, form: str, raw: str) -> list[Found]:
    return loaded.index.find(raw) if form == NAME else loaded.index.inside(raw)


def told(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Hits as they are stored: codes and values, no sentences."""
    return [
        {"entry": one.listed.entry, "name": one.listed.text, "quality": one.listed.quality, "score": one.match.score,
         "match": match(one)}
        for one in found
    ]  # fmt: skip


def match(found: Found) -> dict[str, Any]:
    """What agrees with what (see controls/screening/words.py)."""
    said = asdict(found.match)
    del said["score"]
    return {**said, "pairs": [list(pair.values()) for pair in said["pairs"]]}


def _keep(list_set_id: int, made: dict[Asked, list[dict[str, Any]]]) -> None:
    rows = list(made.items())
    sql.run(
        _KEEP,
        {
            "set": list_set_id, "forms": [form for (form, _key), _hits in rows],
            "keys": [said for (_form, said), _hits in rows],
            "hits": [json.dumps(hits, ensure_ascii=False) for _asked, hits in rows],
        },
    )  # fmt: skip


def one(name: str) -> tuple[Current | None, list[tuple[Found, Meant]]]:
    """A single name against the lists in force, with what each hit is. Nothing is kept. Two queries."""
    current = listsets.current()
    if current is None:
        return None, []
    loaded = current.loaded()
    return current, [(found, loaded.meant[int(str(found.listed.entry))]) for found in loaded.index.find(name)]


def births_of(found: Iterable[tuple[Found, Meant]]) -> dict[int, list[str]]:
    """The dates of birth of the entries that a name is alike to. One query, none without hits."""
    entries = sorted({int(str(one.listed.entry)) for one, _meant in found})
    if not entries:
        return {}
    rows = WatchListEntry.objects.filter(pk__in=entries).values_list("pk", "content__births")
    return {key: list(said or ()) for key, said in rows}


def forget() -> int:
    """Let go of what was found under list sets that are no longer in force, older than a day. Returns how many."""
    current = listsets.current()
    keep = [current.list_set_id] if current else []
    return sql.run(
        "delete from controls_screenedname n using controls_listset s "
        "where s.id = n.list_set_id and s.created_at < %s and not s.id = any(%s)",
        [timezone.now() - timedelta(days=1), keep],
    )
