"""Files for the bank on screen: what waits, preparing, sending once, taking the XML, confirming the settlement."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from lxml import etree

from backoffice.people import roles
from backoffice.people.models import Entity
from documents.models import AuditRecord
from tests.people import Stage, bank_branch, open_balance, payment, person
from tests.web.desk import signed_in
from transactions import ledger
from transactions.models import OutgoingFile, Payment, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    made = bank_branch(balance="0")
    with transaction.atomic():
        open_balance(made.customer, "1000.00", made.bank)
    return made


@pytest.fixture
def posted(stage: Stage) -> list[Payment]:
    """Two payments posted and in no file yet: 150.25 and 49.75."""
    made = [payment(stage, amount=amount, status="approved") for amount in ("150.25", "49.75")]
    ids = [row.pk for row in made]
    with transaction.atomic():
        assert ledger.reserve(ids) == {}
        assert ledger.post(ids) == {}
    return made


def supervisor(stage: Stage) -> Client:
    return signed_in(person(roles.SUPERVISOR, entity=stage.entity, name="Marion Durand"))


def prepared(stage: Stage, client: Client) -> OutgoingFile:
    answer = client.post(f"/outgoing/prepare/{stage.customer.pk}/")
    made = OutgoingFile.objects.get()
    assert answer.headers["Location"] == f"/outgoing/{made.pk}/"
    return made


def statuses(payments: list[Payment]) -> list[str]:
    return [PaymentState.objects.get(pk=row.pk).status for row in payments]


def test_what_waits_is_shown_by_account_and_day_with_its_sum(stage: Stage, posted: list[Payment]) -> None:
    page = supervisor(stage).get("/outgoing/")
    [due] = page.context["waiting"]
    assert (due.account, due.count, due.sum) == (stage.customer, 2, Decimal("200.00"))
    text = page.content.decode()
    assert "€200.00" in text
    assert "Prepare now" in text
    assert (
        "Prepare now" not in signed_in(person(roles.OPERATOR, entity=stage.entity)).get("/outgoing/").content.decode()
    )


def test_a_file_is_prepared_taken_sent_and_settled(stage: Stage, posted: list[Payment]) -> None:
    client = supervisor(stage)
    made = prepared(stage, client)
    page = client.get(f"/outgoing/{made.pk}/")
    assert (made.payment_count, made.control_sum) == (2, Decimal("200.00"))
    assert page.context["agrees"] is True
    assert "Send to the bank" in page.content.decode()
    assert "Confirm the settlement" not in page.content.decode()
    for row in posted:
        assert f'href="/payments/{row.pk}/"' in page.content.decode()

    answer = client.get(f"/outgoing/{made.pk}/file/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{made.message_id}.xml"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    document = etree.fromstring(b"".join(answer.streaming_content))
    assert document.findtext(".//{*}GrpHdr/{*}MsgId") == made.message_id
    assert Decimal(document.findtext(".//{*}GrpHdr/{*}CtrlSum") or "") == Decimal("200.00")
    assert AuditRecord.objects.filter(action="outgoing.downloaded", subject_id=made.pk).count() == 1

    client.post(f"/outgoing/{made.pk}/send/")
    made.refresh_from_db()
    assert (made.status, made.sent_by and made.sent_by.full_name) == ("sent", "Marion Durand")
    assert statuses(posted) == ["sent", "sent"]
    page = client.get(f"/outgoing/{made.pk}/").content.decode()
    assert "Send to the bank" not in page
    assert "Confirm the settlement" in page

    client.post(f"/outgoing/{made.pk}/confirm/", {"value_date": timezone.localdate().isoformat()})
    made.refresh_from_db()
    assert made.status == "settled"
    assert statuses(posted) == ["settled", "settled"]
    assert "Confirm the settlement" not in client.get(f"/outgoing/{made.pk}/").content.decode()
    assert ledger.audit() == []


def test_a_file_is_never_sent_twice(stage: Stage, posted: list[Payment]) -> None:
    client = supervisor(stage)
    made = prepared(stage, client)
    client.post(f"/outgoing/{made.pk}/send/")
    first = OutgoingFile.objects.get().sent_at
    client.post(f"/outgoing/{made.pk}/send/")
    assert OutgoingFile.objects.get().sent_at == first
    assert AuditRecord.objects.filter(action="outgoing.sent", subject_id=made.pk).count() == 1


def test_preparing_what_does_not_wait_says_so(stage: Stage) -> None:
    answer = supervisor(stage).post(f"/outgoing/prepare/{stage.customer.pk}/", follow=True)
    assert "Nothing of BANK-CUST waits to go in a file." in answer.content.decode()
    assert not OutgoingFile.objects.exists()


def test_without_a_value_date_nothing_is_confirmed(stage: Stage, posted: list[Payment]) -> None:
    client = supervisor(stage)
    made = prepared(stage, client)
    client.post(f"/outgoing/{made.pk}/send/")
    answer = client.post(f"/outgoing/{made.pk}/confirm/", {"value_date": "2026-13-45"}, follow=True)
    assert "Give the value date as the bank gave it." in answer.content.decode()
    assert statuses(posted) == ["sent", "sent"]


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.AUDITOR, roles.LOGISTICS, roles.ADMINISTRATOR, None])
def test_who_may_not_send_moves_nothing(stage: Stage, posted: list[Payment], role: str | None) -> None:
    made = prepared(stage, supervisor(stage))
    client, before = signed_in(person(role)), AuditRecord.objects.count()
    today = timezone.localdate().isoformat()
    answers = [
        client.post(f"/outgoing/prepare/{stage.customer.pk}/"),
        client.post(f"/outgoing/{made.pk}/send/"),
        client.post(f"/outgoing/{made.pk}/confirm/", {"value_date": today}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    sees = role in {roles.OPERATOR, roles.AUDITOR}
    assert client.get(f"/outgoing/{made.pk}/").status_code == (200 if sees else 403)
    assert AuditRecord.objects.count() == before
    assert OutgoingFile.objects.get().status == "prepared"
    assert statuses(posted) == ["posted", "posted"]


def test_anothers_file_is_not_there(stage: Stage, posted: list[Payment]) -> None:
    made = prepared(stage, supervisor(stage))
    stranger = signed_in(person(roles.SUPERVISOR, entity=Entity.objects.create(code="E", name="E")))
    today = timezone.localdate().isoformat()
    answers = [
        stranger.get(f"/outgoing/{made.pk}/"),
        stranger.get(f"/outgoing/{made.pk}/file/"),
        stranger.post(f"/outgoing/{made.pk}/send/"),
        stranger.post(f"/outgoing/{made.pk}/confirm/", {"value_date": today}),
        stranger.post(f"/outgoing/prepare/{stage.customer.pk}/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert stranger.get("/outgoing/").context["page"].items == []
    assert OutgoingFile.objects.get().status == "prepared"


def test_the_list_is_filtered_and_its_queries_do_not_grow(stage: Stage, django_assert_num_queries: Any) -> None:
    client = supervisor(stage)
    client.get("/outgoing/")
    for number in range(3):
        with django_assert_num_queries(LIST_QUERIES):
            client.get("/outgoing/")
        OutgoingFile.objects.create(
            entity=stage.entity,
            account=stage.customer,
            message_id=f"OUT-{number}",
            execution_date=timezone.localdate() + timedelta(days=1),
            currency="EUR",
            prepared_at=timezone.now(),
        )
    assert len(client.get("/outgoing/?status=prepared").context["page"].items) == 3
    assert client.get("/outgoing/?status=sent").context["page"].items == []
    assert "No file matches" in client.get("/outgoing/?status=sent").content.decode()


# Session, person, rights, counters, entities; a page of files, what waits.
LIST_QUERIES = 9
