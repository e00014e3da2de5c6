"""Tells the owner of an endpoint that it was paused."""

import functools
from datetime import datetime

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.webhooks.models import Endpoint
from documents import trail

log = structlog.get_logger(__name__)


def paused(endpoint: Endpoint, *, failing_since: datetime) -> None:
    """On record, and by mail when the transaction commits. Must run inside ``atomic()``."""
    trail.record(
        "webhook.paused", subject_type="webhook", subject_id=endpoint.pk, entity_id=endpoint.entity_id, actor=None,
        data={"name": endpoint.name, "failing_since": failing_since},
    )  # fmt: skip
    transaction.on_commit(functools.partial(_mail, endpoint, failing_since))


def _mail(endpoint: Endpoint, failing_since: datetime) -> None:
    owner = endpoint.created_by
    with translation.override(owner.language):
        told = {"name": endpoint.name, "url": endpoint.url, "since": formats.when(failing_since)}
        subject = _("The webhook “%(name)s” was paused") % told
        text = (
            _(
                "%(url)s has not answered any event since %(since)s. Events wait; when it works again, resume "
                "the webhook and they are sent in order."
            )
            % told
        )
    try:
        send_mail(subject, text, None, [owner.email])
    except OSError as error:
        log.warning("webhook.owner_not_told", endpoint=endpoint.pk, error=type(error).__name__)
