"""The frame of every page: navigation and its counters, language, preferences, refusals."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from backoffice.web import navigation
from tests import people
from transactions.models import BankChannel, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


def signed_in(user: User, **options: object) -> Client:
    client = Client(**options)  # type: ignore[arg-type]
    client.force_login(user)
    return client


# Navigation


def test_every_place_has_an_address_and_a_letter_of_its_own() -> None:
    places = [place for group in navigation.NAVIGATION for place in group.places]
    assert all(reverse(place.name) for place in places)
    letters = [place.go for place in places if place.go]
    assert len(set(letters)) == len(letters)
    assert all(place.right in roles.RIGHTS for place in places)


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            roles.OPERATOR,
            [
                "queue",
                "second_approvals",
                "delegations",
                "batches",
                "payments",
                "outgoing",
                "instants",
                "payouts",
                "messages",
                "reconciliation",
                "statements",
                "recalls",
                "mandates",
                "invoices",
                "standing_orders",
                "accounts",
                "ledger",
                "dashboard",
                "screening",
                "rules",
                "backtests",
                "quality",
                "regulation",
                "matrix",
                "cut_offs",
                "straight",
            ],
        ),
        (
            roles.AUDITOR,
            [
                "batches",
                "payments",
                "outgoing",
                "instants",
                "payouts",
                "messages",
                "reconciliation",
                "statements",
                "recalls",
                "mandates",
                "invoices",
                "standing_orders",
                "accounts",
                "ledger",
                "dashboard",
                "cases",
                "expected",
                "screening",
                "rules",
                "backtests",
                "quality",
                "models",
                "regulation",
                "matrix",
                "cut_offs",
                "straight",
                "users",
            ],
        ),
        (roles.LOGISTICS, ["dashboard"]),
        (
            roles.ADMINISTRATOR,
            ["dashboard", "matrix", "cut_offs", "straight", "users", "tokens", "channels", "verification", "webhooks"],
        ),
        (None, []),
    ],
)
def test_navigation_lists_what_the_role_can_open(role: str | None, names: list[str]) -> None:
    user = people.person(role)
    client = signed_in(user)
    page = client.get("/preferences/").content.decode()
    side = page[page.index('id="side"') : page.index("</nav>")]
    assert re.findall(r'<a href="([^"]+)"', side) == [reverse(name) for name in names]
    for name in names:
        assert client.get(reverse(name)).status_code == 200
    assert ('role="search"' in page) is ("payments" in names)


def test_counters_say_what_waits_for_this_person() -> None:
    here, elsewhere = people.bank_branch(), people.bank_branch("OTHER", iban="")
    user = people.person(roles.OPERATOR, entity=here.entity)
    for _number in range(3):
        people.payment(here)
    people.payment(here, received_at=timezone.now() - timedelta(hours=5))
    people.payment(elsewhere)
    held = people.payment(here)
    PaymentState.objects.filter(pk=held.pk).update(hold_count=1)
    others, own = people.payment(here, status="validated"), people.payment(here, status="validated")
    PaymentApproval.objects.create(payment=own, stage=0, person=user, given_at=timezone.now())
    people.batch(here, status="checking")
    menu = {item["url"]: item for group in navigation.menu(user, "queue") for item in group["items"]}
    waiting = {url: (item["count"], item["late"]) for url, item in menu.items() if item["count"]}
    assert waiting == {"/queue/": (4, True), "/second-approvals/": (1, False), "/batches/": (1, False)}
    assert [url for url, item in menu.items() if item["current"]] == ["/queue/"]
    assert others.pk != own.pk
    page = signed_in(user).get("/preferences/").content.decode()
    assert '<span class="n hot">4<span class="vh"> some are late</span></span>' in page


def test_the_frame_costs_three_queries() -> None:
    user = people.person(roles.SUPERVISOR)
    user = User.objects.get(pk=user.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        navigation.menu(user, "queue")
    assert len(queries) == 3, "grants, entities, all counters"


def test_title_and_ribbon_name_the_environment(settings: object, client: Client) -> None:
    settings.RIBBON = "Test data"  # type: ignore[attr-defined]
    page = client.get("/account/login/").content.decode()
    assert "<title>[Test data] Sign in · backoffice</title>" in page
    assert '<p class="ribbon">Test data</p>' in page
    settings.RIBBON = ""  # type: ignore[attr-defined]
    assert "ribbon" not in client.get("/account/login/").content.decode()


def test_one_heading_landmarks_and_no_inline_style_or_script() -> None:
    page = signed_in(people.person(roles.SUPERVISOR)).get("/preferences/").content.decode()
    assert page.count("<h1") == 1
    for landmark in ("<header", "<nav", "<main", "<footer", 'class="skip" href="#main"'):
        assert landmark in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|javascript:", page)


# Language and preferences


def test_language_changes_and_the_page_with_its_filters_stays() -> None:
    user = people.person(roles.OPERATOR)
    client = signed_in(user)
    page = client.get("/preferences/?tab=look&q=a b").content.decode()
    assert '<html lang="en"' in page
    assert 'name="next" value="/preferences/?tab=look&amp;q=a%20b"' in page
    answer = client.post("/preferences/language/", {"language": "fr", "next": "/preferences/?tab=look"})
    assert answer["Location"] == "/preferences/?tab=look"
    assert '<html lang="fr"' in client.get("/preferences/").content.decode()
    assert User.objects.get(pk=user.pk).language == "fr"
    client.post("/account/logout/")
    assert '<html lang="fr"' in client.get("/account/login/").content.decode(), "the cookie keeps it"


@pytest.mark.parametrize(("chosen", "after"), [("fr", "fr"), ("xx", "en"), ("", "en")])
def test_someone_unknown_chooses_the_language_too(client: Client, chosen: str, after: str) -> None:
    assert client.post("/preferences/language/", {"language": chosen, "next": "//evil.example/"})["Location"] == "/"
    assert f'<html lang="{after}"' in client.get("/account/login/").content.decode()


def test_the_browser_says_the_language_until_someone_does(client: Client) -> None:
    answer = client.get("/account/login/", headers={"Accept-Language": "fr-CA,fr;q=0.9"})
    assert answer["Content-Language"] == "fr"
    assert "Accept-Language" in answer["Vary"]


def test_preferences_are_kept_and_shown() -> None:
    user = people.person(roles.OPERATOR)
    client = signed_in(user)
    chosen = {"language": "fr", "time_zone": "Mars/Olympus", "theme": "dark", "density": "comfortable"}
    refused = client.post("/preferences/", chosen)
    assert refused.status_code == 422
    assert "Time zone</a>: Select a valid choice." in refused.content.decode()
    chosen["time_zone"] = "America/Toronto"
    assert client.post("/preferences/", chosen)["Location"] == "/preferences/"
    user.refresh_from_db()
    assert (user.language, user.time_zone, user.theme, user.density, user.shortcuts) == (
        "fr",
        "America/Toronto",
        "dark",
        "comfortable",
        False,
    )
    page = client.get("/preferences/").content.decode()
    assert '<html lang="fr" data-theme="dark" data-density="comfortable">' in page
    assert 'data-shortcuts="off"' in page


def test_moments_are_read_in_the_readers_time_zone() -> None:
    stage = people.bank_branch()
    payment = people.payment(stage, received_at=timezone.now().replace(hour=1, minute=30))
    user = people.person(roles.OPERATOR, time_zone="Asia/Tokyo")
    page = signed_in(user).get(f"/payments/{payment.pk}/").content.decode()
    assert "10:30" in page


# Refusals


@pytest.fixture
def refusing(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.web.refusing"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("right", 403, "You do not have the right “manage users and their rights” here."),
        ("there", 404, "There is no such object, or it belongs to an entity you cannot see."),
        ("conflict", 409, "Someone changed this meanwhile: you read version 3, it is now version 4."),
        ("business", 400, "“&lt;b&gt;12,x&lt;/b&gt;” is not an amount."),
        ("redis", 503, "A part of the service does not answer."),
    ],
)
def test_a_refusal_is_a_page_and_for_a_part_of_one_a_message(kind: str, status: int, said: str) -> None:
    client = signed_in(people.person(roles.SUPERVISOR))
    page = client.get(f"/refuse/{kind}/")
    assert page.status_code == status
    assert said in page.content.decode()
    assert page.content.decode().count("<h1") == 1
    part = client.get(f"/refuse/{kind}/", headers={"HX-Request": "true"})
    assert part.status_code == status
    assert said in part.content.decode()
    assert "<html" not in part.content.decode()
    assert (part["HX-Retarget"], part["HX-Reswap"]) == ("#toasts", "beforeend")


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(
    ("kind", "said", "raw"),
    [
        ("told", "The books refuse this: Hand over to somebody else than yourself.", "hand_over_to_another"),
        ("untold", "The books refuse this: it does not fit what they hold. Nothing was changed.", "undo_seconds"),
        ("trigger", "The books refuse this: it does not fit what they hold. Nothing was changed.", "another entity"),
    ],
)
def test_what_the_database_refuses_is_a_page_without_its_words(kind: str, said: str, raw: str) -> None:
    stage = people.bank_branch()
    boss = people.person(roles.SUPERVISOR)
    people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    BankChannel.objects.create(
        entity=stage.entity, kind="folder", name="x", salt=b"x" * 32, out_folder="out", created_by=boss, waits=True,
        is_active=False,
    )  # fmt: skip
    client = signed_in(boss)
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(f"/refuse/{kind}/", headers=headers)
        text = page.content.decode()
        assert (page.status_code, said in text, raw in text) == (409, True, False)
    boss.language = "fr"
    boss.save()
    french = client.get(f"/refuse/{kind}/").content.decode()
    assert "La comptabilité refuse cette opération" in french
    assert said not in french


def test_a_foreign_host_is_refused_not_failed() -> None:
    for path in ("/account/login/", "/", "/queue/", "/nowhere/", "/api/v1/payments"):
        for host in ("evil.example", "a b", "testserver:x"):
            referer = "https://evil.example/x"
            answer = Client(raise_request_exception=False).get(path, headers={"Host": host, "Referer": referer})
            assert answer.status_code == 400, (path, host)
            assert b"evil.example" not in answer.content


@pytest.mark.usefixtures("refusing")
def test_a_missing_right_names_the_roles_and_the_people_to_ask() -> None:
    stage, other = people.bank_branch(), people.bank_branch("OTHER", iban="")
    people.person(roles.ADMINISTRATOR, name="Amina Benali", entity=stage.entity)
    people.person(roles.ADMINISTRATOR, name="Someone Elsewhere", entity=other.entity)
    page = signed_in(people.person(roles.OPERATOR, entity=stage.entity)).get("/refuse/right/").content.decode()
    assert "<dd>Administrator</dd>" in page
    assert "<dd>Amina Benali</dd>" in page
    assert "Someone Elsewhere" not in page
    assert "Nothing was changed." in page


@pytest.mark.usefixtures("refusing")
def test_a_refused_form_goes_back_with_its_sentence() -> None:
    client = signed_in(people.person(roles.OPERATOR))
    came_from = "http://testserver/preferences/?tab=look"
    answer = client.post("/refuse/business/", headers={"Referer": came_from})
    assert answer["Location"] == "/preferences/?tab=look"
    assert "is not an amount." in client.get("/preferences/").content.decode()
    elsewhere = client.post("/refuse/business/", headers={"Referer": "https://evil.example/x"})
    assert elsewhere["Location"] == "/"


@pytest.mark.usefixtures("refusing")
def test_a_fault_has_a_reference_and_needs_no_style_sheet() -> None:
    client = signed_in(people.person(roles.OPERATOR, language="en"), raise_request_exception=False)
    answer = client.get("/refuse/fault/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert re.search(r"<code>[0-9a-f]{8}</code>", page)
    assert "a fault" not in page
    assert "stylesheet" not in page
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


def test_what_is_not_there_offers_a_search_for_its_words(client: Client) -> None:
    inside = signed_in(people.person(roles.OPERATOR)).get("/payment/PAY-2026-118842/")
    assert inside.status_code == 404
    assert 'name="q" value="PAY-2026-118842"' in inside.content.decode()
    outside = client.get("/payment/PAY-2026-118842/")
    assert outside.status_code == 404
    assert 'name="q"' not in outside.content.decode()


def test_the_api_keeps_its_own_answers() -> None:
    answer = signed_in(people.person(roles.LOGISTICS)).get("/api/v1/users")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("refusing")
def test_after_the_session_ended(client: Client) -> None:
    assert client.get("/queue/", headers={"HX-Request": "true"}).status_code == 401
    sent = client.post("/queue/take/", headers={"Referer": "http://testserver/queue/?view=mine"})
    assert sent["Location"] == "/account/login/?next=%2Fqueue%2F%3Fview%3Dmine"
    assert client.get("/open-form/").content == b"taken"


def test_a_stale_form_says_so() -> None:
    client = signed_in(people.person(roles.OPERATOR), enforce_csrf_checks=True)
    answer = client.post("/preferences/language/", {"language": "fr"})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()
    part = client.post("/preferences/language/", {"language": "fr"}, headers={"HX-Request": "true"})
    assert "The form was too old." in part.content.decode()


@pytest.mark.parametrize("address", ["/account/login/", "/nothing/here/", "/static/nothing.css"])
def test_every_answer_carries_the_policy(client: Client, address: str) -> None:
    policy = client.get(address)["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("query", "current"),
    [("", "/payments/"), ("?view=todo", "/queue/"), ("?view=second", "/second-approvals/"), ("?view=", "/payments/")],
)
def test_a_payment_of_a_view_stays_under_it_in_the_navigation(query: str, current: str) -> None:
    stage = people.bank_branch()
    client = signed_in(people.person(roles.OPERATOR, entity=stage.entity))
    page = client.get(f"/payments/{people.payment(stage).pk}/{query}").content.decode()
    side = page[page.index('id="side"') : page.index("</nav>")]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', side) == [current]
