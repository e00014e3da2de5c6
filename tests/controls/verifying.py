"""A verification service that answers in this process, and what tests ask of payments that were verified."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from backoffice.people import roles
from backoffice.people.models import Entity
from controls import tasks
from controls.models import VerificationService
from controls.verification import asking, registry, simulator
from tests import database, people
from tests.controls import scene as scenes
from transactions.models import Payment

TOKEN = "a-token-of-the-service"


@contextmanager
def serving() -> Iterator[simulator.Server]:
    made = simulator.Server(port=0, token=TOKEN)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def use(entity: Entity, server: simulator.Server, *, token: str = TOKEN) -> VerificationService:
    """The entity asks the server, as if two people had signed it."""
    keeper = people.person(roles.ADMINISTRATOR, entity=entity, limit=None)
    made = registry.put(actor=keeper, entity=entity, url=server.url, valid_hours=24, token=token)
    database.update(VerificationService.objects.filter(pk=made.pk), waits=False, is_active=True)
    made.refresh_from_db()
    return made


def check(*payments: Payment) -> None:
    """As the worker does."""
    tasks.assess([payment.pk for payment in payments])


def answered(payment: Payment) -> tuple[str, str, str, str] | None:
    made = asking.last_of(payment.pk)
    return None if made is None else (made.outcome, made.suggested_name, made.source, made.code)


def findings(payment: Payment) -> set[str]:
    """Of those that look at names."""
    looking = ("VOP-", "NAME-UNLIKE", "INSTANT-UNCONFIRMED")
    return {code for code in scenes.found(payment) if code.startswith(looking)}
