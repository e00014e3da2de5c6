"""Habits: the hour, the person who enters, and sums kept just under what one person may sign."""

from controls.rules.shipped import Action, Certainty, Family, Level, Shipped

RULES = (
    Shipped(
        code="UNUSUAL-HOUR",
        family=Family.TIME,
        name_en="Unusual hour",
        name_fr="Heure inhabituelle",
        expression="habit_count >= :deliveries and habit_near = 0",
        action=Action.WARN,
        weight=10,
        parameters={"deliveries": 20},
        sentence_en="It came in at {received_clock}; none of the {habit_count} deliveries before it by the same way "
        "and person came within two hours of that.",
        sentence_fr="Il est arrivé à {received_clock} ; aucune des {habit_count} livraisons précédentes par la même "
        "voie et la même personne n’est arrivée à moins de deux heures de là.",
        legal_reference="House rule under COSO principle 10",
        level=Level.RISK,
    ),
    Shipped(
        code="MAKER-NEW",
        family=Family.ACCOUNT,
        name_en="First payment by this person",
        name_fr="Premier paiement par cette personne",
        expression="account_count >= :payments and maker_count = 0",
        action=Action.WARN,
        weight=10,
        parameters={"payments": 20},
        sentence_en="{maker_name} never entered a payment from {debtor_number} before; others entered the "
        "{account_count} looked at.",
        sentence_fr="{maker_name} n’avait jamais saisi de paiement depuis {debtor_number} ; d’autres ont saisi les "
        "{account_count} regardés.",
        legal_reference="House rule under COSO principle 10",
        level=Level.RISK,
    ),
    Shipped(
        code="MAKER-AMOUNT",
        family=Family.AMOUNT,
        name_en="Amount unlike this person's",
        name_fr="Montant inhabituel pour cette personne",
        expression="maker_count >= :payments and maker_usual_ratio > :times",
        action=Action.WARN,
        weight=15,
        parameters={"payments": 10, "times": 10},
        sentence_en="{amount} is {maker_usual_ratio} times the {maker_usual_amount} that {maker_name} usually enters "
        "from {debtor_number} (median of {maker_count}).",
        sentence_fr="{amount} fait {maker_usual_ratio} fois les {maker_usual_amount} que {maker_name} saisit "
        "d’habitude depuis {debtor_number} (médiane de {maker_count}).",
        legal_reference="House rule under COSO principle 10",
        level=Level.RISK,
    ),
    Shipped(
        code="SPLIT-LIMIT",
        family=Family.AMOUNT,
        name_en="Split below a person's limit",
        name_fr="Fractionnement sous le plafond d’une personne",
        expression="ceiling_count >= :payments and ceiling_sum > ceiling",
        action=Action.SECOND,
        weight=30,
        parameters={"payments": 3},
        sentence_en="{ceiling_count} payments to {creditor_number} within 7 days are each just within a person's limit "
        "of {ceiling}; they are approved like their sum of {ceiling_sum}, by one more person.",
        sentence_fr="{ceiling_count} paiements à {creditor_number} en 7 jours tiennent chacun juste dans le plafond "
        "d’une personne, {ceiling} ; ils sont approuvés comme leur somme de {ceiling_sum}, par une personne de plus.",
        legal_reference="CTL-03: house rule under COSO principle 10; Reg. (EU) 2023/1113 art. 5-6 (linked operations)",
        read=Certainty.KNOWN,
        level=Level.RISK,
    ),
    Shipped(
        code="SPLIT-MAKER",
        family=Family.AMOUNT,
        name_en="Split by one person",
        name_fr="Fractionnement par une personne",
        expression="typed_count >= :payments and typed_payees > 1",
        action=Action.SECOND,
        weight=25,
        parameters={"payments": 3},
        sentence_en="{maker_name} typed {typed_count} payments within 7 days, to {typed_payees} accounts, each just "
        "under {near_threshold}; they are approved like their sum of {typed_sum}, by one more person.",
        sentence_fr="{maker_name} a saisi {typed_count} paiements en 7 jours, vers {typed_payees} comptes, chacun "
        "juste sous {near_threshold} ; ils sont approuvés comme leur somme de {typed_sum}, par une personne de plus.",
        legal_reference="CTL-03: house rule under COSO principle 10; Reg. (EU) 2023/1113 art. 5-6 (linked operations)",
        read=Certainty.KNOWN,
        level=Level.RISK,
    ),
)
