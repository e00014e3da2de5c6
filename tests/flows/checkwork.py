"""What workers do for the controls beside the checking itself, one scene a task: each in an entity of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest import mock

from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals, changes, tasks
from controls.backtest import runs
from controls.models import (
    BackTest,
    BackTestHit,
    Exemption,
    Rule,
    RuleVersion,
    ScreeningHit,
    VerificationService,
    WatchListVersion,
)
from controls.screening import asking, watchlists
from controls.verification import calling, registry, simulator
from controls.verification.asking import last_of
from tests import database, people
from tests.controls import listed
from tests.controls import scene as checks
from tests.flows.clockwork import branch, posted, signed
from tests.flows.killing import Scene, audited
from transactions.models import Hold, Party, Payment, PaymentBatch, PaymentState

LONG_AGO = timedelta(minutes=10)
LISTED, ALIKE = "Global Trade Partners Ltd", "Korbalsky Wasil"


# Back-tests


def judged(stage: people.Stage, count: int) -> None:
    """So many payments of the past that the rule hits, and one that it does not."""
    for number in range(count + 1):
        people.payment(stage, amount=f"{20_000 + number if number else 5}.00", received_at=checks.NOON)


def question(stage: people.Stage) -> BackTest:
    """A back-test of all of them, which nobody has worked on for long."""
    rule, _made = Rule.objects.get_or_create(
        code="LARGE", defaults={"family": "amount", "name_en": "Large", "name_fr": "Grand"}
    )
    version = RuleVersion.objects.create(
        rule=rule, number=rule.versions.count() + 1, expression="amount >= :threshold", action="hold",
        parameters={"threshold": 10_000}, sentence_en="{amount}", sentence_fr="{amount}",
    )  # fmt: skip
    actor, day = people.person(roles.SUPERVISOR, entity=stage.entity), checks.NOON.date()
    return left_lying(runs.ask(actor=actor, version_id=version.pk, since=day, until=day))


def left_lying(made: BackTest) -> BackTest:
    database.update(BackTest.objects.filter(pk=made.pk), touched_at=timezone.now() - LONG_AGO)
    return made


def found(made: BackTest) -> Any:
    """What a back-test says, without the keys of its scene; what its parts hold; each payment that was hit, once."""
    made.refresh_from_db()
    figures = dict(made.figures)
    if figures:
        figures |= {name: list(figures[name].values()) for name in ("outcomes", "added")}
        figures["open"] = {**figures["open"], "payments": len(figures["open"]["payments"])}
    done = made.parts.exclude(done_at=None).values_list("payment_count", flat=True)
    hits = BackTestHit.objects.filter(back_test=made).values_list("payment", flat=True)
    assert made.judged == sum(done), "what was judged is what its parts judged"
    return made.state, made.failure, made.total, made.judged, len(hits), figures


def back_test(code: str) -> Scene:
    """Seven payments."""
    stage = branch(code)
    judged(stage, 6)
    made = question(stage)
    return Scene(stage, [made.pk], look=lambda: found(made))


# Screening again


def held(stage: people.Stage) -> Any:
    """What holds each payment of an entity, and what screening found on it."""
    rows = Payment.objects.filter(entity=stage.entity).order_by("pk")
    holds = Hold.objects.filter(payment__in=rows).order_by("pk")
    hits = ScreeningHit.objects.filter(payment__in=rows).order_by("pk")
    of: dict[int, list[Any]] = {payment.pk: [] for payment in rows}
    for hold in holds:
        of[hold.payment_id].append((hold.rule_code, hold.stays, hold.lifted_at is not None))
    for hit in hits:
        of[hit.payment_id or 0].append((hit.field, hit.status))
    return list(of.values())


def open_payments(stage: people.Stage, name: str) -> list[int]:
    """One of each state that has not left, to a name."""
    checked, validated, approved, gone = (
        people.payment(stage, amount=f"{n}.00", creditor_name=name) for n in range(1, 5)
    )
    assert approvals.validate(ids=[validated.pk], actor=people.person())[0].done
    return [checked.pk, validated.pk, *signed(approved), *posted(gone)]


def new_version(stage: people.Stage) -> WatchListVersion:
    """The second version of the entity's list names whom payments of every state go to, its payee and a party."""
    one = people.person(roles.SUPERVISOR, entity=stage.entity)
    first = listed.loaded(one, entity=stage.entity, code=stage.entity.code)
    open_payments(stage, LISTED)
    Party.objects.create(entity=stage.entity, name="Globale Trade Partners")
    second = watchlists.take_in(
        actor=one, list_id=first.watch_list_id, content=listed.MORE.encode(), file_name="more.csv"
    )  # fmt: skip
    return settled(second)


