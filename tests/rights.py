"""The stage of the rights matrix: two entities furnished alike, people in each role of the first, and every request.

What is expected is data: ``rights_matrix.csv`` beside this module. A line is a route and a method; a cell is a role,
and says what happens with an object of the role's own entity and, after a space, with one of the other entity:

ok       done (something moved) or shown: 2xx, or a redirect to elsewhere than the sign-in
still    a POST that is answered so and moves nothing of the house
refused  the act is refused by the rules, not for lack of a right (409 or 422); nothing moves
none     a call for many is answered, none of them was done
hidden   a list or page is shown, and nothing of the other entity is in it
302      sent to the sign-in
401 403 404 405 400  answered so
-        there is no such case
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import tokens
from backoffice.people.models import Delegation, User
from backoffice.web.decisions import VERBS
from backoffice.webhooks.models import Delivery, Endpoint, Event
from controls import changes
from controls.models import ApprovalPolicy, ControlCard, Rule, StraightPolicy
from documents import attachments
from documents.models import Attachment, AttachmentLink
from tests import database
from tests.people import PAYEE_IBAN, Stage, account, bank_branch, batch, open_balance, payment, person
from transactions import invoices, ledger
from transactions.channels import registry
from transactions.models import (
    BankChannel,
    BankDetails,
    BankMessage,
    Calendar,
    CardPayment,
    Collection,
    CutOff,
    FetchedFile,
    HandOver,
    Hold,
    Holiday,
    InformationRequest,
    IntakeProblem,
    IntakeSource,
    JournalEntry,
    Mandate,
    MessageItem,
    OutgoingFile,
    OutgoingItem,
    Payee,
    PaymentApproval,
    PaymentState,
    Recall,
    RecallRequest,
    Transmission,
)
from transactions.standing import orders

TABLE = Path(__file__).with_name("rights_matrix.csv")
ROLES = ("operator", "supervisor", "logistics", "auditor", "administrator", "nobody", "anonymous")
# In every name of the other entity's objects, and nowhere else.
MARK = "ZQXELSEWHERE"

# Below this: pages of sign-in and of one's own account. They show and change nobody's but the reader's.
OWN_ACCOUNT = "account/"

_MOVING = (
    "transactions_payment", "transactions_paymentstate", "transactions_hold", "transactions_paymentapproval",
    "transactions_accountbalance", "transactions_account", "transactions_journalentry", "transactions_posting",
    "transactions_outgoingfile", "transactions_outgoingitem", "transactions_paymentbatch", "transactions_intakesource",
    "transactions_instantlimit", "transactions_instanttransfer", "transactions_supplierinvoice",
    "transactions_invoiceshare",
    "transactions_standingorder", "transactions_standingdue",
    "transactions_bankmessage", "transactions_mandate", "transactions_historicalmandate", "transactions_collection",
    "transactions_recall", "transactions_recallrequest",
    "transactions_messageitem", "transactions_intakeproblem", "transactions_payee", "transactions_bankdetails",
    "documents_attachment", "documents_attachmentlink", "documents_auditrecord", "people_user", "people_grant",
    "people_limit", "people_apitoken", "people_delegation", "people_idempotencykey", "transactions_paymentrequirement",
    "transactions_cutoff", "transactions_historicalcutoff", "transactions_calendar", "transactions_holiday",
    "webhooks_endpoint", "webhooks_event", "webhooks_delivery", "webhooks_attempt",
    "controls_controlcard", "controls_changerequest", "controls_changesignature", "controls_rule",
    "controls_ruleversion", "controls_approvalpolicy",
    "transactions_bankchannel", "transactions_historicalbankchannel", "transactions_channelroute",
    "transactions_transmission", "transactions_transmissionattempt", "transactions_fetchedfile",
    "controls_ruleversion", "controls_approvalpolicy", "transactions_decision", "transactions_handover",
    "transactions_informationrequest", "people_entity", "transactions_returnproposal", "transactions_outgoingfault",
    "controls_ruleversion", "controls_approvalpolicy", "controls_straightpolicy", "controls_straightrelease",
)  # fmt: skip


def fingerprint() -> str:
    """Of everything that an act could move: states, balances, books, records, rights."""
    parts = " union all ".join(
        f"select '{table}' as name, md5(coalesce(string_agg(row::text, '|' order by row::text), '')) from {table} row"
        for table in _MOVING
    )
    return str(sql.rows(f"select md5(string_agg(x.name || x.md5, ',' order by x.name)) from ({parts}) x")[0][0])


@dataclass
class Furnished:
    """One entity with something of everything. ``things`` are keys by name."""

    stage: Stage
    things: dict[str, Any] = field(default_factory=dict)


def furnish(code: str, iban: str) -> Furnished:
    stage = bank_branch(code, iban=iban)
    open_balance(stage.customer, stage.customer.balance_row.balance or 1000, stage.bank)
    entity, now, own = stage.entity, timezone.now(), stage.customer
    things: dict[str, Any] = {"entity": entity.pk, "code": code, "account": own.pk, "source": stage.source.pk}
    IntakeSource.objects.filter(pk=stage.source.pk).update(name=f"Treasurer {code}")
    for status in ("received", "checked", "validated", "rejected", "posted", "sent", "settled"):
        things[status] = payment(stage, status=status, creditor_name=f"Payee {code}", remittance=f"For {code}").pk
    things["held"] = payment(stage, creditor_name=f"Payee {code}").pk
    Hold.objects.create(payment_id=things["held"], code="person", reason=f"Wait {code}", placed_at=now)
    PaymentState.objects.filter(pk=things["held"]).update(hold_count=1)
    things |= _in_hand(stage, code)
    things["claimed"] = payment(stage, creditor_name=f"Payee {code}").pk
    signer = person(None)
    PaymentApproval.objects.create(payment_id=things["validated"], stage=0, person=signer, given_at=now)
    with transaction.atomic():
        kept = attachments.store(
            content=f"<{code}/>".encode(), name=f"{code}.xml", content_type="text/xml", entity_id=entity.pk, actor=None
        )
    made = batch(stage, file_name=f"{code}.xml", attachment=kept, sha256=kept.sha256)
    things["batch"], things["attachment"] = made.pk, kept.pk
    things["blocked"] = account(stage.entity, f"{code[:10]}-BLOCKED", "suspense", "C", status="blocked").pk
    IntakeProblem.objects.create(batch=made, position=1, code="amount.missing", value=code)
    AttachmentLink.objects.create(attachment=made.attachment, subject_type="payment", subject_id=things["checked"])
    payee = Payee.objects.create(entity=entity, name=f"Payee {code}", name_key=f"payee {code}".lower(), created_at=now)
    details = BankDetails.objects.create(
        payee=payee, entity=entity, account_number=PAYEE_IBAN, valid_from=now, added_by=person(None)
    )
    things["payee"], things["details"] = payee.pk, details.pk
    for status in ("prepared", "sent"):
        things[f"outgoing_{status}"] = OutgoingFile.objects.create(
            entity=entity, account=stage.customer, message_id=f"{code}-{status}", execution_date=now.date(),
            status=status, currency="EUR", attachment=made.attachment, prepared_at=now, payment_count=1,
            sent_at=now if status == "sent" else None,
        ).pk  # fmt: skip
    filed = payment(stage, status="posted", creditor_name=f"Payee {code}").pk
    database.insert(OutgoingItem(payment_id=filed, file_id=things["outgoing_prepared"]))
    things |= _came_in(stage, code)
    things |= _of_the_bank(stage, code, things["sent"], things["outgoing_sent"], kept)
    things |= _channel(stage, code, things["outgoing_sent"], kept)
    things["journal_entry"] = JournalEntry.objects.filter(entity=entity).latest("pk").pk
    someone = person("operator", entity=entity, name=f"Someone {code}")
    things["signed"] = things["validated"]
    things["card"] = ControlCard.objects.get(payment=things["validated"]).pk
    things["policy"] = ApprovalPolicy.objects.create(entity=entity, from_amount=Decimal(0), approvals=1).pk
    things["change"] = changes.ask_matrix(
        actor=person("supervisor", entity=entity, name=f"Asker {code}"), entity=entity, policy_id=None, reason=code,
        values={"kind": "internal", "stages": [{"persons": 1}]},
    ).pk  # fmt: skip
    things |= _standing(stage, code)
    things["invoice"] = invoices.register(
        actor=person("operator", entity=stage.entity), entity=stage.entity, supplier_name=f"Supplier {code}",
        number=f"F-{code}", gross=Decimal(5), issued_on=timezone.localdate(), account_number=PAYEE_IBAN,
    ).pk  # fmt: skip
    things["straight"] = _straight(stage, code)
    things["user"], things["grant"] = someone.pk, someone.grants.get().pk
    things["deputy"] = person("supervisor", entity=entity, name=f"Deputy {code}").pk
    things["delegation"] = Delegation.objects.create(
        giver=someone, deputy_id=things["deputy"], act="approve", entity=entity, reason=f"Leave {code}", valid_from=now,
        valid_to=now + timedelta(days=1),
    ).pk  # fmt: skip
    machine = person("operator", entity=entity, name=f"Machine {code}", is_machine=True)
    token, _secret = tokens.issue(user=machine, name=f"Token {code}", scopes=["payment.view"], actor=machine)
    things["machine"], things["token"] = machine.pk, token.pk
    things |= _webhook(stage, code, someone, things["checked"])
    things["rule"] = Rule.objects.get_or_create(code="MATRIX", defaults={"family": "amount"})[0].code
    return Furnished(stage, things)


def _in_hand(stage: Stage, code: str) -> dict[str, Any]:
    """A payment that an answer is asked about, and one that was handed over."""
    now, giver = timezone.now(), person(None)
    asked = payment(stage, creditor_name=f"Payee {code}").pk
    request = InformationRequest.objects.create(
        payment_id=asked, entity=stage.entity, kind="answer", question=f"Which {code}?", addressee="maker",
        required=False, asked_by=giver, asked_at=now, due_at=now + timedelta(days=1),
    )  # fmt: skip
    handed = payment(stage, creditor_name=f"Payee {code}").pk
    receiver = person(None)
    HandOver.objects.create(
        payment_id=handed, entity=stage.entity, giver=giver, person=receiver, reason=code, given_at=now
    )
    return {"asked": asked, "request": request.pk, "handed": handed}


def _straight(stage: Stage, code: str) -> int:
    """A policy of straight-through processing that is in force."""
    one, other = (person("supervisor", entity=stage.entity, name=f"Policy {n} {code}") for n in (1, 2))
    now = timezone.now()
    asked = changes.ask_straight(
        actor=one, entity=stage.entity, policy_id=None, reason=code,
        values={"name": f"Policy {code}", "max_amount": 1, "day_amount": 1, "valid_from": now - timedelta(days=1),
                "valid_to": now + timedelta(days=1)},
    )  # fmt: skip
    changes.sign(actor=other, request_id=asked.pk)
    return StraightPolicy.objects.get(request=asked).pk


def _of_the_bank(stage: Stage, code: str, sent: int, file: int, kept: Attachment) -> dict[str, Any]:
    """A message of the bank with an answer that waits, and a mandate."""
    entity = stage.entity
    database.insert(OutgoingItem(payment_id=sent, file_id=file))
    message = BankMessage.objects.create(
        entity=entity, kind="pain002", message_id=f"M-{code}", attachment=kept, sha256=kept.sha256, item_count=1,
        file_name=f"{code}.xml", status="applied",
    )  # fmt: skip
    answer = MessageItem.objects.create(
        message=message, entity=entity, position=1, level="payment", status="ACTC", end_to_end_id=f"E-{code}"
    )
    MessageItem.objects.filter(pk=answer.pk).update(outcome="unknown", outcome_code="answer.no_file")
    mandate = Mandate.objects.create(
        entity=entity, account=stage.customer, creditor_scheme_id="FR72ZZZ123456", reference=f"M-{code}",
        debtor_name=f"Debtor {code}", debtor_number=PAYEE_IBAN, signed_on=timezone.now().date(),
    )  # fmt: skip
    rule = CutOff.objects.create(
        entity=entity, scheme="b2b", local_time=time(16), time_zone="Europe/Paris", valid_from=date(2091, 1, 1)
    )
    calendar = Calendar.objects.create(entity=entity, code=f"CAL-{code}", name=f"Calendar {code}")
    holiday = Holiday.objects.create(calendar=calendar, day=date(2091, 7, 14), name=f"Holiday {code}")
    found = {
        "message": message.pk, "answer": answer.pk, "mandate": mandate.pk, "cut_off": rule.pk, "calendar": calendar.pk,
        "holiday": holiday.pk,
    }  # fmt: skip
    return found | _recalls(stage, code, sent, file, message)


def _recalls(stage: Stage, code: str, sent: int, file: int, message: BankMessage) -> dict[str, Any]:
    """A recall that waits for approval, a payment that could be recalled, and two recalls of another bank."""
    entity, now = stage.entity, timezone.now()
    recall = Recall.objects.create(
        payment_id=sent, entity=entity, reason_code="CUST", reason=f"Asked {code}", asked_by=person(None), asked_at=now,
        ask_until=now.date() + timedelta(days=300),
    )  # fmt: skip
    free = payment(stage, status="sent", creditor_name=f"Payee {code}").pk
    database.insert(OutgoingItem(payment_id=free, file_id=file))
    things = {"recall": recall.pk, "recallable": free}
    for position, status in enumerate(("open", "proposed"), start=2):
        came = payment(
            stage, status="settled", kind="debit", debtor_account=None, debtor_name=f"Debtor {code}",
            creditor_account=stage.customer,
        )  # fmt: skip
        database.insert(Collection(
            payment=came, entity=entity, creditor_scheme_id="FR72ZZZ123456", creditor_id_valid=True, scheme="CORE",
            mandate_reference=f"M-{code}", sequence="RCUR",
        ))  # fmt: skip
        item = MessageItem.objects.create(
            message=message, entity=entity, position=position, level="payment", status="RCLL", reason_code="DUPL",
            end_to_end_id=f"E-{code}", amount=came.amount, currency="EUR",
        )  # fmt: skip
        row = RecallRequest.objects.create(
            entity=entity, item=item, sender=f"BANK {code}", cancellation_id=f"C{position}-{code}"[:35], payment=came,
            received_on=now.date(), due_on=now.date() + timedelta(days=20), debtor_name=f"Debtor {code}",
        )  # fmt: skip
        if status == "proposed":
            RecallRequest.objects.filter(pk=row.pk).update(status=status, proposed_by=person(None), proposed_at=now)
        things[f"request_{status}"] = row.pk
    return things


def _channel(stage: Stage, code: str, file: int, kept: Attachment) -> dict[str, Any]:
    """A channel, a file that it could not deliver, and one that it fetched and nobody recognised."""
    entity, now = stage.entity, timezone.now()
    wanted = registry.Wanted(name=f"Channel {code}", out_folder=f"{code}/out", in_folder=f"{code}/in")
    keeper = person("administrator", entity=entity, name=f"Keeper {code}")
    channel = registry.add(actor=keeper, entity=entity, kind="folder", wanted=wanted)
    database.update(BankChannel.objects.filter(pk=channel.pk), waits=False, is_active=True)
    way = Transmission.objects.create(
        file_id=file, entity=entity, channel=channel, remote_name=f"{code}.xml", since=now, next_at=now
    )
    for status in ("sending", "failed"):
        Transmission.objects.filter(pk=way.pk).update(status=status)
    row = FetchedFile.objects.create(
        channel=channel, entity=entity, name=f"{code}.pdf", size=1, modified=1, seen_at=now, status="waiting",
        sha256=kept.sha256, attachment=kept, code="fetch.no_source",
    )  # fmt: skip
    return {"channel": channel.pk, "fetched": row.pk}


def _standing(stage: Stage, code: str) -> dict[str, Any]:
    """A standing order in force, one that is suspended, and one that waits for a second person."""
    found = {}
    for name in ("standing", "standing_suspended", "standing_waiting"):
        asked = changes.ask_standing(
            actor=person("operator", entity=stage.entity), account=stage.customer,
            values={"creditor_name": f"Landlord {code}", "creditor_number": PAYEE_IBAN, "amount": Decimal(5),
                    "first_on": timezone.localdate() + timedelta(days=40)},
        )  # fmt: skip
        if name != "standing_waiting":
            changes.sign(actor=person("operator", entity=stage.entity), request_id=asked.pk)
        found[name] = asked.subject_id
    orders.suspend(
        actor=person("operator", entity=stage.entity), order_id=found["standing_suspended"] or 0, until=None,
        since=timezone.localdate() + timedelta(days=1), reason=code,
    )  # fmt: skip
    return found


def _came_in(stage: Stage, code: str) -> dict[str, Any]:
    """Booked: an incoming payment that was credited, one that waits in suspense, and a card payment."""
    entity, short = stage.entity, code[:10]
    account(entity, f"{short}-471", "suspense", "C", floor=None, counterpart=stage.bank)
    fees = account(entity, f"{short}-627", "expense", "D", floor=None)
    claim = account(
        entity, f"{short}-PSP", "receivable", "D", floor=None, counterpart=stage.bank, fees=fees, name=f"PSP {code}"
    )
    usual = {"status": "approved", "debtor_account": None, "debtor_name": f"Payer {code}", "debtor_number": PAYEE_IBAN}
    credited = payment(stage, kind="incoming", creditor_account=stage.customer, **usual)
    suspended = payment(stage, kind="incoming", **usual)
    captured = payment(stage, kind="card", creditor_account=stage.customer, amount="50.00", **usual)
    CardPayment.objects.create(
        payment=captured, entity=entity, acquirer=claim, acquirer_code=claim.code, captured_on=timezone.now().date(),
        fee=Decimal("1.00"), order_reference=f"Order {code}", payout_reference=f"PO-{short}",
    )  # fmt: skip
    ids = [one.pk for one in (credited, suspended, captured)]
    database.as_owner("update transactions_paymentstate set funds_held = true where payment_id = any(%s)", [ids])
    with transaction.atomic():
        assert ledger.post_received(ids) == {}
    return {"credited": credited.pk, "suspended": suspended.pk, "captured": captured.pk, "claim": claim.pk}


def _webhook(stage: Stage, code: str, someone: User, checked: int) -> dict[str, Any]:
    entity, now = stage.entity, timezone.now()
    endpoint = Endpoint.objects.create(
        entity=entity, name=f"Hook {code}", url=f"https://93.184.215.14/{code}", salt=b"s" * 32, created_by=someone
    )
    event = Event.objects.create(
        record_id=Event.objects.count() + 1, entity=entity, type="payment.held", occurred_at=now,
        subject_type="payment", subject_id=checked, body=f'{{"of":"{code}"}}',
    )  # fmt: skip
    sent = Delivery.objects.create(endpoint=endpoint, event=event, status="done", created_at=now, next_at=now)
    return {"webhook": endpoint.pk, "delivery": sent.pk}


class World:
    def __init__(self) -> None:
        self.own = furnish("OWN", "FR1420041010050500013M02606")
        self.other = furnish(MARK, "FR7630006000011234567890189")
        self.people: dict[str, User | None] = {
            role: person(role, entity=self.own.stage.entity) for role in ROLES if role not in {"nobody", "anonymous"}
        }
        self.people |= {"nobody": person(None), "anonymous": None}

    def client(self, role: str) -> Client:
        client, user = Client(), self.people[role]
        if user is not None:
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client


@dataclass(frozen=True)
class Route:
    """A named address. ``params`` are the names of what stands in it."""

    name: str
    callback: Any
    params: tuple[str, ...]
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")


def routes() -> Iterator[Route]:
    """Every address of the house but the reader's own account and the catch-all of the API.

    The acts on the payment page share an address; each verb is a route of its own here.
    """
    for route in _walk(get_resolver(), ""):
        if route.name == "payment_act":
            yield from (replace(route, name=f"payment_act/{verb}", fixed={"verb": verb}) for verb in VERBS)
        elif route.name != "api:nowhere":
            yield route


def _walk(resolver: URLResolver, space: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and str(entry.pattern) != OWN_ACCOUNT:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, inner)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"an address without a name: {entry.pattern}"
            yield Route(space + entry.name, entry.callback, tuple(entry.pattern.converters))


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    route: str
    method: str
    cells: dict[str, tuple[str, str]]

    @property
    def id(self) -> str:
        return f"{self.method} {self.route}"


def table() -> list[Line]:
    with TABLE.open(encoding="utf-8", newline="") as source:
        return [
            Line(row["route"], row["method"], {role: _cell(row[role]) for role in ROLES})
            for row in csv.DictReader(source)
        ]


def _cell(text: str) -> tuple[str, str]:
    own, _space, other = text.partition(" ")
    return own, other or "-"


# What stands for a parameter of an address: by its name, and of some routes another thing.
PARAMS = {
    "payment_id": "checked", "account_id": "account", "account_pk": "account", "entity_id": "entity",
    "user_id": "user", "token_id": "token", "entry_id": "journal_entry", "payee_id": "payee", "details_id": "details",
    "source_id": "source", "batch_id": "batch", "file_id": "outgoing_prepared", "attachment_id": "attachment",
    "grant_pk": "grant", "webhook_id": "webhook", "delivery_id": "delivery", "delivery_pk": "delivery",
    "card_pk": "card", "entity_pk": "entity", "message_id": "message", "mandate_id": "mandate", "answer_id": "answer",
    "cut_off_id": "cut_off", "calendar_id": "calendar", "holiday_id": "holiday",
    "recall_id": "recall", "request_id": "request_open",
    "channel_id": "channel", "fetched_id": "fetched",
    "standing_id": "standing", "invoice_id": "invoice",
    "request_pk": "request",
    "row_id": "policy", "policy_id": "straight", "change_id": "change", "delegation_id": "delegation",
}  # fmt: skip
# Screens call every key ``pk``: of what, the route says.
PK_OF = {
    name: {"pk": thing}
    for thing, names in {
        "checked": "payment payment_pane payment_reveal payment_amend payment_act "
        "payment_document payment_document_add",
        "batch": "batch batch_problems batch_file",
        "message": "message message_file",
        "mandate": "mandate mandate_amend mandate_cancel",
        "recall": "recall recall_approve recall_withdraw",
        "recallable": "recall_new",
        "request_open": "recall_request recall_request_accept recall_request_refuse",
        "request_proposed": "recall_request_confirm",
        "invoice": "invoice invoice_cancel",
        "standing": "standing_order standing_change standing_suspend standing_end",
        "standing_suspended": "standing_resume",
        "answer": "answer answer_assign answer_dismiss",
        "cut_off": "cut_off cut_off_withdraw",
        "calendar": "calendar calendar_close",
        "holiday": "holiday_open",
        "source": "source",
        "account": "account account_block account_channel account_overdraft instant_limit",
        "blocked": "account_unblock",
        "journal_entry": "entry",
        "outgoing_prepared": "outgoing_file outgoing_download outgoing_send outgoing_void",
        "outgoing_sent": "outgoing_confirm outgoing_look outgoing_again outgoing_arrived",
        "channel": "channel channel_test channel_switch",
        "fetched": "fetched_file fetched_dismiss",
        "user": "user user_grant user_revoke user_limit user_active user_invite",
        "token": "token_revoke own_token_revoke",
        "webhook": "webhook webhook_delivery webhook_rotate webhook_pause webhook_resume webhook_retire webhook_replay",
        "delegation": "delegation_end",
        "signed": "payment_card",
        "policy": "matrix_row",
        "straight": "straight_row straight_stop",
        "change": "change_decide",
    }.items()
    for name in names.split()
}
OF_ROUTE = {
    "payment_act/send-back": {"pk": "validated"},
    "payment_act/lift": {"pk": "held"},
    "payment_act/reopen": {"pk": "rejected"},
    "payment_act/settle": {"pk": "sent"},
    "payment_act/return": {"pk": "settled"},
    "payment_act/release": {"pk": "claimed"},
    "payment_act/apply": {"pk": "suspended"},
    "payment_act/refund": {"pk": "credited"},
    "payment_act/chargeback": {"pk": "captured"},
    "payout_new": {"acquirer_pk": "claim"},
    "api:payment_apply": {"payment_id": "suspended"},
    "api:payment_refund": {"payment_id": "credited"},
    "api:payment_chargeback": {"payment_id": "captured"},
    "payment_act/resume": {"pk": "held"},
    "payment_act/decline": {"pk": "handed"},
    "request_answer": {"pk": "asked"},
    "request_close": {"pk": "asked"},
    "api:payment_resume": {"payment_id": "held"},
    "api:payment_decline": {"payment_id": "handed"},
    "api:payment_withdraw": {"payment_id": "validated"},
    "api:payment_approve": {"payment_id": "validated"},
    "api:payment_send_back": {"payment_id": "validated"},
    "api:payment_reopen": {"payment_id": "rejected"},
    "api:payment_lift": {"payment_id": "held"},
    "api:payment_return": {"payment_id": "settled"},
    "api:payment_release": {"payment_id": "claimed"},
    "api:account_unblock": {"account_id": "blocked"},
    "api:recall_request_confirm": {"request_id": "request_proposed"},
    "api:request": {"request_id": "request"},
    "api:request_answer": {"request_id": "request"},
    "api:request_close": {"request_id": "request"},
    "api:standing_approve": {"standing_id": "standing_waiting"},
    "api:standing_refuse": {"standing_id": "standing_waiting"},
    "api:standing_resume": {"standing_id": "standing_suspended"},
    "api:outgoing_confirm": {"file_id": "outgoing_sent"},
    "api:transmission": {"file_id": "outgoing_sent"},
    "api:outgoing_look": {"file_id": "outgoing_sent"},
    "api:outgoing_again": {"file_id": "outgoing_sent"},
    "api:outgoing_arrived": {"file_id": "outgoing_sent"},
}


def send(client: Client, line: Line, route: Route, things: dict[str, Any], sent: "Sent") -> Any:
    """The request of a line about the objects ``things``."""
    named = PARAMS | PK_OF.get(route.name.split("/")[0], {}) | OF_ROUTE.get(route.name, {})
    given = route.fixed | sent.params
    values = {name: given[name] if name in given else things[named.get(name, name)] for name in route.params}
    path = reverse(route.name.split("/")[0], kwargs=values)
    if line.method == "GET":
        return client.get(path, sent.query)
    if not route.is_api or (isinstance(sent.content, dict) and "file" in sent.content):
        return client.post(path, sent.content or {})
    return client.post(path, b"" if sent.content is None else sent.content, content_type="application/json")


@dataclass(frozen=True)
class Sent:
    """What goes with a request: a body, parts of the address that are not keys, a query."""

    content: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


def verdict(answer: Any, *, away: bool) -> str:
    """What an answer amounts to, in the words of the table; ``leak`` when it shows something of the other entity."""
    status = answer.status_code
    if status in {301, 302, 303} and "/login/" in answer["Location"]:
        return "302"
    if status in {409, 422}:
        return "refused"
    if status >= 400:
        return str(status)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if MARK.encode() in content.upper():
        return "leak"
    if answer.get("Content-Type") == "application/json" and "answers" in (told := answer.json()):
        return "ok" if told["done"] else "none"
    return "hidden" if away else "ok"
