"""Incoming payments and refunds: whether the money is for whom it names, from whom it says, and goes back there."""

from controls.rules.shipped import Action, Family, Shipped

_INFORMATION = "AML-01: Reg. (EU) 2023/1113 art. 7-8"

RULES = (
    Shipped(
        code="INCOMING-ACCOUNT",
        family=Family.ACCOUNT,
        name_en="Account that cannot be credited",
        name_fr="Compte qui ne peut être crédité",
        expression="incoming_fault is not null",
        action=Action.WARN,
        weight=30,
        reject_reason="AC01",
        sentence_en="The creditor's account {creditor_number} cannot be credited: {incoming_fault}. Once approved, the "
        "money waits in suspense.",
        sentence_fr="Le compte du créancier {creditor_number} ne peut être crédité : {incoming_fault}. Une fois "
        "approuvé, l’argent attend en compte d’attente.",
        legal_reference="House rule",
    ),
    Shipped(
        code="HOLDER-UNLIKE",
        family=Family.ACCOUNT,
        name_en="Creditor unlike the holder",
        name_fr="Créancier différent du titulaire",
        expression="holder_similarity < :similarity",
        action=Action.HOLD,
        weight=35,
        reject_reason="AC03",
        parameters={"similarity": 60},
        sentence_en="The payment names “{creditor_name}”; the account is held by “{holder_name}” (likeness "
        "{holder_similarity}, {similarity} asked).",
        sentence_fr="Le paiement nomme « {creditor_name} » ; le compte est tenu par « {holder_name} » (ressemblance "
        "{holder_similarity}, {similarity} demandés).",
        legal_reference=_INFORMATION,
    ),
    Shipped(
        code="PAYER-INCOMPLETE",
        family=Family.FORMAT,
        name_en="Information on the payer missing",
        name_fr="Informations du payeur incomplètes",
        expression="payer_fault is not null",
        action=Action.HOLD,
        weight=40,
        reject_reason="RR02",
        sentence_en="What must accompany the transfer is not complete: {payer_fault}. Payer as given: “{debtor_name}”, "
        "{debtor_number}.",
        sentence_fr="Ce qui doit accompagner le virement n’est pas complet : {payer_fault}. Payeur tel qu’indiqué : "
        "« {debtor_name} », {debtor_number}.",
        legal_reference=_INFORMATION,
    ),
    Shipped(
        code="INCOMING-REPEAT",
        family=Family.DUPLICATE,
        name_en="Incoming payment repeated",
        name_fr="Paiement entrant répété",
        expression="received_repeat is not null",
        action=Action.HOLD,
        weight=40,
        reject_reason="DUPL",
        sentence_en="{debtor_name} paid the same amount with the same reference before: {received_repeat}, received on "
        "{received_repeat_on}.",
        sentence_fr="{debtor_name} a déjà payé le même montant avec la même référence : {received_repeat}, reçu le "
        "{received_repeat_on}.",
        legal_reference="House rule under COSO principle 10",
    ),
    Shipped(
        code="REFUND-ACCOUNT",
        family=Family.PAYEE,
        name_en="Refund to another account",
        name_fr="Remboursement vers un autre compte",
        expression="refund_other_account",
        action=Action.HOLD,
        weight=50,
        reject_reason="FRAD",
        sentence_en="The refund of {refund_of} goes to {creditor_number}; the payment came from {refund_number}.",
        sentence_fr="Le remboursement de {refund_of} va vers {creditor_number} ; le paiement venait de "
        "{refund_number}.",
        legal_reference="House rule under COSO principle 10",
    ),
    Shipped(
        code="CARD-ACCOUNTS",
        family=Family.ACCOUNT,
        name_en="Card payment without accounts",
        name_fr="Paiement par carte sans comptes",
        expression="card_fault is not null",
        action=Action.HOLD,
        weight=40,
        reject_reason="AC03",
        sentence_en="What {acquirer} reports cannot be booked: {card_fault}.",
        sentence_fr="Ce que {acquirer} annonce ne peut être comptabilisé : {card_fault}.",
        legal_reference="House rule",
    ),
    Shipped(
        code="CARD-FEE",
        family=Family.AMOUNT,
        name_en="Fee unusually high",
        name_fr="Frais anormalement élevés",
        expression="card_fee_percent > :gap",
        action=Action.WARN,
        weight=15,
        parameters={"gap": 20},
        sentence_en="{acquirer} keeps {card_fee}, {card_fee_percent} of the gross; {gap} is the most expected.",
        sentence_fr="{acquirer} retient {card_fee}, soit {card_fee_percent} du brut ; au plus {gap} sont attendus.",
        legal_reference="House rule",
    ),
    Shipped(
        code="ORDER-REPEAT",
        family=Family.DUPLICATE,
        name_en="Order paid twice",
        name_fr="Commande payée deux fois",
        expression="order_repeat is not null",
        action=Action.WARN,
        weight=25,
        reject_reason="DUPL",
        sentence_en="The order {order_reference} was paid with the same amount before: {order_repeat}.",
        sentence_fr="La commande {order_reference} a déjà été payée du même montant : {order_repeat}.",
        legal_reference="House rule under COSO principle 10",
    ),
)
