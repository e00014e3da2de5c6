"""Codes and sentences of this room."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import register, sentence, speak


def _status(params: Mapping[str, Any]) -> str:
    from transactions.models import PaymentState  # this module is read before the models are

    labels = {str(code): str(label) for code, label in PaymentState.Status.choices}
    return labels.get(str(params["status"]), str(params["status"]))


def _recall_status(params: Mapping[str, Any]) -> str:
    from transactions.models import Recall

    labels = {str(code): str(label) for code, label in Recall.Status.choices}
    return labels.get(str(params["status"]), str(params["status"]))


speak("payment.wrong_status", status=_status)
speak("payment.over_limit", limit=lambda params: formats.amount(Decimal(params["limit"]), params["currency"]))


def _count(name: str) -> Callable[[Mapping[str, Any]], str]:
    """A declared number of payments as people write it; what is no number stays as it stands in the file."""
    return lambda params: formats.count(int(params[name])) if str(params[name]).isdecimal() else str(params[name])


def _sum(name: str) -> Callable[[Mapping[str, Any]], str]:
    def said(params: Mapping[str, Any]) -> str:
        try:
            total = Decimal(str(params[name]))
        except ArithmeticError:
            return str(params[name])
        return formats.control_sum(total) if total.is_finite() else str(params[name])

    return said


for _of in ("file", "group"):
    speak(f"declared.{_of}_count", declared=_count("declared"), counted=_count("counted"))
    speak(f"declared.{_of}_sum", declared=_sum("declared"), counted=_sum("counted"))
speak("batch.seen_before", received_at=lambda params: formats.when(datetime.fromisoformat(params["received_at"])))

speak(
    "payment.over_day",
    limit=lambda params: formats.amount(Decimal(params["limit"]), params["currency"]),
    total=lambda params: formats.amount(Decimal(params["total"]), params["currency"]),
)

# The life of a payment: transactions/workflow.
register(
    {
        "payment.wrong_status": _("This cannot be done to a payment that is “%(status)s”."),
        "payment.claimed": _("%(person)s is deciding on this payment."),
        "payment.not_claimed": _("Nobody holds this payment, or it is not yours to release."),
        "payment.own_work": _("You created or amended this payment. Another person must decide."),
        "payment.by_machine": _("A program enters and looks up payments; people decide on them."),
        "payment.signed_before": _("You have signed this payment already. Another person must sign now."),
        "payment.held": _("This payment is held. It goes on when the hold is lifted."),
        "payment.over_limit": _("This payment is above your limit of %(limit)s."),
        "payment.over_day": _(
            "With this payment you would sign for %(total)s today; your limit of the day is %(limit)s."
        ),
        "payment.reason_required": _("Give the reason in words."),
        "payment.reason_unknown": _("“%(code)s” is not one of the reasons that can be given here."),
        "payment.comment_empty": _("The comment is empty."),
        "payment.not_amendable": _("The field “%(field)s” cannot be amended; reject the payment and enter it anew."),
        "payment.field_invalid": _("“%(value)s” cannot be the value of “%(field)s”."),
        "payment.nothing_changed": _("Nothing was changed."),
        "payment.as_it_came": _("This payment stays as it came; reject it instead."),
        "payment.debit_as_presented": _("A direct debit stays as the creditor presented it; reject it instead."),
        "payment.none_taken": _("None of these payments could be taken in; each problem is listed with its field."),
    }
)

# Taking back, holding, asking, handing over: transactions/workflow.
register(
    {
        "payment.undoable": _("The approval can still be taken back; it is posted when that time is over."),
        "payment.answer_open": _("A required answer is still open. It is approved when it is answered or closed."),
        "payment.return_proposed": _("The return is proposed; it is booked when another person says the same."),
        "payment.return_differs": _(
            "%(person)s proposed this return with the code %(code)s. Give the same code and value date to book it."
        ),
        "payment.value_date_future": _("The value date of a return is today or earlier."),
        "withdraw.nothing": _("There is no decision of yours here that could be taken back."),
        "withdraw.over": _("The time to take this back is over: the decision has taken effect."),
        "withdraw.overtaken": _("%(person)s acted on this payment meanwhile; nothing was taken back."),
        "hold.needs_moment": _("Say when the hold lifts by itself."),
        "hold.moment_past": _("This moment is past."),
        "hold.moment_far": _("This moment is more than %(days)s days away."),
        "hold.stays": _(
            "What screening found, or a case, keeps this hold. It is lifted when people have decided on that."
        ),
        "outgoing.held": _(
            "A check stopped a payment of the file %(message_id)s. Give the file up and prepare it again without it."
        ),
        "hold.not_yours": _("Somebody else, or the checks, placed this hold; who may lift holds lifts it."),
        "hold.none": _("This payment is not on hold."),
        "request.question_missing": _("Write what is asked."),
        "request.unknown": _("“%(value)s” cannot be chosen here."),
        "request.addressee_missing": _("Say whom it is asked of."),
        "request.asked_already": _("The same is asked for already and not answered yet."),
        "request.other_team": _("The team “%(team)s” is of another entity."),
        "request.ended": _("This request was answered or closed before."),
        "request.answer_empty": _("Write an answer or attach a document."),
        "request.asked_of_another": _(
            "You created or amended this payment, and this was asked of somebody else. They answer, or another person."
        ),
        "request.document_missing": _("A document was asked for. Attach it; words alone do not answer."),
        "request.file_too_large": _("A document has at most 20 MB."),
        "request.close_not_yours": _("%(person)s asked for this; they close it, or who may lift holds."),
        "hand_over.to_one": _("Hand over to one person or one team."),
        "hand_over.to_oneself": _("Hand over to somebody else than yourself."),
        "hand_over.nobody": _("Nobody there can take it over."),
        "hand_over.cannot": _("%(name)s cannot decide on this payment next."),
        "hand_over.maker": _("%(name)s created or amended this payment and cannot decide on it."),
        "hand_over.signed": _("%(name)s has signed this payment already; another person must sign now."),
        "hand_over.over_limit": _("This payment is above the limit of %(name)s."),
        "hand_over.no_right": _("%(name)s does not have the right to decide on this payment."),
        "hand_over.not_yours": _("This payment was not handed over to you."),
    }
)

# Accounts: transactions/accounts.
register(
    {
        "account.kind_unknown": _("There is no kind of account “%(kind)s”."),
        "account.code_or_name_missing": _(
            "An account needs a code of at most 20 characters and a name of at most 140."
        ),
        "account.other_entity_or_currency": _("Account %(code)s is of another entity or currency."),
        "account.code_taken": _("The entity has an account %(code)s already."),
        "account.channel_unknown": _("Transfers do not leave like this."),
        "account.pays_nobody": _("No payment leaves account %(code)s."),
        "account.needs_bic": _("Between banks account %(code)s needs the BIC of its bank."),
        "account.clearing_bad": _("A clearing system has a code of capital letters and digits."),
        "account.iban_taken": _("An account with the IBAN %(iban)s and this currency is known already."),
        "account.iban_bad": _("“%(iban)s” is not an IBAN: its check digits or length are wrong."),
        "account.bic_bad": _("“%(bic)s” is not a BIC."),
        "account.reason_missing": _("Write why; the reason is kept with the account."),
        "account.below_floor": _("Account %(code)s is below this limit now, or has more reserved than it allows."),
        "account.status_changed": _("Account %(code)s was changed meanwhile. Read it again."),
    }
)

# Payees: transactions/payees.py.
register(
    {
        "payee.number_invalid": _("“%(value)s” cannot be an account number."),
        "payee.number_known": _("This payee has these bank details already."),
        "payee.confirmed_by_another": _("You added these bank details. Another person must confirm them."),
        "payee.confirmed_already": _("These bank details are confirmed already."),
    }
)

# What comes in: transactions/intake.
register(
    {
        "batch.seen_before": _("This file was taken in before: %(file_name)s, batch %(batch)s, on %(received_at)s."),
        "batch.nothing_taken": _("No payment of this file could be taken in; the problems say why."),
        "batch.all_or_nothing": _(
            "This source takes whole files only, and %(count)s payments could not be taken in as they stand."
        ),
        "batch.message_seen": _("Batch %(batch)s has the same message identification, %(message)s."),
        "source.of_a_sender": _(
            "%(source)s is for what outside senders made. What you enter is yours: name no source."
        ),
        "source.not_usable": _("The source %(source)s is not in use or belongs to another entity than %(entity)s."),
        "payment.seen_before": _("This payment was taken in before: payment %(payment)s in batch %(batch)s."),
        "payment.sent_again": _(
            "The same payment was rejected, cancelled or returned before (batch %(batch)s); it is taken in again."
        ),
        "payment.level_twice": _("This stands on the payment and on its group; the payment's own counts."),
        "amount.missing": _("There is no amount."),
        "amount.equivalent": _("The amount is to be paid as its equivalent in %(currency)s."),
        "currency.missing": _("There is no currency."),
        "creditor.missing": _("There is no creditor: neither a name nor an account."),
        "creditor.name_missing": _("There is no creditor name."),
        "creditor.account_missing": _("There is no creditor account. The payment cannot go out without one."),
        "debtor.missing": _("There is no account to debit."),
        "date.missing": _("There is no execution date."),
        "date.unreadable": _("This is not a date that exists."),
        "birth.future": _("Nobody is born in the future: this date of birth has not come yet."),
        "birth.too_early": _("This date of birth is before 1900."),
        "birth.short_year": _("The year of a date of birth has four digits."),
        "birth.country": _("“%(country)s” is not a country code."),
        "text.too_long": _("This has %(length)s characters; at most %(longest)s can be kept."),
        "text.invisible": _("Characters that cannot be seen were taken out."),
        "text.reordering": _("This holds characters that reorder what is read; it could show other than it says."),
        "iban.check_digits": _("The check digits of this IBAN do not match."),
        "iban.length": _("This IBAN does not have the length of its country."),
        "iban.country": _("No country with IBANs begins so."),
        "iban.structure": _("This IBAN does not have the form of its country."),
        "bic.structure": _("A BIC has 8 or 11 characters: bank, country, place and perhaps branch."),
        "bic.country": _("The country of this BIC does not exist."),
        "declared.file_count": _("The file declares %(declared)s payments; it holds %(counted)s."),
        "declared.file_sum": _("The file declares a control sum of %(declared)s; its amounts add up to %(counted)s."),
        "declared.group_count": _("Group %(group)s declares %(declared)s payments; it holds %(counted)s."),
        "declared.group_sum": _(
            "Group %(group)s declares a control sum of %(declared)s; its amounts add up to %(counted)s."
        ),
        "file.no_payments": _("There is no payment in this file."),
        "file.more_problems": _("%(count)s more problems were found and are not listed."),
        "file.other_kind": _("This is a file of another kind (%(kind)s), not a list of payments to make."),
        "file.unknown_xml": _(
            "This XML file is no payment file known here: element %(element)s, namespace %(namespace)s."
        ),
        "file.binary": _("This is not a text file. Save it as CSV, or send a pain.001 file."),
    }
)

# XML: transactions/intake/sniff.py, schema.py, pain001.py.
register(
    {
        "xml.breaks_off": _(
            "The file breaks off at line %(at)s, column %(column)s; what should follow is missing. Have it sent whole."
        ),
        "xml.tags_crossed": _(
            "Line %(at)s, column %(column)s: the element %(opened)s, opened in line %(opened_at)s, is closed by "
            "%(closed)s."
        ),
        "xml.tag_open": _("Line %(at)s, column %(column)s: the end of a tag, “>”, is missing."),
        "xml.name_missing": _("Line %(at)s, column %(column)s: “<” begins no element. In a text it is written “&lt;”."),
        "xml.ampersand": _("Line %(at)s, column %(column)s: “&” stands alone. In a text it is written “&amp;”."),
        "xml.entity_unknown": _("Line %(at)s, column %(column)s: the entity “%(name)s” is not defined in XML."),
        "xml.attribute_value": _("Line %(at)s, column %(column)s: an attribute has no proper value between quotes."),
        "xml.attribute_twice": _("Line %(at)s, column %(column)s: the attribute “%(name)s” stands twice in one tag."),
        "xml.space_missing": _("Line %(at)s, column %(column)s: the attributes of a tag do not have their form."),
        "xml.after_the_end": _("Line %(at)s, column %(column)s: something follows after the end of the document."),
        "xml.no_element": _("Line %(at)s, column %(column)s: no element begins where the first one should."),
        "xml.comment": _("Line %(at)s, column %(column)s: “--” stands within a comment."),
        "xml.section_open": _("Line %(at)s, column %(column)s: a comment, an instruction or CDATA has no end."),
        "xml.cdata_end": _("Line %(at)s, column %(column)s: “]]>” stands in a text."),
        "xml.prefix_unknown": _("Line %(at)s, column %(column)s: the prefix “%(name)s” stands for no namespace."),
        "xml.declaration": _(
            "Line %(at)s, column %(column)s: the XML declaration does not have its form or does not begin the file."
        ),
        "xml.character": _("Line %(at)s, column %(column)s: XML allows no character with the code %(value)s."),
        "xml.encoding_unknown": _("The encoding “%(name)s” is not known here."),
        "xml.malformed": _(
            "The file is not well-formed XML at line %(at)s, column %(column)s. The parser says: “%(detail)s”"
        ),
        "xml.encoding": _("The file is not in the encoding that it declares (line %(at)s)."),
        "xml.limits": _("The XML is nested too deeply, or has too long a text or name (line %(at)s)."),
        "xml.doctype": _("The file declares a document type. Files with DTD or entities are refused."),
        "xml.prolog_too_long": _("No element begins within the first %(longest)s bytes."),
        "xml.element_too_large": _(
            "More than %(largest)s bytes came without the end of a payment: this is not read any further."
        ),
        "xml.not_a_credit_transfer": _("The message is %(element)s; a credit transfer file holds %(wanted)s."),
        "xml.not_incoming": _("The message is %(element)s; a file of incoming payments holds %(wanted)s."),
        "xml.nested": _("The file has %(element)s inside another one of its kind or inside a payment."),
        "xml.no_namespace": _("The file does not name its message version (namespace)."),
        "schema.missing": _("%(element)s is not complete; expected is %(expected)s."),
        "schema.unexpected": _("%(element)s may not stand here; expected is %(expected)s."),
        "schema.too_long": _("%(element)s has %(length)s characters; the format allows at most %(limit)s."),
        "schema.too_short": _("%(element)s has %(length)s characters; the format asks for at least %(limit)s."),
        "schema.pattern": _("%(element)s does not have the form that the format asks for: %(pattern)s."),
        "schema.not_listed": _("%(element)s is not one of the codes of the format."),
        "schema.wrong_type": _("%(element)s is not a valid value of the type %(type)s."),
        "schema.too_precise": _("%(element)s has too many digits."),
        "schema.out_of_range": _("%(element)s is outside the range of the format."),
        "schema.attribute_missing": _("%(element)s lacks an attribute: %(detail)s"),
        "schema.other": _("%(element)s does not keep the schema: %(detail)s"),
    }
)

# Lists and structured payments: transactions/intake/csv_file.py, json_rows.py, mapping.py.
register(
    {
        "csv.no_header": _("No line of titles was recognised among the first lines of the list."),
        "csv.no_amount_column": _("No column holds the amount. Titles found: %(titles)s."),
        "csv.no_creditor_column": _("No column names the creditor or its account. Titles found: %(titles)s."),
        "csv.column_left_out": _("The column “%(title)s” was not recognised and is left out."),
        "csv.currency_assumed": _("No column names the currency; %(currency)s is assumed."),
        "csv.date_assumed": _("No column names the execution date; %(date)s is assumed."),
        "csv.no_debtor_column": _("No column names the account to debit."),
        "csv.decimal_ambiguous": _(
            "“%(example)s” could be thousands or decimals, and no other amount of the list tells. "
            "Say which mark is decimal."
        ),
        "csv.date_ambiguous": _(
            "“%(example)s” could be day or month first, and no other date of the list tells. Say which comes first."
        ),
        "csv.amount_comma_expected": _("“%(value)s” is not an amount with a decimal comma, as the rest of the list."),
        "csv.amount_point_expected": _("“%(value)s” is not an amount with a decimal point, as the rest of the list."),
        "csv.too_many_cells": _("This line has %(cells)s cells; the titles are %(columns)s."),
        "csv.formula": _("This cell is a formula. Write the text itself."),
        "csv.line_too_long": _("Line longer than %(longest)s characters: this is not read any further."),
        "csv.unreadable": _("The list cannot be read from line %(at)s on: %(detail)s"),
        "json.unreadable": _("This is not a list of payments as JSON."),
        "json.no_payments": _("There is no payment in the request."),
        "json.too_many": _("%(count)s payments in one request; at most %(largest)s. Send a file instead."),
        "json.not_an_object": _("An object with names and values is expected here."),
        "json.not_text": _("The value must be a text."),
        "payment.kind_unknown": _("“%(kind)s” is no kind of payment that can be brought in."),
        "refund.without_original": _("A refund is made from the payment that it refunds."),
        "json.unknown_field": _("There is no field “%(unknown)s”."),
        "mapping.decimal_unknown": _("The decimal mark is a comma or a point, not “%(value)s”."),
        "mapping.date_unknown": _("The order of dates is dmy or mdy, not “%(value)s”."),
        "mapping.field_unknown": _("There is no field “%(field)s” that a column could fill."),
    }
)

# Sources of files: transactions/sources.
register(
    {
        "source.code_taken": _("The entity has a source “%(code)s” already."),
        "source.name_missing": _("A source needs a name of at most 140 characters."),
        "source.maker_unknown": _("“%(maker)s” cannot be the maker of a payment."),
    }
)

# What the books refuse: transactions/ledger.py.
register(
    {
        "payment.AC01": _("The debtor's account is not known here (AC01)."),
        "payment.AC03": _("The creditor's account is not one of ours (AC03)."),
        "payment.AC04": _("The debtor's account is closed (AC04)."),
        "payment.AC06": _("The debtor's account is blocked (AC06)."),
        "payment.AC07": _("The creditor's account is not open (AC07)."),
        "payment.AM03": _("The account is not in the currency of the payment (AM03)."),
        "payment.AM04": _("The available funds do not cover this payment (AM04)."),
        "payment.already_held": _("The funds of this payment are reserved already."),
        "payment.already_posted": _("This payment is posted already."),
        "payment.already_settled": _("This payment is settled already."),
        "payment.already_returned": _("This payment is returned already."),
        "payment.not_approved": _("This payment is not approved."),
        "payment.not_posted": _("This payment is not posted."),
        "payment.not_sent": _("This payment was not sent: the bank can have executed nothing of it."),
        "payment.not_settled": _("Only a payment that was sent or settled can be returned."),
        "payment.not_reserved": _("No funds are reserved for this payment."),
        "payment.no_transit": _("The debtor's account has no in-transit account; a supervisor must set one."),
        "payment.no_counterpart": _("The debtor's account has nothing to settle against; a supervisor must set it."),
        "payment.not_there": _("There is no such payment."),
        "payment.no_room": _("The account on the other side has no room for this payment."),
        "payment.wrong_kind": _("This cannot be done to a payment of this kind."),
        "payment.no_suspense": _("The entity has no suspense account in this currency; a supervisor must open one."),
        "payment.no_origin": _("The account names none where the money came in; a supervisor must set it."),
        "payment.no_receivable": _(
            "The entity has no receivables account in this currency that the money could pay; open one."
        ),
        "payment.not_in_suspense": _("Only an incoming payment that waits in suspense can be applied."),
        "payment.refunded": _("Something of this payment was refunded; it cannot be returned as a whole."),
    }
)

# Messages of the bank: transactions/messages.
register(
    {
        "message.other_kind": _("This is no message of the bank that is read here."),
        "message.seen_before": _("This message was taken in before: %(file_name)s, message %(message)s."),
        "message.id_seen": _("A message of this sender with the identification %(id)s was applied before."),
        "message.broken": _("The message does not keep its form at line %(at)s: %(fault)s"),
        "message.no_status": _("The message holds no status."),
        "message.too_many": _("The message holds more than %(most)s statuses."),
        "answer.no_status": _("There is no status."),
        "answer.no_amount": _("It is not said how much is returned."),
        "answer.national": _(
            "No schema is at hand for %(namespace)s; the message was read by the names of its elements."
        ),
        "answer.no_original": _("It does not name the message that it answers."),
        "answer.partial": _(
            "“%(status)s” says nothing of the payments that are not listed: "
            "%(listed)s listed, the rest keep their status."
        ),
        "answer.groups_only": _("Only groups have a status here, neither the file nor single payments."),
        "answer.payments_only": _("Only single payments have a status here (%(listed)s); the rest keep theirs."),
        "answer.file_only": _("Only the file as a whole has a status here; it holds for every payment of it."),
        "answer.status_unknown": _("“%(status)s” is no status that is known here; it is kept and moves nothing."),
        "answer.no_reason": _("No reason is given for the rejection."),
        "answer.no_file": _("It answers a file that was not sent from here."),
        "answer.no_group": _("It names a group that the file does not have."),
        "answer.no_payment": _("It names a payment that the file does not have."),
        "answer.ambiguous": _("It fits several payments."),
        "answer.disagrees": _("It names one of our payments, but with another amount or reference."),
        "answer.returned_before": _("The bank says settled of what it rejected or returned before."),
        "answer.decided_before": _("This answer is decided already."),
        "answer.of_a_file": _("This answer speaks of a file or group; it can only be laid aside."),
        "answer.not_sent": _("This payment was not sent to the bank."),
        "answer.other_amount": _("The answer is about %(amount)s %(currency)s; the payment has another amount."),
        "answer.own_message": _("You brought this message in. Another person must decide what it moves."),
    }
)
register(
    {
        "recall.reason_unknown": _("“%(code)s” is no reason that can be given here."),
        "recall.not_sent": _("Only a payment that was sent to the bank, and did not come back, can be recalled."),
        "recall.wrong_kind": _(
            "Only credit transfers are recalled; a direct debit is given back by its debtor's bank."
        ),
        "recall.open_before": _("This payment is recalled already."),
        "recall.too_late": _("With this reason it could be recalled until %(until)s."),
        "recall.own_work": _("You asked for this. Another person must approve it."),
        "recall.came_back": _("The money of this payment came back meanwhile."),
        "recall.wrong_status": _("This cannot be done to a recall that is “%(status)s”."),
        "recall.unknown": _("It answers no recall that was sent from here."),
        "recall.none_sent": _("No recall of this payment was sent."),
        "recall.answered_otherwise": _("It contradicts what was answered before, or the money that came back."),
        "recall.no_amount": _("It is not said how much is asked back."),
        "recall.no_reason": _("No reason is given for the recall."),
        "recall.of_a_file": _("It asks a whole file back; the bank must name the payments."),
        "recall.seen_before": _("This case was sent before; it is asked once."),
        "recall.not_held": _("No payment that came in here has this reference."),
        "recall.other_amount": _("The payment with this reference has another amount or identification."),
        "recall.point_out": _("Say which payment is meant."),
        "recall.not_incoming": _("This payment did not come in from another bank."),
        "recall.not_settled": _("This payment is not settled; nothing can be given back yet."),
        "recall.given_before": _("This payment is given back already, or it is proposed."),
        "recall.is_held": _("The payment is held here: “never received” would not be true."),
        "recall.no_account": _("No account of the entity can send the answer."),
        "recall.answered_before": _("This request is answered already, or its answer waits for another person."),
        "recall.asks": _("It asks payments back (%(listed)s); each becomes a request that people answer."),
        "recall.answers": _("It answers recalls: accepted %(accepted)s, refused %(refused)s, other %(other)s."),
        "recall.refused_without": _("No reason is given for the refusal."),
    }
)
speak("recall.too_late", until=lambda params: formats.day(date.fromisoformat(params["until"])))
speak("recall.wrong_status", status=_recall_status)
speak("answer.other_amount", amount=lambda params: formats.number(Decimal(params["amount"]), params["currency"]))
speak("message.broken", fault=lambda params: sentence(str(params["code"]), params["params"]))

# Files for the bank: transactions/settlement.py.
register(
    {
        "outgoing.sent_before": _("The file %(message_id)s was sent before; it is never sent twice."),
        "outgoing.not_whole": _(
            "Not every payment in the file %(message_id)s still waits to be sent. Give the file up: what waits goes "
            "in a new one."
        ),
        "outgoing.unwritable": _("The bank would refuse every file of this account: %(why)s"),
        "outgoing.of_cases": _("The file %(message_id)s holds no payments; it stays as it is."),
        "outgoing.not_prepared": _("The file %(message_id)s is sent or given up already."),
        "outgoing.not_sent": _("The file %(message_id)s was not sent yet."),
        "outgoing.nothing_to_settle": _("The file %(message_id)s holds no payments that are settled."),
        "outgoing.confirmed_before": _("The file %(message_id)s is settled already."),
    }
)
