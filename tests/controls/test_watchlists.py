"""Lists: read in the form of every publisher, refused in words, loaded by the command, with versions and their diff."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from lxml import etree

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles
from conftest import SHARED
from controls import changes
from controls.models import ChangeRequest, ListSet, WatchList, WatchListEntry, WatchListVersion
from controls.screening import asking, listsets, watchlists
from controls.screening.formats import reading
from documents.models import AuditRecord
from tests import people
from tests.controls import listed

LISTS = SHARED / "sanctions"


def packed(**files: str) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.csv", content)
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "form", "names", "births"),
    [
        (listed.SIMPLE.encode(), "simple_csv",
         [["Vasil Draganov Korbalski", "primary"], ["Vasilij Korbalsky", "alias"], ["Korbalski V.D.", "alias"]],
         ["1961-04-09"]),
        (listed.EU.encode(), "eu_xml", [["Vasil Korbalski", "primary"], ["Vasilij Korbalsky", "weak"]], ["1961-04-09"]),
        (listed.UN.encode(), "un_xml", [["VASIL KORBALSKI", "primary"], ["The Bald", "weak"]], ["1960/1962"]),
        (listed.SDN_XML.encode(), "ofac_xml", [["KORBALSKI, Vasil", "primary"], ["THE BALD", "weak"]], ["1961-04-09"]),
        (listed.SDN_CSV.encode(), "ofac_csv", [["KORBALSKI, Vasil", "primary"], ["THE BALD", "weak"]], ["1961-04-09"]),
    ],
)  # fmt: skip
def test_every_form_is_read(content: bytes, form: str, names: list[list[str]], births: list[str]) -> None:
    read = reading.read(content)
    first = read.entries[0].content
    assert (read.format, first["kind"], first["names"], first["births"]) == (form, "person", names, births)


def test_files_that_are_brought_together_are_one_whatever_their_order() -> None:
    files = [("sdn.csv", listed.SDN_CSV.encode()), ("alt.csv", listed.ALT_CSV.encode())]
    content, name = reading.packed(files)
    assert reading.packed(files[::-1]) == (content, name)
    assert name == "alt.csv + sdn.csv.zip"
    read = reading.read(content)
    assert (read.missing, read.entries[1].names[1]) == (("add.csv",), ("KARBADIN TRADE", "alias"))
    assert reading.read(files[0][1]).missing == ("alt.csv", "add.csv")
    assert reading.packed(files[:1]) == (files[0][1], "sdn.csv")
    assert reading.read(listed.SIMPLE.encode()).missing == ()


def test_of_several_files_the_one_that_is_damaged_is_named() -> None:
    broken = listed.ALT_CSV * 2 + "8,2,half\n"
    for files, told in (
        ({"sdn": listed.SDN_CSV, "alt": broken}, "Line 3 of alt.csv does not have the columns of the others."),
        ({"sdn": listed.SDN_CSV, "notes": "hello\n"}, "notes.csv is no file of a list"),
    ):  # fmt: skip
        with pytest.raises(BusinessError) as refused:
            reading.read(packed(**files))
        assert told in str(refused.value)


def test_files_of_ofac_go_together_in_one_zip() -> None:
    read = reading.read(packed(sdn=listed.SDN_CSV, add=listed.ADD_CSV, alt=listed.ALT_CSV))
    company = read.entries[1].content
    assert company["names"] == [["KARBADIN TRADING COMPANY", "primary"], ["KARBADIN TRADE", "alias"]]
    assert (company["addresses"], company["countries"]) == (["Valiasr Ave, Tehran, Iran"], ["Iran"])


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "watchlist.empty"),
        (b"PK\x03\x04 no zip at all", "watchlist.broken_zip"),
        (packed(alt=listed.ALT_CSV), "watchlist.no_names"),
        (packed(**{f"n{n}": listed.SDN_CSV for n in range(11)}), "watchlist.several_files"),
        (BOMB.encode(), "watchlist.doctype"),
        (listed.UN[:-40].encode(), "watchlist.broken_xml"),
        (b"<Document><Nothing/></Document>", "watchlist.unknown"),
        (b"a,b\n1,2\n", "watchlist.unknown"),
        (b"\x00\x01\x02", "watchlist.unknown"),
        (b"id,name,alias\nq1,A,B\nq2,C", "watchlist.broken_csv"),
        (b"id,name\nq1,A,B\n", "watchlist.broken_csv"),
        (listed.SDN_CSV[:-12].encode(), "watchlist.broken_csv"),
        (b"id,name\nq1,A\nq1,B\n", "watchlist.code_twice"),
        (b"id,name\nq1,\n", "watchlist.nameless"),
        (b"id,name\n", "watchlist.empty"),
        (b"id,name,name\nq1,A,B\n", "watchlist.column_twice"),
        (b'id,name\nq1,"A' + b"a" * 140_000, "watchlist.broken_csv"),
        (b"<CONSOLIDATED_LIST></CONSOLIDATED_LIST>", "watchlist.empty"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(BusinessError) as refused:
        reading.read(content)
    assert refused.value.code == code
    assert str(refused.value)


def test_a_list_leaves_the_readers_of_payments_their_limit() -> None:
    """The longest cell is one number for the whole process; a payment file with a quote left open is refused by it."""
    before = csv.field_size_limit()
    reading.read(listed.SIMPLE.encode())
    assert csv.field_size_limit() == before == 131_072


def test_elements_of_xml_are_counted_once_each_and_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    many = f"<CONSOLIDATED_LIST>{'<A/>' * 60_000}</CONSOLIDATED_LIST>".encode()
    asked = _counting(monkeypatch)
    with pytest.raises(BusinessError) as refused:
        reading.read(many)
    assert refused.value.code == "watchlist.empty"
    # Of each element its beginning and its end; nothing asks the root for all of its children again and again.
    assert (asked["events"], asked["lengths"]) == (2 * 60_001, 0)
    monkeypatch.setattr(reading, "MOST_ELEMENTS", 1_000)
    asked["events"] = 0
    with pytest.raises(BusinessError) as refused:
        reading.read(many)
    assert (refused.value.code, refused.value.params["most"]) == ("watchlist.too_many_elements", 1_000)
    assert asked["events"] < 2_100


def _counting(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many events of the parser were looked at, and how often the length of an element was asked."""
    asked = {"events": 0, "lengths": 0}
    parse = etree.iterparse

    def counting(*given: Any, **more: Any) -> Iterator[Any]:
        for event in parse(*given, **more):
            asked["events"] += 1
            yield event

    def length(thing: Any) -> int:
        asked["lengths"] += isinstance(thing, etree._Element)
        return len(thing)

    monkeypatch.setattr(etree, "iterparse", counting)
    monkeypatch.setattr(reading, "len", length, raising=False)
    return asked


