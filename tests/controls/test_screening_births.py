"""Dates of birth of both sides of a hit: compared as exact as they are, kept as they were known, never in its way."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from backoffice.common import sql
from backoffice.people import roles
from controls.models import ScreeningHit
from controls.screening import births, rescreen, words
from controls.screening.formats import entry, reading
from tests import database
from tests.api.client import Program
from tests.controls import listed
from tests.controls.scene import Scene, judge, scene
from tests.people import person
from transactions.models import Account, Party, PaymentBirth

pytestmark = pytest.mark.django_db
CASES = [
    ("1961-04-09", ["1961-04-09"], True), ("1961-04-09", ["1961"], True), ("1961-04-09", ["1961-04"], True),
    ("1961-04-09", ["1960/1962"], True), ("1961-04-09", ["1962/1960"], True), ("1961-04-09", ["1975", "1961"], True),
    ("1961-09-04", ["1961-04-09"], False), ("1961-05-09", ["1961-04"], False), ("1963-01-01", ["1960/1962"], False),
    ("1962-12-31", ["1960/1962"], True), ("1975-01-01", ["1961-04-09", "1960"], False), ("1961-04-09", [], None),
    ("", ["1961"], None), ("1961-04-09", ["long ago"], None), ("1975-01-01", ["1961", "long ago"], None),
    ("1961-04-09", ["long ago", "1961"], True), ("1961-04-09", ["~1961"], True), ("1963-04-09", ["~1961"], None),
    ("1963-04-09", ["~1961", "1962"], None), ("1963-04-09", ["~1960/1962", "1963"], True),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "outcome"), CASES)
def test_dates_are_compared_as_exact_as_they_are(ours: str, theirs: list[str], outcome: bool | None) -> None:
    assert births.agree(ours, theirs) is outcome
    place = sql.rows("select birth_agrees(%s::date, %s::jsonb)", [ours or None, json.dumps(theirs)])[0][0]
    assert place == {True: 1, False: -1, None: 0}[outcome]


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("1961", ["1961-04-09"], True), ("1960/1962", ["1961"], True), ("1961", ["1960/1962"], True),
        ("1961-04", ["1961-04-30"], True), ("1961-02", ["1961-03"], False), ("1959", ["1960/1962"], False),
        ("1961-13-01", ["1961"], None), ("1961-00-10", ["1961"], None),
    ],
)  # fmt: skip
def test_ours_may_be_less_exact_too(ours: str, theirs: list[str], outcome: bool | None) -> None:
    assert births.agree(ours, theirs) is outcome


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("1961-09-04", ["1961-04-09"], True), ("1961-04-09", ["1961-04-09"], False), ("1961-04-04", ["1961-04"], False),
        ("1961", ["1961-04-09"], False), ("1961-04-13", ["1961-13-04"], False),
    ],
)  # fmt: skip
def test_day_and_month_the_other_way_round(ours: str, theirs: list[str], outcome: bool) -> None:
    assert births.swapped(ours, theirs) is outcome


@pytest.mark.parametrize(
    ("town", "country", "listed_places", "outcome"),
    [
        ("Varna", "BG", ["Varna, Bulgaria"], True), ("Sofia", "BG", ["Varna, Bulgaria"], None),
        ("Brest", "FR", ["Varna, Bulgaria"], False), ("Brest", "FR", ["Varna"], None), ("", "", ["Varna"], None),
        ("Varna", "BG", [], None), ("Brest", "FR", ["Varna, Bulgaria", "Sea of Tales"], None),
    ],
)  # fmt: skip
def test_places_are_spelt_in_many_ways(town: str, country: str, listed_places: list[str], outcome: bool | None) -> None:
    assert births.agree_in_place(town, country, listed_places) is outcome


@pytest.fixture
def made() -> Scene:
    made = scene()
    listed.loaded(person("supervisor", entity=made.stage.entity), entity=made.stage.entity)
    return made


def found(made: Scene, born_on: date | None = None, **fields: Any) -> ScreeningHit:
    """The hit of a payment to the listed one, born on 9 April 1961."""
    payment = made.payment(**{"creditor_name": "Vasil Korbalski", "payee": None, **fields})
    if born_on:
        PaymentBirth.objects.create(payment=payment, side="creditor", born_on=born_on, town="Varna", country="BG")
    judge(payment)
    return ScreeningHit.objects.select_related("entry", "payment").get(payment=payment, field="creditor_name")


def rows(hit: ScreeningHit) -> dict[str, tuple[str, str, str]]:
    return {str(row.label): (row.ours, row.verdict, str(row.note)) for row in words.compared(hit)}


def test_a_date_speaks_and_never_takes_a_hit_away(made: Scene) -> None:
    same, other, turned, unknown = (
        found(made, born_on) for born_on in (date(1961, 4, 9), date(1980, 1, 1), date(1961, 9, 4), None)
    )
    assert [hit.status for hit in (same, other, turned, unknown)] == ["open"] * 4
    assert {hit.score for hit in (same, other, turned, unknown)} == {same.score}
    assert [hit.birth for hit in (same, other, turned, unknown)] == [1, -1, -1, 0]
    assert same.payment is not None
    assert same.payment.state.hold_count == 1
    assert rows(same)["Born"] == ("9\u00a0Apr\u00a01961", "agrees", "")
    assert rows(other)["Born"] == ("1\u00a0Jan\u00a01980", "differs", "")
    assert rows(turned)["Born"] == ("4\u00a0Sept\u00a01961", "differs", "Day and month are the other way round.")
    assert rows(unknown)["Born"] == ("", "unknown", "")
    with translation.override("fr"):
        assert rows(turned)["Naissance"] == (
            "4\u00a0sept.\u00a01961", "differs", "Le jour et le mois sont inversés.",
        )  # fmt: skip


def test_a_hit_keeps_what_was_known_when_it_was_found(made: Scene) -> None:
    hit = found(made, date(1961, 4, 9))
    assert hit.match["birth"] == {"born_on": "1961-04-09", "town": "Varna", "country": "BG"}
    PaymentBirth.objects.filter(payment=hit.payment).update(born_on=date(1980, 1, 1))
    hit.refresh_from_db()
    told = rows(hit)
    assert told["Born"][:2] == ("9\u00a0Apr\u00a01961", "agrees")
    assert told["Born, as is known now"][:2] == ("1\u00a0Jan\u00a01980", "differs")
    assert "Place of birth, as is known now" not in told


def test_the_holder_of_our_account_is_born_as_we_know_it(made: Scene) -> None:
    owner = Party.objects.create(
        entity=made.stage.entity, name="Nadezhda Zantova", kind="person", born_on=date(1975, 6, 1), birth_country="RU"
    )
    database.update(Account.objects.filter(pk=made.stage.customer.pk), owner=owner)
    payment = made.payment(debtor_name="Nadezhda Zantova")
    judge(payment)
    hit = ScreeningHit.objects.get(payment=payment, field="debtor_name")
    assert (hit.match["birth"], hit.birth) == ({"born_on": "1975-06-01", "country": "RU"}, 1)
    PaymentBirth.objects.create(payment=payment, side="debtor", born_on=date(1976, 6, 1))
    assert rows(hit)["Born, as is known now"][:2] == ("1\u00a0Jun\u00a01976", "differs")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("circa 1961", "~1961"), ("c. 1961", "~1961"), ("~1961-04", "~1961-04"), ("1961", "1961"), ("circa", ""),
        ("about 09 Apr 1961", "~1961-04-09"), ("09 Apr 1961", "1961-04-09"), ("circa 1960-1962", "~1960/1962"),
        ("1951 to circa 1953", "~1951/1953"), ("dec 1961", "1961-12"),
    ],
)  # fmt: skip
def test_what_a_publisher_knows_about_is_kept_so(text: str, kept: str) -> None:
    assert entry.birth(text) == kept


def test_of_what_is_about_nobody_says_that_it_differs() -> None:
    eu = b"""<export xmlns="http://eu.europa.ec/fpi/fsd/export"><sanctionEntity euReferenceNumber="1">
        <subjectType code="person"/><nameAlias wholeName="Vasil Korbalski"/><birthdate circa="true" year="1961"/>
        <birthdate circa="false" year="1962"/></sanctionEntity></export>"""
    un = b"""<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>11</DATAID><FIRST_NAME>VASIL</FIRST_NAME>
        <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1961</YEAR>
        </INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""
    assert [reading.read(content).entries[0].births for content in (eu, un)] == [["~1961", "1962"], ["~1961"]]
    row = words.birth_row("1963-05-01", ["~1961", "~1960/1962", "~1962-04-09"], "Born")
    assert (row.theirs, row.verdict) == ("about 1961, about 1960–1962, about 9\u00a0Apr\u00a01962", "unknown")
    with translation.override("fr"):
        assert words.birth_row("1961-05-01", ["~1961"], "Né").theirs == "vers 1961"


