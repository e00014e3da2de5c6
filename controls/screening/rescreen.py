"""Screening again what is known: names of payees and parties, and payments that have not left.

``version()`` asks of what came since the list was last screened alone: what later versions added or changed, or all of
it when the list was set otherwise; ``everything()`` of all lists, once a day (AML-09). Both are safe twice: a hit is
written once, a payment is held once. A hit that an exemption let pass is open again once that has ended. A payment that
was being judged meanwhile may have been judged by the list before: so a version is done only by a run that begins
``SETTLED`` after it took force and the list was set, and the clock finds those that are not (``due``).

Every run reads names in pages of 10,000, so memory stays flat; each page is a transaction of its own.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from controls.models import WatchList, WatchListVersion
from controls.screening import hits, listsets, verdicts
from controls.screening.listsets import Loaded, Member
from controls.screening.verdicts import NAME, TEXT
from transactions import workflow

PAGE = 10_000
SETTLED = timedelta(minutes=2)
PEP = "pep"

# Field, form and text of what each subject says. Pages by key.
_KNOWN = {
    "payee": "select id, entity_id, 'payee', 'name', name from transactions_payee where id > %s order by id limit %s",
    "party": "select id, entity_id, 'party', 'name', name from transactions_party where id > %s order by id limit %s",
}
_OPEN = """
    with page as (
        select payment_id from transactions_paymentstate
        where status in ('checked', 'validated', 'approved', 'posted') and payment_id > %s order by payment_id limit %s)
    select p.id, p.entity_id, x.field, x.form, x.raw
    from page join transactions_payment p on p.id = page.payment_id
    cross join lateral (values
        ('creditor_name', 'name', p.creditor_name), ('debtor_name', 'name', p.debtor_name),
        ('ultimate_creditor', 'name', p.ultimate_creditor), ('ultimate_debtor', 'name', p.ultimate_debtor),
        ('remittance', 'text', p.remittance)) x(field, form, raw)
    where x.raw <> ''
    union all
    -- So that a page whose payments say nothing does not end the run.
    select payment_id, null, '', '', '' from page
"""
_WRITE = """
    with found as (
        select * from jsonb_to_recordset(%(rows)s::jsonb) as r(subject bigint, entity bigint, field text, given text,
            key text, entry bigint, list bigint, code text, digest text, number integer, score integer, match jsonb)
    ), asked as (
        select f.*, x.id as exemption
        from found f
        left join controls_exemption x
            on x.entity_id = f.entity and x.key = f.key and x.watch_list_id = f.list and x.entry_code = f.code
            and x.digest = f.digest and x.ended_at is null and x.valid_to >= current_date
    ), again as (
        update controls_screeninghit h
        set status = 'open', exemption_id = null, decided_at = null, decided_by_id = null, reason = ''
        from asked f
        where h.{subject}_id = f.subject and h.field = f.field and h.key = f.key and h.entry_id = f.entry
          and h.status = 'exempt' and f.exemption is null
        returning h.id, h.entity_id, h.{subject}_id as subject, 'reopened' as status, h.score
    ), made as (
        insert into controls_screeninghit (entity_id, {subject}_id, field, given, key, entry_id, list_number, score,
                                           birth, match, status, exemption_id, found_at, reason)
        select f.entity, f.subject, f.field, f.given, f.key, f.entry, f.number, f.score,
               birth_agrees((known.birth ->> 'born_on')::date, e.content -> 'births'),
               f.match || jsonb_build_object('birth', known.birth),
               case when f.exemption is null then 'open' else 'exempt' end, f.exemption, clock_timestamp(), ''
        from asked f
        join controls_watchlistentry e on e.id = f.entry
        cross join lateral ({birth}) known(birth)
        order by f.subject, f.entry, f.field
        on conflict do nothing
        returning id, entity_id, {subject}_id as subject, status, score
    ), everything as (
        select * from made union all select * from again
    ), told as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
        select entity_id, 'hit', id, case status when 'open' then 'hit.found' when 'exempt' then 'hit.exempted'
                                           else 'hit.reopened' end,
               '{{"{subject}":' || subject || ',"score":' || score || ',"again":true}}'
        from everything order by id
    )
    select distinct subject from everything where status <> 'exempt' order by 1
