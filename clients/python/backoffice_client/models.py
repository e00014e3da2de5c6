"""What goes in and out. Generated from docs/openapi.yaml by `make client`; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


AccountInKindEnum = Literal[
    "customer", "bank", "transit", "payable", "receivable", "suspense", "expense", "income", "equity"
]


class AccountInRequest(TypedDict):
    entity: NotRequired[int]
    code: str
    name: str
    kind: AccountInKindEnum
    currency: str
    iban: NotRequired[str]
    bic: NotRequired[str]
    other_number: NotRequired[str]
    counterpart: NotRequired[int]
    transit: NotRequired[int]
    cut_off: NotRequired[str]
    overdraft: NotRequired[str | None]


class AccountOut(TypedDict):
    id: int
    entity: int
    code: str
    name: str
    kind: str
    normal_side: str
    currency: str
    iban: str
    bic: str
    other_number: str
    status: str
    counterpart: int | None
    transit: int | None
    cut_off: str | None
    opened_on: str
    balance: str
    held: str
    available: str
    floor: str | None


class AccountOutPage(TypedDict):
    items: list[AccountOut]
    next: str | None
    previous: str | None


ActEnum = Literal["validate", "approve"]


class AddressInRequest(TypedDict):
    street: NotRequired[str]
    building: NotRequired[str]
    post_code: NotRequired[str]
    town: NotRequired[str]
    country: NotRequired[str]
    lines: NotRequired[list[str]]


class AmendInRequest(TypedDict):
    version: int
    changes: ChangesInRequest
    reason: str


class AnswerOut(TypedDict):
    payment: int
    done: bool
    code: str
    params: dict[str, Any]
    detail: str


class AnswersOut(TypedDict):
    done: int
    refused: int
    answers: list[AnswerOut]


class ApprovalOut(TypedDict):
    stage: int
    person: Person
    on_behalf_of: Person | None
    reason_code: str
    reason: str
    given_at: str


class ApproveInRequest(TypedDict):
    """Sign as the next person; the last signature sends it on"""

    version: NotRequired[int]
    reason_code: NotRequired[str]
    reason: NotRequired[str]
    on_behalf_of: NotRequired[int]


class ApproveManyInRequest(TypedDict):
    """Sign as the next person; the last signature sends it on"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: NotRequired[str]
    reason: NotRequired[str]
    on_behalf_of: NotRequired[int]


class AssessmentOut(TypedDict):
    id: int
    payment: int
    rule_set: str
    ran_at: str
    outcome: str
    risk: int
    finding_count: int


class AssessmentOutPage(TypedDict):
    items: list[AssessmentOut]
    next: str | None
    previous: str | None


class AssignInRequest(TypedDict):
    reason: str
    payment: int


class AttachmentOut(TypedDict):
    id: int
    entity: int
    name: str
    content_type: str
    size: int
    sha256: str
    created_by: Person | None
    created_at: str


class AttemptOut(TypedDict):
    signed_at: str
    duration_ms: int
    address: str
    status: int | None
    answer: str
    code: str
    detail: str


class AuditOut(TypedDict):
    id: int
    occurred_at: str
    entity: int | None
    subject_type: str
    subject: int
    action: str
    actor: Person | None
    reason: str
    data: dict[str, Any] | None


class AuditOutPage(TypedDict):
    items: list[AuditOut]
    next: str | None
    previous: str | None


class BankAnswerOut(TypedDict):
    id: int
    message: int
    position: int
    level: str
    status: str
    reason_code: str
    reason_text: str
    payment_info_id: str
    instruction_id: str
    end_to_end_id: str
    uetr: str
    amount: str | None
    currency: str
    effective_on: str | None
    outgoing_file: int | None
    payment: int | None
    payment_count: int
    outcome: str
    outcome_code: str
    detail: str
    decided_by: Person | None
    decided_at: str | None
    decision: str


class BankAnswerOutPage(TypedDict):
    items: list[BankAnswerOut]
    next: str | None
    previous: str | None


class BankDetailsInRequest(TypedDict):
    account_number: str
    bic: NotRequired[str]
    reason: str


class BankDetailsOut(TypedDict):
    id: int
    account_number: str
    bic: str
    valid_from: str
    valid_to: str | None
    added_by: Person | None
    confirmed_by: Person | None
    confirmed_at: str | None


