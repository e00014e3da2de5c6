"""Users, roles and limits: an administrator gives the least right that lets someone work, never to themselves."""

import re
import tracemalloc
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.people import access, roles, services, tokens
from backoffice.people.models import ApiToken, Entity, Grant, Limit, User
from controls import changes, widenings
from controls.models import ChangeRequest, ChangeSignature
from documents.models import AuditRecord
from tests import database
from tests.api.client import Program
from tests.people import bank_branch, grant, person

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def acts(user: User) -> list[tuple[str, dict[str, object], int | None]]:
    rows = AuditRecord.objects.filter(subject_type="user", subject_id=user.pk).order_by("id")
    return [(row.action, row.details, row.actor_id) for row in rows]


def granted(one: User, second: User, user: User, role: str, entity: Entity | None) -> None:
    """A role asked for by one person and signed by another."""
    asked = widenings.ask_grant(actor=one, user_id=user.pk, role=role, entity=entity)
    assert asked is not None
    changes.sign(actor=second, request_id=asked.pk)


@pytest.fixture
def administrator() -> User:
    return person(roles.ADMINISTRATOR, name="Amina Benali")


def test_an_administrator_adds_a_person_who_is_sent_a_link_and_can_do_nothing_yet(administrator: User) -> None:
    answer = signed_in(administrator).post(
        "/users/new/", {"full_name": "Léa  Martin", "email": "Lea.Martin@Example.org", "language": "fr"}
    )
    made = User.objects.get(email="lea.martin@example.org")
    assert answer.headers["Location"] == f"/users/{made.pk}/"
    assert (made.full_name, made.language, made.has_usable_password()) == ("Léa Martin", "fr", False)
    assert access.rights(made) == frozenset()
    assert acts(made) == [
        (
            "user.created",
            {"email": "lea.martin@example.org", "full_name": "Léa Martin", "machine": False},
            administrator.pk,
        )
    ]
    assert [message.to for message in mail.outbox] == [["lea.martin@example.org"]]
    assert "/account/password/reset/key/" in mail.outbox[0].body


def test_a_program_is_sent_nothing(administrator: User) -> None:
    signed_in(administrator).post(
        "/users/new/", {"full_name": "ERP", "email": "erp@example.org", "language": "en", "machine": "on"}
    )
    assert User.objects.get(email="erp@example.org").is_machine is True
    assert mail.outbox == []


def test_an_address_that_is_taken_is_said_beside_the_field(administrator: User) -> None:
    answer = signed_in(administrator).post(
        "/users/new/", {"full_name": "Twin", "email": administrator.email.upper(), "language": "en"}
    )
    assert answer.status_code == 422
    assert f"Someone with the address {administrator.email} has an account already." in answer.content.decode()
    assert User.objects.count() == 1


def test_a_role_is_given_in_one_entity_and_taken_back(administrator: User) -> None:
    stage = bank_branch()
    someone = person(None, limit=None)
    client = signed_in(administrator)
    client.post(f"/users/{someone.pk}/roles/", {"role": "logistics", "entity": "BANK"})
    given = Grant.objects.get(user=someone)
    assert (given.role, given.entity, given.granted_by) == ("logistics", stage.entity, administrator)
    assert access.entity_ids(User.objects.get(pk=someone.pk), "dashboard.view") == [stage.entity.pk]

    client.post(f"/users/{someone.pk}/roles/{given.pk}/take-back/")
    assert access.rights(User.objects.get(pk=someone.pk)) == frozenset()
    assert acts(someone) == [
        ("user.granted", {"entity": "BANK", "role": "logistics"}, administrator.pk),
        ("user.revoked", {"entity": "BANK", "role": "logistics"}, administrator.pk),
    ]
    assert Grant.history.filter(user=someone).count() == 2


def test_the_same_role_twice_is_refused_beside_the_form(administrator: User) -> None:
    someone = person(roles.AUDITOR)
    answer = signed_in(administrator).post(f"/users/{someone.pk}/roles/", {"role": "auditor", "entity": "*"})
    assert answer.status_code == 422
    assert f"{someone.full_name} has this role here already." in answer.content.decode()
    assert Grant.objects.filter(user=someone).count() == 1


