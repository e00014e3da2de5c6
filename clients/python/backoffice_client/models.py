"""What goes in and out. Generated from docs/openapi.yaml by `make client`; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class AcceptInRequest(TypedDict):
    payment: NotRequired[int]
    reason: NotRequired[str]


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
    fees: NotRequired[int]
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
    message_format: str
    settlement_method: str
    clearing_system: str
    fees: int | None
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

ActionEnum = Literal["inform", "warn", "second", "hold", "reject"]

ActionsEnum = Literal["hold", "reject"]


class AddressInRequest(TypedDict):
    street: NotRequired[str]
    building: NotRequired[str]
    post_code: NotRequired[str]
    town: NotRequired[str]
    country: NotRequired[str]
    lines: NotRequired[list[str]]


AddresseeEnum = Literal["maker", "team", "department", "payee"]

AfterFetchEnum = Literal["archive", "delete", "leave"]


class AgainOut(TypedDict):
    payment: int
    same: bool | None


class AlertOut(TypedDict):
    id: int
    entity: int
    payment: int | None
    occurrence: int | None
    case: int
    typology: str
    origin: str
    version: str
    score: int
    reasons: list[ReasonOut]
    evidence: Any
    raised_at: str
    raised_by: Person | None


class AlertOutPage(TypedDict):
    items: list[AlertOut]
    next: str | None
    previous: str | None


class AmendInRequest(TypedDict):
    version: int
    changes: ChangesInRequest
    reason: str


class AnswerInRequest(TypedDict):
    text: NotRequired[str]
    attachment: NotRequired[int]


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


class ApplyInRequest(TypedDict):
    """Apply an incoming payment that waits in suspense to an account"""

    reason: str
    account: int


class ApplyManyInRequest(TypedDict):
    """Apply an incoming payment that waits in suspense to an account"""

    ids: list[int]
    reason: str
    account: int


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


class AroundOut(TypedDict):
    payment: int
    reference: str
    amount: str
    currency: str
    status: str
    why: str


class AskInRequest(TypedDict):
    """Ask for a document or an answer"""

    version: NotRequired[int]
    kind: RequestKindEnum
    question: str
    addressee: AddresseeEnum
    addressee_name: NotRequired[str]
    team: NotRequired[int]
    due_at: str
    required: NotRequired[bool]


class AskManyInRequest(TypedDict):
    """Ask for a document or an answer"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    kind: RequestKindEnum
    question: str
    addressee: AddresseeEnum
    addressee_name: NotRequired[str]
    team: NotRequired[int]
    due_at: str
    required: NotRequired[bool]


class Asked(TypedDict):
    in_effect: bool
    change: ChangeOut | None


class AskedOut(TypedDict):
    id: int
    terms: dict[str, Any]
    asked_by: Person
    asked_at: str
    reason: str


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


class BackTestDetailOut(TypedDict):
    id: int
    rule: str
    version: int
    against: NotRequired[int | None]
    since: str
    until: str
    entities: list[int]
    state: str
    payments: int
    judged: int
    asked_by: int
    asked_at: str
    finished_at: str | None
    hits: int
    hits_of_other: int
    hits_of_both: int
    precision: PrecisionOut
    loads: list[LoadOut]
    days: list[TestedDayOut]
    overlap: list[OverlapOut]
    alone: int
    open_now: OpenNowOut
    inexact: list[str]


class BackTestHitOut(TypedDict):
    payment: int
    by: str
    fate: str
    judgement: str


class BackTestHitOutPage(TypedDict):
    items: list[BackTestHitOut]
    next: str | None
    previous: str | None


class BackTestInRequest(TypedDict):
    rule: str
    version: int
    against: NotRequired[int]
    since: str
    until: str
    entity: NotRequired[int]


class BackTestOut(TypedDict):
    id: int
    rule: str
    version: int
    against: NotRequired[int | None]
    since: str
    until: str
    entities: list[int]
    state: str
    payments: int
    judged: int
    asked_by: int
    asked_at: str
    finished_at: str | None


class BackTestOutPage(TypedDict):
    items: list[BackTestOut]
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


class BankStatementOut(TypedDict):
    id: int
    entity: int
    account: int
    kind: str
    identification: str
    sequence: str
    number: str
    currency: str
    from_on: str | None
    to_on: str | None
    opening: str | None
    closing: str | None
    line_count: int
    credit_sum: str
    debit_sum: str
    status: str
    supersedes: int | None
    findings: list[dict[str, Any]]
    sha256: str
    file_name: str
    taken_at: str


class BankStatementOutPage(TypedDict):
    items: list[BankStatementOut]
    next: str | None
    previous: str | None


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


class BirthInRequest(TypedDict):
    born_on: NotRequired[str | None]
    province: NotRequired[str]
    town: NotRequired[str]
    country: NotRequired[str]


class BirthOut(TypedDict):
    side: str
    born_on: str | None
    province: str
    town: str
    country: str


BlankEnum = Literal[""]


class BookOut(TypedDict):
    entity: int
    currency: str
    lines: list[LineOut]
    debit: str
    credit: str
    balanced: bool


class BreakAnswerOut(TypedDict):
    id: int
    done: bool
    code: str
    params: dict[str, Any]
    detail: str


class BreakAnswersOut(TypedDict):
    done: int
    refused: int
    answers: list[BreakAnswerOut]


class BreakAssignInRequest(TypedDict):
    ids: list[int]
    owner: NotRequired[int | None]
    due_on: NotRequired[str | None]
    reason: NotRequired[str]


class BreakCommentInRequest(TypedDict):
    ids: list[int]
    words: str


BreakExplainInCauseEnum = Literal["amount", "duplicate", "reference", "currency", "none", "several", "late"]


class BreakExplainInRequest(TypedDict):
    ids: list[int]
    cause: BreakExplainInCauseEnum
    reason: str


class BreakIgnoreInRequest(TypedDict):
    ids: list[int]
    reason: str


class BreakOut(TypedDict):
    id: int
    entity: int
    account: int
    line: int | None
    item: int | None
    on: str
    credit: bool
    amount: str
    currency: str
    name: str
    cause: str
    status: str
    owner: Person | None
    reason: str
    due_on: str | None
    opened_at: str
    closed_at: str | None


class BreakOutPage(TypedDict):
    items: list[BreakOut]
    next: str | None
    previous: str | None


class BreaksInRequest(TypedDict):
    ids: list[int]


class BroughtOut(TypedDict):
    sha256: str
    code: str
    detail: str
    taken: list[StatementTakenOut]
    problems: list[StatementProblemOut]


class CalendarDetailOut(TypedDict):
    id: int
    entity: int
    code: str
    name: str
    target: bool
    weekend: list[int]
    holidays: list[HolidayOut]


class CalendarInRequest(TypedDict):
    entity: NotRequired[int]
    code: str
    name: str
    target: NotRequired[bool]
    weekend: NotRequired[list[int]]


class CalendarOut(TypedDict):
    id: int
    entity: int
    code: str
    name: str
    target: bool
    weekend: list[int]


class CalendarOutPage(TypedDict):
    items: list[CalendarOut]
    next: str | None
    previous: str | None


class CancelInRequest(TypedDict):
    """Take a payment back before posting"""

    version: NotRequired[int]
    reason_code: NotRequired[CancelReasonEnum]
    reason: NotRequired[str]


