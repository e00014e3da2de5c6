"""Payees and their bank details: learnt from what was paid, changed by people, confirmed by someone else."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.models import BankDetails, Payee

# Payments posted to a number nobody knew yet: one payee for each entity and number, named as first paid.
_LEARN = """
    with unknown as (
        select distinct on (p.entity_id, p.creditor_number)
               p.entity_id, p.creditor_number, p.creditor_name, p.creditor_bic, p.id
        from transactions_payment p
        where p.id = any(%(ids)s) and p.payee_id is null and p.creditor_account_id is null
          and p.kind not in ('debit', 'incoming', 'card') and p.creditor_number <> '' and p.creditor_name <> ''
          and not exists (select 1 from transactions_bankdetails d
                          where d.entity_id = p.entity_id and d.account_number = p.creditor_number)
        order by p.entity_id, p.creditor_number, p.id
    )
    select entity_id, creditor_number, creditor_name, creditor_bic from unknown
"""
_JOIN = """
    with unnamed as materialized (
        select p.id, p.entity_id, p.creditor_number from transactions_payment p
        where p.id = any(%(ids)s) and p.payee_id is null and p.kind not in ('debit', 'incoming', 'card')),
    named as materialized (
        select u.id, d.payee_id from unnamed u
        join transactions_bankdetails d on d.entity_id = u.entity_id and d.account_number = u.creditor_number
        where d.valid_to is null)
    update transactions_payment p set payee_id = n.payee_id from named n where p.id = n.id
"""


def learn(ids: Sequence[int]) -> int:
    """Make payees of those that these posted payments reached for the first time; returns how many are new.

    Two concurrent calls may both meet a new number; the advisory lock makes them take turns.
    """
    from transactions.intake import names

    with transaction.atomic():
        sql.run("select pg_advisory_xact_lock(hashtext('payees.learn'))")
        unknown = sql.rows(_LEARN, {"ids": list(ids)})
        now = timezone.now()
        payees = Payee.objects.bulk_create(
            Payee(entity_id=entity, name=name, name_key=names.key(name), country=_country(number), created_at=now)
            for entity, number, name, _bic in unknown
        )
        BankDetails.objects.bulk_create(
            BankDetails(payee=payee, entity_id=entity, account_number=number, bic=bic, valid_from=now)
            for payee, (entity, number, _name, bic) in zip(payees, unknown, strict=True)
        )
        trail.record_many(
            "payee.learnt", subject_type="payee", actor=None,
            subjects=[
                (payee.pk, payee.entity_id, {"number": row[1]}) for payee, row in zip(payees, unknown, strict=True)
            ],
        )  # fmt: skip
        sql.run(_JOIN, {"ids": list(ids)})
    return len(payees)


def _country(number: str) -> str:
    return number[:2] if number[:2].isalpha() and number[2:4].isdigit() else ""


def _payee(payee_id: int, actor: User, right: str) -> Payee:
    access.demand(actor, right)
    payee = Payee.objects.filter(pk=payee_id, entity_id__in=access.entity_ids(actor, right)).first()
    if payee is None:
        raise NotThere("not_there")
    return payee


def change_bank_details(*, payee_id: int, account_number: str, bic: str = "", actor: User, reason: str) -> BankDetails:
    """Give a payee a new account from now on; the former one ends. Unconfirmed until another person confirms it."""
    number = "".join(account_number.split()).upper()
    if not number or len(number) > 34 or not number.isalnum():
        raise BusinessError("payee.number_invalid", value=account_number[:40])
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        payee = _payee(payee_id, actor, "payee.manage")
        now = timezone.now()
        former = list(payee.bank_details.select_for_update().filter(valid_to=None).order_by("pk"))
        if any(details.account_number == number for details in former):
            raise BusinessError("payee.number_known")
        for details in former:
            details.valid_to = now
            details._history_user = actor  # type: ignore[attr-defined]
            details.save(update_fields=["valid_to"])
        try:
            with transaction.atomic():
                made = BankDetails(
                    payee=payee, entity_id=payee.entity_id, account_number=number, bic=bic.strip().upper()[:11],
                    valid_from=now, added_by=actor,
                )  # fmt: skip
                made._history_user = actor  # type: ignore[attr-defined]
                made.save()
        except IntegrityError:
            raise BusinessError("payee.number_known") from None
        trail.record(
            "payee.bank_details_changed", subject_type="payee", subject_id=payee.pk, entity_id=payee.entity_id,
            actor=actor, reason=reason,
            data={"old": [details.account_number for details in former], "new": number},
        )  # fmt: skip
    return made


def confirm_bank_details(*, details_id: int, actor: User, reason: str) -> BankDetails:
    """Say that the details were checked through another channel (``reason`` says which). Never by who added them."""
    access.demand(actor, "payee.manage")
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        details = (
            BankDetails.objects.select_for_update()
            .filter(pk=details_id, entity_id__in=access.entity_ids(actor, "payee.manage"))
            .first()
        )
        if details is None:
            raise NotThere("not_there")
        if details.added_by_id == actor.pk:
            raise BusinessError("payee.confirmed_by_another")
        if details.confirmed_at is not None:
            raise BusinessError("payee.confirmed_already")
        details.confirmed_by, details.confirmed_at = actor, timezone.now()
        details._history_user = actor  # type: ignore[attr-defined]
        details.save(update_fields=["confirmed_by", "confirmed_at"])
        trail.record(
            "payee.bank_details_confirmed", subject_type="payee", subject_id=details.payee_id,
            entity_id=details.entity_id, actor=actor, reason=reason, data={"number": details.account_number},
        )  # fmt: skip
    return details
