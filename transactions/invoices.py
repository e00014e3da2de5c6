"""Supplier invoices: registered, cancelled, and paid by payments that name them.

Due dates: C. com. L441-10: 30 days from receipt when nothing was agreed, agreed terms at most 60 days from the date of
the invoice. Three-way matching with order and receipt enters by ``order_reference``.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import attachments, trail
from documents.models import AttachmentLink
from transactions import intake
from transactions.intake import account_numbers, names
from transactions.intake.fields import clean
from transactions.models import Account, BankDetails, InvoiceShare, Payee, Payment, PaymentBatch, SupplierInvoice
from transactions.queries import invoices as queries

VIEW, MANAGE = "invoice.view", "invoice.manage"
WITHOUT_TERMS, MOST_AGREED = timedelta(days=30), timedelta(days=60)
# Invoices of one supplier, amount and nearly one date are looked at by a person.
ALIKE_WITHIN = timedelta(days=10)
MOST_AT_ONCE = 500
_KEY = re.compile(r"[^A-Z0-9]+")
_REFERENCE = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")
Kind = SupplierInvoice.Kind


def number_key(number: str) -> str:
    """``fa 2026/001`` and ``FA-2026-001`` are one number."""
    return _KEY.sub("", number.upper())


def beyond_law(issued_on: date, due_on: date) -> bool:
    """Longer than what may be agreed."""
    return due_on > issued_on + MOST_AGREED


def register(
    *,
    actor: User,
    entity: Entity,
    supplier_name: str,
    number: str,
    issued_on: date,
    gross: Decimal,
    kind: str = Kind.INVOICE,
    tax: Decimal | None = None,
    currency: str = "EUR",
    received_on: date | None = None,
    due_on: date | None = None,
    discount: Decimal | None = None,
    discount_until: date | None = None,
    account_number: str = "",
    order_reference: str = "",
    file: tuple[str, bytes, str] | None = None,
) -> SupplierInvoice:
    """Register an invoice or a credit note. The supplier is known by its account or name, else made.

    Refused: the same supplier and number a second time (``invoice.known``). ``file`` is name, bytes and type.
    """
    access.demand(actor, MANAGE, entity.pk)
    today = timezone.localdate()
    received_on = received_on or max(issued_on, today)
    usual = min(received_on, date.max - WITHOUT_TERMS) + WITHOUT_TERMS
    values: dict[str, Any] = {
        "kind": kind, "number": _number(number), "issued_on": issued_on, "received_on": received_on,
        "due_on": due_on or (issued_on if kind == Kind.CREDIT_NOTE else usual),
        "gross": money.parse(gross, currency), "tax": money.parse(tax, currency) if tax else Decimal(0),
        "currency": currency, "discount": money.parse(discount, currency) if discount else Decimal(0),
        "discount_until": discount_until, "account_number": _account(account_number),
        "order_reference": _short(order_reference),
    }  # fmt: skip
    _sensible(values, today)
    try:
        with transaction.atomic():
            supplier = _supplier(entity, supplier_name, values["account_number"], actor)
            invoice = SupplierInvoice(
                entity=entity, supplier=supplier, registered_by=actor, number_key=number_key(values["number"]), **values
            )
            if file is not None:
                name, content, content_type = file
                invoice.attachment = attachments.store(
                    content=content, name=name, content_type=content_type, entity_id=entity.pk, actor=actor
                )
            invoice.save()
            if invoice.attachment is not None:
                attachments.link(
                    invoice.attachment, subject_type="invoice", subject_id=invoice.pk, kind=AttachmentLink.Kind.INVOICE,
                    actor=actor,
                )  # fmt: skip
            _record("registered", invoice, actor, {"gross": invoice.gross, "due_on": invoice.due_on})
    except IntegrityError as error:
        if "invoice_number_once" not in str(error):
            raise
        raise Conflict("invoice.known", number=values["number"]) from None
    return invoice


def _number(number: str) -> str:
    text, said = clean(" ".join(number.split()))
    if said or not number_key(text) or len(text) > 35:
        raise BusinessError("invoice.number_bad")
    return text


def _short(text: str) -> str:
    kept, said = clean(" ".join(text.split()))
    if said or len(kept) > 35:
        raise BusinessError("invoice.number_bad")
    return kept


def _account(number: str) -> str:
    number = account_numbers.clean(number).upper()
    if number and account_numbers.iban_fault(number):
        raise BusinessError("standing.number_bad", number=number[:34])
    return number


def _sensible(values: dict[str, Any], today: date) -> None:
    if values["kind"] not in Kind.values:
        raise BusinessError("invoice.kind_unknown")
    if values["issued_on"] > today or values["due_on"] < values["issued_on"]:
        raise BusinessError("invoice.days_bad")
    if values["tax"] > values["gross"] or values["discount"] >= values["gross"]:
        raise BusinessError("invoice.amounts_bad")
    if bool(values["discount"]) != bool(values["discount_until"]):
        raise BusinessError("invoice.discount_bad")
    if values["discount"] and (values["kind"] != Kind.INVOICE or values["discount_until"] < values["issued_on"]):
        raise BusinessError("invoice.discount_bad")


def _supplier(entity: Entity, name: str, number: str, actor: User) -> Payee:
    """By the account, else by the name when one payee alone has it, else a new one, whose account nobody confirmed."""
    name, said = clean(" ".join(name.split()))
    if not name or said or len(name) > 140:
        raise BusinessError("standing.name_missing")
    key = names.key(name)
    details = BankDetails.objects.filter(entity=entity, account_number=number, valid_to=None) if number else None
    by_number = details.select_related("payee").order_by("pk").first() if details is not None else None
    by_name = list(Payee.objects.filter(entity=entity, name_key=key).order_by("pk")[:2])
    if by_name and (by_number is None or by_number.payee.name_key != key):
        return by_name[0]
    if by_number is not None:
        return by_number.payee
    now = timezone.now()
    made = Payee.objects.create(
        entity=entity, name=name, name_key=key, created_at=now, created_by=actor, country=number[:2]
    )
    if number:
        BankDetails.objects.create(payee=made, entity=entity, account_number=number, valid_from=now, added_by=actor)
    return made


def alike(invoice: SupplierInvoice) -> list[SupplierInvoice]:
    """Others of the supplier with the same amount and nearly the same date: the same one twice, perhaps. One query."""
    rows = SupplierInvoice.objects.filter(
        supplier=invoice.supplier_id, gross=invoice.gross, currency=invoice.currency, kind=invoice.kind,
        issued_on__range=(invoice.issued_on - ALIKE_WITHIN, invoice.issued_on + ALIKE_WITHIN),
    )  # fmt: skip
    return list(rows.exclude(pk=invoice.pk).exclude(status="cancelled").order_by("pk")[:5])


def cancel(*, actor: User, invoice_id: int, reason: str) -> SupplierInvoice:
    """It was registered by mistake, or the supplier took it back. Never when something of it is paid or on its way."""
    access.demand(actor, MANAGE)
    with transaction.atomic():
        rows = SupplierInvoice.objects.select_for_update().filter(entity__in=access.entity_ids(actor, VIEW))
        invoice = rows.filter(pk=invoice_id).first()
        if invoice is None:
            raise NotThere("not_there")
        access.demand(actor, MANAGE, invoice.entity_id)
        if not reason.strip():
            raise BusinessError("payment.reason_required")
        if invoice.status == SupplierInvoice.Status.CANCELLED:
            raise Conflict("invoice.cancelled_before", number=invoice.number)
        if queries.with_open([invoice])[0].open != invoice.gross:  # type: ignore[attr-defined]
            raise Conflict("invoice.paid_already", number=invoice.number)
        invoice.status = SupplierInvoice.Status.CANCELLED
        invoice.save(update_fields=["status"])
        _record("cancelled", invoice, actor, {}, reason)
    return invoice


@dataclass
class Bundle:
    """What one payment to a supplier would settle: the invoice, what is paid of it, the discount kept."""

    supplier: Payee
    number: str
    shares: list[tuple[SupplierInvoice, Decimal, Decimal]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((-paid if one.kind == Kind.CREDIT_NOTE else paid for one, paid, _kept in self.shares), Decimal(0))

    @property
    def remittance(self) -> str:
        """The numbers, as many as fit; how many more there are."""
        numbers = [one.number for one, _paid, _kept in self.shares]
        text = ", ".join(numbers)
        while len(text) > 140:
            numbers.pop()
            text = f"{', '.join(numbers)} +{len(self.shares) - len(numbers)}"
        return text


def bundles(invoices: Sequence[SupplierInvoice], execution_on: date) -> list[Bundle]:
    """One for each supplier and account: invoices whole, credit notes deducted, discounts kept that are in time.

    ``invoices`` have their ``open`` amounts (queries.invoices.with_open). Credit notes go to the supplier's first one.
    """
    made: dict[tuple[int, str], Bundle] = {}
    of_supplier: dict[int, Bundle] = {}
    known = _known_accounts({one.supplier_id for one in invoices if not one.account_number})
    for one in sorted(invoices, key=lambda invoice: (invoice.kind == Kind.CREDIT_NOTE, invoice.due_on, invoice.pk)):
        left: Decimal = one.open  # type: ignore[attr-defined]
        if left <= 0:
            raise BusinessError("invoice.nothing_open", number=one.number)
        number = one.account_number or known.get(one.supplier_id, "")
        if one.kind == Kind.CREDIT_NOTE:
            if one.supplier_id not in of_supplier:
                raise BusinessError("invoice.credit_alone", number=one.number)
            of_supplier[one.supplier_id].shares.append((one, left, Decimal(0)))
            continue
        if not number:
            raise BusinessError("invoice.no_account", number=one.number, supplier=one.supplier.name)
        in_time = one.discount_until is not None and execution_on <= one.discount_until and left == one.gross
        kept = one.discount if in_time else Decimal(0)
        bundle = made.setdefault((one.supplier_id, number), Bundle(one.supplier, number))
        of_supplier.setdefault(one.supplier_id, bundle)
        bundle.shares.append((one, left - kept, kept))
    for bundle in made.values():
        if bundle.total <= 0:
            raise BusinessError("invoice.credit_too_much", supplier=bundle.supplier.name)
    return list(made.values())


def _known_accounts(suppliers: set[int]) -> dict[int, str]:
    """The account of each supplier that has one alone in use."""
    found = defaultdict(list)
    rows = BankDetails.objects.filter(payee__in=suppliers, valid_to=None).values_list("payee_id", "account_number")
    for payee, number in rows:
        found[payee].append(number)
    return {payee: numbers[0] for payee, numbers in found.items() if len(numbers) == 1}


def pay(
    *, actor: User, account: Account, invoice_ids: Sequence[int], execution_on: date, channel: str = "form"
) -> PaymentBatch:
    """Make the payments of these invoices, one for each supplier and account; the actor is their maker.

    Needs payment.create in the account's entity. Locks the invoices: none is paid twice, and never more than is open.
    """
    access.demand(actor, "payment.create", account.entity_id)
    access.demand(actor, VIEW, account.entity_id)
    keys = sorted(set(invoice_ids))
    if not keys or len(keys) > MOST_AT_ONCE:
        raise BusinessError("invoice.how_many", most=MOST_AT_ONCE)
    with transaction.atomic():
        rows = SupplierInvoice.objects.select_for_update(of=("self",)).select_related("supplier").filter(
            pk__in=keys, entity=account.entity_id
        )  # fmt: skip
        found = queries.with_open(list(rows.order_by("pk")))
        if len(found) != len(keys):
            raise NotThere("not_there")
        for one in found:
            if one.status != SupplierInvoice.Status.REGISTERED or one.currency != account.currency:
                raise BusinessError("invoice.not_payable", number=one.number, currency=account.currency)
        made = bundles(found, execution_on)
        batch = intake.receive_payments(
            payments=[_payment(bundle, account, execution_on) for bundle in made], entity=account.entity, actor=actor,
            channel=channel,
        )  # fmt: skip
        _share(batch, made, actor)
    return batch


def _payment(bundle: Bundle, account: Account, execution_on: date) -> dict[str, Any]:
    first = bundle.shares[0][0]
    return {
        "kind": Payment.Kind.SUPPLIER.value, "debtor_account": account.number, "creditor_name": bundle.supplier.name,
        "creditor_account": bundle.number, "amount": money.plain(bundle.total, account.currency),
        "currency": account.currency, "requested_execution_date": execution_on.isoformat(),
        "remittance": bundle.remittance, "charge_bearer": "SLEV",
        "service_level": "SEPA" if account.currency == "EUR" else "",
        "end_to_end_id": _REFERENCE.sub("-", f"INV{first.pk}-{first.number}")[:35].rstrip(" /"),
    }  # fmt: skip


def _share(batch: PaymentBatch, made: Sequence[Bundle], actor: User) -> None:
    """What each payment settles, by one statement; the database looks at every sum."""
    rows_of = Payment.objects.filter(batch=batch, kind=Payment.Kind.SUPPLIER)
    positions = dict(rows_of.values_list("position", "pk"))
    if len(positions) != len(made):
        raise BusinessError("invoice.not_taken")
    rows = [
        (positions[number], one.pk, paid, kept)
        for number, bundle in enumerate(made, start=1) for one, paid, kept in bundle.shares
    ]  # fmt: skip
    rows.sort(key=lambda row: row[1])
    sql.run(
        "insert into transactions_invoiceshare (payment_id, invoice_id, amount, discount) "
        "select * from unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])",
        list(map(list, zip(*rows, strict=True))),
    )
    trail.record_many("invoice.paid", subject_type="invoice", actor=actor, subjects=[
        (one.pk, one.entity_id, {"number": one.number, "payment": positions[number], "amount": paid, "discount": kept})
        for number, bundle in enumerate(made, start=1) for one, paid, kept in bundle.shares
    ])  # fmt: skip


def shares_of(payment: Payment) -> list[InvoiceShare]:
    """What a supplier payment settles. One query."""
    return list(InvoiceShare.objects.filter(payment=payment).select_related("invoice").order_by("pk"))


def _record(act: str, invoice: SupplierInvoice, actor: User, data: dict[str, Any], reason: str = "") -> None:
    trail.record(
        f"invoice.{act}", subject_type="invoice", subject_id=invoice.pk, entity_id=invoice.entity_id, actor=actor,
        reason=reason.strip()[:500], data={"number": invoice.number, **data},
    )  # fmt: skip
