"""Verification of payee: who is asked, what counts as an answer, what follows, and what a bad day costs."""

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from backoffice.common.errors import Denied
from backoffice.people import roles
from controls.models import (
    PayeeVerification,
    PaymentVerification,
    VerificationService,
)
from controls.verification import asking, calling, simulator, unjudged
from documents.models import AuditRecord
from tests import database, people
from tests.api.client import Program
from tests.controls import scene as scenes
from tests.controls.scene import NAME, OTHER_IBAN, Scene
from tests.controls.verifying import TOKEN, answered, check, findings, use
from tests.web.desk import signed_in
from transactions import workflow
from transactions.models import BankDetails, Payee, Payment, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


# Who is asked


def test_our_own_books_answer_without_asking_anybody(scene: Scene) -> None:
    own = people.account(scene.stage.entity, "SAVINGS", "customer", "C", iban=OTHER_IBAN, name="Claire Martin")
    same, near, other = (
        scene.payment(creditor_number=OTHER_IBAN, creditor_account=own, payee=None, creditor_name=name)
        for name in ("MARTIN Claire", "Claire Martine", "Global Trade Partners")
    )
    known = scene.payment(creditor_name="Kervella Matériaux")
    check(same, near, other, known)
    assert answered(same) == ("MTCH", "", "account", "")
    assert answered(near) == ("CMTC", "Claire Martin", "account", "")
    assert answered(other) == ("NMTC", "", "account", "")
    assert answered(known) == ("MTCH", "", "payee", "")
    assert [findings(one) for one in (same, near, other, known)] == [set(), {"VOP-CLOSE"}, {"VOP-NO-MATCH"}, set()]
    states = PaymentState.objects.in_bulk([one.pk for one in (same, near, other, known)])
    assert [states[one.pk].hold_count for one in (same, near, other, known)] == [0, 0, 1, 0]


@pytest.mark.parametrize("what", ["unconfirmed", "ended", "of another entity", "account of another entity"])
def test_what_our_books_do_not_vouch_for_answers_nothing(scene: Scene, what: str) -> None:
    if what == "unconfirmed":
        database.update(BankDetails.objects.filter(pk=scene.details.pk), confirmed_at=None, confirmed_by=None)
    elif what == "ended":
        database.update(BankDetails.objects.filter(pk=scene.details.pk), valid_to=timezone.now())
    else:
        database.update(BankDetails.objects.filter(pk=scene.details.pk), valid_to=timezone.now())
        other = people.bank_branch("OTHER", iban=OTHER_IBAN)
        if what == "account of another entity":
            people.account(other.entity, "DEEP", "customer", "C", iban=people.PAYEE_IBAN, name=NAME)
        else:
            payee = Payee.objects.create(entity=other.entity, name=NAME, name_key="k", created_at=timezone.now())
            BankDetails.objects.create(
                payee=payee, entity=other.entity, account_number=people.PAYEE_IBAN, valid_from=timezone.now(),
                confirmed_by=people.person(), confirmed_at=timezone.now(),
            )  # fmt: skip
    payment = scene.payment()
    check(payment)
    assert answered(payment) is None
    assert (PayeeVerification.objects.count(), findings(payment)) == (0, set())


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "internal"}, {"kind": "transfer"}, {"currency": "USD"}, {"creditor_name": ""},
        {"creditor_number": "BR1800360305000010009795493C1"}, {"creditor_number": "DE88370400440532013000"},
        {"creditor_number": "0532013000"},
    ],
)  # fmt: skip
def test_what_is_not_verified_is_not_asked(scene: Scene, server: simulator.Server, fields: dict[str, str]) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(**{"payee": None, "creditor_number": OTHER_IBAN, **fields})
    check(payment)
    assert (server.asked, answered(payment)) == ([], None)


# The outside service


def test_the_service_answers_and_each_outcome_has_its_rule(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server)
    names = ("Granits de Locronan", "Granits Presque SAS", "Autre Negoce", "Cooperative Injoignable")
    made = [scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name=name) for name in names]
    check(*made)
    assert [answered(one) for one in made] == [
        ("MTCH", "", "service", ""),
        ("CMTC", "Granits SAS", "service", ""),
        ("NMTC", "", "service", ""),
        ("NOAP", "", "service", "verification.said_not_possible"),
    ]
    assert [findings(one) for one in made] == [set(), {"VOP-CLOSE"}, {"VOP-NO-MATCH"}, {"VOP-NOT-POSSIBLE"}]
    assert sorted(name for _key, _number, name in server.asked) == sorted(names)
    records = AuditRecord.objects.filter(action="payment.verified").order_by("subject_id")
    assert [(row.subject_id, row.details["outcome"], row.details["source"]) for row in records] == [
        (one.pk, outcome, "service") for one, outcome in zip(made, ("MTCH", "CMTC", "NMTC", "NOAP"), strict=True)
    ]


