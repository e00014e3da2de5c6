"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "rule.too_long": _("A rule has at most %(longest)s characters and 300 parts."),
        "rule.syntax": _("The expression cannot be read at character %(position)s: “%(found)s”."),
        "rule.not_allowed": _("“%(found)s” at character %(position)s is not part of the language of rules."),
        "rule.unknown_fact": _("There is no fact named “%(name)s” (character %(position)s)."),
        "rule.unknown_parameter": _("The rule has no parameter named “%(name)s” (character %(position)s)."),
        "rule.unknown_function": _("There is no function named “%(name)s” (character %(position)s)."),
        "rule.unknown_code": _("“%(value)s” at character %(position)s is none of: %(known)s."),
        "rule.type": _("These do not go together at character %(position)s: %(found)s."),
        "rule.not_boolean": _("A rule must be true or false; this is a %(type)s."),
        "rule.number_form": _("“%(value)s” is not a number of at most 15 digits and 6 decimals."),
        "rule.parameter_form": _("“%(value)s” cannot be the value of a parameter."),
        "rule.list_outside_in": _("The parameter “%(name)s” is a list; it can only stand after “in”."),
        "rule.slot_unknown": _("The sentence quotes “%(name)s”, which is neither a fact nor a parameter."),
        "rule.sentence_missing": _("A rule has a sentence in both languages."),
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
        "watchlist.empty": _("The file has no entry."),
        "watchlist.unknown": _(
            "This is no list that can be read here: OFAC (CSV, XML), EU and UN consolidated (XML), OpenSanctions "
            "simple CSV."
        ),
        "watchlist.no_names": _("The file with the names (sdn.csv) is missing: load it with its others, in one zip."),
        "watchlist.several_files": _("These are several files that do not belong together."),
        "watchlist.too_large": _("A list has at most %(largest)s MB, unpacked."),
        "watchlist.too_many": _("A list has at most %(most)s entries."),
        "watchlist.broken_zip": _("The zip file cannot be unpacked."),
        "watchlist.broken_xml": _("The XML breaks off or is damaged at line %(line)s."),
        "watchlist.broken_csv": _("Line %(line)s does not have the columns of the others."),
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
        "rules.none": _("There is no active rule, so nothing can be checked."),
    }
)