def test_entries_of_every_form_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 1)
    for content in (listed.UN, listed.SDN_CSV, listed.SIMPLE):
        with pytest.raises(BusinessError) as refused:
            reading.read(content.encode())
        assert refused.value.code == "watchlist.too_many"


@pytest.mark.skipif(not LISTS.exists(), reason="the files of the publishers are not here")
@pytest.mark.parametrize(
    "name",
    ["opensanctions-testdataset1-dataset.csv", "opensanctions-testdataset3-dataset.csv", "watchman-ofactest-sdn.csv",
     "watchman-test-sdn.csv", "watchman-UN_consolidated_even.xml"],
)  # fmt: skip
def test_files_of_publishers_have_the_entries_that_are_known_of_them(name: str) -> None:
    facts = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"][f"sanctions/{name}"]
    read = reading.read((LISTS / name).read_bytes())
    assert len(read.entries) == facts["names"]
    if "individuals" in facts:
        assert sum(one.kind == "person" for one in read.entries) == facts["individuals"]


pytestmark = pytest.mark.django_db


def test_a_version_is_taken_into_force_with_its_difference_and_each_can_be_rebuilt() -> None:
    _stage, (one, _other) = listed.supervisors()
    first = listed.loaded(one, shrink_percent=60)
    changed = listed.MORE.replace("Nadezhda Zantova,,1975", "Nadezhda Zantova,,1976").replace(
        'q2,Organization,Karbadin Trading Company,Karbadin Trade LLC,,IR,"Valiasr Ave, Tehran",,TEST-2,\n', ""
    )
    second = watchlists.take_in(
        actor=one, list_id=first.watch_list_id, content=changed.encode(), file_name="b.csv", origin="url"
    )
    assert (second.number, second.status, second.entry_count) == (2, "current", 3)
    assert (second.added_count, second.changed_count, second.removed_count) == (1, 1, 1)
    parts = {name: [row.code for row in rows] for name, rows in watchlists.changes_of(second).items()}
    assert parts == {"added": ["q4"], "changed": ["q3"], "removed": ["q2"]}
    of = first.watch_list
    assert [row.code for row in watchlists.as_of(of, 1)] == ["q1", "q2", "q3"]
    assert [row.code for row in watchlists.as_of(of, 2)] == ["q1", "q3", "q4"]
    assert watchlists.as_of(of, 1).get(code="q3").content["births"] == ["1975"]
    assert watchlists.as_of(of, 2).get(code="q3").content["births"] == ["1976"]
    assert WatchListEntry.objects.filter(watch_list=of).count() == 5
    assert watchlists.stored(first) == listed.SIMPLE.encode()
    acts = AuditRecord.objects.filter(subject_type="watchlist", subject_id=of.pk).order_by("pk")
    assert [act.action for act in acts] == ["watchlist.made", "watchlist.activated", "watchlist.activated"]
    assert watchlists.take_in(actor=one, list_id=of.pk, content=changed.encode(), file_name="b.csv").pk == second.pk
    second.refresh_from_db()
    assert second.confirmed_at is not None