def test_a_finding_says_who_holds_the_account_in_both_languages(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name="Granits Presque SAS")
    check(payment)
    with translation.override("en"):
        english = scenes.found(payment)["VOP-CLOSE"]
    with translation.override("fr"):
        french = scenes.found(payment)["VOP-CLOSE"]
    assert english.startswith(
        "The account FR76 •••• 0189 is held by “Granits SAS”; the payment names “Granits Presque SAS” (asked on "
    )
    assert english.endswith(": the verification service).")
    assert french.startswith("Le compte FR76 •••• 0189 a pour titulaire «\xa0Granits SAS\xa0»\xa0; le paiement nomme ")
    assert french.endswith("\xa0: le service de vérification).")


def test_a_known_payee_by_another_name_is_asked_about_at_the_service(scene: Scene, server: simulator.Server) -> None:
    """It knows the holder; where it cannot say, our own record counts."""
    use(scene.stage.entity, server)
    renamed, unreachable = scene.payment(creditor_name="Armor Negoce"), scene.payment(creditor_name="Injoignable")
    check(renamed, unreachable)
    assert answered(renamed) == ("MTCH", "", "service", "")
    assert answered(unreachable) == ("NMTC", "", "payee", "")
    assert (findings(renamed), findings(unreachable)) == ({"NAME-UNLIKE"}, {"VOP-NO-MATCH"})


def test_an_answer_counts_for_its_hours_and_for_its_entity_alone(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server)
    first = scene.payment(creditor_number=OTHER_IBAN, payee=None)
    check(first)
    again, other_name = (
        scene.payment(creditor_number=OTHER_IBAN, payee=None, amount="77", creditor_name=name) for name in (NAME, "B")
    )
    check(again, other_name)
    assert [name for _key, _number, name in server.asked] == [NAME, "B"]
    links = PaymentVerification.objects.filter(payment__in=[first, again]).values_list("verification", flat=True)
    assert (len(links), len(set(links))) == (2, 1)

    other = people.bank_branch("OTHER", iban="FR7630004000031234567890143")
    use(other.entity, server)
    check(people.payment(other, status="received", creditor_number=OTHER_IBAN, creditor_name=NAME))
    assert len(server.asked) == 3

    for hours, asked in ((23, 3), (25, 4)):
        later = scene.payment(creditor_number=OTHER_IBAN, payee=None, amount=f"78.{hours}")
        with mock.patch.object(timezone, "now", return_value=timezone.now() + timedelta(hours=hours)):
            check(later)
        assert len(server.asked) == asked


def test_payments_of_one_file_ask_each_question_once_in_a_constant_number_of_queries(
    scene: Scene, server: simulator.Server
) -> None:
    use(scene.stage.entity, server)

    def filed(count: int, names: int) -> Any:
        batch = scene.batch(taken_count=count)
        for number in range(count):
            scene.payment(in_batch=batch, creditor_number=OTHER_IBAN, payee=None, amount=f"{number + 1}.11",
                          creditor_name=f"Firm {batch.pk} {number % names}")  # fmt: skip
        return batch

    with CaptureQueriesContext(connection) as few:
        asking.verify_batch(filed(2, 1).pk)
    with CaptureQueriesContext(connection) as lots:
        assert asking.verify_batch(filed(20, 5).pk) == 5
    assert len(server.asked) == 6

    def own(queries: CaptureQueriesContext) -> int:
        return len(
            [one for one in queries.captured_queries if "PayeeVerif" in one["sql"] or "controls_p" in one["sql"]]
        )

    assert own(lots) == own(few)
    assert PaymentVerification.objects.count() == 22


# What is no answer


@pytest.mark.parametrize(
    ("name", "code"),
    [("Panne", "verification.answered"), ("Injoignable", "verification.said_not_possible")],
)
def test_what_was_not_answered_is_never_a_match(scene: Scene, server: simulator.Server, name: str, code: str) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name=name)
    instant = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name=name, local_instrument="INST",
                            kind="instant")  # fmt: skip
    check(payment, instant)
    assert answered(payment) == ("NOAP", "", "service", code)
    assert findings(payment) == {"VOP-NOT-POSSIBLE"}
    assert findings(instant) == {"INSTANT-UNCONFIRMED"}


