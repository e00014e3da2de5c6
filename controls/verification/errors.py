"""Codes and sentences of the verification of payees."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "verification.waits": _("Nobody is asked until a second person has signed which service is."),
        "verification.changed_since": _("This service was changed since it was asked for. Read it again."),
        "verification.none": _("No verification service is set up for this entity."),
        "verification.not_asked": _(
            "Nobody can be asked: no own account, no confirmed payee, and no verification service is in use."
        ),
        "verification.not_concerned": _(
            "Payees are verified for transfers in euro to an IBAN of the SEPA area; this is none."
        ),
        "verification.hours": _("An answer counts for 1 to %(most)s hours."),
        "verification.token_short": _(
            "The token of the service has %(shortest)s to %(longest)s characters, no blanks."
        ),
        "verification.token_again": _("Another address needs the token once more."),
        "verification.token_missing": _("The service needs its token."),
        "verification.name_missing": _("A name of 1 to 140 characters is verified."),
        # Why there is no answer.
        "verification.address_bad": _("“%(url)s” is not an address that can be called: https://host/path."),
        "verification.address_unknown": _("The name %(host)s is not known."),
        "verification.address_inside": _(
            "%(host)s is inside the house, and its network is not among those that may be called "
            "(BACKOFFICE_CHANNEL_NETWORKS)."
        ),
        "verification.secret_lost": _("The token was kept under another installation key; enter it once more."),
        "verification.too_slow": _("No answer within %(seconds)s seconds."),
        "verification.no_answer": _("No answer: %(cause)s."),
        "verification.answered": _("The service answered with %(status)s."),
        "verification.answer_unreadable": _("The answer of the service cannot be read."),
        "verification.paused": _("The service failed several times in a row and is left alone for a minute."),
        "verification.no_time": _("The time for this file was over before this one was asked. Ask again."),
        "verification.switched_off": _("The service is switched off, or was changed and nobody has signed it yet."),
        "verification.said_not_possible": _("The payee's bank cannot say."),
    }
)