def test_what_lost_many_entries_waits_for_a_second_person() -> None:
    _stage, (one, other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    small = "id,name\nq1,Vasil Draganov Korbalski\n"
    made, asked = asking.load(actor=one, list_id=of.pk, content=small.encode(), file_name="small.csv")
    assert asked is not None
    assert (made.status, made.removed_count) == ("waiting", 2)
    assert of.entries.filter(last_number=None).count() == 3
    with pytest.raises(BusinessError) as refused:
        asking.load(actor=other, list_id=of.pk, content=listed.MORE.encode(), file_name="more.csv")
    assert refused.value.code == "watchlist.waiting"
    with pytest.raises(BusinessError) as refused:
        changes.sign(actor=one, request_id=asked.pk)
    assert refused.value.code == "change.own_work"
    past_the_two = """
        with before as (update controls_watchlistversion set status = 'past' where status = 'current' returning id)
        insert into controls_watchlistversion (watch_list_id, number, status, format, origin, file_name, sha256, size,
            published, loaded_at, entry_count, added_count, changed_count, removed_count, weakened_count, activated_at)
        select watch_list_id, 9, 'current', format, origin, file_name, sha256, size, published, loaded_at, entry_count,
               added_count, changed_count, removed_count, weakened_count, loaded_at
        from controls_watchlistversion where id = %s
    """
    with pytest.raises(DatabaseError, match="second person signs"), transaction.atomic():
        sql.run(past_the_two, [made.pk])
    changes.sign(actor=other, request_id=asked.pk)
    made.refresh_from_db()
    assert made.status == "current"
    assert [row.code for row in of.entries.filter(last_number=None)] == ["q1"]


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("q1,Person,Vasil Draganov Korbalski", "q1,Person,Nobody At All", (1, 1, 0)),
        ("q3,Person,Nadezhda Zantova", "q3,Organization,Nadezhda Zantova", (1, 1, 0)),
        (";Korbalski V.D.", "", (1, 1, 0)),
        ("q3,Person,Nadezhda Zantova,,1975,RU,,,TEST-1,\n", "", (0, 0, 1)),
    ],
)
def test_what_a_person_brings_waits_when_an_entry_or_a_name_is_gone(
    before: str, after: str, counts: tuple[int, int, int]
) -> None:
    _stage, (one, other) = listed.supervisors()
    of = listed.loaded(one, shrink_percent=90).watch_list
    content = listed.SIMPLE.replace(before, after).encode()
    made, asked = asking.load(actor=one, list_id=of.pk, content=content, file_name="b.csv")
    assert asked is not None
    assert (made.changed_count, made.weakened_count, made.removed_count) == counts
    assert (made.status, of.versions.get(status="current").number) == ("waiting", 1)
    assert [row.code for row in of.entries.filter(last_number=None, first_number=1).order_by("code")] == [
        "q1", "q2", "q3",
    ]  # fmt: skip
    unsigned = of.versions.filter(pk=made.pk)
    with pytest.raises(DatabaseError, match="second person signs"), transaction.atomic():
        unsigned.update(status="current", activated_at=made.loaded_at)
    changes.sign(actor=other, request_id=asked.pk)
    # In force, it is written to as any other: when it was screened again, when it was seen unchanged.
    of.versions.filter(pk=made.pk, status="current").update(rescreened_at=made.loaded_at)
    made.refresh_from_db()
    assert (made.status, made.rescreened_at) == ("current", made.loaded_at)


