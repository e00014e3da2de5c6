"""Codes and sentences of days of accounts, breaks, and entries by hand."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "day.by_machine": _("People close days and decide on breaks, not programs."),
        "day.reason_required": _("Say why."),
        "day.too_long": _("At most %(longest)s characters."),
        "day.not_over": _("This day is not over yet."),
        "day.no_balance": _("No statement tells the balance of this day, so there is nothing to prove."),
        "day.remark_required": _("Something is unexplained, forced or left out that day: say in a remark why."),
        "day.prepared_before": _("This day is prepared or signed already."),
        "day.not_prepared": _("This day does not wait for a signature."),
        "day.own_work": _("You prepared this day. Another person must sign it."),
        "day.own_hands": _("You forced a match or left something out in this day. Another person must sign it."),
        "day.other_digest": _("What you read is not what was prepared. Read it again."),
        "day.changed_since": _("Since it was prepared something changed. Send it back and prepare it anew."),
        "day.not_signed": _("This day is not signed."),
        "day.asked_before": _("Somebody asked to reopen it already."),
        "day.nothing_asked": _("Nobody asked to reopen this day."),
        "day.own_asking": _("You asked to reopen it. Another person must agree."),
        "break.closed": _("This is not open any more."),
        "break.cause": _("Choose one of the causes."),
        "break.owner": _("Choose a person who works on reconciliation here."),
        "break.due": _("The due date is from today to a year ahead."),
        "break.not_ignored": _("This is not left out."),
        "break.too_many": _("At most %(most)s at once."),
        "correction.nothing_open": _("Nothing of it is open any more."),
        "correction.waits": _("An entry for it waits for a second person already."),
        "correction.contra": _("Choose another account of the same entity and currency that is open."),
        "correction.label": _("Give the entry a label of at most 140 characters."),
        "correction.above_limit": _("At most %(limit)s are written off here."),
        "correction.other_currency": _("Limits are in %(currency)s. In another currency nothing is written off."),
        "correction.decided": _("This was decided already."),
        "correction.own_work": _("You asked for it. Another person must agree."),
        "correction.of_line": _("An entry that was missing is created for a line of the bank."),
        "policy.bounds": _("Limits are not below zero, days are 0 to 30."),
        "policy.decided": _("This was agreed to already, or newer limits were asked for."),
        "policy.own_work": _("You asked for these limits. Another person must agree."),
    }
)
