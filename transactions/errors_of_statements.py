"""Codes and sentences of what is odd in statements of banks and custodians: transactions/statements."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import register, speak


def _money(name: str) -> Callable[[Mapping[str, Any]], str]:
    """An amount with the code of its currency: statements are in currencies that no country has any more, too."""

    def said(params: Mapping[str, Any]) -> str:
        currency = str(params.get("currency") or "")
        return f"{formats.control_sum(Decimal(str(params[name])))}\u00a0{currency}".strip("\u00a0")

    return said


def _day(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda params: formats.day(date.fromisoformat(str(params[name])))


def _count(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda params: formats.count(int(params[name]))


# Files and what all formats have.
register(
    {
        "statement.no_statement": _("There is no statement in this file."),
        "statement.and_more": _("More than %(most)s of the same kind were found; the others are not listed."),
        "statement.encoding_guessed": _("The file is no UTF-8; it was read as %(encoding)s."),
        "statement.version_unknown": _(
            "This version of the message is not known here (%(namespace)s). It was read by the names of its elements."
        ),
        "statement.amount_bad": _("“%(value)s” is not an amount: this entry was not taken in."),
        "statement.side_missing": _("It is not said whether this entry is a credit or a debit: it was not taken in."),
        "statement.entry_bad": _("This entry does not have the form of the format: “%(value)s”. It was not taken in."),
        "statement.currency_missing": _("This entry names no currency."),
        "statement.status_unknown": _("The status “%(value)s” is not known; the entry counts as information."),
        "statement.date_bad": _("“%(value)s” is not a date of the calendar; the rest was kept."),
        "statement.date_missing": _("This entry has no date; the rest was kept."),
        "statement.details_sum": _("The details add up to %(sum)s, the entry to %(amount)s: it counts as one."),
        "statement.details_too_many": _("Only the first %(most)s details of this entry were kept."),
        "statement.entry_after_end": _("This entry stands after the end of its statement; it was taken in."),
        "statement.field_too_long": _("More than %(longest)s characters came without the end of a field."),
        "statement.balance_bad": _("This balance cannot be read: “%(value)s”."),
        "statement.total_bad": _("This total of the bank cannot be read: “%(value)s”."),
        "statement.more_behind": _("Something follows behind the amount and was left out: “%(rest)s”."),
        "statement.account_missing": _("The statement names no account."),
    }
)
speak("statement.and_more", most=_count("most"))
speak("statement.details_too_many", most=_count("most"))
speak("statement.field_too_long", longest=_count("longest"))
speak("statement.details_sum", sum=_money("sum"), amount=_money("amount"))

# What does not add up: transactions/statements/checks.py.
register(
    {
        "statement.unbalanced": _(
            "Opening balance %(opening)s and movements of %(moved)s make %(expected)s; the closing balance is "
            "%(closing)s. The difference is %(difference)s."
        ),
        "statement.unbalanced_unread": _(
            "Opening balance %(opening)s and movements of %(moved)s make %(expected)s; the closing balance is "
            "%(closing)s. The difference is %(difference)s; entries that could not be read: %(unread)s."
        ),
        "statement.opening_missing": _("The statement has no opening balance: nobody can tell whether it is whole."),
        "statement.closing_missing": _("The statement has no closing balance: nobody can tell whether it is whole."),
        "statement.balances_missing": _("The statement has no balances: nobody can tell whether it is whole."),
        "statement.currencies_mixed": _(
            "The entries and balances of this statement are in several currencies: %(currencies)s."
        ),
        "statement.declared_entries": _("The bank declares %(declared)s entries; there are %(counted)s."),
        "statement.declared_credit_count": _("The bank declares %(declared)s credits; there are %(counted)s."),
        "statement.declared_debit_count": _("The bank declares %(declared)s debits; there are %(counted)s."),
        "statement.declared_credit_sum": _("The bank declares credits of %(declared)s; they add up to %(counted)s."),
        "statement.declared_debit_sum": _("The bank declares debits of %(declared)s; they add up to %(counted)s."),
        "statement.declared_group": _("The file declares a total of %(declared)s; it adds up to %(counted)s."),
        "statement.declared_records": _("The file declares %(declared)s records; there are %(counted)s."),
        "statement.line_twice": _(
            "The same entry of %(amount)s stands in this file before: statement %(before_statement)s, entry "
            "%(before_place)s."
        ),
        "statement.twice": _("The same statement stands in this file before, as number %(before)s."),
        "statement.gap_in_balance": _(
            "Statement %(before)s of this account closed with %(closed)s; this one opens with %(opened)s."
        ),
        "statement.gap_in_numbers": _(
            "Between number %(last)s (statement %(before)s) and number %(next)s of this account a statement is missing."
        ),
        "statement.overlap": _(
            "This statement begins on %(from_on)s, but statement %(before)s of the account goes to %(to_on)s."
        ),
    }
)
for _code in ("statement.unbalanced", "statement.unbalanced_unread"):
    speak(
        _code, opening=_money("opening"), moved=_money("moved"), expected=_money("expected"),
        closing=_money("closing"), difference=_money("difference"),
    )  # fmt: skip
for _code in ("statement.declared_credit_sum", "statement.declared_debit_sum", "statement.declared_group"):
    speak(_code, declared=_money("declared"), counted=_money("counted"))
for _code in ("entries", "credit_count", "debit_count", "records"):
    speak(f"statement.declared_{_code}", declared=_count("declared"), counted=_count("counted"))
speak("statement.line_twice", amount=_money("amount"))
speak("statement.gap_in_balance", closed=_money("closed"), opened=_money("opened"))
speak("statement.overlap", from_on=_day("from_on"), to_on=_day("to_on"))

# CFONB 120, OFX, BAI2.
register(
    {
        "cfonb.other_format": _("This is a file of CFONB %(format)s, which holds no statements. Ask for CFONB 120."),
        "cfonb.length": _("This record has %(length)s characters instead of 120."),
        "cfonb.record_unknown": _("Records of this format begin with 01, 04, 05 or 07, not with “%(value)s”."),
        "cfonb.outside": _("A record %(record)s stands outside a statement (no 01 before it); it was taken in."),
        "cfonb.detail_alone": _("A complement (05) without an entry (04) before it was left out."),
        "cfonb.closing_alone": _("A new balance (07) without former balance (01) counts as a statement of its own."),
        "cfonb.not_closed": _("The statement ends without a new balance (07)."),
        "cfonb.sign": _("The last character of the amount “%(value)s” is no digit with a sign."),
        "cfonb.account_other": _("This record is of another account (%(value)s) than its statement."),
        "ofx.status": _("The bank answers with an error: %(code)s %(text)s"),
        "ofx.amount_missing": _("This entry has no amount: it was not taken in."),
        "ofx.investment": _("The file holds an investment statement: its bank entries are counted, not taken in."),
        "ofx.outside": _("An entry stands outside any statement; it was not taken in."),
        "ofx.fitid_missing": _("This entry has no identification of the bank (FITID)."),
        "bai2.record_bad": _("This record does not have the form of the format: “%(value)s”."),
        "bai2.no_account": _("An entry stands outside any account; it was not taken in."),
        "bai2.type_unknown": _("The type code %(value)s is neither a credit nor a debit; it was not taken in."),
    }
)

# Lists of banks and custodians.
register(
    {
        "statement.no_columns": _("No columns of date and amount were recognised. Titles found: %(titles)s."),
        "statement.mapping_bad": _("The mapping of columns is not right: %(detail)s."),
        "statement.row_no_date": _("“%(value)s” is no date: this line was not taken in."),
        "statement.row_total": _("This line sums up and is no entry: “%(value)s”."),
        "statement.amounts_both": _("This line has a debit and a credit: it was not taken in."),
        "statement.running_balance": _("The balance after this line should be %(expected)s; the list says %(said)s."),
        "sheet.unreadable": _("The workbook cannot be read: %(detail)s."),
        "sheet.too_large": _("The workbook would unpack to more than %(largest)s bytes: it is not read."),
        "custody.instrument_bad": _("“%(value)s” is no ISIN: its form or check digit is wrong."),
        "custody.instrument_missing": _("This line names no instrument: it was not taken in."),
        "custody.quantity_bad": _("“%(value)s” is no quantity: this line was not taken in."),
        "custody.value_differs": _("Quantity times price is %(expected)s; the list says %(said)s."),
        "custody.twice": _("This instrument stands in the list before, on line %(before)s."),
        "custody.date_mixed": _("The list holds positions of several days: %(days)s."),
    }
)
speak("statement.running_balance", expected=_money("expected"), said=_money("said"))
speak("custody.value_differs", expected=_money("expected"), said=_money("said"))
speak("sheet.too_large", largest=_count("largest"))