def test_a_verified_instant_transfer_is_not_asked_about_twice(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server)
    fields = {"creditor_number": OTHER_IBAN, "payee": None, "local_instrument": "INST", "kind": "instant"}
    matched, other = (scene.payment(creditor_name=name, **fields) for name in ("Le Goff", "Autre"))
    check(matched, other)
    assert (findings(matched), findings(other)) == (set(), {"VOP-NO-MATCH"})


RAW: list[tuple[Callable[[], bytes], str]] = [
    (lambda: b"", "not JSON"),
    (lambda: b"[]", "no object"),
    (lambda: b'{"outcome": "OK"}', "another code"),
    (lambda: b'{"outcome": "CMTC"}', "close without a name"),
    (lambda: b'{"outcome": "CMTC", "name": "A\\u0007B"}', "a name with a bell"),
    (lambda: b'{"outcome": "MTCH", "reference": "' + b"x" * 65 + b'"}', "a long reference"),
    (lambda: b'{"outcome": "MTCH", "name": 7}', "a number for a name"),
    (lambda: b"[" * 5000, "a deep answer"),
]


@pytest.mark.parametrize(("raw", "what"), RAW, ids=[what for _raw, what in RAW])
def test_an_answer_that_is_not_of_the_contract_is_none(raw: Callable[[], bytes], what: str) -> None:
    from controls.verification import service

    said = service.read(raw(), timezone.now(), 3)
    assert (said.outcome, said.code, said.answered_at, said.broken) == (
        "NOAP", "verification.answer_unreadable", None, True,
    ), what  # fmt: skip


def test_a_slow_service_costs_five_seconds_and_a_dead_one_is_left_alone(
    scene: Scene, server: simulator.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from controls.verification import service

    kept = use(scene.stage.entity, server)
    slow = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name="Lent")
    with monkeypatch.context() as hour:
        hour.setattr(service, "SECONDS", 0.5)
        hour.setattr(simulator, "SLOW_SECONDS", 20.0)
        began = time.monotonic()
        check(slow)
    assert time.monotonic() - began < 15, "nobody waits for the answer"
    assert answered(slow) == ("NOAP", "", "service", "verification.too_slow")

    monkeypatch.setattr(calling, "AT_ONCE", 1)
    many = [scene.payment(creditor_number=OTHER_IBAN, payee=None, amount=f"{n}.5", creditor_name=f"Panne {n}")
            for n in range(1, 10)]  # fmt: skip
    asked = len(server.asked)
    check(*many)
    assert len(server.asked) - asked == calling.PATIENCE
    codes = sorted(str(answered(one)[3]) for one in many)  # type: ignore[index]
    assert codes == ["verification.answered"] * 5 + ["verification.paused"] * 4
    kept.refresh_from_db()
    assert kept.paused_until is not None
    assert kept.paused_until > timezone.now()
    later = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name="Le Goff")
    check(later)
    assert answered(later) == ("NOAP", "", "service", "verification.paused")
    assert list(AuditRecord.objects.filter(action__startswith="verifier.f").values_list("action", flat=True)) == [
        "verifier.failing"
    ]
    VerificationService.objects.update(paused_until=None)
    boss = people.person(roles.SUPERVISOR, entity=scene.stage.entity)
    assert asking.ask_again(payment_id=later.pk, actor=boss).outcome == "MTCH"
    kept.refresh_from_db()
    assert (kept.failing_since, kept.last_code) == (None, "")


def test_what_there_is_no_time_for_is_not_possible_and_the_file_goes_on(
    scene: Scene, server: simulator.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "BUDGET_SECONDS", 0.0)
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None)
    check(payment)
    assert answered(payment) == ("NOAP", "", "service", "verification.no_time")
    assert PaymentState.objects.get(pk=payment.pk).status == "checked"


def test_a_token_that_is_not_theirs_is_no_answer(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server, token="another-token-altogether")
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None)
    check(payment)
    assert answered(payment) == ("NOAP", "", "service", "verification.answered")
    assert asking.last_of(payment.pk).params == {"status": 401}  # type: ignore[union-attr]


