"""Invoices: what a payment to a supplier rests on."""

from controls.rules.shipped import Action, Family, Shipped

_HOUSE = "House rule (a payment to a supplier rests on an invoice)"
_TERMS = "COM-01: C. com. L441-10 I and II, D441-5"

RULES = (
    Shipped(
        code="INVOICE-NONE",
        family=Family.DUPLICATE,
        name_en="Payment without invoice",
        name_fr="Paiement sans facture",
        expression="kind = 'supplier' and invoice_count = 0",
        action=Action.HOLD,
        weight=40,
        reject_reason="NARR",
        sentence_en="No registered invoice is settled by this payment to {creditor_name}.",
        sentence_fr="Aucune facture enregistrée n’est réglée par ce paiement à {creditor_name}.",
        legal_reference=_HOUSE,
    ),
    Shipped(
        code="INVOICE-ACCOUNT",
        family=Family.PAYEE,
        name_en="Bank details not the supplier's known ones",
        name_fr="Coordonnées bancaires autres que celles du fournisseur",
        expression="invoice_count > 0 and not invoice_account_known",
        action=Action.HOLD,
        weight=45,
        reject_reason="BE05",
        sentence_en="The account {creditor_number} of {invoice_numbers} is not one that is known and confirmed of "
        "{creditor_name}.",
        sentence_fr="Le compte {creditor_number} de {invoice_numbers} n’est pas un compte connu et confirmé de "
        "{creditor_name}.",
        legal_reference="House rule (invoice fraud: a call back to a known number before the first payment)",
    ),
    Shipped(
        code="INVOICE-ALIKE",
        family=Family.DUPLICATE,
        name_en="Invoice like another one",
        name_fr="Facture semblable à une autre",
        expression="invoice_alike is not null",
        action=Action.SECOND,
        weight=30,
        reject_reason="DUPL",
        sentence_en="{invoice_alike} of the same supplier has the same amount and nearly the same date as one of "
        "{invoice_numbers}.",
        sentence_fr="{invoice_alike} du même fournisseur a le même montant et presque la même date que l’une de "
        "{invoice_numbers}.",
        legal_reference=_HOUSE,
    ),
    Shipped(
        code="INVOICE-EARLY",
        family=Family.TIME,
        name_en="Paid before it is due",
        name_fr="Payée avant l’échéance",
        expression="invoice_days_late < -:days and not invoice_discount",
        action=Action.WARN,
        weight=10,
        parameters={"days": 10},
        sentence_en="{invoice_numbers} is due on {invoice_due_on}, more than {days} days after {execution_date}, and "
        "no discount is kept for it.",
        sentence_fr="{invoice_numbers} échoit le {invoice_due_on}, plus de {days} jours après le {execution_date}, et "
        "aucun escompte n’est pris.",
        legal_reference="House rule (cash is kept until it is due)",
    ),
    Shipped(
        code="INVOICE-LATE",
        family=Family.TIME,
        name_en="Paid late",
        name_fr="Payée en retard",
        expression="invoice_days_late > 0",
        action=Action.INFORM,
        weight=0,
        sentence_en="{invoice_numbers} was due on {invoice_due_on}: {invoice_days_late} days late. The supplier may "
        "ask for interest and a fixed fee of 40 EUR.",
        sentence_fr="{invoice_numbers} était échue le {invoice_due_on} : {invoice_days_late} jours de retard. Le "
        "fournisseur peut demander des intérêts et une indemnité forfaitaire de 40 EUR.",
        legal_reference=_TERMS,
    ),
    Shipped(
        code="INVOICE-TERMS",
        family=Family.TIME,
        name_en="Terms longer than the law allows",
        name_fr="Délai plus long que la loi ne le permet",
        expression="invoice_days_beyond_law > 0",
        action=Action.WARN,
        weight=5,
        sentence_en="{invoice_numbers} is due {invoice_days_beyond_law} days after the 60 that may be agreed.",
        sentence_fr="{invoice_numbers} échoit {invoice_days_beyond_law} jours après les 60 qui peuvent être convenus.",
        legal_reference=_TERMS,
    ),
)
