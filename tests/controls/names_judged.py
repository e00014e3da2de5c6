"""Payments whose names others judged: a bank that was asked about the payee, a list that has somebody alike."""

from collections.abc import Callable
from typing import Any

from controls.models import PayeeVerification, PaymentVerification
from tests import people
from tests.controls import listed
from tests.controls.scene import NOON, Scene
from transactions.models import Payment

Make = Callable[[Scene], Payment]


def verified(outcome: str, *, name: str = "", code: str = "", **fields: Any) -> Make:
    """Somebody was asked about the payee, and answered so."""

    def make(scene: Scene) -> Payment:
        payment = scene.payment(**fields)
        made = PayeeVerification.objects.create(
            entity=scene.stage.entity, account_number=payment.creditor_number, name=payment.creditor_name,
            outcome=outcome, suggested_name=name, code=code, source="service", asked_at=NOON,
            answered_at=None if code else NOON,
        )  # fmt: skip
        PaymentVerification.objects.create(payment=payment, verification=made, linked_at=NOON)
        return payment

    return make


def alike_to_a(kind: str, name: str) -> Make:
    """A payment to someone of this name, screened against a list of the kind that has Vasil Draganov Korbalski."""

    def make(scene: Scene) -> Payment:
        supervisor = people.person("supervisor", entity=scene.stage.entity)
        listed.loaded(supervisor, entity=scene.stage.entity, kind=kind)
        return scene.payment(creditor_name=name)

    return make
