"""How unusual one payment was when it came: the score, its reasons in words and pictures, and the same made again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.common import formats
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web.case import drawing
from controls.cases import table
from controls.cases.queries import Flow
from controls.models import Case
from controls.scoring import queries
from controls.scoring.movements import UNITS
from transactions.models import Payment
from transactions.queries import payment as fetched


@require_safe
def score_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The page. ``again``: make the score anew and say whether it is the same. Queries: a constant number."""
    access.demand(request.user, table.VIEW)
    payment = fetched(pk, access.entity_ids(request.user, table.VIEW))
    told = queries.of_payment(pk)
    latest = told[0] if told else None
    related = _related(latest, payment)
    history = queries.before(latest.score) if latest else []
    flows = _flows(payment, related)
    context = {
        "payment": payment, "latest": latest, "former": told[1:], "related": related,
        "history": _columns(history, payment), "history_count": len(history),
        "pattern": _pattern(related, payment), "flows": flows,
        "drawing": drawing(flows, Case(subject=payment.debtor_name)) if len(flows) > 1 else None,
        "case": Case(subject=payment.debtor_name),
        "again": queries.made_again(latest) if latest and "again" in request.GET else None,
    }  # fmt: skip
    return render(request, "payment/score.html", context)


def latest(payment: Payment, reader: User) -> queries.Told | None:
    """The score of a payment, for who may see its cases."""
    if not access.can(reader, table.VIEW, payment.entity_id):
        return None
    return next(iter(queries.of_payment(payment.pk)), None)


def _related(told: queries.Told | None, payment: Payment) -> list[Payment]:
    """The payments that the reasons speak of, in their order. One query."""
    keys = [key for key in told.related if key != payment.pk] if told else []
    rows = Payment.objects.filter(pk__in=keys, entity=payment.entity_id).select_related("state")
    return list(rows.order_by("received_at", "pk"))


def _columns(history: Sequence[queries.Before], payment: Payment) -> list[tuple[str, Decimal, str, bool]]:
    rows = []
    for one in history:
        day = timezone.localtime(one.at)
        amount = Decimal(one.amount) / UNITS
        words = f"{formats.amount(amount, payment.currency)}, {formats.when(day)}"
        rows.append((formats.short_day(day), amount, words, one.payment_id == payment.pk))
    return rows


def _pattern(related: Sequence[Payment], payment: Payment) -> list[tuple[str, Decimal, str, bool]]:
    return [
        (formats.short_day(one.received_at), one.amount,
         f"{formats.amount(one.amount, one.currency)}, {formats.when(one.received_at)}", one.pk == payment.pk)
        for one in [*related, payment]
    ]  # fmt: skip


def _flows(payment: Payment, related: Sequence[Payment]) -> list[Flow]:
    """What the reasons speak of as flows around the debtor: what came to it, and what it paid."""
    own = payment.debtor_number
    sums: dict[tuple[bool, str, str], list[Any]] = {}
    for one in [*related, payment]:
        if not own or own not in {one.debtor_number, one.creditor_number}:
            continue
        incoming = one.creditor_number == own
        name = (one.debtor_name if incoming else one.creditor_name) or "\u2013"
        count = sums.setdefault((incoming, name, one.currency), [0, Decimal(0)])
        count[0] += 1
        count[1] += one.amount
    told = [Flow(name, incoming, n, total, currency) for (incoming, name, currency), (n, total) in sums.items()]
    return sorted(told, key=lambda one: (not one.incoming, -one.amount, one.name))