class CancelManyInRequest(TypedDict):
    """Take a payment back before posting"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: NotRequired[CancelReasonEnum]
    reason: NotRequired[str]


CancelReasonEnum = Literal["sender", "duplicate", "wrong_amount", "wrong_payee", "not_due", "paid_otherwise", "other"]


class CardInRequest(TypedDict):
    """One payment as the acquirer or marketplace reports it. Fee or net may be left out: one follows from the other."""

    amount: str
    currency: str
    fee: NotRequired[str]
    net: NotRequired[str]
    acquirer: str
    captured_on: str
    transaction: NotRequired[str]
    order_reference: NotRequired[str]
    payout_reference: NotRequired[str]
    payer: NotRequired[str]
    creditor_account: NotRequired[str]
    remittance: NotRequired[str]


class CardOut(TypedDict):
    acquirer: int | None
    acquirer_code: str
    order_reference: str
    captured_on: str
    fee: str
    net: str
    payout_reference: str
    payout: int | None


class CardsInRequest(TypedDict):
    entity: NotRequired[int]
    source: NotRequired[str]
    payments: list[CardInRequest]


class CaseAnswerInRequest(TypedDict):
    answer: str


class CaseAnswerOut(TypedDict):
    case: int
    done: bool
    code: str
    params: dict[str, Any]
    detail: str


class CaseAnswersOut(TypedDict):
    done: int
    refused: int
    answers: list[CaseAnswerOut]


class CaseAskInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    addressee: str
    question: str
    due_at: str


class CaseAssignInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: NotRequired[str]
    person: int


class CaseCommentInRequest(TypedDict):
    ids: list[int]
    words: str


CaseDecideInCauseEnum = Literal[
    "account_taken_over",
    "data",
    "details_updated",
    "error_caught",
    "error_with_loss",
    "fraud_inside",
    "fraud_outside",
    "known_habit",
    "laundering",
    "one_off",
    "rightly_asked",
    "rule_broken",
    "threshold",
]


class CaseDecideInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    disposition: DispositionEnum
    cause: CaseDecideInCauseEnum
    actions: NotRequired[list[ActionsEnum]]


class CaseDetailOut(TypedDict):
    id: int
    reference: str
    entity: int
    typology: str
    name: str
    group: str
    subject: str
    status: str
    score: int
    alert_count: int
    priority: int
    opened_at: str
    due_at: str
    overdue_at: str | None
    snoozed_until: str | None
    assignee: Person | None
    second_asked: bool
    holding: bool
    disposition: str
    cause: str
    closed_at: str | None
    incident: int | None
    version: int
    alerts: list[AlertOut]
    payments: list[AroundOut]
    verdicts: list[VerdictOut]
    requests: list[CaseRequestOut]
    links: list[CaseLinkOut]
    checklist: list[str]
    ticks: list[TickOut]


class CaseFigureOut(TypedDict):
    key: str
    closed: int
    confirmed: int
    valuable: int
    false: int
    precision: float
    minutes: float


class CaseFiguresOut(TypedDict):
    opened: int
    seconded: int
    agreed: int
    reopened: int
    typologies: list[CaseFigureOut]


CaseGatherInKindEnum = Literal["payee", "file", "operator", "rule", "other"]


class CaseGatherInRequest(TypedDict):
    ids: list[int]
    incident: NotRequired[int]
    kind: NotRequired[CaseGatherInKindEnum]
    label: NotRequired[str]


CaseLinkInKindEnum = Literal["payment", "payee", "party", "account", "other"]


class CaseLinkInRequest(TypedDict):
    ids: list[int]
    kind: CaseLinkInKindEnum
    target: int
    note: NotRequired[str]


class CaseLinkOut(TypedDict):
    id: int
    kind: str
    target: int
    note: str
    linked_by: Person


class CaseMayWhyInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: NotRequired[str]


class CaseOut(TypedDict):
    id: int
    reference: str
    entity: int
    typology: str
    name: str
    group: str
    subject: str
    status: str
    score: int
    alert_count: int
    priority: int
    opened_at: str
    due_at: str
    overdue_at: str | None
    snoozed_until: str | None
    assignee: Person | None
    second_asked: bool
    holding: bool
    disposition: str
    cause: str
    closed_at: str | None
    incident: int | None
    version: int


class CaseOutPage(TypedDict):
    items: list[CaseOut]
    next: str | None
    previous: str | None


class CaseRequestOut(TypedDict):
    id: int
    addressee: str
    question: str
    due_at: str
    asked_by: Person
    asked_at: str
    answer: str
    answered_by: Person | None
    answered_at: str | None


class CaseSilenceInRequest(TypedDict):
    ids: list[int]
    days: int
    reason: str


class CaseSnoozeInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    until: str


class CaseTickInRequest(TypedDict):
    ids: list[int]
    item: str
    done: NotRequired[bool]


class CaseWhyInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class CasesInRequest(TypedDict):
    ids: list[int]
    versions: NotRequired[dict[str, int]]


CertaintyEnum = Literal["V", "V~", "K"]


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
    creditor_birth: NotRequired[BirthInRequest]
    ultimate_creditor_birth: NotRequired[BirthInRequest]


class ChannelChangeInRequest(TypedDict):
    """What a channel is to be. Which of it counts depends on the kind."""

    host: NotRequired[str]
    port: NotRequired[int]
    user: NotRequired[str]
    url: NotRequired[str]
    host_keys: NotRequired[str]
    out_folder: NotRequired[str]
    in_folder: NotRequired[str]
    after_fetch: NotRequired[AfterFetchEnum]
    file_name: NotRequired[str]
    accounts: NotRequired[list[int]]
    all_accounts: NotRequired[bool]
    kinds: NotRequired[list[KindsEnum]]
    intake_source: NotRequired[int | None]
    ack_minutes: NotRequired[int | None]
    secret: NotRequired[str]
    name: NotRequired[str]


ChannelEnum = Literal["file", "api", "form", "command", "standing"]

ChannelInKindEnum = Literal["folder", "sftp", "adapter"]


class ChannelInRequest(TypedDict):
    """What a channel is to be. Which of it counts depends on the kind."""

    host: NotRequired[str]
    port: NotRequired[int]
    user: NotRequired[str]
    url: NotRequired[str]
    host_keys: NotRequired[str]
    out_folder: NotRequired[str]
    in_folder: NotRequired[str]
    after_fetch: NotRequired[AfterFetchEnum]
    file_name: NotRequired[str]
    accounts: NotRequired[list[int]]
    all_accounts: NotRequired[bool]
    kinds: NotRequired[list[KindsEnum]]
    intake_source: NotRequired[int | None]
    ack_minutes: NotRequired[int | None]
    secret: NotRequired[str]
    entity: NotRequired[int]
    kind: ChannelInKindEnum
    name: str


class ChannelOut(TypedDict):
    id: int
    entity: int
    name: str
    kind: str
    host: str
    port: int
    user: str
    url: str
    host_keys: str
    secret_set: bool
    out_folder: str
    in_folder: str
    after_fetch: str
    file_name: str
    accounts: list[int]
    all_accounts: bool
    kinds: list[str]
    intake_source: int | None
    ack_minutes: int | None
    is_active: bool
    waits: bool
    needs_person: bool
    failing_since: str | None
    last_ok_at: str | None
    last_code: str
    last_detail: str
    created_by: Person


class ChannelOutPage(TypedDict):
    items: list[ChannelOut]
    next: str | None
    previous: str | None


class ChannelTested(TypedDict):
    address: str


class ChargebackInRequest(TypedDict):
    """Book that an acquirer took a card payment back"""

    fee: NotRequired[str]
    reason_code: ChargebackReasonEnum
    reason: NotRequired[str]


class ChargebackManyInRequest(TypedDict):
    """Book that an acquirer took a card payment back"""

    ids: list[int]
    fee: NotRequired[str]
    reason_code: ChargebackReasonEnum
    reason: NotRequired[str]


ChargebackReasonEnum = Literal["FRAD", "DUPL", "AM09", "SVNR", "CUST", "NOAS", "NARR"]


class CheckInRequest(TypedDict):
    entity: NotRequired[int | None]
    expression: str
    parameters: NotRequired[dict[str, Any]]
    units: NotRequired[dict[str, Literal["money", "percent", "days", "count", "text", "date", "list"]]]


class CheckOut(TypedDict):
    facts: list[str]
    parameters: list[str]
    lists: list[str]
    tree: dict[str, Any] | None


class ChecksOut(TypedDict):
    items: list[FindingOut]


class ClaimManyInRequest(TypedDict):
    """Keep a payment to oneself for five minutes"""

    ids: list[int]


CodeEnum = Literal["document", "answer", "callback", "inquiry", "person"]


class CommentInRequest(TypedDict):
    text: str


class ComparedOut(TypedDict):
    measure: str
    own: float | None
    champion: float | None
    worse: bool


class ConditionOut(TypedDict):
    text: str
    outcome: bool | None


class ConfirmInRequest(TypedDict):
    reason: str


CorrectionInKindEnum = Literal["write_off", "entry"]


class CorrectionInRequest(TypedDict):
    kind: CorrectionInKindEnum
    line: NotRequired[int]
    item: NotRequired[int]
    contra: int
    label: str
    reason: str


class CorrectionOut(TypedDict):
    id: int
    entity: int
    account: int
    kind: str
    line: int | None
    item: int | None
    credit: bool
    amount: str
    currency: str
    contra: int
    label: str
    reason: str
    status: str
    asked_by: Person
    asked_at: str
    decided_by: Person | None
    decided_at: str | None
    entry: int | None


class CorrectionOutPage(TypedDict):
    items: list[CorrectionOut]
    next: str | None
    previous: str | None


class CutOffChangeInRequest(TypedDict):
    mode: NotRequired[ModeEnum]
    local_time: NotRequired[str]
    time_zone: NotRequired[str]
    calendar: NotRequired[int]
    days_before: NotRequired[int]
    valid_from: str
    reason: str


class CutOffDetailOut(TypedDict):
    id: int
    entity: int
    account: int | None
    scheme: str
    channel: str
    currency: str
    mode: str
    local_time: str | None
    time_zone: str
    calendar: int | None
    days_before: int
    valid_from: str
    versions: list[CutOffVersionOut]


class CutOffInRequest(TypedDict):
    mode: NotRequired[ModeEnum]
    local_time: NotRequired[str]
    time_zone: NotRequired[str]
    calendar: NotRequired[int]
    days_before: NotRequired[int]
    valid_from: str
    entity: NotRequired[int]
    account: NotRequired[int]
    scheme: NotRequired[CutOffInSchemeEnum]
    channel: NotRequired[ChannelEnum]
    currency: NotRequired[str]


CutOffInSchemeEnum = Literal["sepa", "transfer", "internal", "core", "b2b"]


class CutOffOut(TypedDict):
    id: int
    entity: int
    account: int | None
    scheme: str
    channel: str
    currency: str
    mode: str
    local_time: str | None
    time_zone: str
    calendar: int | None
    days_before: int
    valid_from: str


class CutOffOutPage(TypedDict):
    items: list[CutOffOut]
    next: str | None
    previous: str | None


class CutOffVersionOut(TypedDict):
    id: int
    entity: int
    account: int | None
    scheme: str
    channel: str
    currency: str
    mode: str
    local_time: str | None
    time_zone: str
    calendar: int | None
    days_before: int
    valid_from: str
    changed_by: Person | None
    changed_at: str
    change: str


DatedByEnum = Literal["receipt", "execution"]


class DayOut(TypedDict):
    entity: int
    rule: int
    day: str
    mode: str
    cut_off_at: str | None
    execution_date: str | None
    closed: bool
    name: str


class DayPrepareInRequest(TypedDict):
    account: int
    day: str
    remark: NotRequired[str]


class DeclineInRequest(TypedDict):
    """Give back what was handed over"""

    version: NotRequired[int]
    reason: str
    to_queue: NotRequired[bool]


class DeclineManyInRequest(TypedDict):
    """Give back what was handed over"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    to_queue: NotRequired[bool]


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