class BatchDetailOut(TypedDict):
    id: int
    entity: int
    source: NotRequired[str | None]
    channel: str
    attachment: int
    sha256: str
    file_name: str
    format: str
    message_id: str
    initiating_party: str
    status: str
    declared_count: int | None
    declared_sum: str | None
    read_count: int
    read_sum: str
    read_sums: list[SumOut]
    taken_count: int
    problem_count: int
    checked_count: int
    refusal: str
    imported_by: Person | None
    created_at: str
    read_at: str | None
    ready_at: str | None
    progress: dict[str, Any]


class BatchOut(TypedDict):
    id: int
    entity: int
    source: NotRequired[str | None]
    channel: str
    attachment: int
    sha256: str
    file_name: str
    format: str
    message_id: str
    initiating_party: str
    status: str
    declared_count: int | None
    declared_sum: str | None
    read_count: int
    read_sum: str
    read_sums: list[SumOut]
    taken_count: int
    problem_count: int
    checked_count: int
    refusal: str
    imported_by: Person | None
    created_at: str
    read_at: str | None
    ready_at: str | None


class BatchOutPage(TypedDict):
    items: list[BatchOut]
    next: str | None
    previous: str | None


class BatchOutcomeOut(TypedDict):
    batch: int
    payments: int
    whole: bool
    outcomes: list[OutcomeOut]
    waiting: QueuedOut
    findings: list[RuleTallyOut] | None


BlankEnum = Literal[""]


class BookOut(TypedDict):
    entity: int
    currency: str
    lines: list[LineOut]
    debit: str
    credit: str
    balanced: bool


class CancelInRequest(TypedDict):
    """Take a payment back before posting"""

    version: NotRequired[int]
    reason: str


class CancelManyInRequest(TypedDict):
    """Take a payment back before posting"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class ChangeOut(TypedDict):
    id: int
    subject: str
    subject_id: int | None
    entity: int | None
    change: dict[str, Any]
    reason: str
    status: str
    asked_by: Person
    asked_at: str
    decided_by: Person | None
    decided_at: str | None
    answer: str
    signatures: list[ChangeSignatureOut]


class ChangeOutPage(TypedDict):
    items: list[ChangeOut]
    next: str | None
    previous: str | None


class ChangeReasonInRequest(TypedDict):
    reason: str


class ChangeSignatureOut(TypedDict):
    person: Person
    given_at: str


class ChangesInRequest(TypedDict):
    creditor_name: NotRequired[str]
    creditor_number: NotRequired[str]
    creditor_bic: NotRequired[str]
    creditor_address: NotRequired[AddressInRequest]
    ultimate_creditor: NotRequired[str]
    requested_execution_date: NotRequired[str]
    remittance: NotRequired[str]
    creditor_reference: NotRequired[str]
    end_to_end_id: NotRequired[str]
    purpose: NotRequired[str]
    charge_bearer: NotRequired[str]


class ChecksOut(TypedDict):
    items: list[FindingOut]


class ClaimManyInRequest(TypedDict):
    """Keep a payment to oneself for five minutes"""

    ids: list[int]


class CommentInRequest(TypedDict):
    text: str


class ConfirmInRequest(TypedDict):
    reason: str


class DelegationInRequest(TypedDict):
    deputy: int
    act: ActEnum
    entity: int
    valid_from: str
    valid_to: str
    reason: str


class DelegationOut(TypedDict):
    id: int
    giver: Person
    deputy: Person
    act: str
    entity: int
    valid_from: str
    valid_to: str
    reason: str
    given_at: str
    ended_at: str | None
    ended_by: Person | None


class DelegationOutPage(TypedDict):
    items: list[DelegationOut]
    next: str | None
    previous: str | None


class DeliveryDetailOut(TypedDict):
    id: int
    event: int
    type: str
    subject_type: str
    subject: int
    occurred_at: str
    status: str
    attempts: int
    next_at: str
    finished_at: str | None
    replay_of: int | None
    body: str
    log: list[AttemptOut]


class DeliveryOut(TypedDict):
    id: int
    event: int
    type: str
    subject_type: str
    subject: int
    occurred_at: str
    status: str
    attempts: int
    next_at: str
    finished_at: str | None
    replay_of: int | None


class DeliveryOutPage(TypedDict):
    items: list[DeliveryOut]
    next: str | None
    previous: str | None


class DismissInRequest(TypedDict):
    reason: str


DocumentInKindEnum = Literal["invoice", "contract", "bank_details", "other"]


class DocumentInRequest(TypedDict):
    kind: NotRequired[DocumentInKindEnum]
    file_name: NotRequired[str]
    file: bytes


class EntityOut(TypedDict):
    id: int
    code: str
    name: str
    profile: str
    country: str
    bic: str
    time_zone: str
    base_currency: str


class EntityOutPage(TypedDict):
    items: list[EntityOut]
    next: str | None
    previous: str | None


class EntryOut(TypedDict):
    id: int
    entity: int
    payment: int | None
    kind: str
    label: str
    booking_date: str
    value_date: str
    created_at: str
    reverses: int | None
    postings: list[EntryPostingOut]


class EntryOutPage(TypedDict):
    items: list[EntryOut]
    next: str | None
    previous: str | None


class EntryPostingOut(TypedDict):
    id: int
    account: int
    account_code: str
    side: str
    amount: str
    currency: str
    balance_after: str


EventsEnum = Literal[
    "batch.ready",
    "batch.refused",
    "change.approved",
    "change.asked",
    "change.refused",
    "delegation.ended",
    "delegation.given",
    "file.prepared",
    "file.sent",
    "file.settled",
    "payment.amended",
    "payment.approved",
    "payment.cancelled",
    "payment.checked",
    "payment.held",
    "payment.lifted",
    "payment.passed_straight",
    "payment.posted",
    "payment.received",
    "payment.rejected",
    "payment.reopened",
    "payment.returned",
    "payment.sent",
    "payment.sent_back",
    "payment.settled",
    "payment.validated",
    "policy.began",
    "policy.stopped",
]


class FileInRequest(TypedDict):
    entity: NotRequired[int]
    source: NotRequired[str]
    file_name: NotRequired[str]
    file: bytes


class FindingOut(TypedDict):
    rule: str
    family: str
    name: str
    action: str
    weight: int
    sentence: str
    legal_reference: str
    version: int
    threshold: str
    reject_reason: str
    level: int
    valid_from: str | None
    valid_to: str | None


class GrantOut(TypedDict):
    role: str
    entity: int | None


class HoldInRequest(TypedDict):
    """Make a payment wait"""

    version: NotRequired[int]
    reason: str
    until: NotRequired[str]


class HoldManyInRequest(TypedDict):
    """Make a payment wait"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    until: NotRequired[str]


