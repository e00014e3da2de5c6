"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register, speak
from backoffice.web import rule_words

register(
    {
        "form.stale": _("The form was too old. Reload the page and send it again; nothing was changed."),
    }
)

speak("rule.builder", operator=lambda params: rule_words.OPERATORS.get(params["operator"], params["operator"]))