class DeskReasonInRequest(TypedDict):
    reason: str


DifferenceEnum = Literal["fee", "exchange"]


class DifferenceOut(TypedDict):
    field: str
    before: str
    after: str
    said: str


class DiscardedOut(TypedDict):
    id: int
    discarded_at: str


class DismissInRequest(TypedDict):
    reason: str


DispositionEnum = Literal["confirmed_risk", "valuable_alert", "false_positive"]

DocumentInKindEnum = Literal["invoice", "contract", "bank_details", "other"]


class DocumentInRequest(TypedDict):
    kind: NotRequired[DocumentInKindEnum]
    file_name: NotRequired[str]
    file: bytes


class DraftOut(TypedDict):
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
    units: dict[str, Any]
    kinds: list[str]
    channels: list[str]
    starts_at: str | None
    published_at: str | None
    id: int
    written_by: Person | None
    written_at: str | None
    published_by: Person | None
    waits: bool
    differences: list[DifferenceOut]
    rule: str


class DueOut(TypedDict):
    due_on: str
    execution_on: str
    status: str
    payment: int | None
    batch: int | None
    tries: int
    made_at: str


class DueOutPage(TypedDict):
    items: list[DueOut]
    next: str | None
    previous: str | None


class EntityOut(TypedDict):
    id: int
    code: str
    name: str
    profile: str
    country: str
    bic: str
    time_zone: str
    base_currency: str
    undo_seconds: int


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
    "channel.failing",
    "channel.recovered",
    "delegation.ended",
    "delegation.given",
    "file.acknowledged",
    "file.delivered",
    "file.prepared",
    "file.sent",
    "file.sent_again",
    "file.settled",
    "file.unacknowledged",
    "file.undelivered",
    "file.unsure",
    "file.voided",
    "mandate.amended",
    "mandate.cancelled",
    "mandate.registered",
    "message.applied",
    "message.assigned",
    "message.dismissed",
    "message.received",
    "message.refused",
    "model.challenged",
    "model.drifted",
    "model.promoted",
    "model.trained",
    "payment.amended",
    "payment.approved",
    "payment.asked",
    "payment.cancelled",
    "payment.checked",
    "payment.hand_over_declined",
    "payment.handed_over",
    "payment.held",
    "payment.hold_due",
    "payment.left_out",
    "payment.lifted",
    "payment.passed_straight",
    "payment.posted",
    "payment.received",
    "payment.rejected",
    "payment.reopened",
    "payment.request_answered",
    "payment.request_closed",
    "payment.request_overdue",
    "payment.return_proposed",
    "payment.returned",
    "payment.sent",
    "payment.sent_back",
    "payment.settled",
    "payment.validated",
    "payment.withdrawn",
    "policy.began",
    "policy.stopped",
]


class ExemptInRequest(TypedDict):
    reason: str
    until: str


class ExemptionOut(TypedDict):
    id: int
    entity: int
    name: str
    list: str
    entry: str
    listed: str
    reason: str
    owner: Person
    approved_by: Person
    valid_from: str
    valid_to: str
    ended_at: str | None
    ended_by: Person | None
    end_reason: str


class ExemptionOutPage(TypedDict):
    items: list[ExemptionOut]
    next: str | None
    previous: str | None


ExpectationInKindEnum = Literal["payee", "payer", "file"]


class ExpectationInRequest(TypedDict):
    entity: NotRequired[int]
    kind: ExpectationInKindEnum
    rhythm: RhythmEnum
    first_on: str
    account: NotRequired[int]
    payee: NotRequired[int]
    number: NotRequired[str]
    name: NotRequired[str]
    source: NotRequired[int]
    amount: NotRequired[str]
    working_day: NotRequired[WorkingDayEnum]
    tolerance: NotRequired[int]
    grace: NotRequired[int]
    calendar: NotRequired[int]


