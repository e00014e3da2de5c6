"""Breaks: what is open too long, why, whose it is; and entries by hand that make the books agree with the bank."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from controls.models import Break, Correction, OpenItem, OpenLine, ReconciliationPolicy
from controls.reconciliation import acting, breaks, corrections, days, positions
from documents.models import AuditRecord
from tests import people
from tests.controls.reconciliation.desk_scene import DAY, Desk, after, desk, draw, item, line, post, statement
from transactions import ledger
from transactions.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Desk:
    return desk()


def limits(here: Desk, *, write_off: str = "50", alone: str = "0") -> None:
    asked = corrections.ask_policy(
        actor=here.supervisor, entity=here.stage.entity, write_off=Decimal(write_off), alone=Decimal(alone),
        line_days=0, item_days=2,
    )  # fmt: skip
    second = people.person("supervisor", entity=here.stage.entity)
    corrections.agree_policy(actor=second, policy_id=asked.pk)


def look(here: Desk) -> tuple[int, int]:
    draw(here.account)
    return breaks.look([here.account.pk])


def test_what_is_open_becomes_a_break_with_a_cause_and_closes_by_itself(here: Desk) -> None:
    statement(
        here.account, [("500", "COOP F-1"), ("-12.40", "FRAIS"), ("80", "GARAGE"), ("33", "LATE"), ("33", "LATE")]
    )
    post(here, "500", "Other name")
    post(here, "80", "One")
    post(here, "80", "Two")
    post(here, "33", "Late")
    draw(here.account)
    acting.match(lines=[line("LATE").pk], postings=[item("Late").pk], actor=here.operator, reason="Same")
    assert look(here)[0] == 7
    causes = {one.name: one.cause for one in Break.objects.filter(line__isnull=False)}
    assert causes == {"COOP": "reference", "FRAIS": "none", "GARAGE": "several", "LATE": "duplicate"}
    assert breaks.look([here.account.pk]) == (0, 0)
    acting.match(lines=[line("COOP").pk], postings=[item("Other name").pk], actor=here.operator)
    assert breaks.look([here.account.pk]) == (0, 2)
    assert Break.objects.get(name="COOP").status == "closed"
    # Undone, it is open again, and a break anew.
    assert OpenLine.objects.filter(account=here.account).count() == 3


def test_items_wait_so_many_open_days(here: Desk) -> None:
    today = timezone.localdate()
    post(here, "10", "Just sent", day=today)
    post(here, "20", "Long ago", day=today - timedelta(days=12))
    assert look(here) == (1, 0)
    assert Break.objects.get().name == "Long ago"


def test_the_ageing_counts_and_its_cells_open_the_list(here: Desk) -> None:
    today = timezone.localdate()
    for count, ago in ((1, 0), (2, 3), (1, 20), (3, 45)):
        statement(here.account, [("10", f"X{ago}{number}") for number in range(count)], day=today - timedelta(days=ago))
    look(here)
    found = {(one.cause, one.age): (one.count, one.amount) for one in breaks.ageing([here.account.pk], today)}
    assert found == {
        ("none", "0-1"): (1, Decimal(10)),
        ("none", "2-5"): (2, Decimal(20)),
        ("none", "6-30"): (1, Decimal(10)),
        ("none", "30+"): (3, Decimal(30)),
    }
    for (cause, age), (count, _amount) in found.items():
        rows = breaks.listed([here.stage.entity.pk], today, account=here.account.pk, cause=cause, age=age)
        assert rows.count() == count
    one = Break.objects.filter(cause="none", on=today).get()
    breaks.ignore(ids=[one.pk], actor=here.operator, reason="Known")
    assert ("none", "0-1") not in {(cell.cause, cell.age) for cell in breaks.ageing([here.account.pk], today)}


def test_a_break_has_an_owner_a_reason_a_due_date_and_comments(here: Desk) -> None:
    statement(here.account, [("500", "COOP F-1")])
    look(here)
    one = Break.objects.get()
    due = timezone.localdate() + timedelta(days=3)
    assert breaks.assign(ids=[one.pk], actor=here.operator, owner=here.other.pk, due_on=due)[0].done
    assert breaks.explain(ids=[one.pk], actor=here.operator, cause="amount", reason="They paid less")[0].done
    assert breaks.comment(ids=[one.pk], actor=here.other, words="Called them")[0].done
    breaks.look([here.account.pk])
    one.refresh_from_db()
    assert (one.owner, one.due_on, one.cause, one.reason) == (here.other, due, "amount", "They paid less")
    acts = AuditRecord.objects.filter(subject_type="break", subject_id=one.pk).order_by("id")
    assert [(act.action, act.reason) for act in acts] == [
        ("break.assigned", ""), ("break.explained", "They paid less"), ("break.commented", "Called them"),
    ]  # fmt: skip
    stranger = desk("OTHER", iban="FR7630006000011234567890189")
    assert breaks.comment(ids=[one.pk], actor=stranger.operator, words="x")[0].code == "not_there"
    with pytest.raises(BusinessError, match="a person who works on reconciliation"):
        breaks.assign(ids=[one.pk], actor=here.operator, owner=stranger.operator.pk)
    with pytest.raises(NotThere):
        breaks.found(stranger.operator, one.pk)


def test_who_leaves_a_line_out_does_not_sign_the_day(here: Desk) -> None:
    statement(here.account, [("500", "COOP F-1")])
    draw(here.account)
    second = people.person("supervisor", entity=here.stage.entity)
    keys = breaks.of_open(lines=[line("COOP").pk], items=[], actor=second)
    with pytest.raises(BusinessError, match="Say why"):
        breaks.ignore(ids=keys, actor=second, reason="")
    assert breaks.ignore(ids=keys, actor=second, reason="Test of the bank")[0].done
    one = days.prepare(actor=here.operator, account_id=here.account.pk, day=DAY, remark="One left out")
    assert one.forced_by == [second.pk]
    assert [part[0] for part in one.proof["explained"]] == ["ignored_line"]
    with pytest.raises(BusinessError, match="You forced a match or left something out"):
        days.sign(actor=second, day_id=one.pk, digest=bytes(one.digest).hex())
    with pytest.raises(IntegrityError, match="does not sign it"), transaction.atomic():
        type(one).objects.filter(pk=one.pk).update(status="signed", signed_by=second, signed_at=timezone.now())
    days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())


def test_two_people_write_something_off_under_the_limit(here: Desk) -> None:
    statement(here.account, [("-12.40", "FRAIS"), ("-80", "GROS")])
    draw(here.account)
    asked = {"kind": "write_off", "contra": here.fees.pk, "label": "Rounding", "reason": "Too small to chase"}
    with pytest.raises(BusinessError, match=r"At most 0\.00 are written off"):
        corrections.ask(actor=here.operator, line=line("FRAIS").pk, **asked)
    limits(here)
    with pytest.raises(BusinessError, match=r"At most 50\.00 are written off"):
        corrections.ask(actor=here.operator, line=line("GROS").pk, **asked)
    one = corrections.ask(actor=here.supervisor, line=line("FRAIS").pk, **asked)
    assert (one.status, one.amount, one.credit) == ("asked", Decimal("12.40"), False)
    with pytest.raises(Conflict, match="waits for a second person already"):
        corrections.ask(actor=here.operator, line=line("FRAIS").pk, **asked)
    with pytest.raises(BusinessError, match="Another person must agree"):
        corrections.agree(actor=here.supervisor, correction_id=one.pk)
    with pytest.raises(IntegrityError, match="Two people write something off"), transaction.atomic():
        sql.rows("select entry from book_corrections(%s, %s, '')", [[one.pk], here.supervisor.pk])
    second = people.person("supervisor", entity=here.stage.entity)
    one = corrections.agree(actor=second, correction_id=one.pk)
    assert (one.status, one.decided_by) == ("booked", second)
    entry = JournalEntry.objects.get(pk=one.entry_id)
    assert (entry.kind, entry.label, entry.value_date) == ("manual", "Rounding", DAY)
    assert [(row.account_id, row.side, row.amount) for row in entry.postings.order_by("line")] == [
        (here.account.pk, "C", Decimal("12.40")), (here.fees.pk, "D", Decimal("12.40")),
    ]  # fmt: skip
    assert one.match_id
    assert not OpenLine.objects.filter(pk=one.line_id).exists()
    assert not OpenItem.objects.filter(account=here.account).exists()
    # The customer's balance of the scene is not in the books.
    assert {one.subject for one in ledger.audit()} <= {str(here.stage.customer.pk)}
    with pytest.raises(Conflict, match="decided already"):
        corrections.agree(actor=second, correction_id=one.pk)


def test_one_person_creates_a_missing_entry_up_to_the_limit_of_one(here: Desk) -> None:
    limits(here, alone="15")
    statement(here.account, [("-12.40", "FRAIS"), ("-20", "COMMISSION")])
    draw(here.account)
    asked = {"kind": "entry", "contra": here.fees.pk, "label": "Bank charges", "reason": "Monthly"}
    one = corrections.ask(actor=here.operator, line=line("FRAIS").pk, **asked)
    assert (one.status, one.decided_by) == ("booked", here.operator)
    other = corrections.ask(actor=here.operator, line=line("COMMISSION").pk, **asked)
    assert other.status == "asked"
    found = positions.position(here.account, DAY)
    assert found.sums() == {"line": (1, Decimal("-20"))}
    assert found.unexplained == 0
    refused = corrections.refuse(actor=here.supervisor, correction_id=other.pk, reason="Ask the bank first")
    assert (refused.status, refused.decided_reason) == ("refused", "Ask the bank first")
    # Who booked alone in the day does not sign it.
    day = days.prepare(actor=here.other, account_id=here.account.pk, day=DAY, remark="Fee")
    assert day.forced_by == [here.operator.pk]


def test_a_posting_that_the_bank_lacks_is_taken_back(here: Desk) -> None:
    limits(here)
    post(here, "7.00", "Rounding wrong")
    draw(here.account)
    asked = {"kind": "write_off", "contra": here.fees.pk, "label": "Taken back", "reason": "Never came"}
    with pytest.raises(BusinessError, match="for a line of the bank"):
        corrections.ask(actor=here.operator, item=item("Rounding wrong").pk, **{**asked, "kind": "entry"})
    one = corrections.ask(actor=here.operator, item=item("Rounding wrong").pk, **asked)
    corrections.agree(actor=here.supervisor, correction_id=one.pk)
    assert positions.books_at(here.account.pk, DAY) == 0
    assert not OpenItem.objects.filter(account=here.account).exists()


def test_what_changed_since_it_was_asked_is_not_booked(here: Desk) -> None:
    limits(here)
    statement(here.account, [("-12.40", "FRAIS")])
    post(here, "-12.40", "Bank charges")
    draw(here.account)
    one = corrections.ask(
        actor=here.operator, kind="write_off", contra=here.fees.pk, label="x", reason="y", line=line("FRAIS").pk
    )
    acting.match(lines=[line("FRAIS").pk], postings=[item("Bank charges").pk], actor=here.other)
    with pytest.raises(Conflict, match="Nothing of it is open"):
        corrections.agree(actor=here.supervisor, correction_id=one.pk)
    assert Correction.objects.get().status == "asked"


def test_limits_count_when_a_second_person_agreed(here: Desk) -> None:
    one = corrections.ask_policy(
        actor=here.supervisor, entity=here.stage.entity, write_off=Decimal(50), alone=Decimal(0), line_days=0,
        item_days=2,
    )  # fmt: skip
    assert breaks.policy(here.stage.entity.pk).write_off == 0
    with pytest.raises(BusinessError, match="Another person must agree"):
        corrections.agree_policy(actor=here.supervisor, policy_id=one.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReconciliationPolicy.objects.filter(pk=one.pk).update(agreed_by=here.supervisor, agreed_at=timezone.now())
    corrections.agree_policy(actor=people.person("supervisor", entity=here.stage.entity), policy_id=one.pk)
    assert breaks.policy(here.stage.entity.pk).write_off == 50
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        ReconciliationPolicy.objects.filter(pk=one.pk).update(write_off=1_000_000)


def test_an_undone_match_changes_a_signed_day(here: Desk) -> None:
    statement(here.account, [("500", "COOP F-1")])
    post(here, "500", "Coop")
    draw(here.account)
    made = acting.match(lines=[line("COOP").pk], postings=[item("Coop").pk], actor=here.operator)
    one = days.prepare(actor=here.operator, account_id=here.account.pk, day=DAY)
    assert (one.unexplained, one.proof["explained"]) == (Decimal(0), [])
    days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())
    assert days.watch([here.account.pk], after(DAY, 9)) == []
    acting.undo(match_ids=[made.pk], actor=here.operator, reason="Wrong")
    assert [day.pk for day in days.watch([here.account.pk], after(DAY, 9))] == [one.pk]
    one.refresh_from_db()
    assert one.change == {"undone": {"before": "1", "after": "1"}}
