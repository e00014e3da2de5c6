"""Webhooks on the screen: registered, the secret shown once, the log, sending again."""

import re
from typing import Any

import pytest
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from backoffice.webhooks import signing
from backoffice.webhooks.models import Delivery, Endpoint, Event
from documents.models import AuditRecord
from tests.people import Stage, bank_branch, person
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db
OUTSIDE = "https://93.184.215.14/events"


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def administrator(stage: Stage) -> User:
    return person(roles.ADMINISTRATOR, entity=stage.entity)


def endpoint(stage: Stage, owner: User, **fields: Any) -> Endpoint:
    return Endpoint.objects.create(
        entity=stage.entity, name="ERP", url=OUTSIDE, salt=b"s" * 32, created_by=owner, **fields
    )  # fmt: skip


def sent(made: Endpoint, status: str = "given_up") -> Delivery:
    now = timezone.now()
    event = Event.objects.create(
        record_id=Event.objects.count() + 1, entity=made.entity, type="payment.held", subject_type="payment",
        subject_id=7, occurred_at=now, body='{"of":7}',
    )  # fmt: skip
    return Delivery.objects.create(endpoint=made, event=event, status=status, created_at=now, next_at=now)


def test_the_secret_is_shown_once(stage: Stage, administrator: User) -> None:
    client = signed_in(administrator)
    answer = client.post("/webhooks/", {"entity": "BANK", "name": "ERP", "url": OUTSIDE, "events": ["payment.held"]})
    secret = re.search(r"bowh_[\w-]{40,}", answer.content.decode())
    assert secret
    assert "no-store" in answer.headers["Cache-Control"]
    made = Endpoint.objects.get()
    assert (made.url, made.events, made.created_by) == (OUTSIDE, ["payment.held"], administrator)
    assert signing.secret(bytes(made.salt)) == secret[0]
    for page in ("/webhooks/", f"/webhooks/{made.pk}/"):
        assert secret[0] not in client.get(page).content.decode()
    assert AuditRecord.objects.filter(action="webhook.registered", subject_id=made.pk).count() == 1
    assert secret[0] not in AuditRecord.objects.get(action="webhook.registered").data


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://localhost/", "http://93.184.215.14/", "nothing"])
def test_an_address_inside_is_refused_at_its_field(stage: Stage, administrator: User, url: str) -> None:
    answer = signed_in(administrator).post("/webhooks/", {"entity": "BANK", "name": "ERP", "url": url})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"url"}
    assert not Endpoint.objects.exists()


def test_the_log_and_sending_again(stage: Stage, administrator: User) -> None:
    made = endpoint(stage, administrator)
    failed = sent(made)
    client = signed_in(administrator)
    page = client.get(f"/webhooks/{made.pk}/", {"status": "given_up"}).content.decode()
    assert f"/webhooks/{made.pk}/deliveries/{failed.pk}/" in page
    assert "Nothing here." in client.get(f"/webhooks/{made.pk}/", {"status": "done"}).content.decode()
    assert "&quot;of&quot;:7" in client.get(f"/webhooks/{made.pk}/deliveries/{failed.pk}/").content.decode()
    answer = client.post(f"/webhooks/{made.pk}/replay/", {"delivery": failed.pk}, follow=True)
    assert "1 event is sent again." in answer.content.decode()
    again = Delivery.objects.latest("pk")
    assert (again.replay_of, again.event, again.status) == (failed, failed.event, "pending")


def test_a_span_is_sent_again_and_a_bad_one_is_told(stage: Stage, administrator: User) -> None:
    made = endpoint(stage, administrator, status="paused")
    for status in ("given_up", "done", "given_up"):
        sent(made, status)
    client, day = signed_in(administrator), timezone.localtime()
    span = {"since": f"{day:%Y-%m-%d}T00:00", "until": f"{day.year + 1}-01-01T00:00", "failed_only": "on"}
    client.post(f"/webhooks/{made.pk}/replay/", span)
    assert Delivery.objects.filter(replay_of__isnull=False).count() == 2
    assert client.post(f"/webhooks/{made.pk}/replay/", {"since": "x"}).status_code == 422


def test_pause_resume_rotate_retire(stage: Stage, administrator: User) -> None:
    made = endpoint(stage, administrator)
    client = signed_in(administrator)
    for verb, status in (("pause", "paused"), ("resume", "active"), ("retire", "retired")):
        assert client.post(f"/webhooks/{made.pk}/{verb}/").status_code == 302
        made.refresh_from_db()
        assert made.status == status
    assert "This webhook was retired." in client.post(f"/webhooks/{made.pk}/resume/", follow=True).content.decode()
    made.refresh_from_db()
    assert made.status == "retired"


def test_a_new_secret_is_shown_once_and_both_count(stage: Stage, administrator: User) -> None:
    made = endpoint(stage, administrator)
    answer = signed_in(administrator).post(f"/webhooks/{made.pk}/rotate/")
    secret = re.search(r"bowh_[\w-]{40,}", answer.content.decode())
    made.refresh_from_db()
    assert secret
    assert signing.secrets_of(made, timezone.now()) == [secret[0], signing.secret(b"s" * 32)]