class ExpectationOut(TypedDict):
    id: int
    entity: int
    kind: str
    origin: str
    name: str
    account: int | None
    payee: int | None
    number: str
    source: int | None
    standing_order: int | None
    unit: str
    every: int
    last_working_day: bool
    first_on: str
    working_day: str
    tolerance: int
    grace: int
    amount: str | None
    spread: str | None
    currency: str
    awaited_on: str | None
    next_on: str | None
    learnt_from: int
    last_seen_on: str | None
    made_by: Person | None
    made_at: str
    ended_at: str | None
    ended_by: Person | None
    end_reason: str


class ExpectationOutPage(TypedDict):
    items: list[ExpectationOut]
    next: str | None
    previous: str | None


class ExpectedAnswerOut(TypedDict):
    id: int
    done: bool
    code: str
    params: dict[str, Any]
    detail: str


class ExpectedAnswersOut(TypedDict):
    done: int
    refused: int
    answers: list[ExpectedAnswerOut]


class ExpectedDayOut(TypedDict):
    id: int
    entity: int
    expectation: int
    name: str
    kind: str
    due_on: str
    missing_after: str
    status: str
    late: bool
    came_on: str | None
    payment: int | None
    batch: int | None
    excused_by: Person | None
    reason: str


class ExpectedDayOutPage(TypedDict):
    items: list[ExpectedDayOut]
    next: str | None
    previous: str | None


class ExpectedWhyInRequest(TypedDict):
    ids: list[int]
    reason: str


class FactOut(TypedDict):
    name: str
    type: str
    meaning: str
    value: str | None


class FactsOut(TypedDict):
    payment: int
    facts: list[FactOut]


FamilyEnum = Literal["format", "account", "payee", "duplicate", "amount", "time"]


class FetchedOut(TypedDict):
    id: int
    entity: int
    channel: int
    name: str
    size: int
    sha256: str
    status: str
    seen_at: str
    code: str
    detail: str
    message: int | None
    batch: int | None
    file: NotRequired[int | None]
    attachment: int | None
    removed_at: str | None
    decided_by: Person | None
    decision: str


class FetchedOutPage(TypedDict):
    items: list[FetchedOut]
    next: str | None
    previous: str | None


class FetchedReasonInRequest(TypedDict):
    reason: str


class FileInRequest(TypedDict):
    entity: NotRequired[int]
    source: NotRequired[str]
    file_name: NotRequired[str]
    file: bytes


class FileVerifiedOut(TypedDict):
    payments: int


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


class HandOverInRequest(TypedDict):
    """Put a payment into the hands of a person or a team"""

    version: NotRequired[int]
    reason: str
    person: NotRequired[int]
    team: NotRequired[int]


class HandOverManyInRequest(TypedDict):
    """Put a payment into the hands of a person or a team"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    person: NotRequired[int]
    team: NotRequired[int]


class HitOut(TypedDict):
    id: int
    entity: int
    payment: int | None
    payee: int | None
    party: int | None
    field: str
    given: str
    list: str
    list_version: int
    entry: str
    listed: str
    score: int
    explanation: str
    match: Any
    birth: dict[str, str]
    listed_births: list[str]
    birth_agrees: bool | None
    status: str
    exemption: int | None
    found_at: str
    decided_at: str | None
    decided_by: Person | None
    reason: str


class HitOutPage(TypedDict):
    items: list[HitOut]
    next: str | None
    previous: str | None


class HitWhyInRequest(TypedDict):
    reason: str


class HoldInRequest(TypedDict):
    """Make a payment wait"""

    version: NotRequired[int]
    reason: str
    code: NotRequired[CodeEnum]
    until: NotRequired[str]
    question: NotRequired[str]
    lifts_itself: NotRequired[bool]


class HoldManyInRequest(TypedDict):
    """Make a payment wait"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str
    code: NotRequired[CodeEnum]
    until: NotRequired[str]
    question: NotRequired[str]
    lifts_itself: NotRequired[bool]


class HoldOut(TypedDict):
    id: int
    code: str
    reason: str
    rule: str
    placed_by: Person | None
    placed_at: str
    until: str | None
    question: str
    lifts_itself: bool
    came_due_at: str | None
    lifted_by: Person | None
    lifted_at: str | None
    lift_reason: str
    answer: str


class HolidayInRequest(TypedDict):
    day: str
    name: str


class HolidayOut(TypedDict):
    id: int
    day: str
    name: str


class HolidaysInRequest(TypedDict):
    holidays: list[HolidayInRequest]


class IndexOut(TypedDict):
    document: str
    me: str
    lists: list[str]


class InstantLimitInRequest(TypedDict):
    one_amount: NotRequired[str | None]
    day_amount: NotRequired[str | None]
    reason: str


class InstantLimitOut(TypedDict):
    account: int
    one_amount: str | None
    day_amount: str | None
    spent_today: str
    currency: str


class InstantOut(TypedDict):
    payment: int
    account: int
    status: str
    payment_status: str
    amount: str
    currency: str
    approved_at: str
    sent_at: str | None
    unanswered_at: str | None
    answered_at: str | None
    seconds_to_send: float | None
    seconds_to_answer: float | None


class InstantOutPage(TypedDict):
    items: list[InstantOut]
    next: str | None
    previous: str | None


class InvoiceCancelInRequest(TypedDict):
    reason: str


class InvoiceDetailOut(TypedDict):
    id: int
    entity: int
    supplier: int
    supplier_name: str
    kind: str
    number: str
    issued_on: str
    received_on: str
    due_on: str
    gross: str
    tax: str
    currency: str
    open: str
    days_late: int
    discount: str
    discount_until: str | None
    account_number: str
    order_reference: str
    attachment: int | None
    status: str
    registered_by: Person
    registered_at: str
    shares: list[ShareOut]
    alike: list[int]


InvoiceInKindEnum = Literal["invoice", "credit"]


class InvoiceInRequest(TypedDict):
    entity: NotRequired[int]
    supplier_name: str
    kind: NotRequired[InvoiceInKindEnum]
    number: str
    issued_on: str
    received_on: NotRequired[str]
    due_on: NotRequired[str]
    gross: str
    tax: NotRequired[str]
    currency: NotRequired[str]
    discount: NotRequired[str]
    discount_until: NotRequired[str]
    account_number: NotRequired[str]
    order_reference: NotRequired[str]


class InvoiceOut(TypedDict):
    id: int
    entity: int
    supplier: int
    supplier_name: str
    kind: str
    number: str
    issued_on: str
    received_on: str
    due_on: str
    gross: str
    tax: str
    currency: str
    open: str
    days_late: int
    discount: str
    discount_until: str | None
    account_number: str
    order_reference: str
    attachment: int | None
    status: str
    registered_by: Person
    registered_at: str


class InvoiceOutPage(TypedDict):
    items: list[InvoiceOut]
    next: str | None
    previous: str | None


class InvoicePayInRequest(TypedDict):
    account: int
    invoices: list[int]
    execution_date: str


KindsEnum = Literal["pain001", "pain008", "pacs008", "camt056", "camt029", "pacs004", "instant"]


class LeftOut(TypedDict):
    payment: int
    code: str
    detail: str
    found_at: str


LevelEnum = Literal[1, 2, 3]


class LiftInRequest(TypedDict):
    """Lift every hold of a payment"""

    version: NotRequired[int]
    reason: NotRequired[str]
    answer: NotRequired[str]


