"""Verify the payees of payments that wait to be checked, of one payment again, or one name and number.

Sources in their order: our own accounts, payees whose bank details a person confirmed, the outside service of the
entity. Where a known payee is known by another name and there is a service, the service is asked: it knows the holder.
Nothing is treated as a match that was not answered. Answers of another entity are never used.

Queries: a constant number for any number of payments, and one more for each 256 questions to a service. Safe to be
killed: each part of the answers is kept before the next is asked, and what is not linked to its payments is linked by
the next run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls import facts
from controls.models import PayeeVerification, VerificationService
from controls.verification import calling, unjudged
from controls.verification.calling import Question
from controls.verification.service import Said
from documents import trail
from transactions import workflow
from transactions.intake import account_numbers
from transactions.models import Payment
from transactions.workflow import Answer

KINDS = ("sepa", "instant", "supplier")
# Likeness (facts.name_likeness) from which a name is close; below it is another one. As the check NAME-UNLIKE has it.
CLOSE_FROM = 75
# What was not possible is asked again by the next run, but not by one that repeats an interrupted one.
TRIED_LATELY = timedelta(minutes=10)
CHUNK = 10_000
Pair = tuple[int, str, str]
# The payments that ask each question.
Asking = dict[Pair, list[int]]
# The last answer of any source: its key, source, outcome, the name shown, and when it was asked.
Last = tuple[int, str, str, str, datetime]
Outcome, Source = PayeeVerification.Outcome, PayeeVerification.Source

# Grouped here, not joined later: nothing is known yet of how many rows a file that just came has (controls/assess.py).
# What is asked of the number is asked once a group; that it is an IBAN, by Python (concerns).
_PAIRS = """
    select g.entity_id, g.number, g.name, k.ids
    from (select p.entity_id, p.creditor_number as number, p.creditor_name as name, array_agg(p.id) as ids
          from transactions_payment p where {which} and p.kind = any(%(kinds)s) and p.currency = 'EUR'
          group by 1, 2, 3) g
    cross join lateral (
        select array_agg(i.id order by i.id) as ids from unnest(g.ids) i(id)
        where (select s.status from transactions_paymentstate s where s.payment_id = i.id) = any(%(statuses)s)) k
    where btrim(g.name) <> '' and left(g.number, 2) = any(%(countries)s) {answerable} and k.ids is not null
    order by g.entity_id, g.number, g.name
"""
# Most files pay accounts that nobody here has heard of; without a service there is nothing to ask about these.
_ANSWERABLE = """
    and (exists (select from controls_verificationservice v where v.entity_id = g.entity_id)
         or exists (select from transactions_account a where a.iban = g.number and a.entity_id = g.entity_id)
         or exists (select from transactions_bankdetails d
                    where d.entity_id = g.entity_id and d.account_number = g.number
                      and d.valid_to is null and d.confirmed_at is not null))
"""
_QUESTIONS = """
    with q as (select * from unnest(%(entities)s::bigint[], %(numbers)s::text[], %(names)s::text[])
               with ordinality as q(entity_id, number, name, n))
"""
_OWN = f"""
    {_QUESTIONS}
    select q.n, 'account', coalesce(o.name, case a.kind when 'bank' then e.name else a.name end)
    from q join transactions_account a on a.iban = q.number and a.entity_id = q.entity_id
    join people_entity e on e.id = a.entity_id left join transactions_party o on o.id = a.owner_id
    union all
    select q.n, 'payee', y.name
    from q join transactions_bankdetails d on d.entity_id = q.entity_id and d.account_number = q.number
    join transactions_payee y on y.id = d.payee_id
    where d.valid_to is null and d.confirmed_at is not null
"""  # noqa: S608 - constants of this module
# The last answer about each question, of any source, and the last one of the service.
_LAST = f"""
    {_QUESTIONS}
    select q.n, v.id, v.source, v.outcome, v.suggested_name, v.asked_at, v.answered_at, w.id, w.outcome, w.asked_at
    from q
    left join lateral (
        select * from controls_payeeverification v
        where v.entity_id = q.entity_id and v.account_number = q.number and v.name = q.name order by v.id desc limit 1
    ) v on true
    left join lateral (
        select * from controls_payeeverification w
        where w.entity_id = q.entity_id and w.account_number = q.number and w.name = q.name and w.source = 'service'
        order by w.id desc limit 1
    ) w on true
