"""/api/v1/statements and /statement-lines: what banks say of accounts, and what is open of it."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import errors
from backoffice.common.api import Endpoint, UploadEndpoint, act
from backoffice.common.fields import Input, Moment, Money, Number, Output, PageQuery
from controls.reconciliation import desk
from controls.reconciliation.proof import plain
from transactions.models import Statement, StatementLine
from transactions.statements import bringing


class BankStatementOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    kind = serializers.CharField(help_text="camt053, camt052, camt054, mt940, mt942, cfonb120, ofx, bai2, bank_csv.")
    identification = serializers.CharField()
    sequence = serializers.CharField()
    number = Number(help_text="The account as the bank writes it.")
    currency = serializers.CharField()
    from_on = serializers.DateField(allow_null=True)
    to_on = serializers.DateField(allow_null=True)
    opening = Money(allow_null=True)
    closing = Money(allow_null=True)
    line_count = serializers.IntegerField()
    credit_sum = Money()
    debit_sum = Money()
    status = serializers.CharField(help_text="taken, superseded, parallel.")
    supersedes = serializers.IntegerField(source="supersedes_id", allow_null=True)
    findings = serializers.ListField(child=serializers.DictField(), help_text="Codes with parameters.")
    sha256 = serializers.CharField(help_text="Of the file.")
    file_name = serializers.CharField()
    taken_at = Moment()


class StatementLineOut(Output):
    id = serializers.IntegerField()
    statement = serializers.IntegerField(source="statement_id")
    account = serializers.IntegerField(source="account_id")
    place = serializers.IntegerField()
    status = serializers.CharField()
    credit = serializers.BooleanField()
    amount = Money()
    currency = serializers.CharField()
    open = serializers.CharField(allow_null=True, help_text="What is not matched; null: nothing, or it does not count.")
    booking_on = serializers.DateField()
    value_on = serializers.DateField()
    reversal = serializers.BooleanField()
    code = serializers.CharField()
    end_to_end_id = serializers.CharField()
    bank_reference = serializers.CharField()
    counterparty_name = serializers.CharField()
    counterparty_number = Number()
    creditor_reference = serializers.CharField()
    remittance = serializers.CharField()
    information = serializers.CharField()


class StatementQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Statement.Kind.values, required=False)
    status = serializers.ChoiceField(Statement.Status.values, required=False)


class StatementLineQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)
    statement = serializers.IntegerField(required=False)
    open = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Of which a part is open.")


class StatementIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    file_name = serializers.CharField(required=False, max_length=200)
    file = serializers.FileField(allow_empty_file=True)


class StatementTakenOut(Output):
    position = serializers.IntegerField(help_text="In the file, from 1.")
    outcome = serializers.CharField(help_text="taken, replaced, known, parallel, refused.")
    statement = serializers.IntegerField(source="statement_id", allow_null=True)
    lines = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")


class StatementProblemOut(Output):
    code = serializers.CharField()
    params = serializers.DictField()
    severity = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    path = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, one: Any) -> str:
        return errors.sentence(one.code, one.params)


class BroughtOut(Output):
    sha256 = serializers.CharField()
    code = serializers.CharField(help_text="Why nothing of the file was taken in; else empty.")
    detail = serializers.CharField(source="sentence")
    taken = StatementTakenOut(many=True)
    problems = StatementProblemOut(many=True, help_text="The first 500.")


class StatementList(UploadEndpoint):
    @act("statement.view", "Statements, the newest first", output=BankStatementOut, query=StatementQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = desk.statements(self.chosen())
        for name in ("account", "kind", "status"):
            rows = rows.filter(**{name: self.query[name]}) if name in self.query else rows
        return self.page_of(rows, key=("id",), salt="statements")

    @act("statement.import", "Bring a file of statements in. The same again changes nothing", body=StatementIn,
         output=BroughtOut, status=201, upload=True)  # fmt: skip
    def post(self, request: Request) -> Any:
        file = self.body["file"]
        brought = bringing.bring_in(
            content=self.read(file), name=self.body.get("file_name") or file.name or "", entity=self.entity(),
            actor=self.person,
        )  # fmt: skip
        return self.show(BroughtOut, brought)


class StatementDetail(Endpoint):
    @act("statement.view", "A statement", output=BankStatementOut)
    def get(self, request: Request, statement_id: int) -> Any:
        return self.show(BankStatementOut, self.scoped(Statement.objects.all(), statement_id, seen="statement.view"))


class StatementLineList(Endpoint):
    @act("statement.view", "Lines of statements, the newest first", output=StatementLineOut, query=StatementLineQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        rows = StatementLine.objects.filter(entity__in=self.chosen())
        for name in ("account", "statement"):
            rows = rows.filter(**{name: self.query[name]}) if name in self.query else rows
        if self.query["open"] is not None:
            rows = rows.filter(open_part__isnull=not self.query["open"])
        return self.page_of(rows, key=("id",), salt="statement-lines")

    def paged(self, items: Any, following: str, previous: str) -> dict[str, Any]:
        opened = desk.still_open([line.origin_id or line.pk for line in items])
        for line in items:
            left = opened.get(line.origin_id or line.pk)
            line.open = None if left is None else plain(left)
        return super().paged(items, following, previous)
