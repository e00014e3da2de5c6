"""A real file, from upload to the bank, in the browser: one brings it in, two others sign; then found in history."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from backoffice.people import roles
from conftest import SHARED
from controls.models import ApprovalPolicy
from tests.people import Stage, bank_branch, open_balance, person
from transactions import ledger
from transactions.models import OutgoingFile, Payment, PaymentApproval, PaymentState

Opens = Callable[..., Page]
FILE = SHARED / "pain001" / "sepaking-pain.001.001.03.xml"
BUTTONS = {
    "en": {
        "bring": "Bring in", "lift": "Lift", "approve": "Approve", "prepare": "Prepare now",
        "send": "Send to the bank",
    },
    "fr": {
        "bring": "Importer", "lift": "Lever", "approve": "Valider", "prepare": "Préparer",
        "send": "Envoyer à la banque",
    },
}  # fmt: skip


@pytest.fixture
def stage(settings: Any, tmp_path: Any) -> Stage:
    if not FILE.exists():
        pytest.skip("the real files of ../shared/data are not here")
    settings.STATE_DIR = tmp_path
    call_command("load_rules")
    made = bank_branch(balance="0", iban="DE87200500001234567890")
    open_balance(made.customer, "10000.00", made.bank)
    ApprovalPolicy.objects.create(entity=made.entity, from_amount=Decimal(0), approvals=1)
    return made


def decide(page: Page, payment: Payment, verb: str, words: str) -> None:
    """Press the button of a verb on the payment's page and answer what its dialog asks."""
    page.goto(f"/payments/{payment.pk}/")
    page.locator(".title, .page").get_by_role("link", name=re.compile(f"^{verb}")).first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    for box in dialog.locator("input[type=checkbox]").all():
        box.check()
    code = dialog.locator("select")
    if code.count():
        code.first.select_option(index=1)
    dialog.locator("textarea").fill(words)
    dialog.locator("button[data-send]").click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fr", "dark")])
def test_from_upload_to_sent(stage: Stage, page_for: Opens, language: str, scheme: str) -> None:
    words = BUTTONS[language]
    anne = person(roles.OPERATOR, entity=stage.entity, name="Anne Le Goff")
    marc = person(roles.SUPERVISOR, entity=stage.entity, name="Marc Lefèvre")
    lea = page_for(person(roles.OPERATOR, entity=stage.entity, name="Léa Martin"), language, scheme)
    operator, supervisor = page_for(anne, language, scheme), page_for(marc, language, scheme)

    lea.goto("/batches/bring-in/")
    lea.locator("#destination").select_option("BANK:treasurer")
    lea.set_input_files("#files", FILE)
    lea.get_by_role("button", name=words["bring"]).click()
    lea.wait_for_url("**/batches/*/")
    expect(lea.locator("#batch-contents tbody tr")).to_have_count(2)
    payments = list(Payment.objects.order_by("pk"))
    assert [payment.amount for payment in payments] == [Decimal("6543.14"), Decimal("112.72")]

    for payment in payments:
        if PaymentState.objects.get(pk=payment.pk).hold_count:
            decide(supervisor, payment, words["lift"], "The treasurer confirmed the date.")
        # Who brought the file in could have made it: they sign none of it.
        lea.goto(f"/payments/{payment.pk}/")
        expect(lea.get_by_role("button", name=re.compile(f"^{words['approve']}"))).to_have_attribute(
            "aria-disabled", "true"
        )
        decide(operator, payment, words["approve"], "Seen with the treasurer.")
        operator.goto(f"/payments/{payment.pk}/")
        expect(operator.get_by_role("button", name=re.compile(f"^{words['approve']}"))).to_have_attribute(
            "aria-disabled", "true"
        )
        decide_again(supervisor, payment, words["approve"])

    assert set(PaymentState.objects.values_list("status", flat=True)) == {"posted"}
    assert set(PaymentApproval.objects.values_list("stage", "person_id")) == {(0, anne.pk), (1, marc.pk)}
    supervisor.goto("/outgoing/")
    supervisor.get_by_role("button", name=re.compile(words["prepare"])).click()
    file = OutgoingFile.objects.get()
    assert (file.payment_count, file.control_sum) == (2, Decimal("6655.86"))
    supervisor.goto(f"/outgoing/{file.pk}/")
    supervisor.get_by_role("button", name=words["send"]).click()
    expect(supervisor.get_by_role("button", name=words["send"])).to_have_count(0)
    assert set(PaymentState.objects.values_list("status", flat=True)) == {"sent"}

    operator.goto(f"/search/?q={payments[0].end_to_end_id}")
    operator.wait_for_load_state()
    if f"/payments/{payments[0].pk}/" not in operator.url:
        operator.get_by_role("link", name="Creditor Name", exact=True).click()
    history = operator.locator(".line-time")
    for name in ("Léa Martin", "Anne Le Goff", "Marc Lefèvre", FILE.name):
        expect(history).to_contain_text(name)
    assert ledger.audit() == []


def decide_again(page: Page, payment: Payment, verb: str) -> None:
    """The second person: at once when nothing is asked, else in the dialog."""
    page.goto(f"/payments/{payment.pk}/")
    button = page.locator(".title").get_by_role("button", name=re.compile(f"^{verb}"))
    if button.count():
        button.click()
        page.wait_for_load_state()
    else:
        decide(page, payment, verb, "Seen.")
    expect(page.locator("main")).to_be_visible()
