"""Reconciliation: how the accounts stand this morning, their positions on a day, and the report of a month."""

import csv
import io
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from backoffice.common import money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import desk_words, lists
from controls.models import Break, ReconciledDay, ReconciliationPolicy
from controls.reconciliation import breaks, calendar, corrections, days, desk, positions, proof
from controls.reconciliation.calendar import Standing
from controls.reconciliation.days import MATCH, SIGN, VIEW
from controls.reconciliation.positions import Position
from transactions.models import Account, Statement
from transactions.queries.search import number_of

# Cells that begin so would be run by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def day_of(text: str) -> date | None:
    try:
        found = parse_date(text.strip())
    except ValueError:
        return None
    return found if found and 2000 <= found.year < 9000 else None


@dataclass(frozen=True)
class Row:
    """An account this morning. ``position`` is that of its last day with a statement, None without one."""

    account: Account
    standing: Standing | None
    position: Position | None
    open: tuple[int, int]


@dataclass(frozen=True)
class Scope:
    places: Sequence[Entity]
    chosen: Sequence[int]
    select: lists.Select
    accounts: Sequence[Account]


def scope(request: HttpRequest) -> Scope:
    """The entities and accounts that the page is about. Three queries."""
    access.demand(request.user, VIEW)
    places = lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    return Scope(places, chosen, entity, days.accounts(chosen))


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Queries: a constant number, and a dozen an account with statements."""
    of, reader, today = scope(request), lists.reader(request), timezone.localdate()
    told = set(
        Statement.objects.filter(account__in=[one.pk for one in of.accounts])
        .values_list("account", flat=True)
        .distinct()
    )
    rows = [_row(one, today) for one in of.accounts if one.pk in told]
    cells = breaks.ageing([one.pk for one in of.accounts], today)
    context = {
        "rows": rows, "untold": [one for one in of.accounts if one.pk not in told],
        "bar": lists.bar(request, [of.select] if len(of.places) > 1 else []), "several_entities": len(of.places) > 1,
        "ageing": ageing(of.accounts, cells), "ages": desk_words.AGES.items(),
        "missing": [(one, by_key(of.accounts)[one.account_id]) for one in calendar.missing(of.accounts, today)],
        "changed": [(one, desk_words.changes(one.change)) for one in calendar.changed(of.chosen)],
        "waiting": corrections.waiting(list(of.chosen)), "reader": reader,
        "prepared": ReconciledDay.objects.filter(entity__in=of.chosen, status="prepared")
        .select_related("account", "prepared_by").order_by("day", "pk")[:50],
        "may_sign": access.can(reader, SIGN) and not reader.is_machine,
        "may_import": access.can(reader, "statement.import"),
    }  # fmt: skip
    return render(request, "reconciliation/start.html", context)


def by_key(accounts: Sequence[Account]) -> dict[int, Account]:
    return {one.pk: one for one in accounts}


def _row(account: Account, today: date) -> Row:
    last = desk.last_day(account)
    opened = (desk.count(desk.open_lines(account)), desk.count(desk.open_items(account)))
    if last is None:
        return Row(account, None, None, opened)
    return Row(account, calendar.standing(account, last, today), positions.position(account, last), opened)


def ageing(accounts: Sequence[Account], cells: Sequence[breaks.Cell]) -> list[dict[str, Any]]:
    """Rows of the table: account and cause, each with a cell for each age."""
    known = by_key(accounts)
    found: dict[tuple[int, str], dict[str, breaks.Cell]] = {}
    for cell in cells:
        found.setdefault((cell.account_id, cell.cause), {})[cell.age] = cell
    return [
        {
            "account": known[account], "cause": cause, "label": Break.Cause(cause).label,
            "cells": [(age, of.get(age)) for age in breaks.AGES],
        }
        for (account, cause), of in sorted(found.items(), key=lambda pair: (known[pair[0][0]].code, pair[0][1]))
    ]  # fmt: skip


@require_safe
def position_report(request: HttpRequest) -> HttpResponse:
    """Where every account stands on a day: bank, books, and what explains the difference by kind."""
    of = scope(request)
    yesterday = timezone.localdate() - timedelta(days=1)
    day = day_of(request.GET.get("day", "")) or yesterday
    found = [(one, positions.position(one, day)) for one in of.accounts]
    rows = [
        {"account": one, "position": at, "sums": [(desk_words.KINDS[kind], *both) for kind, both in at.sums().items()]}
        for one, at in found
        if at.bank is not None or at.books
    ]
    context = {
        "rows": rows,
        "day": day,
        "bar": lists.bar(request, [of.select] if len(of.places) > 1 else [], "", "day"),
    }
    return render(request, "reconciliation/positions.html", context)


def _month(text: str) -> tuple[date, date]:
    """The first and last day of ``2026-11``; of the last month without one."""
    first = day_of(f"{text}-01") or (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def month_rows(accounts: Sequence[Account], last: date) -> list[dict[str, Any]]:
    """Each account at the end of a month: as it was signed, or as it is now. A dozen queries an account."""
    signed = {
        one.account_id: one
        for one in ReconciledDay.objects.filter(
            account__in=[one.pk for one in accounts], day=last, status="signed"
        ).select_related("prepared_by", "signed_by")
    }
    rows = []
    for account in accounts:
        one = signed.get(account.pk)
        told = one.proof if one else proof.of(account, positions.position(account, last))
        if not one and positions.bank_at(account.pk, last) is None and Decimal(told["books"]) == 0:
            continue
        parts = [
            {"kind": kind, "label": desk_words.KINDS[kind], "key": key, "on": day_of(on), "amount": Decimal(amount),
             "words": words}
            for kind, key, on, amount, words in told["explained"]
        ]  # fmt: skip
        rows.append({
            "account": account, "bank": Decimal(told["bank"]), "books": Decimal(told["books"]),
            "unexplained": Decimal(told["unexplained"]), "parts": parts, "sign_off": one,
            "digest": bytes(one.digest).hex() if one else "",
        })  # fmt: skip
    return rows


@require_safe
def month_end(request: HttpRequest) -> HttpResponse:
    of = scope(request)
    first, last = _month(request.GET.get("month", ""))
    context = {
        "rows": month_rows(of.accounts, last), "first": first, "last": last, "month": f"{first:%Y-%m}",
        "bar": lists.bar(request, [of.select] if len(of.places) > 1 else [], "", "month"), "entity": of.select.value,
    }  # fmt: skip
    return render(request, "reconciliation/month.html", context)


def _cell(text: Any) -> str:
    written = str(text)
    return f"'{written}" if written.startswith(FORMULA) else written


@require_GET
def month_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table: a line an account, then one for each thing that explains its difference."""
    of = scope(request)
    _first, last = _month(request.GET.get("month", ""))
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([
        "entity", "account", "number", "currency", "day", "kind", "reference", "date", "amount", "text", "prepared_by",
        "signed_by", "digest",
    ])  # fmt: skip
    for row in month_rows(of.accounts, last):
        account, one = row["account"], row["sign_off"]
        head = [account.entity.code, account.code, account.number, account.currency, last.isoformat()]
        people = [one.prepared_by.full_name, one.signed_by.full_name, row["digest"]] if one else ["", "", ""]
        for kind in ("bank", "books", "unexplained"):
            table.writerow([*map(_cell, head), kind, "", last.isoformat(), proof.plain(row[kind]), "", *people])
        for part in row["parts"]:
            table.writerow([
                *map(_cell, head), part["kind"], part["key"], part["on"], proof.plain(part["amount"]),
                _cell(part["words"]), *people,
            ])  # fmt: skip
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="reconciliation-{last.isoformat()}.csv"'
    return answer


