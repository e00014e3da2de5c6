"""/api/v1/journal-entries and /api/v1/trial-balance: the books, read only."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, plain
from backoffice.people.models import Entity
from transactions import ledger_queries
from transactions.models import JournalEntry, Posting


class EntryPostingOut(Output):
    id = serializers.IntegerField()
    account = serializers.IntegerField(source="account_id")
    account_code = serializers.CharField(source="account.code")
    side = serializers.CharField()
    amount = Money()
    currency = serializers.CharField()
    balance_after = Money()


class EntryOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    booking_date = serializers.DateField()
    value_date = serializers.DateField()
    created_at = Moment()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    postings = EntryPostingOut(many=True, source="told_postings")


class EntryQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    payment = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(JournalEntry.Kind.values, required=False)


class TrialBalanceQuery(Input):
    entity = serializers.IntegerField(required=False)
    moment = Moment(required=False, help_text="As of this moment; now if left out.")


def rows() -> Any:
    postings = Posting.objects.select_related("account").order_by("line")
    return JournalEntry.objects.prefetch_related(Prefetch("postings", queryset=postings, to_attr="told_postings"))


class EntryList(Endpoint):
    @act("account.view", "Journal entries, the newest first", output=EntryOut, query=EntryQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = rows().filter(entity__in=self.chosen())
        for name in ("payment", "kind"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="entries")


class EntryDetail(Endpoint):
    @act("account.view", "A journal entry with its postings", output=EntryOut)
    def get(self, request: Request, entry_id: int) -> Any:
        return self.show(EntryOut, self.scoped(rows(), entry_id, seen="account.view"))


class LineOut(Output):
    account = serializers.IntegerField(allow_null=True)
    account_code = serializers.CharField(allow_null=True)
    account_name = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    count = serializers.IntegerField(help_text="Accounts in the line; account is null when they are many.")
    debit = serializers.CharField()
    credit = serializers.CharField()


class BookOut(Output):
    entity = serializers.IntegerField()
    currency = serializers.CharField()
    lines = LineOut(many=True)
    debit = serializers.CharField()
    credit = serializers.CharField()
    balanced = serializers.BooleanField()


class TrialBalanceOut(Output):
    moment = Moment(allow_null=True, help_text="Null: now.")
    books = BookOut(many=True, help_text="One for each entity and currency.")


class TrialBalance(Endpoint):
    @act("account.view", "The trial balance, now or as of a moment", output=TrialBalanceOut, query=TrialBalanceQuery)
    def get(self, request: Request) -> Any:
        entities = list(Entity.objects.filter(pk__in=self.chosen()))
        moment = self.query.get("moment")
        return {
            "moment": moment,
            "books": [_told(book) for book in ledger_queries.trial_balance(entities, moment=moment)],
        }


def _told(book: ledger_queries.Book) -> dict[str, Any]:
    def sides(of: Any) -> dict[str, str]:
        return {"debit": plain(of.debit, book.currency), "credit": plain(of.credit, book.currency)}

    lines = [
        {
            "account": line.account.pk if line.account else None,
            "account_code": line.account.code if line.account else None,
            "account_name": line.account.name if line.account else None,
            "kind": line.kind,
            "count": line.count,
            **sides(line),
        }
        for line in book.lines
    ]
    return {
        "entity": book.entity.pk,
        "currency": book.currency,
        "lines": lines,
        **sides(book),
        "balanced": book.balanced,
    }