"""
# What is known of the birth of each subject; of payees nothing is.
_BIRTHS = {
    "payment": "select known_birth(f.subject, f.field)",
    "payee": "select '{}'::jsonb",
    "party": """select jsonb_strip_nulls(jsonb_build_object('born_on', o.born_on, 'town', nullif(o.birth_town, ''),
                                                            'country', nullif(o.birth_country, '')))
                from transactions_party o where o.id = f.subject""",
}


@dataclass
class Tally:
    """What a run asked and found."""

    names: int = 0
    hits: int = 0
    held: int = 0


def version(version_id: int) -> Tally | None:
    """Screen what is known against what came since the version's list was last screened; None when it is no longer in
    force, or done."""
    of = WatchListVersion.objects.filter(pk=version_id, status=WatchListVersion.Status.CURRENT).first()
    if of is None or of.rescreened_at is not None:
        return None
    began = timezone.now()
    member = next((one for one in listsets.members() if one.version_id == version_id), None)
    tally = _run(listsets.since(member, _screened(of))) if member else Tally()
    _done(of, began)
    return tally


def _set_otherwise() -> QuerySet[Any]:
    """The acts by which lists were set otherwise."""
    acts: QuerySet[Any] = WatchList.history.filter(history_type="~")
    return acts


def _set_at(list_id: int) -> datetime:
    last: datetime | None = _set_otherwise().filter(id=list_id).aggregate(last=Max("history_date"))["last"]
    return last or datetime.min.replace(tzinfo=UTC)


def _screened(of: WatchListVersion) -> int:
    """The last version of the list, as it is set now, of which nothing is left to screen; 0: none. A run that never
    came to its end, of a version that was replaced meanwhile, is made up for by that of its successor."""
    done = WatchListVersion.objects.filter(watch_list=of.watch_list_id, rescreened_at__gt=_set_at(of.watch_list_id))
    return done.aggregate(last=Max("number"))["last"] or 0


def _done(of: WatchListVersion, began: datetime) -> None:
    with transaction.atomic():
        WatchList.objects.select_for_update().get(pk=of.watch_list_id)  # who sets it otherwise now is waited for
        latest = max(of.activated_at or began, _set_at(of.watch_list_id))
        if began - latest >= SETTLED:
            WatchListVersion.objects.filter(pk=of.pk).update(rescreened_at=timezone.now())


def everything() -> Tally:
    """Screen what is known against all lists in force."""
    current = listsets.current()
    return _run(current.loaded()) if current else Tally()


def due() -> list[int]:
    """Versions in force that no run has done yet, once they have settled, enqueued again."""
    then = timezone.now() - SETTLED
    rows = WatchListVersion.objects.filter(
        status=WatchListVersion.Status.CURRENT, rescreened_at=None, activated_at__lt=then
    ).exclude(watch_list__in=_set_otherwise().filter(history_date__gte=then).values("id"))
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:100])
    with transaction.atomic():
        for version_id in found:
            enqueue("controls.rescreen", version_id)
    return found


def _run(loaded: Loaded) -> Tally:
    tally = Tally()
    if not len(loaded.index):
        return tally
    known: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for subject, query in (*_KNOWN.items(), ("payment", _OPEN)):
        for rows in _pages(query):
            found = list(_found(rows, loaded, known))
            tally.names += len(rows)
            if found:
                _write(subject, found, tally)
            if len(known) > 20 * PAGE:
                known.clear()
    return tally


def _pages(query: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    last = 0
    while rows := sql.rows(query, [last, PAGE]):
        last = max(row[0] for row in rows)
        yield [row for row in rows if row[4]]


def _found(
    rows: Sequence[tuple[Any, ...]], loaded: Loaded, known: dict[tuple[str, str], list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """The hits of a page. Each distinct name is asked once in a run."""
    for subject, entity, field, form, raw in rows:
        key = verdicts.key(NAME if form == NAME else TEXT, raw)
        if not key:
            continue
        if (form, key) not in known:
            known[form, key] = verdicts.told(verdicts.of(loaded, form, raw))
        for hit in known[form, key]:
            meant = loaded.meant[hit["entry"]]
            if _concerns(meant.member, entity):
                yield {
                    "subject": subject, "entity": entity, "field": field, "given": raw, "key": key,
                    "entry": hit["entry"], "list": meant.member.list_id, "code": meant.code, "digest": meant.digest,
                    "number": meant.member.number, "score": hit["score"],
                    "match": {**hit["match"], "name": hit["name"], "quality": hit["quality"]},
                }  # fmt: skip


def _concerns(member: Member, entity_id: int) -> bool:
    return member.kind != PEP and member.entity_id in {None, entity_id}


def _write(subject: str, found: Sequence[dict[str, Any]], tally: Tally) -> None:
    with transaction.atomic():
        if subject == "payment":
            workflow.lock(sorted({one["subject"] for one in found}))
        query = _WRITE.format(subject=subject, birth=_BIRTHS[subject])
        fresh = [row[0] for row in sql.rows(query, {"rows": json.dumps(found, ensure_ascii=False)})]
        tally.hits += len(fresh)
        if subject == "payment" and fresh:
            tally.held += workflow.hold_by_check(ids=fresh, rule_code=hits.RULE)