def test_of_a_text_nobody_is_born(made: Scene) -> None:
    payment = made.payment(remittance="For Vasil Draganov Korbalski with thanks")
    PaymentBirth.objects.create(payment=payment, side="creditor", born_on=date(1961, 4, 9))
    judge(payment)
    hit = ScreeningHit.objects.get(payment=payment, field="remittance")
    assert (hit.match["birth"], hit.birth) == ({}, 0)


def test_screening_again_finds_parties_with_their_births() -> None:
    made = scene()
    fields: dict[str, Any] = {"entity": made.stage.entity, "kind": "person", "name": "Vasil Korbalski"}
    young = Party.objects.create(**fields, born_on=date(1999, 1, 1), birth_town="Brest", birth_country="FR")
    same = Party.objects.create(**fields, born_on=date(1961, 4, 9))
    nobody = Party.objects.create(**fields)
    payment = made.payment(creditor_name="Vasil Korbalski", payee=None)
    PaymentBirth.objects.create(payment=payment, side="creditor", born_on=date(1961, 4, 9))
    judge(payment)
    listed.loaded(person("supervisor", entity=made.stage.entity), entity=made.stage.entity)
    rescreen.everything()
    told = {hit.party_id: hit.birth for hit in ScreeningHit.objects.exclude(party=None)}
    assert told == {young.pk: -1, same.pk: 1, nobody.pk: 0}
    hit = ScreeningHit.objects.get(party=young)
    assert hit.match["birth"] == {"born_on": "1999-01-01", "town": "Brest", "country": "FR"}
    assert rows(hit)["Born"][:2] == ("1\u00a0Jan\u00a01999", "differs")
    assert ScreeningHit.objects.get(payment=payment).birth == 1


