"""Tokens: shown once, kept as a hash, narrower than their user, stopped by expiry, revocation and a closed account."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import tokens
from backoffice.people.models import ApiToken, Entity, Grant
from documents.models import AuditRecord
from tests import database
from tests.api.client import ROOT, Program
from tests.people import bank_branch, grant, payment, person
from transactions.models import Payment

pytestmark = pytest.mark.django_db


def me(secret: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {secret}"}).get(f"{ROOT}/users/me")


def test_a_token_acts_for_its_user_and_only_its_hash_is_kept() -> None:
    user = person("operator")
    token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view"], actor=user)
    answer = me(secret)
    assert answer.status_code == 200
    assert answer.json()["id"] == user.pk
    assert answer.json()["rights"] == ["payment.view"]
    assert secret.startswith("bo_")
    assert len(secret) == 46
    stored = ApiToken.objects.get(pk=token.pk)
    assert bytes(stored.digest) == hashlib.sha256(secret.encode()).digest()
    assert stored.prefix == secret[:11]
    assert secret not in str(ApiToken.objects.values())
    assert secret not in str(list(AuditRecord.objects.values()))


def test_issuing_and_revoking_are_on_record() -> None:
    user = person("operator")
    token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view"], actor=user)
    tokens.revoke(token_id=token.pk, actor=user)
    assert me(secret).status_code == 401
    acts = AuditRecord.objects.filter(subject_type="token", subject_id=token.pk).order_by("id")
    assert [(record.action, record.actor_id) for record in acts] == [
        ("token.issued", user.pk),
        ("token.revoked", user.pk),
    ]
    assert acts[0].details["scopes"] == ["payment.view"]
    with pytest.raises(BusinessError, match="revoked already"):
        tokens.revoke(token_id=token.pk, actor=user)


def test_a_scope_never_exceeds_the_users_rights() -> None:
    user = person("operator")
    with pytest.raises(BusinessError) as refused:
        tokens.issue(user=user, name="ERP", scopes=["payment.view", "account.manage"], actor=user)
    assert (refused.value.code, refused.value.params) == ("token.scope_exceeds", {"scope": "account.manage"})
    _token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view", "payment.create"], actor=user)
    database.update(Grant.objects.filter(user=user), role="auditor")
    assert me(secret).json()["rights"] == ["payment.view"]


@pytest.mark.parametrize(
    ("scopes", "name", "days", "code"),
    [
        (["payment.fly"], "ERP", 1, "token.scope_unknown"),
        ([], "ERP", 1, "token.scopes_missing"),
        (["payment.view"], "  ", 1, "token.name_missing"),
        (["payment.view"], "ERP", -1, "token.expiry_bad"),
        (["payment.view"], "ERP", 400, "token.expiry_bad"),
    ],
)
def test_what_a_token_must_have(scopes: list[str], name: str, days: int, code: str) -> None:
    user = person("operator")
    with pytest.raises(BusinessError) as refused:
        tokens.issue(user=user, name=name, scopes=scopes, actor=user, expires_at=timezone.now() + timedelta(days=days))
    assert refused.value.code == code
    assert not ApiToken.objects.exists()


def test_an_expired_token_and_that_of_a_closed_account_are_refused() -> None:
    user = person("operator")
    token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view"], actor=user)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = me(secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "request.token_refused")
    assert answer["WWW-Authenticate"] == 'Bearer realm="backoffice"'
    _token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view"], actor=user)
    assert me(secret).status_code == 200
    user.is_active = False
    user.save()
    assert me(secret).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer bo_nothing", "Bearer a b", "Bearer xx", "bearer bo_é"])
def test_anything_else_is_refused(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get(f"{ROOT}/users/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "request.token_refused")


def test_without_a_token_the_answer_says_how_to_sign_in() -> None:
    answer = Client().get(f"{ROOT}/users/me")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:backoffice:request.unauthenticated",
        "code": "request.unauthenticated",
        "params": {},
        "detail": "Sign in, or send a token: Authorization: Bearer …",
        "status": 401,
    }


def test_use_is_noted_at_most_once_a_minute() -> None:
    user = person("operator")
    token, secret = tokens.issue(user=user, name="ERP", scopes=["payment.view"], actor=user)
    me(secret)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    me(secret)
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(seconds=61))
    me(secret)
    assert ApiToken.objects.get(pk=token.pk).last_used_at > first


def test_a_programs_token_with_weighty_rights_works_when_a_second_person_signs_it() -> None:
    stage = bank_branch()
    administrator, second = person("administrator"), person("administrator")
    machine = person("supervisor", entity=stage.entity, is_machine=True, created_by=administrator)
    own, others = Program(administrator), Program(second)

    desk = Client()  # signed in: by a token one would give no more than it has
    desk.force_login(administrator)

    def made(*scopes: str) -> tuple[str, bool]:
        asked = {"name": "ERP", "scopes": list(scopes), "user": machine.pk}
        told = desk.post("/api/v1/tokens", asked, content_type="application/json").json()
        return told["token"], told["waits"]

    secret, waits = made("payment.view")
    assert (waits, me(secret).status_code) == (False, 200)
    for scopes in (("payment.view", "iban.view"), ("payment.return",)):
        secret, waits = made(*scopes)
        assert (waits, me(secret).status_code) == (True, 401)
    [asked, refused] = others.get("/changes", subject="token", status="waiting").json()["items"]
    assert asked["change"]["scopes"] == ["payment.return"]
    assert own.post(f"/changes/{asked['id']}/approve", {}).json()["code"] == "change.own_work"
    assert others.post(f"/changes/{asked['id']}/approve", {}).json()["status"] == "approved"
    assert me(secret).json()["rights"] == ["payment.return"]
    assert others.post(f"/changes/{refused['id']}/refuse", {"reason": "No"}).json()["status"] == "refused"
    assert ApiToken.objects.get(pk=refused["change"]["token"]).revoked_at is not None
    page = Client()
    page.force_login(second)
    form = {"user": machine.pk, "name": "By hand", "days": "30", "scopes": ["payment.create"]}
    assert "Waits for a second person" in page.post("/tokens/", form).content.decode()
    assert "the token “By hand” works for the program" in page.get(f"/users/{machine.pk}/").content.decode()


def test_nobody_makes_a_token_in_another_persons_name() -> None:
    Entity.objects.create(code="HERE", name="Here")
    administrator, operator = person("administrator"), person("operator")
    with pytest.raises(Denied) as refused:
        tokens.issue(user=operator, name="Mine now", scopes=["payment.view"], actor=administrator)
    assert refused.value.code == "token.not_for_another"
    with pytest.raises(Denied) as refused:
        tokens.issue(user=administrator, name="Mine now", scopes=["user.view"], actor=operator)
    assert refused.value.code == "denied"
    assert not ApiToken.objects.exists()


def test_an_administrator_makes_tokens_for_machines_where_they_manage_them() -> None:
    here, there = (Entity.objects.create(code=code, name=code) for code in ("HERE", "THERE"))
    administrator = person("administrator", entity=here)
    machine = person("operator", entity=here, is_machine=True)
    both = person("operator", entity=here, is_machine=True)
    grant(both, "operator", there)
    everywhere = person("operator", is_machine=True)
    token, _secret = tokens.issue(user=machine, name="ERP", scopes=["payment.create"], actor=administrator)
    assert token.created_by == administrator
    for other in (both, everywhere):
        with pytest.raises(Denied):
            tokens.issue(user=other, name="ERP", scopes=["payment.create"], actor=administrator)
    foreign, _secret = tokens.issue(user=both, name="ERP", scopes=["payment.view"], actor=both)
    assert list(tokens.visible(administrator)) == [token]
    with pytest.raises(NotThere):
        tokens.revoke(token_id=foreign.pk, actor=administrator)
    tokens.revoke(token_id=token.pk, actor=administrator)


def test_a_token_makes_no_other_token() -> None:
    program = Program(person("operator"))
    answer = program.post("/tokens", {"name": "Heir", "scopes": ["payment.view"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "denied")
    assert ApiToken.objects.count() == 1


def test_a_signed_in_person_makes_lists_and_revokes_their_own_tokens() -> None:
    user = person("operator")
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    body = {"name": "Report", "scopes": ["payment.view"]}
    made = browser.post(f"{ROOT}/tokens", body, content_type="application/json", headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    secret = made.json()["token"]
    assert me(secret).json()["id"] == user.pk
    again = browser.post(f"{ROOT}/tokens", body, content_type="application/json", headers={"Idempotency-Key": "one"})
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == {**made.json(), "token": None}
    assert ApiToken.objects.count() == 1
    listed = browser.get(f"{ROOT}/tokens").json()["items"]
    assert [item["id"] for item in listed] == [made.json()["id"]]
    assert "token" not in listed[0]
    key = made.json()["id"]
    assert browser.post(f"{ROOT}/tokens/{key}/revoke", content_type="application/json").json()["revoked_at"] is not None
    assert me(secret).status_code == 401
    other = Program(person("operator"))
    assert other.get(f"/tokens/{key}").status_code == 404
    assert other.post(f"/tokens/{key}/revoke").status_code == 404


def test_a_session_needs_the_csrf_token() -> None:
    user = person("operator")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    answer = browser.post(
        f"{ROOT}/tokens", {"name": "Report", "scopes": ["payment.view"]}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden")
    assert not ApiToken.objects.exists()


def test_a_token_makes_none_that_may_more_than_itself() -> None:
    """Also for a machine, whose rights are wider than those of the token that makes it."""
    stage = bank_branch()
    manager = person("administrator")
    grant(manager, "operator")
    machine = person("operator", entity=stage.entity, is_machine=True)
    narrow, wider = Program(manager, ["token.manage"]), Program(manager, ["token.manage", "payment.create"])
    body = {"name": "More", "user": machine.pk}
    for scopes, beyond in ((["payment.create"], "payment.create"), (["iban.view", "payment.create"], "iban.view")):
        refused = narrow.post("/tokens", {**body, "scopes": scopes})
        assert (refused.status_code, refused.json()["code"]) == (422, "token.scope_beyond_token")
        assert refused.json()["params"] == {"scope": beyond}
    refused = wider.post("/tokens", {**body, "scopes": ["payment.create", "iban.view"]})
    assert (refused.status_code, refused.json()["params"]) == (422, {"scope": "iban.view"})
    assert not ApiToken.objects.filter(user=machine).exists()
    made = wider.post("/tokens", {**body, "scopes": ["payment.create"]})
    assert (made.status_code, made.json()["scopes"]) == (201, ["payment.create"])
    browser = Client()
    browser.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    signed_in = browser.post(f"{ROOT}/tokens", {**body, "scopes": ["iban.view"]}, content_type="application/json")
    assert signed_in.status_code == 201, "whoever signs in gives a machine what the machine may"


class TestNarrowedToEntities:
    """A token may be kept to some of the entities where its user works."""

    def furnished(self) -> tuple[Any, Any, Any]:
        own, other = bank_branch("OWN"), bank_branch("OTHER", iban="FR7630006000011234567890189")
        payment(own), payment(other)
        return own, other, person("operator")

    def program(self, user: Any, *entities: Any) -> Client:
        scopes = ["payment.view", "payment.comment", "payment.create"]
        token, secret = tokens.issue(
            user=user, name="ERP", scopes=scopes, actor=user, entities=[entity.pk for entity in entities]
        )
        assert token.entities == [entity.pk for entity in entities]
        return Client(headers={"Authorization": f"Bearer {secret}"})

    def test_it_sees_and_does_nothing_elsewhere(self) -> None:
        own, other, everywhere = self.furnished()
        narrow, wide = self.program(everywhere, own.entity), self.program(everywhere)
        assert {row["entity"] for row in wide.get(f"{ROOT}/payments").json()["items"]} == {
            own.entity.pk,
            other.entity.pk,
        }
        assert {row["entity"] for row in narrow.get(f"{ROOT}/payments").json()["items"]} == {own.entity.pk}
        assert [row["id"] for row in narrow.get(f"{ROOT}/entities").json()["items"]] == [own.entity.pk]
        away = Payment.objects.get(entity=other.entity)
        assert wide.get(f"{ROOT}/payments/{away.pk}").status_code == 200
        assert narrow.get(f"{ROOT}/payments/{away.pk}").status_code == 404
        refused = narrow.post(f"{ROOT}/payments/{away.pk}/comment", {"text": "x"}, content_type="application/json")
        assert refused.status_code == 404
        assert not AuditRecord.objects.filter(action="payment.commented").exists()

    def test_it_gives_no_role_that_its_user_lacks(self) -> None:
        own, other, _everywhere = self.furnished()
        local = person("operator", entity=own.entity)
        with pytest.raises(BusinessError) as refused:
            self.program(local, other.entity)
        assert refused.value.code == "token.entity_unknown"
        program = self.program(local, own.entity)
        database.update(Grant.objects.filter(user=local), entity=other.entity)
        assert program.get(f"{ROOT}/payments").status_code == 403, "its user does not work there any more"

    def test_no_entity_that_is_not_there(self) -> None:
        with pytest.raises(BusinessError, match="no role"):
            tokens.issue(
                user=(user := person("operator")), name="E", scopes=["payment.view"], actor=user, entities=[9**9]
            )

    def test_a_narrowed_token_makes_none_that_is_wider(self) -> None:
        own, other, _everywhere = self.furnished()
        manager = person("administrator")
        grant(manager, "auditor")
        scopes = ["token.manage", "user.view", "payment.view"]
        _token, secret = tokens.issue(user=manager, name="T", scopes=scopes, actor=manager, entities=[own.entity.pk])
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        here = person("operator", entity=own.entity, is_machine=True)
        there = person("operator", entity=other.entity, is_machine=True)

        def ask(machine: Any, **more: Any) -> Any:
            body = {"user": machine.pk, "name": "M", "scopes": ["payment.view"], **more}
            return client.post(f"{ROOT}/tokens", body, content_type="application/json")

        made = ask(here)
        assert (made.status_code, made.json()["entities"]) == (201, [own.entity.pk])
        assert ask(there).status_code == 404
        assert ask(here, entities=[other.entity.pk]).status_code == 422
        assert ApiToken.objects.filter(user__in=[here, there]).count() == 1

    def test_its_last_use_is_told(self) -> None:
        own, _other, everywhere = self.furnished()
        narrow = self.program(everywhere, own.entity)
        assert ApiToken.objects.latest("pk").last_used_at is None
        narrow.get(f"{ROOT}/users/me")
        used = ApiToken.objects.latest("pk").last_used_at
        assert used is not None
        assert timezone.now() - used < timedelta(seconds=10)
