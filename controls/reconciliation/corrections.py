"""Entries by hand that make the books agree with the bank: write-offs under a limit, and entries that were missing.

Who asks needs ``reconciliation.match``, who agrees ``reconciliation.sign`` and is another person; up to the entity's
limit one person creates a missing entry alone. Booked, the entry is matched with what it was made for. The database
holds all of it (controls/sql/reconciled_days.sql). Locks: the account's turn, the correction, balances.
"""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import Correction, OpenItem, OpenLine, ReconciliationPolicy
from controls.reconciliation import acting, breaks
from controls.reconciliation.days import MATCH, SIGN, VIEW, account, person, said, take_turn
from documents import trail
from transactions.models import Account

SUBJECT, POLICY = "correction", "reconciliation_policy"
# Where a missing entry may be put: what the bank takes or gives, what customers and suppliers owe, or suspense.
CONTRAS = ("expense", "income", "suspense", "payable", "receivable", "transit")


def contras(of: Account) -> list[Account]:
    """The accounts that an entry on this account may have on its other side, by code. One query."""
    rows = Account.objects.filter(entity=of.entity_id, currency=of.currency, kind__in=CONTRAS, status="open")
    return list(rows.order_by("code"))


def ask(
    *, actor: User, kind: str, contra: int, label: str, reason: str, line: int | None = None, item: int | None = None
) -> Correction:
    """Ask for an entry over what is open of a line, or (a write-off alone) of a posting. Booked at once where one
    person may, else it waits for another."""
    words = said(reason)
    if not label.strip() or len(label.strip()) > 140:
        raise BusinessError("correction.label")
    if kind not in Correction.Kind.values or (kind == Correction.Kind.ENTRY and line is None):
        raise BusinessError("correction.of_line")
    model: Any = OpenLine if line is not None else OpenItem
    first = model.objects.filter(pk=line if line is not None else item).first()
    if first is None:
        raise Conflict("correction.nothing_open")
    of = account(actor, first.account_id, MATCH)
    person(actor, MATCH, of.entity_id)
    with transaction.atomic():
        take_turn(of)
        row = model.objects.filter(pk=first.pk).first()
        if row is None or (line is None and row.entry_id is None):
            raise Conflict("correction.nothing_open")
        other = Account.objects.filter(pk=contra, entity=of.entity_id, currency=of.currency, status="open").first()
        if other is None or other.kind not in CONTRAS:
            raise BusinessError("correction.contra")
        rule = breaks.policy(of.entity_id)
        _within(kind, row.open, of, rule)
        try:
            with transaction.atomic():
                made = Correction.objects.create(
                    entity_id=of.entity_id, account=of, kind=kind, line_id=line, item=None if line else item,
                    # What the books lack is posted; a posting that the bank lacks is taken back.
                    credit=row.credit if line else not row.credit, amount=row.open, currency=of.currency, contra=other,
                    label=label.strip(), reason=words, value_on=row.booking_on if line else row.booked_on,
                    asked_by=actor, asked_at=timezone.now(),
                )  # fmt: skip
        except IntegrityError as error:
            if "correction_of_" not in str(error):
                raise
            raise Conflict("correction.waits") from None
        _record("correction.asked", made, actor, words)
        if kind == Correction.Kind.ENTRY and of.currency == of.entity.base_currency and row.open <= rule.alone:
            _book(made, actor, "")
    made.refresh_from_db()
    return made


def _within(kind: str, amount: Decimal, of: Account, rule: ReconciliationPolicy) -> None:
    if kind != Correction.Kind.WRITE_OFF:
        return
    if of.currency != of.entity.base_currency:
        raise BusinessError("correction.other_currency", currency=of.entity.base_currency)
    if amount > rule.write_off:
        raise BusinessError("correction.above_limit", limit=money.plain(rule.write_off, of.currency))


def _record(action: str, one: Correction, actor: User, reason: str = "") -> None:
    trail.record(
        action, subject_type=SUBJECT, subject_id=one.pk, entity_id=one.entity_id, actor=actor, reason=reason,
        data={
            "account": one.account.code, "kind": one.kind, "contra": one.contra.code, "line": one.line_id,
            "item": one.item, "amount": money.plain(one.amount, one.currency), "currency": one.currency,
        },
    )  # fmt: skip


def _held(actor: User, key: int, right: str) -> Correction:
    access.demand(actor, right)
    found = Correction.objects.filter(pk=key).select_related("account__entity").first()
    if found is None or not access.can(actor, VIEW, found.entity_id):
        raise NotThere("not_there")
    person(actor, right, found.entity_id)
    take_turn(found.account)
    rows = Correction.objects.select_for_update(of=("self",)).select_related("account__entity", "contra")
    one = rows.get(pk=key)
    if one.status != Correction.Status.ASKED:
        raise Conflict("correction.decided")
    return one


