"""Each role against each view and endpoint, for an object of its own entity and of another's: as the table says.

The addresses come from the resolver, so one that is missing in the table fails here. Whatever is not allowed moves
nothing: states, balances, books, records and rights have the same fingerprint before and after.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests import rights, rights_contents
from tests.rights import ROLES, Line, Route, Sent, World

pytestmark = pytest.mark.django_db

LINES = rights.table()


@pytest.fixture(scope="module")
def addresses() -> dict[str, Route]:
    return {route.name: route for route in rights.routes()}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One for all lines: every request is undone, and all of it in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def test_every_address_is_in_the_table(addresses: dict[str, Route]) -> None:
    listed = {(line.route, line.method) for line in LINES}
    assert len(listed) == len(LINES), "a line stands twice"
    assert {route for route, _method in listed} == set(addresses)
    for route in addresses.values():
        if route.is_api:
            view = route.callback.cls(**route.callback.initkwargs)
            methods = {method for method in ("GET", "POST") if view.act_of(method)}
            assert {method for name, method in listed if name == route.name} == methods, route.name


def observed(world: World, line: Line, route: Route, role: str, *, away: bool) -> str:
    """What happens, undone afterwards. A refusal that moved something is told as such."""
    things = (world.other if away else world.own).things
    user = world.people[role]
    things = things | {"for": {"user": things["machine"]} if away else {}, "role": role}
    with transaction.atomic():
        rights_contents.prepare(line.route, things, user)
        client = world.client(role)
        before = rights.fingerprint()
        content = rights_contents.sent(line.route, line.method, things) if line.cells else Sent()
        answer = rights.send(client, line, route, things, content)
        told = rights.verdict(answer, away=away)
        moved = rights.fingerprint() != before
        if moved and (away or told != "ok"):
            told = f"{told}, but something moved"
        if line.method == "POST" and told == "ok" and not moved:
            told = "still"
        transaction.set_rollback(True)
    if user is not None:
        vars(user).pop("_grant_pairs", None)
    return told


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_each_role(line: Line, world: World, addresses: dict[str, Route]) -> None:
    seen = {}
    for role in ROLES:
        for away in (False, True):
            expected = line.cells[role][away]
            if expected != "-":
                seen[role, away] = (expected, observed(world, line, addresses[line.route], role, away=away))
    wrong = {key: both for key, both in seen.items() if both[0] != both[1]}
    assert not wrong, f"{line.id} (role, elsewhere): (table, seen) {wrong}"


@pytest.mark.parametrize(
    "line", [line for line in LINES if not line.route.startswith("api:")], ids=lambda line: line.id
)
def test_no_other_method(line: Line, world: World, addresses: dict[str, Route]) -> None:
    """A screen answers the methods of its lines, and 405 to the other."""
    methods = {other.method for other in LINES if other.route == line.route}
    for method in {"GET", "POST"} - methods:
        bare = Line(line.route, method, {})
        assert observed(world, bare, addresses[line.route], "supervisor", away=False).startswith("405")
