"""Sentences quote their evidence exactly, in the reader's language; the strip and the main reason follow."""

import re
from datetime import date, timedelta

import pytest
from django.utils.translation import override

from controls import queries
from controls.models import RuleVersion
from controls.rules import sentences
from controls.vocabulary import FACTS
from tests import people
from tests.controls import scene as scenes
from tests.controls.scene import NOON, OTHER_IBAN, Scene

pytestmark = pytest.mark.django_db
NBSP, NARROW = "\u00a0", "\u202f"


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def both(payment: object, code: str) -> tuple[str, str]:
    with override("en"):
        english = scenes.found(payment)[code]  # type: ignore[arg-type]
    with override("fr"):
        french = scenes.found(payment)[code]  # type: ignore[arg-type]
    return english, french


def test_an_unusual_amount_says_the_median_and_how_many_payments(scene: Scene) -> None:
    payment = scene.payment(amount="48250.00")
    scenes.judge(payment)
    english, french = both(payment, "UNUSUAL-AMOUNT")
    assert english == (
        "€48,250.00 is 326 times the usual €148.00 (median of 6 payments to Kervella Materiaux SARL, "
        "the highest €160.00)."
    )
    assert french == (
        f"48{NARROW}250,00{NBSP}€ fait 326 fois les 148,00{NBSP}€ habituels (médiane de 6 paiements à "
        f"Kervella Materiaux SARL, le plus haut 160,00{NBSP}€)."
    )


def test_another_account_than_the_known_one_is_shown_in_part(scene: Scene) -> None:
    payment = scene.payment(creditor_number=OTHER_IBAN)
    scenes.judge(payment)
    assert both(payment, "NUMBER-UNLIKE") == (
        "Kervella Materiaux SARL is paid on FR76 •••• 0189; the known account is DE89 •••• 3000.",
        f"Kervella Materiaux SARL est payé sur FR76 •••• 0189{NBSP}; le compte connu est DE89 •••• 3000.",
    )


def test_a_change_of_bank_details_says_its_day(scene: Scene) -> None:
    scene.details_from(days=2)
    payment = scene.payment(creditor_number=OTHER_IBAN)
    scenes.judge(payment)
    assert both(payment, "NUMBER-CHANGED") == (
        f"Kervella Materiaux SARL changed to the account FR76 •••• 0189 on 21{NBSP}Nov{NBSP}2026, less than 30 days "
        "before this payment came in.",
        f"Kervella Materiaux SARL est passé au compte FR76 •••• 0189 le 21{NBSP}nov.{NBSP}2026, moins de 30 jours "
        "avant l’arrivée de ce paiement.",
    )


def test_a_duplicate_names_the_other_payment(scene: Scene) -> None:
    other = scene.earlier(days=5, end_to_end_id="INV-77")
    payment = scene.payment(end_to_end_id="inv-77")
    scenes.judge(payment)
    reference = f"PAY-{other.received_at.year}-{other.pk:06d}"
    assert both(payment, "DUPLICATE-OTHER") == (
        f"{reference}, received on 18{NBSP}Nov{NBSP}2026, pays €150.00 to the same account with the same reference.",
        f"{reference}, reçu le 18{NBSP}nov.{NBSP}2026, paie 150,00{NBSP}€ au même compte avec la même référence.",
    )


def test_a_duplicate_of_the_file_says_its_position(scene: Scene) -> None:
    batch = scene.batch()
    first = scene.payment(in_batch=batch, position=7, remittance="Invoice 9")
    second = scene.payment(in_batch=batch, position=8, remittance="Invoice 9")
    scenes.judge(first, second)
    assert scenes.found(first) == {}
    assert both(second, "DUPLICATE-FILE")[0] == (
        f"PAY-2026-{first.pk:06d}, at position 7 of the same file, pays €150.00 to the same account with the same "
        "reference."
    )