class HoldOut(TypedDict):
    id: int
    code: str
    reason: str
    rule: str
    placed_by: Person | None
    placed_at: str
    until: str | None
    lifted_by: Person | None
    lifted_at: str | None
    lift_reason: str


class IndexOut(TypedDict):
    document: str
    me: str
    lists: list[str]


class LiftInRequest(TypedDict):
    """Lift every hold of a payment"""

    version: NotRequired[int]
    reason: str


class LiftManyInRequest(TypedDict):
    """Lift every hold of a payment"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class LimitAsked(TypedDict):
    in_effect: bool
    change: ChangeOut | None


class LimitInRequest(TypedDict):
    act: ActEnum
    currency: NotRequired[str]
    amount: str | None
    day_amount: NotRequired[str | None]


class LimitOut(TypedDict):
    act: str
    currency: str
    amount: str
    day_amount: str | None


class LineOut(TypedDict):
    account: int | None
    account_code: str | None
    account_name: str | None
    kind: str
    count: int
    debit: str
    credit: str


class LinkedList(TypedDict):
    items: list[LinkedOut]


class LinkedOut(TypedDict):
    kind: str
    linked_by: Person | None
    linked_at: str
    attachment: AttachmentOut


MakerEnum = Literal["importer", "sender"]


class MandateAmendInRequest(TypedDict):
    debtor_name: str
    debtor_number: str
    debtor_bic: NotRequired[str]
    reason: str


class MandateCancelInRequest(TypedDict):
    reason: str


class MandateDetailOut(TypedDict):
    id: int
    entity: int
    account: int
    creditor_scheme_id: str
    reference: str
    scheme: str
    kind: str
    debtor_name: str
    debtor_number: str
    debtor_bic: str
    signed_on: str
    status: str
    created_by: Person | None
    created_at: str
    versions: list[VersionOut]


MandateInKindEnum = Literal["recurrent", "one_off"]


class MandateInRequest(TypedDict):
    debtor_name: str
    debtor_number: str
    debtor_bic: NotRequired[str]
    account: int
    creditor_scheme_id: str
    reference: str
    scheme: NotRequired[SchemeEnum]
    kind: NotRequired[MandateInKindEnum]
    signed_on: str


class MandateOut(TypedDict):
    id: int
    entity: int
    account: int
    creditor_scheme_id: str
    reference: str
    scheme: str
    kind: str
    debtor_name: str
    debtor_number: str
    debtor_bic: str
    signed_on: str
    status: str
    created_by: Person | None
    created_at: str


class MandateOutPage(TypedDict):
    items: list[MandateOut]
    next: str | None
    previous: str | None


class MatrixChangeInRequest(TypedDict):
    reason: str
    kind: NotRequired[str]
    channel: NotRequired[str]
    currency: NotRequired[str]
    from_amount: NotRequired[str]
    risk_from: NotRequired[int]
    new_payee: NotRequired[bool]
    stages: list[StageInRequest]
    valid_from: NotRequired[str | None]
    valid_to: NotRequired[str | None]


class MatrixRowInRequest(TypedDict):
    reason: str
    kind: NotRequired[str]
    channel: NotRequired[str]
    currency: NotRequired[str]
    from_amount: NotRequired[str]
    risk_from: NotRequired[int]
    new_payee: NotRequired[bool]
    stages: list[StageInRequest]
    valid_from: NotRequired[str | None]
    valid_to: NotRequired[str | None]
    entity: NotRequired[int]


class MatrixRowOut(TypedDict):
    id: int
    entity: int
    kind: str
    channel: str
    currency: str
    from_amount: str
    risk_from: int
    new_payee: bool
    approvals: int
    stages: list[dict[str, Any]]
    valid_from: str | None
    valid_to: str | None


class MatrixRowOutPage(TypedDict):
    items: list[MatrixRowOut]
    next: str | None
    previous: str | None


class MeOut(TypedDict):
    id: int
    email: str
    name: str
    is_machine: bool
    language: str
    grants: list[GrantOut]
    limits: list[LimitOut]
    rights: list[str]


class MessageInRequest(TypedDict):
    entity: NotRequired[int]
    file_name: NotRequired[str]
    file: bytes


class MessageOut(TypedDict):
    id: int
    entity: int
    kind: str
    format: str
    sender: str
    message_id: str
    original_message_id: str
    original_message_name: str
    status: str
    refusal: str
    item_count: int
    file_name: str
    sha256: str
    imported_by: Person | None
    created_at: str
    read_at: str | None


class MessageOutPage(TypedDict):
    items: list[MessageOut]
    next: str | None
    previous: str | None


class OutcomeOut(TypedDict):
    outcome: str | None
    count: int
    sums: list[SumOut]


class OutgoingDetailOut(TypedDict):
    id: int
    entity: int
    account: int
    account_code: str
    message_id: str
    execution_date: str
    status: str
    payment_count: int
    control_sum: str
    currency: str
    sha256: NotRequired[str | None]
    prepared_at: str
    sent_at: str | None
    sent_by: Person | None
    payments: list[int]


class OutgoingOut(TypedDict):
    id: int
    entity: int
    account: int
    account_code: str
    message_id: str
    execution_date: str
    status: str
    payment_count: int
    control_sum: str
    currency: str
    sha256: NotRequired[str | None]
    prepared_at: str
    sent_at: str | None
    sent_by: Person | None


class OutgoingOutPage(TypedDict):
    items: list[OutgoingOut]
    next: str | None
    previous: str | None


class PayeeOut(TypedDict):
    id: int
    entity: int
    name: str
    country: str
    language: str
    created_at: str
    bank_details: list[BankDetailsOut]


class PayeeRow(TypedDict):
    id: int
    entity: int
    name: str
    country: str
    language: str
    created_at: str


class PayeeRowPage(TypedDict):
    items: list[PayeeRow]
    next: str | None
    previous: str | None


class PaymentDetailOut(TypedDict):
    """Everything that was asked, and who has it in hand."""

    id: int
    reference: str
    entity: int
    batch: int
    position: int
    kind: str
    channel: str
    status: str
    version: int
    outcome: str
    risk: int
    hold_count: int
    approvals_required: int
    approvals_given: int
    priority: int
    due_at: str
    received_at: str
    amount: str
    currency: str
    requested_execution_date: str
    debtor_name: str
    debtor_number: str
    creditor_name: str
    creditor_number: str
    end_to_end_id: str
    debtor_bic: str
    debtor_account: int | None
    ultimate_debtor: str
    creditor_bic: str
    creditor_address: dict[str, Any]
    creditor_account: int | None
    ultimate_creditor: str
    payee: int | None
    payment_info_id: str
    instruction_id: str
    uetr: str
    remittance: str
    creditor_reference: str
    purpose: str
    category_purpose: str
    service_level: str
    local_instrument: str
    charge_bearer: str
    maker: Person | None
    claimed_by: Person | None
    claimed_until: str | None
    changed_at: str
    approvals: list[ApprovalOut]
    requirements: list[RequirementOut]
    holds: list[HoldOut]
    findings: list[FindingOut] | None
    entries: list[EntryOut] | None
    timeline: list[AuditOut] | None


PaymentInKindEnum = Literal["sepa", "transfer", "internal"]


class PaymentInRequest(TypedDict):
    """A payment as it is asked for. What it means (accounts, dates, amounts) is judged by intake and checks."""

    kind: NotRequired[PaymentInKindEnum]
    debtor_account: str
    creditor_name: NotRequired[str]
    creditor_account: str
    creditor_bic: NotRequired[str]
    creditor_address: NotRequired[AddressInRequest]
    amount: str
    currency: str
    requested_execution_date: str
    end_to_end_id: NotRequired[str]
    instruction_id: NotRequired[str]
    remittance: NotRequired[str]
    creditor_reference: NotRequired[str]
    uetr: NotRequired[str]
    purpose: NotRequired[str]
    category_purpose: NotRequired[str]
    charge_bearer: NotRequired[str]
    service_level: NotRequired[str]
    local_instrument: NotRequired[str]
    ultimate_debtor: NotRequired[str]
    ultimate_creditor: NotRequired[str]


class PaymentRow(TypedDict):
    id: int
    reference: str
    entity: int
    batch: int
    position: int
    kind: str
    channel: str
    status: str
    version: int
    outcome: str
    risk: int
    hold_count: int
    approvals_required: int
    approvals_given: int
    priority: int
    due_at: str
    received_at: str
    amount: str
    currency: str
    requested_execution_date: str
    debtor_name: str
    debtor_number: str
    creditor_name: str
    creditor_number: str
    end_to_end_id: str


class PaymentRowPage(TypedDict):
    items: list[PaymentRow]
    next: str | None
    previous: str | None


class PaymentsInRequest(TypedDict):
    entity: NotRequired[int]
    source: NotRequired[str]
    payments: list[PaymentInRequest]


class PaymentsMade(TypedDict):
    batch: BatchOut
    payments: list[PaymentRow]
    problems: list[ProblemOut]


class Person(TypedDict):
    id: int
    name: str


class PolicyChangeInRequest(TypedDict):
    reason: str
    kind: NotRequired[str]
    channel: NotRequired[str]
    source: NotRequired[int | None]
    currency: NotRequired[str]
    max_amount: str
    day_amount: str
    known_payees: NotRequired[bool]
    valid_from: str
    valid_to: str


class PolicyInRequest(TypedDict):
    reason: str
    kind: NotRequired[str]
    channel: NotRequired[str]
    source: NotRequired[int | None]
    currency: NotRequired[str]
    max_amount: str
    day_amount: str
    known_payees: NotRequired[bool]
    valid_from: str
    valid_to: str
    entity: NotRequired[int]
    name: str


class PolicyOut(TypedDict):
    id: int
    entity: int
    name: str
    number: int
    kind: str
    channel: str
    source: int | None
    currency: str
    max_amount: str
    day_amount: str
    known_payees: bool
    valid_from: str
    valid_to: str
    written_by: Person
    approved_by: Person
    approved_at: str
    stopped_at: str | None
    stopped_by: Person | None
    stop_reason: str
    in_force: bool
    released: dict[str, Any]


class PolicyOutPage(TypedDict):
    items: list[PolicyOut]
    next: str | None
    previous: str | None


class PostingOut(TypedDict):
    id: int
    entry: int
    kind: str
    label: str
    payment: int | None
    booking_date: str
    value_date: str
    side: str
    amount: str
    currency: str
    balance_after: str
    created_at: str


class PrepareInRequest(TypedDict):
    account: int


class PreparedOut(TypedDict):
    files: list[OutgoingOut]


class Problem(TypedDict):
    """RFC 9457. ``detail`` is the sentence of ``code`` with ``params`` in the reader's language."""

    type: str
    code: str
    params: dict[str, Any]
    detail: str
    status: int
    errors: NotRequired[list[ProblemItem]]


