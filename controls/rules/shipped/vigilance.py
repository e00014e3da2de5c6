"""Vigilance: where money goes, what travels with it, instant payments, accounts that slept, clients' money."""

from datetime import date

from controls.rules import high_risk
from controls.rules.shipped import INVESTMENT, PSP, Action, Certainty, Family, Level, Shipped

# European Union, Iceland, Liechtenstein, Norway.
EEA = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip
# Whose banks and accounts have another country's code: not a difference.
TERRITORIES = [
    "AX", "BL", "GF", "GG", "GP", "IM", "JE", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "SM", "VA", "WF", "YT",
]  # fmt: skip

RULES = (
    Shipped(
        code="PAYER-ADDRESS",
        family=Family.FORMAT,
        name_en="Payer's address missing",
        name_fr="Adresse du donneur d’ordre absente",
        expression="kind in ('sepa', 'transfer') and creditor_country not in (:eea) "
        "and greatest(amount, day_sum) > :threshold and not payer_address",
        action=Action.HOLD,
        weight=20,
        reject_reason="RR02",
        parameters={"eea": EEA, "threshold": 1000},
        sentence_en="A transfer of more than {threshold} to {creditor_country}, outside the European Economic Area, "
        "carries the payer's address with its country; town or country of the owner of {debtor_number} is not known.",
        sentence_fr="Un virement de plus de {threshold} vers le pays {creditor_country}, hors de l’Espace économique "
        "européen, porte l’adresse du donneur d’ordre avec son pays ; la ville ou le pays du titulaire de "
        "{debtor_number} n’est pas connu.",
        legal_reference="AML-01: Reg. (EU) 2023/1113 art. 4(1); Reg. (EU) 2023/1113 art. 5-6 (linked operations)",
        read=Certainty.IN_PART,
        profiles=PSP,
        valid_from=date(2024, 12, 30),
    ),
    Shipped(
        code="COUNTRY-RISK",
        family=Family.PAYEE,
        name_en="High-risk country",
        name_fr="Pays à haut risque",
        # By the list of the payment's own day (controls/rules/high_risk.py). Never by the country of a SEPA IBAN alone
        # (SEP-03: Reg. (EU) 260/2012 art. 9).
        expression="bank_risk_since is not null or address_risk_since is not null "
        "or (kind not in ('sepa', 'instant', 'supplier') and account_risk_since is not null)",
        action=Action.HOLD,
        weight=45,
        reject_reason="RR04",
        valid_from=high_risk.ACTS["2016/1675"],
        sentence_en="{creditor_name} is in a high-risk third country: bank {creditor_bic_country} (on the list since "
        "{bank_risk_since}), address {creditor_address_country} (since {address_risk_since}), account "
        "{creditor_country} (since {account_risk_since}). Record its origin, destination, purpose and beneficiary.",
        sentence_fr="{creditor_name} est dans un pays tiers à haut risque : banque {creditor_bic_country} (sur la "
        "liste depuis le {bank_risk_since}), adresse {creditor_address_country} (depuis le {address_risk_since}), "
        "compte {creditor_country} (depuis le {account_risk_since}). Consignez son origine, sa destination, son objet "
        "et son bénéficiaire.",
        legal_reference="AML-06: CMF L561-10; Delegated Reg. (EU) 2016/1675",
        read=Certainty.KNOWN,
        profiles=PSP,
        level=Level.RISK,
    ),
    Shipped(
        code="COUNTRY-UNLIKE",
        family=Family.PAYEE,
        name_en="Bank and account in different countries",
        name_fr="Banque et compte dans des pays différents",
        expression="creditor_iban_valid and creditor_bic_country <> creditor_country "
        "and creditor_bic_country not in (:territories) and creditor_country not in (:territories)",
        action=Action.WARN,
        weight=15,
        reject_reason="RC01",
        parameters={"territories": TERRITORIES},
        sentence_en="The account {creditor_number} is in {creditor_country}, the BIC {creditor_bic} in "
        "{creditor_bic_country}.",
        sentence_fr="Le compte {creditor_number} est dans le pays {creditor_country}, le BIC {creditor_bic} dans le "
        "pays {creditor_bic_country}.",
        legal_reference="House rule",
    ),
    Shipped(
        code="INSTANT-LIMIT",
        family=Family.AMOUNT,
        name_en="Instant payment over the limit",
        name_fr="Virement instantané au-dessus du plafond",
        expression="instant and amount > :threshold",
        action=Action.HOLD,
        weight=20,
        reject_reason="AM02",
        # A setting of the bank or the payer: the law forbids a ceiling of the scheme.
        parameters={"threshold": 100000},
        sentence_en="{amount} is asked for as an instant payment; the limit that was set is {threshold}.",
        sentence_fr="{amount} est demandé en virement instantané ; le plafond fixé est {threshold}.",
        legal_reference="TIM-03: Reg. (EU) 260/2012 art. 5a",
        read=Certainty.KNOWN,
        valid_from=date(2025, 10, 9),
    ),
    Shipped(
        code="INSTANT-UNCONFIRMED",
        family=Family.PAYEE,
        name_en="Instant payment, account unconfirmed",
        name_fr="Virement instantané, compte non confirmé",
        # Neither by a person nor by a verification that was answered (which rules of its own judge).
        expression="instant and not coalesce(number_confirmed, false) "
        "and coalesce(verification_outcome, 'NOAP') = 'NOAP'",
        action=Action.SECOND,
        weight=25,
        reject_reason="FRAD",
        sentence_en="An instant payment cannot be taken back, and neither a person nor a verification confirmed the "
        "account {creditor_number} of {creditor_name}; one more person approves.",
        sentence_fr="Un virement instantané ne se reprend pas, et ni une personne ni une vérification n’a confirmé le "
        "compte {creditor_number} de {creditor_name} ; une personne de plus approuve.",
        legal_reference="TIM-04: Reg. (EU) 260/2012 art. 5c",
        valid_from=date(2025, 10, 9),
    ),
    Shipped(
        code="ACCOUNT-SLEEPING",
        family=Family.ACCOUNT,
        name_en="Account that slept",
        name_fr="Compte endormi",
        expression="account_idle_days > :days and amount >= :threshold",
        action=Action.SECOND,
        weight=30,
        parameters={"days": 365, "threshold": 10000},
        sentence_en="The account {debtor_number} did not move after {account_last_on}, more than {days} days before, "
        "and {amount} is to leave it.",
        sentence_fr="Le compte {debtor_number} n’a pas bougé depuis le {account_last_on}, plus de {days} jours avant, "
        "et {amount} doivent en partir.",
        legal_reference="AML-06: CMF L561-10-2 (unusually large operations)",
        level=Level.RISK,
    ),
    Shipped(
        code="CLIENT-MONEY",
        family=Family.ACCOUNT,
        name_en="Between own and clients' money",
        name_fr="Entre fonds propres et fonds de clients",
        expression="kind = 'internal' and account_kind <> creditor_account_kind "
        "and (account_kind = 'customer' or creditor_account_kind = 'customer')",
        action=Action.HOLD,
        weight=30,
        sentence_en="{amount} goes between own and clients' money: from {account_kind} to {creditor_account_kind}.",
        sentence_fr="{amount} passent entre fonds propres et fonds de clients : d’{account_kind} vers "
        "{creditor_account_kind}.",
        legal_reference="CLI-01: Delegated Dir. (EU) 2017/593 art. 2(1)",
        profiles=(*PSP, *INVESTMENT),
        level=Level.RISK,
    ),
)