def test_funds_say_what_would_be_left(scene: Scene) -> None:
    account = people.account(scene.stage.entity, "POOR", "customer", "C", balance="100", iban=OTHER_IBAN)
    payment = scene.payment(debtor_account=account, debtor_number=OTHER_IBAN)
    scenes.judge(payment)
    assert both(payment, "FUNDS") == (
        "The account has €100.00 available; after this payment and those before it in the file −€50.00 would be left.",
        f"Le compte a 100,00{NBSP}€ disponibles{NBSP}; après ce paiement et ceux qui le précèdent dans le fichier il "
        f"resterait −50,00{NBSP}€.",
    )


def test_an_invalid_iban_says_what_is_wrong(scene: Scene) -> None:
    payment = scene.payment(creditor_number="DE88370400440532013000")
    scenes.judge(payment)
    assert both(payment, "CREDITOR-IBAN") == (
        "The creditor's account DE88 •••• 3000 is not a valid IBAN: its check digits do not fit.",
        f"Le compte du créancier DE88 •••• 3000 n’est pas un IBAN valide{NBSP}: sa clé ne correspond pas.",
    )


def test_characters_are_shown_with_what_becomes_of_them(scene: Scene) -> None:
    payment = scene.payment(remittance="Été n°1\tñ")
    scenes.judge(payment)
    assert both(payment, "CHARACTERS")[0] == (
        "Characters outside the SEPA set are written otherwise in the bank file: U+0009 ° É é ñ becomes ␣ deg E e n."
    )


def test_a_closed_day_says_the_next_open_one(scene: Scene) -> None:
    payment = scene.payment(requested_execution_date=date(2026, 12, 25))
    scenes.judge(payment)
    assert both(payment, "DATE-CLOSED") == (
        f"TARGET is closed on 25{NBSP}Dec{NBSP}2026; the payment is executed on 28{NBSP}Dec{NBSP}2026.",
        f"TARGET est fermé le 25{NBSP}déc.{NBSP}2026{NBSP}; le paiement est exécuté le 28{NBSP}déc.{NBSP}2026.",
    )


def test_a_name_unlike_says_how_alike(scene: Scene) -> None:
    payment = scene.payment(creditor_name="Logiciels Orme")
    scenes.judge(payment)
    likeness = int(float(scenes.evidence(payment, "NAME-UNLIKE")["name_similarity"]))
    assert both(payment, "NAME-UNLIKE")[1] == (
        f"Le paiement nomme «{NBSP}Logiciels Orme{NBSP}»{NBSP}; le bénéficiaire est connu comme "
        f"«{NBSP}Kervella Materiaux SARL{NBSP}» (ressemblance {likeness}{NBSP}%, 75{NBSP}% demandés)."
    )


def test_a_split_lists_count_band_and_sum(scene: Scene) -> None:
    scene.earlier(days=6, amount="9000", status="checked")
    scene.earlier(days=5, amount="9500", status="checked")
    payment = scene.payment(amount="9999.99")
    scenes.judge(payment)
    assert both(payment, "SPLIT")[0] == (
        "3 payments to DE89 •••• 3000 within 7 days are each just under €10,000.00; together they are €28,499.99."
    )


def test_amounts_are_told_in_the_payment_s_currency(scene: Scene) -> None:
    payment = scene.payment(kind="transfer", currency="JPY", amount="50000")
    scenes.judge(payment)
    assert both(payment, "LIMIT")[1] == (
        f"50{NARROW}000{NBSP}JPY atteint le plafond de 50{NARROW}000{NBSP}JPY{NBSP}; une personne de plus approuve."
    )


def test_a_sentence_reaches_nothing_but_its_evidence() -> None:
    evidence = {"amount": "1.00", "currency": "EUR", "creditor_name": "{debtor_name} {amount}"}
    assert sentences.fill("{amount.__class__} {creditor_name} {missing}", evidence) == (
        "{amount.__class__} {debtor_name} {amount} –"
    )