def test_what_a_person_brings_is_in_force_at_once_when_it_only_stops_more() -> None:
    _stage, (one, _other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    content = listed.MORE.replace(";Korbalski V.D.", ";Korbalski V. D.;Wasil K.").replace("1975", "1976")
    made, asked = asking.load(actor=one, list_id=of.pk, content=content.encode(), file_name="b.csv")
    assert asked is None
    assert (made.status, made.added_count, made.changed_count, made.weakened_count) == ("current", 1, 2, 0)


def test_names_that_are_gone_count_in_the_share_of_the_publisher() -> None:
    _stage, (one, _other) = listed.supervisors()
    of = listed.loaded(one, shrink_percent=40).watch_list
    renamed = listed.SIMPLE.replace("Vasil Draganov Korbalski", "Nobody").replace("Nadezhda Zantova", "Nobody Else")
    made = watchlists.take_in(
        actor=None, list_id=of.pk, content=renamed.encode(), file_name="b.csv", origin="url"
    )  # fmt: skip
    assert (made.status, made.weakened_count, made.removed_count) == ("refused", 2, 0)
    one_gone = listed.SIMPLE.replace("Nadezhda Zantova", "Nobody Else")
    made = watchlists.take_in(
        actor=None, list_id=of.pk, content=one_gone.encode(), file_name="c.csv", origin="url"
    )  # fmt: skip
    assert (made.status, made.weakened_count) == ("current", 1)


def test_what_was_tightened_meanwhile_stays_when_another_setting_is_signed() -> None:
    _stage, (one, other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    values = {"threshold": 82, "shrink_percent": 20, "is_active": True, "url": ""}
    asked = asking.settings(actor=one, list_id=of.pk, values=values, reason="A larger share")
    assert asked is not None
    assert asked.change == {"list": of.name, "shrink_percent": 20}
    assert asking.settings(actor=other, list_id=of.pk, values={"threshold": 75}) is None
    changes.sign(actor=other, request_id=asked.pk)
    of.refresh_from_db()
    assert (of.threshold, of.shrink_percent) == (75, 20)


def test_what_lost_many_entries_is_refused_to_the_clock_and_kept() -> None:
    _stage, (one, _other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    made = watchlists.take_in(
        actor=None, list_id=of.pk, content=b"id,name\nq1,Vasil Korbalski\n", file_name="small.csv", origin="url"
    )
    assert made.status == "refused"
    assert of.versions.get(status="current").number == 1


def test_what_was_refused_to_the_clock_is_kept_once_and_told_each_night() -> None:
    _stage, (one, _other) = listed.supervisors()
    of = listed.loaded(one).watch_list

    def fetched(content: bytes) -> WatchListVersion:
        return watchlists.take_in(actor=None, list_id=of.pk, content=content, file_name="x.csv", origin="url")

    small, smaller = b"id,name\nq1,Vasil Korbalski\n", b"id,name\nq3,Nadezhda Zantova\n"
    first, again, other, back = (fetched(content) for content in (small, small, smaller, small))
    assert (first.pk, first.number) == (again.pk, 2)
    assert [(made.number, made.status) for made in (other, back)] == [(3, "refused"), (4, "refused")]
    told = AuditRecord.objects.filter(action="watchlist.shrunk").order_by("pk")
    assert [act.details["number"] for act in told] == [2, 2, 3, 4]
    assert (of.versions.get(status="current").number, of.versions.count()) == (1, 4)


def test_what_weakens_a_list_takes_two_people_and_what_stops_more_takes_one() -> None:
    _stage, (one, other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    before = listsets.current()
    assert asking.settings(actor=one, list_id=of.pk, values={"threshold": 80}) is None
    after = listsets.current()
    assert before is not None
    assert after is not None
    assert before.list_set_id != after.list_set_id
    assert ListSet.objects.count() == 2
    with pytest.raises(BusinessError) as refused:
        asking.settings(actor=one, list_id=of.pk, values={"threshold": 95})
    assert refused.value.code == "payment.reason_required"
    asked = asking.settings(actor=one, list_id=of.pk, values={"is_active": False}, reason="Replaced by another")
    assert asked is not None
    with pytest.raises(DatabaseError, match="weakens a list"), transaction.atomic():
        WatchList.objects.filter(pk=of.pk).update(is_active=False)
    changes.sign(actor=other, request_id=asked.pk)
    of.refresh_from_db()
    assert (of.is_active, of.threshold) == (False, 80)
    assert listsets.current() is None


def test_who_may_not_manage_a_list_changes_nothing() -> None:
    stage, (one, _other) = listed.supervisors()
    of = listed.loaded(one).watch_list
    here = people.person(roles.SUPERVISOR, entity=stage.entity)
    operator = people.person(roles.OPERATOR)
    people.bank_branch("ELSE", iban="FR7630006000011234567890189")
    for actor in (here, operator):
        with pytest.raises(Denied):
            watchlists.take_in(actor=actor, list_id=of.pk, content=listed.MORE.encode(), file_name="x.csv")
        with pytest.raises(Denied):
            asking.settings(actor=actor, list_id=of.pk, values={"threshold": 99}, reason="x")
    assert of.versions.count() == 1
    assert not ChangeRequest.objects.exists()


def test_the_application_writes_no_entry_anew() -> None:
    _stage, (one, _other) = listed.supervisors()
    listed.loaded(one)
    for query in (
        "update controls_watchlistentry set name = 'Nobody'", "delete from controls_watchlistentry",
        "update controls_watchlistversion set sha256 = ''", "delete from controls_watchlistversion",
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql.run(query)


def test_the_command_loads_several_files_and_says_which_are_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _stage, (one, _other) = listed.supervisors()
    listed.a_list(one, code="OFAC")
    for name, content in (("sdn.csv", listed.SDN_CSV), ("alt.csv", listed.ALT_CSV)):
        (tmp_path / name).write_text(content)
    call_command("load_watchlist", "ofac", str(tmp_path / "sdn.csv"), str(tmp_path / "alt.csv"))
    assert "Read without add.csv: aliases or addresses are not in it. In force" in capsys.readouterr().out
    assert WatchListVersion.objects.get().file_name == "alt.csv + sdn.csv.zip"
    with pytest.raises(CommandError, match=r"gone\.csv: No such file"):
        call_command("load_watchlist", "ofac", str(tmp_path / "gone.csv"))


def test_the_command_loads_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _stage, (one, _other) = listed.supervisors()
    listed.a_list(one, code="TEST")
    file = tmp_path / "list.csv"
    file.write_text(listed.SIMPLE)
    call_command("load_watchlist", "test", str(file), "--by", one.email)
    assert "TEST version 1: 3 entries, 3 added, 0 changed (0 weakened), 0 removed. In force" in capsys.readouterr().out
    made = WatchListVersion.objects.get()
    assert (made.origin, made.loaded_by) == ("command", one)
    file.write_text("id,name\nq1,A B\n")
    with pytest.raises(CommandError, match="lost entries or names"):
        call_command("load_watchlist", "test", str(file))
    file.write_text("nothing")
    with pytest.raises(CommandError, match="no list that can be read"):
        call_command("load_watchlist", "test", str(file))
