"""Date and time: when the payment asks to be executed."""

from controls.rules.shipped import Action, Family, Shipped

RULES = (
    Shipped(
        code="DATE-PAST",
        family=Family.TIME,
        name_en="Execution date past",
        name_fr="Date d’exécution passée",
        expression="execution_days < 0",
        action=Action.HOLD,
        weight=20,
        reject_reason="DT01",
        sentence_en="The execution date asked for, {execution_date}, was past on receipt on {received_on}.",
        sentence_fr="La date d’exécution demandée, le {execution_date}, était passée à la réception le {received_on}.",
        legal_reference="TIM-02: CMF L133-9 (PSD2 art. 78)",
    ),
    Shipped(
        code="DATE-CLOSED",
        family=Family.TIME,
        name_en="Execution on a closing day",
        name_fr="Exécution un jour de fermeture",
        expression="kind not in ('internal', 'instant') and currency = 'EUR' and execution_days >= 0"
        " and not execution_open",
        action=Action.INFORM,
        weight=0,
        reject_reason="DT01",
        sentence_en="TARGET is closed on {execution_date}; the payment is executed on {execution_next}.",
        sentence_fr="TARGET est fermé le {execution_date} ; le paiement est exécuté le {execution_next}.",
        legal_reference="TIM-02: CMF L133-9 (PSD2 art. 78); ECB calendar of TARGET closing days",
    ),
    Shipped(
        code="DATE-FAR",
        family=Family.TIME,
        name_en="Execution date far off",
        name_fr="Date d’exécution lointaine",
        expression="execution_days > :days",
        action=Action.WARN,
        weight=10,
        reject_reason="DT01",
        parameters={"days": 365},
        sentence_en="The execution date asked for, {execution_date}, is more than {days} days ahead.",
        sentence_fr="La date d’exécution demandée, le {execution_date}, est à plus de {days} jours.",
        legal_reference="House rule (a typing error in the year)",
    ),
)
