"""Mandates: registered when they are signed, changed with history, cancelled for good. Nothing here moves money."""

import re
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from stdnum.eu import at_02

from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.intake import account_numbers
from transactions.models import Account, Mandate

REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+ -]{1,35}(?<!/)")


def register(
    *,
    actor: User,
    account: Account,
    creditor_scheme_id: str,
    reference: str,
    debtor_name: str,
    debtor_number: str,
    signed_on: date,
    scheme: str = Mandate.Scheme.CORE,
    kind: str = Mandate.Kind.RECURRENT,
    debtor_bic: str = "",
) -> Mandate:
    """Register a signed mandate. Needs mandate.manage in the entity of the creditor's account."""
    access.demand(actor, "mandate.manage", account.entity_id)
    identifier = "".join(creditor_scheme_id.split()).upper()
    if not at_02.is_valid(identifier):
        raise BusinessError("mandate.creditor_id")
    reference = " ".join(reference.split())
    if not REFERENCE.fullmatch(reference):
        raise BusinessError("mandate.reference_bad")
    if account.kind not in {Account.Kind.CUSTOMER, Account.Kind.BANK}:
        raise BusinessError("mandate.account_other", code=account.code)
    if signed_on > timezone.localdate():
        raise BusinessError("mandate.signed_later")
    fields = _debtor(debtor_name, debtor_number, debtor_bic)
    mandate = Mandate(
        entity_id=account.entity_id, account=account, creditor_scheme_id=identifier, reference=reference, scheme=scheme,
        kind=kind, signed_on=signed_on, created_by=actor, **fields,
    )  # fmt: skip
    mandate._history_user = actor  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            mandate.save()
            _record("registered", mandate, actor, data={"scheme": scheme, "signed_on": signed_on, **fields})
    except IntegrityError as error:
        if "mandate_reference_once" not in str(error):
            raise
        raise Conflict("mandate.known", reference=reference) from None
    return mandate


def amend(
    *, actor: User, mandate_id: int, debtor_name: str, debtor_number: str, debtor_bic: str = "", reason: str
) -> Mandate:
    """The debtor has another name, account or bank, and said so in writing. The version before is kept."""
    fields = _debtor(debtor_name, debtor_number, debtor_bic)
    with transaction.atomic():
        mandate = _locked(actor, mandate_id, reason)
        changed = {name: value for name, value in fields.items() if getattr(mandate, name) != value}
        if not changed:
            raise BusinessError("payment.nothing_changed")
        told = {name: {"old": getattr(mandate, name), "new": value} for name, value in changed.items()}
        for name, value in changed.items():
            setattr(mandate, name, value)
        mandate._history_user = actor  # type: ignore[attr-defined]
        mandate.save(update_fields=list(changed))
        _record("amended", mandate, actor, reason=reason, data={"fields": told})
    return mandate


def cancel(*, actor: User, mandate_id: int, reason: str) -> Mandate:
    """The debtor or the creditor ends it: nothing is collected with it any more."""
    with transaction.atomic():
        mandate = _locked(actor, mandate_id, reason)
        mandate.status = Mandate.Status.CANCELLED
        mandate._history_user = actor  # type: ignore[attr-defined]
        mandate.save(update_fields=["status"])
        _record("cancelled", mandate, actor, reason=reason)
    return mandate


def _debtor(name: str, number: str, bic: str) -> dict[str, str]:
    name, number, bic = " ".join(name.split()), account_numbers.clean(number), "".join(bic.split()).upper()
    if not name or len(name) > 140 or not name.isprintable():
        raise BusinessError("mandate.name_missing")
    if account_numbers.iban_fault(number):
        raise BusinessError("mandate.number_bad", number=number[:34])
    if bic and account_numbers.bic_fault(bic):
        raise BusinessError("account.bic_bad", bic=bic[:11])
    return {"debtor_name": name, "debtor_number": number, "debtor_bic": bic}


def _locked(actor: User, mandate_id: int, reason: str) -> Mandate:
    access.demand(actor, "mandate.manage")
    places = access.entity_ids(actor, "mandate.view")
    mandate = Mandate.objects.select_for_update().filter(pk=mandate_id, entity__in=places).first()
    if mandate is None:
        raise NotThere("not_there")
    access.demand(actor, "mandate.manage", mandate.entity_id)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    if mandate.status == Mandate.Status.CANCELLED:
        raise Conflict("mandate.cancelled_before")
    return mandate


def _record(act: str, mandate: Mandate, actor: User, *, reason: str = "", data: dict[str, Any] | None = None) -> None:
    trail.record(
        f"mandate.{act}", subject_type="mandate", subject_id=mandate.pk, entity_id=mandate.entity_id, actor=actor,
        reason=reason.strip()[:500], data={"reference": mandate.reference, **(data or {})},
    )  # fmt: skip
