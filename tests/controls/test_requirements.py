"""A further person asked by a check is asked for, also when the same payment is held for another reason."""

from decimal import Decimal

import pytest
from django.utils import timezone

from controls import approvals
from controls.models import ApprovalPolicy, Assessment, RuleResult, RuleSet, RuleVersion
from tests import people
from transactions.models import PaymentState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("action", "shadow", "asked"), [("second", False, 2), ("second", True, 1), ("hold", False, 1)])
def test_the_last_assessment_decides(action: str, shadow: bool, asked: int) -> None:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    payment = people.payment(stage)
    PaymentState.objects.filter(pk=payment.pk).update(outcome="hold")
    rule_set = RuleSet.objects.create(digest="0" * 64, members=[])
    assessment = Assessment.objects.create(
        payment=payment, rule_set=rule_set, ran_at=timezone.now(), outcome="hold", risk=50, finding_count=1
    )
    version = RuleVersion.objects.order_by("pk").first()
    RuleResult.objects.create(
        assessment=assessment, payment=payment, version=version, action=action, weight=10, shadow=shadow
    )
    assert approvals.requirements([payment.pk])[payment.pk].persons == asked
