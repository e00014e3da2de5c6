"""Closing the days of accounts: prepared by one, signed by another, reopened by two, and watched ever after.

Rights: preparing needs ``reconciliation.match``, signing, sending back and agreeing to a reopening
``reconciliation.sign``. Programs do neither. Locks: the account's row in controls_reconciled, then the sign-off.
What comes later never changes a proof: it is said beside it (:func:`watch`).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.expected.table import today_of
from controls.models import ReconciledDay
from controls.reconciliation import positions, proof
from documents import trail
from transactions.models import Account

VIEW, MATCH, SIGN = "reconciliation.view", "reconciliation.match", "reconciliation.sign"
SUBJECT, LONGEST = "reconciled_day", 2000
S = ReconciledDay.Status


def accounts(entity_ids: Sequence[int]) -> list[Account]:
    """The accounts at banks of entities, by entity and code. One query."""
    found = Account.objects.filter(entity__in=list(entity_ids), kind=Account.Kind.BANK).select_related("entity")
    return list(found.order_by("entity__code", "code"))


def account(actor: User, account_id: int, right: str = VIEW) -> Account:
    """An account at a bank, for who sees it; of another entity it is not there. Two queries."""
    access.demand(actor, right)
    found = Account.objects.filter(pk=account_id, kind=Account.Kind.BANK).select_related("entity").first()
    if found is None or not access.can(actor, VIEW, found.entity_id):
        raise NotThere("not_there")
    access.demand(actor, right, found.entity_id)
    return found


def person(actor: User, right: str, entity_id: int | None = None) -> None:
    access.demand(actor, right, entity_id)
    if actor.is_machine:
        raise Denied("day.by_machine")


def said(reason: str, *, needed: bool = True) -> str:
    words = reason.replace("\x00", "").strip()
    if needed and not words:
        raise BusinessError("day.reason_required")
    if len(words) > LONGEST:
        raise BusinessError("day.too_long", longest=LONGEST)
    return words


def take_turn(one: Account) -> None:
    """Nobody matches on the account meanwhile. Inside ``atomic()``."""
    sql.run(
        "insert into controls_reconciled (account_id, entity_id, posting_id) values (%s, %s, 0) on conflict do nothing",
        [one.pk, one.entity_id],
    )
    sql.run("select 1 from controls_reconciled where account_id = %s for no key update", [one.pk])


def prepare(*, actor: User, account_id: int, day: date, remark: str = "") -> ReconciledDay:
    """Freeze where the account stands that day, for another to sign. Asks for a remark where something is unexplained,
    forced or left out. Refused: a day that is not over, without a balance at the bank, or prepared already."""
    of = account(actor, account_id, MATCH)
    person(actor, MATCH, of.entity_id)
    if day >= today_of(of.entity):
        raise BusinessError("day.not_over")
    words = said(remark, needed=False)
    with transaction.atomic():
        take_turn(of)
        found = positions.position(of, day)
        if found.bank is None:
            raise BusinessError("day.no_balance")
        alone = [row[0] for row in sql.rows("select who from hands_alone(%s, %s) order by 1", [of.pk, day])]
        left_out = any(one.kind.startswith("ignored") for one in found.explained)
        if not words and (found.unexplained or alone or left_out):
            raise BusinessError("day.remark_required")
        before = ReconciledDay.objects.filter(account=of, day=day).order_by("-round").first()
        if before and before.status in {S.PREPARED, S.SIGNED}:
            raise Conflict("day.prepared_before")
        told = proof.of(of, found)
        moment = timezone.now()
        made = ReconciledDay.objects.create(
            entity_id=of.entity_id, account=of, day=day, round=before.round + 1 if before else 1, bank=found.bank,
            books=found.books, unexplained=found.unexplained, proof=told, digest=proof.digest(told), forced_by=alone,
            prepared_by=actor, prepared_at=moment, looked_at=moment, remark=words,
        )  # fmt: skip
        record("day.prepared", made, actor, words, {"digest": bytes(made.digest).hex()})
    return made


def record(action: str, one: ReconciledDay, actor: User | None, reason: str = "", data: Any = None) -> None:
    trail.record(
        action, subject_type=SUBJECT, subject_id=one.pk, entity_id=one.entity_id, actor=actor, reason=reason,
        data={"account": one.account.code, "day": one.day.isoformat(), "round": one.round, **(data or {})},
    )  # fmt: skip


def _held(actor: User, key: int, right: str) -> ReconciledDay:
    """The sign-off, locked with the account's turn. Inside ``atomic()``."""
    access.demand(actor, right)
    found = ReconciledDay.objects.filter(pk=key).select_related("account__entity").first()
    if found is None or not access.can(actor, VIEW, found.entity_id):
        raise NotThere("not_there")
    person(actor, right, found.entity_id)
    take_turn(found.account)
    return ReconciledDay.objects.select_for_update(of=("self",)).select_related("account__entity").get(pk=key)


