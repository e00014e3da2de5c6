"""What each request of the rights matrix carries: a body that the act takes, about the objects of one entity."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.people.models import Entity, User
from backoffice.webhooks.models import Endpoint
from controls.models import VerificationService
from tests import database, people, rights_cases, rights_desk
from tests.files import pain002
from tests.people import CUSTOMER_IBAN, PAYEE_IBAN
from tests.rights import OF_ROUTE, Sent
from transactions.models import (
    BankChannel,
    Decision,
    HandOver,
    Hold,
    Payment,
    PaymentApproval,
    PaymentRequirement,
    PaymentState,
)

WHY = {"reason": "Asked for by the matrix"}
Things = dict[str, Any]


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def listed() -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", b"id,name\nq1,A B\nq2,C D\nq3,E F\n", "text/csv")


def _payments(things: Things) -> dict[str, Any]:
    one = {
        "debtor_account": CUSTOMER_IBAN, "creditor_account": PAYEE_IBAN, "creditor_name": "Kervella", "amount": "1.00",
        "currency": "EUR", "requested_execution_date": tomorrow(),
    }  # fmt: skip
    return {"entity": things["entity"], "payments": [one]}


def answer() -> SimpleUploadedFile:
    return SimpleUploadedFile("answer.xml", pain002("NONE", group="ACTC", message_id="MATRIX"), "text/xml")


MANDATE = {
    "creditor_scheme_id": "FR72ZZZ123456", "reference": "M-NEW", "debtor_name": "New", "debtor_number": PAYEE_IBAN,
    "signed_on": "2026-01-10",
}  # fmt: skip
STANDING = {
    "creditor_name": "New", "creditor_number": PAYEE_IBAN, "amount": "7.00", "unit": "month", "every": 1,
    "first_on": "2099-01-10", "working_day": "next",
}  # fmt: skip
INVOICE = {"supplier_name": "New", "number": "F-NEW", "issued_on": "2026-01-10", "gross": "7.00"}
ASK = {
    "kind": "invoice", "question": "Which one?", "addressee": "department", "addressee_name": "Purchasing",
    "due_at": (timezone.now() + timedelta(days=1)).isoformat(),
}  # fmt: skip


def _policy() -> dict[str, Any]:
    return {
        "max_amount": "5.00", "day_amount": "10.00", "valid_from": tomorrow() + "T08:00:00Z",
        "valid_to": tomorrow() + "T18:00:00Z", **WHY,
    }  # fmt: skip


VERB_BODIES: dict[str, dict[str, Any]] = {
    "validate": {}, "approve": {}, "claim": {}, "release": {}, "send_back": WHY, "cancel": WHY, "reopen": WHY,
    "hold": WHY, "lift": WHY,
    "resume": WHY, "withdraw": {}, "hand_over": WHY, "decline": WHY, "ask": ASK,
    "reject": {"reason_code": "AC01"}, "return": {"reason_code": "AC01"},
    "refund": {"reason_code": "CUST"}, "chargeback": {"reason_code": "FRAD", "fee": "2.00"},
}  # fmt: skip

RULE = {
    "expression": "amount > 1", "action": "warn", "sentence_en": "Large: {amount}", "sentence_fr": "Grand : {amount}",
}  # fmt: skip
NAMED = {"code": "NEW-RULE", "family": "amount", "name_en": "New", "name_fr": "Neuf"}

API: dict[str, Callable[[Things], Any]] = {
    "rules": lambda things: {"entity": things["entity"], **NAMED, **RULE},
    "rule_check": lambda things: {"entity": things["entity"], "expression": "amount > 1"},
    "rule_next": lambda things: {"entity": things["entity"], "based_on": 1},
    "rule_mode": lambda things: {"version": 1, "mode": "off", **WHY},
    "rule_draft_change": lambda things: RULE,
    "rule_draft_submit": lambda things: {"mode": "shadow", **WHY},
    "rule_draft_discard": lambda things: WHY,
    "rule_lists": lambda things: {"entity": things["entity"], "code": "new_list", "name": "New", "kind": "text"},
    "rule_list_change": lambda things: {"add": ["new"], **WHY},
    "user_limits": lambda things: {"act": "validate", "currency": "EUR", "amount": "5.00"},
    "delegations": lambda things: {
        "deputy": things["deputy"], "act": "approve", "entity": things["entity"],
        "valid_from": tomorrow() + "T08:00:00Z", "valid_to": tomorrow() + "T18:00:00Z", **WHY,
    },
    "delegation_end": lambda things: None,
    "matrix": lambda things: {"entity": things["entity"], "from_amount": "77", "stages": [{"persons": 1}], **WHY},
    "matrix_change": lambda things: {"from_amount": "78", "stages": [{"persons": 2}], **WHY},
    "backtests": lambda things: {
        "rule": things["version_rule"], "version": things["version_number"], "since": "2026-01-01",
        "until": "2026-01-31", "entity": things["entity"],
    },
    "backtest_cancel": lambda things: None,
    "straight_policies": lambda things: {"entity": things["entity"], "name": "New", **_policy()},
    "straight_change": lambda things: _policy(),
    "straight_stop": lambda things: WHY,
    "screening_release": lambda things: WHY,
    "screening_true": lambda things: WHY,
    "screening_exempt": lambda things: {"until": tomorrow(), **WHY},
    "exemption_end": lambda things: WHY,
    "watchlists": lambda things: {"entity": things["entity"], "code": "NEW", "name": "New"},
    "watchlist_change": lambda things: {"threshold": 80},
    "watchlist_versions": lambda things: {"file": listed()},
    "watchlist_fetch": lambda things: None,
    "screening_name": lambda things: {"name": "Vasil Korbalski"},
    "change_approve": lambda things: None,
    "change_refuse": lambda things: WHY,
    "change_withdraw": lambda things: WHY,
    "tokens": lambda things: {"name": "Matrix", "scopes": ["dashboard.view"], **things.get("for", {})},
    "token_revoke": lambda things: None,
    "accounts": lambda things: {
        "entity": things["entity"], "code": "NEW", "name": "New", "kind": "suspense", "currency": "EUR",
    },
    "account_block": lambda things: WHY,
    "account_overdraft": lambda things: {"overdraft": "5.00", **WHY},
    "account_unblock": lambda things: WHY,
    "bank_details": lambda things: {"account_number": CUSTOMER_IBAN, **WHY},
    "bank_details_confirm": lambda things: WHY,
    "sources": lambda things: {"entity": things["entity"], "code": "new", "name": "New"},
    "source_change": lambda things: {"name": "Other"},
    "batches": lambda things: {"entity": things["entity"], "file": rights_desk.file()},
    "payments": _payments,
    "take_next": lambda things: {"entity": things["entity"]},
    "card_payments": lambda things: {"entity": things["entity"], "payments": [
        {"amount": "10.00", "currency": "EUR", "fee": "0.10", "acquirer": "PSP", "captured_on": tomorrow()},
    ]},
    "payouts": lambda things: {
        "acquirer": things["claim"], "reference": "PO-1", "amount": "49.00", "paid_on": tomorrow(),
        "payments": [things["captured"]],
    },
    "payment_apply": lambda things: {"account": things["account"], **WHY},
    "payments_apply": lambda things: {"ids": [things["suspended"]], "account": things["account"], **WHY},
    "payment_attachments": lambda things: {"file": rights_desk.file()},
    "payment_amend": lambda things: {"version": 1, "changes": {"creditor_name": "Other"}, **WHY},
    "payment_comment": lambda things: {"text": "Seen"},
    "request_answer": lambda things: {"text": "Seen"},
    "request_close": lambda things: WHY,
    "undo_window": lambda things: {"seconds": 20, **WHY},
    "outgoing": lambda things: {"account": things["account"]},
    "outgoing_send": lambda things: None,
    "outgoing_void": lambda things: WHY,
    "outgoing_confirm": lambda things: {"value_date": tomorrow()},
    "outgoing_look": lambda things: None,
    "outgoing_again": lambda things: WHY,
    "outgoing_arrived": lambda things: WHY,
    "payment_verify": lambda things: None,
    "batch_verify": lambda things: None,
    "verifications": lambda things: {"entity": things["entity"], "account_number": PAYEE_IBAN, "name": "Kervella"},
    "verification_services": lambda things: {
        "entity": things["entity"], "url": "https://93.184.215.14/new", "token": "t" * 32,
    },
    "verifier_on": lambda things: None,
    "verifier_off": lambda things: None,
    "channels": lambda things: {"entity": things["entity"], "kind": "folder", "name": "New", "out_folder": "new/out"},
    "channel_change": lambda things: {"name": "Other"},
    "channel_test": lambda things: None,
    "channel_on": lambda things: None,
    "channel_off": lambda things: None,
    "fetched_dismiss": lambda things: WHY,
    "webhooks": lambda things: {"entity": things["entity"], "name": "New", "url": "https://93.184.215.14/new"},
    "webhook_change": lambda things: {"name": "Other"},
    "webhook_rotate": lambda things: None,
    "webhook_pause": lambda things: None,
    "webhook_resume": lambda things: None,
    "webhook_retire": lambda things: None,
    "webhook_replay": lambda things: {"deliveries": [things["delivery"]]},
    "messages": lambda things: {"entity": things["entity"], "file": answer()},
    "answer_assign": lambda things: {"payment": things["sent"], **WHY},
    "answer_dismiss": lambda things: WHY,
    "account_channel": lambda things: {"message_format": "pacs008"},
    "recalls": lambda things: {"payments": [things["recallable"]], "reason_code": "DUPL", **WHY},
    "recall_approve": lambda things: None,
    "recall_withdraw": lambda things: WHY,
    "recall_request_accept": lambda things: {},
    "recall_request_confirm": lambda things: None,
    "recall_request_refuse": lambda things: {"reason_code": "CUST"},
    "mandates": lambda things: {"account": things["account"], **MANDATE},
    "mandate_amend": lambda things: {"debtor_name": "Other", "debtor_number": PAYEE_IBAN, **WHY},
    "mandate_cancel": lambda things: WHY,
    "cut_offs": lambda things: {"entity": things["entity"], "scheme": "core", **HOUR},
    "cut_off_change": lambda things: {**HOUR, **WHY},
    "cut_off_withdraw": lambda things: WHY,
    "calendars": lambda things: {"entity": things["entity"], "code": "NEW", "name": "New"},
    "calendar_close": lambda things: {"holidays": [{"day": "2091-08-15", "name": "New"}]},
    "holiday_open": lambda things: WHY,
    "instant_limit": lambda things: {"one_amount": "5.00", **WHY},
    "invoices": lambda things: {"entity": things["entity"], **INVOICE},
    "invoice_cancel": lambda things: WHY,
    "invoice_pay": lambda things: {
        "account": things["account"], "invoices": [things["invoice"]], "execution_date": tomorrow(),
    },
    "standing_orders": lambda things: {"account": things["account"], **STANDING},
    "standing_change": lambda things: {**STANDING, **WHY},
    "standing_approve": lambda things: None,
    "standing_refuse": lambda things: WHY,
    "standing_suspend": lambda things: {"since": tomorrow(), **WHY},
    "standing_resume": lambda things: WHY,
    "standing_end": lambda things: WHY,
    **rights_cases.API,
    **rights_desk.API,
}  # fmt: skip
HOUR = {"local_time": "15:00", "valid_from": "2091-02-01"}


def _api_post(name: str, things: Things) -> Sent:
    many, one = name.removeprefix("payments_"), name.removeprefix("payment_")
    to = {"person": things["deputy"]}
    if name.startswith("payments_") and many in VERB_BODIES:
        status = OF_ROUTE.get(f"api:payment_{many}", {}).get("payment_id", "checked")
        return Sent({"ids": [things[status]], **VERB_BODIES[many], **(to if many == "hand_over" else {})})
    if name.startswith("payment_") and one in VERB_BODIES:
        return Sent({**VERB_BODIES[one], **(to if one == "hand_over" else {})})
    return Sent(API[name](things))


def _api_get(name: str, things: Things) -> Sent:
    if name == "audit_records":
        return Sent(query={"subject_type": "payment", "subject": things["checked"]})
    if name == "case_figures":
        return Sent(query=rights_cases.period())
    if name == "rule_trial":
        return Sent(params={"version": 1})
    if name in {"accounts", "trial_balance", "entries", "payees", "sources", "batches", "payments", "outgoing",
                "outgoing_waiting", "webhooks", "payouts", "messages", "answers_waiting", "mandates",
                "cut_offs", "cut_off_week", "calendars", "recalls", "recall_requests",
                "channels", "fetched", "standing_orders", "instants", "invoices",
                "requests", *rights_desk.LISTS}:  # fmt: skip
        return Sent(query={"entity": things["entity"]})
    return Sent()


WORDS = {"reason": "Asked for by the matrix", "text": "Seen", "code": "document", "reason_code": "AC01"}


def _web_post(name: str, things: Things) -> Sent:
    if name in ACTS:
        return Sent(ACTS[name](things))
    if name.startswith("payment_act/"):
        more = {
            "cancel": {"reason_code": "other"}, "reopen": {"reason_code": "other"},
            "hand-over": {"to": f"person:{things['deputy']}"},
            "ask": {"kind": "invoice", "question": "Which one?", "to": "maker", "due_at": tomorrow() + "T12:00"},
        }  # fmt: skip
        return Sent(WORDS | more.get(name.partition("/")[2], {}))
    return Sent(WEB[name](things))


ACTS: dict[str, Callable[[Things], Any]] = {
    "payment_act/apply": lambda things: {"account": things["account"], **WHY},
    "payment_act/refund": lambda things: {"left": "150.00", "amount": "150.00", "reason_code": "CUST"},
    "payment_act/chargeback": lambda things: {"fee": "2.00", "reason_code": "FRAD"},
}
STRAIGHT_ROW = {
    "name": "New", "max_amount": "5", "day_amount": "10", "currency": "EUR", "known_payees": "on",
    "first_day": tomorrow(), "last_day": tomorrow(), **WHY,
}  # fmt: skip
MATRIX_ROW = {"amount": "5000", "currency": "EUR", "kind": "sepa", "persons_1": "1", **WHY}

CHANNEL = {"out_folder": "new/out", "after_fetch": "archive", "file_name": "{message_id}.xml", "kinds": ["pain001"]}

RULE_FORM = {**RULE, "form": "text", "weight": "1", "dated_by": "receipt", "level": "1"}

WEB: dict[str, Callable[[Things], Any]] = {
    "preferences": lambda things: {
        "language": "fr", "time_zone": "Europe/Paris", "theme": "dark", "density": "compact",
    },
    "language": lambda things: {"language": "fr", "next": "/queue/"},
    "take_next": lambda things: {},
    "bulk": lambda things: {"payment": f"{things['checked']}:1"},
    "undo": lambda things: {"ids": str(things["validated"])},
    "request_answer": lambda things: {"text": "Seen"},
    "request_close": lambda things: WHY,
    "undo_window": lambda things: {"seconds": "20", **WHY},
    "payment_new": lambda things: {
        "debtor_account": things["account"], "kind": "sepa", "amount": "1.00", "currency": "EUR",
        "creditor_name": "Kervella", "creditor_number": PAYEE_IBAN, "requested_execution_date": tomorrow(),
    },
    "payment_verify": lambda things: {},
    "batch_verify": lambda things: {},
    "payment_new_verify": lambda things: {
        "debtor_account": things["account"], "kind": "sepa", "creditor_name": "Kervella", "creditor_number": PAYEE_IBAN,
    },
    "verification_service": lambda things: {
        "url": "https://93.184.215.14/new", "valid_hours": "12", "token": "t" * 32,
    },
    "verification_switch": lambda things: {"on": "0"},
    "payment_amend": lambda things: {
        "version": "1", "creditor_name": "Other", "creditor_number": PAYEE_IBAN, "confirmed": "1",
        "requested_execution_date": tomorrow(), **WHY,
    },
    "payout_new": lambda things: {"reference": "PO-OWN", "amount": "49.00", "paid_on": tomorrow()},
    "payment_document_add": lambda things: {"file": rights_desk.file(), "kind": "invoice"},
    "payment_reveal": lambda things: {},
    "upload": lambda things: {"destination": things["code"], "files": rights_desk.file()},
    "source_new": lambda things: {"entity": things["code"], "code": "new", "name": "New", "maker": "sender"},
    "source": lambda things: {"name": "Other", "maker": "sender", "is_active": "on"},
    "account_open": lambda things: {
        "entity": things["code"], "code": "NEW", "name": "New", "kind": "suspense", "currency": "EUR",
        "overdraft": "0",
    },
    "account_overdraft": lambda things: {"overdraft": "5.00", **WHY},
    "account_block": lambda things: WHY,
    "account_unblock": lambda things: WHY,
    "outgoing_prepare": lambda things: {},
    "outgoing_send": lambda things: {},
    "outgoing_void": lambda things: WHY,
    "outgoing_confirm": lambda things: {"value_date": tomorrow()},
    "answer_assign": lambda things: {"payment": str(things["sent"]), **WHY},
    "answer_dismiss": lambda things: WHY,
    "account_channel": lambda things: {"message_format": "pacs008", "settlement_method": "CLRG"},
    "recall_new": lambda things: {"reason_code": "DUPL", **WHY},
    "recall_approve": lambda things: {},
    "recall_withdraw": lambda things: WHY,
    "recall_request_accept": lambda things: {},
    "recall_request_confirm": lambda things: {},
    "recall_request_refuse": lambda things: {"reason_code": "CUST"},
    "mandate_new": lambda things: {"account": things["account"], "scheme": "CORE", "kind": "recurrent", **MANDATE},
    "mandate_amend": lambda things: {"debtor_name": "Other", "debtor_number": PAYEE_IBAN, **WHY},
    "mandate_cancel": lambda things: WHY,
    "cut_off_new": lambda things: {"mode": "time", "scheme": "core", "time_zone": "Europe/Paris", **HOUR},
    "cut_off": lambda things: {"mode": "time", "time_zone": "Europe/Paris", **HOUR, **WHY},
    "cut_off_withdraw": lambda things: WHY,
    "calendar_new": lambda things: {"code": "NEW", "name": "New", "target": "on", "weekend": ["6", "7"]},
    "calendar_close": lambda things: {"holidays": "2091-08-15 New"},
    "holiday_open": lambda things: WHY,
    "instant_limit": lambda things: {"one_amount": "5.00", **WHY},
    "invoice_new": lambda things: {"entity": things["code"], "kind": "invoice", "currency": "EUR", **INVOICE},
    "invoice_import": lambda things: {
        "entity": things["code"],
        "file": SimpleUploadedFile("l.csv", b"supplier;number;date;gross\nNew;F-L;2026-01-10;7.00\n", "text/csv"),
    },
    "invoice_cancel": lambda things: WHY,
    "invoice_pay": lambda things: {
        "account": things["account"], "invoice": [things["invoice"]], "execution_on": tomorrow(),
    },
    "standing_new": lambda things: {"account": things["account"], **STANDING},
    "standing_change": lambda things: {**STANDING, **WHY},
    "standing_suspend": lambda things: {"since": tomorrow(), **WHY},
    "standing_resume": lambda things: WHY,
    "standing_end": lambda things: WHY,
    "user_new": lambda things: {"full_name": "New Person", "email": "new@example.org", "language": "en"},
    "user_grant": lambda things: {"role": "auditor", "entity": things["code"]},
    "user_revoke": lambda things: {},
    "user_limit": lambda things: {"act": "validate", "currency": "EUR", "amount": "5"},
    "user_active": lambda things: {"active": "0", **WHY},
    "user_invite": lambda things: {},
    "tokens": lambda things: {
        "user": things["machine"], "name": "Matrix", "days": "30", "scopes": ["payment.view"],
    },
    "token_revoke": lambda things: {},
    "own_token_make": lambda things: {
        "token-name": "Matrix", "token-days": "30", "token-scopes": ["dashboard.view"],
    },
    "own_token_revoke": lambda things: {},
    "outgoing_look": lambda things: {},
    "outgoing_again": lambda things: WHY,
    "outgoing_arrived": lambda things: WHY,
    "fetched_dismiss": lambda things: WHY,
    "channel_new": lambda things: {"entity": things["code"], "kind": "folder", "name": "New", **CHANNEL},
    "channel": lambda things: {"name": "Other", **CHANNEL},
    "channel_test": lambda things: {},
    "channel_switch": lambda things: {"on": "0"},
    "webhooks": lambda things: {"entity": things["code"], "name": "New", "url": "https://93.184.215.14/new"},
    "webhook": lambda things: {"name": "Other", "url": "https://93.184.215.14/other"},
    "webhook_rotate": lambda things: {},
    "webhook_pause": lambda things: {},
    "webhook_resume": lambda things: {},
    "webhook_retire": lambda things: {},
    "webhook_replay": lambda things: {"delivery": things["delivery"]},
    "delegations": lambda things: {
        "deputy": things["deputy"], "act": "approve", "entity": things["code"], "first_day": tomorrow(),
        "last_day": tomorrow(), **WHY,
    },
    "delegation_end": lambda things: {},
    "matrix_new": lambda things: MATRIX_ROW,
    "matrix_row": lambda things: MATRIX_ROW,
    "backtest_new": lambda things: {
        "version": things["version"], "since": "2026-01-01", "until": "2026-01-31", "entity": things["entity"],
    },
    "backtest_cancel": lambda things: {},
    "backtest_judge": lambda things: {"payment": things["checked"], "judgement": "right"},
    "straight_new": lambda things: STRAIGHT_ROW,
    "straight_row": lambda things: STRAIGHT_ROW,
    "straight_stop": lambda things: WHY,
    "screening_release": lambda things: WHY,
    "screening_true": lambda things: WHY,
    "screening_exempt": lambda things: {"until": tomorrow(), **WHY},
    "screening_try": lambda things: {"name": "Vasil Korbalski"},
    "exemption_end": lambda things: WHY,
    "watchlist_new": lambda things: {
        "entity": things["entity"], "code": "NEW", "name": "New", "kind": "own", "threshold": "85",
        "shrink_percent": "10",
    },
    "watchlist_load": lambda things: {"file": listed()},
    "watchlist_fetch": lambda things: {},
    "watchlist_change": lambda things: {"threshold": "80", "shrink_percent": "10", "is_active": "on"},
    "change_decide": lambda things: {"decision": "approve"},
    "rule_new": lambda things: {"do": "save", "entity": things["code"], **NAMED, **RULE_FORM},
    "rule_draft": lambda things: {"do": "save", **NAMED, **RULE_FORM},
    "rule_check": lambda things: {"entity": things["code"], "form": "text", "expression": "amount > 1"},
    "rule_submit": lambda things: {"mode": "shadow", **WHY},
    "rule_discard": lambda things: WHY,
    "rule_next": lambda things: {"entity": things["code"], "version": things["rule_version"]},
    "rule_mode": lambda things: {"version": things["rule_version"], "mode": "off", **WHY},
    "rule_list_new": lambda things: {"entity": things["code"], "code": "new_list", "name": "New", "kind": "text"},
    "rule_list_page": lambda things: {"add": "new", **WHY},
    **rights_cases.WEB,
    **rights_desk.WEB,
}  # fmt: skip


def _web_get(name: str, things: Things) -> Sent:
    if name == "correction_new":
        return Sent(query={"line": things["desk_other"]})
    if name == "cases_together":
        return Sent(query={"ids": things["case"]})
    if name == "bulk":
        return Sent(query={"ids": things["checked"]})
    if name == "channel_new":
        return Sent(query={"entity": things["code"], "kind": "folder"})
    if name == "search":
        return Sent(query={"q": str(things["checked"])})
    return Sent()


def _just_validated(things: Things, user: User) -> None:
    """The person's own first approval, a moment ago, of an entity with an undo window."""
    key = things["validated"]
    Entity.objects.filter(pk=things["entity"]).update(undo_seconds=300)
    state = PaymentState.objects.filter(pk=key)
    state.update(status="checked")
    PaymentApproval.objects.filter(payment=key, withdrawn_at=None).update(withdrawn_at=timezone.now())
    PaymentRequirement.objects.filter(payment=key, withdrawn_at=None).update(withdrawn_at=timezone.now())
    people.asks(Payment.objects.get(pk=key))
    PaymentApproval.objects.create(payment_id=key, stage=0, person=user, given_at=timezone.now())
    now, version = timezone.now(), state.get().version + 1
    Decision.objects.create(
        payment_id=key, verb="validate", person=user, decided_at=now, effective_at=now + timedelta(minutes=4),
        version=version, before_status="checked", before_given=state.get().approvals_given,
    )  # fmt: skip
    state.update(status="validated", version=version)