class TestInterface:
    def test_a_hit_tells_both_sides(self, made: Scene) -> None:
        hit = found(made, date(1961, 9, 4))
        answer = Program(person(roles.SUPERVISOR)).get(f"/screening/hits/{hit.pk}").json()
        assert answer["birth"] == {"born_on": "1961-09-04", "town": "Varna", "country": "BG"}
        assert (answer["listed_births"], answer["birth_agrees"]) == (["1961-04-09"], False)

    @pytest.mark.parametrize(
        ("born_on", "agrees"), [("1961", True), ("1961-04-09", True), ("1980", False), ("", None), (None, None)]
    )
    def test_a_name_is_screened_with_a_date(self, made: Scene, born_on: str | None, agrees: bool | None) -> None:
        client = Program(person(roles.SUPERVISOR))
        asked = {"name": "Vasil Korbalski", **({} if born_on is None else {"born_on": born_on})}
        (hit, *_more) = client.post("/screening/names", asked).json()["hits"]
        assert (hit["listed_births"], hit["birth_agrees"]) == (["1961-04-09"], agrees)

    def test_what_is_no_date_is_refused(self, made: Scene) -> None:
        answer = Program(person(roles.SUPERVISOR)).post("/screening/names", {"name": "V", "born_on": "soon"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "born_on")


class TestCommand:
    def told(self, tmp_path: Any, text: str, capsys: Any, *options: str) -> str:
        names, of_publisher = tmp_path / "names.csv", tmp_path / "list.csv"
        names.write_text(text)
        of_publisher.write_text(listed.SIMPLE)
        call_command("screen_names", str(names), "--list", str(of_publisher), *options)
        return str(capsys.readouterr().out)

    def test_names_with_a_column_of_births(self, tmp_path: Any, capsys: Any) -> None:
        text = "name,birth_date\nVasil Korbalski,1961\nVasil Korbalski,1980-01-01\nNadezhda Zantova,\n"
        results = json.loads(self.told(tmp_path, text, capsys, "--json"))["results"]
        assert [(one.get("born", ""), one["hits"][0]["births"], one["hits"][0]["birth_agrees"]) for one in results] == [
            ("1961", ["1961-04-09"], True), ("1980-01-01", ["1961-04-09"], False), ("", ["1975"], None),
        ]  # fmt: skip

    def test_in_words(self, tmp_path: Any, capsys: Any) -> None:
        said = self.told(tmp_path, "name;dob\nVasil Korbalski;1980-01-01\n", capsys, "--language", "fr")
        assert "Naissance 1er\u00a0janv.\u00a01980 / 9\u00a0avr.\u00a01961 (diffère)" in said
