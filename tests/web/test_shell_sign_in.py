"""Coming in and going out: password, second factor, what is refused, and that it is all on record."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from backoffice.people import roles
from backoffice.people.models import User
from documents.models import AuditRecord
from tests import people
from tests.api.client import Program

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/login/"


@pytest.fixture(autouse=True)
def _forget_attempts() -> Iterator[None]:
    """Attempts are counted in the cache; each test starts and ends without any."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sarah() -> User:
    user = people.person(roles.OPERATOR, name="Sarah Cohen")
    user.set_password(people.PASSWORD)
    user.save()
    return user


def attempt(client: Client, email: str, password: str = people.PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def on_record(user: User | None) -> list[tuple[str, int | None, dict[str, object]]]:
    rows = AuditRecord.objects.filter(subject_type="user", subject_id=user.pk if user else 0).order_by("id")
    return [(row.action, row.actor_id, row.details) for row in rows]


def test_the_right_password_leads_to_the_first_screen_of_the_role(client: Client, sarah: User) -> None:
    answer = attempt(client, sarah.email.upper())
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/queue/"
    [(action, actor, data)] = on_record(sarah)
    assert (action, actor) == ("user.signed_in", sarah.pk)
    assert data == {"from_address": "127.0.0.1", "methods": ["password"]}


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (roles.OPERATOR, "/queue/"),
        (roles.SUPERVISOR, "/queue/"),
        (roles.AUDITOR, "/batches/"),
        (roles.LOGISTICS, "/dashboard/"),
        (roles.ADMINISTRATOR, "/dashboard/"),
        (None, "/preferences/"),
    ],
)
def test_each_role_starts_where_its_work_is(client: Client, role: str | None, first: str) -> None:
    client.force_login(people.person(role))
    assert client.get("/")["Location"] == first
    assert client.get(first).status_code == 200


def test_the_page_that_was_asked_for_comes_after_sign_in(client: Client, sarah: User) -> None:
    asked = client.get("/preferences/?tab=1")
    assert asked["Location"] == f"{SIGN_IN}?next=/preferences/%3Ftab%3D1"
    assert attempt(client, sarah.email, next="/preferences/?tab=1")["Location"] == "/preferences/?tab=1"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_next_never_leads_elsewhere(client: Client, sarah: User, elsewhere: str) -> None:
    assert attempt(client, sarah.email, next=elsewhere)["Location"] == "/"


def test_a_wrong_password_says_nothing_of_the_account_and_is_on_record(client: Client, sarah: User) -> None:
    wrong = attempt(client, sarah.email, "not the password")
    unknown = attempt(client, "nobody@example.org", "not the password")
    sentence = "The e-mail address and the password do not go together."
    for answer in (wrong, unknown):
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
    assert on_record(sarah) == [("user.sign_in_failed", None, {"from_address": "127.0.0.1", "step": "password"})]
    assert on_record(None) == [("user.sign_in_failed", None, {"from_address": "127.0.0.1", "step": "password"})]
    assert not AuditRecord.objects.filter(data__contains="nobody@example.org").exists()


def test_the_sixth_attempt_has_to_wait(client: Client, sarah: User) -> None:
    for _time in range(5):
        attempt(client, sarah.email, "not the password")
    answer = attempt(client, sarah.email)
    assert "Too many attempts that failed. Wait five minutes, then try again." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert [action for action, _actor, _data in on_record(sarah)] == ["user.sign_in_failed"] * 5


def test_a_closed_account_and_a_machine_stay_out(client: Client, sarah: User) -> None:
    User.objects.filter(pk=sarah.pk).update(is_machine=True)
    assert attempt(client, sarah.email)["Location"] == "/account/inactive/"
    assert "_auth_user_id" not in client.session
    User.objects.filter(pk=sarah.pk).update(is_machine=False, is_active=False)
    attempt(client, sarah.email)
    assert "_auth_user_id" not in client.session
    assert "This account is closed" in client.get("/account/inactive/").content.decode()


def test_sign_out_is_on_record_and_takes_a_form(client: Client, sarah: User) -> None:
    client.force_login(sarah)
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session
    assert on_record(sarah) == [("user.signed_out", sarah.pk, {})]


