"""Lists loaded by the clock from their addresses. What fails is on record and tried again the next day."""

from django.db import transaction

from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from controls.models import WatchList, WatchListVersion
from controls.screening import watchlists
from documents import trail


def fetch_all() -> int:
    """Have every active list with an address fetched, each by a task of its own. Returns how many."""
    found = list(WatchList.objects.filter(is_active=True).exclude(url="").values_list("pk", flat=True))
    with transaction.atomic():
        for list_id in found:
            enqueue("controls.fetch_list", list_id)
    return len(found)


def fetch(list_id: int) -> WatchListVersion | None:
    """Fetch one; None when it failed, which is on record with the code of the refusal."""
    try:
        return watchlists.fetch(list_id=list_id)
    except BusinessError as refused:
        of = WatchList.objects.get(pk=list_id)
        with transaction.atomic():
            trail.record(
                "watchlist.not_fetched", subject_type="watchlist", subject_id=of.pk, entity_id=of.entity_id, actor=None,
                data={"list": of.code, "code": refused.code, "params": refused.params},
            )  # fmt: skip
        return None
