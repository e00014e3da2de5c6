"""API tokens on the screen: made for programs, shown once, revoked."""

import re

import pytest

from backoffice.people import roles
from backoffice.people.models import ApiToken, User
from documents.models import AuditRecord
from tests.people import bank_branch, person
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine() -> User:
    return person(roles.OPERATOR, entity=bank_branch().entity, name="ERP", is_machine=True)


def form(machine: User, **changes: object) -> dict[str, object]:
    return {
        "user": machine.pk,
        "name": "nightly run",
        "days": "90",
        "scopes": ["batch.view", "batch.import"],
        **changes,
    }


def test_a_token_is_shown_once_and_never_again(machine: User) -> None:
    administrator = person(roles.ADMINISTRATOR)
    client = signed_in(administrator)
    answer = client.post("/tokens/", form(machine))
    secret = re.search(r"bo_[\w-]{40,}", answer.content.decode())
    assert secret
    assert "no-store" in answer.headers["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.user, token.created_by, token.scopes) == (machine, administrator, ["batch.import", "batch.view"])
    later = client.get("/tokens/").content.decode()
    assert secret[0] not in later
    assert token.prefix in later
    assert AuditRecord.objects.filter(action="token.issued", subject_id=token.pk).count() == 1


def test_rights_beyond_the_program_are_refused(machine: User) -> None:
    answer = signed_in(person(roles.ADMINISTRATOR)).post("/tokens/", form(machine, scopes=["user.manage"]))
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked(machine: User) -> None:
    client = signed_in(person(roles.ADMINISTRATOR))
    client.post("/tokens/", form(machine))
    token = ApiToken.objects.get()
    assert client.post(f"/tokens/{token.pk}/revoke/").headers["Location"] == "/tokens/"
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Revoked" in client.get("/tokens/").content.decode()


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.LOGISTICS])
def test_others_make_and_revoke_nothing(machine: User, role: str) -> None:
    signed_in(person(roles.ADMINISTRATOR)).post("/tokens/", form(machine))
    token = ApiToken.objects.get()
    client = signed_in(person(role))
    answers = [
        client.get("/tokens/"),
        client.post("/tokens/", form(machine)),
        client.post(f"/tokens/{token.pk}/revoke/"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert ApiToken.objects.get().revoked_at is None


def test_an_administrator_of_another_entity_finds_neither_program_nor_token(machine: User) -> None:
    signed_in(person(roles.ADMINISTRATOR)).post("/tokens/", form(machine))
    token = ApiToken.objects.get()
    elsewhere = bank_branch("ELSEWHERE", iban="FR7630006000011234567890189").entity
    client = signed_in(person(roles.ADMINISTRATOR, entity=elsewhere))
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert client.post("/tokens/", form(machine)).status_code == 422
    assert token.name not in client.get("/tokens/").content.decode()
    assert ApiToken.objects.count() == 1


def test_a_token_may_be_kept_to_some_entities(machine: User) -> None:
    place = machine.grants.get().entity
    client = signed_in(person(roles.ADMINISTRATOR))
    client.post("/tokens/", form(machine, entities=[place.pk]))
    assert ApiToken.objects.get().entities == [place.pk]
    assert f"only in {place.code}" in client.get("/tokens/").content.decode()
    other = bank_branch("OTHER", iban="FR7630006000011234567890189").entity
    refused = client.post("/tokens/", form(machine, entities=[other.pk]))
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"entities"}
