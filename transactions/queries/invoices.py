"""Supplier invoices with what is open of them, and their ages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.db.models import DecimalField, ExpressionWrapper, F, Func

from backoffice.common import sql
from transactions.models import SupplierInvoice

# What is open of an invoice, for querysets; in SQL of our own it is OPEN.
LEFT = ExpressionWrapper(
    F("gross") - Func(F("id"), function="invoice_taken", output_field=DecimalField()), output_field=DecimalField()
)
# Days beyond the due date, up to which a class of age reaches; the last one has no end.
AGES = (0, 30, 60, 90)


def with_open(invoices: Sequence[SupplierInvoice]) -> list[SupplierInvoice]:
    """The invoices, each with ``open`` (what is left of it) and ``days_late`` (0 of a credit note) set. One query."""
    rows = sql.rows(
        "select id, case status when 'cancelled' then 0 else gross - invoice_taken(id) end, "
        "(now() at time zone (select time_zone from people_entity e where e.id = entity_id))::date - due_on "
        "from transactions_supplierinvoice where id = any(%s)",
        [[one.pk for one in invoices]],
    )
    found = {key: (left, late) for key, left, late in rows}
    for one in invoices:
        left, late = found[one.pk]
        one.open = left  # type: ignore[attr-defined]
        owed = left > 0 and one.kind != "credit"
        one.days_late = max(late, 0) if owed else 0  # type: ignore[attr-defined]
    return list(invoices)


OPEN = "status = 'registered' and gross > invoice_taken(id)"


@dataclass(frozen=True)
class Age:
    """Open invoices of one currency by how late they are: not due, to 30, 60, 90 days, later. Credit notes deduct."""

    currency: str
    sums: tuple[Decimal, ...]
    count: int

    @property
    def total(self) -> Decimal:
        return sum(self.sums, Decimal(0))


def ages(entity_ids: Sequence[int], today: date) -> list[Age]:
    """What is open, by currency and age. One query."""
    edges = (*AGES, None)
    parts = ", ".join(
        f"coalesce(sum(left_of) filter (where late > {low} {'' if high is None else f'and late <= {high}'}), 0)"
        for low, high in pairwise(edges)
    )
    rows = sql.rows(
        f"""
        select currency, count(*), coalesce(sum(left_of) filter (where late <= 0), 0), {parts}
        from (select currency, %s::date - due_on as late,
                     (gross - invoice_taken(id)) * case kind when 'credit' then -1 else 1 end as left_of
              from transactions_supplierinvoice where entity_id = any(%s) and {OPEN}) open
        group by currency order by currency
        """,  # noqa: S608 - numbers and text of this module
        [today, list(entity_ids)],
    )
    return [Age(row[0], tuple(row[2:]), row[1]) for row in rows]


def due(account_entity: int, currency: str, until: date) -> list[SupplierInvoice]:
    """Open invoices that fall due by a day, or whose discount ends by then, and every open credit note of their
    suppliers; by supplier, the oldest first. Two queries."""
    keys = [row[0] for row in sql.rows(
        f"""
        with open as (
            select id, supplier_id, kind, due_on, discount_until from transactions_supplierinvoice
            where entity_id = %s and currency = %s and {OPEN}),
        due as (select * from open where kind = 'invoice' and least(due_on, discount_until) <= %s)
        select id from due union
        select id from open where kind = 'credit' and supplier_id in (select supplier_id from due)
        """,  # noqa: S608 - text of this module
        [account_entity, currency, until],
    )]  # fmt: skip
    rows = SupplierInvoice.objects.filter(pk__in=keys).select_related("supplier")
    return with_open(list(rows.order_by("supplier__name", "supplier", "kind", "due_on", "id")))
