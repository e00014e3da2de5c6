"""The demo: believable, in balance, found out by the checks, and made once."""

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from schwifty import IBAN

from backoffice import local
from backoffice.common import sql
from backoffice.demo import DOMAIN, PASSWORD
from backoffice.demo.today import INBOX
from backoffice.people import roles
from backoffice.people.models import Entity, Grant, User
from documents import attachments
from documents.models import Attachment
from transactions.intake.check import check
from transactions.models import Account, BankDetails, IntakeProblem, Payee, Payment, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)
CAUGHT = {
    "ADDRESS", "CREDITOR-IBAN", "DATE-CLOSED", "DUPLICATE-FILE", "DUPLICATE-OTHER", "FIRST-PAYMENT", "FUNDS",
    "HOLDER-UNLIKE", "INCOMING-ACCOUNT", "NUMBER-UNLIKE", "SPLIT", "UNUSUAL-AMOUNT", "VOP-CLOSE", "VOP-NO-MATCH",
    "VOP-NOT-POSSIBLE",
}  # fmt: skip


def as_owner(*words: str) -> str:
    out = io.StringIO()
    connection.close()
    connection.settings_dict["USER"] = local.OWNER
    try:
        call_command(*words, stdout=out)
    finally:
        connection.close()
        connection.settings_dict["USER"] = settings.APPLICATION_ROLE
    return out.getvalue()


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.STATE_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "attachments"


def test_the_demo_is_whole() -> None:
    as_owner("seed_demo")
    before = _counts()
    assert "nothing was changed" in as_owner("seed_demo")
    assert _counts() == before
    _people_can_sign_in()
    _history_is_believable()
    _books_balance()
    _checks_caught()
    _what_comes_in()
    _files_wait()


def _counts() -> list[int]:
    return [model.objects.count() for model in (User, Payee, Payment, PaymentBatch, Attachment)]


def _people_can_sign_in() -> None:
    assert set(Grant.objects.values_list("role", flat=True)) == set(roles.ROLES)
    for user in User.objects.all():
        assert user.email.endswith(f"@{DOMAIN}")
    assert Client().login(email=f"anne.le-goff@{DOMAIN}", password=PASSWORD)


def _history_is_believable() -> None:
    assert Payee.objects.count() == 200
    assert Entity.objects.count() == 2
    assert Payment.objects.count() > 3000
    assert BankDetails.objects.exclude(valid_to=None).count() >= 15
    for number in BankDetails.objects.values_list("account_number", flat=True):
        IBAN(number, validate_bban=True)
    for account in Account.objects.exclude(iban=""):
        IBAN(account.iban, validate_bban=True)
    oldest = Payment.objects.earliest("received_at").received_at
    assert timezone.now() - oldest > timedelta(days=350)
    statuses = set(PaymentState.objects.values_list("status", flat=True))
    assert {"checked", "validated", "posted", "sent", "settled", "rejected", "returned"} <= statuses
    late = sql.rows("select count(*) from documents_auditrecord where occurred_at > now()")
    assert late == [(0,)]
    out_of_order = sql.rows(
        "select count(*) from (select occurred_at, lag(occurred_at) over (partition by subject_type, subject_id "
        "order by id) as former from documents_auditrecord) x where former > occurred_at"
    )
    assert out_of_order == [(0,)]
    stored = Attachment.objects.earliest("pk")
    assert b"pain.001.001.09" in attachments.read(stored)
    path = settings.MEDIA_ROOT / attachments.path(stored.sha256)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def _books_balance() -> None:
    assert sql.rows("select sum(case side when 'D' then amount else -amount end) from transactions_posting") == [
        (Decimal(0),)
    ]
    wrong = sql.rows(
        """
        select a.code from transactions_account a join transactions_accountbalance b on b.account_id = a.id
        left join lateral (select balance_after from transactions_posting p where p.account_id = a.id
                           order by p.created_at desc, p.id desc limit 1) last on true
        where b.balance <> coalesce(last.balance_after, 0)
        """
    )
    assert wrong == []
    below = sql.rows(
        "select count(*) from transactions_posting p join transactions_accountbalance b using (account_id) "
        "where p.balance_after < b.floor"
    )
    assert below == [(0,)]
    own = sql.rows(
        "select count(*) from transactions_paymentapproval s join transactions_payment p on p.id = s.payment_id "
        "where p.maker_id = s.person_id"
    )
    assert own == [(0,)]


def _checks_caught() -> None:
    found = sql.rows(
        "select distinct r.code from controls_ruleresult x join controls_ruleversion v on v.id = x.version_id "
        "join controls_rule r on r.id = v.rule_id"
    )
    assert {row[0] for row in found} >= CAUGHT
    assert PaymentState.objects.filter(status="checked", outcome="pass").count() > 20
    assert IntakeProblem.objects.filter(field="amount", value="n.c.").count() == 1


def _what_comes_in() -> None:
    """Credited, in suspense and held; captured, paid out and owed; a refund that waits."""
    rows = sql.rows(
        "select p.kind, s.status from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id "
        "where p.kind in ('incoming', 'card', 'refund') group by 1, 2 order by 1, 2"
    )
    assert rows == [
        ("card", "posted"), ("card", "settled"), ("incoming", "checked"), ("incoming", "posted"),
        ("incoming", "settled"), ("refund", "checked"),
    ]  # fmt: skip


def _files_wait() -> None:
    inbox = settings.STATE_DIR / INBOX
    told = {path.name: check(path.read_bytes(), path.name) for path in inbox.iterdir()}
    assert set(told) == {"a-importer-10047.xml", "a-importer-salaires.csv", "tronque.xml"}
    assert told["a-importer-10047.xml"].clean
    assert told["a-importer-salaires.csv"].clean
    assert not told["tronque.xml"].clean


def test_data_of_ones_own_are_left_alone() -> None:
    Entity.objects.create(code="MINE", name="Mine")
    with pytest.raises(CommandError, match="data of its own"):
        as_owner("seed_demo")
    assert Entity.objects.count() == 1
    assert not User.objects.exists()
