"""Why something is missing, as reasons of an alert (controls/cases/reasons.py)."""

from django.utils.translation import gettext_lazy as _

from controls.cases.reasons import register

register(
    {
        "missing.payee": _("A payment of about %(amount)s to %(name)s was expected by %(day)s."),
        "missing.payee_any": _("A payment to %(name)s was expected by %(day)s."),
        "missing.payer": _("A payment of about %(amount)s from %(name)s was expected by %(day)s."),
        "missing.payer_any": _("A payment from %(name)s was expected by %(day)s."),
        "missing.file": _("A file of %(name)s was expected by %(day)s."),
        "missing.seen_days": _("The last %(count)s came between day %(low)s and day %(high)s of the month."),
        "missing.seen_gaps": _("The last %(count)s came %(low)s to %(high)s days apart, the last on %(day)s."),
        "missing.announced": _("The standing order %(order)s announced it."),
        "missing.by_hand": _("%(person)s had it expected."),
    }
)
