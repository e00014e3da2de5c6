"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "webhook.name_missing": _("Give the webhook a name of at most 80 characters."),
        "webhook.address_bad": _("“%(url)s” is not an address that events can be sent to: https://host/path."),
        "webhook.address_inside": _("%(host)s is an address inside the house; events are sent to the outside only."),
        "webhook.address_unknown": _("The name %(host)s is not known."),
        "webhook.event_unknown": _("There is no event “%(event)s”."),
        "webhook.too_many": _("An entity has at most %(most)s webhooks."),
        "webhook.retired": _("This webhook was retired."),
        "webhook.nothing_to_replay": _("There is nothing to send again in this span."),
        "webhook.replay_too_many": _("At most %(most)s are sent again at once; choose a shorter span."),
        # Why a delivery failed, in its log.
        "webhook.no_answer": _("No answer: %(cause)s."),
        "webhook.answered": _("Answered with %(status)s."),
        "webhook.too_slow": _("No answer within %(seconds)s seconds."),
    }
)
