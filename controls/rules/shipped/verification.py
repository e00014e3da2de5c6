"""Verification of payee: what the holder's bank, our books or nobody said about the name of the account."""

from datetime import date

from controls.rules.shipped import Action, Family, Shipped

SOURCE = "TIM-04: Reg. (EU) 260/2012 art. 5c, inserted by Reg. (EU) 2024/886"
# Payment service providers of the euro area; from then on the answer is asked for by everybody here.
SINCE = date(2025, 10, 9)

RULES = (
    Shipped(
        code="VOP-CLOSE",
        family=Family.PAYEE,
        name_en="Payee's name: close match",
        name_fr="Nom du bénéficiaire : concordance proche",
        expression="verification_outcome = 'CMTC'",
        action=Action.WARN,
        weight=15,
        reject_reason="BE01",
        sentence_en="The account {creditor_number} is held by “{verification_name}”; the payment names "
        "“{creditor_name}” (asked on {verification_on}: {verification_source}).",
        sentence_fr="Le compte {creditor_number} a pour titulaire « {verification_name} » ; le paiement nomme "
        "« {creditor_name} » (demandé le {verification_on} : {verification_source}).",
        legal_reference=SOURCE,
        valid_from=SINCE,
    ),
    Shipped(
        code="VOP-NO-MATCH",
        family=Family.PAYEE,
        name_en="Payee's name: no match",
        name_fr="Nom du bénéficiaire : pas de concordance",
        expression="verification_outcome = 'NMTC'",
        action=Action.HOLD,
        weight=60,
        reject_reason="BE01",
        sentence_en="“{creditor_name}” is not the holder of the account {creditor_number} (asked on "
        "{verification_on}: {verification_source}). Ask the payee by a way that you know, not by the one of the "
        "payment.",
        sentence_fr="« {creditor_name} » n’est pas le titulaire du compte {creditor_number} (demandé le "
        "{verification_on} : {verification_source}). Demandez au bénéficiaire par un moyen que vous connaissez, non "
        "par celui du paiement.",
        legal_reference=SOURCE,
        valid_from=SINCE,
    ),
    Shipped(
        code="VOP-NOT-POSSIBLE",
        family=Family.PAYEE,
        name_en="Payee's name not verified",
        name_fr="Nom du bénéficiaire non vérifié",
        # An instant transfer asks for one more person: INSTANT-UNCONFIRMED.
        expression="verification_outcome = 'NOAP' and not instant",
        action=Action.INFORM,
        weight=5,
        sentence_en="Whether “{creditor_name}” holds the account {creditor_number} could not be verified on "
        "{verification_on}: {verification_fault}. That is no match.",
        sentence_fr="On n’a pas pu vérifier le {verification_on} que « {creditor_name} » est titulaire du compte "
        "{creditor_number} : {verification_fault}. Ce n’est pas une concordance.",
        legal_reference=SOURCE,
        valid_from=SINCE,
    ),
)