"""  # noqa: S608 - constants of this module
_KEEP = """
    insert into controls_payeeverification (entity_id, account_number, name, outcome, suggested_name, source,
        service_reference, asked_by_id, asked_at, answered_at, duration_ms, code, params)
    select x.entity_id, x.number, x.name, x.outcome, x.suggested, x.source, x.reference, %(actor)s, x.asked_at,
           x.answered_at, x.duration, x.code, x.params::jsonb
    from unnest(%(entities)s::bigint[], %(numbers)s::text[], %(names)s::text[], %(outcomes)s::text[],
                %(suggested)s::text[], %(sources)s::text[], %(references)s::text[], %(asked)s::timestamptz[],
                %(answered)s::timestamptz[], %(durations)s::integer[], %(codes)s::text[], %(params)s::text[])
        with ordinality as x(entity_id, number, name, outcome, suggested, source, reference, asked_at, answered_at,
                             duration, code, params, n)
    order by x.n returning id, entity_id, account_number, name
"""
# Payments get the answer to their question, once. Of those with ``data`` it is on record.
_LINK = """
    with given as (
        select * from unnest(%(payments)s::bigint[], %(entities)s::bigint[], %(keys)s::bigint[], %(data)s::text[])
            as g(payment_id, entity_id, verification_id, data)),
    linked as (
        insert into controls_paymentverification (payment_id, verification_id, linked_at)
        select g.payment_id, g.verification_id, clock_timestamp() from given g
        where g.verification_id is distinct from (
            select l.verification_id from controls_paymentverification l
            where l.payment_id = g.payment_id order by l.id desc limit 1)
        order by g.payment_id returning payment_id)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select g.entity_id, 'payment', g.payment_id, 'payment.verified', %(actor)s, '', g.data
    from linked l join given g on g.payment_id = l.payment_id
    where g.data <> '' order by g.payment_id
"""
_NOT_POSSIBLE = """
    select p.id from transactions_payment p
    cross join lateral (select l.verification_id from controls_paymentverification l
                        where l.payment_id = p.id order by l.id desc limit 1) last
    join controls_payeeverification v on v.id = last.verification_id and v.outcome = 'NOAP'
    where p.batch_id = %s
      and (select s.status from transactions_paymentstate s where s.payment_id = p.id) = 'checked' order by p.id
"""


@dataclass(frozen=True)
class Known:
    """What our own books say of a question."""

    outcome: str
    source: str
    holder: str

    @property
    def shown(self) -> str:
        return self.holder if self.outcome == Outcome.CLOSE else ""


def verify(ids: Sequence[int]) -> int:
    """Verify the payees of these payments, where they wait to be checked; of how many questions somebody may know."""
    ordered = sorted(set(ids))
    chunks = (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))
    return sum(_of(_pairs("p.id = any(%(ids)s)", {"ids": chunk}, answerable=True)) for chunk in chunks)


def verify_batch(batch_id: int) -> int:
    """The same of a file. Its questions to a service share one budget of time (calling.BUDGET_SECONDS)."""
    return _of(_pairs("p.batch_id = %(batch)s", {"batch": batch_id}, answerable=True))


def ask_again(*, payment_id: int, actor: User) -> PayeeVerification:
    """Ask anew about a payment that waits for its validation, now; another answer has it checked again.

    Right ``payment.validate``. Refused when another person is deciding on it, when it is no transfer that is verified
    (``verification.not_concerned``) and when nobody can be asked (``verification.not_asked``). Up to five seconds;
    meanwhile nothing is locked.
    """
    access.demand(actor, "payment.validate")
    no = workflow.may_recheck(payment_id=payment_id, actor=actor)
    if no is not None:
        raise _refused(no)
    pairs = _pairs("p.id = any(%(ids)s)", {"ids": [payment_id]}, status="checked")
    if not pairs:
        raise BusinessError("verification.not_concerned")
    keys = dict(_answered(pairs, actor=actor, anew=True))
    if not keys:
        raise BusinessError("verification.not_asked")
    [key] = keys.values()
    made = PayeeVerification.objects.get(pk=key)
    # What was not checked again with the answer, or before: somebody has it in hand.
    for answer in unjudged.rechecked("p.id = %s", payment_id, actor):
        if not answer.done:
            raise _refused(answer)
    return made


def ask_file_again(*, batch_id: int, actor: User) -> int:
    """Have everything of a file asked again that was not possible and waits for its validation, by a worker; how many
    payments that is. Right ``payment.validate`` in the file's entity."""
    access.demand(actor, "payment.validate")
    places = access.entity_ids(actor, "payment.validate")
    with transaction.atomic():
        entity = sql.rows("select entity_id from transactions_paymentbatch where id = %s", [batch_id])
        if not entity or entity[0][0] not in places:
            raise NotThere("not_there")
        found = len(_not_possible(batch_id))
        if found:
            enqueue("controls.verify_again", batch_id, actor.pk)
            trail.record(
                "batch.verified_again", subject_type="batch", subject_id=batch_id, entity_id=entity[0][0], actor=actor,
                data={"payments": found},
            )  # fmt: skip
    return found


