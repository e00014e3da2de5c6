"""/api/v1/supplier-invoices: registered, cancelled, and paid by payments that name them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import money
from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Number, Output, PageQuery, Person, Text
from transactions import invoices
from transactions.api.batches import BatchOut
from transactions.models import Account, InvoiceShare, SupplierInvoice
from transactions.queries import invoices as queries


class InvoiceOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    supplier = serializers.IntegerField(source="supplier_id", help_text="The payee.")
    supplier_name = serializers.CharField(source="supplier.name")
    kind = serializers.CharField()
    number = serializers.CharField()
    issued_on = serializers.DateField()
    received_on = serializers.DateField()
    due_on = serializers.DateField()
    gross = Money()
    tax = Money()
    currency = serializers.CharField()
    open = Money(help_text="What is left to pay; what is on its way is taken off.")
    days_late = serializers.IntegerField()
    discount = Money()
    discount_until = serializers.DateField(allow_null=True)
    account_number = Number()
    order_reference = serializers.CharField()
    attachment = serializers.IntegerField(source="attachment_id", allow_null=True)
    status = serializers.CharField()
    registered_by = Person()
    registered_at = Moment()


class ShareOut(Output):
    payment = serializers.IntegerField(source="payment_id")
    payment_status = serializers.CharField(source="payment.state.status")
    amount = Money(currency="payment.currency")
    discount = Money(currency="payment.currency")


class InvoiceDetailOut(InvoiceOut):
    shares = ShareOut(many=True, source="told_shares")
    alike = serializers.ListField(
        child=serializers.IntegerField(), source="told_alike",
        help_text="Others of the supplier with the same amount and nearly the same date.",
    )  # fmt: skip


class InvoiceQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(SupplierInvoice.Status.values, required=False)
    supplier = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    number = serializers.CharField(required=False, max_length=35)


class InvoiceIn(Input):
    entity = serializers.IntegerField(required=False)
    supplier_name = serializers.CharField(max_length=140)
    kind = serializers.ChoiceField(SupplierInvoice.Kind.values, default=SupplierInvoice.Kind.INVOICE)
    number = serializers.CharField(max_length=35)
    issued_on = serializers.DateField()
    received_on = serializers.DateField(required=False)
    due_on = serializers.DateField(required=False, help_text="Left out: 30 days after receipt.")
    gross = MoneyText(max_length=24)
    tax = MoneyText(max_length=24, required=False)
    currency = serializers.CharField(max_length=3, default="EUR")
    discount = MoneyText(max_length=24, required=False)
    discount_until = serializers.DateField(required=False)
    account_number = Text(42)
    order_reference = Text(35)


class InvoiceCancelIn(Input):
    reason = serializers.CharField(max_length=500)


class InvoicePayIn(Input):
    account = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    invoices = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=invoices.MOST_AT_ONCE,
        min_length=1,
    )  # fmt: skip
    execution_date = serializers.DateField()


def _amounts(body: Any) -> dict[str, Any]:
    values = dict(body)
    for name in ("gross", "tax", "discount"):
        if name in values:
            values[name] = money.number(values[name])
    return values


class InvoiceEndpoint(Endpoint):
    def told(self, invoice_id: int) -> Any:
        rows = SupplierInvoice.objects.select_related("supplier", "registered_by")
        found: Any = self.scoped(rows, invoice_id, seen=invoices.VIEW)
        queries.with_open([found])
        found.told_shares = list(
            InvoiceShare.objects.filter(invoice=found).select_related("payment", "payment__state").order_by("pk")
        )
        found.told_alike = [one.pk for one in invoices.alike(found)]
        return self.show(InvoiceDetailOut, found)


class InvoiceList(InvoiceEndpoint):
    @act("invoice.view", "Supplier invoices, the newest first", output=InvoiceOut, query=InvoiceQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = SupplierInvoice.objects.filter(entity__in=self.chosen()).select_related("supplier", "registered_by")
        for name in ("status", "supplier"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        if "number" in self.query:
            found = found.filter(number_key=invoices.number_key(self.query["number"]))
        return self.page_of(found, key=("id",), salt="invoices")

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        return super().paged(queries.with_open(items), following, previous)

    @act("invoice.manage", "Register an invoice or a credit note", body=InvoiceIn, output=InvoiceDetailOut, status=201)
    def post(self, request: Request) -> Any:
        values = _amounts(self.body)
        values.pop("entity", None)
        made = invoices.register(actor=self.person, entity=self.entity(), **values)
        return self.told(made.pk)


class InvoiceDetail(InvoiceEndpoint):
    @act("invoice.view", "A supplier invoice with what paid it", output=InvoiceDetailOut)
    def get(self, request: Request, invoice_id: int) -> Any:
        return self.told(invoice_id)


class InvoiceCancel(InvoiceEndpoint):
    @act("invoice.manage", "Cancel an invoice of which nothing is paid", body=InvoiceCancelIn, output=InvoiceDetailOut)
    def post(self, request: Request, invoice_id: int) -> Any:
        self.scoped(SupplierInvoice.objects.all(), invoice_id, seen=invoices.VIEW)
        invoices.cancel(actor=self.person, invoice_id=invoice_id, reason=self.body["reason"])
        return self.told(invoice_id)


class InvoicePay(Endpoint):
    @act("payment.create", "Make the payments of invoices, one for each supplier", body=InvoicePayIn, output=BatchOut,
         status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        account = self.scoped(
            Account.objects.select_related("entity"), self.body["account"], seen="account.view"
        )  # fmt: skip
        batch = invoices.pay(
            actor=self.person, account=account, invoice_ids=self.body["invoices"],
            execution_on=self.body["execution_date"], channel="api",
        )  # fmt: skip
        return self.show(BatchOut, batch)
