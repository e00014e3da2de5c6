"""Payee: who is paid for the first time, under another number or another name."""

from datetime import date

from controls.rules.shipped import Action, Family, Shipped

RULES = (
    Shipped(
        code="FIRST-PAYMENT",
        family=Family.PAYEE,
        name_en="First payment",
        name_fr="Premier paiement",
        expression="kind not in ('internal', 'debit', 'incoming', 'refund', 'card') and creditor_number <> '' "
        "and last_paid_on is null",
        action=Action.WARN,
        weight=25,
        sentence_en="Nothing was ever paid to {creditor_name}, account {creditor_number}.",
        sentence_fr="Rien n’a jamais été payé à {creditor_name}, compte {creditor_number}.",
        legal_reference="CTL-03: house rule under COSO principle 10 (novelty of the payee)",
    ),
    Shipped(
        code="NUMBER-UNLIKE",
        family=Family.PAYEE,
        name_en="Account other than the known one",
        name_fr="Compte autre que le compte connu",
        expression="payee_known and creditor_number <> '' and known_number is not null and not number_known",
        action=Action.HOLD,
        weight=60,
        reject_reason="FRAD",
        sentence_en="{payee_name} is paid on {creditor_number}; the known account is {known_number}.",
        sentence_fr="{payee_name} est payé sur {creditor_number} ; le compte connu est {known_number}.",
        legal_reference="CTL-05: house rule under COSO principle 10; TIM-04: Reg. (EU) 260/2012 art. 5c",
    ),
    Shipped(
        code="NUMBER-UNCONFIRMED",
        family=Family.PAYEE,
        name_en="Bank details unconfirmed",
        name_fr="Coordonnées non confirmées",
        expression="number_known and not number_confirmed and not number_paid",
        action=Action.HOLD,
        weight=45,
        reject_reason="FRAD",
        sentence_en="Nobody confirmed the account {creditor_number} of {payee_name}, entered on {number_from}, and "
        "nothing was paid to it yet.",
        sentence_fr="Personne n’a confirmé le compte {creditor_number} de {payee_name}, saisi le {number_from}, et "
        "rien n’y a encore été payé.",
        legal_reference="CTL-05: house rule under COSO principle 10",
    ),
    Shipped(
        code="NUMBER-CHANGED",
        family=Family.PAYEE,
        name_en="Bank details changed",
        name_fr="Coordonnées changées",
        expression="number_changed_days < :days",
        action=Action.SECOND,
        weight=45,
        reject_reason="FRAD",
        parameters={"days": 30},
        sentence_en="{payee_name} changed to the account {creditor_number} on {number_from}, less than {days} days "
        "before this payment came in.",
        sentence_fr="{payee_name} est passé au compte {creditor_number} le {number_from}, moins de {days} jours "
        "avant l’arrivée de ce paiement.",
        legal_reference="CTL-05: house rule under COSO principle 10",
    ),
    Shipped(
        code="NAME-UNLIKE",
        family=Family.PAYEE,
        name_en="Name unlike the payee's",
        name_fr="Nom différent du bénéficiaire",
        # Where the verification says so, too, it is said once, by VOP-NO-MATCH.
        expression="name_similarity < :similarity and coalesce(verification_outcome, 'NOAP') <> 'NMTC'",
        action=Action.SECOND,
        weight=35,
        reject_reason="FRAD",
        parameters={"similarity": 75},
        sentence_en="The payment names “{creditor_name}”; the payee is known as “{payee_name}” "
        "(likeness {name_similarity}, {similarity} asked).",
        sentence_fr="Le paiement nomme « {creditor_name} » ; le bénéficiaire est connu comme « {payee_name} » "
        "(ressemblance {name_similarity}, {similarity} demandés).",
        legal_reference="TIM-04: Reg. (EU) 260/2012 art. 5c, inserted by Reg. (EU) 2024/886",
        valid_from=date(2025, 10, 9),
    ),
    Shipped(
        code="PAYEE-DORMANT",
        family=Family.PAYEE,
        name_en="Payee long unpaid",
        name_fr="Bénéficiaire inactif",
        expression="last_paid_days > :days",
        action=Action.WARN,
        weight=10,
        parameters={"days": 365},
        sentence_en="The last payment to {creditor_name} came in on {last_paid_on}, more than {days} days before.",
        sentence_fr="Le dernier paiement à {creditor_name} est arrivé le {last_paid_on}, plus de {days} jours avant.",
        legal_reference="House rule under COSO principle 10",
    ),
)
