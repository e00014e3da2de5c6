"""The figures of a batch in words: what it adds up to, and what the file says of itself beside what was counted."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import formats
from controls import queries as judgements
from transactions import queries
from transactions.intake import sums
from transactions.models import PaymentBatch


def sums_said(batch: PaymentBatch) -> list[str]:
    """One amount for each currency; what had none is a number."""
    return [
        formats.amount(total, currency, exact=True) if currency else formats.control_sum(total)
        for currency, total in sums.of(batch)
    ]


# How each outcome is called, and the tone and icon of its pill.
OUTCOMES: dict[str, tuple[str | Promise, str]] = {
    "pass": (gettext_lazy("Passed"), "pass"),
    "warn": (gettext_lazy("With a warning"), "warn"),
    "second": (gettext_lazy("Further approval asked"), "second"),
    "hold": (gettext_lazy("Held by a check"), "hold"),
    "reject": (gettext_lazy("Rejection proposed"), "reject"),
    "": (gettext_lazy("Not checked yet"), "none"),
}


def outcome(batch: PaymentBatch, *, with_rules: bool) -> dict[str, Any]:
    """How the payments of a file fared, where they wait now, and the findings by rule. Two queries, one without rules.

    Counted are the first payments of a file, up to the cap; ``seen`` says how many when these are not all.
    """
    stands = queries.standing(batch.pk)
    mine = f"batch={batch.pk}"
    waits = [
        (_("To do"), stands.todo, f"{reverse('queue')}?{mine}"),
        (_("Second approval"), stands.second, f"{reverse('second_approvals')}?{mine}"),
        (_("Waiting"), stands.waiting, f"{reverse('queue')}?view={queries.WAITING}&{mine}"),
    ]
    return {
        "fared": [
            {
                "label": OUTCOMES[group.outcome][0],
                "tone": OUTCOMES[group.outcome][1],
                "count": group.count,
                "sums": [formats.amount(total, currency) for currency, total in group.sums],
            }
            for group in stands.fared
        ],
        "waits": [wait for wait in waits if wait[1]],
        "seen": stands.count if batch.taken_count > stands.count else 0,
        "rules": [
            (rule, f"{reverse('queue')}?{_view(rule.action)}{mine}&rule={quote(rule.code)}")
            for rule in judgements.findings_of_batch(batch.pk)
        ]
        if with_rules
        else [],
    }


def _view(action: str) -> str:
    """The view of the queue in which payments with such a finding are."""
    return f"view={queries.WAITING}&" if action in {"hold", "reject"} else ""


def declared(batch: PaymentBatch) -> list[dict[str, Any]]:
    """Count and control sum: what the file says of itself beside what was counted."""
    rows: list[dict[str, Any]] = []
    if batch.declared_count is not None:
        rows.append(_compared(_("Payments"), batch.declared_count, batch.read_count, ""))
    if batch.declared_sum is not None:
        currencies = list(batch.read_sums)
        alone = currencies[0] if len(currencies) == 1 else ""
        rows.append(_compared(_("Control sum"), batch.declared_sum, batch.read_sum, alone))
    return rows


def _compared(label: str, said: Decimal | int, counted: Decimal | int, currency: str) -> dict[str, Any]:
    return {
        "label": label,
        "said": _figure(said, currency),
        "counted": _figure(counted, currency),
        "gap": _figure(counted - said, currency),
        "same": said == counted,
    }


def _figure(value: Decimal | int, currency: str) -> str:
    """A control sum over several currencies has none of its own."""
    if isinstance(value, int):
        return formats.count(value)
    return formats.amount(value, currency, exact=True) if currency else formats.control_sum(value)
