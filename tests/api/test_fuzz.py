"""Whatever the document of the API lets somebody send, and what it does not: never a server error, always its answers.

Requests are made from the document by schemathesis, half of them as it says and half against it; where a number of an
object is asked for, most take one of the house's own, so that they get past the door. They go through the whole
application (middleware, sign-in, database as the application's role) and are undone one by one, after the deferred
constraints were asked for. ``make fuzz`` runs it long: FUZZ_EXAMPLES a mode and operation, FUZZ_SEED to try others.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backoffice import api_document
from backoffice.people import roles, tokens
from backoffice.wsgi import application
from tests.people import CUSTOMER_IBAN, PAYEE_IBAN, grant, person
from tests.rights import PARAMS
from tests.rights_stage import Furnished, furnish

pytestmark = pytest.mark.django_db
EXAMPLES, SEED = int(os.environ.get("FUZZ_EXAMPLES", "4")), int(os.environ.get("FUZZ_SEED", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

schemathesis.openapi.format("uri", st.just("https://example.org/"))
SCHEMA = schemathesis.openapi.from_dict(yaml.safe_load(api_document.document()), config=SchemathesisConfig())
SCHEMA.app = application
OPERATIONS = {f"{o.method.upper()} {o.path}": o for o in (result.ok() for result in SCHEMA.get_all_operations())}


class House:
    """One entity with something of everything, and somebody with every right in it."""

    def __init__(self) -> None:
        self.own: Furnished = furnish("OWN", CUSTOMER_IBAN)
        self.furnished = self.own.things
        entity = self.own.stage.entity
        user = person("operator", entity=entity)
        for role in set(roles.ROLES) - {"operator"}:
            grant(user, role, entity)
        _token, self.secret = tokens.issue(
            user=user, name="Fuzz", scopes=set().union(*roles.ROLES.values()), actor=user
        )
        self.payments = [value for name, value in self.furnished.items() if name in STATES]

    def known(self, name: str) -> list[Any]:
        """What of the house may stand for a field or parameter of this name."""
        if name in {"payment_id", "ids", "versions", "subject"}:
            return self.payments
        if name in {"debtor_account", "creditor_account", "creditor_number", "account_number"}:
            return [CUSTOMER_IBAN, PAYEE_IBAN, "OWN-NOSTRO"]
        if name == "source":
            return ["treasurer"]
        if name == "url":
            return ["https://93.184.215.14/events"]
        if name == "currency":
            return ["EUR", "JPY"]
        thing = PARAMS.get(name, name)
        return [self.furnished[thing]] if thing in self.furnished else []


STATES = {"received", "checked", "validated", "rejected", "posted", "sent", "settled", "held", "claimed"}


@pytest.fixture(autouse=True)
def _one_connection(settings: Any) -> Iterator[None]:
    """The requests run in the transaction of the test, so none may close the connection. Nor are they counted."""
    settings.API_RATE_TOKEN = settings.API_RATE_PERSON = 0
    for announced in (signals.request_started, signals.request_finished):
        announced.disconnect(close_old_connections)
    yield
    for announced in (signals.request_started, signals.request_finished):
        announced.connect(close_old_connections)


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield House()
        transaction.set_rollback(True)


def at_home(value: Any, house: House, chance: random.Random, name: str = "") -> Any:
    """The value with most of what names an object replaced by an object of the house."""
    known = house.known(name)
    if isinstance(value, dict):
        return {key: at_home(inner, house, chance, key) for key, inner in value.items()}
    if isinstance(value, list):
        if name == "ids" and chance.random() < 0.8:
            return chance.sample(known, chance.randint(1, len(known)))
        return [at_home(inner, house, chance, name) for inner in value]
    return chance.choice(known) if known and chance.random() < 0.8 else value


def send(case: Any, house: House, chance: random.Random) -> Any:
    case.path_parameters = at_home(case.path_parameters, house, chance)
    case.query = at_home(case.query, house, chance)
    if isinstance(case.body, dict):
        case.body = at_home(case.body, house, chance)
    with transaction.atomic():
        answer = case.call(headers={"Authorization": f"Bearer {house.secret}"})
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["asked", "against"])
def test_no_server_error(label: str, mode: GenerationMode, house: House) -> None:
    strategy = OPERATIONS[label].as_strategy(generation_mode=mode)

    @seed(SEED)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, chance=st.randoms(use_true_random=False))
    def sent(case: Any, chance: random.Random) -> None:
        case.validate_response(send(case, house, chance), checks=CHECKS)

    sent()
