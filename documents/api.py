"""/api/v1/ of this room: documents of a payment, their bytes, and the audit trail of a subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import BYTES, Endpoint, UploadEndpoint, act, file_response
from backoffice.common.errors import NotThere
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person
from backoffice.people import access, services, tokens
from backoffice.people.models import User
from documents import attachments, contents, trail
from documents.models import Attachment, AttachmentLink
from transactions.api.payments import AuditOut, with_actors
from transactions.models import Account, IntakeSource, OutgoingFile, Payee, Payment, PaymentBatch


class AttachmentOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    created_by = Person(allow_null=True)
    created_at = Moment()


class LinkedOut(Output):
    kind = serializers.CharField()
    linked_by = Person(source="created_by", allow_null=True)
    linked_at = Moment(source="created_at")
    attachment = AttachmentOut()


class LinkedList(Output):
    items = LinkedOut(many=True)


class DocumentIn(Input):
    kind = serializers.ChoiceField(
        [kind for kind in AttachmentLink.Kind.values if kind != AttachmentLink.Kind.SOURCE], required=False
    )
    file_name = serializers.CharField(required=False, max_length=200)
    file = serializers.FileField(allow_empty_file=True)


class AuditQuery(PageQuery):
    subject_type = serializers.ChoiceField(
        ["payment", "batch", "account", "payee", "source", "outgoing", "attachment", "user", "token"]
    )
    subject = serializers.IntegerField(min_value=1)


def rows() -> QuerySet[Attachment]:
    return Attachment.objects.select_related("created_by")


def links(payment_id: int) -> QuerySet[AttachmentLink]:
    return (
        AttachmentLink.objects.filter(subject_type="payment", subject_id=payment_id)
        .select_related("created_by", "attachment", "attachment__created_by")
        .order_by("pk")
    )


class PaymentAttachments(UploadEndpoint):
    @act("document.view", "The documents of a payment", output=LinkedList)
    def get(self, request: Request, payment_id: int) -> Any:
        self.scoped(Payment.objects.all(), payment_id, seen="payment.view")
        return {"items": self.show(LinkedOut, links(payment_id)[:500], many=True)}

    @act("document.add", "Add a document to a payment", body=DocumentIn, output=LinkedOut, status=201, upload=True)
    def post(self, request: Request, payment_id: int) -> Any:
        payment = self.scoped(Payment.objects.all(), payment_id, seen="payment.view")
        file = self.body["file"]
        content = self.read(file)
        with transaction.atomic():
            stored = attachments.store(
                content=content,
                name=self.body.get("file_name") or file.name or "",
                content_type=getattr(file, "content_type", None) or "",
                entity_id=payment.entity_id,
                actor=self.person,
            )
            kind = self.body.get("kind", AttachmentLink.Kind.OTHER)
            made = attachments.link(stored, subject_type="payment", subject_id=payment_id, kind=kind, actor=self.person)
            trail.record(
                "payment.document_added",
                subject_type="payment",
                subject_id=payment_id,
                entity_id=payment.entity_id,
                actor=self.person,
                data={"attachment": stored.pk, "name": stored.name, "sha256": stored.sha256, "kind": kind},
            )
        return self.show(LinkedOut, links(payment_id).get(pk=made.pk))


class AttachmentDetail(Endpoint):
    @act("document.view", "What a stored file is", output=AttachmentOut)
    def get(self, request: Request, attachment_id: int) -> Any:
        return self.show(AttachmentOut, self.scoped(rows(), attachment_id, seen="document.view"))


class AttachmentContent(Endpoint):
    @act("document.view", "The bytes of a stored file, verified; taking them is on record. A file that payments came "
         "in by, or to or from the bank, needs the right iban.view too", binary=BYTES)  # fmt: skip
    def get(self, request: Request, attachment_id: int) -> Any:
        attachment = self.scoped(rows(), attachment_id, seen="document.view")
        contents.demand(self.person, attachment)
        content = attachments.read(attachment)
        with transaction.atomic():
            trail.record(
                "attachment.downloaded",
                subject_type="attachment",
                subject_id=attachment.pk,
                entity_id=attachment.entity_id,
                actor=self.person,
            )
        return file_response(content, name=attachment.name)


@dataclass(frozen=True)
class Subject:
    """A kind of thing that acts are recorded on, and the right to see it."""

    model: type[Model]
    seen: str


SUBJECTS = {
    "payment": Subject(Payment, "payment.view"),
    "batch": Subject(PaymentBatch, "batch.view"),
    "account": Subject(Account, "account.view"),
    "payee": Subject(Payee, "payee.view"),
    "source": Subject(IntakeSource, "batch.view"),
    "outgoing": Subject(OutgoingFile, "outgoing.view"),
    "attachment": Subject(Attachment, "document.view"),
}


class AuditRecords(Endpoint):
    @act("history.view", "The acts on one subject, the newest first", output=AuditOut, query=AuditQuery, paged=True)
    def get(self, request: Request) -> Any:
        kind, key = self.query["subject_type"], self.query["subject"]
        self._demand(kind, key)
        rows = trail.of(kind, key)
        if kind not in SUBJECTS:
            rows = services.shown_acts(self.person, rows)
        return self.page_of(rows, key=("id",), salt=f"audit:{kind}:{key}")

    def paged(self, items: Sequence[Any], following: str, previous: str) -> dict[str, Any]:
        return super().paged(with_actors(items), following, previous)

    def _demand(self, kind: str, key: int) -> None:
        """The subject is one the person may see. Of a user or token: whoever may see users."""
        if kind in SUBJECTS:
            subject = SUBJECTS[kind]
            self.scoped(subject.model._default_manager.all(), key, seen=subject.seen)
            return
        access.demand(self.person, "user.view")
        seen: QuerySet[User] = services.visible(self.person)
        there = seen.filter(pk=key) if kind == "user" else seen.filter(api_tokens=key)
        if not there.exists() and not (kind == "token" and tokens.visible(self.person).filter(pk=key).exists()):
            raise NotThere("not_there")