class LiftManyInRequest(TypedDict):
    """Lift every hold of a payment"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: NotRequired[str]
    answer: NotRequired[str]


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


class ListedOut(TypedDict):
    entry: str
    kind: str
    name: str
    content: Any


class ListedOutPage(TypedDict):
    items: list[ListedOut]
    next: str | None
    previous: str | None


class LoadInRequest(TypedDict):
    file: bytes
    file_name: NotRequired[str]
    reason: NotRequired[str]


class LoadOut(TypedDict):
    entity: int
    alerts: float
    added: float
    present: float
    capacity: float
    over: bool


class LookOut(TypedDict):
    word: str
    code: str
    detail: str


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
    scheme: NotRequired[MandateInSchemeEnum]
    kind: NotRequired[MandateInKindEnum]
    signed_on: str


MandateInSchemeEnum = Literal["CORE", "B2B"]


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


class MatchInRequest(TypedDict):
    lines: NotRequired[list[int]]
    items: NotRequired[list[int]]
    reason: NotRequired[str]
    difference: NotRequired[DifferenceEnum]
    in_part: NotRequired[bool]


class MatchOut(TypedDict):
    id: int
    entity: int
    account: int
    code: str
    confidence: int
    reasons: list[dict[str, Any]]
    difference: str
    difference_code: str
    made_by: Person | None
    made_at: str
    reason: str
    undone_at: str | None


class MatchOutPage(TypedDict):
    items: list[MatchOut]
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


MessageFormatEnum = Literal["pain001", "pacs008"]


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


ModeEnum = Literal["time", "always", "general"]


class ModeInRequest(TypedDict):
    reason: str
    mode: str
    starts_at: NotRequired[str | None]
    overload_reason: NotRequired[str]
    version: int


class ModelDetailOut(TypedDict):
    number: int
    status: str
    window_from: str | None
    window_to: str | None
    seed: int
    digest: str
    trained_at: str
    trained_by: Person | None
    promoted_at: str | None
    promoted_by: Person | None
    seconded_by: Person | None
    reason: str
    measures: int
    names: list[str]
    parameters: dict[str, Any]
    learnt: dict[str, Any]
    figures: dict[str, Any]
    compared: list[ComparedOut]
    compared_with: int | None
    drifts: list[ModelDriftOut]


class ModelDriftOut(TypedDict):
    on: str
    index: float
    payments: int


class ModelOut(TypedDict):
    number: int
    status: str
    window_from: str | None
    window_to: str | None
    seed: int
    digest: str
    trained_at: str
    trained_by: Person | None
    promoted_at: str | None
    promoted_by: Person | None
    seconded_by: Person | None


class ModelOutPage(TypedDict):
    items: list[ModelOut]
    next: str | None
    previous: str | None


class NameHitOut(TypedDict):
    list: str
    entry: str
    listed: str
    quality: str
    score: int
    explanation: str
    match: Any
    listed_births: list[str]
    birth_agrees: bool | None


class NameInRequest(TypedDict):
    name: str
    born_on: NotRequired[str]


class NameOut(TypedDict):
    list_set: int | None
    hits: list[NameHitOut]


class NameVerifiedOut(TypedDict):
    id: int
    outcome: str
    suggested_name: str
    source: str
    service_reference: str
    asked_at: str
    answered_at: str | None
    duration_ms: int
    code: str
    detail: str
    entity: int
    account_number: str
    name: str


class NextInRequest(TypedDict):
    expression: NotRequired[str]
    parameters: NotRequired[dict[str, Any]]
    units: NotRequired[dict[str, Literal["money", "percent", "days", "count", "text", "date", "list"]]]
    action: NotRequired[ActionEnum]
    weight: NotRequired[int]
    reject_reason: NotRequired[str]
    sentence_en: NotRequired[str]
    sentence_fr: NotRequired[str]
    legal_reference: NotRequired[str]
    profiles: NotRequired[list[ProfilesEnum]]
    kinds: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    valid_from: NotRequired[str | None]
    valid_to: NotRequired[str | None]
    dated_by: NotRequired[DatedByEnum]
    level: NotRequired[LevelEnum]
    certainty: NotRequired[CertaintyEnum | BlankEnum]
    entity: NotRequired[int | None]
    based_on: int


class OccurrenceOut(TypedDict):
    due_on: str
    execution_on: str
    suspended: bool


class OpenItemOut(TypedDict):
    id: int
    entity: int
    account: int
    entry: int | None
    payment: int | None
    credit: bool
    amount: str
    open: str
    currency: str
    booked_on: str
    name: str


class OpenItemOutPage(TypedDict):
    items: list[OpenItemOut]
    next: str | None
    previous: str | None


class OpenNowOut(TypedDict):
    looked_at: int
    hit: int
    payments: list[int]


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


class OverdraftInRequest(TypedDict):
    overdraft: str | None
    reason: str


class OverlapOut(TypedDict):
    rule: str
    payments: int


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
    cut_off_at: str | None
    execution_date: str | None
    will_miss: bool | None
    effective_at: str | None
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
    debtor_address: dict[str, Any]
    ultimate_debtor: str
    creditor_bic: str
    creditor_address: dict[str, Any]
    creditor_account: int | None
    ultimate_creditor: str
    births: list[BirthOut]
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
    card: CardOut | None
    refund_of: int | None
    refunded: str | None
    refunds: list[int]
    times: TimesOut | None
    approvals: list[ApprovalOut]
    requirements: list[RequirementOut]
    holds: list[HoldOut]
    verification: VerificationOut | None
    findings: list[FindingOut] | None
    entries: list[EntryOut] | None
    timeline: list[AuditOut] | None


PaymentInKindEnum = Literal["sepa", "transfer", "internal", "instant", "supplier", "incoming"]


class PaymentInRequest(TypedDict):
    """A payment as it is asked for. What it means (accounts, dates, amounts) is judged by intake and checks. Of an incoming payment the debtor is outside and the creditor's account is ours; its requested execution date is the value date."""

    kind: NotRequired[PaymentInKindEnum]
    debtor_account: NotRequired[str]
    debtor_name: NotRequired[str]
    debtor_bic: NotRequired[str]
    debtor_address: NotRequired[AddressInRequest]
    debtor_birth: NotRequired[BirthInRequest]
    creditor_name: NotRequired[str]
    creditor_account: NotRequired[str]
    creditor_bic: NotRequired[str]
    creditor_address: NotRequired[AddressInRequest]
    creditor_birth: NotRequired[BirthInRequest]
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
    ultimate_debtor_birth: NotRequired[BirthInRequest]
    ultimate_creditor_birth: NotRequired[BirthInRequest]


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
    cut_off_at: str | None
    execution_date: str | None
    will_miss: bool | None
    effective_at: str | None
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


class PayoutInRequest(TypedDict):
    acquirer: int
    reference: str
    amount: str
    paid_on: str
    payments: NotRequired[list[int]]


class PayoutOut(TypedDict):
    id: int
    entity: int
    acquirer: int
    reference: str
    amount: str
    currency: str
    paid_on: str
    entry: int
    received_by: Person | None
    created_at: str


class PayoutOutPage(TypedDict):
    items: list[PayoutOut]
    next: str | None
    previous: str | None


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


class PositionOut(TypedDict):
    account: int
    day: str
    status: str
    bank: str | None
    books: str
    unexplained: str | None
    explained: list[dict[str, Any]]


class PositionsOut(TypedDict):
    positions: list[PositionOut]


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


class PrecisionOut(TypedDict):
    confirmed: int
    known: int
    share: float | None
    bounds: list[float] | None


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


ProfilesEnum = Literal["bank", "company", "shop", "investment", "carrier"]


class PromotionInRequest(TypedDict):
    reason: NotRequired[str]


class QualityOut(TypedDict):
    since: str
    until: str
    payments: int
    capped: bool
    rules: list[RuleQualityOut]
    never_fired: list[str]
    concerned_none: list[str]
    always_together: list[TogetherOut]


QueueEnum = Literal["checked", "validated"]


class QueuedOut(TypedDict):
    first_approval: int
    second_approval: int
    on_hold: int


class RaiseInRequest(TypedDict):
    payments: list[int]
    typology: TypologyEnum
    reason: str


class ReasonInRequest(TypedDict):
    reason: str


