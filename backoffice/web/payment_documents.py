"""The documents of a payment: its source file, what people added, opening and adding, each on record."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists
from backoffice.web.queue_filter import Chosen
from documents import attachments, contents, trail
from documents.models import Attachment, AttachmentLink
from transactions import queries
from transactions.models import Payment

LARGEST = 20_000_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Document:
    attachment: Attachment
    kind: str
    is_source: bool = False


def documents_of(payment: Payment) -> list[Document]:
    """What was added to a payment, then the file it came from. One query beside the payment's own."""
    links = (
        AttachmentLink.objects.filter(subject_type="payment", subject_id=payment.pk)
        .select_related("attachment", "attachment__created_by")
        .order_by("-id")
    )
    added = [Document(link.attachment, str(link.get_kind_display())) for link in links]
    return [*added, Document(payment.batch.attachment, str(AttachmentLink.Kind.SOURCE.label), True)]


@require_safe
def document(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponseBase:
    """Hand a document out as a download, never to be shown by the browser; its fingerprint is verified first."""
    access.demand(request.user, "document.view")
    payment = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "document.view", payment.entity_id)
    wanted = next((item.attachment for item in documents_of(payment) if item.attachment.pk == attachment_id), None)
    if wanted is None:
        raise NotThere("not_there")
    contents.demand(lists.reader(request), wanted)
    _verify(wanted)
    with transaction.atomic():
        trail.record(
            "payment.document_opened",
            subject_type="payment",
            subject_id=payment.pk,
            entity_id=payment.entity_id,
            actor=lists.reader(request),
            data={"name": wanted.name, "sha256": wanted.sha256},
        )
    response = FileResponse(
        attachments.open_file(wanted), as_attachment=True, filename=wanted.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _verify(attachment: Attachment) -> None:
    digest = hashlib.sha256()
    with attachments.open_file(attachment) as stored:
        while chunk := stored.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != attachment.sha256:
        raise BusinessError("attachment.damaged", sha256=attachment.sha256)


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a document with the payment."""
    access.demand(request.user, "document.add")
    payment = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "document.add", payment.entity_id)
    given = request.FILES.get("file")
    kind = request.POST.get("kind", "")
    kinds = set(AttachmentLink.Kind.values) - {AttachmentLink.Kind.SOURCE}
    if given is None:
        messages.error(request, _("Choose a file first."))
    elif not isinstance(given, UploadedFile) or (given.size or 0) > LARGEST:
        messages.error(request, _("A document has at most 20 MB."))
    else:
        try:
            keep(payment, lists.reader(request), given, kind if kind in kinds else AttachmentLink.Kind.OTHER)
            messages.success(request, _("“%(name)s” is kept with the payment.") % {"name": given.name})
        except BusinessError as refusal:
            messages.error(request, str(refusal))
    chosen = Chosen(request)
    return redirect(chosen.payment_address(pk) if chosen.from_list else "payment", *([] if chosen.from_list else [pk]))


def keep(payment: Payment, actor: User, given: "UploadedFile[Any]", kind: str) -> Attachment:
    """Store a document and link it to the payment, on record."""
    with transaction.atomic():
        kept = attachments.store(
            content=given.read(),
            name=given.name or "file",
            content_type=given.content_type or "",
            entity_id=payment.entity_id,
            actor=actor,
        )
        attachments.link(kept, subject_type="payment", subject_id=payment.pk, kind=kind, actor=actor)
        trail.record(
            "payment.document_added",
            subject_type="payment",
            subject_id=payment.pk,
            entity_id=payment.entity_id,
            actor=actor,
            data={"name": kept.name, "sha256": kept.sha256, "kind": kind},
        )
    return kept
