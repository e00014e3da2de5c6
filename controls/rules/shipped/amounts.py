"""Amount: what a scheme carries, what needs more eyes, what is unusual or split."""

from controls.rules.shipped import Action, Certainty, Family, Level, Shipped

RULES = (
    Shipped(
        code="SEPA-CURRENCY",
        family=Family.AMOUNT,
        name_en="SEPA not in euro",
        name_fr="SEPA hors euro",
        expression="kind in ('sepa', 'instant') and currency <> :currency_asked",
        action=Action.REJECT,
        weight=40,
        reject_reason="AM03",
        parameters={"currency_asked": "EUR"},
        sentence_en="A SEPA transfer is in {currency_asked}, not in {currency}.",
        sentence_fr="Un virement SEPA est en {currency_asked}, pas en {currency}.",
        legal_reference="SEP-01: EPC SCT rulebook 2025 v1.1",
    ),
    Shipped(
        code="SEPA-AMOUNT",
        family=Family.AMOUNT,
        name_en="Amount that SEPA carries",
        name_fr="Montant admis par SEPA",
        expression="kind in ('sepa', 'instant') and (amount < :lowest or amount > :highest)",
        action=Action.HOLD,
        weight=40,
        reject_reason="AM02",
        parameters={"lowest": "0.01", "highest": "999999999.99"},
        sentence_en="{amount} is outside what a SEPA transfer carries, {lowest} to {highest}.",
        sentence_fr="{amount} sort de ce qu’un virement SEPA transporte, de {lowest} à {highest}.",
        legal_reference="SEP-01: EPC SCT rulebook 2025 v1.1",
        read=Certainty.KNOWN,
    ),
    Shipped(
        code="LIMIT",
        family=Family.AMOUNT,
        name_en="Over the limit",
        name_fr="Au-dessus du plafond",
        expression="amount >= :threshold",
        action=Action.SECOND,
        weight=20,
        parameters={"threshold": 50000},
        sentence_en="{amount} reaches the limit of {threshold}; one more person approves.",
        sentence_fr="{amount} atteint le plafond de {threshold} ; une personne de plus approuve.",
        legal_reference="CTL-03: house rule under COSO principle 10",
    ),
    Shipped(
        code="UNUSUAL-AMOUNT",
        family=Family.AMOUNT,
        name_en="Amount unlike the usual",
        name_fr="Montant inhabituel",
        expression="usual_count >= :payments and usual_ratio > :times",
        action=Action.WARN,
        weight=35,
        parameters={"payments": 5, "times": 3},
        sentence_en="{amount} is {usual_ratio} times the usual {usual_amount} (median of {usual_count} payments to "
        "{creditor_name}, the highest {usual_highest}).",
        sentence_fr="{amount} fait {usual_ratio} fois les {usual_amount} habituels (médiane de {usual_count} paiements "
        "à {creditor_name}, le plus haut {usual_highest}).",
        legal_reference="AML-06: CMF L561-10-2 (unusually large operations)",
        level=Level.RISK,
    ),
    Shipped(
        code="SPLIT",
        family=Family.AMOUNT,
        name_en="Split below a threshold",
        name_fr="Fractionnement sous un seuil",
        expression="near_threshold_count >= :payments",
        action=Action.HOLD,
        weight=40,
        parameters={"payments": 3},
        sentence_en="{near_threshold_count} payments to {creditor_number} within 7 days are each just under "
        "{near_threshold}; together they are {near_threshold_sum}.",
        sentence_fr="{near_threshold_count} paiements à {creditor_number} en 7 jours sont chacun juste sous "
        "{near_threshold} ; ensemble ils font {near_threshold_sum}.",
        legal_reference="AML-05: Reg. (EU) 2024/1624 art. 80(1); Reg. (EU) 2023/1113 art. 5-6 (linked operations)",
        level=Level.RISK,
    ),
    Shipped(
        code="DAY-SUM",
        family=Family.AMOUNT,
        name_en="Sum of the day over a threshold",
        name_fr="Cumul du jour au-dessus d’un seuil",
        expression="day_count > 1 and day_sum >= next_threshold",
        action=Action.SECOND,
        weight=15,
        sentence_en="{day_count} payments to {creditor_number} came in that day for {day_sum}; each counts with them "
        "against the threshold of {next_threshold}.",
        sentence_fr="{day_count} paiements à {creditor_number} sont arrivés ce jour-là pour {day_sum} ; chacun compte "
        "avec eux face au seuil de {next_threshold}.",
        legal_reference="CTL-03: house rule under COSO principle 10 (summed over one payee and one day)",
    ),
)