class ReasonLineOut(TypedDict):
    code: str
    alerts: int
    judged: int
    confirmed: int
    valuable: int
    false: int
    share: float | None
    bounds: list[float] | None


class ReasonOut(TypedDict):
    sentence: str
    weight: float
    rule: str
    version: int


class RecallAnswerOut(TypedDict):
    payment: int
    done: bool
    recall: int | None
    code: str
    params: dict[str, Any]
    detail: str


class RecallAnswersOut(TypedDict):
    done: int
    refused: int
    answers: list[RecallAnswerOut]


class RecallOut(TypedDict):
    id: int
    case: str
    entity: int
    payment: int
    amount: str
    currency: str
    reason_code: str
    reason: str
    status: str
    ask_until: str
    asked_by: Person
    asked_at: str
    approved_by: Person | None
    approved_at: str | None
    outgoing_file: int | None
    sent_at: str | None
    answer_due: str | None
    answered_at: str | None
    answer_code: str
    answer_text: str
    returned_at: str | None


class RecallOutPage(TypedDict):
    items: list[RecallOut]
    next: str | None
    previous: str | None


RecallRefusalEnum = Literal["CUST", "NOAS", "AC04", "AM04", "ARDT", "LEGL", "NOOR"]


class RecallRequestOut(TypedDict):
    id: int
    entity: int
    sender: str
    cancellation_id: str
    message: int
    reason_code: str
    reason: str
    end_to_end_id: str
    uetr: str
    amount: str | None
    currency: str
    debtor_name: str
    creditor_name: str
    creditor_number: str
    payment: int | None
    match_code: str
    received_on: str
    due_on: str
    status: str
    proposed_by: Person | None
    proposed_at: str | None
    decided_by: Person | None
    decided_at: str | None
    answer_code: str
    answer_text: str
    answer_file: int | None
    return_file: int | None


class RecallRequestOutPage(TypedDict):
    items: list[RecallRequestOut]
    next: str | None
    previous: str | None


class RecallWithdrawInRequest(TypedDict):
    reason: str


RecallsInReasonCodeEnum = Literal["DUPL", "TECH", "FRAD", "CUST", "AC03", "AM09"]


class RecallsInRequest(TypedDict):
    payments: list[int]
    reason_code: RecallsInReasonCodeEnum
    reason: str


class ReconciledDayOut(TypedDict):
    id: int
    entity: int
    account: int
    day: str
    round: int
    status: str
    bank: str
    books: str
    unexplained: str
    digest: str
    proof: dict[str, Any]
    prepared_by: Person
    prepared_at: str
    remark: str
    signed_by: Person | None
    signed_at: str | None
    ended_reason: str
    changed_at: str | None
    change: dict[str, Any]


class ReconciledDayOutPage(TypedDict):
    items: list[ReconciledDayOut]
    next: str | None
    previous: str | None


class RefundInRequest(TypedDict):
    """Pay a settled payment back, in whole or part; answers the refund"""

    amount: NotRequired[str]
    account: NotRequired[str]
    name: NotRequired[str]
    bic: NotRequired[str]
    remittance: NotRequired[str]
    reason_code: RefundReasonEnum
    reason: NotRequired[str]


class RefundManyInRequest(TypedDict):
    """Pay a settled payment back, in whole or part; answers the refund"""

    ids: list[int]
    amount: NotRequired[str]
    account: NotRequired[str]
    name: NotRequired[str]
    bic: NotRequired[str]
    remittance: NotRequired[str]
    reason_code: RefundReasonEnum
    reason: NotRequired[str]


RefundReasonEnum = Literal["CUST", "DUPL", "AM09", "SVNR", "FRAD", "TECH", "NARR"]


class RefuseInRequest(TypedDict):
    reason_code: RecallRefusalEnum
    reason: NotRequired[str]


class RejectInRequest(TypedDict):
    """Refuse a payment for good"""

    version: NotRequired[int]
    reason_code: StatusReasonEnum
    reason: NotRequired[str]


class RejectManyInRequest(TypedDict):
    """Refuse a payment for good"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: StatusReasonEnum
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
    reason_code: NotRequired[ReopenReasonEnum]
    reason: NotRequired[str]


class ReopenManyInRequest(TypedDict):
    """Bring a rejected payment back"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason_code: NotRequired[ReopenReasonEnum]
    reason: NotRequired[str]


ReopenReasonEnum = Literal["mistake", "cleared", "document", "sender", "other"]


class ReplayInRequest(TypedDict):
    deliveries: NotRequired[list[int]]
    since: NotRequired[str]
    until: NotRequired[str]
    failed_only: NotRequired[bool]


class ReplayOut(TypedDict):
    count: int


RequestKindEnum = Literal["invoice", "contract", "order", "bank_details", "identity", "mandate", "other", "answer"]


class RequestOut(TypedDict):
    id: int
    payment: int
    entity: int
    kind: str
    question: str
    addressee: str
    addressee_name: str
    team: int | None
    required: bool
    asked_by: Person
    asked_at: str
    due_at: str
    overdue_at: str | None
    answered_by: Person | None
    answered_at: str | None
    answer: str
    attachment: int | None
    closed_by: Person | None
    closed_at: str | None
    close_reason: str


class RequestOutPage(TypedDict):
    items: list[RequestOut]
    next: str | None
    previous: str | None


class RequirementOut(TypedDict):
    place: int
    stage: int
    role: str
    team: NotRequired[str | None]
    ceiling: str | None


class ResumeInRequest(TypedDict):
    """Lift the holds that one placed oneself"""

    version: NotRequired[int]
    reason: NotRequired[str]
    answer: NotRequired[str]


