"""Closing days: where an account stands, who prepares and signs, and what is said when something later changes it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Conflict, NotThere
from controls.models import ReconciledDay
from controls.reconciliation import calendar, days, positions, proof
from documents.models import AuditRecord
from tests import database, people
from tests.controls.reconciliation.desk_scene import DAY, Desk, after, desk, draw, post, statement
from transactions.models import Statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Desk:
    return desk()


def morning(here: Desk) -> None:
    """The bank has a fee and a payment that the books lack in part; the books have one that the bank lacks."""
    statement(here.account, [("500.00", "COOP VALLEE F-1"), ("-12.40", "FRAIS")], opening="1000")
    post(here, "1000", "Brought in", day=DAY - timedelta(days=5))
    post(here, "500.00", "Coop Vallée")
    post(here, "-80.00", "Énergie Bresle")
    draw(here.account)


def prepared(here: Desk, remark: str = "Seen") -> ReconciledDay:
    return days.prepare(actor=here.operator, account_id=here.account.pk, day=DAY, remark=remark)


def signed(here: Desk) -> ReconciledDay:
    one = prepared(here)
    return days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())


def test_a_position_explains_the_difference_line_by_line(here: Desk) -> None:
    morning(here)
    found = positions.position(here.account, DAY)
    assert (found.bank, found.books) == (Decimal("1487.60"), Decimal("1420.00"))
    assert found.difference == Decimal("67.60")
    # Nothing is matched: all of both sides is open.
    assert found.sums() == {
        "line": (2, Decimal("487.60")),
        "item": (3, Decimal("-1420.00")),
    }
    # What the bank had before its first statement is not a line of it.
    assert found.unexplained == Decimal("1000.00")
    assert (found.line_count, found.came, found.went) == (2, Decimal(500), Decimal("12.40"))
    assert positions.position(here.account, DAY - timedelta(days=1)).bank is None
    assert positions.books_at(here.account.pk, DAY - timedelta(days=1)) == Decimal(1000)


def test_the_balance_inside_a_statement_of_several_days_follows_its_lines(here: Desk) -> None:
    made = statement(here.account, [("10", "A")], opening="100", day=DAY)
    database.as_owner("update transactions_statement set to_on = %s where id = %s", [after(DAY, 6), made.pk])
    assert positions.bank_at(here.account.pk, DAY - timedelta(days=1)) is None
    assert positions.bank_at(here.account.pk, after(DAY, 3)) == Decimal(110)
    assert positions.bank_at(here.account.pk, after(DAY, 9)) == Decimal(110)


def test_a_day_is_prepared_by_one_and_signed_by_another(here: Desk) -> None:
    morning(here)
    one = prepared(here)
    assert (one.bank, one.books, one.status, one.round) == (Decimal("1487.60"), Decimal("1420.00"), "prepared", 1)
    assert proof.digest(one.proof) == bytes(one.digest)
    digest = bytes(one.digest).hex()
    with pytest.raises(Conflict, match="prepared or signed already"):
        prepared(here)
    with pytest.raises(BusinessError, match="do not have the right"):
        days.sign(actor=here.operator, day_id=one.pk, digest=digest)
    with pytest.raises(Conflict, match="not what was prepared"):
        days.sign(actor=here.supervisor, day_id=one.pk, digest="0" * 64)
    days.sign(actor=here.supervisor, day_id=one.pk, digest=digest)
    one.refresh_from_db()
    assert (one.status, one.signed_by) == ("signed", here.supervisor)
    acts = AuditRecord.objects.filter(subject_type="reconciled_day", subject_id=one.pk).order_by("id")
    assert [act.action for act in acts] == ["day.prepared", "day.signed"]


def test_nobody_signs_what_they_prepared(here: Desk) -> None:
    morning(here)
    one = days.prepare(actor=here.supervisor, account_id=here.account.pk, day=DAY, remark="Seen")
    with pytest.raises(BusinessError, match="You prepared this day"):
        days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())
    with pytest.raises(IntegrityError, match="does not sign it"), transaction.atomic():
        ReconciledDay.objects.filter(pk=one.pk).update(
            status="signed", signed_by=here.supervisor, signed_at=timezone.now()
        )


def test_a_remark_is_asked_for_where_something_is_unexplained(here: Desk) -> None:
    morning(here)
    with pytest.raises(BusinessError, match="say in a remark why"):
        prepared(here, "")
    with pytest.raises(BusinessError, match="nothing to prove"):
        days.prepare(actor=here.operator, account_id=here.account.pk, day=DAY - timedelta(days=1))
    with pytest.raises(BusinessError, match="not over yet"):
        days.prepare(actor=here.operator, account_id=here.account.pk, day=timezone.localdate())


def test_what_changed_between_preparing_and_signing_is_not_signed(here: Desk) -> None:
    morning(here)
    one = prepared(here)
    post(here, "3", "Late")
    with pytest.raises(Conflict, match="Since it was prepared something changed"):
        days.sign(actor=here.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())
    days.send_back(actor=here.supervisor, day_id=one.pk, reason="Late posting")
    draw(here.account)
    again = prepared(here)
    assert (again.round, again.books) == (2, Decimal("1423.00"))


def test_a_proof_is_never_changed(here: Desk) -> None:
    morning(here)
    one = signed(here)
    for field, value in (("books", 0), ("proof", {}), ("digest", b"x" * 32), ("prepared_at", timezone.now())):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            ReconciledDay.objects.filter(pk=one.pk).update(**{field: value})
    with pytest.raises(Exception, match="stays as it was prepared"), transaction.atomic():
        database.as_owner("update controls_reconciledday set books = 0 where id = %s", [one.pk])
    with pytest.raises(Exception, match=r"permission denied|stays on record"), transaction.atomic():
        one.delete()


def test_a_late_posting_is_said_and_the_proof_stays(here: Desk) -> None:
    morning(here)
    one = signed(here)
    assert days.watch([here.account.pk], after(DAY, 9)) == []
    post(here, "-7.00", "Late", day=DAY - timedelta(days=1))
    changed = days.watch([here.account.pk], after(DAY, 9))
    assert [day.pk for day in changed] == [one.pk]
    one.refresh_from_db()
    assert one.change == {"books": {"before": "1420", "after": "1413"}, "late": {"before": "0", "after": "1"}}
    assert (one.status, one.books) == ("signed", Decimal("1420.00"))
    assert days.watch([here.account.pk], after(DAY, 9)) == []
    assert AuditRecord.objects.filter(action="day.changed", subject_id=one.pk).count() == 1
    # What is dated after the day does not touch it.
    post(here, "9.00", "Next day", day=after(DAY))
    assert days.watch([here.account.pk], after(DAY, 9)) == []


def test_a_corrected_statement_is_said(here: Desk) -> None:
    morning(here)
    one = signed(here)
    first = Statement.objects.get()
    Statement.objects.filter(pk=first.pk).update(status="superseded")
    statement(here.account, [("500.00", "COOP VALLEE F-1")], opening="1000", supersedes=first, taken=timezone.now())
    assert [day.pk for day in days.watch([here.account.pk], after(DAY, 9))] == [one.pk]
    one.refresh_from_db()
    assert one.change["bank"] == {"before": "1487.6", "after": "1500"}
    assert one.change["lines"] == {"before": "2", "after": "1"}


def test_two_people_reopen_a_day_with_a_reason(here: Desk) -> None:
    morning(here)
    one = signed(here)
    with pytest.raises(BusinessError, match="Say why"):
        days.ask_reopening(actor=here.operator, day_id=one.pk, reason=" ")
    with pytest.raises(Conflict, match="Nobody asked"):
        days.reopen(actor=here.supervisor, day_id=one.pk)
    days.ask_reopening(actor=here.supervisor, day_id=one.pk, reason="A fee was missed")
    with pytest.raises(BusinessError, match="You asked to reopen it"):
        days.reopen(actor=here.supervisor, day_id=one.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReconciledDay.objects.filter(pk=one.pk).update(
            status="reopened", ended_by=here.supervisor, ended_at=timezone.now()
        )
    second = people.person("supervisor", entity=here.stage.entity)
    days.reopen(actor=second, day_id=one.pk)
    one.refresh_from_db()
    assert (one.status, one.ended_by, one.ended_reason) == ("reopened", second, "A fee was missed")
    assert prepared(here).round == 2


def test_another_entity_sees_none_of_it(here: Desk) -> None:
    morning(here)
    one = prepared(here)
    stranger = desk("OTHER", iban="FR7630006000011234567890189")
    with pytest.raises(NotThere):
        days.sign(actor=stranger.supervisor, day_id=one.pk, digest=bytes(one.digest).hex())
    with pytest.raises(NotThere):
        days.prepare(actor=stranger.operator, account_id=here.account.pk, day=DAY)
    with pytest.raises(NotThere):
        days.found(stranger.supervisor, one.pk)


def test_days_stand_by_the_calendar(here: Desk) -> None:
    morning(here)
    friday = date(2026, 11, 20)
    statement(here.account, [("1", "OLD")], day=friday)
    draw(here.account)
    found = calendar.standings([here.account], friday, after(DAY, 2), after(DAY, 2))
    assert {day: one.status for (_account, day), one in found.items()} == {
        friday: "in_progress",
        date(2026, 11, 21): "no_business",
        date(2026, 11, 22): "no_business",
        date(2026, 11, 23): "late",
        DAY: "in_progress",
        date(2026, 11, 25): "not_received",
        date(2026, 11, 26): "not_received",
    }
    assert [one.day for one in calendar.missing([here.account], after(DAY, 2))] == [date(2026, 11, 23)]
    statement(here.account, [("2", "NEW")], day=after(DAY))
    assert calendar.standing(here.account, after(DAY), after(DAY, 2)).status == "imported"
    one = signed(here)
    assert calendar.standing(here.account, DAY, after(DAY, 2)).status == "signed"
    assert calendar.standing(here.account, DAY, after(DAY, 2)).sign_off == one


def test_the_bytes_of_a_proof_are_fixed() -> None:
    """Golden: another program that writes the same bytes finds the same digest."""
    told = {
        "version": "day 1", "entity": "BANK", "account": "NOSTRO", "number": "FR7630006000011234567890189",
        "currency": "EUR", "day": "2026-11-24", "bank": "1487.6", "books": "1420", "unexplained": "0",
        "line_count": "2", "came": "500", "went": "12.4", "lines": "ab" * 32, "match_count": "1", "matches": "cd" * 32,
        "explained": [["line", "7", "2026-11-24", "-12.4", "FRAIS"], ["item", "9", "2026-11-24", "80", "Énergie"]],
    }  # fmt: skip
    assert proof.digest(told).hex() == "301a577836690126c69be474d13d6d5241d171fa2d0a3f0d45efdb1d191db20d"
    assert proof.digest({**told, "books": "1420.0"}) != proof.digest(told)
    assert [proof.plain(Decimal(text)) for text in ("0.00", "-0", "1204.50", "1E+3", "-3")] == [
        "0", "0", "1204.5", "1000", "-3",
    ]  # fmt: skip
