"""Screening in the checks: hits hold payments, two people release them, exemptions let names pass, lists change."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles
from backoffice.people.models import User
from controls import changes
from controls.models import Assessment, ChangeSignature, Exemption, ListSet, ScreenedName, ScreeningHit
from controls.screening import asking, exemptions, hits, rescreen, watchlists
from documents.models import AuditRecord
from tests import database, people
from tests.controls import listed
from tests.controls.scene import Scene, evidence, found, judge, scene
from transactions import workflow
from transactions.models import Hold, Payment, PaymentState

pytestmark = pytest.mark.django_db

ALIKE = "Korbalsky Wasil"


def supervisors(here: Scene) -> tuple[User, User]:
    one, other = (people.person(roles.SUPERVISOR, entity=here.stage.entity, name=f"Super {n}") for n in range(2))
    return one, other


def open_holds(payment_id: int) -> list[tuple[str, bool]]:
    return list(Hold.objects.filter(payment=payment_id, lifted_at=None).values_list("rule_code", "stays"))


def test_without_lists_nothing_is_found_and_nothing_is_kept() -> None:
    here = scene()
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    assert "SCREENING" not in found(payment)
    assert Assessment.objects.get(payment=payment).list_set is None
    assert not ListSet.objects.exists()
    assert not ScreenedName.objects.exists()


def test_a_name_on_a_list_holds_the_payment_until_two_people_release_it() -> None:
    here = scene()
    one, other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity, name="Test sanctions")
    payment, clean = here.payment(creditor_name=ALIKE), here.payment()
    judge(payment, clean)
    assert "“Korbalsky Wasil” (creditor’s name) is" in found(payment)["SCREENING"]
    assert "“Vasilij Korbalsky” of the list Test sanctions" in found(payment)["SCREENING"]
    assert "SCREENING" not in found(clean)
    said = evidence(payment, "SCREENING")
    assert (said["screening_field"], said["screening_given"]) == ("creditor_name", ALIKE)
    assessment = Assessment.objects.get(payment=payment)
    assert assessment.list_set is not None
    assert [member["list"] for member in assessment.list_set.members] == ["TEST"]
    hit = ScreeningHit.objects.get()
    assert (hit.payment, hit.field, hit.status, hit.entry.code) == (payment, "creditor_name", "open", "q1")
    assert open_holds(payment.pk) == [("SCREENING", True)]
    # Nobody lifts it past the hit, by the service or past it.
    answer = workflow.lift(ids=[payment.pk], actor=other, reason="Let it go")[0]
    assert (answer.done, answer.code) == (False, "hold.stays")
    with pytest.raises(DatabaseError, match="decided before the hold is lifted"), transaction.atomic():
        sql.run("update transactions_hold set lifted_at = now() where payment_id = %s", [payment.pk])
    with pytest.raises(DatabaseError, match="decided before the hold is lifted"), transaction.atomic():
        sql.run("update transactions_hold set stays = false where payment_id = %s", [payment.pk])
    # One person proposes, another confirms.
    asked = asking.release(actor=one, hit_id=hit.pk, reason="Born in 1990, passport seen")
    with pytest.raises(BusinessError, match="Another person"):
        changes.sign(actor=one, request_id=asked.pk)
    with pytest.raises(DatabaseError, match="confirmed by another"), transaction.atomic():
        sql.run("update controls_screeninghit set status = 'false' where id = %s", [hit.pk])
    assert open_holds(payment.pk) == [("SCREENING", True)]
    changes.sign(actor=other, request_id=asked.pk)
    hit.refresh_from_db()
    assert (hit.status, hit.decided_by, hit.reason) == ("false", other, "Born in 1990, passport seen")
    assert open_holds(payment.pk) == []
    assert PaymentState.objects.get(payment=payment).hold_count == 0
    acts = AuditRecord.objects.filter(subject_type="hit", subject_id=hit.pk).order_by("pk")
    assert [act.action for act in acts] == ["hit.found", "change.asked", "hit.false", "change.approved"]
    lifted = AuditRecord.objects.get(subject_type="payment", subject_id=payment.pk, action="payment.lifted")
    assert (lifted.actor_id, lifted.reason) == (other.pk, "Born in 1990, passport seen")


def test_a_decided_name_is_not_held_again_when_the_payment_is_judged_again() -> None:
    here = scene()
    one, other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    asked = asking.release(actor=one, hit_id=ScreeningHit.objects.get().pk, reason="Somebody else")
    changes.sign(actor=other, request_id=asked.pk)
    database.update(PaymentState.objects.filter(payment=payment), status="received")
    judge(payment)
    assert "SCREENING" not in found(payment)
    assert open_holds(payment.pk) == []
    assert ScreeningHit.objects.count() == 1


def test_another_name_does_not_lift_the_hold_of_an_open_hit() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    operator = people.person(entity=here.stage.entity)
    version = PaymentState.objects.get(payment=payment).version
    answer = workflow.amend(
        payment_id=payment.pk,
        actor=operator,
        version=version,
        reason="Typing error",
        changes={"creditor_name": "Kervella"},
    )
    assert answer.done, answer.code
    judge(payment)
    assert "SCREENING" not in found(payment)
    assert open_holds(payment.pk) == [("SCREENING", True)]


def test_a_true_match_is_said_by_one_and_taken_back_by_two() -> None:
    here = scene()
    one, other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    hit = hits.true(actor=one, hit_id=ScreeningHit.objects.get().pk, reason="Same passport")
    assert hit.status == "true"
    assert open_holds(payment.pk) == [("SCREENING", True)]
    with pytest.raises(BusinessError) as refused:
        hits.true(actor=other, hit_id=hit.pk, reason="Again")
    assert refused.value.code == "hit.decided"
    asked = asking.release(actor=one, hit_id=hit.pk, reason="The passport was another's")
    changes.sign(actor=other, request_id=asked.pk)
    hit.refresh_from_db()
    assert hit.status == "false"
    assert open_holds(payment.pk) == []


def test_a_release_that_was_asked_before_a_true_match_is_over() -> None:
    here = scene()
    one, other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    hit = ScreeningHit.objects.get()
    asked = asking.release(actor=one, hit_id=hit.pk, reason="Somebody else")
    hits.true(actor=other, hit_id=hit.pk, reason="Same passport")
    with pytest.raises(BusinessError) as refused:
        changes.sign(actor=other, request_id=asked.pk)
    assert refused.value.code == "hit.decided"
    hit.refresh_from_db()
    assert (hit.status, open_holds(payment.pk)) == ("true", [("SCREENING", True)])
    with transaction.atomic():
        ChangeSignature.objects.create(request=asked, person=other, place=1)
        with pytest.raises(DatabaseError, match="confirmed by another"), transaction.atomic():
            sql.run("update controls_screeninghit set status = 'false' where id = %s", [hit.pk])
        transaction.set_rollback(True)
    changes.refuse(actor=other, request_id=asked.pk, reason="It is the listed one")
    again = asking.release(actor=one, hit_id=hit.pk, reason="The passport was another's")
    changes.sign(actor=other, request_id=again.pk)
    assert open_holds(payment.pk) == []


def test_who_may_not_decide_moves_nothing() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    hit = ScreeningHit.objects.get()
    elsewhere = people.person(
        roles.SUPERVISOR, entity=people.bank_branch("ELSE", iban="FR7630006000011234567890189").entity
    )
    operator = people.person(roles.OPERATOR, entity=here.stage.entity)
    until = timezone.localdate() + timedelta(days=30)
    for actor, code in ((operator, "denied"), (elsewhere, "not_there")):
        for act in (
            lambda who: asking.release(actor=who, hit_id=hit.pk, reason="x"),
            lambda who: hits.true(actor=who, hit_id=hit.pk, reason="x"),
            lambda who: asking.exempt(actor=who, hit_id=hit.pk, until=until, reason="x"),
        ):
            with pytest.raises(BusinessError) as refused:
                act(actor)
            assert refused.value.code == code
    hit.refresh_from_db()
    assert hit.status == "open"
    assert not AuditRecord.objects.filter(action="change.asked").exists()


def test_an_exemption_lets_the_name_pass_until_the_entry_changes_or_somebody_ends_it() -> None:
    here = scene()
    one, other = supervisors(here)
    first = listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    hit = ScreeningHit.objects.get()
    today = timezone.localdate()
    with pytest.raises(BusinessError) as refused:
        asking.exempt(actor=one, hit_id=hit.pk, until=today + timedelta(days=400), reason="Known")
    assert refused.value.code == "exemption.until"
    asked = asking.exempt(actor=one, hit_id=hit.pk, until=today + timedelta(days=90), reason="Known for years")
    changes.sign(actor=other, request_id=asked.pk)
    made = Exemption.objects.get()
    assert (made.owner, made.approved_by, made.valid_to) == (one, other, today + timedelta(days=90))
    hit.refresh_from_db()
    assert (hit.status, hit.exemption) == ("exempt", made)
    assert open_holds(payment.pk) == []
    again = here.payment(creditor_name="KORBALSKY Wasil")
    judge(again)
    assert "SCREENING" not in found(again)
    told = ScreeningHit.objects.get(payment=again)
    assert (told.status, told.exemption) == ("exempt", made)
    # The publisher changes the entry: the name is a hit again.
    changed = listed.SIMPLE.replace("1961-04-09", "1962-04-09")
    watchlists.take_in(actor=one, list_id=first.watch_list_id, content=changed.encode(), file_name="b.csv")
    third = here.payment(creditor_name=ALIKE)
    judge(third)
    assert "SCREENING" in found(third)
    exemptions.end(actor=other, exemption_id=made.pk, reason="Account closed")
    made.refresh_from_db()
    assert (made.ended_by, made.end_reason) == (other, "Account closed")


def let_pass(here: Scene, one: User, other: User) -> tuple[Payment, Exemption]:
    """A payment that an exemption let go on."""
    listed.loaded(one, entity=here.stage.entity)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    until = timezone.localdate() + timedelta(days=90)
    asked = asking.exempt(actor=one, hit_id=ScreeningHit.objects.get().pk, until=until, reason="Known")
    changes.sign(actor=other, request_id=asked.pk)
    assert open_holds(payment.pk) == []
    return payment, Exemption.objects.get()


def released(here: Scene, one: User, other: User, payment: Payment) -> None:
    """The hit is open, holds the payment, and can be decided as any other."""
    hit = ScreeningHit.objects.get(payment=payment)
    assert (hit.status, hit.exemption, hit.decided_by) == ("open", None, None)
    assert open_holds(payment.pk) == [("SCREENING", True)]
    acts = AuditRecord.objects.filter(subject_type="hit", subject_id=hit.pk, action__startswith="hit.").order_by("pk")
    assert [act.action for act in acts] == ["hit.found", "hit.exempted", "hit.reopened"]
    asked = asking.release(actor=one, hit_id=hit.pk, reason="Somebody else")
    changes.sign(actor=other, request_id=asked.pk)
    assert open_holds(payment.pk) == []


def test_what_an_exemption_let_pass_is_held_again_when_somebody_ends_it() -> None:
    here = scene()
    one, other = supervisors(here)
    payment, exemption = let_pass(here, one, other)
    approved, gone = (people.payment(here.stage, status=status, creditor_name=ALIKE) for status in ("approved", "sent"))
    rescreen.everything()
    copy = ScreeningHit.objects.get(payment=approved)
    assert copy.exemption == exemption
    copy.pk, copy.payment = None, gone
    copy.save()
    with pytest.raises(DatabaseError, match="confirmed by another"), transaction.atomic():
        sql.run("update controls_screeninghit set status = 'open', exemption_id = null")
    exemptions.end(actor=other, exemption_id=exemption.pk, reason="No longer known")
    assert ScreeningHit.objects.get(payment=gone).status == "exempt"
    assert (open_holds(gone.pk), open_holds(approved.pk)) == ([], [("SCREENING", True)])
    released(here, one, other, payment)


def test_what_an_exemption_let_pass_is_held_again_the_night_after_its_day() -> None:
    here = scene()
    one, other = supervisors(here)
    payment, exemption = let_pass(here, one, other)
    assert rescreen.everything().hits == 0
    yesterday = timezone.localdate() - timedelta(days=1)
    database.update(Exemption.objects.filter(pk=exemption.pk), valid_to=yesterday)
    tally = rescreen.everything()
    assert (tally.hits, tally.held) == (1, 1)
    assert rescreen.everything().hits == 0
    released(here, one, other, payment)


def test_what_an_exemption_let_pass_is_a_hit_when_it_is_judged_after_its_day() -> None:
    here = scene()
    one, other = supervisors(here)
    payment, exemption = let_pass(here, one, other)
    yesterday = timezone.localdate() - timedelta(days=1)
    database.update(Exemption.objects.filter(pk=exemption.pk), valid_to=yesterday)
    database.update(PaymentState.objects.filter(payment=payment), status="received")
    judge(payment)
    assert "SCREENING" in found(payment)
    released(here, one, other, payment)


def test_an_exemption_is_not_written_past_the_two() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    judge(here.payment(creditor_name=ALIKE))
    asked = asking.exempt(
        actor=one, hit_id=ScreeningHit.objects.get().pk, until=timezone.localdate() + timedelta(days=9), reason="Known"
    )
    with pytest.raises(DatabaseError, match="asks for it and another signs"), transaction.atomic():
        exemptions.take_effect(asked, people.person(roles.SUPERVISOR))


def test_politically_exposed_persons_ask_for_one_more_approval() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity, kind="pep", name="PEPs")
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    assert "one more person approves" in found(payment)["PEP"]
    assert "SCREENING" not in found(payment)
    assert not ScreeningHit.objects.exists()
    assert PaymentState.objects.get(payment=payment).outcome == "second"


def test_texts_ultimate_parties_and_debtors_are_screened_too() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    payments = [
        here.payment(remittance="Facture 17 pour Vasil Draganov Korbalski, Varna"),
        here.payment(ultimate_creditor="Karbadin Trading Co."),
        here.payment(ultimate_debtor="Zantova, Nadezda"),
        here.payment(debtor_name="Karbadin Trade LLC"),
        here.payment(remittance="Karbadin"),
    ]
    judge(*payments)
    told = dict(ScreeningHit.objects.values_list("payment", "field"))
    assert told == {
        payments[0].pk: "remittance", payments[1].pk: "ultimate_creditor", payments[2].pk: "ultimate_debtor",
        payments[3].pk: "debtor_name",
    }  # fmt: skip


def test_the_end_of_the_longest_remittance_holds_a_payment() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    words = " ".join(f"{a}{b}{c}w" for a in "bcdfghjklm" for b in "aeiou" for c in "npqrstvwxz")
    payment = here.payment(remittance=f"{words * 4}"[:9_950] + " Vasil Draganov Korbalski")
    judge(payment)
    hit = ScreeningHit.objects.get()
    assert (hit.payment, hit.field, len(hit.key)) == (payment, "remittance", 64)
    assert ("SCREENING", True) in open_holds(payment.pk)


def test_lists_of_another_entity_do_not_concern_a_payment() -> None:
    here = scene()
    elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189").entity
    actor = people.person(roles.SUPERVISOR, entity=elsewhere)
    listed.loaded(actor, entity=elsewhere)
    payment = here.payment(creditor_name=ALIKE)
    judge(payment)
    assert "SCREENING" not in found(payment)


def test_a_distinct_name_is_asked_once_under_a_list_set() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    judge(*[here.payment(creditor_name=f"Supplier {'abc'[n % 3]}", remittance=f"Invoice {n}") for n in range(12)])
    names = ScreenedName.objects.filter(form="name", key__startswith="supplier")
    assert sorted(names.values_list("key", flat=True)) == ["supplier a", "supplier b", "supplier c"]
    before = ScreenedName.objects.count()
    judge(here.payment(creditor_name="SUPPLIER A", remittance="Invoice 99"))
    assert ScreenedName.objects.count() == before


def test_programs_decide_nothing() -> None:
    here = scene()
    one, _other = supervisors(here)
    listed.loaded(one, entity=here.stage.entity)
    judge(here.payment(creditor_name=ALIKE))
    machine = people.person(roles.SUPERVISOR, entity=here.stage.entity, is_machine=True)
    with pytest.raises(Denied):
        hits.true(actor=machine, hit_id=ScreeningHit.objects.get().pk, reason="x")


def test_names_are_screened_from_the_console(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    import json
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "list.csv").write_text(listed.SIMPLE)
    (folder / "names.txt").write_text("Korbalsky Wasil\nSomebody Else\n")
    call_command("screen_names", str(folder / "names.txt"), "--list", str(folder / "list.csv"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["names"], told["names_with_hits"]) == (2, 1)
    assert told["results"][0]["hits"][0]["entry"] == "q1"
    assert told["results"][1] == {"name": "Somebody Else", "hits": []}
    cases = {
        "cases": [
            {"kind": "match", "query": "V. Putin", "candidate": "Vladimir Putin", "match": True},
            {"kind": "match", "query": "Putin", "candidate": "Vladimir Putin", "match": True},
        ],
        "screening": {"positives": [{"listed": "Olga Petrova", "altered": "PETROVA, Olga"}], "negatives": ["Jan Vis"]},
    }
    (folder / "cases.json").write_text(json.dumps(cases))
    call_command("screen_names", str(folder / "cases.json"), "--cases")
    out = capsys.readouterr().out
    assert "missed [one_word]: Putin / Vladimir Putin" in out
    assert "Of 1 listed names 1 are found as listed and 1 as altered; of 1 others 0 are hits." in out