def verify_again(batch_id: int, actor_id: int) -> None:
    """What ``ask_file_again`` asked for. Payments are checked again when there is an answer now."""
    actor = User.objects.get(pk=actor_id)
    pairs = _pairs("p.id = any(%(ids)s)", {"ids": _not_possible(batch_id)}, status="checked")
    for _pair, _key in _answered(pairs, actor=actor, anew=True):
        pass
    unjudged.rechecked("p.batch_id = %s", batch_id, actor)


def _not_possible(batch_id: int) -> list[int]:
    """The payments of a file that wait for their validation and whose last answer is "not possible". One query."""
    return [row[0] for row in sql.rows(_NOT_POSSIBLE, [batch_id])]


def verify_name(*, actor: User, entity: Entity, account_number: str, name: str) -> PayeeVerification:
    """One name and number, for whoever may enter a payment of the entity. A recent answer of the same entity counts."""
    access.demand(actor, "payment.create", entity.pk)
    number, asked = account_numbers.clean(account_number), " ".join(name.split())
    if not asked or len(asked) > 140 or not asked.isprintable():
        raise BusinessError("verification.name_missing")
    valid, _fault, country = facts.iban_verdict(number)
    if not valid or country not in account_numbers.sepa_countries():
        raise BusinessError("verification.not_concerned")
    pair = (entity.pk, number, asked)
    keys = dict(_answered({pair: []}, actor=actor, anew=False))
    if pair not in keys:
        raise BusinessError("verification.not_asked")
    return PayeeVerification.objects.get(pk=keys[pair])


def last_of(payment_id: int) -> PayeeVerification | None:
    """The answer that counts for a payment: the last one, while it is of its number and name. One query."""
    found = PayeeVerification.objects.raw(
        "select v.* from controls_paymentverification l join controls_payeeverification v on v.id = l.verification_id "
        "join transactions_payment p on p.id = l.payment_id and p.entity_id = v.entity_id "
        "and p.creditor_number = v.account_number and p.creditor_name = v.name "
        "where l.id = (select max(id) from controls_paymentverification where payment_id = %s)",
        [payment_id],
    )
    return next(iter(found), None)


def concerns(payment: Payment) -> bool:
    """Is the payee of such a payment verified? No query."""
    valid, _fault, country = facts.iban_verdict(payment.creditor_number) if payment.creditor_number else (None,) * 3
    return (
        payment.kind in KINDS and payment.currency == "EUR" and bool(payment.creditor_name.strip()) and bool(valid)
        and country in account_numbers.sepa_countries()
    )  # fmt: skip


def _refused(answer: Answer) -> BusinessError:
    return NotThere("not_there") if answer.code == "not_there" else BusinessError(answer.code, **answer.params)


def _of(pairs: Asking) -> int:
    for _pair, _key in _answered(pairs, actor=None, anew=False):
        pass
    return len(pairs)


def _pairs(which: str, params: dict[str, Any], *, status: str = "received", answerable: bool = False) -> Asking:
    """The questions that payments in a state ask, or of these only those to which there may be an answer. ``which`` is
    a constant condition on ``p``. One query."""
    bound = {**params, "kinds": list(KINDS), "countries": list(account_numbers.sepa_countries()), "statuses": [status]}
    query = _PAIRS.replace("{which}", which).replace("{answerable}", _ANSWERABLE if answerable else "")
    rows = sql.rows(query, bound)
    return {(entity, number, name): ids for entity, number, name, ids in rows if facts.iban_verdict(number)[0]}


def _answered(pairs: Asking, *, actor: User | None, anew: bool) -> Iterator[tuple[Pair, int]]:
    """Each question with the key of its answer; what nobody can answer is left out. Kept and linked part by part; asked
    ``anew``, payments are checked again with the answer that says something else."""
    if not pairs:
        return
    entities = {pair[0] for pair in pairs}
    services, off = _services(entities), _switched_off(entities)
    known, kept, asking = _known(list(pairs)), _kept(list(pairs), services), []
    ready: dict[Pair, Reused] = {}
    fresh: list[tuple[Pair, Said, str]] = []
    for pair in pairs:
        own, last, reusable = known.get(pair), kept.last[pair], kept.reusable.get(pair)
        if pair[0] in services and (own is None or (own.source == Source.PAYEE and own.outcome != Outcome.MATCH)):
            if reusable and not anew:
                ready[pair] = reusable
            else:
                asking.append(Question(*pair, after=kept.service[pair]))
        elif own is not None or pair[0] in off:
            answer = _of_books(own, last, anew) if own is not None else _of_nobody(last, anew)
            if isinstance(answer, Reused):
                ready[pair] = answer
            else:
                fresh.append((pair, *answer))
    seen = kept.last if anew else None
    yield from _keep(pairs, ready, fresh, known, actor, seen)
    for entity_id, service in services.items():
        mine = [one for one in asking if one.entity_id == entity_id]
        for part in calling.Run(service).ask(mine) if mine else ():
            told = [_merged((one.entity_id, one.number, one.name), said, known) for one, said in part]
            yield from _keep(pairs, {}, told, known, actor, seen)


