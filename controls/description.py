"""docs/controls.md and docs/controls.fr.md, made from the code: the shipped rules, the regulation map, the facts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext, override

from backoffice.common import formats
from controls import regulation
from controls.models import Rule, RuleVersion
from controls.rules import high_risk, references, scope
from controls.rules.catalogue import CATALOGUE
from controls.rules.language import LONGEST
from controls.rules.shipped import Certainty, Shipped, typography
from controls.rules.tokens import FUNCTIONS
from controls.vocabulary import FACTS

LANGUAGES = ("en", "fr")
_EN = """# Controls

Written by `manage.py describe_controls` from the catalogue; a test keeps it in step. Do not edit.
*[En français](controls.fr.md)*

Every payment is checked before a person sees it. One SQL pass measures the *facts* of each payment as of its own
moment; one statement runs all *rules* over them. A rule is data: an expression that is true for a payment that does
not pass, parameters, an action, a weight, a sentence in both languages that quotes its evidence, a legal reference.
What ran is recorded: an assessment names its rule set, and a result is kept for each rule that was not passed.

| Action | Effect |
|---|---|
| inform | A note on the payment. |
| warn | The person who validates ticks it as seen. |
| second | One more person approves than the amount asks for. |
| hold | The payment waits until a person lifts the hold, with a reason. |
| reject | As hold; rejecting is proposed with the ISO 20022 reason. No rule rejects by itself. |

The risk of a payment is the sum of the weights of what it did not pass, 100 at most.

A version of a rule concerns payments of the profiles of organisation, kinds and channels that it names (none: all), and
of the days from its first to its last, compared with the day of receipt or, where it says so, the execution date. So a
payment of the past is judged by the rule of its own day, and a rule of the future is there already and finds nothing.
Each rule has a level of control (1 operations, 2 risk and compliance, 3 internal audit) and says how well its source
was read. What is known and not read never proposes to reject; the database refuses such a version.

These are defaults, not legal advice: have every rule that holds or rejects read by a lawyer before relying on it.
"""
_FR = """# Contrôles

Écrit par `manage.py describe_controls` d’après le catalogue ; un test le tient à jour. Ne pas modifier.
*[In English](controls.md)*

Chaque paiement est contrôlé avant qu’une personne le voie. Une passe SQL mesure les *faits* de chaque paiement à son
propre moment ; une instruction leur applique toutes les *règles*. Une règle est une donnée : une expression, vraie pour
un paiement qui ne passe pas, des paramètres, une action, un poids, une phrase dans les deux langues qui cite ses
preuves, une référence légale. Ce qui a été exécuté est consigné : une évaluation nomme son jeu de règles, et un
résultat est gardé pour chaque règle qui n’est pas passée.

| Action | Effet |
|---|---|
| informer | Une note sur le paiement. |
| avertir | La personne qui valide coche qu’elle l’a vu. |
| accord de plus | Une personne de plus que le montant ne le demande donne son accord. |
| bloquer | Le paiement attend qu’une personne lève le blocage, avec un motif. |
| rejeter | Comme bloquer ; le rejet est proposé avec le motif ISO 20022. Aucune règle ne rejette seule. |

Le risque d’un paiement est la somme des poids de ce qu’il n’a pas passé, 100 au plus.

Une version d’une règle concerne les paiements des profils d’organisation qu’elle nomme (aucun : tous), et des jours du
premier au dernier, comparés au jour de réception ou, si elle le dit, à la date d’exécution. Un paiement du passé est
donc jugé par la règle de son propre jour, et une règle de l’avenir est déjà là et ne trouve rien. Chaque règle a un
niveau de contrôle (1 opérations, 2 risques et conformité, 3 audit interne) et dit comment sa source a été lue. Ce qui
est su et non lu ne propose jamais de rejeter ; la base de données refuse une telle version.

