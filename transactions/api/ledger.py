"""/api/v1/journal-entries and /api/v1/trial-balance: the books, read only."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery
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
    postings = Posting.objects.select_related("account").order_by("id")
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


class TrialBalanceRow(Output):
    entity = serializers.IntegerField()
    account = serializers.IntegerField()
    account_code = serializers.CharField()
    account_name = serializers.CharField()
    currency = serializers.CharField()
    debit = serializers.CharField()
    credit = serializers.CharField()