def test_a_limit_is_set_changed_and_taken_away(administrator: User) -> None:
    """What widens it waits for a second administrator; what narrows it takes effect at once."""
    someone, second = person(limit=None), signed_in(person(roles.ADMINISTRATOR, limit=None))
    client = signed_in(administrator)
    for amount in ("50 000,00", "75000", "75000", ""):
        answer = client.post(f"/users/{someone.pk}/limits/", {"act": "approve", "currency": "eur", "amount": amount})
        assert answer.status_code == 302
        asked = ChangeRequest.objects.filter(status="waiting").first()
        if asked:
            assert client.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
            assert second.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    assert ChangeRequest.objects.filter(status="approved").count() == 2
    assert not Limit.objects.filter(user=someone).exists()
    assert [details for action, details, _actor in acts(someone) if action == "user.limited"] == [
        {"act": "approve", "currency": "EUR", "before": None, "after": "50000.00"},
        {"act": "approve", "currency": "EUR", "before": "50000.00", "after": "75000.00"},
        {"act": "approve", "currency": "EUR", "before": "75000.00", "after": None},
    ]


@pytest.mark.parametrize("name", ["amount", "day_amount"])
@pytest.mark.parametrize("typed", ["1e200000000", "1e-200000000", "-1e200000000", "NaN", "Infinity"])
def test_a_few_characters_do_not_fill_the_memory(administrator: User, name: str, typed: str) -> None:
    """Written out, the first is a text of two hundred megabytes."""
    someone = person(limit=None)
    given = {"act": "approve", "currency": "EUR", "amount": "10", name: typed}
    client = signed_in(administrator)
    tracemalloc.start()
    answer = client.post(f"/users/{someone.pk}/limits/", given)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, most < 50_000_000) == (422, True)
    assert not ChangeRequest.objects.exists()


def choose_password(address: str, password: str) -> Client:
    """By the link that was sent last, then signed in."""
    link = re.findall(r"https?://[^/\s]+(/account/password/reset/key/\S+)", str(mail.outbox[-1].body))[0]
    client = Client()
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})
    assert client.post("/account/login/", {"login": address, "password": password}).status_code == 302
    return client


def test_one_administrator_alone_lets_nobody_make_or_sign_payments() -> None:
    """Accounts of their own making are no second person, however they sign in."""
    stage = bank_branch()
    alone = person(roles.ADMINISTRATOR, limit=None, name="Only One")
    desk, puppets = signed_in(alone), {}
    for name, role in (("other", "administrator"), ("maker", "operator"), ("checker", "supervisor")):
        address = f"me+{name}@example.org"
        desk.post("/users/new/", {"full_name": name, "email": address, "language": "en"})
        puppets[name] = choose_password(address, f"puppet of {name} 9")
        made = User.objects.get(email=address)
        assert made.created_by == alone
        answer = desk.post(f"/users/{made.pk}/roles/", {"role": role, "entity": "*"}, follow=True)
        assert "The role waits for a second person." in answer.content.decode()
        assert access.rights(made) == frozenset()
    asked = list(ChangeRequest.objects.order_by("pk"))
    assert [(one.subject_type, one.change["role"]) for one in asked] == [
        ("grant", "administrator"), ("grant", "operator"), ("grant", "supervisor"),
    ]  # fmt: skip
    for client in (desk, *puppets.values()):
        for one in asked:
            assert client.post(f"/changes/{one.pk}/decide/", {"decision": "approve"}).status_code in {403, 404, 409}
    assert Grant.objects.exclude(user=alone).count() == 0

    theirs = signed_in(person(roles.ADMINISTRATOR, limit=None))
    page = theirs.get("/users/").content.decode()
    assert "other (me+other@example.org, account made by Only One) has the role “Administrator” in all entities" in page
    assert "validate a payment" in page
    assert theirs.post(f"/changes/{asked[0].pk}/decide/", {"decision": "approve"}).status_code == 302
    # Once let in by two, it signs nothing that its maker asks for, and its maker nothing that it asks for.
    refused = puppets["other"].post(f"/changes/{asked[2].pk}/decide/", {"decision": "approve"})
    assert refused.status_code == 409
    assert "A person who is independent of both must approve it." in refused.content.decode()
    clerk = person(roles.OPERATOR, entity=stage.entity, limit=None)
    puppets["other"].post(f"/users/{clerk.pk}/limits/", {"act": "approve", "currency": "EUR", "amount": "999"})
    limit = ChangeRequest.objects.get(subject_type="limit")
    assert desk.post(f"/changes/{limit.pk}/decide/", {"decision": "approve"}).status_code == 409
    with pytest.raises(DatabaseError, match="other than the one who asked"), transaction.atomic():
        ChangeSignature.objects.create(request=limit, place=1, person=alone)
    assert theirs.post(f"/changes/{limit.pk}/decide/", {"decision": "approve"}).status_code == 302
    assert Limit.objects.get().amount == 999


