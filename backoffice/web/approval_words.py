"""What the approval matrix asks, in words: the demands of a place, the stages of a row, its conditions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import formats
from backoffice.people import roles, signing
from controls.models import ApprovalPolicy, StraightPolicy
from transactions.models import Payment, PaymentBatch


def demands(*, role: str, team: str, ceiling: Decimal | None, currency: str) -> str:
    """Of whom a signature is asked; empty when whoever has the right may give it."""
    said = [str(roles.NAMES[role]).lower()] if role else []
    if team:
        said.append(_("team “%(team)s”") % {"team": team})
    if ceiling is not None:
        said.append(_("limit of %(amount)s or more") % {"amount": formats.amount(ceiling, currency)})
    return ", ".join(said)


def persons(count: int) -> str:
    words = {1: _("one person"), 2: _("two persons"), 3: _("three persons")}
    return words.get(count) or ngettext("%(n)s person", "%(n)s persons", count) % {"n": count}


def stages(asked: Sequence[tuple[int, str]]) -> str:
    """Stages, each a number of persons and what is asked of them: ``one person, then one person (supervisor)``."""
    said = [
        _("%(persons)s (%(demands)s)") % {"persons": persons(count), "demands": of_whom} if of_whom else persons(count)
        for count, of_whom in asked
    ]
    return _(", then ").join(said)


def row(policy: ApprovalPolicy, teams: Mapping[int, str]) -> str:
    """A row of the matrix as a sentence: ``SEPA credit transfer from 10,000.00 EUR: two persons``. No query."""
    kinds, channels = dict(Payment.Kind.choices), dict(PaymentBatch.Channel.choices)
    told = str(kinds.get(policy.kind, _("Any kind")))
    amount = formats.amount(policy.from_amount, policy.currency)
    told = _("%(what)s from %(amount)s") % {"what": told, "amount": amount}
    if policy.channel:
        told += _(", by %(channel)s") % {"channel": channels.get(policy.channel, policy.channel)}
    if policy.new_payee:
        told += _(", to a new payee")
    if policy.risk_from:
        told += _(", risk of %(risk)s or more") % {"risk": policy.risk_from}
    asked = signing.stages_of(policy.stages) or [signing.Stage(policy.approvals)]
    return _("%(conditions)s: %(persons)s") % {
        "conditions": told, "persons": in_words(asked, teams, policy.currency),
    }  # fmt: skip


def in_words(asked: Sequence[signing.Stage], teams: Mapping[int, str], currency: str) -> str:
    return stages(
        [
            (
                stage.persons,
                demands(
                    role=stage.role, team=teams.get(stage.team_id or 0, ""), ceiling=stage.ceiling, currency=currency
                ),
            )
            for stage in asked
        ]
    )


def straight(policy: StraightPolicy) -> str:
    """The conditions of a policy of straight-through processing as a sentence. No query beyond its source."""
    kinds, channels = dict(Payment.Kind.choices), dict(PaymentBatch.Channel.choices)
    told = _("%(what)s up to %(amount)s each and %(day)s a day") % {
        "what": kinds.get(policy.kind, _("Any kind")), "amount": formats.amount(policy.max_amount, policy.currency),
        "day": formats.amount(policy.day_amount, policy.currency),
    }  # fmt: skip
    if policy.channel:
        told += _(", by %(channel)s") % {"channel": channels.get(policy.channel, policy.channel)}
    if policy.source:
        told += _(", from %(source)s") % {"source": policy.source.name}
    return told + (_(", only to accounts that were paid before") if policy.known_payees else "")