def test_a_killed_worker_asks_the_same_question_by_the_same_key(
    scene: Scene, server: simulator.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None)

    def die(*_given: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(asking, "_written", die)
    with pytest.raises(KeyboardInterrupt):
        check(payment)
    monkeypatch.undo()
    check(payment)
    assert answered(payment) == ("MTCH", "", "service", "")
    assert len({key for key, _number, _name in server.asked}) == 1


# Again, and after an amendment


def test_asked_again_another_answer_has_the_payment_checked_again(
    scene: Scene, server: simulator.Server, django_capture_on_commit_callbacks: Any
) -> None:
    payment = scene.payment(creditor_name="Global Trade Partners")
    check(payment)
    assert answered(payment) == ("NMTC", "", "payee", "")
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1
    use(scene.stage.entity, server)
    operator = people.person(entity=scene.stage.entity)
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(operator).post(f"/payments/{payment.pk}/verify/")
    assert answer.status_code == 302
    assert answered(payment) == ("MTCH", "", "service", "")
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.status, state.hold_count, findings(payment)) == ("checked", 0, {"NAME-UNLIKE"})
    page = signed_in(operator).get(f"/payments/{payment.pk}/").content.decode()
    assert "Verification of payee" in page
    assert "the verification service" in page
    acts = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).values_list("action", flat=True)
    assert {"payment.verified", "payment.rechecked"} <= set(acts)


def test_what_a_bad_hour_left_unverified_of_a_file_is_asked_again_at_once(
    scene: Scene, server: simulator.Server, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    use(scene.stage.entity, server)
    batch = scene.batch(taken_count=4)
    names = ("Le Goff", "Autre", "Injoignable", "Le Bris")
    made = [scene.payment(in_batch=batch, creditor_number=OTHER_IBAN, payee=None, creditor_name=name, amount=f"{n}.2")
            for n, name in enumerate(names, 1)]  # fmt: skip
    with monkeypatch.context() as hour:
        hour.setattr(calling, "BUDGET_SECONDS", 0.0)
        check(*made)
    assert {answered(one) for one in made} == {("NOAP", "", "service", "verification.no_time")}
    assert server.asked == []
    operator = people.person(entity=scene.stage.entity)
    page = signed_in(operator).get(f"/batches/{batch.pk}/").content.decode()
    assert f"/batches/{batch.pk}/verify/" in page
    with django_capture_on_commit_callbacks(execute=True):
        assert Program(operator).post(f"/batches/{batch.pk}/verify").json() == {"payments": 4}
    assert [str(answered(one)[0]) for one in made] == ["MTCH", "NMTC", "NOAP", "MTCH"]  # type: ignore[index]
    assert [findings(one) for one in made] == [set(), {"VOP-NO-MATCH"}, {"VOP-NOT-POSSIBLE"}, set()]
    assert set(PaymentState.objects.filter(payment__batch=batch).values_list("status", flat=True)) == {"checked"}
    for person, expected in ((people.person(roles.AUDITOR, entity=scene.stage.entity), 403), (people.person(
        entity=people.bank_branch("OTHER", iban="FR7630004000031234567890143").entity), 404)):  # fmt: skip
        assert Program(person).post(f"/batches/{batch.pk}/verify").status_code == expected
    assert len(server.asked) == 4


def test_an_answer_that_came_while_somebody_held_the_payment_is_judged_later(
    scene: Scene, server: simulator.Server
) -> None:
    """The answer is kept, the payment is not free: whoever asks next has it checked, though the answer is the same."""
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_name="Deep Blue (no answer)")
    check(payment)
    verifier = people.person(roles.OPERATOR, entity=scene.stage.entity)
    database.update(BankDetails.objects.filter(pk=scene.details.pk), confirmed_at=None, confirmed_by=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "with made as (insert into controls_payeeverification (entity_id, account_number, name, outcome,"
            " suggested_name, source, service_reference, asked_at, answered_at, duration_ms, code, params)"
            " values (%s, %s, %s, 'NMTC', '', 'service', '', now(), now(), 1, '', '{}') returning id)"
            " insert into controls_paymentverification (payment_id, verification_id, linked_at)"
            " select %s, id, clock_timestamp() from made",
            [payment.entity_id, payment.creditor_number, payment.creditor_name, payment.pk],
        )
    assert unjudged.found("p.batch_id = %s", payment.batch_id) == [payment.pk]
    asking.verify_again(payment.batch_id, verifier.pk)
    assert PaymentState.objects.get(payment=payment).status == "received"
    check(payment)
    assert unjudged.found("p.batch_id = %s", payment.batch_id) == []


def test_a_service_that_is_switched_off_lets_nothing_pass_in_silence(scene: Scene, server: simulator.Server) -> None:
    service = use(scene.stage.entity, server)
    database.update(BankDetails.objects.filter(pk=scene.details.pk), valid_to=timezone.now())
    before = scene.payment()
    check(before)
    database.update(VerificationService.objects.filter(pk=service.pk), last_ok_at=timezone.now(), is_active=False)
    after = scene.payment(creditor_name="Somebody New")
    check(after)
    assert answered(after) == ("NOAP", "", "service", "verification.switched_off")
    assert "VOP-NOT-POSSIBLE" in findings(after)


