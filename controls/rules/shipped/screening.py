"""Screening: names that are alike to listed ones. What is alike is said by each list's threshold."""

from controls.rules.shipped import Action, Family, Level, Shipped

RULES = (
    Shipped(
        code="SCREENING",
        family=Family.PAYEE,
        name_en="Name on a sanctions list",
        name_fr="Nom sur une liste de sanctions",
        expression="screening_score > 0",
        action=Action.HOLD,
        weight=80,
        reject_reason="RR04",
        sentence_en="“{screening_given}” ({screening_field}) is {screening_score} alike to “{screening_name}” of the "
        "list {screening_list}. Nothing leaves before two people have decided that it is somebody else.",
        sentence_fr="« {screening_given} » ({screening_field}) ressemble à {screening_score} à « {screening_name} » de "
        "la liste {screening_list}. Rien ne part avant que deux personnes aient décidé qu’il s’agit d’un tiers.",
        legal_reference="AML-09: CMF L562-4, L562-5",
        level=Level.RISK,
    ),
    Shipped(
        code="PEP",
        family=Family.PAYEE,
        name_en="Politically exposed person",
        name_fr="Personne politiquement exposée",
        expression="pep_score > 0",
        action=Action.SECOND,
        weight=30,
        sentence_en="“{pep_given}” is {pep_score} alike to “{pep_name}” of the list {pep_list}; one more person "
        "approves.",
        sentence_fr="« {pep_given} » ressemble à {pep_score} à « {pep_name} » de la liste {pep_list} ; une personne de "
        "plus approuve.",
        legal_reference="AML-06: CMF L561-10",
        level=Level.RISK,
    ),
)