def _of_books(own: Known, last: Last | None, anew: bool) -> "Reused | tuple[Said, str]":
    """What our own books say; the same as lately is not written again."""
    if last and not anew and last[1:4] == (own.source, own.outcome, own.shown) and last[4] >= _lately():
        return Reused(last[0], last[2], last[1])
    now = timezone.now()
    return Said(own.outcome, now, now, suggested_name=own.shown), own.source


def _of_nobody(last: Last | None, anew: bool) -> "Reused | tuple[Said, str]":
    """The service is switched off: whoever does that does not make payments pass as if nothing had to be asked."""
    now = timezone.now()
    if last and not anew and last[1:3] == (Source.SERVICE, Outcome.NOT_POSSIBLE) and last[4] >= now - TRIED_LATELY:
        return Reused(last[0], last[2], last[1])
    return Said(Outcome.NOT_POSSIBLE, now, None, code="verification.switched_off"), Source.SERVICE


def _merged(pair: Pair, said: Said, known: dict[Pair, Known]) -> tuple[Pair, Said, str]:
    """What the service could not say is said by the payee that we know, if by another name."""
    own = known.get(pair)
    if said.outcome != Outcome.NOT_POSSIBLE or own is None:
        return pair, said, Source.SERVICE
    now = timezone.now()
    return pair, Said(own.outcome, said.asked_at, now, said.duration_ms, suggested_name=own.shown), own.source


def _services(entity_ids: Iterable[int]) -> dict[int, VerificationService]:
    rows = VerificationService.objects.filter(entity__in=list(entity_ids), is_active=True, waits=False)
    return {service.entity_id: service for service in rows.order_by("entity_id")}


def _switched_off(entity_ids: Iterable[int]) -> set[int]:
    """Entities whose service worked, and is asked no longer: switched off, or changed and not signed yet."""
    rows = VerificationService.objects.filter(entity__in=list(entity_ids), is_active=False, last_ok_at__isnull=False)
    return set(rows.values_list("entity_id", flat=True))


def _columns(pairs: Sequence[Pair]) -> dict[str, list[Any]]:
    entities, numbers, names = zip(*pairs, strict=True) if pairs else ((), (), ())
    return {"entities": list(entities), "numbers": list(numbers), "names": list(names)}


def _known(pairs: Sequence[Pair]) -> dict[Pair, Known]:
    """What our own books say: an account before a payee, of several payees the one that is most alike. One query."""
    found: dict[Pair, tuple[int, int, Known]] = {}
    for place, source, holder in sql.rows(_OWN, _columns(pairs)):
        pair = pairs[place - 1]
        likeness = facts.name_likeness(pair[2], holder)[0]
        outcome = Outcome.MATCH if likeness == 100 else Outcome.CLOSE if likeness >= CLOSE_FROM else Outcome.NO_MATCH
        rank = (1 if source == Source.ACCOUNT else 0, likeness)
        if pair not in found or rank > found[pair][:2]:
            found[pair] = (*rank, Known(outcome.value, source, holder))
    return {pair: entry[2] for pair, entry in found.items()}


@dataclass(frozen=True)
class Reused:
    """An answer that was kept before and counts still."""

    key: int
    outcome: str
    source: str


@dataclass(frozen=True)
class Kept:
    """What was answered before: the last of any source (key, source, outcome, name shown, moment), the last key of the
    service, and the answers of the service that still count."""

    last: dict[Pair, Last | None]
    service: dict[Pair, int]
    reusable: dict[Pair, "Reused"]


def _lately() -> datetime:
    return timezone.now() - timedelta(hours=24)