class ProblemItem(TypedDict):
    field: str
    code: str
    detail: str


class ProblemOut(TypedDict):
    id: int
    position: int
    line: int | None
    path: str
    field: str
    value: str
    code: str
    params: dict[str, Any]
    severity: str
    detail: str


class ProblemOutPage(TypedDict):
    items: list[ProblemOut]
    next: str | None
    previous: str | None


QueueEnum = Literal["checked", "validated"]


class QueuedOut(TypedDict):
    first_approval: int
    second_approval: int
    on_hold: int


ReasonCodeEnum = Literal[
    "AC01",
    "AC03",
    "AC04",
    "AC06",
    "AG01",
    "AG02",
    "AM02",
    "AM03",
    "AM04",
    "AM05",
    "BE04",
    "BE05",
    "DT01",
    "DUPL",
    "FF01",
    "FRAD",
    "MD01",
    "MD06",
    "MD07",
    "MS02",
    "MS03",
    "NARR",
    "RC01",
    "RR02",
    "RR03",
    "RR04",
]


class RejectInRequest(TypedDict):
    """Refuse a payment for good"""

    version: NotRequired[int]
    reason_code: ReasonCodeEnum
    reason: NotRequired[str]


class RejectManyInRequest(TypedDict):
    """Refuse a payment for good"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: ReasonCodeEnum
    reason: NotRequired[str]


class ReleaseInRequest(TypedDict):
    """Give a claim back"""

    reason: NotRequired[str]


class ReleaseManyInRequest(TypedDict):
    """Give a claim back"""

    ids: list[int]
    reason: NotRequired[str]


class ReopenInRequest(TypedDict):
    """Bring a rejected payment back"""

    version: NotRequired[int]
    reason: str


class ReopenManyInRequest(TypedDict):
    """Bring a rejected payment back"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class ReplayInRequest(TypedDict):
    deliveries: NotRequired[list[int]]
    since: NotRequired[str]
    until: NotRequired[str]
    failed_only: NotRequired[bool]