def agree(*, actor: User, correction_id: int) -> Correction:
    """Agree to what another asked for: it is booked and matched. Refused when what is open changed since."""
    with transaction.atomic():
        one = _held(actor, correction_id, SIGN)
        if one.asked_by_id == actor.pk:
            raise BusinessError("correction.own_work")
        _within(one.kind, one.amount, one.account, breaks.policy(one.entity_id))
        _book(one, actor, "")
    one.refresh_from_db()
    return one


def refuse(*, actor: User, correction_id: int, reason: str) -> Correction:
    """Do not agree; also who asked may take it back."""
    words = said(reason)
    with transaction.atomic():
        own = Correction.objects.filter(pk=correction_id, asked_by=actor).exists()
        one = _held(actor, correction_id, MATCH if own else SIGN)
        one.status, one.decided_by, one.decided_at = Correction.Status.REFUSED, actor, timezone.now()
        one.decided_reason = words
        one.save(update_fields=["status", "decided_by", "decided_at", "decided_reason"])
        _record("correction.refused", one, actor, words)
    return one


def _book(one: Correction, actor: User, words: str) -> None:
    """Inside ``atomic()``, in the account's turn."""
    model: Any = OpenLine if one.line_id else OpenItem
    row = model.objects.filter(pk=one.line_id or one.item).first()
    if row is None or row.open != one.amount:
        raise Conflict("correction.nothing_open")
    entry = sql.rows("select entry from book_corrections(%s, %s, %s)", [[one.pk], actor.pk, words])[0][0]
    sql.rows("select draw_items(%s)", [[one.account_id]])
    posted = OpenItem.objects.get(entry=entry, account=one.account_id)
    asker = User.objects.get(pk=one.asked_by_id)
    made = acting.match(
        lines=[one.line_id] if one.line_id else [], postings=[posted.pk, *([one.item] if one.item else [])],
        actor=asker, reason=one.reason[:500],
    )  # fmt: skip
    Correction.objects.filter(pk=one.pk).update(match=made)
    _record("correction.booked", one, actor, words)


def waiting(entity_ids: list[int]) -> list[Correction]:
    """What waits for a second person, the oldest first."""
    rows = Correction.objects.filter(entity__in=entity_ids, status=Correction.Status.ASKED)
    return list(rows.select_related("account", "contra", "asked_by", "line").order_by("pk")[:100])


def ask_policy(
    *, actor: User, entity: Entity, write_off: Decimal, alone: Decimal, line_days: int, item_days: int
) -> ReconciliationPolicy:
    """Ask for other limits; they count when another person agreed."""
    person(actor, SIGN, entity.pk)
    if write_off < 0 or alone < 0 or not 0 <= line_days <= 30 or not 0 <= item_days <= 30:
        raise BusinessError("policy.bounds")
    with transaction.atomic():
        made = ReconciliationPolicy.objects.create(
            entity=entity, write_off=write_off, alone=alone, line_days=line_days, item_days=item_days, asked_by=actor,
            asked_at=timezone.now(),
        )  # fmt: skip
        _record_policy("reconciliation_policy.asked", made, actor)
    return made


def agree_policy(*, actor: User, policy_id: int) -> ReconciliationPolicy:
    """Agree to limits that another asked for; the last ones asked for alone."""
    with transaction.atomic():
        access.demand(actor, SIGN)
        one = ReconciliationPolicy.objects.select_for_update().filter(pk=policy_id).first()
        if one is None or not access.can(actor, VIEW, one.entity_id):
            raise NotThere("not_there")
        person(actor, SIGN, one.entity_id)
        if one.agreed_at or ReconciliationPolicy.objects.filter(entity=one.entity_id, pk__gt=one.pk).exists():
            raise Conflict("policy.decided")
        if one.asked_by_id == actor.pk:
            raise BusinessError("policy.own_work")
        one.agreed_by, one.agreed_at = actor, timezone.now()
        one.save(update_fields=["agreed_by", "agreed_at"])
        _record_policy("reconciliation_policy.agreed", one, actor)
    return one


def _record_policy(action: str, one: ReconciliationPolicy, actor: User) -> None:
    trail.record(
        action, subject_type=POLICY, subject_id=one.pk, entity_id=one.entity_id, actor=actor,
        data={
            "write_off": str(one.write_off), "alone": str(one.alone), "line_days": one.line_days,
            "item_days": one.item_days,
        },
    )  # fmt: skip
