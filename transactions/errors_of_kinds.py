"""Codes and sentences of what is particular to kinds of payments, and of the time they take."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import register, speak

# Mandates and what is said of them: transactions/mandates.py, intake/debits.py.
register(
    {
        "database.refund_within_original": _("refunds are never more than what was paid. Nothing was changed."),
        "database.returned_not_refunded": _(
            "a payment of which something was refunded is not returned. Nothing was changed."
        ),
        "xml.not_a_direct_debit": _("The message is %(element)s; a direct debit file holds %(wanted)s."),
        "mandate.missing": _("No mandate is named."),
        "mandate.unsigned": _("It is not said when the mandate was signed."),
        "mandate.creditor_id_missing": _("No creditor identifier is named."),
        "mandate.creditor_id": _("The check digits of this creditor identifier do not match."),
        "mandate.sequence_missing": _(
            "It is not said whether the debit is the first, a recurrent, the final or a one-off one."
        ),
        "mandate.sequence_unknown": _("The sequence is FRST, RCUR, FNAL or OOFF."),
        "mandate.scheme_missing": _("No scheme is named (CORE or B2B)."),
        "mandate.scheme_unknown": _("This scheme is neither CORE nor B2B."),
        "mandate.known": _("The mandate %(reference)s of this creditor is registered already."),
        "mandate.reference_bad": _(
            "A mandate reference has 1 to 35 characters of the SEPA set, without // and no / at its ends."
        ),
        "mandate.number_bad": _("“%(number)s” is not an IBAN: its check digits or length are wrong."),
        "mandate.name_missing": _("A mandate names its debtor, in at most 140 characters."),
        "mandate.signed_later": _("A mandate is registered when it is signed, not before."),
        "mandate.account_other": _(
            "The account %(code)s is of another entity, or is no account that debits can credit."
        ),
        "mandate.cancelled_before": _("This mandate is cancelled already."),
    }
)

# Cut-offs and calendars: transactions/cut_offs.py.
register(
    {
        "cut_off.tie": _("Another cut-off of this scope (%(scope)s) begins on the same day: change that one."),
        "cut_off.past_stays": _("A cut-off that has begun stays as it was. Add one that follows it."),
        "cut_off.begins_in_the_past": _("A cut-off begins today or later: what counted before stays."),
        "cut_off.zone_unknown": _("“%(zone)s” is not a time zone."),
        "cut_off.hour_missing": _("Give the hour of the cut-off, or say that there is none."),
        "cut_off.days_before": _("A cut-off is 0 to 20 working days before the execution date."),
        "calendar.code_or_name_missing": _(
            "A calendar needs a code of at most 20 characters other than TARGET, and a name."
        ),
        "calendar.code_taken": _("The entity has a calendar “%(code)s” already."),
        "calendar.no_working_day": _("A calendar has at least one working day a week."),
        "calendar.no_holiday": _("Give at least one day and at most %(most)s."),
        "calendar.holiday_unnamed": _("Name the holiday of %(day)s in at most 80 characters."),
        "calendar.holiday_unread": _("Line %(line)s is not a date and a name: “%(value)s”."),
        "calendar.closed_already": _("%(day)s is closed already in this calendar."),
        "calendar.past_stays": _("%(day)s is past, and days that are past stay as they were."),
        "payment.after_cut_off": _("Approved after the cut-off: it goes on %(execution_date)s."),
    }
)
speak(
    "payment.after_cut_off",
    execution_date=lambda params: formats.day(date.fromisoformat(str(params["execution_date"]))),
)
for _code in ("calendar.holiday_unnamed", "calendar.closed_already", "calendar.past_stays"):
    speak(_code, day=lambda params: formats.day(date.fromisoformat(str(params["day"]))))
# Standing orders: transactions/standing.
register(
    {
        "standing.account_other": _("The account %(code)s is not open, or is no account that payments leave from."),
        "standing.amount_or_floor": _("Give a fixed amount, or the balance that stays when everything else is moved."),
        "standing.remittance_bad": _("The text for the payee has at most 140 characters that can be seen."),
        "standing.name_missing": _("Name the payee, in at most 140 characters."),
        "standing.number_bad": _("“%(number)s” is not an IBAN: its check digits or length are wrong."),
        "standing.to_itself": _("Payee and account are the same."),
        "standing.rhythm_bad": _("It is paid every 1 to 60 weeks, months or years, and at most 9,999 times."),
        "standing.last_working_day": _("The last working day is one of a month: choose months."),
        "standing.first_past": _("The first date, %(first)s, is past."),
        "standing.last_bad": _("Give a last date after the first one, or how many times it is paid, not both."),
        "standing.suspension_bad": _("A suspension begins today or later and does not end before it begins."),
        "standing.not_suspended": _("The standing order %(reference)s is not suspended."),
        "standing.over": _("The standing order %(reference)s is not in force."),
        "payment.waits_for_its_day": _("This payment is signed; its funds are taken on the day of its execution."),
    }
)

# Instant transfers: transactions/instant.py.
register(
    {
        "instant.account_other": _("No instant transfer leaves from the account %(code)s."),
        "payment.instant_one": _("The customer allows no instant transfer of this amount."),
        "payment.instant_day": _("With this payment, more leaves by instant transfer today than the customer allows."),
    }
)

# Supplier invoices: transactions/invoices.py, invoice_lists.py.
register(
    {
        "invoice.known": _("The invoice %(number)s of this supplier is registered already."),
        "invoice.number_bad": _("A number or reference has 1 to 35 characters that can be seen."),
        "invoice.kind_unknown": _("It is an invoice or a credit note."),
        "invoice.days_bad": _("An invoice is dated today or before, and due on its date or later."),
        "invoice.amounts_bad": _("Tax and discount are less than the gross amount."),
        "invoice.discount_bad": _(
            "A discount is of an invoice, with its last day on or after the date of the invoice."
        ),
        "invoice.cancelled_before": _("%(number)s is cancelled already."),
        "invoice.paid_already": _("%(number)s is paid or on its way: it cannot be cancelled."),
        "invoice.nothing_open": _("Nothing is open of %(number)s any more."),
        "invoice.credit_alone": _(
            "The credit note %(number)s needs an invoice of the same supplier to be deducted from."
        ),
        "invoice.credit_too_much": _("The credit notes of %(supplier)s are more than the invoices chosen."),
        "invoice.no_account": _("No bank details are known for %(number)s of %(supplier)s."),
        "invoice.how_many": _("Choose 1 to %(most)s invoices."),
        "invoice.not_payable": _("%(number)s is cancelled or not in %(currency)s, the account's currency."),
        "payment.invoices_paid": _("Its invoices were paid or cancelled meanwhile, so it does not come back."),
        "invoice.not_taken": _("Not every payment could be taken in, so none was."),
        "invoice.list_refused": _("Nothing was registered; lines with faults: %(count)s."),
        "invoice.list_long": _("A list has at most %(most)s invoices."),
        "invoice.list_unreadable": _("This is no list that can be read."),
        "invoice.column_missing": _("These columns are missing: %(titles)s."),
        "invoice.cell_missing": _("The cell “%(title)s” is empty."),
        "invoice.day_unreadable": _("“%(value)s” is no day such as 24/11/2026 or 2026-11-24."),
    }
)
# What acquirers report and pay out: transactions/cards.py, intake/cards.py.
register(
    {
        "card.no_fee": _("Neither a fee nor a net is given; none is assumed."),
        "card.net_differs": _("Gross less fee is not the net."),
        "card.fee_too_high": _("The fee is below the gross and not below zero."),
        "card.no_acquirer": _("No acquirer is named."),
        "payment.no_acquirer": _(
            "The acquirer is no open claim of the entity in this currency; a supervisor must open one."
        ),
        "payment.no_fees": _("The acquirer's account names no open account for its fees; a supervisor must set it."),
        "payment.fee_too_high": _("The fee is not below the gross."),
        "payout.reference_bad": _("A payout has a reference of at most 35 characters."),
        "payout.known": _("The payout %(reference)s of this acquirer is booked already."),
        "payout.nothing": _("Nothing that was posted is announced under the payout %(reference)s."),
        "payout.not_of_these": _("A payout is for posted payments of its acquirer that were not paid out."),
        "payout.no_bank": _("The account %(code)s does not say where its payouts arrive."),
        "payout.differs": _("%(paid)s %(currency)s was paid; the payments and chargebacks add up to %(expected)s."),
    }
)
speak(
    "payout.differs",
    paid=lambda params: formats.number(Decimal(params["paid"]), params["currency"]),
    expected=lambda params: formats.number(Decimal(params["expected"]), params["currency"]),
)

# Refunds: transactions/refunds.py.
register(
    {
        "refund.wrong_kind": _("Only a payment that came in can be refunded."),
        "refund.not_settled": _("Only a settled payment can be refunded."),
        "refund.changed": _("Something was refunded meanwhile: %(left)s %(currency)s is left now."),
        "refund.nothing_left": _("All of this payment is refunded already."),
        "refund.too_much": _("Only %(left)s %(currency)s of this payment is left to refund."),
        "refund.no_account": _("The payment names no account of its payer; say where the refund goes."),
        "refund.no_source": _("The payment was credited to no account that could pay it back."),
        "refund.named_twice": _("A payment is named twice."),
        "refund.no_room": _("What this would refund was refunded otherwise or returned meanwhile."),
    }
)
for _code in ("refund.changed", "refund.too_much"):
    speak(_code, left=lambda params: formats.number(Decimal(params["left"]), params["currency"]))
