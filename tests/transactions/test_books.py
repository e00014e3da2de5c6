"""What the database refuses in the books, from the owner of its tables too: nobody is above the balance."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.common import sql
from tests import people
from tests.database import as_owner
from transactions.models import AccountBalance

pytestmark = pytest.mark.django_db

Line = tuple[int, str, str, str]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# An entry with as many lines as it should have, and its lines (line, account, side, amount), all in EUR.
WHOLE: list[tuple[int, list[Line]]] = [
    (2, [(1, "customer", "D", "10.00"), (2, "transit", "C", "10.00")]),
    (3, [(1, "customer", "D", "10.00"), (2, "transit", "C", "7.50"), (3, "bank", "C", "2.50")]),
    (4, [(1, "customer", "D", "1"), (2, "transit", "C", "1"), (3, "customer", "D", "2"), (4, "transit", "C", "2")]),
]
WRONG: dict[str, tuple[int, list[Line]]] = {
    "debits are not credits": (2, [(1, "customer", "D", "10.00"), (2, "transit", "C", "10.01")]),
    "two debits": (2, [(1, "customer", "D", "10.00"), (2, "transit", "D", "10.00")]),
    "two credits": (2, [(1, "customer", "C", "10.00"), (2, "transit", "C", "10.00")]),
    "the first line alone": (2, [(1, "customer", "D", "10.00")]),
    "the second line alone": (2, [(2, "transit", "C", "10.00")]),
    "a line too few": (3, [(1, "customer", "D", "10.00"), (2, "transit", "C", "10.00")]),
    "a line too many": (2, [(1, "customer", "D", "5"), (2, "transit", "C", "4"), (3, "bank", "C", "1")]),
    "three that do not balance": (3, [(1, "customer", "D", "5"), (2, "transit", "C", "4"), (3, "bank", "C", "2")]),
    "a gap in the lines": (2, [(1, "customer", "D", "10.00"), (3, "transit", "C", "10.00")]),
}


def write(stage: people.Stage, *entries: tuple[int, list[Line]], first: int = 1) -> dict[str, Decimal]:
    """Entries with their lines, each kind of row by one statement; the balances after them. Undone."""
    accounts = {"customer": stage.customer.pk, "transit": stage.transit.pk, "bank": stage.bank.pk}
    keys = [10_000 + n for n in range(len(entries))]
    lines = [
        (key, line, accounts[account], side, amount)
        for key, (_count, legs) in zip(keys, entries, strict=True)
        for line, account, side, amount in legs
    ]
    with transaction.atomic():
        as_owner(
            """with entries as (
                insert into transactions_journalentry
                    (id, entity_id, kind, label, booking_date, value_date, created_at, posting_count)
                select key, %s, 'manual', '', %s, %s, %s, count from unnest(%s, %s::smallint[]) as e (key, count))
            insert into transactions_posting
                (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
            select key, line, account, side, amount, 'EUR', 0, %s
            from unnest(%s, %s::smallint[], %s, %s, %s::numeric[]) as p (key, line, account, side, amount)""",
            [
                stage.entity.pk, NOW, NOW, NOW, keys, [count for count, _lines in entries], NOW,
                *(list(column) for column in zip(*lines, strict=True)),
            ],
        )  # fmt: skip
        found = dict(sql.rows("select account_id, balance from transactions_accountbalance"))
        transaction.set_rollback(True)
    return {name: found[key] for name, key in accounts.items()}


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch(balance="0")
    people.open_balance(account=stage.customer, amount="100.00", contra=stage.bank)
    return stage


def test_whole_entries_are_kept_and_move_the_balances(stage: people.Stage) -> None:
    assert write(stage, WHOLE[0]) == {"customer": Decimal(90), "transit": Decimal(10), "bank": Decimal(100)}
    assert write(stage, WHOLE[1]) == {"customer": Decimal(90), "transit": Decimal("7.5"), "bank": Decimal("97.5")}
    assert write(stage, *WHOLE) == {"customer": Decimal(77), "transit": Decimal("20.5"), "bank": Decimal("97.5")}
    assert AccountBalance.objects.get(account=stage.customer).balance == 100, "undone"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("beside", [[], WHOLE[:1], WHOLE], ids=["alone", "beside short ones", "beside long ones"])
def test_an_entry_that_is_not_whole_is_refused(
    stage: people.Stage, wrong: tuple[int, list[Line]], beside: list[tuple[int, list[Line]]]
) -> None:
    with pytest.raises(IntegrityError, match="does not balance, or is not complete"), transaction.atomic():
        write(stage, *beside, wrong)
    assert AccountBalance.objects.get(account=stage.customer).balance == 100


def test_an_entry_without_postings_is_refused(stage: people.Stage) -> None:
    with pytest.raises(IntegrityError, match="has no postings"):
        as_owner(
            "insert into transactions_journalentry"
            " (entity_id, kind, label, booking_date, value_date, created_at, posting_count)"
            " values (%s, 'manual', '', now(), now(), now(), 2)",
            [stage.entity.pk],
        )


def test_lines_are_not_added_to_an_entry_afterwards(stage: people.Stage) -> None:
    with pytest.raises(IntegrityError, match="does not balance, or is not complete"):
        as_owner(
            "insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after,"
            " created_at) select entry_id, line + 2, account_id, side, amount, currency, 0, now()"
            " from transactions_posting"
        )


def test_a_posting_is_in_the_currency_of_its_account(stage: people.Stage) -> None:
    dollars = people.account(stage.entity, "USD", "customer", "C", currency="USD")
    wrong = people.Stage(stage.entity, dollars, stage.bank, stage.transit, stage.source)
    with pytest.raises(IntegrityError, match="in its currency"):
        write(wrong, WHOLE[0])


@pytest.mark.parametrize("table", ["transactions_journalentry", "transactions_posting"])
@pytest.mark.parametrize("change", ["update {} set created_at = now()", "delete from {}", "truncate {} cascade"])
def test_what_is_written_stays(stage: people.Stage, table: str, change: str) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        as_owner(change.format(table))