def test_a_role_takes_effect_when_a_second_person_signs_it_and_is_taken_back_by_one(administrator: User) -> None:
    stage = bank_branch()
    someone, second = person(None, limit=None), person(roles.ADMINISTRATOR)
    client = signed_in(administrator)
    form = {"role": "operator", "entity": "BANK"}
    client.post(f"/users/{someone.pk}/roles/", form)
    twice = client.post(f"/users/{someone.pk}/roles/", form)
    assert (twice.status_code, ChangeRequest.objects.count()) == (422, 1)
    page = client.get(f"/users/{someone.pk}/").content.decode()
    assert "waits for a second person" in page
    assert "You asked for it: another person approves." in page
    [asked] = Program(second).get("/changes", subject="grant", status="waiting").json()["items"]
    assert (asked["change"]["role"], asked["change"]["entity"], asked["subject_id"]) == ("operator", "BANK", someone.pk)
    assert Program(second).post(f"/changes/{asked['id']}/approve", {}).json()["status"] == "approved"
    given = Grant.objects.get(user=someone)
    assert (given.role, given.entity, given.granted_by) == ("operator", stage.entity, administrator)
    client.post(f"/users/{someone.pk}/roles/{given.pk}/take-back/")
    assert not Grant.objects.filter(user=someone).exists()
    client.post(f"/users/{someone.pk}/roles/", form)
    waiting = ChangeRequest.objects.get(status="waiting")
    signed_in(second).post(f"/changes/{waiting.pk}/decide/", {"decision": "refuse", "reason": "Not hired"})
    assert (ChangeRequest.objects.get(pk=waiting.pk).status, Grant.objects.filter(user=someone).count()) == (
        "refused",
        0,
    )


@pytest.mark.parametrize(
    ("held", "where", "asked", "refused"),
    [
        ("operator", "BANK", "administrator", True),
        ("supervisor", "BANK", "administrator", True),
        ("administrator", None, "operator", True),
        ("administrator", "BANK", "supervisor", True),
        ("operator", "OTHER", "administrator", False),
        ("auditor", "BANK", "administrator", False),
        ("administrator", "BANK", "auditor", False),
    ],
)
def test_nobody_lets_others_in_and_makes_or_signs_payments(
    administrator: User, held: str, where: str | None, asked: str, refused: bool
) -> None:
    branches = (bank_branch(), bank_branch("OTHER", iban="FR7630006000011234567890189"))
    places = {made.entity.code: made.entity for made in branches}
    someone = person(None, limit=None)
    grant(someone, held, places[where] if where else None)
    answer = signed_in(administrator).post(f"/users/{someone.pk}/roles/", {"role": asked, "entity": "BANK"})
    assert (answer.status_code == 422, ChangeRequest.objects.exists()) == (refused, not refused)
    assert ("make or sign payments in the same entity" in answer.content.decode()) == refused