def sign(*, actor: User, day_id: int, digest: str) -> ReconciledDay:
    """Sign what another prepared, by the digest that was read. Refused when it is not as prepared any more: then it is
    sent back and prepared anew."""
    with transaction.atomic():
        one = _held(actor, day_id, SIGN)
        if one.status != S.PREPARED:
            raise Conflict("day.not_prepared")
        if one.prepared_by_id == actor.pk:
            raise BusinessError("day.own_work")
        alone = sql.rows("select 1 from hands_alone(%s, %s) where who = %s", [one.account_id, one.day, actor.pk])
        if actor.pk in one.forced_by or alone:
            raise BusinessError("day.own_hands")
        if digest != bytes(one.digest).hex():
            raise Conflict("day.other_digest")
        if proof.digest(proof.of(one.account, positions.position(one.account, one.day))) != bytes(one.digest):
            raise Conflict("day.changed_since")
        one.status, one.signed_by, one.signed_at, one.looked_at = S.SIGNED, actor, timezone.now(), timezone.now()
        one.save(update_fields=["status", "signed_by", "signed_at", "looked_at"])
        record("day.signed", one, actor, data={"digest": digest})
    return one


def send_back(*, actor: User, day_id: int, reason: str) -> ReconciledDay:
    """What was prepared is not signed: by a reviewer, or by who prepared it and saw better."""
    words = said(reason)
    with transaction.atomic():
        own = ReconciledDay.objects.filter(pk=day_id, prepared_by=actor).exists()
        one = _held(actor, day_id, MATCH if own else SIGN)
        if one.status != S.PREPARED:
            raise Conflict("day.not_prepared")
        one.status, one.ended_reason, one.ended_by, one.ended_at = S.SENT_BACK, words, actor, timezone.now()
        one.save(update_fields=["status", "ended_reason", "ended_by", "ended_at"])
        record("day.sent_back", one, actor, words)
    return one


def ask_reopening(*, actor: User, day_id: int, reason: str) -> ReconciledDay:
    """Ask that a signed day be opened again; another agrees."""
    words = said(reason)
    with transaction.atomic():
        one = _held(actor, day_id, MATCH)
        if one.status != S.SIGNED:
            raise Conflict("day.not_signed")
        if one.ended_asked_by_id:
            raise Conflict("day.asked_before")
        one.ended_asked_by, one.ended_asked_at, one.ended_reason = actor, timezone.now(), words
        one.save(update_fields=["ended_asked_by", "ended_asked_at", "ended_reason"])
        record("day.reopening_asked", one, actor, words)
    return one


def reopen(*, actor: User, day_id: int) -> ReconciledDay:
    """Agree to what another asked: the day is open again, its proof stays on record."""
    with transaction.atomic():
        one = _held(actor, day_id, SIGN)
        if one.status != S.SIGNED or not one.ended_asked_by_id:
            raise Conflict("day.nothing_asked")
        if one.ended_asked_by_id == actor.pk:
            raise BusinessError("day.own_asking")
        one.status, one.ended_by, one.ended_at = S.REOPENED, actor, timezone.now()
        one.save(update_fields=["status", "ended_by", "ended_at"])
        record("day.reopened", one, actor, one.ended_reason)
    return one


def keep_signed(*, actor: User, day_id: int, reason: str) -> ReconciledDay:
    """Do not agree to reopen: the day stays signed. Also who asked may take it back."""
    words = said(reason)
    with transaction.atomic():
        own = ReconciledDay.objects.filter(pk=day_id, ended_asked_by=actor).exists()
        one = _held(actor, day_id, MATCH if own else SIGN)
        if one.status != S.SIGNED or not one.ended_asked_by_id:
            raise Conflict("day.nothing_asked")
        one.ended_asked_by, one.ended_asked_at, one.ended_reason = None, None, ""
        one.save(update_fields=["ended_asked_by", "ended_asked_at", "ended_reason"])
        record("day.kept", one, actor, words)
    return one


