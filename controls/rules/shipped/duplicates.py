"""Duplicates: the same payment again, in its file or in another, or nearly the same."""

from controls.rules.shipped import Action, Family, Shipped

RULES = (
    Shipped(
        code="DUPLICATE-FILE",
        family=Family.DUPLICATE,
        name_en="Twice in the file",
        name_fr="Deux fois dans le fichier",
        expression="file_duplicate is not null",
        action=Action.HOLD,
        weight=50,
        reject_reason="AM05",
        sentence_en="{file_duplicate}, at position {file_duplicate_position} of the same file, pays {amount} to the "
        "same account with the same reference.",
        sentence_fr="{file_duplicate}, en position {file_duplicate_position} du même fichier, paie {amount} au même "
        "compte avec la même référence.",
        legal_reference="House rule; ISO 20022 AM05",
    ),
    Shipped(
        code="DUPLICATE-OTHER",
        family=Family.DUPLICATE,
        name_en="Paid in another file",
        name_fr="Payé dans un autre fichier",
        expression="repeat_days <= :days",
        action=Action.HOLD,
        weight=50,
        reject_reason="AM05",
        parameters={"days": 90},
        sentence_en="{repeat_reference}, received on {repeat_on}, pays {amount} to the same account with the same "
        "reference.",
        sentence_fr="{repeat_reference}, reçu le {repeat_on}, paie {amount} au même compte avec la même référence.",
        legal_reference="House rule; ISO 20022 AM05",
    ),
    Shipped(
        code="NEAR-AMOUNT",
        family=Family.DUPLICATE,
        name_en="Same amount shortly before",
        name_fr="Même montant peu avant",
        expression="same_amount_days <= :days and file_duplicate is null and repeat_reference is null",
        action=Action.WARN,
        weight=20,
        reject_reason="AM05",
        parameters={"days": 10},
        sentence_en="{same_amount_reference}, received on {same_amount_on}, pays the same amount of {amount} to the "
        "same account under another reference.",
        sentence_fr="{same_amount_reference}, reçu le {same_amount_on}, paie le même montant de {amount} au même "
        "compte sous une autre référence.",
        legal_reference="House rule; ISO 20022 AM05",
    ),
    Shipped(
        code="NEAR-REFERENCE",
        family=Family.DUPLICATE,
        name_en="Same reference, amount nearly the same",
        name_fr="Même référence, montant voisin",
        expression="close_gap > 0 and close_gap <= :gap",
        action=Action.WARN,
        weight=25,
        reject_reason="AM05",
        parameters={"gap": 1},
        sentence_en="{close_reference}, received on {close_on}, has the same reference and pays {close_amount} to the "
        "same account; this one pays {amount}.",
        sentence_fr="{close_reference}, reçu le {close_on}, a la même référence et paie {close_amount} au même "
        "compte ; celui-ci paie {amount}.",
        legal_reference="House rule; ISO 20022 AM05",
    ),
)