class ResumeManyInRequest(TypedDict):
    """Lift the holds that one placed oneself"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: NotRequired[str]
    answer: NotRequired[str]


class ReturnInRequest(TypedDict):
    """Propose that the money came back; another person who says the same books it"""

    reason_code: StatusReasonEnum
    reason: NotRequired[str]
    value_date: NotRequired[str]


class ReturnManyInRequest(TypedDict):
    """Propose that the money came back; another person who says the same books it"""

    ids: list[int]
    reason_code: StatusReasonEnum
    reason: NotRequired[str]
    value_date: NotRequired[str]


RhythmEnum = Literal["week", "fortnight", "month", "quarter", "year"]

RoleEnum = Literal["operator", "supervisor"]


class RuleDetailOut(TypedDict):
    code: str
    family: str
    name_en: str
    name_fr: str
    shipped: bool
    version: RuleVersionOut | None
    versions: list[RuleVersionOut]


class RuleHistoryOut(TypedDict):
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
    units: dict[str, Any]
    kinds: list[str]
    channels: list[str]
    starts_at: str | None
    published_at: str | None
    id: int
    written_by: Person | None
    written_at: str | None
    published_by: Person | None
    waits: bool
    differences: list[DifferenceOut]


class RuleHistoryOutPage(TypedDict):
    items: list[RuleHistoryOut]
    next: str | None
    previous: str | None


class RuleInRequest(TypedDict):
    expression: NotRequired[str]
    parameters: NotRequired[dict[str, Any]]
    units: NotRequired[dict[str, Literal["money", "percent", "days", "count", "text", "date", "list"]]]
    action: NotRequired[ActionEnum]
    weight: NotRequired[int]
    reject_reason: NotRequired[str]
    sentence_en: NotRequired[str]
    sentence_fr: NotRequired[str]
    legal_reference: NotRequired[str]
    profiles: NotRequired[list[ProfilesEnum]]
    kinds: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    valid_from: NotRequired[str | None]
    valid_to: NotRequired[str | None]
    dated_by: NotRequired[DatedByEnum]
    level: NotRequired[LevelEnum]
    certainty: NotRequired[CertaintyEnum | BlankEnum]
    entity: NotRequired[int | None]
    code: str
    family: FamilyEnum
    name_en: str
    name_fr: str


class RuleListChangeInRequest(TypedDict):
    reason: str
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class RuleListEntryOut(TypedDict):
    id: int
    value: str
    valid_from: str
    valid_to: str | None
    reason: str


class RuleListEntryOutPage(TypedDict):
    items: list[RuleListEntryOut]
    next: str | None
    previous: str | None


RuleListInKindEnum = Literal["text", "account", "country"]


class RuleListInRequest(TypedDict):
    entity: NotRequired[int | None]
    code: str
    name: str
    kind: RuleListInKindEnum
    note: NotRequired[str]


class RuleListOut(TypedDict):
    code: str
    name: str
    kind: str
    entity: int | None
    note: str
    held: int


class RuleListOutPage(TypedDict):
    items: list[RuleListOut]
    next: str | None
    previous: str | None


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


class RuleQualityOut(TypedDict):
    rule: str
    action: str
    shadow: bool
    ran: int
    hits: int
    rate: float
    precision: PrecisionOut
    minutes: float


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
    units: dict[str, Any]
    kinds: list[str]
    channels: list[str]
    starts_at: str | None
    published_at: str | None


class SampleOut(TypedDict):
    drawn: int
    judged: int
    confirmed: int
    valuable: int
    below: int
    missed: float | None
    bounds: list[float] | None


class ScoreOut(TypedDict):
    value: int
    model: int
    blank: bool
    scored_at: str
    reasons: list[ReasonOut]
    related: list[int]


class ScoresOut(TypedDict):
    payment: int
    scores: list[ScoreOut]


class ScoringFiguresOut(TypedDict):
    shadow: ShadowOut | None
    reasons: list[ReasonLineOut]
    sample: SampleOut


class ScoringPolicyDetailOut(TypedDict):
    entity: int
    threshold: int
    sample_per_million: int
    steps: list[ThresholdOut]
    scored: int
    days: float
    judged: int
    known: int
    closed_a_day: float
    suggested: int | None


class ScoringPolicyInRequest(TypedDict):
    reason: str
    threshold: int
    sample_per_million: int


class ScoringPolicyOut(TypedDict):
    entity: int
    threshold: int
    sample_per_million: int


class ScoringPolicyOutPage(TypedDict):
    items: list[ScoringPolicyOut]
    next: str | None
    previous: str | None


class SendBackInRequest(TypedDict):
    """Return a validated payment to the first step"""

    version: NotRequired[int]
    reason: str


class SendBackManyInRequest(TypedDict):
    """Return a validated payment to the first step"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]
    reason: str


class ServiceInRequest(TypedDict):
    entity: NotRequired[int]
    url: str
    valid_hours: NotRequired[int]
    token: NotRequired[str]


class ServiceOut(TypedDict):
    id: int
    entity: int
    url: str
    valid_hours: int
    is_active: bool
    waits: bool
    secret_set: bool
    created_by: Person
    last_ok_at: str | None
    failing_since: str | None
    detail: str


class ServiceOutPage(TypedDict):
    items: list[ServiceOut]
    next: str | None
    previous: str | None


class SettingsAsked(TypedDict):
    in_effect: bool
    change: ChangeOut | None


class SettingsInRequest(TypedDict):
    threshold: NotRequired[int]
    shrink_percent: NotRequired[int]
    url: NotRequired[str]
    is_active: NotRequired[bool]
    reason: NotRequired[str]


class SettleInRequest(TypedDict):
    value_date: str


SettlementMethodEnum = Literal["CLRG", "INDA", "INGA"]


class ShadowOut(TypedDict):
    payments: int
    both: int
    champion_alone: int
    challenger_alone: int
    agreement: float | None
    judged: int
    right: int
    champion: SideOut
    challenger: SideOut


class ShareOut(TypedDict):
    payment: int
    payment_status: str
    amount: str
    discount: str


class SideOut(TypedDict):
    model: int
    average_precision: float | None
    right: int
    wrong: int


class SignDayInRequest(TypedDict):
    digest: str


class SilenceOut(TypedDict):
    id: int
    entity: int
    typology: str
    group: str
    subject: str
    case: int
    reason: str
    made_by: Person
    made_at: str
    valid_to: str
    ended_at: str | None
    hidden_count: int


class SilenceOutPage(TypedDict):
    items: list[SilenceOut]
    next: str | None
    previous: str | None


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


class StandingChangeInRequest(TypedDict):
    creditor_name: str
    creditor_number: str
    creditor_bic: NotRequired[str]
    amount: NotRequired[str]
    floor: NotRequired[str]
    remittance: NotRequired[str]
    unit: NotRequired[UnitEnum]
    every: NotRequired[int]
    last_working_day: NotRequired[bool]
    first_on: str
    last_on: NotRequired[str]
    times: NotRequired[int]
    working_day: NotRequired[WorkingDayEnum]
    reason: str


class StandingDetailOut(TypedDict):
    id: int
    reference: str
    entity: int
    account: int
    creditor_name: str
    creditor_number: str
    creditor_bic: str
    amount: str | None
    floor: str | None
    currency: str
    remittance: str
    unit: str
    every: int
    last_working_day: bool
    first_on: str
    last_on: str | None
    times: int | None
    working_day: str
    suspended_from: str | None
    suspended_to: str | None
    status: str
    next_on: str | None
    made_count: int
    created_by: Person
    created_at: str
    approved_by: Person | None
    approved_at: str | None
    coming: list[OccurrenceOut]
    waiting: AskedOut | None


class StandingInRequest(TypedDict):
    creditor_name: str
    creditor_number: str
    creditor_bic: NotRequired[str]
    amount: NotRequired[str]
    floor: NotRequired[str]
    remittance: NotRequired[str]
    unit: NotRequired[UnitEnum]
    every: NotRequired[int]
    last_working_day: NotRequired[bool]
    first_on: str
    last_on: NotRequired[str]
    times: NotRequired[int]
    working_day: NotRequired[WorkingDayEnum]
    account: int


class StandingOut(TypedDict):
    id: int
    reference: str
    entity: int
    account: int
    creditor_name: str
    creditor_number: str
    creditor_bic: str
    amount: str | None
    floor: str | None
    currency: str
    remittance: str
    unit: str
    every: int
    last_working_day: bool
    first_on: str
    last_on: str | None
    times: int | None
    working_day: str
    suspended_from: str | None
    suspended_to: str | None
    status: str
    next_on: str | None
    made_count: int
    created_by: Person
    created_at: str
    approved_by: Person | None
    approved_at: str | None


class StandingOutPage(TypedDict):
    items: list[StandingOut]
    next: str | None
    previous: str | None


class StandingReasonInRequest(TypedDict):
    reason: str


class StatementInRequest(TypedDict):
    entity: NotRequired[int]
    file_name: NotRequired[str]
    file: bytes


class StatementLineOut(TypedDict):
    id: int
    statement: int
    account: int
    place: int
    status: str
    credit: bool
    amount: str
    currency: str
    open: str | None
    booking_on: str
    value_on: str
    reversal: bool
    code: str
    end_to_end_id: str
    bank_reference: str
    counterparty_name: str
    counterparty_number: str
    creditor_reference: str
    remittance: str
    information: str


class StatementLineOutPage(TypedDict):
    items: list[StatementLineOut]
    next: str | None
    previous: str | None


class StatementOut(TypedDict):
    account: int
    currency: str
    moment: str | None
    balance: str
    items: list[PostingOut]
    next: str | None
    previous: str | None


class StatementProblemOut(TypedDict):
    code: str
    params: dict[str, Any]
    severity: str
    line: int | None
    path: str
    detail: str


class StatementTakenOut(TypedDict):
    position: int
    outcome: str
    statement: int | None
    lines: int
    code: str
    detail: str


