"""Codes and sentences of this room."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import Sentence, register, sentence, speak

register(
    {
        "rule.too_long": _("A rule has at most %(longest)s characters and 300 parts."),
        "rule.syntax": _("The expression cannot be read at character %(position)s: “%(found)s”."),
        "rule.null": _("Nothing equals null: write “is null” or “is not null” (character %(position)s)."),
        "rule.not_allowed": _("“%(found)s” at character %(position)s is not part of the language of rules."),
        "rule.unknown_fact": _("There is no fact named “%(name)s” (character %(position)s)."),
        "rule.unknown_parameter": _("The rule has no parameter named “%(name)s” (character %(position)s)."),
        "rule.unknown_function": _("There is no function named “%(name)s” (character %(position)s)."),
        "rule.unknown_code": _("“%(value)s” at character %(position)s is none of: %(known)s."),
        "rule.type": _("These do not go together at character %(position)s: %(found)s."),
        "rule.not_boolean": _("A rule must be true or false; this is a %(type)s."),
        "rule.number_form": _("“%(value)s” is not a number of at most 15 digits and 6 decimals."),
        "rule.date_form": _("“%(value)s” is not a date of the form 2026-11-15 (character %(position)s)."),
        "rule.parameter_form": _("“%(value)s” cannot be the value of a parameter."),
        "rule.list_outside_in": _("The parameter “%(name)s” is a list; it can only stand after “in”."),
        "rule.slot_unknown": _("The sentence quotes “%(name)s”, which is neither a fact nor a parameter."),
        "rule.sentence_missing": _("A rule has a sentence in both languages."),
        "rule.too_deep": _("At most %(deepest)s brackets or signs stand in each other (character %(position)s)."),
        "rule.pattern": _(
            "A pattern after “like” has at most %(longest)s characters and %(wildcards)s percent signs (character "
            "%(position)s)."
        ),
        "rule.too_many_values": _("At most %(most)s values stand after “in” (character %(position)s): use a list."),
        "rule.unknown_list": _("There is no list named “%(name)s” for this rule (character %(position)s)."),
        "rule.list_kind": _(
            "The list “%(name)s” holds another kind of values (%(kind)s) than this fact (character %(position)s)."
        ),
        "rule.unit": _("This is a %(kind)s, and the parameter says %(unit)s (character %(position)s)."),
        "rule.too_many_parameters": _("A rule has at most %(most)s parameters."),
        "rule.parameter_name": _(
            "“%(name)s” cannot be the name of a parameter: small letters, digits and underscores, and a known unit."
        ),
        "rule.parameter_unit": _("The value of the parameter “%(name)s” is not of its unit."),
        "rule.sentence_long": _("A sentence has at most %(longest)s characters."),
        "rule.malformed": _("This cannot be a version of a rule: %(field)s."),
        "rule.days_reversed": _("Its last day is before its first."),
        "rule.reason_missing": _("A rule that proposes to reject names its ISO 20022 reason."),
        "rule.reason_unknown": _("“%(code)s” is no ISO 20022 reason that is known here."),
        "rule.not_read": _("What was not read in its source never proposes to reject."),
        "rule.no_draft": _("This is no draft any more."),
        "rule.waits": _("This draft waits for a second person: it stays as it is until it is decided or taken back."),
        "rule.draft_open": _("There is a draft of this rule already: finish or discard it first."),
        "rule.draft_changed": _("Someone changed this draft meanwhile. Read it again, then write yours."),
        "rule.code_form": _("“%(code)s” cannot be a code: capital letters, digits and hyphens, at most 32."),
        "rule.code_taken": _("There is a rule or was one with the code “%(code)s”."),
        "rule.nameless": _("A rule has a name of at most 80 characters in both languages."),
        "rule.start": _("A version starts at a moment to come, within %(days)s days."),
        "rule.builder": _("“%(operator)s” with these values cannot be asked of “%(fact)s”."),
        "rule.builder_empty": _("There is no condition yet."),
        "rule_list.malformed": _("This cannot be a list: %(field)s."),
        "rule_list.taken": _("There is a list named “%(code)s” already."),
        "rule_list.value": _("“%(value)s” cannot be in this list."),
        "rule_list.account": _("“%(value)s”: %(fault)s"),
        "rule_list.country": _("“%(value)s” is not a country code of two letters."),
        "rule_list.too_many": _("These are too many at once: at most %(most)s."),
        "change.own_draft": _("You had a hand in this draft. Another person must publish it."),
        "rule.passed_again": _("The payment was changed and now passes this check."),
        "change.own_work": _("You asked for this change. Another person must approve it."),
        "change.about_oneself": _("This change is about your own rights. Another person must approve it."),
        "change.of_one_hand": _(
            "One of you and %(name)s, who asked for this, made the other's account or gave the other a role. A person "
            "who is independent of both must approve it."
        ),
        "change.signed_before": _("You have approved this change already. Another person must approve it now."),
        "change.decided": _("This change is decided already."),
        "change.waiting": _("A change of this row waits for a second person already."),
        "change.replaced": _("Asked anew with other values."),
        "change.none": _("No change waits for a second person here."),
        "straight.malformed": _(
            "This cannot be a policy of straight-through processing: %(field)s. It ends at most %(days)s days after it "
            "begins, and its ceiling of the day is not below that of one payment."
        ),
        "straight.name_taken": _("There is a policy named “%(name)s” already: change it, or stop it first."),
        "change.not_own": _("Another person asked for this change: refuse it, with a reason."),
        "matrix.tie": _(
            "With this row, two rows would count equally for the same payment. Give one of them a further condition, "
            "or days that do not meet."
        ),
        "matrix.malformed": _("This cannot be a row of the matrix: %(field)s."),
        "backtest.period": _("A back-test is over at most %(days)s days, and its last day is not before its first."),
        "backtest.other_rule": _("Two versions of the same rule are compared, not versions of different rules."),
        "backtest.over": _("This back-test is over already."),
        "backtest.judgement": _("“%(value)s” is no judgement: say right, wrong or unsure."),
        "backtest.too_many": _("The period holds more than %(most)s payments; choose a shorter one."),
        "backtest.rule_unknown": _("There is no version “%(rule)s” of a rule here."),
        "rule.cannot_run": _("The database cannot run this condition: %(cause)s"),
        "backtest.enough": _("You have %(most)s back-tests under way; wait for one of them, or cancel one."),
        "rule.overloads": _(
            "In %(entity)s this rule asks for %(needed)s minutes a day, and the team has %(capacity)s. Say why it goes "
            "in force all the same."
        ),
        "model.damaged": _("The bytes of model %(number)s are not those that were stored: it cannot score."),
        "model.is_champion": _("Model %(number)s is the champion already."),
        "model.worse": _(
            "Model %(number)s found less than model %(champion)s on the same payments (%(worse)s): say why it is to be "
            "promoted all the same."
        ),
        "model.unmeasured": _(
            "It is not known whether model %(number)s finds as much as model %(champion)s: say why it is to be "
            "promoted all the same."
        ),
        "model.champion_changed": _(
            "Model %(number)s became the champion since this was asked for: refuse it, and ask anew."
        ),
        "scoring.malformed": _("This cannot be what an entity does with scores: %(field)s."),
        "scoring.changed_since": _("It was changed otherwise since this was asked for: refuse it, and ask anew."),
        "model.no_candidate": _("Model %(number)s is no candidate."),
        "model.stays": _("Model %(number)s is neither a candidate nor the challenger: it is not put away."),
        "model.outdated": _("Model %(number)s was made with other measures than this version of the product takes."),
        "training.period": _("A training takes whole days, the first before the last, at most %(days)s of them."),
        "training.parameter": _("This cannot be a parameter of a training: %(name)s."),
        "training.under_way": _("A training is under way already."),
        "training.gave_up": _("The training broke off %(tries)s times: the workers' log says why."),
        "training.failed": _("The training broke off (%(cause)s): the workers' log says why."),
        "training.nothing": _(
            "There is no scored payment to learn from in these days: a week before the test is left out."
        ),
        "watchlist.empty": _("The file has no entry."),
        "watchlist.unknown": _(
            "This is no list that can be read here: OFAC (CSV, XML), EU and UN consolidated (XML), OpenSanctions "
            "simple CSV."
        ),
        "watchlist.no_names": _("The file with the names (sdn.csv) is missing: load it with its others, in one zip."),
        "watchlist.several_files": _("These are several files that do not belong together."),
        "watchlist.too_large": _("A list has at most %(largest)s MB, unpacked."),
        "watchlist.too_many": _("A list has at most %(most)s entries."),
        "watchlist.too_many_elements": _("The XML of a list has at most %(most)s elements."),
        "watchlist.broken_zip": _("The zip file cannot be unpacked."),
        "watchlist.broken_xml": _("The XML breaks off or is damaged at line %(line)s."),
        "watchlist.broken_csv": _("Line %(line)s does not have the columns of the others."),
        "watchlist.broken_csv_in": _("Line %(line)s of %(file)s does not have the columns of the others."),
        "watchlist.unknown_in": _("%(file)s is no file of a list that can be read here, or stands twice."),
        "watchlist.column_twice": _("A column is named twice."),
        "watchlist.doctype": _("The XML has a DOCTYPE, which is refused."),
        "watchlist.nameless": _("Entry %(number)s has no code or no name."),
        "watchlist.code_twice": _("The code %(code)s stands twice in the file."),
        "watchlist.waiting": _("A version of this list waits for a second person already."),
        "watchlist.malformed": _("This cannot be a list: %(field)s."),
        "watchlist.code_taken": _("There is a list with the code %(code)s already."),
        "watchlist.no_address": _("The list has no address to load it from."),
        "watchlist.address_bad": _("The address cannot be called: %(url)s"),
        "watchlist.address_unknown": _("The address %(host)s is not known."),
        "watchlist.address_inside": _("The address %(host)s is inside the house."),
        "watchlist.no_answer": _("%(host)s does not answer."),
        "watchlist.answered": _("%(host)s answered %(status)s instead of a list."),
        "hit.decided": _("This hit is decided already."),
        "exemption.until": _("An exemption ends on a day to come, at most %(days)s days away."),
        "exemption.standing": _("There is such an exemption already."),
        "exemption.of_names": _("A text is not let pass for good: decide on the hit."),
        "score.empty": _("The file has no line."),
        "score.unreadable": _("The file is no CSV: %(cause)s"),
        "score.columns": _("These columns are missing in the first line: %(missing)s."),
        "score.row_unreadable": _("It cannot be read: %(cause)s"),
        "score.width": _("It has %(found)s columns; the first line has %(expected)s."),
        "score.no_id": _("It has no id."),
        "score.id_twice": _("The id “%(id)s” stands in the file twice."),
        "score.moment": _("created_at is no moment (2026-11-28T09:30:00): “%(value)s”"),
        "score.amount": _("The amount is no number above zero: “%(value)s”"),
        "rules.none": _("There is no active rule, so nothing can be checked."),
    }
)

# The types and kinds that the language knows by their codes, as people read them.
_TYPES: Mapping[str, Sentence] = {
    "text": _("text"), "code": _("text"), "account": _("account number"), "number": _("number"), "money": _("amount"),
    "percent": _("percent"), "date": _("date"), "boolean": _("true or false"), "days": _("days"), "count": _("count"),
    "list": _("values"),
}  # fmt: skip
_LISTS: Mapping[str, Sentence] = {
    "text": _("texts"), "account": _("account numbers"), "country": _("countries"),
}  # fmt: skip

_OF_LISTS: Mapping[str, Sentence] = {
    "code": _("Code"), "name": _("Name"), "kind": _("Kind"), "threshold": _("Score that makes a hit"),
    "shrink_percent": _("Entries that a version may lose, in percent"),
}  # fmt: skip

_OF_SCORING = {
    "threshold": _("Score from which on there are alerts"),
    "sample_per_million": _("Of a million payments below it, shown all the same"),
}


def _types(codes: str) -> str:
    return ", ".join(str(_TYPES.get(code, code)) for code in codes.split(", "))


def _field(params: Mapping[str, Any]) -> Sentence:
    """A field of a version as its form calls it."""
    from controls.rules import differences

    return differences.NAMES.get(params["field"], params["field"])


speak("rule.type", found=lambda params: _types(params["found"]))
speak("rule.not_boolean", type=lambda params: _types(params["type"]))
speak("rule.unit", kind=lambda params: _types(params["kind"]), unit=lambda params: _types(params["unit"]))
speak("rule.list_kind", kind=lambda params: _LISTS.get(params["kind"], params["kind"]))
speak("rule.malformed", field=_field)
speak("rule_list.account", fault=lambda params: sentence(params["fault"], {"value": params["value"]}))
speak("rule_list.malformed", field=lambda params: _OF_LISTS.get(params["field"], params["field"]))
speak("watchlist.malformed", field=lambda params: _OF_LISTS.get(params["field"], params["field"]))


def _worse(params: Mapping[str, Any]) -> str:
    from controls.scoring import comparing, model_words

    return "; ".join(model_words.worse([comparing.Line(*one) for one in params["worse"]]))


speak("model.worse", worse=_worse)
speak("scoring.malformed", field=lambda params: _OF_SCORING.get(params["field"], params["field"]))
