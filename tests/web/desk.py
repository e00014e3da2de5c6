"""A desk to work at: someone signed in, payments with findings, what is on record afterwards."""

import itertools
from typing import Any

from django.test import Client
from django.utils import timezone

from backoffice.people.models import User
from controls.models import Assessment, Rule, RuleResult, RuleSet, RuleVersion
from documents.models import AuditRecord
from tests import database
from transactions.models import Payment, PaymentState

_number = itertools.count(1)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def finding(payment: Payment, action: str = "warn", *, family: str = "payee", weight: int = 20) -> Rule:
    """An assessment of the payment with one result of a rule made for it, and the state that follows from it."""
    number = next(_number)
    rule = Rule.objects.create(
        code=f"T{number:03}", family=family, name_en=f"Check {number}", name_fr=f"Contrôle {number}"
    )
    version = RuleVersion.objects.create(
        rule=rule,
        number=1,
        expression="true",
        action=action,
        mode="active",
        weight=weight,
        sentence_en=f"Finding {number}",
        sentence_fr=f"Constat {number}",
    )
    member = {"rule": rule.code, "version": version.pk, "mode": "active", "entity": None}
    rule_set = RuleSet.objects.create(digest=f"{number:064}", members=[member])
    assessment = Assessment.objects.create(
        payment=payment, rule_set=rule_set, ran_at=timezone.now(), outcome=action, risk=weight, finding_count=1
    )
    RuleResult.objects.create(
        assessment=assessment, payment=payment, version=version, action=action, weight=weight, evidence={}
    )
    database.update(PaymentState.objects.filter(pk=payment.pk), outcome=action, risk=weight)
    return rule


def state(payment: Payment) -> PaymentState:
    return PaymentState.objects.get(pk=payment.pk)


def standing(payment: Payment) -> tuple[Any, ...]:
    """Everything that an act could move: to compare before and after a denied one."""
    found = state(payment)
    return (
        found.status,
        found.version,
        found.hold_count,
        found.approvals_given,
        found.claimed_by_id,
        AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).count(),
    )


def acts(payment: Payment) -> list[str]:
    """What happened to a payment, oldest first."""
    rows = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).order_by("id")
    return [row.action for row in rows]
