"""Cash: what may be paid in it, and what has to be told."""

from datetime import date

from controls.rules.shipped import PSP, Action, Family, Level, Shipped

# Who pays debts in cash, or is paid; a bank that hands out cash pays none.
_TRADERS = ("company", "shop", "investment", "carrier")

RULES = (
    Shipped(
        code="CASH-DEBT",
        family=Family.AMOUNT,
        name_en="Debt paid in cash, France",
        name_fr="Dette payée en espèces, France",
        expression="cash and entity_country = 'FR' and currency = 'EUR' and cash_debt_sum > :threshold",
        action=Action.REJECT,
        weight=40,
        reject_reason="AM02",
        parameters={"threshold": 1000},
        sentence_en="{cash_debt_sum} in cash for one debt to {creditor_name} ({cash_debt_count} payments); more than "
        "{threshold} may not be paid in cash, unless a stored proof of residence abroad allows it.",
        sentence_fr="{cash_debt_sum} en espèces pour une même dette envers {creditor_name} (paiements : "
        "{cash_debt_count}) ; au-delà de {threshold}, le paiement en espèces est interdit, sauf justificatif conservé "
        "de résidence à l’étranger.",
        legal_reference="AML-02: CMF L112-6, D112-3",
        profiles=_TRADERS,
    ),
    Shipped(
        code="CASH-EU",
        family=Family.AMOUNT,
        name_en="Cash above the EU ceiling",
        name_fr="Espèces au-dessus du plafond de l’UE",
        expression="cash and currency = 'EUR' and cash_debt_sum > :threshold",
        action=Action.REJECT,
        weight=60,
        reject_reason="AM02",
        parameters={"threshold": 10000},
        sentence_en="{cash_debt_sum} in cash to {creditor_name} in linked operations ({cash_debt_count}); since "
        "{valid_from} traders in the EU pay at most {threshold} in cash.",
        sentence_fr="{cash_debt_sum} en espèces à {creditor_name} en opérations liées ({cash_debt_count}) ; depuis le "
        "{valid_from}, les commerçants de l’UE paient au plus {threshold} en espèces.",
        legal_reference="AML-03: Reg. (EU) 2024/1624 art. 80",
        profiles=_TRADERS,
        valid_from=date(2027, 7, 10),
    ),
    Shipped(
        code="CASH-MONTH",
        family=Family.AMOUNT,
        name_en="Cash of the month to report",
        name_fr="Espèces du mois à déclarer",
        expression="cash and currency = 'EUR' and cash_month_sum > :threshold",
        action=Action.INFORM,
        weight=10,
        parameters={"threshold": 10000},
        sentence_en="{cash_month_sum} in cash from {debtor_number} this month, over {threshold}: it belongs on the "
        "month's list to Tracfin (COSI).",
        sentence_fr="{cash_month_sum} en espèces depuis {debtor_number} ce mois-ci, plus de {threshold} : à porter sur "
        "la liste du mois pour Tracfin (COSI).",
        legal_reference="AML-04: CMF L561-15-1, R561-31-2, R561-31-3",
        profiles=PSP,
        level=Level.RISK,
    ),
)
