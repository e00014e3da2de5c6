"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "form.stale": _("The form was too old. Reload the page and send it again; nothing was changed."),
    }
)