def prepare(route: str, things: Things, user: User | None) -> None:
    """What must be so before the request for the act to be possible."""
    if route == "undo" and user is not None:
        state = PaymentState.objects.filter(pk=things["validated"])
        state.update(status="checked")
        PaymentApproval.objects.filter(payment=things["validated"]).update(withdrawn_at=timezone.now())
        people.asks(Payment.objects.get(pk=things["validated"]))
        PaymentApproval.objects.create(payment_id=things["validated"], stage=0, person=user, given_at=timezone.now())
        state.update(status="validated")
    if route == "api:verifier_on":
        VerificationService.objects.filter(pk=things["verifier"]).update(is_active=False)
    if route == "api:channel_on":
        BankChannel.objects.filter(pk=things["channel"]).update(is_active=False)
    if route in {"undo", "api:payment_withdraw", "api:payments_withdraw"} and user is not None:
        _just_validated(things, user)
    if route in {"payment_act/decline", "api:payment_decline", "api:payments_decline"} and user is not None:
        now = timezone.now()
        HandOver.objects.filter(payment=things["handed"]).update(ended_at=now, end="passed_on")
        HandOver.objects.create(
            payment_id=things["handed"], entity_id=things["entity"], giver=people.person(None), person=user,
            reason="Matrix", given_at=now,
        )  # fmt: skip
    if route in {"payment_act/resume", "api:payment_resume", "api:payments_resume"} and user is not None:
        database.update(Hold.objects.filter(payment=things["held"]), placed_by=user)
    if route.endswith("webhook_resume"):
        Endpoint.objects.filter(pk=things["webhook"]).update(status="paused")
    if route.endswith(("_release", "/release")):
        lease = timezone.now() + timedelta(minutes=5)
        PaymentState.objects.filter(pk=things["claimed"]).update(claimed_by=user, claimed_until=lease)


def sent(route: str, method: str, things: Things) -> Sent:
    """What the request of a line carries. A KeyError names a route that nobody has said the content of."""
    space, _colon, name = route.rpartition(":")
    if space == "api":
        return _api_get(name, things) if method == "GET" else _api_post(name, things)
    return _web_get(name, things) if method == "GET" else _web_post(name, things)