# Of signed days that were not looked at since something was written on their account: what does not agree any more.
_TOUCHED = """
    select d.id from controls_reconciledday d
    where d.account_id = any(%(accounts)s) and d.status = 'signed' and d.day >= %(since)s and (
        exists (select 1 from transactions_posting p
                where p.account_id = d.account_id and p.created_at > d.looked_at)
        or exists (select 1 from transactions_statement s
                   where s.account_id = d.account_id and s.taken_at > d.looked_at)
        or exists (select 1 from controls_match m
                   where m.account_id = d.account_id and m.undone_at > d.looked_at))
    order by d.id
"""
_UNDONE = """
    select count(distinct m.id) from controls_match m
    where m.account_id = %(account)s and m.made_at <= %(prepared)s and m.undone_at > %(prepared)s and (
        exists (select 1 from controls_matchline k join transactions_statementline l on l.id = k.line_id
                where k.match_id = m.id and l.booking_on = %(day)s)
        or exists (select 1 from controls_matchposting k join transactions_journalentry e on e.id = k.entry_id
                   where k.match_id = m.id and e.value_date = %(day)s))
"""
_LATE = """
    select count(*) from transactions_posting p join transactions_journalentry e on e.id = p.entry_id
    where p.account_id = %(account)s and p.created_at > %(prepared)s and e.value_date <= %(day)s
"""
YEAR = 400


def watch(account_ids: Sequence[int], today: date | None = None) -> list[ReconciledDay]:
    """Look at signed days of accounts of the last year: where the balance at the bank or in the books, or the bookings
    of the day, are not those of the proof any more, or a match of the day was undone, it is said, once for each change.
    """
    since = (today or timezone.localdate()) - timedelta(days=YEAR)
    keys = [row[0] for row in sql.rows(_TOUCHED, {"accounts": list(account_ids), "since": since})]
    return [one for key in keys if (one := _look(key))]


def _look(key: int) -> ReconciledDay | None:
    with transaction.atomic():
        one = ReconciledDay.objects.select_for_update(of=("self",)).select_related("account__entity").get(pk=key)
        if one.status != S.SIGNED:
            return None
        moment = timezone.now()
        change = _change(one)
        new = bool(change) and change != one.change
        one.looked_at = moment
        if new:
            one.changed_at, one.change = moment, change
        elif not change and one.change:
            one.changed_at, one.change = None, {}
            record("day.agrees_again", one, None)
        one.save(update_fields=["looked_at", "changed_at", "change"])
        if new:
            record("day.changed", one, None, data=change)
    return one if new else None


def _change(one: ReconciledDay) -> dict[str, Any]:
    """What is not as the proof says, by name, each with how it was and how it is now."""
    told, asked = one.proof, {"account": one.account_id, "day": one.day, "prepared": one.prepared_at}
    found: dict[str, Any] = {}
    bank, books = positions.bank_at(one.account_id, one.day), positions.books_at(one.account_id, one.day)
    for name, now in (("bank", "" if bank is None else proof.plain(bank)), ("books", proof.plain(books))):
        if told[name] != now:
            found[name] = {"before": told[name], "after": now}
    rows, digest = positions.lines_of(one.account_id, one.day)
    if digest != told["lines"]:
        found["lines"] = {"before": told["line_count"], "after": str(len(rows))}
    for name, query, before in (("late", _LATE, "0"), ("undone", _UNDONE, told["match_count"])):
        count = sql.rows(query, asked)[0][0]
        if count:
            found[name] = {"before": before, "after": str(count)}
    return found


def found(actor: User, key: int) -> ReconciledDay:
    """A sign-off for who sees it. Two queries."""
    access.demand(actor, VIEW)
    one = (
        ReconciledDay.objects.filter(pk=key, entity__in=access.entity_ids(actor, VIEW))
        .select_related("account__entity", "prepared_by", "signed_by", "ended_by", "ended_asked_by").first()
    )  # fmt: skip
    if one is None:
        raise NotThere("not_there")
    return one