def test_the_database_lets_no_role_and_no_token_of_a_program_in_unsigned(administrator: User) -> None:
    stage, someone, second = bank_branch(), person(None, limit=None), person(roles.ADMINISTRATOR)
    machine = person(roles.OPERATOR, limit=None, is_machine=True)

    def refused(why: str, act: Callable[..., object], **named: object) -> None:
        with pytest.raises(DatabaseError, match=why), transaction.atomic():
            act(**named)

    unsigned = "given when another has signed"
    for role in ("operator", "auditor"):
        refused(unsigned, Grant.objects.create, user=someone, role=role)
    refused("permission denied", Grant.objects.filter(user=machine).update, role="supervisor")
    asked = widenings.ask_grant(actor=administrator, user_id=someone.pk, role="operator", entity=stage.entity)
    assert asked is not None
    ChangeSignature.objects.create(request=asked, place=1, person=second)
    row = {"user": someone, "role": "operator", "entity": stage.entity, "granted_by": administrator}
    for other in ({"role": "supervisor"}, {"entity": None}, {"user": machine}, {"granted_by": second}):
        refused(unsigned, Grant.objects.create, **{**row, **other})
    Grant.objects.create(**row)
    clashing = widenings.ask_grant(actor=administrator, user_id=someone.pk, role="auditor", entity=stage.entity)
    assert clashing is not None
    ChangeRequest.objects.filter(pk=clashing.pk).update(status="refused", decided_by=second)
    clashing = ChangeRequest.objects.create(
        subject_type="grant", subject_id=someone.pk, entity=stage.entity, change={"role": "administrator"},
        places=asked.places, asked_by=administrator,
    )  # fmt: skip
    ChangeSignature.objects.create(request=clashing, place=1, person=second)
    refused("Nobody lets others in", Grant.objects.create, **{**row, "role": "administrator"})

    unsigned = "works when two people"
    token, _secret = tokens.issue(user=machine, name="ERP", scopes=["payment.create"], actor=administrator)
    looking, _secret = tokens.issue(user=machine, name="Looks", scopes=["payment.view"], actor=administrator)
    assert (token.waits, looking.waits) == (True, False)
    refused(unsigned, ApiToken.objects.filter(pk=token.pk).update, waits=False)
    refused(unsigned, ApiToken.objects.filter(pk=looking.pk).update, scopes=["iban.view"])
    refused(
        unsigned, ApiToken.objects.create, user=machine, name="x", digest=b"x" * 32, created_by=administrator,
        expires_at=timezone.now(), scopes=["payment.return"],
    )  # fmt: skip


