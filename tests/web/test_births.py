"""Births on the screens: typed, amended, shown with the payment, compared with those of lists."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from backoffice.people import roles
from controls.models import ScreeningHit
from tests import database, people
from tests.controls import listed
from tests.controls.scene import judge, scene
from tests.web.desk import acts, signed_in
from transactions import births
from transactions.models import Account, Party, Payment, PaymentBirth

pytestmark = pytest.mark.django_db
VARNA = {"born_on": "1961-04-09", "town": "Varna", "country": "BG"}
SHOWN = "9\u00a0Apr\u00a01961, Varna, Bulgaria (BG)"


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def reader(role: str = roles.SUPERVISOR, language: str = "en") -> Any:
    person = people.person(role)
    person.language = language
    person.save()
    return signed_in(person)


def shown(path: str, language: str = "en") -> str:
    with translation.override(language):
        return str(reader(language=language).get(path).content.decode())


def typed(stage: people.Stage, **fields: Any) -> dict[str, Any]:
    return {
        "debtor_account": stage.customer.pk, "kind": "sepa", "amount": "48,00", "currency": "",
        "requested_execution_date": (timezone.localdate() + timedelta(days=3)).isoformat(),
        "creditor_name": "Vasil Korbalski", "creditor_number": people.PAYEE_IBAN, **fields,
    }  # fmt: skip


class TestForms:
    def test_the_creditor_is_born(self) -> None:
        stage = people.bank_branch()
        desk = reader(roles.OPERATOR)
        assert "Birth of the creditor" in desk.get("/payments/new/").content.decode()
        given = typed(stage, birth_date="1961-04-09", birth_town="Varna", birth_country="bg")
        assert desk.post("/payments/new/", given).status_code == 302
        made = Payment.objects.get()
        assert births.of(made.pk) == {"creditor": VARNA}

    def test_the_payer_is_born(self) -> None:
        stage = people.bank_branch()
        given = {
            "creditor_account": stage.customer.pk, "amount": "48,00", "debtor_name": "Vasil Korbalski",
            "debtor_number": people.PAYEE_IBAN, "requested_execution_date": timezone.localdate().isoformat(),
            "birth_date": "1961-04-09",
        }  # fmt: skip
        assert reader(roles.OPERATOR).post("/payments/new/?kind=incoming", given).status_code == 302
        made = Payment.objects.get()
        assert births.of(made.pk) == {"debtor": {"born_on": "1961-04-09"}}
        page = shown(f"/payments/{made.pk}/")
        assert "Birth of the debtor</dt><dd>9\u00a0Apr\u00a01961</dd>" in page

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"birth_date": "2199-01-01"}, "birth_date", "Nobody is born in the future"),
            ({"birth_date": "1899-12-31"}, "birth_date", "is before 1900"),
            ({"birth_date": "soon"}, "birth_date", "valid date"),
            ({"birth_country": "QQ"}, "birth_country", "is not a country code"),
        ],
    )
    def test_faults_are_said_at_their_field(self, fields: dict[str, str], field: str, words: str) -> None:
        answer = reader(roles.OPERATOR).post("/payments/new/", typed(people.bank_branch(), **fields))
        assert (answer.status_code, Payment.objects.count()) == (422, 0)
        assert list(answer.context["form"].errors) == [field]
        assert words in answer.content.decode()


class TestPayment:
    def test_the_page_tells_of_births(self) -> None:
        payment = people.payment(people.bank_branch())
        assert "Birth of" not in shown(f"/payments/{payment.pk}/")
        for side in ("creditor", "ultimate_debtor"):
            PaymentBirth.objects.create(payment=payment, side=side, **VARNA)
        page = shown(f"/payments/{payment.pk}/")
        assert f"Birth of the creditor</dt><dd>{SHOWN}</dd>" in page
        assert f"Birth of the ultimate debtor</dt><dd>{SHOWN}</dd>" in page
        page = shown(f"/payments/{payment.pk}/", "fr")
        assert "Naissance du créancier</dt><dd>9\u00a0avr.\u00a01961, Varna, Bulgarie (BG)</dd>" in page

    def test_an_amendment_shows_what_changes_and_keeps_the_province(self) -> None:
        payment = people.payment(people.bank_branch())
        PaymentBirth.objects.create(
            payment=payment, side="creditor", born_on=date(1961, 9, 4), town="Varna", province="Varna", country="BG"
        )
        desk, address = reader(roles.OPERATOR), f"/payments/{payment.pk}/amend/"
        assert 'value="1961-09-04"' in desk.get(address).content.decode()
        wanted = {
            "version": 1, "creditor_name": payment.creditor_name, "creditor_number": payment.creditor_number,
            "requested_execution_date": payment.requested_execution_date.isoformat(), "reason": "As on the passport.",
            "end_to_end_id": payment.end_to_end_id, "remittance": payment.remittance, "birth_date": "1961-04-09",
            "birth_town": "Varna", "birth_country": "BG",
        }  # fmt: skip
        page = desk.post(address, wanted).content.decode()
        assert "<del>4\u00a0Sept\u00a01961, Varna, Varna, Bulgaria (BG)</del>" in page
        assert "<ins>9\u00a0Apr\u00a01961, Varna, Varna, Bulgaria (BG)</ins>" in page
        assert desk.post(address, {**wanted, "confirmed": "1"}).status_code == 302
        assert births.of(payment.pk) == {"creditor": {**VARNA, "province": "Varna"}}
        assert acts(payment)[0] == "payment.amended"
        assert "4\u00a0Sept\u00a01961, Varna" in shown(f"/payments/{payment.pk}/")

    def test_the_page_of_an_account_tells_of_its_owner(self) -> None:
        stage = people.bank_branch()
        owner = Party.objects.create(entity=stage.entity, name="Jane", kind="person", born_on=date(1961, 4, 9))
        database.update(Account.objects.filter(pk=stage.customer.pk), owner=owner)
        assert "Birth of the owner</dt><dd>9\u00a0Apr\u00a01961</dd>" in shown(f"/accounts/{stage.customer.pk}/")


class TestScreening:
    def hits(self, *births_on: date | None) -> list[ScreeningHit]:
        made = scene()
        listed.loaded(people.person(roles.SUPERVISOR, entity=made.stage.entity), entity=made.stage.entity)
        found = []
        for born_on in births_on:
            payment = made.payment(creditor_name="Vasil Korbalski", payee=None)
            if born_on:
                PaymentBirth.objects.create(payment=payment, side="creditor", born_on=born_on)
            judge(payment)
            found.append(ScreeningHit.objects.get(payment=payment))
        return found

    def test_a_hit_shows_both_sides(self) -> None:
        (hit,) = self.hits(date(1961, 9, 4))
        page = shown(f"/screening/hits/{hit.pk}/")
        row = page.split('<th scope="row">Born</th>')[1].split("</tr>")[0]
        assert "<td>4\u00a0Sept\u00a01961</td>" in row
        assert "9\u00a0Apr\u00a01961" in row
        assert "differs" in row
        assert "Day and month are the other way round." in row
        row = shown(f"/screening/hits/{hit.pk}/", "fr").split('<th scope="row">Naissance</th>')[1].split("</tr>")[0]
        assert "9\u00a0avr.\u00a01961" in row
        assert "diffère" in row
        assert "Le jour et le mois sont inversés." in row

    def test_of_one_score_those_that_agree_come_first(self) -> None:
        differs, unknown, agrees, other = self.hits(date(1980, 1, 1), None, date(1961, 4, 9), date(1981, 1, 1))
        page = shown("/screening/")
        order = [int(part.split('"')[0]) for part in page.split('data-row="')[1:]]
        assert order == [agrees.pk, unknown.pk, other.pk, differs.pk]
        assert page.count("the date of birth agrees") == 1
        assert page.count("the date of birth differs") == 2

    @pytest.mark.parametrize(
        ("born_on", "words"),
        [("1961-04-09", "· the date of birth agrees"), ("1980-01-01", "· the date of birth differs"),
         ("", "Born 9\u00a0Apr\u00a01961</p>")],
    )  # fmt: skip
    def test_a_name_is_tried_with_a_date(self, born_on: str, words: str) -> None:
        made = scene()
        listed.loaded(people.person(roles.SUPERVISOR, entity=made.stage.entity), entity=made.stage.entity)
        answer = reader().post("/screening/try/", {"name": "Vasil Korbalski", "birth_date": born_on})
        assert words in answer.content.decode()
