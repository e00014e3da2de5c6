"""An entity with something of everything, for whoever asks who may see and move what."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.people import tokens
from backoffice.people.models import Delegation, User
from backoffice.webhooks.models import Delivery, Endpoint, Event
from controls import changes
from controls.models import (
    ApprovalPolicy,
    BackTest,
    BackTestHit,
    ControlCard,
    Exemption,
    ScreeningHit,
    StraightPolicy,
    VerificationService,
)
from controls.rules import life, rule_lists, rulesets
from controls.screening import asking, watchlists
from documents import attachments
from documents.models import Attachment, AttachmentLink
from tests import database, rights_cases, rights_desk
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
    things |= rights_cases.furnish(stage, code)
    things |= _of_the_bank(stage, code, things["sent"], things["outgoing_sent"], kept)
    things |= _channel(stage, code, things["outgoing_sent"], kept)
    things["journal_entry"] = JournalEntry.objects.filter(entity=entity).latest("pk").pk
    someone = person("operator", entity=entity, name=f"Someone {code}")
    things |= rights_desk.furnish(stage, code, kept)
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
    things |= _back_tests(stage, code, things["checked"])
    things |= _screening(stage, code, things["checked"])
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
    return Furnished(stage, things | _rules(stage, code))


def _rules(stage: Stage, code: str) -> dict[str, Any]:
    """A rule of the entity that runs, one that is being written, and a list."""
    writer, second = (person("supervisor", entity=stage.entity, name=f"Rules {n} {code}") for n in (1, 2))
    said = {"expression": "amount > 5", "action": "warn", "sentence_en": f"Of {code}", "sentence_fr": f"De {code}"}
    made = [
        life.draft_new(
            actor=writer, entity=stage.entity, code=f"{name}-{code}"[:32], family="amount", values=said,
            name_en=f"Rule {code}", name_fr=f"Règle {code}",
        )
        for name in ("R", "D")
    ]  # fmt: skip
    asked = life.submit(actor=writer, version_id=made[0].pk, mode="shadow", reason=code)
    changes.sign(actor=second, request_id=asked.pk)
    listed = rule_lists.make(actor=writer, entity=stage.entity, code=f"list_{code.lower()}", name=code, kind="text")
    return {"rule": made[0].rule.code, "rule_version": made[0].pk, "draft": made[1].pk, "list": listed.code}


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


def _back_tests(stage: Stage, code: str, payment_id: int) -> dict[str, Any]:
    """A back-test that is done, with a hit to judge, and one that waits to begin."""
    version, now = rulesets.in_force()[0], timezone.now()
    asked_by = person("supervisor", entity=stage.entity, name=f"Tester {code}")
    asked = {
        "version": version, "said": [rulesets.member(version)], "since_on": now.date(), "until_on": now.date(),
        "entity_ids": [stage.entity.pk], "seed": 1, "asked_by": asked_by, "asked_at": now, "touched_at": now,
    }  # fmt: skip
    figures = {"open": {"looked_at": 0, "hit": 0}, "inexact": [], "minutes": {}, "kept": 1, "alone": 0}
    done = BackTest.objects.create(**asked, state="done", figures=figures, finished_at=now)
    BackTestHit.objects.create(back_test=done, payment_id=payment_id, by="new", fate="open", draw=1)
    return {
        "backtest": done.pk, "backtest_open": BackTest.objects.create(**asked).pk, "version": version.pk,
        "version_rule": version.rule.code, "version_number": version.number,
    }  # fmt: skip


def _screening(stage: Stage, code: str, payment_id: int) -> dict[str, Any]:
    """A list of the entity with a version, a hit to decide, and a name that is let pass."""
    one, other = (person("supervisor", entity=stage.entity, name=f"Screener {n} {code}") for n in (1, 2))
    of = watchlists.create(actor=one, code=f"L-{code}", name=f"List {code}", kind="own", entity=stage.entity)
    text = f"id,name,notes\nq1,Vasil Korbalski {code},{code}\nq2,Nadezhda Zantova {code},{code}\n"
    version = watchlists.take_in(actor=one, list_id=of.pk, content=text.encode(), file_name=f"{code}.csv")
    hits = [
        ScreeningHit.objects.create(
            entity=stage.entity, payment_id=payment_id, field="creditor_name", given=f"{entry.name} {number}",
            key=f"{entry.code} {number}", entry=entry, list_number=version.number, score=90, found_at=timezone.now(),
            match={"way": "whole", "pairs": [], "missing": [], "extra": [], "less": [], "name": entry.name},
        )
        for number, entry in enumerate(of.entries.order_by("code"))
    ]  # fmt: skip
    until = timezone.localdate() + timedelta(days=30)
    asked = asking.exempt(actor=one, hit_id=hits[1].pk, until=until, reason=code)
    changes.sign(actor=other, request_id=asked.pk)
    exemption = Exemption.objects.get(request=asked)
    return {"hit": hits[0].pk, "exemption": exemption.pk, "watchlist": of.pk, "list_number": version.number}


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
    verifier = VerificationService.objects.create(
        entity=entity, url=f"simulator:{code}", salt=b"x" * 32, created_by=keeper
    )
    database.update(VerificationService.objects.filter(pk=verifier.pk), waits=False, is_active=True)
    return {"channel": channel.pk, "fetched": row.pk, "verifier": verifier.pk}


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
