"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

register(
    {
        "attachment.empty": _("The file is empty."),
        "attachment.too_large": _("The file has %(size)s bytes; the largest accepted has %(largest)s."),
        "attachment.missing": _("The stored file is not where it was kept: %(sha256)s."),
        "attachment.damaged": _("The stored file no longer has the fingerprint that was recorded: %(sha256)s."),
    }
)