def test_an_amended_name_or_number_is_asked_about_anew(
    scene: Scene, server: simulator.Server, django_capture_on_commit_callbacks: Any
) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None, creditor_name="Le Goff")
    check(payment)
    operator = people.person(entity=scene.stage.entity)
    version = PaymentState.objects.get(pk=payment.pk).version
    with django_capture_on_commit_callbacks() as later:
        assert workflow.amend(
            payment_id=payment.pk, actor=operator, changes={"creditor_name": "Autre"}, version=version, reason="As told"
        ).done
    assert answered(payment) is None, "the answer was about another name"
    for run in later:
        run()
    assert answered(payment) == ("NMTC", "", "service", "")
    assert findings(payment) == {"VOP-NO-MATCH"}
    assert [name for _key, _number, name in server.asked] == ["Le Goff", "Autre"]


def test_the_command_starts_a_service_to_try_the_adapter_against(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_server: simulator.Server) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simulator.Server, "serve_forever", stop)
    out = io.StringIO()
    call_command("simulate_verification", port=0, token=TOKEN, stdout=out)
    assert re.match(rf"http://127\.0\.0\.1:\d+/verifications\ntoken {TOKEN}\n", out.getvalue())


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.LOGISTICS, roles.ADMINISTRATOR])
def test_without_the_right_nobody_is_asked(scene: Scene, server: simulator.Server, role: str) -> None:
    use(scene.stage.entity, server)
    payment = scene.payment(creditor_number=OTHER_IBAN, payee=None, status="checked")
    person = people.person(role, entity=scene.stage.entity)
    assert signed_in(person).post(f"/payments/{payment.pk}/verify/").status_code == 403
    with pytest.raises(Denied):
        asking.verify_name(actor=person, entity=scene.stage.entity, account_number=OTHER_IBAN, name="A")
    assert (server.asked, PayeeVerification.objects.count()) == ([], 0)


def test_one_name_is_verified_by_the_api_and_beside_the_form(scene: Scene, server: simulator.Server) -> None:
    use(scene.stage.entity, server)
    operator = people.person(entity=scene.stage.entity)
    body = {"account_number": "FR76 3000 6000 0112 3456 7890 189", "name": "Granits Presque SAS"}
    told = Program(operator).post("/verifications", body).json()
    assert (told["outcome"], told["suggested_name"], told["source"]) == ("CMTC", "Granits SAS", "service")
    assert Program(operator, ["payment.view"]).post("/verifications", body).status_code == 403
    refused = Program(operator).post("/verifications", {**body, "account_number": "0532013000"})
    assert (refused.status_code, refused.json()["code"]) == (422, "verification.not_concerned")
    form = {
        "debtor_account": scene.stage.customer.pk, "kind": "sepa", "creditor_name": "Granits Presque SAS",
        "creditor_number": OTHER_IBAN,
    }  # fmt: skip
    page = signed_in(operator).post("/payments/new/verify/", form).content.decode()
    assert "Close match" in page
    assert "Granits SAS" in page
    assert "Granits Presque SAS" in page, "what was typed stays in the form"
    part = signed_in(operator).post("/payments/new/verify/", form, headers={"HX-Request": "true"}).content.decode()
    assert "Granits SAS" in part
    assert "<html" not in part
    assert len(server.asked) == 1, "a recent answer of the entity counts"
    assert "by a way that you know" not in part
    for number, told in (
        ("FR7630006000011234567890188", "check digits"),
        ("", "enter the creditor&#x27;s name and account"),
    ):
        wrong = signed_in(operator).post("/payments/new/verify/", {**form, "creditor_number": number})
        assert told in wrong.content.decode().partition('id="verified"')[2].partition("</div>")[0]
    assert Payment.objects.filter(creditor_name="Granits Presque SAS").count() == 0
    other = {**form, "creditor_name": "Autre Négoce"}
    part = signed_in(operator).post("/payments/new/verify/", other, headers={"HX-Request": "true"}).content.decode()
    assert "No match" in part
    assert "Ask the payee by a way that you know" in part


def test_the_detail_of_a_payment_says_what_was_answered(scene: Scene) -> None:
    payment = scene.payment(creditor_name="Global Trade Partners")
    check(payment)
    operator = people.person(entity=scene.stage.entity)
    told = Program(operator).get(f"/payments/{payment.pk}").json()["verification"]
    assert (told["outcome"], told["source"], told["suggested_name"]) == ("NMTC", "payee", "")
    again = Program(operator).post(f"/payments/{payment.pk}/verify").json()
    assert again["outcome"] == "NMTC"
    assert again["id"] > told["id"]


# The service of an entity