class ReplayOut(TypedDict):
    count: int


class RequirementOut(TypedDict):
    place: int
    stage: int
    role: str
    team: NotRequired[str | None]
    ceiling: str | None


class ReturnInRequest(TypedDict):
    """Record that the money came back; the entries are reversed"""

    reason_code: ReasonCodeEnum
    reason: NotRequired[str]


class ReturnManyInRequest(TypedDict):
    """Record that the money came back; the entries are reversed"""

    ids: list[int]
    reason_code: ReasonCodeEnum
    reason: NotRequired[str]


RoleEnum = Literal["operator", "supervisor"]


class RuleDetailOut(TypedDict):
    code: str
    family: str
    name_en: str
    name_fr: str
    shipped: bool
    version: RuleVersionOut | None
    versions: list[RuleVersionOut]


class RuleOut(TypedDict):
    code: str
    family: str
    name_en: str
    name_fr: str
    shipped: bool
    version: RuleVersionOut | None


class RuleOutPage(TypedDict):
    items: list[RuleOut]
    next: str | None
    previous: str | None


class RuleTallyOut(TypedDict):
    rule: str
    name: str
    action: str
    count: int


class RuleVersionOut(TypedDict):
    number: int
    expression: str
    parameters: dict[str, Any]
    action: str
    mode: str
    weight: int
    reject_reason: str
    sentence_en: str
    sentence_fr: str
    legal_reference: str
    profiles: list[str]
    entity: int | None
    valid_from: str | None
    valid_to: str | None
    dated_by: str
    level: int
    certainty: str
    published_at: str | None


