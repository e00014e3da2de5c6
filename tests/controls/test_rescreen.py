"""Screening again: what a version changed, what a list stops since it was set otherwise, everything once a day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.common.errors import BusinessError
from controls import changes
from controls.models import ScreeningHit, WatchList, WatchListVersion
from controls.screening import asking, rescreen, watchlists
from controls.screening.listsets import Loaded
from tests import database, people
from tests.controls import listed
from tests.controls.scene import scene
from tests.controls.test_screening import ALIKE, open_holds, supervisors
from transactions import settlement, workflow
from transactions.models import Party, Payee

pytestmark = pytest.mark.django_db


def test_a_new_version_screens_again_what_is_known_and_open_and_holds_it() -> None:
    here = scene()
    one, other = supervisors(here)
    first = listed.loaded(one, entity=here.stage.entity)
    name = "Global Trade Partners Ltd"
    Payee.objects.create(entity=here.stage.entity, name=name, name_key="global", created_at=timezone.now())
    Party.objects.create(entity=here.stage.entity, name="Globale Trade Partners")
    statuses = ("checked", "validated", "approved", "posted", "sent")
    made = {status: people.payment(here.stage, status=status, creditor_name=name) for status in statuses}
    second = watchlists.take_in(
        actor=one, list_id=first.watch_list_id, content=listed.MORE.encode(), file_name="more.csv"
    )
    tally = rescreen.version(second.pk)
    assert tally is not None
    assert (tally.hits, tally.held) == (6, 4)
    held = {status for status, payment in made.items() if open_holds(payment.pk) == [("SCREENING", True)]}
    assert held == {"checked", "validated", "approved", "posted"}
    answers = {answer.payment_id: answer.code for answer in workflow.post(ids=[made["approved"].pk])}
    assert answers == {made["approved"].pk: "payment.held"}
    assert ScreeningHit.objects.filter(payee__isnull=False).count() == 1
    assert ScreeningHit.objects.filter(party__isnull=False).count() == 1
    # Safe twice, and done only once it has settled.
    tally = rescreen.version(second.pk)
    assert tally is not None
    assert (tally.hits, tally.held) == (0, 0)
    second.refresh_from_db()
    assert second.rescreened_at is None
    past = timezone.now() - timedelta(minutes=5)
    database.update(second.watch_list.versions.filter(pk=second.pk), activated_at=past)
    assert rescreen.due() == [second.pk]
    rescreen.version(second.pk)
    second.refresh_from_db()
    assert second.rescreened_at is not None
    assert rescreen.due() == []
    assert rescreen.version(second.pk) is None
    # What is posted leaves in no file, and goes on when two people have said so.
    assert settlement.prepare(account=here.stage.customer, actor=other) == []
    hit = ScreeningHit.objects.get(payment=made["posted"])
    asked = asking.release(actor=one, hit_id=hit.pk, reason="Another company")
    changes.sign(actor=other, request_id=asked.pk)
    assert open_holds(made["posted"].pk) == []
    assert len(settlement.prepare(account=here.stage.customer, actor=other)) == 1


def test_a_file_with_a_payment_that_was_stopped_is_not_sent() -> None:
    here = scene()
    one, other = supervisors(here)
    first = listed.loaded(one, entity=here.stage.entity)
    people.payment(here.stage, status="posted", creditor_name="Global Trade Partners")
    file = settlement.prepare(account=here.stage.customer, actor=other)[0]
    second = watchlists.take_in(
        actor=one, list_id=first.watch_list_id, content=listed.MORE.encode(), file_name="more.csv"
    )
    rescreen.version(second.pk)
    with pytest.raises(BusinessError) as refused:
        settlement.send(file_id=file.pk, actor=other)
    assert refused.value.code == "outgoing.held"


def aged(version: WatchListVersion) -> None:
    """As if its list had been loaded and set long ago."""
    past = timezone.now() - timedelta(minutes=5)
    database.update(WatchListVersion.objects.filter(watch_list=version.watch_list_id), activated_at=past)
    database.update(WatchList.history.filter(id=version.watch_list_id), history_date=past)


def test_what_a_version_added_is_screened_by_its_successor_when_it_was_replaced_before_its_run() -> None:
    here = scene()
    one, _other = supervisors(here)
    first = listed.loaded(one, entity=here.stage.entity)
    aged(first)
    rescreen.version(first.pk)
    payment, later = (
        people.payment(here.stage, creditor_name=name) for name in ("Global Trade Partners Ltd", "Halvard Osterman")
    )
    contents = listed.MORE, listed.MORE + "q5,Person,Halvard Osterman,,,NO,,,TEST-1,\n"
    second, third = (
        watchlists.take_in(actor=one, list_id=first.watch_list_id, content=text.encode(), file_name="x.csv")
        for text in contents
    )
    assert rescreen.version(second.pk) is None
    aged(third)
    tally = rescreen.version(third.pk)
    assert tally is not None
    assert (tally.hits, tally.held) == (2, 2)
    assert [open_holds(made.pk) for made in (payment, later)] == [[("SCREENING", True)]] * 2
    third.refresh_from_db()
    assert third.rescreened_at is not None


def test_what_a_list_stops_since_it_was_set_otherwise_is_found_by_the_clock() -> None:
    """The task that was sent is lost here, as all that is sent inside a test."""
    here = scene()
    one, _other = supervisors(here)
    version = listed.loaded(one, entity=here.stage.entity, threshold=100)
    payment = people.payment(here.stage, creditor_name=ALIKE)
    aged(version)
    rescreen.version(version.pk)
    assert (open_holds(payment.pk), rescreen.due()) == ([], [])
    assert asking.settings(actor=one, list_id=version.watch_list_id, values={"threshold": 82}) is None
    assert rescreen.due() == [], "who judges by the old threshold just now is not seen yet"
    aged(version)
    assert rescreen.due() == [version.pk]
    tally = rescreen.version(version.pk)
    assert tally is not None
    assert (tally.hits, tally.held, open_holds(payment.pk)) == (1, 1, [("SCREENING", True)])
    assert rescreen.due() == []


def test_a_run_that_began_before_a_list_was_set_otherwise_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene()
    one, _other = supervisors(here)
    version = listed.loaded(one, entity=here.stage.entity, threshold=100)
    aged(version)
    run = rescreen._run

    def meanwhile(loaded: Loaded) -> rescreen.Tally:
        asking.settings(actor=one, list_id=version.watch_list_id, values={"threshold": 82})
        return run(loaded)

    with monkeypatch.context() as patch:
        patch.setattr(rescreen, "_run", meanwhile)
        rescreen.version(version.pk)
    version.refresh_from_db()
    assert version.rescreened_at is None
    rescreen.version(version.pk)
    version.refresh_from_db()
    assert version.rescreened_at is None
    aged(version)
    rescreen.version(version.pk)
    version.refresh_from_db()
    assert version.rescreened_at is not None


def test_everything_is_screened_once_a_day() -> None:
    here = scene()
    one, _other = supervisors(here)
    payment = people.payment(here.stage, creditor_name=ALIKE)
    listed.loaded(one, entity=here.stage.entity)
    tally = rescreen.everything()
    assert (tally.hits, tally.held) == (1, 1)
    assert open_holds(payment.pk) == [("SCREENING", True)]
    assert rescreen.everything().hits == 0