Ce sont des valeurs par défaut, non un avis juridique : faites lire par un juriste chaque règle qui bloque ou rejette
avant de vous y fier.
"""
_WORDS = {
    "parameters": ("Parameters", "Paramètres"),
    "action": ("Action", "Action"),
    "weight": ("weight", "poids"),
    "reason": ("reason", "motif"),
    "english": ("English", "Anglais"),
    "french": ("French", "Français"),
    "concerns": ("Concerns", "Concerne"),
    "source": ("Source", "Source"),
    "in_force": ("In force from", "En vigueur à partir du"),
    "until": ("until", "jusqu’au"),
    "map": ("The regulation map", "La carte de la réglementation"),
    "mark": ("Duty", "Obligation"),
    "title": ("What it asks", "Ce qu’elle demande"),
    "dates": ("In force", "En vigueur"),
    "certainty": ("Read", "Lu"),
    "carried": ("What carries it", "Ce qui la porte"),
    "off": ("There and off on %s", "Présentes et inactives au %s"),
    "off_said": (
        "Rules whose day has not come, or is over, on the day of the reference.",
        "Règles dont le jour n’est pas venu, ou est passé, au jour de la référence.",
    ),
    "nothing": ("None.", "Aucune."),
    "always": ("always", "toujours"),
    "later": ("later", "plus tard"),
    "list": ("High-risk third countries", "Pays tiers à haut risque"),
    "list_said": (
        "The list of Delegated Reg. (EU) 2016/1675 as it is shipped, up to 2025/1184: known, not read. A payment is "
        "judged by the list of its day of receipt.",
        "La liste du règlement délégué (UE) 2016/1675 telle qu’elle est livrée, jusqu’à 2025/1184 : sue, non lue. Un "
        "paiement est jugé par la liste de son jour de réception.",
    ),
    "language": ("The language of rules", "Le langage des règles"),
    "facts": ("Facts", "Faits"),
    "fact": ("Fact", "Fait"),
    "type": ("Type", "Type"),
    "meaning": ("Meaning", "Sens"),
    "country": ("Country", "Pays"),
    "since": ("Since", "Depuis"),
    "left": ("Left", "Sorti"),
    "acts": ("Acts", "Actes"),
    "map_said": (
        "Each duty of the product's reference, as of %s: rules by their codes, other parts by their place in the code, "
        "and what is carried by a later part of the product. V: read in a stored source; V~: confirmed in part; "
        "K: known, not read.",
        "Chaque obligation de la référence du produit, au %s : les règles par leur code, les autres parties par leur "
        "place dans le code, et ce que portera une partie ultérieure du produit. V : lue dans une source conservée ; "
        "V~ : confirmée en partie ; K : sue, non lue.",
    ),
}


def text(language: str = "en") -> str:
    """The whole page in a language: ``en`` or ``fr``."""
    at = LANGUAGES.index(language)
    with override(language):
        parts = [
            (_EN, _FR)[at], *_rules(at), *_off(at), *_map(at), *_high_risk(at), *_language(at), *_facts(at),
        ]  # fmt: skip
    whole = "\n".join(parts) + "\n"
    if not at:
        return whole
    return "\n".join(line if line.startswith("`") else typography(line) for line in whole.split("\n"))


def _word(name: str, at: int) -> str:
    return _WORDS[name][at]


def _rules(at: int) -> Iterator[str]:
    for family, name in Rule.Family.choices:
        rules = [rule for rule in CATALOGUE if rule.family == family]
        yield f"## {name} ({len(rules)})\n"
        for rule in rules:
            yield from _rule(rule, at)


def _rule(rule: Shipped, at: int) -> Iterator[str]:
    reason = f", {_word('reason', at)} {rule.reject_reason}" if rule.reject_reason else ""
    names = (rule.name_en, rule.name_fr)
    yield f"### {rule.code}{' :' if at else ':'} {names[at]} / {names[1 - at]}\n"
    yield f"`{rule.content['expression']}`\n"
    if rule.parameters:
        told = "; ".join(f"`{name}` = {_value(value)}" for name, value in rule.parameters.items())
        yield f"- {_word('parameters', at)}: {told}" if not at else f"- {_word('parameters', at)} : {told}"
    colon = " :" if at else ":"
    action = rule.action if not at else str(RuleVersion.Action(rule.action).label)
    yield f"- {_word('action', at)}{colon} **{action}**, {_word('weight', at)} {rule.weight}{reason}"
    yield f"- {_word('english', at)}{colon} {rule.sentence_en}"
    yield f"- {_word('french', at)}{colon} {typography(rule.sentence_fr)}"
    of_whom = scope.said(
        level=rule.level, valid_from=rule.valid_from, valid_to=rule.valid_to, dated_by=rule.dated_by,
        profiles=rule.profiles,
    )  # fmt: skip
    yield f"- {_word('concerns', at)}{colon} {of_whom}"
    source = rule.legal_reference if not at else references.said(rule.legal_reference)
    yield f"- {_word('source', at)}{colon} {source} ({Certainty(rule.certainty).label})\n"


def _value(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _day(day: date | None) -> str:
    return formats.day(day) if day else ""


def _days(since: date | None, until: date | None, at: int) -> str:
    if since is None and until is None:
        return _word("always", at)
    ends = f" {_word('until', at)} {_day(until)}" if until else ""
    return f"{_day(since)}{ends}"


def _off(at: int) -> Iterator[str]:
    yield f"## {_word('off', at) % _day(regulation.STATED_ON)}\n"
    yield _word("off_said", at) + "\n"
    colon = " :" if at else ":"
    rules = regulation.not_in_force(regulation.STATED_ON)
    for rule in rules:
        name = (rule.name_en, rule.name_fr)[at]
        days = _days(rule.valid_from, rule.valid_to, at)
        yield f"- **{rule.code}** ({name}). {_word('in_force', at)}{colon} {days}"
    yield "" if rules else _word("nothing", at) + "\n"


def _map(at: int) -> Iterator[str]:
    yield f"## {_word('map', at)}\n"
    yield _word("map_said", at) % _day(regulation.STATED_ON) + "\n"
    columns = ("mark", "title", "source", "dates", "certainty", "carried")
    yield "| " + " | ".join(_word(name, at) for name in columns) + " |"
    yield "|---|---|---|---|---|---|"
    for duty in regulation.DUTIES:
        told = [f"`{rule.code}`" for rule in duty.rules] + [f"`{part}`" for part in duty.parts]
        told += [f"*{_word('later', at)}* ({duty.later[at]})"] if duty.later else []
        title = (duty.title_en, duty.title_fr)[at]
        yield (
            f"| {duty.mark} | {title} | {duty.source_in(at)} | {_days(duty.since, duty.until, at)} "
            f"| {duty.certainty} | "
            f"{', '.join(told)} |"
        )
    yield ""


def _high_risk(at: int) -> Iterator[str]:
    yield f"## {_word('list', at)}\n"
    yield _word("list_said", at) + "\n"
    yield f"| {_word('country', at)} | {_word('since', at)} | {_word('left', at)} | {_word('acts', at)} |"
    yield "|---|---|---|---|"
    for one in high_risk.LIST:
        acts = f"{one.act}{' ; ' if at else '; '}{one.left_by}" if one.left_by else one.act
        yield f"| {one.country} | {_day(one.since)} | {_day(one.until)} | {acts} |"
    yield ""


_LANGUAGE = (
    """A boolean expression as in SQL, at most {longest} characters: facts, parameters (`:name`), numbers, texts