def _kept(pairs: Sequence[Pair], services: dict[int, VerificationService]) -> Kept:
    """One query."""
    now, kept = timezone.now(), Kept({}, {}, {})
    for row in sql.rows(_LAST, _columns(pairs)):
        pair, key, of_service = pairs[row[0] - 1], row[1], row[7]
        kept.last[pair] = (key, row[2], row[3], row[4], row[5]) if key else None
        kept.service[pair] = of_service or 0
        service = services.get(pair[0])
        if of_service and service is not None:
            possible = row[8] != Outcome.NOT_POSSIBLE
            age = timedelta(hours=service.valid_hours) if possible else TRIED_LATELY
            if row[9] > now - age:
                kept.reusable[pair] = Reused(of_service, row[8], Source.SERVICE.value)
    return kept


def _keep(  # noqa: PLR0917 - what one run knows
    pairs: Asking, ready: dict[Pair, Reused], fresh: Sequence[tuple[Pair, Said, str]], known: dict[Pair, Known],
    actor: User | None, seen: Mapping[Pair, Last | None] | None,
) -> Iterator[tuple[Pair, int]]:  # fmt: skip
    """Write the fresh answers, link all to their payments, in one transaction. Two statements; four of a worker's, and
    of what is asked anew: two at the same payments keep one answer."""
    if not ready and not fresh:
        return
    with transaction.atomic():
        if fresh and (actor is None or seen is not None):
            ready, fresh = _overtaken(ready, fresh, seen)
        keys = {pair: one.key for pair, one in ready.items()}
        if fresh:
            keys |= _written(fresh, actor)
        told = {pair: {"outcome": str(one.outcome), "source": one.source} for pair, one in ready.items()}
        told |= {pair: {"outcome": str(said.outcome), "source": str(source)} for pair, said, source in fresh}
        links = [(payment, pair, keys[pair]) for pair in keys for payment in pairs[pair]]
        # A match by our own books says nothing that the books do not.
        quiet = {pair for pair in keys if actor is None and pair in known and known[pair].outcome == Outcome.MATCH}
        if links:
            sql.run(_LINK, {
                "payments": [payment for payment, _pair, _key in links],
                "entities": [pair[0] for _payment, pair, _key in links],
                "keys": [key for _payment, _pair, key in links],
                "data": [
                    "" if pair in quiet else trail.encode({**told[pair], "verification": key})
                    for _payment, pair, key in links
                ],
                "actor": actor.pk if actor else None,
            })  # fmt: skip
            if actor is not None and seen is not None:
                # Not afterwards: nobody validates a payment that has an answer by which it was not judged.
                unjudged.rechecked("p.id = any(%s)", [payment for payment, _pair, _key in links], actor)
        elif actor is not None and fresh:
            trail.record_many(
                "verification.asked", subject_type="verification", actor=actor,
                subjects=[(keys[pair], pair[0], told[pair]) for pair, _said, _source in fresh],
            )  # fmt: skip
    yield from keys.items()


def _overtaken(
    ready: dict[Pair, Reused], fresh: Sequence[tuple[Pair, Said, str]], seen: Mapping[Pair, Last | None] | None
) -> tuple[dict[Pair, Reused], Sequence[tuple[Pair, Said, str]]]:
    """Those that another worker answered alike meanwhile, which is lately or since ``seen``, are ready. Workers of an
    entity take turns here."""
    for entity_id in sorted({pair[0] for pair, _said, _source in fresh}):
        sql.run("select pg_advisory_xact_lock(hashtext('verification'), %s)", [entity_id])
    kept = _kept([pair for pair, _said, _source in fresh], {}).last
    since, left, found = timezone.now() - TRIED_LATELY, [], dict(ready)
    for pair, said, source in fresh:
        last = kept[pair]
        meanwhile = last is not None and (last[4] >= since if seen is None else last != seen[pair])
        if last and meanwhile and last[1:4] == (source, said.outcome, said.suggested_name):
            found[pair] = Reused(last[0], last[2], last[1])
        else:
            left.append((pair, said, source))
    return found, left


def _written(fresh: Sequence[tuple[Pair, Said, str]], actor: User | None) -> dict[Pair, int]:
    said = [one[1] for one in fresh]
    rows = sql.rows(_KEEP, {
        **_columns([pair for pair, _said, _source in fresh]), "actor": actor.pk if actor else None,
        "outcomes": [str(one.outcome) for one in said], "suggested": [one.suggested_name for one in said],
        "sources": [str(source) for _pair, _said, source in fresh], "references": [one.reference for one in said],
        "asked": [one.asked_at for one in said], "answered": [one.answered_at for one in said],
        "durations": [one.duration_ms for one in said], "codes": [one.code for one in said],
        "params": [trail.encode(one.params) for one in said],
    })  # fmt: skip
    return {(entity, number, name): key for key, entity, number, name in rows}
