"""What the fields of a payment are called on screens that speak of files: problems of a batch, columns of a source."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELD_NAMES: dict[str, str | Promise] = {
    "amount": _("Amount"),
    "currency": _("Currency"),
    "requested_execution_date": _("Execution date"),
    "debtor_name": _("Debtor's name"),
    "debtor_number": _("Debtor's account"),
    "debtor_bic": _("Debtor's BIC"),
    "creditor_name": _("Creditor's name"),
    "creditor_number": _("Creditor's account"),
    "creditor_bic": _("Creditor's BIC"),
    "end_to_end_id": _("End-to-end reference"),
    "instruction_id": _("Instruction reference"),
    "remittance": _("Remittance"),
    "creditor_reference": _("Creditor reference"),
    "purpose": _("Purpose"),
    "category_purpose": _("Category purpose"),
    "charge_bearer": _("Charges"),
    "service_level": _("Service level"),
    "local_instrument": _("Local instrument"),
    "ultimate_debtor": _("Ultimate debtor"),
    "ultimate_creditor": _("Ultimate creditor"),
    "uetr": _("UETR"),
    "address.street": _("Street"),
    "address.building": _("Building number"),
    "address.post_code": _("Post code"),
    "address.town": _("Town"),
    "address.country": _("Country"),
    "NbOfTxs": _("Declared count"),
    "CtrlSum": _("Declared control sum"),
}
