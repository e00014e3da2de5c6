"""One's own API tokens on the page of preferences: made, shown once, seen with their last use, revoked."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.people import roles, tokens
from backoffice.people.models import ApiToken, User
from documents.models import AuditRecord
from tests.people import Stage, bank_branch, payment, person
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db
FORM = {"token-name": "my script", "token-days": "30", "token-scopes": ["payment.view", "batch.view"]}


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def lea(stage: Stage) -> User:
    return person(roles.OPERATOR, entity=stage.entity, name="Léa Martin")


def made(client: Client, **changes: Any) -> str:
    answer = client.post("/preferences/tokens/", {**FORM, **changes})
    assert answer.status_code == 200
    [secret] = set(re.findall(r"bo_[\w-]{40,}", answer.content.decode()))
    return str(secret)


def test_a_token_of_ones_own_works_with_the_rights_that_were_ticked_and_is_shown_once(stage: Stage, lea: User) -> None:
    client = signed_in(lea)
    secret = made(client)
    token = ApiToken.objects.get()
    assert (token.user, token.created_by, token.scopes) == (lea, lea, ["batch.view", "payment.view"])
    assert 29 <= (token.expires_at - timezone.now()).days <= 30
    one = payment(stage)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get(f"/api/v1/payments/{one.pk}").status_code == 200
    assert program.get("/api/v1/accounts").status_code == 403
    page = client.get("/preferences/")
    assert secret not in page.content.decode()
    assert f"{token.prefix}…" in page.content.decode()
    assert "see payments" in page.content.decode()
    assert page.content.decode().count("<time") >= 2, "last use and expiry"
    [record] = AuditRecord.objects.filter(action="token.issued", subject_id=token.pk)
    assert record.actor_id == lea.pk


def test_the_answer_with_the_token_is_kept_nowhere(lea: User) -> None:
    answer = signed_in(lea).post("/preferences/tokens/", FORM)
    assert "no-store" in answer.headers["Cache-Control"]
    assert signed_in(lea).get("/preferences/tokens/").status_code == 405


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"token-name": ""}, "This field is required."),
        ({"token-scopes": []}, "This field is required."),
        ({"token-scopes": ["user.manage"]}, "user.manage is not one of the available choices."),
        ({"token-days": "9999"}, "9999 is not one of the available choices."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(lea: User, changes: dict[str, Any], said: str) -> None:
    answer = signed_in(lea).post("/preferences/tokens/", {**FORM, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert '<details class="mt" open>' in page
    assert not ApiToken.objects.exists()
    assert not AuditRecord.objects.filter(action="token.issued").exists()


def test_rights_that_are_offered_are_ones_own(lea: User) -> None:
    page = signed_in(lea).get("/preferences/").content.decode()
    offered = set(re.findall(r'name="token-scopes" value="([a-z.]+)"', page))
    assert offered == set(roles.ROLES[roles.OPERATOR])


def test_who_has_no_right_is_told_so() -> None:
    client = signed_in(person(None))
    assert "You have no right yet that a token could carry." in client.get("/preferences/").content.decode()
    assert client.post("/preferences/tokens/", FORM).status_code == 422
    assert not ApiToken.objects.exists()


def test_ones_own_token_is_revoked_and_stops_at_once(lea: User) -> None:
    client = signed_in(lea)
    secret = made(client)
    token = ApiToken.objects.get()
    answer = client.post(f"/preferences/tokens/{token.pk}/revoke/", follow=True)
    assert answer.redirect_chain == [("/preferences/#tokens", 302)]
    assert "Token “my script” revoked; it stops working now." in answer.content.decode()
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/payments").status_code == 401
    assert AuditRecord.objects.filter(action="token.revoked", subject_id=token.pk, actor_id=lea.pk).count() == 1
    client.post(f"/preferences/tokens/{token.pk}/revoke/")
    assert AuditRecord.objects.filter(action="token.revoked").count() == 1


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.ADMINISTRATOR])
def test_anothers_token_is_not_there(stage: Stage, lea: User, role: str) -> None:
    """Not even for who manages tokens: that is done at another place, by another right."""
    token, _secret = tokens.issue(user=lea, name="hers", scopes=["payment.view"], actor=lea)
    client = signed_in(person(role))
    assert client.post(f"/preferences/tokens/{token.pk}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None
    assert "hers" not in client.get("/preferences/").content.decode()


def test_the_other_form_of_the_page_keeps_its_own(lea: User) -> None:
    answer = signed_in(lea).post("/preferences/tokens/", {**FORM, "token-name": ""})
    assert 'name="language"' in answer.content.decode()
    assert 'action="/preferences/"' in answer.content.decode()
    lea.refresh_from_db()
    assert lea.language == "en"
