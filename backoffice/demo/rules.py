"""Rules of the demo's bank: one in the shadow, one active, one being written, one that waits; and two lists."""

from collections.abc import Callable, Sequence
from typing import Any

from backoffice.people.models import Entity, User
from controls import changes
from controls.models import Rule, RuleVersion
from controls.rules import life, rule_lists

WATCHED, TRUSTED = "watched_countries", "trusted_accounts"
_FIRST: dict[str, Any] = {
    "expression": "not number_paid and amount >= :threshold",
    "parameters": {"threshold": 3000},
    "units": {"threshold": "money"},
    "action": "second",
    "weight": 20,
    "sentence_en": "{amount} goes to an account that was never paid; from {threshold} on a second look is asked.",
    "sentence_fr": "{amount} part vers un compte jamais payé\u00a0; dès {threshold}, un second regard s’impose.",
    "legal_reference": "House rule under COSO principle 10",
}
_WATCHED: dict[str, Any] = {
    "expression": f"creditor_country in list('{WATCHED}') and amount >= :threshold",
    "parameters": {"threshold": 1000},
    "units": {"threshold": "money"},
    "action": "warn",
    "weight": 15,
    "sentence_en": "{amount} goes to {creditor_country}, a country that the house watches.",
    "sentence_fr": "{amount} part vers {creditor_country}, un pays que la maison surveille.",
    "legal_reference": "House rule",
    "kinds": ["sepa", "transfer", "instant"],
}
_MANY: dict[str, Any] = {
    "expression": f"day_count >= :payments and day_sum >= :total\nand creditor_number not in list('{TRUSTED}')",
    "parameters": {"payments": 4, "total": 20000},
    "units": {"payments": "count", "total": "money"},
    "action": "inform",
    "weight": 5,
    "sentence_en": "{day_count} payments of {day_sum} go to this account today.",
    "sentence_fr": "{day_count} paiements, pour {day_sum}, vont vers ce compte aujourd’hui.",
    "legal_reference": "House rule",
}


def in_the_shadow(bank: Entity, person: Callable[[str], User]) -> None:
    """Published before the payments of the day come in: it counts what it would find."""
    writer, second = person("marc.lefevre"), person("sarah.collins")
    draft = life.draft_new(
        actor=writer, entity=bank, code="HOUSE-FIRST-LARGE", family=Rule.Family.PAYEE, values=_FIRST,
        name_en="Large first payment to an account", name_fr="Premier paiement élevé vers un compte",
    )  # fmt: skip
    _publish(draft, writer, second, RuleVersion.Mode.SHADOW, "Un mois d’observation avant de l’activer.")


def written(bank: Entity, person: Callable[[str], User], accounts: Sequence[str]) -> None:
    """After the payments of the day: they were judged without these."""
    writer, second = person("marc.lefevre"), person("sarah.collins")
    for code, name, kind, values in (
        (WATCHED, "Pays surveillés", "country", ["AE", "PA", "KY", "VG"]),
        (TRUSTED, "Comptes de confiance", "account", list(accounts)),
    ):
        rule_lists.make(actor=second, entity=bank, code=code, name=name, kind=kind)
        asked = changes.ask_list(actor=second, code=code, add=values, remove=[], reason="Comité des risques.")
        changes.sign(actor=writer, request_id=asked.pk)
    changes.ask_list(actor=second, code=WATCHED, add=["MU"], remove=["KY"], reason="Revue trimestrielle des pays.")
    active = life.draft_new(
        actor=writer, entity=bank, code="HOUSE-WATCHED", family=Rule.Family.PAYEE, values=_WATCHED,
        name_en="Watched country", name_fr="Pays surveillé",
    )  # fmt: skip
    _publish(active, writer, second, RuleVersion.Mode.ACTIVE, "Décision du comité des risques.")
    life.draft_new(
        actor=writer, entity=bank, code="HOUSE-MANY", family=Rule.Family.AMOUNT, values=_MANY,
        name_en="Many payments to one account in a day", name_fr="Nombreux paiements du jour vers un compte",
    )  # fmt: skip
    shipped = RuleVersion.objects.get(rule__code="LIMIT", entity=None)
    waits = life.draft_next(
        actor=writer, code="LIMIT", entity=bank, based_on=shipped.pk,
        values={"parameters": {"threshold": 60000}, "units": {"threshold": "money"}},
    )  # fmt: skip
    life.submit(
        actor=writer, version_id=waits.pk, mode=RuleVersion.Mode.ACTIVE,
        reason="Trop d’alertes entre 50 000 et 60 000.",
    )  # fmt: skip


def _publish(draft: RuleVersion, writer: User, second: User, mode: str, reason: str) -> None:
    asked = life.submit(actor=writer, version_id=draft.pk, mode=mode, reason=reason)
    changes.sign(actor=second, request_id=asked.pk)
