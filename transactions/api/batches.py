"""/api/v1/sources and /api/v1/batches: what came in, how far it is, what was wrong in it."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from backoffice.common import errors
from backoffice.common.api import Endpoint, UploadEndpoint, act
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, plain
from backoffice.people.models import Entity
from transactions import intake, sources
from transactions.intake import reading, sums
from transactions.models import IntakeProblem, IntakeSource, PaymentBatch


@extend_schema_field({"type": "string", "pattern": r"^-?\d{1,23}\.\d{2,5}$", "example": "1250.00"})
class ControlSum(serializers.Field[Any, Any, str, Any]):
    """A sum over currencies: a point, two decimals or as many as it needs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Decimal) -> str:
        return reading.plain(value.normalize())


class SumOut(Output):
    currency = serializers.CharField(help_text="ISO 4217; empty for amounts without a known currency.")
    amount = serializers.CharField(help_text="With the decimals of the currency; finer digits are kept.")


class SourceOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    code = serializers.CharField()
    name = serializers.CharField()
    mapping = serializers.DictField()
    all_or_nothing = serializers.BooleanField()
    maker = serializers.CharField()
    is_active = serializers.BooleanField()


class BatchOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    source = serializers.CharField(source="source.code", allow_null=True, default=None)  # type: ignore[assignment]
    channel = serializers.CharField()
    attachment = serializers.IntegerField(source="attachment_id")
    sha256 = serializers.CharField()
    file_name = serializers.CharField()
    format = serializers.CharField()
    message_id = serializers.CharField()
    initiating_party = serializers.CharField()
    status = serializers.CharField()
    declared_count = serializers.IntegerField(allow_null=True)
    declared_sum = ControlSum(allow_null=True)
    read_count = serializers.IntegerField()
    read_sum = ControlSum(help_text="Of all rows, whatever their currency: to compare with what the file declares.")
    read_sums = serializers.SerializerMethodField(help_text="What was read adds up to this in each currency.")
    taken_count = serializers.IntegerField()
    problem_count = serializers.IntegerField()
    checked_count = serializers.IntegerField()
    refusal = serializers.SerializerMethodField(help_text="Why it was refused, in words.")
    imported_by = Person(allow_null=True)
    created_at = Moment()
    read_at = Moment(allow_null=True)
    ready_at = Moment(allow_null=True)

    @extend_schema_field(SumOut(many=True))
    def get_read_sums(self, batch: PaymentBatch) -> list[dict[str, str]]:
        return [{"currency": currency, "amount": plain(total, currency)} for currency, total in sums.of(batch)]

    def get_refusal(self, batch: PaymentBatch) -> str:
        return errors.sentence(batch.refusal_code, batch.refusal_params) if batch.refusal_code else ""


class BatchDetailOut(BatchOut):
    progress = serializers.DictField(help_text="Live while the file is read and checked.")


class ProblemOut(Output):
    id = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Of the payment in the file, from 1; 0 is the file as a whole.")
    line = serializers.IntegerField(allow_null=True)
    path = serializers.CharField()
    field = serializers.CharField()
    value = serializers.CharField()
    code = serializers.CharField()
    params = serializers.DictField()
    severity = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, problem: IntakeProblem) -> str:
        return errors.sentence(problem.code, problem.params)


class SourceQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class SourceIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    code = serializers.CharField(max_length=30)
    name = serializers.CharField(max_length=140)
    maker = serializers.ChoiceField(
        IntakeSource.Maker.values,
        default=IntakeSource.Maker.IMPORTER,
        help_text="sender: nobody here made what programs bring in. A person is the maker of what they bring in.",
    )
    all_or_nothing = serializers.BooleanField(default=False)


class SourceChangeIn(Input):
    name = serializers.CharField(max_length=140, required=False)
    maker = serializers.ChoiceField(IntakeSource.Maker.values, required=False)
    all_or_nothing = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class BatchQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(PaymentBatch.Status.values, required=False)
    channel = serializers.ChoiceField(PaymentBatch.Channel.values, required=False)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=30, help_text="Code of the source."
    )
    message_id = serializers.CharField(required=False, max_length=35)
    sha256 = serializers.CharField(required=False, max_length=64, help_text="Was this file brought in before?")