SchemeEnum = Literal["CORE", "B2B"]


class SendBackInRequest(TypedDict):
    """Return a validated payment to the first step"""

    version: NotRequired[int]
    reason: str


class SendBackManyInRequest(TypedDict):
    """Return a validated payment to the first step"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class SettleInRequest(TypedDict):
    value_date: str


class SourceChangeInRequest(TypedDict):
    name: NotRequired[str]
    maker: NotRequired[MakerEnum]
    all_or_nothing: NotRequired[bool]
    is_active: NotRequired[bool]


class SourceInRequest(TypedDict):
    entity: NotRequired[int]
    code: str
    name: str
    maker: NotRequired[MakerEnum]
    all_or_nothing: NotRequired[bool]


class SourceOut(TypedDict):
    id: int
    entity: int
    code: str
    name: str
    mapping: dict[str, Any]
    all_or_nothing: bool
    maker: str
    is_active: bool


class SourceOutPage(TypedDict):
    items: list[SourceOut]
    next: str | None
    previous: str | None


class StageInRequest(TypedDict):
    persons: NotRequired[int]
    role: NotRequired[RoleEnum | BlankEnum]
    team: NotRequired[int | None]
    ceiling: NotRequired[str | None]


class StatementOut(TypedDict):
    account: int
    currency: str
    moment: str | None
    balance: str
    items: list[PostingOut]
    next: str | None
    previous: str | None


class SumOut(TypedDict):
    currency: str
    amount: str


class TakeNextInRequest(TypedDict):
    entity: NotRequired[int]
    queue: NotRequired[QueueEnum]


class TakenOut(TypedDict):
    payment: PaymentRow | None


class TokenInRequest(TypedDict):
    name: str
    scopes: list[str]
    entities: NotRequired[list[int]]
    expires_at: NotRequired[str]
    user: NotRequired[int]


class TokenMade(TypedDict):
    id: int
    name: str
    prefix: str
    user: Person
    scopes: list[str]
    entities: list[int]
    created_by: Person
    created_at: str
    expires_at: str
    last_used_at: str | None
    revoked_at: str | None
    token: str | None


class TokenOut(TypedDict):
    id: int
    name: str
    prefix: str
    user: Person
    scopes: list[str]
    entities: list[int]
    created_by: Person
    created_at: str
    expires_at: str
    last_used_at: str | None
    revoked_at: str | None


class TokenOutPage(TypedDict):
    items: list[TokenOut]
    next: str | None
    previous: str | None


class TrialBalanceOut(TypedDict):
    moment: str | None
    books: list[BookOut]


class UserOut(TypedDict):
    id: int
    email: str
    name: str
    is_active: bool
    is_machine: bool
    language: str
    created_at: str
    grants: list[GrantOut]
    limits: list[LimitOut]


class UserOutPage(TypedDict):
    items: list[UserOut]
    next: str | None
    previous: str | None


class ValidateInRequest(TypedDict):
    """Sign first: a checked payment goes on to another person"""

    version: NotRequired[int]
    reason_code: NotRequired[str]
    reason: NotRequired[str]
    on_behalf_of: NotRequired[int]


class ValidateManyInRequest(TypedDict):
    """Sign first: a checked payment goes on to another person"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: NotRequired[str]
    reason: NotRequired[str]
    on_behalf_of: NotRequired[int]


