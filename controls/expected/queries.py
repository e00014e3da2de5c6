"""What pages and programs read of what is expected."""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from backoffice.common.errors import NotThere
from backoffice.common.pages import capped_count
from backoffice.people import access
from backoffice.people.models import User
from controls.expected.table import VIEW
from controls.models import Expectation, Occurrence

S = Occurrence.Status
MISSING, AWAITED, LATE, EXCUSED, CAME = "missing", "awaited", "late", "excused", "came"
VIEWS = (MISSING, AWAITED, LATE, EXCUSED, CAME)


def occurrences(entity_ids: Sequence[int], view: str, kind: str = "", words: str = "") -> QuerySet[Occurrence]:
    """Of a list, with its filters."""
    rows = Occurrence.objects.filter(entity__in=list(entity_ids))
    if view == LATE:
        rows = rows.filter(status=S.CAME, late=True)
    elif view == CAME:
        rows = rows.filter(status=S.CAME, late=False)
    elif view:
        rows = rows.filter(status=view)
    if kind:
        rows = rows.filter(expectation__kind=kind)
    if words:
        rows = rows.filter(expectation__name__icontains=words)
    return rows.select_related(
        "entity", "expectation__account", "payment", "batch", "excused_by", "expectation__source"
    )  # fmt: skip


def expectations(
    entity_ids: Sequence[int], *, active: bool | None = None, kind: str = "", words: str = ""
) -> QuerySet[Expectation]:
    """Of a list, with its filters. ``awaited_on``: the next day that is awaited, as far as days are laid."""
    rows = Expectation.objects.filter(entity__in=list(entity_ids))
    if active is not None:
        rows = rows.filter(ended_at__isnull=active)
    if kind:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(name__icontains=words)
    awaited = Occurrence.objects.filter(expectation=OuterRef("pk"), status=S.AWAITED).order_by("due_on")
    return rows.annotate(awaited_on=Subquery(awaited.values("due_on")[:1])).select_related(
        "entity", "account", "payee", "source", "standing", "calendar", "made_by", "ended_by"
    )  # fmt: skip


def found(actor: User, key: int) -> Expectation:
    """The expectation when the person may see it; of another entity it is not there. One query."""
    one = expectations(access.entity_ids(actor, VIEW)).filter(pk=key).first()
    if one is None:
        raise NotThere("not_there")
    return one


def opened(one: Expectation) -> QuerySet[Occurrence]:
    """Its days that are missing or awaited, the earliest first, a hundred at most."""
    return one.occurrences.filter(status__in=[S.MISSING, S.AWAITED]).order_by("due_on", "pk")[:100]


def counts(entity_ids: Sequence[int]) -> dict[str, int]:
    """What is missing and what is awaited, counted no further than a tab shows. Two queries."""
    return {view: capped_count(occurrences(entity_ids, view).select_related(None)) for view in (MISSING, AWAITED)}