class ProblemQuery(PageQuery):
    severity = serializers.ChoiceField(IntakeProblem.Severity.values, required=False)


class FileIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=30, help_text="Code of the source."
    )
    file_name = serializers.CharField(required=False, max_length=200)
    file = serializers.FileField(allow_empty_file=True)


def rows() -> QuerySet[PaymentBatch]:
    return PaymentBatch.objects.select_related("source", "imported_by")


def source_of(entity: Entity, code: str | None) -> IntakeSource | None:
    """The source in use with this code in the entity; None when none was named."""
    if not code:
        return None
    source = IntakeSource.objects.filter(entity=entity, code=code, is_active=True).first()
    if source is None:
        raise ValidationError({"source": [ErrorDetail(errors.sentence("not_there"), code="unknown")]})
    return source


class SourceList(Endpoint):
    @act("batch.view", "Sources of files", output=SourceOut, query=SourceQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = IntakeSource.objects.filter(entity__in=self.chosen())
        return self.page_of(found, key=("code", "id"), salt="sources", descending=False)

    @act("source.manage", "Add a source", body=SourceIn, output=SourceOut, status=201)
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        asked.pop("entity", None)
        return self.show(SourceOut, sources.add(actor=self.person, entity=self.entity(), **asked))


class SourceDetail(Endpoint):
    @act("batch.view", "A source with its saved mapping", output=SourceOut)
    def get(self, request: Request, source_id: int) -> Any:
        return self.show(SourceOut, self.scoped(IntakeSource.objects.all(), source_id, seen="batch.view"))


class SourceChange(Endpoint):
    @act("source.manage", "Change how a source is treated from the next file on", body=SourceChangeIn, output=SourceOut)
    def post(self, request: Request, source_id: int) -> Any:
        source = self.scoped(IntakeSource.objects.all(), source_id, seen="batch.view")
        asked = {name: getattr(source, str(name)) for name in SourceChangeIn().fields} | self.body
        return self.show(SourceOut, sources.change(actor=self.person, source_id=source_id, **asked))


class BatchList(UploadEndpoint):
    @act("batch.view", "Batches, the newest first", output=BatchOut, query=BatchQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = rows().filter(entity__in=self.chosen())
        for name in ("status", "channel", "message_id", "sha256"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        if "source" in self.query:
            # The keys of the few sources, so that the plan walks batches by one of them.
            coded = IntakeSource.objects.filter(entity__in=self.chosen(), code=self.query["source"])
            found = found.filter(source__in=list(coded.values_list("pk", flat=True)))
        return self.page_of(found, key=("id",), salt="batches")

    @act("batch.import", "Bring a file in; it is read and checked by workers", body=FileIn, output=BatchOut, status=201,
         upload=True)  # fmt: skip
    def post(self, request: Request) -> Any:
        entity, file = self.entity(), self.body["file"]
        batch = intake.receive(
            content=self.read(file),
            file_name=self.body.get("file_name") or file.name or "",
            entity=entity,
            actor=self.person,
            channel=PaymentBatch.Channel.FILE,
            source=source_of(entity, self.body.get("source")),
            content_type=getattr(file, "content_type", None) or "",
        )
        return self.show(BatchOut, rows().get(pk=batch.pk))


class BatchDetail(Endpoint):
    @act("batch.view", "A batch and how far it is", output=BatchDetailOut)
    def get(self, request: Request, batch_id: int) -> Any:
        batch = self.scoped(rows(), batch_id, seen="batch.view")
        batch.progress = intake.progress(batch.pk)  # type: ignore[attr-defined]
        return self.show(BatchDetailOut, batch)


class BatchProblems(Endpoint):
    @act("batch.view", "What was wrong in a batch, in its order", output=ProblemOut, query=ProblemQuery, paged=True)
    def get(self, request: Request, batch_id: int) -> Any:
        batch = self.scoped(PaymentBatch.objects.all(), batch_id, seen="batch.view")
        found = IntakeProblem.objects.filter(batch=batch)
        if "severity" in self.query:
            found = found.filter(severity=self.query["severity"])
        return self.page_of(found, key=("id",), salt=f"problems:{batch.pk}", descending=False)
