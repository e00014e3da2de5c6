"""Codes and sentences of what is expected."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "expected.by_machine": _("People say what is expected and what is excused, not programs."),
        "expected.known": _("This is expected already."),
        "expected.ended": _("This is not expected any more."),
        "expected.settled": _("This came, or was excused already."),
        "expected.reason_required": _("Say why."),
        "expected.too_long": _("At most %(longest)s characters."),
        "expected.too_many": _("At most %(most)s at once."),
        "expected.kind": _("Choose a payment to a payee, a payment from a payer, or a file of a source."),
        "expected.whose": _("Give the account of ours, and the number and name of the other side."),
        "expected.source": _("Choose the source of the file."),
        "expected.rhythm": _("Choose one of the rhythms."),
        "expected.first": _("The first day is at most a year and a half from today, and not before last year."),
        "expected.grace": _("The tolerance is 0 to %(tolerance)s days, the grace 0 to %(grace)s open days."),
        "expected.amount": _("A file has no amount."),
    }
)