in single quotes, `true` and `false`; `and or not`, `= <> < <= > >=`, `between`, `in`, `like`, `is null`,
`+ - * /`; the functions {functions}.
Everything else is refused. Types must fit; beside a date a text is one (`'2026-11-15'`), and the days between two are
a number; a division by zero and a comparison with an unknown fact are unknown, and unknown is not a finding: say
`coalesce` or `is null` where absence matters. A named list of the house is asked by `in list('code')`, for what it
held when the payment was received.
""",
    """Une expression vraie ou fausse comme en SQL, de {longest} caractères au plus : faits, paramètres (`:nom`),
nombres, textes entre apostrophes droites, `true` et `false` ; `and or not`, `= <> < <= > >=`, `between`, `in`, `like`,
`is null`, `+ - * /` ; les fonctions {functions}.
Tout le reste est refusé. Les types vont ensemble ; à côté d’une date un texte en est une (`'2026-11-15'`), et les jours
entre deux sont un nombre ; une division par zéro et une comparaison avec un fait inconnu sont inconnues, et l’inconnu
n’est pas un constat : dites `coalesce` ou `is null` là où l’absence compte. On interroge une liste de la maison par
`in list('code')`, pour ce qu’elle contenait à la réception du paiement.
""",
)
_TYPES = {
    "text": "texte", "code": "mot d’un ensemble", "account": "numéro de compte", "number": "nombre",
    "money": "montant", "percent": "pourcentage", "date": "date", "boolean": "vrai ou faux",
}  # fmt: skip


def _language(at: int) -> Iterator[str]:
    yield f"## {_word('language', at)}\n"
    functions = ", ".join(f"`{name}`" for name in FUNCTIONS)
    yield _LANGUAGE[at].format(longest=formats.count(LONGEST), functions=functions)


def _facts(at: int) -> Iterator[str]:
    yield f"## {_word('facts', at)}\n"
    yield f"| {_word('fact', at)} | {_word('type', at)} | {_word('meaning', at)} |"
    yield "|---|---|---|"
    for name, fact in FACTS.items():
        values = f" ({', '.join(fact.words)})" if fact.words else ""
        kind = _TYPES[fact.kind.value] if at else fact.kind.value
        yield f"| `{name}` | {kind} | {gettext(fact.meaning)}{values} |"
