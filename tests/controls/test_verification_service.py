"""The verification service of an entity: whom it asks is signed by two people, and held by the database."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.people import roles
from controls.models import ChangeRequest, PayeeVerification, PaymentVerification, VerificationService
from controls.verification import registry, simulator
from tests import database, people
from tests.controls import scene as scenes
from tests.controls.scene import OTHER_IBAN, Scene
from tests.controls.verifying import TOKEN, answered, check, use
from tests.web.desk import signed_in
from transactions.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def test_two_people_say_whom_an_entity_asks(scene: Scene, server: simulator.Server) -> None:
    entity = scene.stage.entity
    one, other = (people.person(roles.ADMINISTRATOR, entity=entity, limit=None) for _number in range(2))
    sent = {"url": server.url, "valid_hours": "12", "token": TOKEN}
    assert signed_in(one).post(f"/verification/{entity.pk}/", sent).status_code == 302
    kept, asked = VerificationService.objects.get(), ChangeRequest.objects.get()
    assert (kept.waits, kept.is_active, kept.valid_hours) == (True, False, 12)
    assert TOKEN.encode() not in bytes(kept.secret or b"")
    assert "token" not in asked.change
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None)
    check(payment)
    assert (server.asked, answered(payment)) == ([], None)
    signed_in(one).post(f"/verification/{entity.pk}/switch/", {"on": "1"})
    assert signed_in(one).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    kept.refresh_from_db()
    assert (kept.waits, kept.is_active) == (True, False)
    page = signed_in(other).get(f"/verification/{entity.pk}/").content.decode()
    assert "an answer counts for 12 hours" in page
    assert signed_in(other).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    kept.refresh_from_db()
    assert (kept.waits, kept.is_active) == (False, True)
    later = scene.payment(creditor_number=OTHER_IBAN, payee=None, amount="77")
    check(later)
    assert answered(later) == ("MTCH", "", "service", "")
    # Another address, token or number of hours waits again; off is at once.
    signed_in(one).post(f"/verification/{entity.pk}/", {**sent, "token": "", "valid_hours": "13"})
    kept.refresh_from_db()
    assert (kept.waits, kept.is_active) == (True, False)
    moved = signed_in(one).post(f"/verification/{entity.pk}/", {**sent, "token": "", "url": server.url + "2"})
    assert (moved.status_code, "once more" in moved.content.decode()) == (422, True)


def test_the_database_holds_the_signature_and_the_answers(scene: Scene, server: simulator.Server) -> None:
    kept = use(scene.stage.entity, server)
    kept.waits = True
    with pytest.raises(IntegrityError, match="signed by another"), transaction.atomic():
        VerificationService.objects.filter(pk=kept.pk).update(url="https://elsewhere.example/")
    with pytest.raises(IntegrityError, match="signed by another"), transaction.atomic():
        VerificationService.objects.filter(pk=kept.pk).update(valid_hours=168)
    payment = scene.payment(creditor_name="Global Trade Partners")
    check(payment)
    for rows, change in (
        (PayeeVerification.objects.all(), {"outcome": "MTCH"}), (PaymentVerification.objects.all(), {"payment_id": 1}),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
            database.update(rows, **change)
    with pytest.raises(IntegrityError, match="verification_answered_or_not_possible"), transaction.atomic():
        PayeeVerification.objects.create(
            entity=scene.stage.entity, account_number=OTHER_IBAN, name="A", outcome="MTCH", source="service",
            asked_at=timezone.now(),
        )  # fmt: skip


def test_an_address_inside_the_house_is_refused(scene: Scene) -> None:
    keeper = people.person(roles.ADMINISTRATOR, entity=scene.stage.entity, limit=None)
    for url, code in (
        ("http://10.0.0.7/v", "verification.address_bad"), ("https://10.0.0.7/v", "verification.address_inside"),
        ("simulator:", "verification.address_bad"), ("https://93.184.215.14/v?q=1", "verification.address_bad"),
    ):  # fmt: skip
        with pytest.raises(BusinessError) as caught:
            registry.put(actor=keeper, entity=scene.stage.entity, url=url, valid_hours=24, token=TOKEN)
        assert caught.value.code == code
    assert VerificationService.objects.count() == 0


def test_the_simulator_inside_the_product_is_for_trials(scene: Scene, settings: Any) -> None:
    settings.VERIFICATION_SIMULATOR = True
    keeper = people.person(roles.ADMINISTRATOR, entity=scene.stage.entity, limit=None)
    made = registry.put(actor=keeper, entity=scene.stage.entity, url="simulator:", valid_hours=24)
    database.update(VerificationService.objects.filter(pk=made.pk), waits=False, is_active=True)
    fields = {"creditor_number": OTHER_IBAN, "payee": None}
    close, slow = (scene.payment(creditor_name=name, **fields) for name in ("Granits Presque", "Lent"))
    check(close, slow)
    assert answered(close) == ("CMTC", "Granits", "service", "")
    assert answered(slow) == ("NOAP", "", "service", "verification.too_slow")
    settings.VERIFICATION_SIMULATOR = False
    later = scene.payment(creditor_name="Le Goff", **fields)
    check(later)
    assert answered(later) == ("NOAP", "", "service", "verification.address_bad")
    assert Account.objects.filter(entity=scene.stage.entity).exists()