def settled(version: WatchListVersion) -> WatchListVersion:
    """As if its list had been loaded and set long ago."""
    rows = WatchListVersion.objects.filter(watch_list=version.watch_list)
    for one in rows:
        database.update(rows.filter(pk=one.pk), activated_at=timezone.now() - LONG_AGO)
    return version


def version_in_force(code: str) -> Scene:
    stage = branch(code)
    version = new_version(stage)

    def look() -> Any:
        version.refresh_from_db()
        return held(stage), version.rescreened_at is not None

    return Scene(stage, [version.pk], look=look)


def night(code: str) -> Scene:
    """An exemption came to its day; a payment came in when there was no list."""
    stage = branch(code)
    one, other = (people.person(roles.SUPERVISOR, entity=stage.entity) for _number in range(2))
    people.payment(stage, creditor_name="Karbadin Trading Company")
    version = listed.loaded(one, entity=stage.entity, code=code)
    checks.judge(people.payment(stage, status="received", creditor_name=ALIKE, received_at=timezone.now()))
    hit = ScreeningHit.objects.get(entity=stage.entity)
    asked = asking.exempt(
        actor=one, hit_id=hit.pk, until=timezone.localdate() + timedelta(days=9), reason="Known"
    )  # fmt: skip
    changes.sign(actor=other, request_id=asked.pk)
    database.update(Exemption.objects.filter(request=asked), valid_to=timezone.localdate() - timedelta(days=1))
    database.update(WatchListVersion.objects.filter(pk=version.pk), rescreened_at=timezone.now())
    return Scene(stage, look=lambda: held(stage), books=audited())


# Verifying again


def asked_of(stage: people.Stage, *, url: str = simulator.ADDRESS, token: str = "") -> VerificationService:
    """The entity's service is there, as if two people had signed it."""
    keeper = people.person(roles.ADMINISTRATOR, entity=stage.entity, limit=None)
    made = registry.put(actor=keeper, entity=stage.entity, url=url, valid_hours=24, token=token)
    database.update(VerificationService.objects.filter(pk=made.pk), waits=False, is_active=True)
    return made


def not_verified(stage: people.Stage) -> tuple[PaymentBatch, User]:
    """A file checked in a bad hour, so that nothing of it could be verified; and who asks again."""
    batch = people.batch(stage, taken_count=3)
    # Other amounts: nothing else is odd about them.
    asked = {"Le Goff": "150.00", "Autre Negoce": "287.40", "Granits Presque SAS": "93.10"}
    made = [
        people.payment(stage, in_batch=batch, status="received", creditor_name=name, amount=amount)
        for name, amount in asked.items()
    ]
    with mock.patch.object(calling, "BUDGET_SECONDS", 0.0):
        tasks.assess([payment.pk for payment in made])
    return batch, people.person(entity=stage.entity)


def outcomes(batch: PaymentBatch) -> Any:
    """Of each payment its last answer, its state, and what holds it."""
    states = PaymentState.objects.filter(payment__batch=batch).order_by("payment")
    holds = Hold.objects.filter(payment__batch=batch, lifted_at=None).values_list("payment", "rule_code")
    by = dict(holds)
    said = [last_of(state.payment_id) for state in states]
    return [
        (one.outcome if one else "", state.status, by.get(state.payment_id, ""))
        for one, state in zip(said, states, strict=True)
    ]


def asked_again(code: str) -> Scene:
    stage = branch(code)
    asked_of(stage)
    batch, actor = not_verified(stage)
    return Scene(stage, [batch.pk, actor.pk], look=lambda: outcomes(batch))


# Lists from their addresses


class _Publisher(BaseHTTPRequestHandler):
    content = listed.SIMPLE.encode()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def publisher() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Publisher)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/list.csv"
    server.shutdown()
    server.server_close()
