"""Screens of statements and reconciliation, with something on each of them."""

from datetime import timedelta

from django.utils import timezone

from backoffice.people.models import User
from controls.models import Break, ReconciledDay
from controls.reconciliation import breaks, days
from tests import database
from tests.controls.reconciliation import desk_scene
from transactions.models import Account, Statement

NAME = "512-DESK"


def account() -> int:
    """An account at a bank of the demo with a statement of a week ago: open on both sides, its day signed."""
    known = Account.objects.filter(code=NAME).first()
    if known is not None:
        return int(known.pk)
    other = Account.objects.filter(entity__code="ODET", kind="bank", currency="EUR").earliest("pk")
    made = Account.objects.create(
        entity=other.entity, code=NAME, name="Banque de Cornouaille", kind="bank", normal_side="D", currency="EUR",
        other_number="00098765432",
    )  # fmt: skip
    database.as_owner(
        "insert into transactions_accountbalance (account_id, balance, held) values (%s, 0, 0)", [made.pk]
    )
    database.as_owner("update transactions_accountbalance set floor = null where account_id = %s", [made.pk])
    contra = Account.objects.filter(entity=other.entity, kind="transit", currency="EUR").earliest("pk")
    day = timezone.localdate() - timedelta(days=7)
    texts = [("500.00", "COOP VALLEE VERTE F-9921"), ("-12.40", "FRAIS DE TENUE"), ("18204.16", "GARAGE TROIS PONTS")]
    desk_scene.statement(made, texts, day=day)
    for amount, label in (("500.00", "COOP VALLEE VERTE"), ("-11042.77", "ENERGIE BRESLE")):
        database.as_owner(
            "select book_entry(%s, %s, %s, %s, %s, %s)",
            [made.pk, contra.pk, amount.lstrip("-"), not amount.startswith("-"), label, day],
        )
    desk_scene.draw(made)
    breaks.look([made.pk])
    return int(made.pk)


def _person(name: str) -> User:
    return User.objects.get(email__startswith=name)


def day() -> tuple[int, str]:
    return account(), (timezone.localdate() - timedelta(days=7)).isoformat()


def sign_off() -> int:
    key, of = day()
    known = ReconciledDay.objects.filter(account=key).first()
    if known is None:
        known = days.prepare(
            actor=_person("sarah.collins"), account_id=key, day=timezone.localdate() - timedelta(days=7), remark=of
        )
    return int(known.pk)


def statement() -> int:
    return int(Statement.objects.filter(account=account()).earliest("pk").pk)


def one_break() -> int:
    return int(Break.objects.filter(account=account(), line__isnull=False).earliest("pk").pk)