def _number(said: Mapping[str, str], name: str, currency: str) -> Decimal:
    """An amount that may be zero, as a person writes it."""
    found = number_of(said.get(name, "0") or "0", strict=True)
    if found is None:
        raise BusinessError("policy.bounds")
    return money.parse(found, currency) if found else Decimal(0)


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """What is written off and by how many, and when something is a break: of each entity, with what was asked for."""
    access.demand(request.user, VIEW)
    reader, fault = lists.reader(request), ""
    if request.method == "POST":
        access.demand(reader, SIGN)
        places = lists.entities(request, SIGN)
        entity = next((place for place in places if place.code == request.POST.get("entity")), None)
        if entity is None:
            raise NotThere("not_there")
        try:
            corrections.ask_policy(
                actor=reader, entity=entity, write_off=_number(request.POST, "write_off", entity.base_currency),
                alone=_number(request.POST, "alone", entity.base_currency),
                line_days=lists.number(request.POST.get("line_days", "")) or 0,
                item_days=lists.number(request.POST.get("item_days", "")) or 0,
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            fault = str(refused)
        else:
            messages.success(request, _("Asked for. Another person must agree."))
            return redirect("reconciliation_limits")
    may = set(access.entity_ids(reader, SIGN)) if not reader.is_machine else set()
    rows = [
        {
            "entity": place, "now": breaks.policy(place.pk), "may": place.pk in may,
            "asked": ReconciliationPolicy.objects.filter(entity=place, agreed_at=None).select_related("asked_by")
            .filter(pk__gt=breaks.policy(place.pk).pk or 0).order_by("-pk").first(),
        }
        for place in lists.entities(request, VIEW)
    ]  # fmt: skip
    context = {"rows": rows, "fault": fault, "reader": reader}
    return render(request, "reconciliation/limits.html", context, status=422 if fault else 200)


@require_POST
def limits_agree(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, SIGN)
    try:
        corrections.agree_policy(actor=lists.reader(request), policy_id=pk)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The limits count from now on."))
    return redirect("reconciliation_limits")


def may_match(request: HttpRequest, entity_id: int) -> bool:
    reader = lists.reader(request)
    return access.can(reader, MATCH, entity_id) and not reader.is_machine
