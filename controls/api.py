"""/api/v1/ of this room: findings, the detail of a payment with them, and validation."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Moment, Output, PageQuery, plain
from backoffice.people import access
from controls import approvals
from controls import queries as judgements
from controls.api_verification import VerificationOut
from controls.models import Assessment
from controls.verification import asking
from transactions import queries
from transactions.api import ledger
from transactions.api.batches import SumOut
from transactions.api.payments import ApprovalOut, AuditOut, HoldOut, PaymentOut, RequirementOut, with_actors
from transactions.api.verbs import PaymentEndpoint, SignIn, Verb, simple
from transactions.models import PaymentBatch


class FindingOut(Output):
    rule = serializers.CharField(source="rule_code")
    family = serializers.CharField()
    name = serializers.CharField()
    action = serializers.CharField()
    weight = serializers.IntegerField()
    sentence = serializers.CharField(help_text="In the reader's language, with its evidence.")
    legal_reference = serializers.CharField()
    version = serializers.IntegerField()
    threshold = serializers.CharField()
    reject_reason = serializers.CharField()
    level = serializers.IntegerField(help_text="Of control: 1 operations, 2 risk and compliance, 3 internal audit.")
    valid_from = serializers.DateField(allow_null=True, help_text="The rule is in force from this day on.")
    valid_to = serializers.DateField(allow_null=True)


class TimesOut(Output):
    cut_off_at = Moment(allow_null=True, help_text="The last moment to release it now; null: it has no cut-off.")
    execution_date = serializers.DateField(help_text="The day it then goes, which is the value date of the debit.")
    credit_by = serializers.DateField(help_text="The creditor's account is credited on this day at the latest.")
    missed = serializers.BooleanField(help_text="The cut-off of the day that was asked for is past.")
    rule = serializers.IntegerField(source="rule_id", allow_null=True, help_text="The cut-off rule that counts.")


class PaymentDetailOut(PaymentOut):
    times = TimesOut(source="told_times", allow_null=True, help_text="What cut-offs say of it now; null once approved.")
    approvals = ApprovalOut(many=True, source="told_approvals", help_text="The signatures that count.")
    requirements = RequirementOut(
        many=True, source="told_requirements", help_text="What is asked after the validation, frozen with it."
    )
    holds = HoldOut(many=True, source="told_holds")
    verification = VerificationOut(
        source="told_verification", allow_null=True, help_text="Of the payee; null where nobody was asked."
    )
    findings = FindingOut(many=True, source="told_findings", allow_null=True, help_text="Null without rule.view.")
    entries = ledger.EntryOut(many=True, source="told_entries", allow_null=True, help_text="Null without account.view.")
    timeline = AuditOut(many=True, source="told_acts", allow_null=True, help_text="Null without history.view.")


class OutcomeOut(Output):
    outcome = serializers.CharField(
        allow_null=True, help_text="The worst that a check says: pass, warn, second, hold, reject; null is not checked."
    )
    count = serializers.IntegerField()
    sums = SumOut(many=True)


class QueuedOut(Output):
    first_approval = serializers.IntegerField()
    second_approval = serializers.IntegerField()
    on_hold = serializers.IntegerField()


class RuleTallyOut(Output):
    rule = serializers.CharField(source="code")
    name = serializers.CharField()
    action = serializers.CharField(help_text="The worst that the rule says of one of them.")
    count = serializers.IntegerField(help_text="Payments.")


class BatchOutcomeOut(Output):
    batch = serializers.IntegerField()
    payments = serializers.IntegerField(help_text="How many were looked at, in the order of the file: at most 10,000.")
    whole = serializers.BooleanField(help_text="These are all payments that were taken in.")
    outcomes = OutcomeOut(many=True)
    waiting = QueuedOut(help_text="How many of them wait in each queue now.")
    findings = RuleTallyOut(many=True, allow_null=True, help_text="By rule, the gravest first. Null without rule.view.")


class AssessmentOut(Output):
    id = serializers.IntegerField()
    payment = serializers.IntegerField(source="payment_id")
    rule_set = serializers.CharField(source="rule_set.digest")
    ran_at = Moment()
    outcome = serializers.CharField()
    risk = serializers.IntegerField()
    finding_count = serializers.IntegerField()


class ChecksOut(Output):
    items = FindingOut(many=True, help_text="Every rule that ran; action is empty for one that was passed.")


class PaymentDetail(PaymentEndpoint):
    @act("payment.view", "A payment: state, findings, signatures, holds, entries and timeline", output=PaymentDetailOut)
    def get(self, request: Request, payment_id: int) -> Any:
        payment: Any = queries.payment(payment_id, self.places())
        queries.with_times([payment])
        payment.told_times = None
        if payment.state.status in {"received", "checked", "validated"}:
            payment.told_times = queries.times([payment_id], timezone.now())[payment_id]
        payment.told_approvals = queries.signatures(payment_id)
        payment.told_requirements = queries.requirements(payment_id)
        payment.told_holds = queries.holds(payment_id)
        payment.told_verification = asking.last_of(payment_id)
        payment.told_findings = payment.told_entries = payment.told_acts = None
        if access.can(self.person, "rule.view", payment.entity_id):
            payment.told_findings = judgements.findings([payment_id]).get(payment_id, [])
        if access.can(self.person, "account.view", payment.entity_id):
            payment.told_entries = list(ledger.rows().filter(payment=payment_id).order_by("id"))
        if access.can(self.person, "history.view", payment.entity_id):
            payment.told_acts = with_actors(queries.timeline(payment_id))
        return self.show(PaymentDetailOut, payment)


class PaymentChecks(PaymentEndpoint):
    @act("rule.view", "Every check of a payment, passed ones included", output=ChecksOut)
    def get(self, request: Request, payment_id: int) -> Any:
        self.fetch(payment_id)
        return {"items": self.show(FindingOut, judgements.checks(payment_id), many=True)}


class PaymentAssessments(PaymentEndpoint):
    @act("rule.view", "The runs of the rules on a payment, the last first", output=AssessmentOut, query=PageQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request, payment_id: int) -> Any:
        self.fetch(payment_id)
        rows = Assessment.objects.filter(payment=payment_id).select_related("rule_set")
        return self.page_of(rows, key=("id",), salt=f"assessments:{payment_id}")


class BatchOutcome(Endpoint):
    @act("batch.view", "How the payments of a batch fared in the checks, and what was found by rule",
         output=BatchOutcomeOut)  # fmt: skip
    def get(self, request: Request, batch_id: int) -> Any:
        batch = self.scoped(PaymentBatch.objects.all(), batch_id, seen="batch.view")
        stands = queries.standing(batch.pk)
        told: dict[str, Any] = {
            "batch": batch.pk,
            "payments": stands.count,
            "whole": batch.taken_count <= stands.count,
            "outcomes": [
                {
                    "outcome": group.outcome or None,
                    "count": group.count,
                    "sums": [{"currency": code, "amount": plain(total, code)} for code, total in group.sums],
                }
                for group in stands.fared
            ],
            "waiting": {"first_approval": stands.todo, "second_approval": stands.second, "on_hold": stands.waiting},
            "findings": None,
        }
        if access.can(self.person, "rule.view", batch.entity_id):
            told["findings"] = judgements.findings_of_batch(batch.pk)
        return self.show(BatchOutcomeOut, told)


VALIDATE = Verb(
    "validate", "payment.validate", "Sign first: a checked payment goes on to another person", SignIn,
    simple(approvals.validate),
)  # fmt: skip