def test_nobody_approves_the_widening_of_their_own_limit(administrator: User) -> None:
    someone = person(roles.ADMINISTRATOR, limit=None)
    asked_by = signed_in(administrator)
    asked_by.post(f"/users/{someone.pk}/limits/", {"act": "approve", "currency": "EUR", "amount": "5000000"})
    asked = ChangeRequest.objects.get()
    theirs = signed_in(someone)
    refused = theirs.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"})
    assert refused.status_code == 409
    assert "This change is about your own rights. Another person must approve it." in refused.content.decode()
    by_program = Program(someone).post(f"/changes/{asked.pk}/approve", {})
    assert (by_program.status_code, by_program.json()["code"]) == (422, "change.about_oneself")
    with pytest.raises(DatabaseError, match="the one whom it is about"), transaction.atomic():
        ChangeSignature.objects.create(request=asked, place=1, person=someone)
    assert ChangeRequest.objects.get().status == "waiting"
    assert not Limit.objects.filter(user=someone).exists()
    third = signed_in(person(roles.ADMINISTRATOR, limit=None))
    assert third.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    assert Limit.objects.get(user=someone).amount == 5_000_000


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("many", "“many” is not an amount."),
        ("-1", "The amount must be above zero, not -1."),
        ("1.005", "1.005 has more than the 2 decimals of EUR."),
        ("1e200000000", "“1e200000000” is not an amount."),
        ("1e-200000000", "“1e-200000000” is not an amount."),
        ("9" * 100_000, "is not an amount."),
    ],
)
def test_what_is_no_limit_is_said(administrator: User, amount: str, said: str) -> None:
    someone = person(limit=None)
    answer = signed_in(administrator).post(
        f"/users/{someone.pk}/limits/", {"act": "validate", "currency": "EUR", "amount": amount}
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Limit.objects.filter(user=someone).exists()


def test_a_closed_account_ends_its_sessions_at_once_and_keeps_the_reason(administrator: User) -> None:
    someone = person(roles.AUDITOR)
    theirs = signed_in(someone)
    assert theirs.get("/users/").status_code == 200
    client = signed_in(administrator)
    client.post(f"/users/{someone.pk}/active/", {"active": "0", "reason": " "})
    assert User.objects.get(pk=someone.pk).is_active, "without a reason nothing happens"
    client.post(f"/users/{someone.pk}/active/", {"active": "0", "reason": "left on 30 November"})
    assert not User.objects.get(pk=someone.pk).is_active
    assert theirs.get("/users/").status_code == 302
    client.post(f"/users/{someone.pk}/active/", {"active": "1"})
    assert theirs.get("/users/").status_code == 200
    record = AuditRecord.objects.get(action="user.deactivated")
    assert (record.subject_id, record.reason) == (someone.pk, "left on 30 November")


def test_nobody_changes_their_own_rights(administrator: User) -> None:
    person(roles.ADMINISTRATOR)
    client, own = signed_in(administrator), Grant.objects.get(user=administrator)
    refused = [
        client.post(f"/users/{administrator.pk}/roles/", {"role": "supervisor", "entity": "*"}),
        client.post(f"/users/{administrator.pk}/roles/{own.pk}/take-back/"),
        client.post(f"/users/{administrator.pk}/limits/", {"act": "approve", "currency": "EUR", "amount": "9"}),
        client.post(f"/users/{administrator.pk}/active/", {"active": "0", "reason": "x"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403]
    page = client.get(f"/users/{administrator.pk}/").content.decode()
    assert "Nobody changes their own rights." in page
    assert "Give the role" not in page
    assert acts(administrator) == []
    assert list(Grant.objects.filter(user=administrator)) == [own]


def test_the_last_administrator_stays(administrator: User) -> None:
    local = person(roles.ADMINISTRATOR, entity=Entity.objects.create(code="E", name="E"))
    given = Grant.objects.get(user=local)
    closed = person(roles.ADMINISTRATOR, is_active=False)
    database.update(Grant.objects.filter(user=administrator), role=roles.SUPERVISOR)
    administrator = User.objects.get(pk=administrator.pk)
    # As if the right had been there when the request began: the act looks at the grants that are left, under lock.
    administrator._grant_pairs = [(roles.ADMINISTRATOR, None)]  # type: ignore[attr-defined]
    for act in (
        lambda: services.revoke(actor=administrator, user_id=local.pk, grant_id=given.pk),
        lambda: services.set_active(actor=administrator, user_id=local.pk, active=False, reason="left"),
    ):
        with pytest.raises(BusinessError) as refused:
            act()
        assert refused.value.code == "user.last_administrator"
    services.set_active(actor=administrator, user_id=closed.pk, active=True)
    services.revoke(actor=administrator, user_id=local.pk, grant_id=given.pk)
    assert not Grant.objects.filter(user=local).exists()


def test_an_administrator_of_one_entity_stays_inside_it() -> None:
    here, there = bank_branch("HERE"), bank_branch("THERE", iban="FR7630006000011234567890189")
    local = person(roles.ADMINISTRATOR, entity=here.entity)
    colleague = person(roles.OPERATOR, entity=here.entity)
    stranger = person(roles.OPERATOR, entity=there.entity)
    both = person(roles.OPERATOR, entity=here.entity)
    grant(both, roles.AUDITOR, there.entity)
    client = signed_in(local)

    listed = client.get("/users/").content.decode()
    assert colleague.full_name in listed
    assert stranger.full_name not in listed
    assert client.get(f"/users/{stranger.pk}/").status_code == 404
    assert client.post(f"/users/{stranger.pk}/roles/", {"role": "operator", "entity": "HERE"}).status_code == 404
    everywhere = client.post(f"/users/{colleague.pk}/roles/", {"role": "operator", "entity": "*"})
    elsewhere = client.post(f"/users/{colleague.pk}/roles/", {"role": "operator", "entity": "THERE"})
    assert (everywhere.status_code, elsewhere.status_code) == (422, 422)
    assert client.post(f"/users/{both.pk}/active/", {"active": "0", "reason": "x"}).status_code == 403
    assert User.objects.get(pk=both.pk).is_active
    assert Grant.objects.filter(user=colleague).count() == 1
    assert client.post(f"/users/{colleague.pk}/roles/", {"role": "auditor", "entity": "HERE"}).status_code == 302


def test_what_someone_may_do_in_other_entities_is_not_shown(administrator: User) -> None:
    """Not on their page, not in the list, not in their history, by screen and by program alike."""
    here, there = bank_branch("HERE"), bank_branch("THERE", iban="FR7630006000011234567890189")
    both = person(roles.OPERATOR, entity=here.entity)
    second = person(roles.ADMINISTRATOR)
    granted(administrator, second, both, "supervisor", there.entity)
    granted(administrator, second, both, "auditor", here.entity)
    auditor, everywhere = person(roles.AUDITOR, entity=here.entity), person(roles.AUDITOR)
    pages = {
        user: "".join(signed_in(user).get(path).content.decode() for path in ("/users/", f"/users/{both.pk}/"))
        for user in (auditor, everywhere)
    }
    assert "confirm settlement" not in pages[auditor]
    assert "confirm settlement" in pages[everywhere]
    assert "THERE" not in pages[auditor]
    assert there.entity.name not in pages[auditor]
    assert "THERE" in pages[everywhere]
    entities = {
        user: {
            record["data"].get("entity")
            for record in Program(user).get("/audit-records", subject_type="user", subject=both.pk).json()["items"]
            if record["action"] == "user.granted"
        }
        for user in (auditor, everywhere)
    }
    assert entities == {auditor: {"HERE"}, everywhere: {"HERE", "THERE"}}
    assert [grant["entity"] for grant in Program(auditor).get(f"/users/{both.pk}").json()["grants"]] == [
        here.entity.pk, here.entity.pk,
    ]  # fmt: skip


@pytest.mark.parametrize("role", [None, roles.OPERATOR, roles.SUPERVISOR, roles.LOGISTICS, roles.AUDITOR])
def test_other_roles_move_nothing(role: str | None, administrator: User) -> None:
    entity = Entity.objects.create(code="E", name="E")
    victim = person(roles.OPERATOR, entity=entity)
    given = Grant.objects.get(user=victim)
    client = signed_in(person(role))
    before = (User.objects.count(), Grant.objects.count(), Limit.objects.count(), AuditRecord.objects.count())
    answers = [
        client.get("/users/new/"),
        client.post("/users/new/", {"full_name": "X", "email": "x@example.org", "language": "en"}),
        client.post(f"/users/{victim.pk}/roles/", {"role": "administrator", "entity": "*"}),
        client.post(f"/users/{victim.pk}/roles/{given.pk}/take-back/"),
        client.post(f"/users/{victim.pk}/limits/", {"act": "approve", "currency": "EUR", "amount": "1"}),
        client.post(f"/users/{victim.pk}/active/", {"active": "0", "reason": "x"}),
        client.post(f"/users/{victim.pk}/link/"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 7
    assert before == (User.objects.count(), Grant.objects.count(), Limit.objects.count(), AuditRecord.objects.count())
    assert client.get("/users/").status_code == (200 if role == roles.AUDITOR else 403)
    assert mail.outbox == []


def test_the_list_says_roles_and_limits_and_asks_as_many_queries_for_one_as_for_forty(
    administrator: User, django_assert_num_queries: object
) -> None:
    stage = bank_branch()
    sarah = person(roles.OPERATOR, entity=stage.entity, name="Sarah Cohen", limit="50000")
    client = signed_in(administrator)
    client.get("/users/")
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        page = client.get("/users/").content.decode()
    assert "Sarah Cohen" in page
    assert "€50,000.00" in page
    for number in range(40):
        person(roles.AUDITOR, entity=stage.entity, name=f"Auditor {number}")
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        client.get("/users/")
    assert sarah.full_name in client.get("/users/?q=sarah").content.decode()
    assert sarah.full_name not in client.get("/users/?role=auditor").content.decode()


def test_the_page_of_a_person_says_their_rights_in_words(administrator: User) -> None:
    stage = bank_branch()
    someone = person(roles.OPERATOR, entity=stage.entity, limit="1234.5")
    page = signed_in(administrator).get(f"/users/{someone.pk}/").content.decode()
    assert "validate a payment" in page
    assert "€1,234.50" in page
    assert "confirm settlement" not in page


# Session, person, rights, one page of people, their roles, their limits, the count; entities, and changes that wait
# here and, counted, elsewhere.
QUERIES = 10


def test_money_is_decimal_in_limits(administrator: User) -> None:
    someone = person(limit=None)
    signed_in(administrator).post(
        f"/users/{someone.pk}/limits/", {"act": "validate", "currency": "JPY", "amount": "1 000"}
    )
    changes.sign(actor=person(roles.ADMINISTRATOR, limit=None), request_id=ChangeRequest.objects.get().pk)
    assert Limit.objects.get(user=someone).amount == Decimal(1000)
