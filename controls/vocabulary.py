"""The facts that a rule may name: what each is, its type, and how its values read in a sentence.

Sentences of rules are stored in both languages, so the words of their values are kept in both here too. A fact that is
not known for a payment is null, and a comparison with null is not a finding: rules say ``coalesce`` or ``is null``
where absence matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a value is kept and written. For the language of rules money, percent and number are numbers, and text,
    account and code are texts."""

    TEXT = "text"
    CODE = "code"
    ACCOUNT = "account"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    BOOLEAN = "boolean"


class Type(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


_TYPES = {
    Kind.TEXT: Type.TEXT,
    Kind.CODE: Type.TEXT,
    Kind.ACCOUNT: Type.TEXT,
    Kind.NUMBER: Type.NUMBER,
    Kind.MONEY: Type.NUMBER,
    Kind.PERCENT: Type.NUMBER,
    Kind.DATE: Type.DATE,
    Kind.BOOLEAN: Type.BOOLEAN,
}

Words = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Fact:
    """One column of the table ``facts``. ``words`` are the values of a code in English and French."""

    kind: Kind
    meaning: str
    words: Words = field(default_factory=dict)

    @property
    def type(self) -> Type:
        return _TYPES[self.kind]


KINDS: Words = {
    "sepa": ("SEPA credit transfer", "virement SEPA"),
    "transfer": ("credit transfer", "virement"),
    "instant": ("instant transfer", "virement instantané"),
    "supplier": ("supplier payment", "paiement fournisseur"),
    "internal": ("transfer between own accounts", "virement entre comptes propres"),
    "debit": ("direct debit", "prélèvement"),
    "incoming": ("incoming payment", "paiement entrant"),
    "refund": ("refund", "remboursement"),
    "card": ("card or marketplace payment", "paiement par carte ou place de marché"),
}
CHANNELS: Words = {
    "file": ("file", "fichier"),
    "api": ("API", "API"),
    "form": ("form", "formulaire"),
    "command": ("command", "commande"),
    "standing": ("standing order", "ordre permanent"),
}
ACCOUNT_KINDS: Words = {
    "customer": ("a customer's account", "un compte de client"),
    "bank": ("an own account at a bank", "un compte propre en banque"),
    "transit": ("an account in transit", "un compte d’attente d’exécution"),
    "payable": ("payables", "un compte fournisseurs"),
    "receivable": ("receivables", "un compte clients"),
    "suspense": ("a suspense account", "un compte d’attente"),
    "expense": ("an expense account", "un compte de charges"),
    "income": ("an income account", "un compte de produits"),
    "equity": ("an equity account", "un compte de capitaux"),
}
STATUSES: Words = {
    "open": ("open", "ouvert"),
    "blocked": ("blocked", "bloqué"),
    "closed": ("closed", "clos"),
}
IBAN_FAULTS: Words = {
    "country": ("no country of the IBAN registry", "pays absent du registre IBAN"),
    "length": ("wrong length for its country", "longueur fausse pour son pays"),
    "structure": ("wrong structure for its country", "structure fausse pour son pays"),
    "checksum": ("its check digits do not fit", "sa clé ne correspond pas"),
    "form": ("not an IBAN", "ce n’est pas un IBAN"),
}
REFERENCE_FAULTS: Words = {
    "characters": ("characters outside the SEPA set", "caractères hors du jeu SEPA"),
    "slashes": (
        "a slash at its start or end, or two in a row",
        "barre oblique au début, à la fin, ou doublée",
    ),
}
ADDRESS_FORMS: Words = {
    "none": ("no address", "sans adresse"),
    "structured": ("structured", "structurée"),
    "hybrid": ("hybrid", "hybride"),
    "unstructured": ("lines of text without town and country fields", "lignes de texte sans champs ville et pays"),
    "incomplete": ("town or country is missing", "ville ou pays absent"),
    "long": ("more than two lines beside town and country", "plus de deux lignes en plus de la ville et du pays"),
    "wide": ("a line of more than 70 characters", "une ligne de plus de 70 caractères"),
    "repeated": ("its lines repeat the town or the country", "ses lignes répètent la ville ou le pays"),
}

MANDATE_STATUSES: Words = {
    "active": ("active", "actif"),
    "cancelled": ("cancelled", "révoqué"),
}
SEQUENCES: Words = {
    "FRST": ("first (FRST)", "premier (FRST)"),
    "RCUR": ("recurrent (RCUR)", "récurrent (RCUR)"),
    "FNAL": ("final (FNAL)", "dernier (FNAL)"),
    "OOFF": ("one-off (OOFF)", "ponctuel (OOFF)"),
}
SEQUENCE_FAULTS: Words = {
    "first_again": ("the mandate was used before", "le mandat a déjà servi"),
    "one_off_again": ("a one-off debit was taken before", "un prélèvement a déjà été fait"),
    "after_final": ("the final debit was taken before", "le dernier prélèvement a déjà été fait"),
    "not_one_off": ("the mandate is for one debit only", "le mandat est pour un seul prélèvement"),
    "not_recurrent": ("the mandate is for recurrent debits", "le mandat est pour des prélèvements récurrents"),
}

INCOMING_FAULTS: Words = {
    "unknown": ("it is not known here", "il n’est pas connu ici"),
    "closed": ("it is closed", "il est clos"),
    "blocked": ("it is blocked", "il est bloqué"),
    "other": ("it takes no payments", "il ne reçoit pas de paiements"),
    "currency": ("it is in another currency", "il est dans une autre devise"),
}
CARD_FAULTS: Words = {
    "no_acquirer": ("no claim on this acquirer is open", "aucune créance ouverte sur cet acquéreur"),
    "no_fees": ("its account names no account for fees", "son compte ne nomme aucun compte de frais"),
    "fee_too_high": ("the fee is not below the gross", "les frais ne sont pas inférieurs au brut"),
    "AC03": ("no account takes the gross", "aucun compte ne reçoit le brut"),
    "AC07": ("the account that takes the gross is not open", "le compte qui reçoit le brut n’est pas ouvert"),
    "AM03": ("the account is in another currency", "le compte est dans une autre devise"),
}
PAYER_FAULTS: Words = {
    "name": ("the payer's name is missing", "le nom du payeur manque"),
    "placeholder": ("the payer's name is a placeholder", "le nom du payeur est un mot passe-partout"),
    "account": ("the payer's account is missing or wrong", "le compte du payeur manque ou est faux"),
    "address": (
        "the payer's address is missing, from outside the Union",
        "l’adresse du payeur manque, hors de l’Union",
    ),
}
VERIFICATIONS: Words = {
    "MTCH": ("match", "concordance"),
    "CMTC": ("close match", "concordance proche"),
    "NMTC": ("no match", "pas de concordance"),
    "NOAP": ("not possible", "impossible"),
}
VERIFIERS: Words = {
    "account": ("our own books", "nos propres livres"),
    "payee": ("the payee's confirmed bank details", "les coordonnées confirmées du bénéficiaire"),
    "service": ("the verification service", "le service de vérification"),
}
VERIFICATION_FAULTS: Words = {
    "said_not_possible": ("the payee's bank cannot say", "la banque du bénéficiaire ne peut pas le dire"),
    "too_slow": ("no answer in time", "pas de réponse à temps"),
    "no_answer": ("the service cannot be reached", "le service est injoignable"),
    "answered": ("the service reports an error", "le service signale une erreur"),
    "answer_unreadable": ("the service's answer cannot be read", "la réponse du service est illisible"),
    "paused": ("the service failed several times in a row", "le service a échoué plusieurs fois de suite"),
    "switched_off": ("the service is switched off", "le service est désactivé"),
    "no_time": ("the time for this file was over", "le temps prévu pour ce fichier était écoulé"),
    "address_bad": ("the service's address cannot be called", "l’adresse du service ne peut pas être appelée"),
    "address_unknown": ("the service's address is not known", "l’adresse du service est inconnue"),
    "address_inside": ("the service's address is not allowed", "l’adresse du service n’est pas permise"),
    "secret_lost": ("the service's token must be entered again", "le jeton du service est à saisir de nouveau"),
}

_PAYMENT = {
    "kind": Fact(Kind.CODE, "Kind of payment", KINDS),
    "channel": Fact(Kind.CODE, "Channel it came in by", CHANNELS),
    "amount": Fact(Kind.MONEY, "Amount in the payment's currency"),
    "currency": Fact(Kind.TEXT, "ISO 4217 code of the amount"),
    "received_on": Fact(Kind.DATE, "Day of receipt in the entity's time zone"),
    "end_to_end_id": Fact(Kind.TEXT, "End-to-end reference"),
    "creditor_reference": Fact(Kind.TEXT, "Structured creditor reference"),
    "charge_bearer": Fact(Kind.TEXT, "Who bears the charges (SLEV, SHAR, DEBT, CRED), empty when not said"),
    "purpose": Fact(Kind.TEXT, "Purpose code in capitals, empty when not said"),
    "category_purpose": Fact(Kind.TEXT, "Category purpose code in capitals, empty when not said"),
    "instant": Fact(Kind.BOOLEAN, "An instant payment is asked for (local instrument INST)"),
    "cash": Fact(Kind.BOOLEAN, "The payment's purpose is cash: CDCB, CDCD, CDCS or CSDB of ISO 20022"),
    "entity_country": Fact(Kind.TEXT, "Country of the entity"),
    "debtor_name": Fact(Kind.TEXT, "Debtor's name as given"),
    "debtor_number": Fact(Kind.ACCOUNT, "Debtor's account as given"),
    "debtor_bic": Fact(Kind.TEXT, "BIC of the debtor's bank as given"),
    "creditor_name": Fact(Kind.TEXT, "Creditor's name as given"),
    "creditor_number": Fact(Kind.ACCOUNT, "Creditor's account as given"),
    "creditor_bic": Fact(Kind.TEXT, "BIC of the creditor's bank as given"),
}
_FORMAT = {
    "creditor_iban_valid": Fact(Kind.BOOLEAN, "Creditor's IBAN is valid; null when the number is not an IBAN"),
    "creditor_iban_fault": Fact(Kind.CODE, "What is wrong with the creditor's IBAN", IBAN_FAULTS),
    "creditor_country": Fact(Kind.TEXT, "Country of the creditor's IBAN"),
    "creditor_bic_country": Fact(Kind.TEXT, "Country in the creditor's BIC when it has the right form"),
    "creditor_address_country": Fact(Kind.TEXT, "Country of the creditor's address"),
    "debtor_iban_valid": Fact(Kind.BOOLEAN, "Debtor's IBAN is valid; null when the number is not an IBAN"),
    "debtor_iban_fault": Fact(Kind.CODE, "What is wrong with the debtor's IBAN", IBAN_FAULTS),
    "creditor_bic_valid": Fact(Kind.BOOLEAN, "Creditor's BIC has the right form; null when none is given"),
    "debtor_bic_valid": Fact(Kind.BOOLEAN, "Debtor's BIC has the right form; null when none is given"),
    "creditor_reference_valid": Fact(
        Kind.BOOLEAN, "Creditor reference passes the check of ISO 11649; null when it does not begin with RF"
    ),
    "reference_fault": Fact(Kind.CODE, "What is wrong with the end-to-end reference", REFERENCE_FAULTS),
    "odd_characters": Fact(Kind.TEXT, "Characters of names and remittance outside the SEPA set"),
    "odd_characters_sent": Fact(Kind.TEXT, "Characters outside the SEPA set, as the bank file writes them"),
    "creditor_name_length": Fact(Kind.NUMBER, "Characters of the creditor's name"),
    "remittance_length": Fact(Kind.NUMBER, "Characters of the remittance text"),
    "address_form": Fact(Kind.CODE, "Form of the creditor's address", ADDRESS_FORMS),
}
_ACCOUNT = {
    "account_known": Fact(Kind.BOOLEAN, "The debtor's account is one of the entity's"),
    "account_status": Fact(Kind.CODE, "Status of the debtor's account", STATUSES),
    "account_currency": Fact(Kind.TEXT, "Currency of the debtor's account"),
    "same_account": Fact(Kind.BOOLEAN, "Debtor and creditor are the same account"),
    "creditor_account_status": Fact(Kind.CODE, "Status of the creditor's account when it is ours", STATUSES),
    "account_kind": Fact(Kind.CODE, "Kind of the debtor's account", ACCOUNT_KINDS),
    "creditor_account_kind": Fact(Kind.CODE, "Kind of the creditor's account when it is ours", ACCOUNT_KINDS),
    "payer_address": Fact(Kind.BOOLEAN, "Town and country of the account's owner are known; null without an owner"),
    "account_last_on": Fact(Kind.DATE, "Day of the last movement of the debtor's account before the payment"),
    "account_idle_days": Fact(Kind.NUMBER, "Days since the debtor's account last moved; null when it never did"),
    "funds_available": Fact(Kind.MONEY, "Available funds now: balance less held less floor; null without a floor"),
    "funds_after": Fact(
        Kind.MONEY, "Funds left after this payment and those before it in its file that hold no funds yet"
    ),
}
_PAYEE = {
    "payee_known": Fact(Kind.BOOLEAN, "The payee was known before the payment came in"),
    "payee_name": Fact(Kind.TEXT, "Name of the known payee"),
    "name_similarity": Fact(Kind.PERCENT, "Likeness of the creditor's name to the payee's known name, 0 to 100"),
    "number_known": Fact(Kind.BOOLEAN, "The creditor's account was among the payee's bank details at receipt"),
    "known_number": Fact(Kind.ACCOUNT, "The payee's bank details at receipt (the latest)"),
    "number_from": Fact(Kind.DATE, "Since when the account is among the payee's bank details"),
    "number_changed_days": Fact(Kind.NUMBER, "Days since the payee changed to this account; null when it never did"),
    "number_confirmed": Fact(Kind.BOOLEAN, "Someone had confirmed these bank details at receipt"),
    "number_paid": Fact(Kind.BOOLEAN, "An approved payment went to this account before"),
    "last_paid_on": Fact(Kind.DATE, "Receipt of the last approved payment to the payee; null when there is none"),
    "last_paid_days": Fact(Kind.NUMBER, "Days since the last approved payment to the payee"),
    "usual_count": Fact(Kind.NUMBER, "Approved payments to the payee, same currency, 18 months, at most the last 500"),
    "usual_amount": Fact(Kind.MONEY, "Median of the approved payments to the payee"),
    "usual_highest": Fact(Kind.MONEY, "Highest of the approved payments to the payee"),
    "usual_ratio": Fact(Kind.NUMBER, "Amount divided by the median of the payments to the payee"),
}
_DUPLICATE = {
    "file_duplicate": Fact(Kind.TEXT, "Earlier payment of the same file: same creditor, amount and reference"),
    "file_duplicate_position": Fact(Kind.NUMBER, "Place in the file of the earlier payment that it repeats"),
    "repeat_reference": Fact(Kind.TEXT, "Latest earlier payment of another file, same creditor, amount and reference"),
    "repeat_on": Fact(Kind.DATE, "Receipt of the payment of another file that it repeats"),
    "repeat_days": Fact(Kind.NUMBER, "Days since the payment of another file that it repeats, 90 at most"),
    "same_amount_reference": Fact(Kind.TEXT, "Latest earlier payment of the same amount to the same creditor"),
    "same_amount_on": Fact(Kind.DATE, "Receipt of the latest earlier payment of the same amount to the same creditor"),
    "same_amount_days": Fact(
        Kind.NUMBER, "Days since the latest payment of the same amount to the same creditor, 90 at most"
    ),
    "close_reference": Fact(Kind.TEXT, "Latest earlier payment with the same reference to the same creditor"),
    "close_amount": Fact(
        Kind.MONEY, "Amount of the latest earlier payment with the same reference to the same creditor"
    ),
    "close_on": Fact(Kind.DATE, "Receipt of the latest earlier payment with the same reference to the same creditor"),
    "close_gap": Fact(
        Kind.PERCENT, "Difference, in percent, from the latest payment with the same reference to the same creditor"
    ),
}
_AMOUNT = {
    "next_threshold": Fact(Kind.MONEY, "The lowest approval band above the amount"),
    "near_threshold": Fact(Kind.MONEY, "The approval band that the amount is within 10% below; null: none"),
    "near_threshold_count": Fact(
        Kind.NUMBER, "Payments to this account within 10% below the same approval band, 7 days and file"
    ),
    "near_threshold_sum": Fact(
        Kind.MONEY, "Sum of the payments to this account within 10% below the same approval band"
    ),
    "ceiling": Fact(Kind.MONEY, "The limit of a person of the entity that the amount is within 10% below, or reaches"),
    "ceiling_count": Fact(Kind.NUMBER, "Payments to this account as near to the same person's limit, 7 days and file"),
    "ceiling_sum": Fact(Kind.MONEY, "Sum of the payments to this account as near to the same person's limit"),
    "typed_count": Fact(Kind.NUMBER, "Payments as near below the band that the same person typed in 7 days"),
    "typed_payees": Fact(Kind.NUMBER, "Accounts paid by what the same person typed as near below the band"),
    "typed_sum": Fact(Kind.MONEY, "Sum of what the same person typed as near below the band"),
    "cash_debt_count": Fact(
        Kind.NUMBER, "Cash payments between these accounts for the same reference, 90 days and file"
    ),
    "cash_debt_sum": Fact(Kind.MONEY, "Sum of the cash payments between these accounts for the same reference"),
    "cash_month_sum": Fact(Kind.MONEY, "Cash paid from the debtor's account in the calendar month, the file included"),
    "day_count": Fact(Kind.NUMBER, "Payments to this account received that day, the whole file included"),
    "day_sum": Fact(Kind.MONEY, "Sum of the payments to this account received that day, the whole file included"),
}
_TIME = {
    "execution_date": Fact(Kind.DATE, "Requested execution date"),
    "execution_days": Fact(Kind.NUMBER, "Days from receipt to the requested execution date; negative when past"),
    "execution_open": Fact(Kind.BOOLEAN, "TARGET is open on the requested execution date"),
    "execution_next": Fact(Kind.DATE, "First TARGET open day on or after the requested execution date"),
    "received_clock": Fact(
        Kind.TEXT,
        "Hour at which a person delivered the payment, in the entity's time zone; null for a sender's machine",
    ),
    "habit_count": Fact(
        Kind.NUMBER, "Earlier deliveries by the same source, channel and person, of the entity's last 400"
    ),
    "habit_near": Fact(
        Kind.NUMBER, "Earlier deliveries by the same source, channel and person within two hours of this time of day"
    ),
    "maker_name": Fact(Kind.TEXT, "Who entered the payment; null when it was an outside sender"),
    "account_count": Fact(
        Kind.NUMBER, "Approved payments from this account before, the last 200 at most; null for an outside sender"
    ),
    "maker_count": Fact(
        Kind.NUMBER, "Approved payments from this account that the same person entered; null for an outside sender"
    ),
    "maker_usual_amount": Fact(Kind.MONEY, "Median of what the same person entered from this account, same currency"),
    "maker_usual_ratio": Fact(Kind.NUMBER, "Amount divided by the median of what the same person entered"),
}

_MANDATE = {
    "mandate_reference": Fact(Kind.TEXT, "Reference of the mandate; null for what is no direct debit"),
    "mandate_known": Fact(Kind.BOOLEAN, "The mandate is registered"),
    "mandate_status": Fact(Kind.CODE, "Status of the mandate", MANDATE_STATUSES),
    "mandate_signed_on": Fact(Kind.DATE, "Day of the mandate's signature, as said with the debit or as registered"),
    "mandate_last_on": Fact(Kind.DATE, "Day of the last debit with the mandate that was not rejected or returned"),
    "mandate_idle_months": Fact(
        Kind.NUMBER, "Whole months from the last debit with the mandate, or its signature, to this debit"
    ),
    "mandate_debtor_same": Fact(Kind.BOOLEAN, "The debited account is the mandate's"),
    "mandate_amended": Fact(Kind.BOOLEAN, "The debit says what changed of the mandate"),
    "mandate_scheme_same": Fact(Kind.BOOLEAN, "The scheme of the debit is the mandate's"),
    "mandate_repeat": Fact(Kind.TEXT, "Earlier debit with the mandate, same amount and day"),
    "debit_sequence": Fact(Kind.CODE, "Sequence type of the debit", SEQUENCES),
    "sequence_fault": Fact(Kind.CODE, "Why the sequence of the debit does not follow", SEQUENCE_FAULTS),
    "creditor_scheme_id": Fact(Kind.TEXT, "Creditor identifier"),
    "creditor_id_valid": Fact(Kind.BOOLEAN, "The check digits of the creditor identifier fit"),
    "collection_scheme": Fact(Kind.TEXT, "Scheme of the debit: CORE or B2B"),
}

_INVOICE = {
    "invoice_count": Fact(Kind.NUMBER, "Invoices that the payment settles; null for what is no supplier payment"),
    "invoice_numbers": Fact(Kind.TEXT, "Numbers of the invoices and credit notes that the payment settles"),
    "invoice_account_known": Fact(Kind.BOOLEAN, "The account is one of the supplier that was paid or confirmed before"),
    "invoice_due_on": Fact(Kind.DATE, "The earliest due date among the invoices"),
    "invoice_days_late": Fact(
        Kind.NUMBER, "Days from the earliest due date of the invoices to the execution; negative when early"
    ),
    "invoice_days_beyond_law": Fact(Kind.NUMBER, "Days of terms beyond the 60 that may be agreed; negative within"),
    "invoice_alike": Fact(Kind.TEXT, "Another invoice of the supplier with the same amount and nearly the same date"),
    "invoice_discount": Fact(Kind.BOOLEAN, "A discount on the invoices is kept"),
}

_RECEIVED = {
    "incoming_fault": Fact(
        Kind.CODE, "Why the creditor's account cannot be credited; null for what is no incoming payment",
        INCOMING_FAULTS,
    ),
    "holder_name": Fact(Kind.TEXT, "Who holds the creditor's account of an incoming payment"),
    "holder_similarity": Fact(Kind.PERCENT, "Likeness of the creditor's name to the holder's, 0 to 100"),
    "payer_fault": Fact(Kind.CODE, "What is missing of the information on the payer", PAYER_FAULTS),
    "received_repeat": Fact(
        Kind.TEXT, "Latest earlier incoming payment of the same payer, amount and reference, 90 days"
    ),
    "received_repeat_on": Fact(Kind.DATE, "Receipt of the incoming payment that it repeats"),
    "refund_of": Fact(Kind.TEXT, "The payment that a refund pays back; null for what is no refund"),
    "refund_other_account": Fact(Kind.BOOLEAN, "The refund goes to another account than the payment came from"),
    "card_fault": Fact(Kind.CODE, "Why a card payment cannot be booked; null for what is none", CARD_FAULTS),
    "acquirer": Fact(Kind.TEXT, "Code of the acquirer or marketplace that reports the payment"),
    "card_fee": Fact(Kind.MONEY, "What the acquirer keeps"),
    "card_fee_percent": Fact(Kind.PERCENT, "What the acquirer keeps, in percent of the gross"),
    "order_repeat": Fact(Kind.TEXT, "Earlier card payment of the same order and amount, 90 days"),
    "order_reference": Fact(Kind.TEXT, "Reference of the order that was paid"),
    "refund_number": Fact(Kind.ACCOUNT, "The account that the refunded payment came from"),
}  # fmt: skip

_VERIFICATION = {
    "verification_outcome": Fact(
        Kind.CODE,
        "Outcome of the verification of the payee; null when nobody was asked",
        VERIFICATIONS,
    ),
    "verification_name": Fact(Kind.TEXT, "The holder's name, when the payee is a close match"),
    "verification_source": Fact(Kind.CODE, "Who verified the payee", VERIFIERS),
    "verification_fault": Fact(Kind.CODE, "Why the payee could not be verified", VERIFICATION_FAULTS),
    "verification_on": Fact(Kind.DATE, "Day on which the payee was verified"),
}

_RISK = {
    "bank_risk_since": Fact(
        Kind.DATE, "Since when the country of the creditor's bank is on the EU's list of high risk; null when it is not"
    ),
    "address_risk_since": Fact(
        Kind.DATE,
        "Since when the country of the creditor's address is on the EU's list of high risk; null when it is not",
    ),
    "account_risk_since": Fact(
        Kind.DATE, "Since when the country of the creditor's IBAN is on the EU's list of high risk; null when it is not"
    ),
}

SCREENED: Words = {
    "creditor_name": ("creditor’s name", "nom du créancier"),
    "debtor_name": ("debtor’s name", "nom du débiteur"),
    "ultimate_creditor": ("ultimate creditor", "créancier final"),
    "ultimate_debtor": ("ultimate debtor", "débiteur final"),
    "remittance": ("remittance", "libellé"),
}

_SCREENING = {
    "screening_score": Fact(
        Kind.PERCENT, "Likeness to the sanctions list's name that is most alike, from its threshold up; null: none is"
    ),
    "screening_list": Fact(Kind.TEXT, "Sanctions list of the most alike name, or one of the house's own"),
    "screening_name": Fact(Kind.TEXT, "Name of a sanctions list that is most alike"),
    "screening_field": Fact(Kind.CODE, "Where the payment has the name that is alike", SCREENED),
    "screening_given": Fact(Kind.TEXT, "What the payment says where a name of a sanctions list is alike"),
    "screening_count": Fact(Kind.NUMBER, "Names of sanctions lists that are alike, those that were decided left out"),
    "pep_score": Fact(
        Kind.PERCENT,
        "Likeness to the most alike name of a list of exposed persons, from its threshold up; null: none is",
    ),
    "pep_list": Fact(Kind.TEXT, "List of politically exposed persons of the most alike name"),
    "pep_name": Fact(Kind.TEXT, "Name of a list of politically exposed persons that is most alike"),
    "pep_given": Fact(Kind.TEXT, "What the payment says where a politically exposed person is alike"),
}

FACTS: dict[str, Fact] = {
    **_PAYMENT, **_FORMAT, **_ACCOUNT, **_PAYEE, **_DUPLICATE, **_AMOUNT, **_TIME, **_MANDATE, **_INVOICE, **_RECEIVED,
    **_VERIFICATION, **_RISK, **_SCREENING,
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """How a named value of a rule reads: its label in both languages and its kind."""

    kind: Kind
    label: tuple[str, str]


PARAMETERS: dict[str, Parameter] = {
    "days": Parameter(Kind.NUMBER, ("days", "jours")),
    "months": Parameter(Kind.NUMBER, ("months at most", "mois au plus")),
    "payments": Parameter(Kind.NUMBER, ("payments at least", "paiements au moins")),
    "times": Parameter(Kind.NUMBER, ("times the usual", "fois l’habituel")),
    "length": Parameter(Kind.NUMBER, ("characters at most", "caractères au plus")),
    "similarity": Parameter(Kind.PERCENT, ("likeness at least", "ressemblance au moins")),
    "gap": Parameter(Kind.PERCENT, ("difference at most", "écart au plus")),
    "threshold": Parameter(Kind.MONEY, ("from", "à partir de")),
    "lowest": Parameter(Kind.MONEY, ("lowest", "plus bas")),
    "highest": Parameter(Kind.MONEY, ("highest", "plus haut")),
    "valid_from": Parameter(Kind.DATE, ("in force since", "en vigueur depuis le")),
    "valid_to": Parameter(Kind.DATE, ("until", "jusqu’au")),
    "since": Parameter(Kind.DATE, ("in force since", "en vigueur depuis le")),
    "countries": Parameter(Kind.TEXT, ("countries", "pays")),
    "high_risk": Parameter(Kind.TEXT, ("countries", "pays")),
    "list_on": Parameter(Kind.DATE, ("list of", "liste du")),
    "eea": Parameter(Kind.TEXT, ("countries", "pays")),
    "territories": Parameter(Kind.TEXT, ("territories", "territoires")),
    "deliveries": Parameter(Kind.NUMBER, ("deliveries at least", "livraisons au moins")),
    "placeholders": Parameter(Kind.TEXT, ("words", "mots")),
    "currency_asked": Parameter(Kind.TEXT, ("currency", "devise")),
}
# What a sentence may quote of the version itself.
DATES = ("valid_from", "valid_to")
