"""Recalls of ours and those that are asked of us: lists, what is due, and how far each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from transactions.models import Recall, RecallRequest
from transactions.recalls import deadlines

S, R = Recall.Status, RecallRequest.Status
OPEN = (S.ASKED, S.APPROVED, S.SENT)
TO_ANSWER = (R.OPEN, R.PROPOSED)
MOST_DUE = 200


@dataclass(frozen=True)
class Due:
    """Something to do until a day: ``mine`` is a recall of ours, else a request of another bank."""

    mine: bool
    row: Any
    day: date | None

    @property
    def late(self) -> bool:
        return self.day is not None and self.day < deadlines.today(self.row.entity.time_zone)

    @property
    def soon(self) -> bool:
        if self.day is None or self.late:
            return False
        return self.day <= deadlines.today(self.row.entity.time_zone) + timedelta(days=deadlines.SOON_DAYS)


def ours(entity_ids: Sequence[int]) -> QuerySet[Recall]:
    rows = Recall.objects.filter(entity__in=entity_ids)
    return rows.select_related("entity", "payment", "payment__state", "asked_by", "approved_by", "file")


def received(entity_ids: Sequence[int]) -> QuerySet[RecallRequest]:
    rows = RecallRequest.objects.filter(entity__in=entity_ids)
    return rows.select_related("entity", "item", "payment", "payment__state", "proposed_by", "decided_by")


def due(entity_ids: Sequence[int]) -> list[Due]:
    """What somebody must do, the earliest day first: approve, send, answer; and answers of others that are due soon.

    Two queries, at most ``MOST_DUE`` rows each.
    """
    soon = timezone.localdate() + timedelta(days=deadlines.SOON_DAYS)
    waiting = Q(status__in=[S.ASKED, S.APPROVED]) | Q(status=S.SENT, answer_due__lte=soon)
    mine = [Due(True, row, as_day(row.due_on)) for row in ours(entity_ids).filter(waiting).order_by("pk")[:MOST_DUE]]
    asked = received(entity_ids).filter(status__in=TO_ANSWER).order_by("due_on", "pk")[:MOST_DUE]
    rows = [*mine, *(Due(False, row, row.due_on) for row in asked)]
    return sorted(rows, key=lambda one: (one.day or date.max, not one.mine, one.row.pk))


def as_day(given: object) -> date | None:
    return given if isinstance(given, date) else None


def of_payment(payment_id: int) -> tuple[list[Recall], list[RecallRequest]]:
    """Every recall of a payment, ours and others', the newest first. Two queries."""
    recalls = Recall.objects.filter(payment=payment_id).select_related("entity")
    requests = RecallRequest.objects.filter(payment=payment_id).select_related("entity", "item")
    return list(recalls.order_by("-pk")[:20]), list(requests.order_by("-pk")[:20])