def test_every_shipped_sentence_quotes_what_its_evidence_holds(scene: Scene) -> None:
    for version in RuleVersion.objects.all():
        assert set(sentences.slots(version.sentence_en)) == set(sentences.slots(version.sentence_fr)), version.rule.code


def test_findings_checks_strip_and_main_reason(scene: Scene) -> None:
    scene.details_from(days=2)
    worse = scene.payment(creditor_number=OTHER_IBAN, amount="900.00", remittance="été")
    fine, waiting = scene.payment(creditor_number=OTHER_IBAN, received_at=NOON + timedelta(days=60),
                                  requested_execution_date=date(2027, 2, 1)), scene.payment()  # fmt: skip
    scenes.judge(worse, fine)
    keys = [worse.pk, fine.pk, waiting.pk]
    told = queries.findings(keys)
    assert [finding.rule_code for finding in told[worse.pk]] == ["NUMBER-CHANGED", "UNUSUAL-AMOUNT", "CHARACTERS"]
    assert set(told) == {worse.pk}
    first = told[worse.pk][0]
    assert (first.family, first.action, first.weight, first.version, first.reject_reason) == (
        "payee", "second", 45, 1, "FRAD",
    )  # fmt: skip
    assert first.threshold == "30 days"
    assert first.legal_reference == "CTL-05: house rule under COSO principle 10"
    strips = queries.strip(keys)
    assert strips[worse.pk] == [
        ("format", "pass"), ("account", "pass"), ("payee", "fail"), ("duplicate", "pass"), ("amount", "warn"),
        ("time", "pass"),
    ]  # fmt: skip
    assert {mark for _family, mark in strips[fine.pk]} == {"pass"}
    assert {mark for _family, mark in strips[waiting.pk]} == {"none"}
    assert queries.main_reason(keys) == {worse.pk: "Bank details changed"}
    with override("fr"):
        assert queries.main_reason(keys) == {worse.pk: "Coordonnées changées"}


def test_checks_list_findings_first_then_what_was_passed(scene: Scene) -> None:
    payment = scene.payment(amount="60000.00")
    assert queries.checks(payment.pk) == []
    scenes.judge(payment)
    checks = queries.checks(payment.pk)
    assert len(checks) == RuleVersion.objects.exclude(rule__code__in=["CASH-DEBT", "CASH-EU"]).count()
    assert [check.rule_code for check in checks[:2]] == ["LIMIT", "UNUSUAL-AMOUNT"]
    assert all(check.passed and check.sentence == "" for check in checks[2:])
    assert {check.rule_code: check.threshold for check in checks}["LIMIT"] == "from €50,000.00"
    with override("fr"):
        told = {check.rule_code: check.threshold for check in queries.checks(payment.pk)}
    assert told["UNUSUAL-AMOUNT"] == f"3 fois l’habituel{NBSP}; paiements au moins 5"


def test_the_meaning_of_a_fact_stands_by_itself() -> None:
    """It is read alone: in a rule that asks it, and in a list that is searched."""
    leaning = re.compile(r"(Its|Their|The same|Those|That|Days since then)\b|.*\b(of them|there|it|that list)$")
    assert [name for name, fact in FACTS.items() if leaning.match(fact.meaning.partition(";")[0])] == []
    meanings = [fact.meaning for fact in FACTS.values()]
    assert len(meanings) == len(set(meanings))


def test_queries_are_constant_in_number(scene: Scene, django_assert_num_queries: object) -> None:
    payments = [scene.payment(amount=str(60000 + n)) for n in range(12)]
    scenes.judge(*payments)
    for keys in ([payments[0].pk], [payment.pk for payment in payments]):
        with django_assert_num_queries(1):  # type: ignore[operator]
            queries.findings(keys)
        with django_assert_num_queries(2):  # type: ignore[operator]
            queries.strip(keys)
        with django_assert_num_queries(1):  # type: ignore[operator]
            queries.main_reason(keys)
    with django_assert_num_queries(3):  # type: ignore[operator]
        queries.checks(payments[0].pk)
