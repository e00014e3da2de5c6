"""What people do with what is left: match, undo, choose from suggestions, make payments of lines, change the passes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import roles
from controls import assess
from controls.models import Alias, Match, MatchingRule, MatchRun, OpenItem, OpenLine
from controls.reconciliation import acting, incoming, rules, running
from documents.models import AuditRecord
from tests import database, people
from tests.controls.reconciliation.scene import booked, branch, go, left, matches, operator, sent, told
from tests.transactions.statements_scene import DAY, line
from transactions import ledger
from transactions.models import Payment, PaymentState, StatementLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    return branch()


def status(payment: Payment) -> str:
    return PaymentState.objects.get(pk=payment.pk).status


def opened(stage: people.Stage, paid: str, told_of: str, **said: str) -> tuple[Payment, OpenLine, OpenItem]:
    """A payment that waits and a line that no pass matches with it."""
    [payment] = sent(stage, paid, remittance="", end_to_end_id="NOTPROVIDED")
    told(stage.bank, line(1, told_of, **said))
    return payment, OpenLine.objects.get(), OpenItem.objects.get()


class TestByHand:
    def test_a_person_matches_and_the_bank_s_writing_is_learnt(self, stage: people.Stage) -> None:
        payment, one, item = opened(stage, "150.00", "-150.00", counterparty_name="KM SARL BREST")
        someone = operator(stage.bank)
        made = acting.match(lines=[one.pk], postings=[item.pk], actor=someone, reason="By the invoice")
        assert (made.code, made.made_by, made.reason, made.difference) == ("manual", someone, "By the invoice", 0)
        assert (status(payment), left(), ledger.audit()) == ("settled", (0, 0), [])
        alias = Alias.objects.get()
        assert (alias.written, alias.meant) == ("BREST KM", "KERVELLA MATERIAUX")
        # The next one is matched by itself.
        [again] = sent(stage, "90.00", remittance="", end_to_end_id="NOTPROVIDED")
        told(stage.bank, line(1, "-90.00", counterparty_name="KM SARL BREST"), identification="B")
        assert status(again) == "settled"
        assert Match.objects.latest("id").reasons[0]["code"] == "match.alias"
        act = AuditRecord.objects.get(action="match.made")
        assert (act.actor_id, act.reason) == (someone.pk, "By the invoice")

    def test_a_difference_is_named_and_within_the_tolerance(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-162.00")
        asked = {"lines": [one.pk], "postings": [item.pk], "actor": operator(stage.bank)}
        with pytest.raises(BusinessError) as refused:
            acting.match(**asked)
        assert (refused.value.code, refused.value.params) == ("match.differs", {"difference": "-12.00"})
        made = acting.match(**asked, difference_code="fee")
        assert made.difference_entry is not None
        assert booked(made.difference_entry) == [("BANK-NOSTRO", "C", "12.00"), ("627", "D", "12.00")]
        assert (left(), ledger.audit()) == ((0, 0), [])

    def test_a_difference_above_the_tolerance_is_refused(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-190.00")
        with pytest.raises(BusinessError) as refused:
            acting.match(
                lines=[one.pk], postings=[item.pk], actor=operator(stage.bank), difference_code="fee"
            )  # fmt: skip
        assert refused.value.code == "match.difference_too_large"
        assert left() == (1, 1)

    def test_a_part_is_matched_and_the_rest_stays_open(self, stage: people.Stage) -> None:
        payment, one, item = opened(stage, "100.00", "-150.00")
        acting.match(lines=[one.pk], postings=[item.pk], actor=operator(stage.bank), partial=True)
        rest = OpenLine.objects.get()
        assert (rest.open, rest.amount, left(), status(payment)) == (50, 150, (1, 0), "settled")
        sent(stage, "50.00", remittance="", end_to_end_id="NOTPROVIDED")
        running.run([stage.bank.pk])
        acting.match(lines=[one.pk], postings=[OpenItem.objects.get().pk], actor=operator(stage.bank))
        assert (left(), sql.rows("select sum(amount) from controls_matchline")) == ((0, 0), [(150,)])

    def test_what_is_matched_is_not_matched_again(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-150.00")
        someone = operator(stage.bank)
        acting.match(lines=[one.pk], postings=[item.pk], actor=someone)
        sent(stage, "150.00", remittance="", end_to_end_id="NOTPROVIDED")
        running.run([stage.bank.pk])
        with pytest.raises(Conflict) as refused:
            acting.match(lines=[one.pk], postings=[OpenItem.objects.get().pk], actor=someone)
        assert refused.value.code == "match.not_open"

    def test_who_may(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-150.00")
        asked = {"lines": [one.pk], "postings": [item.pk]}
        with pytest.raises(Denied):
            acting.match(**asked, actor=people.person(roles.AUDITOR))
        stranger = people.person(
            roles.OPERATOR, entity=people.bank_branch("ELSE", iban="FR7630006000011234567890189").entity
        )
        with pytest.raises(NotThere):
            acting.match(**asked, actor=stranger)
        with pytest.raises(NotThere):
            acting.open_lines(actor=stranger, account=stage.bank)
        assert acting.suggest(actor=stranger, line_ids=[one.pk]) == {}
        machine = people.person(roles.OPERATOR, entity=stage.entity, is_machine=True)
        with pytest.raises(BusinessError, match=r"match\.by_machine|programs"):
            acting.match(**asked, actor=machine)
        assert [row.pk for row in acting.open_lines(actor=operator(stage.bank), account=stage.bank)] == [one.pk]
        assert left() == (1, 1)


class TestUndone:
    def test_what_was_taken_apart_is_open_and_stays_so(self, stage: people.Stage) -> None:
        [payment] = sent(stage, "150.00")
        told(stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id))
        made = Match.objects.get()
        someone = operator(stage.bank)
        with pytest.raises(BusinessError):
            acting.undo(match_ids=[made.pk], actor=someone, reason=" ")
        assert acting.undo(match_ids=[made.pk], actor=someone, reason="Another one") == 1
        made.refresh_from_db()
        assert (made.undone_by, made.undo_reason, left()) == (someone, "Another one", (1, 1))
        assert status(payment) == "settled", "the books say so by themselves"
        # Whatever comes beside them later.
        told(stage.bank, line(1, "-150.00", remittance="Another"), identification="B")
        assert (matches(), left()) == ([], (2, 1))
        first = made.lines.get().line_id
        acting.match(lines=[first], postings=[OpenItem.objects.get().pk], actor=someone)
        assert left() == (1, 0)
        with pytest.raises(Conflict):
            acting.undo(match_ids=[made.pk], actor=someone, reason="Again")

    def test_what_was_booked_for_it_is_reversed_and_what_was_learnt_forgotten(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-162.00", counterparty_name="KM BREST")
        someone = operator(stage.bank)
        made = acting.match(lines=[one.pk], postings=[item.pk], actor=someone, difference_code="fee")
        acting.undo(match_ids=[made.pk], actor=someone, reason="Wrong")
        assert Alias.objects.get().ended_at is not None
        assert (left(), ledger.audit(), matches()) == ((1, 1), [], [("contra", 0, 2)])


class TestDatabase:
    def test_it_refuses_a_second_match_of_a_part(self, stage: people.Stage) -> None:
        [payment] = sent(stage, "150.00")
        told(stage.bank, line(1, "-150.00", end_to_end_id=payment.end_to_end_id))
        key = StatementLine.objects.get().pk
        running.tables()
        sql.run("insert into kept_matches values (999999, %s, 'x', null, 1, '[]', 0, '')", [stage.bank.pk])
        sql.run("insert into kept_lines values (999999, %s, 150)", [key])
        with pytest.raises(IntegrityError, match="matched already"), transaction.atomic():
            sql.rows("select keep_groups(null)")

    def test_it_refuses_sides_that_do_not_add_up(self, stage: people.Stage) -> None:
        _payment, one, item = opened(stage, "150.00", "-160.00")
        running.tables()
        sql.run("insert into kept_matches values (999999, %s, 'x', null, 1, '[]', 0, '')", [stage.bank.pk])
        sql.run("insert into kept_lines values (999999, %s, 160)", [one.pk])
        sql.run("insert into kept_items values (999999, %s, 150)", [item.pk])
        with pytest.raises(IntegrityError, match="add up"), transaction.atomic():
            sql.rows("select keep_groups(null)")

    @pytest.mark.parametrize(
        "act",
        [
            "insert into controls_match (entity_id, account_id, code) values (1, 1, 'x')",
            "update controls_match set confidence = 1",
            "delete from controls_matchline",
            "update controls_openline set open = amount",
            "delete from controls_openitem",
            "update controls_matchingrule set params = '{}'",
            "select open_lines('{1}')",
            "select * from book_charges('{1}', '{-5}', '{x}', '{2026-01-01}')",
        ],
    )
    def test_the_application_writes_matches_by_no_other_way(self, stage: people.Stage, act: str) -> None:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql.run(act)


class TestSuggestions:
    def test_the_right_one_comes_first_and_says_why(self, stage: people.Stage) -> None:
        right, _other = sent(stage, "150.00", "151.00", remittance="Facture F-77310")
        told(stage.bank, line(1, "-150.00", remittance="VIR KERVELA F77301"))
        running.run([stage.bank.pk])
        one = OpenLine.objects.get()
        [first, *_rest] = acting.suggest(actor=operator(stage.bank), line_ids=[one.pk])[one.pk]
        assert first.items == (-right.pk,)
        assert [reason["code"] for reason in first.reasons][:2] == ["match.amount", "match.near_document"]
        assert (first.band, first.difference) == ("likely", 0)


class TestIncoming:
    def test_money_that_only_the_statement_tells_of_waits_in_suspense(self, stage: people.Stage) -> None:
        told(stage.bank, line(1, "80.00", counterparty_name="Claire", counterparty_number=people.PAYEE_IBAN))
        one, maker = OpenLine.objects.get(), operator(stage.bank)
        [answer] = incoming.propose(line_ids=[one.pk], actor=maker)
        payment = Payment.objects.get(pk=answer.payment_id)
        assert (payment.kind, payment.amount, payment.debtor_name, payment.maker) == ("incoming", 80, "Claire", maker)
        [twice] = incoming.propose(line_ids=[one.pk], actor=maker)
        assert (twice.code, twice.payment_id) == ("receipt.made_before", payment.pk)
        assess.assess([payment.pk])
        go(payment)
        entry = payment.entries.get()
        assert (booked(entry), entry.label) == ([("BANK-NOSTRO", "D", "80.00"), ("471", "C", "80.00")], "AC01")
        running.run([stage.bank.pk])
        assert (matches(), left(), status(payment)) == ([("made_of_line", 1, 1)], (0, 0), "posted")

    def test_the_account_that_the_text_names_is_credited(self, stage: people.Stage) -> None:
        told(stage.bank, line(1, "80.00", counterparty_name="Claire", remittance=f"For {people.CUSTOMER_IBAN} thanks"))
        [answer] = incoming.propose(line_ids=[OpenLine.objects.get().pk], actor=operator(stage.bank))
        assert Payment.objects.get(pk=answer.payment_id).creditor_account == stage.customer

    def test_money_that_went_is_none(self, stage: people.Stage) -> None:
        told(stage.bank, line(1, "-80.00"))
        [answer] = incoming.propose(line_ids=[OpenLine.objects.get().pk], actor=operator(stage.bank))
        assert (answer.code, Payment.objects.count()) == ("receipt.not_credit", 0)


class TestRules:
    WIDE = {"before": 2, "after": 30}

    def test_a_version_is_tried_in_the_shadow_and_put_in_force_by_another(self, stage: people.Stage) -> None:
        writer, other = (people.person(roles.SUPERVISOR) for _ in range(2))
        rule = rules.write(actor=writer, code="number", params=self.WIDE)
        assert (rule.version, rule.mode) == (2, "shadow")
        sent(stage, "110.42", remittance="", end_to_end_id="NOTPROVIDED")
        running.run([stage.bank.pk])
        day = OpenItem.objects.get().booked_on + timedelta(days=21)
        told(stage.bank, line(1, "-110.42", booking_on=day, counterparty_number=people.PAYEE_IBAN), day=day)
        made = MatchRun.objects.latest("id")
        assert made.shadow == {"number": {"version": 2, "lines": 1, "first": [OpenLine.objects.get().pk]}}
        assert matches() == []
        with pytest.raises(BusinessError) as refused:
            rules.activate(actor=writer, rule_id=rule.pk)
        assert refused.value.code == "matching_rule.own_work"
        rules.activate(actor=other, rule_id=rule.pk)
        assert sorted(MatchingRule.objects.filter(code="number").values_list("version", "mode")) == [
            (1, "off"), (2, "active"),
        ]  # fmt: skip
        database.as_owner("update controls_openline set is_new = true")
        running.run([stage.bank.pk])
        assert matches() == [("number", 1, 1)]
        assert Match.objects.get().rule_id == rule.pk

    def test_an_entity_has_its_own(self, stage: people.Stage) -> None:
        writer = people.person(roles.SUPERVISOR, entity=stage.entity)
        with pytest.raises(Denied):
            rules.write(actor=writer, code="number", params=self.WIDE)
        rule = rules.write(actor=writer, code="number", params=self.WIDE, entity=stage.entity)
        rules.activate(actor=people.person(roles.SUPERVISOR, entity=stage.entity), rule_id=rule.pk)
        assert rules.of(stage.entity.pk)["number"].params == self.WIDE
        assert rules.of(people.bank_branch("ELSE", iban="").entity.pk)["number"].params == {"before": 2, "after": 5}

    @pytest.mark.parametrize(
        ("code", "params", "refused"),
        [
            ("magic", {}, "matching_rule.unknown"),
            ("number", {"before": 2}, "matching_rule.params"),
            ("number", {"before": 2, "after": 400}, "matching_rule.bounds"),
            ("number", {"before": True, "after": 1}, "matching_rule.bounds"),
            ("sums", {"before": 2, "after": 10, "items": 28, "members": 6, "round": 100}, "matching_rule.bounds"),
            ("sums", {"before": 2, "after": 10, "items": 20, "members": 7, "round": 100}, "matching_rule.bounds"),
        ],
    )
    def test_tolerances_have_bounds(self, code: str, params: dict[str, int], refused: str) -> None:
        with pytest.raises(BusinessError) as error:
            rules.write(actor=people.person(roles.SUPERVISOR), code=code, params=params)
        assert error.value.code == refused


def test_amounts_are_kept_to_the_cent(stage: people.Stage) -> None:
    _payment, one, _item = opened(stage, "150.00", "-150.01")
    assert (one.open, DAY) == (Decimal("150.01"), one.booking_on)