def test_second_factor_from_set_up_to_challenge(client: Client, sarah: User) -> None:
    attempt(client, sarah.email)
    asked = client.get(reverse("mfa_activate_totp"))["Location"]
    assert "Confirm that it is you" in client.get(asked).content.decode()
    assert client.post(asked, {"password": "not the password"}).status_code == 200
    assert client.post(asked, {"password": people.PASSWORD})["Location"] == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "Set up the authenticator app" in page
    secret = re.search(r'<code class="break">([A-Z2-7]+)</code>', page)[1]
    assert client.post(reverse("mfa_activate_totp"), {"code": code(secret)}).status_code == 302
    assert "Second factor" in client.get(reverse("mfa_index")).content.decode()
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    client.post("/account/logout/")
    cache.clear()  # the code of this half minute counts as used

    assert attempt(client, sarah.email)["Location"] == reverse("mfa_authenticate")
    assert client.get("/preferences/").status_code == 302
    refused = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert refused.status_code == 200
    assert on_record(sarah)[-1] == ("user.sign_in_failed", None, {"step": "second_factor"})
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)})["Location"] == "/"
    action, actor, data = on_record(sarah)[-1]
    assert (action, actor, data["methods"]) == ("user.signed_in", sarah.pk, ["mfa", "password"])


def code(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def test_a_forgotten_password_is_chosen_anew_by_a_link(client: Client, sarah: User) -> None:
    assert client.post(reverse("account_reset_password"), {"email": sarah.email})["Location"] == reverse(
        "account_reset_password_done"
    )
    client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    [message] = mail.outbox
    assert message.to == [sarah.email]
    assert message.subject.endswith("Choose a password for backoffice")
    assert "Hello Sarah Cohen," in message.body
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", message.body)[1]
    form = client.get(client.get(link)["Location"])
    assert "Choose a password" in form.content.decode()
    chosen = "a fresh pass phrase 7"
    program = Program(sarah)
    weak = client.post(form.request["PATH_INFO"], {"password1": "short", "password2": "short"})
    assert program.get("/users/me").status_code == 200
    assert "at least 12 characters" in weak.content.decode()
    client.post(form.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    assert program.get("/users/me").status_code == 401, "their tokens stopped"
    assert attempt(Client(), sarah.email).status_code == 200
    assert attempt(Client(), sarah.email, chosen).status_code == 302
    assert "This link cannot be used" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize(("ticked", "status"), [({"revoke_tokens": "on"}, 401), ({}, 200)])
def test_a_changed_password_stops_tokens_where_the_person_says_so(
    client: Client, sarah: User, ticked: dict[str, str], status: int
) -> None:
    client.force_login(sarah)
    program, other = Program(sarah), Program(people.person())
    assert "Revoke my API tokens, too" in client.get(reverse("account_change_password")).content.decode()
    chosen = "a fresh pass phrase 7"
    fields = {"oldpassword": people.PASSWORD, "password1": chosen, "password2": chosen, **ticked}
    assert client.post(reverse("account_change_password"), fields)["Location"] == "/preferences/"
    assert (program.get("/users/me").status_code, other.get("/users/me").status_code) == (status, 200)
    revoked = AuditRecord.objects.filter(action="token.revoked", actor_id=sarah.pk)
    assert [row.details["with"] for row in revoked] == ["password"] * len(ticked)


def test_password_is_changed_from_the_preferences(client: Client, sarah: User) -> None:
    client.force_login(sarah)
    chosen = "a fresh pass phrase 7"
    fields = {"oldpassword": people.PASSWORD, "password1": chosen, "password2": chosen}
    assert client.post(reverse("account_change_password"), fields)["Location"] == "/preferences/"
    page = client.get("/preferences/").content.decode()
    assert "Password changed" in page
    assert attempt(Client(), sarah.email, chosen).status_code == 302


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "socialaccount_signup", "socialaccount_connections"]
)
def test_nobody_makes_or_renames_an_account_by_themselves(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_the_sign_in_page_offers_single_sign_on_only_when_there_is_one(client: Client) -> None:
    page = client.get(SIGN_IN).content.decode()
    assert "Continue with" not in page
    assert "placeholder" not in page
    assert 'autocomplete="current-password"' in page