StatusReasonEnum = Literal[
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
    "BE01",
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


class SubmitInRequest(TypedDict):
    reason: str
    mode: str
    starts_at: NotRequired[str | None]
    overload_reason: NotRequired[str]


class SuggestInRequest(TypedDict):
    lines: list[int]


class SuggestionOut(TypedDict):
    line: int
    items: list[int]
    confidence: int
    band: str
    difference: str
    reasons: list[dict[str, Any]]


class SuggestionsOut(TypedDict):
    suggestions: list[SuggestionOut]


class SumOut(TypedDict):
    currency: str
    amount: str


class SuspendInRequest(TypedDict):
    reason: str
    since: str
    until: NotRequired[str]


class TakeNextInRequest(TypedDict):
    entity: NotRequired[int]
    queue: NotRequired[QueueEnum]


class TakenOut(TypedDict):
    payment: PaymentRow | None


class TestedDayOut(TypedDict):
    day: str
    judged: int
    hits: int
    hits_of_other: int
    hits_of_both: int


class ThresholdOut(TypedDict):
    threshold: int
    alerts: int
    alerts_a_day: float
    judged: int
    right: int
    share: float | None


class TickOut(TypedDict):
    item: str
    ticked_by: Person
    ticked_at: str


class TimesOut(TypedDict):
    cut_off_at: str | None
    execution_date: str
    credit_by: str
    missed: bool
    rule: int | None


class TogetherOut(TypedDict):
    one: str
    other: str
    payments: int


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
    waits: bool
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
    waits: bool


class TokenOutPage(TypedDict):
    items: list[TokenOut]
    next: str | None
    previous: str | None


class TrainingInRequest(TypedDict):
    window_from: str
    window_to: str
    seed: NotRequired[int]
    parameters: NotRequired[dict[str, Any]]


class TrainingOut(TypedDict):
    id: int
    window_from: str
    window_to: str
    parameters: dict[str, Any]
    seed: int
    state: str
    asked_by: Person | None
    asked_at: str
    finished_at: str | None
    model: NotRequired[int | None]
    code: str
    params: dict[str, Any]


class TrainingOutPage(TypedDict):
    items: list[TrainingOut]
    next: str | None
    previous: str | None


class TransferFormatInRequest(TypedDict):
    message_format: MessageFormatEnum
    settlement_method: NotRequired[SettlementMethodEnum]
    clearing_system: NotRequired[str]


class TransmissionAttemptOut(TypedDict):
    number: int
    begun_at: str
    ended_at: str | None
    stage: str
    address: str
    verified: bool | None
    code: str
    detail: str


class TransmissionDetailOut(TypedDict):
    file: int
    channel: int
    channel_name: str
    remote_name: str
    status: str
    stage: str
    attempts: int
    next_at: str
    delivered_at: str | None
    ack_due_at: str | None
    acknowledged_at: str | None
    acknowledged_by: str
    code: str
    detail: str
    decided_by: Person | None
    decided_at: str | None
    decision: str
    log: list[TransmissionAttemptOut]


class TransmissionOut(TypedDict):
    file: int
    channel: int
    channel_name: str
    remote_name: str
    status: str
    stage: str
    attempts: int
    next_at: str
    delivered_at: str | None
    ack_due_at: str | None
    acknowledged_at: str | None
    acknowledged_by: str
    code: str
    detail: str
    decided_by: Person | None
    decided_at: str | None
    decision: str


class TransmissionReasonInRequest(TypedDict):
    reason: str


class TrialBalanceOut(TypedDict):
    moment: str | None
    books: list[BookOut]


class TrialOut(TypedDict):
    found: bool
    concerned: bool
    outcome: bool | None
    conditions: list[ConditionOut]
    sentence_en: str
    sentence_fr: str


TypologyEnum = Literal[
    "duplicate",
    "changed_details",
    "name_unlike",
    "splitting",
    "velocity",
    "sleeping",
    "operator_habits",
    "first_large",
    "unusual_amount",
    "cumulative_cash",
    "high_risk_country",
    "pass_through",
    "circle",
    "fan",
    "statement_gap",
    "order_mismatch",
    "missing",
    "unusual",
]


class UndoInRequest(TypedDict):
    reason: str


class UndoWindowInRequest(TypedDict):
    seconds: int
    reason: str


UnitEnum = Literal["week", "month", "year"]


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


class VerdictOut(TypedDict):
    round: int
    place: int
    person: Person
    disposition: str
    cause: str
    reason: str
    actions: list[str]
    given_at: str


class VerificationInRequest(TypedDict):
    entity: NotRequired[int]
    account_number: str
    name: str


class VerificationOut(TypedDict):
    id: int
    outcome: str
    suggested_name: str
    source: str
    service_reference: str
    asked_at: str
    answered_at: str | None
    duration_ms: int
    code: str
    detail: str


class VersionInRequest(TypedDict):
    expression: NotRequired[str]
    parameters: NotRequired[dict[str, Any]]
    units: NotRequired[dict[str, Literal["money", "percent", "days", "count", "text", "date", "list"]]]
    action: NotRequired[ActionEnum]
    weight: NotRequired[int]
    reject_reason: NotRequired[str]
    sentence_en: NotRequired[str]
    sentence_fr: NotRequired[str]
    legal_reference: NotRequired[str]
    profiles: NotRequired[list[ProfilesEnum]]
    kinds: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    valid_from: NotRequired[str | None]
    valid_to: NotRequired[str | None]
    dated_by: NotRequired[DatedByEnum]
    level: NotRequired[LevelEnum]
    certainty: NotRequired[CertaintyEnum | BlankEnum]


class VersionOut(TypedDict):
    debtor_name: str
    debtor_number: str
    debtor_bic: str
    status: str
    changed_by: Person | None
    changed_at: str


class VoidInRequest(TypedDict):
    reason: str


class WaitingList(TypedDict):
    items: list[WaitingOut]
    left_out: list[LeftOut]


class WaitingOut(TypedDict):
    account: int
    account_code: str
    currency: str
    execution_date: str
    cut_off_at: str | None
    count: int
    sum: str


WatchListInKindEnum = Literal["sanctions", "pep", "own"]


class WatchListInRequest(TypedDict):
    entity: NotRequired[int | None]
    code: str
    name: str
    publisher: NotRequired[str]
    kind: NotRequired[WatchListInKindEnum]
    url: NotRequired[str]
    threshold: NotRequired[int]
    shrink_percent: NotRequired[int]


class WatchListOut(TypedDict):
    id: int
    code: str
    name: str
    publisher: str
    kind: str
    entity: int | None
    url: str
    threshold: int
    shrink_percent: int
    is_active: bool


class WatchListOutPage(TypedDict):
    items: list[WatchListOut]
    next: str | None
    previous: str | None


class WatchVersionOut(TypedDict):
    id: int
    number: int
    status: str
    format: str
    origin: str
    file_name: str
    sha256: str
    size: int
    published: str
    loaded_at: str
    loaded_by: Person | None
    activated_at: str | None
    confirmed_at: str | None
    rescreened_at: str | None
    entry_count: int
    added_count: int
    changed_count: int
    removed_count: int
    weakened_count: int
    missing: list[str]


class WatchVersionOutPage(TypedDict):
    items: list[WatchVersionOut]
    next: str | None
    previous: str | None


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


class WeekOut(TypedDict):
    items: list[DayOut]


class WhyInRequest(TypedDict):
    reason: str


class WhyRequest(TypedDict):
    reason: str


class WithdrawInRequest(TypedDict):
    """Take back one's own last decision, within the entity's window"""

    version: NotRequired[int]


class WithdrawManyInRequest(TypedDict):
    """Take back one's own last decision, within the entity's window"""

    ids: list[int]
    versions: NotRequired[dict[str, int]]


WorkingDayEnum = Literal["next", "previous", "same"]
