"""Bringing files in: what the person sees of a good file, a bad one, the same one again, and of others' files."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Entity, User
from documents.models import AuditRecord
from tests.files import pain001
from tests.people import Stage, bank_branch, batch, payment, person
from tests.web.desk import finding, signed_in
from transactions.models import Hold, IntakeProblem, IntakeSource, Payment, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[Any]]

LIST = """Beneficiary;IBAN;Amount;Reference;Motif
Imprimerie du Faou;FR7630006000011234567890189;1 250,50;F-1;Facture 1
Atelier Nordine;DE89370400440532013001;99,00;F-2;Facture 2
Bureau =cmd;FR7630006000011234567890189;12,345;F-3;=HYPERLINK("x")
"""


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def client(stage: Stage) -> Client:
    return signed_in(person(roles.OPERATOR, entity=stage.entity, name="Léa Martin"))


@pytest.fixture
def send(client: Client, django_capture_on_commit_callbacks: Capture) -> Callable[..., Any]:
    def sending(content: bytes | str, name: str = "wages.xml", destination: str = "BANK:treasurer") -> Any:
        data = content.encode() if isinstance(content, str) else content
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(
                "/batches/bring-in/", {"destination": destination, "files": SimpleUploadedFile(name, data)}
            )

    return sending


def test_a_file_leads_to_its_batch_with_what_was_read_and_where_it_stands(
    send: Callable[..., Any], client: Client, stage: Stage
) -> None:
    answer = send(pain001(3))
    made = PaymentBatch.objects.get()
    assert answer.headers["Location"] == f"/batches/{made.pk}/"
    assert (made.source, made.channel, made.imported_by.full_name) == (stage.source, "file", "Léa Martin")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "wages.xml" in page
    assert "3 rows" in page
    assert "Payments: the same" in page
    assert "Control sum: the same" in page
    for row in Payment.objects.filter(batch=made):
        assert f'href="/payments/{row.pk}/">{row.reference}</a>' in page
    assert 'data-live="off"' in page


def test_who_brings_a_file_in_signs_none_of_it_whatever_the_source(
    send: Callable[..., Any], client: Client, stage: Stage
) -> None:
    """The source says that an outside sender made it; but the person at the screen could have made it."""
    assert stage.source.maker == "sender"
    send(pain001(1))
    made = Payment.objects.select_related("state").get()
    assert made.maker == PaymentBatch.objects.get().imported_by
    PaymentState.objects.filter(pk=made.pk).update(status="checked", outcome="pass", hold_count=0)
    answer = client.post(f"/payments/{made.pk}/approve/", {"version": made.state.version}, follow=True)
    assert PaymentState.objects.get(pk=made.pk).status == "checked"
    assert "You created or amended this payment." in answer.content.decode()


def test_the_same_file_again_is_refused_with_a_link_to_the_first(send: Callable[..., Any]) -> None:
    send(pain001(2))
    first = PaymentBatch.objects.get()
    answer = send(pain001(2), name="again.xml")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "again.xml" in page
    assert f'<a href="/batches/{first.pk}/">Open the first one</a>' in page
    assert PaymentBatch.objects.count() == 1


def test_several_files_at_once_those_taken_and_those_refused(client: Client) -> None:
    files = [SimpleUploadedFile(f"{number}.xml", pain001(number)) for number in (1, 2)]
    answer = client.post("/batches/bring-in/", {"destination": "BANK", "files": files})
    assert answer.headers["Location"] == "/batches/"
    assert PaymentBatch.objects.filter(source=None, status="received").count() == 2
    mixed = [SimpleUploadedFile("1.xml", pain001(1)), SimpleUploadedFile("3.xml", pain001(3))]
    answer = client.post("/batches/bring-in/", {"destination": "BANK", "files": mixed})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "1 file was not taken in." in page
    assert PaymentBatch.objects.count() == 3
    assert ">3.xml</a>" in page


def test_nothing_chosen_and_an_empty_file_are_said(send: Callable[..., Any], client: Client) -> None:
    answer = client.post("/batches/bring-in/", {"destination": "BANK"})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()
    assert "The file is empty." in send(b"", name="nothing.xml").content.decode()
    assert not PaymentBatch.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(send: Callable[..., Any], client: Client) -> None:
    send(b"%PDF-1.7 not a payment file", name="invoice.pdf")
    made = PaymentBatch.objects.get()
    assert made.status == "refused"
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "The file was refused; nothing of it was taken in." in page
    assert made.refusal_code
    assert "<strong>System</strong> refused the file: This is a file of another kind (pdf)" in page
    assert "<strong>Léa Martin</strong> brought the file in" in page
    assert not Payment.objects.exists()


def test_a_bad_row_is_said_with_place_field_value_and_cause_and_the_others_go_on(
    send: Callable[..., Any], client: Client
) -> None:
    send(LIST, name="list.csv", destination="BANK")
    made = PaymentBatch.objects.get()
    assert (made.taken_count, made.problem_count) == (2, 1)
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "1 row was not taken in. The other 2 go on." in " ".join(page.split())
    assert "line 4" in page
    assert "12.345 has more than the 2 decimals of EUR." in page
    assert "Checked, with problems" in page
    payments = client.get(f"/batches/{made.pk}/?tab=payments").content.decode()
    assert "Imprimerie du Faou" in payments


def test_problems_as_csv_never_run_in_a_spreadsheet(send: Callable[..., Any], client: Client) -> None:
    send(LIST, name="list.csv", destination="BANK")
    made = PaymentBatch.objects.get()
    IntakeProblem.objects.create(batch=made, position=9, code="csv.formula", value="=1+1", field="remittance")
    IntakeProblem.objects.create(batch=made, position=10, code="csv.formula", value="@SUM(A1)", path="+x")
    answer = client.get(f"/batches/{made.pk}/problems.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="problems-{made.pk}.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["Row", "Line", "Path", "Field", "Value", "Problem", "Code", "Severity"]
    assert len(rows) == 1 + IntakeProblem.objects.filter(batch=made).count()
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    assert [row[4] for row in rows[-2:]] == ["'=1+1", "'@SUM(A1)"]
    assert rows[-2][3] == "Remittance"


def test_the_source_file_is_given_back_as_it_came_and_that_is_on_record(
    send: Callable[..., Any], client: Client
) -> None:
    send(pain001(1))
    made = PaymentBatch.objects.get()
    answer = client.get(f"/batches/{made.pk}/file/")
    assert b"".join(answer.streaming_content) == pain001(1)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="wages.xml"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert AuditRecord.objects.filter(action="batch.downloaded", subject_id=made.pk).count() == 1


def test_sums_are_said_in_their_currencies(client: Client, stage: Stage) -> None:
    made = batch(
        stage, declared_sum="1521.59", read_sum="1521.59", read_count=5,
        read_sums={"EUR": "1120.09", "JPY": "1500", "TND": "1.500", "": "3.5"},
    )  # fmt: skip
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "sum 3.50, €1,120.09, JP¥1,500, TND\xa01.500 ·" in page
    # The control sum adds up different things, and is no money.
    assert '<td class="num">1,521.59</td><td class="num">1,521.59</td>' in page
    rows = client.get("/batches/").content.decode()
    assert '<td class="num amount">3.50<br>€1,120.09<br>JP¥1,500<br>TND\xa01.500</td>' in rows
    User.objects.update(language="fr")
    rows = client.get("/batches/").content.decode()
    assert "3,50<br>1\u202f120,09\xa0€<br>1\u202f500\xa0JPY<br>1,500\xa0TND</td>" in rows


def test_the_control_sum_of_one_currency_is_money(client: Client, stage: Stage) -> None:
    made = batch(stage, declared_sum="450", read_sum="300", read_sums={"JPY": "300"}, read_count=2)
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "Control sum: differs by −JP¥150" in page
    assert "sum JP¥300 ·" in page


def test_declared_figures_are_said_as_people_write_them(client: Client, stage: Stage) -> None:
    made = batch(stage)
    said = {"declared": "12000.5", "counted": "1.50"}
    IntakeProblem.objects.create(batch=made, position=0, code="declared.file_sum", params=said, severity="warning")
    counts = {"declared": "x", "counted": 1200}
    IntakeProblem.objects.create(batch=made, position=0, code="declared.file_count", params=counts, severity="warning")
    User.objects.update(language="fr")
    text = b"".join(client.get(f"/batches/{made.pk}/problems.csv").streaming_content).decode()
    assert "somme de contrôle de 12\u202f000,50" in text
    assert "le total de ses montants est de 1,50" in text
    assert "1\u202f200" in text


def test_a_running_batch_refreshes_its_parts_until_it_has_finished(client: Client, stage: Stage) -> None:
    made = batch(stage, status="checking", taken_count=2400, checked_count=1610, read_count=2400, file_name="big.xml")
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert 'data-live="on" data-live-every="1"' in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert "1,610 of 2,400 payments checked" in page
    assert '<progress class="meter" max="2400" value="1610"' in page
    PaymentBatch.objects.filter(pk=made.pk).update(status="ready", checked_count=2400)
    done = client.get(f"/batches/{made.pk}/").content.decode()
    assert 'data-live="off"' in done
    assert "http-equiv" not in done


def test_a_batch_that_is_being_read_tells_the_live_count(client: Client, stage: Stage) -> None:
    made = batch(stage, status="received", file_name="big.xml")
    cache.set(
        f"intake:{made.pk}", {"phase": "reading", "read": 500, "problems": 4, "declared": 2000, "seconds": 2.0}, 60
    )
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "500 of 2,000 rows read" in page
    assert "250 rows a second" in page
    assert "about 6 s left" in page
    assert "4 rows not taken in so far" in page


def test_counts_and_sums_that_differ_are_said(client: Client, stage: Stage) -> None:
    made = batch(stage, declared_count=3, declared_sum="450.00", read_count=2, taken_count=2, read_sum="300.00")
    page = client.get(f"/batches/{made.pk}/").content.decode()
    assert "Payments: differs by −1" in page
    assert "Control sum: differs by −150.00" in page
    assert "450.00" in page
    assert "300.00" in page


def test_lists_page_by_keyset_with_the_same_queries_at_any_length(
    client: Client, stage: Stage, django_assert_num_queries: Any
) -> None:
    first = batch(stage, file_name="first.xml")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/batches/")
    for number in range(60):
        batch(stage, file_name=f"{number}.xml", status="refused" if number % 2 else "ready")
    with django_assert_num_queries(LIST_QUERIES):
        page = client.get("/batches/")
    assert first.file_name not in page.content.decode()
    link = page.context["page"].next
    older = client.get("/batches/", {"cursor": link})
    assert first.file_name in older.content.decode()
    assert [
        row.pk for row in client.get("/batches/", {"cursor": older.context["page"].previous}).context["page"].items
    ] == [row.pk for row in page.context["page"].items]
    refused = client.get("/batches/?view=refused").context["page"].items
    assert {row.status for row in refused} == {"refused"}
    assert len(refused) == 30


def checked(stage: Stage, made: PaymentBatch, action: str = "", **fields: Any) -> Payment:
    """A payment of the file with the outcome of one finding (none: it passed)."""
    one = payment(stage, in_batch=made, **fields)
    if action:
        finding(one, action)
    return one


def test_a_checked_file_tells_how_its_payments_fared_and_where_they_wait(
    client: Client, stage: Stage, django_assert_num_queries: Any
) -> None:
    made = batch(stage, taken_count=6, read_count=6, file_name="wages.xml")
    other = payment(stage, creditor_name="Of another file")
    checked(stage, made, amount="100.00", creditor_name="Clean one")
    checked(stage, made, amount="50.00")
    checked(stage, made, amount="1200", currency="JPY")
    checked(stage, made, "warn", amount="7.00")
    checked(stage, made, "second", amount="9000.00", status="validated")
    held = checked(stage, made, "hold", amount="30.00", creditor_name="Held one")
    Hold.objects.create(payment_id=held.pk, code="rule", rule_code="X", placed_at=timezone.now())
    PaymentState.objects.filter(pk=held.pk).update(hold_count=1)
    with django_assert_num_queries(PAGE_QUERIES + 2):
        answer = client.get(f"/batches/{made.pk}/?tab=payments")
    told = answer.context["outcome"]
    assert [(str(row["label"]), row["count"], row["sums"]) for row in told["fared"]] == [
        ("Passed", 3, ["€150.00", "JP¥1,200"]),
        ("With a warning", 1, ["€7.00"]),
        ("Further approval asked", 1, ["€9,000.00"]),
        ("Held by a check", 1, ["€30.00"]),
    ]
    assert told["seen"] == 0
    assert told["waits"] == [
        ("To do", 4, f"/queue/?batch={made.pk}"),
        ("Second approval", 1, f"/second-approvals/?batch={made.pk}"),
        ("Waiting", 1, f"/queue/?view=waiting&batch={made.pk}"),
    ]
    assert [(rule.action, rule.count) for rule, _url in told["rules"]] == [("hold", 1), ("second", 1), ("warn", 1)]
    page = answer.content.decode()
    assert f'<a href="/queue/?view=waiting&amp;batch={made.pk}">Waiting</a>' in page
    rows = client.get(f"/queue/?batch={made.pk}").content.decode()
    assert "Clean one" in rows
    assert other.creditor_name not in rows
    assert 'href="/queue/">File <b>wages.xml</b>' in " ".join(rows.split())
    assert f'<input type="hidden" name="batch" value="{made.pk}">' in rows
    hold = told["rules"][0]
    assert hold[1] == f"/queue/?view=waiting&batch={made.pk}&rule={hold[0].code}"
    waiting = client.get(hold[1]).content.decode()
    assert "Held one" in waiting
    assert "Clean one" not in waiting


def test_the_queue_of_a_file_of_anothers_entity_is_empty_and_names_nothing(stage: Stage, client: Client) -> None:
    elsewhere = bank_branch("OTHER", iban="FR7630006000011234567890189")
    foreign = batch(elsewhere, file_name="secret.xml")
    payment(elsewhere, in_batch=foreign)
    page = client.get(f"/queue/?batch={foreign.pk}").content.decode()
    assert f"File <b>#{foreign.pk}</b>" in page
    assert "secret.xml" not in page
    assert "No payment matches these filters" in page
    mine = payment(stage, creditor_name="Mine")
    assert "Mine" in client.get("/queue/?batch=x").content.decode()
    assert "Mine" in client.get(f"/queue/?batch={mine.batch_id}").content.decode()


def test_of_a_large_file_the_first_are_told(client: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transactions.queries.batches.COUNT_CAP", 2)
    made = batch(stage, taken_count=3)
    for position in (3, 1, 2):
        payment(stage, in_batch=made, position=position, amount=f"{position}.00")
    page = client.get(f"/batches/{made.pk}/")
    assert [(row["count"], row["sums"]) for row in page.context["outcome"]["fared"]] == [(2, ["€3.00"])]
    assert "Of the first 2 payments of the file." in page.content.decode()


def test_while_a_file_is_checked_nothing_is_told_of_how_it_fared(client: Client, stage: Stage) -> None:
    made = batch(stage, taken_count=2, status="checking")
    payment(stage, in_batch=made)
    page = client.get(f"/batches/{made.pk}/")
    assert "outcome" not in page.context


def test_problems_and_payments_of_a_batch_page_by_keyset(
    client: Client, stage: Stage, django_assert_num_queries: Any
) -> None:
    made = batch(stage, problem_count=70)
    IntakeProblem.objects.bulk_create(
        IntakeProblem(batch=made, position=number, code="iban.check_digits", field="creditor_number", value="X")
        for number in range(1, 71)
    )
    with django_assert_num_queries(PAGE_QUERIES):
        page = client.get(f"/batches/{made.pk}/?tab=problems")
    assert [row["problem"].position for row in page.context["problems"]] == list(range(1, 51))
    rest = client.get(f"/batches/{made.pk}/?tab=problems", {"tab": "problems", "cursor": page.context["page"].next})
    assert [row["problem"].position for row in rest.context["problems"]] == list(range(51, 71))
    for number in range(3):
        payment(stage, in_batch=made, position=number + 1)
    with django_assert_num_queries(PAGE_QUERIES):
        assert len(client.get(f"/batches/{made.pk}/?tab=payments").context["page"].items) == 3


def test_anothers_batch_is_not_there(stage: Stage) -> None:
    other = Entity.objects.create(code="OTHER", name="Other")
    made = batch(stage)
    stranger = signed_in(person(roles.SUPERVISOR, entity=other))
    for address in ("", "problems.csv", "file/"):
        assert stranger.get(f"/batches/{made.pk}/{address}").status_code == 404
    assert stranger.get("/batches/").context["page"].items == []
    assert stranger.get(f"/sources/{stage.source.pk}/").status_code == 404
    posted = stranger.post(
        "/batches/bring-in/", {"destination": "BANK", "files": SimpleUploadedFile("a.xml", pain001(1))}
    )
    assert posted.status_code == 404
    assert PaymentBatch.objects.count() == 1


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.LOGISTICS, roles.ADMINISTRATOR])
def test_who_may_not_import_brings_nothing_in(stage: Stage, role: str) -> None:
    client = signed_in(person(role))
    posted = client.post(
        "/batches/bring-in/", {"destination": "BANK", "files": SimpleUploadedFile("a.xml", pain001(1))}
    )
    assert posted.status_code == 403
    assert client.get("/batches/bring-in/").status_code == 403
    assert client.get("/batches/").status_code == (200 if role == roles.AUDITOR else 403)
    assert not PaymentBatch.objects.exists()
    assert not AuditRecord.objects.filter(subject_type="batch").exists()


# Sources


def supervisor(stage: Stage) -> Client:
    return signed_in(person(roles.SUPERVISOR, entity=stage.entity))


FORM = {
    "name": "Treasurer",
    "maker": "sender",
    "is_active": "on",
    "decimal": "",
    "date": "",
    "currency": "",
    "debtor_number": "",
}


def test_a_source_is_changed_with_its_versions_and_its_record(stage: Stage) -> None:
    client = supervisor(stage)
    answer = client.post(
        f"/sources/{stage.source.pk}/",
        {
            **FORM,
            "name": "Group treasurer",
            "maker": "importer",
            "all_or_nothing": "on",
            "decimal": ",",
            "date": "dmy",
            "title": ["Bénéficiaire ", "Interne", ""],
            "field": ["creditor_name", "-", "amount"],
        },
    )
    assert answer.status_code == 302
    source = IntakeSource.objects.get()
    assert (source.name, source.maker, source.all_or_nothing) == ("Group treasurer", "importer", True)
    assert source.mapping["decimal"] == ","
    assert source.mapping["date"] == "dmy"
    assert source.mapping["columns"] == {"Bénéficiaire": "creditor_name", "Interne": ""}
    assert source.history.count() >= 2
    records = AuditRecord.objects.filter(subject_type="source", subject_id=source.pk).order_by("id")
    assert [row.action for row in records] == ["source.changed", "source.mapping_changed"]
    assert records[0].details["fields"] == ["all_or_nothing", "maker", "name"] or set(records[0].details["fields"]) == {
        "name",
        "maker",
        "all_or_nothing",
    }
    page = client.get(f"/sources/{source.pk}/").content.decode()
    assert 'value="Bénéficiaire"' in page
    assert "changed the source:" in page


def test_that_a_source_is_given_to_an_outside_sender_is_told_with_from_and_to(stage: Stage) -> None:
    IntakeSource.objects.filter(pk=stage.source.pk).update(maker="importer")
    client = supervisor(stage)
    assert client.post(f"/sources/{stage.source.pk}/", FORM).status_code == 302
    [record] = AuditRecord.objects.filter(action="source.changed", subject_id=stage.source.pk)
    assert (record.details["before"], record.details["after"]) == ({"maker": "importer"}, {"maker": "sender"})
    said = "who counts as maker, from “the person who brings the file in” to “the outside sender of the file”"
    assert f"changed the source: {said}" in client.get(f"/sources/{stage.source.pk}/").content.decode()


def test_the_same_form_again_records_nothing(stage: Stage) -> None:
    client = supervisor(stage)
    assert client.post(f"/sources/{stage.source.pk}/", FORM).status_code == 302
    assert not AuditRecord.objects.filter(subject_type="source").exists()


def test_a_form_with_an_error_saves_none_of_it(stage: Stage) -> None:
    answer = supervisor(stage).post(
        f"/sources/{stage.source.pk}/", {**FORM, "name": "New", "title": ["A"], "field": ["no_such_field"]}
    )
    assert answer.status_code == 422
    assert IntakeSource.objects.get().name == "Treasurer"
    assert not AuditRecord.objects.filter(subject_type="source").exists()


def test_a_source_is_added_once(stage: Stage) -> None:
    client = supervisor(stage)
    form = {"entity": "BANK", "code": "payroll", "name": "Payroll", "maker": "importer", "all_or_nothing": "on"}
    answer = client.post("/sources/new/", form)
    made = IntakeSource.objects.get(code="payroll")
    assert answer.headers["Location"] == f"/sources/{made.pk}/"
    assert (made.entity, made.all_or_nothing) == (stage.entity, True)
    again = client.post("/sources/new/", form)
    assert again.status_code == 422
    assert "The entity has a source “payroll” already." in again.content.decode()
    assert AuditRecord.objects.filter(action="source.added").count() == 1


def test_an_operator_sees_sources_and_changes_none(client: Client, stage: Stage) -> None:
    assert stage.source.name in client.get("/sources/").content.decode()
    page = client.get(f"/sources/{stage.source.pk}/").content.decode()
    assert '<fieldset class="form" disabled>' in page
    assert "Save the source" not in page
    assert client.post(f"/sources/{stage.source.pk}/", {**FORM, "name": "Mine"}).status_code == 403
    assert client.get("/sources/new/").status_code == 403
    assert IntakeSource.objects.get().name == "Treasurer"


# Session, person, rights, counters of the shell, entities, one page of batches.
LIST_QUERIES = 6
# The same of the shell; the batch, its progress, one page of what it holds, its acts.
PAGE_QUERIES = 8
