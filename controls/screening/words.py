"""Why a name is a hit, in the reader's language: hits keep codes and values, sentences are made here on reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import formats
from controls.models import ScreeningHit
from controls.screening import births, countries, hits, normal

Words = str | Promise
WAYS: dict[str, Words] = {
    "whole": gettext_lazy("The names are alike as a whole, spaces left aside."),
    "order": gettext_lazy("The names are alike as a whole once their words are sorted."),
    "words": gettext_lazy("Every word of the shorter name is found in the other, in any order."),
    "text": gettext_lazy("The listed name stands in the text, its words close together."),
}
KINDS: dict[str, Words] = {
    "equal": gettext_lazy("the same"),
    "spelling": gettext_lazy("another spelling of the same"),
    "typing": gettext_lazy("nearly all letters in common"),
    "near": gettext_lazy("many letters in common"),
    "initial": gettext_lazy("an initial of it"),
}
LESS: dict[str, Words] = {
    "extra": gettext_lazy("words that the listed name has not"),
    "missing": gettext_lazy("words of the listed name that are not there"),
    "initial_given": gettext_lazy("an initial that contradicts the listed name"),
    "initial_listed": gettext_lazy("a listed initial that contradicts the name"),
    "one_word": gettext_lazy("one word alone agrees"),
    "one_and_initial": gettext_lazy("one word and an initial agree"),
    "weak": gettext_lazy("the publisher calls this alias weak"),
    "numbers": gettext_lazy("a number of the listed name is not there"),
}
QUALITIES: dict[str, Words] = {
    "primary": gettext_lazy("primary name"),
    "alias": gettext_lazy("alias"),
    "weak": gettext_lazy("weak alias"),
}
ENTRY_KINDS: dict[str, Words] = {
    "person": gettext_lazy("Person"),
    "organisation": gettext_lazy("Organisation"),
    "vessel": gettext_lazy("Vessel"),
    "aircraft": gettext_lazy("Aircraft"),
    "other": gettext_lazy("Other"),
}


@dataclass(frozen=True)
class Pair:
    given: str
    listed: str
    likeness: int
    kind: Words


@dataclass(frozen=True)
class Explanation:
    """``less`` are (words, points taken off)."""

    way: Words
    name: str
    quality: Words
    pairs: Sequence[Pair]
    missing: str
    extra: str
    less: Sequence[tuple[Words, int]]


def explanation(match: Mapping[str, Any]) -> Explanation:
    """Of what a hit keeps (ScreeningHit.match)."""
    return Explanation(
        way=WAYS.get(match["way"], match["way"]), name=match.get("name", ""),
        quality=QUALITIES.get(match.get("quality", ""), ""),
        pairs=[Pair(given, listed, likeness, KINDS.get(how, how)) for given, listed, likeness, how in match["pairs"]],
        missing=", ".join(match["missing"]), extra=", ".join(match["extra"]),
        less=[(LESS.get(code, code), points) for code, points in match["less"]],
    )  # fmt: skip


def sentence(match: Mapping[str, Any], score: int) -> str:
    """The same on one line."""
    said = explanation(match)
    pairs = ", ".join(f"{pair.given} = {pair.listed} ({pair.kind})" for pair in said.pairs)
    less = ", ".join(f"{words} −{points}" for words, points in said.less)
    parts = [str(said.way), pairs, less, _("score %(score)s") % {"score": score}]
    return " · ".join(part for part in parts if part)


FIELDS: dict[str, Words] = {
    "kind": gettext_lazy("Kind"),
    "names": gettext_lazy("Names"),
    "births": gettext_lazy("Born"),
    "birth_places": gettext_lazy("Place of birth"),
    "countries": gettext_lazy("Country"),
    "addresses": gettext_lazy("Addresses"),
    "programmes": gettext_lazy("Programmes"),
    "identifiers": gettext_lazy("Documents"),
    "remarks": gettext_lazy("Remarks"),
}
LONGEST_REMARK = 300


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Words, str, str]]:
    """What an entry says otherwise than it did: the field, what went and what came; of lists those items alone."""
    told = []
    for field, label in FIELDS.items():
        was, now = _items(field, before.get(field)), _items(field, after.get(field))
        gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
        if gone or come:
            told.append((label, "; ".join(gone), "; ".join(come)))
    return told


def _items(field: str, value: Any) -> list[str]:
    if field == "names":
        return [f"{text} ({QUALITIES.get(quality, quality)})" for text, quality in value or ()]
    if field == "kind":
        return [str(ENTRY_KINDS.get(value, value))]
    if field == "births":
        return [_date(one) for one in value or ()]
    return list(value) if isinstance(value, list) else [value[:LONGEST_REMARK]] if value else []


AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"


@dataclass(frozen=True)
class Row:
    """One thing of both sides. ``verdict`` is agrees, differs or unknown; ``note`` says more of it."""

    label: Words
    ours: str
    theirs: str
    verdict: str
    note: Words = ""


def compared(hit: ScreeningHit) -> list[Row]:
    """Both sides field by field, beside the names: what supports that they are the same, and what does not."""
    content = hit.entry.content
    country, town, lives = _where(hit)
    rows = [
        Row(
            _("Country") if lives else _("Country of the account"),
            formats.country(country),
            ", ".join(formats.country(one) for one in content["countries"]),
            _country(country, content["countries"], lives=lives),
        ),
        Row(_("Town"), town, "; ".join(content["addresses"]), _town(town, content["addresses"])),
        *_born(hit),
        Row(_("Documents"), "", "; ".join(content["identifiers"]), UNKNOWN),
    ]  # fmt: skip
    return [row for row in rows if row.ours or row.theirs]


def _born(hit: ScreeningHit) -> list[Row]:
    """Births as they were known when the hit was found; where something else is known now, that as well."""
    content, now = hit.entry.content, hits.birth_now(hit)
    then: Mapping[str, str] = hit.match.get("birth", now)
    rows = _births(then, content, _("Born"), _("Place of birth"))
    later = _births(now, content, _("Born, as is known now"), _("Place of birth, as is known now"))
    return rows + [new for old, new in zip(rows, later, strict=True) if new.ours != old.ours]


def _births(known: Mapping[str, str], content: Mapping[str, Any], born: Words, place: Words) -> list[Row]:
    town, country = known.get("town", ""), known.get("country", "")
    where = ", ".join(part for part in (town, known.get("province", ""), formats.country(country)) if part)
    agree = births.agree_in_place(town, country, content["birth_places"])
    return [
        birth_row(known.get("born_on", ""), content["births"], born),
        Row(place, where, "; ".join(content["birth_places"]), _verdict(agree)),
    ]


def birth_row(born_on: str, listed: Sequence[str], label: Words) -> Row:
    """A date of birth beside those of an entry, in words."""
    agree = births.agree(born_on, listed)
    note = _("Day and month are the other way round.") if agree is False and births.swapped(born_on, listed) else ""
    return Row(label, _date(born_on), ", ".join(map(_date, listed)), _verdict(agree), note)


def _date(text: str) -> str:
    """A day as the reader writes it; what is less exact as the publisher has it."""
    span, plain = births.days(text), text.removeprefix("~").replace("/", "–")
    when = formats.day(span[0]) if span and span[0] == span[1] else plain
    return _("about %(when)s") % {"when": when} if text.startswith("~") else when


def _verdict(agree: bool | None) -> str:
    return UNKNOWN if agree is None else AGREES if agree else DIFFERS


def _where(hit: ScreeningHit) -> tuple[str, str, bool]:
    """Country and town of whom the hit is about, as far as they are known, and whether they are where it lives: the
    country of its account says less."""
    if hit.party is not None:
        return hit.party.country, hit.party.town, True
    if hit.payee is not None:
        return hit.payee.country, "", True
    payment = hit.payment
    # Of an ultimate party nothing is known but its name; of a text not whom it is about.
    if payment is None or hit.field not in {ScreeningHit.Field.DEBTOR, ScreeningHit.Field.CREDITOR}:
        return "", "", True
    ours = hit.field == ScreeningHit.Field.DEBTOR
    holder = payment.debtor_account.owner if ours and payment.debtor_account else None
    if holder is not None:
        return holder.country, holder.town, True
    address = payment.debtor_address if ours else payment.creditor_address
    number = payment.debtor_number if ours else payment.creditor_number
    country, town = str(address.get("country") or "").upper(), str(address.get("town") or "")
    if country or town:
        return country, town, True
    return (number[:2].upper() if number[:2].isalpha() else ""), "", False


def _country(code: str, listed: Sequence[str], *, lives: bool) -> str:
    agrees = countries.agree(code, listed)
    return UNKNOWN if not agrees and not lives else _verdict(agrees)


def _town(town: str, listed: Sequence[str]) -> str:
    words = normal.name(town).folded
    if not words or not listed:
        return UNKNOWN
    return AGREES if any(set(words) <= set(normal.text(one).folded) for one in listed) else DIFFERS


VERDICTS: dict[str, Words] = {
    AGREES: gettext_lazy("agrees"),
    DIFFERS: gettext_lazy("differs"),
    UNKNOWN: gettext_lazy("not known"),
}
