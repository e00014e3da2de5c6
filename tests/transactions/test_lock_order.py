"""Transfers and debits in one call lock their balances by ascending key: two such calls never wait in a circle."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import OperationalError, connection, connections, transaction

from backoffice.common import sql
from tests import people
from tests.database import as_owner
from transactions import ledger
from transactions.models import Account, Collection, Payment, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)
BALANCE = "select 1 from transactions_accountbalance where account_id ="


@dataclass
class Mixed:
    """A debit collected for one account and a transfer from another, whose numbers are all higher."""

    debit: Payment
    transfer: Payment
    low: Account
    high: Account
    high_transit: Account

    @property
    def ids(self) -> list[int]:
        return [self.transfer.pk, self.debit.pk]


@pytest.fixture
def mixed() -> Mixed:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "1000.00", stage.bank)
    debit = people.payment(
        stage, kind="debit", status="approved", debtor_account=None, creditor_account=stage.customer
    )  # fmt: skip
    Collection.objects.create(
        payment=debit, entity=stage.entity, creditor_scheme_id="FR72ZZZ123456", creditor_id_valid=True,
        mandate_reference="M-1", signed_on=date(2026, 1, 10), sequence="RCUR", scheme="CORE",
    )  # fmt: skip
    bank = people.account(stage.entity, "NOSTRO-2", "bank", "D", floor=None)
    transit = people.account(stage.entity, "TRANSIT-2", "transit", "C", floor=None)
    payer = people.account(stage.entity, "PAYER", "customer", "C", counterpart=bank, transit=transit)
    people.open_balance(payer, "1000.00", bank)
    assert payer.pk > transit.pk > bank.pk > stage.customer.pk
    transfer = people.payment(stage, status="approved", debtor_account=payer)
    return Mixed(debit, transfer, stage.customer, payer, transit)


@contextmanager
def held(account: Account) -> Iterator[None]:
    """Another act holds this account's balance meanwhile."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select tests_as_owner(%s)", [f"{BALANCE} {account.pk} for update"])
        yield
    finally:
        other.rollback()
        other.close()


def is_locked(account: Account) -> bool:
    try:
        with transaction.atomic():
            as_owner(f"{BALANCE} {account.pk} for update nowait")
    except OperationalError:
        return True
    return False


def locked_while_waiting(act: Callable[[], object], waits_for: Account, then: Account) -> bool:
    """Whether ``act``, which waits for one balance, already holds another."""

    def run() -> None:
        try:
            with transaction.atomic():
                act()
        finally:
            connections.close_all()

    with held(waits_for):
        thread = threading.Thread(target=run)
        thread.start()
        for _try in range(400):
            waiting = sql.rows(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )[0][0]
            if waiting or not thread.is_alive():
                break
            thread.join(0.01)
        assert waiting == 1, "it never waited"
        found = is_locked(then)
    thread.join(20)
    assert not thread.is_alive()
    return found


def reserve(mixed: Mixed) -> None:
    with transaction.atomic():
        assert ledger.reserve(mixed.ids) == {}


def test_a_debit_is_cleared_without_any_balance(mixed: Mixed) -> None:
    with held(mixed.low), transaction.atomic():
        sql.run("set local lock_timeout = '2s'")
        assert ledger.reserve(mixed.ids) == {}


def test_posting_and_settling_take_the_lower_balance_first(mixed: Mixed) -> None:
    reserve(mixed)
    assert not locked_while_waiting(lambda: ledger.post(mixed.ids), mixed.low, mixed.high)
    for account in (mixed.low, mixed.high):
        people.to_bank(account)
    assert not locked_while_waiting(lambda: ledger.settle(mixed.ids), mixed.low, mixed.high_transit)
    assert dict(PaymentState.objects.values_list("pk", "status")) == dict.fromkeys(mixed.ids, "settled")
    assert ledger.audit() == []
