"""What the clock has to do, one scene a task: made through the doors, each in an entity of its own, due just now."""

import itertools
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars, sql
from backoffice.people.models import IdempotencyKey
from backoffice.webhooks import follower, services
from backoffice.webhooks.models import Attempt, Delivery, Place
from controls import changes
from controls.models import ApprovalPolicy, StraightPolicy
from documents import trail
from tests import database, files, people
from tests.channels import scene as channels
from tests.controls import scene as checks
from tests.flows.killing import PATIENCE, Scene, audited
from tests.transactions import standing
from transactions import cut_offs, intake, settlement, workflow
from transactions.channels import registry, sending
from transactions.models import (
    Hold,
    InformationRequest,
    InstantTransfer,
    OutgoingFile,
    Payment,
    PaymentState,
    Recall,
    StandingDue,
    StandingOrder,
    Transmission,
)
from transactions.recalls import asking
from transactions.standing import runs

_ibans = itertools.count(5_000)
AGO = timedelta(minutes=5)


def iban() -> str:
    return files.iban(next(_ibans), "FR")


def branch(code: str, *, opening: str = "10000.00", undo_seconds: int = 0) -> people.Stage:
    """A bank's branch with funds; one approval after the validation."""
    stage = people.bank_branch(code, balance="0", iban=iban(), undo_seconds=undo_seconds)
    people.open_balance(stage.customer, opening, stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def second_account(stage: people.Stage) -> Any:
    made = people.account(
        stage.entity, f"{stage.entity.code}-CUST2", "customer", "C", iban=iban(), bic="PSSTFRPPXXX",
        counterpart=stage.bank, transit=stage.transit,
    )  # fmt: skip
    people.open_balance(made, "1000.00", stage.bank)
    return made


def of(account: Any) -> dict[str, Any]:
    """The fields of a payment that this account pays."""
    return {"debtor_account": account, "debtor_number": account.iban, "debtor_name": account.name}


def signed(*payments: Payment) -> list[int]:
    ids = [payment.pk for payment in payments]
    standing.signed(list(payments))
    return ids


def posted(*payments: Payment) -> list[int]:
    ids = signed(*payments)
    assert all(answer.done for answer in workflow.post(ids=ids))
    return ids


def past(table: str, key: str, keys: list[int], **columns: timedelta) -> None:
    """As if these moments had been so much earlier. The triggers that keep what is written sleep meanwhile."""
    earlier = ", ".join(f"{name} = {name} - %s" for name in columns)
    database.as_owner(
        "set local session_replication_role = replica; "
        f"update {table} set {earlier} where {key} = any(%s); "
        "set local session_replication_role = origin",
        [*columns.values(), keys],
    )


# Standing orders


def orders_that_fall_due(code: str) -> Scene:
    """Two of one person; the last date of another's, and everything above a floor: a file for intake each time."""
    stage = branch(code)
    today, one, other = timezone.localdate(), people.person(), people.person()
    for fields in (
        {"actor": one}, {"actor": one, "unit": "week"}, {"actor": other, "times": 1},
        {"actor": other, "amount": None, "floor": Decimal("9000.00"), "working_day": "same"},
    ):  # fmt: skip
        standing.agreed(stage.customer, creditor_number=iban(), first_on=today, **fields)
    orders = StandingOrder.objects.filter(entity=stage.entity).order_by("pk")

    def look() -> Any:
        dues = StandingDue.objects.filter(order__in=orders).order_by("order_id", "due_on")
        paid = Payment.objects.filter(entity=stage.entity).order_by("standing_due__order_id", "end_to_end_id")
        return [
            list(orders.values_list("status", "made_count", "next_on", "make_on")),
            list(dues.values_list("due_on", "execution_on", "status")),
            list(paid.values_list("amount", "standing_due__due_on")),
        ]

    return Scene(stage, look=look)


def orders_to_execute(code: str) -> Scene:
    """Signed: one is paid, of the second the funds are missing, the third was tried long enough."""
    stage = branch(code, opening="500.00")
    today, asker = timezone.localdate(), people.person()
    for amount in ("100.00", "600.00", "700.00"):
        standing.agreed(stage.customer, actor=asker, creditor_number=iban(), first_on=today, amount=Decimal(amount))
    runs.make_due()
    standing.signed([payment for payment in standing.taken_in() if payment.entity_id == stage.entity.pk])
    dues = StandingDue.objects.filter(order__entity=stage.entity).order_by("pk")
    database.update(dues, execution_on=today)
    tried = dues.filter(payment__amount=700)
    database.update(tried, tries=runs.AGAIN + 1, last_tried_on=today - timedelta(days=1))
    return Scene(stage, look=lambda: list(dues.values_list("payment__amount", "status", "tries", "last_tried_on")))


# Instant transfers


def _instant(stage: people.Stage, amount: str, **fields: Any) -> Payment:
    return people.payment(
        stage, kind="instant", local_instrument="INST", amount=amount, requested_execution_date=timezone.localdate(),
        creditor_number=iban(), **fields,
    )  # fmt: skip


def _instant_look(stage: people.Stage) -> Any:
    def look() -> Any:
        ways = InstantTransfer.objects.filter(payment__entity=stage.entity).order_by("payment")
        sent = OutgoingFile.objects.filter(entity=stage.entity).order_by("pk")
        folder = Path(settings.STATE_DIR) / "outgoing"
        return [
            list(ways.values_list("status", flat=True)),
            sorted(sent.values_list("status", "payment_count", "control_sum")),
            sum((folder / f"{file.message_id}.xml").exists() for file in sent),
        ]

    return look


def instants_to_send(code: str) -> Scene:
    """Three of two accounts, posted: a file for each account."""
    stage = branch(code)
    other = second_account(stage)
    posted(_instant(stage, "10.00"), _instant(stage, "20.00"), _instant(stage, "30.00", **of(other)))
    return Scene(stage, look=_instant_look(stage))


def instants_to_watch(code: str) -> Scene:
    """Two without an answer in time, one settled by hand meanwhile, one whose sending was lost."""
    from transactions import instant

    stage = branch(code)
    ids = posted(*(_instant(stage, amount) for amount in ("10.00", "20.00", "30.00")))
    instant.send_due()
    past("transactions_instanttransfer", "payment_id", ids, sent_at=AGO, approved_at=AGO)
    assert workflow.settle(ids=ids[2:], actor=people.person("supervisor"))[0].done
    posted(_instant(stage, "40.00"))
    return Scene(stage, look=_instant_look(stage))


# Posting, sending


def windows_that_elapse(code: str) -> Scene:
    """Approved, the time to take it back is over: transfers, an instant one, one between own accounts, one received."""
    stage = branch(code, undo_seconds=10)
    people.account(stage.entity, f"{code}-471", "suspense", "C", floor=None, counterpart=stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, kind="incoming", from_amount=Decimal(0), approvals=1)
    other = second_account(stage)
    ours = {"creditor_account": other, "creditor_number": other.iban}
    came = {
        "kind": "incoming", "debtor_account": None, "debtor_number": iban(), "creditor_account": stage.customer,
        "creditor_number": stage.customer.iban,
    }  # fmt: skip
    ids = signed(
        people.payment(stage, amount="11.00"), people.payment(stage, amount="12.00"), _instant(stage, "13.00"),
        people.payment(stage, kind="internal", amount="14.00", **ours), people.payment(stage, amount="15.00", **came),
    )  # fmt: skip
    # Whoever decided did so that much earlier, too: nothing can be taken back any more.
    past("transactions_decision", "payment_id", ids, decided_at=AGO, effective_at=AGO)
    past("transactions_paymentstate", "payment_id", ids, changed_at=AGO, effective_at=AGO)
    return Scene(stage, [ids], look=_instant_look(stage))


def files_at_their_cut_off(code: str) -> Scene:
    """Two accounts, one of them on two days: three files."""
    stage = branch(code)
    other, day = second_account(stage), timezone.localdate() + timedelta(days=30)
    posted(
        people.payment(stage, amount="1.00"), people.payment(stage, amount="2.00"),
        people.payment(stage, amount="3.00", requested_execution_date=day),
        people.payment(stage, amount="4.00", **of(other)),
    )  # fmt: skip
    made = OutgoingFile.objects.filter(entity=stage.entity).order_by("control_sum", "payment_count")
    return Scene(
        stage, look=lambda: [
            sql.rows(
                "select p.amount, count(*) from transactions_outgoingitem i join transactions_payment p "
                "on p.id = i.payment_id where p.entity_id = %s group by 1 order by 1", [stage.entity.pk],
            ),
            list(made.values_list("status", "payment_count", "control_sum")),
        ],
    )  # fmt: skip


def acknowledgements_that_are_late(code: str) -> Scene:
    """Two files that the bank has, and has not acknowledged by their time."""
    stage = branch(code)
    other, supervisor = second_account(stage), people.person("supervisor")
    channels.add(
        actor=people.person("administrator", entity=stage.entity), entity=stage.entity, kind="folder",
        wanted=registry.Wanted(name="Bank", out_folder=f"{code}/out", all_accounts=True, ack_minutes=60),
    )  # fmt: skip
    posted(people.payment(stage, amount="1.00"), people.payment(stage, amount="2.00", **of(other)))
    for account in (stage.customer, other):
        for file in settlement.prepare(account=account, actor=supervisor):
            settlement.send(file_id=file.pk, actor=supervisor)
    ways = Transmission.objects.filter(entity=stage.entity).order_by("pk")
    for way in ways:
        sending.transmit(way.pk)
    past("transactions_transmission", "entity_id", [stage.entity.pk], ack_due_at=timedelta(hours=2))
    return Scene(
        stage, look=lambda: [(way.status, way.attempts, way.late_told_at is None) for way in ways.all()],
    )  # fmt: skip


# What waits for a moment


def recalls_whose_day_has_passed(code: str) -> Scene:
    """Two that were not answered, one that nobody approved."""
    stage = branch(code)
    ids = posted(*(people.payment(stage, amount=amount) for amount in ("1.00", "2.00", "3.00")))
    supervisor = people.person("supervisor")
    [file] = settlement.prepare(account=stage.customer, actor=supervisor)
    settlement.send(file_id=file.pk, actor=supervisor)
    asked = asking.ask(payment_ids=ids, actor=people.person(), reason_code="DUPL", reason="Paid twice")
    approved = asking.approve(ids=[one.made or 0 for one in asked[:2]], actor=supervisor)
    recalls = Recall.objects.filter(entity=stage.entity).order_by("pk")
    assert [one.done for one in (*asked, *approved)] == [True] * 5
    settlement.send(file_id=recalls[0].file_id or 0, actor=supervisor)
    weeks = timedelta(days=60)
    past("transactions_recall", "entity_id", [stage.entity.pk], ask_until=weeks, answer_due=weeks)
    return Scene(stage, look=lambda: list(recalls.values_list("status", flat=True)))


def holds_whose_moment_came(code: str) -> Scene:
    """One goes on by itself, one comes back with its question, one is held for another reason, too."""
    stage, person = branch(code), people.person()
    ids = [people.payment(stage, amount=amount).pk for amount in ("1.00", "2.00", "3.00")]
    until = timezone.now() + timedelta(hours=1)
    for keys, more in ((ids[:1], {"lifts_itself": True}), (ids[1:2], {"question": "Did they call?"}),
                       (ids[2:], {"lifts_itself": True})):  # fmt: skip
        assert workflow.hold(ids=keys, actor=person, reason="Wait", until=until, **more)[0].done
    assert workflow.hold(ids=ids[2:], actor=person, reason="And ask")[0].done
    holds = Hold.objects.filter(payment__in=ids).order_by("pk")
    past("transactions_hold", "payment_id", ids, placed_at=timedelta(hours=2), until=timedelta(hours=2))

    def look() -> Any:
        return [(hold.until is None, hold.came_due_at is None, hold.lifted_at is None) for hold in holds.all()]

    return Scene(stage, [ids], look=look)


def requests_that_nobody_answered(code: str) -> Scene:
    """Two of one payment, one of them not required; one of another."""
    stage, person = branch(code), people.person()
    ids = [people.payment(stage, amount=amount).pk for amount in ("1.00", "2.00")]
    due = timezone.now() + timedelta(hours=1)
    for keys, kind, required in ((ids, "invoice", True), (ids[:1], "contract", False)):
        answers = workflow.ask(
            ids=keys, actor=person, kind=kind, question="Which?", addressee="maker", due_at=due, required=required
        )
        assert all(answer.done for answer in answers)
    asked = InformationRequest.objects.filter(payment__in=ids).order_by("pk")
    past("transactions_informationrequest", "payment_id", ids, asked_at=timedelta(hours=2), due_at=timedelta(hours=2))
    return Scene(
        stage, [list(asked.values_list("pk", flat=True))],
        look=lambda: [one.overdue_at is not None for one in asked.all()],
    )  # fmt: skip


def cut_offs_that_changed(code: str) -> Scene:
    """Five open payments, of which a new rule moves each. Since an hour, in which nobody was there."""
    stage = branch(code)
    day = timezone.localdate() + timedelta(days=40)
    for _number in range(5):
        people.payment(stage, amount="1.00", requested_execution_date=day)
    cut_offs.add(
        actor=people.person("administrator", entity=stage.entity), entity=stage.entity, valid_from=timezone.localdate(),
        mode="time", local_time=time(11, 17), time_zone="Europe/Paris",
    )  # fmt: skip
    past("transactions_historicalcutoff", "entity_id", [stage.entity.pk], history_date=timedelta(hours=1))
    states = PaymentState.objects.filter(entity=stage.entity).order_by("pk")
    return Scene(
        stage, [stage.entity.pk], look=lambda: [f"{timezone.localtime(state.due_at):%H:%M}" for state in states.all()]
    )


# Checks


def _to_check(code: str, count: int) -> tuple[checks.Scene, Any, list[int]]:
    scene = checks.scene(code=code, iban=iban(), balance="0")
    people.open_balance(scene.stage.customer, "10000.00", scene.stage.bank)
    batch = scene.batch(taken_count=count)
    day = calendars.next_open_day(timezone.localdate() + timedelta(days=1))
    of_now = {"in_batch": batch, "received_at": timezone.now(), "requested_execution_date": day}
    ids = [scene.payment(amount=f"{150 + n}", **of_now).pk for n in range(count)]
    return scene, batch, ids


def _batch_look(batch: Any) -> Any:
    def look() -> Any:
        batch.refresh_from_db()
        return batch.status, batch.checked_count, batch.taken_count

    return look


def payments_to_check(code: str) -> Scene:
    """A file of five, two payments a transaction."""
    scene, batch, _ids = _to_check(code, 5)
    return Scene(scene.stage, [batch.pk], look=_batch_look(batch), books=audited())


def payments_to_let_go(code: str) -> Scene:
    """Five that passed, under a policy whose day has room for four of them."""
    scene, batch, ids = _to_check(code, 5)
    now, (one, two) = timezone.now(), (people.person("supervisor", entity=scene.stage.entity) for _n in range(2))
    values = {
        "name": "Small", "kind": "sepa", "currency": "EUR", "max_amount": "200", "day_amount": "620",
        "known_payees": True, "valid_from": now - timedelta(hours=1), "valid_to": now + timedelta(days=30),
    }  # fmt: skip
    request = changes.ask_straight(
        actor=one, entity=scene.stage.entity, policy_id=None, reason="Agreed", values=values
    )  # fmt: skip
    changes.sign(actor=two, request_id=request.pk)
    from controls import assess

    assess.assess_batch(batch.pk)
    policy = StraightPolicy.objects.get(request=request)

    def look() -> Any:
        return sorted(policy.releases.values_list("amount", flat=True)), _batch_look(batch)()

    return Scene(scene.stage, [ids], look=look, books=audited())


# Whatever waits is found


def what_waits_too_long(code: str) -> Scene:
    """A file nobody read, a payment nobody checked, one nobody posted, one whose hold came due."""
    stage = branch(code)
    intake.receive(
        content=files.pain001(2, message_id=f"LOST-{code}", debtor=stage.customer.iban), file_name="lost.xml",
        entity=stage.entity, actor=None, channel="command", source=stage.source,
    )  # fmt: skip
    people.payment(stage, amount="1.00", status="received")
    signed(people.payment(stage, amount="2.00"))
    held = people.payment(stage, amount="3.00").pk
    until = timezone.now() + timedelta(hours=1)
    assert workflow.hold(ids=[held], actor=people.person(), reason="Wait", until=until, lifts_itself=True)[0].done
    past("transactions_hold", "payment_id", [held], placed_at=timedelta(hours=2), until=timedelta(hours=2))
    return Scene(stage, [0.0])


# Webhooks, and what is forgotten


def acts_to_be_told(code: str) -> Scene:
    """Two addresses, three acts."""
    stage = branch(code)
    owner = people.person("administrator", entity=stage.entity)
    for name in ("ERP", "Treasury"):
        services.register(actor=owner, entity=stage.entity, name=name, url="http://127.0.0.1:9/events")
    follower.follow()
    Place.objects.update(next_floor=None, next_floor_at=None, next_xid=None)
    payment = people.payment(stage)
    with transaction.atomic():
        for _number in range(3):
            trail.record(
                "payment.held", subject_type="payment", subject_id=payment.pk, entity_id=stage.entity.pk, actor=None
            )
    _sure(payment.pk)
    told = Delivery.objects.filter(endpoint__entity=stage.entity, event__type="payment.held").order_by("pk")
    return Scene(stage, look=lambda: list(told.values_list("endpoint__name", "status", "attempts")))


def _sure(payment_id: int) -> None:
    """Wait until what began before the acts is over in the whole cluster, where other tests run: events wait for it."""
    deadline = monotonic() + PATIENCE
    before = (
        "select pg_snapshot_xmin(pg_current_snapshot()) > max(xid) from documents_auditrecord "
        "where subject_type = 'payment' and subject_id = %s"
    )
    while not sql.rows(before, [payment_id])[0][0]:
        assert monotonic() < deadline, "another test keeps a transaction open"
        sleep(0.02)


def deliveries_to_forget(code: str) -> Scene:
    """Two addresses, of which one's delivery is old, the other's young."""
    scene = acts_to_be_told(code)
    follower.follow()
    told = Delivery.objects.filter(endpoint__entity=scene.stage.entity).order_by("pk")
    Delivery.objects.filter(pk__in=told.values("pk")).update(status="done", finished_at=timezone.now())
    for one in told:
        Attempt.objects.create(delivery=one, signed_at=timezone.now(), duration_ms=1, status=204)
    old = list(told.filter(endpoint__name="ERP").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=old).update(finished_at=timezone.now() - timedelta(days=31))
    return scene


def keys_to_forget(code: str) -> Scene:
    """Three of last month, one of today."""
    stage, user = branch(code), people.person()
    made = [
        IdempotencyKey.objects.create(user=user, key=f"{code}-{n}", request_digest=b"0" * 32, status=201).pk
        for n in range(4)
    ]
    IdempotencyKey.objects.filter(pk__in=made[:3]).update(created_at=timezone.now() - timedelta(days=31))
    kept = IdempotencyKey.objects.filter(user=user)
    return Scene(stage, look=lambda: [key.key[-1] for key in kept.all()])
