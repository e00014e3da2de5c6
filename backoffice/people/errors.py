"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "user.email_bad": _("“%(email)s” is not an e-mail address."),
        "user.email_taken": _("Someone with the address %(email)s has an account already."),
        "user.name_missing": _("Write the person's name, at most 140 characters."),
        "user.role_unknown": _("There is no role “%(role)s”."),
        "user.act_unknown": _("There is no limit for “%(act)s”."),
        "user.granted_already": _("%(name)s has this role here already."),
        "user.not_everywhere": _("You manage users in some entities only: choose one of them."),
        "user.oneself": _("Nobody changes their own rights. Another administrator can."),
        "user.last_administrator": _("This is the last active administrator. Name another one first."),
        "user.reason_missing": _("Write why this account is closed; the reason is kept with it."),
    }
)
