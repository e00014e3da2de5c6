"""Tags of the queue and payment screens. ``{% load payments %}``."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from backoffice.common import formats
from backoffice.web import batch_figures
from controls.rules import references
from transactions import reasons
from transactions.models import Hold, PaymentBatch

register = template.Library()


@register.simple_tag
def until(moment: datetime | None) -> SafeString:
    """Time left, counted down by the script where there is one."""
    if moment is None:
        return format_html("")
    return format_html(
        '<time datetime="{}" title="{}" data-until>{}</time>',
        moment.isoformat(),
        formats.when(moment, seconds=True),
        formats.until(moment),
    )


@register.filter
def reference(text: str) -> str:
    """What a rule rests on, in the reader's language."""
    return references.said(text)


@register.filter
def sums(batch: PaymentBatch) -> list[str]:
    """What a batch adds up to, one text for each currency."""
    return batch_figures.sums_said(batch)


@register.filter
def hold_words(hold: Hold) -> str:
    """Why a payment waits, in words."""
    return reasons.words(hold.code, reasons.HOLD)


@register.filter
def reason_words(code: str, table: str) -> str:
    """The words of a code: ``{{ code|reason_words:"iso" }}`` or ``"approve"``."""
    tables: dict[str, dict[str, Any]] = {"iso": reasons.ISO, "approve": reasons.APPROVE, "hold": reasons.HOLD}
    return reasons.words(code, tables[table])


@register.filter
def refund_reason(code: str) -> str:
    """Why something is paid back, in words."""
    return reasons.words(code, reasons.REFUND)


@register.filter
def chargeback_reason(code: str) -> str:
    """Why an acquirer took a payment back, in words."""
    return reasons.words(code, reasons.CHARGEBACK)


@register.filter
def received_fault(code: str) -> str:
    """Why an incoming payment waits in suspense, in words, with its ISO 20022 code."""
    return f"{reasons.words(code, reasons.ISO)} ({code})"


@register.simple_tag
def grouped(number: str) -> SafeString:
    """An account number in clear, for a reader who may see it."""
    return format_html('<span class="iban">{}</span>', formats.grouped(number) if number else "–")


CHARGES = {
    "SLEV": gettext_lazy("by service level"),
    "SHAR": gettext_lazy("shared"),
    "DEBT": gettext_lazy("borne by the debtor"),
    "CRED": gettext_lazy("borne by the creditor"),
}


@register.filter
def charges(code: str) -> str:
    """Who bears the charges, in words (ISO 20022 ChargeBearerType)."""
    return str(CHARGES.get(code, code))
