"""Rules of law, of habit and of splitting: what each catches, with its exact sentences, and its nearest neighbour."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pycountry
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from backoffice.people.models import Entity, Limit, User
from controls import approvals, assess, queries
from controls.models import ApprovalPolicy, RuleVersion
from controls.rules import high_risk
from controls.rules.catalogue import CATALOGUE
from tests import database, people
from tests.controls import scene as scenes
from tests.controls.scene import NOON, OTHER_IBAN, Scene
from transactions.models import Account, IntakeSource, Party, Payment, PaymentBatch

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
Make = Callable[[Scene], Payment]
# A rule, whom it stops, whom not, and what it says in English and French (empty: said by another case).
Case = tuple[str, Make, Make, str, str]


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def cash(amount: str, *, before: str = "", profile: str = "shop", on: datetime = NOON, **fields: Any) -> Make:
    """Paid in cash for the invoice 12, to which ``before`` was paid in cash the day before."""

    def make(scene: Scene) -> Payment:
        Entity.objects.filter(pk=scene.stage.entity.pk).update(profile=profile)
        asked = {"purpose": "CSDB", "remittance": "Invoice 12", "requested_execution_date": on.date(), **fields}
        if before:
            scene.payment(status="settled", amount=before, received_at=on - timedelta(days=1), **asked)
        return scene.payment(amount=amount, received_at=on, **asked)

    return make


def abroad(*, owner: dict[str, Any] | None, amount: str = "1000.01", number: str = "CH9300762011623852957") -> Make:
    def make(scene: Scene) -> Payment:
        if owner is not None:
            party = Party.objects.create(entity=scene.stage.entity, name="Fournitures Industrielles Ouest", **owner)
            database.update(Account.objects.filter(pk=scene.stage.customer.pk), owner=party)
        return scene.payment(kind="transfer", amount=amount, creditor_number=number, payee=None)

    return make


def slept(days: float, amount: str = "10000.00") -> Make:
    """Its account moved today; the payment comes so many days later."""

    def make(scene: Scene) -> Payment:
        people.open_balance(scene.stage.customer, "20000", scene.stage.bank)
        at = timezone.now().astimezone(PARIS) + timedelta(days=days)
        return scene.payment(amount=amount, received_at=at, requested_execution_date=at.date() + timedelta(days=1))

    return make


def own_money(kind: str) -> Make:
    def make(scene: Scene) -> Payment:
        other = people.account(
            scene.stage.entity, "OTHER", kind, "C", iban=OTHER_IBAN, name="Fonds propres", floor=None
        )
        return scene.payment(kind="internal", creditor_account=other, creditor_number=OTHER_IBAN, payee=None)

    return make


def delivered(hour: int, *, usual: int = 10, times: int = 20) -> Make:
    """So many files that a person brought at the usual hour, then one at another."""

    def make(scene: Scene) -> Payment:
        for _number in range(times):
            came(scene, usual)
        return scene.payment(in_batch=came(scene, hour))

    return make


def came(scene: Scene, hour: int) -> PaymentBatch:
    source, _made = IntakeSource.objects.get_or_create(
        entity=scene.stage.entity, code="payroll", defaults={"name": "Payroll", "maker": "sender"}
    )
    person = User.objects.filter(full_name="Yann Riou").first() or people.person(name="Yann Riou")
    return created(scene, NOON.replace(hour=hour, minute=5), source=source, imported_by=person)


def created(scene: Scene, moment: datetime, **fields: Any) -> PaymentBatch:
    with mock.patch("django.utils.timezone.now", return_value=moment):
        return scene.batch(**fields)


def entered(*, by_others: int = 0, by_oneself: int = 0, amount: str = "150.00") -> Make:
    def make(scene: Scene) -> Payment:
        one, other = people.person(name="Ines Moulin"), people.person(name="Paul Arnaud")
        # What the scene paid before was entered by nobody here and counts among the others.
        for number in range(by_others - len(scenes.PAST_AMOUNTS)):
            scene.earlier(days=100 + number, amount="150", maker=other)
        for number in range(by_oneself):
            scene.earlier(days=200 + number, amount="150", maker=one)
        return scene.payment(maker=one, amount=amount)

    return make


def near_limit(*amounts: str, limit: str = "5000", days: float = 6.9) -> Make:
    def make(scene: Scene) -> Payment:
        people.person(entity=scene.stage.entity, limit=limit)
        for amount in amounts[:-1]:
            scene.earlier(days=days, amount=amount)
        return scene.payment(amount=amounts[-1])

    return make


def typed(*amounts: str, same_payee: bool = False) -> Make:
    """Typed by one person within a week, each to another account."""

    def make(scene: Scene) -> Payment:
        maker = people.person(name="Ines Moulin", entity=scene.stage.entity)
        numbers = [people.PAYEE_IBAN] * 3 if same_payee else [OTHER_IBAN, "CH9300762011623852957", people.PAYEE_IBAN]
        made = None
        for at, (amount, number) in enumerate(zip(amounts, numbers, strict=True)):
            moment = NOON - timedelta(days=2 - at)
            batch = created(scene, moment, channel="form", imported_by=maker)
            last = at == len(amounts) - 1
            made = scene.payment(
                status="received" if last else "checked", amount=amount, creditor_number=number, maker=maker,
                channel="form", in_batch=batch, received_at=moment, payee=scene.payee if last else None,
            )  # fmt: skip
        assert made is not None
        return made

    return make


def with_fields(**fields: Any) -> Make:
    return lambda scene: scene.payment(**fields)


def address(**parts: Any) -> Make:
    return with_fields(creditor_address=parts)


PAID = {"town": "Rennes", "country": "FR"}
EU_DAY = datetime(2027, 7, 10, 9, tzinfo=PARIS)
CASES: list[Case] = [
    (
        "CASH-DEBT", cash("600", before="400.01"), cash("600", before="400.00"),
        "€1,000.01 in cash for one debt to Kervella Materiaux SARL (2 payments); more than €1,000.00 may not be paid "
        "in "
        "cash, unless a stored proof of residence abroad allows it.",
        "1\u202f000,01\u00a0€ en espèces pour une même dette envers Kervella Materiaux SARL (paiements\u00a0: "
        "2)\u00a0; "
        "au-delà de 1\u202f000,00\u00a0€, le paiement en espèces est interdit, sauf justificatif conservé de résidence "
        "à l’étranger.",
    ),
    ("CASH-DEBT", cash("1000.01"), cash("1000.01", profile="bank"), "", ""),
    ("CASH-DEBT", cash("1000.01"), cash("1000.01", purpose="SUPP"), "", ""),
    ("CASH-DEBT", cash("600", before="600"), cash("600", before="600", creditor_number=OTHER_IBAN, purpose=""), "", ""),
    (
        "CASH-EU", cash("10000.01", on=EU_DAY), cash("10000.01", on=EU_DAY - timedelta(days=1)),
        "€10,000.01 in cash to Kervella Materiaux SARL in linked operations (1); since 10\u00a0Jul\u00a02027 traders "
        "in the EU "
        "pay "
        "at most €10,000.00 in cash.",
        "10\u202f000,01\u00a0€ en espèces à Kervella Materiaux SARL en opérations liées (1)\u00a0; depuis le "
        "10\u00a0juil.\u00a02027, les commerçants de l’UE paient au plus 10\u202f000,00\u00a0€ en espèces.",
    ),
    (
        "CASH-MONTH", cash("6000", before="4000.01", profile="bank"), cash("6000", before="4000", profile="bank"),
        "€10,000.01 in cash from FR14 •••• 2606 this month, over €10,000.00: it belongs on the month's list to Tracfin "
        "(COSI).",
        "10\u202f000,01\u00a0€ en espèces depuis FR14 •••• 2606 ce mois-ci, plus de 10\u202f000,00\u00a0€\u00a0: à "
        "porter sur la liste du mois pour Tracfin (COSI).",
    ),
    (
        "PAYER-ADDRESS", abroad(owner={"town": "Rennes"}), abroad(owner=PAID),
        "A transfer of more than €1,000.00 to CH, outside the European Economic Area, carries the payer's address with "
        "its country; town or country of the owner of FR14 •••• 2606 is not known.",
        "Un virement de plus de 1\u202f000,00\u00a0€ vers le pays CH, hors de l’Espace économique européen, porte "
        "l’adresse du donneur d’ordre avec son pays\u00a0; la ville ou le pays du titulaire de FR14 •••• 2606 n’est "
        "pas "
        "connu.",
    ),
    ("PAYER-ADDRESS", abroad(owner={}), abroad(owner={}, amount="1000"), "", ""),
    ("PAYER-ADDRESS", abroad(owner={}), abroad(owner={}, number=people.PAYEE_IBAN), "", ""),
    (
        "COUNTRY-RISK",
        address(town="Yangon", country="mm"), address(town="Bangkok", country="TH"),
        "Kervella Materiaux SARL is in a high-risk third country: bank – (on the list since –), address MM (since "
        "1\u00a0Oct\u00a02020), account DE (since –). Record its origin, destination, purpose and beneficiary.",
        "Kervella Materiaux SARL est dans un pays tiers à haut risque\u00a0: banque – (sur la liste depuis le –), "
        "adresse MM (depuis le 1er\u00a0oct.\u00a02020), compte DE (depuis le –). Consignez son origine, "
        "sa destination, son objet et son bénéficiaire.",
    ),
    ("COUNTRY-RISK", with_fields(creditor_bic="BMJIIRTHXXX"), with_fields(creditor_bic="COBADEFFXXX"), "", ""),
    # By the list of the day of receipt: South Africa joined on 16 July 2023.
    (
        "COUNTRY-RISK",
        with_fields(creditor_bic="FIRNZAJJXXX", received_at=datetime(2023, 7, 16, 9, tzinfo=PARIS)),
        with_fields(creditor_bic="FIRNZAJJXXX", received_at=datetime(2023, 7, 15, 23, tzinfo=PARIS)), "", "",
    ),
    # The IBAN alone: Monaco is on the list and in SEPA.
    (
        "COUNTRY-RISK",
        with_fields(creditor_number="MC5811222000010123456789030", payee=None, kind="transfer"),
        with_fields(creditor_number="MC5811222000010123456789030", payee=None, kind="instant"), "", "",
    ),
    (
        "COUNTRY-UNLIKE", with_fields(creditor_bic="PSSTFRPPXXX"), with_fields(creditor_bic="COBADEFFXXX"),
        "The account DE89 •••• 3000 is in DE, the BIC PSSTFRPPXXX in FR.",
        "Le compte DE89 •••• 3000 est dans le pays DE, le BIC PSSTFRPPXXX dans le pays FR.",
    ),
    (
        "INSTANT-LIMIT", with_fields(local_instrument="INST", amount="100000.01"),
        with_fields(local_instrument="INST", amount="100000"),
        "€100,000.01 is asked for as an instant payment; the limit that was set is €100,000.00.",
        "100\u202f000,01\u00a0€ est demandé en virement instantané\u00a0; le plafond fixé est 100\u202f000,00\u00a0€.",
    ),
    ("INSTANT-LIMIT", with_fields(local_instrument="INST", amount="200000"), with_fields(amount="200000"), "", ""),
    (
        "INSTANT-UNCONFIRMED", with_fields(local_instrument="INST", creditor_number=OTHER_IBAN),
        with_fields(local_instrument="INST"),
        "An instant payment cannot be taken back, and neither a person nor a verification confirmed the account "
        "FR76 •••• 0189 of Kervella Materiaux SARL; one more person approves.",
        "Un virement instantané ne se reprend pas, et ni une personne ni une vérification n’a confirmé le compte "
        "FR76 •••• 0189 de Kervella Materiaux SARL\u00a0; une personne de plus approuve.",
    ),
    ("ACCOUNT-SLEEPING", slept(366), slept(365), "", ""),
    ("ACCOUNT-SLEEPING", slept(366), slept(366, amount="9999.99"), "", ""),
    (
        "CLIENT-MONEY", own_money("bank"), own_money("customer"),
        "€150.00 goes between own and clients' money: from a customer's account to an own account at a bank.",
        "150,00\u00a0€ passent entre fonds propres et fonds de clients\u00a0: d’un compte de client vers un compte "
        "propre en banque.",
    ),
    (
        "UNUSUAL-HOUR", delivered(23), delivered(12),
        "It came in at 23:05; none of the 20 deliveries before it by the same way and person came within two hours of "
        "that.",
        "Il est arrivé à 23:05\u00a0; aucune des 20 livraisons précédentes par la même voie et la même personne n’est "
        "arrivée à moins de deux heures de là.",
    ),
    ("UNUSUAL-HOUR", delivered(2, usual=23), delivered(1, usual=23), "", ""),
    ("UNUSUAL-HOUR", delivered(23), delivered(23, times=19), "", ""),
    (
        "MAKER-NEW", entered(by_others=20), entered(by_others=20, by_oneself=1),
        "Ines Moulin never entered a payment from FR14 •••• 2606 before; others entered the 20 looked at.",
        "Ines Moulin n’avait jamais saisi de paiement depuis FR14 •••• 2606\u00a0; d’autres ont saisi les 20 regardés.",
    ),
    ("MAKER-NEW", entered(by_others=20), entered(by_others=19), "", ""),
    (
        "MAKER-AMOUNT", entered(by_oneself=10, amount="1500.01"), entered(by_oneself=10, amount="1500"),
        "€1,500.01 is 10 times the €150.00 that Ines Moulin usually enters from FR14 •••• 2606 (median of 10).",
        "1\u202f500,01\u00a0€ fait 10 fois les 150,00\u00a0€ que Ines Moulin saisit d’habitude depuis FR14 •••• 2606 "
        "(médiane de 10).",
    ),
    (
        "SPLIT-LIMIT", near_limit("4500", "4900", "5000"), near_limit("4499.99", "4900", "5000"),
        "3 payments to DE89 •••• 3000 within 7 days are each just within a person's limit of €5,000.00; they are "
        "approved like their sum of €14,400.00, by one more person.",
        "3 paiements à DE89 •••• 3000 en 7 jours tiennent chacun juste dans le plafond d’une personne, "
        "5\u202f000,00\u00a0€\u00a0; ils sont approuvés comme leur somme de 14\u202f400,00\u00a0€, par une personne de "
        "plus.",
    ),
    ("SPLIT-LIMIT", near_limit("4500", "4900", "5000"), near_limit("4500", "4900", "5000", days=7.1), "", ""),
    ("SPLIT-LIMIT", near_limit("4500", "4900", "5000"), near_limit("4500", "4900", "5000.01"), "", ""),
    (
        "SPLIT-MAKER", typed("9100", "9200", "9999.99"), typed("9100", "8999.99", "9999.99"),
        "Ines Moulin typed 3 payments within 7 days, to 3 accounts, each just under €10,000.00; they are approved like "
        "their sum of €28,299.99, by one more person.",
        "Ines Moulin a saisi 3 paiements en 7 jours, vers 3 comptes, chacun juste sous 10\u202f000,00\u00a0€\u00a0; "
        "ils "
        "sont approuvés comme leur somme de 28\u202f299,99\u00a0€, par une personne de plus.",
    ),
    ("SPLIT-MAKER", typed("9100", "9200", "9300"), typed("9100", "9200", "9300", same_payee=True), "", ""),
    (
        "ADDRESS", address(town="Berlin", country="DE", lines=["a" * 71]),
        address(town="Berlin", country="DE", lines=["a" * 70]),
        "The creditor's address is not accepted since 15\u00a0Nov\u00a02026: a line of more than 70 characters.",
        "L’adresse du créancier n’est plus acceptée depuis le 15\u00a0nov.\u00a02026\u00a0: une ligne de plus de 70 "
        "caractères.",
    ),
    (
        "ADDRESS", address(town="Berlin", country="DE", lines=["Hauptstr. 1", "berlin"]),
        address(town="Berlin", country="DE", lines=["Hauptstr. 1", "Hof Berlin"]),
        "The creditor's address is not accepted since 15\u00a0Nov\u00a02026: its lines repeat the town or the country.",
        "L’adresse du créancier n’est plus acceptée depuis le 15\u00a0nov.\u00a02026\u00a0: ses lignes répètent la "
        "ville ou le "
        "pays.",
    ),
]  # fmt: skip
IDS = [f"{n}-{case[0]}" for n, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_rule_stops_its_case_in_both_languages(scene: Scene, case: Case) -> None:
    code, caught, _near, english, french = case
    payment = caught(scene)
    scenes.judge(payment)
    with translation.override("en"):
        found = scenes.found(payment)
        assert code in found
        assert found[code] == english or not english
    with translation.override("fr"):
        assert scenes.found(payment)[code] == french or not french


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_rule_lets_the_neighbour_through(scene: Scene, case: Case) -> None:
    code, _caught, near, _english, _french = case
    payment = near(scene)
    scenes.judge(payment)
    assert code not in scenes.found(payment)


def test_the_day_an_account_slept_from_is_quoted(scene: Scene) -> None:
    payment = slept(400)(scene)
    scenes.judge(payment)
    day = timezone.now().astimezone(PARIS).date()
    assert scenes.evidence(payment, "ACCOUNT-SLEEPING")["account_last_on"] == day.isoformat()


def test_a_rule_of_the_future_is_there_and_off(scene: Scene) -> None:
    payment = cash("10000.01")(scene)
    scenes.judge(payment)
    assert "CASH-EU" not in {check.rule_code for check in queries.checks(payment.pk)}
    rule = next(one for one in CATALOGUE if one.code == "CASH-EU")
    assert (rule.valid_from, rule.content["valid_from"]) == (date(2027, 7, 10), date(2027, 7, 10))


def test_history_is_judged_by_the_rule_of_its_day(scene: Scene) -> None:
    """Judged today, received before the duty began: the rule says nothing, neither finding nor passed."""
    old = datetime(2024, 12, 29, 12, tzinfo=PARIS)
    before = scene.payment(creditor_name="", payee=None, received_at=old)
    after = scene.payment(creditor_name="", payee=None, received_at=old + timedelta(days=1))
    scenes.judge(before, after)
    assert "CREDITOR-NAME" not in {check.rule_code for check in queries.checks(before.pk)}
    assert "CREDITOR-NAME" in scenes.found(after)


def test_a_rule_says_whom_and_when_it_concerns(scene: Scene) -> None:
    payment = scene.payment()
    scenes.judge(payment)
    told = {check.rule_code: check for check in queries.checks(payment.pk)}
    assert "CASH-DEBT" not in told, "a bank is no trader"
    with translation.override("en"):
        assert told["CASH-MONTH"].scope == "Level 2, risk and compliance; Bank or payment institution"
        assert told["ADDRESS"].scope == "Level 1, operations; since 15\u00a0Nov\u00a02026, by execution date"
    with translation.override("fr"):
        assert told["ADDRESS"].scope == (
            "Niveau 1, opérations\u202f; depuis le 15\u00a0nov.\u00a02026, selon la date d’exécution"
        )


def test_what_was_not_read_never_proposes_to_reject() -> None:
    assert {rule.code for rule in CATALOGUE if rule.action == "reject" and rule.certainty not in {"V", "V~"}} == set()
    version = RuleVersion.objects.get(rule__code="CASH-DEBT")
    version.pk, version.number, version.certainty = None, 2, "K"
    with pytest.raises(Exception, match="rule_rejects_by_what_was_read"):
        database.insert(version)


def test_what_was_split_is_approved_like_its_sum(scene: Scene) -> None:
    """Each of the three needs one person; their sum reaches the band of three."""
    for amount, persons in ((0, 1), (12_000, 3)):
        ApprovalPolicy.objects.create(entity=scene.stage.entity, from_amount=amount, approvals=persons)
    alone = scene.payment(amount="4800", creditor_number=OTHER_IBAN)
    split = near_limit("4500", "4900", "5000")(scene)
    scenes.judge(alone, split)
    asked = approvals.requirements([alone.pk, split.pk])
    assert (asked[alone.pk].persons, asked[split.pk].persons) == (1, 4)


def test_a_limit_where_nobody_signs_any_more_is_no_ceiling(scene: Scene) -> None:
    payment = near_limit("4500", "4900", "5000")(scene)
    Limit.objects.filter(amount=5000).update(amount=50)
    scenes.judge(payment)
    assert "SPLIT-LIMIT" not in scenes.found(payment)


def test_facts_are_one_pass_however_many(scene: Scene) -> None:
    one, many = [scene.payment()], [scene.payment() for _number in range(20)]
    assess.assess([one[0].pk])
    with CaptureQueriesContext(connection) as few:
        assess.assess([scene.payment().pk])
    with CaptureQueriesContext(connection) as lots:
        assess.assess([payment.pk for payment in many])
    assert len(lots) <= len(few)


def test_the_list_of_high_risk_countries_is_dated_and_consistent() -> None:
    """Known, not read (Delegated Reg. (EU) 2016/1675 up to 2025/1184): what is known of single days."""
    assert len(high_risk.on(date(2016, 9, 22))) == 0
    assert high_risk.on(date(2016, 9, 23)) == ["AF", "BA", "GY", "IQ", "IR", "KP", "LA", "SY", "UG", "VU", "YE"]
    assert ("AE" in high_risk.on(date(2025, 8, 4)), "AE" in high_risk.on(date(2025, 8, 5))) == (True, False)
    assert high_risk.on(date(2026, 11, 23)) == [
        "AF", "AO", "BF", "CD", "CI", "CM", "DZ", "HT", "IR", "KE", "KP", "LA", "LB", "MC", "ML", "MM", "MZ", "NA",
        "NG", "NP", "SS", "SY", "TT", "TZ", "VE", "VN", "VU", "YE", "ZA",
    ]  # fmt: skip
    laos = [(one.since, one.until, one.act, one.left_by) for one in high_risk.LIST if one.country == "LA"]
    assert laos == [
        (date(2016, 9, 23), date(2020, 7, 9), "2016/1675", "2020/855"), (date(2025, 8, 5), None, "2025/1184", ""),
    ]  # fmt: skip
    assert list(high_risk.ACTS.values()) == sorted(high_risk.ACTS.values())
    assert {one.country for one in high_risk.LIST} <= {country.alpha_2 for country in pycountry.countries}


def test_a_rule_whose_day_has_not_come_is_there_and_says_nothing(scene: Scene) -> None:
    """AML-03 is loaded, active and silent until 10 July 2027; from that day on it speaks."""
    assert RuleVersion.objects.get(rule__code="CASH-EU").mode == "active"
    eve = cash("10000.01", on=EU_DAY - timedelta(days=1), profile="company")(scene)
    day = cash("10000.01", on=EU_DAY, profile="company")(scene)
    scenes.judge(eve, day)
    assert ("CASH-EU" in scenes.found(eve), "CASH-EU" in scenes.found(day)) == (False, True)
    assert "CASH-EU" not in {check.rule_code for check in queries.checks(eve.pk)}
