"""Accounts on screen: balances, statements as of any moment, entries, trial balance, opening and blocking."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import roles
from backoffice.people.models import Entity
from controls import widenings
from controls.models import ChangeRequest, ChangeSignature
from documents.models import AuditRecord
from tests import database
from tests.people import Stage, account, bank_branch, open_balance, payment, person, to_bank
from tests.web.desk import signed_in
from transactions import ledger, ledger_queries
from transactions.models import Account, AccountBalance, JournalEntry, Payment, Posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    """A branch whose customer has 1,000.00, brought in by an entry against the nostro."""
    made = bank_branch(balance="0")
    with transaction.atomic():
        open_balance(made.customer, "1000.00", made.bank)
    return made


def posted(stage: Stage, amount: str) -> Payment:
    made = payment(stage, amount=amount, status="approved")
    with transaction.atomic():
        assert ledger.reserve([made.pk]) == {}
        assert ledger.post([made.pk]) == {}
    return made


def test_the_list_shows_balance_reserved_and_available(stage: Stage) -> None:
    made = payment(stage, amount="250.00", status="validated", approvals_given=0)
    with transaction.atomic():
        ledger.reserve([made.pk])
    page = signed_in(person(roles.OPERATOR, entity=stage.entity)).get("/accounts/")
    rows = {row.code: row.balance_row for row in page.context["page"].items}
    assert (rows["BANK-CUST"].balance, rows["BANK-CUST"].held, rows["BANK-CUST"].available) == (1000, 250, 750)
    text = page.content.decode()
    for said in ("€1,000.00", "€250.00", "€750.00", "FR14 2004 1010 0505 0001 3M02 606", "3 accounts"):
        assert said in text


def test_kinds_without_an_account_are_no_tabs(stage: Stage) -> None:
    elsewhere = bank_branch("OTHER", iban="FR7630006000011234567890189")
    account(elsewhere.entity, "OTHER-FEES", "income", "C")
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity))

    def tabs(query: str = "") -> list[str]:
        return [str(tab.label) for tab in client.get(f"/accounts/{query}").context["tabs"]]

    assert tabs() == ["All", "Customer account", "Own account at a bank", "In transit"]
    assert tabs("?kind=income") == ["All", "Customer account", "Own account at a bank", "In transit", "Income"]


def test_the_list_is_filtered_by_kind_words_and_iban_with_spaces(stage: Stage) -> None:
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))

    def codes(query: str) -> list[str]:
        return [row.code for row in client.get(f"/accounts/?{query}").context["page"].items]

    assert codes("kind=customer") == ["BANK-CUST"]
    assert codes("q=nostro") == ["BANK-NOSTRO"]
    assert codes("q=FR14 2004 1010") == ["BANK-CUST"]
    assert codes("status=blocked") == []
    assert "No account matches" in client.get("/accounts/?status=blocked").content.decode()


def test_a_statement_tells_each_posting_with_the_balance_after_it(stage: Stage) -> None:
    first, second = posted(stage, "150.25"), posted(stage, "49.75")
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))
    page = client.get(f"/accounts/{stage.customer.pk}/")
    rows = [(row.side, row.amount, row.balance_after) for row in page.context["page"].items]
    assert rows == [
        ("D", Decimal("49.75"), Decimal("800.00")),
        ("D", Decimal("150.25"), Decimal("849.75")),
        ("C", Decimal("1000.00"), Decimal("1000.00")),
    ]
    assert page.context["statement"].balance == Decimal("800.00")
    text = page.content.decode()
    for made in (first, second):
        entry = JournalEntry.objects.get(payment=made)
        assert f'href="/ledger/{entry.pk}/"' in text
        assert f'href="/payments/{made.pk}/"' in text


def test_the_past_is_shown_as_it_was_and_cannot_be_acted_on(stage: Stage) -> None:
    posted(stage, "150.00")
    between = timezone.now()
    posted(stage, "50.00")
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    address = f"/accounts/{stage.customer.pk}/"
    then = client.get(address, {"as_of": between.isoformat()})
    assert then.context["statement"].balance == Decimal("850.00")
    assert [row.amount for row in then.context["page"].items] == [Decimal("150.00"), Decimal("1000.00")]
    text = then.content.decode()
    assert "The past is read only." in text
    assert "Block the account" not in text
    assert "Block the account" in client.get(address).content.decode()
    before = client.get(address, {"as_of": (timezone.localtime() - timedelta(days=2)).date().isoformat()})
    assert (before.context["statement"].balance, before.context["page"].items) == (0, [])
    today = client.get(address, {"as_of": timezone.localdate().isoformat()})
    assert today.context["statement"].balance == Decimal("800.00")
    wrong = client.get(address, {"as_of": "yesterday"})
    assert "“yesterday” is not a date or a moment." in wrong.content.decode()
    assert wrong.context["statement"].balance == Decimal("800.00")


def test_a_statement_pages_by_keyset_with_the_same_queries(stage: Stage, django_assert_num_queries: Any) -> None:
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))
    address = f"/accounts/{stage.customer.pk}/"
    with django_assert_num_queries(STATEMENT_QUERIES):
        client.get(address)
    made = [payment(stage, amount="1.00", status="approved").pk for _ in range(60)]
    with transaction.atomic():
        ledger.reserve(made)
        ledger.post(made)
    with django_assert_num_queries(STATEMENT_QUERIES):
        page = client.get(address)
    assert len(page.context["page"].items) == 50
    assert page.context["page"].items[0].balance_after == Decimal("940.00")
    older = client.get(address, {"cursor": page.context["page"].next})
    assert [row.balance_after for row in older.context["page"].items][-2:] == [Decimal("999.00"), Decimal("1000.00")]
    assert len(older.context["page"].items) == 11
    # A cursor of one account is refused on another.
    assert client.get(f"/accounts/{stage.bank.pk}/", {"cursor": page.context["page"].next}).status_code == 400


def test_an_entry_shows_its_sides_balanced_and_its_reversal(stage: Stage) -> None:
    made = posted(stage, "150.00")
    entry = JournalEntry.objects.get(payment=made, kind="posting")
    client = signed_in(person(roles.AUDITOR))
    page = client.get(f"/ledger/{entry.pk}/")
    found = page.context["found"]
    assert [(row.side, row.amount, row.account_id) for row in found.postings] == [
        ("D", Decimal("150.00"), stage.customer.pk),
        ("C", Decimal("150.00"), stage.transit.pk),
    ]
    assert found.sums == {"EUR": (Decimal("150.00"), Decimal("150.00"))}
    assert "Balanced" in page.content.decode()
    with transaction.atomic():
        to_bank(stage.customer)
        assert ledger.settle([made.pk]) == {}
        assert ledger.reverse([made.pk], None, "AC04") == {}
    reversal = JournalEntry.objects.get(reverses=entry)
    assert f'href="/ledger/{reversal.pk}/"' in client.get(f"/ledger/{entry.pk}/").content.decode()
    assert f'href="/ledger/{entry.pk}/"' in client.get(f"/ledger/{reversal.pk}/").content.decode()


def test_the_trial_balance_balances_now_and_as_of_any_moment(stage: Stage) -> None:
    before = timezone.now()
    posted(stage, "150.00")
    client = signed_in(person(roles.AUDITOR))
    book = client.get("/ledger/").context["books"][0]
    assert (book.debit, book.credit, book.balanced, book.left_out) == (1000, 1000, True, 0)
    assert [(line.account.code, line.debit, line.credit) for line in book.lines] == [
        ("BANK-CUST", 0, 850),
        ("BANK-NOSTRO", 1000, 0),
        ("BANK-TRANSIT", 0, 150),
    ]
    then = client.get("/ledger/", {"as_of": before.isoformat()}).context["books"][0]
    assert [(line.account.code, line.debit, line.credit) for line in then.lines] == [
        ("BANK-CUST", 0, 1000),
        ("BANK-NOSTRO", 1000, 0),
    ]
    assert (then.debit, then.credit, then.left_out) == (1000, 1000, 1)


def test_a_negative_balance_stands_on_the_other_side(stage: Stage) -> None:
    account(stage.entity, "OVER", "customer", "C", balance="-20.00", floor=None)
    [book] = ledger_queries.trial_balance([stage.entity])
    assert {line.account.code: (line.debit, line.credit) for line in book.lines if line.account}["OVER"] == (20, 0)
    assert (book.difference, book.balanced) == (20, False)


def test_many_accounts_of_a_kind_are_one_line(stage: Stage) -> None:
    for number in range(3):
        made = Account.objects.create(
            entity=stage.entity, code=f"C{number}", name="C", kind="customer", normal_side="C", currency="EUR"
        )
        AccountBalance.objects.create(account=made)
    [book] = ledger_queries.trial_balance([stage.entity], listed=2)
    assert [(line.account.code if line.account else line.kind, line.count, line.credit) for line in book.lines] == [
        ("BANK-NOSTRO", 1, 0),
        ("customer", 1, 1000),
    ]
    assert book.balanced


NEW = {
    "entity": "BANK",
    "code": "cust-2",
    "name": "Imprimerie du Faou",
    "kind": "customer",
    "currency": "eur",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "bic": "AGRIFRPP",
    "overdraft": "500",
}


def test_an_account_is_opened_with_a_floor_and_on_record(stage: Stage) -> None:
    actor = person(roles.SUPERVISOR, entity=stage.entity)
    answer = signed_in(actor).post(
        "/accounts/open/", {**NEW, "counterpart": stage.bank.pk, "transit": stage.transit.pk}
    )
    made = Account.objects.get(code="CUST-2")
    assert answer.headers["Location"] == f"/accounts/{made.pk}/"
    assert (made.normal_side, made.iban, made.currency) == ("C", "FR7630006000011234567890189", "EUR")
    assert (made.counterpart, made.transit) == (stage.bank, stage.transit)
    assert (made.balance_row.balance, made.balance_row.floor) == (0, 0), "an overdraft waits for a second person"
    record = AuditRecord.objects.get(action="account.opened", subject_id=made.pk)
    assert (record.actor_id, record.entity_id) == (actor.pk, stage.entity.pk)
    assert made.history.count() == 1


def asked(account: Account) -> str:
    """The address at which the change of the account that waits is decided."""
    waiting = ChangeRequest.objects.get(subject_type="account", subject_id=account.pk, status="waiting")
    return f"/changes/{waiting.pk}/decide/"


APPROVE = {"decision": "approve"}


@pytest.mark.parametrize(
    ("overdraft", "floor", "said"),
    [
        ("500", Decimal(-500), "the account CUST-2 may go down to"),
        ("", None, "the account CUST-2 may go below zero without a floor"),
    ],
)
def test_an_overdraft_takes_effect_when_a_second_person_signs_it(
    stage: Stage, overdraft: str, floor: Decimal | None, said: str
) -> None:
    one, other = (signed_in(person(roles.SUPERVISOR, entity=stage.entity)) for _ in range(2))
    one.post("/accounts/open/", {**NEW, "overdraft": overdraft})
    made = Account.objects.get(code="CUST-2")
    page = other.get(f"/accounts/{made.pk}/").content.decode()
    assert said in page
    assert "waits for a second person" in page
    assert one.post(asked(made), APPROVE).status_code == 409
    assert AccountBalance.objects.get(pk=made.pk).floor == 0
    assert other.post(asked(made), APPROVE).status_code == 302
    assert AccountBalance.objects.get(pk=made.pk).floor == floor
    page = other.get(f"/accounts/{made.pk}/").content.decode()
    assert f"asked: {said}" in page
    assert "changed the lowest balance from" in page


def test_an_overdraft_narrows_at_once_and_widens_by_two(stage: Stage) -> None:
    one, other = (signed_in(person(roles.SUPERVISOR, entity=stage.entity)) for _ in range(2))
    address = f"/accounts/{stage.customer.pk}/overdraft/"
    floors = []
    for overdraft in ("700", "300", "0", "0", ""):
        one.post(address, {"overdraft": overdraft, "reason": "Agreed"})
        floors.append(AccountBalance.objects.get(pk=stage.customer.pk).floor)
        if ChangeRequest.objects.filter(status="waiting").exists():
            twice = one.post(address, {"overdraft": "900", "reason": "Again"}, follow=True).content.decode()
            assert "A change of this row waits for a second person already." in twice
            other.post(asked(stage.customer), APPROVE)
            floors.append(AccountBalance.objects.get(pk=stage.customer.pk).floor)
    assert floors == [0, -700, -300, 0, 0, 0, None]
    assert ChangeRequest.objects.filter(subject_type="account", status="approved").count() == 2
    silent = one.post(address, {"overdraft": "1", "reason": " "}, follow=True).content.decode()
    assert "Write why; the reason is kept with the account." in silent


def test_a_floor_above_what_is_there_is_refused_in_words(stage: Stage) -> None:
    database.update(AccountBalance.objects.filter(pk=stage.customer.pk), floor=Decimal(-900), balance=Decimal(-600))
    desk = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    page = desk.post(f"/accounts/{stage.customer.pk}/overdraft/", {"overdraft": "500", "reason": "x"}, follow=True)
    assert "Account BANK-CUST is below this limit now" in page.content.decode()
    assert AccountBalance.objects.get(pk=stage.customer.pk).floor == -900


def test_the_database_lets_no_account_go_further_below_zero_unsigned(stage: Stage) -> None:
    one = person(roles.SUPERVISOR, entity=stage.entity)
    request = widenings.ask_overdraft(actor=one, account_id=stage.customer.pk, overdraft="500", reason="x")
    assert request is not None
    for floor, by in ((-500, None), (-500, request.pk), (None, None)):
        with pytest.raises(DatabaseError, match="when two people have signed it"), transaction.atomic():
            sql.run("select set_floor(%s, %s, %s)", [stage.customer.pk, floor, by])
    made = Account.objects.create(
        entity=stage.entity, code="X", name="X", kind="customer", normal_side="C", currency="EUR"
    )
    for lowest in (None, Decimal(-1)):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            AccountBalance.objects.create(account=made, floor=lowest)
    ChangeSignature.objects.create(request=request, place=1, person=person(roles.SUPERVISOR))
    with pytest.raises(DatabaseError, match="when two people have signed it"), transaction.atomic():
        sql.run("select set_floor(%s, %s, %s)", [stage.customer.pk, -501, request.pk])
    sql.run("select set_floor(%s, %s, %s)", [stage.customer.pk, -500, request.pk])
    with pytest.raises(DatabaseError, match="asked for before it is decided"), transaction.atomic():
        ChangeRequest.objects.create(subject_type="account", change={}, places=[], asked_by=one)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"iban": "FR7630006000011234567890188"}, "is not an IBAN"),
        ({"bic": "XX"}, "is not a BIC"),
        ({"code": "BANK-CUST"}, "The entity has an account BANK-CUST already."),
        ({"iban": "FR1420041010050500013M02606"}, "is known already"),
        ({"currency": "XXQ"}, "“XXQ” is not a currency code."),
        ({"overdraft": "-1"}, "The amount must be above zero"),
    ],
)
def test_what_cannot_be_opened_is_said_and_nothing_is(stage: Stage, change: dict[str, str], said: str) -> None:
    answer = signed_in(person(roles.SUPERVISOR, entity=stage.entity)).post("/accounts/open/", {**NEW, **change})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Account.objects.count() == 3


def test_a_counterpart_of_another_entity_cannot_be_named(stage: Stage) -> None:
    other = bank_branch("OTHER", iban="FR7630006000011234567890189")
    everywhere = signed_in(person(roles.SUPERVISOR))
    answer = everywhere.post("/accounts/open/", {**NEW, "iban": "", "counterpart": other.bank.pk})
    assert answer.status_code == 422
    assert "Account OTHER-NOSTRO is of another entity or currency." in answer.content.decode()
    assert not Account.objects.filter(code="CUST-2").exists()


def test_a_blocked_account_pays_nothing_until_it_is_unblocked(stage: Stage) -> None:
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity, name="Marion Durand"))
    address = f"/accounts/{stage.customer.pk}/"
    made = payment(stage, status="validated", approvals_given=0)
    client.post(f"{address}block/", {"reason": " "})
    assert Account.objects.get(pk=stage.customer.pk).status == "open"
    client.post(f"{address}block/", {"reason": "Court order"})
    assert Account.objects.get(pk=stage.customer.pk).status == "blocked"
    with transaction.atomic():
        assert ledger.reserve([made.pk]) == {made.pk: "AC06"}
    assert client.post(f"{address}block/", {"reason": "Again"}).status_code == 409
    page = client.get(address).content.decode()
    assert "changed the status from “Open” to “Blocked”" in page
    assert "Court order" in page
    client.post(f"{address}unblock/", {"reason": "Order lifted"})
    with transaction.atomic():
        assert ledger.reserve([made.pk]) == {}
    rows = AuditRecord.objects.filter(subject_type="account", subject_id=stage.customer.pk).order_by("id")
    assert [row.reason for row in rows if row.action == "account.changed"] == ["Court order", "Order lifted"]


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.AUDITOR, roles.LOGISTICS, roles.ADMINISTRATOR, None])
def test_who_may_not_manage_accounts_moves_nothing(stage: Stage, role: str | None) -> None:
    client = signed_in(person(role))
    sees = role in {roles.OPERATOR, roles.AUDITOR}
    assert client.get("/accounts/").status_code == (200 if sees else 403)
    assert client.get(f"/accounts/{stage.customer.pk}/").status_code == (200 if sees else 403)
    assert client.get("/ledger/").status_code == (200 if sees else 403)
    before = AuditRecord.objects.count()
    answers = [
        client.get("/accounts/open/"),
        client.post("/accounts/open/", NEW),
        client.post(f"/accounts/{stage.customer.pk}/block/", {"reason": "x"}),
        client.post(f"/accounts/{stage.customer.pk}/unblock/", {"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert (Account.objects.count(), AuditRecord.objects.count()) == (3, before)
    assert Account.objects.get(pk=stage.customer.pk).status == "open"


def test_anothers_account_and_entry_are_not_there(stage: Stage) -> None:
    client = signed_in(person(roles.SUPERVISOR, entity=Entity.objects.create(code="E", name="E")))
    entry = JournalEntry.objects.get()
    assert client.get(f"/accounts/{stage.customer.pk}/").status_code == 404
    assert client.post(f"/accounts/{stage.customer.pk}/block/", {"reason": "x"}).status_code == 404
    assert client.get(f"/ledger/{entry.pk}/").status_code == 404
    assert client.get("/accounts/").context["page"].items == []
    assert client.get("/ledger/").context["books"] == []
    assert client.post("/accounts/open/", NEW).status_code == 422
    assert Account.objects.get(pk=stage.customer.pk).status == "open"


def test_the_number_of_queries_of_the_lists(stage: Stage, django_assert_num_queries: Any) -> None:
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    client.get("/accounts/")
    for _ in range(2):
        with django_assert_num_queries(LIST_QUERIES):
            client.get("/accounts/")
        with django_assert_num_queries(LEDGER_QUERIES):
            client.get("/ledger/")
        for number in range(30):
            made = Account.objects.create(
                entity=stage.entity, code=f"N{number}{_}", name="N", kind="income", normal_side="C", currency="EUR"
            )
            AccountBalance.objects.create(account=made)
    assert Posting.objects.count() == 2


# Session, person, rights, counters, entities; the kinds that have one, a page of accounts, their count.
LIST_QUERIES = 8
# The same; the balances, the accounts behind them.
LEDGER_QUERIES = 7
# The same without entities; the account, a page of postings, its acts.
STATEMENT_QUERIES = 8
