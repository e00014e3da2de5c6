"""Whether a channel works: noted after each use; when it begins to fail and when it works again is on record."""

from django.utils import timezone

from documents import trail
from transactions.channels.ways import Fault
from transactions.models import BankChannel


def worked(channel_id: int) -> None:
    """Inside ``atomic()``."""
    channel = BankChannel.objects.select_for_update(no_key=True).get(pk=channel_id)
    if channel.failing_since is not None:
        _record("channel.recovered", channel, {"failing_since": channel.failing_since})
    BankChannel.objects.filter(pk=channel_id).update(
        failing_since=None, last_ok_at=timezone.now(), last_code="", last_params={}, needs_person=False
    )


def failed(channel_id: int, fault: Fault) -> None:
    """Inside ``atomic()``. A fault of one file says nothing of the channel."""
    if not fault.of_channel:
        return
    channel = BankChannel.objects.select_for_update(no_key=True).get(pk=channel_id)
    if channel.failing_since is None:
        _record("channel.failing", channel, {"code": fault.code, "params": fault.params})
    BankChannel.objects.filter(pk=channel_id).update(
        failing_since=channel.failing_since or timezone.now(),
        last_code=fault.code,
        last_params=fault.params,
        needs_person=fault.lasting,
    )


def _record(action: str, channel: BankChannel, data: dict[str, object]) -> None:
    trail.record(
        action, subject_type="channel", subject_id=channel.pk, entity_id=channel.entity_id, actor=None,
        data={"name": channel.name, **data},
    )  # fmt: skip