class VersionOut(TypedDict):
    debtor_name: str
    debtor_number: str
    debtor_bic: str
    status: str
    changed_by: Person | None
    changed_at: str


class WaitingList(TypedDict):
    items: list[WaitingOut]


class WaitingOut(TypedDict):
    account: int
    account_code: str
    currency: str
    execution_date: str
    count: int
    sum: str


class WebhookChangeInRequest(TypedDict):
    name: NotRequired[str]
    url: NotRequired[str]
    events: NotRequired[list[EventsEnum]]


class WebhookInRequest(TypedDict):
    entity: NotRequired[int]
    name: str
    url: str
    events: NotRequired[list[EventsEnum]]


class WebhookOut(TypedDict):
    id: int
    entity: int
    name: str
    url: str
    events: list[str]
    status: str
    both_secrets_until: str | None
    created_by: Person
    created_at: str
    last_success_at: str | None
    failing_since: str | None


class WebhookOutPage(TypedDict):
    items: list[WebhookOut]
    next: str | None
    previous: str | None


class WebhookSecret(TypedDict):
    id: int
    entity: int
    name: str
    url: str
    events: list[str]
    status: str
    both_secrets_until: str | None
    created_by: Person
    created_at: str
    last_success_at: str | None
    failing_since: str | None
    secret: str | None


class WhyInRequest(TypedDict):
    reason: str
